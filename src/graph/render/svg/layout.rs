//! Where everything stands: a drawing in columns, after Sugiyama, that knows only boxes and wires.
//!
//! A wire crosses the columns in between on a lane of its own, and bends only in the free strip before a column, so no
//! wire runs through a box.

use super::columns::{Columns, Item, columns};
use super::settle::tops;

/// What has to be placed.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) boxes: Vec<Size>,
    pub(super) wires: Vec<Wire>,
}

/// A box, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    /// Of the part that wires end at.
    pub(super) height: f64,
    /// Of what hangs below it.
    pub(super) below: f64,
    /// Whether it stands close to what it leads to, and not as far to the left as it can.
    pub(super) hugs: bool,
}

/// A wire from box to box, with room for its label before its end. Boxes' numbers grow along the wires, but for those
/// of boxes that hug, which nothing leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wire {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Wires of one style that leave a box together stay together.
    pub(super) style: usize,
    pub(super) label_width: f64,
    pub(super) label_height: f64,
}

/// Where it all stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// For each box, what hangs below it included.
    pub(super) boxes: Vec<Rect>,
    /// For each wire.
    pub(super) routes: Vec<Route>,
    pub(super) width: f64,
    pub(super) height: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    /// Of the part that wires end at.
    pub(super) height: f64,
    pub(super) below: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A wire's way: from its start straight to the first bend, then hop by hop.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Route {
    pub(super) start: Point,
    pub(super) hops: Vec<Hop>,
}

/// One column further: straight, in a curve, and straight again.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Hop {
    pub(super) bend: f64,
    pub(super) curve_to: Point,
    pub(super) end: Point,
}

impl Route {
    /// Where it ends, on the box that it leads to.
    pub(super) fn end(&self) -> Point {
        self.hops.last().map_or(self.start, |hop| hop.end)
    }
}

/// Above and below the ends of wires on a box.
const PORT_PAD: f64 = 8.0;
/// Between the places where wires of different styles leave a box.
const OUT_STEP: f64 = 12.0;
/// How far below a label its wire runs.
const LABEL_DROP: f64 = 4.0;
/// What nobody sees as a bend on purpose.
const NEARLY: f64 = 4.0;
/// The head of an arrow and the space around a label.
const LABEL_PAD: f64 = 22.0;

/// Gives everything its place.
pub(super) fn layout(shape: &Shape) -> Layout {
    let columns = columns(shape);
    let ports = Ports::new(shape, &columns);
    let tops = tops(&columns, &ports);
    assemble(shape, &columns, &ports, &tops)
}

/// Where the wires end at their boxes, from the boxes' tops.
pub(super) struct Ports {
    /// The boxes' heights, with room for all ends.
    pub(super) heights: Vec<f64>,
    /// For each wire.
    pub(super) entries: Vec<f64>,
    pub(super) exits: Vec<f64>,
}

impl Ports {
    fn new(shape: &Shape, columns: &Columns) -> Self {
        let mut heights: Vec<f64> = shape.boxes.iter().map(|size| size.height).collect();
        let mut entries = vec![0.0; shape.wires.len()];
        let mut exits = vec![0.0; shape.wires.len()];
        let mut coming: Vec<Vec<usize>> = vec![Vec::new(); shape.boxes.len()];
        let mut styles: Vec<Vec<usize>> = vec![Vec::new(); shape.boxes.len()];
        for (index, wire) in shape.wires.iter().enumerate() {
            if let Some(coming) = coming.get_mut(wire.to) {
                coming.push(index);
            }
            if let Some(styles) = styles.get_mut(wire.from).filter(|styles| !styles.contains(&wire.style)) {
                styles.push(wire.style);
            }
        }
        for (coming, height) in coming.iter_mut().zip(&mut heights) {
            // As they come in from the column before, so that they don't cross at the box.
            coming.sort_by_key(|index| {
                (columns.place_before_end(*index), shape.wires.get(*index).map(|wire| wire.style), *index)
            });
            let slot = |index: &usize| {
                shape.wires.get(*index).map_or(0.0, |wire| wire.label_height.max(10.0) + LABEL_DROP + 2.0)
            };
            let total: f64 = coming.iter().map(slot).sum();
            *height = height.max(total + 2.0 * PORT_PAD);
            let mut y = (*height - total) / 2.0;
            for index in coming.iter() {
                y += slot(index);
                if let Some(entry) = entries.get_mut(*index) {
                    *entry = y - LABEL_DROP;
                }
            }
        }
        for styles in &mut styles {
            styles.sort_unstable();
        }
        for (wire, exit) in shape.wires.iter().zip(&mut exits) {
            let styles = styles.get(wire.from).map(Vec::as_slice).unwrap_or_default();
            let place = styles.iter().position(|style| *style == wire.style).unwrap_or(0);
            let height = heights.get(wire.from).copied().unwrap_or(0.0);
            let step = OUT_STEP.min(height / (count(styles.len()) + 1.0));
            *exit = height / 2.0 + (count(place) - (count(styles.len()) - 1.0) / 2.0) * step;
        }
        Self { heights, entries, exits }
    }
}

