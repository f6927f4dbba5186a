//! Products of rows with a dense matrix in panels.

use crate::panels::{Panels, WIDTH};
use crate::tiles::{ROWS, VECTORS, tile};
use pulp::{Arch, Simd, WithSimd};

/// `into[i, j] = sum of rows[i, k] * matrix[k, j]`, in the order of `k`; `rows` and `into` row by row. The number of rows
/// makes no difference to the result.
pub(crate) fn products(rows: &[&[f32]], matrix: &Panels, into: &mut [f32]) {
    Arch::new().dispatch(Products { rows, matrix, into });
}

/// One column of a product with one row: the same number as from [`products`].
pub(crate) fn product_at(row: &[f32], matrix: &Panels, column: usize) -> f32 {
    Arch::new().dispatch(ProductAt {
        row,
        matrix,
        column,
    })
}

struct Products<'a, 'b> {
    rows: &'a [&'b [f32]],
    matrix: &'a Panels,
    into: &'a mut [f32],
}

impl WithSimd for Products<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { rows, matrix, into } = self;
        match rows {
            // One row has fewer sums per vector, so it takes the whole width of a panel at a time, or half of it.
            [_] if S::F32_LANES == 16 => in_tiles::<S, 1, 4>(simd, rows, matrix, into),
            [_] => in_tiles::<S, 1, 8>(simd, rows, matrix, into),
            _ => in_tiles::<S, ROWS, VECTORS>(simd, rows, matrix, into),
        }
    }
}

/// The product in tiles of `R` rows and `V` vectors; the last tile of rows is filled up with zeros. A panel is read for
/// all rows before the next.
#[inline(always)]
fn in_tiles<S: Simd, const R: usize, const V: usize>(
    simd: S,
    rows: &[&[f32]],
    matrix: &Panels,
    into: &mut [f32],
) {
    let (depth, columns) = (matrix.rows(), matrix.columns().max(1));
    let mut left = vec![0.0; rows.len().div_ceil(R) * depth * R];
    for (rows, left) in rows
        .chunks(R)
        .zip(left.chunks_exact_mut((depth * R).max(1)))
    {
        for (at, row) in rows.iter().enumerate() {
            for (into, value) in left.iter_mut().skip(at).step_by(R).zip(*row) {
                *into = *value;
            }
        }
    }
    let mut found = [0.0; WIDTH];
    for (range, panel) in matrix.panels() {
        let left = left.chunks_exact((depth * R).max(1));
        for (left, into) in left.zip(into.chunks_mut(R * columns)) {
            for from in (0..WIDTH / S::F32_LANES).step_by(V) {
                let sums = tile::<S, R, V>(simd, left, panel, WIDTH, from);
                let start = (range.start + from * S::F32_LANES).min(range.end);
                let end = (start + V * S::F32_LANES).min(range.end);
                for (into, sums) in into.chunks_exact_mut(columns).zip(&sums) {
                    let into = &mut into[start..end];
                    let (whole, _) = S::as_mut_simd_f32s(into);
                    if whole.len() == V {
                        whole.copy_from_slice(sums);
                    } else {
                        let found = &mut found[..V * S::F32_LANES];
                        S::as_mut_simd_f32s(found).0.copy_from_slice(sums);
                        into.copy_from_slice(&found[..into.len()]);
                    }
                }
            }
        }
    }
}

struct ProductAt<'a> {
    row: &'a [f32],
    matrix: &'a Panels,
    column: usize,
}

impl WithSimd for ProductAt<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let within = self.column % WIDTH;
        let Some((_, panel)) = self.matrix.panels().nth(self.column / WIDTH) else {
            return f32::NAN;
        };
        let from = within / S::F32_LANES;
        let [sums] = tile::<S, 1, 1>(simd, self.row, panel, WIDTH, from);
        let mut found = [0.0; WIDTH];
        S::as_mut_simd_f32s(&mut found[..S::F32_LANES])
            .0
            .copy_from_slice(&sums);
        found[within % S::F32_LANES]
    }
}
