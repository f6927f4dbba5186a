//! The few operations that an update rule needs, so that it is written once for numbers and for tensors.

/// A number, or many that are updated elementwise.
pub trait Lane: Clone {
    /// `self + other`
    fn plus(self, other: Self) -> Self;
    /// `self - other`
    fn minus(self, other: Self) -> Self;
    /// `self * other`
    fn times(self, other: Self) -> Self;
    /// `self / other`
    fn over(self, other: Self) -> Self;
    /// `1 / self`
    fn inverse(self) -> Self;
    /// `self * factor`
    fn scale(self, factor: f64) -> Self;
    /// `self + term`
    fn offset(self, term: f64) -> Self;
    /// Square root.
    fn root(self) -> Self;
    /// `max(self, 0)`
    fn positive(self) -> Self;
    /// 0 if the absolute value is below `tiny`.
    fn flush(self, tiny: f64) -> Self;
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
            fn inverse(self) -> Self {
                1.0 / self
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
            #[inline(always)]
            fn flush(self, tiny: f64) -> Self {
                if self.abs() < tiny as $type {
                    0.0
                } else {
                    self
                }
            }
        }
    };
}

number!(f32);
number!(f64);
