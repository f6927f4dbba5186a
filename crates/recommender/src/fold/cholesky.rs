//! Symmetric systems in double precision.

/// Below this part of the trace a pivot is rounding.
const LEAST_PIVOT: f64 = 1e-12;

/// What the diagonal is raised by, in parts of its mean.
const LIFT: f64 = 1e-6;

/// A symmetric positive definite matrix as `L Lᵀ`.
#[derive(Clone, Debug)]
pub(crate) struct Cholesky {
    lower: Vec<f64>,
    size: usize,
    /// Whether the matrix was so close to singular that its diagonal had to be raised by a millionth of its mean.
    pub lifted: bool,
}

impl Cholesky {
    /// Of a row-major matrix; `None` where it is not finite, or has no trace to speak of.
    pub fn of(matrix: &[f64], size: usize) -> Option<Self> {
        let trace: f64 = (0..size).map(|at| matrix[at * size + at]).sum();
        if size > 0 && !(trace.is_finite() && trace > 0.0) {
            return None;
        }
        let least = LEAST_PIVOT * trace;
        if let Some(lower) = factor(matrix.to_vec(), size, least) {
            let lifted = false;
            return Some(Self {
                lower,
                size,
                lifted,
            });
        }
        let mut matrix = matrix.to_vec();
        for at in 0..size {
            matrix[at * size + at] += LIFT * trace / size as f64;
        }
        factor(matrix, size, 0.0).map(|lower| Self {
            lower,
            size,
            lifted: true,
        })
    }

    /// The solution for this right-hand side, in its place.
    pub fn solve(&self, right: &mut [f64]) {
        let n = self.size;
        for row in 0..n {
            let known: f64 = (0..row).map(|k| self.lower[row * n + k] * right[k]).sum();
            right[row] = (right[row] - known) / self.lower[row * n + row];
        }
        for row in (0..n).rev() {
            let known: f64 = (row + 1..n)
                .map(|k| self.lower[k * n + row] * right[k])
                .sum();
            right[row] = (right[row] - known) / self.lower[row * n + row];
        }
    }

    /// The inverse, row-major.
    pub fn inverse(&self) -> Vec<f64> {
        let n = self.size;
        let mut inverse = vec![0.0; n * n];
        for (at, row) in inverse.chunks_exact_mut(n.max(1)).enumerate() {
            row[at] = 1.0;
            self.solve(row);
        }
        inverse
    }
}

/// The lower triangle, in place; `None` where a pivot is not above `least`.
fn factor(mut matrix: Vec<f64>, n: usize, least: f64) -> Option<Vec<f64>> {
    for column in 0..n {
        let done = |matrix: &[f64], row: usize| -> f64 {
            let (left, right) = (
                &matrix[row * n..][..column],
                &matrix[column * n..][..column],
            );
            left.iter().zip(right).map(|(a, b)| a * b).sum()
        };
        let pivot = matrix[column * n + column] - done(&matrix, column);
        if !(pivot.is_finite() && pivot > least) {
            return None;
        }
        let root = pivot.sqrt();
        matrix[column * n + column] = root;
        for row in column + 1..n {
            matrix[row * n + column] = (matrix[row * n + column] - done(&matrix, row)) / root;
        }
    }
    Some(matrix)
}

#[cfg(test)]
mod tests {
    use super::Cholesky;
    use proptest::prelude::*;

    fn times(matrix: &[f64], x: &[f64]) -> Vec<f64> {
        let rows = matrix.chunks_exact(x.len());
        rows.map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum())
            .collect()
    }

    proptest! {
        #[test]
        fn a_solution_and_the_inverse_solve_the_system(
            n in 1usize..8,
            numbers in prop::collection::vec(-2.0f64..2.0, 64),
            right in prop::collection::vec(-3.0f64..3.0, 8),
        ) {
            // The square of any matrix, and something on the diagonal.
            let mut matrix = vec![0.0; n * n];
            for (row, column) in (0..n).flat_map(|row| (0..n).map(move |column| (row, column))) {
                let product: f64 = (0..n).map(|k| numbers[row * n + k] * numbers[column * n + k]).sum();
                matrix[row * n + column] = product + f64::from(u8::from(row == column));
            }
            let cholesky = Cholesky::of(&matrix, n).expect("positive definite");
            prop_assert!(!cholesky.lifted);
            let mut x = right[..n].to_vec();
            cholesky.solve(&mut x);
            let by_inverse = times(&cholesky.inverse(), &right[..n]);
            for (back, &wanted) in times(&matrix, &x).iter().zip(&right) {
                prop_assert!((back - wanted).abs() < 1e-9);
            }
            for (one, other) in x.iter().zip(by_inverse) {
                prop_assert!((one - other).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_singular_matrix_is_lifted_and_one_that_is_none_is_refused() {
        let singular = Cholesky::of(&[1.0, 1.0, 1.0, 1.0], 2).expect("lifted");
        assert!(singular.lifted);
        let mut x = [2.0, 2.0];
        singular.solve(&mut x);
        assert!((x[0] + x[1] - 2.0).abs() < 1e-5, "{x:?}");
        assert!(Cholesky::of(&[0.0; 4], 2).is_none());
        assert!(Cholesky::of(&[f64::NAN, 0.0, 0.0, 1.0], 2).is_none());
        assert!(Cholesky::of(&[], 0).is_some());
    }
}
