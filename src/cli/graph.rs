//! `plimsoll graph`: the stage graph in the form that is asked for, or what a change makes run again.

use std::path::{Path, PathBuf};

use crate::context::BuildContext;
use crate::dockerfile::Dockerfile;
use crate::facts::invalidation::{Build, Changes, Invalidation};
use crate::graph::StageGraph;
use crate::report::invalidation;
use crate::text::SourceFile;
use crate::{dockerfile, facts, graph};

use super::{Exit, Failure, Printer, read_whole};

/// Entries that a listing of the context stops at: enough for every context that a build bears.
const MOST_ENTRIES: usize = 1_000_000;

/// Show the stages, what they are built on and what they take from one another
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The Dockerfile
    #[arg(default_value = "Dockerfile")]
    dockerfile: PathBuf,
    /// How to draw it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The stage that is built; the last one where none is named
    #[arg(long, value_name = "STAGE")]
    target: Option<String>,
    /// A build argument; without a value it takes the environment's (repeatable)
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]")]
    build_args: Vec<String>,
    /// A named build context: a folder, an address or `docker-image://…` (repeatable)
    #[arg(long = "build-context", value_name = "NAME=WHERE", value_parser = name_and_value)]
    build_contexts: Vec<(String, String)>,
    /// The platform that is built for; this machine's where none is named
    #[arg(long, value_name = "OS/ARCH")]
    platform: Option<String>,
    /// Show what runs again when this file or folder of the build context changes, and why; repeatable
    #[arg(long, value_name = "PATH", help_heading = "What runs again")]
    changed: Vec<String>,
    /// The same for a build argument that gets another value; repeatable
    #[arg(long, value_name = "NAME", help_heading = "What runs again")]
    changed_arg: Vec<String>,
    /// The same for an image that is not what it was; repeatable
    #[arg(long, value_name = "IMAGE", help_heading = "What runs again")]
    changed_image: Vec<String>,
    /// The build context that the paths are in; the Dockerfile's folder where none is named
    #[arg(long, value_name = "FOLDER", help_heading = "What runs again")]
    context: Option<PathBuf>,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
    parts
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "write it as NAME=WHERE".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For the terminal
    Text,
    /// A Mermaid flow chart
    Mermaid,
    /// A Graphviz graph
    Dot,
    /// A picture for a document or a browser
    Svg,
    /// One JSON object
    Json,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let source = read_whole(&arguments.dockerfile)?;
    // As `docker build` does it: a name alone means the variable of that name, where there is one.
    let argument = |text: &String| match text.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => Some((text.clone(), std::env::var(text).ok()?)),
    };
    let build = graph::Build {
        args: arguments.build_args.iter().filter_map(argument).collect(),
        platform: arguments.platform.clone(),
        target: arguments.target.clone(),
        contexts: arguments.build_contexts.iter().cloned().collect(),
    };
    let dockerfile = dockerfile::parse(&source).dockerfile;
    let graph = graph::resolve_build(&dockerfile, &build);
    let target = graph.target(arguments.target.as_deref())?;
    let changes = Changes {
        paths: arguments.changed.clone(),
        arguments: arguments.changed_arg.clone(),
        images: arguments.changed_image.clone(),
    };
    if changes != Changes::default() {
        return run_again(arguments, &source, &dockerfile, &graph, target, &changes, printer);
    }
    let format = match arguments.format {
        Format::Text => graph::render::Format::Text,
        Format::Mermaid => graph::render::Format::Mermaid,
        Format::Dot => graph::render::Format::Dot,
        Format::Svg => graph::render::Format::Svg,
        Format::Json => graph::render::Format::Json,
    };
    printer.data(&graph::render::render(&graph, &dockerfile, &source, target, format));
    Ok(Exit::Clean)
}

/// Prints what the changes make run again.
fn run_again(
    arguments: &Arguments,
    source: &SourceFile,
    dockerfile: &Dockerfile,
    graph: &StageGraph,
    target: usize,
    changes: &Changes,
    printer: Printer,
) -> Result<Exit, Failure> {
    let beside = arguments.dockerfile.parent().filter(|folder| !folder.as_os_str().is_empty());
    let root = arguments.context.as_deref().or(beside).unwrap_or(Path::new("."));
    let context = BuildContext::read(root, &arguments.dockerfile, MOST_ENTRIES)?;
    if context.listing.cut_off {
        printer.note(&format!(
            "{} has more than {MOST_ENTRIES} entries; links in the rest are not followed",
            root.display()
        ));
    }
    let facts = facts::derive(dockerfile, graph);
    let build = Build { source, dockerfile, graph, facts: &facts, context: &context, target };
    let invalidation = Invalidation::predict(&build, changes);
    printer.data(&match arguments.format {
        Format::Text => invalidation::text(&build, &invalidation, printer.style()),
        Format::Json => invalidation::json(&build, &invalidation),
        _ => {
            return Err(Failure::Usage(
                "what runs again is shown as text or json; leave --format or set one of them".to_owned(),
            ));
        }
    });
    Ok(Exit::Clean)
}
