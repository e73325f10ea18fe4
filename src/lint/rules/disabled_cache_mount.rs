use crate::facts::{Fact, Mount, MountKind};
use crate::lint::cost::Waste;
use crate::lint::script_edits::RunScript;
use crate::lint::stage_images::lowest_image;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::packages::{self, PackageManager, Verb};
use crate::text::EditSet;

declare_rule! {
    /// A cache mount for apt that stays empty: the image tells apt to keep nothing.
    ///
    /// ## Why it matters
    /// The official images of Debian and Ubuntu, and all that are built on them, hold
    /// `/etc/apt/apt.conf.d/docker-clean`. It makes apt remove each package file as soon as it is installed. A cache
    /// mount at `/var/cache/apt` is then mounted for nothing: the next build downloads all packages again.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    ///     apt-get update && apt-get install -y --no-install-recommends nginx
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    ///     rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y --no-install-recommends nginx
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN rm -f /etc/apt/apt.conf.d/docker-clean
    /// RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    ///     apt-get update && apt-get install -y --no-install-recommends nginx
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the image is without the file, so that an image built on it, or a container, keeps what apt downloads.
    name: "disabled-cache-mount",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

/// The file that makes apt keep nothing.
const DOCKER_CLEAN: &str = "docker-clean";

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for (stage, _) in input.facts.stages.iter().enumerate().filter(|(_, facts)| facts.reached) {
        for fact in input.facts.of_stage(input.dockerfile, stage) {
            // Whoever speaks of the file knows what it does.
            if input.source.slice(fact.instruction.range).contains(DOCKER_CLEAN) {
                break;
            }
            let Some(mount) = archives(&fact).filter(|_| installs(&fact)) else { continue };
            let mut below = input.graph.chain(stage).into_iter().filter(|below| *below != stage);
            if below.any(|below| speaks_of_it(input, below)) {
                break;
            }
            let fix = RunScript::of(input, fact)
                .and_then(|run| run.insert_before(0, "rm -f /etc/apt/apt.conf.d/docker-clean"))
                .and_then(|edit| EditSet::try_from(vec![edit]).ok());
            let unless = if lowest_image(input, stage).is_some_and(has_docker_clean) {
                ""
            } else {
                "unless its base has seen to it, "
            };
            found.push(
                Diagnostic::new(
                    &RULE,
                    mount.range,
                    format!("{unless}this cache stays empty: the image's `docker-clean` removes each package after its install"),
                )
                .help("remove /etc/apt/apt.conf.d/docker-clean before apt installs")
                .fix(Safety::Unsafe, "remove docker-clean first", fix)
                .wastes(input, &fact, &Waste::DownloadsAgain),
            );
            break;
        }
    }
}

/// Whether the image is one of Debian's or Ubuntu's, or an official one built on them, from wherever it is pulled.
fn has_docker_clean(reference: &str) -> bool {
    const IMAGES: &[&str] =
        &["buildpack-deps", "debian", "golang", "node", "php", "python", "ruby", "rust", "ubuntu"];
    let name = reference.rsplit('/').next().unwrap_or(reference);
    IMAGES.contains(&name.split([':', '@']).next().unwrap_or(name))
}

/// The cache that is mounted where apt keeps packages.
fn archives<'a>(fact: &Fact<'a>) -> Option<&'a Mount> {
    let is_archives = |target: &str| {
        matches!(target.trim_end_matches('/'), "/var/cache" | "/var/cache/apt" | "/var/cache/apt/archives")
    };
    let is_cache = |mount: &&Mount| mount.kind == MountKind::Cache;
    fact.facts.mounts.iter().filter(is_cache).find(|mount| mount.target.as_deref().is_some_and(is_archives))
}

fn installs(fact: &Fact<'_>) -> bool {
    fact.facts.commands().iter().any(|occurrence| {
        packages::read(occurrence.command).is_some_and(|action| {
            action.manager == PackageManager::Apt && matches!(action.verb, Verb::Install | Verb::Upgrade)
        })
    })
}

fn speaks_of_it(input: &Input<'_>, stage: usize) -> bool {
    let facts = input.facts.of_stage(input.dockerfile, stage);
    facts.iter().any(|fact| input.source.slice(fact.instruction.range).contains(DOCKER_CLEAN))
}
