//! The unified diff between two texts of one file, as `git apply` takes it.

use std::fmt::Write as _;

use similar::{ChangeTag, DiffOp, TextDiff};

/// Lines of context around a change, as git shows them.
const CONTEXT: usize = 3;

/// The diff that makes `new` from `old`, both at `path`; empty where they are the same. Bytes, since a Dockerfile is:
/// `git apply` compares them.
///
/// Paths carry the prefixes `a/` and `b/` and are relative to the folder that the diff is applied in; a missing final
/// newline is marked as git does. A line ends after `\n` alone, also where the file has a carriage return inside one.
pub fn patch(path: &str, old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    if old == new {
        return text;
    }
    let (old, new) = (lines(old), lines(new));
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old, &new);
    text.extend(format!("--- {}\n+++ {}\n", name("a", path), name("b", path)).bytes());
    for hunk in diff.grouped_ops(CONTEXT) {
        text.extend(header(&hunk).bytes());
        for change in hunk.iter().flat_map(|op| diff.iter_changes(op)) {
            text.push(match change.tag() {
                ChangeTag::Equal => b' ',
                ChangeTag::Delete => b'-',
                ChangeTag::Insert => b'+',
            });
            text.extend_from_slice(change.value());
            if !change.value().ends_with(b"\n") {
                text.extend_from_slice(b"\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

/// The same as text for people to read; bytes that are no UTF-8 are replaced.
pub fn unified_diff(path: &str, old: &[u8], new: &[u8]) -> String {
    String::from_utf8_lossy(&patch(path, old, new)).into_owned()
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// `@@ -2,7 +2,6 @@`: where the hunk stands in the old and in the new file.
fn header(hunk: &[DiffOp]) -> String {
    let span = |range: fn(&DiffOp) -> std::ops::Range<usize>| {
        let start = hunk.first().map_or(0, |op| range(op).start);
        let end = hunk.last().map_or(0, |op| range(op).end);
        match end - start {
            // An empty side names the line before it.
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            length => format!("{},{length}", start + 1),
        }
    };
    format!("@@ -{} +{} @@\n", span(DiffOp::old_range), span(DiffOp::new_range))
}

/// A file's name in a diff's head. Git quotes what would end or change it, and ends one with blanks by a tab.
/// Source: git, quote.c, `quote_two_c_style`, and diff.c, `fn_out_consume`.
fn name(side: &str, path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    if !path.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\' | 0x7f)) {
        let end = if path.contains(' ') { "\t" } else { "" };
        return format!("{side}/{path}{end}");
    }
    let mut quoted = format!("\"{side}/");
    for character in path.chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            control if control.is_ascii_control() => {
                // Writing to memory has no way to fail.
                let _ = write!(quoted, "\\{:03o}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::{patch, unified_diff};

    #[test]
    fn equal_texts_have_no_diff() {
        assert_eq!(unified_diff("Dockerfile", b"FROM a\n", b"FROM a\n"), "");
    }

    #[test]
    fn a_missing_last_newline_is_marked_as_git_does() {
        insta::assert_snapshot!(unified_diff("./app/Dockerfile", b"FROM a\nRUN x", b"FROM a\nRUN x\n"), @r"
        --- a/app/Dockerfile
        +++ b/app/Dockerfile
        @@ -1,2 +1,2 @@
         FROM a
        -RUN x
        \ No newline at end of file
        +RUN x
        ");
    }

    #[test]
    fn a_carriage_return_inside_a_line_ends_no_line() {
        let diff = patch("Dockerfile", b"FROM a\nRUN x\ry\nCMD z\r", b"FROM b\nRUN x\ry\nCMD z\r");
        assert_eq!(
            String::from_utf8(diff).unwrap(),
            "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,3 +1,3 @@\n-FROM a\n+FROM b\n RUN x\ry\n CMD z\r\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn names_with_blanks_and_quotes_are_written_as_git_does() {
        let head = |path: &str| unified_diff(path, b"", b"FROM a\n").lines().next().unwrap().to_owned();
        assert_eq!(head("my app/Dockerfile"), "--- a/my app/Dockerfile\t");
        assert_eq!(head("a\"b\\c\nd"), r#"--- "a/a\"b\\c\012d""#);
    }
}
