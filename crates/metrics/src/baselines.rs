//! Predictions without a model: the means of the training ratings.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Sum and number of ratings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    /// The sum, in stars.
    pub sum: f64,
    /// The number of ratings.
    pub count: u64,
}

impl Sum {
    /// Adds a rating.
    pub fn add(&mut self, rating: f32) {
        self.sum += f64::from(rating);
        self.count += 1;
    }

    /// The mean; `None` without ratings.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Sums of the training ratings: of all ratings, per user and per item. Memory does not grow with the number of
/// ratings.
///
/// ```
/// use recburn_metrics::Means;
///
/// let means = Means::of(2, 2, [(0, 0, 4.0), (0, 1, 2.0)]);
/// assert_eq!(means.mean(), Some(3.0));
/// assert_eq!(means.user(1).count, 0);
/// let baselines = means.baselines([(0, 0, 4.0), (1, 1, 3.0)]).unwrap();
/// assert_eq!(baselines.item_mean.mae, 0.5); // 4 for 4, and 2 for 3
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Means {
    all: Sum,
    users: Vec<Sum>,
    items: Vec<Sum>,
}

impl Means {
    /// Without ratings yet, for this many users and items.
    pub fn new(users: usize, items: usize) -> Self {
        Self::from_sums(vec![Sum::default(); users], vec![Sum::default(); items])
    }

    /// From the sums per user and per item; the total is the sum over the users.
    pub fn from_sums(users: Vec<Sum>, items: Vec<Sum>) -> Self {
        let all = users.iter().fold(Sum::default(), |all, user| Sum {
            sum: all.sum + user.sum,
            count: all.count + user.count,
        });
        Self { all, users, items }
    }

    /// With another total than the sum over the users, which may be some of all.
    #[must_use]
    pub fn with_overall(self, all: Sum) -> Self {
        Self { all, ..self }
    }

    /// The means of these ratings: user, item, stars. A user or an item outside the tables counts only towards the
    /// overall mean.
    pub fn of(
        users: usize,
        items: usize,
        ratings: impl IntoIterator<Item = (u32, u32, f32)>,
    ) -> Self {
        let mut means = Self::new(users, items);
        for (user, item, rating) in ratings {
            means.all.add(rating);
            if let Some(sum) = means.users.get_mut(user as usize) {
                sum.add(rating);
            }
            if let Some(sum) = means.items.get_mut(item as usize) {
                sum.add(rating);
            }
        }
        means
    }

    /// The overall mean; `None` without ratings.
    pub fn mean(&self) -> Option<f64> {
        self.all.mean()
    }

    /// The number of ratings.
    pub fn count(&self) -> u64 {
        self.all.count
    }

    /// Sum and number of a user's ratings.
    pub fn user(&self, user: u32) -> Sum {
        self.users.get(user as usize).copied().unwrap_or_default()
    }

    /// Sum and number of an item's ratings.
    pub fn item(&self, item: u32) -> Sum {
        self.items.get(item as usize).copied().unwrap_or_default()
    }

    /// The sums of all users, by row.
    pub fn users(&self) -> &[Sum] {
        &self.users
    }

    /// The sums of all items, by row.
    pub fn items(&self) -> &[Sum] {
        &self.items
    }

    /// The errors of these means as predictions of other ratings: user, item, stars. The overall mean replaces that of
    /// a user or item without ratings. `None` without training ratings, or without ratings to predict.
    pub fn baselines(
        &self,
        ratings: impl IntoIterator<Item = (u32, u32, f32)>,
    ) -> Option<Baselines> {
        let mean = self.mean()?;
        let (mut of_all, mut of_users, mut of_items) =
            (Errors::default(), Errors::default(), Errors::default());
        for (user, item, rating) in ratings {
            let rating = f64::from(rating);
            of_all.add(mean - rating);
            of_users.add(self.user(user).mean().unwrap_or(mean) - rating);
            of_items.add(self.item(item).mean().unwrap_or(mean) - rating);
        }
        Some(Baselines {
            mean: of_all.finish()?,
            user_mean: of_users.finish()?,
            item_mean: of_items.finish()?,
            bias: None,
        })
    }
}

#[derive(Default)]
struct Errors {
    square: f64,
    absolute: f64,
    rows: u64,
}

impl Errors {
    fn add(&mut self, error: f64) {
        self.square += error * error;
        self.absolute += error.abs();
        self.rows += 1;
    }

