//! The rewrites of a Dockerfile, for programs and for the comment under a pull request.

use std::fmt::Write as _;

use serde::Serialize;

use crate::rewrite::{Origin, Variants};

/// The version of the JSON form.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    path: &'a str,
    variants: Vec<VariantForm<'a>>,
    abstained: Vec<AbstainedForm<'a>>,
}

#[derive(Serialize)]
struct VariantForm<'a> {
    name: &'a str,
    origin: &'static str,
    rewrites: Vec<RewriteForm<'a>>,
    diff: &'a str,
}

#[derive(Serialize)]
struct RewriteForm<'a> {
    name: &'a str,
    title: &'a str,
    can_differ: &'a [String],
}

#[derive(Serialize)]
struct AbstainedForm<'a> {
    transform: &'a str,
    line: usize,
    reason: &'a str,
}

/// One JSON object: each variant with its rewrites and its diff, and each transform that left the file as it is.
pub fn json(path: &str, variants: &Variants) -> Result<String, serde_json::Error> {
    let made = variants.made.iter().filter(|variant| !variant.diff.is_empty());
    let document = Document {
        version: VERSION,
        path,
        variants: made
            .map(|variant| VariantForm {
                name: &variant.name,
                origin: origin(variant.origin),
                rewrites: variant
                    .rewrites
                    .iter()
                    .map(|rewrite| RewriteForm {
                        name: rewrite.rule,
                        title: &rewrite.title,
                        can_differ: &rewrite.can_differ,
                    })
                    .collect(),
                diff: &variant.diff,
            })
            .collect(),
        abstained: variants
            .abstained
            .iter()
            .map(|abstained| AbstainedForm {
                transform: abstained.transform,
                line: abstained.line,
                reason: &abstained.reason,
            })
            .collect(),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// A section a variant: what it does, what can differ, and the diff.
pub fn markdown(path: &str, variants: &Variants) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "# Rewrites of `{path}`");
    for variant in variants.made.iter().filter(|variant| !variant.diff.is_empty()) {
        let _ = writeln!(text, "\n## {}\n", variant.name);
        for rewrite in &variant.rewrites {
            let _ = writeln!(text, "- {} (`{}`)", rewrite.title, rewrite.rule);
            for difference in &rewrite.can_differ {
                let _ = writeln!(text, "  - can differ: {difference}");
            }
        }
        let fence = fence(&variant.diff);
        let _ = writeln!(text, "\n{fence}diff\n{}{fence}", variant.diff);
    }
    if !variants.abstained.is_empty() {
        let _ = writeln!(text, "\n## Left as it is\n");
    }
    for abstained in &variants.abstained {
        let _ = writeln!(text, "- `{}`, line {}: {}", abstained.transform, abstained.line, abstained.reason);
    }
    text
}

/// Backticks that the text has not so many of in a row.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Original => "original",
        Origin::Safe => "safe",
        Origin::Unsafe => "unsafe",
        Origin::Structural => "structural",
        Origin::Alone => "alone",
        Origin::User => "user",
    }
}
