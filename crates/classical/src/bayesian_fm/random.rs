//! Random numbers that depend on a key only, so that draws may be made in any order and on any thread.

use recburn_data::splitmix64;

/// The increment of SplitMix64.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A key of random numbers: a seed, refined step by step by whatever the numbers are for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key(u64);

impl Key {
    /// The key of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(splitmix64(seed))
    }

    /// The key of part `part` of what this key is for.
    pub(super) fn of(self, part: u64) -> Self {
        Self(splitmix64(
            (self.0 ^ splitmix64(part).wrapping_mul(STEP)).wrapping_sub(STEP),
        ))
    }

    /// The numbers of this key.
    pub(super) fn stream(self) -> Stream {
        Stream(self.0)
    }
}

/// A sequence of random numbers: SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub(super) struct Stream(u64);

impl Stream {
    #[inline(always)]
    fn bits(&mut self) -> u64 {
        let bits = splitmix64(self.0);
        self.0 = self.0.wrapping_add(STEP);
        bits
    }

    /// Uniform in `(0, 1]`.
    fn unit(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// `L` standard normal numbers by the method of Box and Muller (1958), `L` even.
    ///
    /// Only arithmetic and square roots, which are the same on every platform; the logarithm and the sine of a standard
    /// library are not. No branches, so that the compiler uses vectors.
    #[inline(always)]
    pub(super) fn normals<const L: usize>(&mut self) -> [f32; L] {
        const UNIT: f32 = 1.0 / (1_u32 << 24) as f32;
        let mut bits = [0; L];
        for pair in bits.chunks_exact_mut(2) {
            let drawn = self.bits();
            pair[0] = (drawn >> 40) as u32;
            pair[1] = (drawn as u32) >> 8;
        }
        let mut drawn = [0.0; L];
        for at in 0..L / 2 {
            let radius = (-2.0 * ln((bits[2 * at] + 1) as f32 * UNIT))
                .max(0.0)
                .sqrt();
            let (sine, cosine) = sine_cosine(bits[2 * at + 1] as f32 * UNIT);
            drawn[at] = radius * cosine;
            drawn[at + L / 2] = radius * sine;
        }
        drawn
    }

    /// A standard normal number.
    pub(super) fn normal(&mut self) -> f64 {
        f64::from(self.normals::<2>()[0])
    }

    /// Gamma distributed with scale 1 and a shape of at least 1: the method of Marsaglia and Tsang (2000).
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        let d = shape.max(1.0) - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let normal = self.normal();
            let root = 1.0 + c * normal;
            if root <= 0.0 {
                continue;
            }
            let cube = root * root * root;
            let unit = self.unit();
            if unit.ln() < 0.5 * normal * normal + d - d * cube + d * cube.ln() {
                return d * cube;
            }
        }
    }

    /// A draw of a precision whose prior is Gamma(1/2, 1/2), given `count` normal deviations with this sum of squares.
    pub(super) fn precision(&mut self, count: f64, squares: f64) -> f64 {
        self.gamma((1.0 + count) / 2.0) * 2.0 / (1.0 + squares)
    }
}

/// The natural logarithm of a positive normal number, to about one part in 10^7.
#[inline(always)]
fn ln(value: f32) -> f32 {
    let bits = value.to_bits();
    // The significand in [sqrt(1/2), sqrt(2)), so that the series converges fast.
    let shifted = bits.wrapping_sub(0x3F35_04F3);
    let exponent = (shifted as i32) >> 23;
    let significand = f32::from_bits((shifted & 0x007F_FFFF).wrapping_add(0x3F35_04F3));
    let s = (significand - 1.0) / (significand + 1.0);
    let t = s * s;
    let series = 1.0 + t * (1.0 / 3.0 + t * (0.2 + t * (1.0 / 7.0 + t * (1.0 / 9.0))));
    exponent as f32 * std::f32::consts::LN_2 + 2.0 * s * series
}

/// Sine and cosine of an angle given in turns, from 0 up to but not including 1, shifted by an eighth of a turn.
#[inline(always)]
fn sine_cosine(turns: f32) -> (f32, f32) {
    let quarter = (turns * 4.0) as i32;
    let angle = (turns * 4.0 - quarter as f32 - 0.5) * std::f32::consts::FRAC_PI_2;
    let t = angle * angle;
    let sine =
        angle * (1.0 + t * (-1.0 / 6.0 + t * (1.0 / 120.0 + t * (-1.0 / 5_040.0 + t / 362_880.0))));
    let cosine = 1.0 + t * (-0.5 + t * (1.0 / 24.0 + t * (-1.0 / 720.0 + t / 40_320.0)));
    let odd = quarter & 1 == 1;
    let (first, second) = (
        if odd { cosine } else { sine },
        if odd { sine } else { cosine },
    );
    let sine_sign = if quarter & 2 == 2 { -1.0 } else { 1.0 };
    let cosine_sign = if (quarter + 1) & 2 == 2 { -1.0 } else { 1.0 };
    (first * sine_sign, second * cosine_sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moments of many draws, each within about five standard errors.
    #[test]
    fn normals_have_the_moments_of_the_normal_distribution() {
        let mut stream = Key::new(3).of(1).stream();
        let drawn: Vec<f64> = (0..50_000)
            .flat_map(|_| stream.normals::<16>())
            .map(f64::from)
            .collect();
        let moment =
            |power: i32| drawn.iter().map(|x| x.powi(power)).sum::<f64>() / drawn.len() as f64;
        assert!(moment(1).abs() < 0.006, "{}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.008, "{}", moment(2));
        assert!(moment(3).abs() < 0.022, "{}", moment(3));
        assert!((moment(4) - 3.0).abs() < 0.06, "{}", moment(4));
        let beyond = drawn.iter().filter(|x| x.abs() > 3.0).count() as f64 / drawn.len() as f64;
        assert!((beyond - 0.002_7).abs() < 0.000_3, "{beyond}");
    }

    #[test]
    fn logarithm_and_circle_agree_with_the_standard_library() {
        for step in 1..2_000_u32 {
            let value = step as f32 / 2_000.0;
            assert!(
                (ln(value) - value.ln()).abs() <= 2e-7 * (1.0 + value.ln().abs()),
                "{value}"
            );
            let angle = (f64::from(value) - 0.125) * std::f64::consts::TAU;
            let (sine, cosine) = sine_cosine(value);
            assert!((f64::from(sine) - angle.sin()).abs() < 1e-6, "{value}");
            assert!((f64::from(cosine) - angle.cos()).abs() < 1e-6, "{value}");
        }
    }

    #[test]
    fn gamma_has_mean_and_variance_of_its_shape() {
        let mut stream = Key::new(5).stream();
        for shape in [1.0, 2.5, 40.0] {
            let drawn: Vec<f64> = (0..100_000).map(|_| stream.gamma(shape)).collect();
            let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
            let variance =
                drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / drawn.len() as f64;
            assert!((mean / shape - 1.0).abs() < 0.016, "{shape}: {mean}");
            assert!((variance / shape - 1.0).abs() < 0.05, "{shape}: {variance}");
        }
    }
}
