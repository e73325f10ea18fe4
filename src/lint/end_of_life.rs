//! When the publishers of the well-known base images stopped to mend them.

use super::image_name::official;

/// When the table was read; it knows of nothing that ended later.
pub(super) const READ: &str = "August 2026";

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
/// support.
/// Source: endoflife.date as of 22 August 2026, which cites the publishers' own pages; for Ruby
/// ruby-lang.org/en/downloads/branches, for Debian wiki.debian.org/LTS.
#[rustfmt::skip]
const TABLE: &[Product] = &[
    ("debian", "Debian", &[
        ("7", "wheezy", 2018, 5), ("8", "jessie", 2020, 6), ("9", "stretch", 2022, 6),
        ("10", "buster", 2024, 6), ("11", "bullseye", 2026, 8),
    ]),
    ("ubuntu", "Ubuntu", &[
        ("12.04", "precise", 2017, 4), ("12.10", "quantal", 2014, 5), ("13.04", "raring", 2014, 1),
        ("13.10", "saucy", 2014, 7), ("14.04", "trusty", 2019, 4), ("14.10", "utopic", 2015, 7),
        ("15.04", "vivid", 2016, 2), ("15.10", "wily", 2016, 7), ("16.04", "xenial", 2021, 4),
        ("16.10", "yakkety", 2017, 7), ("17.04", "zesty", 2018, 1), ("17.10", "artful", 2018, 7),
        ("18.04", "bionic", 2023, 5), ("18.10", "cosmic", 2019, 7), ("19.04", "disco", 2020, 1),
        ("19.10", "eoan", 2020, 7), ("20.04", "focal", 2025, 5), ("20.10", "groovy", 2021, 7),
        ("21.04", "hirsute", 2022, 1), ("21.10", "impish", 2022, 7), ("22.10", "kinetic", 2023, 7),
        ("23.04", "lunar", 2024, 1), ("23.10", "mantic", 2024, 7), ("24.10", "oracular", 2025, 7),
        ("25.04", "plucky", 2026, 1), ("25.10", "questing", 2026, 7),
    ]),
    ("alpine", "Alpine", &[
        ("3.0", "alpine3.0", 2016, 5), ("3.1", "alpine3.1", 2016, 11), ("3.2", "alpine3.2", 2017, 5),
        ("3.3", "alpine3.3", 2017, 11), ("3.4", "alpine3.4", 2018, 5), ("3.5", "alpine3.5", 2018, 11),
        ("3.6", "alpine3.6", 2019, 5), ("3.7", "alpine3.7", 2019, 11), ("3.8", "alpine3.8", 2020, 5),
        ("3.9", "alpine3.9", 2020, 11), ("3.10", "alpine3.10", 2021, 5), ("3.11", "alpine3.11", 2021, 11),
        ("3.12", "alpine3.12", 2022, 5), ("3.13", "alpine3.13", 2022, 11), ("3.14", "alpine3.14", 2023, 5),
        ("3.15", "alpine3.15", 2023, 11), ("3.16", "alpine3.16", 2024, 5), ("3.17", "alpine3.17", 2024, 11),
        ("3.18", "alpine3.18", 2025, 5), ("3.19", "alpine3.19", 2025, 11), ("3.20", "alpine3.20", 2026, 4),
    ]),
    ("amazonlinux", "Amazon Linux", &[
        ("1", "", 2023, 12), ("2", "", 2026, 6), ("2018.03", "", 2023, 12),
    ]),
    ("centos", "CentOS", &[
        ("5", "centos5", 2017, 3), ("6", "centos6", 2020, 11), ("7", "centos7", 2024, 6),
        ("8", "centos8", 2021, 12),
    ]),
    ("fedora", "Fedora", &[
        ("28", "", 2019, 5), ("29", "", 2019, 11), ("30", "", 2020, 5), ("31", "", 2020, 11),
        ("32", "", 2021, 5), ("33", "", 2021, 11), ("34", "", 2022, 6), ("35", "", 2022, 12),
        ("36", "", 2023, 5), ("37", "", 2023, 12), ("38", "", 2024, 5), ("39", "", 2024, 11),
        ("40", "", 2025, 5), ("41", "", 2025, 12), ("42", "", 2026, 5),
    ]),
    ("oraclelinux", "Oracle Linux", &[
        ("6", "oraclelinux6", 2021, 3), ("7", "oraclelinux7", 2024, 12),
    ]),
    ("node", "Node.js", &[
        ("4", "argon", 2018, 4), ("5", "", 2016, 6), ("6", "boron", 2019, 4), ("7", "", 2017, 6),
        ("8", "carbon", 2019, 12), ("9", "", 2018, 6), ("10", "dubnium", 2021, 4), ("11", "", 2019, 6),
        ("12", "erbium", 2022, 4), ("13", "", 2020, 6), ("14", "fermium", 2023, 4), ("15", "", 2021, 6),
        ("16", "gallium", 2023, 9), ("17", "", 2022, 6), ("18", "hydrogen", 2025, 4), ("19", "", 2023, 6),
        ("20", "iron", 2026, 4), ("21", "", 2024, 6), ("23", "", 2025, 6), ("25", "", 2026, 6),
    ]),
    ("python", "Python", &[
        ("2.6", "", 2013, 10), ("2.7", "", 2020, 1), ("3.2", "", 2016, 2), ("3.3", "", 2017, 9),
        ("3.4", "", 2019, 3), ("3.5", "", 2020, 9), ("3.6", "", 2021, 12), ("3.7", "", 2023, 6),
        ("3.8", "", 2024, 10), ("3.9", "", 2025, 10),
    ]),
    ("ruby", "Ruby", &[
        ("1.9", "", 2015, 2), ("2.0", "", 2016, 2), ("2.1", "", 2017, 3), ("2.2", "", 2018, 3),
        ("2.3", "", 2019, 3), ("2.4", "", 2020, 3), ("2.5", "", 2021, 4), ("2.6", "", 2022, 4),
        ("2.7", "", 2023, 3), ("3.0", "", 2024, 4), ("3.1", "", 2025, 3), ("3.2", "", 2026, 4),
    ]),
    ("php", "PHP", &[
        ("5.3", "", 2014, 8), ("5.4", "", 2015, 9), ("5.5", "", 2016, 7), ("5.6", "", 2018, 12),
        ("7.0", "", 2019, 1), ("7.1", "", 2019, 12), ("7.2", "", 2020, 11), ("7.3", "", 2021, 12),
        ("7.4", "", 2022, 11), ("8.0", "", 2023, 11), ("8.1", "", 2025, 12),
    ]),
    ("golang", "Go", &[
        ("1.8", "", 2018, 2), ("1.9", "", 2018, 8), ("1.10", "", 2019, 2), ("1.11", "", 2019, 9),
        ("1.12", "", 2020, 2), ("1.13", "", 2020, 8), ("1.14", "", 2021, 2), ("1.15", "", 2021, 8),
        ("1.16", "", 2022, 3), ("1.17", "", 2022, 8), ("1.18", "", 2023, 2), ("1.19", "", 2023, 9),
        ("1.20", "", 2024, 2), ("1.21", "", 2024, 8), ("1.22", "", 2025, 2), ("1.23", "", 2025, 8),
        ("1.24", "", 2026, 2), ("1.25", "", 2026, 8),
    ]),
    ("postgres", "PostgreSQL", &[
        ("9.0", "", 2015, 10), ("9.1", "", 2016, 10), ("9.2", "", 2017, 11), ("9.3", "", 2018, 11),
        ("9.4", "", 2020, 2), ("9.5", "", 2021, 2), ("9.6", "", 2021, 11), ("10", "", 2022, 11),
        ("11", "", 2023, 11), ("12", "", 2024, 11), ("13", "", 2025, 11),
    ]),
    ("mysql", "MySQL", &[
        ("5.5", "", 2018, 12), ("5.6", "", 2021, 2), ("5.7", "", 2023, 10), ("8.0", "", 2026, 4),
        ("8.1", "", 2023, 10), ("8.2", "", 2023, 12), ("8.3", "", 2024, 4), ("9.0", "", 2024, 10),
        ("9.1", "", 2025, 1), ("9.2", "", 2025, 4), ("9.3", "", 2025, 7), ("9.4", "", 2025, 10),
        ("9.5", "", 2026, 1), ("9.6", "", 2026, 4),
    ]),
    ("mariadb", "MariaDB", &[
        ("5.5", "", 2020, 4), ("10.0", "", 2019, 3), ("10.1", "", 2020, 10), ("10.2", "", 2022, 5),
        ("10.3", "", 2023, 5), ("10.4", "", 2024, 6), ("10.5", "", 2025, 6), ("10.6", "", 2026, 7),
        ("10.7", "", 2023, 2), ("10.8", "", 2023, 5), ("10.9", "", 2023, 8), ("10.10", "", 2023, 11),
        ("11.0", "", 2024, 6), ("11.1", "", 2024, 8), ("11.2", "", 2024, 11), ("11.3", "", 2024, 5),
        ("11.5", "", 2024, 11), ("11.6", "", 2025, 2), ("11.7", "", 2025, 5), ("12.0", "", 2025, 11),
        ("12.1", "", 2026, 2), ("12.2", "", 2026, 5),
    ]),
    ("mongo", "MongoDB", &[
        ("3.0", "", 2018, 2), ("3.2", "", 2018, 9), ("3.4", "", 2020, 1), ("3.6", "", 2021, 4),
        ("4.0", "", 2022, 4), ("4.2", "", 2023, 4), ("4.4", "", 2024, 2), ("5.0", "", 2024, 10),
        ("5.1", "", 2022, 1), ("5.2", "", 2022, 3), ("5.3", "", 2022, 7), ("6.0", "", 2025, 7),
        ("6.1", "", 2023, 2), ("6.2", "", 2023, 4), ("6.3", "", 2023, 8), ("7.1", "", 2024, 1),
        ("7.2", "", 2024, 3), ("7.3", "", 2024, 10), ("8.1", "", 2025, 9), ("8.2", "", 2026, 7),
    ]),
    ("redis", "Redis", &[
        ("5.0", "", 2022, 4), ("6.0", "", 2022, 5), ("7.0", "", 2024, 7),
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
            ("golang:1.26-alpine3.15", "Alpine", "3.15"),
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
            "golang:1.26",
            "acme/node:16",
            "node",
            "ubuntu:24.04",
        ] {
            assert_eq!(ended(lives), None, "{lives}");
        }
    }
}
