//! Tables propagated along the graph of interactions.

use crate::common::{ITEMS, USERS, distance, figures, network, ratings};
use recburn_data::{Implicit, Negatives, Ratings};
use recburn_graph::{Graph, L2On, Sym, Table, TableOptions, add, dot};
use recburn_nn::{Network, Weights};
use recburn_train::{Averaging, EarlyStopping, Loss, Rule, TrainError, Trainer};

const WIDTH: usize = 3;

fn model(layers: usize, options: TableOptions) -> Network {
    let table = |name, rows| Table::with(name, rows, WIDTH, options).propagated(layers);
    let affinity = dot(
        "affinity",
        &Sym::user(USERS).look_up("p", &table("p", USERS)),
        &Sym::item(ITEMS).look_up("q", &table("q", ITEMS)),
    );
    let bias = Sym::item(ITEMS).embed("c", 1);
    network(&add("score", [&affinity, &bias]))
}

/// `M`, by dense products: `[users + items, users + items]`.
fn smoothing(train: &Ratings, layers: usize) -> Vec<Vec<f64>> {
    let size = USERS + ITEMS;
    let mut linked = vec![vec![0.0; size]; size];
    for (user, item) in train.users.iter().zip(&train.items) {
        let (user, item) = (user.0 as usize, USERS + item.0 as usize);
        (linked[user][item], linked[item][user]) = (1.0, 1.0);
    }
    let degrees: Vec<f64> = linked.iter().map(|row| row.iter().sum()).collect();
    for (at, row) in linked.iter_mut().enumerate() {
        for (other, cell) in row.iter_mut().enumerate() {
            if *cell > 0.0 {
                *cell = 1.0 / (degrees[at] * degrees[other]).sqrt();
            }
        }
    }
    let unit = |at: usize| {
        (0..size)
            .map(|other| f64::from(u8::from(at == other)))
            .collect()
    };
    let mut power: Vec<Vec<f64>> = (0..size).map(unit).collect();
    let mut sum = power.clone();
    for _ in 0..layers {
        power = power
            .iter()
            .map(|row| {
                let cell = |to: usize| (0..size).map(|by| row[by] * linked[by][to]).sum();
                (0..size).map(cell).collect()
            })
            .collect();
        for (sum, power) in sum.iter_mut().flatten().zip(power.iter().flatten()) {
            *sum += power;
        }
    }
    let share = (layers + 1) as f64;
    sum.iter_mut().flatten().for_each(|cell| *cell /= share);
    sum
}

/// The two tables, users above items.
fn rows(weights: &Weights) -> Vec<f64> {
    let of = |name: &str| weights.0[name].values.clone();
    let both = of("p.weight").into_iter().chain(of("q.weight"));
    both.map(f64::from).collect()
}

fn times(matrix: &[Vec<f64>], rows: &[f64]) -> Vec<f64> {
    let cell = |row: &[f64], column: usize| {
        let cells = row.iter().enumerate();
        cells
            .map(|(at, weight)| weight * rows[at * WIDTH + column])
            .sum()
    };
    let rows = matrix.iter();
    rows.flat_map(|row| (0..WIDTH).map(move |column| cell(row, column)))
        .collect()
}

/// The mean squared error of smoothed rows and biases.
fn loss(train: &Ratings, smooth: &[f64], biases: &[f32]) -> f64 {
    let ratings = train.users.iter().zip(&train.items).zip(&train.ratings);
    let errors = ratings.map(|((user, item), rating)| {
        let (user, item) = (user.0 as usize, item.0 as usize);
        let (p, q) = (&smooth[user * WIDTH..], &smooth[(USERS + item) * WIDTH..]);
        let score: f64 = (0..WIDTH).map(|at| p[at] * q[at]).sum();
        (score + f64::from(biases[item]) - f64::from(*rating)).powi(2)
    });
    errors.sum::<f64>() / train.len() as f64
}

#[test]
fn a_step_descends_the_loss_of_the_smoothed_rows() {
    let train = ratings(30);
    for layers in [1, 2, 3] {
        let start = model(layers, TableOptions::default());
        let matrix = smoothing(&train, layers);
        let learnt = rows(&Weights::of(&start));
        let biases = Weights::of(&start).0["c.weight"].values.clone();
        let mut wanted = learnt.clone();
        for at in 0..learnt.len() {
            let moved = |by: f64| {
                let mut moved = learnt.clone();
                moved[at] += by;
                loss(&train, &times(&matrix, &moved), &biases)
            };
            wanted[at] -= 0.1 * (moved(1e-4) - moved(-1e-4)) / 2e-4;
        }
        let wanted = times(&matrix, &wanted);
        for way in [
            |trainer: Trainer| trainer,
            |trainer: Trainer| trainer.reference(),
            |trainer: Trainer| trainer.dense_tables(),
        ] {
            let mut trained = start.clone();
            let mut trainer = way(Trainer::new(Rule::sgd(0.0), 0.1).batch(30));
            trainer
                .fit(&mut trained, &train, None, 1)
                .expect("a training that ends");
            for (seen, wanted) in rows(&Weights::of(&trained)).iter().zip(&wanted) {
                assert!(
                    (seen - wanted).abs() < 1e-5,
                    "{layers}: {seen}, not {wanted}"
                );
            }
        }
    }
}

