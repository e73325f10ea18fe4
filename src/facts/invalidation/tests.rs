//! What runs again, as far as no engine is needed to know it; the engine's own word is in `tests/engine`.

use std::collections::BTreeMap;

use super::{Build, Changes, Fate, Ignorance, Invalidation};
use crate::bytes::Bytes;
use crate::context::{BuildContext, Entry, IgnoreFile, Kind, Listing, Patterns};
use crate::dockerfile::parse;
use crate::facts::derive;
use crate::graph::resolve;
use crate::text::SourceFile;

/// The lines of the steps that run again for the last stage, and of those that may; and what is not noticed.
fn predict(text: &str, changes: &Changes) -> (Vec<usize>, Vec<usize>, Vec<Ignorance>) {
    let source = SourceFile::new("Dockerfile", text);
    let dockerfile = parse(&source).dockerfile;
    let graph = resolve(&dockerfile, &BTreeMap::new());
    let facts = derive(&dockerfile, &graph);
    let file = |path: &str| Entry { path: path.into(), size: Bytes(1), kind: Kind::File };
    let entries = ["a/one", "a/two.md", "b"].map(file).to_vec();
    let ignore = IgnoreFile {
        path: ".dockerignore".into(),
        patterns: Patterns::parse(b"\nsecret*\n!secret-not\n").unwrap(),
    };
    let context = BuildContext { ignore: Some(ignore), listing: Listing { entries, ..Listing::default() } };
    let target = graph.target(None).unwrap();
    let build = Build {
        source: &source,
        dockerfile: &dockerfile,
        graph: &graph,
        facts: &facts,
        context: &context,
        target,
    };
    let found = Invalidation::predict(&build, changes);
    let lines = |fate| {
        let line = |index| dockerfile.instructions().nth(index).map(|found| found.range.start()).unwrap();
        found.with(fate).map(|step| source.line_column(line(step.instruction)).line).collect()
    };
    let unnoticed = found.unnoticed.iter().map(|unnoticed| unnoticed.reason).collect();
    (lines(Fate::Runs), lines(Fate::MayRun), unnoticed)
}

fn path(path: &str) -> Changes {
    Changes { paths: vec![path.to_owned()], ..Changes::default() }
}

fn argument(name: &str) -> Changes {
    Changes { arguments: vec![name.to_owned()], ..Changes::default() }
}

fn image(name: &str) -> Changes {
    Changes { images: vec![name.to_owned()], ..Changes::default() }
}

const NONE: [usize; 0] = [];

#[test]
fn what_is_copied_on_through_stages_is_followed_to_the_file() {
    let text = "FROM scratch AS files\nCOPY a /src/\nCOPY b /b\nFROM scratch AS more\nCOPY --from=files /src /more\nFROM x\nCOPY --from=more /more/one /\nCOPY --from=more /more/*.md /\nCOPY --from=files /b /\n";
    assert_eq!(predict(text, &path("a/one")), (vec![2, 3, 5, 7, 8, 9], vec![], vec![]));
    assert_eq!(predict(text, &path("a/two.md")), (vec![2, 3, 5, 8, 9], vec![], vec![]));
    assert_eq!(predict(text, &path("b")).0, [3]);
    // Whether it came to lie at /b or in it, nobody can tell from the file alone.
    assert_eq!(predict(text, &path("b")).1, [9]);
}

#[test]
fn a_command_may_make_anything_of_a_change() {
    let text =
        "FROM x AS build\nCOPY a /src/\nRUN make\nFROM y\nCOPY --from=build /out /\nRUN ls\nWORKDIR /z\n";
    assert_eq!(predict(text, &path("a/one")), (vec![2, 3], vec![5, 6, 7], vec![]));
}

#[test]
fn a_trigger_takes_for_the_stage_that_inherits_it() {
    let text = "FROM x AS parent\nONBUILD COPY a /a/\nONBUILD RUN ls\nFROM parent\nRUN true\n";
    assert_eq!(predict(text, &path("a/one")), (vec![2, 3, 5], vec![], vec![]));
}

