//! A unified diff for a terminal.

use super::style::{Ink, Style};

/// The diff with its lines coloured. Without colours it is the diff itself, byte for byte, which `git apply` takes.
pub fn painted(diff: &str, style: Style) -> String {
    let mut in_hunk = false;
    diff.split_inclusive('\n')
        .map(|whole| {
            let line = whole.strip_suffix('\n').unwrap_or(whole);
            in_hunk = (in_hunk || line.starts_with("@@")) && !line.starts_with("diff ");
            let painted = match ink(line, in_hunk) {
                Some(ink) => style.paint(ink, line),
                None => line.to_owned(),
            };
            if whole.ends_with('\n') { painted + "\n" } else { painted }
        })
        .collect()
}

/// Only outside of a hunk is `---` the name of a file, and not a removed line that begins with dashes.
fn ink(line: &str, in_hunk: bool) -> Option<Ink> {
    match line.as_bytes().first()? {
        b'@' if in_hunk => Some(Ink::Place),
        b'+' if in_hunk => Some(Ink::Good),
        b'-' if in_hunk => Some(Ink::Bad),
        b'\\' if in_hunk => Some(Ink::Faint),
        _ if in_hunk => None,
        _ => Some(Ink::Strong),
    }
}

#[cfg(test)]
mod tests {
    use super::painted;
    use crate::report::style::Style;

    const DIFF: &str = "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,3 +1,2 @@\n FROM a\n--- b\n-RUN c\n+RUN d\n\\ No newline at end of file\n";

    #[test]
    fn a_diff_without_colours_is_the_diff() {
        assert_eq!(painted(DIFF, Style::new(false)), DIFF);
        assert_eq!(painted("", Style::new(true)), "");
    }

    #[test]
    fn names_hunks_and_changed_lines_have_colours_of_their_own() {
        let shown = painted(DIFF, Style::new(true)).replace('\u{1b}', "␛");
        insta::assert_snapshot!(shown, @r"
        ␛[1m--- a/Dockerfile␛[0m
        ␛[1m+++ b/Dockerfile␛[0m
        ␛[36m@@ -1,3 +1,2 @@␛[0m
         FROM a
        ␛[31m--- b␛[0m
        ␛[31m-RUN c␛[0m
        ␛[32m+RUN d␛[0m
        ␛[2m\ No newline at end of file␛[0m
        ");
    }
}
