//! The catalogue of data sets.
//!
//! Pinned checksums are those that GroupLens publishes with the files, and sizes are the exact sizes of the files with
//! these checksums. `ml-latest-small` is a development set that GroupLens may replace, so its published checksum is
//! read when it is fetched, and its numbers are those of September 2018.

use crate::FetchError;
use recburn_read::NamedSet;
use std::path::Path;

/// How the downloaded file is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// Its MD5 sum in lower-case hexadecimal digits; its size must also equal [`Entry::bytes`].
    Md5(&'static str),
    /// The MD5 sum that the server publishes next to the file, under the same name with `.md5` appended.
    Beside,
}

/// A data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name of the data set.
    pub name: &'static str,
    /// The address of the archive.
    pub url: &'static str,
    /// The folder in the archive, and the name of the unpacked folder.
    pub folder: &'static str,
    /// The size of the archive in bytes; approximate if the checksum is not pinned.
    pub bytes: u64,
    /// How the archive is verified.
    pub checksum: Checksum,
    /// The number of users with ratings.
    pub users: u64,
    /// The number of rated items; the list of titles may be longer.
    pub items: u64,
    /// The number of ratings.
    pub ratings: u64,
    /// A one-line summary of the terms of use; the README in the folder holds the binding terms.
    pub licence: &'static str,
    /// The citation for publications.
    pub citation: &'static str,
}

impl Entry {
    /// Instructions for doing by hand what [`fetch`](crate::fetch) does, as one sentence.
    #[must_use]
    pub fn by_hand(&self, folder: impl AsRef<Path>) -> String {
        format!(
            "to place {} by hand, download {} on any machine and unpack it in {}, so that {} holds its files",
            self.name,
            self.url,
            folder.as_ref().display(),
            folder.as_ref().join(self.folder).display(),
        )
    }
}

const KEPT: &str = "for research, with acknowledgement; no redistribution without separate permission, no commercial \
use without permission, no endorsement by the University of Minnesota or GroupLens to be implied";

const SHARED: &str = "for research, with acknowledgement; may be redistributed under the same terms, no commercial use \
without permission, no endorsement by the University of Minnesota or GroupLens to be implied";

const CITATION: &str = "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. \
                        ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19. \
                        https://doi.org/10.1145/2827872";

static CATALOGUE: [Entry; 7] = [
    Entry {
        name: NamedSet::ML_100K.name,
        url: "https://files.grouplens.org/datasets/movielens/ml-100k.zip",
        folder: NamedSet::ML_100K.folder,
        bytes: 4_924_029,
        checksum: Checksum::Md5("0e33842e24a9c977be4e0107933c0723"),
        users: 943,
        items: 1_682,
        ratings: 100_000,
        licence: KEPT,
        citation: CITATION,
    },
    Entry {
        name: NamedSet::ML_LATEST_SMALL.name,
        url: "https://files.grouplens.org/datasets/movielens/ml-latest-small.zip",
        folder: NamedSet::ML_LATEST_SMALL.folder,
        bytes: 978_202,
        checksum: Checksum::Beside,
        users: 610,
        items: 9_724,
        ratings: 100_836,
        licence: SHARED,
        citation: CITATION,
    },
    Entry {
        name: NamedSet::ML_1M.name,
        url: "https://files.grouplens.org/datasets/movielens/ml-1m.zip",
        folder: NamedSet::ML_1M.folder,
        bytes: 5_917_549,
        checksum: Checksum::Md5("c4d9eecfca2ab87c1945afe126590906"),
        users: 6_040,
        items: 3_706,
        ratings: 1_000_209,
        licence: KEPT,
        citation: CITATION,
    },
    Entry {
        name: NamedSet::ML_10M.name,
        url: "https://files.grouplens.org/datasets/movielens/ml-10m.zip",
        folder: NamedSet::ML_10M.folder,
        bytes: 65_566_137,
        checksum: Checksum::Md5("ce571fd55effeba0271552578f2648bd"),
        users: 69_878,
        items: 10_677,
        ratings: 10_000_054,
        licence: KEPT,
        citation: CITATION,
    },
    Entry {
        name: NamedSet::ML_20M.name,
        url: "https://files.grouplens.org/datasets/movielens/ml-20m.zip",
        folder: NamedSet::ML_20M.folder,
        bytes: 198_702_078,
        checksum: Checksum::Md5("cd245b17a1ae2cc31bb14903e1204af3"),
        users: 138_493,
        items: 26_744,
        ratings: 20_000_263,
        licence: KEPT,
        citation: CITATION,
    },
    Entry {
        name: NamedSet::ML_25M.name,
        url: "https://files.grouplens.org/datasets/movielens/ml-25m.zip",
        folder: NamedSet::ML_25M.folder,
        bytes: 261_978_986,
        checksum: Checksum::Md5("6b51fb2759a8657d3bfcbfc42b592ada"),
        users: 162_541,
        items: 59_047,
        ratings: 25_000_095,
        licence: KEPT,
        citation: CITATION,
    },
    Entry {
        name: NamedSet::ML_32M.name,
        url: "https://files.grouplens.org/datasets/movielens/ml-32m.zip",
        folder: NamedSet::ML_32M.folder,
        bytes: 238_950_008,
        checksum: Checksum::Md5("d472be332d4daa821edc399621853b57"),
        users: 200_948,
        items: 84_432,
        ratings: 32_000_204,
        licence: SHARED,
        citation: CITATION,
    },
];

/// All data sets that can be fetched by name, ordered by their number of ratings.
#[must_use]
pub fn catalogue() -> &'static [Entry] {
    &CATALOGUE
}

/// The data set with this name.
///
/// # Errors
///
/// [`FetchError::UnknownName`], which lists the known names.
pub fn find(name: &str) -> Result<&'static Entry, FetchError> {
    catalogue()
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| {
            let names: Vec<&str> = catalogue().iter().map(|entry| entry.name).collect();
            FetchError::UnknownName {
                name: name.to_string(),
                known: names.join(", "),
            }
        })
}
