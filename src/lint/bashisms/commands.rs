//! Commands and options that bash has and POSIX does not.

use crate::lint::shell_code::ShellCode;
use crate::shell::{Command, Dialect, Word};
use crate::text::TextRange;

use super::{Bashism, literal};

/// Commands that are not in POSIX.
const COMMANDS: [&str; 15] = [
    "caller",
    "compgen",
    "complete",
    "declare",
    "dirs",
    "disown",
    "enable",
    "mapfile",
    "popd",
    "pushd",
    "readarray",
    "shopt",
    "suspend",
    "typeset",
    "let",
];

/// What `set -o` takes.
const OPTIONS: [&str; 13] = [
    "allexport",
    "errexit",
    "ignoreeof",
    "monitor",
    "noclobber",
    "noexec",
    "noglob",
    "nolog",
    "notify",
    "nounset",
    "verbose",
    "vi",
    "xtrace",
];

/// The flags of builtins: all that POSIX has, with those that dash adds behind.
const FLAGS: [(&str, &str, &str); 13] = [
    ("cd", "LP", ""),
    ("export", "p", ""),
    ("hash", "r", "v"),
    ("jobs", "lp", ""),
    ("printf", "", ""),
    ("read", "r", "p"),
    ("readonly", "p", ""),
    ("trap", "", ""),
    ("type", "", ""),
    ("ulimit", "f", "HSacdlmnprstvw"),
    ("umask", "S", ""),
    ("unset", "fv", ""),
    ("wait", "", ""),
];

/// Operators of `[` with two operands, each with its code.
const COMPARISONS: [(&str, &str); 6] = [
    ("==", "SC3014"),
    ("=~", "SC3015"),
    ("<", "SC3012"),
    (">", "SC3012"),
    ("<=", "SC3012"),
    (">=", "SC3012"),
];

/// Operators of `[` with one operand.
const QUESTIONS: [(&str, &str); 8] = [
    ("-v", "SC3016"),
    ("-a", "SC3017"),
    ("-o", "SC3062"),
    ("-R", "SC3063"),
    ("-N", "SC3064"),
    ("-k", "SC3065"),
    ("-G", "SC3066"),
    ("-O", "SC3067"),
];

pub(super) fn of_command(code: &ShellCode<'_>, command: &Command, found: &mut Vec<Bashism>) {
    let Some(name) = literal(command, 0) else { return };
    let args = command.words.get(1..).unwrap_or_default();
    let is_dash = code.dialect != Dialect::Posix;
    let first = command.words.first().map_or(command.range, |word| word.range);
    match name {
        "[[" => {
            found.push(Bashism::new(command.range, "SC3010", "`[[`").in_ash());
            of_operators(args, is_dash, false, found);
        }
        "[" => of_operators(args, is_dash, false, found),
        "test" => {
            let before = found.len();
            of_operators(args, is_dash, true, found);
            // The operator has no place of its own there.
            found.iter_mut().skip(before).for_each(|bashism| bashism.range = command.range);
        }
        "local" if !is_dash => found.push(Bashism::new(command.range, "SC3043", "`local`").in_dash()),
        "let" => found.push(Bashism::new(command.range, "SC3039", "`let`").in_ash()),
        "source" => found.push(Bashism::new(command.range, "SC3046", "`source`").in_ash()),
        _ if COMMANDS.contains(&name) => {
            found.push(Bashism::new(command.range, "SC3044", format!("`{name}`")));
        }
        _ => {}
    }
    match name.rsplit('/').next().unwrap_or(name) {
        "echo" => of_echo(code, args, found),
        "set" if !is_dash => of_set(args, found),
        "exec" => {
            if let Some(word) = args.first().filter(|word| word.shown().starts_with('-')) {
                found.push(Bashism::new(word.range, "SC3038", "`exec` with a flag"));
            }
        }
        "trap" => of_trap(args, is_dash, found),
        "printf" => {
            if let Some(format) = args.first().filter(|format| format.text.contains("%q")) {
                found.push(Bashism::new(format.range, "SC3050", "`%q`"));
            }
        }
        "read" if args.iter().all(|word| word.shown().starts_with('-')) => {
            found.push(Bashism::new(first, "SC3061", "`read` without a name"));
        }
        _ => {}
    }
    of_flags(name, args, is_dash, found);
    declared(name, args, found);
}

/// `export NAME+=value` and `declare NAME=(…)`.
fn declared(name: &str, args: &[Word], found: &mut Vec<Bashism>) {
    if !crate::lint::shell_code::DECLARING.contains(&name) {
        return;
    }
    for word in args {
        let Some((_, append, _)) = word.declaration() else { continue };
        if append {
            found.push(Bashism::new(word.range, "SC3024", "`+=`"));
        }
        let value = word.text.find('=').map_or(0, |at| at + 1);
        if word.text.get(value..).is_some_and(|value| value.starts_with('(')) {
            let range = TextRange::new(word.range.start() + value, word.range.end());
            found.push(Bashism::new(range, "SC3030", "an array"));
        }
    }
}

