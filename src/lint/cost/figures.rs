//! Sizes and rates that hold for many files, each with its source.
//!
//! "Measured" means in November 2026 on two cores of a virtual machine that other jobs shared. Times are therefore those
//! of one core and not by the clock: a lower bound that hardly depends on what else ran.

use std::time::Duration;

use crate::bytes::Bytes;

/// The link that a finding's pull is reckoned for, in bits per second. Only what the bytes themselves take on it counts:
/// round trips and the start of a connection are there without them too.
pub const REFERENCE_LINK: f64 = 100e6;

/// Compressed to unpacked, for what Debian's packages install.
/// Source: measured; a Debian root of 203.8 MB is 92.9 MB with gzip -6.
pub(super) const PACKAGES_PACKED: f64 = 0.456;

/// The same for apt's lists, which apt keeps compressed with LZ4.
/// Source: measured; those of Debian 13, with gzip -6.
pub(super) const LISTS_PACKED: f64 = 0.78;

/// The same for files of a project that are not compressed by themselves.
/// Source: measured; `node_modules` of four projects with gzip -6, 0.19 to 0.30.
pub(super) const FILES_PACKED: f64 = 0.25;

/// The same for installed Python packages.
/// Source: measured; Flask, pandas, Django, FastAPI and Ansible with gzip -6, 0.19 to 0.31.
pub(super) const PYTHON_PACKED: f64 = 0.28;

/// The same for a file of zeros.
/// Source: deflate's format, which packs 258 bytes into two bits at best.
pub(super) const ZEROS_PACKED: f64 = 0.001;

/// Bytes a second that a build writes as many small files.
/// Source: measured; a tar of 6,800 files onto ext4.
pub(super) const WRITING: f64 = 43e6;

/// What a layer costs a pull by itself, whatever its size: an engine registers one after the other.
/// Source: measured; the same 30 MB as 1, 10 and 40 layers, Engine 20.10.
pub(super) const LAYER: Duration = Duration::from_millis(75);

/// What each call of `apt-get install` takes to read the lists.
/// Source: measured; Debian 13, a call that installs nothing.
pub(super) const APT_READS: Duration = Duration::from_millis(1_300);

/// What apt and dpkg take for a package beside writing it, and the bytes a second that they unpack.
/// Source: measured; build-essential, git, curl, python3-dev and imagemagick on Debian 13.
pub(super) const APT_PACKAGE: Duration = Duration::from_millis(60);
pub(super) const APT_UNPACKS: f64 = 60e6;

/// What a call of pip takes beside unpacking and compiling, and the bytes a second that it unpacks and compiles.
/// Source: measured; Flask, pandas, Django, FastAPI and Ansible, without the download.
pub(super) const PIP_CALL: Duration = Duration::from_millis(1_300);
pub(super) const PIP_UNPACKS: f64 = 18e6;

/// The bytes that a package takes in a `package-lock.json`, what its archive has for a download and for npm's cache, and
/// how long `npm ci` is at it without the download.
/// Source: measured; four projects of 86 to 449 packages. The archives were 50 to 357 kB a package, the cache 86 to 381.
pub(super) const NPM_LOCKED: f64 = 480.0;
pub(super) const NPM_DOWNLOAD: Bytes = Bytes(200_000);
pub(super) const NPM_CACHED: Bytes = Bytes(240_000);
pub(super) const NPM_PACKAGE: Duration = Duration::from_millis(28);

/// The bytes for each user id below the highest in `/var/log/lastlog` and `/var/log/faillog`.
/// Source: glibc, `struct lastlog`; shadow, `struct faillog`; on 64 bits.
pub(super) const LOGIN_RECORD: u64 = 292 + 32;

/// A size in a table, and where it is from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sized {
    /// Of what it is the size.
    pub(super) name: &'static str,
    pub(super) bytes: Bytes,
    pub(super) source: &'static str,
}

/// `/var/lib/apt/lists` behind an `apt-get update`, by the release.
pub(super) const LISTS: &[Sized] = &[
    Sized { name: "Debian 13", bytes: Bytes(20_900_000), source: "measured in November 2026, main" },
    Sized {
        name: "Debian 12",
        bytes: Bytes(19_900_000),
        source: "measured in November 2026, main, updates and security",
    },
    Sized {
        name: "Ubuntu 22.04",
        bytes: Bytes(39_800_000),
        source: "dev.classmethod.jp, December 2022: an image with and without them",
    },
];

/// What a pull of an image downloads. Source: docker-library/repo-info, linux/amd64.
pub(super) const TOOLCHAINS: &[Sized] = &[
    Sized { name: "golang", bytes: Bytes(312_300_000), source: "docker-library/repo-info, 2026-07-14" },
    Sized { name: "golang:alpine", bytes: Bytes(75_200_000), source: "docker-library/repo-info, 2026-09-01" },
    Sized { name: "rust", bytes: Bytes(593_000_000), source: "docker-library/repo-info, 2026-08-25" },
    Sized { name: "rust:slim", bytes: Bytes(323_100_000), source: "docker-library/repo-info, 2026-08-05" },
    Sized { name: "maven", bytes: Bytes(175_800_000), source: "docker-library/repo-info, 2026-08-21" },
    Sized { name: "gradle", bytes: Bytes(376_400_000), source: "docker-library/repo-info, 2026-08-18" },
    Sized { name: "gcc", bytes: Bytes(561_200_000), source: "docker-library/repo-info, 2026-08-31" },
    Sized { name: "haskell", bytes: Bytes(825_600_000), source: "docker-library/repo-info, 2026-08-05" },
];

/// What a pull of a slim Debian downloads, and one of Alpine: a program needs one of these as well.
/// Source: docker-library/repo-info, the lowest layers of `rust:slim`, 2026-08-05, and `golang:alpine`, 2026-09-01.
pub(super) const SLIM: Bytes = Bytes(29_800_000);
pub(super) const ALPINE: Bytes = Bytes(3_800_000);

/// How long a launcher is at it before the program starts.
/// Source: measured; a script that runs an empty program, less that program.
pub(super) const LAUNCHERS: &[(&str, Duration)] = &[
    ("npm", Duration::from_millis(150)),
    ("npx", Duration::from_millis(340)),
    ("pipenv", Duration::from_millis(320)),
    ("poetry", Duration::from_millis(640)),
    ("yarn", Duration::from_millis(200)),
];

/// How long the bytes take on the reference link.
pub(super) fn on_the_link(bytes: Bytes) -> Duration {
    at(bytes, REFERENCE_LINK / 8.0)
}

/// How long the bytes take at so many of them a second.
pub(super) fn at(bytes: Bytes, rate: f64) -> Duration {
    Duration::try_from_secs_f64(bytes.as_f64() / rate).unwrap_or(Duration::MAX)
}

/// So much of the bytes.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of what was no fraction"
)]
pub(super) fn scaled(bytes: Bytes, share: f64) -> Bytes {
    Bytes((bytes.as_f64() * share).round() as u64)
}
