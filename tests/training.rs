//! The loop and what hangs on it.

mod common;
#[path = "training/spread/mod.rs"]
mod spread;

use common::{distance, experiment, network, prepared};
use recburn::data::{Featured, Input, Ratings};
use recburn::graph::TableOptions;
use recburn::prelude::*;
use recburn::recipe::Phase;
use recburn::train::{Answer, Callback, Interrupt, Moment, Stop, TrainError};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn biased() -> (Experiment, Prepared, Network) {
    let experiment = experiment("biased_mf");
    let prepared = prepared(true);
    let network = network(&experiment, &prepared);
    (experiment, prepared, network)
}

/// Notes every moment.
#[derive(Clone, Default)]
struct Diary(Rc<RefCell<Vec<String>>>);

impl Diary {
    fn note(&self, what: &str, moment: &Moment<'_>) {
        self.0
            .borrow_mut()
            .push(format!("{what} {}/{}", moment.epoch, moment.last_epoch));
    }
}

impl Callback for Diary {
    fn name(&self) -> &'static str {
        "diary"
    }
    fn on_fit_begin(&mut self, moment: &mut Moment<'_>) -> Result<(), TrainError> {
        self.note("fit begins", moment);
        Ok(())
    }
    fn on_epoch_begin(&mut self, moment: &mut Moment<'_>) -> Answer {
        self.note("epoch begins", moment);
        Ok(ControlFlow::Continue(()))
    }
    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        if moment.step == moment.steps {
            assert_eq!(moment.ratings, moment.ratings_in_all);
            self.note("last step", moment);
        }
        Ok(ControlFlow::Continue(()))
    }
    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        assert_eq!(
            moment.history.last().map(|epoch| epoch.epoch),
            Some(moment.epoch)
        );
        self.note("epoch ends", moment);
        Ok(ControlFlow::Continue(()))
    }
    fn on_fit_end(&mut self, moment: &mut Moment<'_>) -> Result<(), TrainError> {
        self.note("fit ends", moment);
        Ok(())
    }
}

#[test]
fn callbacks_are_called_at_every_moment_in_order() {
    let (experiment, prepared, mut model) = biased();
    let diary = Diary::default();
    let mut trainer = experiment.trainer().with(diary.clone());
    trainer
        .fit(&mut model, &prepared.train, None, 1)
        .expect("a training that ends");
    trainer
        .fit(&mut model, &prepared.train, None, 1)
        .expect("a training that ends");
    let told = diary.0.borrow().join("\n");
    let expected = "fit begins 1/1\nepoch begins 1/1\nlast step 1/1\nepoch ends 1/1\nfit ends 2/1\n\
                    fit begins 2/2\nepoch begins 2/2\nlast step 2/2\nepoch ends 2/2\nfit ends 3/2";
    assert_eq!(told, expected);
}

#[test]
fn two_fits_are_one_longer_fit() {
    let (experiment, prepared, start) = biased();
    let train = |fits: &[usize]| {
        let mut model = start.clone();
        let mut trainer = experiment.trainer();
        for &epochs in fits {
            trainer
                .fit(&mut model, &prepared.train, Some(&prepared.valid), epochs)
                .expect("a training that ends");
        }
        (Weights::of(&model), trainer.history().epochs.len())
    };
    assert_eq!(train(&[2, 3]), train(&[5]));
}

/// Asks for the end at a step of an epoch, as a signal would.
struct Presses {
    at: (usize, usize),
    flag: Arc<AtomicBool>,
}

impl Callback for Presses {
    fn name(&self) -> &'static str {
        "presses"
    }
    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        if (moment.epoch, moment.step) == self.at {
            self.flag.store(true, Ordering::Relaxed);
        }
        Ok(ControlFlow::Continue(()))
    }
}

