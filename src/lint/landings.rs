//! What a `COPY` or `ADD` brings to a stage, and where it lands.

use crate::context::{Kind, Listing};
use crate::dockerfile::{Body, Source, Transfer, words};
use crate::facts::Fact;
use crate::graph::{EdgeKind, Origin};

use super::Input;

/// A `COPY` or `ADD` with its paths worked out.
#[derive(Debug, Clone)]
pub(super) struct Landing<'a> {
    /// The instruction with what holds there.
    pub(super) fact: Fact<'a>,
    /// What it says.
    pub(super) transfer: &'a Transfer<'a>,
    /// Whether it takes from the build context; for `ADD`, possibly also from the web.
    pub(super) from_context: bool,
    /// The stage it takes from.
    pub(super) from_stage: Option<usize>,
    /// The destination, absolute and without a slash at its end; none where the working folder or a variable is not
    /// known.
    pub(super) destination: Option<String>,
    /// Whether the destination surely is a folder: it ends like one, or several sources go into it.
    pub(super) is_folder: bool,
}

impl<'a> Landing<'a> {
    /// Reads `fact`; nothing where it is neither `COPY` nor `ADD`.
    pub(super) fn of(input: &Input<'_>, fact: Fact<'a>) -> Option<Self> {
        let (Body::Copy(transfer) | Body::Add(transfer)) = &fact.instruction.body else { return None };
        let escape = input.dockerfile.escape;
        let written = &*transfer.destination.text;
        let ends_as_folder =
            written.ends_with('/') || matches!(written, "." | "..") || written.ends_with("/.");
        Some(Self {
            fact,
            transfer,
            from_context: fact.instruction.flag("from").is_none(),
            from_stage: stage_of(input, &fact),
            destination: fact.facts.before.path(written, escape),
            is_folder: ends_as_folder || transfer.sources.len() > 1,
        })
    }

    /// The paths and patterns it takes, variables put in, without heredocs and those that are not known.
    pub(super) fn sources(&self, input: &Input<'_>) -> Vec<String> {
        let state = &self.fact.facts.before;
        let expanded = |text: &str| {
            let expansion =
                words::expand(text, input.dockerfile.escape, &|name| state.value(name).map(str::to_owned))
                    .ok()?;
            expansion.unset.is_empty().then_some(expansion.text)
        };
        let paths = self.transfer.sources.iter().filter_map(|source| match source {
            Source::Path(word) => expanded(&word.text),
            Source::Heredoc(..) => None,
        });
        paths.collect()
    }

    /// Whether it brings the context, or a folder of it that becomes the working folder.
    pub(super) fn brings_sources(&self, input: &Input<'_>) -> bool {
        let workdir = self.fact.facts.before.workdir.known();
        // A destination that is not known is one below a working folder that is not.
        let becomes_workdir =
            self.destination.as_deref().map_or(self.is_folder, |destination| workdir == Some(destination));
        let is_sources = |source: &String| {
            is_everything(source) || (becomes_workdir && is_folder(input.listing(), source))
        };
        self.from_context && self.sources(input).iter().any(is_sources)
    }
}

fn is_folder(context: Option<&Listing>, source: &str) -> bool {
    let path = source.trim_start_matches("./").trim_matches('/');
    let is_web = source.contains("://");
    let entry = context.and_then(|context| context.get(path));
    !is_web && entry.map_or(source.ends_with('/'), |entry| entry.kind == Kind::Directory)
}

/// Whether `path` is `folder` or lies below it. Both are absolute.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether `source` names all of the folder it is taken from: `.`, `./`, `/`, `*`.
pub(super) fn is_everything(source: &str) -> bool {
    matches!(source, "" | "." | "./" | "/" | "/." | "*" | "./*" | "./.")
}

/// Whether hadolint takes `path` for an archive: by the end of its name, whose case counts.
pub(super) fn is_archive(path: &str) -> bool {
    const ENDS: [&str; 15] = [
        ".tar", ".Z", ".bz2", ".gz", ".lz", ".lzma", ".tZ", ".tb2", ".tbz", ".tbz2", ".tgz", ".tlz", ".tpz",
        ".txz", ".xz",
    ];
    ENDS.iter().any(|end| path.ends_with(end))
}

fn stage_of(input: &Input<'_>, fact: &Fact<'_>) -> Option<usize> {
    let is_own = |kind| matches!(kind, EdgeKind::Copy { instruction } | EdgeKind::Add { instruction } if instruction == fact.index);
    let edge = input.graph.taken_by(fact.facts.stage?).find(|edge| is_own(edge.kind))?;
    match edge.origin {
        Origin::Stage(stage) => Some(stage),
        _ => None,
    }
}
