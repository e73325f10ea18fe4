//! What the graph holds for a file, and what it says is wrong with one.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Base, Build, EdgeKind, Link, MountKind, Origin, StageGraph, resolve, resolve_build};
use crate::dockerfile::{Keyword, parse};
use crate::text::SourceFile;

fn graph_with(text: &str, build_args: &[(&str, &str)]) -> StageGraph {
    let source = SourceFile::new("Dockerfile", text);
    let parsed = parse(&source);
    let build_args: BTreeMap<String, String> =
        build_args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    resolve(&parsed.dockerfile, &build_args)
}

fn graph(text: &str) -> StageGraph {
    graph_with(text, &[])
}

fn bases(text: &str, build_args: &[(&str, &str)]) -> Vec<String> {
    let base = |base: &Base| match base {
        Base::Image { reference, .. } => reference.clone(),
        Base::Stage(stage) => format!("stage {stage}"),
        Base::Scratch => "scratch".to_owned(),
        Base::NamedContext { name, .. } => format!("context {name}"),
        Base::Unresolved { written, .. } => format!("? {written}"),
    };
    graph_with(text, build_args).stages.iter().map(|stage| base(&stage.base)).collect()
}

fn origins(text: &str) -> Vec<Origin> {
    let graph = graph(text);
    graph.edges.into_iter().filter(|edge| edge.kind != EdgeKind::From).map(|edge| edge.origin).collect()
}

fn issues(text: &str) -> Vec<String> {
    let graph = graph(text);
    graph.issues.iter().map(|issue| format!("{}: {issue}", issue.stage)).collect()
}

#[test]
fn a_base_is_an_image_an_earlier_stage_or_nothing() {
    let text = "FROM a AS One\nFROM one\nFROM scratch\nFROM later\nFROM b AS later";
    assert_eq!(bases(text, &[]), ["a", "stage 0", "scratch", "later", "b"]);
}

#[test]
fn global_arguments_are_put_into_bases_and_those_of_a_stage_are_not() {
    let text = "ARG REG=r.io\nARG IMG=$REG/app\nARG TAG\nFROM ${IMG}:${TAG:-1}\nARG LATE=x\nFROM $LATE";
    assert_eq!(bases(text, &[]), ["r.io/app:1", "? $LATE"]);
    assert_eq!(bases(text, &[("REG", "q.io"), ("TAG", "2")]), ["q.io/app:2", "? $LATE"]);
}

fn of_build(text: &str, build: &Build) -> StageGraph {
    resolve_build(&parse(&SourceFile::new("Dockerfile", text)).dockerfile, build)
}

#[test]
fn platform_arguments_are_the_builds_and_a_build_argument_replaces_one_alone() {
    let text = "FROM --platform=$TARGETPLATFORM a-${TARGETARCH}${TARGETVARIANT}-$TARGETSTAGE AS Last";
    let read = |build: &Build| {
        let stage = of_build(text, build).stages[0].clone();
        let Base::Image { reference, .. } = stage.base else { panic!("{:?}", stage.base) };
        (reference, stage.platform.unwrap().resolved.unwrap())
    };
    let platform = Some("linux/arm".to_owned());
    let build = Build { platform, target: Some("Some".to_owned()), ..Build::default() };
    assert_eq!(read(&build), ("a-armv7-some".to_owned(), "linux/arm/v7".to_owned()));
    let args = BTreeMap::from([("TARGETPLATFORM".to_owned(), "linux/s390x".to_owned())]);
    assert_eq!(read(&Build { args, ..build }), ("a-armv7-some".to_owned(), "linux/s390x".to_owned()));
    assert!(read(&Build::default()).0.ends_with("-last"));
}

// What follows was tried on Docker Engine 20.10 and 28.5: the values went into labels.

#[test]
fn the_last_of_env_and_arg_holds_and_a_stage_on_a_stage_has_both() {
    let text = "ARG G=h.io\nFROM x AS a\nENV X=https://env\nARG X=https://arg\nARG Y=https://y\nARG G\nADD $X/f $Y/f https://$G/f /\n\
                FROM a\nADD $X/f $Y/f /\nARG X\nADD $X/f /";
    let added = |given: &[(&str, &str)]| {
        let graph = graph_with(text, given);
        let kinds = graph.edges.iter().filter(|edge| matches!(edge.kind, EdgeKind::Add { .. }));
        kinds.map(|edge| (edge.stage, edge.origin.clone())).collect::<Vec<_>>()
    };
    let http = |written: &str| Origin::Http(written.to_owned());
    let of_a = [(0, http("$X/f")), (0, http("$Y/f")), (0, http("https://$G/f"))];
    let of_b = [(1, http("$X/f")), (1, http("$Y/f")), (1, http("$X/f"))];
    assert_eq!(added(&[]), [&of_a[..], &of_b[..]].concat());
    // The build's value wins over the default and hides the ENV, but only to the stage's end.
    let given = added(&[("X", "dir")]);
    assert_eq!(given[0], (0, Origin::Context));
    assert_eq!(given[3], (1, http("$X/f")));
    assert_eq!(given[5], (1, Origin::Context));
}

