//! `HEALTHCHECK`: a command and its intervals, or none.

use super::error::nearest;
use super::instruction::Arguments;
use super::{Body, Command, Flag, Healthcheck, Keyword, SyntaxErrorKind, command, flags};

/// Source: moby/buildkit, frontend/dockerfile/instructions/parse.go, `parseHealthcheck`.
pub(super) fn parse<'a>(mut arguments: Arguments<'_, 'a>, instruction_flags: &[Flag<'a>]) -> Body<'a> {
    let text = arguments.text();
    let type_end = text.find(|ch: char| ch.is_ascii_whitespace() || ch == '\u{B}').unwrap_or(text.len());
    let start = arguments.range.start;
    let kind = arguments.line.word(start..start + type_end);
    let rest = arguments.line.trim(start + type_end..arguments.range.end);
    if kind.text.is_empty() {
        return arguments.missing();
    }
    if kind.text.eq_ignore_ascii_case("none") {
        // Flags beside NONE are not even looked at. An empty JSON array is no argument.
        let inner = arguments.part(rest.clone());
        if rest.is_empty() || inner.json().is_ok_and(|words| words.is_empty()) {
            return Body::Healthcheck(Healthcheck::None);
        }
        let place = arguments.line.file_range(rest);
        arguments.refuse_at(place, SyntaxErrorKind::HealthcheckNoneArguments, None);
        return arguments.malformed_words();
    }
    flags::check(Keyword::Healthcheck, instruction_flags, arguments.errors);
    check_values(instruction_flags, &mut arguments);
    if !kind.text.eq_ignore_ascii_case("cmd") {
        let suggestion = nearest(&kind.text, ["CMD", "NONE"]).or_else(|| Some("CMD".to_owned()));
        arguments.refuse_at(
            kind.range,
            SyntaxErrorKind::HealthcheckType { word: kind.text.into_owned() },
            suggestion,
        );
        return arguments.malformed_words();
    }
    match command::command(&mut arguments.part(rest)) {
        Some(Command::Exec(words)) if words.is_empty() => {
            arguments.malformed(SyntaxErrorKind::HealthcheckWithoutCommand)
        }
        Some(Command::Shell(script)) if script.is_empty() => {
            arguments.malformed(SyntaxErrorKind::HealthcheckWithoutCommand)
        }
        Some(command) => Body::Healthcheck(Healthcheck::Cmd(command)),
        None => arguments.malformed_words(),
    }
}

fn check_values(flags: &[Flag<'_>], arguments: &mut Arguments<'_, '_>) {
    for flag in flags {
        let Some(value) = flag.value.as_ref().filter(|value| !value.text.is_empty()) else { continue };
        let duration =
            |name| (!is_interval(&value.text)).then_some((name, "a duration of 1ms or more, like `30s`"));
        let refused = match &*flag.name.text {
            "interval" => duration("interval"),
            "timeout" => duration("timeout"),
            "start-period" => duration("start-period"),
            "start-interval" => duration("start-interval"),
            "retries" => (!value.text.parse::<i32>().is_ok_and(|retries| retries >= 0))
                .then_some(("retries", "a whole number from 0")),
            _ => None,
        };
        if let Some((name, expected)) = refused {
            let kind = SyntaxErrorKind::FlagValue { name, value: value.text.to_string(), expected };
            arguments.refuse_at(value.range, kind, None);
        }
    }
}

/// Whether it is zero or at least a millisecond.
fn is_interval(text: &str) -> bool {
    go_duration(text).is_some_and(|nanoseconds| nanoseconds == 0.0 || nanoseconds >= 1e6)
}

/// A duration as Go's `time.ParseDuration` reads it, in nanoseconds.
fn go_duration(text: &str) -> Option<f64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanoseconds = 0.0;
    while !rest.is_empty() {
        let number_end = rest.find(|ch: char| !ch.is_ascii_digit() && ch != '.')?;
        let (number, behind) = rest.split_at_checked(number_end)?;
        // Also refuses a lone dot and a second one.
        let number: f64 = number.parse().ok()?;
        let unit_end = behind.find(|ch: char| ch.is_ascii_digit() || ch == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(unit_end)?;
        nanoseconds += number
            * match unit {
                "ns" => 1.0,
                "us" | "µs" | "μs" => 1e3,
                "ms" => 1e6,
                "s" => 1e9,
                "m" => 60e9,
                "h" => 3600e9,
                _ => return None,
            };
        rest = behind;
    }
    // Go counts in 63 bits.
    (nanoseconds < 9_223_372_036_854_775_807.0).then_some(sign * nanoseconds.floor())
}

#[cfg(test)]
mod tests {
    use super::is_interval;

    #[test]
    fn intervals_are_gos_durations() {
        for text in ["30s", "1m30s", "1.5h", "0", "0s", "1ms", "+5s", ".5s", "5.s", "1500us", "2µs1s"] {
            assert!(is_interval(text), "{text}");
        }
        for text in ["30", "s", "-1s", "1d", "1us", "999999h999999999h", ".s", "1..5s", "1 s", "$X"] {
            assert!(!is_interval(text), "{text}");
        }
    }
}
