//! Measures of ratings and rankings, independent of models.
//!
//! Everything takes plain slices: predictions on the left, the true ratings on the right, both in stars. Sums are
//! computed in `f64`, so that ten million `f32` errors lose no precision. Invalid input (no pairs, unequal lengths, a
//! number that is not finite) is an error with its position, never a silent NaN.
//!
//! ```
//! let metrics = recburn_metrics::rating_metrics(&[3.6, 5.4], &[4.0, 5.0], (0.5, 5.0))?;
//! assert!((metrics.rmse - 0.4).abs() < 1e-6);
//! assert_eq!(metrics.mae_rounded, 0.0);
//! # Ok::<(), recburn_metrics::MetricError>(())
//! ```

mod baselines;
mod error;
mod measures;
mod ranking;
mod rating;

pub use baselines::{Baseline, Baselines, Means, Sum};
pub use error::{MetricError, Side};
pub use measures::Measures;
pub use ranking::Places;
pub use rating::{RatingMetrics, RatingSums, mae, mse, rating_metrics, rmse};
