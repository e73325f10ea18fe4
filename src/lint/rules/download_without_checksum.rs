use crate::lint::downloads::{Download, holds_check, host};
use crate::lint::moving_address::moving;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, Word};

declare_rule! {
    /// A download is used without a look at what came.
    ///
    /// ## Why it matters
    /// A file that was replaced at its source, or a proxy's error page, is unpacked or made executable all the same.
    /// The address names a version, but nothing says that two regions that build on different days get the same bytes.
    ///
    /// Reported where a `RUN` fetches a file by name and unpacks, installs or runs it, or pipes a download into `tar`,
    /// and neither it nor another `RUN` of the stage checks a digest or a signature. Where the address itself moves, it is
    /// `moving-download`'s.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN curl -fsSLo /usr/local/bin/tool https://example.com/tool-1.2.3 && chmod +x /usr/local/bin/tool
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN wget -qO- https://example.com/tool-1.2.3.tar.gz | tar -xz -C /opt
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// RUN curl -fsSLo /tmp/tool.tar.gz https://example.com/tool-1.2.3.tar.gz \
    ///     && echo "3b7732505933ca591ce4a6d860cb713ad96a3176b82f7979a8dfa9973486a0d6  /tmp/tool.tar.gz" | sha256sum -c - \
    ///     && tar -xzf /tmp/tool.tar.gz -C /opt
    /// ```
    /// ```dockerfile,good
    /// # syntax=docker/dockerfile:1
    /// FROM debian:13-slim
    /// ADD --checksum=sha256:3b7732505933ca591ce4a6d860cb713ad96a3176b82f7979a8dfa9973486a0d6 \
    ///     https://example.com/tool-1.2.3.tar.gz /tmp/
    /// ```
    name: "download-without-checksum",
    aliases: [],
    category: Reproducibility,
    severity: Info,
    profile: All,
    fix: None,
}

/// Programs that unpack, install or run what they are given.
const USES: &[&str] = &[
    "tar", "bsdtar", "unzip", "7z", "gunzip", "gzip", "bunzip2", "unxz", "xz", "dpkg", "apt", "apt-get",
    "rpm", "dnf", "yum", "microdnf", "apk", "chmod", "install", "sh", "bash", "python", "python3", "php",
    "perl", "java", "ruby",
];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let facts = input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact));
    for run in facts.filter_map(|fact| RunScript::of(input, fact)) {
        let stage = run.fact.facts.stage.unwrap_or_default();
        let texts = input.facts.of_stage(input.dockerfile, stage);
        // The check may be in another instruction, or in a script that the file does not show the call of.
        let checked = texts.iter().any(|fact| {
            let text = input.source.slice(fact.instruction.range);
            holds_check(text)
        });
        if checked || !run.script.understood {
            continue;
        }
        let commands = run.script.commands();
        for (at, occurrence) in commands.iter().enumerate() {
            let Some(download) = Download::of(occurrence.command) else { continue };
            let [address] = download.addresses.as_slice() else { continue };
            if moving(&address.text).is_some() {
                continue;
            }
            let behind = commands.get(at + 1..).unwrap_or_default();
            let user = if download.to_stdout {
                // In a pipe the commands follow one another.
                behind
                    .first()
                    .filter(|next| !next.top_level && unpacks(next.command))
                    .map(|next| next.command)
            } else {
                let Some(file) = written(&download, address) else { continue };
                behind.iter().map(|next| next.command).find(|next| uses(next, &file))
            };
            let Some(name) = user.and_then(|user| user.effective().words().first()) else { continue };
            found.push(
                Diagnostic::new(
                    &RULE,
                    address.range,
                    format!("what {} answers is {} unchecked", host(address), fate(name.shown())),
                )
                .help("check it with `sha256sum -c` before it is used, or fetch it with `ADD --checksum`")
                .label(name.range, "used here"),
            );
        }
    }
}

/// What the program does with a file.
fn fate(program: &str) -> &'static str {
    match program.rsplit('/').next().unwrap_or(program) {
        "chmod" => "made executable",
        "dpkg" | "apt" | "apt-get" | "rpm" | "dnf" | "yum" | "microdnf" | "apk" | "install" => "installed",
        "tar" | "bsdtar" | "unzip" | "7z" | "gunzip" | "gzip" | "bunzip2" | "unxz" | "xz" | "cpio" => {
            "unpacked"
        }
        _ => "run",
    }
}

/// The name of the file that the download writes, without its folder.
fn written(download: &Download<'_>, address: &Word) -> Option<String> {
    let word = download.output.map_or(address.text.as_str(), |word| word.text.as_str());
    let name = word.trim_matches(['"', '\'']).split(['?', '#']).next()?.rsplit('/').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whether the command unpacks its standard input.
fn unpacks(command: &Command) -> bool {
    let name = command.name().unwrap_or_default();
    matches!(name, "tar" | "bsdtar" | "gunzip" | "gzip" | "unxz" | "xz" | "bunzip2" | "cpio")
}

/// Whether the command unpacks, installs or runs the file of that name.
fn uses(command: &Command, file: &str) -> bool {
    let call = command.effective();
    let names = |word: &Word| {
        word.text.trim_matches(['"', '\'']).rsplit(['/', '=']).next().is_some_and(|name| name == file)
    };
    let runs = call.words().first().is_some_and(|word| names(word) && word.text.contains('/'));
    runs || (call.name().is_some_and(|name| USES.contains(&name)) && call.args().iter().any(names))
}
