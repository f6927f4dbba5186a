//! Fitted models as data.

use crate::bayesian_fm;
use crate::error::ClassicalError;
use crate::method::Fitted;
use crate::popularity;
use serde::{Deserialize, Serialize};

/// A fitted model as data, for any format of serde that keeps all digits. Loading gives the same scores bit by bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Saved {
    /// [`bayesian_fm`].
    BayesianFm(bayesian_fm::Fit),
    /// [`popularity`].
    Popularity(popularity::Fit),
}

impl Saved {
    /// The model.
    ///
    /// # Errors
    ///
    /// [`ClassicalError::Damaged`] if its parts do not fit together.
    pub fn fitted(self) -> Result<Box<dyn Fitted>, ClassicalError> {
        match self {
            Self::BayesianFm(model) => {
                model.check()?;
                Ok(Box::new(model))
            }
            Self::Popularity(model) => Ok(Box::new(model)),
        }
    }
}
