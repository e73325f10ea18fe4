//! `RUN`, `CMD`, `ENTRYPOINT` and `SHELL`: a command line in the shell's form or in JSON.

use crate::text::TextRange;

use super::instruction::Arguments;
use super::json::NotStrings;
use super::{Body, Command, Script, SyntaxErrorKind, heredoc};

/// Reads all arguments as a command; nothing where BuildKit refuses it.
pub(super) fn command<'a>(arguments: &mut Arguments<'_, 'a>) -> Option<Command<'a>> {
    match arguments.json() {
        Ok(words) => return Some(Command::Exec(words)),
        Err(NotStrings::OtherValues) => {
            arguments.refuse(SyntaxErrorKind::JsonNotStrings);
            return None;
        }
        Err(NotStrings::NotJson) => {}
    }
    let script = arguments.script();
    let (Some(first), Some(last)) = (arguments.heredocs.first(), arguments.heredocs.last()) else {
        return Some(Command::Shell(script));
    };
    // BuildKit runs a lone heredoc as a script and gives the shell anything more as it stands.
    // Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, `dispatchRun`.
    if heredoc::opener(arguments.text()).ok().flatten().is_some() {
        let text = arguments.source.get(first.body.start()..first.body.end()).unwrap_or_default();
        return Some(Command::Heredoc(Script::verbatim(text, first.body.start())));
    }
    let heredocs = TextRange::new(first.body.start(), last.terminator.end());
    Some(Command::Shell(script.with_heredocs(arguments.source, heredocs)))
}

/// `SHELL`, which takes the JSON form only.
pub(super) fn shell<'a>(mut arguments: Arguments<'_, 'a>) -> Body<'a> {
    match arguments.json() {
        Ok(words) if words.is_empty() => arguments.missing(),
        Ok(words) => Body::Shell(words),
        Err(_) if arguments.text().is_empty() => arguments.missing(),
        Err(NotStrings::OtherValues) => arguments.malformed(SyntaxErrorKind::JsonNotStrings),
        Err(NotStrings::NotJson) => arguments.malformed(SyntaxErrorKind::ShellNotJson),
    }
}
