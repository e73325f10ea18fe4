use crate::facts::Fact;
use crate::lint::calls::calls_of;
use crate::lint::cost::Waste;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Effect, Input, Safety, declare_rule};
use crate::shell::{Invocation, Word};
use crate::text::EditSet;

declare_rule! {
    /// `useradd` writes a login log that is as long as the user's number is high.
    ///
    /// ## Why it matters
    /// `useradd` notes the new user in `/var/log/lastlog` and `/var/log/faillog`, at an offset that grows with the user's
    /// number. The files have holes, which an image layer doesn't keep: a user of number 1,000,000,000 makes a layer of
    /// some 300 GB, and the build stops when the disk is full.
    ///
    /// Where a build argument brings the number, this is shown on request only.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN useradd -u 1000650000 app
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN useradd -l -u 1000650000 app
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// ARG USER_ID
    /// RUN useradd -u $USER_ID app
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// ARG USER_ID
    /// RUN useradd -l -u $USER_ID app
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN useradd -u 10001 app
    /// ```
    ///
    /// ## Fix safety
    /// Safe: `-l` only leaves the two logs alone, which nothing in a container reads.
    name: "high-uid-login-log",
    aliases: ["DL3046", "DF064"],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

/// What `-l` leaves as it is.
const LOGS: [&str; 2] = ["/var/log/lastlog", "/var/log/faillog"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for useradd in calls_of(input, &["useradd"]) {
        let (fact, call) = (useradd.fact, useradd.words);
        if call.has_flag(&["-l", "--no-log-init"]) {
            continue;
        }
        let Some((word, spelling)) = uid(call) else { continue };
        let is_open = word.value.is_none();
        let number: Option<u64> =
            word.value.as_deref().and_then(|value| value.rsplit('=').next()?.parse().ok());
        if !is_open && number.is_none_or(|number| number < 100_000) {
            continue;
        }
        let message = if is_open {
            format!("useradd with a number from `{}`: a high one makes a huge login log", word.text)
        } else {
            format!("useradd with the high number {}: its login log makes a huge layer", word.shown())
        };
        let mut diagnostic = Diagnostic::new(&RULE, word.range, message)
            .known_as(if spelling == Spelling::Apart && is_long(word) {
                useradd.aliases(&RULE)
            } else {
                &["DF064"]
            })
            .help("give useradd the flag -l")
            .fix(Safety::Safe, "add -l", with_flag(input, fact, call))
            .effects(LOGS.map(|log| Effect::Rewrites(log.to_owned())));
        if let Some(number) = number {
            diagnostic = diagnostic.wastes(input, &fact, &Waste::LoginLog(number));
        }
        found.push(if is_open { diagnostic.on_request() } else { diagnostic });
    }
}

/// Whether hadolint takes the word for a high number: by its length, a variable being `${NAME}` to it.
fn is_long(word: &Word) -> bool {
    let text = word.shown().trim_matches('"');
    let braces = if text.starts_with('$') && !text.starts_with("${") { 2 } else { 0 };
    text.len() + braces > 5
}

/// How the number is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// `-u 1000`
    Apart,
    /// `--uid 1000`, `--uid=1000`
    Long,
}

/// The word that gives the user's number.
fn uid(call: Invocation<'_>) -> Option<(&Word, Spelling)> {
    let mut args = call.args().iter();
    while let Some(word) = args.next() {
        let shown = word.shown();
        if shown == "--uid" {
            return args.next().map(|value| (value, Spelling::Long));
        } else if shown.starts_with("--uid=") {
            return Some((word, Spelling::Long));
        } else if shown.starts_with('-') && !shown.starts_with("--") && shown.contains('u') {
            return args.next().map(|value| (value, Spelling::Apart));
        }
    }
    None
}

fn with_flag(input: &Input<'_>, fact: Fact<'_>, call: Invocation<'_>) -> Option<EditSet> {
    let run = RunScript::of(input, fact)?;
    EditSet::try_from(vec![run.insert_word(call.words().first()?, "-l")?]).ok()
}
