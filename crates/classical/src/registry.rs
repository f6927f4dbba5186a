//! The registry of methods.

use crate::error::ClassicalError;
use crate::method::{Context, Fitted, Method, Scores};
use crate::{profile, threads};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;

/// A struct of options that is a method. [`Method`] follows from it: names, checks and threads are the same for all.
pub trait Described:
    fmt::Debug + Default + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Its name, shared by the file and the registry.
    const NAME: &'static str;
    /// The formula, in one line.
    const ABOUT: &'static str;

    /// As [`Method::scores`].
    fn scores(&self) -> Scores;

    /// As [`Method::reads_features`].
    fn reads_features(&self) -> bool {
        false
    }

    /// As [`Method::memory`].
    fn memory(&self, context: &Context<'_>) -> u64;

    /// Whether every setting is in its range.
    ///
    /// # Errors
    ///
    /// [`ClassicalError::Setting`] for the first that is not.
    fn check(&self) -> Result<(), ClassicalError>;

    /// Fits the model, with settings and ratings that have been checked, on the threads of the context.
    ///
    /// # Errors
    ///
    /// As [`Method::fit`].
    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError>;
}

impl<D: Described> Method for D {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn scores(&self) -> Scores {
        Described::scores(self)
    }

    fn reads_features(&self) -> bool {
        Described::reads_features(self)
    }

    fn memory(&self, context: &Context<'_>) -> u64 {
        Described::memory(self, context)
    }

    fn fit(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        self.check()?;
        profile::check(D::NAME, context)?;
        threads::on(context.threads, || self.fit_checked(context))?
    }
}

/// An entry of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// The formula.
    pub about: &'static str,
    /// The default options.
    pub options: fn() -> Value,
    build: fn(Value) -> Result<Box<dyn Method>, ClassicalError>,
}

impl Entry {
    /// The entry of a method.
    pub fn of<M: Described>() -> Self {
        Self {
            name: M::NAME,
            about: M::ABOUT,
            options: || serde_json::to_value(M::default()).unwrap_or_default(),
            build: |options| {
                let method: M =
                    serde_json::from_value(options).map_err(|source| ClassicalError::Options {
                        method: M::NAME,
                        source,
                    })?;
                method.check()?;
                Ok(Box::new(method))
            },
        }
    }

    /// The method with these options; missing ones take their defaults.
    ///
    /// # Errors
    ///
    /// [`ClassicalError::Options`] for options that the method does not have, [`ClassicalError::Setting`] for a setting
    /// out of its range.
    pub fn from_options(&self, options: Value) -> Result<Box<dyn Method>, ClassicalError> {
        (self.build)(options)
    }
}

/// An error unless the setting is in its range.
pub(crate) fn setting(
    in_range: bool,
    method: &'static str,
    setting: &'static str,
    value: impl ToString,
    wanted: &'static str,
) -> Result<(), ClassicalError> {
    match in_range {
        true => Ok(()),
        false => Err(ClassicalError::Setting {
            method,
            setting,
            value: value.to_string(),
            wanted,
        }),
    }
}

/// An error unless the setting is a finite number above 0.
pub(crate) fn positive(
    method: &'static str,
    name: &'static str,
    value: f64,
) -> Result<(), ClassicalError> {
    let in_range = value > 0.0 && value.is_finite();
    setting(in_range, method, name, value, "a number above 0")
}

/// An error unless the setting is a finite number of at least 0.
pub(crate) fn non_negative(
    method: &'static str,
    name: &'static str,
    value: f64,
) -> Result<(), ClassicalError> {
    let in_range = value >= 0.0 && value.is_finite();
    setting(in_range, method, name, value, "a number of at least 0")
}

/// An error unless the count is at least 1 and small enough to be meant.
pub(crate) fn at_least_one(
    method: &'static str,
    name: &'static str,
    value: usize,
) -> Result<(), ClassicalError> {
    let in_range = (1..=1_000_000).contains(&value);
    setting(in_range, method, name, value, "from 1 to 1,000,000")
}
