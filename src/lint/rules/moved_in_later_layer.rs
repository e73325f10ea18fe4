use crate::bytes::Bytes;
use crate::lint::cost::{Files, Waste};
use crate::lint::landings::{Landing, is_everything, is_within};
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Certainty, Command, Word};

declare_rule! {
    /// A file is moved or copied in a later layer, and the image has it twice.
    ///
    /// ## Why it matters
    /// A layer can't rename what lies in an earlier one. `mv` writes the bytes again at the new place and only hides
    /// them at the old one; `cp` writes them again as well. Every region pulls both.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// COPY app.bin /tmp/app.bin
    /// RUN mv /tmp/app.bin /usr/local/bin/app
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// COPY public /src/public
    /// RUN cp -r /src/public /var/www
    /// ```
    /// A file of a few lines is not worth it:
    /// ```dockerfile,on-request
    /// FROM nginx:1.29.3
    /// COPY site.conf /tmp/site.conf
    /// RUN mv /tmp/site.conf /etc/nginx/conf.d/default.conf
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// COPY app.bin /usr/local/bin/app
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// RUN --mount=type=bind,source=app.bin,target=/tmp/app.bin cp /tmp/app.bin /usr/local/bin/app
    /// ```
    name: "moved-in-later-layer",
    aliases: [],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let shipped: Vec<_> =
        input.facts.all(input.dockerfile).filter(|fact| input.facts.is_shipped(fact)).collect();
    let landings: Vec<Landing<'_>> = shipped.iter().filter_map(|fact| Landing::of(input, *fact)).collect();
    for run in RunScript::shipped(input) {
        if !run.script.understood {
            continue;
        }
        let mut moved_directory = false;
        for occurrence in run.script.commands() {
            moved_directory |= matches!(occurrence.command.name(), Some("cd" | "pushd"));
            if occurrence.certainty < Certainty::Runs {
                continue;
            }
            for source in taken(occurrence.command) {
                let Some(text) = source.value.as_deref().filter(|_| !source.pattern) else { continue };
                if moved_directory && !text.starts_with('/') {
                    continue;
                }
                let Some(path) = run.fact.facts.before.path(&source.text, input.dockerfile.escape) else {
                    continue;
                };
                let mut came = landings.iter().filter(|landing| landing.fact.index < run.fact.index);
                let Some(landing) = came.rfind(|landing| brings(input, landing, &path)) else {
                    continue;
                };
                if run.fact.facts.is_mounted(&path) {
                    continue;
                }
                let name = occurrence.command.name().unwrap_or_default();
                let files = landing.from_context.then(|| landing.sources(input)).and_then(|sources| {
                    match sources.as_slice() {
                        [only]
                            if !is_everything(only)
                                && path == landing.destination.as_deref().unwrap_or_default() =>
                        {
                            files_in_context(input, only.trim_start_matches("./"))
                        }
                        _ => None,
                    }
                });
                let little = files.map_or_else(
                    || SMALL.iter().any(|end| text.ends_with(end)),
                    |files| files.bytes < LITTLE,
                );
                let way = if name == "mv" { "moved" } else { "copied" };
                let diagnostic = Diagnostic::new(&RULE, source.range, format!("`{text}` is {way} in a later layer than the one that brings it: the image has it twice"))
                        .help(format!("let the `{}` bring it to its place", landing.fact.instruction.name.text))
                        .label(landing.fact.instruction.range, "it comes here");
                // The layer that it is brought with is left behind by `mv`; what `cp` makes is in this one.
                let (fact, alone) = if name == "mv" {
                    (&landing.fact, landing.transfer.sources.len() == 1)
                } else {
                    (&run.fact, run.script.commands().len() == 1)
                };
                let waste = match (alone, files) {
                    (true, files) => Waste::WholeLayer(files),
                    (false, Some(files)) => Waste::Files(files),
                    (false, None) => Waste::PartOfLayer,
                };
                let diagnostic = diagnostic.wastes(input, fact, &waste);
                found.push(if little { diagnostic.on_request() } else { diagnostic });
            }
        }
    }
}

/// What `mv` and `cp` take; without what they only link.
fn taken(command: &Command) -> Vec<&Word> {
    let call = command.effective();
    let is_copy = match call.name() {
        Some("mv") => true,
        Some("cp") => !call.has_flag(&["-l", "-s", "--link", "--symbolic-link", "--reflink"]),
        _ => false,
    };
    // With `-t` the destination is no longer the last.
    if !is_copy || call.has_flag(&["-t", "--target-directory"]) {
        return Vec::new();
    }
    let mut words = call.positionals(&["-S", "--suffix"]);
    words.pop();
    words
}

/// Whether the landing brings the file or folder at `path`: it lands there, or in a folder that is above it.
fn brings(input: &Input<'_>, landing: &Landing<'_>, path: &str) -> bool {
    let Some(destination) = landing.destination.as_deref() else { return false };
    if path == destination {
        return true;
    }
    if !is_within(path, destination) {
        return false;
    }
    // A folder may have more than what came here: a source's name, or the context's listing, says what did.
    let rest = path.strip_prefix(destination).unwrap_or_default().trim_start_matches('/');
    let first = rest.split('/').next().unwrap_or_default();
    let sources = landing.sources(input);
    let by_name = sources.iter().any(|source| source.trim_end_matches('/').rsplit('/').next() == Some(first));
    let whole = landing.from_context && sources.iter().any(|source| is_everything(source));
    (by_name && landing.is_folder) || (whole && files_in_context(input, rest).is_some())
}

/// The context's file, or all of its folder, at `path`, where it has one.
fn files_in_context(input: &Input<'_>, path: &str) -> Option<Files> {
    let entries = &input.listing()?.entries;
    let mut within = entries.iter().filter(|entry| is_within(&entry.path, path)).peekable();
    within.peek().is_some().then(|| Files::of(within))
}

/// Files that are mostly a few lines.
const SMALL: &[&str] = &[
    ".cfg",
    ".cnf",
    ".conf",
    ".crt",
    ".env",
    ".ini",
    ".json",
    ".list",
    ".pem",
    ".properties",
    ".repo",
    ".rules",
    ".service",
    ".sh",
    ".template",
    ".toml",
    ".txt",
    ".xml",
    ".yaml",
    ".yml",
];

/// Below this, a file is not worth a word unasked.
const LITTLE: Bytes = Bytes(100_000);
