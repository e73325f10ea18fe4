//! How high everything stands: where its wires are nearly straight.

use std::collections::BTreeSet;

use super::columns::{Columns, Item};
use super::layout::Ports;

/// Beside a lane.
const LANE_GAP: f64 = 13.0;
/// Between two boxes, one above the other.
const BOX_GAP: f64 = 26.0;
/// How often everything is pulled from both sides; long wires need the more to come to rest.
const SETTLING: usize = 60;
/// How many pulls are followed at most while it settles: a picture of hundreds of stages need not lie as well.
const MOST_WORK: usize = 300_000;
/// Who moves less than this far is at rest.
const AT_REST: f64 = 0.2;

/// A wire's part between two columns: where it leaves the left item and enters the right one, from these items' tops.
struct Pull {
    left: usize,
    right: usize,
    leaves: f64,
    enters: f64,
    /// Long straight lines matter more than short ones.
    weight: f64,
}

/// Which wires pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    Both,
    /// Only those of items that nothing leads to; all others stay.
    Ends,
}

/// The top of each item: every item is pulled to where its wires would be straight, first all from the left, then from
/// the right, and so on; items of one column keep their order and their distance.
pub(super) fn tops(columns: &Columns, ports: &Ports) -> Vec<f64> {
    let height = |item: usize| match columns.items.get(item) {
        Some(Item::Box(index)) => {
            ports.heights.get(*index).copied().unwrap_or(0.0)
                + columns.below.get(*index).copied().unwrap_or(0.0)
        }
        _ => 0.0,
    };
    let is_lane = |item: usize| matches!(columns.items.get(item), Some(Item::Lane { .. }));
    let mut pulls = Vec::new();
    let mut lanes = BTreeSet::new();
    for (wire, way) in columns.ways.iter().enumerate() {
        for pair in way.windows(2) {
            let [left, right] = *pair else { continue };
            // Wires that share a lane pull once.
            if is_lane(left) && is_lane(right) && !lanes.insert((left, right)) {
                continue;
            }
            let leaves = if is_lane(left) { 0.0 } else { ports.exits.get(wire).copied().unwrap_or(0.0) };
            let enters = if is_lane(right) { 0.0 } else { ports.entries.get(wire).copied().unwrap_or(0.0) };
            let weight = match (is_lane(left), is_lane(right)) {
                (true, true) => 16.0,
                (false, false) => 1.0,
                _ => 4.0,
            };
            pulls.push(Pull { left, right, leaves, enters, weight });
        }
    }
    let mut tops = vec![0.0; columns.items.len()];
    let mut to_left: Vec<Vec<usize>> = vec![Vec::new(); columns.items.len()];
    let mut to_right = to_left.clone();
    for (index, pull) in pulls.iter().enumerate() {
        if let Some(list) = to_left.get_mut(pull.right) {
            list.push(index);
        }
        if let Some(list) = to_right.get_mut(pull.left) {
            list.push(index);
        }
    }
    let settle = |tops: &mut Vec<f64>, column: &[usize], side: Side| {
        let (from_left, from_right) = (side != Side::Right, side != Side::Left);
        let wanted = column.iter().map(|item| {
            let top_of = |item: usize| tops.get(item).copied().unwrap_or(0.0);
            let is_first = to_left.get(*item).is_none_or(Vec::is_empty);
            if side == Side::Ends && !is_first {
                return (top_of(*item), 1e6);
            }
            let lists = [(from_left, &to_left, true), (from_right, &to_right, false)];
            let (mut sum, mut weight) = (0.0, 0.0);
            for (_, list, is_left) in lists.into_iter().filter(|(used, ..)| *used) {
                for pull in list.get(*item).into_iter().flatten().filter_map(|index| pulls.get(*index)) {
                    let at = if is_left {
                        top_of(pull.left) + pull.leaves - pull.enters
                    } else {
                        top_of(pull.right) + pull.enters - pull.leaves
                    };
                    sum += at * pull.weight;
                    weight += pull.weight;
                }
            }
            // What nothing pulls stays about where it is.
            if weight > 0.0 { (sum / weight, weight) } else { (top_of(*item), 0.01) }
        });
        let wanted: Vec<(f64, f64)> = wanted.collect();
        let distances: Vec<f64> = column
            .windows(2)
            .map(|pair| {
                let [above, below] = *pair else { return 0.0 };
                height(above) + if is_lane(above) || is_lane(below) { LANE_GAP } else { BOX_GAP }
            })
            .collect();
        for (item, top) in column.iter().zip(kept_apart(&wanted, &distances)) {
            if let Some(place) = tops.get_mut(*item) {
                *place = top;
            }
        }
    };
    for column in &columns.order {
        settle(&mut tops, column, Side::Left);
    }
    for _ in 0..6 {
        for column in columns.order.iter().rev() {
            settle(&mut tops, column, Side::Right);
        }
        for column in &columns.order {
            settle(&mut tops, column, Side::Left);
        }
    }
    for _ in 0..SETTLING.min(MOST_WORK / pulls.len().max(1)) {
        let before = tops.clone();
        for column in columns.order.iter().rev().chain(&columns.order) {
            settle(&mut tops, column, Side::Both);
        }
        if tops.iter().zip(&before).all(|(now, before)| (now - before).abs() < AT_REST) {
            break;
        }
    }
    for column in &columns.order {
        settle(&mut tops, column, Side::Ends);
    }
    tops
}

/// The places nearest to the wanted ones (with their weights), in the sense of least squares, that keep their order and
/// at least these distances: isotonic regression, by pooling neighbours that are too near.
fn kept_apart(wanted: &[(f64, f64)], distances: &[f64]) -> Vec<f64> {
    struct Pool {
        sum: f64,
        weight: f64,
        members: usize,
    }
    let offsets: Vec<f64> = std::iter::once(0.0)
        .chain(distances.iter().scan(0.0, |sum, distance| {
            *sum += distance;
            Some(*sum)
        }))
        .collect();
    let mut pools: Vec<Pool> = Vec::new();
    for ((place, weight), offset) in wanted.iter().zip(&offsets) {
        let mut pool = Pool { sum: (place - offset) * weight, weight: *weight, members: 1 };
        while let Some(above) = pools.pop_if(|above| above.sum / above.weight >= pool.sum / pool.weight) {
            pool = Pool {
                sum: above.sum + pool.sum,
                weight: above.weight + pool.weight,
                members: above.members + pool.members,
            };
        }
        pools.push(pool);
    }
    let places = pools.iter().flat_map(|pool| std::iter::repeat_n(pool.sum / pool.weight, pool.members));
    places.zip(&offsets).map(|(place, offset)| place + offset).collect()
}
