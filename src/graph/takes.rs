//! What a `COPY`, an `ADD` and a `RUN`'s mounts take, and from where.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/{convert.go,convert_runmount.go}.

use std::collections::BTreeMap;

use crate::dockerfile::{Instruction, Source, Transfer, Word, words};
use crate::text::TextRange;

use super::resolve::Resolver;
use super::{EdgeKind, GraphIssueKind, Mount, MountKind, Origin, source};

impl Resolver<'_> {
    pub(super) fn copy(&mut self, index: usize, at: usize, instruction: &Instruction, transfer: &Transfer) {
        let kind = EdgeKind::Copy { instruction: at };
        let takes = paths(transfer).map(|path| path.text.to_string()).collect();
        let from = instruction.flag("from").and_then(|flag| Some((flag.range, &flag.value.as_ref()?.text)));
        let Some((range, written)) = from.filter(|(_, written)| !written.is_empty()) else {
            if let Some(range) = paths(transfer).map(|path| path.range).reduce(TextRange::cover) {
                self.edge(index, kind, Origin::Context, takes, range);
            }
            return;
        };
        let without_variables = words::expand(written, self.escape, &|_| None);
        let origin = if without_variables.is_ok_and(|expansion| expansion.text == *written) {
            match written.parse::<i64>() {
                Ok(number) => self.by_index(index, range, number, written),
                Err(_) => self.by_name(index, range, written),
            }
        } else {
            self.issue(index, range, GraphIssueKind::VariableInFrom { written: written.to_string() });
            Origin::Unresolved(written.to_string())
        };
        self.edge(index, kind, origin, takes, range);
    }

    pub(super) fn add(&mut self, index: usize, at: usize, transfer: &Transfer) {
        let Some(scope) = self.scopes.get(index) else { return };
        let mut origins: Vec<(Origin, Vec<String>, TextRange)> = Vec::new();
        let mut known: BTreeMap<Origin, usize> = BTreeMap::new();
        for path in paths(transfer) {
            let origin = match self.expand(&scope.variables, &path.text) {
                // A path of unknown variables may turn out to be an address.
                Ok(expansion) if !expansion.missing.is_empty() && path.text.starts_with('$') => {
                    Origin::Unresolved(path.text.to_string())
                }
                Ok(expansion) => source::origin(&expansion.text, &path.text),
                Err(_) => Origin::Unresolved(path.text.to_string()),
            };
            let taken = if origin == Origin::Context { vec![path.text.to_string()] } else { Vec::new() };
            // All paths of the context are one thing taken from it.
            let next = origins.len();
            let place = *known.entry(origin.clone()).or_insert(next);
            match origins.get_mut(place) {
                Some((_, takes, range)) => {
                    takes.extend(taken);
                    *range = range.cover(path.range);
                }
                None => origins.push((origin, taken, path.range)),
            }
        }
        for (origin, takes, range) in origins {
            self.edge(index, EdgeKind::Add { instruction: at }, origin, takes, range);
        }
    }

    pub(super) fn mount(&mut self, index: usize, at: usize, mount: Mount) {
        let range = mount.range;
        let kind = EdgeKind::Mount { instruction: at, kind: mount.kind };
        let target: Vec<String> = mount.target.into_iter().collect();
        let source: Vec<String> = mount.source.into_iter().collect();
        let from = mount.from.filter(|from| !from.is_empty());
        match mount.kind {
            MountKind::Bind | MountKind::Cache => {}
            MountKind::Tmpfs => return self.edge(index, kind, Origin::Tmpfs, target, range),
            MountKind::Secret => {
                let name = |target: &String| target.rsplit('/').next().unwrap_or_default().to_owned();
                let id = mount.id.or_else(|| target.first().map(name)).unwrap_or_default();
                return self.edge(index, kind, Origin::Secret(id), Vec::new(), range);
            }
            MountKind::Ssh => {
                let id = mount.id.unwrap_or_else(|| "default".to_owned());
                return self.edge(index, kind, Origin::Ssh(id), Vec::new(), range);
            }
        }
        if mount.kind == MountKind::Cache {
            self.edge(index, kind, Origin::Cache(mount.id.unwrap_or_default()), target, range);
        }
        match from {
            Some(from) => {
                let origin = self.by_name(index, range, &from);
                if from.parse::<usize>().is_ok() && matches!(origin, Origin::Image(_)) {
                    self.issue(index, range, GraphIssueKind::IndexInMount { index: from });
                }
                self.edge(index, kind, origin, source, range);
            }
            None if mount.kind == MountKind::Bind => {
                self.edge(index, kind, Origin::Context, source, range);
            }
            // A cache without an origin starts empty.
            None => {}
        }
    }
}

fn paths<'i, 'a>(transfer: &'i Transfer<'a>) -> impl Iterator<Item = &'i Word<'a>> {
    transfer.sources.iter().filter_map(|source| match source {
        Source::Path(word) => Some(word),
        Source::Heredoc(..) => None,
    })
}
