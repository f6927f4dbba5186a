//! Stopping from outside: by a signal or another thread.

use crate::callback::{Answer, Callback, GO_ON, Moment, Stop};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends training after the current step once the flag has been set elsewhere.
///
/// The epoch is then incomplete, so no checkpoint is written for it: the last one is that of the previous epoch, from
/// which a resumed training continues as if it had not been interrupted.
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
