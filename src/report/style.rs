//! Colours, or none.

use anstyle::{AnsiColor, Style as Ansi};

/// Writes emphasis for a terminal that takes ANSI escapes, or leaves it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colours: bool,
}

/// What a piece of text is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// A heading, or what is most important.
    Strong,
    /// What may be skipped.
    Faint,
    /// A gain, or an added line.
    Good,
    /// The best of all.
    Best,
    /// A loss, a failure, or a removed line.
    Bad,
    /// What the reader should know before trusting the rest.
    Warn,
    /// A place in a file.
    Place,
}

impl Style {
    /// Emphasis with ANSI escapes if `colours`, else none.
    pub fn new(colours: bool) -> Self {
        Self { colours }
    }

    /// `text` in that ink.
    pub fn paint(self, ink: Ink, text: &str) -> String {
        if !self.colours || text.is_empty() {
            return text.to_owned();
        }
        let ansi = ansi(ink);
        format!("{ansi}{text}{ansi:#}")
    }

    /// The escapes before and after text in that ink, empty without colours.
    pub(super) fn escapes(self, ink: Ink) -> (String, String) {
        let ansi = ansi(ink);
        if self.colours { (format!("{ansi}"), format!("{ansi:#}")) } else { (String::new(), String::new()) }
    }
}

fn ansi(ink: Ink) -> Ansi {
    match ink {
        Ink::Strong => Ansi::new().bold(),
        Ink::Faint => Ansi::new().dimmed(),
        Ink::Good => AnsiColor::Green.on_default(),
        Ink::Best => AnsiColor::Green.on_default().bold(),
        Ink::Bad => AnsiColor::Red.on_default(),
        Ink::Warn => AnsiColor::Yellow.on_default(),
        Ink::Place => AnsiColor::Cyan.on_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Ink, Style};

    #[test]
    fn without_colours_text_stays_as_it_is() {
        assert_eq!(Style::new(false).paint(Ink::Best, "safe"), "safe");
        assert_eq!(Style::new(true).paint(Ink::Bad, "safe"), "\u{1b}[31msafe\u{1b}[0m");
        assert_eq!(Style::new(true).paint(Ink::Bad, ""), "");
    }
}
