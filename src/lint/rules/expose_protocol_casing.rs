use crate::lint::exposed_ports::{self, PROTOCOLS};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// A protocol in capitals in `EXPOSE`.
    ///
    /// ## Why it matters
    /// The image's configuration has it in lower case, and so does every tool that reads it. What is written and what is
    /// shown should be one.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// EXPOSE 53/UDP
    /// ```
    /// ```dockerfile,fixed
    /// FROM alpine:3.22
    /// EXPOSE 53/udp
    /// ```
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// EXPOSE 53/udp 8080
    /// ```
    ///
    /// ## Fix safety
    /// Safe: BuildKit writes the protocol in lower case into the image either way.
    name: "expose-protocol-casing",
    aliases: ["ExposeProtoCasing"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for exposed in exposed_ports::all(input) {
        let lower = exposed.protocol.to_lowercase();
        if lower == exposed.protocol {
            continue;
        }
        let written = input.source.slice(exposed.word.range);
        let edit = written
            .strip_suffix(&exposed.protocol)
            .filter(|_| PROTOCOLS.contains(&lower.as_str()))
            .map(|rest| Edit::replace(exposed.word.range, format!("{rest}{lower}")));
        let message =
            format!("defined protocol '{}' in EXPOSE instruction should be lowercase", exposed.port);
        found.push(Diagnostic::new(&RULE, exposed.word.range, message).help(format!("write `{lower}`")).fix(
            Safety::Safe,
            "write the protocol in lower case",
            edit.and_then(|edit| EditSet::try_from(vec![edit]).ok()),
        ));
    }
}
