//! Causal self-attention, sequence by sequence.

use super::ranges;
use super::sums::{product, sum};
use crate::product::Matrix;
use crate::widest::widest;
use recburn_optim::exp;
use std::ops::Range;

/// Turns the scores of a sequence's steps into attention weights: row `at` becomes the softmax of `scale` times its first
/// `at + 1` numbers, and 0 after them.
fn shares(scores: &mut [f32], steps: usize, scale: f32) {
    widest!(
        for (at, row) in scores.chunks_exact_mut(steps).enumerate() {
            let (seen, unseen) = row.split_at_mut(at + 1);
            unseen.fill(0.0);
            let largest = seen.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for score in &mut *seen {
                *score = exp(scale * (*score - largest));
            }
            let factor = 1.0 / sum(seen);
            seen.iter_mut().for_each(|share| *share *= factor);
        }
    );
}

/// Turns the gradient of the attention weights into that of the scores, in place.
fn of_shares(gradient: &mut [f32], shares: &[f32], steps: usize, scale: f32) {
    widest!({
        let rows = gradient.chunks_exact_mut(steps);
        for (at, (gradient, shares)) in rows.zip(shares.chunks_exact(steps)).enumerate() {
            let (gradient, unseen) = gradient.split_at_mut(at + 1);
            let shares = &shares[..gradient.len()];
            unseen.fill(0.0);
            let mean = product(gradient, shares);
            for (gradient, share) in gradient.iter_mut().zip(shares) {
                *gradient = scale * share * (*gradient - mean);
            }
        }
    });
}

/// Causal attention over the steps of many sequences.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attention {
    pub width: usize,
    pub heads: usize,
}

/// The number of multiplications from which waking threads pays off.
const HAND_OVER: usize = 1 << 20;

/// One sequence: its entries, and its parts of the matrices of all sequences.
struct Part<'a> {
    entries: Range<usize>,
    /// The attention weights, `[heads, steps, steps]`.
    shares: &'a mut [f32],
    /// Rows of the output, or of gradients.
    rows: &'a mut [f32],
}

impl Attention {
    /// The number of attention weights of all sequences: `heads * steps * steps` each.
    pub fn shares(self, ends: &[u32]) -> usize {
        let squares = ranges(ends).map(|range| range.len() * range.len());
        self.heads * squares.sum::<usize>()
    }

    fn scale(self) -> f32 {
        1.0 / ((self.width / self.heads) as f32).sqrt()
    }

    /// The queries (0), keys (1) or values (2) of one head and sequence: `[steps, width / heads]`.
    fn of_head<'a>(
        self,
        projected: &'a [f32],
        entries: &Range<usize>,
        head: usize,
        which: usize,
    ) -> Matrix<'a> {
        let (stride, part) = (3 * self.width, self.width / self.heads);
        let start = entries.start * stride + which * self.width + head * part;
        Matrix::with_stride(&projected[start..], [entries.len(), part], stride)
    }

    /// Visits each sequence, on all threads if there is enough work. An entry has `row` numbers of `rows`.
    fn each(
        self,
        ends: &[u32],
        [mut shares, mut rows]: [&mut [f32]; 2],
        row: usize,
        visit: impl Fn(Part<'_>) + Sync,
    ) {
        let all = self.shares(ends);
        let threads = match all * self.width / self.heads * 2 > HAND_OVER {
            true => rayon::current_num_threads().max(1),
            false => 1,
        };
        // Several pieces per thread, so that a late thread leaves its share to the others.
        let piece = match threads {
            1 => usize::MAX,
            many => all.div_ceil(4 * many),
        };
        let visit = &visit;
        rayon::in_place_scope(|scope| {
            let (mut group, mut load) = (Vec::new(), 0);
            for entries in ranges(ends).filter(|entries| !entries.is_empty()) {
                let squares = self.heads * entries.len() * entries.len();
                let (own_shares, other_shares) = shares.split_at_mut(squares);
                let (own_rows, other_rows) = rows.split_at_mut(entries.len() * row);
                (shares, rows) = (other_shares, other_rows);
                group.push(Part {
                    entries,
                    shares: own_shares,
                    rows: own_rows,
                });
                load += squares;
                if load >= piece {
                    let full: Vec<Part<'_>> = std::mem::take(&mut group);
                    load = 0;
                    scope.spawn(move |_| full.into_iter().for_each(visit));
                }
            }
            group.into_iter().for_each(visit);
        });
    }

    /// Attention of each step to itself and the steps before it. The attention weights are written to `kept`.
    ///
    /// # Shapes
    /// - projected: `[entries, 3 * width]`, queries, keys and values concatenated
    /// - output: `[entries, width]`
    pub fn forward(self, ends: &[u32], projected: &[f32], kept: &mut [f32], out: &mut [f32]) {
        let (width, part) = (self.width, self.width / self.heads);
        self.each(ends, [kept, out], width, |sequence| {
            let steps = sequence.entries.len();
            let heads = sequence.shares.chunks_exact_mut(steps * steps);
            for (head, own) in heads.enumerate() {
                let of = |which| self.of_head(projected, &sequence.entries, head, which);
                of(0).times_into(of(1).transposed(), own, steps, false);
                shares(own, steps, self.scale());
                let out = &mut sequence.rows[head * part..];
                Matrix::new(own, [steps, steps]).times_into(of(2), out, width, false);
            }
        });
    }

    /// The gradients of the concatenated queries, keys and values, `[entries, 3 * width]`, from that of the output.
    pub fn backward(
        self,
        ends: &[u32],
        projected: &[f32],
        kept: &mut [f32],
        of_output: &[f32],
        of_projected: &mut [f32],
    ) {
        let (width, part) = (self.width, self.width / self.heads);
        self.each(ends, [kept, of_projected], 3 * width, |sequence| {
            let steps = sequence.entries.len();
            let mut of_scores = vec![0.0; steps * steps];
            let heads = sequence.shares.chunks_exact(steps * steps);
            for (head, own) in heads.enumerate() {
                let of = |which| self.of_head(projected, &sequence.entries, head, which);
                let start = sequence.entries.start * width + head * part;
                let of_output = Matrix::with_stride(&of_output[start..], [steps, part], width);
                let shares = Matrix::new(own, [steps, steps]).transposed();
                let mut put = |left: Matrix<'_>, right: Matrix<'_>, which: usize| {
                    let out = &mut sequence.rows[which * width + head * part..];
                    left.times_into(right, out, 3 * width, false);
                };
                put(shares, of_output, 2);
                of_output.times_into(of(2).transposed(), &mut of_scores, steps, false);
                of_shares(&mut of_scores, own, steps, self.scale());
                let of_scores = Matrix::new(&of_scores, [steps, steps]);
                put(of_scores, of(1), 0);
                put(of_scores.transposed(), of(0), 1);
            }
        });
    }
}
