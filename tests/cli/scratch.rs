//! A folder to run the binary in, and what came of it.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder that goes away with the test. It counts as a repository, so that nothing above it has a say.
pub(crate) struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        Self { folder }
    }

    /// A folder with one file named `Dockerfile`.
    pub(crate) fn of(dockerfile: impl AsRef<[u8]>) -> Self {
        Self::new().file("Dockerfile", dockerfile)
    }

    /// The folder with one more file.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// A path in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// A file's bytes.
    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap()
    }

    /// A file's text.
    pub(crate) fn text(&self, path: &str) -> String {
        String::from_utf8(self.bytes(path)).unwrap()
    }

    /// The binary, to be run here with nothing of the caller's environment that could change what it prints.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path());
        command
    }

    /// Runs the binary here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.feed(arguments, b"")
    }

    /// Runs the binary in a folder below.
    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Outcome {
        finish(self.command(arguments).current_dir(self.path(folder)), b"")
    }

    /// Runs the binary here with `input` as its standard input.
    pub(crate) fn feed(&self, arguments: &[&str], input: &[u8]) -> Outcome {
        finish(&mut self.command(arguments), input)
    }

    /// Sets who may do what with a file or folder.
    #[cfg(unix)]
    pub(crate) fn allow(&self, path: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Runs the binary here as somebody whom permissions bind: the caller, or nobody where the caller is root.
    #[cfg(unix)]
    pub(crate) fn run_unprivileged(&self, arguments: &[&str]) -> Outcome {
        use std::os::unix::fs::MetadataExt as _;
        use std::os::unix::process::CommandExt as _;
        let mut command = self.command(arguments);
        if fs::metadata(self.path("")).unwrap().uid() == 0 {
            self.allow("", 0o755);
            // Nobody may not reach the folder that it was built in.
            let binary = TempDir::new().unwrap().keep();
            fs::set_permissions(&binary, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
            // Copied by another process: one of a test beside this one could inherit the open file, and what is
            // open for writing can't be run.
            let mut copy = Command::new("cp");
            copy.arg(env!("CARGO_BIN_EXE_plimsoll")).arg(binary.join("plimsoll"));
            assert!(copy.status().unwrap().success());
            let mut copy = Command::new(binary.join("plimsoll"));
            copy.args(arguments).current_dir(self.path("")).env_clear().uid(65_534).gid(65_534);
            let outcome = finish(&mut copy, b"");
            fs::remove_dir_all(binary).unwrap();
            return outcome;
        }
        finish(&mut command, b"")
    }

    /// Runs git here or in a folder below; whether it agreed, and what it said.
    pub(crate) fn git(&self, folder: &str, arguments: &[&str], input: &[u8]) -> Outcome {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.path(folder)).env("GIT_CONFIG_GLOBAL", "/dev/null");
        finish(&mut command, input)
    }
}

fn finish(command: &mut Command, input: &[u8]) -> Outcome {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that reads no input may be gone before it is written.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        bytes: output.stdout.clone(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// What a run said; shown whole in a snapshot.
pub(crate) struct Outcome {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) bytes: Vec<u8>,
    /// Standard output as text.
    pub(crate) stdout: String,
    /// Standard error as text.
    pub(crate) stderr: String,
}

impl Outcome {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in\n{self}"))
    }

    /// The rules of the findings in a `--format json`, in order.
    pub(crate) fn rules(&self) -> Vec<String> {
        let found = self.json();
        let diagnostics = found["diagnostics"].as_array().unwrap().iter();
        diagnostics.map(|found| found["rule"].as_str().unwrap().to_owned()).collect()
    }

    /// The files of a `--format json`, in order.
    pub(crate) fn files(&self) -> Vec<String> {
        let found = self.json();
        let files = found["files"].as_array().unwrap().iter();
        files.map(|file| file["path"].as_str().unwrap().to_owned()).collect()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit {}", self.code)?;
        for (name, text) in [("standard output", &self.stdout), ("standard error", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "── {name} ──\n{text}")?;
            }
        }
        Ok(())
    }
}

/// The folder of data that is kept beside the project, where it is there. `PLIMSOLL_SHARED` says where else.
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("PLIMSOLL_SHARED").map_or_else(beside, PathBuf::from);
    folder.join("corpus/files").is_dir().then_some(folder)
}
