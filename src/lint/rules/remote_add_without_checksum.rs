use crate::dockerfile::{Body, Source};
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A file from the web that nothing is held against.
    ///
    /// ## Why it matters
    /// `ADD` takes whatever the address answers at that hour. A file that was replaced, by its owner or by someone
    /// else, goes into the image unseen, and two regions that build on different days ship different bytes. With
    /// `--checksum` the build fails instead, and BuildKit finds the file in its cache without asking the server.
    ///
    /// Silent where the address itself has a commit or a digest in it, and where it asks an `api.` host what is new.
    /// Git repositories are `moving-download`'s.
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
            if is_web && path.strip_suffix(".git").is_none() && !names_digest(text) && !is_question(text) {
                found.push(
                    Diagnostic::new(
                        &RULE,
                        word.range,
                        "`ADD` takes whatever this address answers on the day of the build",
                    )
                    .help("add `--checksum=sha256:…`, so that the build fails where the bytes differ"),
                );
            }
        }
    }
}

/// Whether the address asks a service what is new: that answer is fetched in order to differ.
fn is_question(address: &str) -> bool {
    address.contains("://api.")
}

fn names_digest(address: &str) -> bool {
    // A variable's name says so, too: `archive/${TOOL_COMMIT}.tar.gz`.
    if address.contains("COMMIT}") || address.contains("SHA}") || address.contains("SHA1}") {
        return true;
    }
    let mut parts = address.split(|c: char| !c.is_ascii_alphanumeric());
    parts.any(|part| part.len() >= SHORTEST_DIGEST && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
