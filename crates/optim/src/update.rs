//! What an update rule is. `N` is how many numbers of state are kept next to a weight.

use crate::lane::Lane;
use crate::missed::Missed;
use crate::pace::Pace;

/// Weights closer to 0 than this are 0. Numbers that decay would end among the subnormal ones, on which a processor takes
/// up to a hundred times as long, and so would their products: the product of two weights of this size is still normal.
pub(crate) const TINY_WEIGHT: f64 = 1e-18;

/// The same of a rule's state: its product with a learning rate is still normal.
pub(crate) const TINY_STATE: f64 = 1e-30;

/// The same of a gradient that is squared.
const TINY_GRADIENT: f64 = 1e-18;

/// Numbers that a row's missed steps amount to, at most.
pub const COEFFICIENTS: usize = 6;

/// What the dense algorithm did to a row while it was at rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// The same few numbers for every weight of the row, for [`Update::catch_up`]; of them the first
    /// [`Update::COEFFICIENTS`] count.
    AtOnce([f64; COEFFICIENTS]),
    /// There is no closed form: its steps must be taken one by one.
    OneByOne,
}

/// One step of a rule at fixed coefficients: weight, state and gradient to weight and state.
pub trait Update<const N: usize>: Copy + Send + Sync {
    /// How many numbers of [`Rest::AtOnce`] are in use.
    const COEFFICIENTS: usize;

    /// The same rule at another [pace](crate::Rule::pace).
    fn at_pace(self, pace: Pace) -> Self;

    /// The dense algorithm's step, with what is too small to matter flushed to 0. A tensor moves elementwise.
    fn step<L: Lane>(&self, weight: L, state: [L; N], gradient: L) -> (L, [L; N]);

    /// What a row's missed steps amount to, at each of which its gradient was `decay * weight`. Which of the three it is
    /// depends on the rule and on whether `decay` is 0, and is the same for all rows.
    fn rest(&self, missed: &Missed<'_>, decay: f64) -> Rest;

    /// Takes the missed steps at once, by what [`Update::rest`] says of them; flushed as a step is. None of them, which
    /// [`Update::rest`] can say too, leave everything as it is.
    fn catch_up<L: Lane>(
        &self,
        weight: L,
        state: [L; N],
        coefficients: [L; COEFFICIENTS],
    ) -> (L, [L; N]);
}

/// What is done with whichever [`Update`] a rule turns out to be.
pub trait UpdateVisitor {
    /// What comes of it.
    type Output;
    /// Called with the update of one step.
    fn visit<const N: usize, U: Update<N>>(self, update: U) -> Self::Output;
}

/// The square of a gradient, which is never subnormal.
#[inline(always)]
pub(crate) fn square<L: Lane>(gradient: L) -> L {
    let gradient = gradient.flush(TINY_GRADIENT);
    gradient.clone().times(gradient)
}
