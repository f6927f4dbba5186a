//! Smoothing of rows along the graph of interactions.

use crate::propagation_spread::Between;
use pulp::Arch;
use rayon::prelude::*;
use recburn_data::Ratings;
use recburn_spread::Ranks;
use std::rc::Rc;

/// The rows that a task of a thread computes.
const TASK: usize = 64;

/// `M = (I + A + ... + A^L) / (L + 1)`, where `A` is the adjacency matrix of users and items with each interaction weighted
/// `1 / sqrt(d_u d_i)`, `d` being the numbers of distinct interactions (He et al. 2020, LightGCN, equations 3, 4 and 8).
/// `M` is symmetric, so that it maps gradients of smoothed rows to those of the rows that are learnt, too.
#[derive(Debug)]
pub(crate) struct Propagation {
    layers: usize,
    users: Side,
    items: Side,
    /// The rows of the items on several processes; the side of the items then has those that users at home have, in the order
    /// in which they are asked for.
    between: Option<Between>,
}

/// The interactions of one side.
#[derive(Debug)]
struct Side {
    /// The end of each row's interactions in `others`.
    ends: Vec<u32>,
    /// Rows of the other side, ascending within a row.
    others: Vec<u32>,
    /// `1 / sqrt(d)`, or 0 for a row without interactions.
    scales: Vec<f32>,
}

/// `1 / sqrt(d)`, or 0 without interactions.
pub(crate) fn scale_of(count: f32) -> f32 {
    match count > 0.0 {
        true => 1.0 / count.sqrt(),
        false => 0.0,
    }
}

/// Rows multiplied by their scales.
pub(crate) fn scaled(rows: &[f32], scales: &[f32], width: usize, out: &mut Vec<f32>) {
    out.clear();
    let rows = rows.chunks_exact(width).zip(scales);
    out.extend(rows.flat_map(|(row, scale)| row.iter().map(move |number| number * scale)));
}

