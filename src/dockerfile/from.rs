//! `FROM image [AS name]`.

use super::instruction::Arguments;
use super::{Body, From, SyntaxErrorKind};

/// Source: moby/buildkit, frontend/dockerfile/instructions/parse.go, `parseBuildStageName`.
pub(super) fn parse(mut arguments: Arguments<'_>) -> Body {
    let words = arguments.words();
    match words.as_slice() {
        [image] => Body::From(From { image: image.clone(), alias: None }),
        [image, joint, alias] if joint.text.eq_ignore_ascii_case("as") => {
            if !is_stage_name(&alias.text.to_lowercase()) {
                let kind = SyntaxErrorKind::StageName { name: alias.text.clone() };
                arguments.refuse_at(alias.range, kind, None);
            }
            Body::From(From { image: image.clone(), alias: Some(alias.clone()) })
        }
        [] => arguments.missing(),
        [image, alias] => {
            let suggestion = Some(format!("FROM {} AS {}", image.text, alias.text));
            arguments.refuse_at(
                alias.range,
                SyntaxErrorKind::FromArguments { count: words.len() },
                suggestion,
            );
            Body::Malformed(words)
        }
        [image, joint, alias] => {
            let suggestion = Some(format!("FROM {} AS {}", image.text, alias.text));
            arguments.refuse_at(
                joint.range,
                SyntaxErrorKind::FromArguments { count: words.len() },
                suggestion,
            );
            Body::Malformed(words)
        }
        _ => {
            arguments.refuse(SyntaxErrorKind::FromArguments { count: words.len() });
            Body::Malformed(words)
        }
    }
}

fn is_stage_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_ascii_lowercase())
        && chars.all(|ch| matches!(ch, 'a'..='z' | '0'..='9' | '-' | '_' | '.'))
}
