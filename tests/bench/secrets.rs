//! Values of build arguments stay where they belong.

use std::fs;
use std::path::Path;

use super::project::{Ended, FAST, Project};
use super::terminal::in_terminal;
use super::traces::assert_nothing_left;

const SECRET: &str = "hunter2-hunter2";

/// Every file below a folder that holds the secret.
fn leaks(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(leaks(&path));
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(SECRET) {
            found.push(path.display().to_string());
        }
    }
    found
}

fn assert_secret(project: &Project, ended: &Ended) {
    assert!(!format!("{ended:?}").contains(SECRET), "{ended:#?}");
    assert_eq!(leaks(&project.path(".plimsoll")), [""; 0]);
}

#[test]
fn a_build_arguments_value_is_shown_and_stored_nowhere() {
    // In a step's name, in a log, in a file's name, in the environment of a container that prints it and fails.
    let dockerfile = r#"FROM scratch
COPY busybox /bin/sh
ARG TOKEN
ENV TOKEN=$TOKEN
WORKDIR /$TOKEN
RUN ["/bin/sh", "-c", "echo $TOKEN"]
CMD ["/bin/sh", "-c", "echo my token is $TOKEN; exit 5"]
"#;
    let failing = dockerfile.replace(r#""echo $TOKEN""#, r#""echo $TOKEN; exit 6""#);
    let settings = format!("{FAST}[variants.failing]\ndockerfile = \"failing.Dockerfile\"\n");
    let project =
        Project::new(dockerfile).file("failing.Dockerfile", &failing).file("plimsoll.toml", &settings);
    let argument = format!("TOKEN={SECRET}");
    let planned = project.run(&["bench", "--dry-run", "--build-arg", &argument]);
    assert!(!format!("{planned:?}").contains(SECRET), "{planned:#?}");

    let ended = in_terminal(&project, &["bench", "--build-arg", &argument]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    ended.says(&["exit code 6", "exit code 5", "my token is ***"]);
    assert_secret(&project, &ended);
    assert_nothing_left(&project);
    let report = project.run(&["report", "--format", "json"]);
    assert_secret(&project, &report);
}

#[test]
fn a_value_of_the_environment_or_the_settings_is_as_secret() {
    let dockerfile =
        "FROM scratch\nCOPY busybox /bin/true\nARG TOKEN\nLABEL token=$TOKEN\nCMD [\"/bin/true\"]\n";
    let settings = format!("{FAST}[bench]\nbuild-args = {{ OTHER = \"{SECRET}\" }}\n");
    let project = Project::new(dockerfile).file("plimsoll.toml", &settings);
    let mut command = project.command(&["bench", "--blocks", "1", "--build-arg", "TOKEN"]);
    let ended = Ended::of(command.env("TOKEN", SECRET));
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_secret(&project, &ended);
}

#[test]
fn a_build_argument_without_a_value_is_refused() {
    let project = Project::new("FROM scratch\n");
    let ended = project.run(&["bench", "--build-arg", "PLIMSOLL_TEST_NOT_SET"]);
    assert_eq!(ended.code, Some(2));
    ended.says(&["--build-arg PLIMSOLL_TEST_NOT_SET has no value"]);
}
