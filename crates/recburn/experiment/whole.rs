//! Experiments with models that are fitted as a whole.

use super::report::cold;
use super::{Experiment, ExperimentError, Prepared};
use crate::BURN_VERSION;
use crate::classical::{Method, find, popularity::Popularity};
use crate::data::Ratings;
use crate::metrics::{Measures, RatingMetrics};
use crate::recommender::{ClassicalRecommender, Role, Scores};
use crate::report::{RunReport, VersionsReport};
use recburn_nn::Memory;
use std::time::Instant;

/// The length of the lists by which models are measured if nothing else is said.
const AT: usize = 10;

impl Experiment {
    /// The method, for a model that is fitted as a whole; `None` for one that is trained by steps.
    ///
    /// # Errors
    ///
    /// For options that the method does not have.
    pub fn method(&self) -> Result<Option<Box<dyn Method>>, ExperimentError> {
        match find(&self.model) {
            Ok(entry) => Ok(Some(entry.from_options(self.options.clone())?)),
            Err(_) => Ok(None),
        }
    }

    /// Fits a method to the training part, after checking that this machine has room for it: the model with its ids, and
    /// the seconds that the fit took.
    ///
    /// # Errors
    ///
    /// For data or memory that do not allow a fit.
    pub fn fit_whole(
        &self,
        method: &dyn Method,
        prepared: &Prepared,
    ) -> Result<(ClassicalRecommender, f64), ExperimentError> {
        let features = match method.reads_features() {
            true => Some(prepared.dataset.features_for(&prepared.train)?),
            false => None,
        };
        let context = prepared.context(features.as_ref(), self.seed);
        Memory::host().take("fitting the model", method.memory(&context))?;
        let start = Instant::now();
        let fitted = method.fit(&context)?;
        let seconds = start.elapsed().as_secs_f64();
        let training = serde_json::to_value(self).expect("an experiment is plain data");
        let recommender = ClassicalRecommender::new(
            method,
            fitted,
            &prepared.dataset,
            &prepared.train,
            prepared.seen(),
            training,
        )?;
        let provenance = self.provenance(prepared);
        Ok((recommender.with_provenance(provenance), seconds))
    }

    /// The contents of `report.json` for a method that took this long to fit.
    ///
    /// # Errors
    ///
    /// If its scores are not finite.
    pub fn whole_report(
        &self,
        prepared: &Prepared,
        fitted: &ClassicalRecommender,
        seconds: f64,
    ) -> Result<RunReport, ExperimentError> {
        let predicts_ratings = fitted.scores() == Scores::Ratings;
        let errors = |role: Role| -> Result<Option<RatingMetrics>, ExperimentError> {
            if !predicts_ratings {
                return Ok(None);
            }
            let scored = fitted.evaluate_held_out(role)?;
            Ok(match scored.rows {
                0 => None,
                _ => Some(scored.metrics()?),
            })
        };
        let ranked = self.whole_ranking(fitted, &prepared.valid, Role::Valid)?;
        Ok(RunReport {
            model: self.model.clone(),
            data: prepared.dataset.name.clone(),
            split: self.split()?.to_string(),
            seed: self.seed,
            parameters: 0,
            train_rows: prepared.train.len(),
            valid_rows: prepared.valid.len(),
            noise_floor: prepared.noise_floor,
            fit_seconds: Some(seconds),
            epochs: Vec::new(),
            metrics: errors(Role::Valid)?,
            baselines: match predicts_ratings {
                true => prepared.baselines(),
                false => None,
            },
            popularity: match ranked.is_some() {
                true => self.popularity(prepared)?,
                false => None,
            },
            ranking: ranked,
            cold: cold(prepared.cold),
            test_rows: prepared.test.len(),
            test: errors(Role::Test)?,
            test_ranking: self.whole_ranking(fitted, &prepared.test, Role::Test)?,
            test_cold: cold(prepared.test_cold),
            device: "cpu".to_string(),
            versions: VersionsReport {
                recburn: env!("CARGO_PKG_VERSION").to_string(),
                burn: BURN_VERSION.to_string(),
            },
            stopped: None,
        })
    }

    /// The measures of a fitted method's lists for these rows of the model; `None` for predicted ratings, unless a measure of
    /// lists is watched, and without rows.
    ///
    /// # Errors
    ///
    /// If its scores are not finite.
    pub fn whole_ranking(
        &self,
        fitted: &ClassicalRecommender,
        part: &Ratings,
        role: Role,
    ) -> Result<Option<Measures>, ExperimentError> {
        let at = match (self.training.ranks_at(), fitted.scores()) {
            (Some(at), _) => at,
            (None, Scores::Order) => AT,
            (None, Scores::Ratings) => return Ok(None),
        };
        Ok(fitted
            .ranking(part, role, &[at])?
            .map(|ranking| ranking.means))
    }

    /// The measures of the most popular items as everybody's list, on the same validation rows as those of the model;
    /// `None` without a validation part.
    ///
    /// # Errors
    ///
    /// Without training ratings.
    pub fn popularity(&self, prepared: &Prepared) -> Result<Option<Measures>, ExperimentError> {
        let Some(part) = prepared.valid_part() else {
            return Ok(None);
        };
        let method = Popularity::default();
        let fitted = Method::fit(&method, &prepared.context(None, self.seed))?;
        let fitted = ClassicalRecommender::new(
            &method,
            fitted,
            &prepared.dataset,
            &prepared.train,
            prepared.seen(),
            serde_json::Value::Null,
        )?;
        let at = self.training.ranks_at().unwrap_or(AT);
        let ranking = fitted.ranking(part, Role::Valid, &[at])?;
        Ok(ranking.map(|ranking| ranking.means))
    }
}
