//! Options for opening a data set.

use std::path::PathBuf;

use crate::bad_lines::BadLines;
use crate::columns::Columns;
use crate::features::FeatureFile;
use recburn_data::IdOrder;

/// The environment variable that names the folder of the data sets' folders.
pub(crate) const DATA_VARIABLE: &str = "RECBURN_DATA";

/// How to open a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// Which indices users and items get.
    pub order: IdOrder,
    /// The folder in which a name is looked for first: `ml-100k` is then `data_dir/ml-100k` or `data_dir/ml-100k.zip`.
    /// After it come that of the environment variable `RECBURN_DATA` and `datasets`, below the working directory. What
    /// is opened by a path is not looked for here.
    pub data_dir: Option<PathBuf>,
    /// Which column of the file holds what; without it the file has to tell. Named columns are found in tables of lines
    /// with or without a header, in lines of JSON and in Parquet files.
    pub columns: Option<Columns>,
    /// The file of titles and genres. Without it one that lies beside the ratings under a usual name is taken, and the
    /// items go by their ids where there is none.
    pub items: Option<PathBuf>,
    /// A file of features of users, such as age and occupation. Without it `u.user` or `users.dat` is taken where one is
    /// next to ratings of MovieLens.
    pub user_features: Option<FeatureFile>,
    /// A file of features of items. What titles and genres say are features without it.
    pub item_features: Option<FeatureFile>,
    /// What becomes of a file with lines that cannot be read.
    pub bad_lines: BadLines,
    /// A file of ratings that were added since: lines of `user,item,rating,time`, with or without that heading, as `recburn
    /// serve --journal` writes them. The last line about a user and an item takes the place of all earlier ratings of the
    /// pair, and one with an empty rating takes them back. Only [`OpenOptions::open`] reads it.
    pub add: Option<PathBuf>,
    /// Pairs of users and items are enough: a file in which no column is recognised as the ratings is read as one without
    /// any, each row being a rating of 1, which [`Dataset::unrated`](recburn_data::Dataset::unrated) tells.
    pub pairs: bool,
}
