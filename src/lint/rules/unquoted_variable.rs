use crate::lint::shell_code::{ShellCode, shell_code};
use crate::lint::{Diagnostic, Input, Safety, Severity, declare_rule};
use crate::shell::{Parameter, Part, PartKind, Placed, Role};

declare_rule! {
    /// A variable that the shell splits into words, since it has no quotes.
    ///
    /// ## Why it matters
    /// Without quotes the shell splits a variable's value at its blanks, and puts the names of files where `*`, `?` or `[`
    /// is in it. An empty value is no word at all: `[ $TARGET = prod ]` becomes `[ = prod ]`, which is an error that the
    /// script takes for a no, and `"$@"` without quotes tears the arguments apart that somebody quoted.
    ///
    /// Unasked, this rule speaks of operands of `[` and of lists of arguments. On request it shows every variable without
    /// quotes, as ShellCheck does. One that the Dockerfile sets, and one that the script sets to something without blanks, are
    /// left alone.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN if [ $MODE = debug ]; then apt-get update; fi
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN if [ "$MODE" = debug ]; then apt-get update; fi
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// ENTRYPOINT exec /usr/bin/server $@
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// ENTRYPOINT exec /usr/bin/server "$@"
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN cd $HOME && touch ready
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ARG VERSION=1.2
    /// RUN set -- a b; [ "$MODE" = debug ] || touch $VERSION "$HOME/ready"
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: where the value is meant to be several words, or a pattern, it is one word afterwards.
    name: "unquoted-variable",
    aliases: ["SC2086", "SC2068", "SC2048", "SC2223"],
    category: Correctness,
    severity: Info,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains('$')) {
        for placed in code.words().filter(|placed| placed.word.text.contains('$')) {
            let parts = placed.word.parts();
            found.extend(torn_list(&code, &placed, &parts));
            if code.is_quote_free(&placed) {
                continue;
            }
            for (index, part) in parts.iter().enumerate() {
                found.extend(split_value(&code, &placed, &parts, index, *part));
            }
        }
    }
}

/// `$@` or `${list[@]}` without quotes.
fn torn_list(code: &ShellCode<'_>, placed: &Placed<'_>, parts: &[Part<'_>]) -> Option<Diagnostic> {
    let is_split = placed.role == Role::Item || !code.is_quote_free(placed);
    if let [Part { kind: PartKind::Parameter(parameter), quotes: None, range }] = parts
        && placed.role == Role::Item
        && is_joined_list(*parameter)
    {
        let message = "each item of the list is split again at its blanks";
        let diagnostic = Diagnostic::new(&RULE, *range, message).help("\"$@\" gives each item whole");
        return Some(diagnostic.severity(Severity::Warning).known_as(&["SC2048"]));
    }
    let part = parts.iter().find(|part| match part.kind {
        PartKind::Parameter(parameter) => part.quotes.is_none() && is_list(parameter),
        _ => false,
    })?;
    let PartKind::Parameter(parameter) = part.kind else { return None };
    (is_split && !is_alternative(parameter)).then(|| {
        Diagnostic::new(
            &RULE,
            part.range,
            "without quotes each item of the list is split again at its blanks",
        )
        .help("put it in double quotes")
        .severity(Severity::Error)
        .known_as(&["SC2068"])
        .fix(Safety::Unsafe, "quote it", code.quoted(part.range))
    })
}

fn split_value(
    code: &ShellCode<'_>,
    placed: &Placed<'_>,
    parts: &[Part<'_>],
    index: usize,
    part: Part<'_>,
) -> Option<Diagnostic> {
    let PartKind::Parameter(parameter) = part.kind else { return None };
    let names_command = (ShellCode::is_program(placed) && parts.len() == 1)
        || (placed.role == Role::Name && assigns_by_mistake(parts, index));
    if part.quotes.is_some()
        || parameter.before == "#"
        || ["?", "#", "$", "!", "-"].contains(&parameter.name)
        || is_list(parameter)
        || is_alternative(parameter)
        || names_command
        || code.values().is_plain(part.range.start())
    {
        return None;
    }
    let is_default =
        placed.command.and_then(|command| command.words.first()).is_some_and(|first| first.is(":"))
            && (parameter.behind.starts_with('=') || parameter.behind.starts_with(":="));
    let known_as: &[&str] = if is_default {
        &["SC2223"]
    } else if is_joined_list(parameter) && parts.len() == 1 {
        &["SC2086", "SC2048"]
    } else {
        &["SC2086"]
    };
    let shown = Some(code.slice(part.range)).filter(|shown| !shown.contains('\n')).unwrap_or("the value");
    // Behind `-n` there is no error: the test is true.
    let is_tested = placed.is_tested() && parts.len() == 1 && !placed.is_asked_for_length();
    let message = if is_tested {
        format!("where `{shown}` is empty or has a blank in it, this test is an error and counts as a no")
    } else {
        format!("`{shown}` is split at its blanks, and `*` in it becomes the names of files")
    };
    let diagnostic = Diagnostic::new(&RULE, part.range, message)
        .help("put it in double quotes")
        .known_as(known_as)
        .fix(Safety::Unsafe, "quote it", code.quoted(part.range));
    Some(if is_tested { diagnostic.severity(Severity::Warning) } else { diagnostic.on_request() })
}

/// `$name=value` in the place of a command: what is wrong there is another thing than quotes.
fn assigns_by_mistake(parts: &[Part<'_>], index: usize) -> bool {
    let next = parts.get(index + 1).map(|part| part.kind);
    index == 0 && matches!(next, Some(PartKind::Literal(text)) if text.starts_with('='))
}

fn is_list(parameter: Parameter<'_>) -> bool {
    parameter.before != "#" && (parameter.name == "@" || parameter.behind.contains("[@]"))
}

/// `$*` or `${list[*]}`.
fn is_joined_list(parameter: Parameter<'_>) -> bool {
    parameter.before != "#" && (parameter.name == "*" || parameter.behind.starts_with("[*]"))
}

/// `${name:+word}`: the word has quotes of its own where it needs them.
fn is_alternative(parameter: Parameter<'_>) -> bool {
    let behind = parameter.behind;
    let behind = behind.split_once(']').map_or(behind, |(_, behind)| behind);
    behind.starts_with('+') || behind.starts_with(":+")
}
