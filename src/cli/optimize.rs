//! `plimsoll optimize`: the rewrites of a Dockerfile as unified diffs, one a variant.

mod prove;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::config::Config;
use crate::lint::Selector;
use crate::report::{self, rewrites};
use crate::rewrite::{Project, Request, Variant, patch, variants};
use crate::text::SourceFile;

use super::build::BuildOptions;
use super::contexts::{Contexts, folder_of};
use super::project::manifests;
use super::{Exit, Failure, Printer, patch_path};

/// Write the rewrites as diffs that `git apply` takes, one per variant
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The Dockerfile
    #[arg(default_value = "Dockerfile")]
    dockerfile: PathBuf,
    #[command(flatten)]
    build: BuildOptions,
    /// Only the rewrites of these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    fix_rule: Vec<String>,
    /// Build the Dockerfile and each variant, and show what of the image is another: its files, its settings
    #[arg(long)]
    prove: bool,
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
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with_all = ["apply", "output_dir", "prove"])]
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
    let path = &arguments.dockerfile;
    let source = super::read_whole(path)?;
    let folder = folder_of(path);
    let config = Config::find(&folder)?;
    let build = arguments.build.over(&config, folder)?;
    let rules = rules(&arguments.fix_rule)?;
    // A proof builds, and so reads the whole context; the diffs alone do without.
    let listing = if arguments.prove {
        Some(Arc::new(build.context_for(path)?))
    } else {
        Contexts::default().in_folder(&build.context, path, &source)
    };
    let manifests = manifests(&build.context, listing.as_deref());
    let made = |rules: Option<&[Selector]>| {
        variants(&Request {
            original: &source,
            project: Project { context: listing.as_deref(), manifests: Some(&manifests) },
            target: build.target.as_deref(),
            build_args: &build.args,
            rules,
            users: &[],
            ablate: arguments.ablate,
        })
    };
    let variants = made(rules.as_deref());
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
    let is_rewritten = |variant: &&Variant| !variant.diff.is_empty();
    let mut rewritten: Vec<&Variant> = variants.made.iter().filter(is_rewritten).collect();
    if let Some(name) = &arguments.apply {
        rewritten = vec![chosen(name, &rewritten)?];
        if !arguments.allow_dirty && is_dirty(path) {
            return Err(Failure::Dirty(path.clone()));
        }
    }
    let proven = match variants.made.first() {
        Some(original) if arguments.prove && !rewritten.is_empty() => {
            let of_rules = |rules: Option<&[Selector]>| made(rules).made;
            Some(prove::prove(&build, original, &rewritten, &of_rules, printer)?)
        }
        _ => None,
    };
    if proven.as_ref().is_some_and(|proven| proven.interrupted) {
        return Ok(Exit::Interrupted);
    }
    let proofs = proven.map(|proven| proven.proofs).unwrap_or_default();
    let refuted = prove::refuted(&proofs, path);
    let say = |variant: &Variant, more: &str| {
        printer.note(&format!("{}{more}", summary(variant)));
        if let Some(proof) = proofs.iter().find(|proof| proof.variant == variant.name) {
            printer.notes(&report::proof::render(proof, printer.notes_style()));
        }
    };
    match (&arguments.apply, &arguments.output_dir, rewritten.as_slice()) {
        (_, _, []) => printer.note(&format!("{}: nothing to rewrite", path.display())),
        (Some(_), _, [variant, ..]) => {
            // What has just been refuted is not written.
            if refuted.is_none() {
                write(path, variant.source.bytes())?;
            }
            say(variant, "");
        }
        (None, Some(folder), rewritten) => {
            std::fs::create_dir_all(folder)
                .map_err(|source| Failure::Write { path: folder.clone(), source })?;
            for variant in rewritten {
                let files = write_beside(folder, &source, variant)?;
                say(variant, &format!("; {} and {}", files.0.display(), files.1.display()));
            }
        }
        (None, None, rewritten) => {
            for variant in rewritten {
                say(variant, "");
                printer.patch(&diff(&source, variant));
            }
        }
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
    refuted.map_or(Ok(Exit::Clean), Err)
}

/// The rules that are named; none where none is.
fn rules(names: &[String]) -> Result<Option<Vec<Selector>>, Failure> {
    let read = |name: &String| {
        Selector::read(name, &[])
            .map_err(|unknown| Failure::UnknownRule { name: unknown.name, nearest: unknown.nearest })
    };
    let rules: Vec<Selector> = names.iter().map(read).collect::<Result<_, _>>()?;
    Ok((!rules.is_empty()).then_some(rules))
}

fn chosen<'a>(name: &str, rewritten: &[&'a Variant]) -> Result<&'a Variant, Failure> {
    rewritten.iter().copied().find(|variant| variant.name == name).ok_or_else(|| Failure::UnknownVariant {
        name: name.to_owned(),
        known: rewritten.iter().map(|variant| format!("`{}`", variant.name)).collect(),
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|source| Failure::Write { path: path.to_owned(), source })
}

/// Writes a variant and its diff into the folder, and says where they are.
fn write_beside(
    folder: &Path,
    original: &SourceFile,
    variant: &Variant,
) -> Result<(PathBuf, PathBuf), Failure> {
    let name = Path::new(original.path()).file_name().map_or_else(|| "Dockerfile".into(), ToOwned::to_owned);
    let mut file = name;
    file.push(format!(".{}", variant.name));
    let (file, diff) = (folder.join(file), folder.join(format!("{}.diff", variant.name)));
    write(&file, variant.source.bytes())?;
    write(&diff, &self::diff(original, variant))?;
    Ok((file, diff))
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