fn assemble(shape: &Shape, columns: &Columns, ports: &Ports, tops: &[f64]) -> Layout {
    let highest = tops.iter().copied().fold(f64::INFINITY, f64::min);
    let top = |item: usize| (tops.get(item).copied().unwrap_or(0.0) - highest).round();
    let y_at = |wire: usize, item: usize, offsets: &[f64]| match columns.items.get(item) {
        Some(Item::Box(_)) => top(item) + offsets.get(wire).copied().unwrap_or(0.0).round(),
        _ => top(item),
    };
    // What lies before each column: the strip where wires bend, and the room for labels.
    let mut bends = vec![0.0_f64; columns.order.len()];
    let mut labels = vec![LABEL_PAD; columns.order.len()];
    for (index, way) in columns.ways.iter().enumerate() {
        for (hop, pair) in way.windows(2).enumerate() {
            let [left, right] = *pair else { continue };
            let rise = (y_at(index, left, &ports.exits) - y_at(index, right, &ports.entries)).abs();
            let column = columns.first_column(index) + hop + 1;
            if let Some(bend) = bends.get_mut(column) {
                *bend = bend.max((26.0 + rise * 0.14).min(72.0));
            }
        }
        let (Some(wire), Some(label)) = (shape.wires.get(index), labels.get_mut(columns.last_column(index)))
        else {
            continue;
        };
        *label = label.max(wire.label_width + LABEL_PAD);
    }
    let mut lefts = Vec::new();
    let mut rights = Vec::new();
    let mut x: f64 = 0.0;
    for (column, (bend, label)) in columns.order.iter().zip(bends.iter().zip(&labels)) {
        if !lefts.is_empty() {
            x += (bend + label).round();
        }
        let boxes = column.iter().filter_map(|item| columns.size(shape, *item));
        lefts.push(x);
        x += boxes.map(|size| size.width).fold(0.0, f64::max);
        rights.push(x);
    }
    let mut layout =
        Layout { width: x, boxes: vec![Rect::default(); shape.boxes.len()], ..Layout::default() };
    for (place, column) in columns.order.iter().enumerate() {
        let (left, right) =
            (lefts.get(place).copied().unwrap_or(0.0), rights.get(place).copied().unwrap_or(0.0));
        let widest = column.iter().filter_map(|item| columns.size(shape, *item)).filter(|size| !size.hugs);
        let widest = widest.map(|size| size.width).fold(0.0, f64::max);
        for item in column {
            let (Some(Item::Box(index)), Some(size)) = (columns.items.get(*item), columns.size(shape, *item))
            else {
                continue;
            };
            let width = if size.hugs { size.width } else { widest };
            let x = if size.hugs { right - width } else { left };
            let height = ports.heights.get(*index).copied().unwrap_or(0.0);
            let rect = Rect { x, y: top(*item), width, height, below: size.below };
            layout.height = layout.height.max(rect.y + rect.height + rect.below);
            if let Some(place) = layout.boxes.get_mut(*index) {
                *place = rect;
            }
        }
    }
    for (index, (wire, way)) in shape.wires.iter().zip(&columns.ways).enumerate() {
        let first = columns.first_column(index);
        let from = layout.boxes.get(wire.from).copied().unwrap_or_default();
        let start_y = way.first().map_or(0.0, |item| y_at(index, *item, &ports.exits));
        let mut route = Route { start: Point { x: from.x + from.width, y: start_y }, hops: Vec::new() };
        for (hop, item) in way.iter().enumerate().skip(1) {
            let y = y_at(index, *item, &ports.entries);
            // A wire that is nearly straight begins a little beside its place, and is straight.
            if hop == 1 && (route.start.y - y).abs() < NEARLY {
                route.start.y = y;
            }
            let column = first + hop;
            let is_last = hop + 1 == way.len();
            let bend = rights.get(column - 1).copied().unwrap_or(0.0);
            let left = lefts.get(column).copied().unwrap_or(0.0);
            let curve_end = left - labels.get(column).copied().unwrap_or(0.0);
            let end = if is_last {
                layout.boxes.get(wire.to).map_or(left, |to| to.x)
            } else {
                rights.get(column).copied().unwrap_or(left)
            };
            let (curve_to, end) = (Point { x: curve_end, y }, Point { x: end, y });
            route.hops.push(Hop { bend, curve_to, end });
            layout.height = layout.height.max(y + 1.0);
        }
        layout.routes.push(route);
    }
    layout
}

/// A number of things as a factor of a length.
pub(super) fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}
