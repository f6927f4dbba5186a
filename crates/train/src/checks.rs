//! What a trainer checks before it trains.

use crate::error::TrainError;
use crate::evaluate::{Judge, wanted};
use crate::memory::Plan;
use crate::trainer::Trainer;
use recburn_data::Examples;
use recburn_nn::{Memory, Model, device_of, tables};
use recburn_optim::{Loss, SettingError};

impl Trainer {
    /// Refuses a fit that could not begin.
    pub(crate) fn check<M: Model>(
        &self,
        model: &M,
        train: &dyn Examples,
        valid: Option<&dyn Judge<M>>,
    ) -> Result<(), TrainError> {
        self.check_settings()?;
        if self.learning_rate == 0.0 {
            let (what, wanted, seen) = ("the learning rate", "finite and above 0", 0.0);
            return Err(SettingError { what, wanted, seen }.into());
        }
        let device = device_of(model);
        // Must come before reading a tensor that the device may have failed to create.
        Memory::of(&device).check_tensors(model)?;
        let tables = tables(model);
        let wanted = wanted(model, &tables);
        let of_part = |part| move |error| TrainError::of_part(part, error);
        train.serves(&wanted).map_err(of_part("training"))?;
        self.check_goal(train)?;
        if let Some(valid) = valid {
            valid.check(&wanted).map_err(of_part("validation"))?;
        }
        let optimizer = self.optimizer.as_ref();
        if optimizer.is_some_and(|optimizer| optimizer.holds_all(&tables)) {
            return Ok(()); // a fit that continues has its memory already
        }
        let plan = Plan {
            rule: self.hyper.rule,
            mode: self.hyper.mode,
            batch: self.hyper.batch.min(train.queries()),
            as_tensors: self.ways.tensors,
            saves: self.saves || self.checkpoints.is_some(),
            averages: self.hyper.averaging.is_some(),
            limit: self.memory_limit,
        };
        Ok(plan.check(model, &tables, &device)?)
    }

    /// Refuses a loss that cannot be computed from these examples.
    fn check_goal(&self, train: &dyn Examples) -> Result<(), TrainError> {
        let alone = train.candidates(self.hyper.batch).per_query() < 2;
        let targets = train.has_targets() && self.hyper.loss != Loss::Softmax;
        match self.hyper.loss.ranks() && (alone || targets) {
            true => Err(TrainError::NoNegatives {
                loss: self.hyper.loss,
            }),
            false => Ok(()),
        }
    }

    pub(crate) fn check_settings(&self) -> Result<(), TrainError> {
        self.hyper.rule.check()?;
        self.hyper.loss.check()?;
        if let Some(averaging) = &self.hyper.averaging {
            averaging.check()?;
        }
        self.check_rate()
    }

    /// Checks the learning rate. A schedule may end at 0, which pauses training.
    pub(crate) fn check_rate(&self) -> Result<(), TrainError> {
        Ok(self.hyper.rule.check_rate(self.learning_rate)?)
    }
}
