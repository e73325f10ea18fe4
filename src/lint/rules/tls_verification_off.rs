use crate::dockerfile::{Body, Pair};
use crate::facts::Fact;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, Invocation, Occurrence, Word};
use crate::text::TextRange;

declare_rule! {
    /// The check of a server's certificate is switched off.
    ///
    /// ## Why it matters
    /// Without it, TLS keeps nobody out: whoever sits between the build and the server, or answers for its name,
    /// chooses what is installed. Set as `ENV`, the switch is in the image and holds for every connection the program
    /// makes in production. Behind a proxy that brings its own certificate, trust that one:
    /// `update-ca-certificates`, `NODE_EXTRA_CA_CERTS`, `PIP_CERT`, `GIT_SSL_CAINFO`.
    ///
    /// Known are the switches of curl, wget, git, pip, uv, npm, yarn, pnpm, node, Python, yum, dnf, apt, conda,
    /// composer and bundler, on command lines, as variables and in their own `config` commands. A request to the
    /// machine itself is left alone.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN curl -fsSLk https://get.example.net/tool -o /usr/local/bin/tool
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// ENV NODE_TLS_REJECT_UNAUTHORIZED=0
    /// ```
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// RUN pip install --trusted-host pypi.example.net -r requirements.txt
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// RUN npm config set strict-ssl false
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// COPY proxy.crt /usr/local/share/ca-certificates/
    /// ENV NODE_EXTRA_CA_CERTS=/usr/local/share/ca-certificates/proxy.crt
    /// RUN npm ci
    /// ```
    /// ```dockerfile,good
    /// FROM nginx:1.29
    /// HEALTHCHECK CMD curl -fk https://localhost/ || exit 1
    /// ```
    /// Where a checksum or a signature is checked behind it, nobody can put another file in its place; that is
    /// reported only on request:
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN wget --no-check-certificate https://get.example.net/tool.tgz && sha256sum -c tool.sha256
    /// ```
    name: "tls-verification-off",
    aliases: [
        "CKV2_DOCKER_2", "CKV2_DOCKER_3", "CKV2_DOCKER_4", "CKV2_DOCKER_5", "CKV2_DOCKER_6", "CKV2_DOCKER_12",
        "CKV2_DOCKER_13", "CKV2_DOCKER_14", "CKV2_DOCKER_15", "CKV2_DOCKER_16",
    ],
    category: Security,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// What switches the check off: where it stands, whose check it is, and what peers call it.
struct Switch {
    range: TextRange,
    whose: &'static str,
    peers: &'static [&'static str],
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        match &fact.trigger().body {
            Body::Env(pairs) | Body::Arg(pairs) => {
                found.extend(
                    pairs.iter().filter_map(|pair| of_pair(&fact, pair, input)).map(|switch| report(&switch)),
                );
            }
            Body::Run(_) => {
                let commands = fact.facts.commands();
                let mut checked = None;
                for switch in commands.iter().filter_map(of_command) {
                    let checked = *checked.get_or_insert_with(|| commands.iter().any(checks_content));
                    let is_download = matches!(switch.whose, "curl" | "wget");
                    let diagnostic = report(&switch);
                    found.push(if checked && is_download { diagnostic.on_request() } else { diagnostic });
                }
            }
            _ => {}
        }
    }
}

fn report(switch: &Switch) -> Diagnostic {
    Diagnostic::new(
        &RULE,
        switch.range,
        format!("{} then talks to any server that claims the name", switch.whose),
    )
    .help("trust the certificate that is in the way instead of every one")
    .known_as(switch.peers)
}

/// Whether the command holds what was downloaded against a checksum or a signature.
fn checks_content(occurrence: &Occurrence<'_>) -> bool {
    let call = occurrence.command.effective();
    match call.name() {
        Some("sha256sum" | "sha512sum" | "sha384sum" | "sha1sum" | "md5sum" | "shasum") => {
            call.has_flag(&["-c", "--check"])
        }
        Some("gpg" | "gpg2" | "gpgv") => call.args().iter().any(|word| word.is("--verify")),
        _ => false,
    }
}

