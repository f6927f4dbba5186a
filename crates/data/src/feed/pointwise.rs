//! Batches of ratings: distinct rows, and each example's position among them.

use crate::coalesce::Coalescer;
use crate::error::DataError;
use crate::features::{Features, Gather};
use crate::feed::{Examples, Feed, Pick, clear, rows_of, schema_of};
use crate::fingerprint::Fingerprint;
use crate::random::Random;
use crate::ratings::{Ratings, Scale};
use recburn_schema::{Batch, Candidates, Input, Schema};

/// The batches of one pass over the ratings. The last one may be smaller.
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    ratings: &'a Ratings,
    /// The order of the rows; `None` for file order.
    order: Option<Vec<u32>>,
    size: usize,
    /// The first row, in that order, that has not been used.
    next: usize,
    users: Coalescer,
    items: Coalescer,
    gather: Gather<'a>,
    /// The rows of a batch in file order.
    rows: Vec<u32>,
}

impl<'a> Batches<'a> {
    /// Batches in a random order that depends only on the seed and the epoch.
    ///
    /// # Errors
    ///
    /// [`DataError::BatchSize`] for batches of 0, [`DataError::NoRatings`] without ratings, and
    /// [`DataError::UnequalColumns`] if the columns differ in length.
    pub fn shuffled(
        ratings: &'a Ratings,
        batch: usize,
        seed: u64,
        epoch: u64,
    ) -> Result<Self, DataError> {
        let mut batches = Self::in_order(ratings, batch)?;
        batches.order = Some(Random::new(seed, epoch).permutation(ratings.len() as u32));
        Ok(batches)
    }

    /// Batches in the order of the ratings.
    ///
    /// # Errors
    ///
    /// As [`Batches::shuffled`].
    pub fn in_order(ratings: &'a Ratings, batch: usize) -> Result<Self, DataError> {
        if batch == 0 {
            return Err(DataError::BatchSize);
        }
        if ratings.is_empty() {
            return Err(DataError::NoRatings);
        }
        ratings.check_lengths()?;
        Ok(Self::of(ratings, batch, Gather::default()))
    }

    /// Of columns of equal length.
    fn of(ratings: &'a Ratings, size: usize, gather: Gather<'a>) -> Self {
        let (users, items) = ratings.table_rows();
        Self {
            ratings,
            order: None,
            size,
            next: 0,
            users: Coalescer::new(users),
            items: Coalescer::new(items),
            gather,
            rows: Vec::new(),
        }
    }

    /// Begins the pass of another epoch, like [`Batches::shuffled`], reusing the memory.
    pub fn reshuffle(&mut self, seed: u64, epoch: u64) {
        let mut order = self.order.take().unwrap_or_default();
        order.clear();
        order.extend(0..self.ratings.len() as u32);
        Random::new(seed, epoch).shuffle(&mut order);
        self.order = Some(order);
        self.next = 0;
    }

    /// Writes the next batch to `batch`, reusing its memory; at the end returns `false` and changes nothing.
    pub fn fill(&mut self, batch: &mut Batch) -> bool {
        let (start, end) = (
            self.next,
            self.next.saturating_add(self.size).min(self.ratings.len()),
        );
        if start == end {
            return false;
        }
        self.next = end;
        if let Some(order) = self.order.take() {
            self.fill_rows(&order[start..end], batch);
            self.order = Some(order);
            return true;
        }
        let Ratings {
            users,
            items,
            ratings,
            ..
        } = self.ratings;
        clear(batch);
        batch.queries = end - start;
        batch.targets.extend_from_slice(&ratings[start..end]);
        self.users.fill(
            users[start..end].iter().map(|user| user.0),
            &mut batch.users,
        );
        self.items.fill(
            items[start..end].iter().map(|item| item.0),
            &mut batch.items,
        );
        self.rows.clear();
        self.rows.extend(start as u32..end as u32);
        self.gather.fill_rows(batch, &self.rows);
        true
    }

    /// Writes a batch of these rows.
    fn fill_rows(&mut self, rows: &[u32], batch: &mut Batch) {
        let Ratings {
            users,
            items,
            ratings,
            ..
        } = self.ratings;
        clear(batch);
        batch.queries = rows.len();
        let rows_of = || rows.iter().map(|&row| row as usize);
        batch.targets.extend(rows_of().map(|row| ratings[row]));
        self.users
            .fill(rows_of().map(|row| users[row].0), &mut batch.users);
        self.items
            .fill(rows_of().map(|row| items[row].0), &mut batch.items);
        self.gather.fill_rows(batch, rows);
    }
}

impl Iterator for Batches<'_> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        self.fill(&mut batch).then_some(batch)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.ratings.len() - self.next).div_ceil(self.size);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Batches<'_> {}

