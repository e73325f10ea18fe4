use crate::dockerfile::{Body, Instruction, Pair, Separator};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// `ENV key value` instead of `ENV key=value`.
    ///
    /// ## Why it matters
    /// In the old form all of the line behind the key is the value: `ENV A 1 B 2` sets one variable. It takes one pair
    /// an instruction, blanks at will, and reads like two words of a command.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// ENV OPTIONS -a -b
    /// ```
    /// ```dockerfile,fixed
    /// FROM alpine:3.22
    /// ENV OPTIONS="-a -b"
    /// ```
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// ENV OPTIONS="-a -b" LEVEL=1
    /// LABEL version=1
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the value is quoted where it has blanks, and comes to the same text. No fix is offered where quotes,
    /// escapes and blanks are mixed so that it would not.
    name: "legacy-key-value",
    aliases: ["LegacyKeyValueFormat"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let instruction = fact.instruction;
        let (Body::Env(pairs) | Body::Label(pairs)) = &instruction.body else { continue };
        for pair in pairs.iter().filter(|pair| pair.separator == Separator::Space) {
            let name = instruction.name.text.to_uppercase();
            let message =
                format!("\"{name} key=value\" should be used instead of legacy \"{name} key value\" format");
            found.push(
                Diagnostic::new(&RULE, pair.key.range, message)
                    .help("put a `=` between the two, and the value into quotes where it has blanks")
                    .fix(Safety::Safe, "write it with `=`", with_equals(input, instruction, pair)),
            );
        }
    }
}

fn with_equals(input: &Input<'_>, instruction: &Instruction, pair: &Pair) -> Option<EditSet> {
    let value = pair.value.as_ref()?;
    let escape = input.dockerfile.escape;
    let gap = TextRange::new(pair.key.range.end(), value.range.start());
    let is_gap = |ch: char| ch.is_whitespace() || ch == escape;
    // A comment between the two would be lost.
    if !input.source.slice(gap).chars().all(is_gap)
        || pair.key.text.contains(['"', '\'', '$', '<', '=', escape])
        || instruction.comments.iter().any(|comment| gap.contains_range(*comment))
    {
        return None;
    }
    let text = &value.text;
    let edits = if !has_bare_blank(text, escape)? {
        vec![Edit::replace(gap, "=")]
    } else if !text.contains(['"', '\'', '<', escape]) {
        vec![Edit::replace(gap, "=\""), Edit::insert(value.range.end(), "\"")]
    } else if text.len() == value.range.len() {
        // All on one line: its parts in quotes become part of one.
        vec![Edit::replace(gap, "="), Edit::replace(value.range, quoted(text, escape)?)]
    } else {
        return None;
    };
    EditSet::try_from(edits).ok()
}

/// Whether a blank stands outside of quotes and is not escaped; none where a quote is never closed.
fn has_bare_blank(text: &str, escape: char) -> Option<bool> {
    let mut quote = None;
    let mut chars = text.chars();
    let mut found = false;
    while let Some(ch) = chars.next() {
        match (quote, ch) {
            (None, '"' | '\'') => quote = Some(ch),
            (Some(open), _) if open == ch => quote = None,
            (None, _) if ch.is_whitespace() => found = true,
            // An escape at the very end escapes nothing, and is dropped in one form only.
            (None | Some('"'), _) if ch == escape => {
                chars.next()?;
            }
            _ => {}
        }
    }
    quote.is_none().then_some(found)
}

/// The text within one pair of quotes; none where its own quotes hide what would then mean something.
fn quoted(text: &str, escape: char) -> Option<String> {
    let mut result = String::from("\"");
    let mut quote = None;
    for ch in text.chars() {
        match (quote, ch) {
            (None, '"' | '\'') => quote = Some(ch),
            (Some(open), _) if open == ch => quote = None,
            (Some('\''), '"' | '$') | (None, '<') => return None,
            _ if ch == escape => return None,
            _ => result.push(ch),
        }
    }
    result.push('"');
    quote.is_none().then_some(result)
}
