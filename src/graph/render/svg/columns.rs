//! Which column each box stands in, and in which order the columns' items stand below one another so that few wires
//! cross.

use std::collections::BTreeMap;

use super::layout::{Shape, Size};

/// Something in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// The box at this place of the [`Shape`].
    Box(usize),
    /// Where the wires of one style from the box `from` cross the column.
    Lane { from: usize, style: usize },
}

/// The columns, from the left.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    /// All items; the boxes come first, in their own order.
    pub(super) items: Vec<Item>,
    /// What stands in each column, from the top, by the place in `items`.
    pub(super) order: Vec<Vec<usize>>,
    /// For each wire, the items that it leads over, its two boxes included.
    pub(super) ways: Vec<Vec<usize>>,
    /// For each box, how much hangs below it.
    pub(super) below: Vec<f64>,
    column_of: Vec<usize>,
    /// The place of each item in its column.
    places: Vec<usize>,
}

/// How often the order is gone over from one side to the other. It settles within a few times.
const SWEEPS: usize = 12;

/// Puts boxes into columns and wires onto lanes.
pub(super) fn columns(shape: &Shape) -> Columns {
    let column_of_box = column_of_box(shape);
    let count = column_of_box.iter().max().map_or(0, |last| last + 1);
    let mut columns = Columns {
        items: (0..shape.boxes.len()).map(Item::Box).collect(),
        order: vec![Vec::new(); count],
        below: shape.boxes.iter().map(|size| size.below).collect(),
        column_of: column_of_box,
        ..Columns::default()
    };
    let mut lanes: BTreeMap<(usize, usize, usize), usize> = BTreeMap::new();
    for wire in &shape.wires {
        let column = |index: usize| columns.column_of.get(index).copied().unwrap_or(0);
        let between = column(wire.from) + 1..column(wire.to);
        let mut way = vec![wire.from];
        for column in between {
            let lane = *lanes.entry((wire.from, wire.style, column)).or_insert_with(|| {
                columns.items.push(Item::Lane { from: wire.from, style: wire.style });
                columns.column_of.push(column);
                columns.items.len() - 1
            });
            way.push(lane);
        }
        way.push(wire.to);
        columns.ways.push(way);
    }
    columns.arrange(shape);
    columns
}

/// As far to the left as a box can stand, or as near to what it leads to.
fn column_of_box(shape: &Shape) -> Vec<usize> {
    let hugs = |index: usize| shape.boxes.get(index).is_some_and(|size| size.hugs);
    let mut columns = vec![0_usize; shape.boxes.len()];
    let mut wires: Vec<_> = shape.wires.iter().collect();
    // A box's own column is known once all wires to it are seen.
    wires.sort_by_key(|wire| wire.to);
    for wire in wires {
        let before = if hugs(wire.from) { 0 } else { columns.get(wire.from).copied().unwrap_or(0) };
        if let Some(column) = columns.get_mut(wire.to) {
            *column = (*column).max(before + 1);
        }
    }
    for index in (0..shape.boxes.len()).filter(|index| hugs(*index)) {
        let taking = shape.wires.iter().filter(|wire| wire.from == index);
        let nearest = taking.filter_map(|wire| columns.get(wire.to)).min().copied();
        if let Some(column) = columns.get_mut(index) {
            *column = nearest.unwrap_or(1).saturating_sub(1);
        }
    }
    columns
}

