//! Titles and genres join the ratings.
//!
//! A file that somebody named has to be there and to be one of items. One that is found next to the ratings was not
//! asked for: whatever is wrong with it is a warning. Single lines stop nothing in either.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::columns::Columns;
use crate::error::ReadError;
use crate::formats::{FORMATS, Format, Understood, recognise_items};
use crate::how::OpenOptions;
use crate::source::{self, Found, Head, Source};
use crate::titles::Titles;
use recburn_data::internals::in_a_line;
use recburn_data::{Dataset, IdMap, Item, ItemIx};

/// Adds titles and genres from the file that is named, or from the first one next to the ratings. These come with what
/// the files of ratings turned out to be.
pub(crate) fn join_titles(
    dataset: &mut Dataset,
    ratings: &[(Arc<Head>, Understood)],
    how: &OpenOptions,
) -> Result<(), ReadError> {
    // The item file of a table with columns of its own may well call its ids as the table does.
    let id = ratings.iter().find_map(|(_, file)| file.item.as_deref());
    if let Some(path) = &how.items {
        let source = items_file(path)?;
        let format = recognise_items(source.head(), id)?;
        return join(dataset, format, source, id);
    }
    let mut passed = Vec::new();
    let mut tried: Vec<PathBuf> = Vec::new();
    for (ratings, file) in ratings {
        for (format, path) in beside(ratings, file.format) {
            if tried.contains(&path) {
                continue;
            }
            let source = source::existing(&path).transpose();
            tried.push(path);
            let Some(source) = source else { continue };
            let joined = source.and_then(|source| {
                let format = format.map_or_else(|| recognise_items(source.head(), id), Ok);
                join(dataset, format?, source, id)
            });
            match joined {
                Ok(()) => return Ok(()),
                Err(fault) => passed.push(format!(
                    "{}; no titles are taken from it",
                    in_a_line(&fault)
                )),
            }
        }
    }
    dataset.warnings.extend(passed);
    Ok(())
}

/// The file of items that was named; of an archive its only file.
fn items_file(path: &Path) -> Result<Source, ReadError> {
    match source::find(path)? {
        Found::File(source) => Ok(source),
        Found::Archive(archive) if archive.members().len() == 1 => archive.open_only(),
        Found::Archive(_) | Found::Folder(_) | Found::Nothing => Err(ReadError::ItemsNotFound {
            path: path.to_path_buf(),
        }),
    }
}

/// The files that may hold the items of a file of ratings, and their formats where the names tell.
///
/// The name that goes with the ratings' format tells. Where no format is known every usual name will do.
fn beside(
    ratings: &Head,
    format: Option<&'static dyn Format>,
) -> Vec<(Option<&'static dyn Format>, PathBuf)> {
    let name = ratings.file_name();
    let at = |name: String| ratings.path().with_file_name(name);
    if let Some(format) = format
        && let Some(items) = format.items_file(&name)
    {
        return vec![(Some(format), at(items))];
    }
    let names = FORMATS.iter().filter_map(|format| format.items_file(&name));
    names.map(|name| (None, at(name))).collect()
}

/// Adds what [`read`] reads.
fn join(
    dataset: &mut Dataset,
    format: &dyn Format,
    source: Source,
    id: Option<&str>,
) -> Result<(), ReadError> {
    let read = read(&dataset.items, format, source, id)?;
    dataset.catalogue = read.items;
    dataset.warnings.extend(read.warnings);
    Ok(())
}

/// Reads the titles. Items that nobody rated are passed over; one at least has to be rated.
fn read(
    items: &IdMap<ItemIx>,
    format: &dyn Format,
    source: Source,
    id: Option<&str>,
) -> Result<ReadTitles, ReadError> {
    let head = source.head().clone();
    let mut titles = Titles::new(items, &head);
    format.read_items(source, id, &mut titles)?;
    let warnings = titles.warnings();
    let items = titles.catalogue;
    match items.iter().any(Option::is_some) {
        true => Ok(ReadTitles { items, warnings }),
        false => Err(ReadError::NoItemKnown {
            path: head.path().to_path_buf(),
        }),
    }
}

/// Titles and genres that have been read.
#[derive(Clone, Debug, Default)]
pub struct ReadTitles {
    /// Those of each item, by row; `None` where the file has none. Empty if no file is named.
    pub items: Vec<Option<Item>>,
    /// Warnings from reading, one sentence each.
    pub warnings: Vec<String>,
}

impl OpenOptions {
    /// The titles and genres of these items from the file that [`OpenOptions::items`] names; files next to the ratings are not
    /// looked for.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`].
    pub fn read_titles(&self, items: &IdMap<ItemIx>) -> Result<ReadTitles, ReadError> {
        let Some(path) = &self.items else {
            return Ok(ReadTitles::default());
        };
        let source = items_file(path)?;
        let id = self.columns.as_ref().and_then(Columns::item_name);
        let format = recognise_items(source.head(), id)?;
        read(items, format, source, id)
    }
}
