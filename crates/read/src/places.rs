//! Locating the rating file for a name or path.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::ReadError;
use crate::formats::FORMATS;
use crate::how::DATA_VARIABLE;
use crate::names::{NAMES, NamedSet};
use crate::source::{self, Archive, Folder, Found, Source};

/// The possible locations of the ratings.
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

/// The rating file at a location: the location itself, or the first known file in that folder or archive.
pub(crate) fn ratings_file(place: &Path) -> Result<Option<Source>, ReadError> {
    // With a slash after the name of an archive the system would look for a folder.
    let place: &Path = &place.components().collect::<PathBuf>();
    match source::find(place)? {
        Found::Nothing => Ok(None),
        Found::File(source) => Ok(Some(source)),
        Found::Folder(folder) => match known_file(folder.path(), &folder.files()) {
            Some(name) => folder.open(&name),
            None => Ok(None),
        },
        Found::Archive(archive) => in_archive(archive),
    }
}

/// The part files of a folder, as Spark (`part-00000-….parquet`), polars, Ray Data and others write them: those called
/// `part-` something or, without such, all Parquet files, in the order of their names. Names that begin with `_` or `.`, such
/// as `_SUCCESS`, are those of other files.
pub(crate) fn part_files(place: &Path) -> Result<Option<Vec<PathBuf>>, ReadError> {
    let Found::Folder(folder) = source::find(place)? else {
        return Ok(None);
    };
    let is_part = |name: &&String| name.starts_with("part-");
    let is_parquet = |name: &&String| name.ends_with(".parquet") && !name.starts_with(['_', '.']);
    let names = folder.files();
    let mut parts: Vec<&String> = names.iter().filter(is_part).collect();
    if parts.is_empty() {
        parts = names.iter().filter(is_parquet).collect();
    }
    let files: Vec<PathBuf> = parts.iter().map(|name| folder.path().join(name)).collect();
    Ok((!files.is_empty()).then_some(files))
}

/// The rating file in the topmost folder of the archive that has one, or the only file of the archive, whatever its
/// name.
fn in_archive(archive: Archive) -> Result<Option<Source>, ReadError> {
    if archive.members().len() == 1 {
        return archive.open_only().map(Some);
    }
    let parents = archive.members().iter().map(Path::new);
    let mut folders: Vec<&Path> = parents.filter_map(Path::parent).collect();
    folders.sort_by_key(|folder| (folder.iter().count(), *folder));
    folders.dedup();
    let known = folders.into_iter().find_map(|folder| {
        let mut files: Vec<String> = archive.files(folder).map(str::to_string).collect();
        files.sort_unstable();
        let name = known_file(&archive.path().join(folder), &files)?;
        Some((folder.to_path_buf(), name))
    });
    match known {
        Some((folder, name)) => Folder::inside(archive, &folder).open(&name),
        None => Ok(None),
    }
}

/// Which of these files in a folder, in the order of their names, a format knows by its name, with or without `.gz`: the
/// name without it.
fn known_file(folder: &Path, files: &[String]) -> Option<String> {
    let mut names: Vec<&str> = files
        .iter()
        .map(|file| file.strip_suffix(".gz").unwrap_or(file))
        .collect();
    // A file that is there packed and unpacked is one.
    names.dedup();
    let called = folder.file_stem().unwrap_or_default().to_string_lossy();
    let known = FORMATS
        .iter()
        .find_map(|format| format.find(&called, &names));
    known.map(str::to_string)
}

/// Advice if nothing was found.
pub(crate) fn advice(name: &str) -> String {
    let Some(set) = NamedSet::find(name) else {
        let names = NAMES.join(", ");
        return format!(
            "give a folder or a zip archive that holds ratings.csv or u.data (or rating.csv, ratings.dat, one .inter \
             file, ratings.parquet) or part files (part-*, *.parquet), a file of ratings, or one of: {names}"
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
