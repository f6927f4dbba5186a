//! EASE: a linear model over items in closed form.
//!
//! With `X` the users' ratings as ones and `G = X'X + lambda I`, `P` the inverse of `G`:
//! `weights[i, j] = -P[i, j] / P[j, j]`, and 0 for `i = j`; this is the least-squares reconstruction of `X` by the other
//! items with an l2 penalty. Steck, *Embarrassingly shallow autoencoders for sparse data*, WWW 2019.

use crate::error::ClassicalError;
use crate::gram;
use crate::inverse;
use crate::item_weights::DenseWeights;
use crate::method::{Context, Fitted, Scores};
use crate::panels::{self, Panels};
use crate::registry::{Described, positive};
use crate::rows::{self, Rows};
use crate::triangle::{self, PANEL, Triangle};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The settings of EASE.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ease {
    /// The l2 penalty, above 0.
    pub lambda: f64,
}

impl Default for Ease {
    fn default() -> Self {
        Self { lambda: 400.0 }
    }
}

impl Described for Ease {
    const NAME: &'static str = "ease";
    const ABOUT: &'static str =
        "sum of dense item-item weights over the user's items, in closed form";

    fn scores(&self) -> Scores {
        Scores::Order
    }

    fn memory(&self, context: &Context<'_>) -> u64 {
        let (users, items) = (context.users, context.items);
        let sparse = 3 * rows::bytes(users.max(items), context.train.len());
        let next = inverse::bytes(items).max(panels::bytes(items, items));
        triangle::bytes(items) + next + sparse
    }

    fn check(&self) -> Result<(), ClassicalError> {
        positive(Self::NAME, "lambda", self.lambda)
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        let items = context.items;
        let profiles = Rows::positives(context.train, context.users);
        let raters = profiles.transposed(items);
        let mut gram = gram::triangle(&raters, &profiles);
        gram.add_to_diagonal(self.lambda as f32);
        if !inverse::negated(&mut gram) {
            return Err(ClassicalError::Numerical {
                method: Self::NAME,
                what: format!("lambda {} is too small for single precision", self.lambda),
            });
        }
        let weights = weights(&gram);
        Ok(Box::new(DenseWeights { profiles, weights }))
    }
}

/// The weights out of the negated inverse, in blocks that stay in the cache.
fn weights(inverse: &Triangle) -> Panels {
    let items = inverse.n();
    let mut scale = vec![0.0; items.next_multiple_of(PANEL)];
    for (item, scale) in scale[..items].iter_mut().enumerate() {
        *scale = -1.0 / inverse.get(item, item);
    }
    let mut weights = Panels::zeros(items, items);
    let panels: Vec<_> = weights.panels_mut().collect();
    panels.into_par_iter().for_each(|(from, panel)| {
        let width = panel.len() / items;
        let mut block = [0.0; PANEL * PANEL];
        for (rows, into) in panel.chunks_mut(PANEL * width).enumerate() {
            let columns = from / PANEL..(from + width).min(scale.len()) / PANEL;
            for (at, column) in columns.enumerate() {
                inverse.block(rows, column, &mut block);
                let scale = &scale[column * PANEL..(column + 1) * PANEL];
                for (into, values) in into.chunks_exact_mut(width).zip(block.chunks_exact(PANEL)) {
                    let into = &mut into[at * PANEL..(at + 1) * PANEL];
                    for ((into, value), scale) in into.iter_mut().zip(values).zip(scale) {
                        *into = value * scale;
                    }
                }
            }
        }
        for item in from..(from + width).min(items) {
            panel[item * width + item - from] = 0.0;
        }
    });
    weights
}
