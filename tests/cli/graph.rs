//! `plimsoll graph` in its formats.

use insta::assert_snapshot;

use crate::scratch::Scratch;

const SHOP: &str = "\
ARG NODE=22
FROM node:${NODE}-slim AS base
WORKDIR /app

FROM --platform=$BUILDPLATFORM base AS deps
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci

FROM base AS build
COPY --from=deps /app/node_modules node_modules
COPY . .
RUN npm run build

FROM build AS tests
RUN npm test

FROM nginx:1.29 AS web
COPY --from=build /app/dist /usr/share/nginx/html
COPY --from=ghcr.io/acme/assets:1.2 /logo.svg /usr/share/nginx/html/
RUN --mount=type=bind,from=deps,source=/app,target=/deps ls /deps
";

#[test]
fn a_rich_file_as_text() {
    assert_snapshot!(Scratch::of(SHOP).run(&["graph"]));
}

#[test]
fn a_rich_file_as_mermaid() {
    assert_snapshot!(Scratch::of(SHOP).run(&["graph", "--format", "mermaid"]));
}

#[test]
fn a_rich_file_as_dot() {
    assert_snapshot!(Scratch::of(SHOP).run(&["graph", "--format", "dot"]));
}

#[test]
fn a_rich_file_as_json() {
    let outcome = Scratch::of(SHOP).run(&["graph", "--format", "json"]);
    assert_eq!(outcome.stderr, "");
    insta::assert_json_snapshot!(outcome.json());
}

#[test]
fn another_target_needs_other_stages() {
    assert_snapshot!(Scratch::of(SHOP).run(&["graph", "--target", "tests"]));
}

#[test]
fn an_unknown_target_is_refused_with_the_nearest_one() {
    assert_snapshot!(Scratch::of(SHOP).run(&["graph", "--target", "biuld"]));
    assert_snapshot!(Scratch::of(SHOP).run(&["graph", "--target", "zzz"]));
}

#[test]
fn a_file_that_does_not_parse_has_no_graph() {
    assert_snapshot!(Scratch::of("FROM a\nCOPPY a b\n").run(&["graph"]));
}

#[test]
fn a_rich_file_as_a_picture() {
    let outcome = Scratch::of(SHOP).run(&["graph", "--format", "svg"]);
    assert_eq!(outcome.stderr, "");
    assert!(
        outcome.stdout.starts_with("<svg ") && outcome.stdout.ends_with("</svg>\n"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn arguments_a_platform_and_contexts_of_the_build_decide() {
    let text = "ARG BASE=none\nFROM --platform=$BUILDPLATFORM $BASE-$TARGETARCH AS one\nFROM two\nCOPY --from=one a b\n";
    assert_snapshot!(Scratch::of(text).run(&[
        "graph",
        "--build-arg",
        "BASE=given",
        "--platform",
        "linux/arm64",
        "--build-context",
        "two=docker-image://alpine",
        "--build-context",
        "tow=.",
    ]));
    let wrong = Scratch::of(text).run(&["graph", "--build-context", "two"]);
    assert!(wrong.stderr.contains("write it as NAME=WHERE"), "{}", wrong.stderr);
}

/// The shop with files to take.
fn shop() -> Scratch {
    let files = ["package.json", "package-lock.json", "src/main.js", "docs/guide.md"];
    let scratch = files.into_iter().fold(Scratch::of(SHOP), |scratch, path| scratch.file(path, path));
    scratch.file(".dockerignore", "# Not for the build.\ndocs\n")
}

#[test]
fn a_changed_file_runs_again_what_takes_it_and_what_stands_on_that() {
    assert_snapshot!(shop().run(&["graph", "--changed", "src/main.js", "--changed", "docs/guide.md"]));
}

#[test]
fn a_changed_lock_file_for_another_target_as_json() {
    let arguments = ["graph", "--changed", "package-lock.json", "--target", "deps", "--format", "json"];
    let outcome = shop().run(&arguments);
    assert_eq!(outcome.stderr, "");
    insta::assert_json_snapshot!(outcome.json());
}

#[test]
fn a_changed_argument_and_a_changed_image_run_again_what_is_built_on_them() {
    let arguments =
        ["graph", "--changed-arg", "NODE", "--changed-arg", "COLOUR", "--changed-image", "nginx:1.29"];
    assert_snapshot!(shop().run(&arguments));
}

#[test]
fn the_paths_are_those_of_the_context_that_is_named() {
    let scratch = Scratch::new()
        .file("docker/web.Dockerfile", "FROM scratch\nCOPY site /\nCOPY --from=x / /\n")
        .file("site/index.html", "")
        .file("docker/web.Dockerfile.dockerignore", "**/*.map\n");
    let arguments = [
        "graph",
        "docker/web.Dockerfile",
        "--context",
        ".",
        "--changed",
        "site/index.html",
        "--changed",
        "site/x.map",
    ];
    assert_snapshot!(scratch.run(&arguments));
}

#[test]
fn what_runs_again_is_no_drawing() {
    assert_snapshot!(shop().run(&["graph", "--changed", "x", "--format", "mermaid"]));
}
