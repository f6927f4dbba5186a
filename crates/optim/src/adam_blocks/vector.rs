//! Vectors of the processor as numbers of a rule.

use crate::lane::Lane;
use pulp::Simd;

/// A vector whose elements are updated like single numbers.
#[derive(Clone)]
pub(super) struct Vector<S: Simd>(pub S, pub S::f32s);

impl<S: Simd> Lane for Vector<S> {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(self.0, self.0.add_f32s(self.1, other.1))
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self(self.0, self.0.sub_f32s(self.1, other.1))
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Self(self.0, self.0.mul_f32s(self.1, other.1))
    }
    #[inline(always)]
    fn over(self, other: Self) -> Self {
        Self(self.0, self.0.div_f32s(self.1, other.1))
    }
    #[inline(always)]
    fn inverse(self) -> Self {
        Self(self.0, self.0.div_f32s(self.0.splat_f32s(1.0), self.1))
    }
    #[inline(always)]
    fn scale(self, factor: f64) -> Self {
        Self(
            self.0,
            self.0.mul_f32s(self.1, self.0.splat_f32s(factor as f32)),
        )
    }
    #[inline(always)]
    fn offset(self, term: f64) -> Self {
        Self(
            self.0,
            self.0.add_f32s(self.1, self.0.splat_f32s(term as f32)),
        )
    }
    #[inline(always)]
    fn root(self) -> Self {
        Self(self.0, self.0.sqrt_f32s(self.1))
    }
    #[inline(always)]
    fn positive(self) -> Self {
        Self(self.0, self.0.max_f32s(self.1, self.0.splat_f32s(0.0)))
    }
    #[inline(always)]
    fn flush(self, tiny: f64) -> Self {
        let Self(simd, value) = self;
        let small = simd.less_than_f32s(simd.abs_f32s(value), simd.splat_f32s(tiny as f32));
        Self(simd, simd.select_f32s(small, simd.splat_f32s(0.0), value))
    }
}
