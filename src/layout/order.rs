//! Who stands above whom in a column, and how high: the last two steps of Sugiyama's method.
//!
//! A call that passes a column takes a place in it, so that boxes leave it room. Orders come from the mean place of
//! those that are called or calling, swept to and fro; heights are the least squares of the distances to them, under
//! the distances that boxes keep.

use super::flow::Flow;
use super::shape::GRID;

/// Room that a passing call takes.
const LANE: f32 = 32.0;
/// Between boxes of a column.
pub(super) const GAP: f32 = 56.0;
/// Between a box and a passing call.
const NARROW: f32 = 24.0;
const SWEEPS: usize = 24;
/// Exchanges tried at most: a large system is arranged in a moment, too.
const TRIALS: usize = 1_200;

/// What a block asks of its column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub height: f32,
    /// Height at which calls come and go, from its top.
    pub port: f32,
}

/// A block, or a call on its way through a column.
struct Spot {
    extent: Extent,
    block: Option<usize>,
    before: Vec<usize>,
    after: Vec<usize>,
}

/// Columns of spots, from top to bottom.
pub(super) struct Columns {
    spots: Vec<Spot>,
    columns: Vec<Vec<usize>>,
    tops: Vec<f32>,
}

impl Columns {
    /// In the order of the file; nothing is moved yet.
    pub fn new(flow: &Flow, extents: &[Extent]) -> Self {
        let count = flow.column.iter().copied().max().map_or(0, |last| last + 1);
        let spot = |extent, block| Spot { extent, block, before: Vec::new(), after: Vec::new() };
        let mut all = Self {
            spots: extents.iter().enumerate().map(|(at, &e)| spot(e, Some(at))).collect(),
            columns: vec![Vec::new(); count],
            tops: Vec::new(),
        };
        for (at, &column) in flow.column.iter().enumerate() {
            all.columns[column].push(at);
        }
        for &(from, to, _) in &flow.edges {
            // A call back goes the same way through the columns between.
            let (left, right) = if flow.column[from] <= flow.column[to] { (from, to) } else { (to, from) };
            let mut last = left;
            for column in flow.column[left] + 1..flow.column[right] {
                let lane = all.spots.len();
                all.spots.push(spot(Extent { height: LANE, port: LANE / 2.0 }, None));
                all.columns[column].push(lane);
                all.join(last, lane);
                last = lane;
            }
            if flow.column[left] < flow.column[right] {
                all.join(last, right);
            }
        }
        all.tops = vec![0.0; all.spots.len()];
        all
    }

    fn join(&mut self, left: usize, right: usize) {
        self.spots[left].after.push(right);
        self.spots[right].before.push(left);
    }

