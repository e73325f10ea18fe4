use crate::dockerfile::{Body, Instruction, Keyword, Source, Transfer, Word, words};
use crate::facts::Fact;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A value that BuildKit refuses once it builds.
    ///
    /// ## Why it matters
    /// The file parses, and the build stops at this instruction: a `--chmod` that is no mode, a `--checksum` that is no
    /// digest or has nothing to check, a `COPY` from an address, a port that is none, a word whose quotes or braces
    /// don't match up. Values with variables that only the build knows are left to the build.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// COPY --chmod=8755 run.sh /run.sh
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// COPY https://example.org/tool /usr/local/bin/tool
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// EXPOSE 80/tpc
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// ENV GREETING="hello
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ARG MODE
    /// COPY --chmod=${MODE} run.sh /run.sh
    /// COPY --chmod=u=rwX,go=rX run.sh /run.sh
    /// EXPOSE 80/tcp 53/UDP 8000-8010
    /// ```
    name: "refused-value",
    aliases: [],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let escape = input.dockerfile.escape;
    for fact in input.facts.all(input.dockerfile) {
        let instruction = fact.instruction;
        let malformed = found.len();
        for word in expanded(instruction) {
            if let Some(error) = malformed_word(&word.text, escape) {
                let message = format!("BuildKit can't read this word: {error}");
                found.push(Diagnostic::new(&RULE, word.range, message));
            }
        }
        if found.len() > malformed {
            continue;
        }
        match &instruction.body {
            Body::Copy(transfer) | Body::Add(transfer) => check_transfer(&fact, transfer, escape, found),
            Body::Expose(ports) => {
                for word in ports {
                    check_ports(&fact, word, escape, found);
                }
            }
            Body::From(_) => {
                if let Some((word, platform)) = known(&fact, "platform", escape)
                    && let Some(expected) = refused_platform(&platform)
                {
                    found.push(refused(word, &format!("`{platform}` is no platform; expected {expected}")));
                }
            }
            _ => {}
        }
    }
}

fn refused(word: &Word<'_>, message: &str) -> Diagnostic {
    Diagnostic::new(&RULE, word.range, message)
}

/// The words that BuildKit expands in an instruction of its own. What stands behind `ONBUILD` is read by the build that
/// inherits it.
/// Source: moby/buildkit, frontend/dockerfile/instructions/commands.go, the `Expand` of each instruction.
fn expanded<'a>(instruction: &'a Instruction<'a>) -> Vec<&'a Word<'a>> {
    let flag = |name: &str| instruction.flag_value(name);
    match &instruction.body {
        Body::From(from) => [&from.image].into_iter().chain(flag("platform")).collect(),
        Body::Env(pairs) | Body::Label(pairs) | Body::Arg(pairs) => {
            pairs.iter().flat_map(|pair| [&pair.key].into_iter().chain(&pair.value)).collect()
        }
        Body::Copy(transfer) | Body::Add(transfer) => {
            let paths = transfer.sources.iter().filter_map(|source| match source {
                Source::Path(word) => Some(word),
                Source::Heredoc(..) => None,
            });
            let flags = ["chown", "chmod", "checksum"].into_iter().filter_map(flag);
            paths.chain([&transfer.destination]).chain(flags).collect()
        }
        Body::Expose(words) | Body::Volume(words) => words.iter().collect(),
        Body::User(word) | Body::Workdir(word) | Body::Stopsignal(word) => vec![word],
        _ => Vec::new(),
    }
}

/// Why nobody could expand the word, whatever its variables are.
fn malformed_word(word: &str, escape: char) -> Option<words::ExpandError> {
    use words::ExpandError::{Pattern, Required, TooDeep, TooLong};
    match words::expand(word, escape, &|_| Some("x".to_owned())) {
        // A pattern may be right with other variables in it.
        Ok(_) | Err(Pattern(_) | Required { .. } | TooDeep | TooLong) => None,
        Err(error) => Some(error),
    }
}

/// A flag's value with its variables put in, where they are known.
fn known<'a>(fact: &Fact<'a>, flag: &str, escape: char) -> Option<(&'a Word<'a>, String)> {
    let word = fact.instruction.flag_value(flag).filter(|word| !word.text.is_empty())?;
    Some((word, fact.facts.before.expand(&word.text, escape)?))
}

/// Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert_copy.go, `dispatchCopy`.
fn check_transfer(fact: &Fact<'_>, transfer: &Transfer<'_>, escape: char, found: &mut Vec<Diagnostic>) {
    let is_add = fact.instruction.keyword == Some(Keyword::Add);
    if let Some((word, mode)) = known(fact, "chmod", escape)
        && !mode.is_empty()
        && !is_mode(&mode)
    {
        let message = format!(
            "`{mode}` is no mode; expected octal digits up to 7777, or letters such as `u=rwX,go=rX`"
        );
        found.push(refused(word, &message));
    }
    let sources: Vec<(&Word<'_>, Option<String>)> = transfer
        .sources
        .iter()
        .filter_map(|source| match source {
            Source::Path(word) => Some((word, fact.facts.before.expand(&word.text, escape))),
            Source::Heredoc(..) => None,
        })
        .collect();
    if let Some((word, checksum)) = known(fact, "checksum", escape).filter(|_| is_add) {
        let is_remote = |text: &str| is_web(text) || is_git(text);
        match sources.as_slice() {
            [(_, Some(source))] if !is_remote(source) => {
                found.push(refused(word, "only what comes from the web or from Git has a checksum"));
            }
            [(_, Some(source))] if is_web(source) && !is_git(source) && !is_digest(&checksum) => {
                found.push(refused(
                    word,
                    &format!("`{checksum}` is no digest; expected `sha256:` and 64 hexadecimal digits"),
                ));
            }
            [_] => {}
            _ => found.push(refused(word, "a checksum is for one source; give each an ADD of its own")),
        }
    }
    for (word, text) in sources {
        if !is_add && text.is_some_and(|text| is_web(&text)) {
            found.push(
                refused(word, "COPY takes nothing from an address").help("use ADD, with a `--checksum`"),
            );
        }
    }
}

fn is_web(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn is_git(text: &str) -> bool {
    let path = text.split(['#', '?']).next().unwrap_or_default();
    path.strip_suffix(".git").is_some()
        || ["git://", "ssh://", "git@", "github.com/"].iter().any(|start| text.starts_with(start))
}

/// Octal digits, or what the command chmod takes.
/// Source: tonistiigi/dchapes-mode, `Parse`.
fn is_mode(text: &str) -> bool {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).is_ok_and(|mode| mode <= 0o7777);
    }
    text.split(',').all(|clause| {
        let actions = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        actions.starts_with(['+', '-', '=']) && actions.chars().all(|ch| "+-=rwxXstugo".contains(ch))
    })
}

/// Source: opencontainers/go-digest, digest.go, `Parse`.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, encoded)) = text.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    encoded.len() == length && encoded.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Ports beyond 65535 have a rule of their own.
/// Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert_expose.go, `parsePort`.
fn check_ports(fact: &Fact<'_>, word: &Word<'_>, escape: char, found: &mut Vec<Diagnostic>) {
    if fact.facts.before.expand(&word.text, escape).is_none() {
        return;
    }
    let value = |name: &str| fact.facts.before.value(name).map(str::to_owned);
    for port in words::expand_words(&word.text, escape, &value).unwrap_or_default() {
        let (ports, protocol) =
            port.split_once('/').map_or((port.as_str(), ""), |(ports, name)| (ports, name));
        if !["", "tcp", "udp", "sctp"].contains(&protocol.to_ascii_lowercase().as_str()) {
            let message = format!("`{protocol}` is no protocol; expected `tcp`, `udp` or `sctp`");
            let meant = crate::dockerfile::nearest(protocol, ["tcp", "udp", "sctp"]);
            let diagnostic = refused(word, &message);
            found.push(match meant {
                Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                None => diagnostic,
            });
            continue;
        }
        // What stands before the last colon is an address and a port of the host.
        let container = ports.rsplit(':').next().unwrap_or_default();
        let (start, end) = container.split_once('-').unwrap_or((container, container));
        let is_right = match (number(start), number(end)) {
            (Some(start), Some(end)) => start <= end,
            _ => false,
        };
        if !is_right {
            let message = format!("`{port}` is no port; expected a number, or a range such as `8000-8010`");
            found.push(refused(word, &message));
        }
    }
}

fn number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// What a platform should be, where this is none.
/// Source: containerd/platforms, `Parse`.
fn refused_platform(text: &str) -> Option<&'static str> {
    const FORM: &str = "`system/architecture`, such as `linux/arm64`";
    let parts: Vec<&str> = text.split('/').collect();
    let is_part = |part: &&str| {
        !part.is_empty() && part.chars().all(|ch| ch.is_ascii_alphanumeric() || "_.-()".contains(ch))
    };
    (parts.len() > 3 || !parts.iter().all(is_part)).then_some(FORM)
}
