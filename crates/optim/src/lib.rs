//! How weights move.
//!
//! An update rule is written once, over any [`Lane`]: `f32` in the row tables of a processor, whole tensors on any
//! backend, `f64` in the reference that the tests hold both to. A [`RowTable`] keeps weights and optimizer state
//! together, row by row, and moves the rows of a batch; the steps that a resting row missed are made up when it is
//! next read, so that in [`Mode::Exact`] the trajectory is that of the dense optimizer. Nothing here knows of tensors.

mod adam_rest;
mod adamw;
mod goal;
mod kernels;
mod lane;
mod loss;
mod moves;
mod pace;
mod rest;
mod rule;
mod share;
mod steps;
mod table;
mod update;
mod words;

pub use adamw::AdamWStep;
pub use goal::Goal;
pub use kernels::{Column, FactorScore, Gradients, dot, examples, row_sums};
pub use lane::Lane;
pub use loss::Loss;
pub use pace::Pace;
pub use rule::{Rule, RuleError, Step};
pub use share::both;
pub use steps::{Rest, Steps, Way};
pub use table::{Mode, Penalty, RowTable};
pub use update::{AdaGradStep, AdamStep, MomentumStep, SgdStep, Update, UpdateVisitor};
pub use words::WordError;