    /// The order with the fewest crossings that the sweeps meet.
    pub fn order(&mut self) {
        let mut best = (self.crossings(), self.columns.clone());
        for sweep in 0..SWEEPS {
            let rightward = sweep % 2 == 0;
            let way: Vec<usize> = if rightward {
                (1..self.columns.len()).collect()
            } else {
                (0..self.columns.len().saturating_sub(1)).rev().collect()
            };
            let place = |columns: &[Vec<usize>], spots: usize| {
                let mut place = vec![0.0_f32; spots];
                columns
                    .iter()
                    .for_each(|column| column.iter().enumerate().for_each(|(at, &spot)| place[spot] = at as f32));
                place
            };
            for column in way {
                let place = place(&self.columns, self.spots.len());
                let mean = |spot: usize| {
                    let near = if rightward { &self.spots[spot].before } else { &self.spots[spot].after };
                    // Whoever has nobody there stays where it is.
                    if near.is_empty() {
                        place[spot]
                    } else {
                        near.iter().map(|&n| place[n]).sum::<f32>() / near.len() as f32
                    }
                };
                let mut keyed: Vec<(f32, usize)> =
                    self.columns[column].iter().map(|&spot| (mean(spot), spot)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.columns[column] = keyed.into_iter().map(|(_, spot)| spot).collect();
            }
            self.exchange();
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    /// Neighbours change places while that saves crossings.
    fn exchange(&mut self) {
        let mut now = self.crossings();
        loop {
            let before = now;
            for column in 0..self.columns.len() {
                for at in 1..self.columns[column].len() {
                    self.columns[column].swap(at - 1, at);
                    let then = self.crossings();
                    if then < now { now = then } else { self.columns[column].swap(at - 1, at) }
                }
            }
            if now == before {
                return;
            }
        }
    }

    fn crossings(&self) -> usize {
        let mut place = vec![0; self.spots.len()];
        self.columns.iter().for_each(|column| column.iter().enumerate().for_each(|(at, &spot)| place[spot] = at));
        let mut count = 0;
        for column in &self.columns {
            let ends: Vec<(usize, usize)> = column
                .iter()
                .flat_map(|&left| self.spots[left].after.iter().map(move |&right| (left, right)))
                .map(|(l, r)| (place[l], place[r]))
                .collect();
            for (at, one) in ends.iter().enumerate() {
                count += ends[at + 1..]
                    .iter()
                    .filter(|two| (one.0 < two.0 && one.1 > two.1) || (one.0 > two.0 && one.1 < two.1))
                    .count();
            }
        }
        count
    }

    /// Two of a column change places while that makes a picture better that its heights are drawn to; small costs are
    /// better. So calls come to pass between boxes rather than behind them.
    pub fn polish(&mut self, blocks: usize, cost: impl Fn(&[f32], usize) -> f32) {
        let price = |all: &mut Self| {
            let crossings = all.crossings();
            cost(&all.heights(blocks), crossings)
        };
        let mut now = price(self);
        let mut left = TRIALS;
        loop {
            let before = now;
            for column in 0..self.columns.len() {
                for upper in 0..self.columns[column].len() {
                    for lower in upper + 1..self.columns[column].len() {
                        if left == 0 {
                            return;
                        }
                        left -= 1;
                        self.columns[column].swap(upper, lower);
                        let then = price(self);
                        if then < now { now = then } else { self.columns[column].swap(upper, lower) }
                    }
                }
            }
            if now >= before {
                return;
            }
        }
    }

    /// How high each block stands: its top, on the grid, about 0.
    pub fn heights(&mut self, blocks: usize) -> Vec<f32> {
        for column in 0..self.columns.len() {
            self.settle(column, |_, _| 0.0);
        }
        for sweep in 0..SWEEPS {
            let last = sweep + 2 >= SWEEPS;
            let way: Vec<usize> = if sweep % 2 == 0 {
                (0..self.columns.len()).collect()
            } else {
                (0..self.columns.len()).rev().collect()
            };
            for column in way {
                self.settle(column, |all, spot| {
                    let (before, after) = (&all.spots[spot].before, &all.spots[spot].after);
                    let near: Vec<usize> = match (sweep % 2 == 0, last) {
                        (_, true) => before.iter().chain(after).copied().collect(),
                        (true, _) if !before.is_empty() => before.clone(),
                        (false, _) if !after.is_empty() => after.clone(),
                        _ => before.iter().chain(after).copied().collect(),
                    };
                    let port = |spot: usize| all.tops[spot] + all.spots[spot].extent.port;
                    if near.is_empty() {
                        port(spot)
                    } else {
                        near.iter().map(|&n| port(n)).sum::<f32>() / near.len() as f32
                    }
                });
            }
        }
        (0..blocks).map(|at| (self.tops[at] / GRID).round() * GRID).collect()
    }

    /// Put a column's spots where they want their ports to be, as near as the distances allow: the pools of adjacent
    /// violators.
    fn settle(&mut self, column: usize, wanted: impl Fn(&Self, usize) -> f32) {
        let list = self.columns[column].clone();
        let mut offset = 0.0;
        // Mean wanted place for the first spot of a pool, and how many are in it.
        let mut pools: Vec<(f32, usize)> = Vec::new();
        let mut offsets = Vec::with_capacity(list.len());
        for (at, &spot) in list.iter().enumerate() {
            if at > 0 {
                let above = &self.spots[list[at - 1]];
                let gap = if above.block.is_some() && self.spots[spot].block.is_some() { GAP } else { NARROW };
                offset += above.extent.height + gap;
            }
            offsets.push(offset);
            pools.push((wanted(self, spot) - self.spots[spot].extent.port - offset, 1));
            while let [.., (above, m), (here, n)] = pools[..] {
                if above <= here {
                    break;
                }
                pools.pop();
                let merged = ((above * m as f32 + here * n as f32) / (m + n) as f32, m + n);
                *pools.last_mut().expect("two were matched") = merged;
            }
        }
        let mut at = 0;
        for (base, count) in pools {
            for _ in 0..count {
                self.tops[list[at]] = base + offsets[at];
                at += 1;
            }
        }
    }
}
