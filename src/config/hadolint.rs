//! Hadolint's configuration, `.hadolint.yaml`: read as it is, and written anew as `plimsoll.toml`.
//! Source: hadolint, src/Hadolint/Config/{Configfile,Configuration}.hs.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::Mistake;
use super::fail_on::FailOn;
use super::{Config, ConfigError, yaml};
use crate::lint::{InlineIgnores, LabelType, Policy, Selector, Settings, Severity};

/// The file's names in a project and in the home folder.
const HIDDEN: [&str; 2] = [".hadolint.yaml", ".hadolint.yml"];

/// The keys that only say how hadolint prints.
const OF_OUTPUT: [&str; 4] = ["format", "formats", "no-color", "verbose"];

/// The file as it is written. Keys that it doesn't know, hadolint leaves alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct File {
    failure_threshold: Option<Threshold>,
    ignored: Vec<String>,
    label_schema: BTreeMap<String, Form>,
    no_fail: bool,
    #[serde(rename = "override")]
    severities: Severities,
    strict_labels: bool,
    disable_ignore_pragma: bool,
    #[serde(rename = "trustedRegistries")]
    trusted_registries: OneOrMany,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Severities {
    error: Vec<String>,
    warning: Vec<String>,
    info: Vec<String>,
    style: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Threshold {
    Error,
    Warning,
    Info,
    Style,
    Ignore,
    None,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    #[serde(alias = "", alias = "rawtext")]
    Text,
    Url,
    Rfc3339,
    Spdx,
    Hash,
    Semver,
    Email,
}

/// `trustedRegistries: docker.io`, or a list of them.
#[derive(Debug, Default)]
struct OneOrMany(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;

        impl<'de> serde::de::Visitor<'de> for Words {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a registry or a list of registries")
            }

            fn visit_str<E: serde::de::Error>(self, one: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![one.to_owned()]))
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<OneOrMany, E> {
                Ok(OneOrMany::default())
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMany, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = list.next_element()? {
                    words.push(word);
                }
                Ok(OneOrMany(words))
            }
        }

        deserializer.deserialize_any(Words)
    }
}

/// The configuration that counts: the project's nearest, else the user's own.
pub(super) fn find(project: &[&Path]) -> Option<PathBuf> {
    let in_project = project.iter().flat_map(|folder| HIDDEN.map(|name| folder.join(name)));
    let home = std::env::home_dir();
    let config = std::env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let config = config.or_else(|| home.as_ref().map(|home| home.join(".config")));
    let visible = ["hadolint.yaml", "hadolint.yml"];
    let data = ["hadolint.yaml", "hadolint.yml", "config.yaml", "config.yml"];
    let of_user = config.iter().flat_map(|folder| visible.map(|name| folder.join(name)));
    let of_home = home.iter().flat_map(|home| {
        let folder = home.join(".hadolint");
        data.map(|name| folder.join(name)).into_iter().chain(HIDDEN.map(|name| home.join(name)))
    });
    in_project.chain(of_user).chain(of_home).find(|path| path.is_file())
}

/// Reads the file at `path`.
pub(super) fn read(path: &Path) -> Result<Config, ConfigError> {
    let (file, _) = load(path)?;
    Ok(Config { path: Some(path.to_owned()), ..file.config() })
}

fn load(path: &Path) -> Result<(File, String), ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    match parse(&text) {
        Ok(file) => Ok((file, text)),
        Err(mistake) => Err(ConfigError::Invalid {
            path: path.to_owned(),
            text,
            range: mistake.range,
            message: mistake.message,
            help: mistake.help,
        }),
    }
}

fn parse(text: &str) -> Result<File, Mistake> {
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(File::default());
    }
    yaml::read(text)
}

impl File {
    fn config(&self) -> Config {
        let read = |names: &[String]| {
            // Hadolint says nothing of names that it doesn't know.
            names.iter().filter_map(|name| Selector::read(name, &[]).ok()).collect::<Vec<_>>()
        };
        let severities = self.severities.all();
        let severities: Vec<(Selector, Severity)> = severities
            .into_iter()
            .flat_map(|(severity, names)| read(names).into_iter().map(move |name| (name, severity)))
            .collect();
        let lint = Settings {
            ignore: read(&self.ignored),
            // Who says how grave a rule's findings are wants to see them.
            extend_select: severities.iter().map(|(name, _)| name.clone()).collect(),
            severities,
            inline_ignores: if self.disable_ignore_pragma {
                InlineIgnores::Disabled
            } else {
                InlineIgnores::Heeded
            },
            policy: Policy {
                trusted_registries: self.trusted_registries.0.clone(),
                label_schema: self.labels(),
                strict_labels: self.strict_labels,
            },
            ..Settings::default()
        };
        Config { lint, fail_on: self.fail_on(), ..Config::default() }
    }

