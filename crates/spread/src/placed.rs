//! The examples at home.

use crate::feed::{Index, Parts, Rows};
use crate::home_ratings::HomeRatings;
use recburn_data::{
    Candidates, DataError, Examples, Feed, Fingerprint, Input, Kind, Pick, Ratings, Schema, Share,
};

/// Examples that a rank has at home, in the batches that they have on any number of ranks: the order of an epoch is a
/// [permutation of places](crate::Places), each step has a run of it, and each rank has its own examples of that, which may be
/// none.
pub struct Placed<'a> {
    of: &'a HomeRatings,
    /// Makes batches of chosen examples.
    examples: Box<dyn Examples + 'a>,
    rows: Rows,
    /// The number of examples of all ranks; no more than there are places.
    count: u64,
    places: u64,
    fingerprint: Fingerprint,
}

impl<'a> Placed<'a> {
    fn index(&self) -> Index<'_> {
        Index {
            rows: &self.rows,
            places: &self.of.places,
        }
    }

    /// Examples with one row for each rating: ratings, or positives.
    pub fn ratings(of: &'a HomeRatings, examples: Box<dyn Examples + 'a>, how: &str) -> Self {
        Self {
            rows: Rows::Ratings,
            count: of.count,
            places: of.count,
            fingerprint: of.fingerprint.with(how.as_bytes()),
            of,
            examples,
        }
    }

    /// Examples whose rows are some of the users, of whom all ranks have `count`. The place of a user is that of its first
    /// rating, so a step has about, and not exactly, as many users as its size says.
    pub fn users(
        of: &'a HomeRatings,
        examples: Box<dyn Examples + 'a>,
        users: &[u32],
        count: u64,
        how: &str,
    ) -> Self {
        let mut first = vec![None; of.rows[0]];
        for (user, &place) in of.ratings.users.iter().zip(&of.places) {
            first[user.index()].get_or_insert(place);
        }
        let placed = users.iter().filter_map(|&user| {
            let place: Option<u64> = first[user as usize];
            Some((place?, user))
        });
        let mut rows: Vec<(u64, u32)> = placed.collect();
        rows.sort_unstable();
        Self {
            rows: Rows::Some(rows),
            count,
            places: of.count,
            fingerprint: of.fingerprint.with(how.as_bytes()),
            of,
            examples,
        }
    }

    /// Examples whose rows are some of the items, of which each rank has its own ratings; `popularity` has the number of
    /// ratings of each item at all ranks. A step has as many items as its size says, and the place of an item is its number
    /// among those with ratings.
    pub fn items(
        of: &'a HomeRatings,
        examples: Box<dyn Examples + 'a>,
        items: &[u32],
        popularity: &[u64],
        how: &str,
    ) -> Self {
        let mut count = 0;
        let next = |&ratings: &u64| {
            let place = count;
            count += u64::from(ratings > 0);
            place
        };
        let places: Vec<u64> = popularity.iter().map(next).collect();
        let placed = items.iter().map(|&item| (places[item as usize], item));
        Self {
            rows: Rows::Some(placed.collect()),
            count,
            places: count,
            fingerprint: of.fingerprint.with(how.as_bytes()),
            of,
            examples,
        }
    }

    fn picked(&self, wanted: &[Input]) -> Result<Box<dyn Pick + '_>, DataError> {
        let pick = self.examples.pick(&without_rows(wanted))?;
        pick.ok_or_else(|| DataError::Examples {
            wrong: "these examples have no batches of chosen rows, as several processes need them"
                .to_string(),
        })
    }
}

/// Inputs without the sizes of their tables, of which a rank has a part.
pub fn without_rows(inputs: &[Input]) -> Vec<Input> {
    let rows = usize::MAX;
    let kind = |kind: &Kind| match *kind {
        Kind::Id { .. } => Kind::Id { rows },
        Kind::Bag { .. } => Kind::Bag { rows },
        Kind::Sequence { length, .. } => Kind::Sequence { rows, length },
        Kind::Numbers { width } => Kind::Numbers { width },
    };
    let input = |input: &Input| Input {
        kind: kind(&input.kind),
        ..input.clone()
    };
    inputs.iter().map(input).collect()
}

impl Examples for Placed<'_> {
    fn schema(&self) -> Schema {
        self.examples.schema()
    }

    fn queries(&self) -> usize {
        match self.rows {
            Rows::Ratings => self.index().len(),
            Rows::Some(_) => self.examples.queries(),
        }
    }

    fn ratings(&self) -> usize {
        match self.rows {
            Rows::Ratings => self.index().len(),
            Rows::Some(_) => self.examples.ratings(),
        }
    }

    fn candidates(&self, batch: usize) -> Candidates {
        self.examples.candidates(batch)
    }

    fn has_targets(&self) -> bool {
        self.examples.has_targets()
    }

    /// The rows of tables are not compared, since a rank has only its own.
    fn serves(&self, wanted: &[Input]) -> Result<(), DataError> {
        if self.count == 0 {
            return Err(DataError::NoRatings);
        }
        self.of.ratings.check(self.of.rows[0], self.of.rows[1])?;
        self.picked(wanted).map(drop)
    }

    fn feed<'b>(&'b self, wanted: &[Input], batch: usize) -> Result<Box<dyn Feed + 'b>, DataError> {
        if batch == 0 {
            return Err(DataError::BatchSize);
        }
        self.serves(wanted)?;
        let steps = self.count.div_ceil(batch as u64);
        let run = match self.count == self.places {
            true => batch as u64,
            false => self.places.div_ceil(steps),
        };
        let (pick, queries) = (self.picked(wanted)?, self.examples.queries());
        let feed = Parts::new(pick, queries, self.index(), [self.places, steps, run]);
        Ok(Box::new(feed))
    }

    fn share<'b>(
        &'b self,
        wanted: &[Input],
        batch: usize,
    ) -> Result<Option<Box<dyn Share + 'b>>, DataError> {
        self.examples.share(&without_rows(wanted), batch)
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn interactions(&self) -> Option<&Ratings> {
        self.examples.interactions()
    }
}
