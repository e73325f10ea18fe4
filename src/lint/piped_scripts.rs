//! Scripts that run straight from the web: `curl … | sh` and its like.

use crate::shell::{Command, Element, Invocation, Script, Word};

use super::downloads::{Download, statements};

/// A download that a program runs as it comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct PipedScript<'a> {
    /// Where it comes from.
    pub(super) address: &'a Word,
    /// The program that runs it.
    pub(super) program: &'a Word,
}

/// The shells, whose arguments behind `-s` are the script's.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "zsh"];

/// Other programs that run what they read, where they are given no script.
const INTERPRETERS: &[&str] = &["python", "python2", "python3", "perl", "ruby", "node", "php"];

/// All of them in the script.
pub(super) fn piped_scripts(script: &Script) -> Vec<PipedScript<'_>> {
    let mut found = Vec::new();
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
            let Some(program) = call.words().first() else { continue };
            found.push(PipedScript { address, program });
            fetched = None;
        }
    }
    found
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
