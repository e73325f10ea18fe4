//! What a runtime stage can stand on.

use super::stage::{Ecosystem, SingleStage};
use crate::rewrite::Abstention;

/// Which kind of base the runtime stage gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// A distribution without documentation and build tools.
    Slim,
    /// Libraries alone: no shell, no package manager.
    Distroless,
}

/// A runtime base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuntimeBase {
    /// The image.
    pub(super) image: String,
    /// What it has not that programs look for, as packages of Debian.
    pub(super) lacks: &'static [&'static str],
    /// Whether packages can be installed and commands run in it.
    pub(super) has_shell: bool,
}

/// Debian's releases whose images a program can be built on and run on, the newest last, with their numbers.
const RELEASES: [(&str, u32); 3] = [("bullseye", 11), ("bookworm", 12), ("trixie", 13)];
/// Where a tag names no release, its image is of the newest or of one before it. A program that is built on an older C
/// library runs on a newer one.
const NEWEST: (&str, u32) = RELEASES[2];

/// The base for a program that brings all but the C library and what packages bring.
pub(super) fn for_program(stage: &SingleStage<'_>, flavour: Flavour) -> Result<RuntimeBase, Abstention> {
    // The languages' own images have certificates, Debian's has none.
    let lacks: &[&str] = if matches!(stage.image, "rust" | "golang") { &["ca-certificates"] } else { &[] };
    let slim = |image: String| Ok(RuntimeBase { image, lacks, has_shell: true });
    let is_alpine = stage.tag.contains("alpine");
    if is_alpine {
        return Err(Abstention::new(
            stage.at_base(),
            "the base is Alpine, whose packages for running programs are not in the table",
        ));
    }
    let (release, number) = release(stage.tag);
    match (stage.image, flavour) {
        ("ubuntu", Flavour::Distroless) => Err(Abstention::new(
            stage.at_base(),
            "distroless images are made of Debian, and the program is built on Ubuntu",
        )),
        ("ubuntu", Flavour::Slim) => slim(format!("ubuntu:{}", stage.tag)),
        ("rust" | "golang" | "debian", Flavour::Slim) => slim(format!("debian:{release}-slim")),
        ("rust" | "golang" | "debian", Flavour::Distroless) => {
            let kind = if stage.ecosystem == Ecosystem::Go { "base" } else { "cc" };
            Ok(RuntimeBase {
                image: format!("gcr.io/distroless/{kind}-debian{number}"),
                lacks: &[],
                has_shell: false,
            })
        }
        _ => Err(Abstention::new(
            stage.at_base(),
            format!("which smaller image fits `{}` is not in the table", stage.image),
        )),
    }
}

/// The slim image of the same language and version.
pub(super) fn slim_of_language(stage: &SingleStage<'_>) -> Result<RuntimeBase, Abstention> {
    let (image, tag) = (stage.image, stage.tag);
    if tag.contains("alpine") {
        return Err(Abstention::new(
            stage.at_base(),
            "the base is Alpine, whose packages for running programs are not in the table",
        ));
    }
    let slim = match tag.split_once('-') {
        _ if tag.split('-').any(|part| part == "slim") => tag.to_owned(),
        _ if tag == "latest" => "slim".to_owned(),
        None => format!("{tag}-slim"),
        // Python's tags have `slim` before the release, Node's behind it.
        Some((version, release)) if RELEASES.iter().any(|(name, _)| *name == release) => match image {
            "node" => format!("{version}-{release}-slim"),
            _ => format!("{version}-slim-{release}"),
        },
        Some(_) => {
            return Err(Abstention::new(
                stage.at_base(),
                format!("which smaller image fits `{image}:{tag}` is not in the table"),
            ));
        }
    };
    Ok(RuntimeBase { image: format!("{image}:{slim}"), lacks: &[], has_shell: true })
}

/// The release that a tag names.
fn release(tag: &str) -> (&'static str, u32) {
    let named = RELEASES.iter().find(|(name, _)| tag.split('-').any(|part| part == *name));
    let numbered = RELEASES
        .iter()
        .find(|(_, number)| tag.split(['-', '.']).next().is_some_and(|first| first == number.to_string()));
    named.or(numbered).copied().unwrap_or(NEWEST)
}

/// Whether the base is Debian's in full, with the tools and headers that most sources need to build.
pub(super) fn is_full(stage: &SingleStage<'_>) -> bool {
    matches!(stage.image, "rust" | "golang" | "python" | "node" | "gcc" | "ruby")
        && !stage.tag.split('-').any(|part| part == "slim")
}
