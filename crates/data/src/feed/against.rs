//! The candidates of a batch of positives.

use crate::coalesce::Coalescer;
use crate::error::DataError;
use crate::feed::negatives::Negatives;
use crate::feed::urn::Urn;
use crate::random::Random;
use recburn_schema::{Batch, Candidates};
use std::fmt;
use std::ops::Range;

/// Pairs positives with negatives.
#[derive(Clone, Debug)]
pub(crate) struct Against<'a> {
    urn: &'a Urn,
    how: How,
    random: Random,
    /// Differs between epochs and seeds.
    of_epoch: u64,
    items: Coalescer,
    /// The candidates' items, before deduplication.
    ids: Vec<u32>,
    /// For shared candidates: the position of each item of the urn among them, or [`NOWHERE`].
    positions: Vec<u32>,
}

/// How negatives are chosen for positives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    pub(crate) negatives: Negatives,
    /// Whether items that the user knows, other than the positive itself, may be negatives.
    pub(crate) known_too: bool,
    /// Whether the targets of scores are 1 and 0.
    pub(crate) targets: bool,
}

const NOWHERE: u32 = u32::MAX;

/// Separates the random stream of negatives from that of the epochs' shuffles.
const STREAM: u64 = 0x4E65_6761_7469_7665;

/// As text that distinguishes it from others.
impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = if self.known_too { " known" } else { "" };
        let targets = if self.targets { " targets" } else { "" };
        write!(f, "{}{known}{targets}", self.negatives)
    }
}

impl How {
    /// The most candidates that the queries of a batch are scored against.
    pub(crate) fn candidates(self, queries: usize, urn: &Urn) -> Candidates {
        match self.negatives {
            Negatives::Each { count, .. } => Candidates::Each(1 + count),
            Negatives::Shared { count, .. } => {
                Candidates::Shared(queries.saturating_add(count).min(urn.items().len()))
            }
            Negatives::Catalogue => Candidates::Shared(urn.items().len()),
        }
    }

    /// Checks that batches can be built this way.
    pub(crate) fn check(self, queries: usize, urn: &Urn) -> Result<(), DataError> {
        let shared = !matches!(self.negatives, Negatives::Each { .. });
        if self.targets && shared {
            let wrong = format!(
                "targets of 1 and 0 need separate negatives per positive, such as uniform:4, not {}",
                self.negatives
            );
            return Err(DataError::Examples { wrong });
        }
        check_scores(queries, self.candidates(queries, urn).per_query())
    }

    /// Whether a positive of this user can have negatives.
    pub(crate) fn has_negatives(self, user: u32, urn: &Urn) -> bool {
        match self.known_too {
            true => urn.items().len() > 1,
            false => !urn.is_all_known(user),
        }
    }
}

/// Positions in a matrix of scores are 32-bit numbers.
pub(crate) fn check_scores(queries: usize, candidates: usize) -> Result<(), DataError> {
    match queries.checked_mul(candidates) {
        Some(scores) if u32::try_from(scores).is_ok() => Ok(()),
        _ => Err(DataError::Examples {
            wrong: format!(
                "a batch of {queries} queries with {candidates} candidates each has more than {} scores; use smaller batches",
                u32::MAX
            ),
        }),
    }
}

impl<'a> Against<'a> {
    pub(crate) fn new(urn: &'a Urn, how: How) -> Self {
        let shared = !matches!(how.negatives, Negatives::Each { .. });
        Self {
            urn,
            how,
            random: Random::new(0, 0),
            of_epoch: 0,
            items: Coalescer::new(urn.rows()),
            ids: Vec::new(),
            positions: match shared {
                true => vec![NOWHERE; urn.items().len()],
                false => Vec::new(),
            },
        }
    }

    pub(crate) fn begin(&mut self, seed: u64, epoch: u64) {
        self.random = Random::new(seed ^ STREAM, epoch);
        self.of_epoch = self.random.clone().bits();
    }

    /// Fills in the candidates of queries with these users and positive items. If the batch has keys, what is drawn for a
    /// query depends on its key alone.
    pub(crate) fn fill(&mut self, users: &[u32], positives: &[u32], batch: &mut Batch) {
        match self.how.negatives {
            Negatives::Each { count, .. } => self.fill_each(users, positives, count, batch),
            Negatives::Shared { count, .. } => {
                self.draw_shared(positives, count);
                self.fill_shared(users, positives, batch);
                self.chances(positives.len(), count, batch);
            }
            Negatives::Catalogue => {
                self.ids.clear();
                self.ids.extend(0..self.urn.items().len() as u32);
                self.fill_shared(users, positives, batch);
            }
        }
    }

    /// The items of the positives of this part of a batch, distinct and ascending.
    pub(crate) fn items_of(part: &Batch) -> Vec<u32> {
        let mut items: Vec<u32> = positives_of(part).collect();
        items.sort_unstable();
        items.dedup();
        items
    }