    fn fail_on(&self) -> Option<FailOn> {
        if self.no_fail {
            return Some(FailOn::Never);
        }
        self.failure_threshold.map(|threshold| match threshold {
            Threshold::Error => FailOn::Severity(Severity::Error),
            Threshold::Warning => FailOn::Severity(Severity::Warning),
            Threshold::Info => FailOn::Severity(Severity::Info),
            Threshold::Style => FailOn::Severity(Severity::Style),
            Threshold::Ignore | Threshold::None => FailOn::Never,
        })
    }

    fn labels(&self) -> BTreeMap<String, LabelType> {
        let form = |form: Form| match form {
            Form::Text => LabelType::Text,
            Form::Url => LabelType::Url,
            Form::Rfc3339 => LabelType::Rfc3339,
            Form::Spdx => LabelType::Spdx,
            Form::Hash => LabelType::GitHash,
            Form::Semver => LabelType::Semver,
            Form::Email => LabelType::Email,
        };
        self.label_schema.iter().map(|(name, written)| (name.clone(), form(*written))).collect()
    }
}

impl Severities {
    /// The gravest first, as hadolint has it: the last that names a rule counts.
    fn all(&self) -> [(Severity, &[String]); 4] {
        [
            (Severity::Error, &self.error),
            (Severity::Warning, &self.warning),
            (Severity::Info, &self.info),
            (Severity::Style, &self.style),
        ]
    }
}

/// Hadolint's configuration as a `plimsoll.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The file it was made from.
    pub from: PathBuf,
    /// The text of the `plimsoll.toml`.
    pub text: String,
    /// What has no counterpart, a sentence each.
    pub lost: Vec<String>,
}

/// The `plimsoll.toml` that says what hadolint's configuration for `folder` says; none where there is no such one.
pub fn migrate(folder: &Path) -> Result<Option<Migration>, ConfigError> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let Some(from) = find(&super::project(&folder)) else { return Ok(None) };
    let (file, text) = load(&from)?;
    let mut lost = unknown_keys(&text);
    let text = file.to_toml(&mut lost);
    Ok(Some(Migration { from, text, lost }))
}

fn unknown_keys(text: &str) -> Vec<String> {
    const KNOWN: [&str; 8] = [
        "failure-threshold",
        "ignored",
        "label-schema",
        "no-fail",
        "override",
        "strict-labels",
        "disable-ignore-pragma",
        "trustedRegistries",
    ];
    let keys: BTreeMap<String, serde_json::Value> = yaml::read(text).unwrap_or_default();
    let unknown = keys.into_keys().filter(|key| !KNOWN.contains(&key.as_str()));
    unknown
        .map(|key| {
            if OF_OUTPUT.contains(&key.as_str()) {
                format!("`{key}` is an option of the command line: `--format`, `--color`")
            } else {
                format!("`{key}` is no key of hadolint's")
            }
        })
        .collect()
}

