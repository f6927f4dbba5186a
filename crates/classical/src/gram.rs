//! Gram matrices of sparse matrices, row by row.

use crate::rows::Rows;
use crate::triangle::{self, PANEL, Triangle};
use rayon::prelude::*;
use std::ops::Range;

/// For row `r` of `rows`: `into[c] = sum of rows[r, k] * rows[c, k]` for the columns `c` of a range, and 0 for others.
/// `transposed` is the transpose of `rows`. Sums are in the order of `k`.
pub(crate) fn row_of(
    rows: &Rows,
    transposed: &Rows,
    row: usize,
    columns: Range<u32>,
    into: &mut [f32],
) {
    into.fill(0.0);
    let (others, values) = rows.row(row);
    for (&other, &value) in others.iter().zip(values) {
        let (near, weights) = transposed.row(other as usize);
        let first = match columns.start {
            0 => 0,
            start => near.partition_point(|&near| near < start),
        };
        let end = match columns.end {
            u32::MAX => near.len(),
            end => near.partition_point(|&near| near < end),
        };
        for (&near, weight) in near[first..end].iter().zip(&weights[first..end]) {
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
        .for_each(|(row, into)| row_of(rows, transposed, row, row as u32..u32::MAX, into));
    gram
}

/// The same matrix in blocks.
pub(crate) fn triangle(rows: &Rows, transposed: &Rows) -> Triangle {
    let n = rows.len();
    let mut gram = Triangle::zeros(n);
    gram.par_groups_mut().for_each(|(group, into)| {
        let height = triangle::rows(group);
        let mut columns = vec![0.0; height * PANEL];
        let first = group * triangle::GROUP;
        for (panel, into) in into.chunks_exact_mut(height * PANEL).enumerate() {
            let from = first + panel * PANEL;
            columns.fill(0.0);
            for (column, into) in (from..n).zip(columns.chunks_exact_mut(height)) {
                row_of(rows, transposed, column, 0..column as u32 + 1, into);
            }
            triangle::transpose(&columns, into);
        }
    });
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
