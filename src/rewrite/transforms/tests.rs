//! Each transform on small files: where it fires, and where it abstains.

use std::fmt::Write as _;

use crate::bytes::Bytes;
use crate::context::{BuildContext, Entry, Kind, Listing};
use crate::engine::BuildArgs;
use crate::rewrite::{Manifests, Project, Transform, attempt, unified_diff};
use crate::text::SourceFile;

use super::TRANSFORMS;

/// A transform by its name.
pub(super) fn named(name: &str) -> &'static Transform {
    TRANSFORMS.iter().find(|transform| transform.name == name).unwrap()
}

/// What comes of a transform in a project of these files, whose folders end with a slash.
pub(super) fn outcome(name: &str, dockerfile: &str, files: &[(&str, &str)]) -> String {
    let entry = |(path, text): &(&str, &str)| match path.strip_suffix('/') {
        Some(folder) => Entry { path: folder.to_owned(), size: Bytes(0), kind: Kind::Directory },
        None => Entry { path: (*path).to_owned(), size: Bytes(text.len() as u64), kind: Kind::File },
    };
    let listing = Listing { entries: files.iter().map(entry).collect(), ..Listing::default() };
    let manifests: Manifests =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let context = BuildContext { ignore: None, listing };
    let project = Project { context: Some(&context), manifests: Some(&manifests) };
    let source = SourceFile::new("Dockerfile", dockerfile);
    let transform = named(name);
    let attempted = |source: &SourceFile| attempt(transform, source, project, None, &BuildArgs::default());
    match attempted(&source) {
        Ok(None) => "nothing to do".to_owned(),
        Err(abstention) => {
            format!("line {}: {}", source.line_column(abstention.range.start()).line, abstention.reason)
        }
        Ok(Some(done)) => {
            assert!(
                matches!(attempted(&done.source), Ok(None)),
                "a second time changes something:\n{}",
                done.source.text()
            );
            let mut text = unified_diff("Dockerfile", source.bytes(), done.source.bytes());
            let _ = writeln!(text, "{}", done.change.title);
            for difference in &done.change.can_differ {
                let _ = writeln!(text, "- {difference}");
            }
            text
        }
    }
}

mod cache_mounts {
    use super::outcome;

    #[test]
    fn what_installs_download_stays_on_the_builder() {
        insta::assert_snapshot!(outcome(
            "cache-mounts",
            "FROM python:3.13\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\nRUN echo done\n",
            &[],
        ));
    }

    #[test]
    fn a_cache_that_is_emptied_or_nobodys_gets_no_mount() {
        let cleaned = "FROM node:22\nRUN npm ci && npm cache clean --force\n";
        assert_eq!(
            outcome("cache-mounts", cleaned, &[]),
            "line 2: what `npm` has downloaded is removed right away"
        );
        let user = "FROM node:22\nUSER node\nRUN npm ci\n";
        assert_eq!(outcome("cache-mounts", user, &[]), "line 3: `npm` runs as a user whose home isn't known");
        assert_eq!(outcome("cache-mounts", "FROM node:22\nRUN echo\n", &[]), "nothing to do");
    }
}

mod dependencies_first {
    use super::outcome;

    const CARGO: &str = "FROM rust:1\nWORKDIR /src\n# All of it\nCOPY . .\nRUN cargo build --release --locked\nCMD [\"./target/release/app\"]\n";
    const NPM: &str = "FROM node:22\nWORKDIR /app\nCOPY . .\n# All packages\nRUN npm ci\nRUN npm run build\n";
    const PACKAGE: &str = "[package]\nname = \"app\"\n";

    #[test]
    fn cargo_builds_the_dependencies_with_an_empty_program() {
        let files = [("Cargo.toml", PACKAGE), ("Cargo.lock", ""), ("src/main.rs", ""), ("src/lib.rs", "")];
        insta::assert_snapshot!(outcome("dependencies-first", CARGO, &files));
    }

    #[test]
    fn a_project_whose_manifest_is_not_all_that_cargo_reads_is_left() {
        let with = |manifest: &str, file: &str| {
            let files = [("Cargo.toml", manifest), ("Cargo.lock", ""), ("src/main.rs", ""), (file, "")];
            outcome("dependencies-first", CARGO, &files)
        };
        let more = |text: &str| with(&format!("{PACKAGE}{text}"), "README.md");
        insta::assert_snapshot!(
            [
                with(PACKAGE, "build.rs"),
                with(PACKAGE, ".cargo/"),
                more("[workspace]\nmembers = [\"a\"]\n"),
                more("[[bin]]\nname = \"b\"\n"),
                more("[dependencies]\na = { path = \"../a\" }\n"),
                outcome("dependencies-first", CARGO, &[]),
                outcome("dependencies-first", &CARGO.replace("--locked", "--features x"), &[]),
                outcome("dependencies-first", &CARGO.replace("COPY . .", "COPY Cargo.toml .\nCOPY . ."), &[]),
            ]
            .join("\n")
        );
    }

    #[test]
    fn the_manifests_of_a_workspace_come_before_its_sources() {
        let root = ("package.json", r#"{"workspaces": ["packages/*"]}"#);
        let lock = ("package-lock.json", "{}");
        let files = [root, lock, ("packages/a/package.json", "{}"), ("packages/b/package.json", "{}")];
        insta::assert_snapshot!(outcome("dependencies-first", NPM, &files));
        let prepares = ("packages/a/package.json", r#"{"scripts": {"prepare": "tsc"}}"#);
        assert_eq!(
            outcome("dependencies-first", NPM, &[root, lock, prepares]),
            "line 5: `packages/a/package.json` has a script `prepare`, which may read the sources"
        );
        assert_eq!(outcome("dependencies-first", NPM, &[("package.json", "{}"), lock]), "nothing to do");
    }
}
