//! The names by which the distribution API finds a manifest: repository, tag, reference.

use std::fmt;
use std::str::FromStr;

use super::{Digest, RegistryError};

/// A repository's name, such as `shop/api`. By its grammar it can't leave a folder: no component is empty or
/// starts with a dot (OCI distribution spec, "Pulling manifests").
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository(String);

/// A tag, such as `v1.2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

/// What names a manifest in a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// By a tag that can move.
    Tag(Tag),
    /// By the digest of the manifest itself.
    Digest(Digest),
}

impl Repository {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Tag {
    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Repository {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed =
            |why| RegistryError::Malformed { what: "repository name", text: text.to_owned(), why };
        if text.len() > 255 {
            return Err(malformed("it has at most 255 characters"));
        }
        if text.split('/').all(is_component) {
            Ok(Self(text.to_owned()))
        } else {
            Err(malformed(
                "it is lower-case letters and digits, joined by `.`, `_`, `__` or dashes, in components with `/` between",
            ))
        }
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let is_alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut separator = String::new();
    let mut after_letter = false;
    for character in text.chars() {
        if is_alphanumeric(character) {
            let joins =
                matches!(separator.as_str(), "" | "." | "_" | "__") || separator.chars().all(|c| c == '-');
            if !joins || (!separator.is_empty() && !after_letter) {
                return false;
            }
            separator.clear();
            after_letter = true;
        } else {
            separator.push(character);
        }
    }
    after_letter && separator.is_empty()
}

impl FromStr for Tag {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = |why| RegistryError::Malformed { what: "tag", text: text.to_owned(), why };
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if text.len() > 128 {
            return Err(malformed("it has at most 128 characters"));
        }
        if text.starts_with(is_word) && text.chars().all(|c| is_word(c) || c == '.' || c == '-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(malformed("it is letters, digits, `_`, `.` and `-`, and starts with none of the last two"))
        }
    }
}

impl FromStr for Reference {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A tag holds no colon and a digest always does.
        if text.contains(':') { text.parse().map(Self::Digest) } else { text.parse().map(Self::Tag) }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reference, Repository, Tag};

    #[test]
    fn repository_names_follow_the_grammar_of_the_distribution_spec() {
        for good in ["a", "shop/api", "a.b/c_d/e__f/g---h", "0", "plimsoll/run-1/v2"] {
            assert!(good.parse::<Repository>().is_ok(), "{good}");
        }
        for bad in [
            "", "/", "a/", "/a", "a//b", "..", "../a", "a/../b", ".a", "a.", "-a", "A", "a..b", "a___b",
            "_a", "a b", "é",
        ] {
            assert!(bad.parse::<Repository>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tags_follow_the_grammar_of_the_distribution_spec() {
        for good in ["latest", "V1.2-rc_3", "_x", &"a".repeat(128)] {
            assert!(good.parse::<Tag>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "-a", ".a", "a/b", "a:b", "a b", &"a".repeat(129)] {
            assert!(bad.parse::<Tag>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reference_with_a_colon_is_a_digest_or_an_error() {
        assert!(matches!("v1".parse(), Ok(Reference::Tag(_))));
        assert!("sha256:zz".parse::<Reference>().is_err());
    }
}