/// Distinct pairs, by user.
fn pairs_of(interactions: &Ratings) -> Vec<(u32, u32)> {
    let pairs = interactions.users.iter().zip(&interactions.items);
    let mut pairs: Vec<(u32, u32)> = pairs.map(|(user, item)| (user.0, item.0)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

impl Side {
    /// From distinct interactions.
    fn new(rows: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut counts = vec![0u32; rows];
        pairs.clone().for_each(|(row, _)| counts[row as usize] += 1);
        let mut next: Vec<u32> = counts
            .iter()
            .scan(0, |end, count| {
                *end += count;
                Some(*end - count)
            })
            .collect();
        let mut others = vec![
            0;
            next.last()
                .zip(counts.last())
                .map_or(0, |(b, c)| (b + c) as usize)
        ];
        for (row, other) in pairs {
            let place = &mut next[row as usize];
            others[*place as usize] = other;
            *place += 1;
        }
        Self {
            ends: next,
            others,
            scales: counts.iter().map(|&count| scale_of(count as f32)).collect(),
        }
    }

    /// The number of interactions of each row.
    fn counts(&self) -> Vec<f32> {
        let begins = std::iter::once(&0).chain(&self.ends);
        let ends = self.ends.iter().zip(begins);
        ends.map(|(end, begin)| (end - begin) as f32).collect()
    }

    /// The rows of this side after one layer, from those of the other side multiplied by their scales. The result does not
    /// depend on the number of threads.
    fn layer(&self, scaled: &[f32], width: usize, out: &mut [f32]) {
        let tasks = out.par_chunks_mut(TASK * width).enumerate();
        tasks.for_each(|(task, out)| {
            Arch::new().dispatch(
                #[inline(always)]
                || {
                    for (row, out) in (task * TASK..).zip(out.chunks_exact_mut(width)) {
                        let begin = row.checked_sub(1).map_or(0, |before| self.ends[before]);
                        out.fill(0.0);
                        for &other in &self.others[begin as usize..self.ends[row] as usize] {
                            let other = &scaled[other as usize * width..][..width];
                            for (out, number) in out.iter_mut().zip(other) {
                                *out += number;
                            }
                        }
                        let scale = self.scales[row];
                        out.iter_mut().for_each(|out| *out *= scale);
                    }
                },
            );
        });
    }
}

impl Propagation {
    /// Over so many layers along these interactions, between tables with these numbers of rows; each pair counts once.
    pub fn new(layers: usize, interactions: &Ratings, [users, items]: [usize; 2]) -> Self {
        let pairs = pairs_of(interactions);
        Self {
            layers,
            users: Side::new(users, pairs.iter().copied()),
            items: Side::new(items, pairs.iter().map(|&(user, item)| (item, user))),
            between: None,
        }
    }

    /// As [`Propagation::new`], between the users at home on this process, a table with so many rows, and the items of all
    /// processes, of which `items` rows live here. All processes call it.
    pub fn of_part(
        layers: usize,
        interactions: &Ratings,
        [users, items]: [usize; 2],
        ranks: Rc<dyn Ranks>,
    ) -> Self {
        let mut pairs = pairs_of(interactions);
        let mut asked: Vec<u32> = pairs.iter().map(|&(_, item)| item).collect();
        asked.sort_unstable();
        asked.dedup();
        for (_, item) in &mut pairs {
            *item = asked.partition_point(|other| other < item) as u32;
        }
        let mut of_items = Side::new(asked.len(), pairs.iter().map(|&(user, item)| (item, user)));
        let between = Between::new(ranks, &asked, of_items.counts(), items);
        // Parts of sums: the owner of an item scales the whole.
        of_items.scales.fill(1.0);
        Self {
            layers,
            users: Side::new(users, pairs.iter().copied()),
            items: of_items,
            between: Some(between),
        }
    }

    /// `M` times the rows of users and of items, in place.
    pub fn apply(&self, [users, items]: [&mut [f32]; 2], width: usize) {
        let mut now = [users.to_vec(), items.to_vec()];
        let mut products = [Vec::new(), Vec::new()];
        for _ in 0..self.layers {
            scaled(&now[0], &self.users.scales, width, &mut products[0]);
            match &self.between {
                None => {
                    scaled(&now[1], &self.items.scales, width, &mut products[1]);
                    self.users.layer(&products[1], width, &mut now[0]);
                    self.items.layer(&products[0], width, &mut now[1]);
                }
                Some(between) => {
                    let asked = between.scaled_rows(&now[1], width);
                    self.users.layer(&asked, width, &mut now[0]);
                    let mut parts = asked;
                    self.items.layer(&products[0], width, &mut parts);
                    between.add_up(&mut parts, width, &mut now[1]);
                }
            }
            for (sum, layer) in [(&mut *users, &now[0]), (&mut *items, &now[1])] {
                for (sum, number) in sum.iter_mut().zip(layer) {
                    *sum += number;
                }
            }
        }
        let share = 1.0 / (self.layers + 1) as f32;
        for sum in [users, items] {
            sum.iter_mut().for_each(|number| *number *= share);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use recburn_schema::{ItemIx, UserIx};

    /// `M` times the rows by dense products, with the rows of users above those of items.
    fn by_hand(layers: usize, pairs: &[(u32, u32)], counts: [usize; 2], rows: &[f64]) -> Vec<f64> {
        let size = counts[0] + counts[1];
        let mut adjacent = vec![vec![0.0; size]; size];
        for &(user, item) in pairs {
            let (user, item) = (user as usize, counts[0] + item as usize);
            (adjacent[user][item], adjacent[item][user]) = (1.0, 1.0);
        }
        let degrees: Vec<f64> = adjacent.iter().map(|row| row.iter().sum()).collect();
        let weight = |a: usize, b: usize| match adjacent[a][b] > 0.0 {
            true => 1.0 / (degrees[a] * degrees[b]).sqrt(),
            false => 0.0,
        };
        let (mut now, mut sum) = (rows.to_vec(), rows.to_vec());
        for _ in 0..layers {
            now = (0..size)
                .map(|a| (0..size).map(|b| weight(a, b) * now[b]).sum())
                .collect();
            sum.iter_mut().zip(&now).for_each(|(sum, now)| *sum += now);
        }
        sum.iter().map(|sum| sum / (layers + 1) as f64).collect()
    }

    proptest! {
        #[test]
        fn propagation_is_the_mean_of_the_powers_of_the_adjacency_matrix(
            pairs in prop::collection::vec((0u32..7, 0u32..9), 1..60),
            layers in 0usize..4,
            rows in prop::collection::vec(-1.0f32..1.0, 16),
        ) {
            let ratings = Ratings {
                users: pairs.iter().map(|pair| UserIx(pair.0)).collect(),
                items: pairs.iter().map(|pair| ItemIx(pair.1)).collect(),
                ratings: vec![1.0; pairs.len()],
                ..Ratings::default()
            };
            let propagation = Propagation::new(layers, &ratings, [7, 9]);
            let (mut users, mut items) = (rows[..7].to_vec(), rows[7..].to_vec());
            propagation.apply([&mut users, &mut items], 1);
            let rows: Vec<f64> = rows.iter().map(|&row| f64::from(row)).collect();
            let wanted = by_hand(layers, &pairs, [7, 9], &rows);
            for (seen, wanted) in users.iter().chain(&items).zip(wanted) {
                prop_assert!((f64::from(*seen) - wanted).abs() < 1e-5, "{seen} for {wanted}");
            }
        }
    }
}
