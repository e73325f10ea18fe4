//! What an image has before a Dockerfile installs anything: packages that are there cost nothing more.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::lint::image_name::official;
use crate::lint::stage_images::tag;

use super::packages::{DEBIAN, Recommends};

/// A kind of image, by the packages that it brings beside those of a slim Debian.
#[derive(Debug)]
pub(super) struct Image {
    installs: &'static [&'static str],
    all: OnceLock<BTreeSet<&'static str>>,
}

impl Image {
    const fn of(installs: &'static [&'static str]) -> Self {
        Self { installs, all: OnceLock::new() }
    }

    /// All that it brings, put together once.
    pub(super) fn all(&self) -> &BTreeSet<&'static str> {
        self.all.get_or_init(|| {
            DEBIAN.closure(self.installs.iter().copied(), Recommends::LeftOut, &BTreeSet::new())
        })
    }
}

/// What an image of which nothing is known surely brings.
pub(super) static SLIM: Image = Image::of(&[]);
static BUILDPACK: Image = Image::of(BUILDPACK_DEPS);
static GOLANG: Image = Image::of(GOLANG_INSTALLS);
static NGINX: Image = Image::of(&["ca-certificates", "curl", "gettext-base"]);
static PHP: Image = Image::of(PHP_INSTALLS);
static TEMURIN: Image =
    Image::of(&["fontconfig", "ca-certificates", "p11-kit", "tzdata", "locales", "binutils"]);

/// What the image of that name brings; nothing where nobody knows.
/// Source: the Dockerfiles of the official images, github.com/docker-library.
pub(super) fn brought(image: Option<&str>) -> Option<&'static Image> {
    let name = image.and_then(official)?;
    let tag = image.and_then(tag).unwrap_or_default();
    let is_slim = tag.split('-').any(|part| part == "slim");
    Some(match name {
        "debian" | "ubuntu" => &SLIM,
        "golang" => &GOLANG,
        "node" | "python" | "ruby" | "rust" | "perl" if is_slim => &SLIM,
        "node" | "python" | "ruby" | "rust" | "perl" | "gcc" | "buildpack-deps" => &BUILDPACK,
        "nginx" => &NGINX,
        "php" => &PHP,
        "eclipse-temurin" => &TEMURIN,
        _ => return None,
    })
}

/// `buildpack-deps:scm` and what Go's own Dockerfile adds.
const GOLANG_INSTALLS: &[&str] = &[
    "ca-certificates",
    "curl",
    "gnupg",
    "netbase",
    "wget",
    "git",
    "mercurial",
    "openssh-client",
    "subversion",
    "procps",
    "g++",
    "gcc",
    "libc6-dev",
    "make",
    "pkg-config",
];

/// What PHP's Dockerfile leaves in the image to build extensions with.
const PHP_INSTALLS: &[&str] = &[
    "autoconf",
    "dpkg-dev",
    "file",
    "g++",
    "gcc",
    "libc6-dev",
    "make",
    "pkg-config",
    "ca-certificates",
    "curl",
    "xz-utils",
];

/// `buildpack-deps`.
const BUILDPACK_DEPS: &[&str] = &[
    "ca-certificates",
    "curl",
    "gnupg",
    "netbase",
    "wget",
    "git",
    "mercurial",
    "openssh-client",
    "subversion",
    "procps",
    "autoconf",
    "automake",
    "bzip2",
    "default-libmysqlclient-dev",
    "dpkg-dev",
    "file",
    "g++",
    "gcc",
    "imagemagick",
    "libbz2-dev",
    "libc6-dev",
    "libcurl4-openssl-dev",
    "libdb-dev",
    "libevent-dev",
    "libffi-dev",
    "libgdbm-dev",
    "libglib2.0-dev",
    "libgmp-dev",
    "libjpeg-dev",
    "libkrb5-dev",
    "liblzma-dev",
    "libmagickcore-dev",
    "libmagickwand-dev",
    "libmaxminddb-dev",
    "libncurses-dev",
    "libpng-dev",
    "libpq-dev",
    "libreadline-dev",
    "libsqlite3-dev",
    "libssl-dev",
    "libtool",
    "libwebp-dev",
    "libxml2-dev",
    "libxslt1-dev",
    "libyaml-dev",
    "make",
    "patch",
    "unzip",
    "xz-utils",
    "zlib1g-dev",
];

#[cfg(test)]
mod tests {
    use super::{BUILDPACK_DEPS, GOLANG_INSTALLS, PHP_INSTALLS, brought};
    use crate::lint::cost::packages::DEBIAN;

    #[test]
    fn an_image_is_known_by_its_name_and_tag() {
        let count = |image| brought(Some(image)).map(|image| image.all().len());
        assert_eq!(count("node:22-slim"), Some(0));
        assert!(count("docker.io/library/node:22-trixie") > count("golang:1.25"));
        assert!(count("golang:1.25") > count("nginx:1.29"));
        assert_eq!(count("registry.example.net/node:22-slim"), None);
        assert!(brought(None).is_none());
    }

    #[test]
    fn the_table_has_what_an_image_brings() {
        for name in BUILDPACK_DEPS.iter().chain(GOLANG_INSTALLS).chain(PHP_INSTALLS) {
            assert!(DEBIAN.has(name), "{name}");
        }
    }
}
