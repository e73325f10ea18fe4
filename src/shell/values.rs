//! What can be said of a variable's value where it is used: whether the shell would split it or take it for a pattern.
//!
//! The script becomes a graph of assignments, and what is known flows along it until nothing changes. What is known of a
//! value only ever becomes less, so that ends soon.

use std::collections::{HashMap, VecDeque};

use super::mentions::set_in_arithmetic;
use super::parts::{Parameter, Part, PartKind, is_name};
use super::roles::{Role, words_of};
use super::tree::{Command, Compound, CompoundKind, Element, Join, Script, Statement, Substitution, Word};
use crate::text::TextRange;

/// Nodes times variables: more than a script that a person writes comes to. Of a larger one nothing is said.
const LARGEST: usize = 1 << 22;

/// Parameters that always are a plain number or letters.
const PLAIN: [&str; 17] = [
    "?",
    "#",
    "$",
    "!",
    "-",
    "UID",
    "EUID",
    "PPID",
    "RANDOM",
    "SECONDS",
    "LINENO",
    "SHLVL",
    "OPTIND",
    "COLUMNS",
    "LINES",
    "BASHPID",
    "BASH_SUBSHELL",
];

/// What is known of a value. The later, the less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    /// There is none.
    Empty,
    /// It has neither blanks nor `*`, `?` or `[` in it.
    Plain,
    /// It can be anything.
    Nothing,
}

/// A piece that a value is made of.
#[derive(Debug, Clone, Copy)]
enum Piece {
    Known(Known),
    Variable(usize),
}

/// A step of the script: what it assigns, and the steps that can follow.
#[derive(Debug, Default)]
struct Node {
    writes: Vec<(usize, Vec<Piece>)>,
    next: Vec<usize>,
}

/// What is known of the variables of a script, wherever one is used.
#[derive(Debug, Default)]
pub struct Values {
    /// Where the uses start that are surely plain.
    plain: Vec<usize>,
    /// Whether there is too much of it to say anything.
    abstains: bool,
}

impl Values {
    /// Follows the values through `script`, whose text is `text`. `is_set` says of a name whether something outside of the script sets it, and
    /// to what whoever wrote it knows.
    pub fn of(script: &Script, text: &str, is_set: &dyn Fn(&str) -> bool) -> Self {
        let mut builder = Builder { is_set, text, start: script.range.start(), ..Builder::default() };
        let start = builder.node(&[]);
        builder.list(&script.list, start);
        builder.solve()
    }

    /// Whether the parameter that stands at the offset `start` surely splits into nothing else and matches no file.
    pub fn is_plain(&self, start: usize) -> bool {
        self.abstains || self.plain.binary_search(&start).is_ok()
    }
}

struct Builder<'a> {
    is_set: &'a dyn Fn(&str) -> bool,
    text: &'a str,
    /// Where the text starts in the file.
    start: usize,
    nodes: Vec<Node>,
    /// The variables that the script assigns or that it makes others of.
    variables: HashMap<&'a str, usize>,
    /// The functions that it defines: the first and the last node of each, and whether anything calls it.
    functions: HashMap<&'a str, Function>,
    /// Where parameters are put in: the start of each, the node at whose beginning it is, and its name.
    uses: Vec<(usize, usize, &'a str)>,
    /// The last node of the function around.
    returns: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Function {
    first: usize,
    last: usize,
}

impl Default for Builder<'_> {
    fn default() -> Self {
        Self {
            is_set: &|_| false,
            text: "",
            start: 0,
            nodes: Vec::new(),
            variables: HashMap::new(),
            functions: HashMap::new(),
            uses: Vec::new(),
            returns: None,
        }
    }
}

impl<'a> Builder<'a> {
    /// A node behind others.
    fn node(&mut self, behind: &[usize]) -> usize {
        let new = self.nodes.len();
        self.nodes.push(Node::default());
        for from in behind {
            self.link(*from, new);
        }
        new
    }

    fn link(&mut self, from: usize, to: usize) {
        if let Some(node) = self.nodes.get_mut(from) {
            node.next.push(to);
        }
    }

