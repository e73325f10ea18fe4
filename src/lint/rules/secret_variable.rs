use crate::dockerfile::{Body, Pair, words};
use crate::facts::Fact;
use crate::lint::{Diagnostic, Input, Severity, declare_rule};

declare_rule! {
    /// A secret in `ARG` or `ENV`.
    ///
    /// ## Why it matters
    /// Both stay in the image: an `ENV` in its configuration, an `ARG` in its history, for everyone who can pull it. A
    /// later layer can't take it back. `RUN --mount=type=secret` gives a secret to one command and leaves nothing.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// ARG NPM_TOKEN
    /// RUN npm ci
    /// ```
    /// ```dockerfile,bad
    /// FROM postgres:18
    /// ENV POSTGRES_PASSWORD=swordfish
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// RUN --mount=type=secret,id=npm,env=NPM_TOKEN npm ci
    /// ```
    /// A name alone proves nothing: files, versions, public keys and empty values are no secrets.
    /// ```dockerfile,on-request
    /// FROM postgres:18
    /// ENV POSTGRES_PASSWORD_FILE=/run/secrets/postgres AUTH_MODE=md5 KEY_ALIAS=web API_TOKEN=
    /// ```
    /// With `--profile all` the rule reports every name that BuildKit's `SecretsUsedInArgOrEnv` or hadolint's DL3064
    /// does, in all stages.
    name: "secret-variable",
    aliases: ["DL3064", "SecretsUsedInArgOrEnv", "DS-0031"],
    category: Security,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        // BuildKit looks at what a stage sets, hadolint also at global arguments and at triggers.
        let in_stage = fact.facts.stage.is_some();
        match &fact.instruction.body {
            Body::Arg(pairs) => report(input, &fact, "ARG", pairs, in_stage, found),
            Body::Env(pairs) => report(input, &fact, "ENV", pairs, in_stage, found),
            Body::Onbuild(trigger) => match &trigger.body {
                Body::Arg(pairs) => report(input, &fact, "ARG", pairs, false, found),
                Body::Env(pairs) => report(input, &fact, "ENV", pairs, false, found),
                _ => {}
            },
            _ => {}
        }
    }
}

fn report(
    input: &Input<'_>,
    fact: &Fact<'_>,
    kind: &str,
    pairs: &[Pair],
    in_stage: bool,
    found: &mut Vec<Diagnostic>,
) {
    for pair in pairs {
        let key = &pair.key.text;
        let aliases: &'static [&'static str] = match (in_hadolint(key), in_buildkit(key) && in_stage) {
            (true, true) => RULE.aliases,
            (true, false) => &["DL3064"],
            (false, true) => &["SecretsUsedInArgOrEnv"],
            (false, false) => continue,
        };
        let message = format!("do not use ARG or ENV instructions for sensitive data ({kind} \"{key}\")");
        let diagnostic = Diagnostic::new(&RULE, pair.key.range, message).known_as(aliases).help(
            "mount it into the one RUN that needs it with `--mount=type=secret`, or give it to the container",
        );
        let is_likely = in_stage
            && input.facts.is_shipped(fact)
            && names_a_secret(key)
            && may_hold_a_secret(pair, kind == "ENV", input.dockerfile.escape);
        found.push(if is_likely { diagnostic } else { diagnostic.severity(Severity::Info).on_request() });
    }
}

/// Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/validations.go, `getSecretsRegex`.
fn in_buildkit(key: &str) -> bool {
    let parts: Vec<String> = key.split('_').map(str::to_lowercase).collect();
    let any = |words: &[&str]| parts.iter().any(|part| words.contains(&part.as_str()));
    any(&[
        "apikey",
        "auth",
        "credential",
        "credentials",
        "key",
        "password",
        "pword",
        "passwd",
        "secret",
        "token",
    ]) && !any(&["public", "file", "version"])
}

/// Source: hadolint, src/Hadolint/Rule/DL3064.hs.
fn in_hadolint(key: &str) -> bool {
    const PARTS: [&str; 7] = ["api_key", "client_key", "password", "private", "secret", "token", "username"];
    const NAMES: [&str; 18] = [
        "APPLICATION_KEY",
        "AWS_ACCESS_KEY_ID",
        "BITTREX_API_KEY",
        "CI_DEPLOY_USER",
        "DOCKER_EMAIL",
        "FACEBOOK_APP_ID",
        "FOSSA_API_KEY",
        "HEROKU_API_KEY",
        "HEROKU_API_USER",
        "OKTA_AUTHN_GROUPID",
        "OKTA_CLIENT_ORGURL",
        "OKTA_OAUTH2_CLIENTID",
        "OPENAI_API_KEY",
        "STRIPE_API_KEY",
        "STRIPE_DEVICE_NAME",
        "TRAVIS_OS_NAME",
        "TRAVIS_SECURE_ENV_VARS",
        "TRAVIS_SUDO",
    ];
    let lower = key.to_lowercase();
    NAMES.contains(&key.to_uppercase().as_str()) || PARTS.iter().any(|part| lower.contains(part))
}

/// Whether the name ends in what only secrets are called.
fn names_a_secret(key: &str) -> bool {
    let lower = key.to_lowercase();
    let parts: Vec<&str> = lower.split('_').collect();
    let Some((last, before)) = parts.split_last() else { return false };
    let kinds = ["api", "access", "auth", "encryption", "private", "secret"];
    // A public token or the version of a secret is none.
    let is_open = parts.iter().any(|part| matches!(*part, "public" | "file" | "version" | "max" | "min"));
    let is_key = *last == "key" && before.last().is_some_and(|kind| kinds.contains(kind));
    let is_secret = matches!(
        *last,
        "password" | "passwd" | "pword" | "passphrase" | "secret" | "token" | "apikey" | "credentials"
    );
    !is_open && (is_key || is_secret)
}

/// Whether the value can be a secret: an argument without one waits for it; a path, a number or a switch is none.
fn may_hold_a_secret(pair: &Pair, is_env: bool, escape: char) -> bool {
    let Some(value) = &pair.value else { return !is_env };
    let text = words::expand(&value.text, escape, &|_| Some("x".repeat(12)));
    let Ok(text) = text.map(|expansion| expansion.text) else { return false };
    let is_switch = matches!(text.to_lowercase().as_str(), "true" | "false" | "yes" | "no" | "none" | "null");
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    // The fingerprint of a public key, and what stands for a value to be given.
    let is_fingerprint = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_placeholder = text.len() < 3 || text.starts_with('<');
    if text.is_empty() {
        return !is_env;
    }
    !is_switch
        && !is_number
        && !is_fingerprint
        && !is_placeholder
        && !text.starts_with('/')
        && !text.contains("://")
}
