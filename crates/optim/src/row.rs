//! Steps of a single row.

use crate::pace::Pace;
use crate::penalty::Shrink;
use crate::update::{Update, square};
use std::array;

/// Splits a row into its weights and its `N` slices of state, each as long as the weights or, by row, one number.
#[inline(always)]
pub(crate) fn cut<const N: usize>(
    row: &mut [f32],
    width: usize,
    by_row: bool,
) -> (&mut [f32], [&mut [f32]; N]) {
    let (weights, state) = row.split_at_mut(width);
    let mut stretches = state.chunks_exact_mut(if by_row { 1 } else { width });
    let state = array::from_fn(|_| {
        stretches
            .next()
            .expect("a row holds its weights and N slices of state")
    });
    (weights, state)
}

/// One step on a row: the gradient plus the penalty's, the rule, the projection.
#[inline(always)]
fn advance_row<const N: usize, U: Update<N>>(
    update: U,
    weights: &mut [f32],
    state: [&mut [f32]; N],
    gradient: impl Fn(usize) -> f32,
    shrink: Shrink,
) {
    if !U::BY_ROW {
        return advance(update, weights, state, gradient, shrink);
    }
    let decay = shrink.decay as f32;
    let mut squares = 0.0;
    for (at, weight) in weights.iter().enumerate() {
        squares += square(gradient(at) + decay * weight);
    }
    let before = array::from_fn(|i| state[i][0]);
    let now = update.row_state(before, squares / weights.len() as f32);
    for (at, weight) in weights.iter_mut().enumerate() {
        let (moved, _) = update.step(*weight, now, gradient(at) + decay * *weight);
        *weight = if shrink.non_negative {
            moved.max(0.0)
        } else {
            moved
        };
    }
    for (state, now) in state.into_iter().zip(now) {
        state[0] = now;
    }
}

/// One step on each weight with its own state: the gradient plus the penalty's, the rule, the projection.
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
        let before = array::from_fn(|i| state[i][at]);
        let (weight, moved) = update.step_alone(weights[at], before, gradient);
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
        advance_row(update.at_pace(pace), weights, state, |_| 0.0, shrink);
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
    let (weights, state) = cut::<N>(row, width, U::BY_ROW);
    let gradient = &gradient[..width];
    advance_row(update, weights, state, |at| gradient[at], shrink);
}
