//! The labels of an image and the forms that a team can ask of their values.

use crate::dockerfile::{Body, Pair, Word};
use crate::facts::Fact;

use super::{Input, LabelType};

/// A label that a `LABEL` sets.
#[derive(Debug, Clone)]
pub(super) struct Label<'a> {
    /// As it is written.
    pub(super) pair: &'a Pair<'a>,
    /// The key without its quotes.
    pub(super) key: &'a str,
    /// The value.
    pub(super) value: LabelValue,
}

/// What a label's value comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LabelValue {
    /// This, whatever the build.
    Fixed(String),
    /// Something that the build arguments or the base image decide; as it is written, without its quotes.
    Open(String),
}

/// The labels of an instruction, in order; none where it is no `LABEL`.
pub(super) fn labels<'a>(input: &Input<'_>, fact: &Fact<'a>) -> Vec<Label<'a>> {
    let Body::Label(pairs) = &fact.instruction.body else { return Vec::new() };
    let read = |pair: &'a Pair| {
        let is_open = |word: &Word| {
            let references = crate::dockerfile::words::references(&word.text, input.dockerfile.escape);
            references.iter().any(|reference| !is_fixed(fact, &reference.name))
        };
        let value = match &pair.value {
            Some(word) if is_open(word) => LabelValue::Open(unquoted(&word.text)),
            Some(word) => {
                let expanded = fact.facts.before.expand(&word.text, input.dockerfile.escape);
                expanded.map_or_else(|| LabelValue::Open(unquoted(&word.text)), LabelValue::Fixed)
            }
            None => LabelValue::Fixed(String::new()),
        };
        Label { pair, key: pair.key.text.trim_matches(['"', '\'']), value }
    };
    pairs.iter().map(read).collect()
}

fn unquoted(text: &str) -> String {
    text.trim_matches(['"', '\'']).to_owned()
}

/// Whether no build argument changes the variable.
fn is_fixed(fact: &Fact<'_>, name: &str) -> bool {
    let variable = fact.facts.before.variables.get(name);
    variable.is_some_and(|variable| {
        variable.value.known().is_some() && matches!(variable.origin, crate::facts::Origin::Env(_))
    })
}

/// The identifiers of the SPDX license list 3.27, one a line, sorted; those that it calls deprecated left out.
const LICENSES: &str = include_str!("spdx_license_ids.txt");

impl LabelType {
    /// Whether `value` has the form. An empty value has none but [`LabelType::Text`], which only asks for some value.
    pub(super) fn accepts(self, value: &str) -> bool {
        match self {
            Self::Text => !value.is_empty(),
            Self::Url => is_url(value),
            Self::Rfc3339 => is_time(value),
            Self::Spdx => LICENSES.lines().any(|id| id == value),
            Self::GitHash => {
                matches!(value.len(), 7 | 40)
                    && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            }
            Self::Semver => is_version(value),
            Self::Email => is_address(value),
        }
    }

    /// What a value of the form is, as a phrase.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Url => "a URL",
            Self::Rfc3339 => "a time of RFC 3339, such as 2026-01-31T12:00:00Z",
            Self::Spdx => "an SPDX license identifier, such as Apache-2.0",
            Self::GitHash => "a commit's hash of 7 or 40 digits",
            Self::Semver => "a semantic version, such as 1.4.2",
            Self::Email => "an email address",
        }
    }
}

/// An absolute URI. Source: RFC 3986, section 3 and appendix A.
fn is_url(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    is_scheme && rest.chars().all(is_part) && rest.matches('#').count() <= 1
}

