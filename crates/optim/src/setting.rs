//! Hyper-parameters out of range.

use thiserror::Error;

/// A hyper-parameter that is out of range.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{what} must be {wanted}, not {seen}")]
pub struct SettingError {
    /// The hyper-parameter.
    pub what: &'static str,
    /// Its range, in words.
    pub wanted: &'static str,
    /// What was given.
    pub seen: f64,
}
