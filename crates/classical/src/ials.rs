//! iALS: factors of positives against all pairs, by alternating least squares.
//!
//! `score(user, item) = w . v`. The factors minimise `sum over ratings of (1 - score)^2 + alpha0 * sum over all pairs of
//! score^2 + sum of penalties`, where the penalty of a user with `n` ratings is `lambda * (n + alpha0 * items)^exponent *
//! |w|^2`, and that of an item is its counterpart. Hu, Koren and Volinsky, *Collaborative filtering for implicit feedback
//! datasets*, ICDM 2008; in the form of Rendle, Krichene, Zhang and Koren, *Revisiting the performance of iALS on item
//! recommendation benchmarks*, 2021. Every epoch continues from the factors of the one before with a few steps of
//! conjugate gradients; at the end the users are solved exactly, so that a user and the same profile score alike.

use crate::error::ClassicalError;
use crate::factors::{self, Factors, FoldIn, Parts};
use crate::least_squares::{Penalty, Stop, solve_all};
use crate::method::{Context, Fitted, Scores};
use crate::panels::Dense;
use crate::random::signed_unit;
use crate::registry::{Described, at_least_one, non_negative, positive};
use crate::rows::{self, Rows};
use crate::vectors::LANES;
use serde::{Deserialize, Serialize};

/// The settings of iALS.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ials {
    /// The number of factors, at least 1.
    pub factors: usize,
    /// The weight of all pairs relative to the rated ones, above 0.
    pub alpha0: f64,
    /// The penalty, above 0.
    pub lambda: f64,
    /// How the penalty grows with the number of ratings: 0 not at all, 1 in proportion; at least 0.
    pub exponent: f64,
    /// The number of alternations, at least 1.
    pub epochs: usize,
    /// The steps of conjugate gradients per row and epoch, at least 1.
    pub steps: usize,
    /// The standard deviation of the first item factors, times the root of their number; above 0.
    pub spread: f64,
}

impl Default for Ials {
    fn default() -> Self {
        Self {
            factors: 64,
            alpha0: 0.5,
            lambda: 0.012,
            exponent: 1.0,
            epochs: 15,
            steps: 3,
            spread: 0.1,
        }
    }
}

impl Described for Ials {
    const NAME: &'static str = "ials";
    const ABOUT: &'static str =
        "user factors . item factors, fitted to positives against all pairs (implicit ALS)";

    fn scores(&self) -> Scores {
        Scores::Order
    }

    fn memory(&self, context: &Context<'_>) -> u64 {
        let (users, items) = (context.users, context.items);
        let sparse = 3 * rows::bytes(users.max(items), context.train.len());
        factors::bytes(users, items, self.factors) + sparse
    }

    fn check(&self) -> Result<(), ClassicalError> {
        at_least_one(Self::NAME, "factors", self.factors)?;
        positive(Self::NAME, "alpha0", self.alpha0)?;
        positive(Self::NAME, "lambda", self.lambda)?;
        non_negative(Self::NAME, "exponent", self.exponent)?;
        at_least_one(Self::NAME, "epochs", self.epochs)?;
        at_least_one(Self::NAME, "steps", self.steps)?;
        positive(Self::NAME, "spread", self.spread)
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        let profiles = Rows::positives(context.train, context.users);
        let raters = profiles.transposed(context.items);
        let width = self.factors.next_multiple_of(LANES);
        let mut users = Dense::zeros(context.users, width);
        let mut items = start(context.items, self.factors, self.spread, context.seed);
        let penalty = Penalty {
            alpha0: self.alpha0,
            lambda: self.lambda,
            exponent: self.exponent,
        };
        let stop = Stop::after(self.steps);
        for _ in 0..self.epochs {
            solve_all(&profiles, &items, &penalty, stop, &mut users);
            solve_all(&raters, &users, &penalty, stop, &mut items);
        }
        users.values.fill(0.0);
        solve_all(&profiles, &items, &penalty, Stop::CONVERGED, &mut users);
        if !users.values.iter().all(|value| value.is_finite()) {
            return Err(ClassicalError::Numerical {
                method: Self::NAME,
                what: "the factors overflow".to_string(),
            });
        }
        let fold_in = FoldIn::LeastSquares(penalty);
        let parts = Parts {
            users,
            items,
            fold_in,
        };
        let model = Factors::try_from(parts).map_err(|what| ClassicalError::Numerical {
            method: Self::NAME,
            what: what.to_string(),
        })?;
        Ok(Box::new(model))
    }
}

/// Random factors, uniform with standard deviation `spread / sqrt(factors)`; the columns after `factors` are 0.
pub(crate) fn start(rows: usize, factors: usize, spread: f64, seed: u64) -> Dense {
    let width = factors.next_multiple_of(LANES);
    let mut start = Dense::zeros(rows, width);
    let scale = (spread * (3.0 / factors as f64).sqrt()) as f32;
    for (row, values) in start.values.chunks_exact_mut(width).enumerate() {
        for (factor, value) in values[..factors].iter_mut().enumerate() {
            *value = scale * signed_unit(seed, (row * factors + factor) as u64);
        }
    }
    start
}
