//! Rows of a Parquet file.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::cells::Cells;
use crate::builder::Builder;
use crate::column::ColumnName;
use crate::columns::Columns;
use crate::error::ReadError;
use crate::formats::hint::Hint;
use crate::formats::layout::Layout;
use crate::formats::table;
use crate::row::{Names, Row};
use crate::source::{Head, Source};

/// The number of rows held as cells at once.
const ROWS: usize = 1 << 13;

/// Sends every row to the builder. If no columns are given, they are found by common names; returns the interpretation,
/// if it should be reported.
///
/// The parquet crate panics on some damaged files, but a bad file must not end a program, so such a panic becomes an
/// error here. The possibly incomplete builder is dropped with that error.
pub(in crate::formats) fn read(
    source: Source,
    columns: Option<&Columns>,
    pairs: bool,
    into: &mut Builder,
) -> Result<Option<String>, ReadError> {
    let head = source.head().clone();
    let reading = AssertUnwindSafe(|| read_rows(source, columns, pairs, into));
    catch_unwind(reading).unwrap_or_else(|cause| {
        let said = cause.downcast_ref::<String>().map(String::as_str);
        let said = said.or(cause.downcast_ref::<&str>().copied());
        let said = said.unwrap_or("it cannot be made out");
        Err(wrong(
            &head,
            "",
            format!("not a readable Parquet file: {said}"),
        ))
    })
}

fn read_rows(
    source: Source,
    columns: Option<&Columns>,
    pairs: bool,
    into: &mut Builder,
) -> Result<Option<String>, ReadError> {
    let head = &source.head().clone();
    let broken =
        |error: ParquetError| wrong(head, "", format!("not a readable Parquet file: {error}"));
    let reader = open(source)?;
    let about = reader.metadata();
    let schema = about.file_metadata().schema_descr();
    let titles: Vec<String> = schema
        .columns()
        .iter()
        .map(|column| column.path().string())
        .collect();
    let titles: Vec<&[u8]> = titles.iter().map(String::as_bytes).collect();
    let (layout, names, said) = match columns {
        Some(columns) => {
            let (layout, names) = named(&titles, columns, head)?;
            (layout, names, None)
        }
        None => {
            let known = table::columns(&titles, None, &|_| true, head.at(""), pairs, false)?;
            let said = (!known.is_classic()).then_some(known.said);
            (known.layout, known.names, said)
        }
    };
    let places = [
        Some(layout.user),
        Some(layout.item),
        layout.rating,
        layout.timestamp,
    ];
    let called = [&names.user, &names.item, &names.rating, &names.timestamp];
    for (place, name) in places.into_iter().zip(called) {
        if let Some(said) = place.and_then(|place| Cells::refusal(&schema.column(place))) {
            return Err(wrong(head, name, said));
        }
    }
    into.begin(head, names);
    into.decimal_commas(true);
    into.count_rows(usize::try_from(about.file_metadata().num_rows()).unwrap_or(0));
    let mut row = 0;
    for group in 0..about.num_row_groups() {
        let group = reader.get_row_group(group).map_err(broken)?;
        let cells = |place: Option<usize>| {
            let cells = place.map(|place| {
                let column = group.get_column_reader(place)?;
                Ok(Cells::new(column, &schema.column(place)))
            });
            cells.transpose().map_err(broken)
        };
        let [user, item, rating, timestamp] = places;
        let mut columns = [
            cells(user)?,
            cells(item)?,
            cells(rating)?,
            cells(timestamp)?,
        ];
        loop {
            let mut rows = None;
            for cells in columns.iter_mut().flatten() {
                let read = cells.read(ROWS).map_err(broken)?;
                if *rows.get_or_insert(read) != read {
                    return Err(wrong(
                        head,
                        "",
                        "its columns are of unequal length".to_string(),
                    ));
                }
            }
            let rows = rows.unwrap_or_default();
            for place in 0..rows {
                for cells in columns.iter_mut().flatten() {
                    cells.write(place);
                }
                let [user, item, rating, timestamp] = &columns;
                let pushed = into.push(&Row {
                    byte: row,
                    user: user.as_ref().map_or(b"", Cells::text),
                    item: item.as_ref().map_or(b"", Cells::text),
                    rating: rating.as_ref().map_or(b"1", Cells::text),
                    timestamp: timestamp.as_ref().map(Cells::text),
                });
                into.forgive(pushed, b"")?;
                row += 1;
            }
            if rows == 0 {
                break;
            }
        }
    }
    match row {
        0 => Err(wrong(head, "", "the file has no rows".to_string())),
        _ => into.end(false).map(|()| said),
    }
}

/// A file is read in place. One that is packed is unpacked into memory, since its end must be read first.
fn open(mut source: Source) -> Result<Box<dyn FileReader>, ReadError> {
    let head = source.head().clone();
    let broken =
        |error: ParquetError| wrong(&head, "", format!("not a readable Parquet file: {error}"));
    Ok(match source.seekable() {
        Some(file) => Box::new(SerializedFileReader::new(file).map_err(broken)?),
        None => {
            let bytes = Bytes::from(source.read()?);
            Box::new(SerializedFileReader::new(bytes).map_err(broken)?)
        }
    })
}

/// The requested columns.
fn named(titles: &[&[u8]], columns: &Columns, head: &Head) -> Result<(Layout, Names), ReadError> {
    let advice = || {
        let hint = Hint {
            names: Some(titles),
            row: &[],
            keys: false,
        };
        format!("this file may open with {}", hint.flag())
    };
    let find = |column: &ColumnName| {
        column.find(titles).ok_or_else(|| ReadError::MissingColumn {
            at: Box::new(head.at(column.shown())),
            seen: table::list(titles.iter().copied()),
            advice: advice(),
        })
    };
    let optional = |column: &Option<ColumnName>| column.as_ref().map(find).transpose();
    let shown =
        |column: &Option<ColumnName>| column.as_ref().map(ColumnName::shown).unwrap_or_default();
    let layout = Layout {
        count: titles.len(),
        user: find(&columns.user)?,
        item: find(&columns.item)?,
        rating: optional(&columns.rating)?,
        timestamp: optional(&columns.timestamp)?,
    };
    if let Some([first, second]) = layout.twice() {
        return Err(ReadError::SameColumn {
            at: Box::new(head.at("")),
            first: first.word(),
            second: second.word(),
            advice: advice(),
        });
    }
    let names = Names {
        user: columns.user.shown(),
        item: columns.item.shown(),
        rating: shown(&columns.rating),
        timestamp: shown(&columns.timestamp),
    };
    Ok((layout, names))
}

fn wrong(head: &Head, column: &str, wrong: String) -> ReadError {
    ReadError::Parquet {
        at: head.at(column.to_string()),
        wrong,
    }
}
