//! Gated recurrent units over the steps of sequences.
//!
//! The products with the input are those of all steps at once. Those with the state are taken step by step, each for a
//! group of sequences; groups run on all threads. They are formed by the batch alone, so that the numbers do not depend on
//! the threads.

use super::ranges;
use crate::product::Matrix;
use crate::widest::widest;
use rayon::prelude::*;
use recburn_optim::exp_minus_1;
use std::cmp::Reverse;
use std::ops::Range;

/// Sequences whose states are multiplied together.
const TOGETHER: usize = 16;

/// The number of multiplications from which waking threads pays off.
const HAND_OVER: usize = 1 << 20;

/// A gated recurrent unit. For each entry the columns of the update gate come before those of the reset gate and of the
/// candidate, `3 * units` together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gru {
    pub inputs: usize,
    pub units: usize,
}

/// What the forward pass keeps for the backward pass.
pub(crate) struct Kept<'a> {
    /// The gates and the candidate, `[entries, 3 * units]`. Before the forward pass, the products with the input.
    pub gates: &'a mut [f32],
    /// The products of state and candidate's kernel with their bias, `[entries, units]`.
    pub of_state: &'a mut [f32],
    /// The state before each step, `[entries, units]`.
    pub before: &'a mut [f32],
}

/// Some sequences that are next to each other.
struct Group {
    entries: Range<usize>,
    /// The entries of each sequence, counted from the group's first one; the longest sequence is the first.
    sequences: Vec<Range<usize>>,
}

impl Group {
    /// The group's entries at this step of its sequences, sequence by sequence.
    fn at(&self, step: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        let going = self.sequences.iter();
        let going = going.take_while(move |sequence| sequence.len() > step);
        going.map(move |sequence| sequence.start + step)
    }

    fn longest(&self) -> usize {
        self.sequences.first().map_or(0, ExactSizeIterator::len)
    }
}

impl Gru {
    /// Visits each group with its entries' parts of some matrices, which have so many columns each; on all threads if there
    /// is enough work.
    fn each<const N: usize>(
        self,
        ends: &[u32],
        mut matrices: [(&mut [f32], usize); N],
        visit: impl Fn(&Group, [&mut [f32]; N]) + Sync,
    ) {
        let all: Vec<Range<usize>> = ranges(ends).collect();
        let mut parts = Vec::with_capacity(all.len().div_ceil(TOGETHER));
        for sequences in all.chunks(TOGETHER) {
            let start = sequences[0].start;
            let entries = start..sequences[sequences.len() - 1].end;
            let own = matrices.each_mut().map(|(rest, columns)| {
                let (own, others) = std::mem::take(rest).split_at_mut(entries.len() * *columns);
                *rest = others;
                own
            });
            let mut sequences: Vec<Range<usize>> = sequences
                .iter()
                .map(|entries| entries.start - start..entries.end - start)
                .collect();
            sequences.sort_by_key(|entries| Reverse(entries.len()));
            parts.push((Group { entries, sequences }, own));
        }
        let entries = all.last().map_or(0, |last| last.end);
        let visit = |(group, own): (Group, [&mut [f32]; N])| visit(&group, own);
        match entries * self.units * 3 * self.units > HAND_OVER {
            true => parts.into_par_iter().for_each(visit),
            false => parts.into_iter().for_each(visit),
        }
    }

    /// The state after each step, `[entries, units]`.
    ///
    /// # Shapes
    /// - recurrent: `[units, 3 * units]`, bias: `[2, 3 * units]`, first that of the input
    pub fn forward(
        self,
        ends: &[u32],
        recurrent: &[f32],
        bias: &[f32],
        kept: Kept<'_>,
        out: &mut [f32],
    ) {
        let (units, columns) = (self.units, 3 * self.units);
        let matrices = [
            (kept.gates, columns),
            (kept.of_state, units),
            (kept.before, units),
            (out, units),
        ];
        let kernel = Matrix::new(recurrent, [units, columns]);
        self.each(ends, matrices, |group, [gates, of_state, before, out]| {
            let mut states = vec![0.0; group.sequences.len() * units];
            let mut products = vec![0.0; group.sequences.len() * columns];
            for step in 0..group.longest() {
                let count = group.at(step).count();
                // The first state is 0, and so are its products.
                if step > 0 {
                    Matrix::new(&states[..count * units], [count, units]).times_into(
                        kernel,
                        &mut products,
                        columns,
                        false,
                    );
                }
                let states = states.chunks_exact_mut(units);
                let rows = states.zip(products.chunks_exact(columns));
                let (gates, of_state, before, out) =
                    (&mut *gates, &mut *of_state, &mut *before, &mut *out);
                widest!(for (entry, (state, product)) in group.at(step).zip(rows) {
                    let gates = &mut gates[entry * columns..][..columns];
                    let of_state = &mut of_state[entry * units..][..units];
                    before[entry * units..][..units].copy_from_slice(state);
                    advance(gates, product, bias, of_state, state);
                    out[entry * units..][..units].copy_from_slice(state);
                });
            }
        });
    }