#[test]
fn what_a_base_image_may_set_is_not_known_and_what_nothing_sets_is_empty() {
    let unresolved = Origin::Unresolved("$W/f".to_owned());
    assert_eq!(origins("FROM x\nENV W=$V\nADD $W/f /"), [unresolved]);
    assert_eq!(bases("ARG REG\nARG IMG=${REG}app\nFROM $IMG", &[]), ["app"]);
}

#[test]
fn a_named_context_stands_for_an_image_for_a_source_and_for_a_stage_of_its_name() {
    let text = "FROM docker.io/library/alpine:latest AS one\nRUN a\nFROM two AS three\nRUN --mount=type=bind,from=four,target=/x true\n\
                COPY --from=one a b\nFROM one AS two\nCOPY . .\nFROM scratch AS scratch";
    let contexts = |names: &[&str]| {
        let contexts = names.iter().map(|name| ((*name).to_owned(), "https://me:pw@host/x.git".to_owned()));
        Build { contexts: contexts.collect(), ..Build::default() }
    };
    let graph = of_build(text, &contexts(&["alpine", "four", "scratch", "typo"]));
    let named = |name: &str| Origin::NamedContext(name.to_owned());
    let of = |graph: &StageGraph| {
        graph.edges.iter().map(|edge| (edge.stage, edge.origin.clone())).collect::<Vec<_>>()
    };
    assert_eq!(
        of(&graph),
        [
            (0, named("alpine")),
            (1, Origin::Image("two".to_owned())),
            (1, named("four")),
            (1, Origin::Stage(0)),
            (2, Origin::Stage(0)),
            (2, Origin::Context),
            (3, Origin::Scratch),
        ]
    );
    assert_eq!(graph.unused_contexts().collect::<Vec<_>>(), ["scratch", "typo"]);
    assert_eq!(graph.contexts["four"], "https://host/x.git");
    // The stage `one` is the context now: nothing of what it says runs.
    let replaced = of_build(text, &contexts(&["one"]));
    assert_eq!(of(&replaced)[..2], [(0, named("one")), (1, Origin::Image("two".to_owned()))]);
    assert!(replaced.stages[0].layers.is_empty() && !replaced.stages[2].layers.is_empty());
}

#[test]
fn what_runs_is_the_image_and_what_makes_a_layer() {
    let text = "ARG ROOT=/\nFROM x AS one\nENV A=1\nWORKDIR app\nWORKDIR ..\nCOPY . .\nONBUILD RUN 1\nCMD 2\n\
                FROM one\nUSER me\nWORKDIR $ROOT\nARG ROOT\nWORKDIR $ROOT\nADD a b\nFROM scratch\nWORKDIR ../.\nWORKDIR b\nRUN c";
    let graph = graph(text);
    let steps = |stage: usize| graph.stages[stage].steps().collect::<Vec<_>>();
    // Whether `app` and `..` come to `/` only the image tells; that `$ROOT` does, only where it is declared.
    assert_eq!(steps(0), [1, 3, 4, 5]);
    assert_eq!(steps(1), [6, 10, 13]);
    assert_eq!(steps(2), [16, 17]);
}

#[test]
fn stages_that_take_from_one_another_are_a_circle_and_a_later_stage_alone_is_none() {
    let text = "FROM a AS one\nCOPY --from=two x y\nFROM b AS two\nRUN --mount=from=three,target=/x true\nFROM one AS three\n\
                FROM c AS four\nCOPY --from=five x y\nFROM d AS five";
    assert_eq!(
        issues(text),
        [
            "0: the stages wait for one another: one takes from two takes from three takes from one",
            "1: the stages wait for one another: two takes from three takes from one takes from two",
            "3: `five` is a later stage; move it above this one",
        ]
    );
}

