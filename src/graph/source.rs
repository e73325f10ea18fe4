//! What a source of an `ADD` is: a path, a file from the web, or a Git repository.
//! Source: moby/buildkit, frontend/dockerfile/dfgitutil/git_ref.go, util/gitutil/git_url.go, util/sshutil/scpurl.go.

use super::Origin;

/// The origin of the source that expands to `text` and is written `written`.
pub(super) fn origin(text: &str, written: &str) -> Origin {
    if is_git(text) {
        Origin::Git(without_credentials(written))
    } else if text.starts_with("http://") || text.starts_with("https://") {
        Origin::Http(without_credentials(written))
    } else {
        Origin::Context
    }
}

#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "BuildKit compares it so")]
fn is_git(text: &str) -> bool {
    if let Some((scheme, rest)) = text.split_once("://") {
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        return match scheme.to_ascii_lowercase().as_str() {
            "git" | "ssh" => true,
            // Only the ending tells a repository on the web from a file there.
            "http" | "https" => path.contains('/') && path.ends_with(".git"),
            _ => false,
        };
    }
    if text.starts_with("github.com/") {
        return true;
    }
    let name = |part: &str, also: char| {
        !part.is_empty() && part.chars().all(|ch| ch.is_ascii_alphanumeric() || ch == '-' || ch == also)
    };
    let address = text.split_once('@').and_then(|(user, rest)| Some((user, rest.split_once(':')?.0)));
    address.is_some_and(|(user, host)| name(user, '_') && name(host, '.'))
}

pub(super) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(..authority_end).and_then(|authority| authority.rfind('@')) {
        Some(at) => format!("{scheme}://{}", rest.get(at + 1..).unwrap_or_default()),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, origin};

    #[test]
    fn the_address_tells_a_repository_from_a_file_and_a_path() {
        for git in [
            "https://github.com/a/b.git",
            "https://github.com/a/b.git#main:dir",
            "git://host/a",
            "ssh://git@host/a",
            "git@github.com:a/b",
            "github.com/a/b",
        ] {
            assert!(matches!(origin(git, git), Origin::Git(_)), "{git}");
        }
        for http in ["https://github.com/a/b", "http://host/a.tar.gz", "https://host/a.git.tar?x=.git"] {
            assert!(matches!(origin(http, http), Origin::Http(_)), "{http}");
        }
        for path in ["a.tar", "./github.com/a", "a:b", "dir/x@y", "ftp://host/a"] {
            assert_eq!(origin(path, path), Origin::Context, "{path}");
        }
    }

    #[test]
    fn credentials_in_an_address_are_not_kept() {
        let url = "https://me:secret@host/a@b.tar";
        assert_eq!(origin(url, url), Origin::Http("https://host/a@b.tar".to_owned()));
    }
}
