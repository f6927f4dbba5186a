//! The floor of a perceptron: only the matrix products of its step.

use crate::cases::Case;
use gemm::{Parallelism, gemm};

/// The products of one step: both layers forward, and the gradients of input and kernel of each.
pub struct Matmuls {
    batch: usize,
    input: usize,
    hidden: usize,
    x: Vec<f32>,
    h: Vec<f32>,
    kernel: Vec<f32>,
    last: Vec<f32>,
    y: Vec<f32>,
    of_kernel: Vec<f32>,
    of_last: Vec<f32>,
}

/// A matrix as rows, columns and strides.
#[derive(Clone, Copy)]
struct Lies {
    rows: usize,
    columns: usize,
    down: isize,
    across: isize,
}

impl Lies {
    fn plain(rows: usize, columns: usize) -> Self {
        Self {
            rows,
            columns,
            down: columns as isize,
            across: 1,
        }
    }
    fn turned(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            down: self.across,
            across: self.down,
        }
    }
}

#[allow(unsafe_code)]
fn product(out: &mut [f32], left: (&[f32], Lies), right: (&[f32], Lies)) {
    let ((left, a), (right, b)) = (left, right);
    assert_eq!(a.columns, b.rows);
    assert!(left.len() >= a.rows * a.columns && right.len() >= b.rows * b.columns);
    assert!(out.len() >= a.rows * b.columns);
    // SAFETY: the three slices hold matrices of these shapes, as just asserted; `Lies` is plain or transposed, so its
    // strides stay in bounds.
    unsafe {
        gemm(
            a.rows,
            b.columns,
            a.columns,
            out.as_mut_ptr(),
            1,
            b.columns as isize,
            false,
            left.as_ptr(),
            a.across,
            a.down,
            right.as_ptr(),
            b.across,
            b.down,
            0.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

impl Matmuls {
    pub fn new(case: &Case) -> Option<Self> {
        let (batch, input, hidden) = (case.batch, 2 * case.factors, case.hidden?);
        let some = |count: usize| {
            (0..count)
                .map(|at| (at % 17) as f32 * 0.01 - 0.08)
                .collect()
        };
        Some(Self {
            batch,
            input,
            hidden,
            x: some(batch * input),
            h: some(batch * hidden),
            kernel: some(input * hidden),
            last: some(hidden),
            y: some(batch),
            of_kernel: some(input * hidden),
            of_last: some(hidden),
        })
    }

    pub fn step(&mut self) {
        let (n, i, h) = (self.batch, self.input, self.hidden);
        let (x, hidden, y) = (Lies::plain(n, i), Lies::plain(n, h), Lies::plain(n, 1));
        let (kernel, last) = (Lies::plain(i, h), Lies::plain(h, 1));
        product(&mut self.h, (&self.x, x), (&self.kernel, kernel));
        product(&mut self.y, (&self.h, hidden), (&self.last, last));
        product(&mut self.of_last, (&self.h, hidden.turned()), (&self.y, y));
        product(&mut self.h, (&self.y, y), (&self.last, last.turned()));
        product(
            &mut self.of_kernel,
            (&self.x, x.turned()),
            (&self.h, hidden),
        );
        product(
            &mut self.x,
            (&self.h, hidden),
            (&self.kernel, kernel.turned()),
        );
        // Numbers keep their magnitude, so that nothing grows without bound.
        self.x.iter_mut().for_each(|x| *x = *x % 0.1 + 0.01);
    }
}
