use crate::bytes::Bytes;
use crate::context::select;
use crate::dockerfile::{Body, Keyword};
use crate::facts::Fact;
use crate::lint::cost::{Files, Waste};
use crate::lint::landings::{Landing, is_everything, is_within};
use crate::lint::{Diagnostic, Input, Severity, declare_rule};
use crate::shell::packages::{self, PackageManager, Verb};
use crate::shell::{
    Command, EffectKind, Extent, Occurrence, RedirectOperator, RedirectTarget, Removal, Script, Word,
    removals,
};
use crate::text::TextRange;

declare_rule! {
    /// Something is deleted in a later layer than it came in.
    ///
    /// ## Why it matters
    /// A layer holds what changed, and a deletion is one more entry in it: the bytes stay in the layer below, and every
    /// region downloads and extracts them before it hides them. What is not wanted in the image has to go in the
    /// instruction that brings it, or never to come.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// COPY app.deb /tmp/
    /// RUN dpkg -i /tmp/app.deb
    /// RUN rm /tmp/app.deb
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN curl -fsSLo /tmp/tool.tgz https://example.org/tool.tgz
    /// RUN tar -xf /tmp/tool.tgz -C /opt && rm -rf /tmp/*
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y curl
    /// RUN rm -rf /var/lib/apt/lists/*
    /// ```
    /// A part of what was copied is reported where the build context is known to have it.
    /// ```context
    /// app/main.py 4096
    /// app/tests/fixture.bin 52428800
    /// ```
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// COPY . /srv
    /// RUN rm -rf /srv/app/tests
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN curl -fsSLo /tmp/tool.tgz https://example.org/tool.tgz \
    ///     && tar -xf /tmp/tool.tgz -C /opt \
    ///     && rm /tmp/tool.tgz
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN --mount=type=bind,source=app.deb,target=/tmp/app.deb dpkg -i /tmp/app.deb
    /// ```
    /// A script or another file of a page or two is an `info`, not a warning. In a stage that is not shipped nothing is
    /// lost.
    /// ```dockerfile,good
    /// FROM debian:trixie-slim AS build
    /// COPY . /src
    /// RUN make -C /src install && rm -rf /src
    /// FROM debian:trixie-slim
    /// COPY --from=build /usr/local /usr/local
    /// ```
    name: "deleted-in-later-layer",
    aliases: [],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// What is too little to be warned of.
const SLIGHT: Bytes = Bytes(100_000);

/// Where apt keeps its lists.
const APT_LISTS: &str = "/var/lib/apt/lists";

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut below: Vec<Provision> = Vec::new();
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_shipped(fact)) {
        if let Some(script) = fact.facts.script() {
            for occurrence in script.commands().into_iter().filter(Occurrence::is_certain) {
                for removal in removals(occurrence.command) {
                    report(input, &fact, script, &removal, &below, found);
                }
            }
        }
        below.extend(provisions(input, &fact));
    }
}

fn report(
    input: &Input<'_>,
    fact: &Fact<'_>,
    script: &Script,
    removal: &Removal<'_>,
    below: &[Provision],
    found: &mut Vec<Diagnostic>,
) {
    let Some(gone) = Gone::of(input, fact, script, removal) else { return };
    // What the same RUN has brought anew is its own to delete.
    let is_own = provided_by_run(input, fact, script)
        .iter()
        .any(|own| own.range < removal.path.range && gone.takes(input, own).is_some());
    let is_mounted = fact.facts.mounts.iter().any(|mount| mount.covers(&gone.folder));
    let hits: Vec<(&Provision, Taken)> =
        below.iter().filter_map(|provision| Some((provision, gone.takes(input, provision)?))).collect();
    if is_own || is_mounted || hits.is_empty() {
        return;
    }
    let by_copy = hits.iter().any(|(provision, _)| provision.origin.is_some());
    let mut diagnostic = Diagnostic::new(
        &RULE,
        removal.path.range,
        format!("`{}` stays in the layer it came with: deleting it here frees nothing", removal.path.shown()),
    )
    .help(if by_copy {
        "use it from `RUN --mount=type=bind` instead of copying it, or keep it out with .dockerignore"
    } else {
        "delete it in the RUN that brings it"
    });
    let mut places: Vec<TextRange> = hits.iter().map(|(provision, _)| provision.range).collect();
    places.dedup();
    for place in places {
        diagnostic = diagnostic.label(place, "it comes with this layer");
    }
    let files: Option<Files> = hits.iter().map(|(_, taken)| taken.files).sum();
    let is_slight = match files {
        Some(files) => files.bytes < SLIGHT,
        None => hits.iter().all(|(provision, _)| provision.origin.as_deref().is_some_and(is_script)),
    };
    if is_slight {
        diagnostic.severity = Severity::Info;
    }
    found.push(
        match (files, hits.first().and_then(|(first, _)| input.facts.get(input.dockerfile, first.at))) {
            (Some(files), Some(brings)) if files.bytes > Bytes(0) => {
                diagnostic.wastes(input, &brings, &Waste::Files(files))
            }
            (None, Some(brings)) if hits.iter().any(|(provision, _)| provision.path == APT_LISTS) => {
                diagnostic.wastes(input, &brings, &Waste::PackageLists)
            }
            (None, Some(brings)) => diagnostic.wastes(input, &brings, &Waste::PartOfLayer),
            _ => diagnostic,
        },
    );
}

