//! A factorisation distributed over processes: users are stored with their ratings, items by their number.
//!
//! Of `p` processes, process `r` owns the users and items whose number `i` is `r` modulo `p`; they are in row `i / p`
//! of its tables. Weights are sent to the process whose ratings need them, gradients are sent back; optimizer state and
//! marks stay with the owner, which brings a row up to date before it is read. `recburn-optim` is not aware of this.

use crate::draw::{Draw, Rows, owned};
use mpi::traits::*;
use recburn_optim::{Column, FactorScore, Goal, Gradients, Loss, Mode, Penalty, RowTable, Rule};
use recburn_optim::{Steps, examples, row_sums};
use std::time::{Duration, Instant};

/// The ratings of one process in a step.
pub struct Batch {
    /// Rows of its own users.
    pub users: Rows,
    /// Numbers of items, grouped by owner.
    pub items: Rows,
    /// The ratings.
    pub ratings: Vec<f32>,
}

impl Batch {
    /// Draws the ratings of a process in a step: its users are equally likely, and few items have most of the ratings.
    pub fn draw(
        [users, items]: [u32; 2],
        size: usize,
        step: usize,
        rank: u32,
        processes: u32,
    ) -> Self {
        let mut draw = Draw((step as u64) << 32 | u64::from(rank));
        let own = f64::from(owned(users, rank, processes));
        let rows: Vec<u32> = (0..size).map(|_| (draw.unit() * own) as u32).collect();
        let ids: Vec<u32> = (0..size).map(|_| draw.popular(items)).collect();
        Self {
            users: Rows::of(&rows, |row| row),
            items: Rows::of(&ids, |id| (id % processes, id)),
            ratings: (0..size).map(|_| draw.unit() as f32).collect(),
        }
    }
}

/// The numbers of rows sent to and received from each process.
struct Route {
    asks: Vec<i32>,
    asked: Vec<i32>,
}

/// The part of the tables that one process owns.
pub struct Shard<'w, C> {
    world: &'w C,
    /// Its users.
    pub users: RowTable,
    /// Its items.
    pub items: RowTable,
    steps: Steps,
    gradients: Gradients,
    summed: Vec<f32>,
    /// Time spent in MPI, waiting included.
    pub in_mpi: Duration,
}

/// The start of each process's part.
fn starts(counts: &[i32]) -> Vec<i32> {
    counts
        .iter()
        .scan(0, |next, count| {
            Some(std::mem::replace(next, *next + count))
        })
        .collect()
}

impl<'w, C: CommunicatorCollectives> Shard<'w, C> {
    /// Tables with these weights, before the first step.
    pub fn new(
        world: &'w C,
        [users, items]: [&[f32]; 2],
        width: usize,
        penalty: Penalty,
        (rule, mode): (Rule, Mode),
    ) -> Self {
        let steps = Steps::after(0, rule, mode);
        Self {
            world,
            users: RowTable::new(users, width, penalty, &steps),
            items: RowTable::new(items, width, penalty, &steps),
            steps,
            gradients: Gradients::default(),
            summed: Vec::new(),
            in_mpi: Duration::ZERO,
        }
    }

