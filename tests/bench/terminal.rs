//! What moves on a terminal, and what is silent where none reads.

use super::project::{Ended, FAST, Project, SERVER};

/// Runs `plimsoll` on a terminal of its own, by util-linux' `script`; what it writes comes as output.
pub(crate) fn in_terminal(project: &Project, arguments: &[&str]) -> Ended {
    let quoted: Vec<String> = arguments.iter().map(|argument| format!("'{argument}'")).collect();
    let line = format!("stty cols 120; exec {} {}", env!("CARGO_BIN_EXE_plimsoll"), quoted.join(" "));
    let mut command = std::process::Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    command.current_dir(project.path("")).env("TERM", "xterm").env("SHELL", "/bin/sh");
    Ended::of(&mut command)
}

#[test]
fn without_a_terminal_progress_is_one_line_for_each_built_variant() {
    let project = Project::new(SERVER).file("plimsoll.toml", FAST);
    let ended = project.run(&["bench", "--blocks", "1"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let lines: Vec<&str> = ended.notes.lines().collect();
    assert!(matches!(lines.as_slice(), [line] if line.starts_with("built original in ")), "{ended:#?}");
    assert!(!ended.notes.contains(['\x1b', '\r']) && !ended.output.contains(['\x1b', '\r']), "{ended:#?}");
}

#[test]
fn on_a_terminal_a_line_says_what_is_done_now_and_how_long_is_left() {
    let project = Project::new(SERVER).file("plimsoll.toml", FAST);
    let ended = in_terminal(&project, &["bench", "--blocks", "2"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    ended.says(&[
        "building original",
        "measuring 1/2: original in fast; about ",
        " left",
        "\x1b[",
        "is first",
    ]);
}
