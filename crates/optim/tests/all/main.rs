//! The tests of this crate in one program: a program for each file would take longer to link than to run.

mod common;
mod dense_reference;
mod kernels;
mod long_rests;
mod losses;
mod words;
