//! Inverses of symmetric positive definite matrices in single precision.

use crate::gram::mirror;
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, s};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

/// The rows of a block.
const BLOCK: usize = 128;

/// Replaces the upper triangle of `matrix`, `[n, n]`, by that of its negated inverse. `false` if the matrix is not
/// positive definite to single precision.
///
/// The method is the sweep operator by blocks: with `D` the inverse of the pivot block `A[k, k]`,
/// `A[i, j] -= A[i, k] D A[k, j]`, then `A[i, k] = A[i, k] D` and `A[k, k] = -D`. After every block was the pivot, `A` is
/// the negated inverse. It takes as many operations as a Cholesky decomposition and the inverse from it, `n^3`, all of
/// them in large products. Goodnight, *A tutorial on the sweep operator*, The American Statistician 33, 1979.
pub(crate) fn negated(matrix: &mut [f32], n: usize) -> bool {
    let mut column = vec![0.0; n * BLOCK];
    let mut scaled = vec![0.0; n * BLOCK];
    for from in (0..n).step_by(BLOCK) {
        let width = BLOCK.min(n - from);
        let pivot = from..from + width;
        let (column, scaled) = (&mut column[..n * width], &mut scaled[..n * width]);
        gather(matrix, n, &pivot, column);
        let mut inverse = column[from * width..(from + width) * width].to_vec();
        if !invert(&mut inverse, width) {
            return false;
        }
        let Ok(inverse_view) = ArrayView2::from_shape((width, width), &inverse) else {
            return false;
        };
        let Ok(column_view) = ArrayView2::from_shape((n, width), &*column) else {
            return false;
        };
        scaled
            .par_chunks_mut(BLOCK * width)
            .zip(column.par_chunks(BLOCK * width))
            .for_each(|(into, rows)| product(1.0, rows, &inverse_view, width, into));
        let scaled = &*scaled;
        let pivot = &pivot;
        matrix
            .par_chunks_mut(BLOCK * n)
            .enumerate()
            .with_max_len(1)
            .for_each(|(block, into)| {
                update(
                    block * BLOCK,
                    into,
                    n,
                    pivot,
                    scaled,
                    &column_view,
                    &inverse,
                );
            });
    }
    true
}

/// The extra bytes of [`negated`].
pub(crate) fn bytes(n: usize) -> u64 {
    n as u64 * BLOCK as u64 * 8
}

/// The pivot's columns of the symmetric matrix, `[n, width]`, out of its upper triangle.
fn gather(matrix: &[f32], n: usize, pivot: &std::ops::Range<usize>, column: &mut [f32]) {
    let width = pivot.len();
    for row in 0..pivot.start {
        column[row * width..(row + 1) * width]
            .copy_from_slice(&matrix[row * n + pivot.start..row * n + pivot.end]);
    }
    for (at, row) in pivot.clone().enumerate() {
        for other in row..n {
            column[other * width + at] = matrix[row * n + other];
        }
    }
    let square = &mut column[pivot.start * width..pivot.end * width];
    for row in 0..width {
        for other in row + 1..width {
            square[row * width + other] = square[other * width + row];
        }
    }
}

/// One block of rows from row `first` on: `A[i, j] -= (A D)[i] A[j]'` to the right of the diagonal, and the pivot's rows
/// and columns.
fn update(
    first: usize,
    into: &mut [f32],
    n: usize,
    pivot: &std::ops::Range<usize>,
    scaled: &[f32],
    column: &ArrayView2<'_, f32>,
    inverse: &[f32],
) {
    let (rows, width) = (into.len() / n, pivot.len());
    if first == pivot.start {
        for row in 0..rows {
            let (left, right) = into[row * n + first..(row + 1) * n].split_at_mut(width);
            for (into, value) in left
                .iter_mut()
                .zip(&inverse[row * width..(row + 1) * width])
            {
                *into = -value;
            }
            for (into, scaled) in right
                .iter_mut()
                .zip(scaled[pivot.end * width..].chunks_exact(width))
            {
                *into = scaled[row];
            }
        }
        return;
    }
    let own = &scaled[first * width..(first + rows) * width];
    let Ok(own_view) = ArrayView2::from_shape((rows, width), own) else {
        return;
    };
    if let Ok(mut into) = ArrayViewMut2::from_shape((rows, n), &mut *into) {
        let others = column.slice(s![first.., ..]);
        let mut into = into.slice_mut(s![.., first..]);
        general_mat_mul(-1.0, &own_view, &others.t(), 1.0, &mut into);
    }
    if first < pivot.start {
        for (row, scaled) in own.chunks_exact(width).enumerate() {
            into[row * n + pivot.start..row * n + pivot.end].copy_from_slice(scaled);
        }
    }
}

fn product(scale: f32, rows: &[f32], right: &ArrayView2<'_, f32>, width: usize, into: &mut [f32]) {
    let shape = (into.len() / width, width);
    if let (Ok(left), Ok(mut into)) = (
        ArrayView2::from_shape(shape, rows),
        ArrayViewMut2::from_shape(shape, into),
    ) {
        general_mat_mul(scale, &left, right, 0.0, &mut into);
    }
}

/// Inverts a small symmetric positive definite matrix in place.
fn invert(matrix: &mut [f32], n: usize) -> bool {
    let swept = pulp::Arch::new().dispatch(Sweeps {
        matrix: &mut *matrix,
        pivot_row: &mut vec![0.0; n],
    });
    // The sweeps negate, and their rounding differs between the two triangles.
    for value in matrix.iter_mut() {
        *value = -*value;
    }
    mirror(matrix, n);
    swept
}

/// The same operator for one row after the other.
struct Sweeps<'a> {
    matrix: &'a mut [f32],
    pivot_row: &'a mut [f32],
}

impl WithSimd for Sweeps<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let Self { matrix, pivot_row } = self;
        let n = pivot_row.len();
        for pivot in 0..n {
            let diagonal = matrix[pivot * n + pivot];
            if !(diagonal > 0.0 && diagonal.is_finite()) {
                return false;
            }
            pivot_row.copy_from_slice(&matrix[pivot * n..(pivot + 1) * n]);
            for (row, values) in matrix.chunks_exact_mut(n).enumerate() {
                let factor = values[pivot] / diagonal;
                if row != pivot {
                    for (value, pivot) in values.iter_mut().zip(&*pivot_row) {
                        *value -= factor * pivot;
                    }
                    values[pivot] = factor;
                }
            }
            let row = &mut matrix[pivot * n..(pivot + 1) * n];
            for (value, pivot) in row.iter_mut().zip(&*pivot_row) {
                *value = pivot / diagonal;
            }
            row[pivot] = -1.0 / diagonal;
        }
        true
    }
}
