use crate::dockerfile::{Body, Source, Transfer, Word};
use crate::facts::Fact;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A `COPY` of what `.dockerignore` leaves out.
    ///
    /// ## Why it matters
    /// The file is not in the build context, whatever is on the disk: the build fails with "not found", or a pattern
    /// matches fewer files than it seems to.
    ///
    /// ## Examples
    /// ```context
    /// dist/app.js 1000
    /// ```
    /// ```dockerignore
    /// dist
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// COPY dist/app.js /app/
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// COPY src /app/
    /// ```
    ///
    /// An ignore file with `!` patterns is not judged, as BuildKit doesn't.
    name: "copy-of-ignored-file",
    aliases: ["CopyIgnoredFile"],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(ignore) = input.context.and_then(|context| context.ignore.as_ref()) else { return };
    if ignore.patterns.is_empty() || ignore.patterns.has_exclusions() {
        return;
    }
    for fact in input.facts.all(input.dockerfile) {
        let (verb, transfer) = match &fact.instruction.body {
            Body::Copy(transfer)
                if fact.instruction.flag_value("from").is_none_or(|from| from.text.is_empty()) =>
            {
                ("Copy", transfer)
            }
            Body::Add(transfer) => ("Add", transfer),
            _ => continue,
        };
        for path in paths(transfer) {
            let Some(source) = source(input, &fact, path) else { continue };
            let is_ignored = if matches!(source.as_str(), "." | "/") {
                // The context itself is always there; only what leaves out all of it is meant.
                ignore.patterns.texts().any(|pattern| matches!(pattern.as_str(), "*" | "**" | "**/*"))
            } else {
                ignore.patterns.matches(&source)
            };
            if is_ignored {
                let name = ignore.path.file_name().unwrap_or_default().to_string_lossy();
                let message = format!("attempting to {verb} file \"{source}\" that is excluded by {name}");
                found.push(
                    Diagnostic::new(&RULE, path.range, message)
                        .help("take the pattern out of the ignore file, or copy something else"),
                );
            }
        }
    }
}

fn paths<'i, 'a>(transfer: &'i Transfer<'a>) -> impl Iterator<Item = &'i Word<'a>> {
    transfer.sources.iter().filter_map(|source| match source {
        Source::Path(word) => Some(word),
        Source::Heredoc(..) => None,
    })
}

/// The path in the context, cleaned; none where it is from elsewhere or not known.
/// Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/validations.go, `validateCopySourcePath`.
fn source(input: &Input<'_>, fact: &Fact<'_>, path: &Word) -> Option<String> {
    let text = fact.facts.before.expand(&path.text, input.dockerfile.escape)?;
    let is_remote = text.contains("://") || text.starts_with("git@") || text.starts_with("github.com/");
    let is_absolute = text.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else if part != ".." || !is_absolute {
            parts.push(part);
        }
    }
    let joined = parts.join("/");
    let cleaned = match (is_absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    };
    (!is_remote).then_some(cleaned)
}