/// Whether a file of that name holds no more than a page or two.
fn is_script(source: &str) -> bool {
    let extension = source.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
    ["sh", "bash", "txt", "env", "list", "yml", "yaml", "toml", "ini", "cfg", "conf", "patch"]
        .contains(&extension)
}

/// What a removal takes of a provision.
struct Taken {
    /// How much, where the build context tells.
    files: Option<Files>,
}

/// What a removal names.
struct Gone {
    /// The path, or the folder of the names that are matched.
    folder: String,
    /// The pattern of names in the folder, where it is one.
    names: Option<String>,
    extent: Extent,
}

impl Gone {
    fn of(input: &Input<'_>, fact: &Fact<'_>, script: &Script, removal: &Removal<'_>) -> Option<Self> {
        let path = absolute(input, fact, script, removal.path)?;
        let (folder, name) = path.rsplit_once('/')?;
        let is_pattern = |text: &str| text.contains(['*', '?', '[']);
        if is_pattern(folder) || removal.extent == Extent::Matching {
            return None;
        }
        let names = is_pattern(name).then(|| name.to_owned());
        let folder = if names.is_some() { folder.to_owned() } else { path.clone() };
        let is_all = folder.is_empty() || folder == "/";
        (!is_all).then_some(Self { folder, names, extent: removal.extent })
    }

    /// Whether the removal takes what was provided, and how much of it where that is known.
    fn takes(&self, input: &Input<'_>, provision: &Provision) -> Option<Taken> {
        let (folder, name) = provision.path.rsplit_once('/')?;
        let is_tree = self.extent == Extent::Tree;
        let whole = match &self.names {
            Some(names) if is_tree && is_within(folder, &self.folder) && folder != self.folder => {
                names == "*"
            }
            Some(names) => {
                folder == self.folder && (fits(names, name) || names == name) || {
                    provision.is_folder && is_tree && provision.path == self.folder && names == "*"
                }
            }
            None if is_tree => is_within(&provision.path, &self.folder),
            None => provision.path == self.folder && !provision.is_folder,
        };
        let Some(source) = &provision.origin else { return whole.then_some(Taken { files: None }) };
        if whole {
            let listing = input.listing().filter(|_| provision.from_context);
            return Some(Taken { files: listing.map(|listing| Files::of(select(listing, source))) });
        }
        // A part of a folder that was copied: only the context tells whether it is there.
        let listing = input.listing().filter(|_| provision.is_folder && provision.from_context)?;
        let rest = self.folder.strip_prefix(provision.path.as_str())?.strip_prefix('/')?;
        let names = self.names.as_ref().map(|names| format!("/{names}")).unwrap_or_default();
        let root = if is_everything(source) { "" } else { source.trim_matches('/') };
        let entries = select(listing, &format!("{root}/{rest}{names}"));
        (!entries.is_empty()).then(|| Taken { files: Some(Files::of(entries)) })
    }
}

/// Whether a name fits a pattern of `*` and `?`.
fn fits(pattern: &str, name: &str) -> bool {
    // What stands between two stars is best taken where it comes first, so nothing has to be tried twice.
    let Some((head, rest)) = pattern.split_once('*') else {
        return name.chars().count() == pattern.chars().count() && after(pattern, name).is_some();
    };
    let Some(mut name) = after(head, name) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let mut starts = name.char_indices().map(|(at, _)| at).chain([name.len()]);
        let Some(behind) = starts.find_map(|at| after(part, name.get(at..)?)) else { return false };
        name = behind;
    }
    let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    ends.filter_map(|at| after(tail, name.get(at..)?)).any(str::is_empty)
}

