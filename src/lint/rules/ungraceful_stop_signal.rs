use crate::dockerfile::Body;
use crate::graph::Base;
use crate::lint::comments::with_comments;
use crate::lint::image_name::official;
use crate::lint::start::started;
use crate::lint::{Diagnostic, Input, Safety, Severity, declare_rule};
use crate::shell::Command;
use crate::text::{Edit, EditSet};

declare_rule! {
    /// Stopping the container cuts off whom it serves.
    ///
    /// ## Why it matters
    /// At each release, scaling down and failover, the engine sends the image's stop signal and waits. SIGKILL and
    /// SIGSTOP can't be caught, so nothing ends in order. To SIGTERM, nginx, PHP-FPM and Apache drop the requests they
    /// are at, PostgreSQL waits for its clients to leave until it is killed, and systemd as process 1 does not shut
    /// down. The images of these programs set the right signal; one that installs them on another base has to do so
    /// itself.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN apk add --no-cache nginx
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM alpine:3.22
    /// RUN apk add --no-cache nginx
    /// STOPSIGNAL SIGQUIT
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// STOPSIGNAL SIGKILL
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerfile,good
    /// FROM nginx:1.29.3
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// STOPSIGNAL SIGINT
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the container may take longer to stop. A signal that can't be caught is left to you: which one the
    /// program waits for isn't in the file.
    name: "ungraceful-stop-signal",
    aliases: [
        "tally/no-ungraceful-stopsignal",
        "tally/prefer-nginx-sigquit",
        "tally/prefer-systemd-sigrtmin-plus-3",
    ],
    category: Start,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

/// Images that bring no server and no stop signal.
const PLAIN: &[&str] = &[
    "alpine",
    "almalinux",
    "amazonlinux",
    "archlinux",
    "buildpack-deps",
    "centos",
    "debian",
    "fedora",
    "golang",
    "node",
    "oraclelinux",
    "python",
    "rockylinux",
    "ruby",
    "rust",
    "ubuntu",
];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut shipped = input.facts.all(input.dockerfile).filter(|fact| input.facts.is_shipped(fact));
    let last = shipped.rfind(|fact| matches!(fact.instruction.body, Body::Stopsignal(_)));
    if let Some(fact) = last {
        let Body::Stopsignal(word) = &fact.instruction.body else { return };
        let signal = fact.facts.before.expand(&word.text, input.dockerfile.escape).unwrap_or_default();
        let name = signal.to_ascii_uppercase();
        if matches!(name.trim_start_matches("SIG"), "KILL" | "9" | "STOP" | "19") {
            found.push(
                Diagnostic::new(&RULE, word.range, format!("no program can catch {signal}: it is cut off as it is stopped"))
                    .known_as(&["tally/no-ungraceful-stopsignal"])
                    .help("leave the instruction out, for SIGTERM, or name the signal that the program ends in order with"),
            );
        }
        return;
    }
    if !is_plain(input) {
        return;
    }
    for started in started(input).iter().filter(|started| started.is_last) {
        let Some((signal, to_term, aliases)) = graceful(&started.command) else { continue };
        let Some(name) = started.command.effective().words().first() else { continue };
        let before = with_comments(input.dockerfile, started.fact.instruction).start();
        let newline = if input.source.text().contains("\r\n") { "\r\n" } else { "\n" };
        let edit = Edit::insert(before, format!("STOPSIGNAL {signal}{newline}"));
        found.push(
            Diagnostic::new(
                &RULE,
                name.range,
                format!("the image is stopped with SIGTERM, at which {to_term}"),
            )
            .known_as(aliases)
            .help(format!("set `STOPSIGNAL {signal}`"))
            .severity(Severity::Warning)
            .fix(
                Safety::Unsafe,
                format!("stop it with {signal}"),
                EditSet::try_from(vec![edit]).ok(),
            ),
        );
    }
}

/// The signal that the program ends in order with, and what it does at SIGTERM.
/// Sources: nginx.org/en/docs/control.html, php-fpm(8), httpd.apache.org/docs/2.4/stopping.html,
/// postgresql.org/docs/current/server-shutdown.html, systemd(1).
fn graceful(command: &Command) -> Option<(&'static str, &'static str, &'static [&'static str])> {
    let call = command.effective();
    // A call that only asks or signals starts no server.
    if call.has_flag(&["-v", "-V", "-t", "-s", "--version", "--help"]) {
        return None;
    }
    match call.name()? {
        "nginx" => Some(("SIGQUIT", "nginx cuts off the requests it is at", &["tally/prefer-nginx-sigquit"])),
        name if name.starts_with("php-fpm") => {
            Some(("SIGQUIT", "PHP-FPM cuts off the requests it is at", &[]))
        }
        "httpd" | "apache2" | "apachectl" | "apache2ctl" | "apache2-foreground" => {
            Some(("SIGWINCH", "Apache cuts off the requests it is at", &[]))
        }
        "postgres" => Some(("SIGINT", "PostgreSQL waits for its clients to leave until it is killed", &[])),
        "systemd" => Some((
            "SIGRTMIN+3",
            "systemd as process 1 does not shut down",
            &["tally/prefer-systemd-sigrtmin-plus-3"],
        )),
        _ => None,
    }
}

/// Whether the image is built on one that brings no stop signal.
fn is_plain(input: &Input<'_>) -> bool {
    let lowest = input.facts.shipped().next().and_then(|lowest| input.graph.stages.get(lowest));
    match lowest.map(|stage| &stage.base) {
        Some(Base::Image { reference, .. }) => official(reference).is_some_and(|name| PLAIN.contains(&name)),
        Some(Base::Scratch) => true,
        _ => false,
    }
}
