//! The tests of this crate in one program: a program for each file would take longer to link than to run.

mod common;
mod data_picture;
mod pictures;
mod run;
mod tables;
