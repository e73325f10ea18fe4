//! Build contexts on disk: which ignore file counts, what is listed, what a `COPY` takes.

#![expect(clippy::unwrap_used, reason = "a test that can't lay out its files has failed")]

use std::fs;
use std::path::Path;

use plimsoll::bytes::Bytes;
use plimsoll::context::{
    BuildContext, ContextError, Entry, IgnoreFile, Kind, Listing, Patterns, Take, select, take,
};
use tempfile::TempDir;

/// A directory with these files; the text is the content.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn list(root: &Path, patterns: &str) -> Listing {
    Listing::read(root, &Patterns::parse(patterns.as_bytes()).unwrap(), 1_000).unwrap()
}

fn paths(listing: &Listing) -> Vec<&str> {
    listing.entries.iter().map(|entry| entry.path.as_str()).collect()
}

const PROJECT: &[(&str, &str)] = &[
    ("Dockerfile", "FROM scratch"),
    ("README.md", "read me"),
    ("node_modules/a/index.js", "aaaa"),
    ("node_modules/b.js", "bb"),
    ("src/main.js", "main"),
    ("src/main.test.js", "test"),
    ("src/deep/er.js", "er"),
];

#[test]
fn a_context_is_listed_in_order_with_sizes_and_kinds() {
    let root = directory(PROJECT);
    std::os::unix::fs::symlink("src", root.path().join("link")).unwrap();
    let listing = list(root.path(), "");
    assert_eq!(
        paths(&listing),
        [
            "Dockerfile",
            "README.md",
            "link",
            "node_modules",
            "node_modules/a",
            "node_modules/a/index.js",
            "node_modules/b.js",
            "src",
            "src/deep",
            "src/deep/er.js",
            "src/main.js",
            "src/main.test.js",
        ]
    );
    assert_eq!(listing.total, Bytes(12 + 7 + 4 + 2 + 4 + 4 + 2));
    let link = Entry { path: "link".into(), size: Bytes(0), kind: Kind::Symlink { target: "src".into() } };
    assert_eq!(listing.get("link"), Some(&link));
    assert_eq!(listing.get("src").map(|entry| &entry.kind), Some(&Kind::Directory));
    assert!(!listing.cut_off && listing.ignored.is_empty());
}

#[test]
fn what_is_ignored_is_not_listed_and_named_once() {
    let root = directory(PROJECT);
    let listing = list(root.path(), "node_modules\n**/*.test.js\nDockerfile\n");
    assert_eq!(paths(&listing), ["README.md", "src", "src/deep", "src/deep/er.js", "src/main.js"]);
    assert_eq!(listing.ignored, ["Dockerfile", "node_modules", "src/main.test.js"]);
}

#[test]
fn what_is_taken_back_brings_its_directories() {
    let root = directory(PROJECT);
    let listing = list(root.path(), "*\n!src/deep/er.js\n");
    assert_eq!(paths(&listing), ["src", "src/deep", "src/deep/er.js"]);
    assert_eq!(
        listing.ignored,
        ["Dockerfile", "README.md", "node_modules", "src/main.js", "src/main.test.js"]
    );
    let listing = list(root.path(), "*\n!**/*.js\n**/*.test.js");
    assert_eq!(
        paths(&listing),
        [
            "node_modules",
            "node_modules/a",
            "node_modules/a/index.js",
            "node_modules/b.js",
            "src",
            "src/deep",
            "src/deep/er.js",
            "src/main.js",
        ]
    );
}

#[test]
fn a_walk_stops_at_its_limit_and_says_so() {
    let root = directory(PROJECT);
    let listing = Listing::read(root.path(), &Patterns::default(), 4).unwrap();
    assert_eq!(paths(&listing), ["Dockerfile", "README.md", "node_modules", "node_modules/a"]);
    assert!(listing.cut_off);
    assert!(!Listing::read(root.path(), &Patterns::default(), 11).unwrap().cut_off);
}

#[test]
fn links_out_of_the_context_are_not_followed() {
    let outside = directory(&[("secret", "x")]);
    let root = directory(&[("a", "a")]);
    std::os::unix::fs::symlink(outside.path(), root.path().join("out")).unwrap();
    assert_eq!(paths(&list(root.path(), "")), ["a", "out"]);
}

#[test]
fn the_dockerfile_s_own_ignore_file_comes_first() {
    let root = directory(&[
        ("app/prod.Dockerfile", ""),
        ("app/prod.Dockerfile.dockerignore", "own"),
        ("app/Dockerfile", ""),
        (".dockerignore", "shared"),
    ]);
    let texts = |dockerfile: &str| {
        let found = IgnoreFile::find(root.path(), &root.path().join(dockerfile)).unwrap();
        found.map(|file| file.patterns.texts().collect::<Vec<_>>())
    };
    assert_eq!(texts("app/prod.Dockerfile"), Some(vec!["own".to_owned()]));
    assert_eq!(texts("app/Dockerfile"), Some(vec!["shared".to_owned()]));
    let bare = directory(&[("Dockerfile", "")]);
    assert!(IgnoreFile::find(bare.path(), &bare.path().join("Dockerfile")).unwrap().is_none());
}

