use crate::lint::package_calls::package_runs;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::PackageManager;
use crate::shell::{Command, Invocation, Word};

declare_rule! {
    /// Packages are installed without a look at their signatures.
    ///
    /// ## Why it matters
    /// The signature is what ties a package to the distribution. Without it, whoever can answer for a mirror, a proxy
    /// or a name server chooses what runs in the image as root. Where the signature fails, a key is missing: add the
    /// key.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --allow-unauthenticated tool && rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,bad
    /// FROM fedora:43
    /// RUN dnf install -y --nogpgcheck tool && dnf clean all
    /// ```
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN apk add --no-cache --allow-untrusted tool
    /// ```
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// ADD --checksum=sha256:de41db7eabe9c8fd73abe28d5a6c9c7c1ac3c5fed2ac4db1ffb4b1a6f4f6b9d5 \
    ///     https://keys.example.net/tool.rsa.pub /etc/apk/keys/
    /// RUN apk add --no-cache --repository https://apk.example.net tool
    /// ```
    /// A package that another stage has built has no signature; that much is worth to know only on request:
    /// ```dockerfile,on-request
    /// FROM alpine:3.22
    /// COPY --from=build /packages/tool.apk /tmp/
    /// RUN apk add --no-cache --allow-untrusted /tmp/tool.apk
    /// ```
    name: "unverified-packages",
    aliases: ["CKV2_DOCKER_7", "CKV2_DOCKER_8", "CKV2_DOCKER_9", "CKV2_DOCKER_10", "CKV2_DOCKER_11"],
    category: Security,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for run in package_runs(input) {
        let downloads = || {
            run.commands.iter().any(|other| matches!(other.command.name(), Some("curl" | "wget" | "aria2c")))
        };
        for call in &run.calls {
            let action = &call.action;
            let Some((word, peers)) = unverified(action.manager, action.call) else { continue };
            let is_local = |word: &&Word| {
                let text = word.shown();
                let is_file = [".apk", ".rpm", ".deb"].iter().any(|ending| text.ends_with(ending));
                is_file && !text.contains("://")
            };
            let local = !action.packages.is_empty() && action.packages.iter().all(is_local) && !downloads();
            found.push(report(word, action.program, peers, local));
        }
        for occurrence in &run.commands {
            if let Some((word, local)) = of_rpm(occurrence.command) {
                found.push(report(word, "rpm", &["CKV2_DOCKER_10"], local && !downloads()));
            }
        }
    }
}

fn report(word: &Word, program: &str, peers: &'static [&'static str], local: bool) -> Diagnostic {
    let message = format!("`{}` makes `{program}` take packages from anybody", word.shown());
    let diagnostic = Diagnostic::new(&RULE, word.range, message)
        .help("leave it out, and add the key of whoever signs the packages")
        .known_as(peers);
    if local { diagnostic.on_request() } else { diagnostic }
}

/// The word that turns the check off, and the peers' names for it.
fn unverified(manager: PackageManager, call: Invocation<'_>) -> Option<(&Word, &'static [&'static str])> {
    let off = |word: &Word, key: &str| {
        let text = word.shown().to_ascii_lowercase();
        text.split_once('=')
            .is_some_and(|(name, value)| name.ends_with(key) && matches!(value, "0" | "false" | "no" | "off"))
    };
    let on = |word: &Word, key: &str| {
        let text = word.shown().to_ascii_lowercase();
        text.split_once('=')
            .is_some_and(|(name, value)| name.ends_with(key) && matches!(value, "1" | "true" | "yes" | "on"))
    };
    call.args().iter().find_map(|word| {
        let peers: &[&str] = match (manager, word.shown()) {
            (PackageManager::Apt, "--force-yes") => &["CKV2_DOCKER_11"],
            (PackageManager::Apt, text)
                if text == "--allow-unauthenticated"
                    || on(word, "allowunauthenticated")
                    || on(word, "allowinsecurerepositories") =>
            {
                &["CKV2_DOCKER_8"]
            }
            (PackageManager::Apk, "--allow-untrusted") => &["CKV2_DOCKER_7"],
            (PackageManager::Yum | PackageManager::Dnf, "--nogpgcheck" | "--no-gpgchecks") => {
                &["CKV2_DOCKER_9"]
            }
            (PackageManager::Apt, "--allow-insecure-repositories")
            | (PackageManager::Zypper, "--no-gpg-checks" | "--allow-unsigned-rpm") => &[],
            (PackageManager::Yum | PackageManager::Dnf, _) => off(word, "gpgcheck").then_some(&[])?,
            _ => return None,
        };
        Some((word, peers))
    })
}

/// The word that makes rpm take a package without a look at its signature, and whether all packages are files.
fn of_rpm(command: &Command) -> Option<(&Word, bool)> {
    let call = command.effective();
    if call.name() != Some("rpm") || call.has_flag(&["-q", "--query", "-e", "--erase"]) {
        return None;
    }
    let flags = ["--nosignature", "--nodigest", "--noverify", "--nofiledigest"];
    let word = call.args().iter().find(|word| flags.contains(&word.shown()))?;
    let local = call.positionals(&[]).iter().all(|word| !word.shown().contains("://"));
    Some((word, local))
}
