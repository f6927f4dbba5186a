//! Draws from the normal distributions that a precision matrix describes.

/// A normal distribution with density proportional to `exp(-x'Px / 2 + l'x)`, that is with mean `P^-1 l` and covariance
/// `P^-1`, factorised as `P = U'U`.
#[derive(Clone, Debug)]
pub(super) struct Normal<const L: usize> {
    factor: [[f32; L]; L],
    /// The reciprocals of the factor's diagonal.
    inverse: [f32; L],
    /// `U'^-1 l`.
    solved: [f32; L],
    width: usize,
}

impl<const L: usize> Normal<L> {
    /// Factorises the first `width` rows and columns of `precision` by the method of Cholesky.
    #[inline(always)]
    pub(super) fn new(mut precision: [[f32; L]; L], mut linear: [f32; L], width: usize) -> Self {
        let (mut inverse, mut solved) = ([0.0; L], [0.0; L]);
        for row in 0..width {
            let scale = 1.0 / precision[row][row].sqrt();
            let mut pivot = precision[row];
            for entry in &mut pivot {
                *entry *= scale;
            }
            let value = linear[row] * scale;
            for lane in 0..L {
                linear[lane] -= value * pivot[lane];
            }
            for below in row + 1..width {
                let factor = pivot[below];
                for lane in 0..L {
                    precision[below][lane] -= factor * pivot[lane];
                }
            }
            precision[row] = pivot;
            inverse[row] = scale;
            solved[row] = value;
        }
        Self {
            factor: precision,
            inverse,
            solved,
            width,
        }
    }

    /// The value for these standard normal numbers; the mean if all are 0. Entries after the first `width` are 0.
    #[inline(always)]
    pub(super) fn value(&self, normals: &[f32; L]) -> [f32; L] {
        let mut value = [0.0; L];
        for row in (0..self.width).rev() {
            let rest = super::sums::dot(&self.factor[row], &value);
            value[row] = (self.solved[row] + normals[row] - rest) * self.inverse[row];
        }
        value
    }
}
