//! JSON lines: one object per line, with keys for user, item and rating.

use super::byte;
use super::hint::Hint;
use super::json::{Cells, Entry, parse, parse_all};
use super::layout::Layout;
use super::lines::Lines;
use super::pipe::for_each;
use super::sample::Sampled;
use super::table;
use crate::builder::Builder;
use crate::column::ColumnName;
use crate::columns::Columns;
use crate::error::ReadError;
use crate::moment;
use crate::row::{Names, Row};
use crate::source::{Head, Source};
use crate::text::latin_1;

/// Whether a file with this beginning is JSON, in lines or not.
pub(super) fn is_json(head: &Head) -> bool {
    matches!(head.bytes.trim_ascii_start(), [b'{', ..]) || is_array(head)
}

/// Whether it is a single array.
fn is_array(head: &Head) -> bool {
    match head.bytes.trim_ascii_start() {
        [b'[', rest @ ..] => matches!(rest.trim_ascii_start().first(), Some(b'{' | b'[') | None),
        _ => false,
    }
}

/// Sends every line to the builder, by the given columns or by known names. Returns the interpretation, if it should be
/// reported, and the key of the items.
pub(super) fn read(
    source: Source,
    columns: Option<&Columns>,
    pairs: bool,
    into: &mut Builder,
) -> Result<Option<(String, String)>, ReadError> {
    let head = &source.head().clone();
    if is_array(head) {
        return Err(ReadError::Json {
            at: head.at(""),
            wrong: "one JSON array; an object on each line is read: `jq -c '.[]' FILE > ratings.jsonl` makes that of it"
                .to_string(),
        });
    }
    let keys = keys(head)?;
    let names: Vec<&[u8]> = keys.iter().map(|(key, _)| key.as_bytes()).collect();
    let (names_of, said) = match columns {
        Some(columns) => (named(&keys, columns, head)?, None),
        None => {
            let row = Sampled {
                at: 0,
                fields: keys
                    .iter()
                    .map(|(_, value)| value.clone().unwrap_or_default())
                    .collect(),
            };
            let is_time = |place: usize| moment::seconds(row.field(place)).is_ok();
            let at = head.at("");
            let known = table::columns(&names, Some(&row), &is_time, at, pairs, true)?;
            let item = known.names.item.clone().into_owned();
            (
                known.names,
                Some((format!("{}, lines of JSON", known.said), item)),
            )
        }
    };
    let wanted = [
        names_of.user.to_string(),
        names_of.item.to_string(),
        names_of.rating.to_string(),
        names_of.timestamp.to_string(),
    ];
    into.begin(head, names_of);
    into.decimal_commas(true);
    let mut cells = Cells::new(wanted);
    for_each(Lines::open(source, 0)?, head, |record| {
        let at = byte(record);
        let line = match Lines::of(record, head, 0) {
            Ok(line) => line,
            Err(fault) => return into.forgive(Err(fault), record.as_slice()),
        };
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let mut parsed = parse(line, &mut cells);
        if parsed.is_err() && std::str::from_utf8(line).is_err() {
            parsed = parse(latin_1(line).as_bytes(), &mut cells);
            into.read_as_latin_1(line);
        }
        let row = match parsed {
            Ok(()) => into.push(&Row {
                byte: at,
                user: cells.text(0),
                item: cells.text(1),
                rating: if cells.is_wanted(2) {
                    cells.text(2)
                } else {
                    b"1"
                },
                timestamp: cells.is_wanted(3).then(|| cells.text(3)),
            }),
            Err(wrong) => Err(ReadError::Json {
                at: into.place(at, ""),
                wrong,
            }),
        };
        into.forgive(row, line)
    })?;
    into.end(false)?;
    Ok(said)
}

/// The keys of the first lines, each with an example value.
fn keys(head: &Head) -> Result<Vec<Entry>, ReadError> {
    let mut keys: Vec<(String, Option<Vec<u8>>)> = Vec::new();
    let mut first_fault = None;
    let mut at = 0;
    let lines: Vec<&[u8]> = head.bytes.split_inclusive(|&byte| byte == b'\n').collect();
    for (count, line) in lines.iter().enumerate() {
        let byte = at;
        at += line.len() as u64;
        let cut = count + 1 == lines.len() && !head.whole && count > 0;
        if line.trim_ascii().is_empty() || cut {
            continue;
        }
        match parse_all(line) {
            Ok(fields) => {
                for (key, value) in fields {
                    match keys.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, known)) if known.is_none() => *known = value,
                        Some(_) => {}
                        None => keys.push((key, value)),
                    }
                }
            }
            Err(wrong) => {
                first_fault.get_or_insert((byte, wrong));
            }
        }
    }
    match (keys.is_empty(), first_fault) {
        (true, Some((byte, wrong))) => Err(ReadError::Json {
            at: head.place(byte, ""),
            wrong,
        }),
        _ => Ok(keys),
    }
}

/// The requested keys, which must all exist.
fn named(
    keys: &[(String, Option<Vec<u8>>)],
    columns: &Columns,
    head: &Head,
) -> Result<Names, ReadError> {
    let names: Vec<&[u8]> = keys.iter().map(|(key, _)| key.as_bytes()).collect();
    let row: Vec<&[u8]> = keys
        .iter()
        .map(|(_, value)| value.as_deref().unwrap_or_default())
        .collect();
    let advice = || {
        let flag = Hint {
            names: Some(&names),
            row: &row,
            keys: true,
        }
        .flag();
        format!("this file may open with {flag}")
    };
    let find = |column: &ColumnName| match column {
        ColumnName::Name(_) if column.find(&names).is_some() => {
            Ok(column.find(&names).unwrap_or_default())
        }
        _ => Err(ReadError::MissingColumn {
            at: Box::new(head.at(column.shown())),
            seen: table::list(names.iter().copied()),
            advice: advice(),
        }),
    };
    let optional = |column: &Option<ColumnName>| column.as_ref().map(find).transpose();
    let layout = Layout {
        count: names.len(),
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
    let key = |place: usize| keys[place].0.clone();
    let optional = |place: Option<usize>| place.map(key).unwrap_or_default();
    Ok(Names {
        user: key(layout.user).into(),
        item: key(layout.item).into(),
        rating: optional(layout.rating).into(),
        timestamp: optional(layout.timestamp).into(),
    })
}
