use crate::bytes::Bytes;
use crate::context::select;
use crate::dockerfile::{Body, Source};
use crate::facts::Fact;
use crate::lint::calls::{commands, is_bare};
use crate::lint::cost::{Files, Waste};
use crate::lint::landings::{Landing, is_archive};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, Word};
use crate::text::TextRange;

declare_rule! {
    /// An archive is copied into the image and unpacked there.
    ///
    /// ## Why it matters
    /// The archive's own layer stays, and every region downloads it beside the files that came out of it. Removing it in
    /// the `RUN` that unpacks it doesn't help. `ADD` unpacks a tar archive on its way in, and `RUN --mount` lends one to
    /// the `RUN` that needs it.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// COPY app.tar.gz /tmp/
    /// RUN tar -xzf /tmp/app.tar.gz -C /opt
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ADD app.tar.gz /opt/
    /// RUN --mount=type=bind,source=data.tar,target=/tmp/data.tar tar -xf /tmp/data.tar -C /srv
    /// ```
    name: "copied-archive",
    aliases: ["DL3010", "DF067"],
    category: Size,
    severity: Info,
    profile: Default,
    fix: None,
}

/// An archive in the image, by the name that it has there.
struct Archive<'a> {
    fact: Fact<'a>,
    name: &'a str,
    range: TextRange,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut archives: Vec<Archive<'_>> = Vec::new();
    let facts: Vec<Fact<'_>> = input.facts.all(input.dockerfile).collect();
    for fact in &facts {
        match &fact.instruction.body {
            Body::Copy(transfer) if fact.instruction.flag("from").is_none() => {
                let named = |text: &str| is_archive(unquoted(text));
                if named(&transfer.destination.text) {
                    let range = transfer.destination.range;
                    let name = basename(&transfer.destination.text);
                    archives.push(Archive { fact: *fact, name, range });
                    continue;
                }
                archives.extend(transfer.sources.iter().filter_map(|source| match source {
                    Source::Path(word) if named(&word.text) => {
                        Some(Archive { fact: *fact, name: basename(&word.text), range: word.range })
                    }
                    _ => None,
                }));
            }
            // What stays in a stage that isn't shipped, nobody downloads. Hadolint looks at the last stage alone.
            Body::Run(_) if fact.facts.stage.is_none() || input.facts.is_shipped(fact) => {
                let run = commands(fact);
                let unpacking: Vec<&Command> = run.into_iter().filter(|command| unpacks(command)).collect();
                archives.retain(|archive| {
                    let stage = archive.fact.facts.stage;
                    let here = stage == fact.facts.stage;
                    let is_last = stage.is_none_or(|stage| stage + 1 == input.graph.stages.len());
                    let named = |word: &&Word| basename(word.shown()) == archive.name;
                    let place = unpacking.iter().find_map(|command| {
                        Some((command.args().iter().find(named)?, is_hadolints(command)))
                    });
                    let Some((place, is_hadolints)) = place.filter(|_| here) else { return true };
                    found.push(
                        Diagnostic::new(
                            &RULE,
                            archive.range,
                            format!("`{}` stays in the image beside what is unpacked from it", archive.name),
                        )
                        .known_as(if is_last && is_hadolints { RULE.aliases } else { &["DF067"] })
                        .label(place.range, "it is unpacked here")
                        .help("unpack it with ADD, or lend it to the RUN with --mount=type=bind")
                        .wastes(input, &archive.fact, &waste(input, archive)),
                    );
                    false
                });
            }
            _ => {}
        }
    }
}

/// The archive, where the context tells how large it is; else the layer that holds it.
fn waste<'a>(input: &Input<'_>, archive: &Archive<'_>) -> Waste<'a> {
    let Some(landing) = Landing::of(input, archive.fact) else { return Waste::PartOfLayer };
    let sources = landing.sources(input);
    let is_alone = landing.transfer.sources.len() == 1;
    let source = sources.iter().find(|source| is_alone || basename(source) == archive.name);
    let files = source.zip(input.listing()).map(|(source, listing)| Files::of(select(listing, source)));
    match (is_alone, files.filter(|files| files.bytes > Bytes(0))) {
        (true, files) => Waste::WholeLayer(files),
        (false, Some(files)) => Waste::Files(files),
        (false, None) => Waste::PartOfLayer,
    }
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

/// The last part of a path, of Windows' kind too.
fn basename(text: &str) -> &str {
    let path = unquoted(text);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Whether the command unpacks the archives that it names.
fn unpacks(command: &Command) -> bool {
    const PROGRAMS: [&str; 9] =
        ["unzip", "gunzip", "bunzip2", "unlzma", "unxz", "zgz", "uncompress", "zcat", "gzcat"];
    match command.name() {
        Some("tar") => {
            let first = command.args().first().map(Word::shown);
            let is_bundled = first.is_some_and(|first| !first.contains(['/', '.']) && first.contains('x'));
            is_bundled || has_extracting_flag(command)
        }
        Some(name) => PROGRAMS.contains(&name),
        None => false,
    }
}

fn has_extracting_flag(command: &Command) -> bool {
    let mut words = command.args().iter().map(Word::shown);
    words.any(|word| matches!(word, "--extract" | "--get") || (word.starts_with('-') && word.contains('x')))
}

/// Whether hadolint sees it: not behind `sudo`, and not `tar xf`, whose letters have no dash.
fn is_hadolints(command: &Command) -> bool {
    is_bare(command) && (command.name() != Some("tar") || has_extracting_flag(command))
}
