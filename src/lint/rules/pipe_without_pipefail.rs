use crate::dockerfile::Body;
use crate::facts::{Fact, Run};
use crate::lint::calls::own_statements;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::{Element, Statement, statements};
use crate::text::EditSet;

declare_rule! {
    /// A pipe whose first command may fail and nobody notices.
    ///
    /// ## Why it matters
    /// A shell looks at the last command of a pipe only. Where the download before it breaks off, the step succeeds on
    /// half a file, its layer is cached, and every later build takes it. `set -o pipefail` makes the whole pipe fail.
    ///
    /// Unasked, this rule speaks of downloads that go to a program which takes half a file, or none, for an answer. On
    /// request it shows every pipe, as hadolint does. A script that sets the option itself is fine.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN curl -fsSL https://example.org/install.sh | bash
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// SHELL ["/bin/bash", "-c"]
    /// RUN curl -fsSL https://example.org/key | tee /etc/key
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// SHELL ["/bin/bash", "-c"]
    /// RUN set -o pipefail && curl -fsSL https://example.org/key | tee /etc/key
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN getent passwd | grep -c sh
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN set -o pipefail; curl -fsSL https://example.org/install.sh | bash
    /// SHELL ["/bin/bash", "-o", "pipefail", "-c"]
    /// RUN curl -fsSL https://example.org/install.sh | bash
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a build that ended well on half a file then fails. Offered only where `SHELL` names a shell that surely
    /// knows the option.
    name: "pipe-without-pipefail",
    aliases: ["DL4006", "DF057"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        if !matches!(fact.instruction.body, Body::Run(_)) {
            continue;
        }
        let all = match &fact.facts.run {
            Run::Exec(command) => statements(&command.inner),
            _ => own_statements(&fact),
        };
        let sets_itself = all.iter().filter_map(|statement| statement.command()).any(|command| {
            command.name() == Some("set") && command.args().iter().any(|word| word.is("pipefail"))
        });
        let shell = fact.facts.before.shell.words();
        let program = shell.first().and_then(|path| path.rsplit('/').next()).unwrap_or("sh");
        let asks = shell.iter().any(|word| word == "pipefail");
        if sets_itself || (asks && ["bash", "zsh", "ash"].contains(&program)) {
            continue;
        }
        let mut pipes = all.iter().filter(|statement| statement.pipeline.len() > 1);
        let Some(first) = pipes.clone().next() else { continue };
        let grave = pipes.find(|pipe| !asks && is_at_top(&fact, pipe) && swallows_a_download(pipe));
        let statement = grave.unwrap_or(first);
        let Some(place) = statement.pipeline.first().map(Element::range) else { continue };
        let diagnostic =
            Diagnostic::new(&RULE, place, "if this fails, the pipe it feeds succeeds all the same")
                .help("set -o pipefail before it, with a SHELL that knows it, or part the two commands")
                .fix(Safety::Unsafe, "set pipefail first", with_option(input, fact, program));
        found.push(if grave.is_some() { diagnostic } else { diagnostic.on_request() });
    }
}

/// Whether the pipe's own status is the step's.
fn is_at_top(fact: &Fact<'_>, pipe: &Statement) -> bool {
    let top = match &fact.facts.run {
        Run::Script(script) => script.list.as_slice(),
        Run::Exec(command) => command.inner.as_slice(),
        Run::Nothing | Run::Foreign => &[],
    };
    top.iter().any(|statement| statement == pipe)
}

/// Whether a download is piped into something that is content with any beginning of it.
fn swallows_a_download(pipe: &Statement) -> bool {
    const CONTENT: [&str; 13] = [
        "sh", "bash", "zsh", "ash", "dash", "python", "python3", "perl", "ruby", "node", "php", "tee", "cat",
    ];
    let name = |element: &Element| match element {
        Element::Command(command) => command.name().map(str::to_owned),
        Element::Compound(_) => None,
    };
    let (first, last) = (pipe.pipeline.first().and_then(name), pipe.pipeline.last().and_then(name));
    first.is_some_and(|first| matches!(first.as_str(), "curl" | "wget"))
        && last.is_some_and(|last| CONTENT.contains(&last.as_str()))
}

fn with_option(input: &Input<'_>, fact: Fact<'_>, program: &str) -> Option<EditSet> {
    let run = RunScript::of(input, fact).filter(|_| ["bash", "zsh", "ash"].contains(&program))?;
    EditSet::try_from(vec![run.insert_before(0, "set -o pipefail")?]).ok()
}
