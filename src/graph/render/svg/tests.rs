//! Laws of the layout, and what people see of two files.

use proptest::prelude::*;

use super::layout::{Layout, Point, Rect, Shape, Size, Wire, layout};
use super::measure::Face;
use crate::dockerfile::parse;
use crate::graph::render::{Format, render};
use crate::graph::{Build, resolve_build};
use crate::text::SourceFile;

const SMALL: &str = "\
FROM golang:1.23 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=secret,id=netrc go mod download
COPY . .
RUN go build -o /out/app
FROM build AS test
RUN go test ./...
FROM scratch
COPY --from=build /out/app /
COPY --from=assets:1 /a&b /
ADD https://example.net/geo.db /
";

const LARGE: &str = "\
ARG GO=1.23
FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.5 AS xx
FROM --platform=$BUILDPLATFORM golang:${GO}-alpine AS gobase
COPY --from=xx / /
RUN apk add git bash
FROM gobase AS deps
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
FROM deps AS source
COPY . .
FROM source AS version
RUN --mount=type=bind,target=. ./hack/version > /version
FROM source AS lint
RUN --mount=from=golangci/golangci-lint:v1.61,source=/usr/bin/golangci-lint,target=/lint /lint run
FROM source AS a-name-of-sixty-characters-that-no-box-could-ever-hold-in-full
RUN go mod vendor
FROM source AS unit
RUN go test ./...
FROM source AS build
COPY --from=version /version /version
RUN go build -o /bin/app
FROM source AS race
RUN go build -race -o /bin/app
FROM alpine:3.20 AS runc-src
ADD https://github.com/opencontainers/runc.git#v1.1.14 /src
FROM gobase AS runc
COPY --from=runc-src /src .
RUN make
FROM gobase AS cni
ADD https://github.com/containernetworking/plugins/releases/download/v1.5/cni.tgz /
RUN tar xf cni.tgz
FROM node:22-slim AS ui-deps
COPY ui/package*.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
FROM ui-deps AS ui
COPY ui .
RUN npm run build
FROM ui-deps AS ui-test
COPY ui .
RUN npm test
FROM scratch AS binaries
COPY --from=build /bin/app /
COPY --from=runc /src/runc /
FROM alpine:3.20 AS rootbase
RUN apk add ca-certificates
FROM rootbase AS rootless
COPY --from=binaries / /usr/bin/
COPY --from=cni /opt/cni /opt/cni
COPY --from=ui /app/dist /srv/ui
FROM rootbase AS integration
COPY --from=binaries / /usr/bin/
COPY --from=race /bin/app /usr/bin/app-race
COPY --from=unit /src/coverage /coverage
COPY --from=biuld /x /y
FROM rootbase AS release
COPY --from=binaries / /usr/bin/
COPY --from=cni /opt/cni /opt/cni
COPY --from=ui /app/dist /srv/ui
RUN --mount=type=tmpfs,target=/tmp --mount=type=secret,id=key sign
";

fn drawn(text: &str) -> String {
    let source = SourceFile::new("Dockerfile", text);
    let contexts = [("assets:1".to_owned(), "../assets".to_owned())].into();
    let dockerfile = parse(&source).dockerfile;
    let graph = resolve_build(&dockerfile, &Build { contexts, ..Build::default() });
    render(&graph, &dockerfile, &source, graph.stages.len().saturating_sub(1), Format::Svg)
}

#[test]
fn a_small_file_is_a_picture() {
    insta::assert_snapshot!(drawn(SMALL));
}

#[test]
fn a_large_file_is_a_picture() {
    insta::assert_snapshot!(drawn(LARGE));
}

#[test]
fn a_text_is_cut_in_the_middle_to_fit() {
    let face = Face::plain(12.0);
    assert_eq!(face.fit("short", 60.0), "short");
    let cut = face.fit("registry.example.net/team/image:1.2.3", 120.0);
    assert!(cut.starts_with("reg") && cut.contains('…') && cut.ends_with(".2.3"), "{cut}");
    assert!(face.width(&cut) <= 120.0);
    assert_eq!(face.fit("long", 1.0), "…");
}

#[test]
fn what_no_picture_can_hold_is_said_in_one() {
    let many = "FROM scratch\n".repeat(401);
    for (text, says) in [("", "no stages"), (many.as_str(), "401 stages are too many for a picture")] {
        let svg = drawn(text);
        assert!(svg.contains(says), "{svg}");
        well_formed(&svg).unwrap();
    }
}

/// Whether every tag is closed by its own, every attribute quoted, and nothing stands raw that would be markup.
fn well_formed(xml: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        references(&rest[..start])?;
        let end = rest[start..].find('>').ok_or("a tag is never closed")? + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("`{name}` closes another tag"));
            }
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if name == "style" {
            rest = rest.split_once("</style>").ok_or("the style sheet never ends")?.1;
            continue;
        }
        let quotes: Vec<&str> = tag.split('"').collect();
        if quotes.len().is_multiple_of(2) {
            return Err(format!("a quote is open in `{tag}`"));
        }
        for (place, part) in quotes.iter().enumerate() {
            let is_value = place % 2 == 1;
            if is_value {
                references(part)?;
            } else if place + 1 < quotes.len() && !part.ends_with('=') {
                return Err(format!("no `=` before a value in `{tag}`"));
            }
        }
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    if !open.is_empty() || !rest.trim().is_empty() {
        return Err(format!("left open: {open:?}, behind it: `{rest}`"));
    }
    Ok(())
}

