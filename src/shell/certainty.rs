//! Every simple command of a script in the order in which it runs, and whether it surely does.

use super::tree::{
    Command, Compound, CompoundKind, Element, Join, Redirect, RedirectTarget, Script, Statement,
    Substitution, Word,
};

/// What is known of a command where the script as a whole ends with success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It may have run or not.
    Possible,
    /// It has run; whether it succeeded did not matter.
    Runs,
    /// It has run and succeeded.
    Succeeds,
}

/// A simple command in its place.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence<'a> {
    /// The command.
    pub command: &'a Command,
    /// How its statement is joined to the one before it in the same list.
    pub join: Join,
    /// What a success of the script says about it.
    pub certainty: Certainty,
    /// The statement of [`Script::list`] that it is in.
    pub statement: usize,
    /// Whether it is that statement by itself: in no compound, no pipe and no substitution.
    pub top_level: bool,
    /// Whether it runs in a process of its own, so that a `cd` or `export` in it is lost.
    pub detached: bool,
}

impl Occurrence<'_> {
    /// Whether the command surely runs where the script ends with success.
    pub fn is_certain(&self) -> bool {
        self.certainty >= Certainty::Runs
    }
}

impl Script {
    /// Every simple command in the order in which it runs: substitutions before the command that uses their output,
    /// what a `sh -c` runs behind it. The bodies of functions stand where they are defined.
    pub fn commands(&self) -> Vec<Occurrence<'_>> {
        let mut walk = Walk { found: Vec::new(), statement: 0, ended: false };
        walk.list(&self.list, Certainty::Succeeds, Place { nested: false, detached: false });
        walk.found
    }
}

impl Command {
    /// The command as the only one there is, and what a `sh -c` in it runs.
    pub fn alone(&self) -> Vec<Occurrence<'_>> {
        let mut walk = Walk { found: Vec::new(), statement: 0, ended: false };
        walk.command(self, Join::Start, Certainty::Succeeds, Place { nested: false, detached: false });
        walk.found
    }
}

#[derive(Clone, Copy)]
struct Place {
    nested: bool,
    detached: bool,
}

struct Walk<'a> {
    found: Vec<Occurrence<'a>>,
    statement: usize,
    /// Whether something before could have ended the script with success.
    ended: bool,
}

impl<'a> Walk<'a> {
    fn list(&mut self, list: &'a [Statement], certainty: Certainty, place: Place) {
        let mut start = 0;
        while start < list.len() {
            let is_joined = |statement: &&Statement| matches!(statement.join, Join::And | Join::Or);
            let joined = list.get(start + 1..).unwrap_or_default().iter().take_while(is_joined).count();
            let end = start + 1 + joined;
            let and_or = list.get(start..end).unwrap_or_default();
            let own = if end == list.len() { certainty } else { certainty.min(Certainty::Runs) };
            let certainties = and_or_certainties(and_or, own, !place.detached);
            for (offset, (statement, certainty)) in and_or.iter().zip(certainties).enumerate() {
                if !place.nested {
                    self.statement = start + offset;
                }
                self.statement(statement, certainty, place);
            }
            start = end;
        }
    }

    fn statement(&mut self, statement: &'a Statement, certainty: Certainty, place: Place) {
        let mut certainty = if self.ended { Certainty::Possible } else { certainty };
        if statement.background {
            certainty = Certainty::Possible;
        }
        if statement.negated {
            certainty = certainty.min(Certainty::Runs);
        }
        let piped = statement.pipeline.len() > 1;
        let place = Place {
            nested: place.nested || piped,
            detached: place.detached || piped || statement.background,
        };
        for (index, element) in statement.pipeline.iter().enumerate() {
            let is_last = index + 1 == statement.pipeline.len();
            let own = if is_last { certainty } else { certainty.min(Certainty::Runs) };
            match element {
                Element::Command(command) => self.command(command, statement.join, own, place),
                Element::Compound(compound) => self.compound(compound, own, place),
            }
        }
    }

