//! Matrix products into plain memory.
//!
//! Burn's own product calls the same kernels, and before that fills its output with zeros and copies it to where it is
//! aligned: at the sizes of a recommender's layers a tenth of the step.

use gemm::{Parallelism, gemm};

/// A matrix in row-major memory, as it stands or turned.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    numbers: &'a [f32],
    rows: usize,
    columns: usize,
    turned: bool,
}

impl<'a> Matrix<'a> {
    /// # Panics
    /// If there are not `rows * columns` numbers.
    pub fn new(numbers: &'a [f32], [rows, columns]: [usize; 2]) -> Self {
        assert_eq!(
            numbers.len(),
            rows * columns,
            "a matrix of {rows} x {columns}"
        );
        Self {
            numbers,
            rows,
            columns,
            turned: false,
        }
    }

    /// Its transpose, in the same memory.
    pub fn turned(self) -> Self {
        Self {
            turned: !self.turned,
            ..self
        }
    }

    /// Rows and columns as they are to be read.
    fn shape(&self) -> [usize; 2] {
        match self.turned {
            true => [self.columns, self.rows],
            false => [self.rows, self.columns],
        }
    }

    /// How far it is to the next row and to the next column.
    fn strides(&self) -> [isize; 2] {
        let width = self.columns as isize;
        match self.turned {
            true => [1, width],
            false => [width, 1],
        }
    }

    /// `self * other`, row-major.
    ///
    /// # Panics
    /// If the columns of one are not as many as the rows of the other.
    #[allow(unsafe_code)]
    pub fn times(self, other: Self) -> Vec<f32> {
        let ([rows, inner], [other_rows, columns]) = (self.shape(), other.shape());
        assert_eq!(inner, other_rows, "columns of the left, rows of the right");
        assert!(inner > 0, "a product over nothing");
        let mut out = Vec::with_capacity(rows * columns);
        let ([left_down, left_across], [right_down, right_across]) =
            (self.strides(), other.strides());
        // SAFETY: `new` holds `numbers` to the length of the matrix, `shape` and `strides` describe that memory whether it
        // is turned or not, `inner` was compared just now, `out` has room for the product, and gemm writes all of it
        // without reading it first (`read_dst` is false), after which it has that length.
        unsafe {
            gemm(
                rows,
                columns,
                inner,
                out.as_mut_ptr(),
                1,
                columns as isize,
                false,
                self.numbers.as_ptr(),
                left_across,
                left_down,
                other.numbers.as_ptr(),
                right_across,
                right_down,
                0.0,
                1.0,
                false,
                false,
                false,
                parallelism(rows * columns * inner),
            );
            out.set_len(rows * columns);
        }
        out
    }
}

/// All cores from where a product takes a millisecond or so; below it they would come too late.
fn parallelism(multiplications: usize) -> Parallelism {
    match multiplications > 1 << 25 {
        true => Parallelism::Rayon(0),
        false => Parallelism::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_turned_matrices_are_those_of_the_definition() {
        let numbers = |count: usize| {
            (0..count)
                .map(|at| (at * 7 % 11) as f32 - 5.0)
                .collect::<Vec<_>>()
        };
        for (n, k, m) in [(1, 1, 1), (3, 4, 5), (17, 1, 9), (1, 33, 2), (40, 31, 23)] {
            let (left, right) = (numbers(n * k), numbers(k * m));
            let (left_turned, right_turned) = (
                (0..n * k)
                    .map(|at| left[at % n * k + at / n])
                    .collect::<Vec<_>>(),
                (0..k * m)
                    .map(|at| right[at % k * m + at / k])
                    .collect::<Vec<_>>(),
            );
            let exact: Vec<f32> = (0..n * m)
                .map(|at| {
                    (0..k)
                        .map(|j| left[at / m * k + j] * right[j * m + at % m])
                        .sum()
                })
                .collect();
            let plain = (Matrix::new(&left, [n, k]), Matrix::new(&right, [k, m]));
            let turned = (
                Matrix::new(&left_turned, [k, n]).turned(),
                Matrix::new(&right_turned, [m, k]).turned(),
            );
            for left in [plain.0, turned.0] {
                for right in [plain.1, turned.1] {
                    assert_eq!(left.times(right), exact, "{n} x {k} x {m}");
                }
            }
        }
    }
}
