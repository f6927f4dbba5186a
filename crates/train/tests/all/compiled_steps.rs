//! Compiled steps lead where autodiff leads.

use crate::common::{ITEMS, USERS, distance, network, ratings, rich};
use proptest::prelude::*;
use recburn_data::Batches;
use recburn_graph::{
    Activation, L2On, Sym, TableOptions, add, concat, dot, multiply, pairwise, sample,
};
use recburn_nn::{Network, Weights};
use recburn_schema::{Batch, Candidates, Column};
use recburn_train::{EarlyStopping, Loss, Mode, Rule, Trainer};

/// Weights and losses after some epochs.
fn trained(start: &Network, trainer: Trainer, epochs: usize) -> (Weights, Vec<f64>) {
    let (weights, losses, compiled) = trained_by(start, trainer, epochs);
    assert!(compiled, "the graph is compiled");
    (weights, losses)
}

/// The same by autodiff.
fn by_autodiff(start: &Network, trainer: Trainer, epochs: usize) -> (Weights, Vec<f64>) {
    let (weights, losses, compiled) = trained_by(start, trainer.reference(), epochs);
    assert!(!compiled, "the graph is not compiled");
    (weights, losses)
}

fn trained_by(start: &Network, mut trainer: Trainer, epochs: usize) -> (Weights, Vec<f64>, bool) {
    let mut model = start.clone();
    let (train, valid) = (ratings(45), ratings(20));
    trainer
        .fit(&mut model, &train, Some(&valid), epochs)
        .expect("a training that ends");
    let epochs = trainer.history().epochs.iter();
    let losses = epochs.flat_map(|epoch| {
        let valid = epoch.valid.as_ref().map_or(0.0, |valid| valid.loss());
        [epoch.train.loss(), valid, epoch.penalty]
    });
    (Weights::of(&model), losses.collect(), trainer.is_compiled())
}

fn rules() -> [Rule; 6] {
    [
        Rule::sgd(0.0),
        Rule::sgd(0.9),
        Rule::ADAM,
        Rule::adamw(0.01),
        Rule::ADAGRAD,
        Rule::ROWWISE_ADAGRAD,
    ]
}

