//! Ranked lists as validation on several processes.

use crate::error::TrainError;
use crate::evaluate::Judge;
use crate::spread::Spread;
use crate::spread_scores::Scores;
use recburn_data::{DataError, Features, Fingerprint, Known, Ratings};
use recburn_metrics::{Measures, Places, UserItems, rank_order};
use recburn_nn::Model;
use recburn_optim::Loss;
use recburn_schema::{Batch, Candidates, Column, Input, UserIx};
use recburn_spread::{number_of, or, owned_by, sum, without_rows};
use std::rc::Rc;

/// Users scored at a time, and items.
const USERS: usize = 512;
const ITEMS: usize = 512;

/// Ranks the whole catalogue, except for items already known, for every user with held-out items, as
/// [`FullRanking`](crate::FullRanking) does on one process.
///
/// The users of a process stay where they are, and blocks of items come to them: each process begins with its own items
/// and goes on to those of the next one, round the ring, so that every owner is asked by one process at a time. Only the
/// best items of each user are kept.
pub struct SpreadRanking<'a> {
    spread: Rc<Spread>,
    held_out: &'a Ratings,
    fingerprint: Fingerprint,
    known: Known,
    at: usize,
    features: &'a Features,
}

/// The best items of a user so far, best first, with their scores.
#[derive(Clone, Default)]
struct Best(Vec<(f32, u32)>);

impl Best {
    fn add(&mut self, entry: (f32, u32), most: usize) {
        let place = self
            .0
            .partition_point(|own| rank_order(*own, entry).is_lt());
        if place < most {
            self.0.truncate(most - 1);
            self.0.insert(place, entry);
        }
    }
}

impl<'a> SpreadRanking<'a> {
    /// Evaluates lists of `at` items for the users at home; items that they have in `known` are excluded. The fingerprint is
    /// that of the held-out ratings of all processes.
    pub fn new(
        spread: Rc<Spread>,
        (held_out, fingerprint): (&'a Ratings, Fingerprint),
        known: &[&Ratings],
        at: usize,
        features: &'a Features,
    ) -> Self {
        Self {
            spread,
            held_out,
            fingerprint,
            known: Known::of(known),
            at,
            features,
        }
    }

    /// The best items of these users, block by block. All processes call it, and some may have no users.
    fn best(
        &self,
        scores: &mut Scores<'_>,
        users: &[u32],
        fill: &mut dyn FnMut(&mut Batch),
    ) -> Vec<Best> {
        let ranks = self.spread.ranks();
        let (rank, size) = (ranks.rank(), ranks.size());
        let items = self.spread.items.rows();
        let mut best = vec![Best::default(); users.len()];
        for round in 0..size {
            let owner = (rank + round) % size;
            let own = owned_by(owner, items, size);
            // The first process owns most, so all have as many blocks as it has.
            for from in (0..owned_by(0, items, size)).step_by(ITEMS) {
                let rows = from.min(own) as u32..(from + ITEMS).min(own) as u32;
                let block: Vec<u32> = rows.map(|row| number_of(row, owner, size)).collect();
                let mut batch = Batch {
                    queries: match block.is_empty() {
                        true => 0,
                        false => users.len(),
                    },
                    candidates: Candidates::Shared(block.len()),
                    users: Column::plain(users.to_vec()),
                    items: Column::plain(block.clone()),
                    ..Batch::default()
                };
                fill(&mut batch);
                let Some(scores) = scores.of(&batch) else {
                    continue;
                };
                if batch.is_empty() {
                    continue;
                }
                let of_users = scores.chunks_exact(block.len()).zip(users);
                for (best, (scores, &user)) in best.iter_mut().zip(of_users) {
                    let known = self.known.items(UserIx(user));
                    for (&score, &item) in scores.iter().zip(&block) {
                        let place = known.binary_search_by_key(&item, |known| known.0);
                        if place.is_err() {
                            best.add((score, item), self.at);
                        }
                    }
                }
            }
        }
        best
    }
}

impl<M: Model> Judge<M> for SpreadRanking<'_> {
    fn check(&self, _: &[Input]) -> Result<(), DataError> {
        let (users, items) = (self.spread.users.rows(), self.spread.items.rows());
        self.held_out.check(users, items)
    }

    fn judge(&self, model: &M, _: Loss) -> Result<Measures, TrainError> {
        let model = model.valid();
        let mut scores = Scores::new(&self.spread, &model)?;
        let mut gather = self.features.gather(&without_rows(&model.inputs()))?;
        let mut fill = |batch: &mut Batch| gather.fill(batch);
        let pairs = self.held_out.users.iter().zip(&self.held_out.items);
        let relevant = UserItems::of(pairs.map(|(user, item)| (user.0, item.0)));
        let all = 0..relevant.users() as u32;
        let all: Vec<u32> = all.filter(|&user| !relevant.get(user).is_empty()).collect();
        let ranks = self.spread.ranks();
        // Users, and the sums of the four measures over them.
        let mut sums = [0.0; 5];
        let mut rest = &all[..];
        loop {
            let (users, others) = rest.split_at(rest.len().min(USERS));
            rest = others;
            for (user, best) in users.iter().zip(self.best(&mut scores, users, &mut fill)) {
                let mut wanted = relevant.get(*user).to_vec();
                wanted.dedup();
                let list = best.0.iter().enumerate();
                let hits = list.filter(|(_, (_, item))| wanted.contains(item));
                let of_relevant: Vec<usize> = hits.map(|(place, _)| place).collect();
                let places = Places {
                    of_relevant: &of_relevant,
                    relevant: wanted.len(),
                };
                let (ndcg, recall) = (places.ndcg(self.at), places.recall(self.at));
                let (hit, mrr) = (places.hit(self.at), places.reciprocal_rank(self.at));
                for (sum, own) in sums.iter_mut().zip([1.0, ndcg, recall, hit, mrr]) {
                    *sum += own;
                }
            }
            if !or(ranks, !rest.is_empty()) {
                break;
            }
        }
        sum(ranks, &mut sums);
        let [users, measured @ ..] = sums;
        let names = ["ndcg", "recall", "hit", "mrr"].into_iter().zip(measured);
        let mean = |(name, sum): (&str, f64)| (format!("{name}@{}", self.at), sum / users.max(1.0));
        Ok(names.map(mean).collect())
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}
