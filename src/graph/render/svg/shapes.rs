//! The outlines: each kind of thing has its own.

use std::fmt::Write;

use super::super::Role;
use super::draw::number;
use super::hanging::HangingKind;
use super::layout::Rect;
use super::scene::{ArrowKind, Kind};

/// The outline of a node as SVG elements.
pub(super) fn node(kind: Kind, role: Role, rect: Rect) -> String {
    let Rect { x, y, width, height, .. } = rect;
    match kind {
        Kind::Stage => {
            let class = match role {
                Role::Target => "target",
                Role::Reached => "stage",
                Role::Unreached => "off",
            };
            rounded(class, rect, 7.0)
        }
        // A pile of layers.
        Kind::Image => {
            let mut pile = String::new();
            for step in [6.0, 3.0] {
                let behind = Rect { x: x + step, y: y - step, width: width - 2.0 * step, ..rect };
                pile.push_str(&rounded("image", behind, 4.0));
            }
            pile + &rounded("image", rect, 4.0)
        }
        Kind::Scratch => rounded("empty", rect, height / 2.0),
        Kind::Context => folder(rect),
        // A sheet with a folded corner.
        Kind::Git | Kind::Http => {
            let (right, bottom, fold) = (x + width, y + height, 11.0);
            let corner = [(right - fold, y), (right - fold, y + fold), (right, y + fold)];
            let sheet = [(x, y), (right - fold, y), (right, y + fold), (right, bottom), (x, bottom)];
            format!("<path class=\"remote\" d=\"{}Z{}\"/>", path(&sheet), path(&corner))
        }
        Kind::Unresolved => {
            let (right, bottom, middle, cut) = (x + width, y + height, y + height / 2.0, 9.0);
            let hexagon = [
                (x, middle),
                (x + cut, y),
                (right - cut, y),
                (right, middle),
                (right - cut, bottom),
                (x + cut, bottom),
            ];
            format!("<path class=\"unknown\" d=\"{}Z\"/>", path(&hexagon))
        }
    }
}

/// The outline of what hangs below a stage.
pub(super) fn hanging(kind: HangingKind, rect: Rect) -> String {
    let Rect { x, y, width, height, .. } = rect;
    let (right, bottom) = (x + width, y + height);
    match kind {
        HangingKind::Context => folder(rect),
        // A drum, lying.
        HangingKind::Cache => {
            let [x, right, y, bottom, end] = [x + 5.0, right - 5.0, y, bottom, 5.0].map(number);
            let half = number(height / 2.0);
            format!(
                "<path class=\"mounted\" d=\"M{x} {y}H{right}A{end} {half} 0 0 1 {right} {bottom}H{x}A{end} {half} 0 0 1 {x} {y}ZM{x} {y}A{end} {half} 0 0 1 {x} {bottom}\"/>"
            )
        }
        // A tag with its corners cut off.
        HangingKind::Secret | HangingKind::Ssh => {
            let cut = 6.0;
            let tag = [
                (x + cut, y),
                (right - cut, y),
                (right, y + cut),
                (right, bottom - cut),
                (right - cut, bottom),
                (x + cut, bottom),
                (x, bottom - cut),
                (x, y + cut),
            ];
            format!("<path class=\"mounted\" d=\"{}Z\"/>", path(&tag))
        }
        HangingKind::Tmpfs | HangingKind::More => rounded("empty", rect, height / 2.0),
    }
}

/// A rectangle; its corners' radius in pixels.
pub(super) fn rounded(class: &str, rect: Rect, radius: f64) -> String {
    let Rect { x, y, width, height, .. } = rect;
    let [x, y, width, height, radius] = [x, y, width, height, radius].map(number);
    format!(
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>"
    )
}

fn folder(rect: Rect) -> String {
    let Rect { x, y, width, height, .. } = rect;
    let (right, bottom) = (x + width, y + height);
    let flap = (width * 0.3).min(34.0);
    let outline =
        [(x, y - 4.0), (x + flap, y - 4.0), (x + flap + 4.0, y), (right, y), (right, bottom), (x, bottom)];
    format!("<path class=\"context\" d=\"{}Z\"/>", path(&outline))
}

/// The point of an arrow that comes from the left.
pub(super) fn arrow_head(kind: ArrowKind, x: f64, y: f64) -> String {
    let half = if kind == ArrowKind::From { 5.0 } else { 4.0 };
    let head = [(x, y), (x - 9.0, y - half), (x - 9.0, y + half)];
    format!("<path class=\"head-{}\" d=\"{}Z\"/>", class(kind), path(&head))
}

/// The class of a wire.
pub(super) fn class(kind: ArrowKind) -> &'static str {
    match kind {
        ArrowKind::From => "from",
        ArrowKind::Copy => "copy",
        ArrowKind::Add => "add",
        ArrowKind::Bind => "bind",
        ArrowKind::Cache => "cache",
    }
}

/// A path through these points.
fn path(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (place, (x, y)) in points.iter().enumerate() {
        let command = if place == 0 { 'M' } else { 'L' };
        // Writing to a string can't fail.
        let _ = write!(path, "{command}{} {}", number(*x), number(*y));
    }
    path
}
