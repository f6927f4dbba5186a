//! SLIM: a sparse, non-negative linear model over items.
//!
//! With `X` the users' ratings as ones, each column of the weights minimises
//! `1/2 |x_j - X w|^2 + l2/2 |w|^2 + l1 |w|_1` over `w >= 0` with `w_j = 0`. Ning and Karypis, *SLIM: sparse linear methods
//! for top-n recommender systems*, ICDM 2011. Coordinate descent on the Gram matrix after Friedman, Hastie and
//! Tibshirani, *Regularization paths for generalized linear models via coordinate descent*, 2010, over a working set of
//! the coordinates that can be above 0. Columns are independent of each other and use all threads.

use crate::error::ClassicalError;
use crate::gram;
use crate::item_weights::SparseWeights;
use crate::method::{Context, Fitted, Scores};
use crate::panels::{self, Dense, Panels};
use crate::registry::{Described, at_least_one, non_negative, positive};
use crate::rows::{self, Rows};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The settings of SLIM.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Slim {
    /// The l1 penalty, at least 0: higher values give fewer weights.
    pub l1: f64,
    /// The l2 penalty, above 0.
    pub l2: f64,
    /// Coordinate descent ends when no weight of a sweep moves by more than this; above 0.
    pub tolerance: f64,
    /// The most sweeps over a working set, at least 1.
    pub sweeps: usize,
}

impl Default for Slim {
    fn default() -> Self {
        Self {
            l1: 1.0,
            l2: 60.0,
            tolerance: 1e-4,
            sweeps: 100,
        }
    }
}

impl Described for Slim {
    const NAME: &'static str = "slim";
    const ABOUT: &'static str =
        "sum of sparse non-negative item-item weights over the user's items (elastic net)";

    fn scores(&self) -> Scores {
        Scores::Order
    }

    fn memory(&self, context: &Context<'_>) -> u64 {
        let (users, items) = (context.users, context.items);
        let sparse = 3 * rows::bytes(users.max(items), context.train.len());
        let square = items as u64 * items as u64;
        // The Gram matrix twice while it is arranged; weights are well below a dense matrix's.
        2 * square * 4 + panels::bytes(items, items) / 2 + sparse
    }

    fn check(&self) -> Result<(), ClassicalError> {
        non_negative(Self::NAME, "l1", self.l1)?;
        positive(Self::NAME, "l2", self.l2)?;
        positive(Self::NAME, "tolerance", self.tolerance)?;
        at_least_one(Self::NAME, "sweeps", self.sweeps)
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        let items = context.items;
        let profiles = Rows::positives(context.train, context.users);
        let raters = profiles.transposed(items);
        let mut values = gram::upper(&raters, &profiles);
        gram::mirror(&mut values, items);
        let gram = Dense {
            rows: items,
            columns: items,
            values,
        };
        let panels = Panels::try_from(gram.clone()).map_err(|what| ClassicalError::Numerical {
            method: Self::NAME,
            what: what.to_string(),
        })?;
        let columns: Vec<Vec<(u32, f32)>> = (0..items)
            .into_par_iter()
            .map_init(
                || Column::new(self, &gram, &panels),
                |column, item| column.solved(item),
            )
            .collect();
        drop((gram, panels));
        let weights = Rows::of(&columns).transposed(items);
        Ok(Box::new(SparseWeights { profiles, weights }))
    }
}

/// The solver of one column, with buffers for the next.
struct Column<'a> {
    l1: f32,
    l2: f32,
    tolerance: f32,
    sweeps: usize,
    gram: &'a Dense,
    panels: &'a Panels,
    /// `gram * weights`, all items.
    explained: Vec<f32>,
    /// The items of the working set, their weights, and the Gram matrix between them.
    set: Vec<u32>,
    weights: Vec<f32>,
    between: Vec<f32>,
    /// What a weight of the working set would gain from, with its own part left in.
    gradient: Vec<f32>,
}

/// The most working sets of a column. Each holds every item that gains under the weights of the one before, so that two
/// or three suffice in practice.
const SETS: usize = 30;

