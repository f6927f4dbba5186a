//! Inverses of symmetric positive definite matrices in single precision.

use crate::tiles::{ROWS, Scale, Subtract};
use crate::triangle::{GROUP, PANEL, Triangle, rows, transpose};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::ops::Range;

/// The columns of a pivot, a multiple of [`GROUP`]: with more of them a large matrix passes through memory less often, with
/// fewer there is less work beside the large products. From 96 to 384 the time is about the same.
const BLOCK: usize = 2 * GROUP;

/// Replaces a matrix by its negated inverse. `false` if the matrix is not positive definite to single precision.
///
/// The method is the sweep operator by blocks: with `D` the inverse of the pivot block `A[k, k]`,
/// `A[i, j] -= A[i, k] D A[k, j]`, then `A[i, k] = A[i, k] D` and `A[k, k] = -D`. After every block was the pivot, `A` is
/// the negated inverse. It takes as many operations as a Cholesky decomposition and the inverse from it, `n^3`, all of
/// them in large products. Goodnight, *A tutorial on the sweep operator*, The American Statistician 33, 1979.
///
/// The order of every sum is given by `n`, so the result does not depend on the number of threads.
pub(crate) fn negated(matrix: &mut Triangle) -> bool {
    let n = matrix.n();
    let groups = matrix.groups();
    let mut left = vec![0.0; groups * GROUP * BLOCK];
    let mut right = vec![0.0; groups * GROUP * BLOCK];
    for from in (0..n).step_by(BLOCK) {
        let pivot = from..n.min(from + BLOCK);
        let width = pivot.len();
        let Some(inverse) = inverse_of(matrix, &pivot) else {
            return false;
        };
        let square = packed(&inverse, width);
        let left = &mut left[..groups * GROUP * width];
        let right = &mut right[..groups * GROUP * width];
        let shared = &*matrix;
        left.par_chunks_exact_mut(GROUP * width)
            .zip(right.par_chunks_exact_mut(GROUP * width))
            .enumerate()
            .with_max_len(1)
            .for_each(|(group, (left, right))| {
                gather(shared, group, &pivot, right);
                rows_of(right, width, left);
                Arch::new().dispatch(Scale {
                    rows: left,
                    square: &square,
                    depth: width,
                });
            });
        let step = Step {
            n,
            pivot,
            inverse: &inverse,
            left,
            right,
        };
        matrix
            .par_groups_mut()
            .for_each(|(group, into)| step.update(group, into));
    }
    true
}

/// The extra bytes of [`negated`].
pub(crate) fn bytes(n: usize) -> u64 {
    n.next_multiple_of(GROUP) as u64 * BLOCK as u64 * 8
}

/// The pivot's columns of the symmetric matrix for one group of rows: three panels `[width, PANEL]`.
fn gather(matrix: &Triangle, group: usize, pivot: &Range<usize>, into: &mut [f32]) {
    let (first, width) = (group * GROUP, pivot.len());
    for (panel, into) in into.chunks_exact_mut(width * PANEL).enumerate() {
        let row = first + panel * PANEL;
        if first < pivot.start {
            for (columns, into) in into.chunks_mut(PANEL * PANEL).enumerate() {
                let values = matrix.panel(pivot.start / PANEL + columns);
                let values = &values[row * PANEL..(row + PANEL) * PANEL];
                transpose(values, into);
            }
        } else if first >= pivot.end {
            let values = matrix.panel(row / PANEL);
            into.copy_from_slice(&values[pivot.start * PANEL..pivot.end * PANEL]);
        } else {
            into.fill(0.0);
        }
    }
}

/// The same in panels of [`ROWS`] rows, each `[width, ROWS]`.
fn rows_of(right: &[f32], width: usize, into: &mut [f32]) {
    let mut all = [0.0; GROUP];
    for column in 0..width {
        let panels = right.chunks_exact(width * PANEL);
        for (all, panel) in all.chunks_exact_mut(PANEL).zip(panels) {
            all.copy_from_slice(&panel[column * PANEL..(column + 1) * PANEL]);
        }
        let into = into.chunks_exact_mut(width * ROWS);
        for (into, values) in into.zip(all.chunks_exact(ROWS)) {
            into[column * ROWS..(column + 1) * ROWS].copy_from_slice(values);
        }
    }
}

/// What the blocks of a matrix are updated with.
struct Step<'a> {
    n: usize,
    pivot: Range<usize>,
    /// `D`, row by row.
    inverse: &'a [f32],
    /// `A[i, k] D` in panels of rows.
    left: &'a [f32],
    /// `A[j, k]` in panels of columns.
    right: &'a [f32],
}

