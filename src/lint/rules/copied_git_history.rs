use crate::context::{Listing, select};
use crate::dockerfile::Source;
use crate::facts::Fact;
use crate::lint::cost::{Files, Waste};
use crate::lint::landings::Landing;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// The repository's history is copied with the sources.
    ///
    /// ## Why it matters
    /// Each commit, fetch and even `git status` changes files in `.git`, so that the copy and all below it run again
    /// though no source has changed. In a shipped stage every region downloads the history, with all that was ever
    /// committed and removed again.
    ///
    /// Silent where a later instruction of the stage runs git, and where there is no `.dockerignore` at all, which
    /// `missing-dockerignore` reports.
    ///
    /// ## Examples
    /// ```context
    /// server.js 2048
    /// .git/HEAD 23
    /// .git/objects/pack/pack-1.pack 84000000
    /// ```
    /// ```dockerignore
    /// node_modules
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY . .
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY server.js ./
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerignore
    /// .git
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY . .
    /// CMD ["node", "server.js"]
    /// ```
    name: "copied-git-history",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(context) = input.context.filter(|context| context.ignore.is_some()) else { return };
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let Some(landing) = Landing::of(input, fact).filter(|landing| landing.from_context) else { continue };
        if has_excludes(&fact) || is_read(input, &fact) {
            continue;
        }
        for source in &landing.transfer.sources {
            let Source::Path(word) = source else { continue };
            // Whoever names the folder means it.
            let Some(path) = fact.facts.before.expand(&word.text, input.dockerfile.escape) else { continue };
            let history = history(&context.listing, &path).filter(|_| !path.contains(".git"));
            let Some(history) = history else { continue };
            let name = &fact.instruction.name.text;
            let diagnostic = Diagnostic::new(
                &RULE,
                word.range,
                format!(
                    "{name} takes `.git` ({}): each commit makes it and all below run again",
                    history.bytes
                ),
            )
            .help("add a line `.git` to the .dockerignore");
            found.push(diagnostic.wastes(input, &fact, &Waste::Context(history)));
            break;
        }
    }
}

fn has_excludes(fact: &Fact<'_>) -> bool {
    fact.instruction.flag("exclude").is_some()
}

/// The history that the source takes; nothing where it takes none.
fn history(listing: &Listing, source: &str) -> Option<Files> {
    let is_history = |path: &str| path.split('/').any(|part| part == ".git");
    let mut taken = select(listing, source).into_iter().filter(|entry| is_history(&entry.path)).peekable();
    taken.peek().is_some().then(|| Files::of(taken))
}

/// Whether something behind the copy asks git, in its stage or in one built on it.
fn is_read(input: &Input<'_>, fact: &Fact<'_>) -> bool {
    let heirs = fact.facts.stage.map(|stage| input.facts.heirs(stage)).unwrap_or_default();
    let later = input.facts.all(input.dockerfile).filter(|later| {
        later.index > fact.index && later.facts.stage.is_some_and(|stage| heirs.contains(&stage))
    });
    later.into_iter().any(|later| {
        let text = input.source.slice(later.instruction.range);
        later.facts.script().is_some()
            && text.split(|ch: char| !ch.is_ascii_alphanumeric()).any(|word| word == "git")
    })
}
