use crate::bytes::Bytes;
use crate::context::select;
use crate::dockerfile::Body;
use crate::facts::Fact;
use crate::graph::Base;
use crate::lint::cost::{Files, Waste};
use crate::lint::landings::{Landing, is_within};
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::{Command, EffectKind, Occurrence, Word};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// A recursive `chown` or `chmod` of files that a lower layer holds.
    ///
    /// ## Why it matters
    /// A layer can't change a file's owner or mode without holding the whole file again. `RUN chown -R` over what a
    /// `COPY` brought stores and ships every byte of it twice. `COPY --chown` and `COPY --chmod` set both on the way in
    /// and cost nothing.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// COPY dist /app
    /// RUN chown -R node /app
    /// USER node
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// COPY --chown=node:0 dist /app
    /// USER node
    /// ```
    /// `WORKDIR` makes a folder that belongs to root; the command stays for that one, and no longer for its files.
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// RUN useradd --uid 10001 app
    /// WORKDIR /app
    /// COPY . .
    /// RUN chown -R app:app /app
    /// USER app
    /// ```
    /// ```dockerfile,fixed
    /// FROM python:3.14-slim
    /// RUN useradd --uid 10001 app
    /// WORKDIR /app
    /// COPY --chown=app:app . .
    /// RUN chown app:app /app
    /// USER app
    /// ```
    /// What else the command does or covers keeps it from being fixed.
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// COPY . .
    /// RUN chmod -R g+w /app && mkdir /data
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// COPY --chown=10001:0 app /app
    /// RUN mkdir -p /data && chown -R 10001 /data
    /// ```
    ///
    /// ## Fix safety
    /// Safe where the base is an official image and the path one that none of them has (`/app`, `/opt/shop`), so that
    /// the command covers what the `COPY`s bring and nothing else. Elsewhere unsafe: files of the base below that path
    /// keep their owner. No fix where the command is not its `RUN`'s only one, where a `RUN` may have written below the
    /// path or stands between, for symbolic modes, and where a `COPY` has such a flag already.
    name: "recursive-ownership-layer",
    aliases: ["tally/prefer-copy-chmod"],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let chain: Vec<Fact<'_>> =
        input.facts.all(input.dockerfile).filter(|fact| input.facts.is_shipped(fact)).collect();
    for (at, fact) in chain.iter().enumerate() {
        let (Body::Run(_), Some(script)) = (&fact.instruction.body, fact.facts.script()) else { continue };
        let moved = script.effects().into_iter().find(|effect| effect.kind == EffectKind::Directory);
        let below = chain.get(..at).unwrap_or_default();
        for occurrence in script.commands().into_iter().filter(Occurrence::is_certain) {
            let Some(order) = Order::of(occurrence.command) else { continue };
            // Behind a `cd`, a relative path means another one.
            let is_moved = moved.as_ref().is_some_and(|moved| moved.range < occurrence.command.range);
            let paths: Vec<String> = order
                .paths
                .iter()
                .filter(|path| !is_moved || path.text.starts_with('/'))
                .filter_map(|path| absolute(input, fact, path))
                .filter(|path| !fact.facts.mounts.iter().any(|mount| mount.covers(path)))
                .collect();
            let brought = brought(input, below, &paths);
            let Some((path, _)) = brought.first() else { continue };
            let mut diagnostic = Diagnostic::new(
                &RULE,
                occurrence.command.range,
                format!(
                    "`{} -R` stores every file below `{path}` a second time, in this layer",
                    order.program
                ),
            )
            .help(format!("set it where the files arrive: `COPY --{}=…`", order.flag()));
            for (_, landing) in &brought {
                diagnostic =
                    diagnostic.label(landing.fact.instruction.range, "what this brings is stored again");
            }
            let files = files(input, &brought);
            let waste = match (script.commands().len() == 1, files) {
                (true, files) => Waste::WholeLayer(files),
                (false, Some(files)) => Waste::Files(files),
                (false, None) => Waste::PartOfLayer,
            };
            diagnostic = diagnostic.wastes(input, fact, &waste);
            if let Some((safety, edits)) = fix(input, fact, &order, &paths) {
                let title = format!("set it with `COPY --{}`", order.flag());
                diagnostic = diagnostic.fix(safety, title, Some(edits));
            }
            found.push(diagnostic);
        }
    }
}

/// A recursive change of owner or mode.
struct Order<'a> {
    program: &'a str,
    /// The owner, group or mode.
    what: &'a Word,
    /// What is changed.
    paths: Vec<&'a Word>,
}

