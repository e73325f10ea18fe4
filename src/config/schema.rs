//! `plimsoll.toml` as it is written. Every table refuses keys that it doesn't know.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::ordered::Ordered;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct File {
    pub(super) lint: Lint,
    pub(super) readiness: Option<Spanned<Readiness>>,
    pub(super) variants: Ordered<Variant>,
    pub(super) regions: Ordered<Region>,
    pub(super) bench: Bench,
}

/// `[lint]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Lint {
    pub(super) profile: Option<Spanned<String>>,
    pub(super) select: Option<Vec<Spanned<String>>>,
    pub(super) extend_select: Vec<Spanned<String>>,
    pub(super) ignore: Vec<Spanned<String>>,
    pub(super) fail_on: Option<Spanned<String>>,
    pub(super) severity: Ordered<Spanned<String>>,
    pub(super) inline_ignores: Option<bool>,
    pub(super) shellcheck: bool,
    pub(super) trusted_registries: Vec<String>,
    pub(super) label_schema: Ordered<Spanned<String>>,
    pub(super) strict_labels: bool,
    pub(super) custom: Vec<Custom>,
}

/// `[[lint.custom]]`: what to look for, as `pattern` or as `command`, and what to say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Custom {
    pub(super) name: Spanned<String>,
    pub(super) instruction: Option<Spanned<String>>,
    pub(super) pattern: Option<Spanned<String>>,
    pub(super) command: Option<Spanned<String>>,
    pub(super) message: String,
    pub(super) severity: Option<Spanned<String>>,
    pub(super) help: Option<String>,
}

/// `[readiness]`: exactly one way, and how long to wait.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Readiness {
    pub(super) http: Option<Http>,
    pub(super) tcp: Option<Tcp>,
    pub(super) log: Option<Spanned<String>>,
    pub(super) healthcheck: Option<Spanned<bool>>,
    pub(super) exit: Option<Spanned<i64>>,
    pub(super) timeout: Option<Spanned<String>>,
}

/// `http = { port = 8080, path = "/healthz", status = 200 }`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Http {
    pub(super) port: u16,
    #[serde(default = "root")]
    pub(super) path: String,
    pub(super) status: Option<u16>,
}

fn root() -> String {
    "/".to_owned()
}

/// `tcp = { port = 5432 }`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Tcp {
    pub(super) port: u16,
}

/// `[variants.NAME]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Variant {
    pub(super) dockerfile: Option<Spanned<String>>,
    pub(super) target: Option<String>,
    pub(super) build_args: BTreeMap<String, String>,
}

/// `[regions.NAME]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Region {
    pub(super) role: Spanned<String>,
    pub(super) link: Link,
}

/// `link = { rtt = "120ms", bandwidth = "150Mbit", jitter = "8ms", loss = "0.1%" }`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Link {
    pub(super) rtt: Spanned<String>,
    pub(super) bandwidth: Spanned<String>,
    pub(super) jitter: Option<Spanned<String>>,
    pub(super) loss: Option<Spanned<String>>,
}

/// `[bench]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Bench {
    pub(super) blocks: Option<Spanned<i64>>,
    pub(super) objective: Option<Spanned<String>>,
    pub(super) context: Option<String>,
    pub(super) target: Option<String>,
    pub(super) build_args: BTreeMap<String, String>,
}
