//! Rows of products that are affine in the rows of the users' tables: a fold-in then takes no pass of the model.

use crate::fold::fit::Scored;
use recburn_nn::Link;

/// Sizes of the rows at which a function is compared with what it is taken for; a curve or a bend shows far from 0.
const PROBES: [f64; 7] = [0.1, 1.0, -1.0, 10.0, -10.0, 100.0, -100.0];

/// How far apart they may be, in parts of the summands: the function computes in single precision.
const ROUNDING: f64 = 1e-3;

/// `constant + slopes x`, for a visitor's row `x`.
#[derive(Clone, Debug)]
pub(crate) struct Affine {
    constant: Vec<f64>,
    /// A number of the image, a number of the row, and the slope of the one along the other where it is not 0.
    slopes: Vec<(usize, usize, f64)>,
}

impl Affine {
    /// What a function of rows of this width is; `None` where it is not affine.
    pub fn of(width: usize, mut image: impl FnMut(&[f64]) -> Option<Vec<f32>>) -> Option<Self> {
        let mut image = |row: &[f64]| -> Option<Vec<f64>> {
            let image: Vec<f64> = image(row)?.into_iter().map(f64::from).collect();
            image
                .iter()
                .all(|number| number.is_finite())
                .then_some(image)
        };
        let constant = image(&vec![0.0; width])?;
        let mut slopes = Vec::new();
        for number in 0..width {
            let mut unit = vec![0.0; width];
            unit[number] = 1.0;
            let moved = image(&unit)?.into_iter().zip(&constant);
            let moved = moved.map(|(image, constant)| image - constant).enumerate();
            let moved = moved.filter(|(_, slope)| *slope != 0.0);
            slopes.extend(moved.map(|(place, slope)| (place, number, slope)));
        }
        let affine = Self { constant, slopes };
        for (probe, size) in PROBES.into_iter().enumerate() {
            // Numbers without a pattern: multiples of the golden ratio, less their whole parts.
            let part = |at: usize| ((probe * width + at + 1) as f64 * 0.618_033_988_75).fract();
            let row: Vec<f64> = (0..width).map(|at| size * (0.5 + part(at))).collect();
            let mut most: Vec<f64> = affine.constant.iter().map(|number| number.abs()).collect();
            for &(place, number, slope) in &affine.slopes {
                most[place] += (slope * row[number]).abs();
            }
            let same = image(&row)?
                .into_iter()
                .zip(affine.at(&row))
                .zip(most)
                .all(|((said, own), most)| (said - own).abs() <= ROUNDING * (ROUNDING + most));
            if !same {
                return None;
            }
        }
        Some(affine)
    }

    fn at(&self, row: &[f64]) -> Vec<f64> {
        let mut image = self.constant.clone();
        for &(place, number, slope) in &self.slopes {
            image[place] += slope * row[number];
        }
        image
    }

    /// The image of a row.
    pub fn image(&self, row: &[f64]) -> Vec<f32> {
        self.at(row)
            .into_iter()
            .map(|number| number as f32)
            .collect()
    }

    /// The scores of items as functions of a row of this width: links over products with the items' rows.
    pub fn lines(&self, width: usize, items: &[Vec<f32>], link: Link) -> Lines {
        let mut lines = Lines {
            offsets: Vec::with_capacity(items.len()),
            slopes: vec![0.0; items.len() * width],
            width,
            link,
        };
        for (item, slopes) in items.iter().zip(lines.slopes.chunks_exact_mut(width)) {
            let parts = self.constant.iter().zip(item);
            lines.offsets.push(
                parts
                    .map(|(constant, number)| constant * f64::from(*number))
                    .sum(),
            );
            for &(place, number, slope) in &self.slopes {
                slopes[number] += slope * f64::from(item[place]);
            }
        }
        lines
    }
}

/// Scores that are lines along a row, through a link.
pub(crate) struct Lines {
    offsets: Vec<f64>,
    /// `[items, width]`, row-major.
    slopes: Vec<f64>,
    width: usize,
    link: Link,
}

