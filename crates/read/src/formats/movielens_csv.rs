//! A table of ratings and a table of movies, both with headers and commas: the files of MovieLens since 2014, and the same
//! as distributed by Kaggle.

use super::{Format, title_table};
use crate::error::ReadError;
use crate::source::Source;
use crate::titles::Titles;

/// The files with these names.
pub(crate) struct MovielensCsv {
    ratings: &'static str,
    items: &'static str,
}

/// As published by MovieLens since 2014 (ml-latest, ml-20m, ml-25m, ml-32m).
pub(crate) const MOVIELENS: MovielensCsv = MovielensCsv {
    ratings: "ratings.csv",
    items: "movies.csv",
};

/// MovieLens 20M as distributed by Kaggle, with quoted dates instead of timestamps.
pub(crate) const KAGGLE: MovielensCsv = MovielensCsv {
    ratings: "rating.csv",
    items: "movie.csv",
};

impl Format for MovielensCsv {
    fn find<'a>(&self, _folder: &str, files: &[&'a str]) -> Option<&'a str> {
        files.iter().copied().find(|file| *file == self.ratings)
    }

    fn items_file(&self, _ratings_file: &str) -> Option<String> {
        Some(self.items.to_string())
    }

    fn fits_items(&self, first_line: &[u8], id: Option<&str>) -> bool {
        title_table::fits(first_line, id)
    }

    fn read_items(
        &self,
        source: Source,
        id: Option<&str>,
        into: &mut Titles<'_>,
    ) -> Result<(), ReadError> {
        title_table::read(source, id, into)
    }
}
