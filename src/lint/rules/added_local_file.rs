use crate::context::Kind;
use crate::dockerfile::{Body, Source, Transfer};
use crate::lint::landings::{Landing, is_archive, is_everything};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// `ADD` of a local file, where `COPY` does the same.
    ///
    /// ## Why it matters
    /// `ADD` unpacks what looks like an archive, whatever its name, and fetches what looks like an address. The day
    /// somebody packs the file, the image holds something else. `COPY` says that the file arrives as it is.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM eclipse-temurin:21-jre
    /// ADD target/app.jar /app.jar
    /// ```
    /// ```dockerfile,fixed
    /// FROM eclipse-temurin:21-jre
    /// COPY target/app.jar /app.jar
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// ADD . /app
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// COPY . /app
    /// ```
    /// What may hold an archive among other files, or is only known to the build, is shown on request.
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// ADD vendor/* /opt/
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ADD rootfs.tar.xz /
    /// ADD https://example.org/tool.tgz /tmp/
    /// ```
    ///
    /// ## Fix safety
    /// Safe for folders and for files whose extension is no archive's. Unsafe for a name that doesn't tell: it may be
    /// an archive that `ADD` unpacks.
    name: "added-local-file",
    aliases: ["DL3020", "DS-0005", "CKV_DOCKER_4"],
    category: Reproducibility,
    severity: Style,
    profile: Default,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let Body::Add(transfer) = &fact.instruction.body else { continue };
        let Some(landing) = Landing::of(input, fact) else { continue };
        let sources = landing.sources(input);
        let has_own_flags =
            ["checksum", "keep-git-dir", "unpack"].iter().any(|flag| fact.instruction.flag(flag).is_some());
        let is_whole = sources.len() == transfer.sources.len()
            && transfer.sources.iter().all(|source| matches!(source, Source::Path(_)));
        let kinds: Option<Vec<Content>> = sources.iter().map(|source| content(input, source)).collect();
        let is_hadolints = looks_local(transfer);
        let Some(kinds) = kinds.filter(|_| is_whole && !has_own_flags) else {
            if is_hadolints {
                found.push(
                    Diagnostic::new(&RULE, fact.instruction.name.range, "ADD of what may be a local file")
                        .known_as(&["DL3020"])
                        .help("write COPY, unless ADD is to fetch or to unpack it")
                        .on_request(),
                );
            }
            continue;
        };
        let safety = if kinds.contains(&Content::Unknown) { Safety::Unsafe } else { Safety::Safe };
        let what = if kinds.len() == 1 { "a local file or folder" } else { "local files" };
        found.push(
            Diagnostic::new(
                &RULE,
                fact.instruction.name.range,
                format!("ADD of {what}: COPY does the same, and nothing else"),
            )
            .known_as(if is_hadolints { RULE.aliases } else { &["DS-0005", "CKV_DOCKER_4"] })
            .help("write COPY")
            .fix(
                safety,
                "copy it",
                EditSet::try_from(vec![Edit::replace(
                    fact.instruction.name.range,
                    keyword(&fact.instruction.name.text),
                )])
                .ok(),
            ),
        );
    }
}

/// Whether a source is neither an archive nor an address by its name, which is all that hadolint looks at.
fn looks_local(transfer: &Transfer) -> bool {
    transfer.sources.iter().any(|source| match source {
        Source::Path(word) => {
            let path = word.text.trim_matches(['"', '\'']);
            let is_address = path.starts_with("https://") || path.starts_with("http://");
            !is_address && !is_archive(path)
        }
        Source::Heredoc(..) => false,
    })
}

/// `COPY` in the case of the author's `ADD`.
fn keyword(written: &str) -> &'static str {
    if written.chars().all(|c| c.is_ascii_lowercase()) { "copy" } else { "COPY" }
}

/// What `ADD` would find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Nothing that it unpacks.
    Plain,
    /// A file whose name doesn't tell.
    Unknown,
}

/// What the source is; nothing where `ADD` may do more than copy it.
fn content(input: &Input<'_>, source: &str) -> Option<Content> {
    const PLAIN: [&str; 50] = [
        "c",
        "cfg",
        "cnf",
        "conf",
        "cpp",
        "crt",
        "css",
        "csv",
        "deb",
        "dll",
        "env",
        "exe",
        "go",
        "h",
        "html",
        "ico",
        "ini",
        "ipynb",
        "jar",
        "java",
        "js",
        "json",
        "key",
        "list",
        "lock",
        "lua",
        "md",
        "mod",
        "pem",
        "php",
        "pl",
        "png",
        "properties",
        "ps1",
        "pub",
        "py",
        "r",
        "rb",
        "repo",
        "rs",
        "service",
        "sh",
        "sql",
        "sum",
        "svg",
        "toml",
        "ts",
        "txt",
        "war",
        "whl",
    ];
    const ALSO_PLAIN: [&str; 7] = ["xml", "yaml", "yml", "zip", "gradle", "rpm", "template"];
    const PACKED: [&str; 14] =
        ["tar", "tgz", "gz", "bz2", "tbz", "tbz2", "xz", "txz", "zst", "tzst", "lzma", "lz", "z", "lz4"];
    let is_remote = source.contains("://")
        || source.starts_with("git@")
        || source.starts_with("github.com/")
        || source.trim_end_matches('/').rsplit_once('.').is_some_and(|(_, extension)| extension == "git");
    if is_remote {
        return None;
    }
    let entry =
        input.listing().and_then(|context| context.get(source.trim_start_matches("./").trim_matches('/')));
    let is_folder = entry.is_some_and(|entry| entry.kind == Kind::Directory) || source.ends_with('/');
    if is_folder || (is_everything(source) && !source.contains('*')) {
        return Some(Content::Plain);
    }
    let name = source.rsplit('/').next().unwrap_or(source);
    let is_pattern = name.contains(['*', '?', '[']);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some(packed) if PACKED.contains(&packed) => None,
        Some(plain) if PLAIN.contains(&plain) || ALSO_PLAIN.contains(&plain) => Some(Content::Plain),
        // A pattern may match an archive among others.
        _ if is_pattern => None,
        _ => Some(Content::Unknown),
    }
}