    /// One step, to which every process contributes its own ratings; `share` is their fraction of the whole batch.
    pub fn step(&mut self, batch: &Batch, share: f32, learning_rate: f64) {
        let (route, asked) = self.ask(batch);
        let width = self.items.width();
        let wanted = Rows::of(&asked, |row| row);
        self.items.catch_up(&wanted.rows, &self.steps);
        let mut own = vec![0.0; asked.len() * width];
        examples(&self.items, wanted.column(), 0..width, width, &mut own);
        let items = self.send(&own, &route.asked, &route.asks, width);

        // The received rows of a batch: without state, and not updated here.
        let still = Steps::after(0, Rule::sgd(0.0), Mode::Touched);
        let items = RowTable::new(&items, width, Penalty::default(), &still);
        let places: Vec<u32> = (0..items.rows() as u32).collect();
        let places = Column {
            rows: &places,
            inverse: &batch.items.inverse,
        };
        self.users.catch_up(&batch.users.rows, &self.steps);
        let score = FactorScore {
            user_factors: &self.users,
            item_factors: &items,
            user_bias: None,
            item_bias: None,
        };
        let mut scores = vec![0.0; batch.ratings.len()];
        score.scores(batch.users.column(), places, &mut scores);
        let mut slopes = vec![0.0; scores.len()];
        Loss::Mse.slopes(&Goal::of_targets(&batch.ratings), &scores, &mut slopes);
        slopes.iter_mut().for_each(|slope| *slope *= share);
        score.gradients(batch.users.column(), places, &slopes, &mut self.gradients);

        let given = std::mem::take(&mut self.gradients.item_factors);
        let came = self.send(&given, &route.asks, &route.asked, width);
        self.gradients.item_factors = given;
        // A row is updated once per step, by the sum, which Adam squares.
        row_sums(wanted.column(), &came, 0..width, width, &mut self.summed);
        let rate = self.steps.begin(learning_rate);
        let of_users = &self.gradients.user_factors;
        self.users
            .step(&batch.users.rows, of_users, rate, &self.steps);
        self.items
            .step(&wanted.rows, &self.summed, rate, &self.steps);
    }

    /// Only the exchange of a step; returns the number of bytes sent to other processes.
    pub fn exchange(&mut self, batch: &Batch) -> usize {
        let (route, asked) = self.ask(batch);
        let width = self.items.width();
        let own = vec![0_f32; asked.len() * width];
        let items = self.send(&own, &route.asked, &route.asks, width);
        self.send(&items, &route.asks, &route.asked, width);
        let rank = self.world.rank() as usize;
        let abroad = |counts: &[i32]| (counts.iter().sum::<i32>() - counts[rank]) as usize;
        let (asks, asked) = (abroad(&route.asks), abroad(&route.asked));
        4 * asks + 4 * width * (asked + asks)
    }

    /// Brings every row up to date.
    pub fn settle(&mut self) {
        self.users.catch_up_all(&self.steps);
        self.items.catch_up_all(&self.steps);
        self.steps.settle();
    }

    /// Tells each owner which of its rows this batch needs, and receives the requests of the others.
    fn ask(&mut self, batch: &Batch) -> (Route, Vec<u32>) {
        let processes = self.world.size() as u32;
        let mut asks = vec![0i32; processes as usize];
        for item in &batch.items.rows {
            asks[(item % processes) as usize] += 1;
        }
        let mut asked = vec![0i32; asks.len()];
        let begun = Instant::now();
        self.world.all_to_all_into(&asks[..], &mut asked[..]);
        self.in_mpi += begun.elapsed();
        let rows: Vec<u32> = batch.items.rows.iter().map(|row| row / processes).collect();
        let wanted = self.send(&rows, &asks, &asked, 1);
        (Route { asks, asked }, wanted)
    }

    /// Sends `to[r]` rows of `width` numbers to each process `r` and receives `from[r]`.
    fn send<T>(&mut self, rows: &[T], to: &[i32], from: &[i32], width: usize) -> Vec<T>
    where
        T: Equivalence + Default + Clone,
    {
        let numbers = |counts: &[i32]| -> Vec<i32> {
            let width = width as i32;
            counts.iter().map(|count| count * width).collect()
        };
        let (to, from) = (numbers(to), numbers(from));
        let mut came = vec![T::default(); from.iter().sum::<i32>() as usize];
        let out = mpi::datatype::Partition::new(rows, &to[..], starts(&to));
        let mut back = mpi::datatype::PartitionMut::new(&mut came[..], &from[..], starts(&from));
        let begun = Instant::now();
        self.world.all_to_all_varcount_into(&out, &mut back);
        self.in_mpi += begun.elapsed();
        came
    }
}
