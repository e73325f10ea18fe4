use crate::dockerfile::Body;
use crate::lint::cost::Waste;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Effect, Input, Safety, declare_rule};
use crate::shell::{Command, EffectKind, Extent, RedirectOperator, RedirectTarget, Word, removals};
use crate::text::{EditSet, TextRange};

declare_rule! {
    /// A downloaded archive stays in the layer behind what was unpacked from it.
    ///
    /// ## Why it matters
    /// The archive holds again what has just been unpacked, in a form that no layer's compression makes smaller. Every
    /// region pulls it, and removing it in a later `RUN` does not change that.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// WORKDIR /opt
    /// RUN curl -fsSLO https://example.org/tool-1.2.tar.gz && tar -xzf tool-1.2.tar.gz
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// WORKDIR /opt
    /// RUN curl -fsSLO https://example.org/tool-1.2.tar.gz && tar -xzf tool-1.2.tar.gz && rm tool-1.2.tar.gz
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN wget -O /tmp/tool.deb https://example.org/tool.deb \
    ///  && dpkg -i /tmp/tool.deb
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN wget -O /tmp/tool.deb https://example.org/tool.deb \
    ///  && dpkg -i /tmp/tool.deb \
    ///  && rm /tmp/tool.deb
    /// ```
    /// What is unpacked as it comes was never there:
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN curl -fsSL https://example.org/tool-1.2.tar.gz | tar -xzC /opt
    /// ```
    ///
    /// ## Fix safety
    /// Safe: offered only where no later instruction names the archive.
    name: "archive-left",
    aliases: [],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

/// An archive that a script downloads.
struct Download<'a> {
    /// Where its name stands.
    range: TextRange,
    /// The path as the script writes it, variables and all.
    path: String,
    /// The folder that an earlier `cd` of the script went to.
    folder: Option<&'a str>,
    /// Its place among the script's commands.
    at: usize,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for run in RunScript::shipped(input) {
        if !run.script.understood {
            continue;
        }
        for download in downloads(&run) {
            let commands = run.script.commands();
            let behind = commands.get(download.at + 1..).unwrap_or_default();
            let unpacked = behind.iter().rposition(|later| unpacks(later.command, &download.path));
            if unpacked.is_none() || behind.iter().any(|later| takes_away(later.command, &download)) {
                continue;
            }
            if run
                .fact
                .facts
                .mounts
                .iter()
                .any(|mount| is_in_mount(&run, &download, |path| mount.covers(path)))
            {
                continue;
            }
            let name = file_name(&download.path);
            let mut diagnostic = Diagnostic::new(
                &RULE,
                download.range,
                format!("`{name}` stays in the layer behind what was unpacked from it"),
            )
            .help(if name.contains(".tar") || name.contains(".t") {
                "remove it in the same RUN, or pipe the download into what unpacks it"
            } else {
                "remove it in the same RUN"
            })
            .wastes(input, &run.fact, &Waste::PartOfLayer);
            let is_named_later =
                run.later(input).iter().any(|fact| input.source.slice(fact.instruction.range).contains(name));
            if !is_named_later && !is_copied_from(input, &run) {
                diagnostic = diagnostic
                    .fix(Safety::Safe, format!("remove `{name}`"), removal(&run, &download))
                    .effects([Effect::Removes(download.path.clone())]);
            }
            found.push(diagnostic);
        }
    }
}

/// The archives that `curl` and `wget` write.
fn downloads<'a>(run: &RunScript<'a>) -> Vec<Download<'a>> {
    let mut folder = None;
    let mut found = Vec::new();
    for (at, occurrence) in run.script.commands().into_iter().enumerate() {
        let command = occurrence.command;
        match command.name() {
            Some("cd" | "pushd") => folder = command.args().first().map(|word| word.text.as_str()),
            Some("curl" | "wget") => {
                if let Some((word, path)) = written(command).filter(|(_, path)| is_archive(path)) {
                    found.push(Download { range: word.range, path, folder, at });
                }
            }
            _ => {}
        }
    }
    found
}

/// The word that names the file that a download writes, and the file's path.
fn written(command: &Command) -> Option<(&Word, String)> {
    let into = command.redirects.iter().find_map(|redirect| match (&redirect.operator, &redirect.target) {
        (RedirectOperator::Write | RedirectOperator::Clobber, RedirectTarget::Word(word))
            if redirect.descriptor.unwrap_or(1) == 1 =>
        {
            Some(word)
        }
        _ => None,
    });
    if let Some(word) = into {
        return Some((word, unquoted(word)));
    }
    let (short, long) = match command.name()? {
        "curl" => ('o', "--output"),
        _ => ('O', "--output-document"),
    };
    let args = command.args();
    let takes_next = |word: &Word| {
        let text = word.shown();
        let cluster = text.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
        text == long || cluster.is_some_and(|letters| letters.ends_with(short) && letters.len() <= 8)
    };
    let given = args.windows(2).find_map(|pair| match pair {
        [flag, file] if takes_next(flag) => Some((file, unquoted(file))),
        _ => None,
    });
    let attached = || {
        args.iter().find_map(|word| {
            let file = word.text.strip_prefix(long)?.strip_prefix('=')?;
            Some((word, file.replace(['"', '\''], "")))
        })
    };
    if let Some(found) = given.or_else(attached) {
        return Some(found);
    }
    let invocation = command.effective();
    let by_name = match command.name()? {
        "curl" => invocation.has_flag(&["-O", "--remote-name", "--remote-name-all"]),
        _ => !invocation.has_flag(&["-P", "--directory-prefix", "-i", "--input-file"]),
    };
    let address = args.iter().rev().find(|word| word.text.contains("://")).filter(|_| by_name)?;
    let text = unquoted(address);
    let path = text.split(['?', '#']).next().unwrap_or(&text);
    Some((address, file_name(path).to_owned()))
}

