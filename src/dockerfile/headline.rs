//! An instruction on one line, as lists show it.

use crate::text::SourceFile;

use super::Instruction;
use super::lines::{Lines, before_continuation};

/// Where it is cut, in characters.
const LONGEST: usize = 72;

impl Instruction<'_> {
    /// The instruction on one line, its continuations joined and its comments left out; cut where it is long. `source`
    /// is its file, `escape` the file's escape character.
    pub fn headline(&self, source: &SourceFile, escape: char) -> String {
        let (mut headline, mut length, mut is_apart) = (String::new(), 0, false);
        let text = source.text().get(..self.range.end()).unwrap_or_default();
        for line in Lines::new(text, self.range.start()) {
            let place = line.indented_range().start();
            if line.is_comment() && self.comments.binary_search_by_key(&place, |one| one.start()).is_ok() {
                continue;
            }
            let part = before_continuation(line.content, escape);
            for ch in part.unwrap_or(line.content).chars() {
                if ch.is_whitespace() {
                    is_apart = length > 0;
                    continue;
                }
                length += 1 + usize::from(is_apart);
                if length > LONGEST {
                    return headline + "…";
                }
                headline.extend(is_apart.then_some(' '));
                headline.push(ch);
                is_apart = false;
            }
            // A word goes on over a continuation, and not over the end of a heredoc's line.
            is_apart |= part.is_none();
        }
        headline
    }
}

#[cfg(test)]
mod tests {
    use crate::dockerfile::parse;
    use crate::text::SourceFile;

    fn headlines(text: &str) -> Vec<String> {
        let source = SourceFile::new("Dockerfile", text);
        let dockerfile = parse(&source).dockerfile;
        dockerfile.instructions().map(|one| one.headline(&source, dockerfile.escape)).collect()
    }

    #[test]
    fn continuations_are_joined_and_comments_left_out() {
        assert_eq!(
            headlines("RUN apt-get \\\n  # why\n  install gi\\\nt\nRUN <<EOF\n# kept\nls\nEOF\n"),
            ["RUN apt-get install git", "RUN <<EOF # kept ls EOF"]
        );
    }

    #[test]
    fn a_long_one_is_cut() {
        let long = format!("RUN {}", "é".repeat(100));
        assert_eq!(headlines(&long), [format!("RUN {}…", "é".repeat(68))]);
        assert_eq!(headlines(&format!("RUN {}", "é".repeat(68)))[0].chars().count(), 72);
    }
}