#[test]
fn under_every_rule_loss_and_mode_a_compiled_training_is_that_of_autodiff() {
    let start = rich();
    for rule in rules() {
        for loss in [Loss::Mse, Loss::Mae, Loss::Huber { delta: 0.7 }] {
            for mode in [Mode::Exact, Mode::Touched] {
                let trainer = || {
                    let trainer = Trainer::new(rule, 0.01).mode(mode).loss(loss);
                    trainer.batch(16).seed(4)
                };
                // Three batches, of which the last has 13 ratings.
                let (compiled, losses) = trained(&start, trainer(), 2);
                let (reference, expected) = by_autodiff(&start, trainer(), 2);
                let apart = distance(&compiled, &reference);
                assert!(apart < 3e-5, "{rule:?} {loss:?} {mode:?}: {apart}");
                for (loss, expected) in losses.iter().zip(&expected) {
                    assert!(
                        (loss - expected).abs() < 1e-5 * expected.abs().max(1.0),
                        "{rule:?} {mode:?}: {losses:?} {expected:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn penalties_of_the_batch_and_constraints_are_the_same() {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let table = TableOptions {
        l2: 0.02,
        l2_on: L2On::Batch,
        non_negative: true,
        ..TableOptions::default()
    };
    let (p, q) = (
        user.embed_with("p", 3, table),
        item.embed_with("q", 3, table),
    );
    let product = multiply("both", [&p, &q]);
    let start = network(&product.dense("score", 1, Activation::Linear));
    let trainer = || Trainer::new(Rule::ADAM, 0.02).batch(8);
    let (compiled, losses) = trained(&start, trainer(), 3);
    let (reference, expected) = by_autodiff(&start, trainer(), 3);
    assert!(distance(&compiled, &reference) < 1e-5);
    for (loss, expected) in losses.iter().zip(&expected) {
        assert!((loss - expected).abs() < 1e-5, "{losses:?} {expected:?}");
    }
    let mut weights = compiled.0["p.weight"].values.iter();
    assert!(weights.all(|&weight| weight >= 0.0));
}

#[test]
fn draws_and_their_divergence_are_the_same() {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let (p, q) = (user.embed("p", 3), item.embed("q", 3));
    let both = concat("both", [&p, &q]);
    let draw = |warm_up| {
        let (mean, variance) = (
            both.dense("mean", 4, Activation::Linear),
            both.dense("log_variance", 4, Activation::Linear),
        );
        let drawn = sample("drawn", &mean, &variance, 0.3, warm_up);
        network(&drawn.dense("score", 1, Activation::Linear))
    };
    // The weight of the divergence is still rising, or has risen.
    for start in [draw(20), draw(0)] {
        for loss in [Loss::Mse, Loss::Logistic] {
            let trainer = || Trainer::new(Rule::ADAM, 0.02).batch(8).loss(loss);
            let (compiled, losses) = trained(&start, trainer(), 2);
            let (reference, expected) = by_autodiff(&start, trainer(), 2);
            let apart = distance(&compiled, &reference);
            assert!(apart < 3e-5, "{apart}");
            for (loss, expected) in losses.iter().zip(&expected) {
                assert!((loss - expected).abs() < 1e-5, "{losses:?} {expected:?}");
            }
        }
    }
}

#[test]
fn a_batch_of_one_is_a_batch() {
    let start = rich();
    let trainer = || Trainer::new(Rule::ADAM, 0.01).batch(1);
    let (compiled, _) = trained(&start, trainer(), 1);
    let (reference, _) = by_autodiff(&start, trainer(), 1);
    assert!(distance(&compiled, &reference) < 3e-5);
}

#[test]
fn a_training_is_the_same_to_the_last_bit_whenever_it_runs_and_on_however_many_threads() {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let pair = concat("pair", [&user.embed("p", 64), &item.embed("q", 64)]);
    let start = network(
        &pair
            .dropout("dropped", 0.2)
            .dense("hidden", 80, Activation::Tanh)
            .dense("score", 1, Activation::Linear),
    );
    let train = ratings(4_500);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a pool").install(|| {
            let mut model = start.clone();
            let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(4_096);
            trainer
                .fit(&mut model, &train, None, 2)
                .expect("a training that ends");
            Weights::of(&model)
        })
    };
    let once = run(1);
    assert_eq!(run(1), once);
    assert_eq!(run(3), once);
}

#[test]
fn a_training_that_is_interrupted_goes_on_to_the_same_bits() {
    let (train, start) = (ratings(45), rich());
    let trainer = || Trainer::new(Rule::ADAM, 0.01).batch(16).seed(4);
    let mut whole = start.clone();
    trainer()
        .fit(&mut whole, &train, None, 4)
        .expect("a training that ends");

    let folder = tempfile::tempdir().expect("a folder");
    let checkpoint = folder.path().join("checkpoint");
    let mut first = start.clone();
    trainer()
        .checkpoint(&checkpoint, 1)
        .fit(&mut first, &train, None, 2)
        .expect("a training that ends");
    let (mut second, mut resumed) = (start.clone(), trainer());
    resumed
        .resume(&checkpoint, &mut second)
        .expect("a checkpoint of this training");
    resumed
        .fit(&mut second, &train, None, 2)
        .expect("a training that ends");
    assert_eq!(Weights::of(&second), Weights::of(&whole));

    // And so does one that goes on in the same trainer.
    let (mut third, mut same) = (start.clone(), trainer());
    for _ in 0..2 {
        same.fit(&mut third, &train, None, 2)
            .expect("a training that ends");
    }
    assert_eq!(Weights::of(&third), Weights::of(&whole));
}

#[test]
fn the_best_weights_are_put_back_and_what_follows_starts_from_them() {
    let (train, valid) = (ratings(45), ratings(20));
    let run = |reference: bool| {
        let mut model = rich();
        let trainer = Trainer::new(Rule::sgd(0.0), 0.05).batch(16);
        let trainer = if reference {
            trainer.reference()
        } else {
            trainer
        };
        // No epoch is better by as much as this, so the first stays the best.
        let mut trainer = trainer.with(EarlyStopping::new(1).min_delta(1e6));
        let stop = trainer
            .fit(&mut model, &train, Some(&valid), 6)
            .expect("a training that ends");
        assert!(stop.is_some());
        let first = Weights::of(&model);
        trainer
            .fit(&mut model, &train, Some(&valid), 1)
            .expect("a training that ends");
        (first, Weights::of(&model))
    };
    let (compiled, reference) = (run(false), run(true));
    assert!(distance(&compiled.0, &reference.0) < 1e-5);
    assert!(distance(&compiled.1, &reference.1) < 1e-5);
}

/// A column of these ids.
fn column(ids: &[u32]) -> Column {
    let mut column = Column::default();
    for id in ids {
        let known = column.rows.iter().position(|row| row == id);
        let place = known.unwrap_or_else(|| {
            column.rows.push(*id);
            column.rows.len() - 1
        });
        column.inverse.push(place as u32);
    }
    column
}

#[test]
fn positives_among_candidates_train_as_by_autodiff_whether_shared_or_not() {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let factors = dot("affinity", &user.embed("p", 4), &item.embed("q", 4));
    let starts = [
        rich(),
        network(&add("score", [&factors, &item.embed("c", 1)])),
    ];
    let positives = |candidates, items: &[u32]| Batch {
        queries: 4,
        candidates,
        users: column(&[3, 1, 3, 0]),
        items: column(items),
        positives: vec![0, 1, 2, 0],
        ..Batch::default()
    };
    let batches = [
        positives(Candidates::Each(3), &[1, 2, 5, 0, 2, 3, 6, 4, 1, 3, 3, 2]),
        positives(Candidates::Shared(5), &[6, 0, 2, 5, 1]),
    ];
    for start in &starts {
        for batch in &batches {
            for loss in [Loss::Bpr, Loss::Softmax, Loss::Logistic] {
                let run = |trainer: Trainer| {
                    let mut trainer = trainer.loss(loss);
                    let mut session = trainer.begin(start).expect("a session");
                    for _ in 0..3 {
                        session.step(batch).expect("a step");
                    }
                    Weights::of(&session.end())
                };
                // What adds the same to all scores has a gradient of 0 under losses that rank, and Adam would divide its
                // rounding by itself.
                let trainer = || Trainer::new(Rule::sgd(0.9), 0.1);
                let (compiled, reference) = (run(trainer()), run(trainer().reference()));
                let apart = distance(&compiled, &reference);
                assert!(apart < 3e-5, "{loss:?} {:?}: {apart}", batch.candidates);
                assert!(distance(&compiled, &Weights::of(start)) > 1e-3);
            }
        }
    }
}

#[test]
fn a_session_ends_with_what_its_steps_have_learnt() {
    let start = rich();
    let train = ratings(16);
    let run = |reference: bool| {
        let trainer = Trainer::new(Rule::ADAM, 0.05);
        let mut trainer = if reference {
            trainer.reference()
        } else {
            trainer
        };
        let mut batches = Batches::in_order(&train, 16).expect("ratings in one batch");
        let batch = batches.next().expect("a batch");
        let mut session = trainer.begin(&start).expect("a session");
        for _ in 0..5 {
            let scores = session.step(&batch).expect("a step");
            assert_eq!(scores.dims(), [16, 1]);
        }
        Weights::of(&session.end())
    };
    let compiled = run(false);
    assert!(distance(&compiled, &run(true)) < 3e-5);
    assert!(distance(&compiled, &Weights::of(&start)) > 0.05);
}

/// A random graph: layers that take what is there already.
fn graphs() -> impl Strategy<Value = Sym> {
    let layer = (0usize..12, any::<u16>(), any::<u16>());
    proptest::collection::vec(layer, 1..7).prop_map(|layers| {
        let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
        let mut values = vec![
            (user.embed("p", 3), 3),
            (item.embed("q", 3), 3),
            (user.embed("b", 1), 1),
        ];
        let mut used = vec![false; values.len()];
        for (at, (kind, left, right)) in layers.into_iter().enumerate() {
            let name = format!("layer_{at}");
            let left = usize::from(left) % values.len();
            let (value, width) = values[left].clone();
            let alike: Vec<usize> = (0..values.len())
                .filter(|&at| values[at].1 == width)
                .collect();
            let other = match kind {
                0 => usize::from(right) % values.len(),
                1..=4 => alike[usize::from(right) % alike.len()],
                _ => left,
            };
            used[left] = true;
            used[other] = true;
            let (second, more) = &values[other];
            let made = match kind {
                0 => (concat(&name, [&value, second]), width + more),
                1 => (add(&name, [&value, second]), width),
                2 => (multiply(&name, [&value, second]), width),
                3 => (dot(&name, &value, second), 1),
                4 => (pairwise(&name, [&value, second]), width),
                5 => (value.dense(&name, 3, Activation::Relu), 3),
                6 => (value.dense(&name, 2, Activation::Sigmoid), 2),
                7 => (value.activation(&name, Activation::Elu), width),
                8 => (value.dropout(&name, 0.3), width),
                // Bent as well: the scale of a batch normalisation before another one changes nothing either.
                9 => {
                    let bent = format!("bent_{at}");
                    let normal = value.batch_norm(&name);
                    (normal.activation(&bent, Activation::Elu), width)
                }
                // Bent, since a bias before a batch normalisation changes nothing: its gradient is the rounding of 0.
                10 => {
                    let bent = format!("bent_{at}");
                    (value.bias(&name).activation(&bent, Activation::Elu), width)
                }
                _ => (value.rescale(&name, 0.5, 1.5), width),
            };
            values.push(made);
            used.push(false);
        }
        // Everything that nothing has used goes into the score.
        let left = values.iter().zip(&used).filter(|(_, used)| !**used);
        let left: Vec<&Sym> = left.map(|((value, _), _)| value).collect();
        let last = match left[..] {
            [one] => one.clone(),
            ref more => concat("last", more.iter().copied()),
        };
        last.dense("score", 1, Activation::Linear)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn random_graphs_train_as_autodiff_trains_them(
        output in graphs(), rule in 0usize..5, batch in 5usize..20
    ) {
        let start = network(&output);
        let trainer = || Trainer::new(rules()[rule], 0.01).batch(batch);
        let (compiled, losses) = trained(&start, trainer(), 1);
        let (reference, expected) = by_autodiff(&start, trainer(), 1);
        let apart = distance(&compiled, &reference);
        prop_assert!(apart < 1e-3, "{}: {apart}", start.graph().summary());
        for (loss, expected) in losses.iter().zip(&expected) {
            let error = (loss - expected).abs() / expected.abs().max(1.0);
            prop_assert!(error < 1e-4, "{losses:?} {expected:?}");
        }
    }
}
