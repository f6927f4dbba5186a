//! The batches of the examples at home.

use crate::home_ratings::HomeRatings;
use crate::places::Places;
use recburn_data::{
    Batch, Candidates, DataError, Examples, Feed, Fingerprint, Input, Kind, Pick, Ratings, Schema,
    Share, splitmix64,
};

/// Examples that a rank has at home, in the batches that they have on any number of ranks: the order of an epoch is a
/// [permutation of places](Places), each step has a run of it, and each rank has its own examples of that, which may be
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

/// The rows of examples, in the order of their places.
enum Rows {
    /// One for each rating, in their order.
    Ratings,
    /// The place of each example among those of all ranks, ascending, and its row.
    Some(Vec<(u64, u32)>),
}

/// Places and rows of examples.
#[derive(Clone, Copy)]
struct Index<'a> {
    rows: &'a Rows,
    /// Of the ratings.
    places: &'a [u64],
}

impl Index<'_> {
    /// The number of examples.
    fn len(&self) -> usize {
        match self.rows {
            Rows::Ratings => self.places.len(),
            Rows::Some(rows) => rows.len(),
        }
    }

    /// The place and the row of an example.
    fn at(&self, example: u32) -> (u64, u32) {
        match self.rows {
            Rows::Ratings => (self.places[example as usize], example),
            Rows::Some(rows) => rows[example as usize],
        }
    }
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
        let places = popularity.iter().map(|&ratings| {
            count += u64::from(ratings > 0);
            count - u64::from(ratings > 0)
        });
        let places: Vec<u64> = places.collect();
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

/// Examples of a lot, on average.
const LOT: u64 = 1 << 14;

/// This rank's part of the batches of an epoch.
///
/// The order of an epoch takes four bytes for each example: they are distributed into lots of whole steps, and those of a lot
/// are ordered when it comes.
struct Parts<'a> {
    pick: Box<dyn Pick + 'a>,
    queries: usize,
    examples: Index<'a>,
    /// Places of all ranks.
    count: u64,
    steps: u64,
    /// Places of a step.
    run: u64,
    /// Steps of a lot.
    steps_of_lot: u64,
    places: Places,
    /// The examples, lot by lot, and the end of each lot.
    lots: Vec<u32>,
    ends: Vec<u32>,
    /// Where each example of the current lot comes in the order of the epoch, ascending, and its number.
    order: Vec<(u64, u32)>,
    /// The next step, and the first entry of the order that is not used.
    step: u64,
    next: usize,
    rows: Vec<u32>,
    keys: Vec<u64>,
}

impl Parts<'_> {
    /// Where an example comes in the order of the epoch.
    fn at(&self, example: u32) -> u64 {
        self.places.at(self.examples.at(example).0)
    }

    fn lot(&self, example: u32) -> usize {
        (self.at(example) / (self.run * self.steps_of_lot)) as usize
    }

    /// Orders the examples of a lot.
    fn open(&mut self, lot: usize) {
        let first = lot.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = self.ends.get(lot).copied().unwrap_or(first);
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        let examples = &self.lots[first as usize..end as usize];
        order.extend(examples.iter().map(|&example| (self.at(example), example)));
        order.sort_unstable();
        (self.order, self.next) = (order, 0);
    }
}

impl Feed for Parts<'_> {
    fn queries(&self) -> usize {
        self.queries
    }

    fn steps(&self) -> usize {
        self.steps as usize
    }

    fn begin(&mut self, seed: u64, epoch: u64) {
        self.places = Places::new(self.count, seed, epoch);
        let examples = 0..self.examples.len() as u32;
        // The lots' sizes, then where each begins, and once it is filled, where it ends.
        let lots = self.steps.div_ceil(self.steps_of_lot) as usize;
        let mut sizes = vec![0_u32; lots];
        for example in examples.clone() {
            sizes[self.lot(example)] += 1;
        }
        let mut begins = 0;
        for size in &mut sizes {
            begins += std::mem::replace(size, begins);
        }
        self.lots.resize(examples.len(), 0);
        for example in examples {
            let end = &mut sizes[self.lot(example)];
            self.lots[*end as usize] = example;
            *end += 1;
        }
        self.ends = sizes;
        self.step = 0;
        self.pick.begin(seed, epoch);
    }

    fn fill(&mut self, batch: &mut Batch) -> bool {
        if self.step >= self.steps {
            return false;
        }
        if self.step.is_multiple_of(self.steps_of_lot) {
            self.open((self.step / self.steps_of_lot) as usize);
        }
        self.step += 1;
        let end = self.step * self.run;
        let rest = &self.order[self.next..];
        let own = &rest[..rest.partition_point(|&(at, _)| at < end)];
        self.next += own.len();
        self.rows.clear();
        self.keys.clear();
        for &(_, example) in own {
            let (place, row) = self.examples.at(example);
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
        // Lots have whole steps, and enough examples that their ends take no memory to speak of.
        let of_step = (self.index().len() as u64 / steps.max(1)).max(1);
        Ok(Box::new(Parts {
            pick: self.picked(wanted)?,
            queries: self.examples.queries(),
            examples: self.index(),
            count: self.places,
            steps,
            run,
            steps_of_lot: (LOT / of_step).max(1),
            places: Places::new(self.places, 0, 0),
            lots: Vec::new(),
            ends: Vec::new(),
            order: Vec::new(),
            step: 0,
            next: 0,
            rows: Vec::new(),
            keys: Vec::new(),
        }))
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