impl<'a> Order<'a> {
    fn of(command: &'a Command) -> Option<Self> {
        let call = command.effective();
        let program = call.name().filter(|name| matches!(*name, "chown" | "chgrp" | "chmod"))?;
        if !call.has_flag(&["-R", "--recursive"]) {
            return None;
        }
        // `chmod -x` is a mode and no flag.
        let words = call.positionals(&["--from", "--reference"]);
        let is_mode = |word: &&Word| program == "chmod" && word.shown().starts_with(['-', '+', '=']);
        let mode =
            call.args().iter().find(|word| is_mode(word) && !matches!(word.shown(), "-R" | "--recursive"));
        match (mode, words.split_first()) {
            (Some(mode), _) if mode.shown().starts_with('-') => {
                Some(Self { program, what: mode, paths: words })
            }
            (_, Some((what, paths))) => Some(Self { program, what, paths: paths.to_vec() }),
            _ => None,
        }
    }

    fn flag(&self) -> &'static str {
        if self.program == "chmod" { "chmod" } else { "chown" }
    }

    /// The value of the `COPY` flag that does the same to files which are root's.
    fn value(&self) -> Option<String> {
        let what = self.what.value.as_deref()?;
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        };
        match (self.program, what.split_once(':')) {
            ("chmod", _) => {
                let is_octal =
                    matches!(what.len(), 3 | 4) && what.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
                is_octal.then(|| what.to_owned())
            }
            ("chgrp", None) if is_name(what) => Some(format!("0:{what}")),
            // `--chown=app` would also give a group; `chown app` leaves root's.
            ("chown", None) if is_name(what) => Some(format!("{what}:0")),
            ("chown", Some(("", group))) if is_name(group) => Some(format!("0:{group}")),
            ("chown", Some((user, group))) if is_name(user) && is_name(group) => Some(what.to_owned()),
            _ => None,
        }
    }
}

/// The absolute path that a word of the script means, a `/*` at its end left off.
fn absolute(input: &Input<'_>, fact: &Fact<'_>, word: &Word) -> Option<String> {
    let text = word.text.strip_suffix("/*").unwrap_or(&word.text);
    if text.contains(['*', '?', '~', '`']) || text.contains("$(") {
        return None;
    }
    fact.facts.before.path(text, input.dockerfile.escape)
}

/// The `COPY`s and `ADD`s whose files lie below one of the paths, each with the path.
fn brought<'a>(input: &Input<'_>, below: &[Fact<'a>], paths: &[String]) -> Vec<(String, Landing<'a>)> {
    let landings = below.iter().filter_map(|fact| Landing::of(input, *fact));
    landings
        .filter_map(|landing| {
            let destination = landing.destination.as_deref()?;
            let path = paths.iter().find(|path| *path != "/" && is_within(destination, path))?;
            Some((path.clone(), landing))
        })
        .collect()
}

/// What the `COPY`s bring, where all of it is from a build context that is known.
fn files(input: &Input<'_>, brought: &[(String, Landing<'_>)]) -> Option<Files> {
    let listing = input.listing().filter(|listing| !listing.cut_off)?;
    let of = |landing: &Landing<'_>| {
        let sources = landing.sources(input);
        let is_known = landing.from_context && sources.len() == landing.transfer.sources.len();
        let entries = sources.iter().flat_map(|source| select(listing, source));
        is_known.then(|| Files::of(entries))
    };
    let sum: Option<Files> = brought.iter().map(|(_, landing)| of(landing)).sum();
    sum.filter(|files| files.bytes > Bytes(0))
}

fn fix(input: &Input<'_>, fact: &Fact<'_>, order: &Order<'_>, paths: &[String]) -> Option<(Safety, EditSet)> {
    let value = order.value()?;
    let run = RunScript::of(input, *fact)?;
    let command = only_command(&run)?;
    let recursive = recursive_flag(command)?;
    let user = fact.facts.before.user.known();
    let is_root = user.is_none_or(|user| matches!(user, "root" | "0" | "root:root" | "0:0"));
    let plain = fact.instruction.flags.is_empty() && fact.instruction.heredocs.is_empty();
    let literal = order.paths.iter().all(|path| path.value.is_some() && !path.pattern);
    if !is_root || !plain || !literal || paths.len() != order.paths.len() {
        return None;
    }
    let covered = covered(input, fact, order, paths)?;
    let mut edits = EditSet::new();
    for landing in &covered.landings {
        let at = landing.fact.instruction.name.range.end();
        edits.insert(Edit::insert(at, format!(" --{}={value}", order.flag()))).ok()?;
    }
    let rest = if covered.folders_stay {
        let next = command.words.iter().find(|word| word.range > recursive.range)?;
        Edit::delete(TextRange::new(recursive.range.start(), next.range.start()))
    } else {
        run.delete_instruction()?
    };
    edits.insert(rest).ok()?;
    let stage = fact.facts.stage.and_then(|stage| input.graph.stages.get(stage))?;
    let safe = is_official(&stage.base) && paths.iter().all(|path| is_nobodys(path));
    Some((if safe { Safety::Safe } else { Safety::Unsafe }, edits))
}

