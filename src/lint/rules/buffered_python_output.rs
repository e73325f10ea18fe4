use crate::dockerfile::Body;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::text::TextRange;

declare_rule! {
    /// A Python program whose last words before a crash are lost.
    ///
    /// ## Why it matters
    /// Without a terminal Python keeps what it prints until a few kilobytes have gathered. A container that is killed
    /// takes them with it, and the log of a slow service lags behind by minutes. `PYTHONUNBUFFERED=1` or `python -u`
    /// writes each line at once. What goes through `logging` or to standard error is written at once in any case, which
    /// is why this rule speaks only where it is asked to.
    ///
    /// `PYTHONDONTWRITEBYTECODE`, which often stands beside it, is not asked for: it makes every start of the container
    /// compile again what the build could have compiled once.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// CMD ["python", "worker.py"]
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// ENV PYTHONUNBUFFERED=1
    /// CMD ["python", "worker.py"]
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// CMD ["python", "-u", "worker.py"]
    /// ```
    name: "buffered-python-output",
    aliases: ["DF032"],
    category: Start,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(target) = input.facts.target() else { return };
    if target.end.variables.contains_key("PYTHONUNBUFFERED") {
        return;
    }
    let starts = [target.end.entrypoint, target.end.cmd].into_iter().flatten();
    let python = starts.filter_map(|index| input.facts.get(input.dockerfile, index)).find_map(|fact| {
        if !matches!(fact.instruction.body, Body::Cmd(_) | Body::Entrypoint(_)) {
            return None;
        }
        let commands = fact.facts.commands();
        commands.iter().find_map(|occurrence| {
            let call = occurrence.command.effective();
            let name = call.words().first().filter(|_| call.name().is_some_and(is_python))?;
            let unbuffered = call.args().iter().take_while(|word| word.shown().starts_with('-'));
            let is_unbuffered = unbuffered.into_iter().any(|word| word.shown().contains('u'));
            (!is_unbuffered && !call.args().is_empty()).then_some(name.range)
        })
    });
    found.extend(python.map(|range: TextRange| {
        Diagnostic::new(&RULE, range, "what this prints is kept back, and lost in a crash")
            .help("set `ENV PYTHONUNBUFFERED=1`, or start it with `-u`")
    }));
}

fn is_python(name: &str) -> bool {
    name.strip_prefix("python").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}
