//! What a build is told beside the Dockerfile.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/platform.go, `defaultArgs`; frontend/dockerui/config.go,
//! `NamedContext`; containerd/platforms, `Parse` and `normalizeArch`.

use std::collections::BTreeMap;

use super::source::without_credentials;

/// The arguments that every build sets before it reads the file.
pub const PREDEFINED: [&str; 11] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// What `docker build` is told that decides what the stages are built on and take.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// The values of `--build-arg` by their names. One of a predefined argument's name replaces that one alone.
    pub args: BTreeMap<String, String>,
    /// The platform that the build is for, `linux/arm64` say; this machine's where there is none.
    pub platform: Option<String>,
    /// The stage that is built, as `--target` names it.
    pub target: Option<String>,
    /// What `--build-context` names, and what each name stands for: a folder, an address, `docker-image://…`.
    pub contexts: BTreeMap<String, String>,
}

/// Values of build arguments may be secrets.
impl std::fmt::Debug for Build {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Build")
            .field("args", &self.args.keys())
            .field("platform", &self.platform)
            .field("target", &self.target)
            .field("contexts", &self.contexts.keys())
            .finish()
    }
}

impl Build {
    /// The predefined arguments' values. `last` is the name of the file's last stage.
    pub(super) fn predefined(&self, last: Option<String>) -> impl Iterator<Item = (&'static str, String)> {
        let build = [host_platform(), "linux".to_owned(), String::new(), host_architecture(), String::new()];
        let target = self.platform.as_deref().map_or_else(host_platform, normalized);
        let mut parts = target.splitn(3, '/').map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        let (system, architecture, variant) = (part(), part(), part());
        let stage = self.target.as_deref().map(str::to_lowercase).or(last);
        let target = [target, system, String::new(), architecture, variant];
        let stage = [stage.unwrap_or_else(|| "default".to_owned())];
        let values = build.into_iter().chain(target).chain(stage);
        PREDEFINED
            .into_iter()
            .zip(values)
            .map(|(name, value)| (name, self.args.get(name).cloned().unwrap_or(value)))
    }

    /// The build contexts by the names that a reference is compared with, without credentials.
    pub(super) fn named_contexts(&self) -> BTreeMap<String, String> {
        let shown = |(name, value): (&String, &String)| (familiar(name), without_credentials(value));
        self.contexts.iter().map(shown).collect()
    }
}

/// The name that stands for a reference and all ways to write it: without Docker Hub's own parts and `:latest`.
pub(super) fn familiar(reference: &str) -> String {
    let short = ["docker.io/", "index.docker.io/"].iter().find_map(|host| reference.strip_prefix(host));
    let path = short.map_or(reference, |path| path.strip_prefix("library/").unwrap_or(path));
    // Without a host a reference is Docker Hub's, whose own images are in `library`.
    let path = path.strip_prefix("library/").unwrap_or(path);
    path.strip_suffix(":latest").unwrap_or(path).to_owned()
}

fn host_platform() -> String {
    format!("linux/{}", host_architecture())
}

/// The architecture of this machine, which an engine on it builds for unless told otherwise.
fn host_architecture() -> String {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        other => other,
    };
    architecture.to_owned()
}

/// A platform in BuildKit's own words.
fn normalized(platform: &str) -> String {
    let lower = platform.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('/').collect();
    let (system, rest) = match parts.as_slice() {
        [system @ ("linux" | "windows" | "darwin" | "freebsd")] => {
            return format!("{system}/{}", host_architecture());
        }
        [_] => ("linux", parts.as_slice()),
        [system, rest @ ..] => (*system, rest),
        [] => return host_platform(),
    };
    let (architecture, variant) = (rest.first().copied().unwrap_or_default(), rest.get(1).copied());
    let (architecture, variant) = match (architecture, variant) {
        ("x86_64" | "x86-64" | "amd64", None | Some("v1")) => ("amd64", None),
        ("aarch64" | "arm64", None | Some("8" | "v8")) => ("arm64", None),
        ("armhf", _) | ("arm", None | Some("7")) => ("arm", Some("v7")),
        ("armel", _) => ("arm", Some("v6")),
        ("i386", _) => ("386", None),
        ("x86_64" | "x86-64", variant) => ("amd64", variant),
        ("aarch64", variant) => ("arm64", variant),
        other => other,
    };
    let variant = variant.map(|variant| format!("/{variant}")).unwrap_or_default();
    format!("{system}/{architecture}{variant}")
}

#[cfg(test)]
mod tests {
    use super::{Build, familiar, normalized};

    #[test]
    fn a_platform_is_said_in_buildkits_words() {
        for (written, said) in [
            ("linux/arm64/v8", "linux/arm64"),
            ("Linux/AMD64", "linux/amd64"),
            ("arm64", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/v6", "linux/arm/v6"),
            ("linux/x86_64", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
        ] {
            assert_eq!(normalized(written), said);
        }
    }

    #[test]
    fn all_ways_to_write_an_image_of_docker_hub_are_one() {
        for written in ["alpine", "alpine:latest", "docker.io/library/alpine", "library/alpine:latest"] {
            assert_eq!(familiar(written), "alpine");
        }
        assert_eq!(familiar("docker.io/me/app:1"), "me/app:1");
        assert_eq!(familiar("ghcr.io/library/app"), "ghcr.io/library/app");
    }

    #[test]
    fn the_values_of_arguments_are_not_shown() {
        let secret = || [("TOKEN".to_owned(), "hush".to_owned())].into();
        let build = Build { args: secret(), contexts: secret(), ..Build::default() };
        assert!(!format!("{build:?}").contains("hush"));
    }
}
