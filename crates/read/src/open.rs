//! Opening a data set by name or path.

use std::env;
use std::path::Path;
use std::sync::Arc;

use crate::builder::Builder;
use crate::error::ReadError;
use crate::features;
use crate::formats::{FORMATS, Understood, read_ratings};
use crate::how::{DATA_VARIABLE, OpenOptions};
use crate::join::join_titles;
use crate::journal::Added;
use crate::names::NamedSet;
use crate::part::folder_name;
use crate::places::{advice, part_files, places, ratings_file};
use crate::plausible;
use crate::source::{self, Head, Source};
use recburn_data::internals::in_a_line;
use recburn_data::{Dataset, GivenFiles, Split, SplitKind};
use recburn_schema::Side;

impl OpenOptions {
    /// Opens a data set by name or path.
    ///
    /// All [`NAMES`](crate::NAMES) except `sample` are folders (see [`NamedSet`]), or zip archives with these names and
    /// `.zip`, looked up in [`OpenOptions::data_dir`], then in `$RECBURN_DATA`, then in `datasets`. Anything else is a path, including
    /// `./ml-1m`:
    ///
    /// * a folder with `ratings.csv`, `rating.csv` (Kaggle), a single `.inter` file (RecBole), `u.data`, `ratings.dat` or
    ///   `ratings.parquet`; the first of these is opened;
    /// * a folder of part files, as Spark, polars and Ray Data write them: `part-*` or else `*.parquet`, read in the order of
    ///   their names; others, such as `_SUCCESS`, are ignored;
    /// * a zip archive with such files, in a folder or not, or with a single file of ratings;
    /// * a file of ratings with any name, possibly in an archive (`ml-1m.zip/ml-1m/ratings.dat`).
    ///
    /// A file is opened only once, so it may be a pipe (`/dev/stdin`). Every file may be compressed with gzip, which is
    /// detected by its first bytes, whatever its name. Parquet is read if this crate is built with the feature `parquet`.
    ///
    /// The format is detected from the beginning of the file: a table of lines with a header of common names (`user_id`,
    /// `book_id`, `stars` and so on, with any delimiter), or without a header in the shape of user, item, rating and
    /// optionally time; JSON lines; a Matrix Market file; Parquet. [`Dataset::read_as`] holds the interpretation. A file
    /// that is not recognised, or has two candidate columns for a role, is refused with a suggestion; it is opened with
    /// [`OpenOptions::columns`]:
    ///
    /// ```
    /// use recburn_data::ItemIx;
    /// use recburn_read::{OpenOptions};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("stars.txt");
    /// std::fs::write(&path, "who;when;what;stars\nanna;2005-04-02;7;4.5\nbert;2005-04-03;9;3\n")?;
    /// std::fs::write(folder.path().join("movies.csv"), "what,title\n7,Tea\n9,Milk\n")?;
    /// let how = OpenOptions {
    ///     columns: Some("user=who,item=what,rating=stars,timestamp=when".parse()?),
    ///     ..OpenOptions::default()
    /// };
    /// let dataset = how.open(&path.to_string_lossy())?;
    /// assert_eq!(dataset.ratings.ratings, [4.5, 3.0]);
    /// assert_eq!(dataset.title(ItemIx(1)), "Milk");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Titles and genres come from [`OpenOptions::items`], a file with any name that is
    ///
    /// * a table whose header names the item (`movieId`, `item_id`, ..., or as in [`OpenOptions::columns`]), `title` and optionally
    ///   `genres`, separated by commas, tabs or semicolons;
    /// * an `.item` file of RecBole, or `u.item` or `movies.dat` of MovieLens;
    ///
    /// or else from `movies.csv`, `movie.csv`, an `.item` file, `u.item` or `movies.dat` next to the ratings: the one that
    /// belongs to their format or, for given columns and Parquet, the first one that can be read as such.
    ///
    /// # Errors
    ///
    /// [`ReadError::NotFound`] with every place that was searched, or the error in the file, with file, line and column.
    ///
    /// * [`ReadError::UnknownFormat`], [`ReadError::UnknownColumn`] and [`ReadError::AmbiguousColumn`] if it is not clear which
    ///   column holds what, [`ReadError::WrongDelimiter`] if nothing known separates the fields;
    /// * [`ReadError::MissingColumn`] if the header lacks one of [`OpenOptions::columns`], [`ReadError::SameColumn`] if two of them are the
    ///   same column;
    /// * [`ReadError::ItemsNotFound`] if [`OpenOptions::items`] is not a file, [`ReadError::UnknownItems`] if it holds no titles and
    ///   [`ReadError::NoItemKnown`] if it holds those of other items;
    /// * [`ReadError::NoFile`] if columns or files are named for `sample`, which is not a file.
    pub fn open(&self, name_or_path: &str) -> Result<Dataset, ReadError> {
        if name_or_path == NamedSet::SAMPLE.name {
            let what = match (&self.columns, &self.items) {
                (Some(_), _) => "columns",
                (None, Some(_)) => "file of items",
                (None, None) if self.user_features.is_some() || self.item_features.is_some() => {
                    "file of features"
                }
                (None, None) if self.add.is_some() => "added ratings",
                (None, None) => return Ok(Dataset::sample(self.order)),
            };
            return Err(ReadError::NoFile { what });
        }
        let found = found(name_or_path, self, advice(name_or_path))?;
        let mut dataset = read(found.sources, self.add.as_deref(), self)?.0;
        if let Some(folder) = found.folder {
            dataset.name = folder;
        }
        if NamedSet::find(name_or_path).is_some() {
            dataset.name = name_or_path.to_string();
        }
        Ok(dataset)
    }

