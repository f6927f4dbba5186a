//! Sparse matrices of Matrix Market: `%%MatrixMarket matrix coordinate real general`, comments, a line of three sizes,
//! and one line per entry. Rows are users and columns are items.

use super::layout::Layout;
use super::table::Table;
use crate::bad_lines::BadLines;
use crate::column::Delimiter;
use crate::error::ReadError;
use crate::how::OpenOptions;
use crate::row::Names;
use crate::source::Head;
use recburn_data::internals::excerpt;

const BANNER: &[u8] = b"%%MatrixMarket";

/// Whether a file with this beginning is one.
pub(super) fn is_one(head: &Head) -> bool {
    let begin = head.bytes.get(..BANNER.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(BANNER))
}

/// The header of a matrix.
pub(super) struct Matrix {
    /// The byte at which the entries begin.
    pub(super) start: usize,
    /// Whether entries have values.
    valued: bool,
    /// The number of entries.
    pub(super) entries: usize,
}

impl Matrix {
    pub(super) fn of(head: &Head) -> Result<Self, ReadError> {
        let banner = head.first_line().to_ascii_lowercase();
        let banner = String::from_utf8_lossy(&banner);
        let words: Vec<&str> = banner.split_ascii_whitespace().skip(1).collect();
        let valued = match words.as_slice() {
            ["matrix", "coordinate", "real" | "integer", "general"] => true,
            ["matrix", "coordinate", "pattern", "general"] => false,
            _ => {
                return Err(ReadError::Matrix {
                    at: head.place(0, ""),
                    wrong: format!(
                        "expected a sparse matrix of users by items ('matrix coordinate real general'; integer or \
                         pattern for real), found '{}'",
                        excerpt(words.join(" ").as_bytes())
                    ),
                });
            }
        };
        let mut start = 0;
        for line in head.bytes.split_inclusive(|&byte| byte == b'\n') {
            let byte = start;
            start += line.len();
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"%") {
                continue;
            }
            let text = String::from_utf8_lossy(line);
            let sizes: Vec<usize> = text
                .split_ascii_whitespace()
                .map_while(|word| word.parse().ok())
                .collect();
            return match sizes.as_slice() {
                [_, _, entries] => Ok(Self {
                    start,
                    valued,
                    entries: *entries,
                }),
                _ => Err(ReadError::Matrix {
                    at: head.place(byte as u64, ""),
                    wrong: format!(
                        "expected the numbers of rows, columns and entries, found '{}'",
                        excerpt(line)
                    ),
                }),
            };
        }
        Err(ReadError::Matrix {
            at: head.at(""),
            wrong: "no line has the numbers of rows, columns and entries".to_string(),
        })
    }

    /// Checks that all entries have been read, or skipped as bad lines.
    pub(super) fn check(
        &self,
        read: usize,
        how: &OpenOptions,
        head: &Head,
    ) -> Result<(), ReadError> {
        match read == self.entries || how.bad_lines == BadLines::Skip {
            true => Ok(()),
            false => Err(ReadError::Matrix {
                at: head.at(""),
                wrong: format!(
                    "{} entries are announced and {read} are there: the file is cut short, or not this matrix",
                    self.entries
                ),
            }),
        }
    }

    /// The entries as a table.
    pub(super) fn table(&self) -> Table {
        let rating = if self.valued {
            ", rating=the entry"
        } else {
            ""
        };
        Table {
            delimiter: Delimiter::Space,
            start: self.start as u64,
            header: false,
            layout: Layout {
                count: if self.valued { 3 } else { 2 },
                user: 0,
                item: 1,
                rating: self.valued.then_some(2),
                timestamp: None,
            },
            names: Names {
                rating: if self.valued { "rating" } else { "" }.into(),
                timestamp: "".into(),
                ..Names::PLAIN
            },
            others: Vec::new(),
            said: Some(format!(
                "a matrix of Matrix Market: user=row, item=column{rating}"
            )),
        }
    }
}