impl File {
    fn to_toml(&self, lost: &mut Vec<String>) -> String {
        let mut known = |names: &[String]| {
            let (known, unknown): (Vec<String>, Vec<String>) =
                names.iter().cloned().partition(|name| Selector::read(name, &[]).is_ok());
            lost.extend(unknown.iter().map(|name| format!("no rule is named `{name}`")));
            known
        };
        let ignored = known(&self.ignored);
        let severities = self.severities.all().map(|(severity, names)| (severity, known(names)));
        let selected: Vec<String> = severities.iter().flat_map(|(_, names)| names.iter().cloned()).collect();
        let mut text = String::from("[lint]\n");
        if let Some(fail_on) = self.fail_on() {
            let name = FailOn::NAMES.iter().find(|(_, known)| *known == fail_on).map(|(name, _)| *name);
            let _ = writeln!(text, "fail-on = {}", quoted(name.unwrap_or_default()));
        }
        let lists = [
            ("ignore", &ignored),
            ("extend-select", &selected),
            ("trusted-registries", &self.trusted_registries.0),
        ];
        for (key, words) in lists.into_iter().filter(|(_, words)| !words.is_empty()) {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            let _ = writeln!(text, "{key} = [{}]", words.join(", "));
        }
        if self.strict_labels {
            text.push_str("strict-labels = true\n");
        }
        if self.disable_ignore_pragma {
            text.push_str("inline-ignores = false\n");
        }
        if !selected.is_empty() {
            text.push_str("\n[lint.severity]\n");
            let each = severities
                .iter()
                .flat_map(|(severity, names)| names.iter().map(move |name| (name, *severity)));
            // A table has each key once, and the last one counts.
            for (name, severity) in each.collect::<BTreeMap<_, _>>() {
                let _ = writeln!(text, "{} = {}", quoted(name), quoted(severity.as_str()));
            }
        }
        if !self.label_schema.is_empty() {
            text.push_str("\n[lint.label-schema]\n");
            for (name, form) in self.labels() {
                let _ = writeln!(text, "{} = {}", quoted(&name), quoted(form.as_str()));
            }
        }
        text
    }
}

/// A word as TOML writes a string.
fn quoted(word: &str) -> String {
    toml::Value::String(word.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Config, FailOn};
    use super::{File, parse};
    use crate::lint::{InlineIgnores, LabelType, Severity};

    const WHOLE: &str = "failure-threshold: error\nformat: tty\nignored:\n  - DL3009\n  - SC2086\n  - DL9999\n\
        label-schema:\n  author: text\n  created: rfc3339\nno-fail: false\noverride:\n  error: [DL3025]\n  \
        style:\n    - DL3006\nstrict-labels: true\ndisable-ignore-pragma: true\ntrustedRegistries: docker.io\n";

    #[test]
    fn every_key_has_its_counterpart() {
        let config = parse(WHOLE).unwrap().config();
        assert_eq!(config.fail_on, Some(FailOn::Severity(Severity::Error)));
        assert_eq!(config.lint.inline_ignores, InlineIgnores::Disabled);
        assert_eq!(config.lint.policy.trusted_registries, ["docker.io"]);
        assert_eq!(config.lint.policy.label_schema["created"], LabelType::Rfc3339);
        assert!(config.lint.policy.strict_labels);
        let severities: Vec<_> =
            config.lint.severities.iter().map(|(name, severity)| (name.written(), *severity)).collect();
        assert_eq!(severities, [("DL3025", Severity::Error), ("DL3006", Severity::Style)]);
        assert!(config.lint.ignore.iter().any(|name| name.written() == "SC2086"));
    }

    #[test]
    fn the_migrated_file_says_the_same() {
        let file = parse(WHOLE).unwrap();
        let mut lost = Vec::new();
        let text = file.to_toml(&mut lost);
        let again = Config::parse(&text, Path::new("")).unwrap();
        let first = file.config();
        assert_eq!(again.fail_on, first.fail_on);
        assert_eq!(again.lint.policy, first.lint.policy);
        assert_eq!(again.lint.inline_ignores, first.lint.inline_ignores);
        let words = |config: &Config| {
            let words = |list: &[crate::lint::Selector]| {
                list.iter().map(|one| one.written().to_owned()).collect::<Vec<_>>()
            };
            (words(&config.lint.ignore), words(&config.lint.extend_select), config.lint.severities.len())
        };
        assert_eq!(words(&again), words(&first));
        assert_eq!(lost, ["no rule is named `DL9999`"]);
    }

    #[test]
    fn what_is_left_out_is_hadolints_default() {
        for text in ["", "# nothing\n", "trustedRegistries:\n  - a.example\n  - b.example\n"] {
            let file: File = parse(text).unwrap();
            assert_eq!(file.config().fail_on, None, "{text}");
        }
    }

    #[test]
    fn a_mistake_is_pointed_at() {
        let mistake = parse("ignored:\n  - DL3009\nfailure-threshold: grave\n").unwrap_err();
        assert_eq!(&"ignored:\n  - DL3009\nfailure-threshold: grave\n"[mistake.range], "grave");
    }
}
