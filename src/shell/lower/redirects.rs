//! Redirections and heredocs, and what tree-sitter puts inside them that belongs elsewhere.

use tree_sitter::Node;

use super::{Lowering, Piece, Work, children, kind};
use crate::shell::tree::{Command, Element, Heredoc, Redirect, RedirectOperator, RedirectTarget, Word};
use crate::text::TextRange;

impl Lowering<'_> {
    /// Puts a redirection, or the arguments that stand behind one, on the element before.
    pub(super) fn attach<'n>(&mut self, node: Node<'n>, pieces: &mut Vec<Piece>, work: &mut Vec<Work<'n>>) {
        // A redirection that can't be read takes the command with it: its arguments may stand inside.
        if node.has_error() {
            self.understood = false;
            while pieces.pop_if(|piece| !matches!(piece, Piece::Element { .. })).is_some() {}
            pieces.pop();
            return;
        }
        let Some(Piece::Element { element, .. }) =
            pieces.iter_mut().rev().find(|piece| matches!(piece, Piece::Element { .. }))
        else {
            self.understood = false;
            return;
        };
        let (redirect, arguments) = match kind(&node) {
            "heredoc_redirect" => (self.heredoc(node, work), Vec::new()),
            "file_redirect" | "herestring_redirect" => self.redirect(node),
            _ => (None, self.words(&[node])),
        };
        let end =
            redirect.iter().map(|redirect| redirect.range).chain(arguments.iter().map(|word| word.range));
        let end = end.reduce(TextRange::cover);
        match element {
            Element::Command(command) => {
                command.range = end.map_or(command.range, |end| start_or_cover(command, end));
                command.redirects.extend(redirect);
                command.words.extend(arguments);
            }
            Element::Compound(compound) => {
                self.understood &= arguments.is_empty();
                compound.range = end.map_or(compound.range, |end| compound.range.cover(end));
                compound.redirects.extend(redirect);
            }
        }
    }

    /// A heredoc's opener, delimiter and lines. What stands between the opener and the lines is left as work.
    fn heredoc<'n>(&mut self, node: Node<'n>, work: &mut Vec<Work<'n>>) -> Option<Redirect> {
        let parts = children(node);
        let start = parts.iter().find(|part| kind(part) == "heredoc_start")?;
        let body = parts.iter().find(|part| kind(part) == "heredoc_body");
        let mut rest = Vec::new();
        for part in &parts {
            match kind(part) {
                "&&" | "||" => rest.push(Work::Operator(*part)),
                "file_descriptor" | "<<" | "<<-" | "heredoc_start" | "heredoc_body" | "heredoc_end"
                | "\n" | "comment" => {}
                "file_redirect" | "herestring_redirect" | "heredoc_redirect" => {
                    rest.push(Work::Attach(*part));
                }
                "pipeline" if part.child(0).is_some_and(|first| matches!(first.kind(), "|" | "|&")) => {
                    for child in children(*part) {
                        rest.push(if child.is_named() { Work::Node(child) } else { Work::Operator(child) });
                    }
                }
                // Behind an operator a statement, else a further argument.
                _ if matches!(rest.last(), Some(Work::Operator(_))) => rest.push(Work::Node(*part)),
                _ => rest.push(Work::Attach(*part)),
            }
        }
        work.extend(rest.into_iter().rev());
        let delimiter = self.slice(*start).to_owned();
        let lines = body.map_or_else(|| TextRange::empty(self.range(node).end()), |body| self.range(*body));
        Some(Redirect {
            range: self.range_of(node, *start),
            descriptor: self.descriptor(&parts),
            operator: RedirectOperator::Heredoc,
            target: RedirectTarget::Heredoc(Heredoc {
                expand: !delimiter.contains(['\'', '"', '\\']),
                delimiter,
                body: lines,
                substitutions: body.map(|body| self.substitutions(&[*body])).unwrap_or_default(),
            }),
        })
    }

    /// A redirection and the arguments that tree-sitter took for further targets.
    pub(super) fn redirect(&mut self, node: Node<'_>) -> (Option<Redirect>, Vec<Word>) {
        let parts = children(node);
        let operator = parts.iter().find_map(|part| {
            Some(match kind(part) {
                "<" => RedirectOperator::Read,
                ">" => RedirectOperator::Write,
                ">|" => RedirectOperator::Clobber,
                ">>" => RedirectOperator::Append,
                "&>" => RedirectOperator::WriteBoth,
                "&>>" => RedirectOperator::AppendBoth,
                "<&" | "<&-" => RedirectOperator::DuplicateInput,
                ">&" | ">&-" => RedirectOperator::DuplicateOutput,
                "<<<" => RedirectOperator::HereString,
                _ => return None,
            })
        });
        let targets: Vec<Node<'_>> = parts
            .iter()
            .copied()
            .filter(|part| part.is_named() && !matches!(kind(part), "file_descriptor" | "comment"))
            .collect();
        let mut words = self.words(&targets).into_iter();
        let Some(operator) = operator else { return (None, words.collect()) };
        let target = words.next();
        let end = target.as_ref().map_or_else(|| self.range(node).end(), |word| word.range.end());
        let redirect = Redirect {
            range: TextRange::new(self.range(node).start(), end),
            descriptor: self.descriptor(&parts),
            operator,
            target: target.map_or(RedirectTarget::Closed, RedirectTarget::Word),
        };
        (Some(redirect), words.collect())
    }

    fn descriptor(&self, parts: &[Node<'_>]) -> Option<u32> {
        let part = parts.iter().find(|part| kind(part) == "file_descriptor")?;
        self.slice(*part).parse().ok()
    }
}

/// A command that so far only redirects has the whole statement's range, heredoc lines included; else it grows.
fn start_or_cover(command: &Command, end: TextRange) -> TextRange {
    let is_new = command.words.is_empty() && command.assignments.is_empty() && command.redirects.is_empty();
    if is_new { end } else { command.range.cover(end) }
}
