//! One file per command.

pub mod baselines;
pub mod compare;
pub mod completions;
pub mod data;
pub mod evaluate;
pub mod experiment;
pub mod export;
pub mod gather;
pub mod lists;
pub mod models;
pub mod opening;
pub mod predict;
pub mod protocols;
pub mod recommend;
pub mod run;
pub mod saved;
#[cfg(feature = "serve")]
pub mod serve;
pub mod similar;
pub mod time;
pub mod train;
pub mod tune;
