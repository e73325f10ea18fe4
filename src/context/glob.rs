//! Go's `filepath.Match` and `filepath.Clean` on a system with `/`, by which BuildKit reads patterns.
//! Source: Go, src/path/filepath/match.go and path.go.

/// A pattern that `filepath.Match` refuses: an open class, an empty range, a backslash at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadPattern;

/// Whether `name` as a whole is what `pattern` describes. `*` and `?` stop at `/`.
pub(super) fn matches(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut pattern, mut name) = (pattern.as_slice(), name.as_slice());
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains(&'/'));
        }
        match match_chunk(chunk, name)? {
            // The last chunk has to use up the name, or a star before it may do so.
            Some(left) if left.is_empty() || !pattern.is_empty() => {
                name = left;
                continue;
            }
            _ => {}
        }
        if star {
            let reach = name.iter().take_while(|c| **c != '/').count();
            for skipped in 1..=reach {
                let Some(left) = match_chunk(chunk, name.get(skipped..).unwrap_or_default())? else {
                    continue;
                };
                if pattern.is_empty() && !left.is_empty() {
                    continue;
                }
                name = left;
                continue 'pattern;
            }
        }
        // No match, but what is left has to be a pattern all the same.
        while !pattern.is_empty() {
            let (_, chunk, rest) = next_chunk(pattern);
            pattern = rest;
            match_chunk(chunk, &[])?;
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// Whether `text` has an unescaped `*`, `?` or `[`.
/// Source: tonistiigi/fsutil, copy/copy.go, `containsWildcards`.
pub(super) fn has_wildcards(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

/// The shortest path that means the same, decided by the text alone.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Whether stars lead, the text up to the next star, and what is left.
fn next_chunk(pattern: &[char]) -> (bool, &[char], &[char]) {
    let stars = pattern.iter().take_while(|c| **c == '*').count();
    let pattern = pattern.get(stars..).unwrap_or_default();
    let mut in_class = false;
    let mut at = 0;
    while let Some(c) = pattern.get(at) {
        match c {
            '\\' if at + 1 < pattern.len() => at += 1,
            '[' => in_class = true,
            ']' => in_class = false,
            '*' if !in_class => break,
            _ => {}
        }
        at += 1;
    }
    let (chunk, rest) = pattern.split_at_checked(at).unwrap_or((pattern, &[]));
    (stars > 0, chunk, rest)
}

/// What is left of `name` behind `chunk`, where it starts with it. Reads the chunk to its end even where it doesn't.
fn match_chunk<'n>(chunk: &[char], name: &'n [char]) -> Result<Option<&'n [char]>, BadPattern> {
    let mut chunk = chunk;
    let mut left = Some(name);
    while let Some((first, behind)) = chunk.split_first() {
        let next = left.and_then(<[char]>::split_first);
        left = next.map(|(_, rest)| rest);
        let c = next.map(|(c, _)| *c);
        chunk = behind;
        match first {
            '[' => {
                let negated = chunk.first() == Some(&'^');
                chunk = chunk.get(usize::from(negated)..).unwrap_or_default();
                let mut found = false;
                let mut ranges = 0;
                while ranges == 0 || chunk.first() != Some(&']') {
                    let (low, behind) = class_character(chunk)?;
                    chunk = behind;
                    let mut high = low;
                    if let Some(behind) = chunk.strip_prefix(&['-']) {
                        (high, chunk) = class_character(behind)?;
                    }
                    found |= c.is_some_and(|c| low <= c && c <= high);
                    ranges += 1;
                }
                chunk = chunk.get(1..).unwrap_or_default();
                left = left.filter(|_| found != negated);
            }
            '?' => left = left.filter(|_| c != Some('/')),
            '\\' => {
                let (escaped, behind) = chunk.split_first().ok_or(BadPattern)?;
                chunk = behind;
                left = left.filter(|_| c == Some(*escaped));
            }
            literal => left = left.filter(|_| c == Some(*literal)),
        }
    }
    Ok(left)
}

/// One end of a range in a class; something has to follow it.
fn class_character(chunk: &[char]) -> Result<(char, &[char]), BadPattern> {
    let chunk = match chunk.first() {
        None | Some('-' | ']') => return Err(BadPattern),
        Some('\\') => chunk.get(1..).unwrap_or_default(),
        Some(_) => chunk,
    };
    match chunk.split_first() {
        Some((c, rest)) if !rest.is_empty() => Ok((*c, rest)),
        _ => Err(BadPattern),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BadPattern, clean, matches};

    #[test]
    fn names_match_as_in_go() {
        let cases = [
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "abc/b", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Ok(false)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[b-d]", "abc", Ok(true)),
            ("ab[^e-g]", "abc", Ok(true)),
            ("ab[^b-d]", "abc", Ok(false)),
            ("a\\*b", "a*b", Ok(true)),
            ("a\\*b", "ab", Ok(false)),
            ("a?b", "a☺b", Ok(true)),
            ("a???b", "a☺b", Ok(false)),
            ("a[^a]b", "a☺b", Ok(true)),
            ("a?b", "a/b", Ok(false)),
            ("a*b", "a/b", Ok(false)),
            ("[\\]a]", "]", Ok(true)),
            ("[x\\-]", "-", Ok(true)),
            ("**", "a/b", Ok(false)),
            ("", "", Ok(true)),
            ("*x", "xxx", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[-]", "-", Err(BadPattern)),
            ("[x-]", "x", Err(BadPattern)),
            ("[", "a", Err(BadPattern)),
            ("[^bc", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("a\\", "a", Err(BadPattern)),
            ("b*[", "a", Err(BadPattern)),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn paths_are_cleaned_as_in_go() {
        let cases = [
            ("", "."),
            (".", "."),
            ("a//b/./c/", "a/b/c"),
            ("a/../b", "b"),
            ("../a", "../a"),
            ("/../a", "/a"),
            ("/", "/"),
            ("a/..", "."),
            ("../../x/..", "../.."),
        ];
        for (path, expected) in cases {
            assert_eq!(clean(path), expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_name_without_special_characters_matches_itself_alone(name in "[a-z/.]{0,12}", other in "[a-z/.]{0,12}") {
            prop_assert_eq!(matches(&name, &other), Ok(name == other));
        }

        #[test]
        fn cleaning_twice_changes_nothing(path in "[a./]{0,16}") {
            prop_assert_eq!(clean(&clean(&path)), clean(&path));
        }

        #[test]
        fn no_pattern_panics(pattern in "[]\\[*?^a/\\\\-]{0,12}", name in "[a/]{0,8}") {
            let _verdict = matches(&pattern, &name);
        }
    }
}