impl Feed for Batches<'_> {
    fn queries(&self) -> usize {
        self.ratings.len()
    }

    fn steps(&self) -> usize {
        self.ratings.len().div_ceil(self.size)
    }

    fn begin(&mut self, seed: u64, epoch: u64) {
        self.reshuffle(seed, epoch);
    }

    fn fill(&mut self, batch: &mut Batch) -> bool {
        self.fill(batch)
    }
}

impl Pick for Batches<'_> {
    fn begin(&mut self, _seed: u64, _epoch: u64) {}

    fn fill(&mut self, rows: &[u32], keys: &[u64], batch: &mut Batch) {
        assert_eq!(rows.len(), keys.len(), "a key per row");
        self.fill_rows(rows, batch);
        batch.keys.extend_from_slice(keys);
    }
}

/// One query per rating, with one user, one item and the rating as the target, in a new random order per epoch.
impl Examples for Ratings {
    fn schema(&self) -> Schema {
        schema(self, None)
    }

    fn queries(&self) -> usize {
        self.len()
    }

    fn candidates(&self, _batch: usize) -> Candidates {
        Candidates::Each(1)
    }

    fn has_targets(&self) -> bool {
        true
    }

    fn serves(&self, wanted: &[Input]) -> Result<(), DataError> {
        serves(self, None, wanted)
    }

    fn feed<'a>(&'a self, wanted: &[Input], batch: usize) -> Result<Box<dyn Feed + 'a>, DataError> {
        feed(self, None, wanted, batch)
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint()
    }

    fn interactions(&self) -> Option<&Ratings> {
        Some(self)
    }
}

/// Ratings with the features of their users and items; otherwise the same as ratings.
#[derive(Clone, Copy, Debug)]
pub struct Featured<'a> {
    ratings: &'a Ratings,
    features: &'a Features,
}

impl<'a> Featured<'a> {
    /// These ratings with these features.
    pub fn new(ratings: &'a Ratings, features: &'a Features) -> Self {
        Self { ratings, features }
    }
}

impl Examples for Featured<'_> {
    fn schema(&self) -> Schema {
        schema(self.ratings, Some(self.features))
    }

    fn queries(&self) -> usize {
        self.ratings.len()
    }

    fn candidates(&self, batch: usize) -> Candidates {
        self.ratings.candidates(batch)
    }

    fn has_targets(&self) -> bool {
        true
    }

    fn serves(&self, wanted: &[Input]) -> Result<(), DataError> {
        serves(self.ratings, Some(self.features), wanted)
    }

    fn feed<'a>(&'a self, wanted: &[Input], batch: usize) -> Result<Box<dyn Feed + 'a>, DataError> {
        feed(self.ratings, Some(self.features), wanted, batch)
    }

    fn pick<'a>(&'a self, wanted: &[Input]) -> Result<Option<Box<dyn Pick + 'a>>, DataError> {
        self.ratings.check_lengths()?;
        let features = Some(self.features);
        let gather = Gather::new(wanted, features, &self.ratings.others, None)?;
        Ok(Some(Box::new(Batches::of(self.ratings, 1, gather))))
    }

    fn fingerprint(&self) -> Fingerprint {
        self.ratings.fingerprint()
    }

    fn interactions(&self) -> Option<&Ratings> {
        Some(self.ratings)
    }
}

fn schema(ratings: &Ratings, features: Option<&Features>) -> Schema {
    let scale = Scale::of(&ratings.ratings);
    let (users, items) = ratings.table_rows();
    schema_of(
        users,
        items,
        (scale.min, scale.max),
        features,
        &ratings.others,
        None,
    )
}

fn serves(
    ratings: &Ratings,
    features: Option<&Features>,
    wanted: &[Input],
) -> Result<(), DataError> {
    if ratings.is_empty() {
        return Err(DataError::NoRatings);
    }
    let (users, items) = rows_of(wanted);
    ratings.check(users, items)?;
    let (users, items) = ratings.table_rows();
    // The scale does not matter for the check.
    schema_of(users, items, (0.0, 0.0), features, &ratings.others, None).serves(wanted)?;
    match features {
        Some(features) => features.cover(wanted, users, items),
        None => Ok(()),
    }
}

fn feed<'a>(
    ratings: &'a Ratings,
    features: Option<&'a Features>,
    wanted: &[Input],
    batch: usize,
) -> Result<Box<dyn Feed + 'a>, DataError> {
    let batches = Batches::in_order(ratings, batch)?;
    serves(ratings, features, wanted)?;
    let gather = Gather::new(wanted, features, &ratings.others, None)?;
    Ok(Box::new(Batches { gather, ..batches }))
}
