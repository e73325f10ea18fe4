use crate::facts::Fact;
use crate::lint::cost::Waste;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::{Command, Extent, Word, removals};
use crate::text::EditSet;

declare_rule! {
    /// A clone brings a repository's whole history, and one commit of it is used.
    ///
    /// ## Why it matters
    /// `git clone` fetches every version that every file ever had: for an old project that is many times its sources,
    /// downloaded with each build and, in a shipped stage, pulled by every region. `--depth 1` fetches the one that is
    /// checked out.
    ///
    /// Silent where something behind the clone asks for the history (`git checkout`, `git describe`, `git log` and their
    /// like). In a stage that is not shipped, and where `.git` is removed in the same `RUN`, it costs the download alone
    /// and is reported on request.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN git clone --branch v1.2.3 https://github.com/example/tool.git /opt/tool
    /// CMD ["/opt/tool/run"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN git clone --depth 1 --branch v1.2.3 https://github.com/example/tool.git /opt/tool
    /// CMD ["/opt/tool/run"]
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN git clone https://github.com/example/tool.git /opt/tool && git -C /opt/tool checkout 0a6d860cb713
    /// CMD ["/opt/tool/run"]
    /// ```
    /// ```dockerfile,on-request
    /// FROM golang:1.25 AS build
    /// RUN git clone --branch v1.2.3 https://github.com/example/tool.git && cd tool && CGO_ENABLED=0 go build -o /tool .
    /// FROM gcr.io/distroless/static:nonroot
    /// COPY --from=build /tool /tool
    /// ENTRYPOINT ["/tool"]
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a build that asks for the version by the history's tags no longer finds them, and a server that speaks
    /// the dumb protocol refuses.
    name: "whole-history-cloned",
    aliases: [],
    category: Size,
    severity: Info,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

/// Words of git's that ask for other commits than the one that is checked out.
const ASKS: &[&str] = &[
    "bisect",
    "blame",
    "checkout",
    "cherry-pick",
    "describe",
    "fetch",
    "log",
    "merge",
    "pull",
    "rebase",
    "reset",
    "rev-list",
    "revert",
    "shortlog",
    "switch",
    "tag",
    "worktree",
];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let Some(run) = RunScript::of(input, fact) else { continue };
        for occurrence in run.script.commands() {
            let Some(clone) = clone(occurrence.command) else { continue };
            if asks_for_history(input, &run, occurrence.command) {
                continue;
            }
            let edits =
                run.insert_word(clone, "--depth 1").and_then(|edit| EditSet::try_from(vec![edit]).ok());
            let diagnostic = Diagnostic::new(
                &RULE,
                clone.range,
                "this clone brings the repository's whole history, of which one commit is used",
            )
            .help("add `--depth 1`")
            .fix(Safety::Unsafe, "fetch the one commit", edits);
            let stays = input.facts.is_shipped(&fact) && !is_removed(&fact, occurrence.command);
            found.push(if stays {
                diagnostic.wastes(input, &fact, &Waste::PartOfLayer)
            } else {
                diagnostic.on_request()
            });
        }
    }
}

/// The word `clone` of a command that clones a repository from elsewhere with all of its history.
fn clone(command: &Command) -> Option<&Word> {
    const LESS: &[&str] = &[
        "--depth",
        "--shallow-since",
        "--shallow-exclude",
        "--filter",
        "--revision",
        "--mirror",
        "--bare",
        "-n",
        "--no-checkout",
        "--reference",
        "--local",
        "-s",
        "--shared",
    ];
    let call = command.effective();
    if call.name() != Some("git") || call.subcommand(&["-c", "-C"]) != Some("clone") || call.has_flag(LESS) {
        return None;
    }
    let is_remote = |word: &Word| {
        word.text.contains("://") || word.text.trim_start_matches(['"', '\'']).starts_with("git@")
    };
    let is_local = call.args().iter().any(|word| word.text.contains("file://"));
    let clone = call.args().iter().find(|word| word.is("clone"))?;
    (call.args().iter().any(is_remote) && !is_local).then_some(clone)
}

/// Whether something behind the clone, in its stage or one built on it, may want other commits.
fn asks_for_history(input: &Input<'_>, run: &RunScript<'_>, clone: &Command) -> bool {
    let text = input.source.text();
    let end = run.fact.instruction.range.end();
    let behind = text.get(clone.range.end()..end).unwrap_or_default();
    let later = run.later(input);
    let later = later.iter().map(|fact| input.source.slice(fact.instruction.range));
    std::iter::once(behind).chain(later).any(|text| {
        let words: Vec<&str> = text
            .split(|ch: char| !(ch.is_ascii_alphanumeric() || ch == '-'))
            .filter(|word| !word.is_empty())
            .collect();
        words.contains(&"git") && words.iter().any(|word| ASKS.contains(word))
    })
}

/// Whether the script removes a history behind the clone, or all that was cloned.
fn is_removed(fact: &Fact<'_>, clone: &Command) -> bool {
    let folder = clone.args().last().map(|word| {
        let name = word.shown().trim_end_matches(['/', '"']).trim_end_matches(".git");
        name.rsplit('/').next().unwrap_or(name).to_owned()
    });
    let later = fact.facts.commands().into_iter().filter(|other| other.command.range > clone.range);
    later.into_iter().any(|other| {
        removals(other.command).iter().any(|removal| {
            let path = removal.path.shown();
            let is_folder = folder.as_ref().is_some_and(|folder| path.contains(folder.as_str()));
            path.contains(".git") || (removal.extent != Extent::File && (is_folder || path.contains('*')))
        })
    })
}
