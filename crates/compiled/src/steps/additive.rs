//! Causal attention by a layer over two steps, sequence by sequence.

use super::ranges;
use super::sums::lanes;
use crate::product::Matrix;
use crate::widest::widest;
use rayon::prelude::*;
use recburn_optim::exp_minus_1;
use std::ops::Range;

/// Attention with the weights `v . sigmoid(query + key)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdditiveAttention {
    pub width: usize,
}

/// The number of units of all pairs of steps from which waking threads pays off.
const HAND_OVER: usize = 1 << 17;

/// One sequence: its entries, and its parts of three matrices.
struct Part<'a> {
    entries: Range<usize>,
    /// The attention weights, `[steps, steps]`.
    shares: &'a mut [f32],
    /// Rows of the output, or of gradients.
    rows: &'a mut [f32],
    /// The gradient of `v`.
    of_scale: &'a mut [f32],
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (2.0 + exp_minus_1(-x))
}

impl AdditiveAttention {
    /// The number of attention weights of all sequences: `steps * steps` each.
    pub fn shares(self, ends: &[u32]) -> usize {
        ranges(ends).map(|range| range.len() * range.len()).sum()
    }

    /// Visits each sequence, on all threads if there is enough work. An entry has `row` numbers of `rows`, a sequence
    /// `scale` numbers of `of_scale`.
    fn each(
        self,
        ends: &[u32],
        [mut shares, mut rows, mut of_scale]: [&mut [f32]; 3],
        [row, scale]: [usize; 2],
        visit: impl Fn(Part<'_>) + Sync,
    ) {
        let work = self.shares(ends) * self.width;
        let parts = ranges(ends).map(|entries| {
            let steps = entries.len();
            let own_shares = first_of(&mut shares, steps * steps);
            let own_rows = first_of(&mut rows, steps * row);
            let of_scale = first_of(&mut of_scale, scale);
            Part {
                entries,
                shares: own_shares,
                rows: own_rows,
                of_scale,
            }
        });
        let parts: Vec<Part<'_>> = parts.collect();
        let has_steps = |part: &Part<'_>| !part.entries.is_empty();
        match work > HAND_OVER {
            true => parts.into_par_iter().filter(has_steps).for_each(&visit),
            false => parts.into_iter().filter(has_steps).for_each(&visit),
        }
    }

    /// Attention of each step to itself and the steps before it. The attention weights are written to `kept`.
    ///
    /// # Shapes
    /// - steps: `[entries, width]`, a row every `stride` numbers
    /// - projected: `[entries, 2 * width]`, queries and keys concatenated
    /// - output: `[entries, width]`
    pub fn forward(
        self,
        ends: &[u32],
        (steps, stride): (&[f32], usize),
        projected: &[f32],
        scale: &[f32],
        kept: &mut [f32],
        out: &mut [f32],
    ) {
        let width = self.width;
        let matrices: [&mut [f32]; 3] = [kept, out, &mut []];
        self.each(ends, matrices, [width, 0], |sequence| {
            let count = sequence.entries.len();
            let projected = &projected[sequence.entries.start * 2 * width..];
            let shares = &mut *sequence.shares;
            widest!(
                for (at, row) in shares.chunks_exact_mut(count).enumerate() {
                    let query = &projected[at * 2 * width..][..width];
                    let (seen, unseen) = row.split_at_mut(at + 1);
                    unseen.fill(0.0);
                    for (other, share) in seen.iter_mut().enumerate() {
                        let key = &projected[(2 * other + 1) * width..][..width];
                        let scale = &scale[..width];
                        *share = lanes(
                            width,
                            #[inline(always)]
                            |unit| scale[unit] * sigmoid(query[unit] + key[unit]),
                        );
                    }
                }
            );
            let steps = &steps[sequence.entries.start * stride..];
            Matrix::new(sequence.shares, [count, count]).times_into(
                Matrix::with_stride(steps, [count, width], stride),
                sequence.rows,
                width,
                false,
            );
        });
    }

    /// The gradients of queries, keys and steps, concatenated: `[entries, 3 * width]`, that of the steps without what comes
    /// to them through queries and keys. `of_scales` has a row for each sequence, `[sequences, width]`, whose sum is the
    /// gradient of `v`.
    pub fn backward(
        self,
        ends: &[u32],
        (steps, stride): (&[f32], usize),
        [projected, scale]: [&[f32]; 2],
        kept: &mut [f32],
        of_output: &[f32],
        [gradients, of_scales]: [&mut [f32]; 2],
    ) {
        let width = self.width;
        gradients.fill(0.0);
        of_scales.fill(0.0);
        let matrices = [kept, gradients, of_scales];
        self.each(ends, matrices, [3 * width, width], |sequence| {
            let (start, count) = (sequence.entries.start, sequence.entries.len());
            let projected = &projected[start * 2 * width..];
            let of_output = &of_output[start * width..][..count * width];
            let of_output = Matrix::new(of_output, [count, width]);
            Matrix::new(sequence.shares, [count, count])
                .transposed()
                .times_into(of_output, &mut sequence.rows[2 * width..], 3 * width, false);
            let mut of_shares = vec![0.0; count * count];
            let steps = Matrix::with_stride(&steps[start * stride..], [count, width], stride);
            of_output.times_into(steps.transposed(), &mut of_shares, count, false);
            let (gradients, of_scale, of_shares) =
                (&mut *sequence.rows, &mut *sequence.of_scale, &of_shares[..]);
            widest!(
                for (at, slopes) in of_shares.chunks_exact(count).enumerate() {
                    let query = &projected[at * 2 * width..][..width];
                    for (other, slope) in slopes[..=at].iter().enumerate() {
                        let key = &projected[(2 * other + 1) * width..][..width];
                        // Both rows in one borrow: the key's is not after the query's.
                        let (before, own) = gradients.split_at_mut(at * 3 * width);
                        let (of_query, own_key) = own.split_at_mut(width);
                        let of_key = match other == at {
                            true => &mut own_key[..width],
                            false => &mut before[(3 * other + 1) * width..][..width],
                        };
                        let units = query.iter().zip(key).zip(scale);
                        let sums = of_query.iter_mut().zip(of_key).zip(of_scale.iter_mut());
                        for (((query, key), scale), ((of_query, of_key), of_scale)) in
                            units.zip(sums)
                        {
                            let unit = sigmoid(query + key);
                            let of_unit = slope * scale * unit * (1.0 - unit);
                            *of_query += of_unit;
                            *of_key += of_unit;
                            *of_scale += slope * unit;
                        }
                    }
                }
            );
        });
    }
}

/// Takes the first `count` numbers of a slice from it.
fn first_of<'a>(rest: &mut &'a mut [f32], count: usize) -> &'a mut [f32] {
    let (own, others) = std::mem::take(rest).split_at_mut(count);
    *rest = others;
    own
}
