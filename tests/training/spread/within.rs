//! Checkpoints within an epoch: training continues with the next step, on any number of ranks.

use super::{assert_near, bits, experiment, prepared, trained};
use recburn::nn::Weights;
use recburn::optim::Rule;
use recburn::prelude::*;
use recburn::spread::{Ranks, threads};
use recburn::train::{Answer, Callback, History, Moment, Stop, Trainer};
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// Ends training at a step.
struct EndsAt {
    epoch: usize,
    step: usize,
}

impl Callback for EndsAt {
    fn name(&self) -> &'static str {
        "ends"
    }
    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        Ok(
            match (moment.epoch, moment.step) == (self.epoch, self.step) {
                true => ControlFlow::Break(Stop {
                    reason: "the test asks for it".to_string(),
                }),
                false => ControlFlow::Continue(()),
            },
        )
    }
}

fn sample() -> Experiment {
    let options = serde_json::json!({ "factors": 5, "l2": 1e-5 });
    let mut experiment = experiment("biased_mf", options, Rule::ADAM, 3);
    experiment.training.batch = 1_000;
    experiment.training.split = "mask:0.8".to_string();
    experiment
}

/// Writes a checkpoint after every step.
fn always(trainer: Trainer, folder: &Path) -> Trainer {
    trainer
        .checkpoint(folder, 1)
        .checkpoint_within(Duration::ZERO)
}

#[test]
fn four_ranks_stop_within_an_epoch_and_two_go_on() {
    let experiment = sample();
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = folder.path().join("checkpoint");
    threads(4, |ranks| {
        let ranks: Rc<dyn Ranks> = Rc::new(ranks);
        let prepared = prepared(&experiment, &ranks);
        let device = pick_device(Some("flex")).unwrap();
        let mut model = experiment.spread_network(&prepared, &device).unwrap();
        let trainer = experiment.spread_trainer(&prepared);
        let mut trainer = always(trainer, &checkpoint).with(EndsAt { epoch: 2, step: 3 });
        let stop = experiment.fit_spread(&mut trainer, &mut model, &prepared);
        assert!(stop.unwrap().is_some());
    });
    let resumed = trained(2, &experiment, Some(&checkpoint), true);
    let straight = trained(1, &experiment, None, false);
    assert_eq!(resumed.0.epochs.len(), 3);
    assert_near(&resumed, &straight, "stopped within an epoch");
}

#[test]
fn one_process_goes_on_with_the_same_bits() {
    let mut experiment = sample();
    // Rows outside a batch rest, so that a checkpoint has nothing to bring up to date.
    experiment.training.mode = Mode::Touched;
    let data = experiment.prepare(None).unwrap();
    let device = pick_device(Some("flex")).unwrap();
    let start = experiment.network(&data, &device).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = folder.path().join("checkpoint");
    let end = |mut trainer: Trainer, mut model: Network| -> (History, Weights) {
        experiment.fit(&mut trainer, &mut model, &data).unwrap();
        (trainer.history().clone(), Weights::of(&model))
    };
    let straight = end(experiment.trainer_of(&data), start.clone());
    for (epoch, step) in [(1, 2), (2, 3)] {
        let trainer = always(experiment.trainer_of(&data), &checkpoint);
        end(trainer.with(EndsAt { epoch, step }), start.clone());
        let (mut trainer, mut model) = (experiment.trainer_of(&data), start.clone());
        experiment
            .resume(&mut trainer, &checkpoint, &mut model, &data)
            .unwrap();
        // The step at which it ended came after the last checkpoint.
        assert_eq!(trainer.steps_within(), step - 1);
        let resumed = end(trainer, model);
        assert_eq!(bits(&resumed.0), bits(&straight.0));
        assert_eq!(resumed.1, straight.1);
    }
}
