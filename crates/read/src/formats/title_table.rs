//! Tables of titles and genres with a header, such as `movies.csv`.

use csv::ByteRecord;

use super::header::{GENRES, TITLE, item_names, need, position};
use super::{byte, reader};
use crate::column::Delimiter;
use crate::error::ReadError;
use crate::source::Source;
use crate::text::utf_8_or_latin_1;
use crate::titles::{Places, Titles};

/// The possible delimiters.
const SEPARATING: [Delimiter; 3] = [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon];

/// Whether this is the header of an item file with one of these delimiters.
pub(super) fn fits(first_line: &[u8], id: Option<&str>) -> bool {
    delimiter(first_line, id).is_some()
}

/// The delimiter with which the header has columns for id and title.
fn delimiter(first_line: &[u8], id: Option<&str>) -> Option<Delimiter> {
    SEPARATING.into_iter().find(|delimiter| {
        let sign = delimiter.byte().unwrap_or(b',');
        let header = reader(first_line, sign, delimiter.spans_lines())
            .byte_records()
            .next();
        let Some(Ok(header)) = header else {
            return false;
        };
        let columns: Vec<&[u8]> = header.iter().collect();
        position(&columns, &item_names(id)).is_some() && position(&columns, &TITLE).is_some()
    })
}

/// Genres separated by pipes, as in MovieLens.
pub(super) fn piped(genres: &[u8]) -> Vec<String> {
    let genres = utf_8_or_latin_1(genres);
    let listed = genres.split('|').map(str::trim);
    let listed = listed.filter(|&genre| !genre.is_empty() && genre != "(no genres listed)");
    listed.map(str::to_string).collect()
}

/// A table with its interpretation.
struct Table<'a> {
    text: &'a [u8],
    sign: u8,
    quoting: bool,
    places: Places,
    genres: Option<usize>,
}

/// Reads titles and genres below a header that names their columns.
pub(super) fn read(
    source: Source,
    id: Option<&str>,
    into: &mut Titles<'_>,
) -> Result<(), ReadError> {
    let head = source.head().clone();
    // The whole file, since an unclosed quote is only detected at the end, and the lines after it are then read again.
    let text = source.read()?;
    let first_line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    // If none fits, treat the header as comma-separated; the missing column is reported below.
    let delimiter = delimiter(first_line, id).unwrap_or(Delimiter::Comma);
    let sign = delimiter.byte().unwrap_or(b',');
    let quoting = delimiter.spans_lines();
    let mut header = ByteRecord::new();
    let mut records = reader(text.as_slice(), sign, quoting);
    let found = records.read_byte_record(&mut header);
    if !found.map_err(|error| head.fault(error.into()))? {
        return Err(ReadError::EmptyFile {
            path: head.path().to_path_buf(),
        });
    }
    let at = byte(&header);
    let columns: Vec<&[u8]> = header.iter().collect();
    let (id, _) = need(&columns, &item_names(id), &head, at)?;
    let (title, _) = need(&columns, &TITLE, &head, at)?;
    let table = Table {
        text: &text,
        sign,
        quoting,
        places: Places {
            count: columns.len(),
            id,
            title,
        },
        genres: position(&columns, &GENRES).map(|(place, _)| place),
    };
    let mut start = usize::try_from(records.position().byte()).unwrap_or(usize::MAX);
    while let Some(again) = table.read_from(start, into) {
        start = again;
    }
    Ok(())
}

impl Table<'_> {
    /// Reads the records from this byte on. If a record has an unclosed quote, only its first line is read, and the
    /// byte after that line is returned.
    fn read_from(&self, start: usize, into: &mut Titles<'_>) -> Option<usize> {
        let text = self.text.get(start..)?;
        let mut records = reader(text, self.sign, self.quoting);
        let mut record = ByteRecord::new();
        let mut from = 0;
        // Reading from memory does not fail.
        while records.read_byte_record(&mut record).unwrap_or(false) {
            let end = usize::try_from(records.position().byte()).unwrap_or(text.len());
            let blank = text[from..end]
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace());
            let from_byte = from + blank.count().min(end - from);
            let seen = &text[from_byte..end];
            let first_line = seen.iter().position(|&byte| byte == b'\n');
            from = end;
            let at = (start + from_byte) as u64;
            match first_line.filter(|&line| self.is_swallowed(&record, &seen[line + 1..], into)) {
                Some(line) => {
                    let fields: Vec<&[u8]> =
                        seen[..line].split(|byte| *byte == self.sign).collect();
                    let bare = |field: &&[u8]| !field.starts_with(b"\"");
                    let fields: Vec<&[u8]> = fields
                        .iter()
                        .map(|field| if bare(field) { field } else { &field[1..] })
                        .collect();
                    self.put(at, &fields, into);
                    return Some(start + from_byte + line + 1);
                }
                None => self.put(at, &record.iter().collect::<Vec<_>>(), into),
            }
        }
        None
    }

    /// Whether a record has swallowed the lines after its first: if it has too few fields, or the next line is an item
    /// by itself.
    fn is_swallowed(&self, record: &ByteRecord, below: &[u8], into: &Titles<'_>) -> bool {
        if !self.quoting || below.trim_ascii().is_empty() {
            return false;
        }
        let line = below
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default();
        let next = reader(line, self.sign, true).byte_records().next();
        let is_item = next.is_some_and(|next| {
            next.is_ok_and(|next| {
                next.len() == self.places.count && into.knows(&next[self.places.id])
            })
        });
        is_item || record.len() < self.places.count
    }

    fn put(&self, at: u64, fields: &[&[u8]], into: &mut Titles<'_>) {
        if let Some(mut row) = into.row(at, fields, self.places, &[self.sign]) {
            if !self.quoting {
                row.unquote();
            }
            let genres = self.genres.map(|place| piped(fields[row.place(place)]));
            into.put(&row, genres.unwrap_or_default());
        }
    }
}
