//! Words: where one ends, what it says, and the variables, substitutions and scripts in it.

use tree_sitter::Node;

use super::{DEEPEST, Lowering, children, kind, lower};
use crate::shell::tree::{Command, Statement, Substitution, VariableUse, Word};
use crate::shell::word;

impl Lowering<'_> {
    /// The words that `nodes` make. Nodes with nothing but continuations between them are one word.
    pub(super) fn words(&mut self, nodes: &[Node<'_>]) -> Vec<Word> {
        let mut words = Vec::with_capacity(nodes.len());
        let mut rest = nodes;
        while !rest.is_empty() {
            let goes_on = |pair: &[Node<'_>]| match pair {
                [before, next] => {
                    self.text.get(before.end_byte()..next.start_byte()).is_some_and(is_continuation)
                }
                _ => false,
            };
            let joined = rest.windows(2).take_while(|pair| goes_on(pair)).count();
            let (word, behind) = rest.split_at(joined + 1);
            words.extend(self.word(word));
            rest = behind;
        }
        words
    }

    fn word(&mut self, nodes: &[Node<'_>]) -> Option<Word> {
        let (first, last) = (nodes.first()?, nodes.last()?);
        let Some(text) = self.text.get(first.start_byte()..last.end_byte()) else {
            self.understood = false;
            return None;
        };
        let reading = word::read(text, self.lines);
        // The name in `export NAME` is set, not used.
        let using = nodes.iter().filter(|node| kind(node) != "variable_name");
        let variables = using.flat_map(|node| self.variables(*node)).map(|used| used.name).collect();
        Some(Word {
            range: self.range_of(*first, *last),
            text: text.to_owned(),
            value: reading.value,
            pattern: reading.pattern,
            variables,
            substitutions: self.substitutions(nodes),
        })
    }

    /// The outermost substitutions in `nodes`.
    pub(super) fn substitutions(&mut self, nodes: &[Node<'_>]) -> Vec<Substitution> {
        let mut found = Vec::new();
        let mut pending: Vec<(Node<'_>, bool)> = nodes.iter().rev().map(|node| (*node, false)).collect();
        while let Some((node, conditional)) = pending.pop() {
            match kind(&node) {
                "command_substitution" | "process_substitution" if self.depth >= DEEPEST => {
                    self.understood = false;
                }
                "command_substitution" | "process_substitution" => {
                    self.depth += 1;
                    let list = self.statements(&children(node));
                    self.depth -= 1;
                    found.push(Substitution { range: self.range(node), list, conditional });
                }
                kind => {
                    let conditional = conditional
                        || matches!(kind, "expansion" | "binary_expression" | "ternary_expression");
                    push_children(&mut pending, node, conditional);
                }
            }
        }
        found
    }

    /// Every variable used in a node, in order.
    pub(super) fn variables(&self, root: Node<'_>) -> Vec<VariableUse> {
        let mut found = Vec::new();
        let mut pending = vec![(root, false)];
        while let Some((node, sets)) = pending.pop() {
            if kind(&node) == "variable_name" && !sets {
                found.push(VariableUse { range: self.range(node), name: self.slice(node).to_owned() });
            }
            let sets = matches!(
                kind(&node),
                "variable_assignment" | "for_statement" | "declaration_command" | "unset_command"
            );
            push_children(&mut pending, node, sets);
        }
        found
    }

    /// The script in `sh -c 'script'`, where it stands there letter for letter.
    pub(super) fn inner(&mut self, command: &Command) -> Vec<Statement> {
        let Some(word) = command.invocation().past_wrappers().shell_script() else { return Vec::new() };
        let quoted = match word.text.as_bytes() {
            [b'\'', .., b'\''] => word.text.get(1..word.text.len() - 1),
            [b'"', .., b'"'] => {
                word.text.get(1..word.text.len() - 1).filter(|text| !text.contains(['\\', '$', '`']))
            }
            _ => None,
        };
        let Some(script) = quoted.filter(|_| word.value.is_some() && self.depth < DEEPEST) else {
            return Vec::new();
        };
        let script = lower(script, self.lines, word.range.start() + 1, self.depth + 1);
        self.understood &= script.understood;
        script.list
    }
}

/// Puts the children of `node` on a stack, the first on top.
fn push_children<'n, T: Copy>(stack: &mut Vec<(Node<'n>, T)>, node: Node<'n>, with: T) {
    if node.child_count() > 0 {
        let start = stack.len();
        stack.extend(node.children(&mut node.walk()).map(|child| (child, with)));
        stack.get_mut(start..).unwrap_or_default().reverse();
    }
}

/// Whether there is nothing between two nodes but continuations, so that they are one word.
fn is_continuation(gap: &str) -> bool {
    let mut rest = gap;
    while let Some(behind) = rest.strip_prefix("\\\n").or_else(|| rest.strip_prefix("\\\r\n")) {
        rest = behind;
    }
    rest.is_empty()
}

/// The words of a `[ … ]`, which tree-sitter reads as an expression.
pub(super) fn test_leaves<'n>(node: Node<'n>, words: &mut Vec<Node<'n>>) {
    let mut pending = vec![node];
    while let Some(node) = pending.pop() {
        match kind(&node) {
            "unary_expression"
            | "binary_expression"
            | "ternary_expression"
            | "postfix_expression"
            | "parenthesized_expression"
            | "redirected_statement" => {
                pending.extend(children(node).into_iter().rev());
            }
            "comment" => {}
            _ => words.push(node),
        }
    }
}
