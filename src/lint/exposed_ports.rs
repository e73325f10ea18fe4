//! The ports that `EXPOSE` names, with their variables put in.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert_expose.go.

use crate::dockerfile::{Body, Word, words};

use super::Input;

/// The protocols that BuildKit takes.
pub(super) const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

/// One port of an `EXPOSE`.
#[derive(Debug)]
pub(super) struct ExposedPort<'a> {
    /// What names it in the file.
    pub(super) word: &'a Word<'a>,
    /// What that comes to.
    pub(super) port: String,
    /// The protocol as it is written; `tcp` where none is.
    pub(super) protocol: String,
    /// Whether an address or a host's port stands before it.
    pub(super) has_host: bool,
}

/// All ports whose values are known and that BuildKit takes.
pub(super) fn all<'a>(input: &Input<'a>) -> Vec<ExposedPort<'a>> {
    let escape = input.dockerfile.escape;
    let mut found = Vec::new();
    for fact in input.facts.all(input.dockerfile) {
        let Body::Expose(ports) = &fact.instruction.body else { continue };
        let state = &fact.facts.before;
        let value = |name: &str| state.value(name).map(str::to_owned);
        for word in ports.iter().filter(|word| state.expand(&word.text, escape).is_some()) {
            for port in words::expand_words(&word.text, escape, &value).unwrap_or_default() {
                let (host, container) =
                    port.rsplit_once(':').map_or((None, port.as_str()), |(host, rest)| (Some(host), rest));
                let has_host = host.is_some_and(|host| !host.is_empty());
                let (number, protocol) = container.split_once('/').unwrap_or((container, ""));
                let protocol = if protocol.is_empty() { "tcp" } else { protocol }.to_owned();
                if !number.is_empty() && PROTOCOLS.contains(&protocol.to_lowercase().as_str()) {
                    found.push(ExposedPort { word, port: port.clone(), protocol, has_host });
                }
            }
        }
    }
    found
}
