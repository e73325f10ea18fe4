use crate::facts::Fact;
use crate::lint::calls::calls_of;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::Invocation;
use crate::text::EditSet;

declare_rule! {
    /// `wget` fills the build's log with its progress.
    ///
    /// ## Why it matters
    /// Without a terminal, `wget` writes a line for every 50 kB. A large download buries the lines that matter, and
    /// where a log has a limit it cuts them off. It is a matter of taste, so this rule speaks only with `--profile all`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN wget https://example.org/tool.tar.gz
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN wget -nv https://example.org/tool.tar.gz
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN wget -qO- https://example.org/a && wget --progress=dot:giga https://example.org/b
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: what a script reads from wget's messages changes, and a `wget` that is BusyBox's may not know the flag.
    name: "wget-progress",
    aliases: ["DL3047", "DF056"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: Some(Safety::Unsafe),
}

/// What makes wget silent, terse, or write elsewhere.
const QUIET: [&str; 9] =
    ["--progress", "-q", "--quiet", "-o", "--output-file", "-a", "--append-output", "--no-verbose", "-nv"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for wget in calls_of(input, &["wget"]) {
        let (fact, call) = (wget.fact, wget.words);
        let Some(word) = call.words().first().filter(|_| !call.has_flag(&QUIET)) else { continue };
        found.push(
            Diagnostic::new(&RULE, word.range, "wget writes its progress into the build's log")
                .known_as(wget.aliases(&RULE))
                .help("add -nv, or --progress=dot:giga for large files")
                .fix(Safety::Unsafe, "add -nv", terse(input, fact, call)),
        );
    }
}

fn terse(input: &Input<'_>, fact: Fact<'_>, call: Invocation<'_>) -> Option<EditSet> {
    let run = RunScript::of(input, fact)?;
    EditSet::try_from(vec![run.insert_word(call.words().first()?, "-nv")?]).ok()
}
