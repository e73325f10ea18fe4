//! `FROM image [AS name]`.

use super::instruction::Arguments;
use super::{Body, From, SyntaxErrorKind};

/// Source: moby/buildkit, frontend/dockerfile/instructions/parse.go, `parseBuildStageName`.
pub(super) fn parse<'a>(mut arguments: Arguments<'_, 'a>) -> Body<'a> {
    let mut words = arguments.words();
    match [words.next(), words.next(), words.next(), words.next()] {
        [Some(image), None, ..] => Body::From(From { image, alias: None }),
        [Some(image), Some(joint), Some(alias), None] if joint.text.eq_ignore_ascii_case("as") => {
            if !is_stage_name(&alias.text.to_lowercase()) {
                let kind = SyntaxErrorKind::StageName { name: alias.text.to_string() };
                arguments.refuse_at(alias.range, kind, None);
            }
            Body::From(From { image, alias: Some(alias) })
        }
        [None, ..] => arguments.missing(),
        [Some(image), Some(alias), None, ..] => {
            let suggestion = Some(format!("FROM {} AS {}", image.text, alias.text));
            arguments.refuse_at(alias.range, SyntaxErrorKind::FromArguments { count: 2 }, suggestion);
            arguments.malformed_words()
        }
        [Some(image), Some(joint), Some(alias), None] => {
            let suggestion = Some(format!("FROM {} AS {}", image.text, alias.text));
            arguments.refuse_at(joint.range, SyntaxErrorKind::FromArguments { count: 3 }, suggestion);
            arguments.malformed_words()
        }
        _ => {
            let count = arguments.words().count();
            arguments.malformed(SyntaxErrorKind::FromArguments { count })
        }
    }
}

fn is_stage_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_ascii_lowercase())
        && chars.all(|ch| matches!(ch, 'a'..='z' | '0'..='9' | '-' | '_' | '.'))
}
