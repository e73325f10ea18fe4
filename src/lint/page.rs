//! A rule's page: rendered from the doc comment of the rule's file, and its examples, which run as tests.

use std::fmt::Write;

use super::{Rule, Safety};

/// What an example is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExampleKind {
    /// Reported exactly once.
    Bad,
    /// Reported, and only on request: in the profile `all`, or where the rule is selected.
    OnRequest,
    /// What the fix makes of the `Bad` one before it.
    Fixed,
    /// Not reported.
    Good,
}

/// One example of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it is for.
    pub kind: ExampleKind,
    /// The Dockerfile.
    pub text: String,
    /// The build context that the page last listed before it: lines of `path size`.
    pub context: Option<String>,
    /// The ignore file of that context.
    pub ignore: Option<String>,
}

/// The page as it is published and as `plimsoll explain` prints it.
pub fn render(rule: &Rule) -> String {
    let fix = match rule.fix {
        None => "none",
        Some(Safety::Safe) => "`--fix`",
        Some(Safety::Unsafe) => "`--unsafe-fixes`",
    };
    let mut page = format!("# {}\n\n", rule.name);
    let (title, rest) = body(rule);
    let _ = write!(page, "{title}\n\n");
    let _ = write!(page, "`{}` · `{}` · fix: {fix}", rule.category.as_str(), rule.severity.as_str());
    if !rule.aliases.is_empty() {
        let aliases: Vec<String> = rule.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        let _ = write!(page, " · also known as {}", aliases.join(", "));
    }
    let _ = write!(page, "\n\n{rest}");
    page
}

/// The examples of a rule's page, in order.
pub fn examples(rule: &Rule) -> Vec<Example> {
    let (_, text) = body(rule);
    let mut found = Vec::new();
    let mut context = None;
    let mut ignore = None;
    let mut open: Option<(&str, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(tag)) => open = Some((tag, String::new())),
            (Some((_, block)), None) => {
                block.push_str(line);
                block.push('\n');
            }
            (Some(_), Some(_)) => {
                let Some((tag, block)) = open.take() else { continue };
                let kind = match tag {
                    "dockerfile,bad" => ExampleKind::Bad,
                    "dockerfile,on-request" => ExampleKind::OnRequest,
                    "dockerfile,fixed" => ExampleKind::Fixed,
                    "dockerfile,good" => ExampleKind::Good,
                    "context" => {
                        context = Some(block);
                        continue;
                    }
                    "dockerignore" => {
                        ignore = Some(block);
                        continue;
                    }
                    _ => continue,
                };
                found.push(Example { kind, text: block, context: context.clone(), ignore: ignore.clone() });
            }
            (None, None) => {}
        }
    }
    found
}

/// The page's first line, and the rest, without the blank that rustdoc's `///` leaves before each line.
fn body(rule: &Rule) -> (String, String) {
    let lines: Vec<&str> = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let text = lines.join("\n");
    match text.trim_start().split_once("\n\n") {
        Some((title, rest)) => (title.trim().to_owned(), format!("{}\n", rest.trim())),
        None => (text.trim().to_owned(), String::new()),
    }
}