#[test]
fn wherever_it_is_interrupted_a_training_of_several_phases_resumes_to_the_same_end() {
    let (mut experiment, prepared, start) = biased();
    let phase = |epochs, learning_rate| Phase {
        epochs,
        learning_rate,
    };
    experiment.training.phases = vec![phase(2, 0.01), phase(1, 0.002), phase(2, 0.005)];
    let mut straight = start.clone();
    let mut trainer = experiment.trainer();
    let end = experiment.fit(&mut trainer, &mut straight, &prepared);
    assert_eq!(end.expect("a training that ends"), None);

    for epoch in 2..=5 {
        for step in [1, 3] {
            let home = tempfile::tempdir().expect("a folder");
            let folder = home.path().join("checkpoint");
            let flag = Arc::new(AtomicBool::new(false));
            let at = (epoch, step);
            let mut trainer = experiment
                .trainer()
                .with(Presses {
                    at,
                    flag: flag.clone(),
                })
                .with(Interrupt::new(flag))
                .checkpoint(&folder, 1);
            let mut model = start.clone();
            let stop = experiment.fit(&mut trainer, &mut model, &prepared);
            let stop = stop.expect("a training that stops").expect("a reason");
            assert!(stop.reason.starts_with("interrupted"), "{}", stop.reason);

            let mut trainer = experiment.trainer();
            let mut model = start.clone();
            trainer.resume(&folder, &mut model).expect("a checkpoint");
            // The epoch that was not whole is not there.
            assert_eq!(trainer.history().epochs.len(), epoch - 1, "{at:?}");
            let end = experiment.fit(&mut trainer, &mut model, &prepared);
            assert_eq!(end.expect("a training that ends"), None);
            assert_eq!(trainer.history().epochs.len(), 5, "{at:?}");
            assert_eq!(Weights::of(&model), Weights::of(&straight), "{at:?}");
        }
    }
}

#[test]
fn a_further_fit_takes_another_learning_rate_and_keeps_the_optimizers_state() {
    let (experiment, prepared, mut model) = biased();
    let mut trainer = experiment.trainer();
    trainer
        .fit(&mut model, &prepared.train, None, 1)
        .expect("a training that ends");
    let mut fresh = model.clone();
    trainer.set_learning_rate(0.001);
    trainer
        .fit(&mut model, &prepared.train, None, 1)
        .expect("a training that ends");
    assert_eq!(
        trainer
            .history()
            .epochs
            .iter()
            .map(|e| e.learning_rate)
            .collect::<Vec<_>>(),
        [0.005, 0.001]
    );
    // A trainer without the state takes another way from the same weights.
    let mut forgetful = experiment.trainer();
    forgetful.set_learning_rate(0.001);
    forgetful
        .fit(&mut fresh, &prepared.train, None, 1)
        .expect("a training that ends");
    assert!(distance(&Weights::of(&model), &Weights::of(&fresh)) > 1e-4);
}

#[test]
fn schedules_set_the_rate_of_every_epoch() {
    let rates = |schedule: Schedule| {
        let (experiment, prepared, mut model) = biased();
        let mut trainer = experiment.trainer().with(schedule);
        trainer
            .fit(&mut model, &prepared.train, None, 4)
            .expect("a training that ends");
        let rates: Vec<_> = trainer
            .history()
            .epochs
            .iter()
            .map(|e| format!("{:.5}", e.learning_rate))
            .collect();
        rates.join(" ")
    };
    assert_eq!(
        rates(Schedule::exponential(0.1, 0.5)),
        "0.10000 0.05000 0.02500 0.01250"
    );
    assert_eq!(
        rates(Schedule::steps(0.01, 0.1, 2)),
        "0.01000 0.01000 0.00100 0.00100"
    );
    assert_eq!(
        rates(Schedule::cosine(0.01, 0.001, 3)),
        "0.01000 0.00550 0.00100 0.00100"
    );
    assert_eq!(
        rates(Schedule::new(|epoch| 0.01 / epoch as f64)),
        "0.01000 0.00500 0.00333 0.00250"
    );
}

