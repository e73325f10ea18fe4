//! A word that chooses rules: a name, a name that peers give, a category, a glob, or `all`.

use std::sync::Arc;

use thiserror::Error;

use super::catalogue::{catalogue, names, nearest_of};
use super::{Category, CustomRule, Diagnostic, Rule, RuleRef};

/// What a word of a selection means.
#[derive(Debug, Clone)]
pub struct Selector {
    written: String,
    meant: Vec<Meant>,
    outright: bool,
    custom: bool,
}

/// A word that means no rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no rule named `{name}`")]
pub struct UnknownRule {
    /// The word.
    pub name: String,
    /// The word that was probably meant.
    pub nearest: Option<String>,
}

/// A rule, whole or only what peers report by one of its aliases.
#[derive(Debug, Clone, Copy)]
struct Meant {
    rule: &'static Rule,
    alias: Option<&'static str>,
}

impl Selector {
    /// Reads a word, where `custom` are the team's own rules.
    pub fn read(written: &str, custom: &[Arc<CustomRule>]) -> Result<Self, UnknownRule> {
        let written = written.trim();
        let rules = catalogue().iter().copied();
        let category = Category::ALL.iter().find(|category| category.as_str().eq_ignore_ascii_case(written));
        let is_glob = written.contains(['*', '?']);
        let meant: Vec<Meant> = if written.eq_ignore_ascii_case("all") {
            rules.map(Meant::whole).collect()
        } else if let Some(category) = category {
            rules.filter(|rule| rule.category == *category).map(Meant::whole).collect()
        } else if is_glob {
            rules.flat_map(|rule| matching(rule, written)).collect()
        } else {
            rules.flat_map(|rule| named(rule, written)).collect()
        };
        let outright = !is_glob && category.is_none() && !written.eq_ignore_ascii_case("all");
        let mut selector = Self { written: written.to_owned(), meant, outright, custom: false };
        selector.custom = custom.iter().any(|rule| selector.names(rule));
        if selector.custom || !selector.meant.is_empty() || category.is_some() {
            return Ok(selector);
        }
        let words = Category::ALL.iter().map(|category| category.as_str());
        let words = words.chain(custom.iter().map(|rule| rule.name.as_str()));
        let nearest = nearest_of(written, names().map(shortened).chain(words));
        Err(UnknownRule { name: written.to_owned(), nearest: nearest.map(str::to_owned) })
    }

    /// The one that means `rule`.
    pub fn of(rule: &'static Rule) -> Self {
        Self { written: rule.name.to_owned(), meant: vec![Meant::whole(rule)], outright: true, custom: false }
    }

    /// The word as it is written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The rules that it means, each once, whole or in part.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        let each = self.meant.iter().enumerate();
        let first = each.filter(|(index, meant)| {
            !self.meant.iter().take(*index).any(|before| std::ptr::eq(before.rule, meant.rule))
        });
        first.map(|(_, meant)| meant.rule)
    }

    /// Whether it means the finding. A name that peers give means what they report by it; what no peer reports belongs
    /// to every name of its rule.
    pub fn covers(&self, found: &Diagnostic) -> bool {
        match &found.rule {
            RuleRef::Custom(rule) => self.names(rule),
            RuleRef::Known(rule) => self.meant.iter().any(|meant| {
                let known_as = |alias| found.aliases.is_empty() || found.aliases.contains(&alias);
                std::ptr::eq(meant.rule, *rule) && meant.alias.is_none_or(known_as)
            }),
        }
    }

    /// Whether it names a rule, and no group of them.
    pub(super) fn is_outright(&self) -> bool {
        self.outright
    }

    /// Whether it means some of the rule's findings.
    pub(super) fn touches(&self, rule: &'static Rule) -> bool {
        self.meant.iter().any(|meant| std::ptr::eq(meant.rule, rule))
    }

    /// Whether it means all of the rule's findings.
    pub(super) fn takes_all_of(&self, rule: &'static Rule) -> bool {
        self.meant.iter().any(|meant| std::ptr::eq(meant.rule, rule) && meant.alias.is_none())
    }

    /// Whether both name the same rule, by whichever of its names.
    pub(super) fn means_the_same_as(&self, other: &Self) -> bool {
        other.outright
            && (self.written.eq_ignore_ascii_case(&other.written)
                || self.meant.iter().any(|mine| other.meant.iter().any(|other| mine.overlaps(*other))))
    }

    fn names(&self, rule: &CustomRule) -> bool {
        let word = self.written.as_str();
        word.eq_ignore_ascii_case("all")
            || word.eq_ignore_ascii_case(Category::Custom.as_str())
            || word.eq_ignore_ascii_case(&rule.name)
            || (!self.outright && glob(word, &rule.name))
    }
}

/// The same name, with the lifetime of those it is put beside.
fn shortened<'a>(name: &'static str) -> &'a str {
    name
}

