//! From tree-sitter's tree to ours. The only file that knows tree-sitter.
//!
//! tree-sitter-bash binds a redirection to a whole `&&` list, puts what follows a heredoc's opener inside the
//! redirection, takes further arguments for targets, and splits words at continuations. So lists and pipelines are
//! first laid flat, with their operators between them, and put together again by the shell's own precedence.

mod redirects;
mod words;

use std::cell::RefCell;
use std::sync::LazyLock;

use tree_sitter::{Language, Node, Parser, Tree};

use super::tree::{
    Assignment, Branch, Command, Compound, CompoundKind, Element, Join, Script, Statement, Word,
};
use crate::text::TextRange;

/// How a backslash before a newline got where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// The shell reads it itself.
    AsWritten,
    /// Docker removes both before the shell sees them, even in single quotes.
    Joined,
}

/// How deep compounds, substitutions and scripts within scripts may nest before the rest is left out.
const DEEPEST: usize = 48;

/// How many heredocs a script may open: the parser behind this room looks at all that are open again and again.
const MOST_HEREDOCS: usize = 256;

/// Reads `text`, which starts at `offset` in its file.
pub(super) fn script(text: &str, lines: Lines, offset: usize) -> Script {
    lower(text, lines, offset, 0)
}

/// Reads a script that stands inside a command.
pub(super) fn nested(text: &str, lines: Lines, offset: usize) -> Script {
    lower(text, lines, offset, 1)
}

fn lower(text: &str, lines: Lines, offset: usize, depth: usize) -> Script {
    let range = TextRange::new(offset, offset + text.len());
    let Some(tree) = parse(text) else { return Script { range, ..Script::default() } };
    let mut lowering = Lowering { text, lines, offset, depth, understood: !tree.root_node().has_error() };
    let list = lowering.statements(&children(tree.root_node()));
    let variables = lowering.variables(tree.root_node());
    Script { range, list, variables, understood: lowering.understood }
}

fn parse(text: &str) -> Option<Tree> {
    if text.matches("<<").count() > MOST_HEREDOCS || leaves_c_tables(text) {
        return None;
    }
    thread_local! {
        static PARSER: RefCell<Option<Parser>> = RefCell::new({
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_bash::LANGUAGE.into()).is_ok().then_some(parser)
        });
    }
    PARSER.with_borrow_mut(|parser| parser.as_mut()?.parse(text, None))
}

/// Whether the grammar's scanner would look a character up in C's tables that lies behind their end, which may crash
/// it: past U+00FF, where a number of `{1..9}` can stand.
/// Source: tree-sitter-bash 0.25.1, src/scanner.c, `isdigit(lexer->lookahead)`.
fn leaves_c_tables(text: &str) -> bool {
    let past_digits = |text| str::trim_start_matches(text, |character: char| character.is_ascii_digit());
    let mut ends = text.split('{').skip(1).map(past_digits).flat_map(|start| {
        let end = start.strip_prefix("..").map_or("", past_digits);
        [start, end]
    });
    ends.any(|rest| rest.starts_with(|character| character > '\u{FF}'))
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    // Most nodes are leaves, and a cursor costs an allocation.
    if node.child_count() == 0 { Vec::new() } else { node.children(&mut node.walk()).collect() }
}

/// What the grammar calls the node: [`Node::kind`], which counts and checks the name's bytes each time.
fn kind(node: &Node<'_>) -> &'static str {
    static BASH: LazyLock<Language> = LazyLock::new(|| Language::new(tree_sitter_bash::LANGUAGE));
    static KINDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let count = u16::try_from(BASH.node_kind_count()).unwrap_or(u16::MAX);
        (0..count).map(|id| BASH.node_kind_for_id(id).unwrap_or_default()).collect()
    });
    // An error is of no kind that is listed.
    KINDS.get(usize::from(node.kind_id())).copied().unwrap_or("ERROR")
}

struct Lowering<'t> {
    text: &'t str,
    lines: Lines,
    offset: usize,
    depth: usize,
    understood: bool,
}

/// A list laid flat.
enum Piece {
    Element { element: Element, negated: bool },
    Join(Join, TextRange),
    Pipe,
}

