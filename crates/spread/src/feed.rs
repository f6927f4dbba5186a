//! The batches of the examples at home.

use crate::home_ratings::HomeRatings;
use crate::places::Places;
use recburn_data::{
    Batch, Candidates, DataError, Examples, Feed, Fingerprint, Input, Kind, Pick, Ratings, Schema,
    splitmix64,
};

/// Examples that a rank has at home, in the batches that they have on any number of ranks: the order of an epoch is a
/// [permutation of places](Places), each step has a run of it, and each rank has its own examples of that, which may be
/// none.
pub struct Placed<'a> {
    of: &'a HomeRatings,
    /// Makes batches of chosen examples.
    examples: Box<dyn Examples + 'a>,
    /// The place of each example among those of all ranks, ascending, and its row.
    rows: Vec<(u64, u32)>,
    /// The number of examples of all ranks; no more than there are places.
    count: u64,
    fingerprint: Fingerprint,
}

impl<'a> Placed<'a> {
    /// Examples with one row for each rating: ratings, or positives.
    pub fn ratings(of: &'a HomeRatings, examples: Box<dyn Examples + 'a>, how: &str) -> Self {
        Self {
            rows: of.places.iter().copied().zip(0..).collect(),
            count: of.count,
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
            rows,
            count,
            fingerprint: of.fingerprint.with(how.as_bytes()),
            of,
            examples,
        }
    }

    fn picked(&self, wanted: &[Input]) -> Result<Box<dyn Pick + '_>, DataError> {
        let pick = self.examples.pick(&without_rows(wanted))?;
        pick.ok_or_else(|| DataError::Examples {
            wrong: "on several processes a batch cannot share negatives among its positives: draw them for each, or use the catalogue"
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

/// This rank's part of the batches of an epoch.
struct Parts<'a> {
    pick: Box<dyn Pick + 'a>,
    queries: usize,
    /// Places of all ranks.
    places: u64,
    /// The place and row of each example.
    examples: &'a [(u64, u32)],
    steps: u64,
    /// Places of a step.
    run: u64,
    /// Where each example comes in the order of the epoch, ascending, and its number among them.
    order: Vec<(u64, u32)>,
    /// The next step, and the first entry of the order that is not used.
    step: u64,
    next: usize,
    rows: Vec<u32>,
    keys: Vec<u64>,
}

impl Feed for Parts<'_> {
    fn queries(&self) -> usize {
        self.queries
    }

    fn steps(&self) -> usize {
        self.steps as usize
    }

    fn begin(&mut self, seed: u64, epoch: u64) {
        let places = Places::new(self.places, seed, epoch);
        self.order.clear();
        let examples = self.examples.iter().zip(0..);
        self.order
            .extend(examples.map(|(&(place, _), example)| (places.at(place), example)));
        self.order.sort_unstable();
        (self.step, self.next) = (0, 0);
        self.pick.begin(seed, epoch);
    }

    fn fill(&mut self, batch: &mut Batch) -> bool {
        if self.step >= self.steps {
            return false;
        }
        self.step += 1;
        let end = self.step * self.run;
        let rest = &self.order[self.next..];
        let own = &rest[..rest.partition_point(|&(at, _)| at < end)];
        self.next += own.len();
        self.rows.clear();
        self.keys.clear();
        for &(_, example) in own {
            let (place, row) = self.examples[example as usize];
            self.rows.push(row);
            self.keys.push(splitmix64(place));
        }
        self.pick.fill(&self.rows, &self.keys, batch);
        true
    }
}

impl Examples for Placed<'_> {
    fn schema(&self) -> Schema {
        self.examples.schema()
    }

    fn queries(&self) -> usize {
        self.rows.len()
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
        let run = match self.count == self.of.count {
            true => batch as u64,
            false => self.of.count.div_ceil(steps),
        };
        Ok(Box::new(Parts {
            pick: self.picked(wanted)?,
            queries: self.examples.queries(),
            places: self.of.count,
            examples: &self.rows,
            steps,
            run,
            order: Vec::new(),
            step: 0,
            next: 0,
            rows: Vec::new(),
            keys: Vec::new(),
        }))
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn interactions(&self) -> Option<&Ratings> {
        None
    }
}
