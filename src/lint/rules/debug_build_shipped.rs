use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::lint::landings::Landing;
use crate::lint::script_edits::RunScript;
use crate::lint::start::started;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::Word;
use crate::shell::packages::{self, Action, PackageManager};

declare_rule! {
    /// The image has a program that was built to be debugged.
    ///
    /// ## Why it matters
    /// Cargo's debug build is not optimised and is several times the size of the release build: each region pulls more,
    /// and each container starts and answers more slowly. In a Go program the symbols and debug information that `-s
    /// -w` leaves out are often a quarter of the file; panics are printed with their lines without them.
    ///
    /// Cargo's build is reported where the image copies or starts what lies in `target/debug`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM rust:1.90 AS build
    /// RUN cargo build --locked
    /// FROM debian:13-slim
    /// COPY --from=build /src/target/debug/app /usr/local/bin/
    /// CMD ["app"]
    /// ```
    /// ```dockerfile,on-request
    /// FROM golang:1.26 AS build
    /// RUN go build -o /app .
    /// FROM scratch
    /// COPY --from=build /app /app
    /// ENTRYPOINT ["/app"]
    /// ```
    /// ```dockerfile,good
    /// FROM rust:1.90 AS build
    /// RUN cargo build --locked --release
    /// FROM debian:13-slim
    /// COPY --from=build /src/target/release/app /usr/local/bin/
    /// CMD ["app"]
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.26 AS build
    /// RUN go build -ldflags="-s -w" -o /app .
    /// FROM scratch
    /// COPY --from=build /app /app
    /// ENTRYPOINT ["/app"]
    /// ```
    name: "debug-build-shipped",
    aliases: [],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let facts = input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact));
    let by_stage: OnceCell<BTreeMap<usize, Vec<String>>> = OnceCell::new();
    for run in facts.filter_map(|fact| RunScript::of(input, fact)) {
        let Some(stage) = run.fact.facts.stage else { continue };
        let taken =
            || by_stage.get_or_init(|| taken(input)).get(&stage).map(Vec::as_slice).unwrap_or_default();
        let takes = |part: &str| taken().iter().any(|path| path.contains(part));
        let state = &run.fact.facts.before;
        for occurrence in run.script.commands() {
            let Some(action) = packages::read(occurrence.command) else { continue };
            let [subcommand] = action.subcommand.as_slice() else { continue };
            match action.manager {
                PackageManager::Cargo if is_debug(&action, subcommand) && takes("/debug/") => found.push(
                    Diagnostic::new(&RULE, subcommand.range, "the image ships cargo's debug build")
                        .help("give it `--release`, and copy from `target/release`"),
                ),
                PackageManager::Go if subcommand.is("build") => {
                    let flags = state.variables.iter().any(|(name, _)| name.contains("FLAGS"));
                    let text = input.source.slice(run.fact.instruction.range);
                    let strips = text.contains("ldflags") || text.contains("strip ") || text.contains("upx");
                    if !flags && !strips && !text.contains("GOFLAGS") && takes_program(&action, taken()) {
                        found.push(
                            Diagnostic::new(
                                &RULE,
                                subcommand.range,
                                "the program is shipped with its debug information",
                            )
                            .help("give it `-ldflags=\"-s -w\"`, unless a debugger or profiler is to read it")
                            .on_request(),
                        );
                    }
                }
                _ => {}
            }
        }
    }
}

/// What the image takes from each stage, and the paths it starts for those that are in it.
fn taken(input: &Input<'_>) -> BTreeMap<usize, Vec<String>> {
    let mut taken: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let shipped = input.facts.all(input.dockerfile).filter(|fact| input.facts.is_shipped(fact));
    for landing in shipped.filter_map(|fact| Landing::of(input, fact)) {
        if let Some(stage) = landing.from_stage {
            taken.entry(stage).or_default().extend(landing.sources(input));
        }
    }
    let words = started(input).into_iter().filter_map(|started| started.command.words.first()?.value.clone());
    let words: Vec<String> = words.collect();
    for stage in input.facts.shipped() {
        taken.entry(stage).or_default().extend(words.iter().cloned());
    }
    taken
}

fn is_debug(action: &Action<'_>, subcommand: &Word) -> bool {
    let optimises = action.has_flag(&["--release", "-r", "--profile", "--config"]);
    let is_plain = action.call.args().iter().all(|word| word.variables.is_empty());
    (subcommand.is("build") || subcommand.is("b")) && !optimises && is_plain
}

/// Whether the image takes the file that `go build -o` writes, or something of its name.
fn takes_program(action: &Action<'_>, taken: &[String]) -> bool {
    let last = |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let written = action.call.flag_values(&["-o"]);
    written.iter().any(|output| taken.iter().any(|path| last(path) == last(output)))
}
