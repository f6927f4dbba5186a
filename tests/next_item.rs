//! Models of the next item, trained on what comes next: they learn an order, repeatably, and alike on every path.

mod common;

use common::{cpu, distance};
use recburn::prelude::*;
use recburn::recipe::Phase;
use recburn::train::Judge;
use serde_json::json;
use std::path::Path;

const MODELS: [&str; 3] = ["gru4rec", "narm", "sasrec"];

/// The sample with the last item of each user held out.
fn sample(model: &str) -> (Experiment, Prepared) {
    let experiment = Experiment::preset(model, "default").expect("a preset");
    let prepared = experiment.prepare(None).expect("the sample");
    (experiment, prepared)
}

fn network(experiment: &Experiment, prepared: &Prepared) -> Network {
    experiment.network(prepared, &cpu()).expect("a network")
}

/// Trains for some epochs: the weights, and the loss of each epoch.
fn trained(experiment: &Experiment, prepared: &Prepared, trainer: Trainer) -> (Weights, Vec<f64>) {
    let (mut model, mut trainer) = (network(experiment, prepared), trainer);
    let features = prepared.features(&model.inputs()).expect("histories");
    let examples = experiment.examples(prepared, &features).expect("histories");
    trainer
        .fit(&mut model, &*examples, None, 2)
        .expect("a training that ends");
    let losses = trainer.history().epochs.iter();
    let losses = losses.map(|epoch| epoch.train.loss()).collect();
    (Weights::of(&model), losses)
}

fn ndcg(judge: &dyn Judge<Network>, model: &Network) -> f64 {
    judge.judge(model, Loss::Softmax).expect("a judgement")["ndcg@10"]
}

/// Users who go round a circle of items, each from a place of their own: what comes next follows from the last item alone,
/// and every item is as popular as the others.
fn circle(model: &str, folder: &Path) -> (Experiment, Prepared) {
    const ITEMS: u32 = 41;
    let mut text = "user,item,rating,timestamp\n".to_string();
    for user in 0..120 {
        for step in 0..12 {
            let item = (user * 5 + step * 7) % ITEMS;
            text += &format!("u{user},i{item},5,{}\n", 1_000 + step);
        }
    }
    let file = folder.join("ratings.csv");
    std::fs::write(&file, text).expect("a file");
    let mut experiment = Experiment::preset(model, "default").expect("a preset");
    for (name, value) in [
        ("width", json!(16)),
        ("units", json!(16)),
        ("length", json!(12)),
        ("dropout", json!(0.0)),
        ("hidden_dropout", json!(0.0)),
    ] {
        if let Some(option) = experiment.options.get_mut(name) {
            *option = value;
        }
    }
    let training = &mut experiment.training;
    training.data = file.display().to_string();
    training.negatives = Some("catalogue".to_string());
    (training.batch, training.patience) = (16, None);
    training.phases = vec![Phase {
        epochs: 30,
        learning_rate: 0.005,
    }];
    let prepared = experiment.prepare(None).expect("ratings");
    (experiment, prepared)
}

#[test]
fn what_comes_next_is_learnt_where_popularity_says_nothing() {
    for name in MODELS {
        let folder = tempfile::tempdir().expect("a folder");
        let (experiment, prepared) = circle(name, folder.path());
        let mut model = network(&experiment, &prepared);
        let features = prepared.features(&model.inputs()).expect("histories");
        let judge = experiment.judge(&prepared, &features).expect("a judge");
        let start = ndcg(&*judge, &model);
        let mut trainer = experiment.trainer();
        experiment
            .fit(&mut trainer, &mut model, &prepared)
            .expect("a training that ends");
        let end = ndcg(&*judge, &model);
        println!("{name}: ndcg@10: {start:.4} at the start, {end:.4} trained");
        assert!(start < 0.5 && end > 0.9, "{name}: {start} to {end}");
    }
}

#[test]
fn one_seed_is_one_training_on_any_number_of_threads() {
    for name in MODELS {
        let (experiment, prepared) = sample(name);
        let on = |threads: usize, seed: u64| {
            let experiment = Experiment {
                seed,
                ..experiment.clone()
            };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.expect("threads");
            pool.install(|| trained(&experiment, &prepared, experiment.trainer()))
        };
        let one = on(1, 7);
        assert_eq!(on(1, 7), one, "{name}");
        assert_eq!(on(3, 7), one, "{name}");
        assert!(distance(&on(1, 8).0, &one.0) > 0.0, "{name}");
    }
}

#[test]
fn compiled_steps_autodiff_and_tensors_take_the_same_steps() {
    let ways = [
        (Loss::Softmax, "catalogue"),
        (Loss::Softmax, "shared-uniform:20"),
        (Loss::Logistic, "uniform:1"),
        (Loss::Bpr, "uniform:2"),
    ];
    for (name, (loss, negatives)) in [
        ("gru4rec", ways[0]),
        ("narm", ways[0]),
        ("sasrec", ways[0]),
        ("sasrec", ways[1]),
        ("sasrec", ways[2]),
        ("sasrec", ways[3]),
    ] {
        let (mut experiment, prepared) = sample(name);
        experiment.training.rule = Rule::sgd(0.9);
        // Autodiff keeps every step of a recurrent unit: a few of them are enough here.
        if name != "sasrec" {
            experiment.options["length"] = json!(4);
        }
        experiment.training.loss = loss;
        experiment.training.negatives = Some(negatives.to_string());
        experiment.training.phases[0].learning_rate = 0.02;
        experiment.training.phases[0].epochs = 2;
        let trainer = || experiment.trainer();
        let (weights, losses) = trained(&experiment, &prepared, trainer());
        for (way, trainer) in [
            ("autodiff", trainer().reference()),
            ("tensors", trainer().dense_tables()),
        ] {
            let (other, of_other) = trained(&experiment, &prepared, trainer);
            let apart = distance(&weights, &other);
            println!("{name} {loss} {negatives}: {apart} from {way}");
            assert!(
                apart < 2e-4,
                "{name} {loss} {negatives}: {apart} from {way}"
            );
            for (own, other) in losses.iter().zip(&of_other) {
                let near = (own - other).abs() < 1e-4 * own;
                assert!(near, "{name} {loss} {negatives} {way}");
            }
        }
    }
}

#[test]
fn a_saved_model_recommends_by_the_history_alone() {
    for name in MODELS {
        remembers_the_history(name);
    }
}

fn remembers_the_history(name: &str) {
    let (experiment, prepared) = sample(name);
    let mut model = network(&experiment, &prepared);
    let mut trainer = experiment.trainer();
    let features = prepared.features(&model.inputs()).expect("histories");
    let examples = experiment.examples(&prepared, &features);
    let examples = examples.expect("histories");
    trainer
        .fit(&mut model, &*examples, None, 1)
        .expect("a training that ends");
    let recommender = experiment.recommender(&model, &prepared);
    let recommender = recommender.expect("a recommender");
    let folder = tempfile::tempdir().expect("a folder");
    recommender.save(folder.path()).expect("saved");
    let again = Recommender::load(folder.path(), &cpu()).expect("what was saved");
    let users = prepared.dataset.users.iter().take(3);
    for user in users.map(|(_, id)| id.into_owned()) {
        let list = recommender.recommend(&user, 5).expect("a known user");
        assert_eq!(list.len(), 5);
        assert_eq!(again.recommend(&user, 5).expect("a known user"), list);
    }
}
