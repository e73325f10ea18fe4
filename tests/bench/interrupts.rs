//! Runs that are stopped from outside, at every stage.

use std::thread;
use std::time::Duration;

use super::project::{FAST, Project, Running, SERVER, count, result, samples};
use super::traces::{assert_nothing_left, containers, process_runs};

/// A run that stays in one stage until something stops it.
struct Stuck {
    project: Project,
    run: Running,
    /// An argument of a process that runs on the engine, if one does.
    process: Option<String>,
}

/// A number of seconds that is no other test's, to be seen among the machine's processes.
fn seconds() -> String {
    format!("600.{:08}", rand::random_range(0..100_000_000_u32))
}

impl Stuck {
    fn building() -> Self {
        let seconds = seconds();
        let dockerfile = format!(
            "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"sleep\", \"{seconds}\"]\n"
        );
        let project = Project::new(&dockerfile);
        let mut run = project.start(&["bench"]);
        run.wait_until("its RUN", || process_runs(&seconds));
        Self { project, run, process: Some(seconds) }
    }

    /// Of about a megabyte, at 400 kbit/s.
    fn pulling() -> Self {
        let slow = FAST.replace("1Gbit", "400kbit");
        let project = Project::new(SERVER).file("plimsoll.toml", &slow);
        let mut run = project.start(&["bench"]);
        let notes = project.path("notes.txt");
        run.wait_until("its build", || std::fs::read_to_string(&notes).unwrap().contains("built original"));
        // The pull begins at once, and takes twenty seconds.
        thread::sleep(Duration::from_secs(2));
        assert_eq!(containers(&project.run_id()), [""; 0], "the pull is over already");
        Self { project, run, process: None }
    }

    fn starting() -> Self {
        let seconds = seconds();
        let mute = format!("CMD [\"/bin/busybox\", \"sleep\", \"{seconds}\"]");
        let dockerfile = SERVER.lines().take(4).chain([mute.as_str(), ""]).collect::<Vec<_>>().join("\n");
        let project = Project::new(&dockerfile).file("plimsoll.toml", FAST);
        let mut run = project.start(&["bench"]);
        run.wait_until("its container", || process_runs(&seconds));
        Self { project, run, process: Some(seconds) }
    }

    /// Asserts that the run ends as an interrupted one, whole and clean.
    fn ends_in_order(self) {
        let ended = self.run.wait();
        assert_eq!(ended.code, Some(130), "{ended:#?}");
        assert!(!ended.notes.contains("panic"), "{ended:#?}");
        assert!(ended.took < Duration::from_secs(30), "{ended:#?}");
        let folder = self.project.run_folder();
        assert_eq!(result(&folder)["interrupted"], true);
        assert!(folder.join("samples.jsonl").is_file());
        assert_nothing_left(&self.project);
        assert!(!self.process.is_some_and(|seconds| process_runs(&seconds)));
        let report = self.project.run(&["report"]);
        assert_eq!(report.code, Some(0));
        report.says(&["interrupted"]);
    }

    /// Kills it, and asserts that `plimsoll clean` takes away what it left.
    fn leaves_what_clean_removes(self) {
        self.run.signal("KILL");
        let ended = self.run.wait();
        assert_eq!(ended.code, None, "{ended:#?}");
        // By its id: other runs may be under way on this engine.
        let cleaned = self.project.run(&["clean", &self.project.run_id()]);
        assert_eq!(cleaned.code, Some(0), "{cleaned:#?}");
        cleaned.says(&["removed", "the blobs of 1 registry"]);
        assert!(self.project.run_folder().join("samples.jsonl").is_file());
        assert_nothing_left(&self.project);
        assert!(!self.process.is_some_and(|seconds| process_runs(&seconds)));
    }
}

#[test]
fn an_interrupt_during_a_build_leaves_nothing() {
    let stuck = Stuck::building();
    stuck.run.signal("INT");
    stuck.ends_in_order();
}

#[test]
fn an_interrupt_during_a_pull_leaves_nothing() {
    let stuck = Stuck::pulling();
    stuck.run.signal("INT");
    stuck.ends_in_order();
}

#[test]
fn an_interrupt_during_a_start_leaves_nothing() {
    let stuck = Stuck::starting();
    stuck.run.signal("INT");
    stuck.ends_in_order();
}

#[test]
fn a_request_to_terminate_is_an_interrupt() {
    let stuck = Stuck::starting();
    stuck.run.signal("TERM");
    stuck.ends_in_order();
}

#[test]
fn more_interrupts_do_not_disturb_the_cleaning_up() {
    let stuck = Stuck::starting();
    for _ in 0..3 {
        stuck.run.signal("INT");
        thread::sleep(Duration::from_millis(50));
    }
    stuck.ends_in_order();
}

#[test]
fn what_a_build_left_that_was_killed_can_be_cleaned() {
    Stuck::building().leaves_what_clean_removes();
}

#[test]
fn what_a_pull_left_that_was_killed_can_be_cleaned() {
    Stuck::pulling().leaves_what_clean_removes();
}

#[test]
fn what_a_start_left_that_was_killed_can_be_cleaned() {
    Stuck::starting().leaves_what_clean_removes();
}

#[test]
fn an_interrupt_between_measurements_keeps_the_samples_and_leaves_nothing() {
    // The moments differ: one hits a pull, the next a create, a start or a removal.
    for delay in [0, 90, 210, 340] {
        let project = Project::new(SERVER).file("plimsoll.toml", FAST);
        let folder = {
            let mut run = project.start(&["bench", "--blocks", "500"]);
            run.wait_until("a sample", || {
                !project.runs().is_empty() && count(&samples(&project.run_folder()), "serve.cold") > 0
            });
            thread::sleep(Duration::from_millis(delay));
            run.signal("INT");
            let ended = run.wait();
            assert_eq!(ended.code, Some(130), "{ended:#?}");
            ended.says(&["interrupted"]);
            project.run_folder()
        };
        let result = result(&folder);
        let summary =
            result["summaries"].as_array().unwrap().iter().find(|one| one["quantity"] == "serve.cold");
        let kept = count(&samples(&folder), "serve.cold");
        assert_eq!((&result["interrupted"], &summary.unwrap()["n"]), (&true.into(), &kept.into()));
        assert_nothing_left(&project);
    }
}
