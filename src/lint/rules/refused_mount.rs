use crate::dockerfile::{Body, Word, nearest};
use crate::facts::Fact;
use crate::graph::csv_fields;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::text::TextRange;

declare_rule! {
    /// `RUN --mount` with an option or a value that BuildKit refuses.
    ///
    /// ## Why it matters
    /// The file parses, and the build stops at this instruction. BuildKit reads a mount's options one after the other,
    /// so an option that only some types of mounts have, such as `required`, must stand behind the `type`. Values with
    /// variables that only the build knows are left to the build.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// RUN --mount=type=cahce,target=/root/.npm npm ci
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// RUN --mount=type=cache,taget=/root/.npm npm ci
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// RUN --mount=required,type=secret,id=npmrc npm ci
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// RUN --mount=type=cache,target=/root/.npm,sharing=locked --mount=type=secret,required,id=npmrc npm ci
    /// ```
    name: "refused-mount",
    aliases: [],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: None,
}

/// What a mount was found to say so far.
/// Source: moby/buildkit, frontend/dockerfile/instructions/commands_runmount.go, `parseMount`.
#[derive(Default)]
struct Read {
    /// The type; nothing where only the build knows it.
    kind: Option<String>,
    /// The options that were set to something, by their one name.
    set: Vec<&'static str>,
    /// Whether it would lie over the whole file system.
    at_root: bool,
}

/// Every option under all its names, the one that it is known by first.
const OPTIONS: [&[&str]; 13] = [
    &["type"],
    &["from"],
    &["source", "src"],
    &["target", "dst", "destination"],
    &["readonly", "ro"],
    &["readwrite", "rw"],
    &["id"],
    &["sharing"],
    &["required"],
    &["size"],
    &["mode"],
    &["uid", "gid"],
    &["env"],
];

const TYPES: [&str; 5] = ["bind", "cache", "tmpfs", "secret", "ssh"];

/// What is wrong, where in the flag's value, and what was meant.
struct Wrong {
    part: String,
    message: String,
    meant: Option<String>,
}

impl Wrong {
    fn new(part: impl Into<String>, message: impl Into<String>) -> Self {
        Self { part: part.into(), message: message.into(), meant: None }
    }

    fn or(self, meant: Option<String>) -> Self {
        Self { meant, ..self }
    }
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let Body::Run(_) = &fact.instruction.body else { continue };
        for flag in fact.instruction.flags.iter().filter(|flag| flag.name.text == "mount") {
            let Some(value) = &flag.value else { continue };
            // What is no CSV is a syntax error already.
            let Some(fields) = csv_fields(&value.text) else { continue };
            if let Err(wrong) = read(&fields, &fact, input.dockerfile.escape) {
                let place = place(value, &wrong.part).unwrap_or(flag.range);
                let diagnostic = Diagnostic::new(&RULE, place, wrong.message);
                found.push(match wrong.meant {
                    Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                    None => diagnostic,
                });
            }
        }
    }
}

/// Where the field, or a part of it, stands.
fn place(value: &Word<'_>, part: &str) -> Option<TextRange> {
    let start = value.text.find(part)?;
    Some(value.place(start..start + part.len()))
}

fn read(fields: &[String], fact: &Fact<'_>, escape: char) -> Result<(), Wrong> {
    let mut mount = Read { kind: Some("bind".to_owned()), ..Read::default() };
    for field in fields {
        let (written, value) = match field.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (field.as_str(), None),
        };
        let key = written.to_ascii_lowercase();
        let known = OPTIONS.iter().flat_map(|names| names.iter()).find(|name| **name == key).copied();
        let Some(key) = known else {
            let names = OPTIONS.iter().flat_map(|names| names.iter().copied());
            return Err(
                Wrong::new(written, format!("a mount has no option `{written}`")).or(nearest(&key, names))
            );
        };
        let value = match value {
            // A value that only the build knows may be right.
            Some(value) => fact.facts.before.expand(value, escape),
            None if matches!(key, "readonly" | "ro" | "readwrite" | "rw") => continue,
            None if key == "required" => Some("true".to_owned()),
            None => return Err(Wrong::new(field, format!("`{key}` needs a value: `{key}=…`"))),
        };
        option(&mut mount, key, field, value)?;
    }
    whole(&mount, fields)
}

