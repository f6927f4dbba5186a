//! MovieLens 100K: `u.data` and its splits (`u1.base`, `u1.test`, ...), tab-separated without a header, and `u.item`.

use std::path::Path;

use super::{Format, byte, next, records};
use crate::error::ReadError;
use crate::source::{self, Source};
use crate::text::latin_1;
use crate::titles::{Places, Titles};

pub(crate) struct Movielens100k;

/// The number of fields of `u.item` before the genre flags: id, title, two dates, address.
const AHEAD_OF_GENRES: usize = 5;

/// The genres in the order of their flags, as listed in the data set's readme; used if `u.genre` is missing.
const GENRES: [&str; 19] = [
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
];

/// The columns of `u.user`.
const USERS: &str =
    "id=1,age:number=2,gender:id=3,occupation:id=4,zip:prefix(1)=5,missing=allow,delimiter=pipe";

impl Format for Movielens100k {
    fn find<'a>(&self, _folder: &str, files: &[&'a str]) -> Option<&'a str> {
        files.iter().copied().find(|file| *file == "u.data")
    }

    fn items_file(&self, _ratings_file: &str) -> Option<String> {
        Some("u.item".to_string())
    }

    fn users_file(&self) -> Option<(&'static str, &'static str)> {
        Some(("u.user", USERS))
    }

    fn fits_items(&self, first_line: &[u8], _id: Option<&str>) -> bool {
        let fields: Vec<&[u8]> = first_line.split(|&byte| byte == b'|').collect();
        let flags = fields.get(AHEAD_OF_GENRES..).unwrap_or_default();
        !flags.is_empty()
            && flags
                .iter()
                .all(|flag| matches!(flag.trim_ascii(), b"0" | b"1"))
    }

    fn read_items(
        &self,
        source: Source,
        _id: Option<&str>,
        into: &mut Titles<'_>,
    ) -> Result<(), ReadError> {
        let head = source.head().clone();
        let genres = genres(&head.path().with_file_name("u.genre"))?;
        let places = Places {
            count: AHEAD_OF_GENRES + genres.len(),
            id: 0,
            title: 1,
        };
        let mut reader = records(source, b'|', false, 0)?;
        let mut record = csv::ByteRecord::new();
        while next(&mut reader, &mut record, &head)? {
            let fields: Vec<&[u8]> = record.iter().collect();
            let is_flag = |field: &&[u8]| matches!(field.trim_ascii(), b"0" | b"1");
            if fields.len() > places.count && fields.get(AHEAD_OF_GENRES).is_some_and(is_flag) {
                // More flags than genres do not mean a longer title.
                into.pass(&ReadError::LineLength {
                    at: head.place(byte(&record), ""),
                    expected: places.count,
                    seen: fields.len(),
                });
                continue;
            }
            let Some(row) = into.row(byte(&record), &fields, places, b"|") else {
                continue;
            };
            let flags = fields.iter().skip(AHEAD_OF_GENRES + row.extra);
            let set = flags
                .zip(&genres)
                .filter(|(flag, _)| flag.trim_ascii() == b"1");
            // "unknown" means no genre in this data set.
            let known = set.filter(|(_, genre)| genre.as_str() != GENRES[0]);
            into.put(&row, known.map(|(_, genre)| genre.clone()).collect());
        }
        Ok(())
    }
}

/// The names in `u.genre` (`name|number`), in the order of the flags; without the file, the published ones.
fn genres(path: &Path) -> Result<Vec<String>, ReadError> {
    let Some(source) = source::existing(path)? else {
        return Ok(GENRES.map(str::to_string).to_vec());
    };
    let head = source.head().clone();
    let mut reader = records(source, b'|', false, 0)?;
    let mut record = csv::ByteRecord::new();
    let mut names = Vec::new();
    while next(&mut reader, &mut record, &head)? {
        let name = latin_1(record[0].trim_ascii());
        if !name.is_empty() {
            names.push(name);
        }
    }
    Ok(names)
}
