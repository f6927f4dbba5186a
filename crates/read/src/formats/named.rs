//! Tables of lines with columns given by the caller.

use super::hint::Hint;
use super::layout::Layout;
use super::matrix_market;
use super::sample::{Sample, Sampled};
use super::table::{Table, list};
use crate::column::{ColumnName, Delimiter};
use crate::columns::Columns;
use crate::error::ReadError;
use crate::field::{decimal_point, float};
use crate::moment;
use crate::row::Names;
use crate::source::Head;
use recburn_data::internals::excerpt;

/// Locates the requested columns, with the first delimiter that splits the first lines into them.
pub(super) fn understand(head: &Head, columns: &Columns) -> Result<Table, ReadError> {
    let start = match matrix_market::is_one(head) {
        true => matrix_market::Matrix::of(head)?.start,
        false => head.behind_comments(),
    };
    let candidates = match columns.delimiter {
        Some(given) => vec![given],
        None => Delimiter::ALL.to_vec(),
    };
    let samples: Vec<Sample> = candidates
        .into_iter()
        .map(|delimiter| head.sample(start, delimiter))
        .filter(|sample| !sample.rows.is_empty())
        .collect();
    let mut found: Option<(&Sample, bool, Layout)> = None;
    let mut twice = None;
    for sample in &samples {
        let header = has_header(sample, columns);
        let Some(layout) = layout(&sample.names(), columns) else {
            continue;
        };
        if let Some(fault) = layout.twice() {
            twice.get_or_insert((sample, header, fault));
            continue;
        }
        let row = sample.rows.get(usize::from(header));
        let delimiter = sample.delimiter;
        let sensible = columns.delimiter.is_some()
            || row.is_none_or(|row| makes_sense(row, &layout, delimiter));
        if sensible {
            return table(sample, header, layout, columns, head);
        }
        // If no delimiter fits the first row, the row itself is wrong, which reading will report.
        found.get_or_insert((sample, header, layout));
    }
    if let Some((sample, header, [first, second])) = twice {
        return Err(ReadError::SameColumn {
            at: Box::new(head.place(sample.rows[0].at, "")),
            first: first.word(),
            second: second.word(),
            advice: advice(sample, header),
        });
    }
    match found {
        Some((sample, header, layout)) => table(sample, header, layout, columns, head),
        None => Err(lacking(&samples, head, columns)),
    }
}

fn table(
    sample: &Sample,
    header: bool,
    layout: Layout,
    columns: &Columns,
    head: &Head,
) -> Result<Table, ReadError> {
    let names = sample.names();
    let roles = [
        ("user", Some(&columns.user)),
        ("item", Some(&columns.item)),
        ("rating", columns.rating.as_ref()),
        ("timestamp", columns.timestamp.as_ref()),
    ];
    for (role, column) in roles {
        if let Some(column) = column.filter(|column| column.is_doubtful(&names)) {
            return Err(ReadError::AmbiguousColumn {
                at: head.place(sample.rows[0].at, column.shown()).into(),
                role,
                seen: list(names.iter().copied()),
                advice: "say which by its number, counted from 1".to_string(),
            });
        }
    }
    let shown =
        |column: &Option<ColumnName>| column.as_ref().map(ColumnName::shown).unwrap_or_default();
    Ok(Table {
        delimiter: sample.delimiter,
        start: sample.start(header),
        header,
        layout,
        names: Names {
            user: columns.user.shown(),
            item: columns.item.shown(),
            rating: shown(&columns.rating),
            timestamp: shown(&columns.timestamp),
        },
        others: columns
            .others
            .iter()
            .filter_map(|other| Some((other.clone(), other.column.find(&names)?)))
            .collect(),
        said: None,
    })
}

/// Whether the first line is a header: if specified, if a column is given by name, or if it has no number where the
/// next line has a rating.
fn has_header(sample: &Sample, columns: &Columns) -> bool {
    if let Some(known) = columns.header_known() {
        return known;
    }
    let [first, second, ..] = sample.rows.as_slice() else {
        return false;
    };
    let number = |field: &[u8]| float(&decimal_point(field)).is_ok();
    let names = sample.names();
    let rating = columns
        .rating
        .as_ref()
        .and_then(|column| column.find(&names));
    rating.is_some_and(|place| {
        number(second.field(place)) && !first.fields.iter().any(|field| number(field))
    })
}

/// The positions of the columns; `None` if one is missing.
fn layout(names: &[&[u8]], columns: &Columns) -> Option<Layout> {
    let optional = |column: &Option<ColumnName>| match column {
        Some(column) => column.find(names).map(Some),
        None => Some(None),
    };
    if columns
        .others
        .iter()
        .any(|other| other.column.find(names).is_none())
    {
        return None;
    }
    Some(Layout {
        count: names.len(),
        user: columns.user.find(names)?,
        item: columns.item.find(names)?,
        rating: optional(&columns.rating)?,
        timestamp: optional(&columns.timestamp)?,
    })
}

/// Whether a row has ids, a rating and a timestamp in the expected positions.
fn makes_sense(row: &Sampled, layout: &Layout, delimiter: Delimiter) -> bool {
    let id = |place: usize| !row.field(place).trim_ascii().is_empty();
    let number = |field: &[u8]| match delimiter {
        Delimiter::Comma => float(field).is_ok(),
        _ => float(&decimal_point(field)).is_ok(),
    };
    let rating = layout.rating.is_none_or(|place| number(row.field(place)));
    let timestamp = layout.timestamp.is_none_or(|place| {
        let field = row.field(place);
        moment::seconds(field).is_ok()
    });
    row.fields.len() >= layout.least() && id(layout.user) && id(layout.item) && rating && timestamp
}

/// The error for a file that lacks some of the columns with every delimiter.
fn lacking(samples: &[Sample], head: &Head, columns: &Columns) -> ReadError {
    let likely = samples
        .iter()
        .filter(|sample| sample.width() > 1)
        .max_by_key(|sample| (sample.width(), std::cmp::Reverse(sample.delimiter as usize)));
    let first = samples.first().map_or(0, |sample| sample.rows[0].at);
    let Some(sample) = likely else {
        return ReadError::WrongDelimiter {
            at: head.place(first, ""),
            expected: columns.delimiter.map_or(
                "tabs, '::', semicolons, commas, pipes or spaces",
                Delimiter::plural,
            ),
            seen: excerpt(head.first_line()),
        };
    };
    let header = has_header(sample, columns);
    let names = sample.names();
    let lacks = columns
        .columns()
        .find(|column| column.find(&names).is_none());
    let name = lacks.map(ColumnName::shown).unwrap_or_default();
    ReadError::MissingColumn {
        at: Box::new(head.place(first, name)),
        seen: list(names.iter().copied()),
        advice: advice(sample, header),
    }
}

/// The flag that fits the file.
fn advice(sample: &Sample, header: bool) -> String {
    let names = sample.names();
    let row = sample.rows.get(usize::from(header));
    let fields: Vec<&[u8]> = row
        .map(|row| row.fields.iter().map(Vec::as_slice).collect())
        .unwrap_or_default();
    let flag = Hint {
        names: header.then_some(&names),
        row: &fields,
        keys: false,
    }
    .flag();
    format!("this file may open with {flag}")
}
