//! Baselines and models in closed form, on the same rows as a model of the zoo.

use crate::data::UserIx;
use crate::data::{DataError, Dataset, Ratings};
use crate::metrics::{
    EvaluationError, MetricError, RankingEvaluation, RankingEvaluator, RatingMetrics, UserItems,
    rating_metrics,
};
use crate::nn::{Memory, MemoryError};
use recburn_metrics::Measures;
use serde::Serialize;
use std::convert::Infallible;
use std::time::Instant;
use thiserror::Error;

pub use recburn_classical::*;

/// What a method comes to on held-out ratings.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The method.
    pub method: &'static str,
    /// The errors of its predicted ratings; `None` if its scores are not ratings.
    pub metrics: Option<RatingMetrics>,
    /// The measures of all users' lists of the whole catalogue, without what they have in training.
    pub ranking: Measures,
    /// The standard error of each measure over users.
    pub standard_errors: Measures,
    /// Seconds to fit it.
    pub fit_seconds: f64,
    /// Seconds to score and rank the catalogue for every user with held-out ratings.
    pub rank_seconds: f64,
}

/// Why a method cannot be compared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ComparisonError {
    /// The method cannot be fitted.
    #[error(transparent)]
    Fit(#[from] ClassicalError),
    /// The data have no such features.
    #[error(transparent)]
    Data(#[from] DataError),
    /// There is not enough memory for it.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Its predictions cannot be measured.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// Its lists cannot be measured.
    #[error(transparent)]
    Ranking(#[from] EvaluationError<Infallible>),
}

/// Fits a method to the training ratings and measures it on held-out ones, both in stars: the errors of its predictions, if
/// it predicts ratings, and the lists that it makes of the whole catalogue, without what a user has in training.
///
/// # Errors
///
/// For settings, data or memory that do not allow a fit, and if no user has a held-out item.
pub fn compare(
    method: &dyn Method,
    dataset: &Dataset,
    train: &Ratings,
    held_out: &Ratings,
    at: &[usize],
    seed: u64,
) -> Result<Comparison, ComparisonError> {
    let (users, items) = (dataset.users.rows(), dataset.items.rows());
    let scale = (dataset.scale.min, dataset.scale.max);
    let features = match method.reads_features() {
        true => Some(dataset.features_for(train)?),
        false => None,
    };
    let context = Context {
        train,
        users,
        items,
        scale,
        features: features.as_ref(),
        seed,
        threads: 0,
    };
    Memory::host().take("fitting the model", method.memory(&context))?;
    let start = Instant::now();
    let model = method.fit(&context)?;
    let fit_seconds = start.elapsed().as_secs_f64();
    let metrics = match method.scores() {
        Scores::Order => None,
        Scores::Ratings => {
            let pairs = held_out.users.iter().zip(&held_out.items);
            let predicted: Vec<f32> = pairs.map(|(u, i)| model.predict(*u, *i)).collect();
            Some(rating_metrics(&predicted, &held_out.ratings, scale)?)
        }
    };
    let start = Instant::now();
    let ranking = ranked(&*model, dataset, train, held_out, at)?;
    Ok(Comparison {
        method: method.name(),
        metrics,
        ranking: ranking.means,
        standard_errors: ranking.standard_errors,
        fit_seconds,
        rank_seconds: start.elapsed().as_secs_f64(),
    })
}

fn ranked(
    model: &dyn Fitted,
    dataset: &Dataset,
    train: &Ratings,
    held_out: &Ratings,
    at: &[usize],
) -> Result<RankingEvaluation, EvaluationError<Infallible>> {
    let pairs = |ratings: &Ratings| {
        let pairs = ratings.users.iter().zip(&ratings.items);
        UserItems::of(pairs.map(|(user, item)| (user.0, item.0)))
    };
    let (known, relevant) = (pairs(train), pairs(held_out));
    let items = dataset.items.rows();
    // If ids are rows, rows without an id are not items.
    let mut no_items = vec![true; items];
    for (item, _) in dataset.items.iter() {
        no_items[item.index()] = false;
    }
    let no_items: Vec<u32> = (0..items as u32)
        .filter(|&item| no_items[item as usize])
        .collect();
    let left_out = |user: u32, out: &mut Vec<u32>| {
        out.extend_from_slice(known.get(user));
        out.extend_from_slice(&no_items);
    };
    RankingEvaluator::new(dataset.users.rows(), items, &relevant)
        .leaving_out(&left_out)
        .at(at.iter().copied())
        .evaluate(|users, scores| {
            let users: Vec<UserIx> = users.iter().map(|&user| UserIx(user)).collect();
            model.score_block(&users, scores);
            Ok(())
        })
}
