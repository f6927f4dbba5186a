//! What takes part: anything that is fitted to ratings and gives scores.

use crate::error::ModelError;
use crate::task::Task;
use recburn_data::{Dataset, Ratings, UserIx};
use serde_json::Value;

/// A model with its settings, before it is fitted.
pub trait Contestant {
    /// Its name on cards.
    fn name(&self) -> String;

    /// Its options and hyper-parameters, all of them: what another person needs to fit the same model.
    fn describe(&self) -> Value;

    /// Whether it needs a validation part, to choose its number of epochs or other settings.
    fn needs_validation(&self) -> bool;

    /// Whether its scores are predicted ratings; other scores only order the items of a user.
    fn predicts_ratings(&self) -> bool;

    /// Versions of what it is built on, by name, for the card.
    fn versions(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Fits the model.
    ///
    /// # Errors
    ///
    /// Whatever prevents that.
    fn fit(&self, occasion: &Occasion<'_>) -> Result<Box<dyn Scorer>, ModelError>;
}

/// What a model is fitted to.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// Ids, features, titles and the scale of the data set. Its ratings are empty, since they include the test part.
    pub dataset: &'a Dataset,
    /// The ratings to fit.
    pub train: &'a Ratings,
    /// The validation part, for models that [need](Contestant::needs_validation) it; `None` if there is nothing to choose
    /// any more.
    pub valid: Option<&'a Ratings>,
    /// The rows that will be scored, for models that predict them while they are fitted: users, items, times and other
    /// columns. Every rating is 0. Empty for rankings.
    pub asked: &'a Ratings,
    /// The number of epochs that was chosen on the validation part, if the model is fitted again without one.
    pub epochs: Option<usize>,
    /// What is asked.
    pub task: &'a Task,
    /// The seed of everything random in the model.
    pub seed: u64,
    /// The number of threads; 0 for one per core.
    pub threads: usize,
}

/// A fitted model.
pub trait Scorer {
    /// The predicted rating of each row, not clipped. Only users, items, times and other columns are read.
    ///
    /// # Errors
    ///
    /// Whatever prevents that; [`Contestant::predicts_ratings`] says whether ratings are asked for.
    fn rate(&self, rows: &Ratings) -> Result<Vec<f32>, ModelError>;

    /// The scores of all items for these users, `[users, items]` row by row. A higher score is a better item; NaN is
    /// ranked last.
    ///
    /// # Errors
    ///
    /// Whatever prevents that.
    fn score_block(&self, users: &[UserIx], into: &mut [f32]) -> Result<(), ModelError>;

    /// The number of epochs of the fitted model, or that was chosen on the validation part; `None` without epochs.
    fn epochs(&self) -> Option<usize> {
        None
    }

    /// The same model, if several threads may use it at a time.
    fn shared(&self) -> Option<&(dyn Scorer + Sync)> {
        None
    }
}
