use crate::lint::package_calls::package_runs;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, Word};

declare_rule! {
    /// PHP's debugger is in the image that is shipped.
    ///
    /// ## Why it matters
    /// Loaded, Xdebug slows every request down, to several times as long in some of its modes, and one setting makes
    /// it open a connection to whoever asks. It belongs to the desk: into a stage for development that is built on the
    /// shipped one.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM php:8.4-fpm
    /// RUN pecl install xdebug-3.4.5
    /// ```
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN apk add --no-cache php84-fpm php84-xdebug
    /// ```
    /// ```dockerfile,good
    /// FROM php:8.4-fpm AS production
    /// FROM production AS development
    /// RUN pecl install xdebug-3.4.5 && docker-php-ext-enable xdebug
    /// FROM production
    /// ```
    /// An image that says it is for development may have it:
    /// ```dockerfile,good
    /// FROM php:8.4-fpm AS dev
    /// RUN pecl install xdebug-3.4.5
    /// ```
    name: "xdebug-shipped",
    aliases: ["tally/php/no-xdebug-in-final-image"],
    category: Start,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for run in package_runs(input).filter(|run| run.shipped) {
        let stage = run.fact.facts.stage.and_then(|stage| input.graph.stages.get(stage));
        let target = input.facts.target.and_then(|target| input.graph.stages.get(target));
        let names = [stage, target].into_iter().flatten().filter_map(|stage| stage.name.as_deref());
        if names.into_iter().any(is_for_development) {
            continue;
        }
        // One of them, however many calls it takes to install and to load it.
        let word = run.commands.iter().find_map(|occurrence| installed(occurrence.command)).or_else(|| {
            run.calls
                .iter()
                .find_map(|call| call.action.packages.iter().copied().find(|word| is_xdebug(word)))
        });
        if let Some(word) = word {
            found.push(
                Diagnostic::new(&RULE, word.range, format!("`{}` is in the shipped image", word.shown()))
                    .help("install it in a stage for development, built on this one"),
            );
        }
    }
}

fn is_for_development(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["dev", "debug", "test", "local", "ci"].iter().any(|part| name.contains(part))
}

/// The word with which the command brings Xdebug.
fn installed(command: &Command) -> Option<&Word> {
    let call = command.effective();
    let brings = match call.name()? {
        "pecl" | "pickle" | "pie" => call.args().iter().any(|word| word.is("install")),
        "docker-php-ext-enable" | "install-php-extensions" | "phpenmod" => true,
        _ => false,
    };
    call.args().iter().find(|word| brings && is_xdebug(word))
}

fn is_xdebug(word: &Word) -> bool {
    let name = word.shown().to_ascii_lowercase();
    name.split(['-', '_', '/', '=', ':', '@', '^']).any(|part| part == "xdebug")
}
