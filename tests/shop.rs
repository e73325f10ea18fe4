//! The project in fixtures/shop: every planted fault is found in its place, and fixing changes nothing twice.

#![expect(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::path::PathBuf;

use plimsoll::context::BuildContext;
use plimsoll::lint::{Profile, Safety, Settings, check, fix};
use plimsoll::text::SourceFile;

fn shop(file: &str) -> (SourceFile, BuildContext) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/shop");
    let path = root.join(file);
    let context = BuildContext::read(&root, &path, 100_000).unwrap();
    (SourceFile::new(file, std::fs::read(path).unwrap()), context)
}

/// The findings as `line:column rule`.
fn findings(file: &str) -> Vec<String> {
    let (source, context) = shop(file);
    let settings = Settings { profile: Profile::All, ..Settings::default() };
    let found = check(&source, Some(&context), &settings);
    let place = |offset| source.line_column(offset);
    found
        .iter()
        .map(|found| {
            let at = place(found.range.start());
            format!("{}:{} {}", at.line, at.column, found.rule.name())
        })
        .collect()
}

#[test]
fn the_planted_faults_are_found_in_their_places() {
    insta::assert_snapshot!(findings("Dockerfile").join("\n"));
    insta::assert_snapshot!(findings("variants/single-stage.Dockerfile").join("\n"));
}

#[test]
fn the_variants_that_take_care_have_no_finding_of_size() {
    for file in ["variants/careful.Dockerfile", "variants/distroless.Dockerfile"] {
        let (source, context) = shop(file);
        let found = check(&source, Some(&context), &Settings::default());
        let rules: Vec<&str> = found
            .iter()
            .filter(|found| found.rule.category().as_str() == "size")
            .map(|found| found.rule.name())
            .collect();
        assert_eq!(rules, Vec::<&str>::new(), "{file}");
    }
}

#[test]
fn fixing_the_shop_twice_is_fixing_it_once() {
    let (source, context) = shop("Dockerfile");
    for safety in [Safety::Safe, Safety::Unsafe] {
        let settings = Settings { profile: Profile::All, ..Settings::default() };
        let once = fix(&source, Some(&context), &settings, safety);
        assert_ne!(once.source, source, "there is something to fix");
        let twice = fix(&once.source, Some(&context), &settings, safety);
        assert_eq!(twice.source, once.source);
        assert!(plimsoll::dockerfile::parse(&once.source).errors.is_empty());
    }
}