    fn command(&mut self, command: &'a Command, join: Join, certainty: Certainty, place: Place) {
        for assignment in &command.assignments {
            self.word(&assignment.value, certainty);
        }
        for word in &command.words {
            self.word(word, certainty);
        }
        self.redirects(&command.redirects, certainty);
        self.found.push(Occurrence {
            command,
            join,
            certainty,
            statement: self.statement,
            top_level: !place.nested,
            detached: place.detached,
        });
        if !command.inner.is_empty() {
            self.apart(|walk| walk.list(&command.inner, certainty, Place { nested: true, detached: true }));
        }
        if !place.detached && may_end_with_success(command) {
            self.ended = true;
        }
    }

    fn compound(&mut self, compound: &'a Compound, certainty: Certainty, place: Place) {
        let inside = Place { nested: true, detached: place.detached };
        self.redirects(&compound.redirects, certainty);
        match &compound.kind {
            CompoundKind::Subshell(body) => {
                self.apart(|walk| walk.list(body, certainty, Place { nested: true, detached: true }));
            }
            CompoundKind::Group(body) => self.list(body, certainty, inside),
            CompoundKind::If { branches, otherwise } => {
                let mut condition = certainty.min(Certainty::Runs);
                for branch in branches {
                    self.list(&branch.condition, condition, inside);
                    self.list(&branch.body, Certainty::Possible, inside);
                    condition = Certainty::Possible;
                }
                self.list(otherwise, Certainty::Possible, inside);
            }
            CompoundKind::Loop(branch) => {
                self.list(&branch.condition, certainty.min(Certainty::Runs), inside);
                self.looped(&branch.body, Certainty::Possible, inside);
            }
            CompoundKind::For { words, body, .. } => {
                for word in words {
                    self.word(word, certainty);
                }
                let once = words.iter().any(|word| word.value.is_some() && !word.pattern);
                let own = if once { certainty.min(Certainty::Runs) } else { Certainty::Possible };
                self.looped(body, own, inside);
            }
            CompoundKind::Case { word, items } => {
                self.word(word, certainty);
                for item in items {
                    self.list(&item.body, Certainty::Possible, inside);
                }
            }
            CompoundKind::Function { body, .. } => self.list(body, Certainty::Possible, inside),
            CompoundKind::Arithmetic => {}
        }
    }

    /// A loop's body: `break` and `continue` in it end no more than the loop.
    fn looped(&mut self, body: &'a [Statement], certainty: Certainty, place: Place) {
        let leaves_early = |statement: &Statement| {
            statement
                .command()
                .and_then(Command::name)
                .is_some_and(|name| matches!(name, "break" | "continue"))
        };
        let certainty = if contains(body, &leaves_early) { Certainty::Possible } else { certainty };
        self.list(body, certainty, place);
    }

    /// What runs in a process of its own can't end the script.
    fn apart(&mut self, run: impl FnOnce(&mut Self)) {
        let ended = self.ended;
        run(self);
        self.ended = ended;
    }

    fn redirects(&mut self, redirects: &'a [Redirect], certainty: Certainty) {
        for redirect in redirects {
            match &redirect.target {
                RedirectTarget::Word(word) => self.word(word, certainty),
                RedirectTarget::Heredoc(heredoc) => self.substitutions(&heredoc.substitutions, certainty),
                RedirectTarget::Closed => {}
            }
        }
    }

    fn word(&mut self, word: &'a Word, certainty: Certainty) {
        self.substitutions(&word.substitutions, certainty);
    }

    fn substitutions(&mut self, substitutions: &'a [Substitution], certainty: Certainty) {
        for substitution in substitutions {
            let own =
                if substitution.conditional { Certainty::Possible } else { certainty.min(Certainty::Runs) };
            self.apart(|walk| walk.list(&substitution.list, own, Place { nested: true, detached: true }));
        }
    }
}

