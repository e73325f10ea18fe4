//! Input that can't be used, and variants that fail.

use std::fs;
use std::time::Duration;

use super::project::{Ended, FAST, Project, SERVER, result};
use super::traces::assert_nothing_left;

#[test]
fn without_an_engine_it_says_within_five_seconds_what_was_tried_and_what_to_do() {
    let project = Project::new(SERVER);
    // Nobody there, nobody listening, and an address of the documentation's that swallows packets.
    for address in ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1", "tcp://192.0.2.1:2375"] {
        let ended = Ended::of(project.command(&["bench"]).env("DOCKER_HOST", address));
        assert_eq!(ended.code, Some(3), "{ended:#?}");
        assert!(ended.took < Duration::from_secs(5), "{ended:#?}");
        ended.says(&[address.split_once("//").unwrap().1, "DOCKER_HOST", "start that engine"]);
        assert!(project.runs().is_empty() && ended.output.is_empty(), "{ended:#?}");
    }
}

#[test]
fn without_a_dockerfile_it_says_so() {
    let project = Project::new(SERVER);
    fs::remove_file(project.path("Dockerfile")).unwrap();
    let ended = project.run(&["bench"]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""));
    ended.says(&["Dockerfile", "No such file"]);
    let named = project.run(&["bench", "else/Dockerfile"]);
    assert_eq!(named.code, Some(2));
    named.says(&["else/Dockerfile"]);
}

#[test]
fn a_dockerfile_that_does_not_parse_is_refused_with_the_place() {
    let project = Project::new("FROM scratch\nCOPY busybox /bin/busybox\nRUNN true\n");
    let ended = project.run(&["bench"]);
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    ended.says(&["Dockerfile does not parse: line 3, column 1", "plimsoll lint Dockerfile"]);
    assert!(project.runs().is_empty());
}

#[test]
fn an_unknown_key_is_shown_in_its_line_with_the_nearest_right_name() {
    let project =
        Project::new(SERVER).file("plimsoll.toml", "[bench]\nblocks = 3\nobjectiv = \"serve.cold\"\n");
    let ended = project.run(&["bench"]);
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    ended.says(&["unknown key `objectiv`", "plimsoll.toml:3:1", "objectiv = ", "did you mean `objective`?"]);
    assert!(project.runs().is_empty());
}

#[test]
fn a_variant_whose_build_fails_is_listed_with_its_instruction_and_log_and_the_others_go_on() {
    let broken = SERVER.replace(
        r#"RUN ["/bin/busybox", "mkdir", "/www"]"#,
        r#"RUN ["/bin/busybox", "sh", "-c", "echo the disk is on fire; exit 7"]"#,
    );
    let settings = format!("{FAST}[variants.broken]\ndockerfile = \"broken.Dockerfile\"\n");
    let project = Project::new(SERVER).file("broken.Dockerfile", &broken).file("plimsoll.toml", &settings);
    let ended = project.run(&["bench", "--blocks", "1"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    ended.says(&[
        "broken drops out",
        r#""echo the disk is on fire; exit 7""#,
        "exit code 7",
        "│ the disk is on fire",
    ]);
    assert!(ended.output.contains("Not ranked\n  broken "), "{ended:#?}");
    let result = result(&project.run_folder());
    assert_eq!(result["variants"][1]["status"], "failed");
    assert_eq!(result["ranking"][0]["variant"], "original");
    assert_eq!(result["interrupted"], false);
    assert_nothing_left(&project);
}

#[test]
fn where_no_variant_builds_the_report_says_why() {
    let project = Project::new(
        "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"echo alas; exit 9\"]\n",
    );
    let ended = project.run(&["bench"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    ended.says(&["original drops out", "exit code 9", "│ alas"]);
    assert_nothing_left(&project);
}

#[test]
fn a_base_image_that_cannot_be_had_is_named() {
    let project = Project::new("FROM plimsoll-test.invalid/nothing:1\nCMD [\"/bin/true\"]\n");
    let ended = project.run(&["bench"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    ended.says(&["plimsoll-test.invalid/nothing:1", "can't be had"]);
    assert_nothing_left(&project);
}

#[test]
fn a_container_that_never_gets_ready_is_shown_with_its_last_lines() {
    let mute = r#"CMD ["/bin/busybox", "sh", "-c", "echo still waiting for the database; sleep 600"]"#;
    let dockerfile = SERVER.lines().take(4).chain([mute, ""]).collect::<Vec<_>>().join("\n");
    let settings = format!("{FAST}[readiness]\ntcp = {{ port = 8080 }}\ntimeout = \"2s\"\n");
    let project = Project::new(&dockerfile).file("plimsoll.toml", &settings);
    let ended = project.run(&["bench", "--blocks", "2"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    ended.says(&["not ready after ", ": port 8080: ", "│ still waiting for the database"]);
    assert_nothing_left(&project);
}

#[test]
fn a_container_that_ends_instead_of_serving_is_shown_with_its_exit_code() {
    let brief = r#"CMD ["/bin/busybox", "sh", "-c", "echo no such table; exit 4"]"#;
    let dockerfile = SERVER.lines().take(4).chain([brief, ""]).collect::<Vec<_>>().join("\n");
    let project = Project::new(&dockerfile).file("plimsoll.toml", FAST);
    let ended = project.run(&["bench", "--blocks", "2"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    ended.says(&["it ended with exit code 4", "│ no such table"]);
    assert_nothing_left(&project);
}

#[test]
fn a_command_that_is_not_there_fails_its_variant() {
    let dockerfile =
        SERVER.lines().take(4).chain(["CMD [\"/bin/nothing\"]", ""]).collect::<Vec<_>>().join("\n");
    let project = Project::new(&dockerfile).file("plimsoll.toml", FAST);
    let ended = project.run(&["bench", "--blocks", "2"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    ended.says(&["can't be started", "/bin/nothing"]);
    assert_nothing_left(&project);
}
