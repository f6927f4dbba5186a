//! The interface of update rules. `N` is the number of state values per weight.

use crate::lane::Lane;
use crate::missed::Missed;
use crate::pace::Pace;

/// Weights closer to 0 than this become 0. Decaying numbers, and their products, would eventually become subnormal,
/// where a CPU takes up to a hundred times as long: the product of two weights of this size is still normal.
pub(crate) const TINY_WEIGHT: f64 = 1e-18;

/// The same for state: its product with a learning rate is still normal.
pub(crate) const TINY_STATE: f64 = 1e-30;

/// The same for a gradient that is squared.
const TINY_GRADIENT: f64 = 1e-18;

/// The most coefficients that a row's missed steps reduce to.
pub const COEFFICIENTS: usize = 6;

/// The effect of the dense algorithm on a row outside the batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// A few coefficients, the same for every weight of the row, for [`Update::catch_up`]; only the first
    /// [`Update::COEFFICIENTS`] are used.
    AtOnce([f64; COEFFICIENTS]),
    /// There is no closed form: the steps must be applied one by one.
    OneByOne,
}

/// One step of a rule with fixed coefficients: maps weight, state and gradient to weight and state.
pub trait Update<const N: usize>: Copy + Send + Sync {
    /// The number of coefficients of [`Rest::AtOnce`] in use.
    const COEFFICIENTS: usize;

    /// Whether the state of a row is one number each, instead of one for every weight. [`Update::row_state`] then updates
    /// it before [`Update::step`] reads it, and there is no closed form with coefficients.
    const BY_ROW: bool = false;

    /// The same rule at another [pace](crate::Rule::pace).
    fn at_pace(self, pace: Pace) -> Self;

    /// The dense algorithm's step, with tiny numbers flushed to 0. Tensors are updated elementwise; the state of a row
    /// that has one number is broadcast.
    fn step<L: Lane>(&self, weight: L, state: [L; N], gradient: L) -> (L, [L; N]);

    /// For rules with [`Update::BY_ROW`], the state of a row after a step, from the mean of the squares of its gradient.
    #[inline(always)]
    fn row_state<L: Lane>(&self, state: [L; N], _mean_square: L) -> [L; N] {
        state
    }

    /// The step of a weight with state of its own, as of parameters that are not tables.
    #[inline(always)]
    fn step_alone<L: Lane>(&self, weight: L, state: [L; N], gradient: L) -> (L, [L; N]) {
        let state = match Self::BY_ROW {
            true => self.row_state(state, square(gradient.clone())),
            false => state,
        };
        self.step(weight, state, gradient)
    }

    /// The combined effect of a row's missed steps, at each of which its gradient was `decay * weight`. Which variant
    /// it is depends only on the rule and on whether `decay` is 0, and is the same for all rows.
    ///
    /// By default nothing changes without a gradient, and under a penalty the steps are made one by one.
    #[inline(always)]
    fn rest(&self, _missed: &Missed<'_>, decay: f64) -> Rest {
        match decay == 0.0 {
            true => Rest::Nothing,
            false => Rest::OneByOne,
        }
    }

    /// Applies the missed steps at once, with the coefficients from [`Update::rest`]; tiny numbers are flushed as in a
    /// step. For no missed steps the coefficients leave everything unchanged.
    #[inline(always)]
    fn catch_up<L: Lane>(
        &self,
        weight: L,
        state: [L; N],
        _coefficients: [L; COEFFICIENTS],
    ) -> (L, [L; N]) {
        (weight, state)
    }
}

/// A function of the [`Update`] that a rule maps to.
pub trait UpdateVisitor {
    /// The result.
    type Output;
    /// Called with the update of one step.
    fn visit<const N: usize, U: Update<N>>(self, update: U) -> Self::Output;
}

/// The square of a gradient, which is never subnormal.
#[inline(always)]
pub fn square<L: Lane>(gradient: L) -> L {
    let gradient = gradient.flush(TINY_GRADIENT);
    gradient.clone().times(gradient)
}
