//! The factors of one row of positives, given those of the other side.
//!
//! With `V` the other side's factors and `S` the rated ones among them, the row's factors `w` minimise
//! `sum over S of (1 - v . w)^2 + alpha0 * sum over all of (v . w)^2 + penalty * |w|^2` and solve
//! `(sum over S of v v' + alpha0 V'V + penalty I) w = sum over S of v`. The system is solved by conjugate gradients, which
//! never build its matrix: Takács, Pilászy and Tikk, *Applications of the conjugate gradient method for implicit feedback
//! collaborative filtering*, RecSys 2011.

use crate::panels::Dense;
use crate::rows::Rows;
use crate::vectors::{LANES, add, add_four, dot, dot_four};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How factors are penalised: by `lambda * (n + alpha0 * others)^exponent`, where `n` is the number of the row's ratings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Penalty {
    pub(crate) alpha0: f64,
    pub(crate) lambda: f64,
    pub(crate) exponent: f64,
}

impl Penalty {
    fn of(&self, ratings: usize, others: usize) -> f32 {
        let frequency = ratings as f64 + self.alpha0 * others as f64;
        (self.lambda * frequency.powf(self.exponent)) as f32
    }

    /// Whether every number is in its range.
    pub(crate) fn is_sound(&self) -> bool {
        let finite = [self.alpha0, self.lambda, self.exponent]
            .iter()
            .all(|value| value.is_finite());
        finite && self.alpha0 > 0.0 && self.lambda > 0.0 && self.exponent >= 0.0
    }
}

/// `scale * V'V`.
pub(crate) fn gram(factors: &Dense, scale: f64) -> Vec<f32> {
    let width = factors.columns;
    let mut gram = vec![0.0; width * width];
    let strips = gram.par_chunks_mut((LANES * width).max(1)).enumerate();
    strips.with_max_len(1).for_each(|(strip, into)| {
        let (first, scale) = (strip * LANES, scale as f32);
        pulp::Arch::new().dispatch(Strip {
            factors,
            first,
            scale,
            into,
        });
    });
    gram
}

/// A few rows of the Gram matrix from row `first` on.
struct Strip<'a> {
    factors: &'a Dense,
    first: usize,
    scale: f32,
    into: &'a mut [f32],
}

impl WithSimd for Strip<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.factors.columns;
        let mut fours = self.factors.values.chunks_exact(4 * width);
        for rows in &mut fours {
            for (at, into) in (self.first..).zip(self.into.chunks_exact_mut(width)) {
                let (a, b) = (rows[at], rows[width + at]);
                let (c, d) = (rows[2 * width + at], rows[3 * width + at]);
                add_four(simd, into, [a, b, c, d], rows);
            }
        }
        for row in fours.remainder().chunks_exact(width) {
            for (at, into) in (self.first..).zip(self.into.chunks_exact_mut(width)) {
                add(simd, into, row[at], row);
            }
        }
        for value in self.into.iter_mut() {
            *value *= self.scale;
        }
    }
}

/// When conjugate gradients end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    /// After this number of steps.
    pub(crate) steps: usize,
    /// Or when the squared residual is this small, relative to the first one.
    pub(crate) residual: f32,
}

impl Stop {
    /// When single precision gives no more.
    pub(crate) const CONVERGED: Self = Self {
        steps: 100,
        residual: 1e-11,
    };

    /// After a fixed number of steps.
    pub(crate) fn after(steps: usize) -> Self {
        Self {
            steps,
            residual: 1e-11,
        }
    }
}

/// Solves every row of `positives` from the factors in `rows`, which are replaced.
pub(crate) fn solve_all(
    positives: &Rows,
    others: &Dense,
    penalty: &Penalty,
    stop: Stop,
    rows: &mut Dense,
) {
    let gram = gram(others, penalty.alpha0);
    const TASK: usize = 16;
    let width = others.columns;
    rows.values
        .par_chunks_mut((TASK * width).max(1))
        .enumerate()
        .with_max_len(1)
        .for_each_init(
            || Solver::new(others, &gram, penalty),
            |solver, (task, into)| {
                for (row, into) in (task * TASK..).zip(into.chunks_exact_mut(width)) {
                    solver.solve(positives.row(row).0, stop, into);
                }
            },
        );
}

