//! The tests of this crate in one program: a program for each file would take longer to link than to run.

mod archives;
#[path = "../../../../tests/common/at_hand.rs"]
mod at_hand;
mod catalogue;
mod common;
mod transfer;
