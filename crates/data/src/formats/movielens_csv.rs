//! `ratings.csv` and `movies.csv`, as MovieLens has shipped them since 2014 (ml-latest, ml-20m, ml-25m, ml-32m).
//!
//! Columns are found by the header's names, in any order; further columns are passed over, and `timestamp` may lack.

use std::path::Path;

use serde::Deserialize;

use super::pipe::for_each;
use super::{Format, byte, check_length, next, records};
use crate::builder::{Builder, Names, Row, line_at, text};
use crate::dataset::Item;
use crate::error::{DataError, Place, excerpt};

pub(crate) struct MovielensCsv;

/// The names a column may go by; the first one is MovieLens' own.
const USER: [&str; 3] = ["userId", "user_id", "user"];
const ITEM: [&str; 5] = ["movieId", "movie_id", "itemId", "item_id", "item"];
const RATING: [&str; 1] = ["rating"];
const TIMESTAMP: [&str; 1] = ["timestamp"];

impl Format for MovielensCsv {
    fn name(&self) -> &'static str {
        "CSV with a header (userId,movieId,rating,timestamp)"
    }

    fn ratings_file(&self) -> &'static str {
        "ratings.csv"
    }

    fn items_file(&self) -> &'static str {
        "movies.csv"
    }

    fn claims(&self, file_name: &str) -> bool {
        file_name.to_ascii_lowercase().ends_with(".csv")
    }

    fn fits(&self, first_line: &[u8]) -> bool {
        let mut names = first_line.split(|&byte| byte == b',');
        names.any(|name| position(&[name], &RATING).is_some())
    }

    fn read_ratings(&self, path: &Path, into: &mut Builder) -> Result<(), DataError> {
        let mut reader = records(path, b',', true)?;
        let mut record = csv::ByteRecord::new();
        let fields = match next(&mut reader, &mut record, path)? {
            true => Columns::of(&record, path)?,
            false => {
                return Err(DataError::EmptyFile {
                    path: path.to_path_buf(),
                });
            }
        };
        into.begin(path, fields.names);
        let before = into.len();
        for_each(reader, path, |record| {
            check_length(record, fields.count, path)?;
            into.push(&Row {
                byte: byte(record),
                user: &record[fields.user],
                item: &record[fields.item],
                rating: &record[fields.rating],
                timestamp: fields.timestamp.map(|position| &record[position]),
            })
        })?;
        match into.len() > before {
            true => Ok(()),
            false => Err(DataError::NoRows {
                path: path.to_path_buf(),
            }),
        }
    }

    fn read_items(&self, path: &Path, found: &mut dyn FnMut(&str, Item)) -> Result<(), DataError> {
        /// A line of `movies.csv`. Titles are quoted where they hold commas or quotes.
        #[derive(Deserialize)]
        struct Movie<'a> {
            id: &'a [u8],
            title: &'a [u8],
            #[serde(default)]
            genres: &'a [u8],
        }
        let mut reader = records(path, b',', true)?;
        let mut header = csv::ByteRecord::new();
        if !next(&mut reader, &mut header, path)? {
            return Err(DataError::EmptyFile {
                path: path.to_path_buf(),
            });
        }
        let header = plain_header(&header, path)?;
        let mut record = csv::ByteRecord::new();
        while next(&mut reader, &mut record, path)? {
            check_length(&record, header.len(), path)?;
            let at = byte(&record);
            let movie: Movie<'_> =
                record
                    .deserialize(Some(&header))
                    .map_err(|error| DataError::Io {
                        path: path.to_path_buf(),
                        source: error.into(),
                    })?;
            let id = text(movie.id.trim_ascii(), path, at, "movieId")?;
            let genres = text(movie.genres, path, at, "genres")?
                .split('|')
                .map(str::trim);
            let listed = genres.filter(|&genre| !genre.is_empty() && genre != "(no genres listed)");
            let item = Item {
                title: text(movie.title, path, at, "title")?.trim().to_string(),
                genres: listed.map(str::to_string).collect(),
            };
            found(id, item);
        }
        Ok(())
    }
}

/// The header of an item file with its columns called `id`, `title` and `genres`, whatever they go by there.
fn plain_header(header: &csv::ByteRecord, path: &Path) -> Result<csv::ByteRecord, DataError> {
    let (id, _) = need(header, &ITEM, path)?;
    let (title, _) = need(header, &["title"], path)?;
    let genres = position(&header.iter().collect::<Vec<_>>(), &["genres"]);
    let names = (0..header.len()).map(|column| match column {
        column if column == id => "id",
        column if column == title => "title",
        column if Some(column) == genres.map(|(found, _)| found) => "genres",
        _ => "",
    });
    Ok(names.collect::<Vec<_>>().into())
}

/// Where the header puts each column, and what it calls it.
struct Columns {
    count: usize,
    user: usize,
    item: usize,
    rating: usize,
    timestamp: Option<usize>,
    names: Names,
}

impl Columns {
    fn of(header: &csv::ByteRecord, path: &Path) -> Result<Self, DataError> {
        let names: Vec<&[u8]> = header.iter().collect();
        if let [only] = names.as_slice() {
            return Err(DataError::WrongDelimiter {
                at: Place::new(path, line_at(path, byte(header)), ""),
                expected: "commas",
                seen: excerpt(only),
            });
        }
        let (user, user_name) = need(header, &USER, path)?;
        let (item, item_name) = need(header, &ITEM, path)?;
        let (rating, rating_name) = need(header, &RATING, path)?;
        let timestamp = position(&names, &TIMESTAMP);
        Ok(Self {
            count: header.len(),
            user,
            item,
            rating,
            timestamp: timestamp.map(|(position, _)| position),
            names: Names {
                user: user_name,
                item: item_name,
                rating: rating_name,
                timestamp: TIMESTAMP[0],
            },
        })
    }
}

/// The first of the column's names that the header has, and where.
fn position(header: &[&[u8]], names: &[&'static str]) -> Option<(usize, &'static str)> {
    names.iter().find_map(|&name| {
        let found = header.iter().position(|seen| {
            let seen = seen.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(seen);
            seen.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
        });
        found.map(|position| (position, name))
    })
}

fn need(
    header: &csv::ByteRecord,
    names: &[&'static str],
    path: &Path,
) -> Result<(usize, &'static str), DataError> {
    let seen: Vec<&[u8]> = header.iter().collect();
    position(&seen, names).ok_or_else(|| DataError::MissingColumn {
        at: Place::new(path, line_at(path, byte(header)), names[0]),
        seen: excerpt(&seen.join(&b", "[..])),
    })
}
