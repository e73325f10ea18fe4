use crate::bytes::Bytes;
use crate::context::select;
use crate::facts::Fact;
use crate::lint::cost::{Files, Waste};
use crate::lint::landings::{Landing, is_everything};
use crate::lint::unwanted_files::unwanted;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, PackageManager};

declare_rule! {
    /// `COPY .` takes what nothing reads, though there is a `.dockerignore`.
    ///
    /// ## Why it matters
    /// Dependencies installed on the machine it is built on, its virtual environment or its build results differ from
    /// one machine to the next and change without a commit, so that the copy and all below it run again. In a shipped
    /// stage every region downloads them.
    ///
    /// Reported are such folders of a megabyte or more that no other instruction names: `node_modules` and `target`
    /// where the Dockerfile installs or compiles by itself, `.venv`, `.terraform`, `.next` and their like. `.git` is
    /// `copied-git-history`'s, and a context without a `.dockerignore` is `missing-dockerignore`'s.
    ///
    /// ## Examples
    /// ```context
    /// package.json 612
    /// package-lock.json 204800
    /// server.js 2048
    /// node_modules/react/index.js 9000000
    /// .next/cache/webpack.pack 3000000
    /// ```
    /// ```dockerignore
    /// .git
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci --omit=dev
    /// COPY . .
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerignore
    /// .git
    /// node_modules
    /// .next
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci --omit=dev
    /// COPY . .
    /// CMD ["node", "server.js"]
    /// ```
    name: "unneeded-context",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// Less is not worth a word.
const LEAST: Bytes = Bytes(1_000_000);

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(context) = input.context.filter(|context| context.ignore.is_some()) else { return };
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let Some(landing) = Landing::of(input, fact).filter(|landing| landing.from_context) else { continue };
        let sources = landing.sources(input);
        let Some(source) = sources.iter().find(|source| is_everything(source)) else { continue };
        if fact.instruction.flag("exclude").is_some() {
            continue;
        }
        let taken = select(&context.listing, source);
        let mut roots: Vec<(String, Files)> = unwanted(&context.listing, taken)
            .into_iter()
            .filter(|(root, files)| files.bytes >= LEAST && !is_read(input, &fact, root))
            .collect();
        roots.sort_by_key(|(root, files)| (std::cmp::Reverse(files.bytes), root.clone()));
        let Some((largest, files)) = roots.first() else { continue };
        let name = &fact.instruction.name.text;
        let others = match roots.len() {
            1 => String::new(),
            2 => " and one more folder".to_owned(),
            more => format!(" and {} more folders", more - 1),
        };
        let all: Files = roots.iter().map(|(_, files)| *files).sum();
        let lines: Vec<String> = roots.iter().map(|(root, _)| format!("`{root}`")).collect();
        let diagnostic = Diagnostic::new(
            &RULE,
            fact.instruction.range,
            format!("{name} takes `{largest}` ({}){others}, which nothing here reads", files.bytes),
        )
        .help(format!("add to the .dockerignore a line for each: {}", lines.join(", ")));
        found.push(diagnostic.wastes(input, &fact, &Waste::Context(all)));
    }
}

/// Whether the folder may be what the image is made of, or another rule's.
fn is_read(input: &Input<'_>, copy: &Fact<'_>, root: &str) -> bool {
    let name = root.rsplit('/').next().unwrap_or(root);
    let calls = |wanted: &[PackageManager]| {
        input.facts.all(input.dockerfile).any(|fact| {
            let commands = fact.facts.commands();
            commands
                .iter()
                .filter_map(|one| packages::read(one.command))
                .any(|one| wanted.contains(&one.manager))
        })
    };
    let is_made_here = match name {
        ".git" => false,
        "node_modules" | ".next" => {
            calls(&[PackageManager::Npm, PackageManager::Yarn, PackageManager::Pnpm, PackageManager::Bun])
        }
        "target" => calls(&[PackageManager::Cargo, PackageManager::Maven]),
        "venv" | ".venv" => {
            calls(&[PackageManager::Pip, PackageManager::Uv, PackageManager::Poetry, PackageManager::Pipenv])
        }
        _ => true,
    };
    let is_named = input
        .facts
        .all(input.dockerfile)
        .filter(|fact| fact.index != copy.index)
        .any(|fact| input.source.slice(fact.instruction.range).contains(name));
    !is_made_here || is_named
}
