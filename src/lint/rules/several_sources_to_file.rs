use crate::dockerfile::Body;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet, SourceFile, TextRange};

declare_rule! {
    /// Several sources go to a destination that doesn't end with a slash.
    ///
    /// ## Why it matters
    /// If the destination isn't a folder by then, BuildKit writes each file over the one before it, and the last one is
    /// all that is left, under the destination's name. The older builder refuses the line.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// COPY package.json package-lock.json /app
    /// ```
    /// `.` always is a folder, so that is shown on request only.
    /// ```dockerfile,on-request
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json .
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// COPY package.json package-lock.json /app/
    /// COPY src /app/src
    /// ```
    ///
    /// ## Fix safety
    /// Safe for `.`, which means the same with a slash. Else unsafe: where the destination is no folder yet, the image
    /// gets all the files where it had the last one.
    name: "several-sources-to-file",
    aliases: ["DL3021", "DS-0011", "DF048"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let (transfer, aliases): (_, &[&str]) = match &fact.instruction.body {
            Body::Copy(transfer) => (transfer, RULE.aliases),
            Body::Add(transfer) => (transfer, &["DS-0011"]),
            _ => continue,
        };
        let word = &transfer.destination;
        let expanded = fact.facts.before.expand(&word.text, input.dockerfile.escape);
        let is_open = expanded.is_none();
        let destination = expanded.unwrap_or_else(|| word.text.trim_matches(['"', '\'']).to_owned());
        if transfer.sources.len() < 2 || destination.ends_with(['/', '\\']) {
            continue;
        }
        let is_current = destination == "." || destination.ends_with("/.");
        let safety = if is_current { Safety::Safe } else { Safety::Unsafe };
        let message = if is_current {
            "several sources go to `.`, without a slash".to_owned()
        } else {
            format!("several sources go to `{}`, which may not be a folder", word.text)
        };
        let diagnostic = Diagnostic::new(&RULE, word.range, message)
            .known_as(aliases)
            .help("end the destination with a slash")
            .fix(safety, "end it with a slash", with_slash(input.source, word.range));
        found.push(if is_current || is_open { diagnostic.on_request() } else { diagnostic });
    }
}

/// A slash at the end of the word, before its closing quote.
fn with_slash(source: &SourceFile, word: TextRange) -> Option<EditSet> {
    let text = source.slice(word);
    let quotes = text.len() - text.trim_end_matches(['"', '\'']).len();
    let is_plain = quotes <= 1 && !text.contains(['\n', '\\', '`']);
    is_plain.then(|| EditSet::try_from(vec![Edit::insert(word.end() - quotes, "/")]).ok())?
}
