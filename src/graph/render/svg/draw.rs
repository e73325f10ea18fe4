//! The picture as text.

use std::fmt::Write;

use super::super::Role;
use super::hanging::{HANG, HANG_GAP, HANG_INDENT, HANG_PAD, Hanging};
use super::layout::{Layout, Point, Rect, Route, count};
use super::legend;
use super::scene::{Arrow, KIND, Kind, LABEL_LINE, LINE, Node, PAD, Scene, TEXT, TITLE, role_word};
use super::{shapes, style};

/// Around everything.
const MARGIN: f64 = 26.0;
/// The room for the words above the drawing, where that is narrow.
const NARROWEST: f64 = 520.0;
/// From an arrow's end back to the line that its head covers.
const HEAD: f64 = 8.0;

/// The scene in its places; ends with a newline.
pub(super) fn picture(scene: &Scene, layout: &Layout) -> String {
    let room = layout.width.max(NARROWEST);
    let summary: Vec<String> = scene.summary.iter().map(|line| TEXT.fit(line, room)).collect();
    let head_width = summary.iter().map(|line| TEXT.width(line)).fold(TITLE.width(&scene.title), f64::max);
    let width = layout.width.max(head_width).max(440.0) + 2.0 * MARGIN;
    let top = MARGIN + 22.0 + 16.0 * count(summary.len()) + 22.0;
    let legend = legend::legend(scene, width - 2.0 * MARGIN);
    let foot = top + layout.height + 24.0;
    let height = foot + legend.height + MARGIN - 6.0;

    let mut svg = String::new();
    head(&mut svg, width, height, &scene.title, &scene.summary.join("; "));
    text(&mut svg, "title", MARGIN, MARGIN + 14.0, &scene.title);
    for (place, line) in summary.iter().enumerate() {
        text(&mut svg, "text soft", MARGIN, MARGIN + 34.0 + 16.0 * count(place), line);
    }
    // A drawing that is narrower than the words above it stands in the middle.
    let left = MARGIN + ((width - 2.0 * MARGIN - layout.width) / 2.0).round();
    let _ = writeln!(svg, "<g transform=\"translate({} {})\">", number(left), number(top));
    for (arrow, route) in scene.arrows.iter().zip(&layout.routes) {
        let faded = scene.nodes.get(arrow.to).is_some_and(|node| node.role == Role::Unreached);
        draw_arrow(&mut svg, arrow, route, faded);
    }
    for (node, rect) in scene.nodes.iter().zip(&layout.boxes) {
        draw_node(&mut svg, node, *rect);
    }
    svg.push_str("</g>\n");
    let _ = writeln!(
        svg,
        "<path class=\"rule\" d=\"M{} {}H{}\"/>",
        number(MARGIN),
        number(foot),
        number(width - MARGIN)
    );
    let _ = writeln!(svg, "<g transform=\"translate({} {})\">", number(MARGIN), number(foot));
    svg.push_str(&legend.svg);
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// A picture of nothing but a sentence.
pub(super) fn note(sentence: &str) -> String {
    let mut svg = String::new();
    head(&mut svg, TEXT.width(sentence) + 2.0 * MARGIN, 60.0, "Stage graph", sentence);
    text(&mut svg, "text", MARGIN, 34.0, sentence);
    svg.push_str("</svg>\n");
    svg
}

fn head(svg: &mut String, width: f64, height: f64, title: &str, description: &str) {
    let [width, height] = [width, height].map(|length| number(length.ceil()));
    let (title, description) = (escaped(title), escaped(description));
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"plimsoll-title plimsoll-desc\">"
    );
    let _ = writeln!(svg, "<title id=\"plimsoll-title\">Stages of {title}</title>");
    let _ = writeln!(svg, "<desc id=\"plimsoll-desc\">{description}</desc>");
    let _ = writeln!(svg, "<style>\n{}</style>", style::SHEET);
    let _ = writeln!(
        svg,
        "<rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"10\"/>",
        number(width.parse().unwrap_or(1.0) - 1.0),
        number(height.parse().unwrap_or(1.0) - 1.0)
    );
}

fn draw_arrow(svg: &mut String, arrow: &Arrow, route: &Route, faded: bool) {
    let end = route.end();
    open(svg, faded, &arrow.tooltip);
    let _ = write!(svg, "<path class=\"wire {}\" d=\"{}\"/>", shapes::class(arrow.kind), way(route));
    svg.push_str(&shapes::arrow_head(arrow.kind, end.x, end.y));
    for (place, line) in arrow.label.iter().rev().enumerate() {
        // Before the arrow's head, on the line.
        text(svg, "label", end.x - HEAD - 5.0, end.y - 4.0 - LABEL_LINE * count(place), line);
    }
    svg.push_str("</g>\n");
}

