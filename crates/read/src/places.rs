//! Locating the rating file for a name or path.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::ReadError;
use crate::formats::FORMATS;
use crate::names::{NAMES, NamedSet};
use crate::open::DATA_VARIABLE;
use crate::source;

/// Where the ratings may lie.
pub(crate) fn places(
    name_or_path: &str,
    data_dir: Option<&Path>,
    variable: Option<OsString>,
) -> Vec<PathBuf> {
    let Some(set) = NamedSet::find(name_or_path) else {
        return vec![PathBuf::from(name_or_path)];
    };
    let named = variable
        .filter(|value| !value.is_empty())
        .map(PathBuf::from);
    let folders = [
        data_dir.map(Path::to_path_buf),
        named,
        Some(PathBuf::from("datasets")),
    ];
    folders
        .into_iter()
        .flatten()
        .flat_map(|folder| {
            let archive = folder.join(format!("{}.zip", set.name));
            [folder.join(set.folder), archive]
        })
        .collect()
}

/// The file of ratings at a place: the place itself, or the first of the known files in that folder or archive.
pub(crate) fn ratings_file(place: &Path) -> Result<Option<PathBuf>, ReadError> {
    // A slash behind the name of an archive would make the system look for a folder.
    let place: &Path = &place.components().collect::<PathBuf>();
    if source::is_archive(place) {
        return in_archive(place);
    }
    if source::is_file(place) {
        return Ok(Some(place.to_path_buf()));
    }
    if let Some(archive) = place
        .ancestors()
        .skip(1)
        .find(|above| source::is_archive(above))
    {
        let members = source::members(archive)?;
        let folder = place.strip_prefix(archive).unwrap_or(place);
        let inside = members.iter().map(Path::new);
        let files = inside.filter(|file| file.parent() == Some(folder));
        return Ok(known_file(place, files.filter_map(Path::file_name)));
    }
    // What cannot be listed holds no file that could be opened.
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    let files: Vec<OsString> = entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name())
        .collect();
    Ok(known_file(place, files.iter().map(OsString::as_os_str)))
}

/// The file of ratings in the archive's uppermost folder that has one, or the only file of an archive, whatever its name.
fn in_archive(archive: &Path) -> Result<Option<PathBuf>, ReadError> {
    let members = source::members(archive)?;
    if let [only] = members.as_slice() {
        return Ok(Some(archive.join(only)));
    }
    let mut folders: Vec<&Path> = members
        .iter()
        .filter_map(|file| Path::new(file).parent())
        .collect();
    folders.sort_by_key(|folder| (folder.iter().count(), *folder));
    folders.dedup();
    Ok(folders.into_iter().find_map(|folder| {
        let inside = members.iter().map(Path::new);
        let files = inside.filter(|file| file.parent() == Some(folder));
        known_file(&archive.join(folder), files.filter_map(Path::file_name))
    }))
}

/// The first of these files in a folder that a format knows by its name, with or without `.gz`.
fn known_file<'a>(
    folder: &Path,
    files: impl Iterator<Item = &'a std::ffi::OsStr>,
) -> Option<PathBuf> {
    // In the order of names, since a folder lists its files in any.
    let mut files: Vec<String> = files
        .map(|file| file.to_string_lossy().into_owned())
        .collect();
    files.sort_unstable();
    let mut names: Vec<&str> = files
        .iter()
        .map(|file| file.strip_suffix(".gz").unwrap_or(file))
        .collect();
    // A file that lies there packed and unpacked is one.
    names.dedup();
    let called = folder.file_stem().unwrap_or_default().to_string_lossy();
    let name = FORMATS
        .iter()
        .find_map(|format| format.find(&called, &names))?;
    source::existing(&folder.join(name))
}

/// What to do where nothing was found.
pub(crate) fn advice(name: &str) -> String {
    let Some(set) = NamedSet::find(name) else {
        let names = NAMES.join(", ");
        return format!(
            "give a folder or a zip archive that holds ratings.csv or u.data (or rating.csv, ratings.dat, one .inter \
             file, ratings.parquet), a file of ratings, or one of: {names}"
        );
    };
    let [ratings, titles] = set.files;
    let folder = set.folder;
    let by_hand = format!(
        "put {ratings} and {titles} of {name} into datasets/{folder}/, or name the folder that holds {folder}/ with \
         --data-dir or {DATA_VARIABLE}"
    );
    match set.published {
        true => format!("`recburn data fetch {name}` gets it; or {by_hand}"),
        false => by_hand,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_given_folder_comes_before_the_variable_and_that_before_the_project() {
        let looked = places("ml-100k", Some(Path::new("given")), Some("variable".into()));
        let expected = [
            "given/ml-100k",
            "given/ml-100k.zip",
            "variable/ml-100k",
            "variable/ml-100k.zip",
            "datasets/ml-100k",
            "datasets/ml-100k.zip",
        ];
        assert_eq!(looked, expected.map(PathBuf::from));
        assert_eq!(
            places("ml-100k", None, Some("".into())),
            ["datasets/ml-100k", "datasets/ml-100k.zip"].map(PathBuf::from)
        );
    }

    #[test]
    fn what_is_no_name_is_a_path_and_nothing_else() {
        let looked = places(
            "my/ratings.csv",
            Some(Path::new("given")),
            Some("variable".into()),
        );
        assert_eq!(looked, [PathBuf::from("my/ratings.csv")]);
    }
}
