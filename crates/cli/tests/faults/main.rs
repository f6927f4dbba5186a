//! What ends a training before its end: Ctrl-C, SIGKILL, a full disk.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/disk.rs"]
mod disk;
mod full_disk;
mod interrupted;
mod killed;
mod places;
