//! Losses, computed from scores and goals on the host.

use crate::goal::{Goal, RowGoal};
use crate::setting::SettingError;
use crate::share::each_query;
use crate::softmax::softmax;

/// The loss of a batch: the weighted mean over its queries.
///
/// As text: `mse`, `mae`, `huber` or `huber:0.5` (its delta), `logistic`, `bpr`, `hinge`, `softmax`. Serialised as that
/// text. Choose the loss by how predictions are evaluated. For ratings, the squared error aims at the mean and matches
/// RMSE; the absolute error aims at the median; Huber's loss is squared near 0 and limits the influence of outliers.
/// For positives with negatives, `bpr` and `softmax` optimise the order of a list, `logistic` the probability of each
/// item.
///
/// The first four compare each score with a target, and a query's loss is the mean over its candidates; if a batch
/// names the positive candidate instead, the targets are 1 for it and 0 for the others. The last three compare the
/// positive's score with the scores of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Loss {
    /// The squared error.
    #[default]
    Mse,
    /// The absolute error.
    Mae,
    /// Half the square of an error up to `delta`, linear beyond it (Huber 1964); Keras's delta is 1.
    Huber {
        /// The error at which the square turns into a line.
        delta: f64,
    },
    /// `log(1 + exp(s)) - t s`: the cross-entropy of the probability `1 / (1 + exp(-s))` with a target in [0, 1].
    Logistic,
    /// `-log sigmoid(s+ - s-)`, the mean over the negatives: Bayesian personalised ranking (Rendle et al. 2009).
    Bpr,
    /// `max(0, 1 - (s+ - s-))`, the mean over the negatives.
    Hinge,
    /// `-log softmax` of the positive among all candidates, sampled ones or the catalogue; the logarithm of a
    /// candidate's sampling probability is subtracted from its score if the batch gives it. With targets `t`, the
    /// multinomial log-likelihood `-sum(t log softmax)`, as for whole users (Liang et al. 2018).
    Softmax,
}

impl Loss {
    /// Huber's loss with Keras's delta of 1.
    pub const HUBER: Self = Self::Huber { delta: 1.0 };

    /// Whether the loss compares a positive with other candidates, rather than each score with a target.
    pub fn ranks(&self) -> bool {
        match self {
            Self::Mse | Self::Mae | Self::Huber { .. } | Self::Logistic => false,
            Self::Bpr | Self::Hinge | Self::Softmax => true,
        }
    }

    /// Refuses an invalid delta.
    pub fn check(&self) -> Result<(), SettingError> {
        match *self {
            Self::Huber { delta } if !(delta > 0.0 && delta.is_finite()) => Err(SettingError {
                what: "huber's delta",
                wanted: "finite and above 0",
                seen: delta,
            }),
            _ => Ok(()),
        }
    }

    /// The loss of one score and its target. 0 for a ranking loss, which is not defined for a single score.
    pub fn of(&self, score: f64, target: f64) -> f64 {
        let error = score - target;
        match *self {
            Self::Mse => error * error,
            Self::Mae => error.abs(),
            Self::Huber { delta } if error.abs() <= delta => 0.5 * error * error,
            Self::Huber { delta } => delta * (error.abs() - 0.5 * delta),
            Self::Logistic => softplus(score) - target * score,
            Self::Bpr | Self::Hinge | Self::Softmax => 0.0,
        }
    }

    /// The derivative of [`Loss::of`] by the score.
    #[inline(always)]
    fn slope(&self, score: f32, target: f32) -> f32 {
        let error = score - target;
        match *self {
            Self::Mse => 2.0 * error,
            // 0 at 0, as in autodiff.
            Self::Mae if error == 0.0 => 0.0,
            Self::Mae => error.signum(),
            Self::Huber { delta } => error.clamp(-delta as f32, delta as f32),
            Self::Logistic => sigmoid(score) - target,
            Self::Bpr | Self::Hinge | Self::Softmax => 0.0,
        }
    }

