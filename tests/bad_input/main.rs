//! Bad input of every kind, through the public door: an error that says what, where and what was seen; no panic, and
//! nothing half-written.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod checkpoints;
mod diverging;
mod files;
mod places;
mod refusals;
mod saved_models;
mod training;
mod words;
