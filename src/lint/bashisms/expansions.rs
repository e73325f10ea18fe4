//! What bash puts into words and POSIX shells do not.

use crate::lint::shell_code::ShellCode;
use crate::shell::{
    Dialect, Element, Parameter, Part, PartKind, Placed, RedirectOperator, Role, Word, brace_expansions,
};
use crate::text::TextRange;

use super::Bashism;

/// Variables that bash sets by itself; `true` where it does so also where the script assigns them.
const VARIABLES: [(&str, bool); 39] = [
    ("OSTYPE", false),
    ("MACHTYPE", false),
    ("HOSTTYPE", false),
    ("HOSTNAME", false),
    ("DIRSTACK", false),
    ("EUID", false),
    ("UID", false),
    ("SHLVL", false),
    ("PIPESTATUS", false),
    ("SHELLOPTS", false),
    ("_", false),
    ("BASH", false),
    ("BASHOPTS", false),
    ("BASHPID", false),
    ("BASH_ALIASES", false),
    ("BASH_ARGC", false),
    ("BASH_ARGV", false),
    ("BASH_ARGV0", false),
    ("BASH_CMDS", false),
    ("BASH_COMMAND", false),
    ("BASH_EXECUTION_STRING", false),
    ("BASH_LINENO", false),
    ("BASH_LOADABLES_PATH", false),
    ("BASH_REMATCH", false),
    ("BASH_SOURCE", false),
    ("BASH_SUBSHELL", false),
    ("BASH_VERSINFO", false),
    ("COMP_WORDS", false),
    ("COPROC", false),
    ("FUNCNAME", false),
    ("GROUPS", false),
    ("HISTCMD", false),
    ("MAPFILE", false),
    ("EPOCHREALTIME", true),
    ("EPOCHSECONDS", true),
    ("RANDOM", true),
    ("SECONDS", true),
    ("SRANDOM", true),
    ("BASH_MONOSECONDS", true),
];

pub(super) fn of_word(code: &ShellCode<'_>, placed: &Placed<'_>, found: &mut Vec<Bashism>) {
    let word = placed.word;
    if !word.text.contains(['$', '{', '(', '[', '`', '<']) {
        return;
    }
    let parts = word.parts();
    for part in &parts {
        of_part(code, placed, *part, found);
    }
    let in_test =
        placed.command.and_then(|command| command.words.first()).is_some_and(|first| first.is("[["));
    if !in_test && matches!(placed.role, Role::Value | Role::Argument | Role::Item | Role::Target) {
        for range in brace_expansions(word) {
            found.push(Bashism::new(range, "SC3009", "`{…,…}`").silent());
        }
    }
}

fn of_part(code: &ShellCode<'_>, placed: &Placed<'_>, part: Part<'_>, found: &mut Vec<Bashism>) {
    let range = part.range;
    match part.kind {
        PartKind::Process => found.push(Bashism::new(range, "SC3001", "`<(…)`").in_ash()),
        PartKind::AnsiQuoted(_) => found.push(Bashism::new(range, "SC3003", "`$'…'`").silent().in_ash()),
        PartKind::Literal(text) if part.quotes.is_none() && placed.role != Role::Name => {
            of_literal(range, text, found);
        }
        PartKind::Literal(_) | PartKind::Escape(_) | PartKind::SingleQuoted(_) => {}
        PartKind::Arithmetic => {
            if code.slice(range).starts_with("$[") {
                found.push(Bashism::new(range, "SC3007", "`$[…]`").silent());
            }
            of_arithmetic(code, range, found);
        }
        PartKind::Command { backticks } => {
            if reads_file(placed.word, range) {
                let name = if backticks { "SC3035" } else { "SC3034" };
                found.push(Bashism::new(range, name, "`$(<file)`").silent());
            }
        }
        PartKind::Parameter(parameter) => of_parameter(code, range, parameter, found),
    }
}

fn of_literal(range: TextRange, text: &str, found: &mut Vec<Bashism>) {
    if let Some(at) =
        text.find("[^").filter(|at| text.get(at + 2..).is_some_and(|behind| behind.contains(']')))
    {
        let start = range.start() + at;
        found.push(
            Bashism::new(TextRange::new(start, range.end()), "SC3026", "`^` in the place of `!` in `[…]`")
                .in_dash(),
        );
    }
    let opens = |pair: &(usize, char)| {
        "?*@!+".contains(pair.1) && text.get(pair.0 + 1..).is_some_and(|behind| behind.starts_with('('))
    };
    if let Some((at, _)) = text.char_indices().find(opens) {
        let start = range.start() + at;
        found.push(Bashism::new(TextRange::new(start, range.end()), "SC3002", "an extended pattern"));
    }
}