impl Columns {
    /// The size of an item that is a box.
    pub(super) fn size<'a>(&self, shape: &'a Shape, item: usize) -> Option<&'a Size> {
        match self.items.get(item)? {
            Item::Box(index) => shape.boxes.get(*index),
            Item::Lane { .. } => None,
        }
    }

    /// The column that a wire begins in.
    pub(super) fn first_column(&self, wire: usize) -> usize {
        self.ways.get(wire).and_then(|way| self.column_of.get(*way.first()?)).copied().unwrap_or(0)
    }

    /// The column that a wire ends in.
    pub(super) fn last_column(&self, wire: usize) -> usize {
        self.ways.get(wire).and_then(|way| self.column_of.get(*way.last()?)).copied().unwrap_or(0)
    }

    /// The place in its column of the item that a wire comes to its end from.
    pub(super) fn place_before_end(&self, wire: usize) -> usize {
        let before = self.ways.get(wire).and_then(|way| way.iter().rev().nth(1));
        before.and_then(|item| self.places.get(*item)).copied().unwrap_or(0)
    }

    fn arrange(&mut self, shape: &Shape) {
        self.first_order(shape);
        let mut lefts: Vec<Vec<usize>> = vec![Vec::new(); self.items.len()];
        let mut rights = lefts.clone();
        for way in &self.ways {
            for pair in way.windows(2) {
                let [left, right] = *pair else { continue };
                if let Some(list) = lefts.get_mut(right) {
                    list.push(left);
                }
                if let Some(list) = rights.get_mut(left) {
                    list.push(right);
                }
            }
        }
        let mut best = (self.crossings(), self.order.clone());
        for sweep in 0..SWEEPS {
            if best.0 == 0 {
                break;
            }
            let from_left = sweep % 2 == 0;
            let neighbours = if from_left { &lefts } else { &rights };
            for step in 0..self.order.len() {
                let column = if from_left { step } else { self.order.len() - 1 - step };
                self.order_by(column, neighbours);
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.order.clone());
            }
        }
        self.order = best.1;
        self.remember_places();
    }

    /// The order of the file: a box by its own number or, where it hugs, by that of the first box it leads to; a lane
    /// by the box it comes from.
    fn first_order(&mut self, shape: &Shape) {
        let mut keys: Vec<usize> = (0..shape.boxes.len()).collect();
        for wire in shape.wires.iter().rev() {
            if shape.boxes.get(wire.from).is_some_and(|size| size.hugs)
                && let Some(key) = keys.get_mut(wire.from)
            {
                *key = wire.to;
            }
        }
        let key = |item: &Item| match item {
            Item::Box(index) | Item::Lane { from: index, .. } => keys.get(*index).copied().unwrap_or(0),
        };
        for (index, column) in self.column_of.iter().enumerate() {
            if let Some(column) = self.order.get_mut(*column) {
                column.push(index);
            }
        }
        for column in &mut self.order {
            column.sort_by_key(|item| (self.items.get(*item).map(key), *item));
        }
        self.remember_places();
    }

    fn remember_places(&mut self) {
        self.places = vec![0; self.items.len()];
        for column in &self.order {
            for (place, item) in column.iter().enumerate() {
                if let Some(known) = self.places.get_mut(*item) {
                    *known = place;
                }
            }
        }
    }

    /// Orders a column by the mean place of each item's neighbours; items without any stay where they are.
    fn order_by(&mut self, column: usize, neighbours: &[Vec<usize>]) {
        let Some(items) = self.order.get(column) else { return };
        let place = |item: usize| super::layout::count(self.places.get(item).copied().unwrap_or(0));
        let mean = |item: usize| {
            let near = neighbours.get(item).map(Vec::as_slice).unwrap_or_default();
            if near.is_empty() {
                return place(item);
            }
            near.iter().map(|near| place(*near)).sum::<f64>() / super::layout::count(near.len())
        };
        let mut ordered: Vec<(f64, usize)> = items.iter().map(|item| (mean(*item), *item)).collect();
        ordered.sort_by(|one, other| one.0.total_cmp(&other.0));
        for (place, (_, item)) in ordered.iter().enumerate() {
            if let Some(known) = self.places.get_mut(*item) {
                *known = place;
            }
        }
        if let Some(items) = self.order.get_mut(column) {
            *items = ordered.into_iter().map(|(_, item)| item).collect();
        }
    }

    /// How many pairs of wires cross between two columns.
    fn crossings(&self) -> usize {
        let place = |item: usize| self.places.get(item).copied().unwrap_or(0);
        let mut gaps: Vec<Vec<(usize, usize)>> = vec![Vec::new(); self.order.len()];
        for pair in self.ways.iter().flat_map(|way| way.windows(2)) {
            let [left, right] = *pair else { continue };
            let gap = self.column_of.get(left).and_then(|column| gaps.get_mut(*column));
            if let Some(gap) = gap {
                gap.push((place(left), place(right)));
            }
        }
        gaps.iter_mut().map(inversions).sum()
    }
}

/// How many pairs are in one order on the left and in the other on the right, counted with a Fenwick tree.
fn inversions(pairs: &mut Vec<(usize, usize)>) -> usize {
    pairs.sort_unstable();
    pairs.dedup();
    let size = pairs.iter().map(|pair| pair.1).max().map_or(0, |last| last + 1);
    let mut tree = vec![0_usize; size + 1];
    let mut found = 0;
    for (seen, (_, right)) in pairs.iter().enumerate() {
        let mut at = right + 1;
        let mut not_above = 0;
        while at > 0 {
            not_above += tree.get(at).copied().unwrap_or(0);
            at &= at - 1;
        }
        found += seen - not_above;
        let mut at = right + 1;
        while let Some(count) = tree.get_mut(at) {
            *count += 1;
            at += at & at.wrapping_neg();
        }
    }
    found
}
