//! The names of images, as a registry's clients read them.

use std::sync::LazyLock;

use regex::Regex;

/// A name, a tag and a digest, each in its place.
/// Source: distribution/reference, regexp.go and normalize.go.
static REFERENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let part = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    let label = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    let host = format!(r"(?:{label}(?:\.{label})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?");
    let digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
    Regex::new(&format!(r"^(?:{host}/)?{part}(?:/{part})*(?::[\w][\w.-]{{0,127}})?(?:@{digest})?$")).ok()
});

/// Whether `reference` can name an image.
pub(super) fn is_valid(reference: &str) -> bool {
    // Sixty-four hexadecimal digits are an id.
    let is_id = reference.len() == 64
        && reference.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    // Without a dot, a colon or `localhost` the first part is no host, and capitals are refused in what is none.
    let (host, path) = reference.split_once('/').unwrap_or(("", reference));
    let is_host =
        host.contains(['.', ':']) || host == "localhost" || host.contains(|ch: char| ch.is_ascii_uppercase());
    let name = if is_host { path } else { reference };
    let repository = name.split(['@', ':']).next().unwrap_or(name);
    !is_id
        && !repository.contains(|ch: char| ch.is_ascii_uppercase())
        && REFERENCE.as_ref().is_some_and(|grammar| grammar.is_match(reference))
}

/// The repository of an official image: `python` for `docker.io/library/python:3.14`, or for that of a public mirror of
/// these images; none for all others.
pub(crate) fn official(reference: &str) -> Option<&str> {
    let name = reference.split('@').next().unwrap_or(reference);
    let mirrors = ["mirror.gcr.io/library/", "public.ecr.aws/docker/library/"];
    let name = ["docker.io/library/", "docker.io/", "library/", "index.docker.io/library/"]
        .into_iter()
        .chain(mirrors)
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    // A slash that is left belongs to another registry or to somebody's own image.
    let repository = name.split(':').next().unwrap_or(name);
    (!repository.is_empty() && !name.contains('/')).then_some(repository)
}

#[cfg(test)]
mod tests {
    use super::{is_valid, official};

    #[test]
    fn a_reference_is_a_name_with_a_tag_and_a_digest() {
        for valid in [
            "busybox",
            "busybox:1",
            "a/b_c/d--e:v1.2-x",
            "localhost/a",
            "localhost:5000/a:b",
            "ghcr.io/a/b@sha256:3b7732505933ca591ce4a6d860cb713ad96a3176b82f7979a8dfa9973486a0d6",
            "[::1]:5000/a",
            "UPPER/case",
        ] {
            assert!(is_valid(valid), "{valid}");
        }
        for invalid in ["", "busybox:", "Busybox", "a//b", "a:b:c", "a@sha256:12", "a b", "-a", "a/B", ":x"] {
            assert!(!is_valid(invalid), "{invalid}");
        }
    }

    #[test]
    fn an_official_image_has_one_part() {
        assert_eq!(official("docker.io/library/python:3@sha256:00"), Some("python"));
        assert_eq!(official("python:3.14"), Some("python"));
        assert_eq!(official("public.ecr.aws/docker/library/python:3.14"), Some("python"));
        assert_eq!(official("bitnami/python"), None);
        assert_eq!(official("localhost:5000/python"), None);
    }
}
