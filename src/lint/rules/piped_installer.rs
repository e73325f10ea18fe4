use crate::lint::downloads::host;
use crate::lint::piped_scripts::piped_scripts;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A script runs straight from the web.
    ///
    /// ## Why it matters
    /// `curl … | sh` runs whatever the server answers at that hour, as the user of the build. Nothing is checked,
    /// nothing is kept to look at, and what is installed differs from day to day. Where the connection breaks off, the
    /// shell has already run the first half, and without `pipefail` the build goes on with it.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN curl -fsSL https://example.com/install.sh | sh
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN wget -qO- https://example.com/install.sh | sudo -E bash -s -- -y
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN bash -c "$(curl -fsSL https://example.com/install.sh)"
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// RUN curl -fsSLo /tmp/install.sh https://example.com/1.2.3/install.sh \
    ///     && echo "3b7732505933ca591ce4a6d860cb713ad96a3176b82f7979a8dfa9973486a0d6  /tmp/install.sh" | sha256sum -c \
    ///     && sh /tmp/install.sh
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// RUN curl -fsSL https://example.com/data.json | python3 -c "import json, sys; print(json.load(sys.stdin))"
    /// ```
    name: "piped-installer",
    aliases: ["DF021"],
    category: Security,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let Some(script) = fact.facts.script() else { continue };
        for piped in piped_scripts(script) {
            found.push(
                Diagnostic::new(
                    &RULE,
                    piped.program.range,
                    format!("`{}` runs whatever {} answers", piped.program.shown(), host(piped.address)),
                )
                .help("fetch one version to a file, check its SHA-256, and run that; or install a package")
                .label(piped.address.range, "fetched here, unchecked"),
            );
        }
    }
}
