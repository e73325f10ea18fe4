//! What people and programs see of a graph.

use std::collections::BTreeMap;

use super::{Format, render};
use crate::dockerfile::parse;
use crate::graph::resolve;
use crate::text::SourceFile;

const SHOP: &str = "\
ARG NODE=22
FROM --platform=$BUILDPLATFORM node:${NODE}-alpine AS deps
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
FROM deps AS build
COPY . .
RUN --mount=type=bind,from=tools,target=/tools npm run build
FROM deps AS test
RUN npm test
FROM nginx:1.27-alpine
COPY --from=build /app/dist /usr/share/nginx/html
COPY --from=build /app/nginx.conf /etc/nginx/
ADD https://example.net/geo.db git@example.net:a/b.git extra /srv/
COPY --from=biuld /x /y
";

/// A name that means something in every one of the formats.
const ODD: &str = "FROM reg.example/\"a\\b\"`<i>#35;|]&amp;'q'x AS x\nADD https://h/a\"b\\n[c]|d;e#f /\nCOPY --from=$x a b\n";

fn rendered(text: &str, format: Format) -> String {
    let source = SourceFile::new("Dockerfile", text);
    let platform = ("BUILDPLATFORM".to_owned(), "linux/arm64".to_owned());
    let dockerfile = parse(&source).dockerfile;
    let graph = resolve(&dockerfile, &BTreeMap::from([platform]));
    render(&graph, &dockerfile, &source, graph.stages.len().saturating_sub(1), format)
}

#[test]
fn the_text_shows_what_each_stage_takes_and_whether_it_is_needed() {
    insta::assert_snapshot!(rendered(SHOP, Format::Text));
    insta::assert_snapshot!("odd_text", rendered(ODD, Format::Text));
}

#[test]
fn mermaid_draws_the_flow_and_survives_odd_names() {
    insta::assert_snapshot!(rendered(SHOP, Format::Mermaid));
    insta::assert_snapshot!("odd_mermaid", rendered(ODD, Format::Mermaid));
}

#[test]
fn dot_draws_the_flow_and_survives_odd_names() {
    insta::assert_snapshot!(rendered(SHOP, Format::Dot));
    insta::assert_snapshot!("odd_dot", rendered(ODD, Format::Dot));
}

#[test]
fn json_tells_all_of_it_to_a_program() {
    insta::assert_snapshot!(rendered(SHOP, Format::Json));
}

#[test]
fn a_file_without_stages_is_drawn_too() {
    for format in [Format::Text, Format::Mermaid, Format::Dot, Format::Svg, Format::Json] {
        assert!(rendered("", format).ends_with('\n'), "{format:?}");
    }
}
