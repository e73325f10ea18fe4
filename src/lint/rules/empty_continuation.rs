use crate::dockerfile::Instruction;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// An empty line inside an instruction.
    ///
    /// ## Why it matters
    /// BuildKit skips it and says that it will become an error. For the reader the instruction ends there.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN apk add --no-cache \
    ///
    ///     curl
    /// ```
    /// ```dockerfile,fixed
    /// FROM alpine:3.22
    /// RUN apk add --no-cache \
    ///     curl
    /// ```
    /// A comment may stand there.
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// RUN apk add --no-cache \
    ///     # for the health check
    ///     curl
    /// ```
    ///
    /// ## Fix safety
    /// Safe: BuildKit reads the same instruction.
    name: "empty-continuation",
    aliases: ["NoEmptyContinuation"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for instruction in input.dockerfile.instructions() {
        let lines = lines(input, instruction);
        let is_blank = |line: &&TextRange| input.source.slice(**line).trim().is_empty();
        let blank: Vec<TextRange> = lines.iter().filter(is_blank).copied().collect();
        let (Some(first), Some(last)) = (blank.first(), lines.last()) else { continue };
        // Where the file ends in it, the last line is the continuation and goes with it.
        let ends_there = blank.contains(last);
        // BuildKit names the line where the instruction's words end.
        let text = input.source.slice(*last);
        let start = last.start() + (text.len() - text.trim_start().len());
        let place = TextRange::new(start, last.start() + text.trim_end().len());
        let place = if ends_there { *last } else { place };
        let edits: Vec<Edit> = blank.iter().map(|line| Edit::delete(*line)).collect();
        found.push(
            Diagnostic::new(&RULE, place, "empty continuation line: the instruction goes on behind it")
                .label(*first, "the empty line")
                .help("remove the empty line, or put a comment there")
                .fix(
                    Safety::Safe,
                    "remove the empty lines",
                    EditSet::try_from(edits).ok().filter(|_| !ends_there),
                ),
        );
    }
}

/// The lines of an instruction's words, without those of its heredocs.
fn lines(input: &Input<'_>, instruction: &Instruction) -> Vec<TextRange> {
    let body = match &instruction.body {
        crate::dockerfile::Body::Onbuild(trigger) => trigger.heredocs.first(),
        _ => instruction.heredocs.first(),
    };
    let end = body.map_or(instruction.lines.end(), |heredoc| heredoc.body.start());
    let whole = TextRange::new(instruction.lines.start(), end.max(instruction.lines.start()));
    let mut at = whole.start();
    let range = |line: &str| {
        let range = TextRange::new(at, at + line.len());
        at = range.end();
        range
    };
    input.source.slice(whole).split_inclusive('\n').map(range).collect()
}