fn of_echo(code: &ShellCode<'_>, args: &[Word], found: &mut Vec<Bashism>) {
    let Some(flag) = args.first() else { return };
    let letters = flag.value.as_deref().and_then(|value| value.strip_prefix('-')).unwrap_or_default();
    if letters.is_empty() || !letters.chars().all(|letter| "eEsn".contains(letter)) {
        return;
    }
    let what = format!("`echo -{letters}`");
    // Each shell takes `-n`; dash prints the others.
    let bashism = if letters == "n" {
        Bashism::new(flag.range, "SC3037", what).in_dash()
    } else if letters.contains(['E', 's']) {
        Bashism::new(flag.range, "SC3037", what).silent()
    } else {
        Bashism::new(flag.range, "SC3037", what).silent().in_ash()
    };
    match code.dialect {
        Dialect::Posix => found.push(bashism),
        _ if letters != "n" => found.push(Bashism { code: "SC3036", ..bashism }),
        _ => {}
    }
}

fn of_set(args: &[Word], found: &mut Vec<Bashism>) {
    let mut args = args.iter().map_while(|word| Some((word.range, word.value.as_deref()?))).peekable();
    while let Some((range, flag)) = args.next() {
        if flag.starts_with("--") {
            if flag.len() > 2 {
                found.push(Bashism::new(range, "SC3042", format!("`set {flag}`")));
            }
            return;
        }
        let Some(letters) = flag.strip_prefix(['-', '+']) else { return };
        for letter in letters.chars().filter(|letter| !"abCefhmnuvxo".contains(*letter)) {
            found.push(Bashism::new(range, "SC3041", format!("`set -{letter}`")));
        }
        if letters.ends_with('o')
            && let Some((range, option)) = args.next()
            && !OPTIONS.contains(&option)
        {
            let bashism = Bashism::new(range, "SC3040", format!("`set -o {option}`"));
            found.push(if option == "pipefail" { bashism.in_ash() } else { bashism });
        }
    }
}

fn of_trap(args: &[Word], is_dash: bool, found: &mut Vec<Bashism>) {
    for (word, signal) in args.iter().skip(1).filter_map(|word| Some((word, word.value.as_deref()?))) {
        let upper = signal.to_uppercase();
        if ["ERR", "DEBUG", "RETURN"].contains(&upper.as_str()) {
            found.push(Bashism::new(word.range, "SC3047", format!("`trap … {signal}`")));
        }
        if upper.starts_with("SIG") {
            found.push(Bashism::new(word.range, "SC3048", format!("`{signal}` for a signal")).in_ash());
        }
        if !is_dash && upper != signal {
            found.push(Bashism::new(word.range, "SC3049", format!("`{signal}` for a signal")).in_dash());
        }
    }
}

/// The first flag of a builtin that it does not have in POSIX.
fn of_flags(name: &str, args: &[Word], is_dash: bool, found: &mut Vec<Bashism>) {
    let Some((_, posix, dash)) = FLAGS.iter().find(|(builtin, ..)| *builtin == name) else { return };
    for word in args.iter().take_while(|word| word.shown().starts_with('-') && !word.is("--")) {
        let Some(letters) = word.value.as_deref().and_then(|value| value.strip_prefix('-')) else { return };
        let is_extra = |letter: &char| !(posix.contains(*letter) || (is_dash && dash.contains(*letter)));
        if let Some(letter) = letters.chars().find(is_extra) {
            let bashism = Bashism::new(word.range, "SC3045", format!("`{name} -{letter}`"));
            let in_ash = name == "read" || dash.contains(letter);
            found.push(if in_ash { bashism.in_ash() } else { bashism });
            return;
        }
    }
}

/// The operators in `[ … ]`.
fn of_operators(args: &[Word], is_dash: bool, is_test: bool, found: &mut Vec<Bashism>) {
    let end = args.iter().position(|word| word.is("]") || word.text == "]]").unwrap_or(args.len());
    let operands = args.get(..end).unwrap_or_default();
    if is_test && operands.len() > 3 {
        return;
    }
    let is_connective = |word: &Word| matches!(word.text.as_str(), "&&" | "||" | "!" | "(" | ")");
    for (index, word) in operands.iter().enumerate() {
        let before =
            index.checked_sub(1).and_then(|before| operands.get(before)).filter(|word| !is_connective(word));
        let behind = operands.get(index + 1).filter(|word| !is_connective(word));
        let code = |table: &[(&str, &'static str)]| {
            table.iter().find(|(operator, _)| word.is(operator)).map(|(_, code)| *code)
        };
        let binary = code(&COMPARISONS).filter(|_| before.is_some() && behind.is_some());
        let unary = code(&QUESTIONS).filter(|_| before.is_none() && behind.is_some());
        let Some(code) = binary.or(unary) else { continue };
        if is_dash && matches!(code, "SC3012" | "SC3065" | "SC3066" | "SC3067") {
            continue;
        }
        let bashism = Bashism::new(word.range, code, format!("`{}` in a test", word.text));
        found.push(match code {
            "SC3014" => bashism.silent().in_ash(),
            "SC3012" | "SC3065" | "SC3066" | "SC3067" => bashism.in_dash(),
            _ => bashism.silent(),
        });
    }
}
