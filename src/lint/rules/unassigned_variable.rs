use std::collections::HashSet;

use crate::lint::shell_code::{ShellCode, shell_code};
use crate::lint::shell_variables::is_known;
use crate::lint::{Diagnostic, Input, base_environment, declare_rule, stage_images};
use crate::shell::{MentionKind, Word};

declare_rule! {
    /// A script uses a variable that nothing sets.
    ///
    /// ## Why it matters
    /// Where nothing sets it the value is empty, and the shell says nothing: `wget https://example.org/app-$version.tar`
    /// asks for another file. In a Dockerfile it is mostly an `ARG` that stands before the first `FROM`, or in another
    /// stage, or that was forgotten.
    ///
    /// Names in capitals are taken for the environment's, as ShellCheck takes them. What a script reads with `.` or `eval`
    /// can set anything; there, and where the base image is not known to set none, this rule speaks on request.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// ARG version=1.2
    /// FROM debian:trixie-slim
    /// RUN tar -xf "app-$version.tar"
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN . ./settings && tar -xf "app-$version.tar"
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ARG version=1.2
    /// RUN tar -xf "app-$version.tar" && machine=$(uname -m) && touch "$machine" "${suffix:-none}"
    /// ```
    name: "unassigned-variable",
    aliases: ["SC2154"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    // What starts the container can set any variable.
    for code in shell_code(input).filter(|code| code.is_run() && code.text.contains('$')) {
        let mentions = code.script.mentions(code.text);
        let sets = |kind| {
            matches!(
                kind,
                MentionKind::Set | MentionKind::Counted | MentionKind::Asked | MentionKind::Exported
            )
        };
        let set: HashSet<&str> = mentions
            .iter()
            .filter(|mention| sets(mention.kind))
            .map(|mention| mention.name.as_str())
            .collect();
        let mut seen: HashSet<&str> = HashSet::new();
        let is_open = takes_from_outside(&code) || !is_base_known(input, &code);
        for mention in &mentions {
            let name = mention.name.as_str();
            let is_used = matches!(mention.kind, MentionKind::Used | MentionKind::Guarded);
            if !is_used || !seen.insert(name) || mention.kind == MentionKind::Guarded {
                continue;
            }
            let is_own = name.bytes().any(|byte| byte.is_ascii_lowercase());
            if !is_own || set.contains(name) || code.is_set(name) || is_known(name) {
                continue;
            }
            let diagnostic =
                Diagnostic::new(&RULE, mention.range, format!("nothing sets `{name}`: it is empty here"))
                    .help("an ARG holds only in its own stage, behind its line; declare it there");
            found.push(if is_open { diagnostic.on_request() } else { diagnostic });
        }
    }
}

/// Whether the script lets something set variables that is not there to read.
fn takes_from_outside(code: &ShellCode<'_>) -> bool {
    let is_dynamic =
        |args: &[Word]| args.iter().any(|word| word.value.is_none() && word.declaration().is_none());
    code.calls(&[".", "source", "eval"]).next().is_some()
        || code.calls(&["export", "declare", "read", "mapfile"]).any(|(_, args)| is_dynamic(args))
}

fn is_base_known(input: &Input<'_>, code: &ShellCode<'_>) -> bool {
    let stage = code.fact.facts.stage;
    let image = stage.and_then(|stage| stage_images::lowest_image(input, stage));
    image.is_some_and(|image| image == "scratch" || base_environment::of_image(image).is_some())
}
