//! Ranked lists as validation: the ranks of the held-out items among all items.

use crate::error::TrainError;
use crate::evaluate::Judge;
use recburn_data::{DataError, Features, Fingerprint, Known, Ratings};
use recburn_metrics::{Measures, RankingEvaluation, RankingEvaluator, UserItems};
use recburn_nn::{Catalogue, Model, device_of, score_batch};
use recburn_optim::Loss;
use recburn_schema::{Batch, Candidates, Column, Input, ItemIx, UserIx};
use std::convert::Infallible;

/// Users scored at a time.
const USERS: usize = 64;

/// Ranks the whole catalogue, except for items already known, for every user with held-out items, and measures the
/// ranks of the held-out items: `ndcg@k`, `recall@k`, `hit@k` and `mrr@k`, each the mean over these users.
///
/// The formulas are those of [`RankingEvaluator`], which also evaluates other measures, and so is the order of equal
/// scores: that of the items' rows. A score that is NaN is ranked last. A held-out item that is also known is counted, and
/// never found; one that is held out twice counts once.
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

    /// Pushes the items that are not candidates for a user, ascending: those that are known, and the rows that are not
    /// items.
    fn push_left_out(&self, user: UserIx, no_items: &[u32], out: &mut Vec<u32>) {
        let known = self.known.items(user).iter().map(|item| item.0);
        // The model has no score for those beyond.
        let known = known.take_while(|&item| (item as usize) < self.items);
        let mut others = no_items.iter().copied().peekable();
        for item in known {
            while let Some(row) = others.next_if(|&row| row <= item) {
                out.push(row);
            }
            out.push(item);
        }
        out.extend(others);
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
        let no_features = Features::default();
        let mut gather = self.features.unwrap_or(&no_features).gather(&inputs)?;
        let pairs = self.held_out.users.iter().zip(&self.held_out.items);
        let relevant = UserItems::of(pairs.map(|(user, item)| (user.0, item.0)));
        let rows = (0_u32..).zip(&self.is_item);
        let no_items: Vec<u32> = rows.filter(|(_, is)| !**is).map(|(row, _)| row).collect();
        let left_out =
            |user, items: &mut Vec<u32>| self.push_left_out(UserIx(user), &no_items, items);
        let evaluator = RankingEvaluator::new(relevant.users(), self.items, &relevant)
            .leaving_out(&left_out)
            .at([self.at])
            .block(USERS);
        let names = ["ndcg", "recall", "hit", "mrr"].map(|name| format!("{name}@{}", self.at));
        let measures = |evaluation: RankingEvaluation| {
            let named = |name: &String| (name.clone(), evaluation.means[name.as_str()]);
            Ok(names.iter().map(named).collect())
        };
        let items: Vec<u32> = (0..self.items as u32).collect();
        let mut fill = |batch: &mut Batch| gather.fill(batch);
        if let Some(catalogue) = Catalogue::new(&model, &items, &mut fill) {
            let users = (0..relevant.users() as u32).filter(|&user| !relevant.get(user).is_empty());
            let scores = catalogue.for_users(&model, users.collect(), &mut fill);
            let evaluation = evaluator.evaluate(|users, into| {
                scores.write(users, into);
                Ok::<(), Infallible>(())
            })?;
            return measures(evaluation);
        }
        let mut batch = Batch {
            candidates: Candidates::Shared(self.items),
            items: Column::plain(items),
            ..Batch::default()
        };
        let score = |users: &[u32], scores: &mut [f32]| {
            batch.queries = users.len();
            batch.users = Column::plain(users.to_vec());
            gather.fill(&mut batch);
            scores.copy_from_slice(&score_batch(&model, &inputs, &batch, &device));
            Ok::<(), Infallible>(())
        };
        measures(evaluator.evaluate_serial(score)?)
    }

    fn fingerprint(&self) -> Fingerprint {
        self.held_out.fingerprint()
    }
}