/// Whether all references are XML's own, and all characters ones that XML has.
fn references(text: &str) -> Result<(), String> {
    for part in text.split('&').skip(1) {
        if !["amp;", "lt;", "gt;", "quot;"].iter().any(|known| part.starts_with(known)) {
            return Err(format!("`&{part}` is no reference"));
        }
    }
    match text.chars().find(|ch| ch.is_control() && *ch != '\n') {
        Some(ch) => Err(format!("{ch:?} is no character of XML")),
        None => Ok(()),
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    let size = (20.0..240.0_f64, 20.0..120.0_f64, 0.0..60.0_f64);
    let inner = proptest::collection::vec(size.clone(), 1..14);
    let outer = proptest::collection::vec(size, 0..6);
    let wire = (any::<u16>(), any::<u16>(), 0..3_usize, 0.0..160.0_f64, 0.0..40.0_f64);
    (inner, outer, proptest::collection::vec(wire, 0..40)).prop_map(|(inner, outer, wires)| {
        let count = inner.len();
        let size =
            |hugs: bool| move |(width, height, below): (f64, f64, f64)| Size { width, height, below, hugs };
        let outer_count = outer.len();
        let boxes: Vec<Size> =
            inner.into_iter().map(size(false)).chain(outer.into_iter().map(size(true))).collect();
        let wires = wires.into_iter().filter_map(|(from, to, style, label_width, label_height)| {
            let to = usize::from(to) % count;
            // From an earlier box, or from one outside.
            let sources = to + outer_count;
            let from = usize::from(from).checked_rem(sources)?;
            let from = if from < to { from } else { count + from - to };
            Some(Wire { from, to, style, label_width, label_height })
        });
        Shape { wires: wires.collect(), boxes }
    })
}

fn overlap(one: &Rect, other: &Rect) -> bool {
    let apart = one.x + one.width <= other.x + 0.01 || other.x + other.width <= one.x + 0.01;
    let bottom = |rect: &Rect| rect.y + rect.height + rect.below;
    !apart && one.y < bottom(other) && other.y < bottom(one)
}

/// Whether the level stretch between two abscissae at `y` goes through the box.
fn through(rect: &Rect, from: f64, to: f64, y: f64) -> bool {
    from + 0.01 < rect.x + rect.width
        && to > rect.x + 0.01
        && y > rect.y
        && y < rect.y + rect.height + rect.below
}

fn within(layout: &Layout, point: Point) -> bool {
    (0.0..=layout.width).contains(&point.x) && (0.0..=layout.height).contains(&point.y)
}

proptest! {
    #[test]
    fn boxes_never_overlap_and_wires_end_at_theirs_and_cross_no_other(shape in shapes()) {
        let layout = layout(&shape);
        for (place, one) in layout.boxes.iter().enumerate() {
            prop_assert!(one.x >= 0.0 && one.y >= 0.0, "{:?}", one);
            for other in &layout.boxes[place + 1..] {
                prop_assert!(!overlap(one, other), "{:?} {:?}", one, other);
            }
        }
        for (wire, route) in shape.wires.iter().zip(&layout.routes) {
            let (from, to) = (layout.boxes[wire.from], layout.boxes[wire.to]);
            let (start, end) = (route.start, route.end());
            prop_assert!((start.x - from.x - from.width).abs() < 0.01);
            prop_assert!(start.y >= from.y && start.y <= from.y + from.height, "{:?} {:?}", from, start);
            prop_assert!((end.x - to.x).abs() < 0.01);
            prop_assert!(end.y >= to.y && end.y <= to.y + to.height, "{:?} {:?}", to, end);
            let mut at = start;
            for hop in &route.hops {
                let ways = [at.x, hop.bend, hop.curve_to.x, hop.end.x];
                prop_assert!(ways.is_sorted_by(|one, next| *one <= next + 0.01), "{:?}", route);
                prop_assert!(within(&layout, hop.curve_to) && within(&layout, hop.end));
                for rect in &layout.boxes {
                    prop_assert!(!through(rect, at.x, hop.bend, at.y), "{:?} {:?}", rect, route);
                    prop_assert!(!through(rect, hop.curve_to.x, hop.end.x, hop.end.y), "{:?} {:?}", rect, route);
                    // Between the two no box stands at all.
                    let beside = rect.x + rect.width <= hop.bend + 0.01 || rect.x >= hop.curve_to.x;
                    prop_assert!(beside, "{:?} {:?}", rect, route);
                }
                at = hop.end;
            }
        }
    }

    #[test]
    fn any_file_gives_a_well_formed_picture_and_always_the_same(
        lines in proptest::collection::vec(prop_oneof![
            Just("FROM a AS b"), Just("FROM b AS \"<c>\""), Just("FROM $x"), Just("FROM scratch"), Just("FROM b"),
            Just("COPY --from=b <&> y"), Just("COPY --from=0 \u{1}\u{FFFF} y"), Just("COPY . ]]> /"),
            Just("ADD https://h/&amp;<script> git@h:x /"), Just("RUN --mount=from=b,target=/'\" x"),
            Just("RUN --mount=type=cache,id=&&,target=/x --mount=type=ssh --mount=type=secret,id=s x"),
            Just("COPY --from=9 x y"), Just("WORKDIR /a"), Just("RUN --mount=type=tmpfs,target=/t x"), Just("# é 日本"),
        ], 0..40),
    ) {
        let text = lines.join("\n");
        let svg = drawn(&text);
        prop_assert_eq!(well_formed(&svg), Ok(()));
        prop_assert!(!svg.contains("<script") && !svg.contains("NaN") && !svg.contains("inf"));
        prop_assert_eq!(svg, drawn(&text));
    }
}
