//! Ranks as threads: whatever their number, the same items, batches and sums.

#![allow(clippy::unwrap_used)]

mod homes;
mod steps;
