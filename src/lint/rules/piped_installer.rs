use crate::lint::downloads::{Download, host, statements};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, Element, Invocation, Word};

declare_rule! {
    /// A script runs straight from the web.
    ///
    /// ## Why it matters
    /// `curl … | sh` runs whatever the server answers at that hour, as the user of the build. Nothing is checked,
    /// nothing is kept to look at, and what is installed differs from day to day. Where the connection breaks off, the
    /// shell has already run the first half, and without `pipefail` the build goes on with it.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN curl -fsSL https://example.com/install.sh | sh
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN wget -qO- https://example.com/install.sh | sudo -E bash -s -- -y
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN bash -c "$(curl -fsSL https://example.com/install.sh)"
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// RUN curl -fsSLo /tmp/install.sh https://example.com/1.2.3/install.sh \
    ///     && echo "3b7732505933ca591ce4a6d860cb713ad96a3176b82f7979a8dfa9973486a0d6  /tmp/install.sh" | sha256sum -c \
    ///     && sh /tmp/install.sh
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// RUN curl -fsSL https://example.com/data.json | python3 -c "import json, sys; print(json.load(sys.stdin))"
    /// ```
    name: "piped-installer",
    aliases: ["DF021"],
    category: Security,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// The shells, whose arguments behind `-s` are the script's.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "zsh"];

/// Other programs that run what they read, where they are given no script.
const INTERPRETERS: &[&str] = &["python", "python2", "python3", "perl", "ruby", "node", "php"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let Some(script) = fact.facts.script() else { continue };
        for statement in statements(&script.list) {
            let commands = statement.pipeline.iter().filter_map(|element| match element {
                Element::Command(command) => Some(command),
                Element::Compound(_) => None,
            });
            let mut fetched: Option<&Word> = None;
            for command in commands {
                let call = command.effective();
                let piped = fetched.filter(|_| runs_input(call));
                let Some(address) = piped.or_else(|| substituted(command)) else {
                    let download = Download::of(command).filter(|download| download.to_stdout);
                    fetched = download.and_then(|download| download.addresses.first().copied()).or(fetched);
                    continue;
                };
                let Some(name) = call.words().first() else { continue };
                found.push(
                    Diagnostic::new(
                        &RULE,
                        name.range,
                        format!("`{}` runs whatever {} answers", name.shown(), host(address)),
                    )
                    .help(
                        "fetch one version to a file, check its SHA-256, and run that; or install a package",
                    )
                    .label(address.range, "fetched here, unchecked"),
                );
                fetched = None;
            }
        }
    }
}

/// Whether the program runs what comes in at its standard input.
fn runs_input(call: Invocation<'_>) -> bool {
    let Some(name) = call.name() else { return false };
    let args = call.args();
    if SHELLS.contains(&name) {
        let is_script = |word: &&Word| !word.shown().starts_with('-') || word.is("-c");
        return call.has_flag(&["-s"]) && !call.has_flag(&["-c"])
            || !args.iter().any(|word| is_script(&word) && !word.is("/dev/stdin"));
    }
    INTERPRETERS.contains(&name) && args.first().is_none_or(|word| word.is("-") || word.is("--"))
}

/// The address whose answer the command runs: `sh -c "$(curl …)"`, `bash <(curl …)`, `eval "$(curl …)"`.
fn substituted(command: &Command) -> Option<&Word> {
    let call = command.effective();
    let name = call.name()?;
    let runs = SHELLS.contains(&name) || matches!(name, "eval" | "." | "source");
    let word = call.args().iter().find(|word| !word.substitutions.is_empty()).filter(|_| runs)?;
    let text = word.text.trim_start_matches('"');
    let is_file = text.starts_with("<(") && name != "eval";
    let is_text = (text.starts_with("$(") || text.starts_with('`'))
        && (name == "eval" || (SHELLS.contains(&name) && call.has_flag(&["-c"])));
    let list = word.substitutions.first().filter(|_| is_file || is_text)?;
    let [statement] = list.list.as_slice() else { return None };
    let download = Download::of(statement.command()?).filter(|download| download.to_stdout)?;
    download.addresses.first().copied()
}
