//! `COPY` and `ADD`: sources and a destination. `VOLUME`: paths in either form.

use std::collections::BTreeMap;

use super::instruction::Arguments;
use super::json::NotStrings;
use super::{Body, Source, SyntaxErrorKind, Transfer, Word, heredoc};

/// Source: moby/buildkit, frontend/dockerfile/instructions/parse.go, `parseSourcesAndDest`.
pub(super) fn parse(mut arguments: Arguments<'_>, body: fn(Transfer) -> Body) -> Body {
    let Some((mut words, json)) = list(&mut arguments) else { return arguments.malformed_words() };
    let keyword = arguments.keyword;
    if words.len() < 2 {
        arguments.refuse(SyntaxErrorKind::MissingDestination { keyword });
        return Body::Malformed(words);
    }
    let Some(destination) = words.pop() else { return Body::Malformed(words) };
    if opens_heredoc(&destination).is_some() {
        arguments.refuse_at(destination.range, SyntaxErrorKind::HeredocDestination { keyword }, None);
    }
    // Of two heredocs of one name BuildKit takes the last.
    let heredocs = arguments.heredocs.iter().enumerate();
    let by_name: BTreeMap<&str, usize> =
        heredocs.map(|(index, heredoc)| (heredoc.name.as_str(), index)).collect();
    let sources = words
        .into_iter()
        .map(|word| match opens_heredoc(&word).and_then(|name| by_name.get(name.as_str()).copied()) {
            Some(index) => Source::Heredoc(index, word),
            None => Source::Path(word),
        })
        .collect();
    body(Transfer { sources, destination, json })
}

/// `VOLUME`.
pub(super) fn volume(mut arguments: Arguments<'_>) -> Body {
    let Some((words, _)) = list(&mut arguments) else { return arguments.malformed_words() };
    if words.is_empty() {
        return arguments.missing();
    }
    for word in &words {
        if word.text.trim().is_empty() {
            arguments.refuse_at(word.range, SyntaxErrorKind::EmptyVolume, None);
        }
    }
    Body::Volume(words)
}

/// The arguments and whether they are in the JSON form; nothing where BuildKit refuses them, which is reported.
fn list(arguments: &mut Arguments<'_>) -> Option<(Vec<Word>, bool)> {
    match arguments.json() {
        Ok(words) => Some((words, true)),
        Err(NotStrings::NotJson) => Some((arguments.words(), false)),
        Err(NotStrings::OtherValues) => {
            arguments.refuse(SyntaxErrorKind::JsonNotStrings);
            None
        }
    }
}

fn opens_heredoc(word: &Word) -> Option<String> {
    heredoc::opener(&word.text).ok().flatten().map(|opener| opener.name)
}
