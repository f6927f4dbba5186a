//! Titles and genres join the ratings.
//!
//! A file that somebody named has to be there and to be one of items. One that is found next to the ratings was not
//! asked for: whatever is wrong with it is a warning. Single lines stop nothing in either.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::builder::line_at;
use crate::error::{Place, ReadError};
use crate::formats::{FORMATS, Format, Understood, recognise_items};
use crate::open::Open;
use crate::source;
use crate::text::utf_8_or_latin_1;
use recburn_data::internals::in_a_line;
use recburn_data::{Dataset, IdMap, Item, thousands};
use recburn_schema::ItemIx;

/// Adds titles and genres from the file that is named, or from the first one next to the ratings. These come with what
/// the files of ratings turned out to be.
pub(crate) fn join_titles(
    dataset: &mut Dataset,
    ratings: &[(&Path, Understood)],
    how: &Open,
) -> Result<(), ReadError> {
    // The item file of a table with columns of its own may well call its ids as the table does.
    let id = ratings.iter().find_map(|(_, file)| file.item.as_deref());
    if let Some(path) = &how.items {
        let path = items_file(path)?;
        let format = recognise_items(&path, id)?;
        return join(dataset, format, &path, id);
    }
    let mut passed = Vec::new();
    let mut tried: Vec<PathBuf> = Vec::new();
    for (ratings, file) in ratings {
        for (format, path) in beside(ratings, file.format) {
            if tried.contains(&path) {
                continue;
            }
            let format = format.map_or_else(|| recognise_items(&path, id), Ok);
            match format.and_then(|format| join(dataset, format, &path, id)) {
                Ok(()) => return Ok(()),
                Err(fault) => passed.push(format!(
                    "{}; no titles are taken from it",
                    in_a_line(&fault)
                )),
            }
            tried.push(path);
        }
    }
    dataset.warnings.extend(passed);
    Ok(())
}

/// The file of items that was named; of an archive its only file.
fn items_file(path: &Path) -> Result<PathBuf, ReadError> {
    if source::is_archive(path)
        && let [only] = source::members(path)?.as_slice()
    {
        return Ok(path.join(only));
    }
    match source::is_file(path) && !source::is_archive(path) {
        true => Ok(path.to_path_buf()),
        false => Err(ReadError::ItemsNotFound {
            path: path.to_path_buf(),
        }),
    }
}

/// The files that may hold the items of a file of ratings, and their formats where the names tell.
///
/// The name that goes with the ratings' format tells. Where no format is known every usual name will do.
fn beside(
    ratings: &Path,
    format: Option<&'static dyn Format>,
) -> Vec<(Option<&'static dyn Format>, PathBuf)> {
    let name = source::file_name(ratings);
    let existing = |name: Option<String>| source::existing(&ratings.with_file_name(name?));
    if let Some(format) = format
        && let Some(items) = format.items_file(&name)
    {
        let found = existing(Some(items)).map(|path| (Some(format), path));
        return found.into_iter().collect();
    }
    let found = FORMATS.into_iter().filter_map(|format| {
        let path = existing(format.items_file(&name))?;
        Some((None, path))
    });
    found.collect()
}

/// Reads the titles. Items that nobody rated are passed over; one at least has to be rated.
fn join(
    dataset: &mut Dataset,
    format: &dyn Format,
    path: &Path,
    id: Option<&str>,
) -> Result<(), ReadError> {
    let mut titles = Titles::new(&dataset.items, path);
    format.read_items(path, id, &mut titles)?;
    let warnings = titles.warnings();
    let catalogue = titles.catalogue;
    match catalogue.iter().any(Option::is_some) {
        true => {
            dataset.catalogue = catalogue;
            dataset.warnings.extend(warnings);
            Ok(())
        }
        false => Err(ReadError::NoItemKnown {
            path: path.to_path_buf(),
        }),
    }
}

/// The places of the columns of a file of items, counted from zero.
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
    path: &'a Path,
    catalogue: Vec<Option<Item>>,
    passed: Alike,
    mended: Alike,
}

impl<'a> Titles<'a> {
    fn new(items: &'a IdMap<ItemIx>, path: &'a Path) -> Self {
        Self {
            items,
            path,
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
                    at: Place::new(self.path, line_at(self.path, byte), ""),
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
                let place = Place::new(self.path, line_at(self.path, byte), "");
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

    /// Passes over a line that is none of an item.
    pub(crate) fn pass(&mut self, fault: &ReadError) {
        self.passed.add(|| fault.to_string());
    }

    fn warnings(&self) -> Vec<String> {
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
