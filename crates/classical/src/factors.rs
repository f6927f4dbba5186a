//! Factorisations: `score(user, item) = user factors . item factors`.

use crate::error::ClassicalError;
use crate::least_squares::{Penalty, Solver, Stop, gram};
use crate::method::Fitted;
use crate::panels::{Dense, Panels, plus};
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
    /// `0..factors`.
    every: Vec<u32>,
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
            every: (0..width as u32).collect(),
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
    fn terms(&self, user: UserIx) -> (&[u32], &[f32]) {
        let factors = self.parts.users.row(user.index());
        (&self.every[..factors.len()], factors)
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
        let (every, factors) = self.terms(user);
        self.panels.combine_at(every, factors, item.index())
    }

    fn score_all(&self, user: UserIx, into: &mut [f32]) {
        profile::sized(self.panels.columns(), into, |into| {
            let (every, factors) = self.terms(user);
            self.panels.combine(every, factors, into);
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
        self.panels.combine(&self.every, &factors, into);
        Ok(())
    }

    fn saved(&self) -> Saved {
        Saved::Factors(self.clone())
    }

    fn score_block(&self, users: &[UserIx], into: &mut [f32]) {
        profile::block(self.panels.columns(), users, into, self, |into| {
            let terms: Vec<_> = users.iter().map(|&user| self.terms(user)).collect();
            self.panels.combine_block(&terms, into);
        });
    }
}
