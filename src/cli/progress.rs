//! What a run is doing and how long is left, on a terminal; silent elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::bench::RunEvent;
use crate::rewrite::proof::ProofEvent;

use super::Printer;

/// The progress of a run, on standard error.
pub(super) struct Progress {
    bar: ProgressBar,
    printer: Printer,
    building: String,
}

impl Progress {
    /// A line that moves where a terminal reads, and nothing where none does.
    pub(super) fn new(printer: Printer) -> Self {
        let bar =
            if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        bar.set_style(
            ProgressStyle::with_template("{spinner:.cyan} {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, printer, building: String::new() }
    }

    /// Shows what happens now.
    pub(super) fn show(&mut self, event: RunEvent) {
        match event {
            RunEvent::Building { variant } => {
                self.bar.set_message(format!("building {variant}"));
                self.building = variant;
            }
            RunEvent::BuildStep { step } => {
                self.bar.set_message(format!("building {}: {step}", self.building));
            }
            RunEvent::Pushing { variant } => {
                self.bar.set_message(format!("pushing {variant} to the run's registry"));
            }
            RunEvent::Built { variant, took, compressed } => {
                self.say(&format!("built {variant} in {:.1} s: {compressed} to pull", took.as_secs_f64()));
            }
            RunEvent::Failed { variant, reason } => self.say(&format!("{variant} drops out: {reason}")),
            RunEvent::Measuring { done, total, variant, region, left } => self.bar.set_message(format!(
                "measuring {}/{total}: {variant} in {region}; about {} left",
                done + 1,
                minutes(left)
            )),
            RunEvent::CleaningUp => self.bar.set_message("cleaning up"),
        }
    }

    /// Shows how far a proof is.
    pub(super) fn prove(&self, event: ProofEvent) {
        self.bar.set_message(match event {
            ProofEvent::Building(image) => format!("building {image}"),
            ProofEvent::Step(step) => format!("building: {step}"),
            ProofEvent::Comparing(image) => format!("comparing {image} with the original"),
        });
    }

    /// Ends the line, so that what comes next stands by itself.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| self.printer.note(line));
    }
}

/// `2 min 10 s`, `45 s`
pub(super) fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().ceil().max(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a duration in seconds, rounded up"
    )]
    let seconds = seconds as u64;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
