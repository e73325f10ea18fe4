//! The program as it should not be: each test has one that is a script in a scratch folder.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::{ShellCheck, ShellCheckError};
use crate::lint::{Settings, ShellScript, Verdicts, shell_scripts};
use crate::text::SourceFile;

/// A folder with a program that says its version and does `then` when asked about scripts.
fn fake(then: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("shellcheck");
    let script = format!("#!/bin/sh\n[ \"$1\" = --version ] && echo 'version: 1' && exit\n{then}\n");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    (folder, program)
}

fn scripts(commands: &[&str]) -> Vec<ShellScript> {
    let lines = commands.join("\nRUN ");
    shell_scripts(&SourceFile::new("Dockerfile", format!("FROM x\nRUN {lines}\n")), &Settings::default())
}

fn asked(program: &Path, cache: Option<PathBuf>, commands: &[&str]) -> (Verdicts, Vec<ShellCheckError>) {
    let patience = Duration::from_secs(if commands == ["slow"] { 1 } else { 30 });
    let shellcheck = ShellCheck::at(program.to_owned(), cache, patience).unwrap();
    let mut verdicts = Verdicts::default();
    let errors = shellcheck.ask(scripts(commands), &mut verdicts);
    (verdicts, errors)
}

/// Counts its runs in a file beside it and finds something in the first script.
const COUNTING: &str = r#"echo run >> "$(dirname "$0")/runs"
echo '{"comments":[{"file":"0","line":3,"endLine":3,"column":1,"endColumn":2,"level":"info","code":2999,"message":"m"}]}'
exit 1"#;

fn runs(folder: &TempDir) -> usize {
    fs::read_to_string(folder.path().join("runs")).unwrap_or_default().lines().count()
}

#[test]
fn what_is_kept_is_not_asked_again() {
    let (folder, program) = fake(COUNTING);
    let cache = folder.path().join("cache");
    for _ in 0..2 {
        let (verdicts, errors) = asked(&program, Some(cache.clone()), &["one", "two", "one"]);
        assert!(errors.is_empty());
        let found: Vec<usize> =
            scripts(&["one", "two"]).iter().map(|script| verdicts.of(script).len()).collect();
        assert_eq!(found, [1, 0]);
        assert_eq!(runs(&folder), 1);
    }
    asked(&program, Some(cache), &["one", "three"]);
    assert_eq!(runs(&folder), 2, "of the two only the new one is asked about, in one run");
}

#[test]
fn another_version_is_asked_again() {
    let (folder, program) = fake(COUNTING);
    let cache = Some(folder.path().join("cache"));
    asked(&program, cache.clone(), &["one"]);
    let newer = fs::read_to_string(&program).unwrap().replace("version: 1", "version: 2");
    fs::write(&program, newer).unwrap();
    asked(&program, cache, &["one"]);
    assert_eq!(runs(&folder), 2);
}

#[test]
fn a_damaged_entry_counts_as_none_and_is_written_anew() {
    let (folder, program) = fake(COUNTING);
    let cache = folder.path().join("cache");
    asked(&program, Some(cache.clone()), &["one"]);
    let shelf =
        fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    let entry = fs::read_dir(shelf).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&entry).unwrap();
    for damaged in [Vec::new(), whole[..whole.len() - 3].to_vec(), b"\xff\xfe".to_vec()] {
        fs::write(&entry, damaged).unwrap();
        let before = runs(&folder);
        let (verdicts, errors) = asked(&program, Some(cache.clone()), &["one"]);
        assert!(errors.is_empty());
        assert_eq!(verdicts.of(&scripts(&["one"])[0]).len(), 1);
        assert_eq!(runs(&folder), before + 1);
        assert_eq!(fs::read(&entry).unwrap(), whole);
    }
}

#[test]
fn a_cache_that_can_t_be_written_is_done_without() {
    let (folder, program) = fake(COUNTING);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (verdicts, errors) = asked(&program, Some(file.join("cache")), &["one"]);
    assert!(errors.is_empty());
    assert!(verdicts.know(&scripts(&["one"])[0]));
}

#[test]
fn many_scripts_are_a_few_runs() {
    let (folder, program) = fake(COUNTING);
    let commands: Vec<String> = (0..200).map(|index| format!("command{index}")).collect();
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    let (_, errors) = asked(&program, None, &commands);
    assert!(errors.is_empty());
    assert_eq!(runs(&folder), 200_usize.div_ceil(super::BATCH));
}

#[test]
fn what_goes_wrong_with_the_program_is_said_and_kept_from_the_cache() {
    let cases: [(&str, &str, &str); 7] = [
        ("echo 'cannot do that' >&2; exit 3", "one", "failed with status 3: cannot do that"),
        ("kill -9 $$", "one", "failed: it was killed"),
        ("echo '{\"comments\": [{'", "one", "something else than its findings"),
        ("echo nonsense; exit 1", "one", "something else than its findings"),
        (
            "echo '{\"comments\":[{\"file\":\"7\",\"line\":3,\"endLine\":3,\"column\":1,\"endColumn\":2,\"level\":\"info\",\
             \"code\":1,\"message\":\"m\"}]}'",
            "one",
            "a file `7` that it wasn't given",
        ),
        ("exec head -c 70000000 /dev/zero", "one", "more than 64 MB"),
        ("exec sleep 600", "slow", "did not answer within 1 s"),
    ];
    for (then, command, expected) in cases {
        let (folder, program) = fake(then);
        let cache = folder.path().join("cache");
        let (verdicts, errors) = asked(&program, Some(cache.clone()), &[command]);
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 1, "{then}");
        assert!(said[0].contains(expected), "{then}: {}", said[0]);
        assert!(!verdicts.know(&scripts(&[command])[0]), "{then}");
        assert!(!cache.exists(), "{then}");
    }
}

#[test]
fn a_program_that_is_not_there_or_says_no_version_is_refused() {
    let missing = ShellCheck::at(PathBuf::from("/nowhere/shellcheck"), None, Duration::from_secs(1));
    assert!(matches!(missing, Err(ShellCheckError::Missing)));
    let (_folder, program) = fake("true");
    fs::write(&program, "#!/bin/sh\n").unwrap();
    let mute = ShellCheck::at(program, None, Duration::from_mins(1));
    assert!(matches!(mute, Err(ShellCheckError::NoVersion)));
}
