//! The vocabulary shared by data and models.
//!
//! A model lists the [`Input`]s that it reads, a data set has a [`Schema`] of those that it offers, and
//! [`Schema::serves`] compares the two before anything is allocated. Each input belongs to a [`Side`]: inputs of a user
//! or an item are stored once per user or item, however many ratings there are; those of an event belong to one
//! example.
//!
//! ```
//! use recburn_schema::{Input, Kind, Schema, Side};
//!
//! let offered = Schema::of_pairs(943, 1_682, (1.0, 5.0)).with(Input::new("genres", Side::Item, Kind::Bag { rows: 19 }));
//! assert!(offered.serves(&[Input::users(943), Input::items(1_682)]).is_ok());
//! let error = offered.serves(&[Input::new("age", Side::User, Kind::Numbers { width: 1 })]).unwrap_err();
//! assert!(error.to_string().starts_with("there is no input `age`"));
//! ```

mod batch;
mod index;
mod input;
mod mix;
mod schema;

pub use batch::{Bags, Batch, Candidates, Column, Values};
pub use index::{Index, ItemIx, UserIx};
pub use input::{Input, Kind, Side};
pub use mix::splitmix64;
pub use schema::{Schema, SchemaError};
