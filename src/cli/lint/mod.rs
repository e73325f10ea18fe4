//! `plimsoll lint`: findings, fixes and diffs for the Dockerfiles under the given paths.

mod baseline;
mod checked;
mod choice;
mod input;
mod measured;
mod migrate;
mod shellcheck;

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use crate::lint::Safety;
use crate::report::findings::{self, FileFindings, Findings, Order};

use super::contexts::{Contexts, folder_of};
use super::{Exit, Failure, Printer, discover, patch_path};
use checked::{Checked, Known};
use choice::Choices;
use input::Place;
use measured::LastRun;
use shellcheck::Asked;

/// Find what makes images big and caches useless, and mend it
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Files and folders; `-` reads standard input. Of a Compose or Bake file that is named, the Dockerfiles that it
    /// builds are taken, with their targets and arguments
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The name of what standard input holds: what is reported, and whose folder's configuration and context count
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,
    /// How to print the findings
    #[arg(long, short, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The order of the findings
    #[arg(long, value_enum, default_value_t = Sort::Place, value_name = "ORDER")]
    sort: Sort,
    #[command(flatten)]
    mending: Mending,
    /// Don't report the findings that are recorded in this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Record all findings in the baseline, so that from now on only new ones are reported
    #[arg(long, requires = "baseline", conflicts_with_all = ["fix", "unsafe_fixes", "fix_rule", "diff"])]
    write_baseline: bool,
    #[command(flatten)]
    choices: Choices,
    /// Write the `plimsoll.toml` that says what hadolint's configuration says, and lint nothing
    #[arg(long)]
    migrate: bool,
}

/// The options that mend.
#[derive(Debug, clap::Args)]
struct Mending {
    /// Apply the safe fixes
    #[arg(long)]
    fix: bool,
    /// Apply all fixes, those that can change behaviour too
    #[arg(long)]
    unsafe_fixes: bool,
    /// Apply only the fixes of these rules; alone it applies the safe ones
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    fix_rule: Vec<String>,
    /// Print what the fixes would change as unified diffs, and write nothing
    #[arg(long)]
    diff: bool,
}

impl Mending {
    /// The fixes that are asked for; none where nothing is to be mended.
    fn allowed(&self) -> Option<Safety> {
        if self.unsafe_fixes {
            Some(Safety::Unsafe)
        } else {
            (self.fix || self.diff || !self.fix_rule.is_empty()).then_some(Safety::Safe)
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Source frames
    #[value(alias = "tty")]
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// GitHub workflow commands
    Github,
    /// GitLab's code quality report
    #[value(aliases = ["gitlab_codeclimate", "codeclimate"])]
    Gitlab,
    /// JUnit's XML
    Junit,
    /// Checkstyle's XML
    Checkstyle,
    /// A Markdown table
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Sort {
    /// File by file, as they stand there
    Place,
    /// What costs most first: by bytes, then by seconds
    Impact,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    if arguments.migrate {
        return migrate::run(&arguments.paths, printer);
    }
    let input::Read { files, mut failures, notes } =
        input::read(&arguments.paths, arguments.stdin_filename.as_deref())?;
    let wishes = arguments.choices.wishes(&files, &arguments.mending.fix_rule)?;
    let known = match &arguments.baseline {
        Some(path) if !arguments.write_baseline => Some((path, baseline::read(path)?)),
        _ => None,
    };
    let contexts = Contexts::default();
    let last_run = LastRun::find().unwrap_or_else(|error| {
        printer.note(&format!("{error}: what findings cost goes by tables and the context alone"));
        None
    });
    let allowed = arguments.mending.allowed();
    let mut asked = Asked::about(&files, &wishes, &mut failures)?;
    let verdicts = asked.as_ref().map(|asked| Arc::clone(&asked.verdicts));
    let beside = Known { last_run: last_run.as_ref(), verdicts: verdicts.as_ref() };
    let mut checked: Vec<Checked> = files
        .into_par_iter()
        .zip(&wishes)
        .map(|(file, wish)| checked::check(file, wish, &contexts, beside, allowed))
        .collect();
    if let Some(asked) = asked.as_mut().filter(|_| allowed.is_some()) {
        // It has not seen the scripts that fixes have made yet.
        asked.again(&checked, &wishes, &mut failures);
        let beside = Known { verdicts: Some(&asked.verdicts), ..beside };
        checked.par_iter_mut().zip(&wishes).for_each(|(file, wish)| file.look_again(wish, &contexts, beside));
    }
    for note in &notes {
        printer.note(note);
    }
    if let Some(path) = arguments.baseline.as_deref().filter(|_| arguments.write_baseline) {
        let recorded = baseline::write(path, &checked)?;
        printer.note(&format!("{}: {recorded} recorded", path.display()));
        return Ok(report(&failures, printer).unwrap_or(Exit::Clean));
    }
    if let Some((path, mut known)) = known {
        baseline::leave_out(&mut known, path, &mut checked);
        if !known.is_empty() {
            printer.note(&format!(
                "{}: {} of the findings in it are gone; `--write-baseline` records what is left",
                path.display(),
                known.len()
            ));
        }
    }
    if arguments.mending.diff {
        checked::print_diffs(&checked, printer);
    } else {
        if allowed.is_some() {
            failures.extend(checked::write(&checked, printer));
        }
        let findings: Vec<FileFindings> = checked.iter().map(|file| file.findings.clone()).collect();
        let order = match arguments.sort {
            Sort::Place => Order::Place,
            Sort::Impact => Order::Impact,
        };
        let text = text(Findings { files: &findings, order }, arguments.format, printer);
        // A fixed standard input is on standard output, and nothing else may be.
        if allowed.is_some() && checked.iter().any(|file| matches!(file.place, Place::StandardInput(_))) {
            printer.notes(&text);
        } else {
            printer.data(&text);
        }
    }
    Ok(report(&failures, printer).unwrap_or_else(|| exit(&checked, arguments.mending.diff)))
}

/// Says what could not be read or written. That outranks findings: what else is said may be incomplete.
fn report(failures: &[Failure], printer: Printer) -> Option<Exit> {
    for failure in failures {
        printer.failure(failure);
    }
    (!failures.is_empty()).then_some(Exit::Usage)
}

fn text(findings: Findings<'_>, format: Format, printer: Printer) -> String {
    match format {
        Format::Human => findings::human(findings, printer.colours()),
        Format::Json => findings::json(findings),
        Format::Sarif => findings::sarif(findings),
        Format::Github => findings::github(findings),
        Format::Gitlab => findings::gitlab(findings),
        Format::Junit => findings::junit(findings),
        Format::Checkstyle => findings::checkstyle(findings),
        Format::Markdown => findings::markdown(findings),
    }
}

/// A file that does not parse outranks findings, for the same reason. A diff is a finding where it changes anything, so
/// that a script can ask.
fn exit(checked: &[Checked], diff: bool) -> Exit {
    if checked.iter().any(|file| !file.findings.parsed) {
        return Exit::Usage;
    }
    let over = |file: &Checked| {
        if diff {
            return file.is_changed();
        }
        file.findings.diagnostics.iter().any(|found| file.fail_on.is_reached_by(found.severity))
    };
    if checked.iter().any(over) { Exit::Findings } else { Exit::Clean }
}
