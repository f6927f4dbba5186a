//! Indexed ratings: splits, filters, features and batches.
//!
//! This crate is independent of file formats, tensors and models. Raw ids (text) are mapped to indices ([`UserIx`],
//! [`ItemIx`]) and checked once; everything else works on plain columns. `recburn-read` reads a [`Dataset`] from files;
//! [`Dataset::sample`] and [`Synthetic`] generate synthetic ones of any size, and [`Dataset::new`] accepts columns from
//! any source.
//!
//! ```
//! use recburn_data::{Batches, Centre, Dataset, IdOrder, SplitKind};
//!
//! let dataset = Dataset::sample(IdOrder::FirstSight);
//! println!("{dataset}");
//!
//! let split = dataset.split(&SplitKind::Fraction { train: 0.8 }, 42)?;
//! println!("{}", split.cold); // ratings of users or items that training never sees
//!
//! let centre = Centre::of(&split.train);
//! let train = centre.applied(&split.train);
//! for batch in Batches::shuffled(&train, 64, 42, 0)? {
//!     assert_eq!(batch.users.inverse.len(), batch.targets.len());
//! }
//! # Ok::<(), recburn_data::DataError>(())
//! ```
//!
//! [`Filter`] removes rare users and items and low ratings; [`Dataset::describe`] and [`Dataset::crosstab`] summarise a
//! data set.
//!
//! ```
//! use recburn_data::{Dataset, Filter, IdOrder};
//!
//! let dataset = Dataset::sample(IdOrder::FirstSight);
//! println!("{}\n{}", dataset.describe(), dataset.crosstab(8));
//!
//! let filter: Filter = "rating>=4,users>=5,items>=5,repeat".parse()?;
//! let (positive, report) = filter.apply(&dataset)?;
//! println!("{report}");
//! let split = positive.split(&"leave-last-out".parse()?, 42)?;
//! assert_eq!(split.valid.len(), positive.users.len());
//! # Ok::<(), recburn_data::DataError>(())
//! ```

#![warn(missing_docs)]

mod by_user;
mod centre;
mod coalesce;
mod cold;
mod crosstab;
mod dataset;
mod day;
mod describe;
mod error;
mod features;
mod feed;
mod figures;
mod filter;
mod filtering;
mod fingerprint;
mod groups;
mod hashed_shares;
mod ids;
mod intern;
mod known;
mod numbers;
mod random;
mod ratings;
mod repeats;
mod row_keys;
mod sample;
mod shown;
mod split;
mod split_files;
mod split_kind;
mod split_parts;
mod split_ways;
mod split_words;
mod spread;
mod synthetic;
mod tied_last;
mod time_columns;
mod word;

pub use by_user::{ByItem, ByUser, Grouped};
pub use centre::Centre;
pub use coalesce::Coalescer;
pub use cold::Cold;
pub use crosstab::Crosstab;
pub use dataset::{Dataset, GivenFiles, Item, Untimed, thousands};
pub use describe::{Bar, DatasetDescription};
pub use error::DataError;
pub use features::{Feature, FeatureValues, Features, Gather, Lists, Scaling};
pub use feed::{
    Batches, Examples, Featured, Feed, Implicit, Negatives, NextItem, Pick, Sampler, Share, Whole,
};
pub use figures::percent;
pub use filter::{Filter, FilterStep};
pub use filtering::{Filtered, Taken};
pub use fingerprint::Fingerprint;
pub use ids::{IdMap, IdOrder};
pub use known::Known;
pub use ratings::{Ratings, Scale};
pub use recburn_schema::{
    Bags, Batch, Candidates, Column, Index, Input, ItemIx, Kind, Schema, SchemaError, Side, UserIx,
    Values,
};
pub use repeats::Repeats;
pub use row_keys::{id_number, row_key, splitmix64};
pub use shown::shown;
pub use split::{Part, Split};
pub use split_kind::{RowOrder, SplitKind, TestPart, Ties};
pub use spread::{CountBar, Spread};
pub use synthetic::{Rated, Synthetic, SyntheticRows};
pub use tied_last::TiedLast;
pub use word::WordError;

/// Used by `recburn-read` to build data sets. Not part of the stable API.
#[doc(hidden)]
pub mod internals {
    pub use crate::day::day;
    pub use crate::error::{excerpt, in_a_line};
    pub use crate::features::{in_order, numbered};
    pub use crate::ids::{canonical, raw_number};
    pub use crate::intern::{Full, Interner};
}
