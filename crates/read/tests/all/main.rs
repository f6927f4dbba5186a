//! The tests of this crate in one program: a program for each file would take longer to link than to run.

mod archives;
#[path = "../../../../tests/common/at_hand.rs"]
mod at_hand;
mod bad_files;
mod bad_lines;
mod columns;
#[path = "../common/mod.rs"]
mod common;
mod event_columns;
mod features;
mod feed_speed;
mod formats;
mod json_lines;
mod large;
mod never_panics;
mod opening;
mod parts;
mod pipes;
mod plausible;
mod real_data;
mod recognising;
mod text_forms;
mod times;
mod titles;
mod written_files;
