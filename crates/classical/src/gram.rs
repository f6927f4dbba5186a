//! Gram matrices of sparse matrices, row by row.

use crate::rows::Rows;
use rayon::prelude::*;

/// For row `r` of `rows`: `into[c] = sum of rows[r, k] * rows[c, k]` for `c >= from`. `transposed` is the transpose of
/// `rows`. Sums are in the order of `k`.
pub(crate) fn row_of(rows: &Rows, transposed: &Rows, row: usize, from: u32, into: &mut [f32]) {
    into.fill(0.0);
    let (others, values) = rows.row(row);
    for (&other, &value) in others.iter().zip(values) {
        let (near, weights) = transposed.row(other as usize);
        let first = match from {
            0 => 0,
            from => near.partition_point(|&near| near < from),
        };
        for (&near, weight) in near[first..].iter().zip(&weights[first..]) {
            into[near as usize] += value * weight;
        }
    }
}

/// The Gram matrix `[rows, rows]` of `rows`, row by row; only its upper triangle with the diagonal is written.
pub(crate) fn upper(rows: &Rows, transposed: &Rows) -> Vec<f32> {
    let n = rows.len();
    let mut gram = vec![0.0; n * n];
    gram.par_chunks_exact_mut(n.max(1))
        .enumerate()
        .for_each(|(row, into)| row_of(rows, transposed, row, row as u32, into));
    gram
}

/// Copies the upper triangle of a square matrix to the lower one, in blocks that stay in the cache.
pub(crate) fn mirror(matrix: &mut [f32], n: usize) {
    const BLOCK: usize = 32;
    for from in (0..n).step_by(BLOCK) {
        for other in (from..n).step_by(BLOCK) {
            for row in from..(from + BLOCK).min(n) {
                for column in other.max(row + 1)..(other + BLOCK).min(n) {
                    matrix[column * n + row] = matrix[row * n + column];
                }
            }
        }
    }
}