#[test]
fn a_plateau_lowers_the_rate_when_the_loss_stops_falling() {
    let (experiment, prepared, mut model) = biased();
    // No loss is better by a million, so every epoch after the first is one of the plateau.
    let mut trainer = experiment
        .trainer()
        .with(Plateau::new(0.5, 2).min_delta(1e6).min_rate(0.001));
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 9)
        .expect("a training that ends");
    let rates: Vec<_> = trainer
        .history()
        .epochs
        .iter()
        .map(|epoch| epoch.learning_rate)
        .collect();
    assert_eq!(
        rates,
        [
            0.005, 0.005, 0.005, 0.0025, 0.0025, 0.00125, 0.00125, 0.001, 0.001
        ]
    );
}

#[test]
fn early_stopping_puts_the_best_weights_back_and_says_why_it_stopped() {
    let (experiment, prepared, mut model) = biased();
    let mut trainer = experiment.trainer().with(EarlyStopping::new(2));
    trainer.set_learning_rate(0.1);
    let stop = trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 200)
        .expect("a training that ends");
    let Some(Stop { reason }) = stop else {
        panic!("it never stopped")
    };
    let epochs = &trainer.history().epochs;
    let best = epochs
        .iter()
        .min_by(|a, b| a.watched().total_cmp(&b.watched()))
        .expect("epochs");
    assert_eq!(epochs.len(), best.epoch + 2);
    assert!(
        reason.contains(&format!("of epoch {} for 2 epochs", best.epoch)),
        "{reason}"
    );
    let restored = evaluate(&model, &prepared.valid, Loss::Mse).expect("sound rows");
    assert!((restored.loss() - best.valid.as_ref().expect("validation").loss()).abs() < 1e-9);
}

#[test]
fn the_penalty_is_that_of_the_whole_table_at_the_end_of_the_epoch() {
    let (experiment, prepared, mut model) = biased();
    let mut trainer = experiment.trainer();
    trainer
        .fit(&mut model, &prepared.train, None, 3)
        .expect("a training that ends");
    let weights = Weights::of(&model);
    let of = |name: &str, l2: f64| {
        let squares = weights.0[name].values.iter().map(|&w| f64::from(w).powi(2));
        l2 * squares.sum::<f64>()
    };
    let option = |name: &str| experiment.options[name].as_f64().expect("a number");
    let expected = of("user_factors.weight", option("l2"))
        + of("item_factors.weight", option("l2"))
        + of("user_bias.weight", option("bias_l2"))
        + of("item_bias.weight", option("bias_l2"));
    let reported = trainer.history().last().expect("epochs").penalty;
    assert!(
        expected > 0.0 && (reported - expected).abs() < 1e-6 * expected,
        "{reported} {expected}"
    );
}

#[test]
fn what_the_history_says_of_validation_is_what_the_model_scores() {
    let (experiment, prepared, mut model) = biased();
    let mut trainer = experiment.trainer();
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 2)
        .expect("a training that ends");
    let scores = trainer
        .history()
        .last()
        .and_then(|epoch| epoch.valid.clone())
        .expect("validation");
    assert_eq!(
        scores,
        evaluate(&model, &prepared.valid, Loss::Mse).expect("sound rows")
    );
    let metrics = prepared.metrics(&model).expect("metrics");
    assert!(
        (metrics.rmse - scores[Measures::RMSE]).abs() < 1e-6,
        "centring moves ratings and scores alike"
    );
}

#[test]
fn a_history_is_written_whole_as_csv_and_json() {
    let (experiment, prepared, mut model) = biased();
    let folder = tempfile::tempdir().expect("a folder");
    let (csv, json) = (
        folder.path().join("log/history.csv"),
        folder.path().join("history.json"),
    );
    let mut trainer = experiment.trainer().with(CsvLog::new(&csv));
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 3)
        .expect("a training that ends");
    trainer.history().save_json(&json).expect("written");
    let read: History =
        serde_json::from_slice(&std::fs::read(&json).expect("a file")).expect("a history");
    assert_eq!(&read, trainer.history());
    let text = std::fs::read_to_string(&csv).expect("a file");
    assert_eq!(text, trainer.history().to_csv());
    assert_eq!(text.lines().count(), 4);
    assert!(
        text.starts_with("epoch,learning_rate,train_loss,"),
        "{text}"
    );
}

