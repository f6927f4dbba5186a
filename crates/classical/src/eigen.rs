//! Orthonormal bases and eigenvectors of a few columns, in double precision.

use crate::panels::Dense;
use crate::vectors::LANES;

/// Makes the first `columns` of a matrix orthonormal by the modified Gram-Schmidt method, done twice; a column that
/// depends on those before it becomes 0.
pub(crate) fn orthonormalise(matrix: &mut Dense, columns: usize) {
    let mut done: Vec<Vec<f64>> = Vec::with_capacity(columns);
    for column in 0..columns {
        let rows = matrix.values.chunks_exact(matrix.columns);
        let mut vector: Vec<f64> = rows.map(|row| f64::from(row[column])).collect();
        let before = norm(&vector);
        for _ in 0..2 {
            for other in &done {
                let along: f64 = other.iter().zip(&vector).map(|(a, b)| a * b).sum();
                for (value, other) in vector.iter_mut().zip(other) {
                    *value -= along * other;
                }
            }
        }
        let size = norm(&vector);
        // What is left of a dependent column is rounding.
        let scale = match size > before * 1e-6 {
            true => 1.0 / size,
            false => 0.0,
        };
        for value in &mut vector {
            *value *= scale;
        }
        done.push(vector);
    }
    for (row, values) in matrix.values.chunks_exact_mut(matrix.columns).enumerate() {
        for (value, vector) in values.iter_mut().zip(&done) {
            *value = vector[row] as f32;
        }
    }
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// The leading `count` eigenvectors of `M'M` over the first `columns` of `M`: `count` vectors of length `columns`.
pub(crate) fn leading(matrix: &Dense, columns: usize, count: usize) -> Vec<Vec<f64>> {
    let mut gram = vec![vec![0.0; columns]; columns];
    for row in matrix.values.chunks_exact(matrix.columns) {
        for (into, &left) in gram.iter_mut().zip(row) {
            for (into, &right) in into.iter_mut().zip(row) {
                *into += f64::from(left) * f64::from(right);
            }
        }
    }
    let vectors = jacobi(&mut gram);
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by(|&a, &b| gram[b][b].total_cmp(&gram[a][a]));
    order
        .into_iter()
        .take(count)
        .map(|at| vectors[at].clone())
        .collect()
}

/// Rotates a symmetric matrix to its diagonal by cyclic Jacobi rotations and gives its eigenvectors, one per row.
/// Golub and Van Loan, *Matrix computations*, section 8.5.
fn jacobi(matrix: &mut [Vec<f64>]) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut vectors: Vec<Vec<f64>> = (0..n)
        .map(|row| (0..n).map(|column| f64::from(row == column)).collect())
        .collect();
    for _ in 0..30 {
        let size: f64 = (0..n).map(|at| matrix[at][at].abs()).sum();
        let mut off = 0.0;
        for p in 0..n {
            for q in p + 1..n {
                off += matrix[p][q].abs();
                rotate(matrix, &mut vectors, p, q);
            }
        }
        if off <= size * 1e-14 {
            break;
        }
    }
    vectors
}

/// One rotation, which makes the value at `(p, q)` 0.
fn rotate(matrix: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    if matrix[p][q] == 0.0 {
        return;
    }
    let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    for row in matrix.iter_mut() {
        let (left, right) = (row[p], row[q]);
        row[p] = cosine * left - sine * right;
        row[q] = sine * left + cosine * right;
    }
    for rows in [matrix, vectors] {
        let (before, after) = rows.split_at_mut(q);
        for (left, right) in before[p].iter_mut().zip(&mut after[0]) {
            (*left, *right) = (
                cosine * *left - sine * *right,
                sine * *left + cosine * *right,
            );
        }
    }
}

/// The first columns of a matrix times these vectors, a column per vector.
pub(crate) fn rotated(matrix: &Dense, vectors: &[Vec<f64>]) -> Dense {
    let width = vectors.len().next_multiple_of(LANES);
    let mut rotated = Dense::zeros(matrix.rows, width);
    let rows = matrix.values.chunks_exact(matrix.columns);
    for (into, row) in rotated.values.chunks_exact_mut(width).zip(rows) {
        for (into, vector) in into.iter_mut().zip(vectors) {
            let products = row.iter().zip(vector).map(|(a, b)| f64::from(*a) * b);
            *into = products.sum::<f64>() as f32;
        }
    }
    rotated
}
