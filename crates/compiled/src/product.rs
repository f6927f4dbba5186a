//! Matrix products on plain memory.
//!
//! Burn's own product calls the same kernels, but first fills its output with zeros and copies it to aligned memory,
//! which takes a tenth of a step at the sizes of a recommender's layers.

use gemm::{Parallelism, gemm};

/// A matrix in row-major memory, optionally transposed.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    numbers: &'a [f32],
    rows: usize,
    columns: usize,
    /// Numbers from one row to the next.
    stride: usize,
    transposed: bool,
}

/// The number of elements that a matrix spans.
fn extent([rows, columns]: [usize; 2], stride: usize) -> usize {
    match rows {
        0 => 0,
        _ => (rows - 1) * stride + columns,
    }
}

impl<'a> Matrix<'a> {
    /// A matrix of contiguous rows.
    ///
    /// # Panics
    /// If there are not `rows * columns` numbers.
    pub fn new(numbers: &'a [f32], [rows, columns]: [usize; 2]) -> Self {
        assert_eq!(
            numbers.len(),
            rows * columns,
            "a matrix of {rows} x {columns}"
        );
        Self::with_stride(numbers, [rows, columns], columns)
    }

    /// A matrix whose rows begin every `stride` numbers, such as some columns of a wider matrix.
    ///
    /// # Panics
    /// If the rows overlap, or the numbers end before the last row does.
    pub fn with_stride(numbers: &'a [f32], [rows, columns]: [usize; 2], stride: usize) -> Self {
        assert!(
            columns <= stride && numbers.len() >= extent([rows, columns], stride),
            "a matrix of {rows} x {columns}, {stride} from row to row, in {} numbers",
            numbers.len()
        );
        Self {
            numbers,
            rows,
            columns,
            stride,
            transposed: false,
        }
    }

    /// Its transpose, in the same memory.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            transposed: !self.transposed,
            ..self
        }
    }

    /// Rows and columns, after transposition.
    fn shape(&self) -> [usize; 2] {
        match self.transposed {
            true => [self.columns, self.rows],
            false => [self.rows, self.columns],
        }
    }

    /// The distance to the next row and to the next column.
    fn strides(&self) -> [isize; 2] {
        let stride = self.stride as isize;
        match self.transposed {
            true => [1, stride],
            false => [stride, 1],
        }
    }

    /// `self * other`, row-major.
    ///
    /// # Panics
    /// If the inner dimensions differ.
    #[must_use]
    #[allow(unsafe_code)]
    pub fn times(self, other: Self) -> Vec<f32> {
        let ([rows, _], [_, columns]) = (self.shape(), other.shape());
        let mut out = Vec::with_capacity(rows * columns);
        // SAFETY: `out` has capacity for the product with a stride of its columns. gemm writes all of it without
        // reading it first (`add` is false), so the length may then be set.
        unsafe {
            self.multiply(other, out.as_mut_ptr(), columns, false);
            out.set_len(rows * columns);
        }
        out
    }

    /// Writes `self * other` to `out`, or adds it; the rows of `out` begin every `stride` numbers.
    ///
    /// # Panics
    /// If the inner dimensions differ, or the product does not fit `out`.
    #[allow(unsafe_code)]
    pub fn times_into(self, other: Self, out: &mut [f32], stride: usize, add: bool) {
        let ([rows, _], [_, columns]) = (self.shape(), other.shape());
        assert!(
            columns <= stride && out.len() >= extent([rows, columns], stride),
            "a product of {rows} x {columns} does not fit"
        );
        // SAFETY: `out` has room for the product at its stride, as just asserted, and is borrowed mutably, so it
        // overlaps neither factor.
        unsafe {
            self.multiply(other, out.as_mut_ptr(), stride, add);
        }
    }

    /// # Safety `out` must have room for the rows of the product, which begin every `stride` numbers, and must be initialised if `add` is true.
    #[allow(unsafe_code)]
    unsafe fn multiply(self, other: Self, out: *mut f32, stride: usize, add: bool) {
        let ([rows, inner], [other_rows, columns]) = (self.shape(), other.shape());
        assert_eq!(inner, other_rows, "columns of the left, rows of the right");
        assert!(inner > 0, "empty inner dimension");
        let ([left_down, left_across], [right_down, right_across]) =
            (self.strides(), other.strides());
        // SAFETY: the constructors check that `numbers` covers the matrix, `shape` and `strides` describe that memory
        // whether transposed or not, and `inner` was just compared; the caller guarantees `out`.
        unsafe {
            gemm(
                rows,
                columns,
                inner,
                out,
                1,
                stride as isize,
                add,
                self.numbers.as_ptr(),
                left_across,
                left_down,
                other.numbers.as_ptr(),
                right_across,
                right_down,
                if add { 1.0 } else { 0.0 },
                1.0,
                false,
                false,
                false,
                parallelism(rows * columns * inner),
            );
        }
    }
}

/// Uses all cores if a product takes about a millisecond or more; below that they would start too late.
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
    fn products_of_transposed_matrices_are_those_of_the_definition() {
        let numbers = |count: usize| {
            (0..count)
                .map(|at| (at * 7 % 11) as f32 - 5.0)
                .collect::<Vec<_>>()
        };
        for (n, k, m) in [(1, 1, 1), (3, 4, 5), (17, 1, 9), (1, 33, 2), (40, 31, 23)] {
            let (left, right) = (numbers(n * k), numbers(k * m));
            let (left_transposed, right_transposed) = (
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
            let transposed = (
                Matrix::new(&left_transposed, [k, n]).transposed(),
                Matrix::new(&right_transposed, [m, k]).transposed(),
            );
            for left in [plain.0, transposed.0] {
                for right in [plain.1, transposed.1] {
                    assert_eq!(left.times(right), exact, "{n} x {k} x {m}");
                }
            }
        }
    }
}