#[test]
fn the_last_partial_batch_is_trained_on_and_weighs_what_it_holds() {
    let (mut experiment, prepared, start) = biased();
    let count = prepared.train.len();
    // One step over all but one rating, one over the last: the mean of the epoch weighs them so.
    experiment.training.batch = count - 1;
    let mut model = start.clone();
    let mut trainer = experiment.trainer();
    trainer.set_learning_rate(1e-12);
    trainer
        .fit(&mut model, &prepared.train, None, 1)
        .expect("a training that ends");
    let whole = evaluate(&start, &prepared.train, Loss::Mse)
        .expect("sound rows")
        .loss();
    let epoch = trainer.history().last().expect("epochs").train.loss();
    assert!((epoch - whole).abs() < 1e-6 * whole, "{epoch} {whole}");
}

#[test]
fn every_loss_falls_when_it_is_minimised() {
    let (experiment, prepared, start) = biased();
    for loss in [
        Loss::Mse,
        Loss::Mae,
        Loss::HUBER,
        Loss::Huber { delta: 0.1 },
    ] {
        let mut model = start.clone();
        let mut trainer = experiment.trainer().loss(loss);
        trainer
            .fit(&mut model, &prepared.train, None, 12)
            .expect("a training that ends");
        let losses: Vec<_> = trainer
            .history()
            .epochs
            .iter()
            .map(|epoch| epoch.train.loss())
            .collect();
        assert!(losses[11] < 0.9 * losses[0], "{loss}: {losses:?}");
    }
}

#[test]
fn rows_that_are_touched_alone_learn_as_well() {
    let (experiment, prepared, start) = biased();
    let mut model = start.clone();
    let mut trainer = experiment.trainer().mode(Mode::Touched);
    trainer
        .fit(&mut model, &prepared.train, None, 12)
        .expect("a training that ends");
    let losses: Vec<_> = trainer
        .history()
        .epochs
        .iter()
        .map(|epoch| epoch.train.loss())
        .collect();
    assert!(losses[11] < 0.9 * losses[0], "{losses:?}");
    // The two ways of keeping tables agree here too.
    let mut reference = start.clone();
    let mut dense = experiment.trainer().mode(Mode::Touched).dense_tables();
    dense
        .fit(&mut reference, &prepared.train, None, 12)
        .expect("a training that ends");
    assert!(distance(&Weights::of(&model), &Weights::of(&reference)) < 1e-4);
}

/// The same table for users and items, as for two persons who may meet: its gradient has two parts.
#[derive(Module, Debug)]
struct Meeting {
    person: Embedding,
}

impl PairModel for Meeting {
    fn score(&self, users: Ids<'_>, items: Ids<'_>) -> Tensor<2> {
        (self.person.forward(users) * self.person.forward(items)).sum_dim(1)
    }
}

#[test]
fn a_table_that_is_read_twice_in_a_step_gets_both_gradients() {
    let prepared = prepared(false);
    let schema = &prepared.schema;
    let table = TableOptions {
        l2: 1e-4,
        ..TableOptions::default()
    };
    let start = Meeting {
        person: Embedding::new(
            "person",
            schema.users().max(schema.items()),
            4,
            table,
            Draw::new(3),
            &common::cpu(),
        ),
    };
    let train = |dense: bool| {
        let mut model = start.clone();
        let trainer = Trainer::new(Rule::sgd(0.9), 0.05).batch(16).seed(3);
        let mut trainer = if dense {
            trainer.dense_tables()
        } else {
            trainer
        };
        trainer
            .fit(&mut model, &prepared.train, None, 10)
            .expect("a training that ends");
        let losses = trainer
            .history()
            .epochs
            .iter()
            .map(|epoch| epoch.train.loss());
        (Weights::of(&model), losses.collect::<Vec<_>>())
    };
    let ((rows, losses), (dense, _)) = (train(false), train(true));
    assert!(distance(&rows, &dense) < 1e-4);
    assert!(losses[9] < 0.2 * losses[0], "{losses:?}");
}

