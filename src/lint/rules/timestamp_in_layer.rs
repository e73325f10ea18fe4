use crate::facts::Fact;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, Element, Occurrence, RedirectOperator, RedirectTarget, Statement, Word};
use crate::text::TextRange;

declare_rule! {
    /// The time of the build, or a random number, is written into the image.
    ///
    /// ## Why it matters
    /// The layer has other bytes in each build, so that every region downloads it again though nothing has changed, and
    /// nobody can build the same image twice. Where the layer comes from the cache, it is the other way round: the time
    /// is that of some earlier build.
    ///
    /// A time that the build is told, as with `date -d @$SOURCE_DATE_EPOCH`, is no finding.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN date > /build-time
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN echo "built at $(date -u +%FT%TZ)" > /etc/build
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN uuidgen | tr -d - > /etc/app-id
    /// ```
    /// Let the build say it, at the end of the stage:
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ARG BUILD_DATE
    /// LABEL org.opencontainers.image.created=$BUILD_DATE
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ARG SOURCE_DATE_EPOCH
    /// RUN date -u -d "@$SOURCE_DATE_EPOCH" > /build-time
    /// RUN echo "took $(date)" > /tmp/log; rm /tmp/log
    /// ```
    name: "timestamp-in-layer",
    aliases: [],
    category: Reproducibility,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let Some(script) = fact.facts.script() else { continue };
        if !matches!(fact.instruction.body, crate::dockerfile::Body::Run(_)) {
            continue;
        }
        for occurrence in script.commands() {
            if let Some((source, path)) = written_with_output(&fact, &occurrence) {
                report(&source, path, found);
            }
        }
        for statement in &script.list {
            if let Some((source, path)) = piped(&fact, statement) {
                report(&source, path, found);
            }
        }
    }
}

fn report(source: &Moment, path: &Word, found: &mut Vec<Diagnostic>) {
    let message = format!("{} goes into `{}`, other in each build", source.what, path.shown());
    found.push(
        Diagnostic::new(&RULE, source.range, message).help(
            "hand it to the build as an argument and put it into a LABEL or ENV at the end of the stage",
        ),
    );
}

/// Something that is other in each build.
struct Moment {
    what: &'static str,
    range: TextRange,
}

/// What the command writes to a file: its own output, or an argument that is a moment's.
fn written_with_output<'a>(fact: &Fact<'_>, occurrence: &Occurrence<'a>) -> Option<(Moment, &'a Word)> {
    let command = occurrence.command;
    let path = file(fact, command)?;
    let prints = matches!(command.name(), Some("echo" | "printf"));
    let said = || command.args().iter().find_map(in_word);
    moment(command).or_else(|| said().filter(|_| prints)).map(|moment| (moment, path))
}

/// `date | … > file`
fn piped<'a>(fact: &Fact<'_>, statement: &'a Statement) -> Option<(Moment, &'a Word)> {
    let (Element::Command(first), Element::Command(last)) =
        (statement.pipeline.first()?, statement.pipeline.last().filter(|_| statement.pipeline.len() > 1)?)
    else {
        return None;
    };
    let is_filter = |element: &Element| match element {
        Element::Command(command) => {
            matches!(command.name(), Some("cat" | "cut" | "head" | "sed" | "tee" | "tr" | "awk"))
        }
        Element::Compound(_) => false,
    };
    let filtered = statement.pipeline.iter().skip(1).all(is_filter);
    let path = match last.name() {
        Some("tee") => last.args().iter().find(|word| !word.shown().starts_with('-')),
        _ => file(fact, last),
    };
    let path = path.filter(|path| filtered && stays(fact, path))?;
    let prints = matches!(first.name(), Some("echo" | "printf"));
    let said = || first.args().iter().find_map(in_word).filter(|_| prints);
    moment(first).or_else(said).map(|moment| (moment, path))
}

/// The moment that the word brings.
fn in_word(word: &Word) -> Option<Moment> {
    let substituted = word.substitutions.iter().find_map(|substitution| match substitution.list.as_slice() {
        [only] => match only.pipeline.first()? {
            Element::Command(command) => moment(command),
            Element::Compound(_) => None,
        },
        _ => None,
    });
    let random = word.variables.iter().any(|name| name == "RANDOM");
    substituted.or_else(|| random.then_some(Moment { what: "a random number", range: word.range }))
}

/// The command, where it prints the time or something random.
fn moment(command: &Command) -> Option<Moment> {
    let range = command.range;
    match command.name()? {
        "date" => {
            // `-d`, `-r` and `-f` name a time, `-s` sets one; `-R` and `-u` only say how it is shown.
            let told = command.effective().has_flag(&[
                "-d",
                "-r",
                "-f",
                "-s",
                "-j",
                "--date",
                "--reference",
                "--file",
            ]);
            (!told).then_some(Moment { what: "the time of the build", range })
        }
        "uuidgen" => {
            let told = command.effective().has_flag(&["-m", "-s", "-n", "--md5", "--sha1", "--name"]);
            (!told).then_some(Moment { what: "a random id", range })
        }
        "cat" if command.args().iter().any(|word| word.is("/proc/sys/kernel/random/uuid")) => {
            Some(Moment { what: "a random id", range })
        }
        _ => None,
    }
}

/// The file that the command's output goes to, where it stays in the layer.
fn file<'a>(fact: &Fact<'_>, command: &'a Command) -> Option<&'a Word> {
    command.redirects.iter().find_map(|redirect| match (&redirect.target, redirect.operator) {
        (
            RedirectTarget::Word(word),
            RedirectOperator::Write | RedirectOperator::Append | RedirectOperator::Clobber,
        ) if redirect.descriptor.is_none_or(|one| one == 1) && stays(fact, word) => Some(word),
        _ => None,
    })
}

fn stays(fact: &Fact<'_>, word: &Word) -> bool {
    let path = word.shown();
    let passes = ["/dev/", "/proc/", "/sys/", "/tmp/", "/var/tmp/", "/run/"];
    !passes.iter().any(|folder| path.starts_with(folder)) && !fact.facts.is_mounted(path)
}
