//! A command's words read as a program, its flags and its arguments.

use super::tree::{Command, Word};

/// A program's name and arguments: all words of a command, or those behind `sudo`, `env` and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invocation<'a> {
    words: &'a [Word],
}

/// What the program of that name takes, where it is one that runs another: its options that take a value and the number
/// of its own operands.
fn wrapper(name: &str) -> Option<(&'static [&'static str], usize)> {
    Some(match name {
        "sudo" => (
            &[
                "-u", "-g", "-h", "-p", "-C", "-r", "-t", "-U", "-D", "-R", "-T", "--user", "--group",
                "--chdir",
            ],
            0,
        ),
        "env" => (&["-u", "-C", "-S", "--unset", "--chdir"], 0),
        "time" => (&["-f", "-o", "--format", "--output"], 0),
        "exec" => (&["-a"], 0),
        "command" | "builtin" | "nohup" | "eatmydata" => (&[], 0),
        "nice" => (&["-n", "--adjustment"], 0),
        "ionice" => (&["-c", "-n", "--class", "--classdata"], 0),
        "stdbuf" => (&["-i", "-o", "-e", "--input", "--output", "--error"], 0),
        "timeout" => (&["-k", "-s", "--kill-after", "--signal"], 1),
        "gosu" | "su-exec" => (&[], 1),
        _ => return None,
    })
}

/// The shells whose language this room reads.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "zsh"];

impl Command {
    /// The command's words as they are.
    pub fn invocation(&self) -> Invocation<'_> {
        Invocation { words: &self.words }
    }

    /// The program that does the work: what stands behind `sudo`, `env X=y`, `time`, `exec`, `nice` and the like.
    pub fn effective(&self) -> Invocation<'_> {
        self.invocation().past_wrappers()
    }

    /// The name of the program that does the work, without its folder; nothing where it isn't literal.
    pub fn name(&self) -> Option<&str> {
        self.effective().name()
    }

    /// The arguments of the program that does the work.
    pub fn args(&self) -> &[Word] {
        self.effective().args()
    }
}

impl<'a> Invocation<'a> {
    /// The words, name first.
    pub fn words(self) -> &'a [Word] {
        self.words
    }

    /// The program's name without its folder; nothing where it isn't literal.
    pub fn name(self) -> Option<&'a str> {
        let name = self.words.first()?.value.as_deref()?;
        let folder = name.bytes().rposition(|byte| byte == b'/').map_or(0, |slash| slash + 1);
        name.get(folder..).filter(|name| !name.is_empty())
    }

    /// Everything behind the name.
    pub fn args(self) -> &'a [Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The invocation from the word at `index` on.
    #[must_use]
    pub fn from(self, index: usize) -> Self {
        Self { words: self.words.get(index..).unwrap_or_default() }
    }

    /// Whether one of `flags` is given. `-y` is also found in `-qy`; `--opt` also in `--opt=value`. What stands
    /// behind `--` is no flag. Programs whose long flags have one dash (`find`, `go`) are asked for those by name.
    pub fn has_flag(self, flags: &[&str]) -> bool {
        self.options().any(|word| flags.iter().any(|flag| is_flag(word.shown(), flag)))
    }

    /// The literal values given to any of `flags`: `--opt=value`, `--opt value`, `-ovalue`, `-o value`.
    pub fn flag_values(self, flags: &[&str]) -> Vec<&'a str> {
        let mut values = Vec::new();
        let mut args = self.args().iter().peekable();
        while let Some(word) = args.next().filter(|word| !word.is("--")) {
            let shown = word.shown();
            for flag in flags {
                if shown == *flag {
                    values.extend(args.peek().and_then(|next| next.value.as_deref()));
                } else if let Some(attached) = attached_value(shown, flag).filter(|_| word.value.is_some()) {
                    values.push(attached);
                }
            }
        }
        values
    }

    /// The words that are neither flags nor values of the flags in `valued`, which take the next word as theirs.
    pub fn positionals(self, valued: &[&str]) -> Vec<&'a Word> {
        let mut found = Vec::new();
        let mut args = self.args().iter();
        while let Some(word) = args.next() {
            let shown = word.shown();
            if shown == "--" {
                found.extend(args);
                break;
            }
            if !shown.starts_with('-') || shown == "-" {
                found.push(word);
            } else if valued.contains(&shown) {
                args.next();
            }
        }
        found
    }

    /// The first positional, where it is literal.
    pub fn subcommand(self, valued: &[&str]) -> Option<&'a str> {
        self.positionals(valued).first().and_then(|word| word.value.as_deref())
    }

    /// The words before `--` that start with a dash.
    fn options(self) -> impl Iterator<Item = &'a Word> {
        self.args().iter().take_while(|word| !word.is("--")).filter(|word| word.shown().starts_with('-'))
    }

    /// What is run in the end, past every program that only runs another.
    #[must_use]
    pub(super) fn past_wrappers(self) -> Self {
        let mut current = self;
        while let Some(next) = current.wrapped() {
            current = next;
        }
        current
    }

    fn wrapped(self) -> Option<Self> {
        let name = self.name()?;
        let (valued, operands) = wrapper(name)?;
        // `command -v git` asks where git is and runs nothing.
        if name == "command" && self.has_flag(&["-v", "-V"]) {
            return None;
        }
        let mut at = 1;
        while let Some(word) = self.words.get(at) {
            let shown = word.shown();
            let is_assignment = matches!(name, "sudo" | "env") && is_assignment(&word.text);
            if shown == "--" {
                at += 1;
                break;
            } else if shown.starts_with('-') {
                at += if valued.contains(&shown) { 2 } else { 1 };
            } else if is_assignment {
                at += 1;
            } else {
                break;
            }
        }
        let rest = self.from(at + operands);
        (!rest.words.is_empty()).then_some(rest)
    }

    /// The script's word in `sh -c script`.
    pub(super) fn shell_script(self) -> Option<&'a Word> {
        if !SHELLS.contains(&self.name()?) {
            return None;
        }
        let mut args = self.args().iter();
        let is_option = |word: &&Word| word.shown().starts_with(['-', '+']);
        let mut wanted = false;
        let mut candidate = args.next();
        while let Some(word) = candidate.filter(is_option) {
            let shown = word.shown();
            wanted |= is_flag(shown, "-c");
            if matches!(shown, "-o" | "+o" | "-O" | "+O" | "--rcfile" | "--init-file")
                || (!shown.starts_with("--") && shown.ends_with('o'))
            {
                args.next();
            }
            candidate = args.next();
        }
        candidate.filter(|_| wanted)
    }
}

/// Whether `word` gives `flag`.
fn is_flag(word: &str, flag: &str) -> bool {
    if word == flag {
        return true;
    }
    match flag.as_bytes() {
        [b'-', b'-', ..] => word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')),
        [b'-', letter] => {
            let cluster = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
            let cluster = cluster.map(|rest| rest.split('=').next().unwrap_or(rest));
            cluster.is_some_and(|letters| letters.as_bytes().contains(letter))
        }
        _ => false,
    }
}

/// The value that is attached to `flag` in the same word.
fn attached_value<'w>(word: &'w str, flag: &str) -> Option<&'w str> {
    let rest = word.strip_prefix(flag)?;
    if flag.starts_with("--") {
        rest.strip_prefix('=')
    } else {
        (flag.len() == 2 && !rest.is_empty()).then_some(rest)
    }
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}
