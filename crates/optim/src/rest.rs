//! Rows, moved: by a gradient, or by the steps they missed.

use crate::steps::Rest;
use crate::update::Update;
use std::array;

/// What a table does to its weights beside the rule.
#[derive(Clone, Copy)]
pub(crate) struct Pull {
    /// The penalty's gradient is this times the weight.
    pub decay: f64,
    /// Weights are projected onto 0 and above after every step.
    pub non_negative: bool,
}

impl Pull {
    pub(crate) const NONE: Self = Self {
        decay: 0.0,
        non_negative: false,
    };
}

/// Cuts a row into its weights and its `N` stretches of state.
#[inline(always)]
fn cut<const N: usize>(row: &mut [f32], width: usize) -> (&mut [f32], [&mut [f32]; N]) {
    let (weights, state) = row.split_at_mut(width);
    let mut stretches = state.chunks_exact_mut(width);
    let state = array::from_fn(|_| {
        stretches
            .next()
            .expect("a row holds its weights and N stretches of state")
    });
    (weights, state)
}

/// One step on each weight of a row: the gradient plus the penalty's, the rule, the projection.
#[inline(always)]
fn advance<const N: usize, U: Update<N>>(
    update: U,
    weights: &mut [f32],
    mut state: [&mut [f32]; N],
    gradient: impl Fn(usize) -> f32,
    pull: Pull,
) {
    let width = weights.len();
    // One length for all, seen by the compiler, spares the bounds checks and lets the loop be vectorised.
    for stretch in &mut state {
        *stretch = &mut std::mem::take(stretch)[..width];
    }
    let decay = pull.decay as f32;
    for at in 0..width {
        let gradient = gradient(at) + decay * weights[at];
        let (weight, moved) = update.step(weights[at], array::from_fn(|i| state[i][at]), gradient);
        weights[at] = if pull.non_negative {
            weight.max(0.0)
        } else {
            weight
        };
        for (stretch, moved) in state.iter_mut().zip(moved) {
            stretch[at] = moved;
        }
    }
}

/// The steps of a row without a gradient, one after the other, as the dense algorithm takes them.
#[inline(always)]
pub(crate) fn replay<const N: usize, U: Update<N>>(
    update: U,
    weights: &mut [f32],
    mut state: [&mut [f32]; N],
    rates: &[f64],
    pull: Pull,
) {
    for &rate in rates {
        let state = state.each_mut().map(|stretch| &mut **stretch);
        advance(update.at_rate(rate), weights, state, |_| 0.0, pull);
    }
}

/// What the dense algorithm did to this row at the steps that it missed.
#[inline(always)]
pub(crate) fn make_up<const N: usize, U: Update<N>>(
    update: U,
    row: &mut [f32],
    width: usize,
    rest: Rest<'_>,
    pull: Pull,
) {
    if rest.rates.is_empty() {
        return;
    }
    let (weights, state) = cut::<N>(row, width);
    if pull.decay > 0.0 && pull.non_negative {
        replay(update, weights, state, rest.rates, pull);
    } else if pull.decay > 0.0 {
        update.sink(weights, state, rest, pull.decay);
    } else {
        update.coast(weights, state, rest);
        if pull.non_negative {
            // A coasting weight moves one way only, so a projection at the end is a projection at every step.
            for weight in weights {
                *weight = weight.max(0.0);
            }
        }
    }
}

/// One step of this row with its gradient.
#[inline(always)]
pub(crate) fn step_row<const N: usize, U: Update<N>>(
    update: U,
    row: &mut [f32],
    width: usize,
    gradient: &[f32],
    pull: Pull,
) {
    let (weights, state) = cut::<N>(row, width);
    let gradient = &gradient[..width];
    advance(update, weights, state, |at| gradient[at], pull);
}
