//! Tensors as lanes, so that update rules run on every backend.

use burn::tensor::Tensor;
use recburn_nn::{Home, home_of};
use recburn_optim::Lane;

/// A tensor that is updated elementwise.
#[derive(Clone)]
pub(crate) struct Cells<const D: usize>(pub Tensor<D>);

impl<const D: usize> Cells<D> {
    /// The result of an operation.
    fn made(tensor: Tensor<D>) -> Self {
        #[cfg(test)]
        counted::add(tensor.shape().num_elements());
        Self(tensor)
    }
}

impl<const D: usize> Lane for Cells<D> {
    fn plus(self, other: Self) -> Self {
        Self::made(self.0 + other.0)
    }
    fn minus(self, other: Self) -> Self {
        Self::made(self.0 - other.0)
    }
    fn times(self, other: Self) -> Self {
        Self::made(self.0 * other.0)
    }
    fn over(self, other: Self) -> Self {
        Self::made(self.0 / other.0)
    }
    fn inverse(self) -> Self {
        Self::made(self.0.recip())
    }
    fn scale(self, factor: f64) -> Self {
        Self::made(self.0 * factor)
    }
    fn offset(self, term: f64) -> Self {
        Self::made(self.0 + term)
    }
    fn root(self) -> Self {
        Self::made(self.0.sqrt())
    }
    fn positive(self) -> Self {
        Self::made(self.0.clamp_min(0.0))
    }
    /// Only on a CPU, which is slow with subnormal numbers: a GPU is not, and each operation there is a kernel launch.
    fn flush(self, tiny: f64) -> Self {
        if home_of(&self.0.device()) == Home::Device {
            return self;
        }
        let small = self.0.clone().abs().lower_elem(tiny);
        Self::made(self.0.mask_fill(small, 0.0))
    }
}

/// Counts the numbers computed by lane operations on this thread: a machine-independent cost of a step.
#[cfg(test)]
pub(crate) mod counted {
    use std::cell::Cell;

    thread_local! {
        static NUMBERS: Cell<usize> = const { Cell::new(0) };
    }

    pub fn add(numbers: usize) {
        NUMBERS.set(NUMBERS.get() + numbers);
    }

    /// Returns the count so far and resets it.
    pub fn take() -> usize {
        NUMBERS.replace(0)
    }
}
