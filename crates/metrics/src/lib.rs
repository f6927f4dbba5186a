//! How good scores and rankings are, knowing nothing of models.
//!
//! Everything takes plain slices: predictions on the left, the true ratings on the right, both in stars. Sums run in
//! `f64`, so that ten million `f32` errors lose nothing. What cannot be scored (no pairs, unequal lengths, a number
//! that is not finite) is an error that says where it stands, never a quiet NaN.
//!
//! ```
//! let metrics = recburn_metrics::rating_metrics(&[3.6, 5.4], &[4.0, 5.0], (0.5, 5.0))?;
//! assert!((metrics.rmse - 0.4).abs() < 1e-6);
//! assert_eq!(metrics.mae_rounded, 0.0);
//! # Ok::<(), recburn_metrics::MetricError>(())
//! ```

mod baselines;
mod error;
mod ranking;
mod rating;

pub use baselines::{Baseline, Baselines, Means, Sum};
pub use error::{MetricError, Side};
pub use ranking::Places;
pub use rating::{RatingMetrics, RatingSums, mae, mse, rating_metrics, rmse};
