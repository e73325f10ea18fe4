//! A folder with a Dockerfile, and `plimsoll` run in it as a user would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const BUSYBOX: &str = "/bin/busybox";
/// How long anything in these tests may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_mins(2);

/// A web server that is ready at once.
pub(crate) const SERVER: &str = r#"FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "mkdir", "/www"]
EXPOSE 8080
CMD ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]
"#;

/// One region behind a fast link.
pub(crate) const FAST: &str =
    "[regions.fast]\nrole = \"primary\"\nlink = { rtt = \"1ms\", bandwidth = \"1Gbit\" }\n";

pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    pub(crate) fn new(dockerfile: &str) -> Self {
        assert!(Path::new(BUSYBOX).exists(), "{BUSYBOX} is missing: install busybox-static");
        let project = Self { folder: tempfile::tempdir().unwrap() };
        fs::copy(BUSYBOX, project.path("busybox")).unwrap();
        project.file("Dockerfile", dockerfile)
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        fs::write(self.path(path), text).unwrap();
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// `plimsoll` with `arguments`, in this folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("NO_COLOR").stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(&mut self.command(arguments))
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        self.start_with(&mut self.command(arguments))
    }

    pub(crate) fn start_with(&self, command: &mut Command) -> Running {
        let [output, notes] = ["output", "notes"].map(|name| self.path(&format!("{name}.txt")));
        command.stdout(fs::File::create(&output).unwrap()).stderr(fs::File::create(&notes).unwrap());
        Running { child: command.spawn().unwrap(), output, notes }
    }

    /// The folder of the only run.
    pub(crate) fn run_folder(&self) -> PathBuf {
        let mut runs = self.runs();
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.remove(0)
    }

    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path(".plimsoll/runs")).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    }

    /// The id of the only run.
    pub(crate) fn run_id(&self) -> String {
        self.run_folder().file_name().unwrap().to_str().unwrap().to_owned()
    }
}

/// `result.json` of a run's folder.
pub(crate) fn result(folder: &Path) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(folder.join("result.json")).unwrap()).unwrap()
}

/// The lines of `samples.jsonl` of a run's folder; none where there is no such file yet.
pub(crate) fn samples(folder: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(folder.join("samples.jsonl")).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// How often `quantity` was sampled.
pub(crate) fn count(samples: &[serde_json::Value], quantity: &str) -> usize {
    samples.iter().filter(|sample| sample["quantity"] == quantity).count()
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) notes: String,
    pub(crate) took: Duration,
}

impl Ended {
    pub(crate) fn of(command: &mut Command) -> Self {
        let began = Instant::now();
        let ended = command.output().unwrap();
        Self {
            code: ended.status.code(),
            output: String::from_utf8(ended.stdout).unwrap(),
            notes: String::from_utf8(ended.stderr).unwrap(),
            took: began.elapsed(),
        }
    }

    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) {
        for word in words {
            assert!(self.notes.contains(word) || self.output.contains(word), "no {word:?} in {self:#?}");
        }
    }
}

/// A command under way.
pub(crate) struct Running {
    child: Child,
    output: PathBuf,
    notes: PathBuf,
}

impl Running {
    /// Sends a signal by its name: `INT`, `TERM`, `KILL`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    pub(crate) fn notes(&self) -> String {
        fs::read_to_string(&self.notes).unwrap()
    }

    /// Waits until something holds; it must hold while the command runs.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, mut holds: impl FnMut() -> bool) {
        let began = Instant::now();
        while !holds() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "ended before {what}: {ended:?}\n{}", self.notes());
            assert!(began.elapsed() < PATIENCE, "still waiting for {what}\n{}", self.notes());
            thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    pub(crate) fn wait(mut self) -> Ended {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end\n{}", self.notes());
            thread::sleep(Duration::from_millis(20));
        };
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        Ended {
            code: status.code(),
            output: read(&self.output),
            notes: read(&self.notes),
            took: began.elapsed(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only a test that failed comes here with the command under way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
