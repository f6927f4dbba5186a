//! Steps of a single row.

use crate::pace::Pace;
use crate::penalty::Shrink;
use crate::update::Update;
use std::array;

/// Splits a row into its weights and its `N` slices of state.
#[inline(always)]
pub(crate) fn cut<const N: usize>(row: &mut [f32], width: usize) -> (&mut [f32], [&mut [f32]; N]) {
    let (weights, state) = row.split_at_mut(width);
    let mut stretches = state.chunks_exact_mut(width);
    let state = array::from_fn(|_| {
        stretches
            .next()
            .expect("a row holds its weights and N slices of state")
    });
    (weights, state)
}

/// One step on each weight of a row: the gradient plus the penalty's, the rule, the projection.
#[inline(always)]
pub(crate) fn advance<const N: usize, U: Update<N>>(
    update: U,
    weights: &mut [f32],
    mut state: [&mut [f32]; N],
    gradient: impl Fn(usize) -> f32,
    shrink: Shrink,
) {
    let width = weights.len();
    // A common length that the compiler can see avoids bounds checks and lets it vectorise the loop.
    for stretch in &mut state {
        *stretch = &mut std::mem::take(stretch)[..width];
    }
    let decay = shrink.decay as f32;
    for at in 0..width {
        let gradient = gradient(at) + decay * weights[at];
        let (weight, moved) = update.step(weights[at], array::from_fn(|i| state[i][at]), gradient);
        weights[at] = if shrink.non_negative {
            weight.max(0.0)
        } else {
            weight
        };
        for (stretch, moved) in state.iter_mut().zip(moved) {
            stretch[at] = moved;
        }
    }
}

/// Applies the steps of a row without a gradient, one by one, as the dense algorithm does.
#[inline(always)]
pub(crate) fn replay<const N: usize, U: Update<N>>(
    update: U,
    weights: &mut [f32],
    mut state: [&mut [f32]; N],
    paces: &[Pace],
    shrink: Shrink,
) {
    for &pace in paces {
        let state = state.each_mut().map(|stretch| &mut **stretch);
        advance(update.at_pace(pace), weights, state, |_| 0.0, shrink);
    }
}

/// One step of this row with its gradient.
#[inline(always)]
pub(crate) fn step_row<const N: usize, U: Update<N>>(
    update: U,
    row: &mut [f32],
    width: usize,
    gradient: &[f32],
    shrink: Shrink,
) {
    let (weights, state) = cut::<N>(row, width);
    let gradient = &gradient[..width];
    advance(update, weights, state, |at| gradient[at], shrink);
}
