//! Named data sets.

/// A data set that [`OpenOptions::open`](crate::OpenOptions::open) finds by name.
///
/// This is the only table: code that fetches, lists or finds data sets takes names and folders from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedSet {
    /// The name of the data set.
    pub name: &'static str,
    /// The folder of its files, as in its archive; empty for `sample`.
    pub folder: &'static str,
    /// The names of the rating and title files.
    pub files: [&'static str; 2],
    /// Whether it is still published, so that it can be fetched.
    pub published: bool,
}

/// The files of the CSV versions of older sets and of all newer ones.
const CSV: [&str; 2] = ["ratings.csv", "movies.csv"];
const DAT: [&str; 2] = ["ratings.dat", "movies.dat"];

impl NamedSet {
    /// Generated in memory, with the size of MovieLens latest small.
    pub const SAMPLE: Self = Self {
        folder: "",
        files: ["", ""],
        published: false,
        ..Self::csv("sample")
    };
    /// MovieLens 100K.
    pub const ML_100K: Self = Self {
        files: ["u.data", "u.item"],
        ..Self::csv("ml-100k")
    };
    /// MovieLens latest small, of September 2018 or later.
    pub const ML_LATEST_SMALL: Self = Self::csv("ml-latest-small");
    /// MovieLens latest small of October 2016, which older notebooks use.
    pub const ML_LATEST_SMALL_2016: Self = Self {
        published: false,
        ..Self::csv("ml-latest-small-2016")
    };
    /// MovieLens 1M.
    pub const ML_1M: Self = Self {
        files: DAT,
        ..Self::csv("ml-1m")
    };
    /// MovieLens 10M.
    pub const ML_10M: Self = Self {
        folder: "ml-10M100K",
        files: DAT,
        ..Self::csv("ml-10m")
    };
    /// MovieLens 20M, also with Kaggle's files (`rating.csv`, `movie.csv`).
    pub const ML_20M: Self = Self::csv("ml-20m");
    /// MovieLens 25M.
    pub const ML_25M: Self = Self::csv("ml-25m");
    /// MovieLens 32M.
    pub const ML_32M: Self = Self::csv("ml-32m");

    /// All named data sets.
    pub const ALL: [Self; 9] = [
        Self::SAMPLE,
        Self::ML_100K,
        Self::ML_LATEST_SMALL,
        Self::ML_LATEST_SMALL_2016,
        Self::ML_1M,
        Self::ML_10M,
        Self::ML_20M,
        Self::ML_25M,
        Self::ML_32M,
    ];

    /// The data set with this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        const ALL: &[NamedSet] = &NamedSet::ALL;
        ALL.iter().find(|set| set.name == name)
    }

    const fn csv(name: &'static str) -> Self {
        Self {
            name,
            folder: name,
            files: CSV,
            published: true,
        }
    }
}

/// The names that [`OpenOptions::open`](crate::OpenOptions::open) knows. All except `sample` are folders with files from GroupLens.
pub const NAMES: [&str; NamedSet::ALL.len()] = {
    let mut names = [""; NamedSet::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = NamedSet::ALL[at].name;
        at += 1;
    }
    names
};
