//! Times the implementations of a case, in turn.

use crate::Options;
use crate::cases::Case;
use crate::dense_burn::DenseBurn;
use crate::exchange;
use crate::floor::Floor;
use crate::matmuls::Matmuls;
use recburn::prelude::*;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// One line of the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    pub case: String,
    /// `recburn`, `autodiff` (recburn without compiled steps), `dense` or `floor`.
    pub implementation: String,
    /// `exact` or `touched`.
    pub mode: String,
    pub batch: usize,
    pub threads: usize,
    pub seconds_per_step: f64,
    pub ratings_per_second: f64,
    /// The ratio of its time to that of the floor in the same mode, both medians of the same rounds.
    pub ratio_to_floor: Option<f64>,
}

/// Rounds, each of which runs every implementation once; figures are medians.
const ROUNDS: usize = 5;

/// Trains for about the given time and returns the seconds per step.
type Timed<'a> = Box<dyn FnMut(Duration) -> anyhow::Result<f64> + 'a>;

pub fn measure(case: &Case, options: &Options) -> anyhow::Result<Vec<Row>> {
    let ratings = match &options.data {
        Some(folder) => exchange::read(case, folder)?,
        None => case.draw(),
    };
    let device = recburn::pick_device(Some("flex"))?;
    let wanted = |name: &str| options.only.iter().any(|only| only == name);
    let threads = rayon::current_num_threads();
    let mut timed: Vec<(&str, &str, Timed<'_>)> = Vec::new();
    for (mode, word) in [(Mode::Exact, "exact"), (Mode::Touched, "touched")] {
        for implementation in ["recburn", "autodiff"] {
            // A factorisation has its own step.
            if wanted(implementation) && (implementation == "recburn" || case.perceptron) {
                let compiled = implementation == "recburn";
                let training = Training::aged(case, mode, compiled, &ratings, &device)?;
                timed.push((implementation, word, training.timed(&ratings)));
            }
        }
        // The floor is written for one thread.
        if wanted("floor") && threads == 1 && !(case.perceptron && mode == Mode::Touched) {
            timed.push(("floor", word, floor(case, mode, &ratings)));
        }
    }
    if wanted("dense") {
        let model = Training::aged(case, Mode::Exact, true, &ratings, &device)?.model;
        timed.push(("dense", "exact", dense(case, &model, &ratings, &device)));
    }
    let slice = Duration::from_secs_f64(options.seconds / ROUNDS as f64);
    let mut seconds = vec![Vec::new(); timed.len()];
    for _ in 0..ROUNDS {
        for ((.., run), seconds) in timed.iter_mut().zip(&mut seconds) {
            seconds.push(run(slice)?);
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    for ((implementation, mode, _), seconds) in timed.iter().zip(&mut seconds) {
        seconds.sort_by(f64::total_cmp);
        let seconds_per_step = seconds[seconds.len() / 2];
        rows.push(Row {
            case: case.name.to_string(),
            implementation: (*implementation).to_string(),
            mode: (*mode).to_string(),
            batch: case.batch,
            threads,
            seconds_per_step,
            ratings_per_second: case.batch as f64 / seconds_per_step,
            ratio_to_floor: None,
        });
    }
    let floors: Vec<(String, f64)> = rows
        .iter()
        .filter(|row| row.implementation == "floor")
        .map(|row| (row.mode.clone(), row.seconds_per_step))
        .collect();
    for row in &mut rows {
        // The matrix products are the same in both modes.
        let own = floors
            .iter()
            .find(|(mode, _)| *mode == row.mode || case.perceptron);
        row.ratio_to_floor = own.map(|(_, floor)| row.seconds_per_step / floor);
    }
    Ok(rows)
}

/// The library's own loop.
struct Training {
    case: Case,
    model: Network,
    trainer: Trainer,
}

impl Training {
    /// A training after some epochs, with realistic weights and state: most rows have not been updated for long.
    fn aged(
        case: &Case,
        mode: Mode,
        compiled: bool,
        ratings: &Ratings,
        device: &Device,
    ) -> anyhow::Result<Self> {
        let mut model = Network::new(case.graph()?, 1, device);
        let mut trainer = Trainer::new(case.rule(), case.learning_rate)
            .mode(mode)
            .batch(case.batch)
            .seed(1);
        if !compiled {
            trainer = trainer.reference();
        }
        trainer.fit(&mut model, ratings, None, case.age())?;
        Ok(Self {
            case: *case,
            model,
            trainer,
        })
    }

    /// Times whole epochs: batches, steps, history, and settling at the end.
    fn timed(mut self, ratings: &Ratings) -> Timed<'_> {
        let steps = ratings.len().div_ceil(self.case.batch);
        Box::new(move |at_least| {
            let mut epochs = Vec::new();
            let start = Instant::now();
            while start.elapsed() < at_least || epochs.is_empty() {
                self.trainer.fit(&mut self.model, ratings, None, 1)?;
                let last = self.trainer.history().epochs.last();
                epochs.push(last.map_or(f64::NAN, |epoch| epoch.seconds) / steps as f64);
            }
            epochs.sort_by(f64::total_cmp);
            Ok(epochs[epochs.len() / 2])
        })
    }
}

/// Times whole epochs of the hand-written loop, over ratings stored in the order in which they are read; after as many
/// epochs as ours.
fn floor<'a>(case: &Case, mode: Mode, ratings: &'a Ratings) -> Timed<'a> {
    if let Some(mut matmuls) = Matmuls::new(case) {
        return Box::new(move |at_least| {
            let (start, mut steps) = (Instant::now(), 0);
            while start.elapsed() < at_least {
                (0..100).for_each(|_| matmuls.step());
                steps += 100;
            }
            Ok(start.elapsed().as_secs_f64() / f64::from(steps))
        });
    }
    let mut floor = Floor::new(case, mode);
    let (users, items) = ids(ratings);
    let batch = case.batch;
    let mut epoch = move || {
        let mut steps = 0;
        let ids = users.chunks(batch).zip(items.chunks(batch));
        for ((users, items), ratings) in ids.zip(ratings.ratings.chunks(batch)) {
            std::hint::black_box(floor.step(users, items, ratings));
            steps += 1;
        }
        floor.settle();
        steps
    };
    (0..case.age()).for_each(|_| {
        epoch();
    });
    Box::new(move |at_least| {
        let (start, mut steps) = (Instant::now(), 0);
        while start.elapsed() < at_least || steps == 0 {
            steps += epoch();
        }
        Ok(start.elapsed().as_secs_f64() / f64::from(steps))
    })
}

/// Times single steps: epochs would take minutes, so the weights are those that our training has reached.
fn dense<'a>(case: &Case, aged: &Network, ratings: &'a Ratings, device: &Device) -> Timed<'a> {
    let mut dense = DenseBurn::new(case, &Weights::of(aged), device);
    let (users, items) = ids(ratings);
    let batch = case.batch;
    Box::new(move |at_least| {
        let (start, mut steps) = (Instant::now(), 0);
        let ids = users.chunks(batch).zip(items.chunks(batch));
        for ((users, items), ratings) in ids.zip(ratings.ratings.chunks(batch)) {
            dense.step(users, items, ratings);
            steps += 1;
            if start.elapsed() > at_least {
                break;
            }
        }
        Ok(start.elapsed().as_secs_f64() / f64::from(steps))
    })
}

fn ids(ratings: &Ratings) -> (Vec<u32>, Vec<u32>) {
    let users = ratings.users.iter().map(|user| user.0).collect();
    (users, ratings.items.iter().map(|item| item.0).collect())
}
