//! The specification of feature files and their columns.

use crate::column::{ColumnName, Delimiter};
use recburn_data::WordError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A file with features of users or items.
///
/// As text: the path, optionally followed by a colon and its [`FeatureColumns`]:
/// `users.csv:id=user_id,age:number,gender:id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FeatureFile {
    /// Where it is.
    pub path: PathBuf,
    /// The columns to read; `None` for all columns in its header, with kinds guessed from the values.
    pub columns: Option<FeatureColumns>,
}

/// The columns to read from a feature file.
///
/// As text: `id,age:number,gender:id,genres:bag(|)`, where `id` is the column of user or item ids and every other part
/// is a feature. `=` selects a column with another name, or by position, counted from 1: `id=1,age:number=2`. The kind
/// of a column is `number`, `id` (one of a few words), `prefix(3)` (like `id`, by the first three letters) or `bag(;)`
/// (any number of words with this separator; `bag` is short for `bag(|)`). `missing=allow` permits missing users or
/// items, and empty numbers: they get the mean, the empty bag, or a word of their own. `delimiter=semicolon` and
/// `header=yes` or `no` are detected by default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FeatureColumns {
    /// The ids of users or items; `None` for the column with a common name.
    pub id: Option<ColumnName>,
    /// The features.
    pub features: Vec<FeatureColumn>,
    /// Whether users or items may be missing.
    pub missing_allowed: bool,
    /// The delimiter; `None` to detect it.
    pub delimiter: Option<Delimiter>,
    /// Whether the first line is a header; `None` to detect it.
    pub header: Option<bool>,
}

/// A column read as a feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureColumn {
    /// The name of the feature.
    pub name: String,
    /// Where it is.
    pub column: ColumnName,
    /// The kind of values.
    pub kind: ColumnKind,
}

/// The kind of values in a feature column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A number.
    Number,
    /// One word.
    Id,
    /// The first letters of a word.
    Prefix(usize),
    /// Words with this separator.
    Bag(String),
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => f.write_str("number"),
            Self::Id => f.write_str("id"),
            Self::Prefix(letters) => write!(f, "prefix({letters})"),
            Self::Bag(between) => write!(f, "bag({between})"),
        }
    }
}

impl ColumnKind {
    fn of(word: &str) -> Option<Self> {
        let inside = |name: &str| {
            word.strip_prefix(name)?
                .strip_prefix('(')?
                .strip_suffix(')')
        };
        match word {
            "number" => Some(Self::Number),
            "id" => Some(Self::Id),
            "bag" => Some(Self::Bag("|".to_string())),
            _ => match (inside("prefix"), inside("bag")) {
                (Some(letters), _) => letters
                    .parse()
                    .ok()
                    .filter(|&letters| letters > 0)
                    .map(Self::Prefix),
                (None, Some(between)) => {
                    (!between.is_empty()).then(|| Self::Bag(between.to_string()))
                }
                (None, None) => None,
            },
        }
    }
}

/// `age:number`, or `age:number=2` if the column has another name.
impl fmt::Display for FeatureColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, column, kind } = self;
        write!(f, "{name}:{kind}")?;
        match column {
            ColumnName::Name(column) if column == name => Ok(()),
            column => write!(f, "={column}"),
        }
    }
}

impl FeatureColumn {
    /// `name:kind` or `name:kind=column`; `None` for anything else.
    pub(crate) fn of(word: &str) -> Option<Self> {
        let (name, rest) = word.split_once(':')?;
        let name = name.trim();
        // The separator of a bag's words may be anything.
        let inside = rest.find(')').map_or(0, |end| end + 1);
        let (kind, column) = match rest[inside..].split_once('=') {
            Some((kind, column)) => (&rest[..inside + kind.len()], column.trim()),
            None => (rest, name),
        };
        let plain = |text: &str| !text.is_empty() && !text.contains(['=', ',', ':']);
        let kind = ColumnKind::of(kind.trim())?;
        (plain(name) && !column.is_empty() && name != "id").then(|| Self {
            name: name.to_string(),
            column: ColumnName::of(column),
            kind,
        })
    }
}

