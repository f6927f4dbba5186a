//! Trainings that diverge.

use crate::common::{experiment, network, prepared};
use crate::refusals::{Home, refusal};
use recburn::data::Featured;
use recburn::prelude::*;
use recburn::train::{Answer, Callback, Judge, Moment, TrainError};
use serde_json::json;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Keeps the weights of every whole epoch.
#[derive(Clone, Default)]
struct Keep(Rc<RefCell<Vec<Weights>>>);

impl Callback for Keep {
    fn name(&self) -> &'static str {
        "keep"
    }
    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        self.0.borrow_mut().push(moment.live.weights());
        Ok(ControlFlow::Continue(()))
    }
}

fn finite(weights: &Weights) -> bool {
    weights
        .0
        .values()
        .all(|weight| weight.values.iter().all(|value| value.is_finite()))
}

#[test]
fn a_loss_that_diverges_names_epoch_step_and_rate_and_leaves_the_last_whole_epoch() {
    for entry in zoo() {
        println!("{}", entry.name);
        let experiment = experiment(entry.name);
        let prepared = prepared(experiment.training.centre);
        let mut model = network(&experiment, &prepared);
        let features = prepared.features(&model.inputs()).unwrap();
        let train = Featured::new(&prepared.train, &features);
        let valid = Featured::new(&prepared.valid, &features);
        let (home, kept) = (Home::new(), Keep::default());
        let folder = home.path("checkpoint");
        let mut trainer = Trainer::new(Rule::sgd(0.0), 0.001)
            .batch(16)
            .with(kept.clone())
            .checkpoint(&folder, 1);
        trainer.fit(&mut model, &train, Some(&valid), 2).unwrap();
        trainer.set_learning_rate(1e30);
        let error = trainer.fit(&mut model, &train, Some(&valid), 4);
        let Err(TrainError::Diverged {
            epoch,
            step,
            loss,
            learning_rate,
        }) = error
        else {
            // What is squashed into the scale cannot blow up.
            assert!(
                entry.name == "scaled_mf" && finite(&Weights::of(&model)),
                "{error:?}"
            );
            continue;
        };
        assert_eq!((epoch, learning_rate), (3, 1e30));
        assert!(step >= 1 && !loss.is_finite(), "step {step}, loss {loss}");
        refusal(
            error,
            &[
                "epoch 3",
                &format!("step {step}"),
                &learning_rate.to_string(),
                &loss.to_string(),
            ],
        );
        let weights = Weights::of(&model);
        assert!(finite(&weights));
        assert!(
            Some(&weights) == kept.0.borrow().last(),
            "not the weights of the last whole epoch"
        );
        assert_eq!(trainer.history().epochs.len(), 2);
        // So does the checkpoint, which is whole.
        let mut again = network(&experiment, &prepared);
        let mut other = Trainer::new(Rule::sgd(0.0), 0.001).batch(16);
        other.resume(&folder, &mut again).unwrap();
        assert!(Weights::of(&again) == weights);
        assert_eq!(other.history().epochs.len(), 2);
    }
}

#[test]
fn weights_that_diverge_in_the_last_step_of_an_epoch_are_not_handed_out() {
    // The loss of a step is taken before it, so that an epoch of finite losses may end in weights that are not.
    let prepared = prepared(false);
    let mut experiment = experiment("dot_mf");
    experiment.options["initializer"] = json!({ "normal": { "mean": 0.0, "std": 10.0 } });
    experiment.options["l2"] = json!(0.0); // a penalty would tell
    for valid in [None, Some(&prepared.valid as &dyn Judge<Network>)] {
        for epochs in [1, 3] {
            let mut model = network(&experiment, &prepared);
            let mut trainer = Trainer::new(Rule::sgd(0.0), 3e38).batch(prepared.train.len());
            let answer = trainer.fit(&mut model, &prepared.train, valid, epochs);
            assert!(
                finite(&Weights::of(&model)),
                "{epochs} epochs ended in {answer:?}"
            );
            assert!(
                matches!(answer, Err(TrainError::Diverged { epoch: 1, .. })),
                "{answer:?}"
            );
        }
    }
}

#[test]
fn a_validation_loss_that_diverges_is_not_put_down_to_a_step() {
    let prepared = prepared(false);
    let mut model = network(&experiment("dot_mf"), &prepared);
    let mut trainer = Trainer::new(Rule::sgd(0.0), 3e38).batch(prepared.train.len());
    let answer = trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 1);
    let message = refusal(answer, &["epoch 1"]);
    assert!(!message.contains("step 0"), "{message}");
}

#[test]
fn a_training_that_diverged_goes_on_at_a_lower_rate() {
    let prepared = prepared(true);
    for rule in [Rule::sgd(0.0), Rule::sgd(0.9), Rule::ADAGRAD, Rule::ADAM] {
        let mut model = network(&experiment("biased_mf"), &prepared);
        let mut trainer = Trainer::new(rule, 0.001).batch(16);
        trainer
            .fit(&mut model, &prepared.train, Some(&prepared.valid), 1)
            .unwrap();
        trainer.set_learning_rate(1e38);
        refusal(
            trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 3),
            &["epoch 2"],
        );
        trainer.set_learning_rate(0.001);
        let answer = trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 2);
        assert!(answer.is_ok(), "{rule}: {answer:?}");
        assert_eq!(trainer.history().epochs.len(), 3);
    }
}

#[test]
fn a_training_that_diverged_resumes_from_its_checkpoint() {
    let (home, prepared) = (Home::new(), prepared(true));
    let folder = home.path("checkpoint");
    let mut model = network(&experiment("biased_mf"), &prepared);
    let mut trainer = Trainer::new(Rule::ADAM, 0.001)
        .batch(16)
        .checkpoint(&folder, 2);
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 3)
        .unwrap();
    trainer.set_learning_rate(1e38);
    refusal(
        trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 3),
        &["epoch 4"],
    );
    trainer.resume(&folder, &mut model).unwrap();
    let answer = trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 1);
    assert!(answer.is_ok(), "{answer:?}");
    // As if nothing had happened since.
    let mut straight = network(&experiment("biased_mf"), &prepared);
    let mut other = Trainer::new(Rule::ADAM, 0.001).batch(16);
    other
        .fit(&mut straight, &prepared.train, Some(&prepared.valid), 3)
        .unwrap();
    assert!(
        Weights::of(&model) == Weights::of(&straight),
        "not the weights of three epochs in a row"
    );
}