#[test]
fn the_longest_chain_enters_a_stage_where_it_waits_the_longest() {
    let text = "FROM x AS deps\nWORKDIR /a\nRUN 1\nRUN 2\nFROM deps AS build\nCOPY . .\nRUN 3\nFROM y AS docs\nRUN 4\n\
                FROM z AS last\nRUN 5\nCOPY --from=docs a b\nCOPY --from=build a b\nRUN 6\nUSER me";
    let graph = graph(text);
    let link = |stage, layers| Link { stage, layers };
    assert_eq!(graph.longest_chain(3), [link(0, 3), link(1, 2), link(3, 2)]);
    assert_eq!(graph.longest_chain(2), [link(2, 1)]);
    assert_eq!(graph.waves(3), [vec![0, 2, 3], vec![1]]);
    assert_eq!(graph.first_wait(3).map(|edge| &edge.origin), Some(&Origin::Stage(2)));
    assert_eq!(graph.waves(1), [[0], [1]]);
    assert!(graph.first_wait(1).is_none());
}

#[test]
fn a_copy_finds_stages_by_name_and_index_and_else_takes_an_image() {
    let text =
        "FROM a AS one\nFROM b\nCOPY --from=ONE x y\nCOPY --from=0 x y\nCOPY --from=reg/img:1 x y\nCOPY x y";
    let image = Origin::Image("reg/img:1".to_owned());
    assert_eq!(origins(text), [Origin::Stage(0), Origin::Stage(0), image, Origin::Context]);
}

#[test]
fn a_heredoc_is_taken_from_nowhere() {
    assert_eq!(origins("FROM a\nCOPY <<A /x\nA\n"), []);
}

#[test]
fn mounts_take_from_stages_images_and_the_context() {
    let text = "FROM a AS one\nFROM b\nRUN --mount=from=one,target=/x --mount=target=/y --mount=type=cache,target=/z \
                --mount=type=cache,from=c:1,target=/w --mount=type=secret,id=s --mount=type=secret,target=/t --mount=type=ssh --mount=type=tmpfs,target=/u true";
    let id = |id: &str| id.to_owned();
    assert_eq!(
        origins(text),
        [
            Origin::Stage(0),
            Origin::Context,
            Origin::Cache(id("/z")),
            Origin::Cache(id("/w")),
            Origin::Image(id("c:1")),
            Origin::Secret(id("s")),
            Origin::Secret(id("t")),
            Origin::Ssh(id("default")),
            Origin::Tmpfs,
        ]
    );
    let kinds = graph(text).edges.into_iter().skip(2).map(|edge| edge.kind);
    let kinds: Vec<_> = kinds
        .map(|kind| match kind {
            EdgeKind::Mount { instruction: 2, kind } => kind,
            other => panic!("{other:?}"),
        })
        .collect();
    let [bind, cache, secret] = [MountKind::Bind, MountKind::Cache, MountKind::Secret];
    assert_eq!(kinds, [bind, bind, cache, cache, cache, secret, secret, MountKind::Ssh, MountKind::Tmpfs]);
}

#[test]
fn an_add_takes_from_the_web_with_the_stages_own_variables() {
    let text =
        "ARG HOST=h\nFROM a\nARG HOST\nENV URL=https://$HOST\nADD $URL/f.tar a b /x\nFROM c\nADD $URL/f /x";
    let unresolved = Origin::Unresolved("$URL/f".to_owned());
    assert_eq!(origins(text), [Origin::Http("$URL/f.tar".to_owned()), Origin::Context, unresolved]);
}

#[test]
fn a_stage_runs_the_triggers_of_the_stage_it_is_built_on() {
    let text = "FROM a AS tools\nFROM b AS base\nONBUILD COPY --from=tools x y\nFROM base";
    let graph = graph(text);
    let taken: Vec<_> = graph.taken_by(2).map(|edge| edge.origin.clone()).collect();
    assert_eq!(taken, [Origin::Stage(1), Origin::Stage(0)]);
    assert_eq!(graph.taken_by(1).count(), 1);
}

#[test]
fn what_reaches_the_target_and_what_is_in_its_image_are_two_things() {
    let text = "FROM a AS deps\nFROM deps AS build\nFROM deps AS test\nFROM b AS base\nFROM base\nCOPY --from=build x y";
    let graph = graph(text);
    let target = graph.target(None).unwrap();
    assert_eq!(graph.reachable(target), [0, 1, 3, 4]);
    assert_eq!(graph.chain(target), [3, 4]);
    assert_eq!(graph.reachable(2), [0, 2]);
    assert_eq!(graph.taken_from(0).count(), 2);
    assert!(graph.reachable(99).is_empty());
}

