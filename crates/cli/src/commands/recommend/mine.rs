//! Somebody's own ratings, from a file.

use anyhow::{Context, Result};
use recburn::data::{Place, ReadError};
use recburn::recommender::RecommenderError;
use std::path::{Path, PathBuf};

/// What the columns may be called, in lower case and without underscores.
const ITEM: [&str; 4] = ["item", "itemid", "movieid", "id"];
const RATING: [&str; 3] = ["rating", "stars", "score"];

/// Ratings of items, each with the line that it is on.
pub struct Mine {
    path: PathBuf,
    ratings: Vec<(String, f32)>,
    lines: Vec<u64>,
}

/// Which fields of a line are read.
struct Fields {
    count: usize,
    item: usize,
    rating: usize,
}

impl Mine {
    /// Reads a CSV of items and ratings: two columns, or those that its first line names.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let text = std::fs::read(path).map_err(|source| ReadError::Io {
            path: path.to_path_buf(),
            source,
        })?;
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let mut mine = Self {
            path: path.to_path_buf(),
            ratings: Vec::new(),
            lines: Vec::new(),
        };
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text);
        let mut fields = None;
        for row in rows.byte_records() {
            // Of lines of any length and content in memory every one is read.
            let Ok(row) = row else { break };
            let line = row.position().map_or(0, csv::Position::line);
            if fields.is_none() {
                let named = mine.named(&row, line)?;
                let is_heading = named.is_some();
                fields = Some(named.unwrap_or(Fields {
                    count: 2,
                    item: 0,
                    rating: 1,
                }));
                if is_heading {
                    continue;
                }
            }
            if let Some(fields) = &fields {
                mine.take(&row, line, fields)?;
            }
        }
        match (fields, mine.lines.is_empty()) {
            (None, _) => Err(ReadError::EmptyFile { path: mine.path }),
            (Some(_), true) => Err(ReadError::NoRows { path: mine.path }),
            (Some(_), false) => Ok(mine),
        }
    }

    /// The ratings.
    pub fn ratings(&self) -> Vec<(&str, f32)> {
        let ratings = self.ratings.iter();
        ratings
            .map(|(item, rating)| (item.as_str(), *rating))
            .collect()
    }

    /// With the place of the rating that an answer finds fault with.
    pub fn placed<T>(&self, answer: Result<T, RecommenderError>) -> Result<T> {
        let Err(error) = answer else {
            return Ok(answer?);
        };
        let at = match &error {
            RecommenderError::OffScale { item, rating, .. } => self.line(item, *rating),
            RecommenderError::RatedTwice { item, ratings } => self.line(item, ratings[1]),
            RecommenderError::TooManyRatings { .. } | RecommenderError::NothingKnown { .. } => {
                Some(self.place(None, ""))
            }
            _ => None,
        };
        match at {
            Some(at) => Err(error).context(at.to_string()),
            None => Err(error.into()),
        }
    }

    fn line(&self, item: &str, rating: f32) -> Option<Place> {
        let is_it = |(id, stars): &(String, f32)| id == item && stars.to_bits() == rating.to_bits();
        let row = self.ratings.iter().position(is_it)?;
        Some(self.place(Some(self.lines[row]), "rating"))
    }

    fn place(&self, line: Option<u64>, column: &'static str) -> Place {
        Place {
            path: self.path.clone(),
            line,
            row: None,
            column: column.into(),
        }
    }

    /// The fields that a heading names; `None` where the line is none.
    fn named(&self, row: &csv::ByteRecord, line: u64) -> Result<Option<Fields>, ReadError> {
        let names: Vec<String> = row
            .iter()
            .map(|name| {
                String::from_utf8_lossy(name)
                    .trim()
                    .to_lowercase()
                    .replace('_', "")
            })
            .collect();
        let find = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        let missing = |column| ReadError::MissingColumn {
            at: Box::new(self.place(Some(line), column)),
            seen: names.join(", "),
            advice: String::new(),
        };
        match (find(&ITEM), find(&RATING)) {
            (None, None) => Ok(None),
            (Some(item), Some(rating)) => Ok(Some(Fields {
                count: row.len(),
                item,
                rating,
            })),
            (Some(_), None) => match row.get(1).map(number) {
                Some(Ok(_)) => Ok(None), // an item that is called like a column
                Some(Err(_)) | None => Err(missing("rating")),
            },
            (None, Some(_)) => Err(missing("item")),
        }
    }

    fn take(&mut self, row: &csv::ByteRecord, line: u64, fields: &Fields) -> Result<(), ReadError> {
        let at = |column| self.place(Some(line), column);
        if row.len() != fields.count {
            return Err(ReadError::LineLength {
                at: at(""),
                expected: fields.count,
                seen: row.len(),
            });
        }
        let item =
            String::from_utf8(row[fields.item].to_vec()).map_err(|_| ReadError::BrokenText {
                at: at("item"),
                seen: String::from_utf8_lossy(&row[fields.item]).into_owned(),
            })?;
        let item = item.trim();
        if item.is_empty() {
            return Err(ReadError::EmptyId { at: at("item") });
        }
        let rating = number(&row[fields.rating]).map_err(|seen| ReadError::NotANumber {
            at: at("rating"),
            seen,
        })?;
        if !rating.is_finite() {
            return Err(ReadError::NotFinite {
                at: at("rating"),
                seen: rating.to_string(),
            });
        }
        self.ratings.push((item.to_string(), rating));
        self.lines.push(line);
        Ok(())
    }
}

/// A number, or the text that is none.
fn number(field: &[u8]) -> Result<f32, String> {
    let text = String::from_utf8_lossy(field);
    text.trim().parse().map_err(|_| text.into_owned())
}
