//! Update rules, and tables of which a step updates only some rows.
//!
//! An update rule is written once, over any [`Lane`]: `f32` in the row tables of a CPU, whole tensors on any backend,
//! `f64` in the reference that the tests compare both with. A [`RowTable`] keeps weights and optimizer state together,
//! row by row, and updates the rows of a batch; a row outside the batch catches up with the steps that it missed when
//! it is next read, so that in [`Mode::Exact`] the trajectory is that of the dense optimizer. This crate does not
//! depend on tensors.

// Bottom up: settings, one step of a rule, the steps of a training run, rows that catch up, a table, updating it.
mod exponential;
mod goal;
mod lane;
mod mode;
mod pace;
mod rule;
mod setting;
mod words;

mod adagrad;
mod adam;
mod adamw;
mod dispatch;
mod missed;
mod rowwise_adagrad;
mod sgd;
mod update;

mod adam_sums;
mod steps;

mod adam_blocks;
mod catch_up;
mod penalty;
mod row;
mod share;
mod softmax;

mod kernels;
mod loss;
mod moves;
mod table;

pub use adagrad::AdaGradStep;
pub use adam::AdamStep;
pub use adamw::AdamWStep;
pub use exponential::{exp, exp_minus_1};
pub use goal::Goal;
pub use kernels::{Column, FactorScore, Gradients, dot, examples, row_sums};
pub use lane::Lane;
pub use loss::Loss;
pub use missed::{AdamSums, Missed};
pub use mode::Mode;
pub use pace::Pace;
pub use penalty::Penalty;
pub use rowwise_adagrad::RowwiseAdaGradStep;
pub use rule::{Rule, Step};
pub use setting::SettingError;
pub use sgd::{MomentumStep, SgdStep};
pub use share::both;
pub use steps::Steps;
pub use table::RowTable;
pub use update::{COEFFICIENTS, Rest, Update, UpdateVisitor, square};
pub use words::WordError;
