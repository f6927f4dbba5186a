//! PureSVD: the projection of a user's ratings as ones onto the leading singular vectors.
//!
//! With `X` the users' ratings as ones and `V` its leading right singular vectors, `[items, factors]`:
//! `scores(user) = x V V'`. Cremonesi, Koren and Turrin, *Performance of recommender algorithms on top-n recommendation
//! tasks*, RecSys 2010. The vectors are found by randomised subspace iteration: Halko, Martinsson and Tropp, *Finding
//! structure with randomness*, SIAM Review 53, 2011, algorithm 4.4.

use crate::eigen;
use crate::error::ClassicalError;
use crate::factors::{self, Factors, FoldIn, Parts};
use crate::ials::start;
use crate::method::{Context, Fitted, Scores};
use crate::panels::{Dense, plus};
use crate::registry::{Described, at_least_one};
use crate::rows::{self, Rows};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The settings of PureSVD.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PureSvd {
    /// The number of singular vectors, at least 1; those beyond the rank of the data are 0.
    pub factors: usize,
    /// Further vectors in the iteration, which make the wanted ones more exact.
    pub oversampling: usize,
    /// The number of iterations, at least 1.
    pub iterations: usize,
}

impl Default for PureSvd {
    fn default() -> Self {
        Self {
            factors: 16,
            oversampling: 16,
            iterations: 12,
        }
    }
}

impl Described for PureSvd {
    const NAME: &'static str = "pure_svd";
    const ABOUT: &'static str =
        "projection of the user's items onto the leading singular vectors (randomised SVD)";

    fn scores(&self) -> Scores {
        Scores::Order
    }

    fn memory(&self, context: &Context<'_>) -> u64 {
        let (users, items) = (context.users, context.items);
        let sparse = 3 * rows::bytes(users.max(items), context.train.len());
        let width = self
            .factors
            .saturating_add(self.oversampling)
            .min(users.max(1))
            .min(items.max(1));
        factors::bytes(users, 2 * items, width) + sparse
    }

    fn check(&self) -> Result<(), ClassicalError> {
        at_least_one(Self::NAME, "factors", self.factors)?;
        at_least_one(Self::NAME, "iterations", self.iterations)
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        let profiles = Rows::positives(context.train, context.users);
        let raters = profiles.transposed(context.items);
        let rank = context.users.min(context.items);
        let vectors = self.factors.saturating_add(self.oversampling).min(rank);
        let mut basis = start(context.items, vectors, 1.0, context.seed);
        eigen::orthonormalise(&mut basis, vectors);
        let mut images = product(&profiles, &basis);
        for _ in 0..self.iterations {
            basis = product(&raters, &images);
            eigen::orthonormalise(&mut basis, vectors);
            images = product(&profiles, &basis);
        }
        // Within the subspace, the singular vectors are the eigenvectors of the images' Gram matrix.
        let rotation = eigen::leading(&images, vectors, self.factors.min(vectors));
        let items = eigen::rotated(&basis, &rotation);
        let parts = Parts {
            users: product(&profiles, &items),
            items,
            fold_in: FoldIn::Sum,
        };
        let model = Factors::try_from(parts).map_err(|what| ClassicalError::Numerical {
            method: Self::NAME,
            what: what.to_string(),
        })?;
        Ok(Box::new(model))
    }
}

/// `rows * right`: sums of the rows of `right`, in the order of the columns.
fn product(rows: &Rows, right: &Dense) -> Dense {
    let width = right.columns;
    let mut product = Dense::zeros(rows.len(), width);
    let tasks = product.values.par_chunks_mut(64 * width).enumerate();
    tasks.for_each(|(task, into)| {
        for (row, into) in (task * 64..).zip(into.chunks_exact_mut(width)) {
            let (columns, values) = rows.row(row);
            for (&column, &value) in columns.iter().zip(values) {
                plus(into, value, right.row(column as usize));
            }
        }
    });
    product
}
