//! `plimsoll optimize`: the rewrites of a Dockerfile as unified diffs, one a variant.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::engine::BuildArgs;
use crate::report::rewrites;
use crate::rewrite::{Project, Request, Variant, patch, variants};
use crate::text::SourceFile;

use super::contexts::{Contexts, folder_of};
use super::project::manifests;
use super::{Exit, Failure, Printer, patch_path};

/// Write the rewrites as diffs that `git apply` takes, one per variant
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The Dockerfile
    #[arg(default_value = "Dockerfile")]
    dockerfile: PathBuf,
    /// Write this variant over the Dockerfile
    #[arg(long, value_name = "VARIANT", conflicts_with = "output_dir")]
    apply: Option<String>,
    /// Write each variant as a file of its own, with its diff beside it
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Write over the Dockerfile also where git has changes of it that are not committed
    #[arg(long, requires = "apply")]
    allow_dirty: bool,
    /// Make a variant of each rewrite by itself, too
    #[arg(long)]
    ablate: bool,
    /// How to print the rewrites
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with_all = ["apply", "output_dir"])]
    format: Format,
}

/// The forms of the rewrites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Unified diffs
    Text,
    /// One JSON object
    Json,
    /// For a pull request's comment
    Markdown,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let source = super::read_whole(&arguments.dockerfile)?;
    let listing = Contexts::default().of(&arguments.dockerfile, &source);
    let manifests = manifests(&folder_of(&arguments.dockerfile), listing.as_deref());
    let variants = variants(&Request {
        original: &source,
        project: Project { context: listing.as_deref(), manifests: Some(&manifests) },
        target: None,
        build_args: &BuildArgs::default(),
        users: &[],
        ablate: arguments.ablate,
    });
    let rewritten: Vec<&Variant> = variants.made.iter().filter(|variant| !variant.diff.is_empty()).collect();
    match arguments.format {
        Format::Text => {}
        Format::Json => {
            printer.data(&rewrites::json(source.path(), &variants)?);
            return Ok(Exit::Clean);
        }
        Format::Markdown => {
            printer.data(&rewrites::markdown(source.path(), &variants));
            return Ok(Exit::Clean);
        }
    }
    if let Some(name) = &arguments.apply {
        if !arguments.allow_dirty && is_dirty(&arguments.dockerfile) {
            return Err(Failure::Dirty(arguments.dockerfile.clone()));
        }
        return apply(&arguments.dockerfile, name, &rewritten, printer);
    }
    if let Some(folder) = &arguments.output_dir {
        return write(folder, &source, &rewritten, printer);
    }
    for variant in &rewritten {
        printer.note(&summary(variant));
        printer.patch(&diff(&source, variant));
    }
    for abstained in &variants.abstained {
        printer.note(&format!(
            "no {}: {}:{}: {}",
            abstained.transform,
            source.path(),
            abstained.line,
            abstained.reason
        ));
    }
    if rewritten.is_empty() {
        printer.note(&format!("{}: nothing to rewrite", arguments.dockerfile.display()));
    }
    Ok(Exit::Clean)
}

fn apply(path: &Path, name: &str, rewritten: &[&Variant], printer: Printer) -> Result<Exit, Failure> {
    let variant =
        rewritten.iter().find(|variant| variant.name == name).ok_or_else(|| Failure::UnknownVariant {
            name: name.to_owned(),
            known: rewritten.iter().map(|variant| format!("`{}`", variant.name)).collect(),
        })?;
    std::fs::write(path, variant.source.bytes())
        .map_err(|source| Failure::Write { path: path.to_owned(), source })?;
    printer.note(&summary(variant));
    Ok(Exit::Clean)
}

fn write(
    folder: &Path,
    original: &SourceFile,
    rewritten: &[&Variant],
    printer: Printer,
) -> Result<Exit, Failure> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::Write { path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let name = Path::new(original.path()).file_name().map_or_else(|| "Dockerfile".into(), ToOwned::to_owned);
    for variant in rewritten {
        let mut file = name.clone();
        file.push(format!(".{}", variant.name));
        let file = folder.join(file);
        let diff = folder.join(format!("{}.diff", variant.name));
        std::fs::write(&file, variant.source.bytes()).map_err(failed(&file))?;
        std::fs::write(&diff, self::diff(original, variant)).map_err(failed(&diff))?;
        printer.note(&format!("{}; {} and {}", summary(variant), file.display(), diff.display()));
    }
    Ok(Exit::Clean)
}

/// The variant's diff in the original's own bytes, at the path that `git apply` finds here.
fn diff(original: &SourceFile, variant: &Variant) -> Vec<u8> {
    patch(&patch_path(original.path()), original.bytes(), variant.source.bytes())
}

/// Whether git knows the file and has changes of it that are not committed. Without git there is nothing to lose there.
fn is_dirty(path: &Path) -> bool {
    let folder = folder_of(path);
    let Some(name) = path.file_name() else { return false };
    let status = Command::new("git")
        .args(["status", "--porcelain", "--untracked-files=no", "--"])
        .arg(name)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    status.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
}

/// One line: the variant and how many of which rewrites it carries.
fn summary(variant: &Variant) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for rewrite in &variant.rewrites {
        *counts.entry(rewrite.rule).or_default() += 1;
    }
    let parts: Vec<String> = counts
        .into_iter()
        .map(|(rule, n)| if n == 1 { rule.to_owned() } else { format!("{n} {rule}") })
        .collect();
    format!("{}: {}", variant.name, parts.join(", "))
}
