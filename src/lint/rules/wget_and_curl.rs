use crate::facts::Fact;
use crate::lint::calls::calls_of;
use crate::lint::cost::Waste;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{Action, PackageManager, Verb};
use crate::text::TextRange;

declare_rule! {
    /// Both `wget` and `curl` in one stage.
    ///
    /// ## Why it matters
    /// They do the same, and where both had to be installed, one of them is there for nothing. Where the base image
    /// brings both it costs nothing, so this rule speaks only with `--profile all`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN wget -q https://example.org/a
    /// RUN curl -fsSLO https://example.org/b
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim AS a
    /// RUN wget -q https://example.org/a
    /// FROM debian:trixie-slim AS b
    /// RUN curl -fsSLO https://example.org/b
    /// ```
    name: "wget-and-curl",
    aliases: ["DL4001", "DS-0014", "DF058"],
    category: Size,
    severity: Style,
    profile: All,
    fix: None,
}

/// A call: its stage and whether it waits behind an `ONBUILD`, its instruction, its program, its place and its aliases.
type Use<'a> = ((Option<usize>, bool), usize, &'a str, TextRange, &'static [&'static str]);

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let calls = calls_of(input, &["wget", "curl"]);
    let uses: Vec<Use<'_>> = calls
        .iter()
        .filter_map(|call| {
            let fact = call.fact;
            let waits = matches!(fact.instruction.body, crate::dockerfile::Body::Onbuild(_));
            Some((
                (fact.facts.stage, waits),
                fact.index,
                call.words.name()?,
                call.words.words().first()?.range,
                call.aliases(&RULE),
            ))
        })
        .collect();
    let mut reported = None;
    for (place, index, name, range, aliases) in &uses {
        // The other one stands before it, or further on in the same RUN.
        let other = uses.iter().find(|(other_place, other_index, other, ..)| {
            other_place == place && other_index <= index && other != name
        });
        let Some((.., other, first, _)) = other.filter(|_| reported != Some(*index)) else { continue };
        reported = Some(*index);
        let mut diagnostic =
            Diagnostic::new(&RULE, *range, format!("`{name}` in a stage that uses `{other}` as well"))
                .known_as(aliases)
                .label(*first, format!("`{other}` is here"))
                .help(format!("use `{other}` for both, and install no other"));
        if let Some(run) = installing(input, place.0, name) {
            diagnostic = diagnostic.wastes(input, &run, &Waste::Packages(vec![*name]));
        }
        found.push(diagnostic);
    }
}

/// Where apt installs the program in the stage.
fn installing<'a>(input: &Input<'a>, stage: Option<usize>, name: &str) -> Option<Fact<'a>> {
    let installs = |action: &Action<'_>| {
        action.manager == PackageManager::Apt
            && action.verb == Verb::Install
            && action.packages.iter().any(|word| word.is(name))
    };
    let mut runs = input.facts.of_stage(input.dockerfile, stage?).into_iter();
    runs.find(|fact| fact.facts.actions().iter().any(|(_, action)| installs(action)))
}
