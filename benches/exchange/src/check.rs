//! Checks that several processes together compute the same as one alone.

use crate::draw::{Draw, Rows};
use crate::shard::{Batch, Shard};
use mpi::collective::SystemOperation;
use mpi::traits::*;
use recburn_optim::{FactorScore, Goal, Gradients, Loss, Mode, Penalty, RowTable, Rule, Steps};

const USERS: u32 = 3_000;
const ITEMS: u32 = 2_000;
const FACTORS: usize = 8;
/// Ratings per process and step.
const BATCH: usize = 64;
const STEPS: usize = 200;

/// The cases, with learning rate and penalty: in exact mode rows catch up in closed form or by single steps; in touched
/// mode they do not.
const CASES: [(Rule, Mode, f64, f64); 5] = [
    (Rule::ADAM, Mode::Exact, 0.01, 0.0),
    (Rule::ADAM, Mode::Exact, 0.01, 1e-4),
    (Rule::ADAM, Mode::Touched, 0.01, 1e-4),
    (Rule::sgd(0.9), Mode::Exact, 2.0, 1e-4),
    (Rule::ADAGRAD, Mode::Exact, 5.0, 0.0),
];

/// Trains without any exchange: the ratings of all processes form one batch.
fn alone(
    [users, items]: [&[f32]; 2],
    penalty: Penalty,
    (rule, mode): (Rule, Mode),
    learning_rate: f64,
    processes: u32,
) -> [RowTable; 2] {
    let mut steps = Steps::after(0, rule, mode);
    let mut tables = [users, items].map(|w| RowTable::new(w, FACTORS, penalty, &steps));
    let mut gradients = Gradients::default();
    for step in 0..STEPS {
        let (mut users, mut items, mut ratings) = (Vec::new(), Vec::new(), Vec::new());
        for rank in 0..processes {
            let batch = Batch::draw([USERS, ITEMS], BATCH, step, rank, processes);
            users.extend(batch.users.ids().map(|row| row * processes + rank));
            items.extend(batch.items.ids());
            ratings.extend(batch.ratings);
        }
        let columns = [users, items].map(|ids| Rows::of(&ids, |id| id));
        for (table, of) in tables.iter_mut().zip(&columns) {
            table.catch_up(&of.rows, &steps);
        }
        let score = FactorScore {
            user_factors: &tables[0],
            item_factors: &tables[1],
            user_bias: None,
            item_bias: None,
        };
        let [users, items] = columns.each_ref().map(Rows::column);
        let mut scores = vec![0.0; ratings.len()];
        score.scores(users, items, &mut scores);
        let mut slopes = vec![0.0; scores.len()];
        Loss::Mse.slopes(&Goal::of_targets(&ratings), &scores, &mut slopes);
        score.gradients(users, items, &slopes, &mut gradients);
        let rate = steps.begin(learning_rate);
        tables[0].step(users.rows, &gradients.user_factors, rate, &steps);
        tables[1].step(items.rows, &gradients.item_factors, rate, &steps);
    }
    tables
        .iter_mut()
        .for_each(|table| table.catch_up_all(&steps));
    tables
}

/// The weights of the rows that a process owns.
fn own(weights: &[f32], rank: u32, processes: u32) -> Vec<f32> {
    let rows = weights.chunks_exact(FACTORS).skip(rank as usize);
    rows.step_by(processes as usize)
        .flatten()
        .copied()
        .collect()
}

/// The difference between the two ways of training.
pub struct Difference {
    /// The case, as text.
    pub case: String,
    /// The largest difference between two weights, over all processes.
    pub worst: f32,
    /// The mean change of a weight in training.
    pub moved: f32,
}

/// Trains each case both ways.
pub fn differences(world: &impl CommunicatorCollectives) -> Vec<Difference> {
    let (rank, processes) = (world.rank() as u32, world.size() as u32);
    let mut start = Draw(1);
    let weights = [USERS, ITEMS].map(|rows| start.weights(rows as usize * FACTORS));
    CASES
        .map(|(rule, mode, learning_rate, l2)| {
            let penalty = Penalty {
                l2,
                ..Penalty::default()
            };
            let shares = weights
                .each_ref()
                .map(|weights| own(weights, rank, processes));
            let shares = shares.each_ref().map(Vec::as_slice);
            let mut shard = Shard::new(world, shares, FACTORS, penalty, (rule, mode));
            for step in 0..STEPS {
                let batch = Batch::draw([USERS, ITEMS], BATCH, step, rank, processes);
                shard.step(&batch, 1.0 / processes as f32, learning_rate);
            }
            shard.settle();
            let whole = alone(
                weights.each_ref().map(Vec::as_slice),
                penalty,
                (rule, mode),
                learning_rate,
                processes,
            );
            let mut worst = 0f32;
            for (part, whole) in [&shard.users, &shard.items].into_iter().zip(&whole) {
                for row in 0..part.rows() as u32 {
                    let pairs = part.row(row).iter().zip(whole.row(row * processes + rank));
                    worst = pairs.fold(worst, |worst, (a, b)| worst.max((a - b).abs()));
                }
            }
            let mut of_all = 0f32;
            world.all_reduce_into(&worst, &mut of_all, SystemOperation::max());
            let moved = whole.iter().zip(&weights).map(|(table, start)| {
                let pairs = table.part(0).zip(start);
                pairs.map(|(now, start)| (now - start).abs()).sum::<f32>()
            });
            Difference {
                case: format!("{rule}, {mode:?}, l2 {l2}"),
                worst: of_all,
                moved: moved.sum::<f32>() / weights.iter().map(Vec::len).sum::<usize>() as f32,
            }
        })
        .into()
}
