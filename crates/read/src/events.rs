//! Further columns of ratings under construction, besides user, item, rating and time.

use crate::features::{ColumnKind, FeatureColumn};
use crate::field::float;
use crate::text::utf_8_or_latin_1;
use recburn_data::internals::{Interner, excerpt, in_order, numbered};
use recburn_data::{Feature, Lists};
use recburn_schema::Side;

/// The columns, in the requested order.
#[derive(Default)]
pub(crate) struct Events(Vec<Event>);

/// One column.
struct Event {
    name: String,
    kind: ColumnKind,
    place: usize,
    /// Words by number, in order of first sight.
    words: Interner,
    /// The value in the current row.
    number: f32,
    row: Vec<u32>,
    /// The values of the completed rows.
    numbers: Vec<f32>,
    lists: Lists,
}

impl Events {
    /// Begins a file with these columns and positions; a second file has the same columns.
    pub(crate) fn begin(&mut self, columns: &[(FeatureColumn, usize)]) {
        for (at, (column, place)) in columns.iter().enumerate() {
            match self.0.get_mut(at) {
                Some(event) => event.place = *place,
                None => self.0.push(Event {
                    name: column.name.clone(),
                    kind: column.kind.clone(),
                    place: *place,
                    words: Interner::default(),
                    number: 0.0,
                    row: Vec::new(),
                    numbers: Vec::new(),
                    lists: Lists::default(),
                }),
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the fields of a row, which may still be skipped; on error returns the column and the field that is not a
    /// number.
    pub(crate) fn stage<'a>(
        &mut self,
        field: impl Fn(usize) -> &'a [u8],
    ) -> Result<(), (String, String)> {
        for event in &mut self.0 {
            let seen = field(event.place);
            event.row.clear();
            if event.kind == ColumnKind::Number {
                event.number =
                    float(seen).map_err(|_| (event.name.clone(), excerpt(seen.trim_ascii())))?;
                continue;
            }
            let text = utf_8_or_latin_1(seen.trim_ascii());
            let mut add = |word: &str| {
                // There are fewer words than fields, whose number fits the type of row counts.
                if let Ok(number) = event.words.intern(word) {
                    event.row.push(number);
                }
            };
            match &event.kind {
                ColumnKind::Number => {}
                ColumnKind::Id => add(&text),
                ColumnKind::Prefix(letters) => {
                    add(&text.chars().take(*letters).collect::<String>());
                }
                ColumnKind::Bag(between) => {
                    let words = text.split(between.as_str()).map(str::trim);
                    words.filter(|word| !word.is_empty()).for_each(&mut add);
                    event.row.sort_unstable();
                    event.row.dedup();
                }
            }
        }
        Ok(())
    }

    /// Adds the row that was read.
    pub(crate) fn commit(&mut self) {
        for event in &mut self.0 {
            match event.kind {
                ColumnKind::Number => event.numbers.push(event.number),
                ColumnKind::Id | ColumnKind::Prefix(_) | ColumnKind::Bag(_) => {
                    event.lists.push(event.row.iter().copied());
                }
            }
        }
    }

    /// The columns, with words numbered in alphabetical order.
    pub(crate) fn finish(self) -> Vec<Feature> {
        self.0.into_iter().map(Event::finish).collect()
    }
}

impl Event {
    fn finish(self) -> Feature {
        if self.kind == ColumnKind::Number {
            return Feature::numbers(&self.name, Side::Event, 1, self.numbers);
        }
        let numbers = numbered(self.words.iter().map(str::to_string));
        let sorted: Vec<u32> = self.words.iter().map(|word| numbers[word]).collect();
        let rows = sorted.len().max(1);
        let feature = match self.kind {
            ColumnKind::Bag(_) => {
                let mut lists = Lists::default();
                for at in 0..self.lists.len() {
                    let mut own: Vec<u32> = self
                        .lists
                        .ids(at)
                        .iter()
                        .map(|&id| sorted[id as usize])
                        .collect();
                    own.sort_unstable();
                    lists.push(own);
                }
                Feature::bags(&self.name, Side::Event, rows, lists)
            }
            ColumnKind::Number | ColumnKind::Id | ColumnKind::Prefix(_) => {
                let all = (0..self.lists.len()).flat_map(|at| self.lists.ids(at));
                let ids = all.map(|&id| sorted[id as usize]);
                Feature::ids(&self.name, Side::Event, rows, ids.collect())
            }
        };
        feature.words(in_order(numbers))
    }
}
