//! The few operations that an update rule needs, so that it is written once for numbers and for tensors.

/// A number, or many that move alike.
pub trait Lane: Clone {
    /// `self + other`
    fn plus(self, other: Self) -> Self;
    /// `self - other`
    fn minus(self, other: Self) -> Self;
    /// `self * other`
    fn times(self, other: Self) -> Self;
    /// `self / other`
    fn over(self, other: Self) -> Self;
    /// `self * factor`
    fn scale(self, factor: f64) -> Self;
    /// `self + term`
    fn offset(self, term: f64) -> Self;
    /// Square root.
    fn root(self) -> Self;
    /// `max(self, 0)`
    fn positive(self) -> Self;
}

macro_rules! number {
    ($type:ty) => {
        impl Lane for $type {
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self + other
            }
            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self - other
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self * other
            }
            #[inline(always)]
            fn over(self, other: Self) -> Self {
                self / other
            }
            #[inline(always)]
            fn scale(self, factor: f64) -> Self {
                self * factor as $type
            }
            #[inline(always)]
            fn offset(self, term: f64) -> Self {
                self + term as $type
            }
            #[inline(always)]
            fn root(self) -> Self {
                self.sqrt()
            }
            #[inline(always)]
            fn positive(self) -> Self {
                self.max(0.0)
            }
        }
    };
}

number!(f32);
number!(f64);

/// Numbers that move alike and together, as many as two registers of AVX2 hold: what is done to one step by step is done
/// to all without leaving the registers.
#[derive(Clone, Copy)]
pub(crate) struct Block(pub [f32; Self::WIDTH]);

impl Block {
    pub(crate) const WIDTH: usize = 16;

    /// The numbers of a stretch, with zeros behind the end of a short one. Zeros rest at zero under every rule.
    #[inline(always)]
    pub(crate) fn load(stretch: &[f32]) -> Self {
        let mut block = [0.0; Self::WIDTH];
        block[..stretch.len()].copy_from_slice(stretch);
        Self(block)
    }

    /// Writes as many numbers as the stretch has.
    #[inline(always)]
    pub(crate) fn store(self, stretch: &mut [f32]) {
        stretch.copy_from_slice(&self.0[..stretch.len()]);
    }

    #[inline(always)]
    fn each(mut self, change: impl Fn(f32) -> f32) -> Self {
        for number in &mut self.0 {
            *number = change(*number);
        }
        self
    }

    #[inline(always)]
    fn both(mut self, other: Self, change: impl Fn(f32, f32) -> f32) -> Self {
        for (number, other) in self.0.iter_mut().zip(other.0) {
            *number = change(*number, other);
        }
        self
    }
}

impl Lane for Block {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.both(other, |a, b| a + b)
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.both(other, |a, b| a - b)
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        self.both(other, |a, b| a * b)
    }
    #[inline(always)]
    fn over(self, other: Self) -> Self {
        self.both(other, |a, b| a / b)
    }
    #[inline(always)]
    fn scale(self, factor: f64) -> Self {
        let factor = factor as f32;
        self.each(|a| a * factor)
    }
    #[inline(always)]
    fn offset(self, term: f64) -> Self {
        let term = term as f32;
        self.each(|a| a + term)
    }
    #[inline(always)]
    fn root(self) -> Self {
        self.each(f32::sqrt)
    }
    #[inline(always)]
    fn positive(self) -> Self {
        self.each(|a| a.max(0.0))
    }
}
