//! Loops over the steps of sequences, which are the rows of one matrix, sequence after sequence.

use crate::kernels::{Rows, RowsMut};
use crate::product::Matrix;
use crate::widest::widest;
use recburn_optim::exp;
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

/// Normalises each row: `gamma (x - mean) / deviation + beta`. Also writes `(x - mean) / deviation` to `normalised`, and the
/// inverse standard deviations.
///
/// # Shapes
/// - input, normalised and output: `[rows, width]`, inverse deviations: `[rows]`
pub(crate) fn normalise_rows<'a>(
    input: impl Rows<'a>,
    [gamma, beta]: [&[f32]; 2],
    epsilon: f64,
    normalised: &mut [f32],
    inverse_deviations: &mut [f32],
    output: &mut [f32],
) {
    let width = gamma.len();
    let (share, epsilon) = (1.0 / width as f32, epsilon as f32);
    widest!({
        let rows = input.zip(normalised.chunks_exact_mut(width));
        let rows = rows.zip(output.chunks_exact_mut(width));
        for (((x, normalised), output), inverse) in rows.zip(inverse_deviations) {
            let mean = share * sum(x);
            for (normalised, x) in normalised.iter_mut().zip(x) {
                *normalised = x - mean;
            }
            let variance = share * product(normalised, normalised);
            *inverse = 1.0 / (variance + epsilon).sqrt();
            for (((output, normalised), gamma), beta) in
                output.iter_mut().zip(normalised).zip(gamma).zip(beta)
            {
                *normalised *= *inverse;
                *output = gamma * *normalised + beta;
            }
        }
    });
}

/// Sets the gradient of the input of [`normalise_rows`], or adds to it.
pub(crate) fn of_normalised_rows<'b>(
    normalised: &[f32],
    inverse_deviations: &[f32],
    gamma: &[f32],
    gradient: &[f32],
    output: impl RowsMut<'b>,
    add: bool,
) {
    let width = gamma.len();
    let share = 1.0 / width as f32;
    widest!({
        let rows = normalised
            .chunks_exact(width)
            .zip(gradient.chunks_exact(width));
        for (((x, gradient), output), inverse) in rows.zip(output).zip(inverse_deviations) {
            let mean = share * product(gradient, gamma);
            let slope = share * product3(gradient, gamma, x);
            for (((output, x), gradient), gamma) in
                output.iter_mut().zip(x).zip(gradient).zip(gamma)
            {
                let own = inverse * (gradient * gamma - mean - x * slope);
                *output = if add { *output + own } else { own };
            }
        }
    });
}

/// The number of lanes of a sum over a row.
const LANES: usize = 16;

/// The sum of a function over positions, vectorised.
#[inline(always)]
fn lanes(count: usize, number: impl Fn(usize) -> f32) -> f32 {
    let mut sums = [0.0f32; LANES];
    let whole = count / LANES * LANES;
    for begin in (0..whole).step_by(LANES) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += number(begin + lane);
        }
    }
    for (at, sum) in (whole..count).zip(&mut sums) {
        *sum += number(at);
    }
    sums.iter().sum()
}

#[inline(always)]
fn sum(x: &[f32]) -> f32 {
    lanes(x.len(), |at| x[at])
}

#[inline(always)]
fn product(x: &[f32], y: &[f32]) -> f32 {
    let y = &y[..x.len()];
    lanes(x.len(), |at| x[at] * y[at])
}

#[inline(always)]
fn product3(x: &[f32], y: &[f32], z: &[f32]) -> f32 {
    let (y, z) = (&y[..x.len()], &z[..x.len()]);
    lanes(x.len(), |at| x[at] * y[at] * z[at])
}

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
