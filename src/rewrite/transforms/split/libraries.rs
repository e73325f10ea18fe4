//! What the packages of a language link, by the packages of Debian that bring it.

/// Crates that link a library of the system, by the end of whose name one knows: `-sys`. None where the crate builds
/// the library itself, or where it is none of Linux.
const CRATES: &[(&str, &[&str])] = &[
    ("alsa-sys", &["libasound2"]),
    ("aws-lc-sys", &[]),
    ("aws-lc-fips-sys", &[]),
    ("bzip2-sys", &["libbz2-1.0"]),
    ("clang-sys", &[]),
    ("core-foundation-sys", &[]),
    ("curl-sys", &["libcurl4"]),
    ("dirs-sys", &[]),
    ("fsevent-sys", &[]),
    ("inotify-sys", &[]),
    ("js-sys", &[]),
    ("jemalloc-sys", &[]),
    ("libdbus-sys", &["libdbus-1-3"]),
    ("libgit2-sys", &[]),
    ("liblzma-sys", &["liblzma5"]),
    ("libmimalloc-sys", &[]),
    ("libsodium-sys", &["libsodium23"]),
    ("libsqlite3-sys", &["libsqlite3-0"]),
    ("libssh2-sys", &[]),
    ("libudev-sys", &["libudev1"]),
    ("libz-sys", &["zlib1g"]),
    ("libz-ng-sys", &[]),
    ("linux-raw-sys", &[]),
    ("lzma-sys", &["liblzma5"]),
    ("mozjpeg-sys", &[]),
    ("mysqlclient-sys", &["libmariadb3"]),
    ("ndk-sys", &[]),
    ("onig_sys", &[]),
    ("openssl-sys", &["libssl3"]),
    ("pq-sys", &["libpq5"]),
    ("rdkafka-sys", &[]),
    ("schannel-sys", &[]),
    ("security-framework-sys", &[]),
    ("snmalloc-sys", &[]),
    ("system-configuration-sys", &[]),
    ("tikv-jemalloc-sys", &[]),
    ("wasm-bindgen-sys", &[]),
    ("web-sys", &[]),
    ("windows-sys", &[]),
    ("zstd-sys", &[]),
];

/// PyPI's packages that are built against a library of the system, in lower case.
const PYTHON: &[(&str, &[&str])] = &[
    ("mysqlclient", &["libmariadb3"]),
    ("psycopg", &["libpq5"]),
    ("psycopg2", &["libpq5"]),
    ("pycurl", &["libcurl4"]),
    ("python-magic", &["libmagic1"]),
    ("uwsgi", &["libxml2"]),
    ("weasyprint", &["libpango-1.0-0", "libpangoft2-1.0-0"]),
    ("xmlsec", &["libxmlsec1", "libxmlsec1-openssl"]),
];

/// What the crates of a `Cargo.lock` link; the name of the crate where that isn't known.
pub(super) fn of_crates(lock: &str) -> Result<Vec<String>, String> {
    let names = || lock.lines().filter_map(|line| line.trim().strip_prefix("name = \"")?.strip_suffix('"'));
    // With this crate OpenSSL is built from source.
    let builds_openssl = names().any(|name| name == "openssl-src");
    let mut found = Vec::new();
    for name in names().filter(|name| name.ends_with("-sys") || name.ends_with("_sys")) {
        match CRATES.iter().find(|(known, _)| *known == name) {
            Some((known, _)) if *known == "openssl-sys" && builds_openssl => {}
            Some((_, packages)) => found.extend(packages.iter().map(|package| (*package).to_owned())),
            None => return Err(name.to_owned()),
        }
    }
    Ok(found)
}

/// What the packages of a requirements file link, as far as one knows.
pub(super) fn of_requirements(text: &str) -> Vec<String> {
    let names = text.lines().map(|line| {
        let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'));
        line.get(..end.unwrap_or(line.len())).unwrap_or_default().to_ascii_lowercase().replace('_', "-")
    });
    names
        .filter_map(|name| PYTHON.iter().find(|(known, _)| *known == name))
        .flat_map(|(_, packages)| packages.iter().map(|package| (*package).to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{of_crates, of_requirements};

    #[test]
    fn a_crate_that_builds_its_library_itself_links_none() {
        let lock = "[[package]]\nname = \"openssl-sys\"\n[[package]]\nname = \"ring\"\n";
        assert_eq!(of_crates(lock), Ok(vec!["libssl3".to_owned()]));
        assert_eq!(of_crates(&format!("{lock}name = \"openssl-src\"\n")), Ok(vec![]));
        assert_eq!(of_crates("name = \"gtk-sys\"\n"), Err("gtk-sys".to_owned()));
    }

    #[test]
    fn requirements_are_read_without_versions_extras_and_case() {
        assert_eq!(of_requirements("Flask==3\nPsycopg2>=2.9 # x\npsycopg2_binary\n"), ["libpq5"]);
    }
}