/// The path of a wire, up to its arrow's head.
fn way(route: &Route) -> String {
    let start = route.start;
    let mut path = format!("M{} {}", number(start.x), number(start.y));
    let mut y = start.y;
    let last = route.hops.len().saturating_sub(1);
    for (place, hop) in route.hops.iter().enumerate() {
        let Point { x, y: to } = hop.curve_to;
        let end = if place == last { hop.end.x - HEAD } else { hop.end.x };
        if (to - y).abs() > 0.5 {
            let middle = number(f64::midpoint(hop.bend, x));
            let (bend, from, x, to) = (number(hop.bend), number(y), number(x), number(to));
            let _ = write!(path, "L{bend} {from}C{middle} {from} {middle} {to} {x} {to}");
        }
        let _ = write!(path, "H{}", number(end));
        y = to;
    }
    path
}

fn draw_node(svg: &mut String, node: &Node, rect: Rect) {
    let is_stage = node.kind == Kind::Stage;
    open(svg, node.role == Role::Unreached, &node.tooltip);
    for (place, hanging) in node.hanging.iter().enumerate() {
        draw_hanging(svg, hanging, rect, place);
    }
    svg.push_str(&shapes::node(node.kind, node.role, rect));
    let content = if is_stage { 2.0 + LINE * count(node.lines.len() + 1) } else { 0.0 };
    let x = rect.x + PAD;
    if is_stage {
        let mut y = rect.y + ((rect.height - content) / 2.0).round() + 13.0;
        text(svg, "name", x, y, &node.name);
        for line in &node.lines {
            y += LINE;
            text(svg, "text soft", x, y, line);
        }
        if let Some(word) = role_word(node.role) {
            badge(svg, word, node.role, rect.x + rect.width - 10.0, y);
        }
        if node.issues > 0 {
            warning(svg, rect.x + rect.width - 12.0, rect.y + 10.0);
        }
    } else if node.kind == Kind::Scratch {
        text(svg, "text", x, rect.y + 19.0, &node.name);
    } else {
        text(svg, "kind soft", x, rect.y + 15.0, node.kind.word());
        text(svg, "text", x, rect.y + 30.0, &node.name);
        for (place, line) in node.lines.iter().enumerate() {
            text(svg, "text soft", x, rect.y + 46.0 + LINE * count(place), line);
        }
    }
    svg.push_str("</g>\n");
}

fn draw_hanging(svg: &mut String, hanging: &Hanging, rect: Rect, place: usize) {
    let bottom = rect.y + rect.height;
    let y = bottom + HANG_GAP + 2.0 + (HANG + HANG_GAP) * count(place);
    let (stem, x) = (rect.x + 11.0, rect.x + HANG_INDENT);
    let above = if place == 0 { bottom } else { y - HANG_GAP - HANG / 2.0 };
    open(svg, false, &hanging.tooltip);
    let [stem_x, above, middle, to] = [stem, above, y + HANG / 2.0, x].map(number);
    let _ = write!(svg, "<path class=\"stem\" d=\"M{stem_x} {above}V{middle}H{to}\"/>");
    let place = Rect { x, y, width: hanging.width, height: HANG, below: 0.0 };
    svg.push_str(&shapes::hanging(hanging.kind, place));
    text(svg, "small", x + HANG_PAD, y + 14.0, &hanging.text);
    svg.push_str("</g>");
}

/// A word on a pill whose right end is at `right`, on the line at `y`.
fn badge(svg: &mut String, word: &str, role: Role, right: f64, y: f64) {
    let width = (KIND.width(word) + 18.0).ceil();
    let pill = Rect { x: right - width, y: y - 11.0, width, height: 15.0, below: 0.0 };
    let (class, on) =
        if role == Role::Target { ("badge", "kind middle on-badge") } else { ("empty", "kind middle soft") };
    svg.push_str(&shapes::rounded(class, pill, 7.5));
    text(svg, on, pill.x + width / 2.0, y, word);
}

/// A triangle with a stroke in it, its right end at `right`.
fn warning(svg: &mut String, right: f64, y: f64) {
    let [left, middle, right] = [right - 15.0, right - 7.5, right].map(number);
    let [top, bottom, from, to, dot] = [y, y + 13.0, y + 4.5, y + 8.5, y + 10.2].map(number);
    let _ = write!(
        svg,
        "<path class=\"warning\" d=\"M{middle} {top}L{right} {bottom}H{left}Z\"/><path d=\"M{middle} {from}V{to}M{middle} {dot}V{bottom}\" stroke=\"#fff\" stroke-width=\"1.6\"/>"
    );
}

/// A group with what a pointer that rests on it is told.
fn open(svg: &mut String, faded: bool, tooltip: &str) {
    let class = if faded { " class=\"faded\"" } else { "" };
    let _ = write!(svg, "<g{class}><title>{}</title>", escaped(tooltip));
}

pub(super) fn text(svg: &mut String, class: &str, x: f64, y: f64, text: &str) {
    let (x, y) = (number(x), number(y));
    let _ = write!(svg, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(text));
}

/// A length with at most one decimal.
pub(super) fn number(length: f64) -> String {
    let text = format!("{length:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// Text as XML takes it: markup becomes references; control characters, which XML has no way to say, are replaced.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push('\n'),
            ch if ch.is_control() || matches!(ch, '\u{FFFE}' | '\u{FFFF}') => {
                escaped.push(char::REPLACEMENT_CHARACTER);
            }
            ch => escaped.push(ch),
        }
    }
    escaped
}
