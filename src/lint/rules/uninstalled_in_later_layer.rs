use std::collections::BTreeMap;

use crate::lint::cost::Waste;
use crate::lint::package_calls::called;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, PackageManager, Verb};
use crate::text::TextRange;

declare_rule! {
    /// A package is removed in a later layer than the one that installed it.
    ///
    /// ## Why it matters
    /// A layer can't take anything out of the one below. What `apt-get purge` or `apk del` removes is only hidden: every
    /// region still pulls the layer that has it.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
    /// RUN --mount=target=/src gcc -o /usr/local/bin/app /src/main.c
    /// RUN apt-get purge -y --auto-remove gcc libc6-dev
    /// ```
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN apk add --no-cache --virtual .build gcc musl-dev
    /// RUN --mount=target=/src gcc -o /usr/local/bin/app /src/main.c && apk del .build
    /// ```
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// RUN --mount=target=/src apk add --no-cache --virtual .build gcc musl-dev \
    ///  && gcc -o /usr/local/bin/app /src/main.c \
    ///  && apk del .build
    /// ```
    /// What the base has brought can only be hidden:
    /// ```dockerfile,good
    /// FROM debian:trixie
    /// RUN apt-get purge -y perl-modules
    /// ```
    name: "uninstalled-in-later-layer",
    aliases: [],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    // What the image's instructions have installed so far, and where.
    let mut installed: BTreeMap<String, (usize, TextRange)> = BTreeMap::new();
    for run in RunScript::shipped(input) {
        let index = run.fact.index;
        for occurrence in run.script.commands() {
            let Some(action) = packages::read(occurrence.command) else { continue };
            if !action.manager.is_system() {
                continue;
            }
            match action.verb {
                Verb::Install => {
                    let names = action.packages.iter().map(|word| name(word.shown()));
                    let group = action.call.flag_values(&["-t", "--virtual"]);
                    for name in names.chain(group) {
                        installed.insert(name.to_owned(), (index, called(&action)));
                    }
                }
                Verb::Remove => {
                    let removed: Vec<_> = action
                        .packages
                        .iter()
                        .filter_map(|word| {
                            let (at, place) = installed.remove(name(word.shown()))?;
                            (at != index).then_some((word, at, place))
                        })
                        .collect();
                    // All are taken off the list, one is enough to say.
                    let first = removed.first().filter(|_| occurrence.is_certain());
                    let Some((word, at, place)) = first.copied() else { continue };
                    let waste = if action.manager == PackageManager::Apt {
                        Waste::Packages(removed.iter().map(|(word, ..)| word.shown()).collect())
                    } else {
                        Waste::PartOfLayer
                    };
                    let diagnostic = Diagnostic::new(
                        &RULE,
                        word.range,
                        format!(
                            "`{}` stays in the layer that installed it: removing it here frees nothing",
                            word.shown()
                        ),
                    )
                    .label(place, "installed here")
                    .help("install, use and remove it in one RUN, or use it in a stage of its own");
                    found.push(match input.facts.get(input.dockerfile, at) {
                        Some(fact) => diagnostic.wastes(input, &fact, &waste),
                        None => diagnostic,
                    });
                }
                _ => {}
            }
        }
    }
}

/// A package's name without the version that is asked for.
fn name(package: &str) -> &str {
    package.split(['=', '<', '>', '~']).next().unwrap_or(package)
}