#[test]
fn a_fit_without_validation_watches_the_training_loss() {
    let (experiment, prepared, mut model) = biased();
    let mut trainer = experiment
        .trainer()
        .with(EarlyStopping::new(1).min_delta(1e6));
    let stop = trainer
        .fit(&mut model, &prepared.train, None, 10)
        .expect("a training that ends");
    assert!(stop.is_some());
    assert_eq!(trainer.history().epochs.len(), 2);
    assert_eq!(
        trainer
            .history()
            .last()
            .and_then(|epoch| epoch.valid.clone()),
        None
    );
}

#[test]
fn nothing_to_train_on_is_an_error() {
    let (experiment, prepared, mut model) = biased();
    let error = experiment
        .trainer()
        .fit(&mut model, &Ratings::default(), Some(&prepared.valid), 1);
    assert!(error.is_err());
}

/// A network of which the loop knows its score alone.
#[derive(Module, Debug)]
struct ScoreAlone {
    network: Network,
}

impl Model for ScoreAlone {
    fn inputs(&self) -> Vec<Input> {
        self.network.inputs()
    }

    fn score(&self, inputs: &Inputs<'_>) -> Tensor<2> {
        self.network.score(inputs)
    }
}

#[test]
fn every_way_to_take_a_step_leads_to_the_same_weights() {
    let mut taken = [false; 2];
    for entry in zoo() {
        let experiment = experiment(entry.name);
        let prepared = prepared(experiment.training.centre);
        let start = network(&experiment, &prepared);
        taken[usize::from(start.factorisation().is_some())] = true;
        if start.graph().tables().iter().any(|table| table.layers > 0) {
            continue; // only a graph says what is propagated, and `ScoreAlone` has none; the tests of `train` compare the ways
        }

        let features = prepared
            .features(&start.inputs())
            .expect("what the model reads");
        let train = Featured::new(&prepared.train, &features);
        let valid = Featured::new(&prepared.valid, &features);
        // As it comes: a factorisation from rows to rows, all else by steps that are compiled from its graph.
        let (mut model, mut trainer) = (start.clone(), experiment.trainer());
        trainer
            .fit(&mut model, &train, Some(&valid), 3)
            .expect("a training that ends");
        // Through autodiff, whatever it is.
        let mut alone = ScoreAlone {
            network: start.clone(),
        };
        let mut by_score = experiment.trainer();
        by_score
            .fit(&mut alone, &train, Some(&valid), 3)
            .expect("a training that ends");
        // Through tensor operations alone, tables and all.
        let mut dense = start.clone();
        let mut by_tensors = experiment.trainer().dense_tables();
        by_tensors
            .fit(&mut dense, &train, Some(&valid), 3)
            .expect("a training that ends");

        let weights = Weights::of(&model);
        for (way, other) in [
            ("autodiff", Weights::of(&alone.network)),
            ("tensors", Weights::of(&dense)),
        ] {
            let apart = distance(&weights, &other);
            assert!(apart < 2e-5, "{}: {apart} from {way}", entry.name);
        }
        let losses = [&trainer, &by_score, &by_tensors].map(|trainer| {
            trainer
                .history()
                .epochs
                .last()
                .map(|epoch| epoch.train.loss())
        });
        let [Some(ours), Some(score), Some(tensors)] = losses else {
            panic!("three epochs were trained");
        };
        assert!(
            (ours - score).abs() < 1e-6 && (ours - tensors).abs() < 1e-6,
            "{losses:?}"
        );
    }
    // Whatever the zoo has: some of it is a factorisation, some is not.
    assert_eq!(taken, [true; 2]);
}

