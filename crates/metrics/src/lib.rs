//! Measures of ratings and rankings, independent of models.
//!
//! Everything takes plain slices: predictions on the left, the true ratings on the right, both in stars. Sums are
//! computed in `f64`, so that ten million `f32` errors lose no precision. Invalid input (no pairs, unequal lengths, a
//! number that is not finite) is an error with its position, never a silent NaN.
//!
//! - Ratings: [`rating_metrics`], [`r2`], and [`rating_report`] for errors by user and of warm and cold rows.
//! - Rankings: [`RankingEvaluator`] measures all users' lists over the full catalogue in one pass; [`Ranks`] and
//!   [`Places`] measure one list, [`ListMetrics`] and [`diversity`] coverage, concentration, novelty and variety.
//!   Equal scores are in the order of their items ([`rank_order`]), or averaged over (`ndcg_tied`); NaN is ranked last.
//! - Comparisons of two models on the same users: [`paired_t`], [`sign_test`], [`paired_bootstrap`], and [`holm`] for
//!   several of them.
//!
//! ```
//! let metrics = recburn_metrics::rating_metrics(&[3.6, 5.4], &[4.0, 5.0], (0.5, 5.0))?;
//! assert!((metrics.rmse - 0.4).abs() < 1e-6);
//! assert_eq!(metrics.mae_rounded, 0.0);
//! # Ok::<(), recburn_metrics::MetricError>(())
//! ```

mod baselines;
mod bins;
mod counting;
mod error;
mod evaluation;
mod gain;
mod items_of;
mod lists;
mod measures;
mod order;
mod paired;
mod ranking;
mod ranks;
mod rating;
mod rating_report;
mod special;

pub use baselines::{Baseline, Baselines, Means, Sum};
pub use error::{ComparisonError, MetricError, RankingError, Side};
pub use evaluation::{EvaluationError, PerUser, RankingEvaluation, RankingEvaluator};
pub use gain::Gain;
pub use items_of::{ItemsOf, UserItems};
pub use lists::{ListMetrics, Popularity, diversity};
pub use measures::Measures;
pub use order::{rank_order, top};
pub use paired::{PairedBootstrap, PairedT, SignTest, holm, paired_bootstrap, paired_t, sign_test};
pub use ranking::Places;
pub use ranks::Ranks;
pub use rating::{RatingMetrics, RatingSums, mae, mse, rating_metrics, rmse};
pub use rating_report::{RatingGroup, RatingReport, RatingSteps, r2, rating_report};
