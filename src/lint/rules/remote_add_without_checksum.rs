use crate::dockerfile::{Body, Source};
use crate::facts::Fact;
use crate::lint::downloads::holds_check;
use crate::lint::moving_address::moving;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A file from the web that nothing is held against.
    ///
    /// ## Why it matters
    /// `ADD` takes whatever the address answers at that hour. A file that was replaced, by its owner or by someone
    /// else, goes into the image unseen, and two regions that build on different days ship different bytes. With
    /// `--checksum` the build fails instead, and BuildKit finds the file in its cache without asking the server.
    ///
    /// Silent where the address itself has a commit or a digest in it, where a `RUN` checks the file, and where the
    /// address asks for what is new: that of an `api.` host, of a program below `cgi-bin`, or of the list of authorities
    /// `cacert.pem`.
    /// Git repositories, and addresses whose answer is to change, are `moving-download`'s.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// ADD https://example.com/tool-1.2.3.tar.gz /tmp/
    /// ```
    /// ```dockerfile,good
    /// # syntax=docker/dockerfile:1
    /// FROM alpine:3.22
    /// ADD --checksum=sha256:3b7732505933ca591ce4a6d860cb713ad96a3176b82f7979a8dfa9973486a0d6 \
    ///     https://example.com/tool-1.2.3.tar.gz /tmp/
    /// ```
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// ADD https://raw.githubusercontent.com/example/tool/0a6d860cb713ad96a3176b82f7979a8dfa997348/install.sh /tmp/
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// ADD https://example.com/keys/archive.gpg /usr/share/keyrings/archive.gpg
    /// RUN echo "3b7732505933ca591ce4a6d860cb713ad96a3176b82f7979a8dfa9973486a0d6  /usr/share/keyrings/archive.gpg" \
    ///     | sha256sum -c -
    /// ```
    name: "remote-add-without-checksum",
    aliases: [],
    category: Reproducibility,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// Hexadecimal digits of the shortest digest that identifies a file or a commit: SHA-1's.
const SHORTEST_DIGEST: usize = 40;

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let Body::Add(transfer) = &fact.instruction.body else { continue };
        if fact.instruction.flag("checksum").is_some() {
            continue;
        }
        for source in &transfer.sources {
            let Source::Path(word) = source else { continue };
            let text = word.text.trim_matches(['"', '\'']);
            let is_web = text.starts_with("http://") || text.starts_with("https://");
            let path = text.split(['#', '?']).next().unwrap_or(text);
            let is_file = is_web && path.strip_suffix(".git").is_none() && !is_question(text);
            if moving(text).is_some() {
                continue;
            }
            if is_file && !names_digest(text) && !is_checked(input, &fact, path, &transfer.destination.text) {
                found.push(
                    Diagnostic::new(
                        &RULE,
                        word.range,
                        "`ADD` takes whatever this address answers on the day of the build",
                    )
                    .help(if transfer.sources.len() > 1 {
                        "give it an `ADD` of its own with `--checksum=sha256:…`, so that the build fails where the bytes differ"
                    } else {
                        "add `--checksum=sha256:…`, so that the build fails where the bytes differ"
                    }),
                );
            }
        }
    }
}

/// Whether the address asks a service what is new: that answer is fetched in order to differ.
fn is_question(address: &str) -> bool {
    address.contains("://api.") || address.contains("/cgi-bin/") || address.ends_with("cacert.pem")
}

/// Whether a later instruction of the stage holds the file against something: it names the file, by the address's last
/// part or by the destination's, and has a check in it.
fn is_checked(input: &Input<'_>, add: &Fact<'_>, path: &str, destination: &str) -> bool {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let names = [name(path), name(destination)];
    let stage = add.facts.stage.unwrap_or_default();
    let later =
        input.facts.of_stage(input.dockerfile, stage).into_iter().filter(|fact| fact.index > add.index);
    later.into_iter().any(|fact| {
        let text = input.source.slice(fact.instruction.range);
        holds_check(text) && names.iter().any(|name| !name.is_empty() && text.contains(name.as_str()))
    })
}

fn names_digest(address: &str) -> bool {
    // A variable's name says so, too: `archive/${TOOL_COMMIT}.tar.gz`.
    if address.contains("COMMIT}") || address.contains("SHA}") || address.contains("SHA1}") {
        return true;
    }
    let mut parts = address.split(|c: char| !c.is_ascii_alphanumeric());
    parts.any(|part| part.len() >= SHORTEST_DIGEST && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