impl Step<'_> {
    /// Updates one group of columns.
    fn update(&self, group: usize, into: &mut [f32]) {
        let (first, width) = (group * GROUP, self.pivot.len());
        let panels = into.chunks_exact_mut(rows(group) * PANEL);
        let right = &self.right[first * width..(first + GROUP) * width];
        let own = self.pivot.start <= first && first < self.pivot.end;
        let mut panels: Vec<_> = panels.zip(right.chunks_exact(width * PANEL)).collect();
        for block in 0..=group {
            let rows = block * GROUP..self.n.min((block + 1) * GROUP);
            let pivot_rows = self.pivot.start <= rows.start && rows.start < self.pivot.end;
            for (at, (panel, right)) in panels.iter_mut().enumerate() {
                let column = first + at * PANEL;
                let columns = column..self.n.min(column + PANEL);
                let into = &mut panel[rows.start * PANEL..rows.end.next_multiple_of(ROWS) * PANEL];
                match (pivot_rows, own) {
                    (true, true) => self.negate(&rows, &columns, into),
                    (true, false) => self.copy_row(&rows, &columns, into),
                    (false, true) => self.copy_column(&rows, &columns, into),
                    (false, false) if columns.is_empty() => {}
                    (false, false) => Arch::new().dispatch(Subtract {
                        left: &self.left
                            [rows.start * width..rows.end.next_multiple_of(ROWS) * width],
                        right,
                        into,
                    }),
                }
            }
        }
    }

    /// `A[k, l] = -D[k, l]`.
    fn negate(&self, rows: &Range<usize>, columns: &Range<usize>, into: &mut [f32]) {
        let (from, width) = (self.pivot.start, self.pivot.len());
        for (row, into) in rows.clone().zip(into.chunks_exact_mut(PANEL)) {
            let values = &self.inverse[(row - from) * width..];
            for (into, column) in into.iter_mut().zip(columns.clone()) {
                *into = -values[column - from];
            }
        }
    }

    /// `A[k, j] = (A D)[j, k]`.
    fn copy_row(&self, rows: &Range<usize>, columns: &Range<usize>, into: &mut [f32]) {
        for (row, into) in rows.clone().zip(into.chunks_exact_mut(PANEL)) {
            for (into, column) in into.iter_mut().zip(columns.clone()) {
                *into = self.scaled(column, row);
            }
        }
    }

    /// `A[i, k] = (A D)[i, k]`.
    fn copy_column(&self, rows: &Range<usize>, columns: &Range<usize>, into: &mut [f32]) {
        for (row, into) in rows.clone().zip(into.chunks_exact_mut(PANEL)) {
            for (into, column) in into.iter_mut().zip(columns.clone()) {
                *into = self.scaled(row, column);
            }
        }
    }

    /// `(A D)[row, column]` for a column of the pivot.
    fn scaled(&self, row: usize, column: usize) -> f32 {
        let place = row / ROWS * self.pivot.len() + column - self.pivot.start;
        self.left[place * ROWS + row % ROWS]
    }
}

/// The inverse of the pivot block, row by row.
fn inverse_of(matrix: &Triangle, pivot: &Range<usize>) -> Option<Vec<f32>> {
    let width = pivot.len();
    let mut block = vec![0.0; width * width];
    for row in 0..width {
        for column in row..width {
            let value = matrix.get(pivot.start + row, pivot.start + column);
            block[row * width + column] = value;
            block[column * width + row] = value;
        }
    }
    invert(&mut block, width).then_some(block)
}

/// A square in panels of columns.
fn packed(square: &[f32], width: usize) -> Vec<f32> {
    let mut packed = vec![0.0; width.next_multiple_of(PANEL) * width];
    for (panel, into) in packed.chunks_exact_mut(width * PANEL).enumerate() {
        let columns = panel * PANEL..width.min((panel + 1) * PANEL);
        let rows = square.chunks_exact(width);
        for (row, into) in rows.zip(into.chunks_exact_mut(PANEL)) {
            into[..columns.len()].copy_from_slice(&row[columns.clone()]);
        }
    }
    packed
}

/// Inverts a small symmetric positive definite matrix in place.
fn invert(matrix: &mut [f32], n: usize) -> bool {
    let swept = Arch::new().dispatch(Sweeps {
        matrix: &mut *matrix,
        pivot_row: &mut vec![0.0; n],
    });
    // The sweeps negate, and their rounding differs between the two triangles.
    for row in 0..n {
        for column in row..n {
            let value = -matrix[row * n + column];
            matrix[row * n + column] = value;
            matrix[column * n + row] = value;
        }
    }
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
