//! The tests of this crate in one program: a program for each file would take longer to link than to run.

mod common;
mod effects;
mod journal;
mod refusals;
mod samplers;
mod space;
mod study;
