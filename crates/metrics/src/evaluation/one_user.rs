//! The measures of one user after another.

use super::RankingEvaluator;
use crate::error::RankingError;
use crate::gain::{Discounts, Gain};
use crate::items_of::collect;
use crate::lists::diversity;
use crate::order::{self, select};
use crate::ranks::{Ranks, normalised};

/// The names of a user's measures, in the order of [`Worker::rows`].
pub(super) fn names(evaluator: &RankingEvaluator<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for k in &evaluator.cutoffs {
        let mut own = vec![
            "ndcg",
            "ndcg_tied",
            "recall",
            "recall_min",
            "precision",
            "hit",
            "mrr",
            "map",
        ];
        if evaluator.relevance.is_some() {
            own.extend(["ndcg_linear", "ndcg_exp"]);
        }
        if evaluator.distance.is_some() {
            own.push("diversity");
        }
        names.extend(own.iter().map(|name| format!("{name}@{k}")));
    }
    names.extend(["mrr", "map", "auc"].map(String::from));
    names
}

/// Measures users, in memory that it reuses.
pub(super) struct Worker<'a> {
    evaluator: &'a RankingEvaluator<'a>,
    discounts: &'a Discounts,
    ranks: Ranks,
    known: Vec<u32>,
    relevant: Vec<u32>,
    candidates: Vec<u32>,
    best: Vec<u64>,
    list: Vec<u32>,
    linear: Vec<f64>,
    exponential: Vec<f64>,
    sorted: Vec<f64>,
    /// The measures of the users of the block, row by row.
    pub(super) rows: Vec<f64>,
    /// Users of the block with a score that is NaN.
    pub(super) nan_users: usize,
    /// For each cut-off, the number of lists that hold each item between the cut-off before and this one.
    pub(super) lists: Vec<u32>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(evaluator: &'a RankingEvaluator<'a>, discounts: &'a Discounts) -> Self {
        Self {
            evaluator,
            discounts,
            ranks: Ranks::default(),
            known: Vec::new(),
            relevant: Vec::new(),
            candidates: Vec::new(),
            best: Vec::new(),
            list: Vec::new(),
            linear: Vec::new(),
            exponential: Vec::new(),
            sorted: Vec::new(),
            rows: Vec::new(),
            nan_users: 0,
            lists: vec![0; evaluator.cutoffs.len() * evaluator.items],
        }
    }

    /// Measures these users, whose scores are overwritten.
    pub(super) fn measure(
        &mut self,
        users: &[u32],
        scores: &mut [f32],
    ) -> Result<(), RankingError> {
        self.rows.clear();
        self.nan_users = 0;
        for (&user, scores) in users
            .iter()
            .zip(scores.chunks_exact_mut(self.evaluator.items))
        {
            self.user(user, scores)?;
        }
        Ok(())
    }

    fn user(&mut self, user: u32, scores: &mut [f32]) -> Result<(), RankingError> {
        collect(self.evaluator.relevant, user, &mut self.relevant);
        self.known.clear();
        if let Some(known) = self.evaluator.known {
            collect(known, user, &mut self.known);
        }
        let items = self.evaluator.items;
        for own in [&self.relevant, &self.known] {
            match own.last() {
                Some(&item) if item as usize >= items => {
                    return Err(RankingError::Item { item, items });
                }
                _ => {}
            }
        }
        let candidates = compact(scores, &self.known);
        let scores = &scores[..candidates];
        // Not `any`, which stops at the first and so cannot compare several at a time.
        let nan = scores.iter().fold(false, |any, score| any | score.is_nan());
        self.nan_users += usize::from(nan);
        self.grade(user)?;
        self.ranks
            .fill(scores, &self.candidates, self.relevant.len());
        self.top(scores);
        self.row();
        Ok(())
    }

    /// The relevant items as positions among the candidates, and their gains: first those that are candidates.
    fn grade(&mut self, user: u32) -> Result<(), RankingError> {
        self.candidates.clear();
        self.linear.clear();
        self.exponential.clear();
        let mut before = 0;
        for &item in &self.relevant {
            while self.known.get(before).is_some_and(|&known| known < item) {
                before += 1;
            }
            if self.known.get(before) != Some(&item) {
                self.candidates.push(item - before as u32);
            }
        }
        let Some(relevance) = self.evaluator.relevance else {
            return Ok(());
        };
        let is_known = |item: &u32| self.known.binary_search(item).is_ok();
        let found = self.relevant.iter().filter(|&item| !is_known(item));
        let missing = self.relevant.iter().filter(|&item| is_known(item));
        for &item in found.chain(missing) {
            let relevance = relevance(user, item);
            self.linear.push(Gain::Linear.checked(relevance)?);
            self.exponential.push(Gain::Exponential.checked(relevance)?);
        }
        Ok(())
    }

    /// The list, and the counts of the items in it.
    fn top(&mut self, scores: &[f32]) {
        let cutoffs = &self.evaluator.cutoffs;
        let longest = cutoffs.last().copied().unwrap_or(0);
        select(scores, longest, &mut self.best);
        self.list.clear();
        let items = self
            .best
            .iter()
            .map(|&entry| item_of(order::item(entry), &self.known));
        self.list.extend(items);
        let mut from = 0;
        for (k, counts) in cutoffs
            .iter()
            .zip(self.lists.chunks_exact_mut(self.evaluator.items))
        {
            let to = self.list.len().min(*k);
            for &item in &self.list[from..to] {
                counts[item as usize] += 1;
            }
            from = to;
        }
    }

    fn row(&mut self) {
        let (places, discounts) = (self.ranks.places(), self.discounts);
        let within = |k: usize| places.of_relevant.partition_point(|&place| place < k);
        for &k in &self.evaluator.cutoffs {
            let (hits, most) = (within(k), places.relevant.min(k));
            let found = places.of_relevant[..hits].iter();
            let gained: f64 = found.map(|&place| discounts.at(place)).sum();
            let best = discounts.sum(0..most);
            let averaged = self.ranks.averaged_dcg(|_| 1.0, k, discounts);
            self.rows.extend([
                gained / best,
                (averaged / best).min(1.0),
                hits as f64 / places.relevant as f64,
                hits as f64 / most as f64,
                hits as f64 / k as f64,
                places.hit(k),
                places.reciprocal_rank(k),
                places.average_precision(k),
            ]);
            if self.evaluator.relevance.is_some() {
                for gains in [&self.linear, &self.exponential] {
                    let gained = self.ranks.dcg(gains, k, discounts);
                    self.sorted.clone_from(gains);
                    self.rows
                        .push(normalised(gained, &mut self.sorted, k, discounts));
                }
            }
            if let Some(distance) = self.evaluator.distance {
                let list = &self.list[..self.list.len().min(k)];
                self.rows
                    .push(diversity(list, distance).unwrap_or(f64::NAN));
            }
        }
        self.rows.extend([
            places.reciprocal_rank(usize::MAX),
            places.average_precision(usize::MAX),
            self.ranks.auc().unwrap_or(f64::NAN),
        ]);
    }
}

/// Moves the scores of the candidates to the front, and returns their number.
fn compact(scores: &mut [f32], known: &[u32]) -> usize {
    let mut end = 0;
    let mut from = 0;
    for &item in known {
        let item = item as usize;
        scores.copy_within(from..item, end);
        end += item - from;
        from = item + 1;
    }
    let rest = scores.len() - from;
    scores.copy_within(from.., end);
    end + rest
}

/// The item of a position among the candidates.
fn item_of(at: u32, known: &[u32]) -> u32 {
    // `known[i] - i` candidates come before the i-th known item, which never decreases with i.
    let (mut low, mut high) = (0, known.len());
    while low < high {
        let middle = low.midpoint(high);
        match known[middle] - middle as u32 <= at {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    at + low as u32
}
