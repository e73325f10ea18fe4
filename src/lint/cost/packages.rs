//! The packages that Dockerfiles install most often, with what they bring along.
//!
//! `setup/package-sizes.py` writes the tables; their first line names the source.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use crate::bytes::Bytes;

/// Debian's packages.
pub(super) static DEBIAN: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("debian.tsv")));

/// Python's packages.
pub(super) static PYPI: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("pypi.tsv")));

/// Packages by name.
#[derive(Debug)]
pub(super) struct Table {
    /// Where the sizes come from.
    pub(super) source: &'static str,
    packages: HashMap<&'static str, Package>,
}

#[derive(Debug)]
struct Package {
    installed: Bytes,
    download: Bytes,
    depends: &'static str,
    recommends: &'static str,
}

/// Some packages together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) installed: Bytes,
    pub(super) download: Bytes,
    pub(super) count: u32,
}

/// Whether what is recommended comes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recommends {
    Installed,
    LeftOut,
}

impl Table {
    fn read(text: &'static str) -> Self {
        let (source, rows) = text.split_once('\n').unwrap_or(("", text));
        let package = |row: &'static str| {
            let mut cells = row.split('\t');
            let name = cells.next()?;
            let kilobytes = |cell: &str| cell.parse().ok().map(|size: u64| Bytes(size * 1_000));
            let (installed, download) = (kilobytes(cells.next()?)?, kilobytes(cells.next()?)?);
            let (depends, recommends) = (cells.next()?, cells.next()?);
            Some((name, Package { installed, download, depends, recommends }))
        };
        let source = source.trim_start_matches("# ");
        let source = source.split_once(", by ").map_or(source, |(source, _)| source);
        Self { source, packages: rows.lines().filter_map(package).collect() }
    }

    /// Whether the table has the package.
    #[cfg(test)]
    pub(super) fn has(&self, name: &str) -> bool {
        self.packages.contains_key(name)
    }

    /// All that installing `names` brings where `there` is there: what is there brings nothing more.
    pub(super) fn closure<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        recommends: Recommends,
        there: &BTreeSet<&str>,
    ) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        let mut todo: Vec<&str> = names.into_iter().collect();
        while let Some(name) = todo.pop() {
            let Some((name, package)) = self.packages.get_key_value(name) else { continue };
            if !there.contains(name) && found.insert(*name) {
                todo.extend(package.depends.split_ascii_whitespace());
                if recommends == Recommends::Installed {
                    todo.extend(package.recommends.split_ascii_whitespace());
                }
            }
        }
        found
    }

    /// The sizes of the packages together.
    pub(super) fn sizes<'n>(&self, names: impl IntoIterator<Item = &'n &'n str>) -> Sizes {
        let packages = names.into_iter().filter_map(|name| self.packages.get(name));
        packages.fold(Sizes::default(), |mut sizes, package| {
            sizes.installed += package.installed;
            sizes.download += package.download;
            sizes.count += 1;
            sizes
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{DEBIAN, PYPI, Recommends, Table};

    /// The table's figure, in megabytes: installed, and downloaded.
    fn of(table: &Table, name: &str, recommends: Recommends) -> (u64, u64) {
        let sizes = table.sizes(&table.closure([name], recommends, &BTreeSet::new()));
        (sizes.installed.0 / 1_000_000, sizes.download.0 / 1_000_000)
    }

    /// What `apt-get install --assume-no` said on a slim Debian 13 on 2026-11-21: "Need to get", and "After this
    /// operation".
    #[test]
    fn debians_table_says_within_a_tenth_what_apt_says() {
        use Recommends::{Installed, LeftOut};
        let near = |value: u64, apt: u64| value.abs_diff(apt) * 10 <= apt;
        for (name, recommends, installed, download) in [
            ("build-essential", LeftOut, 336, 82),
            ("build-essential", Installed, 366, 92),
            ("git", LeftOut, 119, 23),
            ("git", Installed, 135, 29),
            ("python3-pip", Installed, 443, 111),
            ("default-jdk", LeftOut, 662, 212),
            ("imagemagick", LeftOut, 43, 14),
            ("imagemagick", Installed, 189, 50),
        ] {
            let (own, got) = of(&DEBIAN, name, recommends);
            assert!(near(own, installed) && near(got, download), "{name}: {own} and {got} MB");
        }
    }

    #[test]
    fn the_tables_name_their_source_and_only_packages_that_they_have() {
        for table in [&*DEBIAN, &*PYPI] {
            assert!(
                table.source.starts_with("Debian 13") || table.source.starts_with("PyPI"),
                "{}",
                table.source
            );
            for (name, package) in &table.packages {
                for other in package.depends.split(' ').chain(package.recommends.split(' ')) {
                    assert!(other.is_empty() || table.has(other), "{name} needs {other}");
                }
            }
        }
    }
}