    /// The gradients of the products with the input, `[entries, 3 * units]`, and of those of state and candidate's kernel,
    /// `[entries, units]`; the other columns of the products with the state have the same gradients as those with the input.
    pub fn backward(
        self,
        ends: &[u32],
        recurrent: &[f32],
        [gates, of_state, before]: [&[f32]; 3],
        of_output: &[f32],
        [of_products, of_of_state]: [&mut [f32]; 2],
    ) {
        let (units, columns) = (self.units, 3 * self.units);
        let matrices = [(of_products, columns), (of_of_state, units)];
        let kernel = Matrix::new(recurrent, [units, columns]).transposed();
        self.each(ends, matrices, |group, [of_products, of_of_state]| {
            // Of the states before the step that comes next.
            let mut of_states = vec![0.0; group.sequences.len() * units];
            let mut together = vec![0.0; group.sequences.len() * columns];
            let first = group.entries.start;
            for step in (0..group.longest()).rev() {
                let rows = of_states.chunks_exact_mut(units);
                let rows = rows.zip(together.chunks_exact_mut(columns));
                let (of_products, of_of_state) = (&mut *of_products, &mut *of_of_state);
                widest!(
                    for (entry, (of_state_after, together)) in group.at(step).zip(rows) {
                        let at = (first + entry) * units;
                        let of_products = &mut of_products[entry * columns..][..columns];
                        let of_of_state = &mut of_of_state[entry * units..][..units];
                        go_back(
                            [
                                &gates[3 * at..][..columns],
                                &of_state[at..][..units],
                                &before[at..][..units],
                                &of_output[at..][..units],
                            ],
                            of_products,
                            of_of_state,
                            of_state_after,
                        );
                        together[..2 * units].copy_from_slice(&of_products[..2 * units]);
                        together[2 * units..].copy_from_slice(of_of_state);
                    }
                );
                // Nothing depends on the first state.
                if step > 0 {
                    let count = group.at(step).count();
                    Matrix::new(&together[..count * columns], [count, columns]).times_into(
                        kernel,
                        &mut of_states,
                        units,
                        true,
                    );
                }
            }
        });
    }
}

/// One step of one sequence: gates and candidate instead of the products with the input, and the state after the step
/// instead of that before it.
#[inline(always)]
fn advance(
    gates: &mut [f32],
    product: &[f32],
    bias: &[f32],
    of_state: &mut [f32],
    state: &mut [f32],
) {
    let units = state.len();
    let (gates, candidate) = gates.split_at_mut(2 * units);
    let (of_gates, of_candidate) = product.split_at(2 * units);
    let (of_input, of_product) = bias.split_at(3 * units);
    let bias = of_input.iter().zip(of_product);
    for ((gate, product), (b, c)) in gates.iter_mut().zip(of_gates).zip(bias) {
        let x = *gate + b + product + c;
        *gate = 1.0 / (2.0 + exp_minus_1(-x));
    }
    let (update, reset) = gates.split_at(units);
    let (of_input, of_product) = (&of_input[2 * units..], &of_product[2 * units..]);
    for ((of_state, product), c) in of_state.iter_mut().zip(of_candidate).zip(of_product) {
        *of_state = product + c;
    }
    let terms = reset.iter().zip(&*of_state).zip(of_input);
    for (candidate, ((reset, of_state), b)) in candidate.iter_mut().zip(terms) {
        let power = exp_minus_1(2.0 * (*candidate + b + reset * of_state));
        *candidate = power / (power + 2.0);
    }
    for ((state, update), candidate) in state.iter_mut().zip(update).zip(&*candidate) {
        *state = update * (*state - candidate) + candidate;
    }
}

/// The gradients of one step of one sequence. `of_after` is the gradient of the state after it without that of the output,
/// and becomes the gradient of the state before it without that of the products.
#[inline(always)]
fn go_back(
    [gates, of_state, before, of_output]: [&[f32]; 4],
    of_products: &mut [f32],
    of_of_state: &mut [f32],
    of_after: &mut [f32],
) {
    let units = of_after.len();
    let (update, others) = gates.split_at(units);
    let (reset, candidate) = others.split_at(units);
    let (of_update, others) = of_products.split_at_mut(units);
    let (of_reset, of_candidate) = others.split_at_mut(units);
    for (of_after, of_output) in of_after.iter_mut().zip(of_output) {
        *of_after += of_output;
    }
    let terms = update.iter().zip(before).zip(candidate).zip(&*of_after);
    for (of_update, (((z, h), n), slope)) in of_update.iter_mut().zip(terms) {
        *of_update = slope * (h - n) * z * (1.0 - z);
    }
    let terms = update.iter().zip(candidate).zip(of_after);
    for (of_candidate, ((z, n), slope)) in of_candidate.iter_mut().zip(terms) {
        *of_candidate = *slope * (1.0 - z) * (1.0 - n * n);
        *slope *= z;
    }
    let terms = reset.iter().zip(of_state).zip(&*of_candidate);
    let out = of_reset.iter_mut().zip(of_of_state);
    for ((of_reset, of_of_state), ((r, product), slope)) in out.zip(terms) {
        *of_reset = slope * product * r * (1.0 - r);
        *of_of_state = slope * r;
    }
}
