//! How wide a text is, without the font at hand.

/// A text's place in the picture: its size in pixels, and whether it is bold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Face {
    pub(super) size: f64,
    pub(super) bold: bool,
}

impl Face {
    pub(super) const fn plain(size: f64) -> Self {
        Self { size, bold: false }
    }

    pub(super) const fn bold(size: f64) -> Self {
        Self { size, bold: true }
    }

    /// How wide `text` is at most, in pixels. The widths are DejaVu Sans's, the widest of the fonts that a browser
    /// takes for `sans-serif`, so that what fits here fits there.
    pub(super) fn width(self, text: &str) -> f64 {
        let ems: f64 = text.chars().map(|ch| f64::from(thousandths(ch)) / 1000.0).sum();
        ems * self.size * if self.bold { 1.12 } else { 1.0 }
    }

    /// `text` cut to `room` pixels, with an ellipsis where it was cut: in the middle, since the ends of a path and of
    /// an image's name say the most.
    pub(super) fn fit(self, text: &str, room: f64) -> String {
        let shown: Vec<char> =
            text.chars().map(|ch| if ch.is_control() { char::REPLACEMENT_CHARACTER } else { ch }).collect();
        let whole: String = shown.iter().collect();
        if self.width(&whole) <= room {
            return whole;
        }
        let cut = |kept: usize| -> String {
            let tail = kept.div_ceil(2);
            let head = shown.iter().take(kept - tail);
            let tail = shown.iter().skip(shown.len().saturating_sub(tail));
            head.chain(std::iter::once(&'…')).chain(tail).collect()
        };
        // No face has a character of less than a twentieth of its size.
        let most = shown.len().min(1000);
        (1..most).rev().map(cut).find(|text| self.width(text) <= room).unwrap_or_else(|| "…".to_owned())
    }
}

fn thousandths(ch: char) -> u32 {
    match ch {
        'i' | 'j' | 'l' | '\'' => 280,
        '.' | ',' | ':' | ';' | ' ' | '|' | '/' | '\\' | 'I' | '·' => 340,
        '-' | '(' | ')' | '[' | ']' | 'f' | 't' | 'r' | '!' | 'J' => 415,
        's' | 'c' | 'v' | 'x' | 'y' | 'z' | 'k' | '_' | '"' | '*' | '?' | '–' => 592,
        'm' | 'M' | 'W' | '@' | '%' | 'Q' | 'O' | '…' | '×' | '+' | '=' | '~' | '<' | '>' | '#' => 1000,
        'w' | 'A'..='Z' | '$' | '&' => 790,
        ' '..='~' => 640,
        ch if u32::from(ch) < 0x250 => 800,
        _ => 1050,
    }
}
