//! Products of packed matrices, tile by tile.
//!
//! The sums of a tile stay in registers. Both factors are packed in the order in which they are read, once for all
//! tiles: Goto and van de Geijn, *Anatomy of high-performance matrix multiplication*, ACM TOMS 34, 2008.

use crate::triangle::PANEL;
use pulp::{Simd, WithSimd};

/// The rows of a tile: with [`VECTORS`], 12 sums, 2 vectors of the right factor and one of the left take 15 of the 16
/// registers of AVX2.
pub(crate) const ROWS: usize = 6;

/// The vectors in a row of a tile.
pub(crate) const VECTORS: usize = 2;

/// `into[i, j] -= sum of left[i, k] * right[k, j]`.
pub(crate) struct Subtract<'a> {
    /// Panels of [`ROWS`] rows, each `[depth, ROWS]`.
    pub(crate) left: &'a [f32],
    /// `[depth, PANEL]`.
    pub(crate) right: &'a [f32],
    /// `[rows, PANEL]`.
    pub(crate) into: &'a mut [f32],
}

impl WithSimd for Subtract<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let depth = self.right.len() / PANEL;
        let vectors = PANEL / S::F32_LANES;
        for from in (0..vectors).step_by(VECTORS) {
            let left = self.left.chunks_exact(depth * ROWS);
            let into = self.into.chunks_exact_mut(ROWS * PANEL);
            for (left, into) in left.zip(into) {
                let sums = tile::<S, ROWS, VECTORS>(simd, left, self.right, PANEL, from);
                let (into, _) = S::as_mut_simd_f32s(into);
                for (into, sums) in into.chunks_exact_mut(vectors).zip(&sums) {
                    for (into, sum) in into[from..].iter_mut().zip(sums) {
                        *into = simd.sub_f32s(*into, *sum);
                    }
                }
            }
        }
    }
}

/// `rows[i, j] = sum of rows[i, k] * square[k, j]`.
pub(crate) struct Scale<'a> {
    /// Panels of [`ROWS`] rows, each `[depth, ROWS]`.
    pub(crate) rows: &'a mut [f32],
    /// Panels of [`PANEL`] columns, each `[depth, PANEL]`, with zeros after the last of the `depth` columns.
    pub(crate) square: &'a [f32],
    /// The number of rows and columns of the square.
    pub(crate) depth: usize,
}

impl WithSimd for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let depth = self.depth;
        let mut left = vec![0.0; depth * ROWS];
        let mut found = [0.0; PANEL];
        for rows in self.rows.chunks_exact_mut(depth * ROWS) {
            left.copy_from_slice(rows);
            let panels = self.square.chunks_exact(depth * PANEL);
            for (right, into) in panels.zip(rows.chunks_mut(PANEL * ROWS)) {
                for from in (0..PANEL / S::F32_LANES).step_by(VECTORS) {
                    let sums = tile::<S, ROWS, VECTORS>(simd, &left, right, PANEL, from);
                    let step = from * S::F32_LANES..(from + VECTORS) * S::F32_LANES;
                    for (row, sums) in sums.iter().enumerate() {
                        let found = &mut found[..step.len()];
                        S::as_mut_simd_f32s(found).0.copy_from_slice(sums);
                        let into = into.iter_mut().skip(step.start * ROWS + row);
                        for (into, value) in into.step_by(ROWS).zip(found) {
                            *into = *value;
                        }
                    }
                }
            }
        }
    }
}

/// The sums of one tile of `R` rows and `V` vectors, `sum of left[k, i] * right[k, j]`, in the order of `k`. `left` is
/// `[depth, R]`, `right` `[depth, width]`, of which the vectors from number `from` on are read. Products are fused with
/// sums where the processor can.
#[inline(always)]
pub(crate) fn tile<S: Simd, const R: usize, const V: usize>(
    simd: S,
    left: &[f32],
    right: &[f32],
    width: usize,
    from: usize,
) -> [[S::f32s; V]; R] {
    let mut sums = [[simd.splat_f32s(0.0); V]; R];
    let (right, _) = S::as_simd_f32s(right);
    let (left, _) = left.as_chunks::<R>();
    for (left, right) in left.iter().zip(right.chunks_exact(width / S::F32_LANES)) {
        let Some(right) = right[from..].first_chunk::<V>() else {
            continue;
        };
        for (sums, &left) in sums.iter_mut().zip(left) {
            let left = simd.splat_f32s(left);
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = simd.mul_add_e_f32s(left, *right, *sum);
            }
        }
    }
    sums
}
