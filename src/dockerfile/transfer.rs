//! `COPY` and `ADD`: sources and a destination. `VOLUME`: paths in either form.

use std::collections::BTreeMap;

use super::instruction::Arguments;
use super::json::NotStrings;
use super::{Body, Heredoc, Source, SyntaxErrorKind, Transfer, Word, heredoc};

/// Source: moby/buildkit, frontend/dockerfile/instructions/parse.go, `parseSourcesAndDest`.
pub(super) fn parse<'a>(mut arguments: Arguments<'_, 'a>, body: fn(Transfer<'a>) -> Body<'a>) -> Body<'a> {
    let Some((mut sources, json)) = list(&mut arguments, Source::Path) else {
        return arguments.malformed_words();
    };
    let keyword = arguments.keyword;
    if sources.len() < 2 {
        arguments.refuse(SyntaxErrorKind::MissingDestination { keyword });
        return Body::Malformed(sources.into_iter().map(Source::into_word).collect());
    }
    let Some(destination) = sources.pop().map(Source::into_word) else { return arguments.missing() };
    if opens_heredoc(&destination).is_some() {
        arguments.refuse_at(destination.range, SyntaxErrorKind::HeredocDestination { keyword }, None);
    }
    if !arguments.heredocs.is_empty() {
        name_heredocs(&mut sources, arguments.heredocs);
    }
    body(Transfer { sources, destination, json })
}

/// Tells the heredocs among the sources from the paths.
fn name_heredocs(sources: &mut [Source<'_>], heredocs: &[Heredoc]) {
    // Of two heredocs of one name BuildKit takes the last.
    let by_name: BTreeMap<&str, usize> =
        heredocs.iter().enumerate().map(|(index, heredoc)| (heredoc.name.as_str(), index)).collect();
    for source in sources {
        let Source::Path(word) = source else { continue };
        if let Some(index) = opens_heredoc(word).and_then(|name| by_name.get(name.as_str())) {
            *source = Source::Heredoc(*index, word.clone());
        }
    }
}

/// `VOLUME`.
pub(super) fn volume<'a>(mut arguments: Arguments<'_, 'a>) -> Body<'a> {
    let Some((words, _)) = list(&mut arguments, |word| word) else { return arguments.malformed_words() };
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
fn list<'a, T>(arguments: &mut Arguments<'_, 'a>, make: fn(Word<'a>) -> T) -> Option<(Vec<T>, bool)> {
    match arguments.json() {
        Ok(words) => Some((words.into_iter().map(make).collect(), true)),
        Err(NotStrings::NotJson) => Some((arguments.words().map(make).collect(), false)),
        Err(NotStrings::OtherValues) => {
            arguments.refuse(SyntaxErrorKind::JsonNotStrings);
            None
        }
    }
}

fn opens_heredoc(word: &Word<'_>) -> Option<String> {
    heredoc::opener(&word.text).ok().flatten().map(|opener| opener.name)
}
