use crate::bytes::Bytes;
use crate::lint::cost::{Files, Waste};
use crate::lint::landings::{Landing, is_everything};
use crate::lint::unwanted_files::unwanted;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// `COPY .` takes everything, and no `.dockerignore` says what to leave out.
    ///
    /// ## Why it matters
    /// The history in `.git`, the `node_modules` of the machine it is built on, old build results: all of it is sent to
    /// the builder, changes the cache's key with every commit, and in a shipped stage every region downloads it.
    ///
    /// ## Examples
    /// ```context
    /// package.json 612
    /// server.js 2048
    /// .git/objects/pack/pack-1.pack 84000000
    /// node_modules/react/index.js 190
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY . .
    /// CMD ["node", "server.js"]
    /// ```
    /// What is named by itself needs no ignore file.
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json server.js ./
    /// CMD ["node", "server.js"]
    /// ```
    /// ```context
    /// .dockerignore 18
    /// package.json 612
    /// server.js 2048
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY . .
    /// CMD ["node", "server.js"]
    /// ```
    /// Without a build context there is nothing to say.
    name: "missing-dockerignore",
    aliases: [],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// Less is not worth a word.
const LITTLE: Bytes = Bytes(1_000_000);

/// A context that is worth a look whatever it holds.
const LARGE: Bytes = Bytes(10_000_000);

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(listing) =
        input.context.filter(|context| context.ignore.is_none()).map(|context| &context.listing)
    else {
        return;
    };
    let copies = input.facts.all(input.dockerfile).filter(|fact| {
        fact.facts.stage.and_then(|stage| input.facts.stages.get(stage)).is_some_and(|stage| stage.reached)
    });
    let everything = copies.filter_map(|fact| Landing::of(input, fact)).find(|landing| {
        landing.from_context && landing.sources(input).iter().any(|source| is_everything(source))
    });
    let Some(copy) = everything else { return };
    let unwanted = unwanted(listing, &listing.entries);
    let wasted: Files = unwanted.values().copied().sum();
    // An editor's settings, unlike what is installed or built or committed, seldom change.
    let is_settings = |path: &String| [".vscode", ".idea"].iter().any(|end| path.ends_with(end));
    let is_harmless = wasted.bytes < LITTLE && unwanted.keys().all(is_settings);
    if is_harmless && listing.total <= LARGE {
        return;
    }
    let name = &copy.fact.instruction.name.text;
    let mut largest: Vec<(&String, &Files)> = unwanted.iter().filter(|_| !is_harmless).collect();
    largest.sort_by_key(|(path, files)| (std::cmp::Reverse(files.bytes), *path));
    let named: Vec<String> =
        largest.iter().take(3).map(|(path, files)| format!("`{path}` ({})", files.bytes)).collect();
    let message = match (named.is_empty(), largest.len().saturating_sub(3)) {
        (true, _) => format!("{name} takes a context of {} whole: there is no .dockerignore", listing.total),
        (false, 0) => format!("{name} takes {}: there is no .dockerignore", named.join(", ")),
        (false, more) => {
            format!("{name} takes {} and {more} more: there is no .dockerignore", named.join(", "))
        }
    };
    let help = match largest.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>().as_slice() {
        [] => "add a .dockerignore that names what the build doesn't need".to_owned(),
        paths => format!("add a .dockerignore with a line for each: {}", paths.join(", ")),
    };
    let range = copy.fact.instruction.range;
    let diagnostic = Diagnostic::new(&RULE, range, message).help(help);
    found.push(if is_harmless {
        diagnostic
    } else {
        diagnostic.wastes(input, &copy.fact, &Waste::Context(wasted))
    });
}