/// The solver of one row, with buffers for the next.
pub(crate) struct Solver<'a> {
    others: &'a Dense,
    gram: &'a [f32],
    penalty: &'a Penalty,
    /// The rated factors, filled up with zeros to a multiple of four rows.
    rated: Vec<f32>,
    residual: Vec<f32>,
    direction: Vec<f32>,
    product: Vec<f32>,
}

impl<'a> Solver<'a> {
    /// A solver for rows against these factors, whose scaled [`gram`] matrix this is.
    pub(crate) fn new(others: &'a Dense, gram: &'a [f32], penalty: &'a Penalty) -> Self {
        let zeros = vec![0.0; others.columns];
        Self {
            others,
            gram,
            penalty,
            rated: Vec::new(),
            residual: zeros.clone(),
            direction: zeros.clone(),
            product: zeros,
        }
    }

    /// The factors of a row that rates these, from the factors in `into`, which are replaced.
    pub(crate) fn solve(&mut self, rated: &[u32], stop: Stop, into: &mut [f32]) {
        if rated.is_empty() {
            return into.fill(0.0);
        }
        let width = self.others.columns;
        self.rated.clear();
        for &other in rated {
            self.rated
                .extend_from_slice(self.others.row(other as usize));
        }
        self.rated
            .resize(rated.len().next_multiple_of(4) * width, 0.0);
        let penalty = self.penalty.of(rated.len(), self.others.rows);
        pulp::Arch::new().dispatch(Descent {
            solver: self,
            penalty,
            stop,
            into,
        });
    }
}

/// Conjugate gradients for one row.
struct Descent<'a, 'b> {
    solver: &'a mut Solver<'b>,
    penalty: f32,
    stop: Stop,
    into: &'a mut [f32],
}

impl WithSimd for Descent<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            solver,
            penalty,
            stop,
            into,
        } = self;
        let Solver {
            gram,
            rated,
            residual,
            direction,
            product,
            ..
        } = solver;
        // The right-hand side and the rated part of the matrix in one pass.
        everyone(simd, gram, penalty, into, product);
        residual.fill(0.0);
        for rows in rated.chunks_exact(4 * into.len()) {
            let [a, b, c, d] = dot_four(simd, rows, into);
            add_four(simd, residual, [1.0 - a, 1.0 - b, 1.0 - c, 1.0 - d], rows);
        }
        for (residual, product) in residual.iter_mut().zip(&*product) {
            *residual -= product;
        }
        direction.copy_from_slice(residual);
        let first = dot(simd, residual, residual);
        let mut squared = first;
        for _ in 0..stop.steps {
            if squared <= first * stop.residual {
                break;
            }
            everyone(simd, gram, penalty, direction, product);
            for rows in rated.chunks_exact(4 * into.len()) {
                add_four(simd, product, dot_four(simd, rows, direction), rows);
            }
            let size = squared / dot(simd, direction, product);
            add(simd, into, size, direction);
            add(simd, residual, -size, product);
            let next = dot(simd, residual, residual);
            let turn = next / squared;
            for (direction, residual) in direction.iter_mut().zip(&*residual) {
                *direction = residual + turn * *direction;
            }
            squared = next;
        }
    }
}

/// The part of the matrix that all rows share, times a vector.
#[inline(always)]
fn everyone<S: Simd>(simd: S, gram: &[f32], penalty: f32, by: &[f32], into: &mut [f32]) {
    for (into, by) in into.iter_mut().zip(by) {
        *into = penalty * by;
    }
    let (factors, _) = by.as_chunks::<4>();
    for (&factors, rows) in factors.iter().zip(gram.chunks_exact(4 * by.len())) {
        add_four(simd, into, factors, rows);
    }
}
