//! When the publishers of the well-known base images stopped to mend them.

use super::image_name::official;

/// When the table was read; it knows of nothing that ended later.
pub(super) const READ: &str = "October 2025";

/// A release that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    /// What it is a release of.
    pub(super) product: &'static str,
    /// The release.
    pub(super) version: &'static str,
    year: u16,
    month: u8,
}

impl Ended {
    /// The month of its end, as one would say it.
    pub(super) fn date(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let month = usize::from(self.month).checked_sub(1).and_then(|index| MONTHS.get(index));
        format!("{} {}", month.copied().unwrap_or_default(), self.year)
    }
}

/// Of an official image: what it is, and of each release the version, other names in tags, and the end.
type Product = (&'static str, &'static str, &'static [(&'static str, &'static str, u16, u8)]);

/// The ends of the free, public maintenance: for Debian that of its long-term support, for Ubuntu that of its standard
/// support. Sources: wiki.debian.org/LTS, ubuntu.com/about/release-cycle, alpinelinux.org/releases, centos.org,
/// docs.fedoraproject.org, github.com/nodejs/Release, devguide.python.org/versions,
/// ruby-lang.org/en/downloads/branches, php.net/eol.php, go.dev/doc/devel/release, postgresql.org/support/versioning.
#[rustfmt::skip]
const TABLE: &[Product] = &[
    ("debian", "Debian", &[
        ("7", "wheezy", 2018, 5), ("8", "jessie", 2020, 6), ("9", "stretch", 2022, 6), ("10", "buster", 2024, 6),
    ]),
    ("ubuntu", "Ubuntu", &[
        ("12.04", "precise", 2017, 4), ("14.04", "trusty", 2019, 4), ("16.04", "xenial", 2021, 4),
        ("18.04", "bionic", 2023, 5), ("20.04", "focal", 2025, 5), ("20.10", "groovy", 2021, 7),
        ("21.04", "hirsute", 2022, 1), ("21.10", "impish", 2022, 7), ("22.10", "kinetic", 2023, 7),
        ("23.04", "lunar", 2024, 1), ("23.10", "mantic", 2024, 7), ("24.10", "oracular", 2025, 7),
    ]),
    ("alpine", "Alpine", &[
        ("3.3", "alpine3.3", 2017, 11), ("3.4", "alpine3.4", 2018, 5), ("3.5", "alpine3.5", 2018, 11),
        ("3.6", "alpine3.6", 2019, 5), ("3.7", "alpine3.7", 2019, 11), ("3.8", "alpine3.8", 2020, 5),
        ("3.9", "alpine3.9", 2020, 11), ("3.10", "alpine3.10", 2021, 5), ("3.11", "alpine3.11", 2021, 11),
        ("3.12", "alpine3.12", 2022, 5), ("3.13", "alpine3.13", 2022, 11), ("3.14", "alpine3.14", 2023, 5),
        ("3.15", "alpine3.15", 2023, 11), ("3.16", "alpine3.16", 2024, 5), ("3.17", "alpine3.17", 2024, 11),
        ("3.18", "alpine3.18", 2025, 5),
    ]),
    ("centos", "CentOS", &[
        ("6", "centos6", 2020, 11), ("7", "centos7", 2024, 6), ("8", "centos8", 2021, 12),
    ]),
    ("fedora", "Fedora", &[
        ("36", "", 2023, 5), ("37", "", 2023, 12), ("38", "", 2024, 5), ("39", "", 2024, 11), ("40", "", 2025, 5),
    ]),
    ("node", "Node.js", &[
        ("6", "", 2019, 4), ("7", "", 2017, 6), ("8", "carbon", 2019, 12), ("9", "", 2018, 6),
        ("10", "dubnium", 2021, 4), ("11", "", 2019, 6), ("12", "erbium", 2022, 4), ("13", "", 2020, 6),
        ("14", "fermium", 2023, 4), ("15", "", 2021, 6), ("16", "gallium", 2023, 9), ("17", "", 2022, 6),
        ("18", "hydrogen", 2025, 4), ("19", "", 2023, 6), ("21", "", 2024, 6), ("23", "", 2025, 6),
    ]),
    ("python", "Python", &[
        ("2.7", "", 2020, 1), ("3.4", "", 2019, 3), ("3.5", "", 2020, 9), ("3.6", "", 2021, 12),
        ("3.7", "", 2023, 6), ("3.8", "", 2024, 10), ("3.9", "", 2025, 10),
    ]),
    ("ruby", "Ruby", &[
        ("2.3", "", 2019, 3), ("2.4", "", 2020, 3), ("2.5", "", 2021, 3), ("2.6", "", 2022, 4),
        ("2.7", "", 2023, 3), ("3.0", "", 2024, 4), ("3.1", "", 2025, 3),
    ]),
    ("php", "PHP", &[
        ("5.6", "", 2018, 12), ("7.0", "", 2019, 1), ("7.1", "", 2019, 12), ("7.2", "", 2020, 11),
        ("7.3", "", 2021, 12), ("7.4", "", 2022, 11), ("8.0", "", 2023, 11),
    ]),
    ("golang", "Go", &[
        ("1.8", "", 2018, 2), ("1.9", "", 2018, 8), ("1.10", "", 2019, 2), ("1.11", "", 2019, 9),
        ("1.12", "", 2020, 2), ("1.13", "", 2020, 8), ("1.14", "", 2021, 2), ("1.15", "", 2021, 8),
        ("1.16", "", 2022, 3), ("1.17", "", 2022, 8), ("1.18", "", 2023, 2), ("1.19", "", 2023, 8),
        ("1.20", "", 2024, 2), ("1.21", "", 2024, 8), ("1.22", "", 2025, 2), ("1.23", "", 2025, 8),
    ]),
    ("postgres", "PostgreSQL", &[
        ("9.5", "", 2021, 2), ("9.6", "", 2021, 11), ("10", "", 2022, 11), ("11", "", 2023, 11), ("12", "", 2024, 11),
    ]),
];

/// The release that the image `reference` is, or is built on as its tag says, where it has ended.
pub(super) fn ended(reference: &str) -> Option<Ended> {
    let image = official(reference)?;
    let tag = reference.split('@').next()?.rsplit_once(':')?.1;
    let parts: Vec<&str> = tag.split('-').collect();
    let first = parts.first()?;
    let own = TABLE.iter().filter(|(repository, ..)| *repository == image);
    let by_version = own.flat_map(|(_, product, releases)| {
        let same = |version: &str| {
            first.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let fitting = releases.iter().filter(move |(version, ..)| same(version));
        fitting.map(|release| found(product, release))
    });
    // Whose tags are made from another image's release name that one: `node:22-buster`, `golang:1.26-alpine3.15`.
    let by_name = TABLE.iter().flat_map(|(_, product, releases)| {
        let fitting = releases.iter().filter(|(_, name, ..)| !name.is_empty() && parts.contains(name));
        fitting.map(|release| found(product, release))
    });
    let is_known = TABLE.iter().any(|(repository, ..)| *repository == image);
    by_version
        .chain(by_name.filter(|_| is_known || super::base_environment::of_image(reference).is_some()))
        .next()
}

fn found(product: &'static str, release: &(&'static str, &'static str, u16, u8)) -> Ended {
    let (version, _, year, month) = *release;
    Ended { product, version, year, month }
}

#[cfg(test)]
mod tests {
    use super::ended;

    #[test]
    fn a_release_is_known_by_its_version_its_name_and_what_it_is_built_on() {
        for (reference, product, version) in [
            ("debian:buster-20240612-slim", "Debian", "10"),
            ("docker.io/library/ubuntu:18.04", "Ubuntu", "18.04"),
            ("node:16.20.2-alpine", "Node.js", "16"),
            ("golang:1.25-alpine3.15", "Alpine", "3.15"),
            ("eclipse-temurin:21-jdk-focal", "Ubuntu", "20.04"),
            ("alpine:3.10.2", "Alpine", "3.10"),
        ] {
            let found = ended(reference).unwrap();
            assert_eq!((found.product, found.version), (product, version), "{reference}");
        }
        for lives in [
            "debian:12",
            "node:1",
            "python:3",
            "alpine:3.22",
            "golang:1.24",
            "acme/node:16",
            "node",
            "ubuntu:24.04",
        ] {
            assert_eq!(ended(lives), None, "{lives}");
        }
    }
}