    /// Opens two files as one data set, the rows of `train` before those of `valid`, together with their split.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`]; both arguments are paths, not names.
    pub fn open_pair(&self, train: &Path, valid: &Path) -> Result<(Dataset, Split), ReadError> {
        let dataset = self.open_given(train, valid)?;
        let kind = SplitKind::Given {
            train: train.to_path_buf(),
            valid: valid.to_path_buf(),
        };
        let split = dataset.split(&kind, 0)?;
        Ok((dataset, split))
    }

    /// As [`OpenOptions::open_pair`], without the split: [`Dataset::split`] or [`Dataset::into_split`] by [`SplitKind::Given`] makes it.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open_pair`].
    pub fn open_given(&self, train: &Path, valid: &Path) -> Result<Dataset, ReadError> {
        let file = |path: &Path| match ratings_file(path)? {
            Some(source) => Ok(source),
            None => Err(ReadError::NotFound {
                name: path.display().to_string(),
                looked: vec![path.to_path_buf()],
                advice: "two files of ratings are needed, such as u1.base and u1.test".to_string(),
            }),
        };
        let (mut dataset, boundary) = read(vec![file(train)?, file(valid)?], None, self)?;
        dataset.given = Some(GivenFiles {
            train: train.to_path_buf(),
            valid: valid.to_path_buf(),
            boundary,
        });
        Ok(dataset)
    }
}

/// Opens data sets with the default options: in scope, `Dataset::open("ml-100k")` reads as the type's own function.
pub trait OpenDataset: Sized {
    /// As [`OpenOptions::open`] with the default options.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`].
    fn open(name_or_path: &str) -> Result<Self, ReadError>;
}

impl OpenDataset for Dataset {
    fn open(name_or_path: &str) -> Result<Self, ReadError> {
        OpenOptions::default().open(name_or_path)
    }
}

/// The files of a data set.
struct FoundFiles {
    sources: Vec<Source>,
    /// The name of their folder, if they are part files.
    folder: Option<String>,
}

/// The rating file or part files for this name or path.
fn found(name_or_path: &str, how: &OpenOptions, advice: String) -> Result<FoundFiles, ReadError> {
    let looked = places(
        name_or_path,
        how.data_dir.as_deref(),
        env::var_os(DATA_VARIABLE),
    );
    for place in &looked {
        if let Some(source) = ratings_file(place)? {
            return Ok(FoundFiles {
                sources: vec![source],
                folder: None,
            });
        }
        if let Some(files) = part_files(place)? {
            let sources = files.iter().map(|file| Source::open(file));
            return Ok(FoundFiles {
                sources: sources.collect::<Result<_, _>>()?,
                folder: Some(folder_name(place)),
            });
        }
    }
    Err(ReadError::NotFound {
        name: name_or_path.to_string(),
        looked,
        advice,
    })
}

