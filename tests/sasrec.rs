//! SASRec trained on what comes next: better lists than those of popularity, repeatable, and the same on every path.

mod common;

use common::{cpu, distance};
use recburn::data::Features;
use recburn::graph::{Graph, Sym};
use recburn::nn::Weight;
use recburn::prelude::*;
use recburn::train::{FullRanking, Judge};

/// The sample with the last item of each user held out.
fn sample() -> (Experiment, Prepared) {
    let experiment = Experiment::preset("sasrec", "default").expect("a preset");
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

#[test]
fn lists_are_better_than_those_of_the_start_and_of_popularity() {
    let (experiment, prepared) = sample();
    let mut model = network(&experiment, &prepared);
    let features = prepared.features(&model.inputs()).expect("histories");
    let judge = experiment.judge(&prepared, &features).expect("a judge");
    let start = ndcg(&*judge, &model);
    let mut trainer = experiment.trainer();
    experiment
        .fit(&mut trainer, &mut model, &prepared)
        .expect("a training that ends");
    let end = ndcg(&*judge, &model);

    // Each item by how many have it.
    let items = prepared.schema.items();
    let mut counts = vec![0.0f32; items];
    for item in &prepared.train.items {
        counts[item.0 as usize] += 1.0;
    }
    let graph = Graph::new("popularity", &Sym::item(items).embed("count", 1)).expect("a graph");
    let popularity = Network::new(graph, 0, &cpu());
    let counts = Weight {
        shape: vec![items, 1],
        values: counts,
    };
    let counts = Weights([("count.weight".to_string(), counts)].into());
    let popularity = counts.load_into(popularity).expect("its weights");
    let none = Features::default();
    let judge = FullRanking::new(&prepared.valid, &[&prepared.train], items, 10);
    let popular = ndcg(&judge.with_features(&none), &popularity);
    println!("ndcg@10: {start:.4} at the start, {popular:.4} by popularity, {end:.4} trained");
    assert!(end > 1.2 * popular && end > 2.0 * start);
}

#[test]
fn one_seed_is_one_training_on_any_number_of_threads() {
    let (experiment, prepared) = sample();
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
    assert_eq!(on(1, 7), one);
    assert_eq!(on(3, 7), one);
    assert!(distance(&on(1, 8).0, &one.0) > 0.0);
}

#[test]
fn compiled_steps_autodiff_and_tensors_take_the_same_steps() {
    let (mut experiment, prepared) = sample();
    experiment.training.rule = Rule::sgd(0.9);
    for (loss, negatives) in [
        (Loss::Softmax, "catalogue"),
        (Loss::Softmax, "shared-uniform:20"),
        (Loss::Logistic, "uniform:1"),
        (Loss::Bpr, "uniform:2"),
    ] {
        experiment.training.loss = loss;
        experiment.training.negatives = Some(negatives.to_string());
        experiment.training.phases[0].learning_rate = 0.02;
        let trainer = || experiment.trainer();
        let (weights, losses) = trained(&experiment, &prepared, trainer());
        for (way, trainer) in [
            ("autodiff", trainer().reference()),
            ("tensors", trainer().dense_tables()),
        ] {
            let (other, of_other) = trained(&experiment, &prepared, trainer);
            let apart = distance(&weights, &other);
            assert!(apart < 2e-4, "{loss} {negatives}: {apart} from {way}");
            for (own, other) in losses.iter().zip(&of_other) {
                assert!((own - other).abs() < 1e-4 * own, "{loss} {negatives} {way}");
            }
        }
    }
}

#[test]
fn a_saved_model_recommends_by_the_history_alone() {
    let (experiment, prepared) = sample();
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
