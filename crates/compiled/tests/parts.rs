//! Batches of which several processes have a part.

#![allow(clippy::unwrap_used)]

mod common;

use common::{ITEMS, Model, USERS, batch, column, numbers};
use recburn_compiled::Pass;
use recburn_graph::{Activation, Sym, concat};
use recburn_optim::RowTable;
use recburn_schema::Batch;
use std::sync::{Barrier, Mutex};
use std::thread;

const STEP: Pass = Pass::Training { seed: 5 };

fn pair() -> Sym {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    concat("pair", [&user.embed("p", 4), &item.embed("q", 4)])
}

/// Some pairs of a batch of single candidates.
fn part(whole: &Batch, pairs: &[usize]) -> Batch {
    let ids = |of: &recburn_schema::Column| -> Vec<u32> {
        let row = |&pair: &usize| of.rows[of.inverse[pair] as usize];
        pairs.iter().map(row).collect()
    };
    let keys = pairs
        .iter()
        .filter_map(|&pair| whole.keys.get(pair).copied());
    Batch {
        queries: pairs.len(),
        users: column(&ids(&whole.users)),
        items: column(&ids(&whole.items)),
        targets: pairs.iter().map(|&pair| whole.targets[pair]).collect(),
        keys: keys.collect(),
        ..Batch::default()
    }
}

#[test]
fn masks_go_by_key_wherever_a_pair_is() {
    let layer = |rate| {
        let hidden = pair()
            .dense("hidden", 12, Activation::Relu)
            .dropout("dropped", rate);
        hidden.dense("score", 1, Activation::Linear)
    };
    // Layers of which most units are dropped are computed in another way.
    for rate in [0.3, 0.7] {
        let mut model = Model::new(&layer(rate), 3);
        let mut whole = batch(30);
        whole.keys = (0..30).map(|pair| pair * 31 + 7).collect();
        let scores = model.scores(&whole, STEP);
        let backwards: Vec<usize> = (0..30).rev().step_by(2).collect();
        let own = model.scores(&part(&whole, &backwards), STEP);
        for (&pair, score) in backwards.iter().zip(own) {
            assert!((score - scores[pair]).abs() < 1e-5, "{rate}: pair {pair}");
        }
        let other = model.scores(&whole, Pass::Training { seed: 6 });
        assert_ne!(other, scores, "{rate}: another step has other masks");
        whole.keys.reverse();
        assert_ne!(model.scores(&whole, STEP), scores, "{rate}: other keys");
    }
}

/// Adds up the numbers of so many threads.
struct Together {
    barrier: Barrier,
    numbers: Mutex<Vec<Vec<f64>>>,
}

impl Together {
    fn sum(&self, thread: usize, own: &mut [f64]) {
        self.numbers.lock().unwrap()[thread] = own.to_vec();
        self.barrier.wait();
        {
            let all = self.numbers.lock().unwrap();
            for (at, own) in own.iter_mut().enumerate() {
                *own = all.iter().map(|numbers| numbers[at]).sum();
            }
        }
        self.barrier.wait();
    }
}

fn normalised() -> Model {
    let hidden = pair()
        .dense("hidden", 6, Activation::Linear)
        .batch_norm("norm");
    let score = hidden
        .activation("relu", Activation::Relu)
        .dense("score", 1, Activation::Linear);
    Model::new(&score, 3)
}

#[test]
fn normalisation_of_parts_is_that_of_the_whole() {
    let whole = batch(30);
    let slopes = numbers(4, 30);
    let mut alone = normalised();
    let expected = alone.scores(&whole, STEP);
    alone.compiled.backward(&whole, &slopes);

    // The last one has no part of the batch.
    let parts: [Vec<usize>; 3] = [(0..11).collect(), (11..30).collect(), Vec::new()];
    let together = Together {
        barrier: Barrier::new(3),
        numbers: Mutex::new(vec![Vec::new(); 3]),
    };
    let found = thread::scope(|scope| {
        let running: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(at, pairs)| {
                let (together, whole, slopes) = (&together, &whole, &slopes);
                scope.spawn(move || {
                    let mut model = normalised();
                    let own = part(whole, pairs);
                    let sums = |numbers: &mut [f64]| together.sum(at, numbers);
                    let tables: Vec<&RowTable> = model.tables.iter().collect();
                    let compiled = &mut model.compiled;
                    let scores = compiled
                        .forward_of_part(&own, &tables, STEP, Some(&sums))
                        .to_vec();
                    let slopes: Vec<f32> = pairs.iter().map(|&pair| slopes[pair]).collect();
                    compiled.backward_of_part(&own, &slopes, Some(&sums));
                    (scores, model)
                })
            })
            .collect();
        let ended = running.into_iter().map(|running| running.join().unwrap());
        ended.collect::<Vec<_>>()
    });
    let scores: Vec<f32> = found
        .iter()
        .flat_map(|(scores, _)| scores.clone())
        .collect();
    let near = |own: &[f32], wanted: &[f32], what: &str| {
        assert_eq!(own.len(), wanted.len(), "{what}");
        for (own, wanted) in own.iter().zip(wanted) {
            assert!(
                (own - wanted).abs() < 1e-4,
                "{what}: {own} instead of {wanted}"
            );
        }
    };
    near(&scores, &expected, "scores");
    for parameter in alone.compiled.parameters().trained() {
        let of = |model: &Model| {
            model
                .compiled
                .parameters()
                .gradient(&parameter.name)
                .unwrap()
        };
        let mut sum = of(&found[0].1);
        for (sum, more) in sum.iter_mut().zip(of(&found[1].1)) {
            *sum += more;
        }
        near(&sum, &of(&alone), &parameter.name);
    }
    for name in ["norm.running_mean", "norm.running_var"] {
        let of = |model: &Model| model.compiled.parameters().get(name).unwrap().1;
        for (_, model) in &found {
            near(&of(model), &of(&alone), name);
        }
    }
}
