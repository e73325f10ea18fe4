//! What an image has before a Dockerfile installs anything: packages that are there cost nothing more.

use crate::lint::image_name::official;
use crate::lint::stage_images::tag;

/// The packages that an image brings beside those of a slim Debian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brought {
    /// These.
    Known(&'static [&'static str]),
    /// Nobody knows.
    Unknown,
}

/// What the image of that name brings.
/// Source: the Dockerfiles of the official images, github.com/docker-library.
pub(super) fn brought(image: Option<&str>) -> Brought {
    let Some(name) = image.and_then(official) else { return Brought::Unknown };
    let tag = image.and_then(tag).unwrap_or_default();
    let is_slim = tag.split('-').any(|part| part == "slim");
    match name {
        "debian" | "ubuntu" => Brought::Known(&[]),
        "golang" => Brought::Known(GOLANG),
        "node" | "python" | "ruby" | "rust" | "perl" if is_slim => Brought::Known(&[]),
        "node" | "python" | "ruby" | "rust" | "perl" | "gcc" | "buildpack-deps" => Brought::Known(BUILDPACK),
        "nginx" => Brought::Known(&["ca-certificates", "curl", "gettext-base"]),
        "php" => Brought::Known(PHP),
        "eclipse-temurin" => {
            Brought::Known(&["fontconfig", "ca-certificates", "p11-kit", "tzdata", "locales", "binutils"])
        }
        _ => Brought::Unknown,
    }
}

/// `buildpack-deps:scm` and what Go's own Dockerfile adds.
const GOLANG: &[&str] = &[
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
const PHP: &[&str] = &[
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
const BUILDPACK: &[&str] = &[
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
    use super::{BUILDPACK, Brought, GOLANG, PHP, brought};
    use crate::lint::cost::packages::DEBIAN;

    #[test]
    fn an_image_is_known_by_its_name_and_tag() {
        assert_eq!(brought(Some("node:22-slim")), Brought::Known(&[]));
        assert_eq!(brought(Some("docker.io/library/node:22-trixie")), Brought::Known(BUILDPACK));
        assert_eq!(brought(Some("registry.example.net/node:22-slim")), Brought::Unknown);
        assert_eq!(brought(None), Brought::Unknown);
    }

    #[test]
    fn the_table_has_what_an_image_brings() {
        for name in BUILDPACK.iter().chain(GOLANG).chain(PHP) {
            assert!(DEBIAN.has(name) || *name == "tzdata", "{name}");
        }
    }
}
