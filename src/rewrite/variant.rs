//! The variants of a Dockerfile that are built, measured and ranked.

use std::path::PathBuf;

use crate::engine::{BuildArgs, BuildRequest, ContextFile, RunId};
use crate::lint::{self, Applied, Build, Effect, Profile, Safety, Selector, Settings};
use crate::text::SourceFile;

use super::transforms::DEPENDENCIES_FIRST;
use super::{Abstention, Change, Project, TRANSFORMS, Transform, attempt, unified_diff};

/// Where a variant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The Dockerfile as it is.
    Original,
    /// All safe fixes.
    Safe,
    /// All fixes.
    Unsafe,
    /// A transform, with all fixes.
    Structural,
    /// All fixes of one rule, or one transform alone.
    Alone,
    /// The user's own Dockerfile, target or build arguments.
    User,
}

/// One way to build the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Its name in every table.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The whole text.
    pub source: SourceFile,
    /// The stage to build; the last one where none is named.
    pub target: Option<String>,
    /// Build arguments. Values never reach a report.
    pub build_args: BuildArgs,
    /// What was done to the original, in order.
    pub rewrites: Vec<Rewrite>,
    /// The unified diff from the original; empty where the text is the same.
    pub diff: String,
}

/// One change that a variant carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// The rule whose finding it mends, or the transform.
    pub rule: &'static str,
    /// What it does.
    pub title: String,
    /// What can be different in the image, a sentence each, as far as the transform says so.
    pub can_differ: Vec<String>,
    /// What in the image it is there to change.
    pub effects: Vec<Effect>,
}

impl Rewrite {
    fn of(transform: &Transform, change: Change) -> Self {
        Self { rule: transform.name, title: change.title, can_differ: change.can_differ, effects: Vec::new() }
    }
}

/// A variant with the files that its build may see.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The variant.
    pub variant: Variant,
    /// Its build context, after `.dockerignore`.
    pub files: Vec<ContextFile>,
    /// The folder of the context.
    pub context: PathBuf,
}

impl Candidate {
    /// Its build in a run, to an image of that name.
    pub fn request(&self, run: &RunId, tag: String) -> BuildRequest {
        BuildRequest {
            dockerfile: self.variant.source.bytes().to_vec(),
            files: self.files.clone(),
            context: Some(self.context.clone()),
            target: self.variant.target.clone(),
            build_args: self.variant.build_args.clone(),
            tag: Some(tag),
            labels: [run.label()].into(),
            ..BuildRequest::default()
        }
    }
}

/// A variant that the user brings.
#[derive(Debug, Clone)]
pub struct UserVariant {
    /// Its name.
    pub name: String,
    /// Its own Dockerfile; the original where there is none.
    pub source: Option<SourceFile>,
    /// Its target.
    pub target: Option<String>,
    /// Its build arguments.
    pub build_args: BuildArgs,
}

/// What variants are made of.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The Dockerfile.
    pub original: &'a SourceFile,
    /// The project around it.
    pub project: Project<'a>,
    /// The stage to build; the last one where none is named.
    pub target: Option<&'a str>,
    /// The build arguments of all variants.
    pub build_args: &'a BuildArgs,
    /// Where there are any, only the fixes of these rules count, and no transform is attempted.
    pub rules: Option<&'a [Selector]>,
    /// The user's own variants.
    pub users: &'a [UserVariant],
    /// Whether each rewrite also makes a variant by itself, so that its own effect can be measured.
    pub ablate: bool,
}

/// The variants of a Dockerfile, and what made none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variants {
    /// The variants; no two of those that Plimsoll makes have the same text.
    pub made: Vec<Variant>,
    /// The transforms that had something to do and left it.
    pub abstained: Vec<Abstained>,
}

/// A transform that left the file as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abstained {
    /// Its name.
    pub transform: &'static str,
    /// The line of the original that what stands in the way is on.
    pub line: usize,
    /// Why, in a plain sentence without a full stop.
    pub reason: String,
}

/// Rules whose fixes a transform builds on: with them, what is installed stands before what is copied.
const BEFORE_TRANSFORMS: [&str; 2] = ["sources-before-dependencies", "unlocked-install"];

/// The variants of a Dockerfile: itself, `safe`, `unsafe`, one a transform that applies, and the user's own, in this
/// order. A rewrite that changes nothing, or that comes to the text of one before it, makes no variant; nor does a
/// transform whose name the user has given to a variant.
pub fn variants(request: &Request<'_>) -> Variants {
    let Request { original, users, .. } = *request;
    let mut found = Variants { made: Vec::new(), abstained: Vec::new() };
    found.made.push(request.variant("original", Origin::Original, original.clone(), Vec::new()));
    for (name, origin, safety) in
        [("safe", Origin::Safe, Safety::Safe), ("unsafe", Origin::Unsafe, Safety::Unsafe)]
    {
        let fixed = lint::fix(original, request.project.context, &request.all_rules(), safety);
        found.add(request.variant(name, origin, fixed.source, rewrites(&fixed.applied)));
    }
    let transforms = if request.rules.is_some() { &[] } else { TRANSFORMS };
    for transform in
        transforms.iter().filter(|transform| users.iter().all(|user| user.name != transform.name))
    {
        match request.transformed(transform) {
            Ok(Some(variant)) => found.add(variant),
            Ok(None) => {}
            Err(abstention) => found.abstained.push(Abstained {
                transform: transform.name,
                line: original.line_column(abstention.range.start()).line,
                reason: abstention.reason,
            }),
        }
    }
    if request.ablate {
        for variant in request.alone(&found.made) {
            found.add(variant);
        }
    }
    for user in users {
        let source = user.source.clone().unwrap_or_else(|| original.clone());
        let mut variant = request.variant(&user.name, Origin::User, source, Vec::new());
        variant.target = user.target.clone().or(variant.target);
        variant.build_args.0.extend(user.build_args.0.clone());
        found.made.push(variant);
    }
    found
}