fn only_command<'a>(run: &RunScript<'a>) -> Option<&'a Command> {
    let [statement] = run.script.list.as_slice() else { return None };
    let command = statement.command().filter(|_| run.script.is_chain())?;
    let alone =
        run.script.commands().len() == 1 && command.assignments.is_empty() && command.redirects.is_empty();
    // Not behind `sudo` and the like.
    (alone && command.invocation() == command.effective()).then_some(command)
}

/// The flag that makes it recursive, where the command has no other.
fn recursive_flag(command: &Command) -> Option<&Word> {
    let mut flags = command.args().iter().filter(|word| word.shown().starts_with('-'));
    let recursive = flags.next().filter(|flag| matches!(flag.shown(), "-R" | "--recursive"))?;
    flags.next().is_none().then_some(recursive)
}

/// What the command changes, where that is what `COPY`s of its own stage brought and nothing else.
struct Covered<'a> {
    landings: Vec<Landing<'a>>,
    /// Whether a `WORKDIR` has made the folder itself.
    folders_stay: bool,
}

fn covered<'a>(
    input: &Input<'a>,
    run: &Fact<'a>,
    order: &Order<'_>,
    paths: &[String],
) -> Option<Covered<'a>> {
    let stage = run.facts.stage?;
    let is_based_on_stage = input.facts.stages.get(stage)?.parent.is_some();
    let mut covered = Covered { landings: Vec::new(), folders_stay: false };
    let before =
        input.facts.of_stage(input.dockerfile, stage).into_iter().filter(|fact| fact.index < run.index);
    for fact in before {
        let touches = |path: &str| paths.iter().any(|own| is_within(path, own) || is_within(own, path));
        match &fact.instruction.body {
            Body::Copy(_) | Body::Add(_) => {
                let landing = Landing::of(input, fact)?;
                let destination = landing.destination.as_deref()?;
                if !touches(destination) {
                    continue;
                }
                let below = paths.iter().any(|path| is_within(destination, path));
                let has_flag = |name| fact.instruction.flag(name).is_some();
                let is_add = matches!(fact.instruction.body, Body::Add(_));
                if !below || is_add || has_flag(order.flag()) || has_flag("link") {
                    return None;
                }
                covered.landings.push(landing);
            }
            Body::Run(_) => {
                // What runs between needs the files as they are; what ran before may have made some of its own.
                let text = input.source.slice(fact.instruction.range);
                let is_there = fact.facts.before.workdir.known().is_some_and(touches);
                if !covered.landings.is_empty() || is_there || paths.iter().any(|path| text.contains(path)) {
                    return None;
                }
            }
            Body::Workdir(path) => {
                let folder = fact.facts.before.path(&path.text, input.dockerfile.escape)?;
                if paths.contains(&folder) {
                    covered.folders_stay = true;
                } else if paths.iter().any(|path| is_within(&folder, path)) {
                    return None;
                }
            }
            Body::Volume(_) | Body::Onbuild(_) | Body::Shell(_) => return None,
            _ => {}
        }
    }
    let has_some = |path: &String| {
        let mut destinations = covered.landings.iter().filter_map(|landing| landing.destination.as_deref());
        destinations.any(|destination| is_within(destination, path))
    };
    (!is_based_on_stage && paths.iter().all(has_some)).then_some(covered)
}

/// Whether the base is one of the official images, whose folders are known.
fn is_official(base: &Base) -> bool {
    const IMAGES: [&str; 14] = [
        "alpine",
        "amazoncorretto",
        "busybox",
        "debian",
        "eclipse-temurin",
        "fedora",
        "golang",
        "node",
        "openjdk",
        "perl",
        "python",
        "ruby",
        "rust",
        "ubuntu",
    ];
    let Base::Image { reference, .. } = base else { return false };
    let name = reference.split([':', '@']).next().unwrap_or(reference);
    IMAGES.contains(&name)
}

/// Whether no official image has anything there, while it has the folder above.
fn is_nobodys(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        [
            "app" | "apps" | "code" | "application" | "workspace" | "service" | "server" | "project" | "site",
        ] => true,
        ["opt" | "srv", name] => !matches!(*name, "java" | "openjdk"),
        _ => false,
    }
}
