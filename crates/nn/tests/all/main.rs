//! The tests of this crate in one program: a program for each file would take longer to link than to run.

#![allow(clippy::unwrap_used)]

mod catalogue;
mod common;
mod import;
mod layers;
mod module;
mod steps;
