//! Reading of feature files.

use crate::error::{Place, ReadError};
use crate::features::columns::{ColumnKind, FeatureColumn, FeatureColumns, FeatureFile};
use crate::features::guess;
use crate::features::lacks::Lacks;
use crate::features::table::{Record, Table};
use crate::field::float;
use crate::source::Source;
use recburn_data::internals::{excerpt, in_order, numbered};
use recburn_data::{Feature, Features, IdMap, Lists, thousands};
use recburn_schema::{Index, Side};

/// The word for a missing value.
const MISSING: &str = "(missing)";

impl FeatureFile {
    /// Adds the features in the file for the users or items with these ids, replacing existing ones with the same
    /// names; returns warnings.
    ///
    /// # Errors
    ///
    /// The error in the file with its line and column; [`ReadError::FeatureFile`] for missing or duplicate ids.
    pub fn read<Ix: Index>(
        &self,
        side: Side,
        ids: &IdMap<Ix>,
        into: &mut Features,
    ) -> Result<Vec<String>, ReadError> {
        read(
            Source::open(&self.path)?,
            self.columns.clone(),
            side,
            ids,
            into,
        )
    }

    /// As [`FeatureFile::read`], for the users of one of several processes, of which others may lack other users. Where
    /// `missing=allow` says that they may, the values here do not depend on the processes once [`Lacks::settle`] has been called.
    ///
    /// # Errors
    ///
    /// As [`FeatureFile::read`].
    pub fn read_part<Ix: Index>(
        &self,
        side: Side,
        ids: &IdMap<Ix>,
        into: &mut Features,
    ) -> Result<(Vec<String>, Lacks), ReadError> {
        let source = Source::open(&self.path)?;
        read_by(source, self.columns.clone(), side, ids, into, true)
    }
}

/// Adds the features of a file that is open.
pub(crate) fn read<Ix: Index>(
    source: Source,
    columns: Option<FeatureColumns>,
    side: Side,
    ids: &IdMap<Ix>,
    into: &mut Features,
) -> Result<Vec<String>, ReadError> {
    let (warnings, _) = read_by(source, columns, side, ids, into, false)?;
    Ok(warnings)
}

/// As [`read`]; if `of_part`, other processes have the same file and other ids.
fn read_by<Ix: Index>(
    source: Source,
    columns: Option<FeatureColumns>,
    side: Side,
    ids: &IdMap<Ix>,
    into: &mut Features,
    of_part: bool,
) -> Result<(Vec<String>, Lacks), ReadError> {
    let table = Table::read(source, columns.as_ref())?;
    let (columns, mut warnings) = match columns {
        Some(columns) => (columns, Vec::new()),
        None => guess::columns(&table),
    };
    let reader = Reader {
        place_of_id: table.place_of_id(columns.id.as_ref(), &guess::IDS)?,
        table: &table,
        columns: &columns,
        side,
        ids,
        of_part,
    };
    for column in &columns.features {
        table.place(&column.column)?;
    }
    let records = reader.records()?;
    let mut lacks = Lacks::of(&table.path, &records, ids.len());
    warnings.extend(reader.missing(&records)?);
    for column in &columns.features {
        into.set(reader.feature(column, &records, &mut lacks)?)?;
    }
    Ok((warnings, lacks))
}

/// The state of reading a file.
struct Reader<'a, Ix> {
    table: &'a Table,
    columns: &'a FeatureColumns,
    place_of_id: usize,
    side: Side,
    ids: &'a IdMap<Ix>,
    /// Whether other processes have other ids.
    of_part: bool,
}

