//! The variants of a Dockerfile that are built, measured and ranked.

use std::path::PathBuf;

use crate::context::BuildContext;
use crate::engine::{BuildArgs, BuildRequest, ContextFile, RunId};
use crate::lint::{self, Build, Effect, Fixed, Profile, Safety, Selector, Settings};
use crate::text::SourceFile;

use super::unified_diff;

/// Where a variant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The Dockerfile as it is.
    Original,
    /// All safe fixes.
    Safe,
    /// All fixes.
    Unsafe,
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
    /// The rule whose finding it mends.
    pub rule: &'static str,
    /// What it does.
    pub title: String,
    /// What in the image it is there to change.
    pub effects: Vec<Effect>,
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

/// The variants of `original`: itself, `safe`, `unsafe` and the user's own, in this order. A rewrite that changes
/// nothing, or nothing more than the one before it, makes no variant. Where `rules` are given, only their fixes count.
pub fn variants(
    original: &SourceFile,
    context: Option<&BuildContext>,
    target: Option<&str>,
    build_args: &BuildArgs,
    rules: Option<&[Selector]>,
    users: &[UserVariant],
) -> Vec<Variant> {
    let settings = Settings {
        profile: Profile::All,
        fixable: rules.map(<[Selector]>::to_vec),
        builds: vec![Build {
            target: target.map(str::to_owned),
            args: build_args.0.clone(),
            ..Build::default()
        }],
        ..Settings::default()
    };
    let make = |name: &str, origin, source: SourceFile, rewrites| Variant {
        name: name.to_owned(),
        origin,
        diff: unified_diff(original.path(), original.bytes(), source.bytes()),
        source,
        target: target.map(str::to_owned),
        build_args: build_args.clone(),
        rewrites,
    };
    let mut found = vec![make("original", Origin::Original, original.clone(), Vec::new())];
    for (name, origin, safety) in
        [("safe", Origin::Safe, Safety::Safe), ("unsafe", Origin::Unsafe, Safety::Unsafe)]
    {
        let fixed = lint::fix(original, context, &settings, safety);
        let known = found.iter().any(|variant| variant.source.bytes() == fixed.source.bytes());
        if !known {
            let rewrites = rewrites(&fixed);
            found.push(make(name, origin, fixed.source, rewrites));
        }
    }
    for user in users {
        let source = user.source.clone().unwrap_or_else(|| original.clone());
        let mut variant = make(&user.name, Origin::User, source, Vec::new());
        variant.target = user.target.clone().or(variant.target);
        variant.build_args.0.extend(user.build_args.0.clone());
        found.push(variant);
    }
    found
}

fn rewrites(fixed: &Fixed) -> Vec<Rewrite> {
    fixed
        .applied
        .iter()
        .map(|applied| Rewrite {
            rule: applied.rule.name,
            title: applied.title.clone(),
            effects: applied.effects.clone(),
        })
        .collect()
}
