use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{CompoundKind, Element, Join, Statement, Substitution, words_of};

declare_rule! {
    /// `a && b || c`, which is no if.
    ///
    /// ## Why it matters
    /// `c` also runs where `a` succeeded and `b` failed. `[ -f config ] && ./migrate || ./install` installs anew where the
    /// migration fails.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN grep -q app /etc/passwd && ./migrate || ./install
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN if grep -q app /etc/passwd; then ./migrate; else ./install; fi; ./check && ./run || true
    /// ```
    name: "and-or-as-if",
    aliases: ["SC2015"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("||")) {
        list(&code.script.list, false, found);
    }
}

/// `is_asked`: whether something looks at what the list comes to.
fn list(statements: &[Statement], is_asked: bool, found: &mut Vec<Diagnostic>) {
    for (index, statement) in statements.iter().enumerate() {
        let next = statements.get(index + 1).map(|next| next.join);
        let is_asked = is_asked || matches!(next, Some(Join::And | Join::Or));
        let before = index.checked_sub(1).and_then(|before| statements.get(before));
        if let Some(before) = before.filter(|before| statement.join == Join::Or && before.join == Join::And)
            && !is_asked
            && !ends_it(statement)
            && !is_test(before)
            && let Some(operator) = before.operator
        {
            found.push(
                Diagnostic::new(
                    &RULE,
                    operator,
                    "what stands behind `||` also runs where this `&&` ends in a failure",
                )
                .help("if …; then …; else …; fi"),
            );
        }
        for placed in words_of(statement) {
            placed
                .word
                .substitutions
                .iter()
                .for_each(|inner: &Substitution| list(&inner.list, is_asked, found));
        }
        for element in &statement.pipeline {
            if let Element::Compound(compound) = element {
                of_compound(&compound.kind, is_asked, found);
            }
        }
    }
}

fn of_compound(kind: &CompoundKind, is_asked: bool, found: &mut Vec<Diagnostic>) {
    // Only the last command of a condition decides.
    let condition = |statements: &[Statement], found: &mut Vec<Diagnostic>| {
        let start =
            statements.iter().rposition(|last| matches!(last.join, Join::Start | Join::Next)).unwrap_or(0);
        let (before, last) = statements.split_at(start);
        list(before, is_asked, found);
        list(last, true, found);
    };
    match kind {
        CompoundKind::Subshell(body)
        | CompoundKind::Group(body)
        | CompoundKind::For { body, .. }
        | CompoundKind::Function { body, .. } => list(body, is_asked, found),
        CompoundKind::If { branches, otherwise } => {
            for branch in branches {
                condition(&branch.condition, found);
                list(&branch.body, is_asked, found);
            }
            list(otherwise, is_asked, found);
        }
        CompoundKind::Loop(branch) => {
            condition(&branch.condition, found);
            list(&branch.body, is_asked, found);
        }
        CompoundKind::Case { items, .. } => items.iter().for_each(|item| list(&item.body, is_asked, found)),
        CompoundKind::Arithmetic => {}
    }
}

/// Whether it only says something, ends the script or makes a success of the failure.
fn ends_it(statement: &Statement) -> bool {
    let Some(command) = statement.command() else { return false };
    match command.invocation().name() {
        Some(name) => ["echo", "exit", "return", "printf", "true", ":"].contains(&name),
        None => command.words.is_empty() && !command.assignments.is_empty(),
    }
}

fn is_test(statement: &Statement) -> bool {
    let name = statement.command().and_then(|command| command.invocation().name());
    matches!(name, Some("[" | "[[" | "test"))
}