#[test]
fn a_context_that_can_t_be_read_says_what_and_why() {
    let root = directory(&[(".dockerignore", "ok\n[\n")]);
    let error = BuildContext::read(root.path(), &root.path().join("Dockerfile"), 10).unwrap_err();
    assert!(matches!(error, ContextError::Pattern { .. }));
    assert!(error.to_string().ends_with(
        ".dockerignore: line 2: `[` is no valid pattern; close its class or escape its last character"
    ));
    let missing = root.path().join("missing");
    let error = Listing::read(&missing, &Patterns::default(), 10).unwrap_err();
    assert!(matches!(error, ContextError::Unreadable { path, .. } if path == missing));
}

#[test]
fn a_copy_takes_what_buildkit_would() {
    let root = directory(PROJECT);
    let listing = list(root.path(), "");
    let taken = |source: &str| {
        select(&listing, source).into_iter().map(|entry| entry.path.as_str()).collect::<Vec<&str>>()
    };
    let all = paths(&listing);
    for source in [".", "./", "/", "", "../.."] {
        assert_eq!(taken(source), all, "{source}");
    }
    assert_eq!(taken("README.md"), ["README.md"]);
    assert_eq!(taken("/src/../README.md"), ["README.md"]);
    assert_eq!(taken("src/deep/"), ["src/deep", "src/deep/er.js"]);
    assert_eq!(taken("src/*.js"), ["src/main.js", "src/main.test.js"]);
    assert_eq!(taken("*/*.js"), ["node_modules/b.js", "src/main.js", "src/main.test.js"]);
    assert_eq!(taken("s*"), ["src", "src/deep", "src/deep/er.js", "src/main.js", "src/main.test.js"]);
    assert_eq!(taken("**/er.js"), Vec::<&str>::new());
    assert_eq!(taken("[RD]*"), ["Dockerfile", "README.md"]);
    assert_eq!(taken("node_modules/?"), ["node_modules/a", "node_modules/a/index.js"]);
    assert_eq!(taken("sr"), Vec::<&str>::new());
    assert_eq!(taken("missing*"), Vec::<&str>::new());
}

#[test]
fn a_copy_follows_the_links_that_it_names_and_no_others() {
    let root = directory(&[("real/a.js", "a"), ("real/deep/b.js", "bb"), ("other.js", "o")]);
    for (link, target) in
        [("link", "real"), ("out", "/../real/deep"), ("two", "link"), ("real/x.js", "../other.js")]
    {
        std::os::unix::fs::symlink(target, root.path().join(link)).unwrap();
    }
    std::os::unix::fs::symlink("loop", root.path().join("loop")).unwrap();
    let listing = list(root.path(), "");
    let taken = |source: &str| {
        select(&listing, source).into_iter().map(|entry| entry.path.as_str()).collect::<Vec<&str>>()
    };
    let real = ["real", "real/a.js", "real/deep", "real/deep/b.js", "real/x.js"];
    assert_eq!(taken("link"), real);
    assert_eq!(taken("two/"), real);
    assert_eq!(taken("out"), ["real/deep", "real/deep/b.js"]);
    assert_eq!(taken("link/deep/*.js"), ["real/deep/b.js"]);
    assert_eq!(taken("real/x*"), ["other.js"]);
    assert_eq!(taken("l?nk"), real);
    assert_eq!(taken("loop"), Vec::<&str>::new());
}

#[test]
fn what_takes_a_path_is_known_of_paths_that_are_gone_too() {
    let root = directory(PROJECT);
    std::os::unix::fs::symlink("src/deep", root.path().join("link")).unwrap();
    let listing = list(root.path(), "");
    let within = |path: &str| Some(Take::Within(path.to_owned()));
    for (source, path, expected) in [
        (".", "gone/x.js", within("gone/x.js")),
        ("src", "src/new.js", within("new.js")),
        ("src/", "src", Some(Take::Itself)),
        ("src/*.js", "src/gone.js", Some(Take::Itself)),
        ("src/*.js", "src/gone.ts", None),
        ("src/*.js", "src/deep/er.js", None),
        ("s*", "src/deep/gone.js", within("deep/gone.js")),
        ("src/main.js", "src", Some(Take::Above)),
        ("*/deep/*.js", "src", Some(Take::Above)),
        ("*/deep/*.js", "src/deep", Some(Take::Above)),
        ("*/deep/*.js", "src/shallow", None),
        ("link", "src/deep/er.js", within("er.js")),
        ("link", "link", Some(Take::Link)),
        ("l*", "src/deep/er.js", Some(Take::Link)),
        ("link/er.js", "link", Some(Take::Link)),
        ("README.md", "readme.md", None),
        ("README.md", "./README.md", Some(Take::Itself)),
    ] {
        assert_eq!(take(&listing, source, path), expected, "{source} {path}");
    }
}

#[test]
fn the_rule_that_leaves_a_file_out_is_named() {
    let patterns = Patterns::parse(b"# notes\n*.md\n!README.md\ndocs\n!docs/keep\n").unwrap();
    let rule = |path: &str| patterns.rule_against(path).map(|rule| (rule.line, rule.pattern.to_owned()));
    assert_eq!(rule("x.md"), Some((2, "*.md".to_owned())));
    assert_eq!(rule("README.md"), None);
    assert_eq!(rule("docs/deep/x"), Some((4, "docs".to_owned())));
    assert_eq!(rule("docs/keep/x"), None);
    assert_eq!(rule("src/x"), None);
}
