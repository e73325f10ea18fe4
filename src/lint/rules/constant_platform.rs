use crate::dockerfile::{Body, words};
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A `FROM` fixed to one platform.
    ///
    /// ## Why it matters
    /// The stage is built for that platform on every machine and for every target: an image for ARM gets programs for
    /// x86, and a build on another machine runs under emulation. `--platform=$BUILDPLATFORM` is for tools that run in
    /// the build, and without the flag a stage is built for the target. A stage whose name says the platform is meant
    /// so.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM --platform=linux/amd64 node:22-slim
    /// ```
    /// ```dockerfile,good
    /// FROM --platform=$BUILDPLATFORM node:22-slim AS build
    /// FROM alpine:3.22
    /// ```
    /// Whole files are written for one platform, so this rule speaks only with `--profile all`. Then it reports what
    /// hadolint's DL3029 does besides: stages that are named for their platform, and variables of one's own.
    name: "constant-platform",
    aliases: ["DL3029", "FromPlatformFlagConstDisallowed"],
    category: Reproducibility,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for instruction in input.dockerfile.instructions() {
        let (Body::From(from), Some(flag)) = (&instruction.body, instruction.flag("platform")) else {
            continue;
        };
        let Some(value) = &flag.value else { continue };
        let escape = input.dockerfile.escape;
        let is_constant = words::references(&value.text, escape).is_empty();
        let text = words::expand(&value.text, escape, &|_| None).map(|expansion| expansion.text);
        let platform = text.ok().filter(|_| is_constant).and_then(|text| platform(&text));
        let name = from.alias.as_ref().map(|alias| alias.text.to_lowercase()).unwrap_or_default();
        let is_named = platform.as_ref().is_some_and(|(os, arch)| name.contains(os) || name.contains(arch));
        // Hadolint asks only whether one of the two arguments is in the word.
        let in_hadolint = !value.text.contains("BUILDPLATFORM") && !value.text.contains("TARGETPLATFORM");
        let aliases: &'static [&'static str] = match (platform.is_some() && !is_named, in_hadolint) {
            (true, true) => RULE.aliases,
            (true, false) => &["FromPlatformFlagConstDisallowed"],
            (false, true) => &["DL3029"],
            (false, false) => continue,
        };
        let written = &value.text;
        let message = if is_constant {
            format!("FROM --platform flag should not use constant value \"{written}\"")
        } else {
            format!("FROM --platform takes `{written}`, which no build sets by itself")
        };
        let mut diagnostic = Diagnostic::new(&RULE, flag.range, message).known_as(aliases).help(
            "leave the flag out, use `$BUILDPLATFORM` for a stage of tools, or name the stage for its platform",
        );
        if aliases == ["DL3029"] {
            diagnostic = diagnostic.on_request();
        }
        found.push(diagnostic);
    }
}

/// The operating system and the architecture that a platform names, as containerd writes them; none where it is none.
/// Source: containerd/platforms, platforms.go, `Parse`, and database.go.
fn platform(text: &str) -> Option<(String, String)> {
    let text = text.to_lowercase();
    let parts: Vec<&str> = text.split('/').collect();
    let is_part = |part: &&str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    };
    let systems = [
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "hurd",
        "illumos",
        "ios",
        "js",
        "linux",
        "nacl",
        "netbsd",
        "openbsd",
        "plan9",
        "solaris",
        "windows",
        "zos",
        "macos",
    ];
    // A version may stand behind the system, as in `windows(10.0.17763)/amd64`.
    let system = |part: &str| {
        let name = part.split('(').next().unwrap_or(part);
        if name == "macos" { "darwin".to_owned() } else { name.to_owned() }
    };
    match parts.as_slice() {
        [one] if is_part(one) && systems.contains(one) => Some((system(one), "amd64".to_owned())),
        [one] if is_part(one) => {
            is_architecture(&architecture(one)).then(|| ("linux".to_owned(), architecture(one)))
        }
        [os, rest @ ..] if rest.len() <= 2 && rest.iter().all(is_part) && is_part(&os.split('(').next()?) => {
            Some((system(os), architecture(rest.first()?)))
        }
        _ => None,
    }
}

fn architecture(name: &str) -> String {
    match name {
        "i386" => "386",
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "armhf" | "armel" => "arm",
        other => other,
    }
    .to_owned()
}

fn is_architecture(name: &str) -> bool {
    [
        "386",
        "amd64",
        "amd64p32",
        "arm",
        "armbe",
        "arm64",
        "arm64be",
        "ppc64",
        "ppc64le",
        "loong64",
        "mips",
        "mipsle",
        "mips64",
        "mips64le",
        "mips64p32",
        "mips64p32le",
        "ppc",
        "riscv",
        "riscv64",
        "s390",
        "s390x",
        "sparc",
        "sparc64",
        "wasm",
    ]
    .contains(&name)
}
