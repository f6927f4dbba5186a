//! Bringing rows up to date with the steps that they missed.

use crate::adam_blocks::{AdamBlocks, Moves};
use crate::missed::Missed;
use crate::penalty::Shrink;
use crate::row::{advance, cut, replay};
use crate::share::Share;
use crate::steps::Steps;
use crate::update::{Rest, Update};
use pulp::{Arch, Simd, WithSimd};
use std::array;

/// Brings the rows of a share up to date, with the widest vectors of the machine: applies to each row what the dense
/// algorithm did in the steps that it missed.
pub(crate) struct Bring<'a, const N: usize, U> {
    pub update: U,
    pub share: Share<'a>,
    pub width: usize,
    pub steps: &'a Steps,
    pub shrink: Shrink,
    pub blocks: Option<&'a AdamBlocks>,
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
            shrink,
            blocks,
        } = self;
        share.warm();
        if !one_by_one(update, steps, shrink) {
            share.each(
                #[inline(always)]
                |_, row, mark| {
                    let missed = steps.since(*mark);
                    *mark = steps.mark();
                    if !missed.paces.is_empty() {
                        let (weights, state) = cut::<N>(row, width, U::BY_ROW);
                        at_once(update, weights, state, &missed, shrink);
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
                    let (weights, state) = cut(row, width, U::BY_ROW);
                    blocks.row(simd, weights, state, steps.last(missed), &mut moves);
                },
            );
        } else if width <= TOGETHER && !U::BY_ROW {
            go_through_together(update, share, width, steps, shrink);
        } else {
            share.each(
                #[inline(always)]
                |_, row, mark| {
                    let missed = steps.missed(*mark);
                    *mark = steps.mark();
                    let (weights, state) = cut::<N>(row, width, U::BY_ROW);
                    replay(update, weights, state, steps.last(missed), shrink);
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
    mut state: [&mut [f32]; N],
    missed: &Missed<'_>,
    shrink: Shrink,
) {
    match update.rest(missed, shrink.decay) {
        Rest::Nothing => {}
        Rest::OneByOne => replay(update, weights, state, missed.paces, shrink),
        Rest::AtOnce(coefficients) => {
            let coefficients = coefficients.map(|coefficient| coefficient as f32);
            let width = weights.len();
            for stretch in &mut state {
                *stretch = &mut std::mem::take(stretch)[..width];
            }
            for at in 0..width {
                let before = array::from_fn(|i| state[i][at]);
                let (weight, moved) = update.catch_up(weights[at], before, coefficients);
                weights[at] = weight;
                for (stretch, moved) in state.iter_mut().zip(moved) {
                    stretch[at] = moved;
                }
            }
        }
    }
    if shrink.non_negative {
        // Without a gradient a weight moves in one direction only, except for a decay that stops at 0, so one
        // projection at the end equals a projection at every step: a weight below 0 does not return in either case.
        for weight in weights {
            *weight = weight.max(0.0);
        }
    }
}

/// Whether rows must take their missed steps one by one: if the rule has no closed form under the penalty, or if the
/// projection of weights interferes with it.
pub(crate) fn one_by_one<const N: usize, U: Update<N>>(
    update: U,
    steps: &Steps,
    shrink: Shrink,
) -> bool {
    let penalised_and_cut = shrink.decay > 0.0 && shrink.non_negative;
    let none_missed = steps.since(steps.mark());
    penalised_and_cut || update.rest(&none_missed, shrink.decay) == Rest::OneByOne
}

/// Weights that go through their missed steps together. A single row would wait for its own square root and quotient at
/// each step; many side by side keep the CPU busy, and with their state they still fit into the L1 cache.
const TOGETHER: usize = 2_048;

/// Applies the missed steps of many rows, one step after the other: the row that missed most begins, and the others
/// join at the steps that they missed. A row is read and written once, however many steps it missed.
#[inline(always)]
fn go_through_together<const N: usize, U: Update<N>>(
    update: U,
    share: Share<'_>,
    width: usize,
    steps: &Steps,
    shrink: Shrink,
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
                U::BY_ROW,
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
                shrink,
            );
        }
        for (&(_, row), place) in rows.iter().zip(places()) {
            share.marks[row] = steps.mark();
            let (own, own_state) = cut::<N>(
                &mut share.cells[row * share.stride..][..share.stride],
                width,
                U::BY_ROW,
            );
            own.copy_from_slice(&weights[place.clone()]);
            for (state, own) in state.iter().zip(own_state) {
                own.copy_from_slice(&state[place.clone()]);
            }
        }
    }
}
