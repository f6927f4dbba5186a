//! Training on several processes, without the training.
//!
//! A *rank* is one of the processes. [`Ranks`] has the few verbs by which they communicate: [`One`] process is the trivial
//! case, [`threads`](threads()) of one process serve tests, and the binary implements the trait over MPI. Everything else
//! is written against the trait:
//!
//! - where things live: a user, with all its ratings and rows, at the rank that a hash of its raw id selects
//!   ([`home_of`]); item `n` at rank `n mod p` ([`owner_of`]);
//! - the numbers of the items, which are the same for any number of ranks ([`catalogue`]);
//! - the way of the ratings from the rank that read them to the home of their user ([`bring_home`]);
//! - the batches of an epoch, which contain the same ratings for any number of ranks ([`Places`], [`Placed`]);
//! - the exchange of the rows of a batch ([`Asked`]), for which the step before has time ([`Request`]).
//!
//! This crate does not depend on tensors.

mod asked;
mod feed;
mod filtered;
mod gathered;
mod held_out;
mod home_ratings;
mod homes;
mod items;
mod launched;
mod left_out;
mod one;
mod parts;
mod placed;
mod places;
mod ranks;
mod received;
mod request;
mod route;
mod threads;
mod whole_batch;

pub use asked::{Asked, Room};
pub use filtered::{Kept, filtered};
pub use gathered::gather;
pub use home_ratings::HomeRatings;
pub use homes::{hash_of, home_of, number_of, owned_by, owner_of, row_of};
pub use items::{catalogue, packed, unpacked};
pub use launched::{Launch, launch, launched_by};
pub use left_out::bring_left_out;
pub use one::One;
pub use parts::{Parts, PartsError};
pub use placed::{Placed, without_rows};
pub use places::Places;
pub use ranks::{
    Number, Ranks, exchange, exchange_during, exchange_parts, most, or, share_counts, sum,
    sum_whole, to_first,
};
pub use request::{Request, Told};
pub use route::{AtHome, SpreadError, bring_home};
pub use threads::{Threads, threads};
pub use whole_batch::WholeBatch;