    /// Returns the loss of a batch, as the sum over its queries of weight times loss, and writes to `slopes` the
    /// derivatives by the scores of the mean (that sum divided by the sum of the weights).
    ///
    /// # Panics
    /// If the number of scores or slopes differs from that of the goal.
    pub fn slopes(&self, goal: &Goal<'_>, scores: &[f32], slopes: &mut [f32]) -> f64 {
        assert_eq!(scores.len(), goal.queries * goal.candidates);
        assert_eq!(scores.len(), slopes.len());
        if goal.is_plain() && !self.ranks() {
            let share = 1.0 / goal.queries as f32;
            for ((slope, score), target) in slopes.iter_mut().zip(scores).zip(goal.targets) {
                *slope = share * self.slope(*score, *target);
            }
            return self.sum(goal, scores);
        }
        let total = goal.total_weight();
        let share = |query: usize| match total > 0.0 {
            true => (f64::from(goal.weight(query)) / total) as f32,
            false => 0.0,
        };
        let rows = goal.rows().zip(scores.chunks_exact(goal.candidates.max(1)));
        let rows = rows.zip(slopes.chunks_exact_mut(goal.candidates.max(1)));
        let losses = each_query(
            scores.len(),
            rows.enumerate(),
            |(query, ((row, scores), slopes))| self.row(&row, scores, slopes, share(query)),
        );
        let losses = losses.into_iter().enumerate();
        losses
            .map(|(query, loss)| f64::from(goal.weight(query)) * loss)
            .sum()
    }

    /// The loss of a batch without derivatives, as [`Loss::slopes`] returns it.
    pub fn sum(&self, goal: &Goal<'_>, scores: &[f32]) -> f64 {
        if goal.is_plain() && !self.ranks() {
            let pairs = scores.iter().zip(goal.targets);
            return pairs
                .map(|(&score, &target)| self.of(f64::from(score), f64::from(target)))
                .sum();
        }
        let mut slopes = vec![0.0; goal.candidates];
        let rows = goal.rows().zip(scores.chunks_exact(goal.candidates.max(1)));
        let losses = rows.enumerate().map(|(query, (row, scores))| {
            f64::from(goal.weight(query)) * self.row(&row, scores, &mut slopes, 0.0)
        });
        losses.sum()
    }

    /// The loss of one query, and its derivatives multiplied by a share.
    fn row(&self, goal: &RowGoal<'_>, scores: &[f32], slopes: &mut [f32], share: f32) -> f64 {
        let (positive, counted) = (goal.positive, goal.count(scores.len()));
        let places = goal.places(scores.len());
        match self {
            Self::Mse | Self::Mae | Self::Huber { .. } | Self::Logistic => {
                let each = 1.0 / counted.max(1) as f64;
                slopes.fill(0.0);
                let mut sum = 0.0;
                for place in places {
                    let (score, target) = (scores[place], goal.target(place));
                    slopes[place] = share * each as f32 * self.slope(score, target);
                    sum += self.of(f64::from(score), f64::from(target));
                }
                each * sum
            }
            Self::Bpr | Self::Hinge => {
                let each = 1.0 / counted.saturating_sub(1).max(1) as f64;
                slopes.fill(0.0);
                let mut sum = 0.0;
                for place in places.filter(|&place| place != positive) {
                    let lead = scores[positive] - scores[place];
                    let (loss, pull) = match self {
                        Self::Bpr => (softplus(f64::from(-lead)), sigmoid(-lead)),
                        _ => (
                            f64::from((1.0 - lead).max(0.0)),
                            f32::from(u8::from(lead < 1.0)),
                        ),
                    };
                    sum += loss;
                    let pull = share * each as f32 * pull;
                    slopes[positive] -= pull;
                    slopes[place] += pull;
                }
                each * sum
            }
            Self::Softmax => softmax(goal, scores, slopes, share),
        }
    }
}

/// `log(1 + exp(x))`, without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