fn of_pair(fact: &Fact<'_>, pair: &Pair, input: &Input<'_>) -> Option<Switch> {
    let written = pair.value.as_ref()?;
    let value = fact.facts.before.expand(&written.text, input.dockerfile.escape)?;
    let (whose, peers) = variable(&pair.key.text, &value)?;
    Some(Switch { range: pair.key.range.cover(written.range), whose, peers })
}

/// Whose check the variable switches off with this value.
fn variable(name: &str, value: &str) -> Option<(&'static str, &'static [&'static str])> {
    let value = value.to_ascii_lowercase();
    let off = matches!(value.as_str(), "0" | "false" | "no" | "off");
    let on = !off && !value.is_empty();
    Some(match (name.to_ascii_uppercase().as_str(), on, off) {
        ("NODE_TLS_REJECT_UNAUTHORIZED", _, true) => ("node", &["CKV2_DOCKER_6"]),
        ("PYTHONHTTPSVERIFY", _, true) => ("Python", &["CKV2_DOCKER_5"]),
        ("GIT_SSL_NO_VERIFY", true, _) => ("git", &["CKV2_DOCKER_14"]),
        ("NPM_CONFIG_STRICT_SSL", _, true) => ("npm", &["CKV2_DOCKER_12"]),
        ("PIP_TRUSTED_HOST", true, _) => ("pip", &["CKV2_DOCKER_16"]),
        ("UV_INSECURE_HOST", true, _) => ("uv", &[]),
        ("YARN_ENABLE_STRICT_SSL", _, true) => ("yarn", &[]),
        ("CONDA_SSL_VERIFY", _, true) => ("conda", &[]),
        ("BUNDLE_SSL_VERIFY_MODE", _, true) => ("bundler", &[]),
        _ => return None,
    })
}

fn of_command(occurrence: &Occurrence<'_>) -> Option<Switch> {
    let command = occurrence.command;
    of_assignment(command).or_else(|| of_call(command.effective()))
}

/// `NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci`, `export GIT_SSL_NO_VERIFY=1`.
fn of_assignment(command: &Command) -> Option<Switch> {
    let assigned = command.assignments.iter().find_map(|assignment| {
        let value = assignment.value.value.as_deref()?;
        let (whose, peers) = variable(&assignment.name, value)?;
        Some(Switch { range: assignment.range, whose, peers })
    });
    let sets = matches!(command.invocation().name(), Some("export" | "env" | "sudo" | "declare" | "setx"));
    assigned.or_else(|| {
        command.words.iter().filter(|_| sets).find_map(|word| {
            let (name, value) = word.value.as_deref()?.split_once('=')?;
            let (whose, peers) = variable(name, value)?;
            Some(Switch { range: word.range, whose, peers })
        })
    })
}

fn of_call(call: Invocation<'_>) -> Option<Switch> {
    let name = call.name()?;
    let word = |wanted: &dyn Fn(&str) -> bool| call.args().iter().find(|word| wanted(word.shown()));
    let (found, whose, peers): (Option<&Word>, _, &[&str]) = match name {
        "curl" if !is_local(call) => {
            (word(&|text| text == "--insecure" || is_curl_k(text)), "curl", &["CKV2_DOCKER_2"])
        }
        "wget" if !is_local(call) => {
            (word(&|text| text == "--no-check-certificate"), "wget", &["CKV2_DOCKER_3"])
        }
        "git" => (option_off(call, &["http.sslverify"]), "git", &[]),
        "uv" => {
            (word(&|text| flag(text) == "--allow-insecure-host" || flag(text) == "--trusted-host"), "uv", &[])
        }
        "npm" | "yarn" | "pnpm" => {
            let given = word(&|text| matches!(text, "--no-strict-ssl" | "--strict-ssl=false"));
            let whose = match name {
                "npm" => "npm",
                "yarn" => "yarn",
                _ => "pnpm",
            };
            (
                given.or_else(|| option_off(call, &["strict-ssl", "enablestrictssl"])),
                whose,
                &["CKV2_DOCKER_13"],
            )
        }
        "yum" | "dnf" | "microdnf" | "tdnf" | "yum-config-manager" => {
            (word(&|text| switched_off(text, "sslverify")), "the package manager", &["CKV2_DOCKER_15"])
        }
        "apt-get" | "apt" => {
            (word(&|text| switched_off(text, "verify-peer") || switched_off(text, "verify-host")), "apt", &[])
        }
        // What goes into a configuration file.
        "echo" | "printf" | "sed" => (
            word(&|text| {
                let text = text.to_ascii_lowercase().replace(' ', "");
                text.contains("sslverify=0") || text.contains("sslverify=false")
            }),
            "the package manager",
            &["CKV2_DOCKER_15"],
        ),
        "conda" | "mamba" => (option_off(call, &["ssl_verify"]), "conda", &[]),
        "composer" => (
            call.args().iter().find(|word| matches!(word.shown(), "disable-tls" | "secure-http")).filter(
                |word| {
                    let next = behind(call, word);
                    next.is_some_and(|next| next.is(if word.is("disable-tls") { "true" } else { "false" }))
                },
            ),
            "composer",
            &[],
        ),
        "bundle" | "bundler" => (option_off(call, &["ssl_verify_mode"]), "bundler", &[]),
        _ if name.starts_with("pip") || name.starts_with("python") => {
            let is_config = call.args().iter().any(|word| word.is("config"));
            let given = word(&|text| {
                flag(text) == "--trusted-host" || (is_config && text.ends_with(".trusted-host"))
            });
            (given, "pip", &["CKV2_DOCKER_4"])
        }
        _ => return None,
    };
    Some(Switch { range: found?.range, whose, peers })
}

/// The name of a flag, without its value.
fn flag(text: &str) -> &str {
    text.split('=').next().unwrap_or(text)
}

/// Whether the word ends in `key=false`: `--setopt=sslverify=false`, `Acquire::https::Verify-Peer=false`.
fn switched_off(text: &str, key: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.rsplit_once('=').is_some_and(|(name, value)| name.ends_with(key) && off(value))
}

fn off(value: &str) -> bool {
    matches!(value, "0" | "false" | "no" | "off")
}

/// The word that sets one of `keys` to false: `key=false`, or `key false`.
fn option_off<'a>(call: Invocation<'a>, keys: &[&str]) -> Option<&'a Word> {
    call.args().iter().find(|word| {
        let text = word.shown().to_ascii_lowercase();
        match text.split_once('=') {
            Some((name, value)) => keys.contains(&name) && off(value),
            None => keys.contains(&text.as_str()) && behind(call, word).is_some_and(|next| off(next.shown())),
        }
    })
}

fn behind<'a>(call: Invocation<'a>, word: &Word) -> Option<&'a Word> {
    let at = call.args().iter().position(|other| other.range == word.range)?;
    call.args().get(at + 1)
}

/// Whether a cluster of curl's short flags has `k` in it, before one that takes the rest for its value.
fn is_curl_k(text: &str) -> bool {
    let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else {
        return false;
    };
    let plain = letters.chars().take_while(|letter| !"AbcCdDeEFhHKmoPQrtTuUwxXyYz".contains(*letter));
    plain.into_iter().any(|letter| letter == 'k')
}

/// Whether all that is asked is the machine itself.
fn is_local(call: Invocation<'_>) -> bool {
    let mut urls = call.args().iter().filter(|word| word.shown().contains("://")).peekable();
    urls.peek().is_some()
        && urls.all(|word| {
            ["://localhost", "://127.", "://[::1]", "://0.0.0.0"]
                .iter()
                .any(|host| word.shown().contains(host))
        })
}
