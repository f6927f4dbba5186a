//! The targets of the scores of a batch.

use recburn_schema::Batch;

/// The goal of a matrix of scores, `[queries, candidates]`: target numbers, or the position of each query's positive
/// among its candidates.
#[derive(Clone, Copy, Debug)]
pub struct Goal<'a> {
    /// Rows of scores.
    pub queries: usize,
    /// Scores per row.
    pub candidates: usize,
    /// One number per score; empty if there are positives.
    pub targets: &'a [f32],
    /// The position of each query's positive; empty if it is always the first. The other candidates should score low.
    pub positives: &'a [u32],
    /// Positions in the matrix of scores that do not count, ascending.
    pub left_out: &'a [u32],
    /// Subtracted from the scores before a softmax: one number per candidate if all queries share them, or one per
    /// score; empty for none.
    pub log_q: &'a [f32],
    /// The weight of each query; empty if all are 1.
    pub weights: &'a [f32],
}

impl<'a> Goal<'a> {
    /// The goal with one target number per score.
    pub fn of_targets(targets: &'a [f32]) -> Self {
        Self {
            queries: targets.len(),
            candidates: 1,
            targets,
            positives: &[],
            left_out: &[],
            log_q: &[],
            weights: &[],
        }
    }

    /// The goal of a batch.
    pub fn of(batch: &'a Batch) -> Self {
        Self {
            queries: batch.queries,
            candidates: batch.candidates.per_query(),
            targets: &batch.targets,
            positives: &batch.positives,
            left_out: &batch.left_out,
            log_q: &batch.log_q,
            weights: &batch.weights,
        }
    }

    /// The weight of a query.
    #[inline(always)]
    pub fn weight(&self, query: usize) -> f32 {
        self.weights.get(query).copied().unwrap_or(1.0)
    }

    /// The sum of the weights of all queries.
    pub fn total_weight(&self) -> f64 {
        match self.weights.is_empty() {
            true => self.queries as f64,
            false => self.weights.iter().map(|&weight| f64::from(weight)).sum(),
        }
    }

    /// Whether each query has one score and all have equal weight: a batch of ratings.
    pub fn is_plain(&self) -> bool {
        self.candidates == 1
            && !self.targets.is_empty()
            && self.weights.is_empty()
            && self.left_out.is_empty()
    }

    /// The goal of one query. `left_out` holds the remaining positions that do not count, beginning with those of this
    /// query.
    fn row<'s>(&'s self, query: usize, left_out: &mut &'a [u32]) -> RowGoal<'s> {
        let (begin, end) = (query * self.candidates, (query + 1) * self.candidates);
        let own = left_out.partition_point(|&place| (place as usize) < end);
        let (skipped, rest) = left_out.split_at(own);
        *left_out = rest;
        RowGoal {
            begin: begin as u32,
            targets: self.targets.get(begin..end),
            positive: self.positives.get(query).map_or(0, |&place| place as usize),
            left_out: skipped,
            log_q: match self.log_q.len() {
                0 => &[],
                all if all == self.candidates => self.log_q,
                _ => &self.log_q[begin..end],
            },
        }
    }

    /// The goals of all queries, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = RowGoal<'_>> {
        let mut left_out = self.left_out;
        (0..self.queries).map(move |query| self.row(query, &mut left_out))
    }
}

/// The goal of one query.
pub(crate) struct RowGoal<'a> {
    /// The position of its first score in the matrix.
    begin: u32,
    /// One number per score.
    pub targets: Option<&'a [f32]>,
    /// The position of the positive, if there are no targets.
    pub positive: usize,
    left_out: &'a [u32],
    /// The number subtracted from each score before a softmax; empty for none.
    pub log_q: &'a [f32],
}

impl RowGoal<'_> {
    /// Calls `visit` with the position of each candidate that does not count.
    #[inline(always)]
    pub fn each_left_out(&self, mut visit: impl FnMut(usize)) {
        for place in self.left_out {
            visit((place - self.begin) as usize);
        }
    }

    /// How many of the candidates count.
    pub fn count(&self, candidates: usize) -> usize {
        candidates.saturating_sub(self.left_out.len())
    }

    /// The positions of those that count, in order.
    pub fn places(&self, candidates: usize) -> impl Iterator<Item = usize> + '_ {
        let mut left_out = self.left_out;
        (0..candidates).filter(move |&place| match left_out.split_first() {
            Some((&next, rest)) if next == self.begin + place as u32 => {
                left_out = rest;
                false
            }
            _ => true,
        })
    }

    /// The target of a score.
    pub fn target(&self, place: usize) -> f32 {
        match self.targets {
            Some(targets) => targets[place],
            None => f32::from(u8::from(place == self.positive)),
        }
    }
}
