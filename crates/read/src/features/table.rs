//! A feature file as records of fields.

use crate::column::{ColumnName, Delimiter};
use crate::error::{Place, ReadError};
use crate::features::columns::FeatureColumns;
use crate::source::Source;
use crate::text::utf_8_or_latin_1;
use std::path::PathBuf;

use recburn_data::internals::excerpt;

/// The whole file, since there are few users and items compared with ratings.
pub(super) struct Table {
    pub(super) path: PathBuf,
    header: Vec<String>,
    records: Vec<Record>,
}

/// One line.
pub(super) struct Record {
    /// Counted from one.
    pub(super) line: u64,
    pub(super) fields: Vec<String>,
}

impl Table {
    pub(super) fn read(
        source: Source,
        columns: Option<&FeatureColumns>,
    ) -> Result<Self, ReadError> {
        let path = source.head().path().to_path_buf();
        let bytes = source.read()?;
        let first_line = bytes
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default();
        let said = columns.and_then(|columns| columns.delimiter);
        let delimiter = said.unwrap_or_else(|| delimiter(&text(first_line)));
        let mut records = records(&bytes, delimiter);
        let Some(first) = records.first() else {
            return Err(ReadError::EmptyFile { path });
        };
        let width = first.fields.len();
        let named = |columns: &FeatureColumns| {
            let ids = columns.id.iter();
            let all = ids.chain(columns.features.iter().map(|feature| &feature.column));
            all.into_iter()
                .any(|column| matches!(column, ColumnName::Name(_)))
        };
        let is_header =
            columns.is_none_or(|columns| columns.header.unwrap_or_else(|| named(columns)));
        let header = match is_header {
            true => records
                .remove(0)
                .fields
                .iter()
                .map(|name| name.trim().to_string())
                .collect(),
            false => (1..=width).map(|place| place.to_string()).collect(),
        };
        if let Some(record) = records.iter().find(|record| record.fields.len() != width) {
            return Err(ReadError::LineLength {
                at: Place::new(&path, Some(record.line), ""),
                expected: width,
                seen: record.fields.len(),
            });
        }
        match records.is_empty() {
            true => Err(ReadError::FeatureFile {
                path,
                wrong: "no row below the header".to_string(),
            }),
            false => Ok(Self {
                path,
                header,
                records,
            }),
        }
    }

    /// The names of the columns.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// The name of the column at this position.
    pub(super) fn column_name(&self, place: usize) -> &str {
        self.header.get(place).map_or("", String::as_str)
    }

    /// The position of a column.
    pub(super) fn place(&self, column: &ColumnName) -> Result<usize, ReadError> {
        let names: Vec<&[u8]> = self.header.iter().map(String::as_bytes).collect();
        column.find(&names).ok_or_else(|| ReadError::MissingColumn {
            at: Box::new(Place::new(&self.path, Some(1), column.to_string())),
            seen: excerpt(self.header.join(", ").as_bytes()),
            advice: String::new(),
        })
    }

    /// The position of the id column: the given one, the first one with a common name, or the first column.
    pub(super) fn place_of_id(
        &self,
        named: Option<&ColumnName>,
        usual: &[&str],
    ) -> Result<usize, ReadError> {
        if let Some(column) = named {
            return self.place(column);
        }
        let position = |name: &&str| {
            self.header
                .iter()
                .position(|seen| seen.eq_ignore_ascii_case(name))
        };
        Ok(usual.iter().find_map(position).unwrap_or(0))
    }
}

/// All lines that are not blank.
fn records(bytes: &[u8], delimiter: Delimiter) -> Vec<Record> {
    let Some(sign) = delimiter.byte() else {
        let lines = (1..).zip(bytes.split(|&byte| byte == b'\n'));
        let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
        let fields = |line: &[u8]| {
            text(line.trim_ascii_end())
                .split("::")
                .map(str::to_string)
                .collect()
        };
        return lines
            .map(|(line, seen)| Record {
                line,
                fields: fields(seen),
            })
            .collect();
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(sign)
        // Tab-separated files rarely use quotes, and a single one must not swallow the following lines.
        .quoting(delimiter.spans_lines())
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut records = Vec::new();
    let (mut line, mut counted) = (1, 0);
    // Reading from memory does not fail.
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let at = record.position().map_or(0, csv::Position::byte) as usize;
        // The reader's own position may be before blank lines.
        let blank = bytes[at..]
            .iter()
            .take_while(|byte| matches!(byte, b'\n' | b'\r'))
            .count();
        let newlines = bytes[counted..at + blank]
            .iter()
            .filter(|&&byte| byte == b'\n');
        line += newlines.count() as u64;
        counted = at + blank;
        let fields = record.iter().map(text).collect();
        records.push(Record { line, fields });
    }
    records
}

/// The delimiter that a first line suggests.
fn delimiter(first_line: &str) -> Delimiter {
    let count = |delimiter: Delimiter| match delimiter.byte() {
        Some(sign) => first_line.bytes().filter(|byte| *byte == sign).count(),
        None => first_line.matches("::").count(),
    };
    let likely = Delimiter::ALL
        .into_iter()
        .filter(|&delimiter| delimiter != Delimiter::Space);
    // Of equals the likelier, which comes first.
    let best = likely.rev().max_by_key(|&delimiter| count(delimiter));
    best.unwrap_or(Delimiter::Comma)
}

/// A field as text.
fn text(field: &[u8]) -> String {
    utf_8_or_latin_1(field).into_owned()
}
