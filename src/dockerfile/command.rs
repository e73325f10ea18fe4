//! `RUN`, `CMD`, `ENTRYPOINT` and `SHELL`: a command line in the shell's form or in JSON.

use crate::text::TextRange;

use super::instruction::Arguments;
use super::json::NotStrings;
use super::{Body, Command, Script, SyntaxErrorKind, heredoc};

/// Reads all arguments as a command; nothing where BuildKit refuses it.
pub(super) fn command(arguments: &mut Arguments<'_>) -> Option<Command> {
    match arguments.json() {
        Ok(words) => return Some(Command::Exec(words)),
        Err(NotStrings::OtherValues) => {
            arguments.refuse(SyntaxErrorKind::JsonNotStrings);
            return None;
        }
        Err(NotStrings::NotJson) => {}
    }
    let mut script = arguments.script();
    let (Some(first), Some(last)) = (arguments.heredocs.first(), arguments.heredocs.last()) else {
        return Some(Command::Shell(script));
    };
    // BuildKit runs a lone heredoc as a script and gives the shell anything more as it stands.
    // Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, `dispatchRun`.
    if heredoc::opener(arguments.text()).ok().flatten().is_some() {
        let text = arguments.source.get(first.body.start()..first.body.end()).unwrap_or_default();
        return Some(Command::Heredoc(Script { range: first.body, text: text.to_owned() }));
    }
    // What stands between the command line and its heredocs is blanks and the line's end.
    let between = arguments.source.get(script.range.end()..first.body.start()).unwrap_or_default();
    for ch in between.chars() {
        script.text.extend(std::iter::repeat_n(if ch == '\n' { '\n' } else { ' ' }, ch.len_utf8()));
    }
    let end = last.terminator.end();
    script.text.push_str(arguments.source.get(first.body.start()..end).unwrap_or_default());
    script.range = TextRange::new(script.range.start(), end);
    Some(Command::Shell(script))
}

/// `SHELL`, which takes the JSON form only.
pub(super) fn shell(mut arguments: Arguments<'_>) -> Body {
    match arguments.json() {
        Ok(words) if words.is_empty() => arguments.missing(),
        Ok(words) => Body::Shell(words),
        Err(_) if arguments.text().is_empty() => arguments.missing(),
        Err(NotStrings::OtherValues) => arguments.malformed(SyntaxErrorKind::JsonNotStrings),
        Err(NotStrings::NotJson) => arguments.malformed(SyntaxErrorKind::ShellNotJson),
    }
}
