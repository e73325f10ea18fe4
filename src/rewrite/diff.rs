//! The unified diff between two texts of one file, as `git apply` takes it.

use similar::TextDiff;

/// The diff that makes `new` from `old`, both at `path`; empty where they are the same.
///
/// Paths carry the prefixes `a/` and `b/`; a missing final newline is marked as git does.
pub fn unified_diff(path: &str, old: &[u8], new: &[u8]) -> String {
    if old == new {
        return String::new();
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    let diff = TextDiff::from_lines(old, new);
    let mut text = Vec::new();
    // Writing to memory has no way to fail.
    let _ = diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_writer(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::unified_diff;

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
}
