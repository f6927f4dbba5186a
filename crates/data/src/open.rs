//! From a name or a path to a data set.

use std::env;
use std::path::{Path, PathBuf};

use crate::builder::Builder;
use crate::columns::Columns;
use crate::dataset::{Dataset, GivenFiles};
use crate::error::DataError;
use crate::formats::{FORMATS, Format, read_columns, recognise};
use crate::ids::{IdMap, IdOrder};
use crate::places::{advice, places, ratings_file};
use crate::sample::sample;
use crate::source;
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
pub(crate) const DATA_VARIABLE: &str = "RECBURN_DATA";

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
/// The `NAMES` but `sample` are folders, or zip archives of their names with `.zip` behind, looked for in
/// `how.data_dir`, then in `$RECBURN_DATA`, then in `datasets`. Anything else is a path:
///
/// * a folder that holds `ratings.csv`, `rating.csv` (as Kaggle has it), one `.inter` file (of RecBole), `u.data`,
///   `ratings.dat` or `ratings.parquet`; the first of these is opened;
/// * a zip archive with such files in it, in a folder or not, or with a single file of ratings;
/// * a file of ratings of any name, also through an archive (`ml-1m.zip/ml-1m/ratings.dat`).
///
/// Every file may be packed by gzip. Titles and genres are joined where `movies.csv`, `movie.csv`, an `.item` file,
/// `u.item` or `movies.dat` lies beside the ratings. Parquet is read where this crate is built with the feature
/// `parquet`. Files whose columns have other names or places are opened with [`open_columns`].
///
/// # Errors
///
/// [`DataError::NotFound`] with every place looked at, or the fault of the file, with file, line and column.
pub fn open(name_or_path: &str, how: &Open) -> Result<Dataset, DataError> {
    if name_or_path == "sample" {
        return sample(how.order);
    }
    let path = found(name_or_path, how)?;
    let mut dataset = read(&[&path], how.order)?.0;
    if NAMES.contains(&name_or_path) {
        dataset.name = name_or_path.to_string();
    }
    Ok(dataset)
}

/// Opens a file of ratings whose columns are named: tables of lines with or without a header, and Parquet files, plain,
/// packed by gzip or in a zip archive. No file of items is looked for.
///
/// ```
/// use recburn_data::{Columns, Open, open_columns};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("stars.txt");
/// std::fs::write(&path, "who;when;what;stars\nanna;2005-04-02;tea;4.5\nbert;2005-04-03;tea;3\n")?;
/// let columns: Columns = "user=who,item=what,rating=stars,timestamp=when".parse()?;
/// let dataset = open_columns(&path.to_string_lossy(), &columns, &Open::default())?;
/// assert_eq!(dataset.ratings.ratings, [4.5, 3.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`open`]; [`DataError::MissingColumn`] where the header lacks one, [`DataError::WrongDelimiter`] where the lines
/// are parted by nothing known.
pub fn open_columns(path: &str, columns: &Columns, how: &Open) -> Result<Dataset, DataError> {
    let path = found(path, how)?;
    let mut builder = Builder::new(how.order);
    read_columns(&path, columns, &mut builder)?;
    let (users, items, ratings) = builder.finish();
    Dataset::new(name_of(&[&path]), users, items, ratings)
}

/// The file of ratings that goes by this name or path.
fn found(name_or_path: &str, how: &Open) -> Result<PathBuf, DataError> {
    let looked = places(
        name_or_path,
        how.data_dir.as_deref(),
        env::var_os(DATA_VARIABLE),
    );
    for place in &looked {
        if let Some(path) = ratings_file(place)? {
            return Ok(path);
        }
    }
    Err(DataError::NotFound {
        name: name_or_path.to_string(),
        looked,
        advice: advice(name_or_path),
    })
}

/// Opens two files as one data set, the rows of `train` ahead of those of `valid`, with the split they make.
///
/// # Errors
///
/// As [`open`]; a name stands for nothing here, both are paths of files.
pub fn open_pair(train: &Path, valid: &Path, how: &Open) -> Result<(Dataset, Split), DataError> {
    for path in [train, valid] {
        if !source::is_file(path) {
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
        let name = format.items_file(&source::file_name(path));
        let items = name.and_then(|name| source::existing(&path.with_file_name(name)));
        if let Some(items) = items {
            join_items(&mut dataset, format, &items)?;
        }
        if !dataset.catalogue.is_empty() {
            break;
        }
    }
    Ok((dataset, boundary.unwrap_or_default()))
}

/// Adds titles and genres. Items that nobody rated are passed over.
fn join_items(dataset: &mut Dataset, format: &dyn Format, path: &Path) -> Result<(), DataError> {
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
    let file = source::file_name(path);
    let usual = FORMATS.iter().any(|format| format.is_usual(&file));
    let folder = path.parent().filter(|_| usual);
    let name = match folder {
        // The archive may have no folder inside.
        Some(folder) if source::is_archive(folder) => folder.file_stem(),
        Some(folder) => folder.file_name(),
        None => None,
    };
    let name = name.or(path.file_name()).unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

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
