//! The Bayesian factorisation machine from outside.

mod accuracy;
mod common;
mod movielens;
mod options;
mod saved;
