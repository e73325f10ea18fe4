use crate::dockerfile::{Body, Command};
use crate::facts::{Fact, Run};
use crate::lint::calls::commands;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// `cd` in a `RUN`.
    ///
    /// ## Why it matters
    /// Each `RUN` starts in the folder that the last `WORKDIR` named. A `cd` as the last command of a `RUN` changes
    /// nothing at all, and the instruction behind it works in another place than its author thinks.
    ///
    /// A `cd` before other commands of the same `RUN` does what it says. Hadolint would have a `WORKDIR` all the same: on
    /// request, this rule shows those as well.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// RUN cd /app
    /// RUN npm ci
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// WORKDIR /app
    /// RUN npm ci
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// RUN mkdir /app && cd /app
    /// ```
    /// ```dockerfile,on-request
    /// FROM node:22-slim
    /// RUN cd /app && npm ci
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /app
    /// RUN npm ci
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the instructions behind it then work in that folder, which is what the `cd` was meant to do and never did.
    name: "cd-in-run",
    aliases: ["DL3003", "DS-0013", "DF008"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        if !matches!(fact.instruction.body, Body::Run(_)) {
            continue;
        }
        if let Some(place) = lost(&fact) {
            found.push(
                Diagnostic::new(
                    &RULE,
                    place,
                    "the `cd` is lost: the next instruction starts in the same folder as this one",
                )
                .help("set the folder with WORKDIR")
                .fix(Safety::Unsafe, "make it a WORKDIR", workdir(&fact)),
            );
            continue;
        }
        let all = commands(&fact);
        let mut changes = all.iter().filter(|command| command.name() == Some("cd"));
        let Some(first) = changes.next().and_then(|command| command.effective().words().first()) else {
            continue;
        };
        let mut diagnostic = Diagnostic::new(&RULE, first.range, "`cd` changes the folder for this RUN only")
            .help("set the folder with WORKDIR where others work in it too")
            .on_request();
        for again in changes.filter_map(|command| command.words.first()) {
            diagnostic = diagnostic.label(again.range, "and here");
        }
        found.push(diagnostic);
    }
}

/// The `cd` that ends the script, or is all there is in the JSON form.
fn lost(fact: &Fact<'_>) -> Option<TextRange> {
    let command = match &fact.facts.run {
        Run::Script(script) => {
            let last = script.list.last().filter(|_| script.understood)?;
            last.command().filter(|_| !last.background)?
        }
        Run::Exec(command) => command,
        Run::Nothing | Run::Foreign => return None,
    };
    // One behind another goes back to where the script began.
    let changes = commands(fact).into_iter().filter(|command| command.name() == Some("cd")).count();
    (command.name() == Some("cd") && changes == 1).then_some(command.range)
}

/// The instruction as a `WORKDIR`, where it is nothing but `cd folder`.
fn workdir(fact: &Fact<'_>) -> Option<EditSet> {
    let instruction = fact.instruction;
    let script = fact.facts.script()?;
    let [statement] = script.list.as_slice() else { return None };
    let command = statement.command().filter(|_| !statement.negated)?;
    let [_, folder] = command.words.as_slice() else { return None };
    let value = folder.value.as_deref().filter(|value| !value.is_empty() && !value.starts_with('-'))?;
    let is_plain = matches!(&instruction.body, Body::Run(Command::Shell(_)))
        && instruction.flags.is_empty()
        && instruction.comments.is_empty()
        && command.redirects.is_empty()
        && command.assignments.is_empty()
        && !folder.pattern
        && !value.contains(['$', '\\', '`', '"', '\'', '\n'])
        && script.range == command.range;
    let lower = instruction.name.text.chars().all(|c| c.is_ascii_lowercase());
    let keyword = Edit::replace(
        TextRange::new(instruction.name.range.start(), folder.range.start()),
        if lower { "workdir " } else { "WORKDIR " },
    );
    is_plain.then(|| EditSet::try_from(vec![keyword]).ok())?
}