#[test]
fn mounts_count_by_what_they_show_and_secrets_do_not() {
    let text = "ARG KEY\nFROM x AS seed\nCOPY a /seed/\nFROM x\nRUN --mount=source=b,target=/b true\nRUN --mount=type=cache,from=seed,source=/seed,target=/c true\nFROM x\nRUN --mount=type=secret,id=b,target=/b true\nRUN --mount=type=bind,from=seed,source=/other,target=/o true\n";
    assert_eq!(predict(text, &path("b")).2, [Ignorance::NotNeeded]);
    let (seed, _) = text.rsplit_once("FROM x\n").unwrap();
    assert_eq!(predict(seed, &path("b")), (vec![5, 6], vec![], vec![]));
    assert_eq!(predict(seed, &path("a/one")), (vec![3, 6], vec![], vec![]));
    assert_eq!(predict(text, &path("a/one")).0, [3]);
}

#[test]
fn parents_take_by_patterns_of_any_depth_and_excludes_leave_out() {
    let text = "FROM scratch\nCOPY --parents **/*.md /x/\n";
    assert_eq!(predict(text, &path("a/two.md")).0, [2]);
    assert_eq!(predict(text, &path("a/one")).0, NONE);
    let text = "FROM scratch\nCOPY --parents --exclude=two* a/./ /x/\n";
    assert_eq!(predict(text, &path("a/two.md")).0, NONE);
    let text = "FROM scratch\nCOPY --exclude=*.md a /x/\n";
    assert_eq!((predict(text, &path("a/two.md")).0, predict(text, &path("a/one")).0), (vec![], vec![2]));
}

#[test]
fn a_layer_that_stands_on_nothing_is_cached_and_those_above_are_not() {
    let text = "FROM x\nRUN --mount=source=b,target=/b true\nCOPY --link a /a/\nCOPY --link --chmod=600 a /m/\nRUN true\n";
    assert_eq!(predict(text, &path("b")).0, [2, 4, 5]);
}

#[test]
fn an_argument_is_in_every_environment_behind_its_declaration() {
    let text = "ARG A=1\nFROM x AS one\nRUN before\nARG A\nRUN behind\nFROM one\nRUN heir\nCOPY b /$A\nENV A=2\nRUN hidden\n";
    assert_eq!(predict(text, &argument("A")).0, [5, 7, 8, 10]);
    let text = "ARG A=1\nFROM x\nRUN true\nARG A=2\nENV A=3\nRUN true\n";
    assert_eq!(predict(text, &argument("A")), (vec![], vec![], vec![Ignorance::NotRead]));
    assert_eq!(predict(text, &argument("B")).2, [Ignorance::NotDeclared]);
    let text = "FROM x\nARG A=/a\nENV B=${A:-x}/b\nWORKDIR $B\nARG A=\nENV B=\nWORKDIR c\nCOPY b .\n";
    assert_eq!(predict(text, &argument("A")).0, [4, 7, 8]);
}

#[test]
fn an_image_runs_again_what_is_built_on_it_and_maybe_what_takes_from_it() {
    let text = "FROM docker.io/library/x:latest AS one\nRUN true\nFROM y\nCOPY --from=x /a /\nCOPY --from=one /a /\n";
    assert_eq!(predict(text, &image("x")), (vec![1, 2], vec![4, 5], vec![]));
    assert_eq!(predict(text, &image("z")).2, [Ignorance::NotUsed]);
}

#[test]
fn a_change_that_nothing_notices_says_why() {
    let text = "FROM x AS unneeded\nCOPY b /\nFROM x\nCOPY a /\nCOPY secret* /\n";
    assert_eq!(predict(text, &path("secret.key")).2, [Ignorance::LeftOut { line: 2 }]);
    assert_eq!(predict(text, &path("secret-not")).0, [5]);
    assert_eq!(predict(text, &path("elsewhere")).2, [Ignorance::NotTaken]);
    assert_eq!(predict(text, &path("b")).2, [Ignorance::NotNeeded]);
}

#[test]
fn a_source_that_only_the_build_knows_may_take_anything() {
    let text = "FROM x\nCOPY ${FROM_BASE}/x /\n";
    assert_eq!(predict(text, &path("b")), (vec![], vec![2], vec![]));
}

#[test]
fn stages_that_copy_from_one_another_twice_take_no_time() {
    let stages = (1..60).map(|stage| {
        let from = stage - 1;
        format!("FROM scratch AS s{stage}\nCOPY --from=s{from} / /x/\nCOPY --from=s{from} / /y/\n")
    });
    let text = format!("FROM scratch AS s0\nCOPY b /b/\n{}", stages.collect::<String>());
    let (runs, may_run, _) = predict(&text, &path("b"));
    assert_eq!(runs.len() + may_run.len(), 1 + 2 * 59);
}