    fn finish(self) -> Option<Baseline> {
        let rows = self.rows as f64;
        (self.rows > 0).then(|| Baseline {
            rmse: (self.square / rows).sqrt(),
            mae: self.absolute / rows,
        })
    }
}

/// Errors of one simple prediction, in stars.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
}

impl Baseline {
    /// The errors with these differences between prediction and rating; `None` without any.
    pub fn of(differences: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut errors = Errors::default();
        differences.into_iter().for_each(|error| errors.add(error));
        errors.finish()
    }
}

/// Errors of predictions without a model, on the rows that the model is scored on: a useful model must beat them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baselines {
    /// Always predicting the mean of the training ratings.
    pub mean: Baseline,
    /// Predicting the mean of the user's training ratings.
    pub user_mean: Baseline,
    /// Predicting the mean of the item's training ratings.
    pub item_mean: Baseline,
    /// Predicting the mean plus damped biases of the user and the item, if they have been fitted.
    #[serde(default)]
    pub bias: Option<Baseline>,
}

impl Baselines {
    /// The relative difference below which two errors count as equal: sums of 32-bit numbers are no more precise.
    const SAME: f64 = 1e-6;

    fn named(&self) -> Vec<(&'static str, Baseline)> {
        let means = [
            ("the training mean", self.mean),
            ("the user's mean", self.user_mean),
            ("the item's mean", self.item_mean),
        ];
        let bias = self.bias.map(|bias| ("user and item biases", bias));
        means.into_iter().chain(bias).collect()
    }

    /// A sentence that a model with this RMSE does not beat one of these; `None` if it beats all.
    ///
    /// ```
    /// use recburn_metrics::{Baseline, Baselines};
    ///
    /// let good = Baseline { rmse: 0.9, mae: 0.7 };
    /// let mean = Baseline { rmse: 1.04, mae: 0.83 };
    /// let baselines = Baselines { mean, user_mean: good, item_mean: good, bias: None };
    /// assert_eq!(baselines.verdict(0.85), None);
    /// let said = "rmse 4.1000 is worse than always predicting the training mean (rmse 1.0400), the user's mean \
    ///             (rmse 0.9000) or the item's mean (rmse 0.9000)";
    /// assert_eq!(baselines.verdict(4.1).as_deref(), Some(said));
    /// ```
    pub fn verdict(&self, rmse: f64) -> Option<String> {
        let limit = |baseline: Baseline| baseline.rmse * (1.0 - Self::SAME);
        let beaten_by = self.named();
        let beaten_by: Vec<_> = beaten_by
            .iter()
            .filter(|(_, baseline)| rmse >= limit(*baseline))
            .collect();
        let words: Vec<String> = beaten_by
            .iter()
            .map(|(name, baseline)| format!("{name} (rmse {:.4})", baseline.rmse))
            .collect();
        let (last, others) = words.split_last()?;
        let list = match others.is_empty() {
            true => last.clone(),
            false => format!("{} or {last}", others.join(", ")),
        };
        let equal = |baseline: Baseline| rmse <= baseline.rmse * (1.0 + Self::SAME);
        let how = match beaten_by.iter().any(|(_, baseline)| equal(*baseline)) {
            true => "no better than",
            false => "worse than",
        };
        Some(format!("rmse {rmse:.4} is {how} always predicting {list}"))
    }
}

/// One line per baseline, in the columns of [`RatingMetrics`](crate::RatingMetrics).
impl fmt::Display for Baselines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<26}  {:>9}  {:>9}",
            "baselines on the same rows", "rmse", "mae"
        )?;
        for (name, Baseline { rmse, mae }) in self.named() {
            writeln!(f, "{name:<26}  {rmse:>9.4}  {mae:>9.4}")?;
        }
        Ok(())
    }
}
