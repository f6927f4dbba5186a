//! Batches of ratings: columns of distinct rows, and each example's position among them.

use crate::coalesce::Coalescer;
use crate::error::DataError;
use crate::random::Random;
use crate::ratings::Ratings;
use recburn_schema::{Batch, Candidates};

/// The batches of one pass over the ratings. The last one holds what is left and may be smaller.
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    ratings: &'a Ratings,
    /// The order of the rows; `None` for that of the file.
    order: Option<Vec<u32>>,
    size: usize,
    /// The first row, in that order, that has not been handed out.
    next: usize,
    users: Coalescer,
    items: Coalescer,
}

impl<'a> Batches<'a> {
    /// In a random order that depends on the seed and the epoch alone.
    ///
    /// # Errors
    ///
    /// [`DataError::BatchSize`] for batches of 0, [`DataError::NoRatings`] where there is nothing to batch, and
    /// [`DataError::UnequalColumns`] where the columns differ in length.
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

    /// In the order of the ratings.
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
        let (users, items) = ratings.table_rows();
        Ok(Self {
            ratings,
            order: None,
            size: batch,
            next: 0,
            users: Coalescer::new(users),
            items: Coalescer::new(items),
        })
    }

    /// Begins the pass of another epoch, as [`Batches::shuffled`] would, and keeps the memory.
    pub fn reshuffle(&mut self, seed: u64, epoch: u64) {
        let mut order = self.order.take().unwrap_or_default();
        order.clear();
        order.extend(0..self.ratings.len() as u32);
        Random::new(seed, epoch).shuffle(&mut order);
        self.order = Some(order);
        self.next = 0;
    }

    /// Puts the next batch into `batch`, which keeps its memory; `false`, with nothing changed, at the end.
    pub fn fill(&mut self, batch: &mut Batch) -> bool {
        let (start, end) = (
            self.next,
            self.next.saturating_add(self.size).min(self.ratings.len()),
        );
        if start == end {
            return false;
        }
        self.next = end;
        let Ratings {
            users,
            items,
            ratings,
            ..
        } = self.ratings;
        batch.queries = end - start;
        batch.candidates = Candidates::Each(1);
        batch.targets.clear();
        match &self.order {
            Some(order) => {
                let rows = &order[start..end];
                batch
                    .targets
                    .extend(rows.iter().map(|&row| ratings[row as usize]));
                self.users.fill(
                    rows.iter().map(|&row| users[row as usize].0),
                    &mut batch.users,
                );
                self.items.fill(
                    rows.iter().map(|&row| items[row as usize].0),
                    &mut batch.items,
                );
            }
            None => {
                batch.targets.extend_from_slice(&ratings[start..end]);
                self.users.fill(
                    users[start..end].iter().map(|user| user.0),
                    &mut batch.users,
                );
                self.items.fill(
                    items[start..end].iter().map(|item| item.0),
                    &mut batch.items,
                );
            }
        }
        true
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
