//! `plimsoll lint`: findings, fixes and diffs for the Dockerfiles under the given paths.

use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::lint::{self, Profile, Rule, Safety, Settings, Severity};
use crate::report::findings::{self, FileFindings};
use crate::rewrite::unified_diff;
use crate::text::SourceFile;

use super::contexts::Contexts;
use super::{Exit, Failure, Printer, discover};

/// Find what makes images big and caches useless, and mend it
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Files and folders; `-` reads standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Apply the safe fixes
    #[arg(long)]
    fix: bool,
    /// Apply all fixes, those that can change behaviour too
    #[arg(long)]
    unsafe_fixes: bool,
    /// Print what the fixes would change as unified diffs, and write nothing
    #[arg(long)]
    diff: bool,
    /// Which rules run where none is selected
    #[arg(long, value_enum, default_value_t = ProfileName::Default)]
    profile: ProfileName,
    /// Run only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Don't run these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = Threshold::Warning, value_name = "SEVERITY")]
    fail_on: Threshold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Source frames
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// GitHub workflow commands
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ProfileName {
    /// Rules that hold for nearly every image
    Default,
    /// Also rules of policy and taste
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Threshold {
    Error,
    Warning,
    Info,
    Style,
    /// Never fail for a finding
    None,
}

impl Threshold {
    fn reached_by(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Info => severity >= Severity::Info,
            Self::Style => true,
            Self::None => false,
        }
    }
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let settings = settings(arguments)?;
    let files = read(&arguments.paths)?;
    let contexts = Contexts::default();
    let allowed = match (arguments.unsafe_fixes, arguments.fix || arguments.diff) {
        (true, _) => Some(Safety::Unsafe),
        (false, true) => Some(Safety::Safe),
        (false, false) => None,
    };
    let checked: Vec<Checked> = files
        .into_par_iter()
        .map(|(source, place)| check(source, place, &contexts, &settings, allowed))
        .collect();
    if arguments.diff {
        return Ok(print_diffs(&checked, printer));
    }
    if allowed.is_some() {
        write(&checked, printer)?;
    }
    let findings: Vec<FileFindings> = checked.into_iter().map(|file| file.findings).collect();
    print(&findings, arguments.format, printer);
    Ok(exit(&findings, arguments.fail_on))
}

/// Where a file came from, and so where its fix goes.
#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    StandardInput,
}

/// A file before and after its fixes.
struct Checked {
    original: SourceFile,
    place: Place,
    applied: usize,
    findings: FileFindings,
}

fn settings(arguments: &Arguments) -> Result<Settings, Failure> {
    let profile = match arguments.profile {
        ProfileName::Default => Profile::Default,
        ProfileName::All => Profile::All,
    };
    let select = if arguments.select.is_empty() { None } else { Some(rules(&arguments.select)?) };
    Ok(Settings { profile, select, ignore: rules(&arguments.ignore)? })
}

fn rules(names: &[String]) -> Result<Vec<&'static Rule>, Failure> {
    names
        .iter()
        .map(|name| {
            lint::find(name)
                .ok_or_else(|| Failure::UnknownRule { name: name.clone(), nearest: lint::nearest(name) })
        })
        .collect()
}

fn read(paths: &[PathBuf]) -> Result<Vec<(SourceFile, Place)>, Failure> {
    if let [only] = paths
        && only == Path::new("-")
    {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|source| Failure::Read { path: "standard input".into(), source })?;
        return Ok(vec![(SourceFile::new("<stdin>", bytes), Place::StandardInput)]);
    }
    discover::dockerfiles(paths)?
        .into_par_iter()
        .map(|path| {
            let bytes =
                std::fs::read(&path).map_err(|source| Failure::Read { path: path.clone(), source })?;
            Ok((SourceFile::new(path.display().to_string(), bytes), Place::File(path)))
        })
        .collect()
}

fn check(
    source: SourceFile,
    place: Place,
    contexts: &Contexts,
    settings: &Settings,
    allowed: Option<Safety>,
) -> Checked {
    let listing = match &place {
        Place::File(path) => contexts.of(path, &source),
        Place::StandardInput => None,
    };
    let listing = listing.as_deref();
    let (after, applied, diagnostics) = match allowed {
        None => (source.clone(), 0, lint::check(&source, listing, settings)),
        Some(allowed) => {
            let fixed = lint::fix(&source, listing, settings, allowed);
            (fixed.source, fixed.applied.len(), fixed.left)
        }
    };
    let parsed = crate::dockerfile::parse(&after).errors.is_empty();
    Checked {
        original: source,
        place,
        applied,
        findings: FileFindings { source: after, parsed, diagnostics },
    }
}

/// Prints what the fixes change; 1 where they change anything, so that a script can ask.
fn print_diffs(checked: &[Checked], printer: Printer) -> Exit {
    let diffs: String = checked
        .iter()
        .map(|file| unified_diff(file.original.path(), file.original.bytes(), file.findings.source.bytes()))
        .collect();
    printer.data(&crate::report::diff::painted(&diffs, printer.style()));
    if diffs.is_empty() { Exit::Clean } else { Exit::Findings }
}

/// Writes the fixed files back, and a fixed standard input to standard output.
fn write(checked: &[Checked], printer: Printer) -> Result<(), Failure> {
    for file in checked {
        match &file.place {
            Place::StandardInput => printer.bytes(file.findings.source.bytes()),
            Place::File(path) if file.original.bytes() != file.findings.source.bytes() => {
                std::fs::write(path, file.findings.source.bytes())
                    .map_err(|source| Failure::Write { path: path.clone(), source })?;
                let plural = if file.applied == 1 { "fix" } else { "fixes" };
                printer.note(&format!("{}: {} {plural} applied", path.display(), file.applied));
            }
            Place::File(_) => {}
        }
    }
    Ok(())
}

fn print(findings: &[FileFindings], format: Format, printer: Printer) {
    match format {
        Format::Human => printer.data(&findings::human(findings, printer.colours())),
        Format::Json => printer.data(&findings::json(findings)),
        Format::Sarif => printer.data(&findings::sarif(findings)),
        Format::Github => printer.data(&findings::github(findings)),
    }
}

/// A file that doesn't parse outranks findings: what else is said of it may be incomplete.
fn exit(findings: &[FileFindings], threshold: Threshold) -> Exit {
    if findings.iter().any(|file| !file.parsed) {
        return Exit::Usage;
    }
    let over =
        |file: &FileFindings| file.diagnostics.iter().any(|found| threshold.reached_by(found.severity));
    if findings.iter().any(over) { Exit::Findings } else { Exit::Clean }
}
