//! What the name in a `FROM`, a `--from` or a mount means: a stage, a named context or an image.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, `buildDispatchStates`, `toCommand`.

use crate::dockerfile::{Body, From, Instruction, nearest};
use crate::text::TextRange;

use super::build::familiar;
use super::circle::Later;
use super::resolve::Resolver;
use super::{Base, GraphIssueKind, Origin};

/// The longest reference, in bytes, that variables may come to; nobody has a longer one, and files could make
/// themselves as large as they like with it. An image's has at most 255 and a tag and a digest.
const LONGEST_REFERENCE: usize = 2048;

impl Resolver<'_> {
    /// The named context that stands for a stage of its name.
    pub(super) fn replacement(&self, index: usize, from: &From) -> Option<Base> {
        let name = self.names.get(index)?.clone()?;
        let is_given = !is_reserved(&name) && self.graph.contexts.contains_key(&familiar(&name));
        is_given.then_some(Base::NamedContext { name, range: from.image.range })
    }

    /// The named context that a reference is, where it is no stage's.
    fn named_context(&self, reference: &str) -> Option<String> {
        Some(familiar(reference)).filter(|name| self.graph.contexts.contains_key(name))
    }

    pub(super) fn base(&mut self, index: usize, from: &From) -> Base {
        let (written, range) = (from.image.text.to_string(), from.image.range);
        let expansion = match self.expand(&self.global, &written) {
            Ok(expansion) => expansion,
            Err(error) => {
                self.issue(index, range, GraphIssueKind::Expansion { written: written.clone(), error });
                return Base::Unresolved { written, range };
            }
        };
        let reference = expansion.text;
        let names: Vec<String> = expansion.missing.into_iter().collect();
        if !names.is_empty() {
            self.issue(index, range, GraphIssueKind::Unset { names });
        } else if reference.is_empty() {
            self.issue(index, range, GraphIssueKind::BlankBase { written: written.clone() });
        }
        if reference.is_empty() || reference.len() > written.len().max(LONGEST_REFERENCE) {
            return Base::Unresolved { written, range };
        }
        if let Some(stage) = self.before(index, &reference).last() {
            return Base::Stage(*stage);
        }
        if reference == "scratch" {
            return Base::Scratch;
        }
        if let Some(name) = self.named_context(&reference) {
            return Base::NamedContext { name, range };
        }
        let lower = reference.to_lowercase();
        if self.before(index, &lower).is_empty() {
            self.suggest_stage(index, range, &reference);
        } else {
            self.issue(index, range, GraphIssueKind::BaseCase { name: reference.clone(), stage: lower });
        }
        self.images.entry(reference.clone()).or_insert(index);
        Base::Image { reference, range }
    }

    /// The stages of that name before the one at `index`.
    fn before(&self, index: usize, name: &str) -> &[usize] {
        let stages = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        stages.get(..stages.partition_point(|stage| *stage < index)).unwrap_or_default()
    }

    /// Finds what `COPY --from` or a mount names: the last stage of that name in the whole file, or else an image.
    pub(super) fn by_name(&mut self, index: usize, range: TextRange, written: &str) -> Origin {
        let lower = written.to_lowercase();
        match self.by_name.get(&lower).and_then(|stages| stages.last()).copied() {
            Some(stage) => self.earlier(index, range, stage, written),
            None if written == "scratch" => Origin::Scratch,
            None => {
                if let Some(name) = self.named_context(written) {
                    return Origin::NamedContext(name);
                }
                self.suggest_stage(index, range, written);
                Origin::Image(written.to_owned())
            }
        }
    }

    pub(super) fn by_index(&mut self, index: usize, range: TextRange, number: i64, written: &str) -> Origin {
        if let Some(stage) = usize::try_from(number).ok().filter(|stage| *stage < self.names.len()) {
            return self.earlier(index, range, stage, written);
        }
        let count = self.names.len();
        self.issue(index, range, GraphIssueKind::NoSuchIndex { index: written.to_owned(), count });
        Origin::Unresolved(written.to_owned())
    }

    /// BuildKit finds a later stage and then refuses to take from it.
    fn earlier(&mut self, index: usize, range: TextRange, stage: usize, written: &str) -> Origin {
        let kind = match stage.cmp(&index) {
            std::cmp::Ordering::Less => return Origin::Stage(stage),
            std::cmp::Ordering::Equal => GraphIssueKind::OwnStage,
            std::cmp::Ordering::Greater => GraphIssueKind::LaterStage { name: written.to_owned() },
        };
        if stage > index {
            self.later.push(Later { stage: index, to: stage, issue: self.graph.issues.len() });
        }
        self.issue(index, range, kind);
        Origin::Unresolved(written.to_owned())
    }

    /// Says so where a plain name is no stage's and nearly one.
    fn suggest_stage(&mut self, index: usize, range: TextRange, written: &str) {
        if written.contains(['/', ':', '@', '.']) {
            return;
        }
        // What another stage is built on is an image, however near a stage's name it is.
        if self.taken_images.contains(written) {
            return;
        }
        // Nobody has more stages in mind; a file that has would take time in the square of them.
        let earlier = self.names.iter().take(index).flatten().rev().take(100).map(String::as_str);
        if let Some(suggestion) = nearest(written, earlier).filter(|suggestion| suggestion != written) {
            let name = written.to_owned();
            self.issue(index, range, GraphIssueKind::LikelyStage { name, suggestion });
        }
    }

    pub(super) fn check_name(&mut self, index: usize, instruction: &Instruction) {
        let Some(name) = self.names.get(index).cloned().flatten() else { return };
        let Body::From(From { alias: Some(alias), .. }) = &instruction.body else { return };
        if is_reserved(&name) {
            self.issue(index, alias.range, GraphIssueKind::ReservedName { name: name.clone() });
        }
        if let Some(first) = self.before(index, &name).first().copied() {
            self.issue(index, alias.range, GraphIssueKind::DuplicateName { name: name.clone(), first });
        }
        if let Some(stage) = self.images.get(&name).copied() {
            self.issue(index, alias.range, GraphIssueKind::ShadowedImage { name, stage });
        }
    }
}

fn is_reserved(name: &str) -> bool {
    matches!(name, "context" | "scratch")
}
