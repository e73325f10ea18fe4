use crate::dockerfile::words;
use crate::facts::Origin;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// `--platform=$TARGETPLATFORM`, which is the default.
    ///
    /// ## Why it matters
    /// Every stage is built for the target platform unless its `FROM` says otherwise. Where the flag is written, the
    /// reader looks for the reason, and the stages that really need one are no longer seen.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM --platform=$TARGETPLATFORM alpine:3.22
    /// ```
    /// ```dockerfile,fixed
    /// FROM alpine:3.22
    /// ```
    /// ```dockerfile,good
    /// FROM --platform=$BUILDPLATFORM golang:1.25 AS build
    /// FROM alpine:3.22
    /// ```
    ///
    /// ## Fix safety
    /// Safe: BuildKit takes the target platform where none is named. Not offered where an `ARG` of the file gives
    /// `TARGETPLATFORM` another value.
    name: "redundant-platform",
    aliases: ["DL3065", "RedundantTargetPlatform"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let instruction = fact.instruction;
        let Some(flag) = instruction.flag("platform") else { continue };
        let Some(value) = &flag.value else { continue };
        let target = "linux/target";
        let variables = &fact.facts.before.variables;
        // Any value shows whether all of the word is the variable, and nothing else is asked for.
        let known = |name: &str| {
            (variables.contains_key(name))
                .then(|| if name == "TARGETPLATFORM" { target } else { "" }.to_owned())
        };
        let Ok(expansion) = words::expand(&value.text, input.dockerfile.escape, &known) else { continue };
        let only = expansion.used.iter().map(String::as_str).eq(["TARGETPLATFORM"]);
        if instruction.keyword != Some(crate::dockerfile::Keyword::From)
            || !only
            || !expansion.unset.is_empty()
            || expansion.text != target
        {
            continue;
        }
        let is_plain = matches!(value.text.as_ref(), "$TARGETPLATFORM" | "${TARGETPLATFORM}");
        let aliases: &[&str] = if is_plain { RULE.aliases } else { &["RedundantTargetPlatform"] };
        let is_predefined =
            variables.get("TARGETPLATFORM").is_some_and(|variable| variable.origin == Origin::Predefined);
        let message = format!(
            "setting platform to predefined {} in FROM is redundant as this is the default",
            value.text
        );
        found.push(
            Diagnostic::new(&RULE, flag.range, message).known_as(aliases).help("leave the flag out").fix(
                Safety::Safe,
                "remove the flag",
                removal(input, flag.range).filter(|_| is_predefined),
            ),
        );
    }
}

/// The flag and the blanks behind it.
fn removal(input: &Input<'_>, flag: TextRange) -> Option<EditSet> {
    let behind = input.source.text().get(flag.end()..)?;
    let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    // Behind a continuation the flag may be all of its line.
    let range = TextRange::new(flag.start(), flag.end() + blanks);
    (blanks > 0).then(|| EditSet::try_from(vec![Edit::delete(range)]).ok()).flatten()
}
