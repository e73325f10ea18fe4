//! Variables in a Compose file, as far as the file itself says what they are.
//! Source: the Compose specification, "Interpolation".

/// `text` with its variables put in; nothing where one of them has no default, since only the environment has its value.
pub(super) fn interpolate(text: &str) -> Option<String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        result.push_str(before);
        if let Some(after) = behind.strip_prefix('$') {
            result.push('$');
            rest = after;
        } else if let Some(inside) = behind.strip_prefix('{') {
            let end = closing(inside)?;
            result.push_str(&default(inside.get(..end)?)?);
            rest = inside.get(end + 1..)?;
        } else if behind.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            return None;
        } else {
            result.push('$');
            rest = behind;
        }
    }
    result.push_str(rest);
    Some(result)
}

/// Where the brace that is open ends.
fn closing(inside: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in inside.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// What `NAME:-default` and its like are without a value: `-` gives the default, `+` nothing, the others an error.
fn default(expression: &str) -> Option<String> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let behind = expression.trim_start_matches(is_name);
    let behind = behind.strip_prefix(':').unwrap_or(behind);
    match behind.split_at_checked(1)? {
        ("-", default) => interpolate(default),
        ("+", _) => Some(String::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::interpolate;

    #[test]
    fn defaults_are_taken_and_what_only_the_environment_knows_is_not_guessed() {
        let cases = [
            ("plain", Some("plain")),
            ("${TAG:-1.2}", Some("1.2")),
            ("a-${TAG-x}-b", Some("a-x-b")),
            ("${A:-${B:-c}}", Some("c")),
            ("${A:+b}", Some("")),
            ("cost $$5 and $ 5", Some("cost $5 and $ 5")),
            ("${TAG}", None),
            ("$TAG", None),
            ("${TAG:?say it}", None),
            ("${TAG", None),
        ];
        for (text, expected) in cases {
            assert_eq!(interpolate(text).as_deref(), expected, "{text}");
        }
    }
}
