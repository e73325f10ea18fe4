//! `plimsoll lint`: findings, fixes and diffs for the Dockerfiles under the given paths.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Config;
use crate::lint::{self, Profile, Rule, Safety, Settings, Severity};
use crate::report::findings::{self, FileFindings};
use crate::rewrite::patch;
use crate::text::SourceFile;

use super::contexts::Contexts;
use super::{Exit, Failure, Printer, discover, patch_path};

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
    /// Which rules run where none is selected; `default` unless plimsoll.toml says otherwise
    #[arg(long, value_enum)]
    profile: Option<ProfileName>,
    /// Run only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Don't run these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// The least severity that makes the exit code 1; `warning` unless plimsoll.toml says otherwise
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<Threshold>,
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

impl From<Severity> for Threshold {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Info => Self::Info,
            Severity::Style => Self::Style,
        }
    }
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let (files, mut failures) = read(&arguments.paths)?;
    let wishes = wishes(arguments, &files)?;
    let contexts = Contexts::default();
    let allowed = match (arguments.unsafe_fixes, arguments.fix || arguments.diff) {
        (true, _) => Some(Safety::Unsafe),
        (false, true) => Some(Safety::Safe),
        (false, false) => None,
    };
    let checked: Vec<Checked> = files
        .into_par_iter()
        .zip(&wishes)
        .map(|((source, place), wish)| check(source, place, wish, &contexts, allowed))
        .collect();
    if arguments.diff {
        print_diffs(&checked, printer);
    } else {
        if allowed.is_some() {
            failures.extend(write(&checked, printer));
        }
        let findings: Vec<FileFindings> = checked.iter().map(|file| file.findings.clone()).collect();
        let text = text(&findings, arguments.format, printer);
        // A fixed standard input is on standard output, and nothing else may be.
        if allowed.is_some() && checked.iter().any(|file| file.place == Place::StandardInput) {
            printer.notes(&text);
        } else {
            printer.data(&text);
        }
    }
    for failure in &failures {
        printer.failure(failure);
    }
    Ok(exit(&checked, &failures, arguments.diff))
}

/// Where a file came from, and so where its fix goes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    File(PathBuf),
    StandardInput,
}

impl Place {
    /// The folder whose `plimsoll.toml` speaks of it.
    fn folder(&self) -> PathBuf {
        match self {
            Self::File(path) => match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
                _ => PathBuf::from("."),
            },
            Self::StandardInput => PathBuf::from("."),
        }
    }
}

/// What is asked of a file, by `plimsoll.toml` and by the command line.
#[derive(Debug, Clone)]
struct Wish {
    settings: Arc<Settings>,
    fail_on: Threshold,
}

/// A file before and after its fixes.
struct Checked {
    original: SourceFile,
    place: Place,
    fail_on: Threshold,
    applied: usize,
    findings: FileFindings,
}

/// What is asked of each file, in the order of `files`. A folder's configuration is read once.
fn wishes(arguments: &Arguments, files: &[(SourceFile, Place)]) -> Result<Vec<Wish>, Failure> {
    let select = if arguments.select.is_empty() { None } else { Some(rules(&arguments.select)?) };
    let ignore = rules(&arguments.ignore)?;
    let profile = arguments.profile.map(|profile| match profile {
        ProfileName::Default => Profile::Default,
        ProfileName::All => Profile::All,
    });
    let mut known: HashMap<PathBuf, Wish> = HashMap::new();
    let mut wishes = Vec::new();
    for (_, place) in files {
        let folder = place.folder();
        let wish = if let Some(wish) = known.get(&folder) {
            wish.clone()
        } else {
            let config = Config::find(&folder)?;
            let fail_on = arguments.fail_on.or(config.fail_on.map(Threshold::from));
            let wish = Wish {
                settings: Arc::new(config.lint.overridden(profile, select.as_deref(), &ignore)),
                fail_on: fail_on.unwrap_or(Threshold::Warning),
            };
            known.insert(folder, wish.clone());
            wish
        };
        wishes.push(wish);
    }
    Ok(wishes)
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

/// A file with its place.
type Placed = (SourceFile, Place);

/// The files, and what can't be read.
fn read(paths: &[PathBuf]) -> Result<(Vec<Placed>, Vec<Failure>), Failure> {
    let dash = Path::new("-");
    if paths.iter().any(|path| path == dash) {
        if paths.len() > 1 {
            return Err(Failure::Usage("`-` is standard input and stands alone".to_owned()));
        }
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|source| Failure::Read { path: "standard input".into(), source })?;
        return Ok((vec![(SourceFile::new("<stdin>", bytes), Place::StandardInput)], Vec::new()));
    }
    let read: Vec<Result<Placed, Failure>> = discover::dockerfiles(paths)
        .into_par_iter()
        .map(|path| {
            let path = path?;
            let bytes =
                std::fs::read(&path).map_err(|source| Failure::Read { path: path.clone(), source })?;
            Ok((SourceFile::new(path.display().to_string(), bytes), Place::File(path)))
        })
        .collect();
    let (mut files, mut failures) = (Vec::new(), Vec::new());
    for outcome in read {
        match outcome {
            Ok(file) => files.push(file),
            Err(failure) => failures.push(failure),
        }
    }
    Ok((files, failures))
}

