//! From arguments and configuration to a run, with a word on everything that was taken for granted.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use crate::bench::{RunRequest, expected_time, random_seed};
use crate::bytes::Bytes;
use crate::config::{Config, VariantConfig};
use crate::engine::{BuildArgs, RunId};
use crate::region::Region;
use crate::report::figures::count;
use crate::rewrite::{Origin, Project, Request, UserVariant, Variant, variants};

use super::super::contexts::folder_of;
use super::super::project::manifests;
use super::super::{Failure, read_whole};
use super::{Arguments, minutes};

/// Blocks where nothing else is said: the fewest whose interval is one of 95 %.
const BLOCKS: u32 = 7;
/// How long a container may take to get ready where nothing else is said.
const START_LIMIT: Duration = Duration::from_mins(1);
/// The structural variant that takes part without being named.
const DEFAULT_STRUCTURE: &str = "split";
/// The image size that the plan's time is worked out with, as no image is built yet.
const ASSUMED_SIZE: Bytes = Bytes(60_000_000);

/// The run that the arguments and the configuration ask for.
pub(super) fn request(arguments: &Arguments) -> Result<RunRequest, Failure> {
    let (first, others) =
        arguments.dockerfiles.split_first().ok_or_else(|| Failure::NoDockerfile(".".into()))?;
    let original = read_whole(first)?;
    let folder = folder_of(first);
    let config = Config::find(&folder)?;
    let mut assumptions = Vec::new();

    let build = arguments.build.over(&config, folder)?;
    let original_context = build.context_for(first)?;

    let mut users: Vec<UserVariant> = config.variants.iter().map(user_variant).collect::<Result<_, _>>()?;
    for path in others {
        let source = Some(read_whole(path)?);
        users.push(UserVariant {
            name: variant_name(path),
            source,
            target: None,
            build_args: BuildArgs::default(),
        });
    }
    let manifests = manifests(&build.context, Some(&original_context));
    let made = variants(&Request {
        original: &original,
        project: Project { context: Some(&original_context), manifests: Some(&manifests) },
        target: build.target.as_deref(),
        build_args: &build.args,
        rules: None,
        users: &users,
        ablate: arguments.ablate,
    });
    let chosen = choose(made.made, &arguments.variants)?;
    if !chosen.iter().any(|variant| variant.name == "safe") && arguments.variants.is_empty() {
        assumptions.push("no safe rewrite applies, so there is no variant `safe`".to_owned());
    }

    let regions = if config.regions.is_empty() {
        let regions = Region::defaults();
        assumptions.push(format!(
            "no regions are configured: {}",
            regions.iter().map(in_words).collect::<Vec<_>>().join(", ")
        ));
        regions.to_vec()
    } else {
        config.regions.clone()
    };
    let candidates =
        chosen.into_iter().map(|variant| build.candidate(variant)).collect::<Result<_, Failure>>()?;
    Ok(RunRequest {
        id: RunId::new(),
        dockerfile: original.path().to_owned(),
        candidates,
        regions,
        readiness: config.readiness.clone(),
        start_limit: config.start_limit.unwrap_or(START_LIMIT),
        blocks: arguments.blocks.or(config.blocks).unwrap_or(BLOCKS),
        seed: arguments.seed.unwrap_or_else(random_seed),
        objective: arguments.objective.clone().or(config.objective).unwrap_or_default(),
        assumptions,
    })
}

/// The plan in words, for `--dry-run`.
pub(super) fn describe(request: &RunRequest) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {} in {}, {}",
        request.dockerfile,
        count(request.candidates.len(), "variant"),
        count(request.regions.len(), "region"),
        count(request.blocks as usize, "block")
    );
    for candidate in &request.candidates {
        let variant = &candidate.variant;
        let what = match (variant.rewrites.len(), variant.diff.is_empty()) {
            (0, true) => "as it is".to_owned(),
            (0, false) => variant.source.path().to_owned(),
            (1, _) => "1 rewrite".to_owned(),
            (n, _) => format!("{n} rewrites"),
        };
        let _ = writeln!(text, "  build    {}: {what}", variant.name);
    }
    for region in &request.regions {
        let _ = writeln!(text, "  measure  {}", in_words(region));
    }
    let _ = writeln!(text, "  rank by  {}", request.objective);
    let _ = writeln!(text, "  seed     {}", request.seed);
    for assumption in &request.assumptions {
        let _ = writeln!(text, "  assumed  {assumption}");
    }
    let _ = writeln!(
        text,
        "measuring takes about {} after the builds, if the images have some {ASSUMED_SIZE} each",
        minutes(expected_time(request, ASSUMED_SIZE))
    );
    text
}

fn in_words(region: &Region) -> String {
    format!("{} ({}, emulated, {})", region.name, region.role, region.link)
}

fn user_variant(config: &VariantConfig) -> Result<UserVariant, Failure> {
    Ok(UserVariant {
        name: config.name.clone(),
        source: config.dockerfile.as_deref().map(read_whole).transpose()?,
        target: config.target.clone(),
        build_args: config.build_args.clone(),
    })
}

/// The name of a variant given as a file: the part of its name that isn't `Dockerfile`.
fn variant_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let short = name.strip_suffix(".Dockerfile").or_else(|| name.strip_prefix("Dockerfile."));
    short.filter(|short| !short.is_empty()).map_or_else(|| path.display().to_string(), str::to_owned)
}

/// The variants that were asked for. Where none was: those that fixes make, the split one, the user's, and each rewrite
/// by itself where that was asked for; every further structure makes a run longer by a build and its pulls. The original
/// always takes part: the others are held against it.
fn choose(made: Vec<Variant>, wanted: &[String]) -> Result<Vec<Variant>, Failure> {
    let known: Vec<String> = made.iter().map(|variant| format!("`{}`", variant.name)).collect();
    if let Some(unknown) = wanted.iter().find(|name| !made.iter().any(|variant| variant.name == **name)) {
        return Err(Failure::UnknownVariant { name: unknown.clone(), known });
    }
    let takes_part = |variant: &Variant| {
        let by_default = variant.origin != Origin::Structural || variant.name == DEFAULT_STRUCTURE;
        (wanted.is_empty() && by_default)
            || variant.name == crate::bench::ORIGINAL
            || wanted.contains(&variant.name)
    };
    Ok(made.into_iter().filter(takes_part).collect())
}