impl Meant {
    fn whole(rule: &'static Rule) -> Self {
        Self { rule, alias: None }
    }

    fn overlaps(self, other: Self) -> bool {
        let same_part = self.alias.is_none() || other.alias.is_none() || self.alias == other.alias;
        std::ptr::eq(self.rule, other.rule) && same_part
    }
}

/// What of the rule the name means.
fn named(rule: &'static Rule, name: &str) -> Vec<Meant> {
    if rule.name.eq_ignore_ascii_case(name) {
        return vec![Meant::whole(rule)];
    }
    let aliases = rule.peers_names().iter().filter(|alias| answers_to(alias, name));
    aliases.map(|alias| Meant { rule, alias: Some(alias) }).collect()
}

/// What of the rule the glob means: all of it where its own name matches.
fn matching(rule: &'static Rule, pattern: &str) -> Vec<Meant> {
    if glob(pattern, rule.name) {
        return vec![Meant::whole(rule)];
    }
    let matches = |alias: &&&str| {
        glob(pattern, alias)
            || namespace(alias).is_some_and(|namespace| glob(pattern, &format!("{namespace}/{alias}")))
    };
    rule.peers_names().iter().filter(matches).map(|alias| Meant { rule, alias: Some(alias) }).collect()
}

/// Whether a peer's name for a rule is spelt so, in any case: with or without the peer's own name before it, and
/// ShellCheck's codes also without their letters.
pub(super) fn answers_to(alias: &str, name: &str) -> bool {
    let bare = || alias.rsplit('/').next().unwrap_or(alias);
    let number = || alias.strip_prefix("SC").is_some_and(|number| number == name);
    match name.split_once('/') {
        None => bare().eq_ignore_ascii_case(name) || number(),
        Some(("buildkit" | "hadolint" | "shellcheck", last)) => alias.eq_ignore_ascii_case(last),
        Some(_) => alias.eq_ignore_ascii_case(name),
    }
}

/// Whose name for a rule it is, where the name itself does not say: hadolint's and ShellCheck's are codes, BuildKit's
/// are in capitalised words.
pub(super) fn namespace(alias: &str) -> Option<&'static str> {
    let is_code = |prefix: &str| {
        alias
            .strip_prefix(prefix)
            .is_some_and(|code| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let words = || {
        alias.starts_with(|first: char| first.is_ascii_uppercase())
            && alias.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && alias.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    match () {
        () if is_code("DL") => Some("hadolint"),
        () if is_code("SC") => Some("shellcheck"),
        () if words() => Some("buildkit"),
        () => None,
    }
}

/// Whether `text` is what the pattern says, in any case: `*` stands for any characters, `?` for one.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(c) if *c == '?' || text.get(seen) == Some(c) => {
                at += 1;
                seen += 1;
            }
            _ => {
                // The last star takes one character more.
                let Some((place, taken)) = star else { return false };
                star = Some((place, taken + 1));
                at = place + 1;
                seen = taken + 1;
            }
        }
    }
    pattern.iter().skip(at).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::{Selector, glob, namespace};

    #[test]
    fn a_star_stands_for_any_characters_and_a_question_mark_for_one() {
        let cases = [
            ("moving-*", "moving-tag", true),
            ("DL30*", "dl3008", true),
            ("*", "", true),
            ("*tag*", "moving-tag", true),
            ("a*b*c", "aXbYbZc", true),
            ("DL30?8", "DL3008", true),
            ("DL30", "DL3008", false),
            ("a*b", "acd", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(glob(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_name_tells_whose_it_is() {
        let cases = [
            ("DL3008", Some("hadolint")),
            ("SC2086", Some("shellcheck")),
            ("JSONArgsRecommended", Some("buildkit")),
            ("CKV_DOCKER_4", None),
            ("DF016", None),
            ("tally/prefer-run-heredoc", None),
        ];
        for (alias, expected) in cases {
            assert_eq!(namespace(alias), expected, "{alias}");
        }
    }

    #[test]
    fn names_categories_globs_and_peers_namespaces_are_known() {
        for word in [
            "moving-tag",
            "dl3006",
            "hadolint/DL3006",
            "buildkit/JSONArgsRecommended",
            "buildkit/*",
            "DL30*",
            "moving-*",
            "security",
            "all",
            "SC1091",
            "tally/prefer-run-heredoc",
            "prefer-run-heredoc",
        ] {
            assert!(Selector::read(word, &[]).is_ok(), "{word}");
        }
    }

    #[test]
    fn a_word_that_means_nothing_is_refused_with_the_nearest_one() {
        let nearest = |word| Selector::read(word, &[]).unwrap_err().nearest;
        assert_eq!(nearest("moving-tags").as_deref(), Some("moving-tag"));
        assert_eq!(nearest("securty").as_deref(), Some("security"));
        assert_eq!(nearest("zzz-*"), None);
    }
}
