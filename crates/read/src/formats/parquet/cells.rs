//! One column of a Parquet file, cell by cell, as text like in other formats.

use std::io::Write;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

/// A cell of a column.
enum Cell {
    Nothing,
    Whole(i128),
    Single(f32),
    Double(f64),
    Text(ByteArray),
}

/// The meaning of whole numbers in a column.
#[derive(Clone, Copy)]
enum Meaning {
    /// A plain number.
    Number,
    /// The bits of an unsigned number.
    Unsigned,
    /// A time, with this many units per second.
    PerSecond(i128),
    /// Days since 1970.
    Days,
}

/// A column being read, and the text of one of its cells.
pub(super) struct Cells {
    column: ColumnReader,
    meaning: Meaning,
    /// The definition level of a nonempty cell; 0 if every cell has a value.
    level: i16,
    cells: Vec<Cell>,
    text: Vec<u8>,
}

impl Cells {
    /// Why cells of this column cannot be read, if so.
    pub(super) fn refusal(about: &ColumnDescriptor) -> Option<String> {
        let decimal = about.converted_type() == ConvertedType::DECIMAL
            || matches!(about.logical_type_ref(), Some(LogicalType::Decimal(_)));
        if about.max_rep_level() > 0 {
            return Some("a list in each row; expected one number or text".to_string());
        }
        match about.physical_type() {
            // Its numbers would be read without their decimal points.
            _ if decimal => {
                Some("decimal numbers; expected floating-point or whole ones".to_string())
            }
            Type::BOOLEAN | Type::FIXED_LEN_BYTE_ARRAY => Some(format!(
                "values of type {}; expected numbers or text",
                about.physical_type()
            )),
            _ => None,
        }
    }

    pub(super) fn new(column: ColumnReader, about: &ColumnDescriptor) -> Self {
        let nanoseconds = matches!(
            about.logical_type_ref(),
            Some(LogicalType::Timestamp(time)) if time.unit == TimeUnit::NANOS
        );
        let meaning = match about.converted_type() {
            ConvertedType::TIMESTAMP_MILLIS => Meaning::PerSecond(1_000),
            ConvertedType::TIMESTAMP_MICROS => Meaning::PerSecond(1_000_000),
            ConvertedType::DATE => Meaning::Days,
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64 => Meaning::Unsigned,
            _ if nanoseconds => Meaning::PerSecond(1_000_000_000),
            _ => Meaning::Number,
        };
        Self {
            column,
            meaning,
            level: about.max_def_level(),
            cells: Vec::new(),
            text: Vec::new(),
        }
    }

    /// Reads the cells of up to this many rows; returns their number.
    pub(super) fn read(&mut self, rows: usize) -> Result<usize, ParquetError> {
        let (meaning, level, into) = (self.meaning, self.level, &mut self.cells);
        into.clear();
        match &mut self.column {
            ColumnReader::Int32ColumnReader(column) => {
                take(column, rows, level, into, |value| match meaning {
                    Meaning::Unsigned => Cell::Whole(i128::from(value as u32)),
                    _ => whole(meaning, i128::from(value)),
                })
            }
            ColumnReader::Int64ColumnReader(column) => {
                take(column, rows, level, into, |value| match meaning {
                    Meaning::Unsigned => Cell::Whole(i128::from(value as u64)),
                    _ => whole(meaning, i128::from(value)),
                })
            }
            ColumnReader::Int96ColumnReader(column) => take(column, rows, level, into, |value| {
                Cell::Whole(i128::from(value.to_seconds()))
            }),
            ColumnReader::FloatColumnReader(column) => {
                take(column, rows, level, into, Cell::Single)
            }
            ColumnReader::DoubleColumnReader(column) => {
                take(column, rows, level, into, Cell::Double)
            }
            ColumnReader::ByteArrayColumnReader(column) => {
                take(column, rows, level, into, Cell::Text)
            }
            ColumnReader::BoolColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_) => {
                Err(ParquetError::General(
                    "neither numbers nor texts".to_string(),
                ))
            }
        }?;
        Ok(self.cells.len())
    }

    /// Formats the text of a cell.
    pub(super) fn write(&mut self, place: usize) {
        self.text.clear();
        // Writing to memory does not fail.
        let _ = match &self.cells[place] {
            Cell::Nothing => Ok(()),
            Cell::Whole(value) => write!(self.text, "{value}"),
            Cell::Single(value) => write!(self.text, "{value}"),
            Cell::Double(value) => write!(self.text, "{value}"),
            Cell::Text(value) => self.text.write_all(value.data()),
        };
    }

    /// The text formatted last.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }
}

fn whole(meaning: Meaning, value: i128) -> Cell {
    Cell::Whole(match meaning {
        Meaning::Number | Meaning::Unsigned => value,
        Meaning::PerSecond(parts) => value.div_euclid(parts),
        Meaning::Days => 86_400 * value,
    })
}

/// The file stores values without gaps, and for each row a level that tells whether it has one.
fn take<T: DataType>(
    column: &mut ColumnReaderImpl<T>,
    rows: usize,
    level: i16,
    into: &mut Vec<Cell>,
    cell: impl Fn(T::T) -> Cell,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    column.read_records(rows, Some(&mut levels), None, &mut values)?;
    let mut values = values.into_iter();
    match level {
        0 => into.extend(values.map(cell)),
        _ => into.extend(levels.iter().map(|&seen| match seen == level {
            true => values.next().map_or(Cell::Nothing, &cell),
            false => Cell::Nothing,
        })),
    }
    Ok(())
}