fn check(
    source: SourceFile,
    place: Place,
    wish: &Wish,
    contexts: &Contexts,
    allowed: Option<Safety>,
) -> Checked {
    let listing = match &place {
        Place::File(path) => contexts.of(path, &source),
        Place::StandardInput => None,
    };
    let listing = listing.as_deref();
    let (after, applied, diagnostics) = match allowed {
        None => (source.clone(), 0, lint::check(&source, listing, &wish.settings)),
        Some(allowed) => {
            let fixed = lint::fix(&source, listing, &wish.settings, allowed);
            (fixed.source, fixed.applied.len(), fixed.left)
        }
    };
    let parsed = crate::dockerfile::parse(&after).errors.is_empty();
    Checked {
        original: source,
        place,
        fail_on: wish.fail_on,
        applied,
        findings: FileFindings { source: after, parsed, diagnostics },
    }
}

/// Prints what the fixes change.
fn print_diffs(checked: &[Checked], printer: Printer) {
    for file in checked {
        let (old, new) = (file.original.bytes(), file.findings.source.bytes());
        printer.patch(&patch(&patch_path(file.original.path()), old, new));
    }
}

/// Writes the fixed files back, and a fixed standard input to standard output. Gives what could not be written.
fn write(checked: &[Checked], printer: Printer) -> Vec<Failure> {
    let mut failures = Vec::new();
    for file in checked {
        let fixed = file.findings.source.bytes();
        match &file.place {
            Place::StandardInput => printer.bytes(fixed),
            Place::File(path) if file.original.bytes() != fixed => match std::fs::write(path, fixed) {
                Ok(()) => {
                    let plural = if file.applied == 1 { "fix" } else { "fixes" };
                    printer.note(&format!("{}: {} {plural} applied", path.display(), file.applied));
                }
                Err(source) => failures.push(Failure::Write { path: path.clone(), source }),
            },
            Place::File(_) => {}
        }
    }
    failures
}

fn text(findings: &[FileFindings], format: Format, printer: Printer) -> String {
    match format {
        Format::Human => findings::human(findings, printer.colours()),
        Format::Json => findings::json(findings),
        Format::Sarif => findings::sarif(findings),
        Format::Github => findings::github(findings),
    }
}

/// What could not be read or does not parse outranks findings: what else is said may be incomplete. A diff is a
/// finding where it changes anything, so that a script can ask.
fn exit(checked: &[Checked], failures: &[Failure], diff: bool) -> Exit {
    if !failures.is_empty() || checked.iter().any(|file| !file.findings.parsed) {
        return Exit::Usage;
    }
    let over = |file: &Checked| {
        if diff {
            return file.original.bytes() != file.findings.source.bytes();
        }
        file.findings.diagnostics.iter().any(|found| file.fail_on.reached_by(found.severity))
    };
    if checked.iter().any(over) { Exit::Findings } else { Exit::Clean }
}
