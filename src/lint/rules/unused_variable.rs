use std::collections::{BTreeMap, HashSet};

use crate::lint::shell_code::shell_code;
use crate::lint::shell_variables::is_known;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Mention, MentionKind};
use crate::text::TextRange;

declare_rule! {
    /// A script sets a variable that it never uses.
    ///
    /// ## Why it matters
    /// Each `RUN` is a shell of its own: a variable that is set in one is gone in the next, and the programs that a script
    /// calls see only what it exports. `DEBIAN_FRONTEND=noninteractive; apt-get install …` does nothing for apt-get, where
    /// `DEBIAN_FRONTEND=noninteractive apt-get install …` does.
    ///
    /// Loops and `read` need names that nobody uses; of these this rule speaks on request. Names that begin with `_` are
    /// left alone.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN NODE_ENV=production; npm run build
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN for try in 1 2 3; do ./download && break; done
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ENV NODE_ENV=development
    /// RUN NODE_ENV=production; export MODE=x; name=$(uname -m); npm run "build-$name"
    /// ```
    name: "unused-variable",
    aliases: ["SC2034"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input) {
        let mentions = code.script.mentions(code.text);
        let uses = |mention: &&Mention| !matches!(mention.kind, MentionKind::Set | MentionKind::Counted);
        let used: HashSet<&str> = mentions.iter().filter(uses).map(|mention| mention.name.as_str()).collect();
        let sets = |mention: &&Mention| matches!(mention.kind, MentionKind::Set | MentionKind::Counted);
        // Of several assignments the last is the one that is shown.
        let set: BTreeMap<&str, &Mention> =
            mentions.iter().filter(sets).map(|mention| (mention.name.as_str(), mention)).collect();
        for (name, mention) in set {
            if used.contains(name) || name.starts_with('_') || is_known(name) || code.is_set(name) {
                continue;
            }
            let counts = mention.kind == MentionKind::Counted;
            let start = mention.range.start();
            let place = if counts { mention.range } else { TextRange::new(start, start + name.len()) };
            let diagnostic = Diagnostic::new(&RULE, place, format!("`{name}` is set here and never used"))
                .help("export it where a program is to see it, or put it before the command: NAME=value command");
            // What is set to nothing, or to what a command prints, was set for another reason.
            let value = code.slice(mention.range).split_once('=').map_or("", |(_, value)| value);
            let is_plain = !value.is_empty() && !value.contains("$(") && !value.contains('`');
            found.push(if counts || !is_plain { diagnostic.on_request() } else { diagnostic });
        }
    }
}
