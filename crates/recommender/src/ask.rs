//! Scores for profiles.

use crate::error::RecommenderError;
use crate::evaluate::BATCH;
use crate::fold::{Asked, Folding, Own, of_users};
use crate::of_all::{Sums, of_all};
use crate::predict::Prediction;
use crate::profile::{Profile, Who};
use crate::recommender::Recommender;
use recburn_data::{Batch, Feature, FeatureValues, Features, Input, ItemIx, Kind, Side, UserIx};
use recburn_nn::Model;
use std::sync::Arc;

impl<M: Model + Sync> Recommender<M> {
    /// Asks the model as a visitor.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Asked<'_, M>) -> T) -> T {
        let inputs = self.model.inputs();
        let of_others: Vec<Input> = inputs
            .iter()
            .filter(|input| input.side != Side::User)
            .cloned()
            .collect();
        let gather = self.features.gather(&of_others);
        let gather = gather.expect("a recommender has the features of its model");
        let fill = |batch: &mut Batch| gather.clone().fill(batch);
        let folding = self.folding();
        question(&Asked::new(&self.model, &inputs, &folding.places, &fill))
    }

    /// The scores of these items for somebody.
    pub(crate) fn scores_for(&self, who: &Who, items: &[ItemIx]) -> Vec<f32> {
        match who {
            Who::User(user) => self.scores_of(*user, items),
            Who::Visitor(visitor) => self.ask(|asked| asked.scores(visitor, items, BATCH)),
            Who::Scores(scores) => items.iter().map(|item| scores[item.index()]).collect(),
        }
    }

    /// The predicted rating of an item.
    ///
    /// # Errors
    /// An unknown item; a profile from a model with other tables.
    pub fn predict_for(
        &self,
        profile: &Profile,
        item: &str,
    ) -> Result<Prediction, RecommenderError> {
        self.own_profile(profile)?;
        let item = self.library.item(item)?;
        let score = self.scores_for(&profile.who, &[item])[0];
        Ok(self.library.prediction(
            score,
            u32::try_from(profile.ratings).unwrap_or(u32::MAX),
            item,
        ))
    }

    /// The predicted ratings of items, not clipped to the scale.
    ///
    /// # Errors
    /// A profile from a model with other tables.
    ///
    /// # Panics
    /// If an item is beyond the model's tables.
    pub fn stars_for(
        &self,
        profile: &Profile,
        items: &[ItemIx],
    ) -> Result<Vec<f32>, RecommenderError> {
        self.own_profile(profile)?;
        let scores = self.scores_for(&profile.who, items);
        Ok(scores
            .into_iter()
            .map(|score| self.library.centre.restore(score))
            .collect())
    }

    /// Stops at a profile that was made by a model of other tables.
    pub(crate) fn own_profile(&self, profile: &Profile) -> Result<(), RecommenderError> {
        let folding = self.folding();
        let own = folding
            .tables
            .iter()
            .map(|table| (table.name.as_str(), table.place.len()));
        let theirs = profile
            .rows
            .iter()
            .map(|row| (row.table.as_str(), row.values.len()));
        let known = match profile.who {
            Who::User(user) => user.index() < self.library.users.rows(),
            Who::Visitor(_) => true,
            Who::Scores(_) => false,
        };
        match known && own.eq(theirs) {
            true => Ok(()),
            false => Err(RecommenderError::OtherProfile),
        }
    }

    /// What fold-ins need to know of the model; made when it is first asked for.
    pub(crate) fn folding(&self) -> Arc<Folding> {
        let folding = self.folding.get_or_init(|| self.folding_of_all(&|_| {}));
        folding.clone()
    }

    /// The same for all parts together, of which this is one.
    pub(crate) fn folding_of_all(&self, sums: &Sums<'_>) -> Arc<Folding> {
        let users = self.library.users.iter().map(|(user, _)| user);
        let trained: Vec<UserIx> = users
            .filter(|&user| self.library.seen.trained_of_user(user) > 0)
            .collect();
        let inputs = self.model.inputs();
        Arc::new(Folding::new(
            &self.model,
            &inputs,
            &self.features,
            &trained,
            self.noise().variance,
            self.all_users.as_deref(),
            sums,
        ))
    }

    /// The other inputs of the user's side: those of the user, or neutral ones, with the ratings in the histories.
    pub(crate) fn own(&self, user: Option<UserIx>, rated: &[(ItemIx, f32)]) -> Vec<Own> {
        let inputs = self.model.inputs();
        let own = of_users(&inputs).filter_map(|(_, input)| {
            let feature = self.features.find(&input.name)?;
            let value = match user {
                Some(user) => value_of(feature, user),
                None => self.neutral(feature, &|_| {}),
            };
            Some(match input.name.as_str() {
                Features::HISTORY | Features::RECENT => {
                    self.with_rated(value, &input.kind, rated, false)
                }
                Features::RATED_HISTORY => self.with_rated(value, &input.kind, rated, true),
                _ => value,
            })
        });
        own.collect()
    }

    /// What stands for a value that nobody knows.
    pub(crate) fn neutral(&self, feature: &Feature, sums: &Sums<'_>) -> Own {
        match &feature.values {
            FeatureValues::Ids(_) => Own::Id(None),
            FeatureValues::Lists(_) => Own::List(Vec::new(), Vec::new()),
            FeatureValues::Numbers(numbers) => {
                let width = match feature.input.kind {
                    Kind::Numbers { width } => width,
                    Kind::Id { .. } | Kind::Bag { .. } | Kind::Sequence { .. } => 1,
                };
                let known = self.all_users.as_ref();
                let known = known.and_then(|known| known.numbers.get(&feature.input.name));
                if let Some(known) = known.filter(|known| known.len() == width) {
                    return Own::Numbers(known.clone());
                }
                let (mut whole, mut count) = (vec![0.0_f64; width], 0);
                for (user, _) in self.library.users.iter() {
                    let from = user.index() * width;
                    if let Some(own) = numbers.get(from..from + width) {
                        count += 1;
                        let pairs = whole.iter_mut().zip(own);
                        pairs.for_each(|(sum, number)| *sum += f64::from(*number));
                    }
                }
                sums(&mut whole);
                let count = of_all(count, sums).max(1) as f64;
                let mean = |sum: &f64| (sum / count) as f32;
                Own::Numbers(whole.iter().map(mean).collect())
            }
        }
    }

    /// A list of items with those that have been rated behind the others; of a sequence the last ones.
    fn with_rated(&self, list: Own, kind: &Kind, rated: &[(ItemIx, f32)], weighted: bool) -> Own {
        let Own::List(ids, weights) = list else {
            return list;
        };
        let is_new = |id: u32| !rated.iter().any(|&(item, _)| item.0 == id);
        let weight = |at: usize| weights.get(at).copied().unwrap_or(1.0);
        let old = ids.iter().enumerate().map(|(at, &id)| (id, weight(at)));
        let mut all: Vec<(u32, f32)> = old.filter(|&(id, _)| is_new(id)).collect();
        let before = all.len();
        all.extend(
            rated
                .iter()
                .map(|&(item, stars)| (item.0, stars - self.library.centre.mean)),
        );
        let length = match kind {
            Kind::Sequence { length, .. } => *length,
            Kind::Id { .. } | Kind::Bag { .. } | Kind::Numbers { .. } => {
                // A bag has no order.
                all[before..].sort_unstable_by_key(|&(item, _)| item);
                usize::MAX
            }
        };
        let last = &all[all.len().saturating_sub(length)..];
        let weights = last.iter().map(|&(_, weight)| weight);
        Own::List(
            last.iter().map(|&(id, _)| id).collect(),
            weights.filter(|_| weighted).collect(),
        )
    }
}

/// A known user's value of a feature.
fn value_of(feature: &Feature, user: UserIx) -> Own {
    let at = user.index();
    match &feature.values {
        FeatureValues::Ids(ids) => Own::Id(Some(ids[at])),
        FeatureValues::Lists(lists) => {
            let weights = lists.weights(at).unwrap_or_default();
            Own::List(lists.ids(at).to_vec(), weights.to_vec())
        }
        FeatureValues::Numbers(numbers) => {
            let width = numbers.len() / feature.rows().max(1);
            Own::Numbers(numbers[at * width..][..width].to_vec())
        }
    }
}