/// What stands in `name` behind a beginning that `pattern`, which has no star, fits.
fn after<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    let mut rest = name.chars();
    for wanted in pattern.chars() {
        rest.next().filter(|own| wanted == '?' || *own == wanted)?;
    }
    Some(rest.as_str())
}

/// Something that an instruction has put into its layer.
struct Provision {
    /// Where it is: absolute.
    path: String,
    /// Whether it is a folder with what is in it.
    is_folder: bool,
    /// The instruction that brings it, by its index, and the place in the file.
    at: usize,
    range: TextRange,
    /// The source of the `COPY` or `ADD` that brings it.
    origin: Option<String>,
    /// Whether that source is in the build context.
    from_context: bool,
}

fn provisions(input: &Input<'_>, fact: &Fact<'_>) -> Vec<Provision> {
    match (&fact.instruction.body, fact.facts.script()) {
        (Body::Copy(_) | Body::Add(_), _) => provided_by_copy(input, fact),
        (Body::Run(_), Some(script)) => {
            let mut provided = provided_by_run(input, fact, script);
            provided.retain(|provision| !is_gone_at_once(input, fact, script, provision));
            provided
        }
        _ => Vec::new(),
    }
}

fn provided_by_copy(input: &Input<'_>, fact: &Fact<'_>) -> Vec<Provision> {
    let Some(landing) = Landing::of(input, *fact) else { return Vec::new() };
    let Some(destination) = &landing.destination else { return Vec::new() };
    let is_add = fact.instruction.keyword == Some(Keyword::Add);
    let sources = landing.sources(input).into_iter();
    sources
        .filter(|source| !(is_add && is_unpacked(source)))
        .map(|source| {
            let entry = input
                .listing()
                .and_then(|context| context.get(source.trim_start_matches("./").trim_matches('/')));
            let is_known_folder = entry.is_some_and(|entry| entry.kind == crate::context::Kind::Directory);
            let is_folder = is_everything(&source) || source.ends_with('/') || is_known_folder;
            let name = source.rsplit('/').next().unwrap_or_default();
            let path = if landing.is_folder && !is_folder {
                format!("{}/{name}", destination.trim_end_matches('/'))
            } else {
                destination.clone()
            };
            Provision {
                path,
                is_folder,
                at: fact.index,
                range: fact.instruction.range,
                from_context: landing.from_context && !source.contains("://"),
                origin: Some(source),
            }
        })
        .collect()
}

/// Whether `ADD` unpacks it, so that it is not where it would land.
fn is_unpacked(source: &str) -> bool {
    const ARCHIVES: [&str; 9] =
        [".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"];
    !source.contains("://") && ARCHIVES.iter().any(|suffix| source.ends_with(suffix))
}

/// The files that a script's commands say they write, and the lists that package managers fetch.
fn provided_by_run(input: &Input<'_>, fact: &Fact<'_>, script: &Script) -> Vec<Provision> {
    let mut provided = Vec::new();
    let one = |path: String, is_folder, range| Provision {
        path,
        is_folder,
        at: fact.index,
        range,
        origin: None,
        from_context: false,
    };
    for occurrence in script.commands() {
        let command = occurrence.command;
        if let Some(list) = package_list(command) {
            provided.push(one(list.to_owned(), true, command.range));
        }
        for word in downloads(command).into_iter().chain(written(command)) {
            if let Some(path) = absolute(input, fact, script, word) {
                provided.push(one(path, false, command.range));
            }
        }
        if let Some(name) = remote_name(command).filter(|_| !moves(script)) {
            let workdir = fact.facts.before.workdir.known();
            provided.extend(
                workdir.map(|folder| {
                    one(format!("{}/{name}", folder.trim_end_matches('/')), false, command.range)
                }),
            );
        }
    }
    provided.retain(|provision| {
        let is_device = ["/dev", "/proc", "/sys"].iter().any(|folder| is_within(&provision.path, folder));
        !is_device && !fact.facts.mounts.iter().any(|mount| mount.covers(&provision.path))
    });
    provided
}

/// Where a package manager leaves what it fetches, where the command makes it do so.
fn package_list(command: &Command) -> Option<&'static str> {
    let action = packages::read(command)?;
    match (action.manager, action.verb) {
        (PackageManager::Apt, Verb::Update) => Some(APT_LISTS),
        (PackageManager::Apk, Verb::Update) => Some("/var/cache/apk"),
        (PackageManager::Dnf, Verb::Install | Verb::Upgrade) => Some("/var/cache/dnf"),
        (PackageManager::Yum, Verb::Install | Verb::Upgrade) => Some("/var/cache/yum"),
        _ => None,
    }
}

