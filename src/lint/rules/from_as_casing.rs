use crate::dockerfile::{Body, From, Instruction};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// `FROM` and `AS` in different cases.
    ///
    /// ## Why it matters
    /// Nothing breaks. The two words are one instruction, and read as one where they are written alike.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM golang:1.25 as build
    /// ```
    /// ```dockerfile,fixed
    /// FROM golang:1.25 AS build
    /// ```
    /// ```dockerfile,good
    /// from golang:1.25 as build
    /// ```
    ///
    /// ## Fix safety
    /// Safe: BuildKit reads both words in any case.
    name: "from-as-casing",
    aliases: ["FromAsCasing"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for instruction in input.dockerfile.instructions() {
        let Body::From(from) = &instruction.body else { continue };
        let Some(place) = joint(input, from) else { continue };
        let Some(right) = in_the_case_of(instruction, "as") else { continue };
        let written = input.source.slice(place);
        if written == right {
            continue;
        }
        let from = &instruction.name.text;
        found.push(
            Diagnostic::new(&RULE, place, format!("'{written}' and '{from}' keywords' casing do not match"))
                .help(format!("write `{right}`"))
                .fix(
                    Safety::Safe,
                    format!("write `{right}`"),
                    EditSet::try_from(vec![Edit::replace(place, right)]).ok(),
                ),
        );
    }
}

/// `word` in the case of the instruction's name; none where the name mixes both, which is another rule's affair.
fn in_the_case_of(instruction: &Instruction, word: &str) -> Option<String> {
    let name = &instruction.name.text;
    if *name == name.to_lowercase() {
        Some(word.to_lowercase())
    } else {
        (*name == name.to_uppercase()).then(|| word.to_uppercase())
    }
}

/// Where the `AS` stands: the last word before the name that isn't a comment or a continuation.
fn joint(input: &Input<'_>, from: &From) -> Option<TextRange> {
    let start = from.image.range.end();
    let between = input.source.slice(TextRange::new(start, from.alias.as_ref()?.range.start()));
    let mut at = start;
    let mut place = None;
    for line in between.split_inclusive('\n') {
        if !line.trim_start().starts_with('#') {
            let found = line.char_indices().find(|(_, ch)| matches!(ch, 'a' | 'A'));
            place = place.or(found.map(|(offset, _)| TextRange::new(at + offset, at + offset + 2)));
        }
        at += line.len();
    }
    place.filter(|place| input.source.slice(*place).eq_ignore_ascii_case("as"))
}
