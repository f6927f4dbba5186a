//! Stopping from outside: a signal, another thread.

use crate::callback::{Answer, Callback, GO_ON, Moment, Stop};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends the training at the end of the step under way once somebody else has set the flag.
///
/// The epoch is then not whole, so no checkpoint is written of it: the last one is that of the epoch before, from which
/// a resumed training goes on as if nothing had happened.
pub struct Interrupt {
    asked: Arc<AtomicBool>,
}

impl Interrupt {
    /// Watches this flag.
    pub fn new(asked: Arc<AtomicBool>) -> Self {
        Self { asked }
    }

    fn answer(&self, moment: &Moment<'_>) -> Answer {
        if !self.asked.load(Ordering::Relaxed) {
            return GO_ON;
        }
        let reason = format!(
            "interrupted after step {} of {} of epoch {}",
            moment.step, moment.steps, moment.epoch
        );
        Ok(ControlFlow::Break(Stop { reason }))
    }
}

impl Callback for Interrupt {
    fn name(&self) -> &'static str {
        "interrupt"
    }

    fn on_epoch_begin(&mut self, moment: &mut Moment<'_>) -> Answer {
        self.answer(moment)
    }

    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        self.answer(moment)
    }
}
