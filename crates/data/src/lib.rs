//! A file of ratings becomes indexed columns, honest splits and batches.
//!
//! This crate knows nothing of tensors or models. It turns raw ids (text in a file) into indices ([`UserIx`],
//! [`ItemIx`]) once, here, checks them once, here, and hands out plain columns.
//!
//! ```
//! use recburn_data::{Batches, Centre, Open, SplitKind, open};
//!
//! let dataset = open("sample", &Open::default())?;
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
//! [`open`] knows the files that MovieLens, Kaggle and RecBole publish, packed or not, and any other table once its
//! [`Columns`] are named. [`Filter`] leaves out rare users and items and low ratings,
//! [`Dataset::describe`] and [`Dataset::crosstab`] show what a data set looks like.
//!
//! ```
//! use recburn_data::{Filter, Open, open};
//!
//! let dataset = open("sample", &Open::default())?;
//! println!("{}\n{}", dataset.describe(), dataset.crosstab(8));
//!
//! let filter: Filter = "rating>=4,users>=5,items>=5,repeat".parse()?;
//! let (positive, report) = filter.apply(&dataset)?;
//! println!("{report}");
//! let split = positive.split(&"leave-last-out".parse()?, 42)?;
//! assert_eq!(split.valid.len(), positive.users.len());
//! # Ok::<(), recburn_data::DataError>(())
//! ```
//!
//! [`Synthetic`] makes up ratings of any size, for measuring and testing where there is no file of them.
//!
//! Every fault in a file is a [`DataError`] that names the file, the line, the column and what was seen there.

#![warn(missing_docs)]

mod bad_lines;
mod builder;
mod by_user;
mod centre;
mod coalesce;
mod columns;
mod crosstab;
mod dataset;
mod describe;
mod error;
mod events;
mod features;
mod feed;
mod field;
mod figures;
mod filter;
mod fingerprint;
mod formats;
mod groups;
mod ids;
mod intern;
mod known;
mod moment;
mod names;
mod numbering;
mod numbers;
mod open;
mod place;
mod places;
mod plausible;
mod random;
mod ratings;
mod repeats;
mod sample;
mod shown;
mod source;
mod split;
mod split_files;
mod split_kind;
mod split_ways;
mod spread;
mod synthetic;
mod text;
mod time_columns;
mod titles;

pub use bad_lines::BadLines;
pub use by_user::{ByItem, ByUser, Grouped};
pub use centre::Centre;
pub use coalesce::Coalescer;
pub use columns::{ColumnName, Columns, Delimiter};
pub use crosstab::Crosstab;
pub use dataset::{Dataset, GivenFiles, Item, thousands};
pub use describe::{Bar, DatasetDescription};
pub use error::{DataError, Place};
pub use features::{
    ColumnKind, Feature, FeatureColumn, FeatureColumns, FeatureFile, FeatureValues, Features,
    Gather, Lists, Scaling,
};
pub use feed::{Batches, Examples, Featured, Feed, Implicit, Negatives, NextItem, Sampler, Whole};
pub use figures::percent;
pub use filter::{Filter, FilterStep, Filtered, Taken};
pub use fingerprint::Fingerprint;
pub use ids::{IdMap, IdOrder};
pub use known::Known;
pub use names::{NAMES, NamedSet};
pub use open::{Open, open, open_given, open_pair};
pub use ratings::{Ratings, Scale};
pub use recburn_schema::{
    Bags, Batch, Candidates, Column, Index, Input, ItemIx, Kind, Schema, SchemaError, Side, UserIx,
    Values,
};
pub use repeats::Repeats;
pub use shown::shown;
pub use split::{Cold, Part, Split};
pub use split_kind::{RowOrder, SplitKind, TestPart};
pub use spread::{CountBar, Spread};
pub use synthetic::{Rated, Synthetic, SyntheticRows};
pub use text::Encoding;
