//! Rows, moved: by a gradient, or by the steps they missed.

use crate::update::Update;
use std::array;

/// Cuts a row into its weights and its `N` stretches of state.
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

/// One step on each weight of a row: the gradient plus `decay` times the weight, the rule, the projection.
#[inline(always)]
fn advance<const N: usize, U: Update<N>>(
    update: U,
    weights: &mut [f32],
    mut state: [&mut [f32]; N],
    gradient: impl Fn(usize) -> f32,
    decay: f32,
    non_negative: bool,
) {
    let width = weights.len();
    // One length for all, seen by the compiler, spares the bounds checks and lets the loop be vectorised.
    for stretch in &mut state {
        *stretch = &mut std::mem::take(stretch)[..width];
    }
    for at in 0..width {
        let pull = gradient(at) + decay * weights[at];
        let (weight, moved) = update.step(weights[at], array::from_fn(|i| state[i][at]), pull);
        weights[at] = if non_negative {
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
pub(crate) fn replay<const N: usize, U: Update<N>>(
    update: U,
    weights: &mut [f32],
    mut state: [&mut [f32]; N],
    rates: &[f64],
    decay: f32,
    non_negative: bool,
) {
    for &rate in rates {
        let state = state.each_mut().map(|stretch| &mut **stretch);
        advance(
            update.at_rate(rate),
            weights,
            state,
            |_| 0.0,
            decay,
            non_negative,
        );
    }
}

/// What the dense algorithm did to this row at the steps that it missed.
pub(crate) fn make_up<const N: usize, U: Update<N>>(
    update: U,
    row: &mut [f32],
    width: usize,
    rates: &[f64],
    decay: f32,
    non_negative: bool,
) {
    if rates.is_empty() {
        return;
    }
    let (weights, state) = cut::<N>(row, width);
    if decay > 0.0 {
        replay(update, weights, state, rates, decay, non_negative);
        return;
    }
    update.coast(weights, state, rates);
    if non_negative {
        // A coasting weight moves one way only, so a projection at the end is a projection at every step.
        for weight in weights {
            *weight = weight.max(0.0);
        }
    }
}

/// One step of this row with its gradient.
pub(crate) fn step_row<const N: usize, U: Update<N>>(
    update: U,
    row: &mut [f32],
    width: usize,
    gradient: &[f32],
    decay: f32,
    non_negative: bool,
) {
    let (weights, state) = cut::<N>(row, width);
    let gradient = &gradient[..width];
    advance(
        update,
        weights,
        state,
        |at| gradient[at],
        decay,
        non_negative,
    );
}