/// Reads the files in order, and then a journal; the second part is the number of rows in the first file.
fn read(
    sources: Vec<Source>,
    add: Option<&Path>,
    how: &OpenOptions,
) -> Result<(Dataset, usize), ReadError> {
    let encoding = how.columns.as_ref().and_then(|columns| columns.encoding);
    let mut builder = Builder::new(how.order).lenient(how.bad_lines, encoding);
    let mut boundary = None;
    let mut files: Vec<(Arc<Head>, Understood)> = Vec::new();
    for source in sources {
        let head = source.head().clone();
        let understood = read_ratings(source, how, &mut builder)?;
        boundary.get_or_insert(builder.len());
        files.push((head, understood));
    }
    let added = add.map(|path| match builder.has_others() {
        false => Added::read(path, &mut builder),
        true => Err(ReadError::FeatureFile {
            path: path.to_path_buf(),
            wrong: "added ratings have no columns other than user, item, rating and time"
                .to_string(),
        }),
    });
    let added = added.transpose()?;
    let untimed = builder.untimed();
    let mut warnings = builder.warnings();
    if builder.is_half_timed() {
        let said = "some of the files have times and the others have none: they are left out";
        warnings.push(said.to_string());
    }
    let unrated = builder.unrated;
    let name = files.first().map_or_else(String::new, |(file, _)| {
        name_of(file.path(), file.archive())
    });
    let (users, items, ratings) = builder.finish();
    let mut dataset = Dataset::new(name, users, items, ratings)?;
    if let Some(added) = &added {
        dataset = added.settle(dataset)?;
    }
    dataset.untimed = untimed;
    dataset.warnings = warnings;
    dataset.unrated = unrated;
    let mut said: Vec<&str> = files
        .iter()
        .filter_map(|(_, file)| file.said.as_deref())
        .collect();
    said.dedup();
    dataset.read_as = (!said.is_empty()).then(|| said.join("; then "));
    plausible::look(&mut dataset, how.pairs);
    join_titles(&mut dataset, &files, how)?;
    join_features(&mut dataset, &files, how)?;
    Ok((dataset, boundary.unwrap_or_default()))
}

/// Adds the features of titles and of feature files.
fn join_features(
    dataset: &mut Dataset,
    files: &[(Arc<Head>, Understood)],
    how: &OpenOptions,
) -> Result<(), ReadError> {
    let Dataset {
        features,
        catalogue,
        users,
        items,
        warnings,
        ..
    } = dataset;
    features.set_titles(catalogue)?;
    match &how.user_features {
        Some(file) => warnings.extend(file.read(Side::User, users, features)?),
        None => {
            let beside = files.iter().find_map(|(ratings, file)| {
                let (name, columns) = file.format?.users_file()?;
                let users_file = source::existing(&ratings.path().with_file_name(name));
                Some((users_file.transpose()?, columns.parse().ok()))
            });
            let read = beside.map(|(source, columns)| {
                features::read(source?, columns, Side::User, users, features)
            });
            // It was not requested explicitly, so any problem with it is only a warning.
            match read {
                Some(Ok(noticed)) => warnings.extend(noticed),
                Some(Err(fault)) => warnings.push(format!(
                    "{}; no features of users are taken from it",
                    in_a_line(&fault)
                )),
                None => {}
            }
        }
    }
    if let Some(file) = &how.item_features {
        warnings.extend(file.read(Side::Item, items, features)?);
    }
    Ok(())
}

/// The folder's name where the file's says nothing, else the file's; of an archive without folders its own.
pub(crate) fn name_of(path: &Path, archive: Option<&Path>) -> String {
    let file = source::file_name(path);
    let usual = FORMATS.iter().any(|format| format.is_usual(&file));
    let folder = path.parent().filter(|_| usual);
    let name = match folder {
        Some(folder) if archive == Some(folder) => folder.file_stem(),
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
        for (path, archive, name) in [
            ("a/ml-25m/ratings.csv", None, "ml-25m"),
            ("a/ml-100k/u.data", None, "ml-100k"),
            ("a/u1.base", None, "u1.base"),
            ("ratings.csv", None, "ratings.csv"),
            ("a/b.zip/ratings.csv", Some("a/b.zip"), "b"),
            ("a/b.zip/c/ratings.csv", Some("a/b.zip"), "c"),
        ] {
            assert_eq!(name_of(Path::new(path), archive.map(Path::new)), name);
        }
    }
}
