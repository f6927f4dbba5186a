//! The tests of this crate in one program: a program for each file would compile the training loop anew.

mod averaging;
mod averaging_resumed;
mod common;
mod compiled_steps;
mod full_ranking;
mod propagation;
mod rate_test;
