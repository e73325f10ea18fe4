//! The names of ShellCheck's codes: `SC` and four digits, those that no release has yet too.

/// The first code and the one behind the last.
const FIRST: usize = 1000;
const END: usize = 4000;
const COUNT: usize = END - FIRST;

/// The letters of every name.
#[expect(clippy::indexing_slicing, reason = "the compiler would stop at a wrong index")]
static LETTERS: [[u8; 6]; COUNT] = {
    let mut letters = [*b"SC0000"; COUNT];
    let mut at = 0;
    while at < COUNT {
        letters[at] = spelt(FIRST + at);
        at += 1;
    }
    letters
};

/// Every name. They are made while compiling, so that a finding can bear one for good.
#[expect(clippy::indexing_slicing, reason = "the compiler would stop at a wrong index")]
static NAMES: [&str; COUNT] = {
    let mut names = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        if let Ok(name) = str::from_utf8(&LETTERS[at]) {
            names[at] = name;
        }
        at += 1;
    }
    names
};

#[expect(clippy::cast_possible_truncation, reason = "a digit fits into a byte")]
const fn spelt(code: usize) -> [u8; 6] {
    [
        b'S',
        b'C',
        b'0' + (code / 1000 % 10) as u8,
        b'0' + (code / 100 % 10) as u8,
        b'0' + (code / 10 % 10) as u8,
        b'0' + (code % 10) as u8,
    ]
}

/// All names.
pub(super) fn all() -> &'static [&'static str] {
    &NAMES
}

/// The name of a code, alone; none where no release will have it.
pub(super) fn named(code: usize) -> &'static [&'static str] {
    code.checked_sub(FIRST).and_then(|at| NAMES.get(at..=at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{all, named};

    #[test]
    fn a_code_is_spelt_with_its_letters() {
        assert_eq!(named(1000), ["SC1000"]);
        assert_eq!(named(2086), ["SC2086"]);
        assert_eq!(named(3999), ["SC3999"]);
        assert_eq!(named(17), [""; 0]);
        assert_eq!(named(4000), [""; 0]);
        assert_eq!(all().len(), 3000);
    }
}
