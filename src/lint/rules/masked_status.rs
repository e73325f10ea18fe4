use crate::lint::shell_code::{ShellCode, shell_code};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::{Command, Element, Join, PartKind, Statement, Word, statements};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// `export NAME=$(command)`: whether the command failed is lost.
    ///
    /// ## Why it matters
    /// `export` succeeds whatever became of the command whose output it takes. Where a download in it fails, the variable
    /// is empty, the build goes on, and its layer is cached. An assignment by itself fails with its command.
    ///
    /// Unasked, this rule speaks of downloads. On request it shows every command, as ShellCheck does.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN export VERSION=$(curl -fsSL https://example.org/latest) && ./install "$VERSION"
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN VERSION=$(curl -fsSL https://example.org/latest) && export VERSION && ./install "$VERSION"
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN export GNUPGHOME="$(mktemp -d)" && ./verify
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN VERSION=$(curl -fsSL https://example.org/latest) && export VERSION MODE="$1" && ./install "$VERSION"
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a build that went on without the value then fails.
    name: "masked-status",
    aliases: ["SC2155"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("$(") || code.text.contains('`')) {
        for statement in code.statements() {
            for element in &statement.pipeline {
                let Element::Command(command) = element else { continue };
                if !["export", "readonly", "declare", "typeset", "local"]
                    .contains(&command.invocation().name().unwrap_or_default())
                {
                    continue;
                }
                let is_fixed_in_function = command.words.first().is_some_and(|name| name.is("local"))
                    && command.invocation().has_flag(&["-r"]);
                if is_fixed_in_function {
                    // To assign a local variable first and fix it then takes three commands.
                    continue;
                }
                for word in command.args().iter().filter(|word| masks(word)) {
                    let diagnostic =
                        Diagnostic::new(&RULE, word.range, "whether the command in it failed is lost")
                            .help("assign first, then declare: NAME=$(…) && export NAME")
                            .fix(
                                Safety::Unsafe,
                                "assign first",
                                assigned_first(&code, statement, command, word),
                            );
                    found.push(if downloads(word) { diagnostic } else { diagnostic.on_request() });
                }
            }
        }
    }
}

/// Whether the word assigns what a command prints.
fn masks(word: &Word) -> bool {
    let parts = word.declaration().map(|(_, _, parts)| parts).unwrap_or_default();
    parts.iter().any(|part| matches!(part.kind, PartKind::Command { .. }))
}

fn downloads(word: &Word) -> bool {
    let inner = word.substitutions.iter().flat_map(|inner| statements(&inner.list));
    let elements = inner.flat_map(|statement| &statement.pipeline);
    elements.into_iter().any(|element| match element {
        Element::Command(command) => matches!(command.name(), Some("curl" | "wget")),
        Element::Compound(_) => false,
    })
}

/// The assignment before its declaration, where both fit in the place of the one.
fn assigned_first(
    code: &ShellCode<'_>,
    statement: &Statement,
    command: &Command,
    word: &Word,
) -> Option<EditSet> {
    let [name, only] = command.words.as_slice() else { return None };
    let (variable, append, _) = word.declaration()?;
    let list = &code.script.list;
    let at = list.iter().position(|other| other == statement)?;
    let next = list.get(at + 1).map(|next| next.join);
    let is_alone =
        command.assignments.is_empty() && command.redirects.is_empty() && statement.command().is_some();
    let joined = matches!(statement.join, Join::And | Join::Start | Join::Next) && next != Some(Join::Or);
    if !(name.is("export")
        && only == word
        && !append
        && is_alone
        && joined
        && !statement.background
        && !statement.negated)
    {
        return None;
    }
    let is_chained = statement.join == Join::And || next == Some(Join::And);
    let glue = if is_chained { " && " } else { "; " };
    EditSet::try_from(vec![
        Edit::delete(crate::text::TextRange::new(name.range.start(), word.range.start())),
        Edit::insert(word.range.end(), format!("{glue}export {variable}")),
    ])
    .ok()
}
