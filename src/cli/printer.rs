//! The printer: the one place that writes to standard output and standard error.

use std::io::{self, IsTerminal, Write};

use annotate_snippets::{Level, Renderer};

use crate::report::Style;
use crate::report::diff::painted;
use crate::report::text::Terminal;

use super::failure::Failure;

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Colour {
    /// Where a terminal reads, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Owns the streams: standard output is data, standard error is for people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printer {
    colour_output: bool,
    colour_notes: bool,
}

impl Printer {
    /// A printer that decides once, for each stream, whether it colours.
    pub(super) fn new(colour: Colour) -> Self {
        let decide = |terminal: bool| match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self {
            colour_output: decide(io::stdout().is_terminal()),
            colour_notes: decide(io::stderr().is_terminal()),
        }
    }

    /// What reports are laid out for: the terminal's width where one reads, else 100 columns.
    pub(super) fn terminal(self) -> Terminal {
        let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
        Terminal { width, style: self.style() }
    }

    /// The emphasis of data.
    pub(super) fn style(self) -> Style {
        Style::new(self.colour_output)
    }

    /// The emphasis of what people read.
    pub(super) fn notes_style(self) -> Style {
        Style::new(self.colour_notes)
    }

    /// Whether data is coloured.
    pub(super) fn colours(self) -> bool {
        self.colour_output
    }

    /// Writes data to standard output, as it is. A reader that went away is no error.
    pub(super) fn data(self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Writes a unified diff to standard output: its very bytes, or coloured for a terminal.
    pub(super) fn patch(self, patch: &[u8]) {
        if self.colour_output {
            self.data(&painted(&String::from_utf8_lossy(patch), self.style()));
        } else {
            self.bytes(patch);
        }
    }

    /// Writes bytes to standard output.
    #[expect(clippy::unused_self, reason = "only who holds the printer may write")]
    pub(super) fn bytes(self, bytes: &[u8]) {
        let mut output = io::stdout().lock();
        let _ = output.write_all(bytes).and_then(|()| output.flush());
    }

    /// Writes a line for people to standard error.
    #[expect(clippy::unused_self, reason = "only who holds the printer may write")]
    pub(super) fn note(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Writes whole lines for people to standard error.
    #[expect(clippy::unused_self, reason = "only who holds the printer may write")]
    pub(super) fn notes(self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Writes a failure and what to do about it to standard error.
    pub(super) fn failure(self, failure: &Failure) {
        let renderer = if self.colour_notes { Renderer::styled() } else { Renderer::plain() };
        if let Some(report) = failure.frame(&renderer) {
            self.note(&report);
            return;
        }
        let message = failure.message();
        let mut group = annotate_snippets::Group::with_title(Level::ERROR.primary_title(message.as_str()));
        let hint = failure.hint();
        if let Some(hint) = &hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        self.note(&renderer.render(&[group]));
    }
}
