//! Loops over the steps of sequences, which are the rows of one matrix, sequence after sequence.
//!
//! Here are positions and last steps; the normalisation of rows is in `normalise`, causal attention in `attention` and
//! `additive`, recurrence in `gru`.

mod additive;
mod attention;
mod gru;
mod normalise;
mod sums;

pub(crate) use additive::AdditiveAttention;
pub(crate) use attention::Attention;
pub(crate) use gru::{Gru, Kept};
pub(crate) use normalise::{normalise_rows, of_normalised_rows};

use crate::widest::widest;
use std::ops::Range;

/// The entries of each sequence.
pub(crate) fn ranges(ends: &[u32]) -> impl Iterator<Item = Range<usize>> + Clone + '_ {
    let begins = std::iter::once(0).chain(ends.iter().copied());
    begins
        .zip(ends)
        .map(|(begin, &end)| begin as usize..end as usize)
}

/// For each entry its row among `length` rows, the last of which belongs to the last step.
pub(crate) fn places(ends: &[u32], length: usize) -> impl Iterator<Item = usize> + '_ {
    ranges(ends).flat_map(move |range| {
        let end = range.end;
        range.map(move |at| length.saturating_sub(end - at))
    })
}

/// Adds to each step the learned row of its position.
pub(crate) fn add_places(learnt: &[f32], ends: &[u32], steps: &mut [f32], width: usize) {
    let places = places(ends, learnt.len() / width);
    widest!(
        for (step, place) in steps.chunks_exact_mut(width).zip(places) {
            let learnt = &learnt[place * width..][..width];
            step.iter_mut().zip(learnt).for_each(|(x, own)| *x += own);
        }
    );
}

/// The gradient of the learned rows of positions.
pub(crate) fn of_places(gradient: &[f32], ends: &[u32], of_learnt: &mut [f32], width: usize) {
    of_learnt.fill(0.0);
    let places = places(ends, of_learnt.len() / width);
    widest!(
        for (gradient, place) in gradient.chunks_exact(width).zip(places) {
            let sums = &mut of_learnt[place * width..][..width];
            sums.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g);
        }
    );
}

/// The last step of each sequence; zeros for an empty sequence. Steps begin every `stride` numbers.
pub(crate) fn last_steps(
    steps: &[f32],
    stride: usize,
    ends: &[u32],
    out: &mut [f32],
    width: usize,
) {
    for (out, range) in out.chunks_exact_mut(width).zip(ranges(ends)) {
        match range.is_empty() {
            true => out.fill(0.0),
            false => out.copy_from_slice(&steps[(range.end - 1) * stride..][..width]),
        }
    }
}

/// Adds the gradients of last steps to those of all steps, which begin every `stride` numbers.
pub(crate) fn of_last_steps(
    gradient: &[f32],
    width: usize,
    ends: &[u32],
    out: &mut [f32],
    stride: usize,
) {
    for (gradient, range) in gradient.chunks_exact(width).zip(ranges(ends)) {
        if !range.is_empty() {
            let out = &mut out[(range.end - 1) * stride..][..width];
            out.iter_mut().zip(gradient).for_each(|(out, g)| *out += g);
        }
    }
}
