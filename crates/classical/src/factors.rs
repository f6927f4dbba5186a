//! Factorisations: `score(user, item) = user factors . item factors`.

use crate::error::ClassicalError;
use crate::least_squares::{Penalty, Solver, Stop, gram};
use crate::method::Fitted;
use crate::panels::{Dense, Panels, plus};
use crate::products::{product_at, products};
use crate::profile;
use crate::saved::Saved;
use crate::vectors::LANES;
use recburn_data::{ItemIx, UserIx};
use serde::{Deserialize, Serialize};

/// A fitted factorisation: `ials`, `pure_svd`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Factors {
    parts: Parts,
    /// The item factors, `[factors, items]`.
    panels: Panels,
    /// As many zeros as there are factors.
    nobody: Vec<f32>,
    /// For least squares: the items' scaled Gram matrix.
    gram: Vec<f32>,
}

/// What is saved of a factorisation. The number of factors is filled up with zeros to a multiple of [`LANES`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parts {
    /// `[users, factors]`.
    pub(crate) users: Dense,
    /// `[items, factors]`.
    pub(crate) items: Dense,
    /// How a profile becomes factors.
    pub(crate) fold_in: FoldIn,
}

/// How a profile becomes factors.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FoldIn {
    /// As the sum of the items' factors.
    Sum,
    /// As those that explain it best.
    LeastSquares(Penalty),
}

impl TryFrom<Parts> for Factors {
    type Error = &'static str;

    fn try_from(parts: Parts) -> Result<Self, Self::Error> {
        let (users, items) = (&parts.users, &parts.items);
        let width = items.columns;
        if !(users.is_sound() && items.is_sound() && users.columns == width) {
            return Err("the factors of users and items differ in number");
        }
        if width == 0 || !width.is_multiple_of(LANES) {
            return Err("the number of factors is not filled up");
        }
        let gram = match &parts.fold_in {
            FoldIn::Sum => Vec::new(),
            FoldIn::LeastSquares(penalty) if penalty.is_sound() => gram(items, penalty.alpha0),
            FoldIn::LeastSquares(_) => return Err("the penalty is out of range"),
        };
        let mut transposed = Dense::zeros(width, items.rows);
        for item in 0..items.rows {
            for (factor, value) in items.row(item).iter().enumerate() {
                transposed.values[factor * items.rows + item] = *value;
            }
        }
        Ok(Self {
            panels: Panels::try_from(transposed)?,
            nobody: vec![0.0; width],
            gram,
            parts,
        })
    }
}

impl From<Factors> for Parts {
    fn from(factors: Factors) -> Self {
        factors.parts
    }
}

impl Factors {
    /// The factors of a user; of one outside the table, zeros.
    fn of_user(&self, user: UserIx) -> &[f32] {
        match self.parts.users.row(user.index()) {
            [] => &self.nobody,
            factors => factors,
        }
    }
}

/// The bytes of a factorisation.
pub(crate) fn bytes(users: usize, items: usize, factors: usize) -> u64 {
    let width = factors.next_multiple_of(LANES) as u64;
    4 * width * (users as u64 + 3 * items as u64 + 2 * width)
}

impl Fitted for Factors {
    fn predict(&self, user: UserIx, item: ItemIx) -> f32 {
        if item.index() >= self.panels.columns() {
            return f32::NAN;
        }
        product_at(self.of_user(user), &self.panels, item.index())
    }

    fn score_all(&self, user: UserIx, into: &mut [f32]) {
        profile::sized(self.panels.columns(), into, |into| {
            products(&[self.of_user(user)], &self.panels, into);
        });
    }

    fn fold_in(&self, profile: &[(ItemIx, f32)], into: &mut [f32]) -> Result<(), ClassicalError> {
        profile::check_fold_in(profile, self.panels.columns(), into)?;
        let rated = profile::items(profile);
        let items = &self.parts.items;
        let mut factors = vec![0.0; items.columns];
        match &self.parts.fold_in {
            FoldIn::Sum => {
                for &item in &rated {
                    plus(&mut factors, 1.0, items.row(item as usize));
                }
            }
            FoldIn::LeastSquares(penalty) => {
                let mut solver = Solver::new(items, &self.gram, penalty);
                solver.solve(&rated, Stop::CONVERGED, &mut factors);
            }
        }
        products(&[&factors], &self.panels, into);
        Ok(())
    }

    fn saved(&self) -> Saved {
        Saved::Factors(self.clone())
    }

    fn score_block(&self, users: &[UserIx], into: &mut [f32]) {
        profile::block(self.panels.columns(), users, into, self, |into| {
            let rows: Vec<_> = users.iter().map(|&user| self.of_user(user)).collect();
            products(&rows, &self.panels, into);
        });
    }
}
