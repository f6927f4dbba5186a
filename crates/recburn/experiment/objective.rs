//! Training examples and validation of an experiment.

use super::{Experiment, ExperimentError, Prepared};
use crate::data::{
    Examples, Featured, Features, IdMap, Implicit, ItemIx, Negatives, NextItem, Ratings, Whole,
    WordError,
};
use crate::metrics::Measures;
use crate::nn::Model;
use crate::recipe::ExampleKind;
use crate::recommender::{AnyRecommender, Role};
use crate::train::{FullRanking, Judge, TrainError};

impl Experiment {
    /// The training examples: the ratings of the training part, or its positives with sampled negatives.
    ///
    /// # Errors
    ///
    /// If the data have no such examples: no user with a negative, or no history of two items.
    pub fn examples<'a>(
        &self,
        prepared: &'a Prepared,
        features: &'a Features,
    ) -> Result<Box<dyn Examples + 'a>, ExperimentError> {
        let train = &prepared.train;
        // Every item of the data can be a negative, even if nobody has it in the training part.
        let catalogue = || prepared.dataset.items.iter().map(|(item, _)| item);
        Ok(match self.training.examples {
            ExampleKind::Ratings => Box::new(Featured::new(train, features)),
            ExampleKind::WholeUsers => Box::new(Whole::users(train)?.with_features(features)),
            ExampleKind::WholeItems => Box::new(Whole::items(train)?.with_features(features)),
            ExampleKind::Profiles => {
                let profiles = Whole::profiles(train)?.among(catalogue());
                Box::new(
                    profiles
                        .hiding(self.training.hidden)?
                        .with_features(features),
                )
            }
            ExampleKind::Positives => {
                let positives = Implicit::with(train, self.negatives()?, &[], catalogue())?;
                Box::new(positives.with_features(features))
            }
            ExampleKind::NextItem => {
                let negatives = self.negatives()?;
                let next = NextItem::with(train, negatives, &[], catalogue())?;
                Box::new(next.with_features(features))
            }
        })
    }

    /// The negatives in training on positives.
    pub fn negatives(&self) -> Result<Negatives, WordError> {
        match &self.training.negatives {
            Some(word) => word.parse(),
            None => Ok(Negatives::uniform(1)),
        }
    }

    /// The validation after each epoch: the loss on the validation part, or the ranks of its items in each user's list.
    /// `None` without a validation part.
    pub fn judge<'a, M: Model>(
        &self,
        prepared: &'a Prepared,
        features: &'a Features,
    ) -> Option<Box<dyn Judge<M> + 'a>> {
        let part = prepared.valid_part()?;
        Some(match self.training.ranks_at() {
            Some(at) => Box::new(ranking(
                &prepared.dataset.items,
                part,
                &[&prepared.train],
                at,
                features,
            )),
            None => Box::new(Featured::new(part, features)),
        })
    }

    /// The measures of a model's ranking of the validation items among all items that the user does not have in the
    /// training part, if it is evaluated by lists.
    pub fn ranking<M: Model>(
        &self,
        prepared: &Prepared,
        model: &M,
    ) -> Result<Option<Measures>, ExperimentError> {
        self.ranking_of(prepared, model, &prepared.valid, &[&prepared.train])
    }

    /// As [`Experiment::ranking`], for the test part; items of the validation part are also excluded from the lists.
    pub fn test_ranking<M: Model>(
        &self,
        prepared: &Prepared,
        model: &M,
    ) -> Result<Option<Measures>, ExperimentError> {
        let known = [&prepared.train, &prepared.valid];
        self.ranking_of(prepared, model, &prepared.test, &known)
    }

    fn ranking_of<M: Model>(
        &self,
        prepared: &Prepared,
        model: &M,
        part: &Ratings,
        known: &[&Ratings],
    ) -> Result<Option<Measures>, ExperimentError> {
        let Some(at) = self.training.ranks_at().filter(|_| !part.is_empty()) else {
            return Ok(None);
        };
        let features = prepared.features(&model.inputs())?;
        let judge = ranking(&prepared.dataset.items, part, known, at, &features);
        Ok(Some(judge.judge(model, self.training.loss)?))
    }

    /// As [`Experiment::ranking`], for the held-out rows stored with a saved model.
    pub fn saved_ranking(
        &self,
        saved: &AnyRecommender,
        role: Role,
    ) -> Result<Option<Measures>, ExperimentError> {
        let mut known = vec![saved.seen().pairs(Role::Train)];
        if role == Role::Test {
            known.push(saved.seen().pairs(Role::Valid));
        }
        self.ranking_of_rows(saved, &saved.seen().pairs(role), &known, role)
    }

    /// The measures of a saved model's ranking of the items of these rows among all items that the user does not have
    /// in the training part. Rows are those of the model: see [`AnyRecommender::known_rows`]. `None` if the model is not
    /// evaluated by lists, or there are no rows.
    pub fn new_ranking(
        &self,
        saved: &AnyRecommender,
        rows: &Ratings,
    ) -> Result<Option<Measures>, ExperimentError> {
        let known = [saved.seen().pairs(Role::Train)];
        self.ranking_of_rows(saved, rows, &known, Role::Valid)
    }

    fn ranking_of_rows(
        &self,
        saved: &AnyRecommender,
        rows: &Ratings,
        known: &[Ratings],
        role: Role,
    ) -> Result<Option<Measures>, ExperimentError> {
        match saved {
            AnyRecommender::Classical(saved) => self.whole_ranking(saved, rows, role),
            AnyRecommender::Network(saved) => {
                let Some(at) = self.training.ranks_at().filter(|_| !rows.is_empty()) else {
                    return Ok(None);
                };
                let known: Vec<&Ratings> = known.iter().collect();
                let judge = ranking(saved.items(), rows, &known, at, saved.features());
                Ok(Some(judge.judge(saved.model(), self.training.loss)?))
            }
        }
    }

    /// Refuses contradictory settings, before anything is trained.
    pub(super) fn check_objective(&self) -> Result<(), ExperimentError> {
        let training = &self.training;
        let positives = training.examples.are_positives();
        let examples = training.examples;
        if training.negatives.is_some() && !examples.have_negatives() {
            return Err(ExperimentError::NegativesOfRatings { examples });
        }
        if training.hidden != 0.0 && examples != ExampleKind::Profiles {
            return Err(ExperimentError::HiddenOfOthers { examples });
        }
        self.negatives()?;
        if training.loss.ranks() && !positives {
            let loss = training.loss;
            return Err(TrainError::NoNegatives { loss }.into());
        }
        match &training.watch {
            Some(watch) if positives && watch.is_of_ratings() => {
                Err(ExperimentError::RatingsOfPositives {
                    watch: watch.clone(),
                    examples: training.examples,
                })
            }
            _ => Ok(()),
        }
    }
}

/// Ranks these items, without those that users have in the `known` rows.
fn ranking<'a>(
    items: &IdMap<ItemIx>,
    part: &'a Ratings,
    known: &[&Ratings],
    at: usize,
    features: &'a Features,
) -> FullRanking<'a> {
    FullRanking::new(part, known, items.rows(), at)
        .among(items.iter().map(|(item, _)| item))
        .with_features(features)
}