    /// Replaces the candidates of a part of a batch with `queries` queries in all: to its own come these items.
    pub(crate) fn extend(&mut self, part: &mut Batch, queries: usize, items: &[u32]) {
        let Negatives::Shared { count, .. } = self.how.negatives else {
            return;
        };
        let positives: Vec<u32> = positives_of(part).collect();
        let users = part.users.inverse.iter();
        let users: Vec<u32> = users.map(|&at| part.users.rows[at as usize]).collect();
        let Self { urn, ids, .. } = self;
        ids.clear();
        // A part without queries needs no candidates.
        if !users.is_empty() {
            let own = part.items.rows.iter();
            ids.extend(own.chain(items).map(|&item| urn.place(item)));
            ids.sort_unstable();
            ids.dedup();
        }
        part.positives.clear();
        part.left_out.clear();
        part.log_q.clear();
        self.fill_shared(&users, &positives, part);
        self.chances(queries, count, part);
    }

    fn fill_each(&mut self, users: &[u32], positives: &[u32], count: usize, batch: &mut Batch) {
        let Self {
            urn, random, ids, ..
        } = self;
        ids.clear();
        for (query, (&user, &item)) in users.iter().zip(positives).enumerate() {
            if let Some(&key) = batch.keys.get(query) {
                *random = Random::new(self.of_epoch, key);
            }
            ids.push(item);
            match self.how.known_too {
                true => ids.extend((0..count).map(|_| urn.draw_other(item, random))),
                false => ids.extend((0..count).map(|_| urn.draw_unknown(user, random))),
            }
        }
        self.items.fill(ids.iter().copied(), &mut batch.items);
        batch.candidates = Candidates::Each(1 + count);
        if self.how.targets {
            batch.targets.resize(ids.len(), 0.0);
            for own in batch.targets.chunks_exact_mut(1 + count) {
                own[0] = 1.0;
            }
        }
    }

    /// Collects the distinct places of the positives and of the items drawn for the batch in `ids`, ascending.
    fn draw_shared(&mut self, positives: &[u32], count: usize) {
        let Self {
            urn, random, ids, ..
        } = self;
        ids.clear();
        ids.extend(positives.iter().map(|&item| urn.place(item)));
        ids.extend((0..count).map(|_| urn.draw(random)));
        ids.sort_unstable();
        ids.dedup();
    }

    /// Pairs all queries with the items at the places `ids`, which are ascending and distinct.
    fn fill_shared(&mut self, users: &[u32], positives: &[u32], batch: &mut Batch) {
        let Self {
            urn,
            ids,
            positions,
            ..
        } = self;
        let count = ids.len() as u32;
        batch.candidates = Candidates::Shared(ids.len());
        batch.items.rows.clear();
        batch
            .items
            .rows
            .extend(ids.iter().map(|&place| urn.items()[place as usize]));
        batch.items.inverse.clear();
        batch.items.inverse.extend(0..count);
        for (position, &place) in (0..).zip(&*ids) {
            positions[place as usize] = position;
        }
        for (query, (&user, &item)) in (0..).zip(users.iter().zip(positives)) {
            let own = positions[urn.place(item) as usize];
            batch.positives.push(own);
            if self.how.known_too {
                continue;
            }
            // Known places and candidates are both ascending. Every known item is written, and overwritten by the next
            // one if it is not a candidate, which avoids an unpredictable branch.
            let known = urn.known(user);
            let left_out = &mut batch.left_out;
            let mut end = left_out.len();
            left_out.resize(end + known.len(), 0);
            for place in known {
                let position = positions[place.0 as usize];
                left_out[end] = (query * count).wrapping_add(position);
                end += usize::from(position != NOWHERE && position != own);
            }
            left_out.truncate(end);
        }
        for &place in &*ids {
            positions[place as usize] = NOWHERE;
        }
    }

    /// The logarithm of the probability that each candidate is in the batch: that it is hit by at least one of the
    /// positives, which occur in proportion to their popularity, or by one of the draws.
    fn chances(&self, queries: usize, count: usize, batch: &mut Batch) {
        let all: f64 = self.urn.positives();
        let missed = |chance: f64, times: usize| times as f64 * (-chance).ln_1p();
        batch.log_q.extend(self.ids.iter().map(|&place| {
            let as_positive = missed(f64::from(self.urn.count(place)) / all, queries);
            let drawn = match count {
                0 => 0.0,
                _ => missed(self.urn.chance(place), count),
            };
            let chance = -(as_positive + drawn).exp_m1();
            chance.ln() as f32
        }));
    }
}

/// The positive of each query of a batch with shared candidates.
fn positives_of(batch: &Batch) -> impl Iterator<Item = u32> {
    let places = batch.positives.iter();
    places.map(|&place| batch.items.rows[place as usize])
}

/// The next `size` of `count`; `None` at the end.
pub(crate) fn next(from: &mut usize, size: usize, count: usize) -> Option<Range<usize>> {
    let to = from.saturating_add(size).min(count);
    let range = *from..to;
    *from = to;
    (!range.is_empty()).then_some(range)
}
