use crate::lint::changing_arguments::needless_reruns;
use crate::lint::cost::Waste;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// An argument that changes with each build is declared above work that does not need it.
    ///
    /// ## Why it matters
    /// Every `RUN` has all the arguments declared above it in its environment, whether it reads them or not. Where one
    /// of them is the commit, the date or the build's number, each build does the work of all of them again.
    ///
    /// Known by their names are arguments such as `GIT_SHA`, `VCS_REF`, `BUILD_DATE` and `BUILD_NUMBER`, and `VERSION`
    /// and `APP_VERSION` where their default is no version. The rule is silent where something runs in between that
    /// could read the argument unseen, as `make` could, or that changes with each commit anyway.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// ARG GIT_SHA
    /// LABEL org.opencontainers.image.revision=$GIT_SHA
    /// RUN apt-get update && apt-get install -y --no-install-recommends nginx && rm -rf /var/lib/apt/lists/*
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends nginx && rm -rf /var/lib/apt/lists/*
    /// ARG GIT_SHA
    /// LABEL org.opencontainers.image.revision=$GIT_SHA
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    /// An argument above the first `FROM` is in no environment:
    /// ```dockerfile,good
    /// ARG BUILD_DATE
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends nginx && rm -rf /var/lib/apt/lists/*
    /// ```
    /// Behind the sources, nothing is lost any more:
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// COPY . .
    /// ARG GIT_SHA
    /// RUN npm ci
    /// ```
    name: "argument-declared-early",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for rerun in needless_reruns(input) {
        // An ENV that hands the argument on has to move with it, and is the other rule's.
        if !rerun.environment.is_empty() {
            continue;
        }
        let Some((first, others)) = rerun.arguments.split_first() else { continue };
        let name = &first.key.text;
        let message = match others.len() {
            0 => format!("each new `{name}` makes `{}` run again, which does not read it", rerun.shown),
            1 => format!(
                "each new `{name}` or `{}` makes `{}` run again, which reads neither",
                others.first().map_or("", |other| other.key.text.as_ref()),
                rerun.shown
            ),
            more => format!(
                "each new `{name}`, and {more} more arguments, makes `{}` run again, which reads none",
                rerun.shown
            ),
        };
        found.push(
            Diagnostic::new(&RULE, first.key.range, message)
                .label(rerun.command, "this runs again")
                .help("declare it right above the first instruction that reads it, and its LABEL at the end")
                .wastes(input, &rerun.fact, &Waste::RunsAgain),
        );
    }
}
