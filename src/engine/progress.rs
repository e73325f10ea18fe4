//! What a builder reports while it works: BuildKit's stream of vertices and logs, as steps.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use bollard::moby::buildkit::v1::{StatusResponse, Vertex};

use super::redact::Redactor;

/// How many lines of a failed step's log are kept.
const LOG_TAIL: usize = 20;
/// Where a line of a log is cut: some tools write megabytes without a line end.
const LINE_LENGTH: usize = 1000;

/// Something that happened in a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildEvent {
    /// A step began.
    Started {
        /// Its name, such as `[builder 2/5] RUN npm ci`.
        step: String,
    },
    /// A step wrote a line.
    Log {
        /// The step's name.
        step: String,
        /// The line without its end.
        line: String,
    },
    /// A step is done.
    Finished {
        /// Its name.
        step: String,
        /// How long it worked, by the engine's clock.
        duration: Duration,
        /// Whether it was there already.
        cached: bool,
    },
}

/// How long one step of a build took, by the engine's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTiming {
    /// The step's name, such as `[builder 2/5] RUN npm ci`.
    pub name: String,
    /// When it first began, after the first step of the build did.
    pub started: Duration,
    /// How long it worked in all.
    pub duration: Duration,
    /// Whether it was there already.
    pub cached: bool,
}

/// A step that failed, and what it wrote last.
#[derive(Debug)]
pub(super) struct FailedVertex {
    pub(super) name: String,
    pub(super) error: String,
    pub(super) log: Vec<String>,
}

/// A build so far.
pub(super) struct Progress {
    redactor: Redactor,
    places: HashMap<String, usize>,
    steps: Vec<Step>,
}

#[derive(Default)]
struct Step {
    name: String,
    /// Nanoseconds since 1970 at which it began to work, and stopped. A step may work several times.
    spans: BTreeMap<i128, Option<i128>>,
    cached: bool,
    finished: bool,
    error: String,
    log: VecDeque<String>,
    line: Vec<u8>,
}

impl Progress {
    pub(super) fn new(redactor: Redactor) -> Self {
        Self { redactor, places: HashMap::new(), steps: Vec::new() }
    }

    /// Takes in a message and passes on what is new in it.
    pub(super) fn update(&mut self, status: &StatusResponse, report: &mut impl FnMut(BuildEvent)) {
        for vertex in &status.vertexes {
            self.vertex(vertex, report);
        }
        for log in &status.logs {
            self.log(&log.vertex, &log.msg, report);
        }
    }

    /// The steps that worked, in the order in which they began.
    pub(super) fn timings(&self) -> Vec<StepTiming> {
        let first = self.steps.iter().filter_map(Step::began).min().unwrap_or_default();
        let mut timings: Vec<StepTiming> = self
            .steps
            .iter()
            .filter_map(|step| {
                Some(StepTiming {
                    name: step.name.clone(),
                    started: nanoseconds(step.began()? - first),
                    duration: step.worked(),
                    cached: step.cached,
                })
            })
            .collect();
        timings.sort_by_key(|timing| timing.started);
        timings
    }

    /// The step that broke the build. Those that were stopped because of it are told apart by their error.
    pub(super) fn failed(&self) -> Option<FailedVertex> {
        let failed = |step: &&Step| !step.error.is_empty();
        let cause = |step: &&Step| failed(step) && !step.error.contains("context canceled");
        let step = self.steps.iter().find(cause).or_else(|| self.steps.iter().find(failed))?;
        let rest = self.redactor.redact(&String::from_utf8_lossy(&step.line));
        let log = step.log.iter().cloned().chain((!rest.is_empty()).then_some(rest)).collect();
        Some(FailedVertex { name: step.name.clone(), error: step.error.clone(), log })
    }

    fn vertex(&mut self, vertex: &Vertex, report: &mut impl FnMut(BuildEvent)) {
        let name = self.redactor.redact(&vertex.name);
        let step = self.step(&vertex.digest);
        step.name.clone_from(&name);
        step.cached |= vertex.cached;
        let began = vertex.started.map(|time| stamp(time.seconds, time.nanos));
        let ended = vertex.completed.map(|time| stamp(time.seconds, time.nanos));
        let is_new = step.spans.is_empty();
        if let Some(began) = began {
            step.spans.insert(began, ended);
            if is_new {
                report(BuildEvent::Started { step: name.clone() });
            }
        }
        if began.is_some() && ended.is_some() && !step.finished {
            step.finished = true;
            report(BuildEvent::Finished { step: name, duration: step.worked(), cached: step.cached });
        }
        let error = self.redactor.redact(&vertex.error);
        self.step(&vertex.digest).error = error;
    }

