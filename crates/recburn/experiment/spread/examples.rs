//! Training examples and validation on several processes.

use super::{Experiment, ExperimentError, SpreadPrepared};
use crate::data::{DataError, Featured, Features, Implicit, Input, ItemIx, NextItem, Whole};
use crate::nn::Model;
use crate::recipe::ExampleKind;
use crate::spread::{Placed, sum, sum_whole};
use crate::train::{Judge, SpreadJudge, SpreadRanking};

impl SpreadPrepared {
    /// The features for a model that reads these inputs, with the histories of the training part and a typical value of each
    /// of its columns. All processes call it.
    pub(super) fn features(&self, inputs: &[Input]) -> Result<Features, ExperimentError> {
        let mut features = self.features.clone();
        if inputs.iter().any(Input::is_history) {
            let (users, items) = (self.spread.users().rows(), self.spread.items().rows());
            features.set_histories(self.train.ratings(), users, items)?;
        }
        if inputs.iter().any(|input| input.name == Input::RATERS) {
            let (train, ranks) = (&self.train, self.spread.ranks());
            let counts = train.popularity(ranks);
            self.spread.read_raters(train.ratings(), counts);
        }
        let sums = |numbers: &mut [f64]| sum(self.spread.ranks(), numbers);
        for column in &self.train.ratings().others {
            features.add(column.typical_of_part(&sums))?;
        }
        Ok(features)
    }
}

impl Experiment {
    /// The training examples of this process. All processes call it.
    pub(super) fn spread_examples<'a>(
        &self,
        prepared: &'a SpreadPrepared,
        features: &'a Features,
    ) -> Result<Placed<'a>, ExperimentError> {
        let (train, ranks) = (&prepared.train, prepared.spread.ranks());
        let ratings = train.ratings();
        // Every item of the data can be a negative, even if nobody has it in the training part.
        let catalogue = || {
            let items = prepared.spread.items().iter();
            items.map(|(item, _): (ItemIx, _)| item)
        };
        let examples = self.training.examples;
        let how = || -> Result<String, ExperimentError> {
            Ok(format!("{examples} {}", self.negatives()?))
        };
        let whole = |whole: Result<Whole<'a>, DataError>| -> Result<Placed<'a>, ExperimentError> {
            let whole = whole?.with_features(features);
            let users = whole.members();
            let count = sum_whole(ranks, users.len() as u64);
            let how = format!("{examples} {}", self.training.hidden);
            Ok(Placed::users(train, Box::new(whole), &users, count, &how))
        };
        Ok(match examples {
            ExampleKind::Positives => {
                let positives = Implicit::with(ratings, self.negatives()?, &[], catalogue())?;
                let positives = positives.as_popular_as(&train.popularity(ranks));
                let positives = Box::new(positives.with_features(features));
                Placed::ratings(train, positives, &how()?)
            }
            ExampleKind::NextItem => {
                let next = NextItem::with(ratings, self.negatives()?, &[], catalogue())?;
                let next = next.as_popular_as(&train.popularity(ranks));
                let next = next.with_features(features);
                let users = next.users().to_vec();
                let count = sum_whole(ranks, users.len() as u64);
                Placed::users(train, Box::new(next), &users, count, &how()?)
            }
            ExampleKind::WholeUsers => whole(Whole::users(ratings))?,
            ExampleKind::Profiles => {
                let profiles = Whole::profiles(ratings)?.among(catalogue());
                whole(profiles.hiding(self.training.hidden))?
            }
            ExampleKind::WholeItems => {
                let whole = Whole::items(ratings)?.with_keys(train.places());
                let items = whole.members();
                let whole = Box::new(whole.with_features(features));
                let popularity = train.popularity(ranks);
                Placed::items(train, whole, &items, &popularity, &examples.to_string())
            }
            ExampleKind::Ratings => {
                Placed::ratings(train, Box::new(Featured::new(ratings, features)), "")
            }
        })
    }

    /// The validation after each epoch; `None` without a validation part.
    pub(super) fn spread_judge<'a, M: Model>(
        &self,
        prepared: &'a SpreadPrepared,
        features: &'a Features,
    ) -> Option<Box<dyn Judge<M> + 'a>> {
        let (valid, spread) = (&prepared.valid, prepared.spread.clone());
        if valid.count() == 0 {
            return None;
        }
        Some(match self.training.ranks_at() {
            Some(at) => {
                let held_out = (valid.ratings(), valid.fingerprint());
                let known = [prepared.train.ratings()];
                Box::new(SpreadRanking::new(spread, held_out, &known, at, features))
            }
            None => {
                let examples = Box::new(Featured::new(valid.ratings(), features));
                Box::new(SpreadJudge::new(
                    spread,
                    Placed::ratings(valid, examples, ""),
                ))
            }
        })
    }
}
