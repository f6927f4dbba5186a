//! Rows, moved: by a gradient, or by the steps they missed.

use crate::lane::{Block, Lane};
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

/// One step: the gradient plus the penalty's, the rule, the projection.
#[inline(always)]
fn advance<const N: usize, U: Update<N>, L: Lane>(
    update: U,
    weight: L,
    state: [L; N],
    gradient: Option<L>,
    pull: Pull,
) -> (L, [L; N]) {
    let penalty = weight.clone().scale(pull.decay);
    let gradient = match gradient {
        Some(gradient) => gradient.plus(penalty),
        None => penalty,
    };
    let (weight, state) = update.step(weight, state, gradient);
    let weight = if pull.non_negative {
        weight.positive()
    } else {
        weight
    };
    (weight, state)
}

/// Takes a row block by block into registers, does what is to be done there, and puts it back: however many steps are
/// taken, each number is read and written once.
#[inline(always)]
fn in_blocks<const N: usize>(
    weights: &mut [f32],
    mut state: [&mut [f32]; N],
    change: impl Fn(usize, Block, [Block; N]) -> (Block, [Block; N]),
) {
    let width = weights.len();
    for start in (0..width).step_by(Block::WIDTH) {
        let part = start..width.min(start + Block::WIDTH);
        let own = array::from_fn(|at| Block::load(&state[at][part.clone()]));
        let (weight, own) = change(start, Block::load(&weights[part.clone()]), own);
        weight.store(&mut weights[part.clone()]);
        for (stretch, own) in state.iter_mut().zip(own) {
            own.store(&mut stretch[part.clone()]);
        }
    }
}

/// The steps of a row without a gradient, one after the other, as the dense algorithm takes them.
#[inline(always)]
pub(crate) fn replay<const N: usize, U: Update<N>>(
    update: U,
    weights: &mut [f32],
    state: [&mut [f32]; N],
    rates: &[f64],
    pull: Pull,
) {
    in_blocks(weights, state, |_, weight, state| {
        rates
            .iter()
            .fold((weight, state), |(weight, state), &rate| {
                advance(update.at_rate(rate), weight, state, None, pull)
            })
    });
}

/// What the dense algorithm did to this row at the steps that it missed.
#[inline(always)]
pub(crate) fn make_up<const N: usize, U: Update<N>>(
    update: U,
    row: &mut [f32],
    width: usize,
    rates: &[f64],
    pull: Pull,
) {
    if rates.is_empty() {
        return;
    }
    let (weights, state) = cut::<N>(row, width);
    if pull.decay > 0.0 {
        replay(update, weights, state, rates, pull);
        return;
    }
    update.coast(weights, state, rates);
    if pull.non_negative {
        // A coasting weight moves one way only, so a projection at the end is a projection at every step.
        for weight in weights {
            *weight = weight.max(0.0);
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
    in_blocks(weights, state, |start, weight, state| {
        let part = &gradient[start..width.min(start + Block::WIDTH)];
        advance(update, weight, state, Some(Block::load(part)), pull)
    });
}
