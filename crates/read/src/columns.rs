//! The caller's specification of a file's columns.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::column::{ColumnName, Delimiter};
use crate::features::{FeatureColumn, is_closed, parts};
use crate::text::Encoding;

use recburn_data::WordError;

/// The columns of a file.
///
/// As text: `user=userId,item=movieId,rating=stars,timestamp=when` by the header's names, `user=1,item=2,rating=3` by
/// position, counted from 1, without a header. `rating` and `timestamp` are optional; without `rating` every row is a
/// rating of 1. `delimiter=semicolon` (tab, comma, semicolon, pipe, colons, space) and `header=yes` or `no` are
/// detected by default: the delimiter is the first one that fits the first lines, and there is a header if any column
/// is given by name, or if the first line has no number where the second one has a rating. `encoding=latin-1` or
/// `utf-8` sets the encoding; by default ids that are not UTF-8 are read as Latin-1.
///
/// Any other column is read as an input of the event side: `hour:id=when` reads the column `when` as an input `hour` of
/// words, `price:number` reads the column with that name, and `prefix(3)` and `bag(|)` work as in
/// [`FeatureColumns`](crate::FeatureColumns). They are only read from tables of lines.
///
/// In JSON lines, names refer to keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Columns {
    /// The user.
    pub user: ColumnName,
    /// The item.
    pub item: ColumnName,
    /// The rating; `None` if every row is a rating of 1.
    pub rating: Option<ColumnName>,
    /// The time of the rating.
    pub timestamp: Option<ColumnName>,
    /// Further columns, for [`Ratings::others`](recburn_data::Ratings::others).
    pub others: Vec<FeatureColumn>,
    /// The delimiter; `None` to detect it.
    pub delimiter: Option<Delimiter>,
    /// Whether the first line is a header; `None` to detect it.
    pub header: Option<bool>,
    /// The encoding; `None` for UTF-8 with a fallback to Latin-1 for ids.
    pub encoding: Option<Encoding>,
}

impl Columns {
    /// The name of the item's column, if it is not given by its place.
    pub(crate) fn item_name(&self) -> Option<&str> {
        match &self.item {
            ColumnName::Name(name) => Some(name),
            ColumnName::Number(_) => None,
        }
    }

    /// Whether the first line is a header, if the specification determines it.
    pub(crate) fn header_known(&self) -> Option<bool> {
        let named = |column: &ColumnName| matches!(column, ColumnName::Name(_));
        self.header
            .or_else(|| self.columns().any(named).then_some(true))
    }

    /// All requested columns.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &ColumnName> {
        let others = self.others.iter().map(|other| &other.column);
        let optional = self.rating.iter().chain(&self.timestamp).chain(others);
        [&self.user, &self.item].into_iter().chain(optional)
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user={},item={}", self.user, self.item)?;
        if let Some(rating) = &self.rating {
            write!(f, ",rating={rating}")?;
        }
        if let Some(timestamp) = &self.timestamp {
            write!(f, ",timestamp={timestamp}")?;
        }
        for other in &self.others {
            write!(f, ",{other}")?;
        }
        if let Some(delimiter) = self.delimiter {
            write!(f, ",delimiter={delimiter}")?;
        }
        match self.header {
            Some(true) => f.write_str(",header=yes")?,
            Some(false) => f.write_str(",header=no")?,
            None => {}
        }
        match self.encoding {
            Some(encoding) => write!(f, ",encoding={encoding}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Columns {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        let wrong = || WordError::Unknown {
            what: "list of columns",
            seen: word.to_string(),
            expected: "user=userId,item=movieId,rating=stars,timestamp=when by the header's names, or user=1,item=2 \
                       by places; rating and timestamp may be left out, delimiter=tab, header=yes or no, encoding=latin-1 and other \
                       columns (hour:id=when, price:number) be added",
        };
        let (mut user, mut item, mut rating, mut timestamp) = (None, None, None, None);
        let (mut delimiter, mut header, mut encoding) = (None, None, None);
        let mut others: Vec<FeatureColumn> = Vec::new();
        for part in parts(word) {
            if !is_closed(part) {
                return Err(wrong());
            }
            if let Some(other) = FeatureColumn::of(part.trim()) {
                if others.iter().any(|known| known.name == other.name) {
                    return Err(wrong());
                }
                others.push(other);
                continue;
            }
            let (key, value) = part.split_once('=').ok_or_else(wrong)?;
            // Only a delimiter may be a space.
            let column = Some(ColumnName::of(value.trim())).filter(|_| !value.trim().is_empty());
            let before = match key.trim() {
                "user" => user.replace(column.ok_or_else(wrong)?).is_some(),
                "item" => item.replace(column.ok_or_else(wrong)?).is_some(),
                "rating" => rating.replace(column.ok_or_else(wrong)?).is_some(),
                "timestamp" => timestamp.replace(column.ok_or_else(wrong)?).is_some(),
                "delimiter" => delimiter.replace(value.parse()?).is_some(),
                "encoding" => encoding.replace(value.trim().parse()?).is_some(),
                "header" => match value.trim() {
                    "yes" => header.replace(true).is_some(),
                    "no" => header.replace(false).is_some(),
                    _ => return Err(wrong()),
                },
                _ => return Err(wrong()),
            };
            if before {
                return Err(wrong());
            }
        }
        let columns = Self {
            user: user.ok_or_else(wrong)?,
            item: item.ok_or_else(wrong)?,
            rating,
            timestamp,
            others,
            delimiter,
            header,
            encoding,
        };
        // Without a header there are no names.
        let named = |column: &ColumnName| matches!(column, ColumnName::Name(_));
        match columns.header == Some(false) && columns.columns().any(named) {
            true => Err(wrong()),
            false => Ok(columns),
        }
    }
}

impl TryFrom<String> for Columns {
    type Error = WordError;

    fn try_from(text: String) -> Result<Self, WordError> {
        text.parse()
    }
}

impl From<Columns> for String {
    fn from(columns: Columns) -> Self {
        columns.to_string()
    }
}
