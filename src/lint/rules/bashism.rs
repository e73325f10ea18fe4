use crate::lint::bashisms::{Bashism, bashisms};
use crate::lint::image_shell::image_shell;
use crate::lint::shell_code::{ShellCode, shell_code};
use crate::lint::{Diagnostic, Input, Severity, declare_rule};
use crate::shell::Dialect;

declare_rule! {
    /// A script for `sh` that needs bash.
    ///
    /// ## Why it matters
    /// The shell form runs in `/bin/sh`. That is dash on Debian and Ubuntu and BusyBox's shell on Alpine, and neither knows
    /// all that bash does. Some of it fails the build. Some of it does something else and says nothing: dash prints the
    /// `-e` of `echo -e`, takes `&>log` for a job in the background, and answers no to every `[ a == a ]`.
    ///
    /// Unasked, this rule speaks where the base image's `sh` surely does not know the word, and on other bases where the
    /// script would go wrong in silence. On request it shows all that POSIX does not say, as ShellCheck does.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN source /opt/venv/bin/activate && pip list
    /// ```
    /// ```dockerfile,bad
    /// ARG BASE
    /// FROM $BASE
    /// RUN echo -e "[pip]\nno-input = true" > /etc/pip.conf
    /// ```
    /// ```dockerfile,on-request
    /// FROM alpine:3.22
    /// RUN [[ -f /etc/passwd ]] && adduser -D app
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN . /opt/venv/bin/activate && [ "$MODE" = debug ] || printf '[pip]\nno-input = true\n' > /etc/pip.conf
    /// SHELL ["/bin/bash", "-c"]
    /// RUN source /opt/venv/bin/activate && mkdir -p /srv/{a,b}
    /// ```
    name: "bashism",
    aliases: [
        "SC3001", "SC3002", "SC3003", "SC3005", "SC3006", "SC3007", "SC3008", "SC3009", "SC3010", "SC3011",
        "SC3012", "SC3014", "SC3015", "SC3016", "SC3017", "SC3018", "SC3019", "SC3020", "SC3021", "SC3023", "SC3024",
        "SC3025", "SC3026", "SC3028", "SC3029", "SC3030", "SC3033", "SC3034", "SC3035", "SC3036", "SC3037", "SC3038",
        "SC3039", "SC3040", "SC3041", "SC3042", "SC3043", "SC3044", "SC3045", "SC3046", "SC3047", "SC3048", "SC3049",
        "SC3050", "SC3053", "SC3054", "SC3055", "SC3056", "SC3057", "SC3058", "SC3059", "SC3060", "SC3061", "SC3062",
        "SC3063", "SC3064", "SC3065", "SC3066", "SC3067", "DF066",
    ],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input) {
        if !matches!(code.dialect, Dialect::Posix | Dialect::Dash | Dialect::Ash) {
            continue;
        }
        let shell = shell_of(input, &code);
        for bashism in bashisms(&code) {
            let message = match shell {
                Some(shell) if !knows(shell, &bashism) => {
                    format!("{} is bash's, and {} does not know it", bashism.what, spoken(shell))
                }
                _ => format!("{} is bash's, and `sh` need not know it", bashism.what),
            };
            let diagnostic = Diagnostic::new(&RULE, bashism.range, message)
                .help("write it as POSIX has it, or name bash in a SHELL")
                .known_as(names(bashism.code));
            let diagnostic = if code.dialect == Dialect::Posix {
                diagnostic
            } else {
                diagnostic.severity(Severity::Error)
            };
            let speaks = shell.map_or(bashism.is_silent, |shell| !knows(shell, &bashism));
            found.push(if speaks { diagnostic } else { diagnostic.on_request() });
        }
    }
}

/// The shell that surely runs the script.
fn shell_of(input: &Input<'_>, code: &ShellCode<'_>) -> Option<Dialect> {
    match code.dialect {
        Dialect::Posix => image_shell(input, code.fact.facts.stage?),
        named => Some(named),
    }
}

fn knows(shell: Dialect, bashism: &Bashism) -> bool {
    match shell {
        Dialect::Ash => bashism.in_ash,
        Dialect::Dash => bashism.in_dash,
        _ => true,
    }
}

fn spoken(shell: Dialect) -> &'static str {
    match shell {
        Dialect::Ash => "BusyBox's `sh`",
        Dialect::Dash => "dash, the `sh` here,",
        _ => "`sh`",
    }
}

/// Each of ShellCheck's codes with the one name that another peer has for all of them.
#[expect(clippy::indexing_slicing, reason = "reckoned while compiling")]
static KNOWN_AS: [[&str; 2]; RULE_CODES] = {
    let mut pairs = [["", "DF066"]; RULE_CODES];
    let mut at = 0;
    while at < RULE_CODES {
        pairs[at][0] = RULE.aliases[at];
        at += 1;
    }
    pairs
};

/// How many of the aliases are ShellCheck's.
const RULE_CODES: usize = 59;

/// The names for a finding of that code.
fn names(code: &str) -> &'static [&'static str] {
    KNOWN_AS.iter().find(|names| names.first() == Some(&code)).map(<[_; 2]>::as_slice).unwrap_or_default()
}
