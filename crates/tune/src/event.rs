//! The progress of a study.

use crate::trial::{Finished, Trial};

/// Something that happened in a study.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The journal has finished trials, which are not run again.
    Resumed {
        /// Their number.
        finished: usize,
    },
    /// Something that a person should know.
    Note(String),
    /// A trial begins.
    Started(Trial),
    /// A trial has ended.
    Finished {
        /// The trial.
        trial: Finished,
        /// Finished trials so far, failed and resumed ones included.
        finished: usize,
        /// Trials that the study plans.
        planned: usize,
    },
}