#[test]
fn every_way_of_training_ends_alike_on_pairs_too() {
    let (train, options) = (
        ratings(30),
        TableOptions {
            l2: 0.01,
            l2_on: L2On::Batch,
            ..TableOptions::default()
        },
    );
    let pairs = Implicit::new(&train, Negatives::uniform(2)).expect("negatives");
    let run = |way: fn(Trainer) -> Trainer| {
        let mut trained = model(2, options);
        let trainer = Trainer::new(Rule::ADAM, 0.02).batch(8).loss(Loss::Bpr);
        way(trainer)
            .fit(&mut trained, &pairs, None, 3)
            .expect("a training that ends");
        Weights::of(&trained)
    };
    let rows = run(|trainer| trainer);
    assert!(distance(&rows, &run(Trainer::reference)) < 1e-5);
    assert!(distance(&rows, &run(Trainer::dense_tables)) < 1e-4);
    assert_eq!(run(|trainer| trainer), rows);
}

#[test]
fn a_resumed_training_ends_with_the_same_bits_with_and_without_averages() {
    let train = ratings(30);
    let home = tempfile::tempdir().expect("a folder");
    let averagings = [None, Some(Averaging::Swa { from: 2 })];
    for (at, averaging) in averagings.into_iter().enumerate() {
        let trainer = || {
            let trainer = Trainer::new(Rule::ADAM, 0.02).batch(8);
            let trainer = match averaging {
                Some(averaging) => trainer.average(averaging),
                None => trainer,
            };
            trainer.with(EarlyStopping::new(9))
        };
        let start = || model(2, TableOptions::default());
        let (mut straight, mut uninterrupted) = (start(), trainer());
        let valid = ratings(12);
        uninterrupted
            .fit(&mut straight, &train, Some(&valid), 5)
            .expect("a training that ends");
        let folder = home.path().join(at.to_string());
        let mut first = trainer().checkpoint(&folder, 1);
        first
            .fit(&mut start(), &train, Some(&valid), 3)
            .expect("a training that ends");
        let (mut resumed, mut second) = (start(), trainer());
        second.resume(&folder, &mut resumed).expect("a checkpoint");
        second
            .fit(&mut resumed, &train, Some(&valid), 2)
            .expect("a training that ends");
        assert_eq!(figures(second.history()), figures(uninterrupted.history()));
        assert_eq!(Weights::of(&resumed), Weights::of(&straight));
    }
}

#[test]
fn a_model_is_evaluated_with_the_rows_that_it_is_left_with() {
    let (train, valid) = (ratings(30), ratings(12));
    let mut trained = model(2, TableOptions::default());
    let mut trainer = Trainer::new(Rule::ADAM, 0.05).batch(8);
    trainer
        .fit(&mut trained, &train, Some(&valid), 3)
        .expect("a training that ends");
    let measures = recburn_train::evaluate(&trained, &valid, Loss::Mse).expect("sound rows");
    let last = trainer.history().last().expect("epochs");
    let noted = last.valid.as_ref().expect("a validation").loss();
    assert!((measures.loss() - noted).abs() < 1e-9);
}

#[test]
fn a_table_without_its_counterpart_and_steps_without_interactions_are_refused() {
    let alone = Table::new("p", USERS, WIDTH).propagated(2);
    let other = Table::new("q", ITEMS, WIDTH);
    let score = dot(
        "score",
        &Sym::user(USERS).look_up("p", &alone),
        &Sym::item(ITEMS).look_up("q", &other),
    );
    let error = Graph::new("model", &score).expect_err("one table of two");
    assert!(error.to_string().contains("`p`"), "{error}");
    let model = model(2, TableOptions::default());
    let mut trainer = Trainer::new(Rule::ADAM, 0.01);
    let error = trainer.begin(&model).err().expect("no interactions");
    assert!(
        matches!(error, TrainError::NoInteractions { .. }),
        "{error}"
    );
}
