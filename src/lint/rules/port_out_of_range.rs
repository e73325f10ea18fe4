use crate::dockerfile::Body;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A port that doesn't exist.
    ///
    /// ## Why it matters
    /// Ports go from 0 to 65535. The build stops at any other.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM nginx:1.29
    /// EXPOSE 80800
    /// ```
    /// ```dockerfile,bad
    /// FROM nginx:1.29
    /// EXPOSE 60000-70000/udp
    /// ```
    /// ```dockerfile,good
    /// FROM nginx:1.29
    /// ARG PORT
    /// EXPOSE 8080 53/udp 9000-9010 $PORT
    /// ```
    name: "port-out-of-range",
    aliases: ["DL3011", "DS-0008", "DF040"],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: None,
}

/// The highest port there is.
const HIGHEST: u128 = 65535;

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let Body::Expose(ports) = &fact.instruction.body else { continue };
        for word in ports {
            let expanded = fact.facts.before.expand(&word.text, input.dockerfile.escape);
            let spec = expanded.as_deref().unwrap_or(&word.text);
            let Some(port) = numbers(spec).find(|port| *port > HIGHEST) else { continue };
            found.push(
                Diagnostic::new(&RULE, word.range, format!("there is no port {port}"))
                    // Hadolint reads no port with a variable in it.
                    .known_as(if word.text.contains('$') { &["DS-0008", "DF040"] } else { RULE.aliases })
                    .help(format!("name one from 0 to {HIGHEST}")),
            );
        }
    }
}

/// The numbers in `8080`, `53/udp`, `8000-8010`, `127.0.0.1:80:80`, those of addresses left out.
fn numbers(spec: &str) -> impl Iterator<Item = u128> + '_ {
    let ports = spec.split('/').next().unwrap_or(spec).split(':');
    ports.flat_map(|part| part.split('-')).filter_map(|number| number.parse().ok())
}