#[test]
fn the_penalty_on_kernels_shrinks_them_and_is_counted() {
    let trained = |model: &str, dense_l2: f64| {
        let mut experiment = experiment(model);
        experiment.options["dense_l2"] = serde_json::json!(dense_l2);
        let prepared = prepared(experiment.training.centre);
        let mut model = network(&experiment, &prepared);
        let mut trainer = experiment.trainer();
        trainer
            .fit(&mut model, &prepared.train, Some(&prepared.valid), 3)
            .expect("a training that ends");
        let weights = Weights::of(&model).0;
        let squares = |name: &String| -> f64 {
            let values = weights[name].values.iter();
            values.map(|&value| f64::from(value).powi(2)).sum()
        };
        // The penalty by hand: of tables and kernels, as the graph has them.
        let of = |node: &recburn::graph::Node| {
            let l2 = match node.op {
                recburn::graph::Op::Dense { l2, .. } => l2,
                _ => match model.graph().table_of(node) {
                    Some(table) => table.options.l2,
                    None => return (0.0, 0.0),
                },
            };
            let squares = squares(&format!("{}.weight", node.name));
            let kernel = matches!(node.op, recburn::graph::Op::Dense { .. });
            (l2 * squares, if kernel { squares } else { 0.0 })
        };
        let parts = model.graph().nodes().iter().map(of);
        let (penalty, kernels) = parts.fold((0.0, 0.0), |(penalty, kernels), (more, kernel)| {
            (penalty + more, kernels + kernel)
        });
        let last = trainer.history().last().expect("three epochs");
        assert!(
            (last.penalty - penalty).abs() <= 1e-5 * penalty,
            "{last:?} {penalty}"
        );
        assert_eq!(trainer.penalty(), last.penalty);
        kernels
    };
    for model in ["concat_mlp", "residual_mf", "gmf"] {
        let (free, penalised) = (trained(model, 0.0), trained(model, 0.03));
        assert!(penalised < 0.9 * free, "{model}: {penalised} {free}");
    }
}

#[test]
fn a_training_that_rests_most_of_the_time_is_told_before_it_begins() {
    let network = |l2_on: &str| {
        let mut options = experiment("biased_mf").options;
        options["factors"] = 50.into();
        options["l2"] = 1e-4.into();
        options["bias_l2"] = 0.0.into();
        options["l2_on"] = l2_on.into();
        let schema = Schema::of_pairs(20_000, 10_000, (1.0, 5.0));
        let graph = recburn::models::find("biased_mf")
            .expect("a model of the zoo")
            .graph(&options, &schema)
            .expect("a graph");
        Network::new(graph, 1, &pick_device(None).expect("a device"))
    };
    let (whole, batch) = (network("table"), network("batch"));
    let adam = || Trainer::new(Rule::ADAM, 0.001).batch(64);
    let advice = adam().advice(&whole, 2_000_000).expect("advice");
    assert_eq!(advice.tables, ["user_factors", "item_factors"]);
    assert_eq!((advice.weights, advice.steps), (1_500_000, 31_250));
    let said = advice.to_string();
    for way_out in ["adamw", "l2_on=batch", "touched", "a larger batch"] {
        assert!(said.contains(way_out), "{said}");
    }
    for (trainer, model, ratings) in [
        (adam(), &batch, 2_000_000),
        (adam(), &whole, 20_000),
        (adam().mode(Mode::Touched), &whole, 2_000_000),
        (adam().batch(100_000), &whole, 2_000_000),
        (
            Trainer::new(Rule::sgd(0.9), 0.001).batch(64),
            &whole,
            2_000_000,
        ),
    ] {
        assert_eq!(trainer.advice(model, ratings), None);
    }
}
