//! What a transform looks at.

use crate::context::{BuildContext, Listing};
use crate::dockerfile::Dockerfile;
use crate::facts::{Fact, Facts};
use crate::graph::StageGraph;
use crate::text::{SourceFile, TextRange};

use super::Manifests;

/// What is known of the project around a Dockerfile.
#[derive(Debug, Clone, Copy, Default)]
pub struct Project<'a> {
    /// The build context.
    pub context: Option<&'a BuildContext>,
    /// The manifests in it.
    pub manifests: Option<&'a Manifests>,
}

/// A Dockerfile that parses, and all that is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The file.
    pub source: &'a SourceFile,
    /// Its tree.
    pub dockerfile: &'a Dockerfile<'a>,
    /// Its stages.
    pub graph: &'a StageGraph,
    /// What holds at each instruction.
    pub facts: &'a Facts,
    /// The stage that is built.
    pub target: usize,
    /// The project around it.
    pub project: Project<'a>,
}

impl<'a> Subject<'a> {
    /// The files of the build context, where all of them are known.
    pub fn listing(&self) -> Option<&'a Listing> {
        self.project.context.map(|context| &context.listing).filter(|listing| !listing.cut_off)
    }

    /// The text of the manifest at `path` of the build context.
    pub fn manifest(&self, path: &str) -> Option<&'a str> {
        self.project.manifests?.get(path)
    }

    /// The text of the manifest of that name that lies nearest to the root of the build context.
    pub fn nearest_manifest(&self, name: &str) -> Option<&'a str> {
        self.project.manifests?.nearest(name).map(|(_, text)| text)
    }

    /// Whether the build context has a file or directory at `path`.
    pub fn has(&self, path: &str) -> bool {
        self.listing().is_some_and(|listing| listing.get(path).is_some())
    }

    /// The instructions of the target, its `FROM` first.
    pub fn of_target(&self) -> Vec<Fact<'a>> {
        self.facts.of_stage(self.dockerfile, self.target)
    }

    /// The text at `range`.
    pub fn text(&self, range: TextRange) -> &'a str {
        self.source.slice(range)
    }
}