impl<'a, Ix: Index> Reader<'a, Ix> {
    /// The record of each table row, if there is one.
    fn records(&self) -> Result<Vec<Option<&'a Record>>, ReadError> {
        let mut records: Vec<Option<&Record>> = vec![None; self.ids.rows()];
        for record in self.table.records() {
            let id = record.fields[self.place_of_id].trim();
            let Some(row) = self.ids.index(id) else {
                continue;
            };
            if let Some(before) = records[row.row() as usize].replace(record) {
                return Err(self.fault(format!(
                    "the {} '{}' is there twice, in lines {} and {}",
                    self.side,
                    excerpt(id.as_bytes()),
                    before.line,
                    record.line
                )));
            }
        }
        Ok(records)
    }

    /// The warning about ids that the file lacks, if that is allowed.
    fn missing(&self, records: &[Option<&Record>]) -> Result<Option<String>, ReadError> {
        let missing: Vec<_> = self
            .ids
            .iter()
            .filter(|(row, _)| records[row.row() as usize].is_none())
            .collect();
        if missing.is_empty() {
            return Ok(None);
        }
        let examples: Vec<String> = missing
            .iter()
            .take(3)
            .map(|(_, id)| format!("'{}'", excerpt(id.as_bytes())))
            .collect();
        let said = format!(
            "{} of {} {}s are not in it, such as {}",
            thousands(missing.len()),
            thousands(self.ids.len()),
            self.side,
            examples.join(", ")
        );
        let some_are_there = self.of_part || missing.len() < self.ids.len();
        match self.columns.missing_allowed && some_are_there {
            true => Ok(Some(format!(
                "{}: {said}; they have the mean of a number, no words of a bag and a word of their own",
                self.table.path.display()
            ))),
            false => Err(self.fault(format!(
                "{said}; ids are read from its column {}{}",
                self.table.column_name(self.place_of_id),
                match self.columns.missing_allowed {
                    true => "",
                    false => ", and missing=allow gives who is absent the mean, or no words",
                }
            ))),
        }
    }

    fn fault(&self, wrong: String) -> ReadError {
        ReadError::FeatureFile {
            path: self.table.path.clone(),
            wrong,
        }
    }

    fn feature(
        &self,
        column: &FeatureColumn,
        records: &[Option<&Record>],
        lacks: &mut Lacks,
    ) -> Result<Feature, ReadError> {
        let place = self.table.place(&column.column)?;
        match &column.kind {
            ColumnKind::Number => self.numbers(column, place, records, lacks),
            ColumnKind::Id => Ok(self.words(column, place, records, str::to_string)),
            ColumnKind::Prefix(letters) => {
                let prefix = |word: &str| word.chars().take(*letters).collect();
                Ok(self.words(column, place, records, prefix))
            }
            ColumnKind::Bag(between) => Ok(self.bags(column, place, records, between)),
        }
    }

    fn numbers(
        &self,
        column: &FeatureColumn,
        place: usize,
        records: &[Option<&Record>],
        lacks: &mut Lacks,
    ) -> Result<Feature, ReadError> {
        let mut numbers = Vec::with_capacity(records.len());
        for record in records {
            let field = record.map_or("", |record| record.fields[place].trim());
            let number = match (float(field.as_bytes()), record) {
                (Ok(number), _) => Some(number),
                (Err(_), Some(record)) if !(field.is_empty() && self.columns.missing_allowed) => {
                    return Err(ReadError::NotANumber {
                        at: Place::new(&self.table.path, Some(record.line), column.name.clone()),
                        seen: excerpt(field.as_bytes()),
                    });
                }
                (Err(_), _) => None,
            };
            numbers.push(number);
        }
        let mean = lacks.note(&column.name, &numbers);
        let numbers = numbers
            .into_iter()
            .map(|number| number.unwrap_or(mean))
            .collect();
        Ok(Feature::numbers(&column.name, self.side, 1, numbers))
    }

    fn words(
        &self,
        column: &FeatureColumn,
        place: usize,
        records: &[Option<&Record>],
        word: impl Fn(&str) -> String,
    ) -> Feature {
        // Including users and items without ratings, which a model may meet later.
        let all = self
            .table
            .records()
            .iter()
            .map(|record| word(record.fields[place].trim()));
        let mut numbers = numbered(all);
        // Another process may lack some.
        let may_lack = self.of_part && self.columns.missing_allowed;
        let mut all = self.ids.iter();
        if may_lack || all.any(|(row, _)| records[row.row() as usize].is_none()) {
            numbers.insert(MISSING.to_string(), numbers.len() as u32);
        }
        let of_missing = numbers.get(MISSING).copied().unwrap_or(0);
        let ids = records.iter().map(|record| match record {
            Some(record) => numbers[&word(record.fields[place].trim())],
            None => of_missing,
        });
        let ids = ids.collect();
        Feature::ids(&column.name, self.side, numbers.len().max(1), ids).words(in_order(numbers))
    }

    fn bags(
        &self,
        column: &FeatureColumn,
        place: usize,
        records: &[Option<&Record>],
        between: &str,
    ) -> Feature {
        let words = |record| split(record, place, between);
        let all = self
            .table
            .records()
            .iter()
            .flat_map(words)
            .map(str::to_string);
        let numbers = numbered(all);
        let mut lists = Lists::default();
        for record in records {
            let words = record.map(words).unwrap_or_default();
            lists.push(words.into_iter().map(|word| numbers[word]));
        }
        Feature::bags(&column.name, self.side, numbers.len().max(1), lists).words(in_order(numbers))
    }
}

/// The distinct words of a field, in alphabetical order.
fn split<'a>(record: &'a Record, place: usize, between: &str) -> Vec<&'a str> {
    let words = record.fields[place].split(between).map(str::trim);
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.dedup();
    words
}
