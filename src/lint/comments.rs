//! The comments that belong to an instruction: those right above it, without a blank line between.

use crate::dockerfile::{Dockerfile, Instruction, Item};
use crate::text::{SourceFile, TextRange};

/// The whole lines of `instruction` and of the comments that belong to it.
pub(crate) fn with_comments(dockerfile: &Dockerfile, instruction: &Instruction) -> TextRange {
    let above =
        dockerfile.items.iter().rev().skip_while(|item| item.lines().end() > instruction.lines.start());
    let comments = above.take_while(|item| matches!(item, Item::Comment(_)));
    comments.fold(instruction.lines, |lines, comment| lines.cover(comment.lines()))
}

/// What to delete so that `lines`, which are whole ones, go: also the blank line behind them where another is above.
pub(crate) fn to_delete(source: &SourceFile, lines: TextRange) -> TextRange {
    let before = source.text().get(..lines.start()).unwrap_or_default();
    let after = source.text().get(lines.end()..).unwrap_or_default();
    let is_first = before.trim().is_empty();
    let doubled = is_first || before.ends_with("\n\n") || before.ends_with("\n\r\n");
    let blank = ["\n", "\r\n"].into_iter().find(|newline| after.starts_with(newline)).map_or(0, str::len);
    TextRange::new(lines.start(), if doubled { lines.end() + blank } else { lines.end() })
}
