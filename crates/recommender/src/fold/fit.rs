//! The row that fits a few ratings best, under a Gaussian prior.

use crate::fold::cholesky::Cholesky;

/// At most this many Gauss-Newton steps.
const MOST_STEPS: usize = 15;

/// The search ends where a step takes less than this part of the objective off. A whole step that adds less is taken, too: next
/// to the minimum the objective of a model in single precision may rise by rounding, while the step still leads to it.
const TOLERANCE: f64 = 1e-6;

/// No step is cut below this part of itself.
const LEAST_PART: f64 = 1e-3;

/// Sweeps of the coordinate descent over non-negative numbers.
const SWEEPS: usize = 20;

/// What a model says of a row: the score of each rating, and its slope along each number of the row.
pub(crate) struct Scored {
    pub scores: Vec<f64>,
    /// `[ratings, width]`, row-major.
    pub jacobian: Vec<f64>,
}

/// What is known of a row before its ratings: `(x - mean)ᵀ precision (x - mean)` is added to the squared errors.
pub(crate) struct Known<'a> {
    pub mean: &'a [f64],
    /// `[width, width]`, row-major, in units of squared errors: `sigma^2 Sigma^-1`.
    pub precision: &'a [f64],
    /// Which numbers of the row may not be below 0.
    pub non_negative: &'a [bool],
}

/// A fitted row.
pub(crate) struct Fitted {
    pub row: Vec<f64>,
    /// How many steps were taken.
    pub steps: usize,
    /// Whether a system on the way was close to singular.
    pub lifted: bool,
}

/// Minimises `|ratings - scores(x)|^2 + (x - mean)ᵀ precision (x - mean)` by Gauss-Newton from the mean, each step halved
/// until the objective falls. A model whose scores are linear in the row ends after one step; the second confirms it.
pub(crate) fn fit(
    ratings: &[f64],
    known: &Known<'_>,
    mut score: impl FnMut(&[f64]) -> Scored,
) -> Fitted {
    let mut row = known.mean.to_vec();
    let mut at = score(&row);
    let mut objective = known.objective(ratings, &at, &row);
    let mut fitted = Fitted {
        row: row.clone(),
        steps: 0,
        lifted: false,
    };
    while fitted.steps < MOST_STEPS {
        let Some((step, lifted)) = known.step(ratings, &at, &row) else {
            break;
        };
        let slack = match known.non_negative.contains(&true) {
            true => 0.0, // the step is not exact
            false => TOLERANCE * objective,
        };
        let Some(taken) = descend([objective, slack], &row, &step, |row| {
            let at = score(row);
            let objective = known.objective(ratings, &at, row);
            (at, objective)
        }) else {
            break;
        };
        let fallen = objective - taken.objective;
        let enough = fallen < TOLERANCE * objective;
        (row, at, objective) = (taken.row, taken.at, taken.objective);
        fitted.lifted |= lifted;
        fitted.row.clone_from(&row);
        fitted.steps += usize::from(fallen > 0.0);
        if enough {
            break;
        }
    }
    fitted
}

/// A step that was taken.
struct Taken {
    row: Vec<f64>,
    at: Scored,
    objective: f64,
}

/// The step if it does not raise the objective by more than the slack, or the first of its halves that does not raise it.
fn descend(
    [before, slack]: [f64; 2],
    row: &[f64],
    step: &[f64],
    mut evaluate: impl FnMut(&[f64]) -> (Scored, f64),
) -> Option<Taken> {
    let mut part = 1.0;
    while part >= LEAST_PART {
        let next: Vec<f64> = row.iter().zip(step).map(|(x, d)| x + part * d).collect();
        let (at, objective) = evaluate(&next);
        let most = match part < 1.0 {
            true => before,
            false => before + slack,
        };
        if objective <= most {
            return Some(Taken {
                row: next,
                at,
                objective,
            });
        }
        part /= 2.0;
    }
    None
}

