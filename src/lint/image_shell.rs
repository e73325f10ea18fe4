//! Which shell an image's `/bin/sh` is.

use crate::shell::Dialect;

use super::Input;
use super::image_name::official;
use super::stage_images::lowest_image;

/// Distributions by the words in their images' names, the plainest last, each with its `sh`.
const BY_WORD: [(&str, Dialect); 30] = [
    ("alpine", Dialect::Ash),
    ("busybox", Dialect::Ash),
    ("openwrt", Dialect::Ash),
    ("almalinux", Dialect::Bash),
    ("amazonlinux", Dialect::Bash),
    ("archlinux", Dialect::Bash),
    ("centos", Dialect::Bash),
    ("fedora", Dialect::Bash),
    ("manylinux", Dialect::Bash),
    ("opensuse", Dialect::Bash),
    ("oraclelinux", Dialect::Bash),
    ("rocky", Dialect::Bash),
    ("rhel", Dialect::Bash),
    ("ubi7", Dialect::Bash),
    ("ubi8", Dialect::Bash),
    ("ubi9", Dialect::Bash),
    ("ubi10", Dialect::Bash),
    ("debian", Dialect::Dash),
    ("ubuntu", Dialect::Dash),
    ("buster", Dialect::Dash),
    ("bullseye", Dialect::Dash),
    ("bookworm", Dialect::Dash),
    ("trixie", Dialect::Dash),
    ("stretch", Dialect::Dash),
    ("xenial", Dialect::Dash),
    ("bionic", Dialect::Dash),
    ("focal", Dialect::Dash),
    ("jammy", Dialect::Dash),
    ("noble", Dialect::Dash),
    ("buildpack-deps", Dialect::Dash),
];

/// Official images that are built on Debian where their tag names nothing else.
/// Source: github.com/docker-library/official-images.
const ON_DEBIAN: [&str; 20] = [
    "cassandra",
    "elixir",
    "erlang",
    "gcc",
    "golang",
    "haproxy",
    "httpd",
    "mariadb",
    "mongo",
    "nginx",
    "node",
    "perl",
    "php",
    "postgres",
    "pypy",
    "python",
    "redis",
    "ruby",
    "rust",
    "tomcat",
];

/// The shell that `/bin/sh` is in the image at the bottom of the stage; nothing where that is not known.
pub(super) fn image_shell(input: &Input<'_>, stage: usize) -> Option<Dialect> {
    of_image(lowest_image(input, stage)?)
}

fn of_image(reference: &str) -> Option<Dialect> {
    let name = reference.split('@').next()?.to_ascii_lowercase();
    let by_word = BY_WORD.iter().find(|(word, _)| name.contains(word)).map(|(_, shell)| *shell);
    let on_debian =
        || official(reference).is_some_and(|image| ON_DEBIAN.contains(&image)).then_some(Dialect::Dash);
    by_word.or_else(on_debian)
}

#[cfg(test)]
mod tests {
    use super::of_image;
    use crate::shell::Dialect::{Ash, Bash, Dash};

    #[test]
    fn the_shell_follows_from_the_distribution() {
        for (reference, shell) in [
            ("alpine:3.22", Some(Ash)),
            ("python:3.13-alpine", Some(Ash)),
            ("python:3.13", Some(Dash)),
            ("ghcr.io/company/ubuntu-base:1", Some(Dash)),
            ("registry.access.redhat.com/ubi9/ubi-minimal", Some(Bash)),
            ("amazonlinux:2023", Some(Bash)),
            ("ghcr.io/company/base", None),
        ] {
            assert_eq!(of_image(reference), shell, "{reference}");
        }
    }
}
