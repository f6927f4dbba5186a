//! The tests of this crate in one program: a program for each file would take longer to link than to run.

#[path = "../../../../tests/common/at_hand.rs"]
mod at_hand;
mod batches;
mod common;
mod describing;
mod feeds;
mod filters;
mod fingerprints;
mod grouped;
mod hashed_splits;
mod ids;
mod joined;
#[path = "../../../../tests/common/movielens.rs"]
mod movielens;
mod negatives;
mod protocols;
mod repeats;
mod sample;
mod saved_splits;
mod splits;
mod splits_by_time;
mod splits_in_three;
mod synthetic;
mod time_columns;
