//! `ratings.dat` and `movies.dat` of MovieLens 1M and 10M: fields separated by `::`, no header.

use super::lines::Lines;
use super::title_table::piped;
use super::{Format, byte, next};
use crate::error::ReadError;
use crate::source::Source;
use crate::titles::{Places, Titles};

pub(crate) struct Dat;

/// The columns of `users.dat`. Ages are age groups.
const USERS: &str =
    "id=1,gender:id=2,age:id=3,occupation:id=4,zip:prefix(1)=5,missing=allow,delimiter=colons";

impl Format for Dat {
    fn find<'a>(&self, _folder: &str, files: &[&'a str]) -> Option<&'a str> {
        files.iter().copied().find(|file| *file == "ratings.dat")
    }

    fn items_file(&self, _ratings_file: &str) -> Option<String> {
        Some("movies.dat".to_string())
    }

    fn users_file(&self) -> Option<(&'static str, &'static str)> {
        Some(("users.dat", USERS))
    }

    fn fits_items(&self, first_line: &[u8], _id: Option<&str>) -> bool {
        Lines::fields(first_line).len() == 3
    }

    /// Lines of id, title and genres, with genres separated by pipes. Titles are Latin-1 in MovieLens 1M and UTF-8 in
    /// 10M.
    fn read_items(
        &self,
        source: Source,
        _id: Option<&str>,
        into: &mut Titles<'_>,
    ) -> Result<(), ReadError> {
        let places = Places {
            count: 3,
            id: 0,
            title: 1,
        };
        let head = source.head().clone();
        let mut lines = Lines::open(source, 0)?;
        let mut record = csv::ByteRecord::new();
        while next(&mut lines, &mut record, &head)? {
            let at = byte(&record);
            let fields = match Lines::of(&record, &head, 0) {
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
