//! Models that are not trained by gradient steps: means, neighbourhoods, closed forms and alternating least squares.
//!
//! A [`Method`] holds the settings of a model and is fitted as a whole to the ratings of a [`Context`]; the result is
//! [`Fitted`]. Each model has a file of its own with its formula and source, and an entry in the registry, [`methods`].

pub mod bayesian_fm;
mod error;
mod method;
pub mod popularity;
mod profile;
mod saved;

pub use error::ClassicalError;
pub use method::{Context, Fitted, Method, Scores};
pub use saved::Saved;
