//! Names and places of columns, and what separates them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::text::utf_8_or_latin_1;
use recburn_data::WordError;

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnName {
    /// By its name in the header, in capital or small letters.
    Name(String),
    /// By its place, counted from one.
    Number(usize),
}

impl ColumnName {
    /// A whole number from one on is a place, anything else a name.
    pub(crate) fn of(text: &str) -> Self {
        match text.parse() {
            Ok(number) if number > 0 && !text.starts_with('+') => Self::Number(number),
            _ => Self::Name(text.to_string()),
        }
    }

    /// Where the column stands among these names, counted from zero.
    pub(crate) fn find(&self, names: &[&[u8]]) -> Option<usize> {
        match self {
            Self::Number(number) => number.checked_sub(1).filter(|place| *place < names.len()),
            Self::Name(name) => names.iter().position(|seen| is(seen, name)),
        }
    }

    /// Whether several of these names are its own.
    pub(crate) fn is_doubtful(&self, names: &[&[u8]]) -> bool {
        match self {
            Self::Number(_) => false,
            Self::Name(name) => names.iter().filter(|seen| is(seen, name)).count() > 1,
        }
    }

    /// What it is called in an error message.
    pub(crate) fn shown(&self) -> Cow<'static, str> {
        Cow::Owned(self.to_string())
    }
}

/// Whether a column of a header goes by this name.
fn is(seen: &[u8], name: &str) -> bool {
    utf_8_or_latin_1(seen.trim_ascii()).eq_ignore_ascii_case(name)
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// What separates the fields of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// A tab. Quotes hold a field together within its line.
    Tab,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `|`
    Pipe,
    /// `::`, as in MovieLens 1M and 10M. Quotes hold a field together within its line.
    Colons,
    /// Blanks: any run of spaces and tabs is one delimiter, and those ahead of the first field are none.
    Space,
}

impl Delimiter {
    /// All of them, the likelier ones first.
    pub(crate) const ALL: [Self; 6] = [
        Self::Tab,
        Self::Colons,
        Self::Semicolon,
        Self::Comma,
        Self::Pipe,
        Self::Space,
    ];

    /// Its place among all of them.
    pub(crate) fn rank(self) -> Option<usize> {
        Self::ALL.iter().position(|known| *known == self)
    }

    /// The one letter that separates fields; `None` for `::`.
    pub(crate) fn byte(self) -> Option<u8> {
        match self {
            Self::Tab => Some(b'\t'),
            Self::Comma => Some(b','),
            Self::Semicolon => Some(b';'),
            Self::Pipe => Some(b'|'),
            Self::Colons => None,
            Self::Space => Some(b' '),
        }
    }

    /// Whether a quoted field may hold line ends. Programs that separate fields by tabs, colons or blanks seldom write
    /// quotes, and a title that begins with one must not swallow the lines below it.
    pub(crate) fn spans_lines(self) -> bool {
        matches!(self, Self::Comma | Self::Semicolon | Self::Pipe)
    }

    /// In words, for error messages.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Tab => "tabs",
            Self::Comma => "commas",
            Self::Semicolon => "semicolons",
            Self::Pipe => "pipes",
            Self::Colons => "'::'",
            Self::Space => "spaces",
        }
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tab => "tab",
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Pipe => "pipe",
            Self::Colons => "colons",
            Self::Space => "space",
        })
    }
}

impl FromStr for Delimiter {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        match word {
            "tab" | "\\t" | "\t" => Ok(Self::Tab),
            "comma" => Ok(Self::Comma),
            "semicolon" | ";" => Ok(Self::Semicolon),
            "pipe" | "|" => Ok(Self::Pipe),
            "colons" | "::" => Ok(Self::Colons),
            "space" | " " => Ok(Self::Space),
            _ => Err(WordError::Unknown {
                what: "delimiter",
                seen: word.to_string(),
                expected: "tab, comma, semicolon, pipe, colons or space",
            }),
        }
    }
}