/// The files that a download is told to write to.
fn downloads(command: &Command) -> Vec<&Word> {
    let call = command.effective();
    let (letter, long) = match call.name() {
        Some("curl") => ('o', "--output"),
        Some("wget") => ('O', "--output-document"),
        _ => return Vec::new(),
    };
    // `-o path`, and `-fsSLo path`
    let takes_next = |word: &Word| {
        let shown = word.shown();
        shown == long || (shown.starts_with('-') && !shown.starts_with("--") && shown.ends_with(letter))
    };
    let pairs = call.args().windows(2).filter_map(|pair| match pair {
        [flag, path] if takes_next(flag) && path.text != "-" => Some(path),
        _ => None,
    });
    pairs.collect()
}

/// The file that a download names for its address.
fn remote_name(command: &Command) -> Option<String> {
    let call = command.effective();
    let saves = match call.name()? {
        "curl" => call.has_flag(&["-O", "--remote-name"]) && !call.has_flag(&["-o", "--output", "-J"]),
        "wget" => !call.has_flag(&[
            "-O",
            "--output-document",
            "-P",
            "--directory-prefix",
            "-i",
            "--content-disposition",
        ]),
        _ => false,
    };
    let address =
        call.args().iter().filter(|_| saves).find(|word| word.shown().contains("://"))?.value.as_deref()?;
    let name = address.split(['?', '#']).next()?.rsplit('/').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// The files that a command's output goes to.
fn written(command: &Command) -> Vec<&Word> {
    let writes = command
        .redirects
        .iter()
        .filter(|redirect| matches!(redirect.operator, RedirectOperator::Write | RedirectOperator::Clobber));
    writes
        .filter_map(|redirect| match &redirect.target {
            RedirectTarget::Word(word) => Some(word),
            _ => None,
        })
        .collect()
}

/// Whether the script itself deletes it again, moves it away or cleans up after its package manager.
fn is_gone_at_once(input: &Input<'_>, fact: &Fact<'_>, script: &Script, provision: &Provision) -> bool {
    let commands = script.commands();
    let behind = commands.iter().filter(|occurrence| occurrence.command.range > provision.range);
    behind.into_iter().any(|occurrence| {
        let command = occurrence.command;
        let removed = removals(command).iter().any(|removal| {
            removal.extent == Extent::Matching
                || absolute(input, fact, script, removal.path).is_none()
                || Gone::of(input, fact, script, removal)
                    .is_some_and(|gone| gone.takes(input, provision).is_some())
        });
        let moved = command.name() == Some("mv")
            && command.args().iter().any(|word| {
                absolute(input, fact, script, word).is_none_or(|path| is_within(&provision.path, &path))
            });
        let cleaned = packages::read(command).is_some_and(|action| action.verb == Verb::Clean);
        removed || moved || (cleaned && provision.is_folder)
    })
}

/// The absolute path that a word of the script means. Nothing where a `cd` or the script's own variables decide.
fn absolute(input: &Input<'_>, fact: &Fact<'_>, script: &Script, word: &Word) -> Option<String> {
    let is_relative = !word.text.trim_start_matches(['"', '\'']).starts_with(['/', '$']);
    let changes = |name: &String| {
        script
            .effects()
            .iter()
            .any(|effect| matches!(&effect.kind, EffectKind::Variables(names) if names.contains(name)))
    };
    if (is_relative && moves(script)) || word.text.starts_with('~') || !word.substitutions.is_empty() {
        return None;
    }
    if word.variables.iter().any(changes) {
        return None;
    }
    fact.facts.before.path(&word.text, input.dockerfile.escape)
}

fn moves(script: &Script) -> bool {
    script.effects().iter().any(|effect| matches!(effect.kind, EffectKind::Directory | EffectKind::Unknown))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_characters_and_a_question_mark_for_one() {
        for (pattern, name) in
            [("*", ""), ("*.deb", "a.deb"), ("a*c*e", "abcde"), ("?b", "ab"), ("*a*", "bab"), ("a", "a")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.deb", "a.rpm"), ("a*c", "ab"), ("?", ""), ("a", "ab"), ("a*a", "a")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
        assert!(!fits(&"a*".repeat(40), &"ab".repeat(39)));
    }
}