/// `2026-01-31T12:00:00.5+01:00`. Source: RFC 3339, section 5.6. As with hadolint, the zone's colon may be missing.
fn is_time(value: &str) -> bool {
    fn number(text: &str, from: usize, digits: usize) -> Option<u32> {
        let part = text.get(from..from + digits)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    }
    fn parts(value: &str) -> Option<bool> {
        let separators = value.get(4..5)? == "-"
            && value.get(7..8)? == "-"
            && matches!(value.get(10..11)?, "T" | "t")
            && value.get(13..14)? == ":"
            && value.get(16..17)? == ":";
        let (year, month, day) = (number(value, 0, 4)?, number(value, 5, 2)?, number(value, 8, 2)?);
        let (hour, minute, second) = (number(value, 11, 2)?, number(value, 14, 2)?, number(value, 17, 2)?);
        let rest = value.get(19..)?;
        let zone = match rest.strip_prefix('.') {
            Some(fraction) => {
                let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
                if zone.len() == fraction.len() { "" } else { zone }
            }
            None => rest,
        };
        let is_zone = match zone.strip_prefix(['+', '-']) {
            Some(offset) => {
                let colon = usize::from(offset.get(2..3)? == ":");
                offset.len() == 4 + colon && number(offset, 0, 2)? < 24 && number(offset, 2 + colon, 2)? < 60
            }
            None => matches!(zone, "Z" | "z"),
        };
        let is_date = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
        Some(separators && is_date && hour < 24 && minute < 60 && second <= 60 && is_zone)
    }
    parts(value).unwrap_or(false)
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `1.4.2-rc.1+build`. Source: semver.org, version 2.0.0.
fn is_version(value: &str) -> bool {
    let (value, build) = value.split_once('+').map_or((value, None), |(value, build)| (value, Some(build)));
    let (core, pre) = value.split_once('-').map_or((value, None), |(core, pre)| (core, Some(pre)));
    let is_identifier =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let dotted = |part: Option<&str>| part.is_none_or(|part| part.split('.').all(is_identifier));
    core.split('.').count() == 3 && core.split('.').all(is_number) && dotted(pre) && dotted(build)
}

/// `name@domain`. Source: RFC 5322, section 3.4.1, without comments and folded blanks.
fn is_address(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let is_atom = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
    };
    let is_quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let is_literal = domain.len() > 2 && domain.starts_with('[') && domain.ends_with(']');
    let is_label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    (is_quoted || local.split('.').all(is_atom)) && (is_literal || domain.split('.').all(is_label))
}

#[cfg(test)]
mod tests {
    use super::LabelType;

    #[test]
    fn each_form_takes_what_its_standard_says() {
        let cases: [(LabelType, &[&str], &[&str]); 7] = [
            (LabelType::Text, &["x"], &[""]),
            (
                LabelType::Url,
                &["https://example.org/a?b#c", "mailto:a@b"],
                &["", "example.org", "git@h:r", "h://a b"],
            ),
            (
                LabelType::Rfc3339,
                &["2021-03-10T10:26:33.564595127+01:00", "2024-02-29T23:59:60Z"],
                &["", "2021-03-10", "2021-02-29T00:00:00Z", "2021-03-10T10:26:33", "2021-03-10T10:26:33.Z"],
            ),
            (LabelType::Spdx, &["MIT", "BSD-3-Clause"], &["", "mit", "GPL-2.0", "MIT OR Apache-2.0"]),
            (
                LabelType::GitHash,
                &["2dbfae9", "43c572f1272b6b3171dd1db9e41b7027128ce080"],
                &["", "2dbfae", "2DBFAE9", "master!"],
            ),
            (LabelType::Semver, &["1.0.0", "2.0.1-rc.1+b-7"], &["", "1.0", "v1.0.0", "1.0.0-", "1.0.x"]),
            (LabelType::Email, &["a.b@example.org", "\"a b\"@c"], &["", "a", "a@", "A <a@b>", "a..b@c"]),
        ];
        for (form, good, bad) in cases {
            for value in good {
                assert!(form.accepts(value), "{form:?}: {value}");
            }
            for value in bad {
                assert!(!form.accepts(value), "{form:?}: {value}");
            }
        }
    }
}
