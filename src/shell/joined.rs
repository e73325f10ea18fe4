//! The difference between a script in a Dockerfile's line and the same text in a shell script.
//!
//! Docker takes continuations out before the shell sees the line, so a `#` comments out everything to the end of the
//! last continued line, and blanks behind the continuation character don't matter. A shell that read the same text
//! would end the comment at the newline. Both are put right without moving a byte.

/// The text a shell must be given to read what Docker would hand it. As long as `text`, every offset kept.
pub(super) fn as_the_shell_gets_it(text: &str) -> String {
    // Without a comment and without blanks behind a backslash there is nothing to put right.
    if !text.contains('#') && !text.contains("\\ ") && !text.contains("\\\t") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    let mut quote = None;
    let mut word_start = true;
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (_, '\\') if continuation(text, at).is_some() => {
                // The blanks move before the backslash.
                let newline = continuation(text, at).unwrap_or(at);
                let blanks = newline.saturating_sub(at + 1);
                out.extend(std::iter::repeat_n(' ', blanks));
                out.push('\\');
                while chars.next_if(|(next, _)| *next < newline).is_some() {}
                if let Some((_, '\r')) = chars.peek() {
                    out.push('\r');
                    chars.next();
                }
                if chars.next().is_some() {
                    out.push('\n');
                }
                continue;
            }
            (None | Some('"'), '\\') => {
                out.push(c);
                if let Some((_, escaped)) = chars.next() {
                    out.push(escaped);
                }
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                out.push(c);
            }
            (Some(open), close) if open == close => {
                quote = None;
                out.push(c);
            }
            (None, '#') if word_start => {
                let end = line_end(text, at);
                out.extend(std::iter::repeat_n(' ', end - at));
                out.push_str(text.get(end..).unwrap_or_default());
                return out;
            }
            // The first line that is not continued ends the instruction's own line: heredocs follow, as they are.
            (_, '\n') => {
                out.push_str(text.get(at..).unwrap_or_default());
                return out;
            }
            _ => out.push(c),
        }
        word_start = quote.is_none() && matches!(c, ' ' | '\t' | ';' | '&' | '|' | '(' | ')');
    }
    out
}

/// The offset of the newline that the backslash at `at` continues over.
fn continuation(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at + 1..)?;
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let end = rest.get(blanks..)?;
    (end.starts_with('\n') || end.starts_with("\r\n")).then_some(at + 1 + blanks)
}

/// Where the continued line that `from` is in ends.
fn line_end(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(newline) = text.get(at..).and_then(|rest| rest.find('\n')).map(|offset| at + offset) {
        let line = text.get(from..newline).unwrap_or_default();
        if !line.trim_end_matches([' ', '\t', '\r']).ends_with('\\') {
            return newline;
        }
        at = newline + 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::as_the_shell_gets_it;

    #[test]
    fn a_comment_goes_on_over_continuations() {
        let text = "a && b # why \\\n && c \\\n d";
        let read = as_the_shell_gets_it(text);
        assert_eq!(read.trim_end(), "a && b");
        assert_eq!(read.len(), text.len());
    }

    #[test]
    fn a_comment_ends_where_the_instruction_s_line_ends() {
        let text = "cat <<E # x\nbody # kept\nE";
        assert_eq!(as_the_shell_gets_it(text), "cat <<E    \nbody # kept\nE");
    }

    #[test]
    fn a_hash_inside_a_word_or_quotes_is_no_comment() {
        for text in ["a#b c", "a '# b' c", "a \"x # y\" c", "a \\# b", "a $x#b"] {
            assert_eq!(as_the_shell_gets_it(text), text);
        }
    }

    #[test]
    fn blanks_behind_a_continuation_move_before_it() {
        assert_eq!(as_the_shell_gets_it("a \\  \n b \\\t\r\n c"), "a   \\\n b  \\\r\n c");
    }
}
