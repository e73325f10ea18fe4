use crate::lint::{Diagnostic, Input, declare_rule, exposed_ports};

declare_rule! {
    /// An address or a host's port in `EXPOSE`.
    ///
    /// ## Why it matters
    /// An image can't say where a host listens: that is for `docker run --publish`. BuildKit drops the rest of the word
    /// and says that it will become an error.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// EXPOSE 127.0.0.1:8080:80
    /// ```
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// EXPOSE 8080:80
    /// ```
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// EXPOSE 80
    /// ```
    name: "expose-host-mapping",
    aliases: ["ExposeInvalidFormat"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for exposed in exposed_ports::all(input).into_iter().filter(|exposed| exposed.has_host) {
        let message = format!(
            "EXPOSE instruction should not define an IP address or host-port mapping, found '{}'",
            exposed.port
        );
        found.push(
            Diagnostic::new(&RULE, exposed.word.range, message)
                .help("name the container's port alone, and map it with `docker run --publish`"),
        );
    }
}
