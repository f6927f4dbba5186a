//! Rows, moved: by a gradient, or by the steps they missed.

use crate::adam_rest::{AdamRest, Moves};
use crate::pace::Pace;
use crate::share::Share;
use crate::steps::{Rest, Steps};
use crate::update::Update;
use pulp::{Arch, Simd, WithSimd};
use std::array;

/// What a table does to its weights beside the rule.
#[derive(Clone, Copy, Debug)]
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
pub(crate) fn advance<const N: usize, U: Update<N>>(
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
    paces: &[Pace],
    pull: Pull,
) {
    for &pace in paces {
        let state = state.each_mut().map(|stretch| &mut **stretch);
        advance(update.at_pace(pace), weights, state, |_| 0.0, pull);
    }
}

/// Brings the rows of a share up to date, with the widest vectors of the machine: each by what the dense algorithm did at
/// the steps that it missed.
pub(crate) struct Bring<'a, const N: usize, U> {
    pub update: U,
    pub share: Share<'a>,
    pub width: usize,
    pub steps: &'a Steps,
    pub pull: Pull,
    pub blocks: Option<&'a AdamRest>,
}

impl<const N: usize, U: Update<N>> Bring<'_, N, U> {
    pub fn run(self) {
        Arch::new().dispatch(self);
    }
}

impl<const N: usize, U: Update<N>> WithSimd for Bring<'_, N, U> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            update,
            share,
            width,
            steps,
            pull,
            blocks,
        } = self;
        share.warm();
        if !one_by_one::<N, U>(pull) {
            share.each(
                #[inline(always)]
                |_, row, mark| {
                    let rest = steps.since(*mark);
                    *mark = steps.mark();
                    if !rest.paces.is_empty() {
                        let (weights, state) = cut::<N>(row, width);
                        at_once(update, weights, state, rest, pull);
                    }
                },
            );
        } else if let Some(blocks) = blocks {
            let mut moves = Moves::new();
            share.each(
                #[inline(always)]
                |_, row, mark| {
                    let missed = steps.missed(*mark);
                    *mark = steps.mark();
                    let (weights, state) = cut(row, width);
                    blocks.row(simd, weights, state, steps.last(missed), &mut moves);
                },
            );
        } else if width <= TOGETHER {
            go_through_together(update, share, width, steps, pull);
        } else {
            share.each(
                #[inline(always)]
                |_, row, mark| {
                    let missed = steps.missed(*mark);
                    *mark = steps.mark();
                    let (weights, state) = cut::<N>(row, width);
                    replay(update, weights, state, steps.last(missed), pull);
                },
            );
        }
    }
}

/// A row's missed steps in closed form.
#[inline(always)]
fn at_once<const N: usize, U: Update<N>>(
    update: U,
    weights: &mut [f32],
    state: [&mut [f32]; N],
    rest: Rest<'_>,
    pull: Pull,
) {
    if pull.decay > 0.0 {
        update.sink(weights, state, rest, pull.decay);
        return;
    }
    update.coast(weights, state, rest);
    if pull.non_negative {
        // A coasting weight moves one way only, but for a decay that stops at 0, so a projection at the end is a
        // projection at every step: below 0 neither leads back.
        for weight in weights {
            *weight = weight.max(0.0);
        }
    }
}

/// Whether rows must go through their missed steps one by one: under a penalty, unless the rule has a closed form and
/// nothing cuts into it.
pub(crate) fn one_by_one<const N: usize, U: Update<N>>(pull: Pull) -> bool {
    pull.decay > 0.0 && (pull.non_negative || !U::SINKS)
}

/// Weights that go through their missed steps together. One row alone would wait for its own root and quotient at each
/// step; many side by side keep the machine busy, and with their state they still lie in the first cache.
const TOGETHER: usize = 2_048;

/// The missed steps of many rows, one after the other: the row that missed most begins, and the others join in as their
/// turn comes. A row is read and written once, however long it was away.
#[inline(always)]
fn go_through_together<const N: usize, U: Update<N>>(
    update: U,
    share: Share<'_>,
    width: usize,
    steps: &Steps,
    pull: Pull,
) {
    let mut rows: Vec<(usize, usize)> = share
        .rows
        .iter()
        .map(|&row| row as usize - share.first)
        .map(|row| (steps.missed(share.marks[row]), row))
        .filter(|(missed, _)| *missed > 0)
        .collect();
    rows.sort_unstable_by(|left, right| right.cmp(left));
    let mut weights = [0f32; TOGETHER];
    let mut state = [[0f32; TOGETHER]; N];
    for rows in rows.chunks(TOGETHER / width) {
        let places = || (0..).step_by(width).map(|start| start..start + width);
        for (&(_, row), place) in rows.iter().zip(places()) {
            let (own, own_state) = cut::<N>(
                &mut share.cells[row * share.stride..][..share.stride],
                width,
            );
            weights[place.clone()].copy_from_slice(own);
            for (state, own) in state.iter_mut().zip(own_state) {
                state[place.clone()].copy_from_slice(own);
            }
        }
        let paces = steps.last(rows[0].0);
        let mut joined = 0;
        for (taken, &pace) in paces.iter().enumerate() {
            let missing = paces.len() - taken;
            while joined < rows.len() && rows[joined].0 >= missing {
                joined += 1;
            }
            let state = state.each_mut().map(|state| &mut state[..joined * width]);
            advance(
                update.at_pace(pace),
                &mut weights[..joined * width],
                state,
                |_| 0.0,
                pull,
            );
        }
        for (&(_, row), place) in rows.iter().zip(places()) {
            share.marks[row] = steps.mark();
            let (own, own_state) = cut::<N>(
                &mut share.cells[row * share.stride..][..share.stride],
                width,
            );
            own.copy_from_slice(&weights[place.clone()]);
            for (state, own) in state.iter().zip(own_state) {
                own.copy_from_slice(&state[place.clone()]);
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