fn of_parameter(code: &ShellCode<'_>, range: TextRange, parameter: Parameter<'_>, found: &mut Vec<Bashism>) {
    let Parameter { before, name, behind, braced } = parameter;
    let mut put = |code, what: &str| found.push(Bashism::new(range, code, what));
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_any = is_plain || name == "@" || name == "*";
    if before == "!" && braced && is_plain {
        put("SC3053", "`${!name}`");
        match behind {
            "[@]" | "[*]" => put("SC3055", "the keys of an array"),
            "@" | "*" => put("SC3056", "`${!name*}`"),
            _ => {}
        }
    }
    let index = if behind.starts_with('[') { behind.find(']').map_or(0, |end| end + 1) } else { 0 };
    let (index, behind) = behind.split_at(index);
    if before.is_empty() && is_plain && !index.is_empty() && behind.is_empty() {
        put("SC3054", "an item of an array");
    }
    if before.is_empty() && is_any && behind.starts_with([',', '^']) {
        put("SC3059", "the change of case");
    }
    let mut put = |code, what: &str| found.push(Bashism::new(range, code, what).in_ash());
    let is_slice = behind
        .strip_prefix(':')
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['-', '=', '?', '+']));
    if before.is_empty() && is_any && index.is_empty() && is_slice {
        put("SC3057", "`${name:from:length}`");
    }
    let of_list = (name == "@" || name == "*") && (before == "#" || behind.starts_with(['%', '#']));
    if of_list {
        put("SC3058", "an operation on all arguments");
    }
    if before.is_empty() && is_any && behind.starts_with('/') {
        put("SC3060", "`${name/old/new}`");
    }
    let own = VARIABLES.iter().find(|(own, _)| *own == name);
    let is_own = own.is_some_and(|(_, always)| *always || !is_assigned(code, name));
    if is_own && !(name == "_" && code.dialect != Dialect::Posix) {
        let bashism = Bashism::new(range, "SC3028", format!("`${name}`")).silent();
        found.push(if name == "RANDOM" { bashism.in_ash() } else { bashism });
    }
}

/// `++`, `--` and `**` in arithmetic.
pub(super) fn of_arithmetic(code: &ShellCode<'_>, range: TextRange, found: &mut Vec<Bashism>) {
    let text = code.slice(range);
    for (sign, name) in [("++", "SC3018"), ("--", "SC3018"), ("**", "SC3019")] {
        for (at, _) in text.match_indices(sign) {
            let start = range.start() + at;
            found.push(Bashism::new(TextRange::new(start, start + 2), name, format!("`{sign}`")).in_ash());
        }
    }
    for (name, _) in VARIABLES.iter().filter(|(name, always)| *always && text.contains(name)) {
        for (at, _) in text.match_indices(name) {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$' || c == '{';
            let before = text.get(..at).is_some_and(|before| before.ends_with(is_part));
            let behind = text.get(at + name.len()..).is_some_and(|behind| behind.starts_with(is_part));
            if !before && !behind {
                let start = range.start() + at;
                let bashism =
                    Bashism::new(TextRange::new(start, start + name.len()), "SC3028", format!("`${name}`"))
                        .silent();
                found.push(if *name == "RANDOM" { bashism.in_ash() } else { bashism });
            }
        }
    }
}

fn is_assigned(code: &ShellCode<'_>, name: &str) -> bool {
    code.is_set(name)
        || code.commands().any(|command| command.words.iter().any(|word| word.is(name)))
        || code.statements().iter().any(|statement| {
            statement.pipeline.iter().any(|element| match element {
                Element::Command(command) => {
                    command.assignments.iter().any(|assignment| assignment.name == name)
                        || command
                            .words
                            .iter()
                            .any(|word| word.declaration().is_some_and(|(set, ..)| set == name))
                }
                Element::Compound(_) => false,
            })
        })
}

/// Whether the substitution at `range` is nothing but `<file`.
fn reads_file(word: &Word, range: TextRange) -> bool {
    let substitution = word.substitutions.iter().find(|substitution| substitution.range == range);
    let Some([statement]) = substitution.map(|substitution| substitution.list.as_slice()) else {
        return false;
    };
    statement.command().is_some_and(|command| {
        command.words.is_empty()
            && command.assignments.is_empty()
            && matches!(command.redirects.as_slice(), [redirect] if redirect.operator == RedirectOperator::Read)
    })
}