fn unquoted(word: &Word) -> String {
    word.value.clone().unwrap_or_else(|| word.text.replace(['"', '\''], ""))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_archive(path: &str) -> bool {
    let endings = [
        ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar.zst", ".zip", ".deb", ".rpm",
    ];
    endings.iter().any(|ending| path.ends_with(ending)) && !path.contains("$(") && !path.contains('`')
}

/// Whether the command unpacks or installs the archive, and leaves it where it is.
fn unpacks(command: &Command, path: &str) -> bool {
    let unpacker = matches!(
        command.name(),
        Some(
            "tar" | "bsdtar" | "unzip" | "7z" | "dpkg" | "rpm" | "apt" | "apt-get" | "gdebi" | "dnf" | "yum"
        )
    );
    unpacker && command.args().iter().any(|word| stands_for(word, path) || unquoted(word).ends_with(path))
}

/// Whether the word is the path, or a pattern that matches its name.
fn stands_for(word: &Word, path: &str) -> bool {
    let text = unquoted(word);
    let text = text.strip_prefix("./").unwrap_or(&text);
    let path = path.strip_prefix("./").unwrap_or(path);
    if text == path || (!text.contains('/') && text == file_name(path)) || text.ends_with(&format!("/{path}"))
    {
        return true;
    }
    let (true, Some((head, _)), Some((_, tail))) =
        (word.pattern, text.split_once('*'), text.rsplit_once('*'))
    else {
        return false;
    };
    let name = file_name(path);
    [path, name].iter().any(|path| path.starts_with(head) && path.ends_with(tail))
}

/// Whether the command removes or moves the archive, or may do so.
fn takes_away(command: &Command, download: &Download<'_>) -> bool {
    let path = &download.path;
    let full = format!("{}/{path}", download.folder.unwrap_or_default());
    let removed = removals(command).iter().any(|removal| {
        let text = unquoted(removal.path);
        let folder = text.trim_end_matches(['/', '*', '.']);
        let holds = removal.extent != Extent::File
            && (folder.is_empty() || full.split('/').any(|part| part == file_name(folder)));
        // A variable may hold the path, or a folder around it.
        let unknown = !removal.path.variables.is_empty() && !is_archive(&text);
        stands_for(removal.path, path) || holds || unknown
    });
    let is_cleaner = command.name().is_some_and(|name| name.contains("clean"));
    let moved = matches!(command.name(), Some("mv" | "install" | "shred" | "cp"))
        && command.args().iter().any(|word| stands_for(word, path));
    removed || moved || is_cleaner
}

/// Whether the archive lies where a mount does.
fn is_in_mount(run: &RunScript<'_>, download: &Download<'_>, covers: impl Fn(&str) -> bool) -> bool {
    let folder = download.folder.or(run.fact.facts.before.workdir.known()).unwrap_or_default();
    covers(&download.path) || covers(&format!("{folder}/{}", download.path))
}

/// Whether another stage takes files out of this one, the archive perhaps.
fn is_copied_from(input: &Input<'_>, run: &RunScript<'_>) -> bool {
    let stage = run.fact.facts.stage;
    let name = stage.and_then(|stage| input.graph.stages.get(stage)?.name.as_deref());
    input.facts.all(input.dockerfile).filter(|fact| fact.facts.stage != stage).any(|fact| {
        let from = fact.instruction.flag_value("from").map(|value| &*value.text);
        matches!(fact.instruction.body, Body::Copy(_)) && from.is_some() && from == name
    })
}

fn removal(run: &RunScript<'_>, download: &Download<'_>) -> Option<EditSet> {
    let path = &download.path;
    // A path that is not absolute means the same only where the shell has stayed in its folder.
    let moves =
        run.script.effects().iter().any(|effect| {
            effect.kind == EffectKind::Directory && effect.range.start() > download.range.start()
        });
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    let commands = run.script.commands();
    let occurrence = commands.get(download.at)?;
    if (moves && !path.starts_with('/'))
        || !path.chars().all(plain)
        || !occurrence.is_certain()
        || occurrence.detached
    {
        return None;
    }
    let sudo = if occurrence.command.invocation().name() == Some("sudo") { "sudo " } else { "" };
    EditSet::try_from(vec![run.append(&format!("{sudo}rm {path}"))?]).ok()
}