impl<'a> Column<'a> {
    fn new(slim: &Slim, gram: &'a Dense, panels: &'a Panels) -> Self {
        Self {
            l1: slim.l1 as f32,
            l2: slim.l2 as f32,
            tolerance: slim.tolerance as f32,
            sweeps: slim.sweeps,
            gram,
            panels,
            explained: vec![0.0; gram.columns],
            set: Vec::new(),
            weights: Vec::new(),
            between: Vec::new(),
            gradient: Vec::new(),
        }
    }

    /// The weights above 0 of the column of this item.
    fn solved(&mut self, item: usize) -> Vec<(u32, f32)> {
        let target = self.gram.row(item);
        self.set.clear();
        self.weights.clear();
        self.explained.fill(0.0);
        for _ in 0..SETS {
            if !self.widen(item, target) {
                break;
            }
            self.descend(target);
            self.panels
                .combine(&self.set, &self.weights, &mut self.explained);
        }
        let weights = self.set.iter().copied().zip(self.weights.iter().copied());
        let mut weights: Vec<_> = weights.filter(|weight| weight.1 > 0.0).collect();
        weights.sort_unstable_by_key(|weight| weight.0);
        weights
    }

    /// Removes the items with weight 0 from the working set and adds those that gain most, at most as many as it holds
    /// or 64. `false` if none gains.
    fn widen(&mut self, item: usize, target: &[f32]) -> bool {
        let kept = self.set.iter().copied().zip(self.weights.iter().copied());
        let (set, weights): (Vec<u32>, Vec<f32>) = kept.filter(|kept| kept.1 > 0.0).unzip();
        (self.set, self.weights) = (set, weights);
        let step = self.tolerance;
        let mut gains: Vec<(f32, u32)> = Vec::new();
        for (other, (target, explained)) in target.iter().zip(&self.explained).enumerate() {
            let gain = target - explained - self.l1;
            if gain > 0.0 && other != item {
                let diagonal = self.gram.values[other * self.gram.columns + other];
                gains.push((gain / (diagonal + self.l2), other as u32));
            }
        }
        let mut members = self.set.clone();
        members.sort_unstable();
        gains.retain(|gain| gain.0 > step && members.binary_search(&gain.1).is_err());
        let most = self.set.len().max(64);
        if gains.len() > most {
            gains.select_nth_unstable_by(most, |left, right| {
                right.0.total_cmp(&left.0).then(left.1.cmp(&right.1))
            });
            gains.truncate(most);
            gains.sort_unstable_by_key(|gain| gain.1);
        }
        self.set.extend(gains.iter().map(|gain| gain.1));
        self.weights.resize(self.set.len(), 0.0);
        !gains.is_empty()
    }

    /// Coordinate descent over the working set.
    fn descend(&mut self, target: &[f32]) {
        let size = self.set.len();
        self.between.clear();
        for &row in &self.set {
            let row = self.gram.row(row as usize);
            self.between
                .extend(self.set.iter().map(|&column| row[column as usize]));
        }
        self.gradient.clear();
        self.gradient
            .extend(self.set.iter().map(|&item| target[item as usize]));
        pulp::Arch::new().dispatch(Descent { column: self, size });
    }
}

/// Sweeps over the working set.
struct Descent<'a, 'b> {
    column: &'a mut Column<'b>,
    size: usize,
}

impl WithSimd for Descent<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (weights, gradient) = (&mut self.column.weights, &mut self.column.gradient);
        let (l1, l2) = (self.column.l1, self.column.l2);
        let between = &self.column.between;
        for (row, &weight) in between.chunks_exact(self.size).zip(&*weights) {
            subtract(gradient, weight, row);
        }
        for _ in 0..self.column.sweeps {
            let mut largest = 0.0f32;
            for (at, row) in between.chunks_exact(self.size).enumerate() {
                let (old, diagonal) = (weights[at], row[at]);
                let gain = gradient[at] + diagonal * old - l1;
                let new = (gain / (diagonal + l2)).max(0.0);
                let change = new - old;
                if change != 0.0 {
                    weights[at] = new;
                    subtract(gradient, change, row);
                    largest = largest.max(change.abs());
                }
            }
            if largest < self.column.tolerance {
                break;
            }
        }
    }
}

#[inline(always)]
fn subtract(from: &mut [f32], factor: f32, row: &[f32]) {
    for (from, value) in from.iter_mut().zip(row) {
        *from -= factor * value;
    }
}
