//! What the tests of averages share.

use super::{factorisation, ratings, rich};
use recburn_nn::{Network, Weights};
use recburn_train::{Answer, Averaging, Callback, Moment, Rule, Trainer};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Keeps the weights that callbacks see at the end of each epoch.
#[derive(Clone, Default)]
pub struct Keeper(pub Rc<RefCell<Vec<Weights>>>);

impl Callback for Keeper {
    fn name(&self) -> &'static str {
        "keeper"
    }
    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        self.0.borrow_mut().push(moment.live.weights());
        Ok(ControlFlow::Continue(()))
    }
}

pub fn trainer(rule: Rule) -> Trainer {
    Trainer::new(rule, 0.02).batch(16).seed(4)
}

pub fn fit(trainer: &mut Trainer, model: &mut Network, epochs: usize) {
    let valid = ratings(20);
    trainer
        .fit(model, &ratings(45), Some(&valid), epochs)
        .expect("a training that ends");
}

pub const BOTH: [Averaging; 2] = [Averaging::Swa { from: 2 }, Averaging::Ema { decay: 0.7 }];

/// A model and how it is trained.
pub type Path = (&'static str, fn() -> Network, fn(Trainer) -> Trainer);

pub const PATHS: [Path; 6] = [
    ("factorisation", factorisation, |trainer| trainer),
    (
        "factorisation, tensors",
        factorisation,
        Trainer::dense_tables,
    ),
    ("factorisation, walked", factorisation, |trainer| {
        trainer.dense_tables().walk_tables()
    }),
    ("compiled", rich, |trainer| trainer),
    ("autodiff", rich, Trainer::reference),
    ("tensors", rich, Trainer::dense_tables),
];