impl Variants {
    /// Adds a variant, unless its text is there already.
    fn add(&mut self, variant: Variant) {
        if !self.made.iter().any(|known| known.source.bytes() == variant.source.bytes()) {
            self.made.push(variant);
        }
    }
}

impl Request<'_> {
    /// Every rule, for this build.
    fn all_rules(&self) -> Settings {
        Settings {
            profile: Profile::All,
            fixable: self.rules.map(<[Selector]>::to_vec),
            builds: vec![Build {
                target: self.target.map(str::to_owned),
                args: self.build_args.0.clone(),
                ..Build::default()
            }],
            ..Settings::default()
        }
    }

    fn variant(&self, name: &str, origin: Origin, source: SourceFile, rewrites: Vec<Rewrite>) -> Variant {
        Variant {
            name: name.to_owned(),
            origin,
            diff: unified_diff(self.original.path(), self.original.bytes(), source.bytes()),
            source,
            target: self.target.map(str::to_owned),
            build_args: self.build_args.clone(),
            rewrites,
        }
    }

    /// The fixes that the transform builds on, the transform, and all fixes of what it has made. What stands in the way
    /// of it is told by its place in the original, so the original is asked first.
    fn transformed(&self, transform: &Transform) -> Result<Option<Variant>, Abstention> {
        let Self { original, project, target, build_args, .. } = *self;
        let plain = attempt(transform, original, project, target, build_args)?;
        if plain.is_none() {
            return Ok(None);
        }
        let selected =
            BEFORE_TRANSFORMS.iter().filter_map(|name| lint::find(name)).map(Selector::of).collect();
        let before = Settings { select: Some(selected), ..self.all_rules() };
        let prepared = lint::fix(original, project.context, &before, Safety::Unsafe);
        let mut done = rewrites(&prepared.applied);
        let mut source = prepared.source;
        // What is split is also built again and again.
        if transform.name != DEPENDENCIES_FIRST.name
            && let Ok(Some(first)) = attempt(&DEPENDENCIES_FIRST, &source, project, target, build_args)
        {
            done.push(Rewrite::of(&DEPENDENCIES_FIRST, first.change));
            source = first.source;
        }
        // Where all this stands in the transform's way it goes without.
        let built_on = attempt(transform, &source, project, target, build_args).ok().flatten();
        if built_on.is_none() {
            done.clear();
        }
        let transformed = built_on.or(plain);
        let Some(transformed) = transformed else { return Ok(None) };
        done.push(Rewrite::of(transform, transformed.change));
        let fixed = lint::fix(&transformed.source, project.context, &self.all_rules(), Safety::Unsafe);
        done.extend(rewrites(&fixed.applied));
        Ok(Some(self.variant(transform.name, Origin::Structural, fixed.source, done)))
    }

    /// One variant for each rule and each transform that had a part in one of `made`.
    fn alone(&self, made: &[Variant]) -> Vec<Variant> {
        let Self { original, project, target, build_args, .. } = *self;
        let mut names: Vec<&'static str> =
            made.iter().flat_map(|variant| &variant.rewrites).map(|rewrite| rewrite.rule).collect();
        names.sort_unstable();
        names.dedup();
        let mut found = Vec::new();
        for name in names {
            let (source, rewrites) = if let Some(rule) = lint::find(name) {
                let fixed = lint::fix(original, project.context, &Settings::only(rule), Safety::Unsafe);
                (fixed.source, rewrites(&fixed.applied))
            } else {
                let transform = TRANSFORMS.iter().find(|transform| transform.name == name);
                let done = transform
                    .and_then(|transform| attempt(transform, original, project, target, build_args).ok()?);
                let Some(done) = done else { continue };
                (
                    done.source,
                    transform.map(|transform| Rewrite::of(transform, done.change)).into_iter().collect(),
                )
            };
            found.push(self.variant(&format!("only-{name}"), Origin::Alone, source, rewrites));
        }
        found
    }
}

fn rewrites(applied: &[Applied]) -> Vec<Rewrite> {
    let rewrite = |applied: &Applied| Rewrite {
        rule: applied.rule.name,
        title: applied.title.clone(),
        can_differ: Vec::new(),
        effects: applied.effects.clone(),
    };
    applied.iter().map(rewrite).collect()
}
