//! From a name or a path to a data set.

use std::env;
use std::path::{Path, PathBuf};

use crate::builder::Builder;
use crate::dataset::{Dataset, GivenFiles};
use crate::error::DataError;
use crate::formats::{FORMATS, Format, recognise};
use crate::ids::{IdMap, IdOrder};
use crate::sample::sample;
use crate::split::Split;
use crate::split_kind::SplitKind;

/// The names that [`open`] knows. All but `sample` are folders to be filled by whoever has the files.
pub const NAMES: [&str; 4] = [
    "sample",
    "ml-100k",
    "ml-latest-small",
    "ml-latest-small-2016",
];

/// The environment variable that names the folder of the data sets' folders.
const DATA_VARIABLE: &str = "RECBURN_DATA";

/// How to open a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Which indices users and items get.
    pub order: IdOrder,
    /// The folder that holds the data sets' folders; looked into first.
    pub data_dir: Option<PathBuf>,
}

/// Opens a data set by name or path.
///
/// The `NAMES` but `sample` are folders, looked for in `how.data_dir`, then in `$RECBURN_DATA`, then in `datasets`.
/// Anything else is a path: a folder that holds `ratings.csv` or `u.data`, or a file of ratings of any name. Titles and
/// genres are joined where `movies.csv` or `u.item` lies beside the ratings.
///
/// # Errors
///
/// [`DataError::NotFound`] with every place looked at, or the fault of the file, with file, line and column.
pub fn open(name_or_path: &str, how: &Open) -> Result<Dataset, DataError> {
    if name_or_path == "sample" {
        return sample(how.order);
    }
    let looked = places(
        name_or_path,
        how.data_dir.as_deref(),
        env::var_os(DATA_VARIABLE),
    );
    match looked.iter().find_map(|place| ratings_file(place)) {
        Some(path) => {
            let mut dataset = read(&[&path], how.order)?.0;
            if NAMES.contains(&name_or_path) {
                dataset.name = name_or_path.to_string();
            }
            Ok(dataset)
        }
        None => Err(DataError::NotFound {
            name: name_or_path.to_string(),
            looked,
            advice: advice(name_or_path),
        }),
    }
}

/// Opens two files as one data set, the rows of `train` ahead of those of `valid`, with the split they make.
///
/// # Errors
///
/// As [`open`]; a name stands for nothing here, both are paths of files.
pub fn open_pair(train: &Path, valid: &Path, how: &Open) -> Result<(Dataset, Split), DataError> {
    for path in [train, valid] {
        if !path.is_file() {
            return Err(DataError::NotFound {
                name: path.display().to_string(),
                looked: vec![path.to_path_buf()],
                advice: "two files of ratings are needed, such as u1.base and u1.test".to_string(),
            });
        }
    }
    let (mut dataset, boundary) = read(&[train, valid], how.order)?;
    dataset.given = Some(GivenFiles {
        train: train.to_path_buf(),
        valid: valid.to_path_buf(),
        boundary,
    });
    let kind = SplitKind::Given {
        train: train.to_path_buf(),
        valid: valid.to_path_buf(),
    };
    let split = dataset.split(&kind, 0)?;
    Ok((dataset, split))
}

/// Where the ratings may lie.
fn places(
    name_or_path: &str,
    data_dir: Option<&Path>,
    variable: Option<std::ffi::OsString>,
) -> Vec<PathBuf> {
    if !NAMES.contains(&name_or_path) {
        return vec![PathBuf::from(name_or_path)];
    }
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
        .map(|folder| folder.join(name_or_path))
        .collect()
}

/// The file of ratings at a place: the place itself, or the first of the known files in that folder.
fn ratings_file(place: &Path) -> Option<PathBuf> {
    if place.is_file() {
        return Some(place.to_path_buf());
    }
    let files = FORMATS
        .iter()
        .map(|format| place.join(format.ratings_file()));
    files.into_iter().find(|path| path.is_file())
}

fn advice(name: &str) -> String {
    let files = match name {
        "ml-100k" => "u.data and u.item",
        name if NAMES.contains(&name) => "ratings.csv and movies.csv",
        _ => {
            let names = NAMES.join(", ");
            return format!(
                "give a folder that holds ratings.csv or u.data, a file of ratings, or one of: {names}"
            );
        }
    };
    format!(
        "put {files} of {name} into datasets/{name}/, or name the folder that holds {name}/ with --data-dir or \
         {DATA_VARIABLE}"
    )
}

/// Reads the files, one behind the other; the second part is how many rows the first one had.
fn read(paths: &[&Path], order: IdOrder) -> Result<(Dataset, usize), DataError> {
    let mut builder = Builder::new(order);
    let mut boundary = None;
    let mut formats = Vec::new();
    for path in paths {
        let format = recognise(path)?;
        format.read_ratings(path, &mut builder)?;
        boundary.get_or_insert(builder.len());
        formats.push((format, *path));
    }
    let (users, items, ratings) = builder.finish();
    let mut dataset = Dataset::new(name_of(paths), users, items, ratings)?;
    for (format, path) in formats {
        join_items(
            &mut dataset,
            format,
            &path.with_file_name(format.items_file()),
        )?;
        if !dataset.catalogue.is_empty() {
            break;
        }
    }
    Ok((dataset, boundary.unwrap_or_default()))
}

/// Adds titles and genres, if there is such a file. Items that nobody rated are passed over.
fn join_items(dataset: &mut Dataset, format: &dyn Format, path: &Path) -> Result<(), DataError> {
    if !path.is_file() {
        return Ok(());
    }
    let items: &IdMap = &dataset.items;
    let mut catalogue = vec![None; items.rows()];
    format.read_items(path, &mut |id, item| {
        if let Some(index) = items.index(id) {
            catalogue[index as usize] = Some(item);
        }
    })?;
    dataset.catalogue = catalogue;
    Ok(())
}

/// The folder's name where the file's says nothing, else the file's.
fn name_of(paths: &[&Path]) -> String {
    let path = paths.first().copied().unwrap_or(Path::new(""));
    let generic = FORMATS
        .iter()
        .any(|format| path.ends_with(format.ratings_file()));
    let folder = path.parent().and_then(Path::file_name);
    let name = folder
        .filter(|_| generic)
        .or(path.file_name())
        .unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_given_folder_comes_before_the_variable_and_that_before_the_project() {
        let looked = places("ml-100k", Some(Path::new("given")), Some("variable".into()));
        let expected = ["given/ml-100k", "variable/ml-100k", "datasets/ml-100k"];
        assert_eq!(looked, expected.map(PathBuf::from));
        assert_eq!(
            places("ml-100k", None, Some("".into())),
            [PathBuf::from("datasets/ml-100k")]
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

    #[test]
    fn ratings_are_called_by_their_folder_and_other_files_by_themselves() {
        assert_eq!(name_of(&[Path::new("a/ml-25m/ratings.csv")]), "ml-25m");
        assert_eq!(name_of(&[Path::new("a/ml-100k/u.data")]), "ml-100k");
        assert_eq!(
            name_of(&[Path::new("a/u1.base"), Path::new("a/u1.test")]),
            "u1.base"
        );
        assert_eq!(name_of(&[Path::new("ratings.csv")]), "ratings.csv");
    }
}
