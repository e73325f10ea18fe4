//! Addresses whose answer is another one tomorrow: they name a branch, or the latest version.

use std::sync::LazyLock;

use regex::Regex;

/// Digits of the shortest number that is taken for a version by itself.
const BUILD_NUMBER: usize = 5;

/// The part of an address that moves, as its first group.
static MOVING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let branch = "(?:refs/heads/)?(?:master|main|HEAD|develop|trunk)";
    Regex::new(&format!(
        r"://[^/]+/(?:.*[/_.-])?(latest)(?:[/_.?&-]|$)|/(?:archive|raw|blob|tar\.gz|zip|zipball|tarball)/({branch})(?:[/.?]|$)|raw\.githubusercontent\.com/[^/]+/[^/]+/({branch})/|/[^/0-9]*(stable|nightly)(?:\.[^/0-9]*)?$"
    ))
    .ok()
});

/// Where the address names what moves. A key that signs others is to be fetched anew.
pub(super) fn moving(address: &str) -> Option<(usize, usize)> {
    let text = address.trim_end_matches(['"', '\'']);
    if [".asc", ".gpg", ".key", ".pem"].iter().any(|end| text.ends_with(end)) {
        return None;
    }
    let captures = MOVING.as_ref()?.captures(text)?;
    let part = captures.iter().skip(1).flatten().next()?;
    // `tools-11076708_latest.zip` has a version all the same.
    let before = text.get(..part.start()).unwrap_or_default().trim_end_matches(['_', '-', '.']);
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    if part.as_str() == "latest" && digits >= BUILD_NUMBER {
        return None;
    }
    Some((part.start(), part.end()))
}

#[cfg(test)]
mod tests {
    use super::moving;

    #[test]
    fn a_branch_and_the_latest_version_move_and_a_key_is_to() {
        let part = |address: &str| moving(address).map(|(start, end)| address[start..end].to_owned());
        assert_eq!(part("https://a.b/x/releases/latest/download/x").as_deref(), Some("latest"));
        assert_eq!(part("https://github.com/a/b/archive/main.tar.gz").as_deref(), Some("main"));
        assert_eq!(part("https://raw.githubusercontent.com/a/b/master/c").as_deref(), Some("master"));
        assert_eq!(part("https://a.b/composer-stable.phar").as_deref(), Some("stable"));
        assert_eq!(part("https://a.b/static/stable/x86_64/docker-27.1.1.tgz"), None);
        assert_eq!(part("https://a.b/tools-11076708_latest.zip"), None);
        assert_eq!(part("https://a.b/latest/key.asc"), None);
        assert_eq!(part("https://a.b/v1.2/x.zip"), None);
    }
}