/// What is still to be laid flat.
enum Work<'n> {
    Node(Node<'n>),
    Operator(Node<'n>),
    /// A redirection or an argument of the element before it.
    Attach(Node<'n>),
}

impl Lowering<'_> {
    /// A list of statements with their terminators, as the children of the node around them.
    fn statements(&mut self, nodes: &[Node<'_>]) -> Vec<Statement> {
        let mut list = Vec::new();
        let mut operator = None;
        for node in nodes {
            match kind(node) {
                ";" | ";;" | "\n" | "&" => {
                    if kind(node) == "&" {
                        put_last_list_in_background(&mut list);
                    }
                    operator = operator.or_else(|| Some(self.range(*node)));
                }
                _ if node.is_named() && kind(node) != "comment" => {
                    let before = list.len();
                    self.statement(*node, operator.filter(|_| before > 0), &mut list);
                    if list.len() > before {
                        operator = None;
                    }
                }
                _ => {}
            }
        }
        list
    }

    /// One node of a list, which is a statement or several joined ones.
    fn statement(&mut self, node: Node<'_>, operator: Option<TextRange>, list: &mut Vec<Statement>) {
        let mut join = if list.is_empty() { Join::Start } else { Join::Next };
        let mut operator = operator;
        let mut pipeline: Vec<Element> = Vec::new();
        let mut negated = false;
        let mut finish = |pipeline: &mut Vec<Element>, join, operator, negated| {
            let elements = std::mem::take(pipeline);
            let range = elements.iter().map(Element::range).reduce(TextRange::cover);
            let Some(range) = range else { return false };
            list.push(Statement { range, join, operator, negated, background: false, pipeline: elements });
            true
        };
        for piece in self.flatten(node) {
            match piece {
                Piece::Element { element, negated: not } => {
                    negated |= not && pipeline.is_empty();
                    pipeline.push(element);
                }
                Piece::Pipe => {}
                Piece::Join(next, range) => {
                    if finish(&mut pipeline, join, operator, negated) {
                        (join, operator) = (next, Some(range));
                    }
                    negated = false;
                }
            }
        }
        finish(&mut pipeline, join, operator, negated);
    }

    fn flatten(&mut self, root: Node<'_>) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut negate = false;
        let mut work = vec![Work::Node(root)];
        while let Some(item) = work.pop() {
            match item {
                Work::Operator(node) => match kind(&node) {
                    "&&" => pieces.push(Piece::Join(Join::And, self.range(node))),
                    "||" => pieces.push(Piece::Join(Join::Or, self.range(node))),
                    _ => pieces.push(Piece::Pipe),
                },
                Work::Attach(node) => self.attach(node, &mut pieces, &mut work),
                Work::Node(node) if node.is_error() || node.is_missing() => self.understood = false,
                Work::Node(node) => match kind(&node) {
                    "list" | "pipeline" => {
                        work.extend(children(node).into_iter().rev().filter_map(|child| {
                            match kind(&child) {
                                "&&" | "||" | "|" | "|&" => Some(Work::Operator(child)),
                                "comment" => None,
                                _ => child.is_named().then_some(Work::Node(child)),
                            }
                        }));
                    }
                    "redirected_statement" => {
                        let parts = children(node);
                        let is_body = |child: &Node<'_>| !is_redirect(*child);
                        if !parts.first().is_some_and(is_body) {
                            let command = Command { range: self.range_of(node, node), ..Command::default() };
                            pieces
                                .push(Piece::Element { element: Element::Command(command), negated: negate });
                            negate = false;
                        }
                        work.extend(parts.into_iter().rev().filter_map(|child| {
                            if is_redirect(child) {
                                Some(Work::Attach(child))
                            } else {
                                (child.is_named() && kind(&child) != "comment").then_some(Work::Node(child))
                            }
                        }));
                    }
                    "negated_command" => {
                        negate = true;
                        work.extend(children(node).into_iter().rev().filter(Node::is_named).map(Work::Node));
                    }
                    _ => {
                        if let Some(element) = self.element(node) {
                            pieces.push(Piece::Element { element, negated: negate });
                        }
                        negate = false;
                    }
                },
            }
        }
        pieces
    }

    fn element(&mut self, node: Node<'_>) -> Option<Element> {
        match kind(&node) {
            "command"
            | "declaration_command"
            | "unset_command"
            | "test_command"
            | "variable_assignment"
            | "variable_assignments" => {
                if node.has_error() {
                    self.understood = false;
                    return None;
                }
                self.command(node).map(Element::Command)
            }
            _ if self.depth >= DEEPEST => {
                self.understood = false;
                None
            }
            _ => {
                self.depth += 1;
                let kind = self.compound(node);
                self.depth -= 1;
                self.understood &= kind.is_some();
                let redirects = Vec::new();
                Some(Element::Compound(Compound { range: self.range(node), kind: kind?, redirects }))
            }
        }
    }

    fn command(&mut self, node: Node<'_>) -> Option<Command> {
        let mut command = Command { range: self.range(node), ..Command::default() };
        let mut words = Vec::new();
        let parts = if matches!(kind(&node), "variable_assignment") { vec![node] } else { children(node) };
        for part in parts {
            match kind(&part) {
                "variable_assignment" if kind(&node) != "declaration_command" => {
                    command.assignments.extend(self.assignment(part));
                }
                "file_redirect" | "herestring_redirect" => {
                    let (redirect, arguments) = self.redirect(part);
                    self.understood &= arguments.is_empty();
                    command.redirects.extend(redirect);
                }
                // `name (…)` is no shell.
                "subshell" => {
                    self.understood = false;
                    return None;
                }
                "comment" => {}
                _ if kind(&node) == "test_command" => words::test_leaves(part, &mut words),
                _ => words.push(part),
            }
        }
        command.words = self.words(&words);
        command.inner = self.inner(&command);
        Some(command)
    }

    fn assignment(&mut self, node: Node<'_>) -> Option<Assignment> {
        let range = self.range(node);
        let name = self.slice(node.child_by_field_name("name")?).to_owned();
        let append = children(node).iter().any(|part| kind(part) == "+=");
        let value = match node.child_by_field_name("value") {
            Some(value) if value.kind() == "array" => {
                Word { value: None, ..self.words(&[value]).into_iter().next().unwrap_or_default() }
            }
            Some(value) => self.words(&[value]).into_iter().next()?,
            None => {
                Word { range: TextRange::empty(range.end()), value: Some(String::new()), ..Word::default() }
            }
        };
        Some(Assignment { range, name, append, value })
    }

    fn compound(&mut self, node: Node<'_>) -> Option<CompoundKind> {
        let parts = children(node);
        Some(match kind(&node) {
            "subshell" => CompoundKind::Subshell(self.statements(&parts)),
            "compound_statement" if parts.first().is_some_and(|first| first.kind() == "((") => {
                CompoundKind::Arithmetic
            }
            "compound_statement" => CompoundKind::Group(self.statements(&parts)),
            "if_statement" => self.conditional(&parts),
            "while_statement" => CompoundKind::Loop(Branch {
                condition: self.statements(before_kind(&parts, "do_group")),
                body: self.body(node),
            }),
            "for_statement" => {
                let words: Vec<Node<'_>> = node.children_by_field_name("value", &mut node.walk()).collect();
                CompoundKind::For {
                    variable: node.child_by_field_name("variable").map(|name| self.slice(name).to_owned()),
                    words: self.words(&words),
                    body: self.body(node),
                }
            }
            "c_style_for_statement" => {
                CompoundKind::For { variable: None, words: Vec::new(), body: self.body(node) }
            }
            "case_statement" => CompoundKind::Case {
                word: self.words(&[node.child_by_field_name("value")?]).into_iter().next()?,
                items: parts
                    .iter()
                    .filter(|part| kind(part) == "case_item")
                    .map(|item| {
                        let parts = children(*item);
                        self.statements(after_kind(&parts, ")"))
                    })
                    .collect(),
            },
            "function_definition" => {
                let body = node.child_by_field_name("body")?;
                CompoundKind::Function {
                    name: self.slice(node.child_by_field_name("name")?).to_owned(),
                    body: self.statements(&[body]),
                }
            }
            _ => return None,
        })
    }

    /// The statements between `do` and `done`.
    fn body(&mut self, node: Node<'_>) -> Vec<Statement> {
        node.child_by_field_name("body").map(|body| self.statements(&children(body))).unwrap_or_default()
    }

    fn conditional(&mut self, parts: &[Node<'_>]) -> CompoundKind {
        let mut branches = vec![self.branch(parts)];
        let mut otherwise = Vec::new();
        for part in parts {
            let clause = children(*part);
            match kind(part) {
                "elif_clause" => branches.push(self.branch(&clause)),
                "else_clause" => otherwise = self.statements(&clause),
                _ => {}
            }
        }
        CompoundKind::If { branches, otherwise }
    }

    fn branch(&mut self, parts: &[Node<'_>]) -> Branch {
        let body: Vec<Node<'_>> = after_kind(parts, "then")
            .iter()
            .copied()
            .filter(|part| !matches!(kind(part), "elif_clause" | "else_clause"))
            .collect();
        Branch { condition: self.statements(before_kind(parts, "then")), body: self.statements(&body) }
    }

    fn slice(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn range(&self, node: Node<'_>) -> TextRange {
        self.range_of(node, node)
    }

    fn range_of(&self, first: Node<'_>, last: Node<'_>) -> TextRange {
        TextRange::new(first.start_byte(), last.end_byte()).shift(self.offset)
    }
}

fn is_redirect(node: Node<'_>) -> bool {
    matches!(kind(&node), "file_redirect" | "heredoc_redirect" | "herestring_redirect")
}

fn put_last_list_in_background(list: &mut [Statement]) {
    for statement in list.iter_mut().rev() {
        statement.background = true;
        if matches!(statement.join, Join::Start | Join::Next) {
            break;
        }
    }
}

fn before_kind<'a, 'n>(nodes: &'a [Node<'n>], kind: &str) -> &'a [Node<'n>] {
    let end = nodes.iter().position(|node| self::kind(node) == kind).unwrap_or(nodes.len());
    nodes.get(..end).unwrap_or_default()
}

fn after_kind<'a, 'n>(nodes: &'a [Node<'n>], kind: &str) -> &'a [Node<'n>] {
    let start = nodes.iter().position(|node| self::kind(node) == kind).map_or(nodes.len(), |at| at + 1);
    nodes.get(start..).unwrap_or_default()
}
