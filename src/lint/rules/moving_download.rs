use crate::dockerfile::{Body, Source};
use crate::facts::Fact;
use crate::lint::downloads::Download;
use crate::lint::moving_address::moving;
use crate::lint::piped_scripts::piped_scripts;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, PackageManager, Verb};
use crate::shell::{Command, Word};
use crate::text::TextRange;

declare_rule! {
    /// A download that is another one tomorrow.
    ///
    /// ## Why it matters
    /// `latest`, and the head of a branch, are whatever was published last. The cache keeps the first answer for as
    /// long as it lasts, so the machine that builds, the day and the region decide which version the image has, and a
    /// rollback that builds again brings back something that never ran.
    ///
    /// Looks at the addresses of `ADD`, curl and wget, at `git clone`, and at versions named `latest` of npm's, Go's
    /// and pip's packages. What a shell runs as it comes is `piped-installer`'s.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN curl -fsSLo /usr/local/bin/tool https://github.com/example/tool/releases/latest/download/tool
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// ADD https://github.com/example/tool/archive/main.tar.gz /tmp/
    /// ```
    /// ```dockerfile,bad
    /// FROM golang:1.26
    /// RUN go install example.com/tool@latest
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN git clone https://github.com/example/tool.git && make -C tool
    /// CMD ["tool/tool"]
    /// ```
    /// In an image that starts nothing, such as one to test with, the newest source is often meant:
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// RUN git clone https://github.com/example/tool.git
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// RUN curl -fsSLo /usr/local/bin/tool https://github.com/example/tool/releases/download/v1.2.3/tool
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// RUN git clone https://github.com/example/tool.git && git -C tool checkout 0a6d860cb713
    /// ```
    name: "moving-download",
    aliases: [],
    category: Reproducibility,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        if let Body::Add(transfer) = &fact.instruction.body {
            for source in &transfer.sources {
                let Source::Path(word) = source else { continue };
                let checked = fact.instruction.flag("checksum").is_some();
                if checked || !word.text.contains("://") {
                    continue;
                }
                if let Some((start, end)) = moving(&word.text) {
                    found
                        .push(address(word.place(start..end), word.text.get(start..end).unwrap_or_default()));
                } else if word.text.strip_suffix(".git").is_some() {
                    found.push(
                        Diagnostic::new(
                            &RULE,
                            word.range,
                            "`ADD` takes the head of the repository's default branch",
                        )
                        .help("name a commit behind `#`"),
                    );
                }
            }
            continue;
        }
        if !matches!(fact.instruction.body, Body::Run(_)) {
            continue;
        }
        let piped = fact.facts.script().map(piped_scripts).unwrap_or_default();
        for occurrence in fact.facts.commands() {
            let command = occurrence.command;
            if let Some(download) = Download::of(command) {
                for word in download.addresses {
                    if piped.iter().any(|piped| piped.address.range == word.range) {
                        continue;
                    }
                    let Some((start, end)) = moving(&word.text) else { continue };
                    let exact = input.source.slice(word.range) == word.text;
                    let range = TextRange::from(start..end).shift(word.range.start());
                    let text = word.text.get(start..end).unwrap_or_default();
                    found.push(address(if exact { range } else { word.range }, text));
                }
            }
            clone(input, &fact, command, found);
            package(command, found);
        }
    }
}

fn address(range: TextRange, part: &str) -> Diagnostic {
    Diagnostic::new(&RULE, range, format!("`{part}` in the address is another file tomorrow"))
        .help("name a version or a commit in the address")
}

/// A `git clone` of a default branch that nothing later moves to a commit.
fn clone(input: &Input<'_>, fact: &Fact<'_>, command: &Command, found: &mut Vec<Diagnostic>) {
    let call = command.effective();
    if call.name() != Some("git") || call.subcommand(&["-c", "-C"]) != Some("clone") {
        return;
    }
    let remote =
        |word: &&Word| word.text.contains("://") || word.text.trim_start_matches('"').starts_with("git@");
    let Some(word) = call.args().iter().find(remote) else { return };
    let text = input.source.text();
    let behind = text.get(command.range.end()..).unwrap_or_default();
    let settles =
        ["checkout", "reset --hard", "git switch", "--revision"].iter().any(|sign| behind.contains(sign));
    let chosen = call.has_flag(&["-b", "--branch", "--revision", "--mirror", "--bare"]);
    if settles || chosen || input.source.slice(fact.instruction.range).contains(" fetch ") {
        return;
    }
    // What starts nothing is there to build or test with, often the newest on purpose.
    if input.facts.target().is_none_or(|target| target.end.cmd.or(target.end.entrypoint).is_none()) {
        return;
    }
    found.push(
        Diagnostic::new(
            &RULE,
            word.range,
            "`git clone` takes the head of the default branch on the day of the build",
        )
        .help("name a tag with `--branch`, or check a commit out"),
    );
}

/// A package whose version is named `latest`, or that comes from the head of a repository.
fn package(command: &Command, found: &mut Vec<Diagnostic>) {
    let Some(action) = packages::read(command).filter(|action| action.verb == Verb::Install) else { return };
    for word in &action.packages {
        let shown = word.shown();
        let version = shown.rsplit_once('@').map(|(_, version)| version);
        let moves = match action.manager {
            PackageManager::Npm | PackageManager::Yarn | PackageManager::Pnpm | PackageManager::Bun => {
                matches!(version, Some("latest" | "next" | "canary"))
            }
            PackageManager::Go => matches!(version, Some("latest" | "master" | "main")),
            PackageManager::Pip => shown.split_once("git+").is_some_and(|(_, address)| {
                let path = address.split_once("://").map_or(address, |(_, path)| path);
                let path = path.split_once('/').map_or("", |(_, path)| path);
                !path.contains('@') && !address.contains('$')
            }),
            _ => false,
        };
        if moves {
            found.push(
                Diagnostic::new(
                    &RULE,
                    word.range,
                    format!("`{}` is another version tomorrow", shown_without_user(shown)),
                )
                .help("name a version"),
            );
        }
    }
}

/// The name without user and password of an address in it.
fn shown_without_user(shown: &str) -> String {
    match (shown.split_once("://"), shown.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, behind))) => format!("{scheme}://{behind}"),
        _ => shown.to_owned(),
    }
}
