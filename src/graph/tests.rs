//! What the graph holds for a file, and what it says is wrong with one.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Base, EdgeKind, MountKind, Origin, StageGraph, resolve};
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

#[test]
fn platform_arguments_are_set_from_the_build_arguments() {
    let text = "FROM --platform=$BUILDPLATFORM a-${TARGETARCH}${TARGETVARIANT}";
    let given = [("BUILDPLATFORM", "linux/amd64"), ("TARGETPLATFORM", "linux/arm/v7")];
    assert_eq!(bases(text, &given), ["a-armv7"]);
    let platform = graph_with(text, &given).stages[0].platform.clone().unwrap();
    assert_eq!(
        (platform.written.as_str(), platform.resolved.as_deref()),
        ("$BUILDPLATFORM", Some("linux/amd64"))
    );
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
                --mount=type=cache,from=c:1,target=/w --mount=type=secret,id=s true";
    assert_eq!(origins(text), [Origin::Stage(0), Origin::Context, Origin::Image("c:1".to_owned())]);
    let kinds: Vec<_> = graph(text).edges.iter().map(|edge| edge.kind).skip(2).collect();
    let mount = |kind| EdgeKind::Mount { instruction: 2, kind };
    assert_eq!(kinds, [mount(MountKind::Bind), mount(MountKind::Bind), mount(MountKind::Cache)]);
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
        }
    }
}