/// What a list joined by `&&` and `||` says about each of its statements, given what is known of the whole.
/// `own_shell`: whether an `exit` in it ends the script itself.
fn and_or_certainties(list: &[Statement], whole: Certainty, own_shell: bool) -> Vec<Certainty> {
    let mut certainties = vec![Certainty::Possible; list.len()];
    // Even where nobody asks for the list's status, `… || exit 1` at its end does.
    let guarded = own_shell && list.last().is_some_and(|last| last.join == Join::Or && always_exits(last));
    let mut known = if guarded && whole >= Certainty::Runs { Certainty::Succeeds } else { whole };
    if known == Certainty::Runs && list.len() > 1 {
        known = Certainty::Possible;
    }
    for (statement, certainty) in list.iter().zip(&mut certainties).rev() {
        match statement.join {
            Join::Or if always_fails(statement) => *certainty = Certainty::Possible,
            // Either side can have been the one that succeeded: of those before, only the first surely ran.
            Join::Or => known = Certainty::Possible,
            Join::And | Join::Start | Join::Next => *certainty = known,
        }
    }
    if let Some(first) = certainties.first_mut() {
        *first = (*first).max(whole.min(Certainty::Runs));
    }
    certainties
}

/// Whether the statement ends the shell it is in with failure: `exit 1`, `{ echo no; exit 1; }`.
fn always_exits(statement: &Statement) -> bool {
    match statement.pipeline.as_slice() {
        [Element::Command(command)] => command.name() == Some("exit") && always_fails(statement),
        [Element::Compound(Compound { kind: CompoundKind::Group(body), .. })] => {
            always_fails(statement) && body.last().is_some_and(always_exits)
        }
        _ => false,
    }
}

/// Whether the statement can't succeed: `exit 1`, `false`, `(echo no; exit 1)`.
fn always_fails(statement: &Statement) -> bool {
    let [element] = statement.pipeline.as_slice() else { return false };
    if statement.negated || statement.background {
        return false;
    }
    match element {
        Element::Command(command) => match command.name() {
            Some("false") => true,
            Some("exit" | "return") => exit_status(command).is_some_and(|status| status != 0),
            _ => false,
        },
        Element::Compound(compound) => match &compound.kind {
            CompoundKind::Group(body) | CompoundKind::Subshell(body) => {
                let plain = body.iter().all(|statement| matches!(statement.join, Join::Start | Join::Next));
                plain && body.last().is_some_and(always_fails)
            }
            _ => false,
        },
    }
}

/// Whether the shell may be gone with status 0 after the command.
fn may_end_with_success(command: &Command) -> bool {
    match command.invocation().name() {
        Some("exit" | "return") => exit_status(command).is_none_or(|status| status == 0),
        Some("exec") => command.words.len() > 1,
        _ => false,
    }
}

fn exit_status(command: &Command) -> Option<u32> {
    command.args().first()?.value.as_deref()?.parse().ok()
}

fn contains(list: &[Statement], wanted: &impl Fn(&Statement) -> bool) -> bool {
    list.iter().any(|statement| {
        wanted(statement)
            || statement.pipeline.iter().any(|element| match element {
                Element::Command(_) => false,
                Element::Compound(compound) => match &compound.kind {
                    CompoundKind::Subshell(body)
                    | CompoundKind::Group(body)
                    | CompoundKind::For { body, .. }
                    | CompoundKind::Function { body, .. } => contains(body, wanted),
                    CompoundKind::If { branches, otherwise } => {
                        contains(otherwise, wanted)
                            || branches.iter().any(|branch| {
                                contains(&branch.condition, wanted) || contains(&branch.body, wanted)
                            })
                    }
                    CompoundKind::Loop(branch) => {
                        contains(&branch.condition, wanted) || contains(&branch.body, wanted)
                    }
                    CompoundKind::Case { items, .. } => items.iter().any(|item| contains(&item.body, wanted)),
                    CompoundKind::Arithmetic => false,
                },
            })
    })
}