#[test]
fn a_target_is_found_by_name_or_index_and_a_wrong_one_gets_the_nearest() {
    let graph = graph("FROM a AS build\nFROM b");
    assert_eq!(graph.target(Some("BUILD")), Ok(0));
    assert_eq!(graph.target(Some("1")), Ok(1));
    let unknown = graph.target(Some("biuld")).unwrap_err();
    assert_eq!(unknown.suggestion.as_deref(), Some("build"));
    assert_eq!(unknown.to_string(), "no stage is named `biuld`; the stages are build, 1");
    assert!(
        super::resolve(&parse(&SourceFile::new("x", "")).dockerfile, &BTreeMap::new()).target(None).is_err()
    );
}

#[test]
fn an_instruction_belongs_to_its_stage() {
    let graph = graph("ARG a\nFROM a\nRUN x\nFROM b\nRUN y\nRUN z");
    let places: Vec<_> = graph.stages.iter().map(|stage| (stage.from, stage.instructions.clone())).collect();
    assert_eq!(places, [(1, 2..3), (3, 4..6)]);
}

#[test]
fn every_reference_that_leads_nowhere_is_an_issue() {
    let text = "\
FROM alpine AS alpine
FROM alpine AS Two
FROM Two AS two
FROM ${NOTHING} AS scratch
FROM ${x:-}
FROM ${x:z}
COPY --from=last a b
COPY --from=5 a b
COPY --from=7 a b
COPY --from=9 a b
COPY --from=$x a b
COPY --from=tow a b
RUN --mount=from=0,target=/x true
FROM img-$NOTHING${ELSE:-x}
COPY --from=last a b
FROM a AS last
FROM alpine b
";
    insta::assert_snapshot!(issues(text).join("\n"));
}

#[test]
fn a_stage_with_an_images_name_stands_for_the_image_from_there_on() {
    let text = "FROM node\nFROM x AS node\nFROM node";
    assert_eq!(bases(text, &[]), ["node", "x", "stage 1"]);
    let shadowed = "1: `node` is also the image that stage 0 is built on; below, the name means this stage";
    assert_eq!(issues(text), [shadowed]);
    assert_eq!(issues("FROM node AS node\nFROM node"), Vec::<String>::new());
}

#[test]
fn a_name_near_another_image_is_no_slip() {
    assert_eq!(
        issues("FROM node AS nodes\nFROM node\nFROM golang AS build\nFROM node"),
        Vec::<String>::new()
    );
}

fn dockerfile_like() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "a",
        "b",
        "c",
        "0",
        "1",
        "2",
        "$x",
        "${y:-b}",
        "scratch",
        "https://h/x.git",
    ]);
    let line = (0..8usize, word.clone(), word).prop_map(|(kind, one, two)| match kind {
        0 => format!("FROM {one}\n"),
        1 | 2 => format!("FROM {one} AS {two}\n"),
        3 => format!("COPY --from={one} x y\n"),
        4 => format!("RUN --mount=from={one},target=/{two} true\n"),
        5 => format!("ONBUILD COPY --from={one} x y\n"),
        6 => format!("ADD {one} {two} /x\n"),
        _ => format!("ARG x={one}\n"),
    });
    proptest::collection::vec(line, 0..20).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn a_stage_takes_from_earlier_stages_only(text in dockerfile_like()) {
        let graph = graph(&text);
        let stages = parse(&SourceFile::new("x", text)).dockerfile.instructions()
            .filter(|instruction| instruction.keyword == Some(Keyword::From)).count();
        prop_assert_eq!(graph.stages.len(), stages);
        prop_assert!(graph.edges.is_sorted_by_key(|edge| edge.stage));
        for edge in &graph.edges {
            if let Origin::Stage(origin) = edge.origin {
                prop_assert!(origin < edge.stage);
            }
        }
        for stage in 0..stages {
            let reachable = graph.reachable(stage);
            prop_assert_eq!(reachable.last(), Some(&stage));
            prop_assert!(graph.chain(stage).iter().all(|below| reachable.contains(below)));
            prop_assert_eq!(graph.taken_by(stage).filter(|edge| edge.kind == EdgeKind::From).count(), 1);
            let chain = graph.longest_chain(stage);
            prop_assert!(chain.is_sorted_by_key(|link| link.stage));
            prop_assert!(chain.iter().all(|link| reachable.contains(&link.stage)));
            let own: usize = graph.chain(stage).iter().map(|below| graph.stages[*below].layers.len()).sum();
            prop_assert!(chain.iter().map(|link| link.layers).sum::<usize>() >= own);
            let mut waves = graph.waves(stage).concat();
            waves.sort_unstable();
            prop_assert_eq!(waves, reachable);
        }
    }
}
