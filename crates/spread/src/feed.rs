//! One rank's part of the batches of an epoch.

use crate::places::Places;
use recburn_data::{Batch, Feed, Pick, splitmix64};

/// The rows of examples, in the order of their places.
pub(crate) enum Rows {
    /// One for each rating, in their order.
    Ratings,
    /// The place of each example among those of all ranks, ascending, and its row.
    Some(Vec<(u64, u32)>),
}

/// Places and rows of examples.
#[derive(Clone, Copy)]
pub(crate) struct Index<'a> {
    pub rows: &'a Rows,
    /// Of the ratings.
    pub places: &'a [u64],
}

impl Index<'_> {
    /// The number of examples.
    pub fn len(&self) -> usize {
        match self.rows {
            Rows::Ratings => self.places.len(),
            Rows::Some(rows) => rows.len(),
        }
    }

    /// The place and the row of an example.
    pub fn at(&self, example: u32) -> (u64, u32) {
        match self.rows {
            Rows::Ratings => (self.places[example as usize], example),
            Rows::Some(rows) => rows[example as usize],
        }
    }
}

/// Examples of a lot, on average.
const LOT: u64 = 1 << 14;

/// This rank's part of the batches of an epoch.
///
/// The order of an epoch takes four bytes for each example: they are distributed into lots of whole steps, and those of a lot
/// are ordered when it comes.
pub(crate) struct Parts<'a> {
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

impl<'a> Parts<'a> {
    /// Of so many places of all ranks, in so many steps, each of a run of this many.
    pub fn new(
        pick: Box<dyn Pick + 'a>,
        queries: usize,
        examples: Index<'a>,
        [count, steps, run]: [u64; 3],
    ) -> Self {
        // Lots have whole steps, and enough examples that their ends take no memory to speak of.
        let of_step = (examples.len() as u64 / steps.max(1)).max(1);
        Self {
            pick,
            queries,
            examples,
            count,
            steps,
            run,
            steps_of_lot: (LOT / of_step).max(1),
            places: Places::new(count, 0, 0),
            lots: Vec::new(),
            ends: Vec::new(),
            order: Vec::new(),
            step: 0,
            next: 0,
            rows: Vec::new(),
            keys: Vec::new(),
        }
    }

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