/// One option with its value, where that is known.
fn option(mount: &mut Read, key: &'static str, field: &str, value: Option<String>) -> Result<(), Wrong> {
    let refuse = |expected: &str| Err(Wrong::new(field, format!("`{field}`: expected {expected}")));
    let is = |mount: &Read, kinds: &[&str]| mount.kind.as_deref().is_none_or(|kind| kinds.contains(&kind));
    if value.as_deref() != Some("") {
        let name = OPTIONS.iter().find(|names| names.contains(&key) && key != "gid");
        mount.set.push(name.and_then(|names| names.first()).copied().unwrap_or(key));
    }
    if key == "required" && !is(mount, &["secret", "ssh"]) {
        return refuse("a mount of type `secret` or `ssh`, whose type stands before this option");
    }
    if key == "size" && !is(mount, &["tmpfs"]) {
        return refuse("a mount of type `tmpfs`, whose type stands before this option");
    }
    if key == "type" {
        mount.kind = value.as_deref().map(str::to_ascii_lowercase);
    }
    let Some(value) = value else { return Ok(()) };
    if matches!(key, "target" | "dst" | "destination") {
        mount.at_root = value.starts_with('/') && value.split('/').all(|part| matches!(part, "" | "."));
    }
    let lower = value.to_ascii_lowercase();
    match key {
        "type" if !TYPES.contains(&lower.as_str()) => {
            let message = format!(
                "no mount has the type `{value}`; expected `bind`, `cache`, `tmpfs`, `secret` or `ssh`"
            );
            Err(Wrong::new(field, message).or(nearest(&lower, TYPES)))
        }
        "sharing" if !matches!(lower.as_str(), "shared" | "private" | "locked") => {
            let message = format!("`{field}`: expected `shared`, `private` or `locked`");
            Err(Wrong::new(field, message).or(nearest(&lower, ["shared", "private", "locked"])))
        }
        "readonly" | "ro" | "readwrite" | "rw" | "required" if !is_boolean(&value) => {
            refuse("`true` or `false`")
        }
        "size" if !is_size(&value) => refuse("a size such as `64m`"),
        "mode" if u32::from_str_radix(&value, 8).is_err() => refuse("an octal mode such as `0755`"),
        "uid" | "gid" if value.parse::<u32>().is_err() => refuse("a number"),
        _ => Ok(()),
    }
}

/// What the options say together.
fn whole(mount: &Read, fields: &[String]) -> Result<(), Wrong> {
    let Some(kind) = mount.kind.as_deref() else { return Ok(()) };
    let has = |option: &str| mount.set.contains(&option);
    let refuse = |option: &str, message: String| {
        let names = OPTIONS.iter().find(|names| names.first() == Some(&option)).copied().unwrap_or_default();
        let is_named = |field: &&String| {
            names.iter().any(|name| field.split('=').next().is_some_and(|key| key.eq_ignore_ascii_case(name)))
        };
        Err(Wrong::new(fields.iter().find(is_named).cloned().unwrap_or_default(), message))
    };
    for option in ["mode", "uid", "gid"] {
        if has(option) && !matches!(kind, "secret" | "ssh" | "cache") {
            return refuse(option, format!("a mount of type `{kind}` takes no `{option}`"));
        }
    }
    if has("sharing") && kind != "cache" {
        return refuse("sharing", format!("only a mount of type `cache` takes `sharing`, not `{kind}`"));
    }
    if mount.at_root && !matches!(kind, "secret" | "ssh") {
        return refuse("target", "nothing can be mounted over `/`; name a folder below it".to_owned());
    }
    match kind {
        "secret" if has("from") => {
            refuse("from", "a secret comes from the build, not from an image".to_owned())
        }
        "secret" if !has("source") && !has("target") && !has("id") => {
            refuse("type", "a secret needs an `id` or a `target`".to_owned())
        }
        "secret" if has("source") && has("id") => {
            refuse("source", "a secret takes either `id` or `source`, which mean the same".to_owned())
        }
        "ssh" if has("source") => refuse("source", "a mount of type `ssh` takes no `source`".to_owned()),
        _ => Ok(()),
    }
}

/// What Go's `strconv.ParseBool` takes.
fn is_boolean(value: &str) -> bool {
    matches!(
        value,
        "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False"
    )
}

/// Source: docker/go-units, size.go, `RAMInBytes`.
fn is_size(value: &str) -> bool {
    let number = value.trim_end_matches(|ch: char| !ch.is_ascii_digit() && ch != '.');
    let unit = value.get(number.len()..).unwrap_or_default().trim_start_matches(' ').to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let unit = unit.strip_suffix('i').filter(|unit| !unit.is_empty()).unwrap_or(unit);
    number.parse::<f64>().is_ok_and(|number| number >= 0.0)
        && matches!(unit, "" | "k" | "m" | "g" | "t" | "p")
}
