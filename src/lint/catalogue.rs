//! All rules, and which of them a name means.

use super::selector::answers_to;
use super::{Rule, rules};

/// Every rule, in the order of the names.
pub fn catalogue() -> &'static [&'static Rule] {
    rules::ALL
}

/// The rule of that name or alias.
pub fn find(name: &str) -> Option<&'static Rule> {
    // A rule's own alias comes before the same code said by the ShellCheck program.
    let by_code = || {
        catalogue()
            .iter()
            .copied()
            .find(|rule| rule.peers_names().iter().any(|peers| answers_to(peers, name)))
    };
    catalogue().iter().copied().find(|rule| rule.is_named(name)).or_else(by_code)
}

/// The rule name nearest to one that nobody knows, where one is near.
pub fn nearest(name: &str) -> Option<&'static str> {
    nearest_of(name, names())
}

/// Every name and alias.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    catalogue().iter().flat_map(|rule| std::iter::once(rule.name).chain(rule.aliases.iter().copied()))
}

/// The one of `known` nearest to `name`, where one is near.
pub(super) fn nearest_of<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (strsim::normalized_damerau_levenshtein(known, name), known))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::{catalogue, find, nearest};
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_sorted_and_in_kebab_case() {
        let names: Vec<&str> = catalogue().iter().map(|rule| rule.name).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        for name in names {
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit())
            );
        }
    }

    #[test]
    fn an_alias_means_its_rule_in_any_case_and_with_its_namespace() {
        for rule in catalogue() {
            for alias in rule.aliases {
                assert_eq!(find(&alias.to_lowercase()).map(|found| found.name), Some(rule.name), "{alias}");
            }
        }
    }

    #[test]
    fn a_misspelt_rule_finds_the_nearest_one() {
        let rule = catalogue().first().unwrap();
        assert_eq!(nearest(&format!("{}x", rule.name)), Some(rule.name));
        assert_eq!(nearest("zzzzzz"), None);
    }
}
