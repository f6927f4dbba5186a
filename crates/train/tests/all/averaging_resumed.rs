//! Averages of weights in trainings that stop and continue.

use crate::common::averages::{BOTH, Keeper, PATHS, fit, trainer};
use crate::common::{distance, figures, ratings, rich};
use recburn_nn::{Network, Weights};
use recburn_train::{
    Answer, Callback, EarlyStopping, Interrupt, Judge, Loss, Measures, Moment, Rule, TrainError,
    Trainer,
};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const EPOCHS: usize = 5;

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
fn a_resumed_training_has_the_bits_of_one_that_was_not_interrupted() {
    let home = tempfile::tempdir().expect("a folder");
    for (at, (path, start, way)) in PATHS.into_iter().enumerate() {
        for averaging in BOTH {
            let trainer = || {
                let stopping = EarlyStopping::new(3);
                way(trainer(Rule::ADAM)).average(averaging).with(stopping)
            };
            let mut straight = start();
            let mut uninterrupted = trainer();
            fit(&mut uninterrupted, &mut straight, EPOCHS);
            for epoch in [1, 3] {
                let folder = home.path().join(format!("{at}-{averaging}-{epoch}"));
                let flag = Arc::new(AtomicBool::new(false));
                let pressed = Presses {
                    at: (epoch + 1, 2),
                    flag: flag.clone(),
                };
                let mut first = trainer()
                    .with(pressed)
                    .with(Interrupt::new(flag))
                    .checkpoint(&folder, 1);
                fit(&mut first, &mut start(), EPOCHS);
                let (mut model, mut second) = (start(), trainer());
                second.resume(&folder, &mut model).expect("a checkpoint");
                let penalty = second.history().last().expect("epochs").penalty;
                assert!(
                    (second.penalty() - penalty).abs() == 0.0 || epoch == 1,
                    "{path} {averaging} {epoch}"
                );
                // A checkpoint of the resumed training, before its first step, is the same one.
                second
                    .save_checkpoint(&folder, &model)
                    .expect("a checkpoint");
                let mut third = trainer();
                third.resume(&folder, &mut model).expect("a checkpoint");
                for mut resumed in [second, third] {
                    let mut model = model.clone();
                    fit(&mut resumed, &mut model, EPOCHS - epoch);
                    assert!(
                        Weights::of(&model) == Weights::of(&straight),
                        "{path} {averaging} {epoch}"
                    );
                    assert_eq!(
                        figures(resumed.history()),
                        figures(uninterrupted.history()),
                        "{path} {averaging} {epoch}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_interrupted_epoch_is_not_averaged() {
    for averaging in BOTH {
        let mut complete = rich();
        fit(
            &mut trainer(Rule::ADAM).average(averaging),
            &mut complete,
            3,
        );
        let flag = Arc::new(AtomicBool::new(false));
        let at = (4, 1);
        let mut interrupted = trainer(Rule::ADAM)
            .average(averaging)
            .with(Presses {
                at,
                flag: flag.clone(),
            })
            .with(Interrupt::new(flag.clone()));
        let mut model = rich();
        fit(&mut interrupted, &mut model, 5);
        assert_eq!(interrupted.history().epochs.len(), 4);
        assert!(Weights::of(&model) == Weights::of(&complete), "{averaging}");
        // The next fit continues from the step after which training stopped.
        flag.store(false, Ordering::Relaxed);
        fit(&mut interrupted, &mut model, 1);
        assert!(Weights::of(&model) != Weights::of(&complete), "{averaging}");
    }
}

/// A judge that finds each epoch as good as it is told.
struct Told(Vec<f64>, RefCell<usize>);

impl Judge<Network> for Told {
    fn check(&self, _: &[recburn_schema::Input]) -> Result<(), recburn_data::DataError> {
        Ok(())
    }
    fn judge(&self, _: &Network, _: Loss) -> Result<Measures, TrainError> {
        let mut next = self.1.borrow_mut();
        *next += 1;
        Ok([(Measures::LOSS, self.0[*next - 1])].into_iter().collect())
    }
    fn fingerprint(&self) -> recburn_data::Fingerprint {
        ratings(1).fingerprint()
    }
}

#[test]
fn early_stopping_restores_the_averages_of_the_best_epoch_and_training_continues_from_them() {
    for averaging in BOTH {
        for best in [3_i32, 5] {
            let losses = (1..=6).map(|epoch| f64::from((epoch - best).abs() + 1));
            let told = Told(losses.collect(), RefCell::new(0));
            let keeper = Keeper::default();
            let mut averaged = trainer(Rule::sgd(0.0))
                .average(averaging)
                .with(EarlyStopping::new(9))
                .with(keeper.clone());
            let mut model = rich();
            averaged
                .fit(&mut model, &ratings(45), Some(&told), 5)
                .expect("a training that ends");
            let restored = Weights::of(&model);
            assert!(
                restored == keeper.0.borrow()[best as usize - 1],
                "{averaging}"
            );

            // A trainer without averages, after as many epochs, that continues from the restored weights or, if the
            // last epoch was the best, from those of training.
            let mut plain = trainer(Rule::sgd(0.0));
            let mut of_training = rich();
            fit(&mut plain, &mut of_training, 5);
            let mut next = match best {
                5 => of_training,
                _ => model.clone(),
            };
            fit(&mut plain, &mut next, 1);
            let mut stopped = averaged;
            fit_alone(&mut stopped, &mut model);
            let after = keeper.0.borrow()[5].clone();
            let apart = distance(&after, &Weights::of(&next));
            match best {
                // The averages continue.
                5 => assert!(apart > 1e-4, "{averaging}: {apart}"),
                // They begin again, with the weights of this epoch.
                _ => assert!(apart == 0.0, "{averaging}: {apart}"),
            }
        }
    }
}

fn fit_alone(trainer: &mut Trainer, model: &mut Network) {
    let judge: Option<&dyn Judge<Network>> = None;
    trainer
        .fit(model, &ratings(45), judge, 1)
        .expect("a training that ends");
}
