//! The sums over the ratings of a row that its conditional distribution depends on.

/// Ratings that are gathered before they are summed: their vectors fit into the first cache.
const BATCH: usize = 32;

/// Rows of the matrix that are summed together: their sums fit into registers.
const ROWS: usize = 4;

/// What a block sees of another one: the vectors of its rows, and the precision of their noise if it has such.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a, const L: usize> {
    /// Linear weight and factors of each row.
    pub(super) rows: &'a [[f32; L]],
    /// The noise precision of each row, relative to that of all ratings.
    pub(super) noise: Option<&'a [f32]>,
}

/// Sums over ratings `n` with design vectors `z = (1, factors of the other blocks)`, targets `t` (ratings minus all that
/// does not depend on the row) and weights `w`.
#[derive(Clone, Debug)]
pub(super) struct Sums<const L: usize> {
    /// `sum w z z'`.
    pub(super) squares: [[f32; L]; L],
    /// `sum w t z`.
    pub(super) products: [f32; L],
    /// `sum w t^2`.
    pub(super) targets: f64,
}

impl<const L: usize> Sums<L> {
    /// The sums over ratings with these targets and these rows of the other blocks. `offset` is the constant of the
    /// model, `width` the number of entries in use: one more than the rank.
    #[inline(always)]
    pub(super) fn of(
        targets: &[f32],
        others: &[&[u32]],
        seen: &[Seen<'_, L>],
        offset: f32,
        width: usize,
    ) -> Self {
        let mut sums = Self {
            squares: [[0.0; L]; L],
            products: [0.0; L],
            targets: 0.0,
        };
        let (mut z, mut weighted) = ([[0.0; L]; BATCH], [[0.0; L]; BATCH]);
        let (mut target, mut weight) = ([0.0; BATCH], [0.0; BATCH]);
        let mut from = 0;
        while from < targets.len() {
            let count = BATCH.min(targets.len() - from);
            for at in 0..count {
                let (rest, own) = gather(from + at, others, seen, &mut z[at]);
                target[at] = targets[from + at] - offset - rest;
                weight[at] = own;
            }
            // Left over from an earlier batch.
            weight[count..].fill(0.0);
            sums.targets += f64::from(weighted_squares(&target, &weight));
            for at in 0..count {
                for lane in 0..L {
                    weighted[at][lane] = weight[at] * z[at][lane];
                    sums.products[lane] += target[at] * weighted[at][lane];
                }
            }
            for first in (0..width).step_by(ROWS) {
                sums.add(first, &weighted[..count], &z[..count]);
            }
            from += count;
        }
        sums
    }

    /// Adds a batch to rows `first..first + ROWS` of the matrix.
    #[inline(always)]
    fn add(&mut self, first: usize, weighted: &[[f32; L]], z: &[[f32; L]]) {
        let Some(into) = self.squares.get_mut(first..first + ROWS) else {
            return;
        };
        let mut sums = [[0.0; L]; ROWS];
        sums.copy_from_slice(into);
        for (weighted, z) in weighted.iter().zip(z) {
            for row in 0..ROWS {
                let factor = weighted[(first + row) % L];
                for lane in 0..L {
                    sums[row][lane] += factor * z[lane];
                }
            }
        }
        into.copy_from_slice(&sums);
    }

    /// `sum w e` and `sum w e^2` of the errors `e = t - value . z`.
    #[inline(always)]
    pub(super) fn errors(&self, value: &[f32; L], width: usize) -> (f64, f64) {
        let mut predicted = [0.0_f32; L];
        for (&value, squares) in value[..width].iter().zip(&self.squares) {
            for (predicted, &square) in predicted.iter_mut().zip(squares) {
                *predicted += value * square;
            }
        }
        let mut squares = self.targets;
        for lane in 0..width {
            let cross = f64::from(predicted[lane]) - 2.0 * f64::from(self.products[lane]);
            squares += f64::from(value[lane]) * cross;
        }
        let sum = f64::from(self.products[0]) - f64::from(predicted[0]);
        // Rounding may leave a tiny negative sum where the fit is perfect.
        (sum, squares.max(0.0))
    }
}

/// Writes the design vector of one rating, and returns what the other blocks add to it alone, and its weight.
#[inline(always)]
fn gather<const L: usize>(
    rating: usize,
    others: &[&[u32]],
    seen: &[Seen<'_, L>],
    vector: &mut [f32; L],
) -> (f32, f32) {
    let row = others[0][rating] as usize;
    *vector = seen[0].rows[row];
    let mut weight = seen[0].noise.map_or(1.0, |noise| noise[row]);
    let mut rest = vector[0];
    for (other, seen) in others.iter().zip(seen).skip(1) {
        let row = other[rating] as usize;
        let added = &seen.rows[row];
        weight *= seen.noise.map_or(1.0, |noise| noise[row]);
        // The first entries are linear weights, which take no part in products.
        rest += dot(vector, added) - vector[0] * added[0] + added[0];
        for lane in 0..L {
            vector[lane] += added[lane];
        }
    }
    vector[0] = 1.0;
    (rest, weight)
}

/// `sum w t^2` of a batch.
#[inline(always)]
fn weighted_squares(targets: &[f32; BATCH], weights: &[f32; BATCH]) -> f32 {
    let mut sums = [0.0; 8];
    for (targets, weights) in targets.chunks_exact(8).zip(weights.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += weights[lane] * targets[lane] * targets[lane];
        }
    }
    sums.iter().sum()
}

/// The product of two vectors, summed in a fixed order that vectors of the processor can follow.
#[inline(always)]
pub(super) fn dot<const L: usize>(one: &[f32; L], other: &[f32; L]) -> f32 {
    let mut sums = [0.0; 8];
    for (one, other) in one.chunks_exact(8).zip(other.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += one[lane] * other[lane];
        }
    }
    let half = [
        sums[0] + sums[4],
        sums[1] + sums[5],
        sums[2] + sums[6],
        sums[3] + sums[7],
    ];
    (half[0] + half[2]) + (half[1] + half[3])
}