    fn log(&mut self, digest: &str, bytes: &[u8], report: &mut impl FnMut(BuildEvent)) {
        let step = self.step(digest);
        let name = step.name.clone();
        step.line.extend_from_slice(bytes);
        let Some(end) = step.line.iter().rposition(|byte| *byte == b'\n') else {
            step.line.truncate(LINE_LENGTH);
            return;
        };
        let rest = step.line.split_off(end + 1);
        let whole = std::mem::replace(&mut step.line, rest);
        let lines: Vec<String> = String::from_utf8_lossy(&whole).lines().map(last_shown).collect();
        let lines: Vec<String> = lines.iter().map(|line| self.redactor.redact(line)).collect();
        let step = self.step(digest);
        for line in lines {
            step.log.push_back(line.clone());
            if step.log.len() > LOG_TAIL {
                step.log.pop_front();
            }
            report(BuildEvent::Log { step: name.clone(), line });
        }
    }

    fn step(&mut self, digest: &str) -> &mut Step {
        let place = *self.places.entry(digest.to_owned()).or_insert(self.steps.len());
        if place == self.steps.len() {
            self.steps.push(Step::default());
        }
        #[expect(clippy::indexing_slicing, reason = "a place is the index of a step that was pushed")]
        &mut self.steps[place]
    }
}

impl Step {
    fn began(&self) -> Option<i128> {
        self.spans.keys().next().copied()
    }

    fn worked(&self) -> Duration {
        nanoseconds(self.spans.iter().filter_map(|(began, ended)| Some((*ended)? - began)).sum())
    }
}

fn stamp(seconds: i64, nanoseconds: i32) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
}

fn nanoseconds(count: i128) -> Duration {
    Duration::from_nanos(u64::try_from(count).unwrap_or_default())
}

/// What a terminal would show of a line that was overwritten by carriage returns, cut to a sane length.
fn last_shown(line: &str) -> String {
    line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default().chars().take(LINE_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::{BuildEvent, Progress};
    use crate::engine::BuildArgs;
    use crate::engine::redact::Redactor;
    use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog};
    use std::time::Duration;

    /// A vertex that worked from and to so many nanoseconds after some second.
    fn vertex(digest: &str, from: Option<i32>, to: Option<i32>) -> Vertex {
        let mut vertex =
            Vertex { digest: digest.into(), name: format!("[1/2] RUN {digest}"), ..Vertex::default() };
        for (time, nanos) in [(&mut vertex.started, from), (&mut vertex.completed, to)] {
            if let Some(nanos) = nanos {
                let time = time.get_or_insert_default();
                (time.seconds, time.nanos) = (1_000_000, nanos);
            }
        }
        vertex
    }

    fn log(digest: &str, text: &str) -> VertexLog {
        VertexLog { vertex: digest.into(), msg: text.into(), ..VertexLog::default() }
    }

    /// The events of these messages, and the build they make.
    fn follow(messages: Vec<(Vec<Vertex>, Vec<VertexLog>)>) -> (Vec<BuildEvent>, Progress) {
        let secret = BuildArgs([("KEY".to_owned(), "hunter2".to_owned())].into());
        let mut progress = Progress::new(Redactor::of(&secret));
        let mut events = Vec::new();
        for (vertexes, logs) in messages {
            let status = StatusResponse { vertexes, logs, ..StatusResponse::default() };
            progress.update(&status, &mut |event| events.push(event));
        }
        (events, progress)
    }

    #[test]
    fn a_step_that_works_twice_is_reported_once_and_its_times_add_up() {
        let (events, progress) = follow(vec![
            (vec![vertex("a", None, None)], vec![]),
            (vec![vertex("a", Some(100), None)], vec![]),
            (vec![vertex("a", Some(100), Some(130))], vec![]),
            (vec![vertex("b", Some(120), None), vertex("a", Some(200), Some(250))], vec![]),
        ]);
        assert_eq!(events.len(), 3, "{events:?}");
        let timings = progress.timings();
        assert_eq!(
            timings.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(),
            ["[1/2] RUN a", "[1/2] RUN b"]
        );
        assert_eq!(timings[0].duration, Duration::from_nanos(80));
        assert_eq!(timings[1].started, Duration::from_nanos(20));
    }

    #[test]
    fn lines_come_whole_without_secrets_and_as_a_terminal_shows_them() {
        let (events, _) = follow(vec![(
            vec![vertex("a", Some(1), None)],
            vec![log("a", "one\ntw"), log("a", "o hunter2\n10%\r99%\n")],
        )]);
        let lines: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                BuildEvent::Log { line, .. } => Some(line.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(lines, ["one", "two ***", "99%"]);
    }

    #[test]
    fn the_step_that_broke_is_told_from_those_that_were_stopped() {
        let mut stopped = vertex("a", Some(1), Some(9));
        stopped.error = "context canceled".into();
        let mut broken = vertex("b", Some(2), Some(9));
        broken.error = "exit code: 1".into();
        let (_, progress) = follow(vec![(vec![stopped, broken], vec![log("b", "last words")])]);
        let failed = progress.failed().unwrap();
        assert_eq!(
            (failed.name.as_str(), failed.log.as_slice()),
            ("[1/2] RUN b", ["last words".to_owned()].as_slice())
        );
    }
}
