//! Ranked lists as validation: the ranks of the held-out items among all items.

use crate::error::TrainError;
use crate::evaluate::Judge;
use recburn_data::{ByUser, DataError, Features, Fingerprint, Known, Ratings};
use recburn_metrics::Measures;
use recburn_metrics::Places;
use recburn_nn::{Model, device_of, score_batch};
use recburn_optim::Loss;
use recburn_schema::{Batch, Candidates, Column, Input, ItemIx, UserIx};

/// Users scored at a time.
const USERS: usize = 64;

/// Ranks the whole catalogue, except for items already known, for every user with held-out items, and measures the
/// ranks of the held-out items: `ndcg@k`, `recall@k`, `hit@k` and `mrr@k`, each the mean over these users.
///
/// On ties, the held-out item is ranked last, so that a model with a constant score gains nothing.
#[derive(Clone, Debug)]
pub struct FullRanking<'a> {
    held_out: &'a Ratings,
    known: Known,
    items: usize,
    at: usize,
    features: Option<&'a Features>,
    /// Whether each row is an item; empty if all are.
    is_item: Vec<bool>,
}

impl<'a> FullRanking<'a> {
    /// Evaluates lists of `at` out of `items` items; items that a user has in `known` are excluded.
    pub fn new(held_out: &'a Ratings, known: &[&Ratings], items: usize, at: usize) -> Self {
        Self {
            held_out,
            known: Known::of(known),
            items,
            at,
            features: None,
            is_item: Vec::new(),
        }
    }

    /// Restricts the lists to these items. If ids are rows, rows without an id are not items.
    pub fn among(self, items: impl IntoIterator<Item = ItemIx>) -> Self {
        let mut is_item = vec![false; self.items];
        for item in items {
            if let Some(is_item) = is_item.get_mut(item.index()) {
                *is_item = true;
            }
        }
        Self { is_item, ..self }
    }

    /// For models that read features.
    pub fn with_features(self, features: &'a Features) -> Self {
        Self {
            features: Some(features),
            ..self
        }
    }

    /// The ranks of a user's held-out items among the candidates, ascending.
    fn places(&self, user: UserIx, relevant: &[ItemIx], scores: &[f32]) -> Vec<usize> {
        let known = |item: usize| {
            self.known.contains(user, ItemIx(item as u32)) || self.is_item.get(item) == Some(&false)
        };
        let candidates = (0..scores.len()).filter(|&item| !known(item));
        let mut sorted: Vec<f32> = candidates.map(|item| scores[item]).collect();
        sorted.sort_unstable_by(|left, right| right.total_cmp(left));
        let mut own: Vec<f32> = relevant
            .iter()
            .filter(|item| !known(item.index()))
            .map(|item| scores[item.index()])
            .collect();
        own.sort_unstable_by(|left, right| right.total_cmp(left));
        // After every score that is at least as high, and after the user's own ones before it.
        let last = |score: f32| sorted.partition_point(|other| other.total_cmp(&score).is_ge());
        let mut places: Vec<usize> = own
            .iter()
            .map(|&score| last(score).saturating_sub(1))
            .collect();
        // Two items with equal scores have adjacent ranks.
        for at in (0..places.len().saturating_sub(1)).rev() {
            places[at] = places[at].min(places[at + 1].saturating_sub(1));
        }
        places
    }
}

impl<M: Model> Judge<M> for FullRanking<'_> {
    fn check(&self, wanted: &[Input]) -> Result<(), DataError> {
        if self.held_out.is_empty() {
            return Err(DataError::NoRatings);
        }
        let rows = |is: fn(&Input) -> bool| {
            let input = wanted.iter().find(|input| is(input));
            input
                .and_then(|input| input.kind.rows())
                .unwrap_or(usize::MAX)
        };
        self.held_out
            .check(rows(Input::is_users), rows(Input::is_items).min(self.items))
    }

    fn judge(&self, model: &M, _: Loss) -> Result<Measures, TrainError> {
        let model = model.valid();
        let (inputs, device) = (model.inputs(), device_of(&model));
        let by_user = ByUser::of(self.held_out);
        let none = Features::default();
        let mut gather = self.features.unwrap_or(&none).gather(&inputs)?;
        let judged: Vec<(UserIx, &[ItemIx])> = by_user
            .iter()
            .filter(|(_, items)| !items.is_empty())
            .collect();
        let mut sums = [0.0; 4];
        for users in judged.chunks(USERS) {
            let mut batch = Batch {
                queries: users.len(),
                candidates: Candidates::Shared(self.items),
                users: Column::plain(users.iter().map(|(user, _)| user.0).collect()),
                items: Column::plain((0..self.items as u32).collect()),
                ..Batch::default()
            };
            gather.fill(&mut batch);
            let scores = score_batch(&model, &inputs, &batch, &device);
            for ((user, relevant), scores) in users.iter().zip(scores.chunks_exact(self.items)) {
                let of_relevant = self.places(*user, relevant, scores);
                let places = Places {
                    of_relevant: &of_relevant,
                    relevant: relevant.len(),
                };
                let own = [
                    places.ndcg(self.at),
                    places.recall(self.at),
                    places.hit(self.at),
                    places.reciprocal_rank(self.at),
                ];
                for (sum, own) in sums.iter_mut().zip(own) {
                    *sum += own;
                }
            }
        }
        let names = ["ndcg", "recall", "hit", "mrr"].map(|name| format!("{name}@{}", self.at));
        let means = sums.map(|sum| sum / judged.len().max(1) as f64);
        Ok(names.into_iter().zip(means).collect())
    }

    fn fingerprint(&self) -> Fingerprint {
        self.held_out.fingerprint()
    }
}