impl Lines {
    /// The scores at a row of zeros, and the slopes of all items, row-major, before the link.
    pub fn into_numbers(self) -> (Vec<f32>, Vec<f32>) {
        let single = |numbers: Vec<f64>| numbers.into_iter().map(|number| number as f32).collect();
        (single(self.offsets), single(self.slopes))
    }

    /// The scores at a row.
    pub fn scored(&self, row: &[f64]) -> Scored {
        let slopes = self.slopes.chunks_exact(self.width);
        let product = |(slopes, offset): (&[f64], &f64)| -> f64 {
            let along = slopes.iter().zip(row).map(|(slope, number)| slope * number);
            offset + along.sum::<f64>()
        };
        let mut scores: Vec<f64> = slopes.zip(&self.offsets).map(product).collect();
        let mut jacobian = self.slopes.clone();
        if self.link != Link::Identity {
            for (score, slopes) in scores.iter_mut().zip(jacobian.chunks_exact_mut(self.width)) {
                let image = self.link.of(*score as f32);
                let steep = f64::from(self.link.slope(image));
                *score = f64::from(image);
                slopes.iter_mut().for_each(|slope| *slope *= steep);
            }
        }
        Scored { scores, jacobian }
    }
}

#[cfg(test)]
mod tests {
    use super::Affine;
    use proptest::prelude::*;
    use recburn_nn::Link;

    fn function(slopes: &[f64], constant: &[f64]) -> impl Fn(&[f64]) -> Option<Vec<f32>> {
        let (slopes, constant) = (slopes.to_vec(), constant.to_vec());
        move |row| {
            let lines = slopes.chunks_exact(row.len()).zip(&constant);
            let image = lines.map(|(slopes, constant)| {
                let along = slopes.iter().zip(row).map(|(slope, number)| slope * number);
                (constant + along.sum::<f64>()) as f32
            });
            Some(image.collect())
        }
    }

    proptest! {
        #[test]
        fn an_affine_function_is_found(
            slopes in prop::collection::vec(-2.0f64..2.0, 12),
            constant in prop::collection::vec(-4.0f64..4.0, 4),
            row in prop::collection::vec(-3.0f64..3.0, 3),
            item in prop::collection::vec(-2.0f32..2.0, 4),
        ) {
            let function = function(&slopes, &constant);
            let affine = Affine::of(3, &function).expect("it is affine");
            let image = function(&row).expect("numbers");
            for (own, said) in affine.image(&row).iter().zip(&image) {
                prop_assert!((own - said).abs() < 1e-4);
            }
            // A score is the product of both rows, and its slopes are those of the differences.
            for link in [Link::Identity, Link::Sigmoid { min: 1.0, max: 5.0 }] {
                let lines = affine.lines(3, std::slice::from_ref(&item), link);
                let product: f32 = image.iter().zip(&item).map(|(a, b)| a * b).sum();
                let said = lines.scored(&row);
                prop_assert!((said.scores[0] - f64::from(link.of(product))).abs() < 1e-3);
                for number in 0..3 {
                    let moved = |by: f64| {
                        let mut row = row.clone();
                        row[number] += by;
                        lines.scored(&row).scores[0]
                    };
                    let slope = (moved(0.05) - moved(-0.05)) / 0.1;
                    prop_assert!((slope - said.jacobian[number]).abs() < 0.02 * (1.0 + slope.abs()));
                }
            }
        }
    }

    #[test]
    fn what_bends_is_refused() {
        let of = |bent: fn(f64) -> f64| {
            Affine::of(2, |row| Some(vec![bent(row[0] - 0.5 * row[1]) as f32, 1.0]))
        };
        assert!(of(|x| 3.0 * x - 1.0).is_some());
        for bent in [
            f64::tanh,
            |x: f64| x.max(0.0),
            |x: f64| (x + 5.0).max(0.0),
            |x: f64| x + 1e-3 * x * x,
            |x: f64| x.sqrt(),
        ] {
            assert!(of(bent).is_none());
        }
        assert!(Affine::of(2, |_| None).is_none());
    }
}