    fn write(&mut self, node: usize, name: &'a str, pieces: Vec<Piece>) {
        let variable = self.variable(name);
        if let Some(node) = self.nodes.get_mut(node) {
            node.writes.push((variable, pieces));
        }
    }

    fn variable(&mut self, name: &'a str) -> usize {
        let next = self.variables.len();
        *self.variables.entry(name).or_insert(next)
    }

    /// Each of these takes the node that it follows and gives the one that follows it.
    fn list(&mut self, list: &'a [Statement], from: usize) -> usize {
        let mut end = from;
        let mut start = 0;
        while let Some(first) = list.get(start) {
            let joined = |statement: &&Statement| matches!(statement.join, Join::And | Join::Or);
            let behind = list.get(start + 1..).unwrap_or_default();
            let length = 1 + behind.iter().take_while(joined).count();
            let before = end;
            for statement in list.iter().skip(start).take(length) {
                let after = self.statement(statement, end);
                // What `&&` and `||` stand before may not run.
                end = if joined(&statement) { self.node(&[after, end]) } else { after };
            }
            if first.background {
                end = before;
            }
            start += length;
        }
        end
    }

    fn statement(&mut self, statement: &'a Statement, from: usize) -> usize {
        for placed in words_of(statement) {
            self.word(placed.word, from, placed.role);
        }
        let [element] = statement.pipeline.as_slice() else {
            // Each part of a pipe is a process of its own.
            for element in &statement.pipeline {
                self.element(element, from);
            }
            return from;
        };
        self.element(element, from)
    }

    fn element(&mut self, element: &'a Element, from: usize) -> usize {
        match element {
            Element::Command(command) => self.command(command, from),
            Element::Compound(compound) => self.compound(compound, from),
        }
    }

    /// Remembers what is put into a word at `node`, and follows its substitutions.
    fn word(&mut self, word: &'a Word, node: usize, _: Role) {
        if !word.variables.is_empty() || word.text.contains('$') {
            for part in word.parts() {
                if let PartKind::Parameter(parameter) = part.kind {
                    self.uses.push((part.range.start(), node, parameter.name));
                }
            }
        }
        self.substitutions(&word.substitutions, node);
    }

    fn substitutions(&mut self, substitutions: &'a [Substitution], node: usize) {
        for substitution in substitutions {
            self.list(&substitution.list, node);
        }
    }

    fn command(&mut self, command: &'a Command, from: usize) -> usize {
        let mut end = self.defaults(command, from);
        if command.words.is_empty() {
            for assignment in &command.assignments {
                let name = assignment.name.split('[').next().unwrap_or_default();
                let is_item = name.len() < assignment.name.len() || assignment.value.text.starts_with('(');
                let pieces = if is_item {
                    vec![Piece::Known(Known::Nothing)]
                } else {
                    self.pieces(&assignment.value.parts())
                };
                end = self.assign(end, name, assignment.append, pieces);
            }
            return end;
        }
        let mut invocation = command.invocation();
        while matches!(invocation.name(), Some("command" | "builtin")) {
            invocation = invocation.from(1);
        }
        let args = invocation.args();
        match invocation.name() {
            Some("exit") => return self.node(&[]),
            Some("return") => {
                if let Some(returns) = self.returns {
                    self.link(end, returns);
                }
                return self.node(&[]);
            }
            Some("export" | "readonly" | "declare" | "typeset" | "local" | "let") => {
                let is_number =
                    args.iter().any(|word| word.shown().starts_with('-') && word.shown().contains('i'));
                for word in args {
                    let Some((name, append, parts)) = word.declaration() else { continue };
                    let pieces = if is_number {
                        vec![Piece::Known(Known::Plain)]
                    } else if word.text.ends_with(')') && !word.text.contains("$(") {
                        vec![Piece::Known(Known::Nothing)]
                    } else {
                        self.pieces(&parts)
                    };
                    end = self.assign(end, name, append, pieces);
                }
            }
            Some("unset") => {
                for name in args.iter().filter_map(|word| word.value.as_deref()).filter(|name| is_name(name))
                {
                    end = self.assign(end, name, false, Vec::new());
                }
            }
            Some("read" | "mapfile" | "readarray") => {
                for name in args.iter().filter_map(|word| word.value.as_deref()).filter(|name| is_name(name))
                {
                    end = self.assign(end, name, false, vec![Piece::Known(Known::Nothing)]);
                }
            }
            Some("printf") if args.first().is_some_and(|word| word.is("-v")) => {
                if let Some(name) = args.get(1).and_then(|word| word.value.as_deref()) {
                    end = self.assign(end, name, false, vec![Piece::Known(Known::Nothing)]);
                }
            }
            Some("wait") if args.first().is_some_and(|word| word.is("-p")) => {
                if let Some(name) = args.get(1).and_then(|word| word.value.as_deref()) {
                    end = self.assign(end, name, false, vec![Piece::Known(Known::Plain)]);
                }
            }
            Some(name) => {
                if let Some(function) = self.functions.get(name).copied() {
                    self.link(end, function.first);
                    end = self.node(&[function.last]);
                }
            }
            None => {}
        }
        end
    }

