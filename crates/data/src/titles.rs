//! Titles and genres join the ratings.

use std::path::{Path, PathBuf};

use crate::columns::ColumnName;
use crate::dataset::Dataset;
use crate::error::DataError;
use crate::formats::{FORMATS, Format, recognise_items};
use crate::open::Open;
use crate::source;

/// Adds titles and genres from the file that is named, or from the first one that lies beside the ratings. These come
/// with their formats, which are `None` where their columns were named.
pub(crate) fn join_titles(
    dataset: &mut Dataset,
    ratings: &[(&Path, Option<&'static dyn Format>)],
    how: &Open,
) -> Result<(), DataError> {
    // The item file of a table with columns of its own may well call its ids as the table does.
    let id = how
        .columns
        .as_ref()
        .and_then(|columns| match &columns.item {
            ColumnName::Name(name) => Some(name.as_str()),
            ColumnName::Number(_) => None,
        });
    if let Some(path) = &how.items {
        let path = items_file(path)?;
        let format = recognise_items(&path, id)?;
        let known = join(dataset, format, &path, id)?;
        return match known {
            0 => Err(DataError::NoItemKnown { path }),
            _ => Ok(()),
        };
    }
    for (path, format) in ratings {
        if let Some((format, items)) = beside(path, *format, id) {
            join(dataset, format, &items, id)?;
            return Ok(());
        }
    }
    Ok(())
}

/// The file of items that was named; of an archive its only file.
fn items_file(path: &Path) -> Result<PathBuf, DataError> {
    if source::is_archive(path)
        && let [only] = source::members(path)?.as_slice()
    {
        return Ok(path.join(only));
    }
    match source::is_file(path) && !source::is_archive(path) {
        true => Ok(path.to_path_buf()),
        false => Err(DataError::ItemsNotFound {
            path: path.to_path_buf(),
        }),
    }
}

/// The file of items beside a file of ratings.
///
/// What lies under the name that goes with the ratings' format is taken for what it says. Where no format tells a name,
/// a file of any usual name will do, and whatever does not read as a file of items is somebody else's.
fn beside(
    ratings: &Path,
    format: Option<&'static dyn Format>,
    id: Option<&str>,
) -> Option<(&'static dyn Format, PathBuf)> {
    let name = source::file_name(ratings);
    let existing = |name: Option<String>| source::existing(&ratings.with_file_name(name?));
    if let Some(format) = format
        && let Some(items) = format.items_file(&name)
    {
        return existing(Some(items)).map(|path| (format, path));
    }
    FORMATS.into_iter().find_map(|format| {
        let path = existing(format.items_file(&name))?;
        let format = recognise_items(&path, id).ok()?;
        Some((format, path))
    })
}

/// How many of the items have a title now. Items that nobody rated are passed over.
fn join(
    dataset: &mut Dataset,
    format: &dyn Format,
    path: &Path,
    id: Option<&str>,
) -> Result<usize, DataError> {
    let items = &dataset.items;
    let mut catalogue = vec![None; items.rows()];
    format.read_items(path, id, &mut |id, item| {
        if let Some(index) = items.index(id) {
            catalogue[index as usize] = Some(item);
        }
    })?;
    let known = catalogue.iter().flatten().count();
    dataset.catalogue = catalogue;
    Ok(known)
}
