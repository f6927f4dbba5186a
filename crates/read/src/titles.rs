//! Where the lines of a file of items go.

use std::borrow::Cow;

use crate::error::ReadError;
use crate::source::Head;
use crate::text::utf_8_or_latin_1;
use recburn_data::{IdMap, Item, thousands};
use recburn_schema::ItemIx;

/// The positions of the columns of an item file, counted from 0.
#[derive(Clone, Copy)]
pub(crate) struct Places {
    /// The number of fields per line.
    pub(crate) count: usize,
    pub(crate) id: usize,
    pub(crate) title: usize,
}

/// A line of an item file.
pub(crate) struct Row<'a> {
    id: Cow<'a, str>,
    title: String,
    places: Places,
    /// The number of additional fields that the title spans.
    pub(crate) extra: usize,
}

impl Row<'_> {
    /// The position of the field that has this position in a line of normal length.
    pub(crate) fn place(&self, usual: usize) -> usize {
        match usual > self.places.title {
            true => usual + self.extra,
            false => usual,
        }
    }

    /// Removes the quotes around the title.
    pub(crate) fn unquote(&mut self) {
        let inside = self.title.strip_prefix('"');
        if let Some(inside) = inside.and_then(|inside| inside.strip_suffix('"')) {
            self.title = inside.replace("\"\"", "\"");
        }
    }
}

/// Lines with the same kind of problem.
#[derive(Default)]
struct Alike {
    count: usize,
    /// The message about the first one.
    first: String,
}

impl Alike {
    fn add(&mut self, say: impl FnOnce() -> String) {
        if self.count == 0 {
            self.first = say();
        }
        self.count += 1;
    }

    /// The message about all of them, if there are any.
    fn say(&self, one: &str, more: &str) -> Option<String> {
        match self.count {
            0 => None,
            1 => Some(format!("{}; {one}", self.first)),
            count => Some(format!(
                "{}; this and {} more {more}",
                self.first,
                thousands(count - 1)
            )),
        }
    }
}

/// Where the lines of a file of items go.
pub(crate) struct Titles<'a> {
    items: &'a IdMap<ItemIx>,
    head: &'a Head,
    pub(crate) catalogue: Vec<Option<Item>>,
    passed: Alike,
    mended: Alike,
}

impl<'a> Titles<'a> {
    pub(crate) fn new(items: &'a IdMap<ItemIx>, head: &'a Head) -> Self {
        Self {
            items,
            head,
            catalogue: vec![None; items.rows()],
            passed: Alike::default(),
            mended: Alike::default(),
        }
    }

    /// Whether the item with this id has ratings.
    pub(crate) fn knows(&self, id: &[u8]) -> bool {
        let id = utf_8_or_latin_1(id.trim_ascii());
        self.items.index(&id).is_some()
    }

    /// The line that begins at this byte; `None` if it is skipped. A line with too many fields has an unquoted title
    /// that contains the delimiter.
    pub(crate) fn row<'b>(
        &mut self,
        byte: u64,
        fields: &[&'b [u8]],
        places: Places,
        separator: &[u8],
    ) -> Option<Row<'b>> {
        // Trailing delimiters do not belong to a title.
        let blank = |field: &&&[u8]| field.trim_ascii().is_empty();
        let behind = fields.get(places.count..).unwrap_or_default();
        let fields = match behind.iter().all(|field| blank(&field)) {
            true => &fields[..fields.len().min(places.count)],
            false => fields,
        };
        let Some(extra) = fields.len().checked_sub(places.count) else {
            let seen = fields.len();
            self.passed.add(|| {
                let fault = ReadError::LineLength {
                    at: self.head.place(byte, ""),
                    expected: places.count,
                    seen,
                };
                fault.to_string()
            });
            return None;
        };
        let title = fields[places.title..=places.title + extra].join(separator);
        let row = Row {
            title: utf_8_or_latin_1(title.trim_ascii()).into_owned(),
            id: Cow::Borrowed(""),
            places,
            extra,
        };
        let id = fields[row.place(places.id)].trim_ascii();
        let id = utf_8_or_latin_1(id);
        if extra > 0 {
            let separator = String::from_utf8_lossy(separator);
            self.mended.add(|| {
                let place = self.head.place(byte, "");
                let separator = recburn_data::shown(&separator);
                format!("{place}: a title has '{separator}' in it and no quotes around it")
            });
        }
        Some(Row { id, ..row })
    }

    /// Adds a line.
    pub(crate) fn put(&mut self, row: &Row<'_>, genres: Vec<String>) {
        let index = self.items.index(&row.id).filter(|_| !row.title.is_empty());
        if let Some(place) = index.and_then(|index| self.catalogue.get_mut(index.index())) {
            *place = Some(Item {
                title: row.title.clone(),
                genres,
            });
        }
    }

    /// Skips a line that is not an item.
    pub(crate) fn pass(&mut self, fault: &ReadError) {
        self.passed.add(|| fault.to_string());
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let passed = self.passed.say(
            "that line is passed over",
            "lines of the file are passed over",
        );
        let mended = self.mended.say(
            "it is read as one title",
            "lines of the file are read with one title each",
        );
        passed.into_iter().chain(mended).collect()
    }
}
