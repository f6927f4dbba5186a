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
        let square = items as u64 * items as u64 * 4;
        square + inverse::bytes(items) + panels::bytes(items, items) + sparse
    }

    fn check(&self) -> Result<(), ClassicalError> {
        positive(Self::NAME, "lambda", self.lambda)
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        let items = context.items;
        let profiles = Rows::positives(context.train, context.users);
        let raters = profiles.transposed(items);
        let mut gram = gram::upper(&raters, &profiles);
        for item in 0..items {
            gram[item * items + item] += self.lambda as f32;
        }
        if !inverse::negated(&mut gram, items) {
            return Err(ClassicalError::Numerical {
                method: Self::NAME,
                what: format!("lambda {} is too small for single precision", self.lambda),
            });
        }
        let weights = weights(&gram, items);
        Ok(Box::new(DenseWeights { profiles, weights }))
    }
}

/// The weights out of the upper triangle of the negated inverse.
fn weights(inverse: &[f32], items: usize) -> Panels {
    let scale: Vec<f32> = (0..items)
        .map(|item| -1.0 / inverse[item * items + item])
        .collect();
    let mut weights = Panels::zeros(items, items);
    let panels: Vec<_> = weights.panels_mut().collect();
    panels.into_par_iter().for_each(|(from, panel)| {
        let width = panel.len() / items;
        let to = (from + width).min(items);
        for (row, into) in panel.chunks_exact_mut(width).enumerate() {
            // The columns from the diagonal on are in this row, the others in theirs.
            let start = to.min(from.max(row + 1));
            for (column, into) in (start..to).zip(&mut into[start - from..]) {
                *into = inverse[row * items + column] * scale[column];
            }
        }
        for column in from..to {
            let lower = inverse[column * items + column + 1..(column + 1) * items].iter();
            let into = panel[(column - from)..].iter_mut().step_by(width);
            for (into, value) in into.skip(column + 1).zip(lower) {
                *into = value * scale[column];
            }
        }
    });
    weights
}
