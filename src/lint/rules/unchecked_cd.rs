use crate::lint::shell_code::{program, shell_code};
use crate::lint::{Diagnostic, Input, Safety, Severity, declare_rule};
use crate::shell::{Command, CompoundKind, Element, Join, Statement, Substitution, Word, words_of};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// A `cd` whose failure nobody notices.
    ///
    /// ## Why it matters
    /// Behind `;` and in the next line of a heredoc the script goes on in the folder it was in. `cd /opt/app; rm -rf *` then
    /// empties another one. `cd /opt/app && …`, or `set -e` at the head of the script, stops there.
    ///
    /// On request this rule also shows a `cd ..` that only undoes the `cd` before it.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN cd /opt/app; rm -rf ./*
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN cd /opt/app || exit; rm -rf ./*
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN cd /opt/app && rm -rf ./*
    /// RUN set -e; cd /opt/app; rm -rf ./*
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a build that went on in another folder then fails.
    name: "unchecked-cd",
    aliases: ["SC2164", "SC2103"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in
        shell_code(input).filter(|code| ["cd", "pushd", "popd"].iter().any(|name| code.text.contains(name)))
    {
        if !code.stops_at_failure() {
            Walk { found }.list(&code.script.list, Around::default());
        }
    }
}

/// What holds around a list of statements.
#[derive(Debug, Clone, Copy, Default)]
struct Around {
    /// Something looks at whether it succeeded.
    is_asked: bool,
    /// It is a function's body, whose caller can look at what its last command did.
    is_function: bool,
}

struct Walk<'w> {
    found: &'w mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn list(&mut self, list: &[Statement], around: Around) {
        self.back_again(list);
        for (index, statement) in list.iter().enumerate() {
            let next = list.get(index + 1).map(|next| next.join);
            let is_asked = around.is_asked || matches!(next, Some(Join::And | Join::Or));
            let is_last = around.is_function && index + 1 == list.len();
            for placed in words_of(statement) {
                self.substitutions(&placed.word.substitutions, is_asked);
            }
            for element in &statement.pipeline {
                match element {
                    Element::Command(command) if !is_asked && !is_last => self.command(statement, command),
                    Element::Command(_) => {}
                    Element::Compound(compound) => self.compound(&compound.kind, is_asked),
                }
            }
        }
    }

    fn substitutions(&mut self, substitutions: &[Substitution], is_asked: bool) {
        for substitution in substitutions {
            self.list(&substitution.list, Around { is_asked, is_function: false });
        }
    }

    fn compound(&mut self, kind: &CompoundKind, is_asked: bool) {
        let around = Around { is_asked, is_function: false };
        match kind {
            CompoundKind::Subshell(body) | CompoundKind::Group(body) | CompoundKind::For { body, .. } => {
                self.list(body, around);
            }
            CompoundKind::If { branches, otherwise } => {
                for branch in branches {
                    self.condition(&branch.condition, around);
                    self.list(&branch.body, around);
                }
                self.list(otherwise, around);
            }
            CompoundKind::Loop(branch) => {
                self.condition(&branch.condition, around);
                self.list(&branch.body, around);
            }
            CompoundKind::Case { items, .. } => items.iter().for_each(|item| self.list(&item.body, around)),
            CompoundKind::Function { body, .. } => {
                // The body is one group.
                match body
                    .iter()
                    .map(|statement| statement.pipeline.as_slice())
                    .collect::<Vec<_>>()
                    .as_slice()
                {
                    [[Element::Compound(group)]] => match &group.kind {
                        CompoundKind::Group(body) => self.list(body, Around { is_function: true, ..around }),
                        kind => self.compound(kind, is_asked),
                    },
                    _ => self.list(body, around),
                }
            }
            CompoundKind::Arithmetic => {}
        }
    }

    /// Only the last command of a condition decides.
    fn condition(&mut self, list: &[Statement], around: Around) {
        if let Some((last, before)) = list.split_last() {
            self.list(before, around);
            self.list(std::slice::from_ref(last), Around { is_asked: true, ..around });
        }
    }

    fn command(&mut self, statement: &Statement, command: &Command) {
        let call = command.invocation().from(program(&command.words));
        let name = call.name().unwrap_or_default();
        let stays = call.has_flag(&["-n"]) && name != "cd";
        if !["cd", "pushd", "popd"].contains(&name) || stays || stays_near(call.args()) {
            return;
        }
        let is_alone = statement.command().is_some() && !statement.negated && !statement.background;
        let edit = Edit::insert(command.range.end(), " || exit");
        let edits = is_alone.then(|| EditSet::try_from(vec![edit]).ok()).flatten();
        self.found.push(
            Diagnostic::new(
                &RULE,
                command.range,
                format!("where this `{name}` fails, the script goes on in another folder"),
            )
            .help("join what follows with `&&`, or begin with set -e")
            .known_as(&["SC2164"])
            .fix(Safety::Unsafe, "stop where it fails", edits),
        );
    }

    /// `cd there; …; cd ..`
    fn back_again(&mut self, list: &[Statement]) {
        let stands_alone = |index: usize| {
            let joined = |statement: &Statement| matches!(statement.join, Join::And | Join::Or);
            !list.get(index).is_some_and(joined) && !list.get(index + 1).is_some_and(joined)
        };
        let changes = list.iter().enumerate().filter(|(index, _)| stands_alone(*index));
        let changes: Vec<&Command> = changes
            .filter_map(|(_, statement)| statement.command())
            .filter(|command| command.invocation().name() == Some("cd"))
            .collect();
        let returns =
            |command: &Command| matches!(command.words.as_slice(), [_, to] if to.is("..") || to.is("-"));
        let pair = changes.windows(2).find(|pair| match pair {
            [first, second] => returns(second) && !returns(first),
            _ => false,
        });
        if let Some(back) = pair.and_then(|pair| pair.get(1)) {
            self.found.push(
                Diagnostic::new(&RULE, back.range, "a subshell comes back by itself")
                    .help("( cd there && … )")
                    .severity(Severity::Info)
                    .known_as(&["SC2103"])
                    .on_request(),
            );
        }
    }
}

/// Whether the folder is one above or the same, which surely is there.
fn stays_near(args: &[Word]) -> bool {
    let [word] = args else { return false };
    let Some(path) = word.value.as_deref() else { return false };
    path.trim_start_matches('/').split('/').all(|part| matches!(part, "" | "." | ".."))
}
