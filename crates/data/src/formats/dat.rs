//! `ratings.dat` and `movies.dat` of MovieLens 1M and 10M: fields parted by `::`, no header.

use std::path::Path;

use super::delimited::{Lines, read};
use super::layout::Layout;
use super::title_table::piped;
use super::{Format, byte, next};
use crate::builder::{Builder, Names, line_at};
use crate::columns::Delimiter;
use crate::error::{DataError, Place, excerpt};
use crate::moment::Clock;
use crate::titles::{Places, Titles};

pub(crate) struct Dat;

/// User, item and rating at least; the timestamp may lack.
const LEAST: usize = 3;

impl Format for Dat {
    fn name(&self) -> &'static str {
        "parted by '::' without a header (user, item, rating, timestamp)"
    }

    fn find<'a>(&self, _folder: &str, files: &[&'a str]) -> Option<&'a str> {
        files.iter().copied().find(|file| *file == "ratings.dat")
    }

    fn items_file(&self, _ratings_file: &str) -> Option<String> {
        Some("movies.dat".to_string())
    }

    fn claims(&self, file_name: &str) -> bool {
        file_name == "ratings.dat"
    }

    fn fits(&self, first_line: &[u8]) -> bool {
        Lines::fields(first_line).len() >= LEAST
    }

    fn read_ratings(&self, path: &Path, into: &mut Builder) -> Result<(), DataError> {
        into.begin(path, Names::PLAIN, Clock::Exact);
        read(path, Delimiter::Colons, false, into, |count, byte, line| {
            if count < LEAST {
                return Err(DataError::WrongDelimiter {
                    at: Place::new(path, line_at(path, byte), ""),
                    expected: Delimiter::Colons.plural(),
                    seen: excerpt(line),
                });
            }
            Ok(Layout {
                count,
                user: 0,
                item: 1,
                rating: Some(2),
                timestamp: (count > LEAST).then_some(LEAST),
            })
        })
    }

    fn fits_items(&self, first_line: &[u8], _id: Option<&str>) -> bool {
        Lines::fields(first_line).len() == 3
    }

    /// Lines of id, title and genres, which are separated by pipes. Titles of MovieLens 1M are Latin-1, of 10M UTF-8.
    fn read_items(
        &self,
        path: &Path,
        _id: Option<&str>,
        into: &mut Titles<'_>,
    ) -> Result<(), DataError> {
        let places = Places {
            count: 3,
            id: 0,
            title: 1,
        };
        let mut lines = Lines::open(path)?;
        let mut record = csv::ByteRecord::new();
        while next(&mut lines, &mut record, path)? {
            let at = byte(&record);
            let fields = match Lines::of(&record, path) {
                Ok(line) => Lines::fields(line),
                Err(fault) => {
                    into.pass(&fault);
                    continue;
                }
            };
            if let Some(row) = into.row(at, &fields, places, b"::") {
                into.put(&row, piped(fields[2 + row.extra]));
            }
        }
        Ok(())
    }
}
