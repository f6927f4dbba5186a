//! The models of `recburn-classical` as contestants.

use crate::contestant::{Contestant, Occasion, Scorer};
use crate::error::ModelError;
use crate::task::Task;
use recburn_classical::bayesian_fm::BayesianFm;
use recburn_classical::{ClassicalError, Context, Fitted, Method, Scores, find};
use recburn_data::{Ratings, UserIx};
use serde_json::Value;

/// A method of `recburn-classical` under its options.
///
/// `bayesian_fm` predicts ratings with the samples of all its sweeps
/// ([`BayesianFm::fit_and_predict`]), including the day of a test row if its options ask for days; for rankings it keeps
/// [`BayesianFm::saved_samples`] of them.
///
/// ```
/// use recburn_protocol::{Classical, Contestant};
///
/// let ease = Classical::new("ease", serde_json::json!({ "lambda": 400.0 }))?;
/// assert_eq!((ease.name().as_str(), ease.predicts_ratings()), ("ease", false));
/// # Ok::<(), recburn_classical::ClassicalError>(())
/// ```
#[derive(Debug)]
pub struct Classical {
    name: String,
    method: Box<dyn Method>,
    /// With the default of each option that was not given.
    options: Value,
    /// For the method whose predictions are best made while it is fitted.
    bayesian: Option<BayesianFm>,
}

impl Classical {
    /// The method with these options; missing ones take their defaults.
    ///
    /// # Errors
    ///
    /// [`ClassicalError::Unknown`] if there is no such method, [`ClassicalError::Options`] for options that it does not have,
    /// [`ClassicalError::Setting`] for a setting out of its range.
    pub fn new(method: &str, options: Value) -> Result<Self, ClassicalError> {
        let entry = find(method)?;
        let mut all = (entry.options)();
        if let (Value::Object(all), Value::Object(given)) = (&mut all, &options) {
            all.extend(given.clone());
        }
        let bayesian = match entry.name {
            "bayesian_fm" => serde_json::from_value(all.clone()).ok(),
            _ => None,
        };
        Ok(Self {
            name: entry.name.to_string(),
            method: entry.from_options(options)?,
            options: all,
            bayesian,
        })
    }

    /// The same method under another name, such as `bayesian_fm, ids only`.
    pub fn called(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }
}

impl Contestant for Classical {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn describe(&self) -> Value {
        self.options.clone()
    }

    fn needs_validation(&self) -> bool {
        false
    }

    fn predicts_ratings(&self) -> bool {
        self.method.scores() == Scores::Ratings
    }

    fn fit(&self, occasion: &Occasion<'_>) -> Result<Box<dyn Scorer>, ModelError> {
        let dataset = occasion.dataset;
        let context = Context {
            train: occasion.train,
            users: dataset.users.rows(),
            items: dataset.items.rows(),
            scale: (dataset.scale.min, dataset.scale.max),
            features: Some(&dataset.features),
            seed: occasion.seed,
            threads: occasion.threads,
        };
        match (&self.bayesian, occasion.task) {
            (Some(options), Task::Ratings { .. }) => {
                let predictions = options.fit_and_predict(&context, occasion.asked)?;
                Ok(Box::new(Predicted {
                    rows: occasion.asked.clone(),
                    predictions,
                }))
            }
            _ => Ok(Box::new(Whole(self.method.fit(&context)?))),
        }
    }
}

/// A fitted model that answers for every pair.
struct Whole(Box<dyn Fitted>);

impl Scorer for Whole {
    fn rate(&self, rows: &Ratings) -> Result<Vec<f32>, ModelError> {
        let pairs = rows.users.iter().zip(&rows.items);
        Ok(pairs
            .map(|(&user, &item)| self.0.predict(user, item))
            .collect())
    }

    fn score_block(&self, users: &[UserIx], into: &mut [f32]) -> Result<(), ModelError> {
        self.0.score_block(users, into);
        Ok(())
    }

    fn shared(&self) -> Option<&(dyn Scorer + Sync)> {
        Some(self)
    }
}

/// Predictions of rows that were known when the model was fitted.
struct Predicted {
    rows: Ratings,
    predictions: Vec<f32>,
}

impl Scorer for Predicted {
    fn rate(&self, rows: &Ratings) -> Result<Vec<f32>, ModelError> {
        let known = &self.rows;
        let is_same = (&known.users, &known.items, &known.timestamps)
            == (&rows.users, &rows.items, &rows.timestamps);
        match is_same {
            true => Ok(self.predictions.clone()),
            false => {
                Err("these are not the rows that were asked for when the model was fitted".into())
            }
        }
    }

    fn score_block(&self, _: &[UserIx], _: &mut [f32]) -> Result<(), ModelError> {
        Err("the model was fitted to predict ratings and keeps no scores of all items".into())
    }
}
