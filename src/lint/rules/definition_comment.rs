use crate::dockerfile::{Body, Item};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::text::TextRange;

declare_rule! {
    /// A comment above `ARG` or `FROM … AS` that does not begin with the name.
    ///
    /// ## Why it matters
    /// `docker build --call=outline` and `--call=targets` show the comment above an argument or a stage as its
    /// description, where the comment begins with its name. One that doesn't is not shown.
    ///
    /// The check is experimental in BuildKit. It runs where the file asks for it with
    /// `# check=experimental=InvalidDefinitionDescription`, or where the rule is selected by name.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// # which release to fetch
    /// ARG VERSION=1.0
    /// ```
    /// ```dockerfile,good
    /// # server is what runs in production
    /// FROM alpine:3.22 AS server
    /// # VERSION is the release to fetch
    /// ARG VERSION=1.0
    /// ```
    /// An empty comment line keeps other comments apart.
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// # TODO: ask for the mirror
    /// #
    /// ARG VERSION=1.0
    /// ```
    name: "definition-comment",
    aliases: ["InvalidDefinitionDescription"],
    category: Correctness,
    severity: Style,
    profile: Named,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    // The last comment since the instruction before, blank lines or not.
    let mut comment: Option<(TextRange, &str)> = None;
    for item in &input.dockerfile.items {
        let instruction = match item {
            Item::Comment(next) => {
                // BuildKit takes the line's first byte off, be it the `#` or a blank before it.
                let line = input.source.slice(TextRange::new(next.lines.start(), next.range.end()));
                let mut text = line.chars();
                text.next();
                comment = Some((next.range, text.as_str().trim())).filter(|(_, text)| !text.is_empty());
                continue;
            }
            Item::Instruction(instruction) => instruction,
            Item::Blank(_) | Item::Directive(_) => continue,
        };
        let Some((range, text)) = comment.take() else { continue };
        let (name, keys) = match &instruction.body {
            Body::Arg(pairs) => {
                ("ARG", pairs.iter().map(|pair| pair.key.text.to_string()).collect::<Vec<_>>())
            }
            Body::From(from) => {
                ("FROM", from.alias.iter().map(|alias| alias.text.to_lowercase()).collect::<Vec<_>>())
            }
            _ => continue,
        };
        let first = text.split(' ').next().unwrap_or_default();
        let example = match keys.as_slice() {
            [] => continue,
            [one] => one.as_str(),
            _ => "<arg_key>",
        };
        if keys.iter().any(|key| key == first) {
            continue;
        }
        let message = format!("comment for {name} should follow the format: `# {example} <description>`");
        found.push(
            Diagnostic::new(&RULE, instruction.name.range, message)
                .label(range, "the comment")
                .help("begin the comment with the name, or put an empty comment line below it"),
        );
    }
}
