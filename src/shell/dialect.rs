//! The shells whose language this room reads, and what they were asked to do.

/// A shell of the POSIX family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `sh`, whichever it is: a script that means to run there keeps to POSIX.
    #[default]
    Posix,
    /// Debian's `dash`
    Dash,
    /// BusyBox's `ash`
    Ash,
    /// `bash`
    Bash,
    /// `ksh`
    Ksh,
    /// `zsh`
    Zsh,
}

impl Dialect {
    /// The shell that the program at `path` is, in whatever folder; nothing where it is none of these.
    pub fn of_program(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        Some(match name.strip_suffix(".exe").unwrap_or(name) {
            "sh" => Self::Posix,
            "dash" => Self::Dash,
            "ash" => Self::Ash,
            "bash" => Self::Bash,
            "ksh" => Self::Ksh,
            "zsh" => Self::Zsh,
            _ => return None,
        })
    }

    /// The shell that a script's first line names, `env` looked through; nothing where it names another program.
    pub fn of_interpreter_line(line: &str) -> Option<Self> {
        let words = line.strip_prefix("#!")?.split_whitespace();
        let mut words = words.skip_while(|word| word.ends_with("/env") || word.starts_with('-'));
        words.next().and_then(Self::of_program)
    }

    /// The name of its program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Posix => "sh",
            Self::Dash => "dash",
            Self::Ash => "ash",
            Self::Bash => "bash",
            Self::Ksh => "ksh",
            Self::Zsh => "zsh",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn a_shell_is_known_by_its_name_in_any_folder() {
        assert_eq!(Dialect::of_program("/usr/local/bin/bash"), Some(Dialect::Bash));
        assert_eq!(Dialect::of_program("C:\\tools\\sh.exe"), Some(Dialect::Posix));
        assert_eq!(Dialect::of_program("python3"), None);
    }

    #[test]
    fn the_first_line_of_a_script_names_it() {
        assert_eq!(Dialect::of_interpreter_line("#!/bin/sh -e"), Some(Dialect::Posix));
        assert_eq!(Dialect::of_interpreter_line("#! /usr/bin/env -S bash -x"), Some(Dialect::Bash));
        assert_eq!(Dialect::of_interpreter_line("#!/usr/bin/env python3"), None);
        assert_eq!(Dialect::of_interpreter_line("# a comment"), None);
    }
}
