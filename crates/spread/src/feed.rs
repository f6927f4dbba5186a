//! The batches of the ratings at home.

use crate::home_ratings::HomeRatings;
use crate::places::Places;
use recburn_data::{
    Batch, Candidates, Coalescer, DataError, Examples, Features, Feed, Fingerprint, Input, Ratings,
    Scale, Schema,
};

/// This rank's part of the batches of an epoch.
struct Batches<'a> {
    of: &'a HomeRatings,
    size: u64,
    /// Where each row comes in the order of the epoch, ascending.
    order: Vec<(u64, u32)>,
    /// The next step, and the first entry of the order that is not used.
    step: u64,
    next: usize,
    users: Coalescer,
    items: Coalescer,
}

impl Feed for Batches<'_> {
    fn queries(&self) -> usize {
        self.of.places.len()
    }

    fn steps(&self) -> usize {
        self.of.count.div_ceil(self.size) as usize
    }

    fn begin(&mut self, seed: u64, epoch: u64) {
        let places = Places::new(self.of.count, seed, epoch);
        self.order.clear();
        let rows = self.of.places.iter().zip(0..);
        self.order
            .extend(rows.map(|(&place, row)| (places.at(place), row)));
        self.order.sort_unstable();
        (self.step, self.next) = (0, 0);
    }

    fn fill(&mut self, batch: &mut Batch) -> bool {
        if self.step * self.size >= self.of.count {
            return false;
        }
        self.step += 1;
        let end = self.step * self.size;
        let rest = &self.order[self.next..];
        let own = &rest[..rest.partition_point(|&(place, _)| place < end)];
        self.next += own.len();
        let Ratings {
            users,
            items,
            ratings,
            ..
        } = &self.of.ratings;
        let rows = || own.iter().map(|&(_, row)| row as usize);
        batch.queries = own.len();
        batch.candidates = Candidates::Each(1);
        batch.targets.clear();
        batch.targets.extend(rows().map(|row| ratings[row]));
        self.users
            .fill(rows().map(|row| users[row].0), &mut batch.users);
        self.items
            .fill(rows().map(|row| items[row].0), &mut batch.items);
        true
    }
}

impl Examples for HomeRatings {
    fn schema(&self) -> Schema {
        let scale = Scale::of(&self.ratings.ratings);
        Schema::of_pairs(self.rows[0], self.rows[1], (scale.min, scale.max))
    }

    fn queries(&self) -> usize {
        self.places.len()
    }

    fn candidates(&self, _batch: usize) -> Candidates {
        Candidates::Each(1)
    }

    fn has_targets(&self) -> bool {
        true
    }

    /// The rows of the items' tables are not compared, since a rank has only its own.
    fn serves(&self, wanted: &[Input]) -> Result<(), DataError> {
        if self.count == 0 {
            return Err(DataError::NoRatings);
        }
        Features::default().gather(wanted)?;
        self.ratings.check(self.rows[0], self.rows[1])
    }

    fn feed<'a>(&'a self, wanted: &[Input], batch: usize) -> Result<Box<dyn Feed + 'a>, DataError> {
        if batch == 0 {
            return Err(DataError::BatchSize);
        }
        self.serves(wanted)?;
        Ok(Box::new(Batches {
            of: self,
            size: batch as u64,
            order: Vec::new(),
            step: 0,
            next: 0,
            users: Coalescer::new(self.rows[0].max(1)),
            items: Coalescer::new(self.rows[1]),
        }))
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}