impl Known<'_> {
    fn width(&self) -> usize {
        self.mean.len()
    }

    /// `precision (x - mean)`
    fn pull(&self, row: &[f64]) -> Vec<f64> {
        let away: Vec<f64> = row
            .iter()
            .zip(self.mean)
            .map(|(x, mean)| x - mean)
            .collect();
        let rows = self.precision.chunks_exact(self.width());
        rows.map(|row| dot(row, &away)).collect()
    }

    fn objective(&self, ratings: &[f64], at: &Scored, row: &[f64]) -> f64 {
        let errors = ratings.iter().zip(&at.scores);
        let errors: f64 = errors.map(|(rating, score)| (rating - score).powi(2)).sum();
        let away = row.iter().zip(self.mean).map(|(x, mean)| x - mean);
        let penalty: f64 = away.zip(self.pull(row)).map(|(x, pull)| x * pull).sum();
        errors + penalty
    }

    /// The Gauss-Newton step from a row, and whether its system had to be lifted; `None` where there is no such system.
    fn step(&self, ratings: &[f64], at: &Scored, row: &[f64]) -> Option<(Vec<f64>, bool)> {
        let width = self.width();
        let mut matrix = self.precision.to_vec();
        let mut right: Vec<f64> = self.pull(row).iter().map(|pull| -pull).collect();
        let slopes = at.jacobian.chunks_exact(width);
        for (slopes, (rating, score)) in slopes.zip(ratings.iter().zip(&at.scores)) {
            for (number, slope) in slopes.iter().enumerate() {
                right[number] += slope * (rating - score);
                let into = &mut matrix[number * width..][..width];
                for (sum, other) in into.iter_mut().zip(slopes) {
                    *sum += slope * other;
                }
            }
        }
        let system = Cholesky::of(&matrix, width)?;
        let mut step = right.clone();
        system.solve(&mut step);
        if self.non_negative.contains(&true) {
            self.keep_non_negative(&matrix, &right, row, &mut step);
        }
        Some((step, system.lifted))
    }

    /// Moves a step to the minimum of the same quadratic where no number of the row is below 0 that may not be: coordinate
    /// descent from the projected end of the step (Franc et al. 2005).
    fn keep_non_negative(&self, matrix: &[f64], right: &[f64], row: &[f64], step: &mut [f64]) {
        let width = self.width();
        for number in 0..width {
            if self.non_negative[number] {
                step[number] = step[number].max(-row[number]);
            }
        }
        for _ in 0..SWEEPS {
            for number in 0..width {
                let of_number = &matrix[number * width..][..width];
                let curvature = of_number[number];
                if curvature <= 0.0 {
                    continue;
                }
                let best = step[number] + (right[number] - dot(of_number, step)) / curvature;
                step[number] = match self.non_negative[number] {
                    true => best.max(-row[number]),
                    false => best,
                };
            }
        }
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::{Fitted, Known, Scored, fit};
    use proptest::prelude::*;

    /// Scores that are linear in the row.
    fn linear(slopes: &[f64], width: usize) -> impl FnMut(&[f64]) -> Scored + '_ {
        move |row| Scored {
            scores: slopes
                .chunks_exact(width)
                .map(|slopes| slopes.iter().zip(row).map(|(a, b)| a * b).sum())
                .collect(),
            jacobian: slopes.to_vec(),
        }
    }

    fn identity(width: usize) -> Vec<f64> {
        let mut matrix = vec![0.0; width * width];
        (0..width).for_each(|at| matrix[at * width + at] = 1.0);
        matrix
    }

    #[test]
    fn a_linear_model_is_solved_in_one_step() {
        let (mean, precision) = ([1.0], [1.0]);
        let known = Known {
            mean: &mean,
            precision: &precision,
            non_negative: &[false],
        };
        // (3 - 2 x)^2 + (x - 1)^2 is least at x = 7 / 5.
        let Fitted { row, steps, .. } = fit(&[3.0], &known, linear(&[2.0], 1));
        assert!((row[0] - 1.4).abs() < 1e-12);
        assert_eq!(steps, 1);
    }

    #[test]
    fn a_model_that_overshoots_is_halved_until_it_falls() {
        let (mean, precision) = ([3.0], [1e-3]);
        let known = Known {
            mean: &mean,
            precision: &precision,
            non_negative: &[false],
        };
        // Newton's step on atan from 3 runs away.
        let fitted = fit(&[0.0], &known, |row| Scored {
            scores: vec![row[0].atan()],
            jacobian: vec![1.0 / (1.0 + row[0] * row[0])],
        });
        assert!(fitted.row[0].abs() < 0.1, "{:?}", fitted.row);
        assert!(fitted.steps > 1);
    }

    #[test]
    fn scores_that_are_no_numbers_leave_the_mean() {
        let (mean, precision) = ([3.0], [1.0]);
        let known = Known {
            mean: &mean,
            precision: &precision,
            non_negative: &[false],
        };
        let fitted = fit(&[0.0], &known, |_| Scored {
            scores: vec![f64::NAN],
            jacobian: vec![f64::NAN],
        });
        assert_eq!((fitted.row, fitted.steps), (vec![3.0], 0));
    }

    proptest! {
        #[test]
        fn no_neighbour_of_a_non_negative_row_is_better(
            slopes in prop::collection::vec(-1.0f64..1.0, 12),
            ratings in prop::collection::vec(-2.0f64..2.0, 4),
            mean in prop::collection::vec(0.0f64..1.0, 3),
        ) {
            let (precision, non_negative) = (identity(3), [true, true, false]);
            let known = Known { mean: &mean, precision: &precision, non_negative: &non_negative };
            let mut score = linear(&slopes, 3);
            let fitted = fit(&ratings, &known, &mut score);
            prop_assert!(fitted.row[0] >= 0.0 && fitted.row[1] >= 0.0);
            let mut objective = |row: &[f64]| known.objective(&ratings, &score(row), row);
            let least = objective(&fitted.row);
            for number in 0..3 {
                for by in [-1e-3, 1e-3] {
                    let mut row = fitted.row.clone();
                    row[number] += by;
                    if row[number] >= 0.0 || !non_negative[number] {
                        prop_assert!(objective(&row) >= least - 1e-9);
                    }
                }
            }
        }

        #[test]
        fn a_rating_that_is_as_predicted_moves_nothing(
            slopes in prop::collection::vec(-1.0f64..1.0, 12),
            ratings in prop::collection::vec(-2.0f64..2.0, 3),
            mean in prop::collection::vec(-1.0f64..1.0, 3),
        ) {
            let (precision, non_negative) = (identity(3), [false; 3]);
            let known = Known { mean: &mean, precision: &precision, non_negative: &non_negative };
            let before = fit(&ratings, &known, linear(&slopes[..9], 3)).row;
            let predicted: f64 = slopes[9..].iter().zip(&before).map(|(a, b)| a * b).sum();
            let with = [ratings.as_slice(), &[predicted]].concat();
            let after = fit(&with, &known, linear(&slopes, 3)).row;
            for (before, after) in before.iter().zip(after) {
                prop_assert!((before - after).abs() < 1e-9);
            }
        }
    }
}