impl fmt::Display for FeatureColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            None => f.write_str("id")?,
            Some(id) => write!(f, "id={id}")?,
        }
        for feature in &self.features {
            write!(f, ",{feature}")?;
        }
        if self.missing_allowed {
            f.write_str(",missing=allow")?;
        }
        if let Some(delimiter) = self.delimiter {
            write!(f, ",delimiter={delimiter}")?;
        }
        match self.header {
            Some(true) => f.write_str(",header=yes"),
            Some(false) => f.write_str(",header=no"),
            None => Ok(()),
        }
    }
}

impl FromStr for FeatureColumns {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        let wrong = || WordError::Unknown {
            what: "list of features",
            seen: word.to_string(),
            expected: "id,age:number,gender:id,genres:bag(|) by the header's names, or id=1,age:number=2 by places; a kind is \
                       number, id, prefix(3) or bag(|), and missing=allow, delimiter=tab, header=yes or no may be added",
        };
        let mut columns = Self {
            id: None,
            features: Vec::new(),
            missing_allowed: false,
            delimiter: None,
            header: None,
        };
        let mut has_id = false;
        for part in parts(word) {
            let part = part.trim();
            if !is_closed(part) {
                return Err(wrong());
            }
            if let Some(feature) = FeatureColumn::of(part) {
                columns.features.push(feature);
                continue;
            }
            let (name, column) = match part.split_once('=') {
                Some((name, column)) => (name.trim(), Some(column.trim())),
                None => (part, None),
            };
            match (name, column) {
                (_, Some("")) => return Err(wrong()),
                ("id", column) if !has_id => {
                    columns.id = column.map(ColumnName::of);
                    has_id = true;
                }
                ("missing", Some("allow")) => columns.missing_allowed = true,
                ("missing", Some("error")) => columns.missing_allowed = false,
                ("delimiter", Some(sign)) => columns.delimiter = Some(sign.parse()?),
                ("header", Some("yes")) => columns.header = Some(true),
                ("header", Some("no")) => columns.header = Some(false),
                _ => return Err(wrong()),
            }
        }
        let mut names: Vec<&str> = columns
            .features
            .iter()
            .map(|feature| feature.name.as_str())
            .collect();
        names.sort_unstable();
        let repeated = names.windows(2).any(|pair| pair[0] == pair[1]);
        match !has_id || columns.features.is_empty() || repeated {
            true => Err(wrong()),
            false => Ok(columns),
        }
    }
}

/// The parts between commas, except for commas in parentheses.
pub(crate) fn parts(word: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    word.split(move |letter| {
        inside = is_inside(inside, letter);
        letter == ',' && !inside
    })
}

/// Whether a part's parentheses are closed. One that stays open would take the next parts with it, wherever it is written.
pub(crate) fn is_closed(part: &str) -> bool {
    !part.chars().fold(false, is_inside)
}

/// Whether the letters after this one are in parentheses, which hold anything but `)`.
fn is_inside(before: bool, letter: char) -> bool {
    match letter {
        '(' => true,
        ')' => false,
        _ => before,
    }
}

impl fmt::Display for FeatureFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match &self.columns {
            Some(columns) => write!(f, ":{columns}"),
            None => Ok(()),
        }
    }
}

impl FromStr for FeatureFile {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        // The list begins with the column of ids; the path itself may contain colons.
        let (path, columns) = match word
            .find(":id")
            .filter(|at| !word[at + 3..].starts_with(['/', '\\']))
        {
            Some(at) => (&word[..at], Some(word[at + 1..].parse()?)),
            None => (word, None),
        };
        Ok(Self {
            path: PathBuf::from(path),
            columns,
        })
    }
}

macro_rules! as_text {
    ($type:ty) => {
        impl TryFrom<String> for $type {
            type Error = WordError;

            fn try_from(text: String) -> Result<Self, WordError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
    };
}

as_text!(FeatureFile);
as_text!(FeatureColumns);