    /// The `${name:=default}` in a command's words: the variable may be set to anything.
    fn defaults(&mut self, command: &'a Command, from: usize) -> usize {
        let mut end = from;
        for word in command.words.iter().filter(|word| word.text.contains('=') && word.text.contains("${")) {
            for part in word.parts() {
                let PartKind::Parameter(Parameter { name, behind, .. }) = part.kind else { continue };
                if behind.starts_with('=') || behind.starts_with(":=") {
                    let set = self.assign(end, name, false, vec![Piece::Known(Known::Nothing)]);
                    end = self.node(&[set, end]);
                }
            }
        }
        end
    }

    fn assign(&mut self, from: usize, name: &'a str, append: bool, mut pieces: Vec<Piece>) -> usize {
        let node = self.node(&[from]);
        if append {
            pieces.insert(0, Piece::Variable(self.variable(name)));
        }
        self.write(node, name, pieces);
        self.node(&[node])
    }

    /// What a value is made of.
    fn pieces(&mut self, parts: &[Part<'a>]) -> Vec<Piece> {
        let pieces = parts.iter().map(|part| match part.kind {
            PartKind::Literal(text)
                if part.quotes.is_none() && text.contains(['{', '~']) && text.contains('}') =>
            {
                Piece::Known(Known::Nothing)
            }
            PartKind::Literal(text) | PartKind::Escape(text) | PartKind::SingleQuoted(text) => {
                Piece::Known(literal(text))
            }
            PartKind::AnsiQuoted(text) if text.contains('\\') => Piece::Known(Known::Nothing),
            PartKind::AnsiQuoted(text) => Piece::Known(literal(text)),
            PartKind::Parameter(parameter) if parameter.before.is_empty() && parameter.behind.is_empty() => {
                if PLAIN.contains(&parameter.name) {
                    Piece::Known(Known::Plain)
                } else {
                    Piece::Variable(self.variable(parameter.name))
                }
            }
            PartKind::Arithmetic => Piece::Known(Known::Plain),
            PartKind::Parameter(_) | PartKind::Command { .. } | PartKind::Process => {
                Piece::Known(Known::Nothing)
            }
        });
        pieces.collect()
    }

    fn compound(&mut self, compound: &'a Compound, from: usize) -> usize {
        match &compound.kind {
            CompoundKind::Subshell(body) => {
                self.list(body, from);
                from
            }
            CompoundKind::Group(body) => self.list(body, from),
            CompoundKind::If { branches, otherwise } => {
                let mut ends = Vec::new();
                let mut at = from;
                for branch in branches {
                    at = self.list(&branch.condition, at);
                    ends.push(self.list(&branch.body, at));
                }
                ends.push(self.list(otherwise, at));
                self.node(&ends)
            }
            CompoundKind::Loop(branch) => {
                let start = self.node(&[from]);
                let condition = self.list(&branch.condition, start);
                let body = self.list(&branch.body, condition);
                self.link(body, start);
                condition
            }
            CompoundKind::For { variable: None, body, .. } => {
                let head = body.first().map_or(compound.range.end(), |first| first.range.start());
                let start = self.arithmetic(TextRange::new(compound.range.start(), head), from);
                let end = self.list(body, start);
                self.link(end, start);
                start
            }
            CompoundKind::For { variable, words, body } => {
                let choice = self.node(&[from]);
                let inside = self.node(&[]);
                let name = variable.as_deref().unwrap_or_default();
                let splits = words.is_empty() || words.iter().any(Self::splits);
                let values: Vec<Vec<Piece>> = if splits {
                    vec![vec![Piece::Known(Known::Nothing)]]
                } else {
                    words.iter().map(|word| self.pieces(&word.parts())).collect()
                };
                for value in values {
                    let set = self.assign(choice, name, false, value);
                    self.link(set, inside);
                }
                let end = self.list(body, inside);
                self.link(end, choice);
                self.node(&[end, from])
            }
            CompoundKind::Case { items, .. } => {
                let mut ends: Vec<usize> = items.iter().map(|item| self.list(&item.body, from)).collect();
                let takes_all = items.iter().any(|item| {
                    item.patterns.iter().any(|pattern| pattern.text.trim_matches('*').is_empty())
                });
                if !takes_all {
                    ends.push(from);
                }
                self.node(&ends)
            }
            CompoundKind::Function { name, body } => {
                // Where nothing calls it, it sees what holds where it is defined.
                let first = self.node(&[from]);
                let last = self.node(&[]);
                self.functions.insert(name, Function { first, last });
                let around = self.returns.replace(last);
                let end = self.list(body, first);
                self.link(end, last);
                self.returns = around;
                from
            }
            CompoundKind::Arithmetic => self.arithmetic(compound.range, from),
        }
    }

    /// What arithmetic sets is a number.
    fn arithmetic(&mut self, range: TextRange, from: usize) -> usize {
        let within = |offset: usize| offset.saturating_sub(self.start);
        let text: &'a str = self.text.get(within(range.start())..within(range.end())).unwrap_or_default();
        let mut end = from;
        for name in set_in_arithmetic(text) {
            end = self.assign(end, name, false, vec![Piece::Known(Known::Plain)]);
        }
        end
    }

    /// Whether one word of a loop can become several.
    fn splits(word: &Word) -> bool {
        word.is_pattern()
            || word.parts().iter().any(|part| match part.kind {
                PartKind::Parameter(parameter) => part.quotes.is_none() || is_list(parameter),
                PartKind::Command { .. } => part.quotes.is_none(),
                PartKind::Literal(text) => {
                    part.quotes.is_none() && text.contains('{') && word.value.is_none()
                }
                _ => false,
            })
    }

    fn solve(self) -> Values {
        let count = self.variables.len();
        if self.nodes.len().saturating_mul(count) > LARGEST {
            return Values { plain: Vec::new(), abstains: true };
        }
        let outside = |name: &str| PLAIN.contains(&name) || (self.is_set)(name);
        let mut initial = vec![Known::Nothing; count];
        for (name, index) in &self.variables {
            if let Some(known) = initial.get_mut(*index).filter(|_| outside(name)) {
                *known = Known::Plain;
            }
        }
        let mut states: Vec<Option<Vec<Known>>> = vec![None; self.nodes.len()];
        let mut waiting = VecDeque::from([(0, initial)]);
        while let Some((index, state)) = waiting.pop_front() {
            let Some(known) = states.get_mut(index) else { continue };
            let merged = match known {
                None => state,
                Some(known) => {
                    let merged: Vec<Known> = known.iter().zip(&state).map(|(a, b)| *a.max(b)).collect();
                    if merged == *known {
                        continue;
                    }
                    merged
                }
            };
            *known = Some(merged.clone());
            let Some(node) = self.nodes.get(index) else { continue };
            let after = written(merged, &node.writes);
            waiting.extend(node.next.iter().map(|next| (*next, after.clone())));
        }
        let is_plain = |(start, node, name): &(usize, usize, &str)| {
            let state = states.get(*node)?.as_ref()?;
            let plain = match self.variables.get(name) {
                Some(index) => state.get(*index) == Some(&Known::Plain),
                None => outside(name),
            };
            plain.then_some(*start)
        };
        let mut plain: Vec<usize> = self.uses.iter().filter_map(is_plain).collect();
        plain.sort_unstable();
        Values { plain, abstains: false }
    }
}

/// What is known behind a node.
fn written(mut state: Vec<Known>, writes: &[(usize, Vec<Piece>)]) -> Vec<Known> {
    for (variable, pieces) in writes {
        let pieces = pieces.iter().map(|piece| match piece {
            Piece::Known(known) => *known,
            Piece::Variable(index) => state.get(*index).copied().unwrap_or(Known::Nothing),
        });
        let value = pieces.max().unwrap_or(Known::Empty);
        if let Some(known) = state.get_mut(*variable) {
            *known = value;
        }
    }
    state
}

fn literal(text: &str) -> Known {
    if text.is_empty() {
        Known::Empty
    } else if text.contains([' ', '\t', '\n', '*', '?', '[']) {
        Known::Nothing
    } else {
        Known::Plain
    }
}

/// Whether the parameter is several words even in quotes.
fn is_list(parameter: Parameter<'_>) -> bool {
    parameter.name == "@" || parameter.behind.starts_with("[@]")
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::Values;

    /// The uses in `script` that are surely plain, in order.
    fn plain(script: &str) -> Vec<&str> {
        let parsed = parse(script);
        let values = Values::of(&parsed, script, &|name| name == "SET");
        let mut found = Vec::new();
        for (at, _) in script.match_indices('$') {
            if values.is_plain(at) {
                found.push(script.get(at..).unwrap().split([' ', ';', ')']).next().unwrap());
            }
        }
        found
    }

    #[test]
    fn what_is_assigned_flows_to_where_it_is_used() {
        let cases: [(&str, &[&str]); 15] = [
            ("a=1; echo $a", &["$a"]),
            ("a=1 && echo $a; b=$a; echo $b", &["$a", "$a", "$b"]),
            ("a && b=1 && echo $b", &[]),
            ("a='1 2'; echo $a", &[]),
            ("a=$(b); echo $a", &[]),
            ("a=1 && a=\"$c\" && echo $a", &[]),
            ("echo $SET $OTHER", &["$SET"]),
            ("a=1; if b; then a=2; fi; echo $a", &["$a"]),
            ("a=1; if b; then a=$(c); fi; echo $a", &[]),
            ("(a=1); echo $a", &[]),
            ("a=1; (a='* '); echo $a", &["$a"]),
            ("for a in b c; do echo $a; done", &["$a"]),
            ("for a in b $c; do echo $a; done", &[]),
            ("a=1; while b; do echo $a; a='x y'; done", &[]),
            ("a=; echo $a; a=x; unset a; echo $a", &[]),
        ];
        for (script, expected) in cases {
            assert_eq!(plain(script), expected, "{script}");
        }
    }

    #[test]
    fn builtins_that_assign_are_known() {
        let cases: [(&str, &[&str]); 8] = [
            ("export a=1; echo $a", &["$a"]),
            ("read a; echo $a", &[]),
            ("a=1; read -r a; echo $a", &[]),
            ("declare -i a=$b; echo $a", &["$a"]),
            ("a=$((1 + 2)); echo $a", &["$a"]),
            ("a=1; f() { echo $a; }; a='x y'; f", &[]),
            ("a=x; exit 1; echo $a", &[]),
            ("for ((i = 0; i < 3; i++)); do echo $i; done; echo $i", &["$i", "$i"]),
        ];
        for (script, expected) in cases {
            assert_eq!(plain(script), expected, "{script}");
        }
    }

    #[test]
    fn a_script_of_any_size_ends() {
        let mut script = String::new();
        for level in 0..40 {
            script.extend(["while a".to_owned(), format!("{level}; do x{level}=$x{}; ", level + 1)]);
        }
        script.push_str(&"done; ".repeat(40));
        assert!(plain(&script).is_empty());
    }
}
