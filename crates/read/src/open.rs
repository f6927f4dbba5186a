//! From a name or a path to a data set.

use std::env;
use std::path::{Path, PathBuf};

use crate::bad_lines::BadLines;
use crate::builder::Builder;
use crate::columns::Columns;
use crate::error::ReadError;
use crate::features::FeatureFile;
use crate::formats::{FORMATS, Understood, read_ratings};
use crate::names::NamedSet;
use crate::places::{advice, places, ratings_file};
use crate::plausible;
use crate::source;
use crate::titles::join_titles;
use recburn_data::internals::in_a_line;
use recburn_data::{Dataset, GivenFiles, IdOrder, Split, SplitKind};
use recburn_schema::Side;

/// The environment variable that names the folder of the data sets' folders.
pub(crate) const DATA_VARIABLE: &str = "RECBURN_DATA";

/// How to open a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Which indices users and items get.
    pub order: IdOrder,
    /// The folder in which a name is looked for first: `ml-100k` is then `data_dir/ml-100k` or `data_dir/ml-100k.zip`.
    /// After it come that of the environment variable `RECBURN_DATA` and `datasets`, below the working directory. What
    /// is opened by a path is not looked for here.
    pub data_dir: Option<PathBuf>,
    /// Which column of the file holds what; without it the file has to tell. Named columns are found in tables of lines
    /// with or without a header, in lines of JSON and in Parquet files.
    pub columns: Option<Columns>,
    /// The file of titles and genres. Without it one that lies beside the ratings under a usual name is taken, and the
    /// items go by their ids where there is none.
    pub items: Option<PathBuf>,
    /// A file of features of users, such as age and occupation. Without it `u.user` or `users.dat` is taken where one is
    /// next to ratings of MovieLens.
    pub user_features: Option<FeatureFile>,
    /// A file of features of items. What titles and genres say are features without it.
    pub item_features: Option<FeatureFile>,
    /// What becomes of a file with lines that cannot be read.
    pub bad_lines: BadLines,
    /// Pairs of users and items are enough: a file in which no column is known to be the ratings is read as one without
    /// any, each row being a rating of 1, which [`Dataset::unrated`] tells.
    pub pairs: bool,
}

/// Opens a data set by name or path.
///
/// The [`NAMES`](crate::NAMES) but `sample` are folders (see [`NamedSet`]), or zip archives of their names with `.zip`
/// behind, looked for in `how.data_dir`, then in `$RECBURN_DATA`, then in `datasets`. Anything else is a path, also
/// `./ml-1m`:
///
/// * a folder that holds `ratings.csv`, `rating.csv` (as Kaggle has it), one `.inter` file (of RecBole), `u.data`,
///   `ratings.dat` or `ratings.parquet`; the first of these is opened;
/// * a zip archive with such files in it, in a folder or not, or with a single file of ratings;
/// * a file of ratings of any name, also through an archive (`ml-1m.zip/ml-1m/ratings.dat`).
///
/// Every file may be packed by gzip; what is packed is known by its first bytes, whatever its name. Parquet is read
/// where this crate is built with the feature `parquet`.
///
/// What a file of ratings is like is told by what it begins with: a table of lines with a header of common names
/// (`user_id`, `book_id`, `stars` and so on; whatever separates its fields), or without one in the shape of user, item,
/// rating and perhaps time; lines of JSON; a matrix of Matrix Market; Parquet. [`Dataset::read_as`] has what was
/// understood. A file that does not tell, or of which two columns could be the same thing, is refused with the columns to
/// name; it is opened with `how.columns`:
///
/// ```
/// use recburn_data::{ItemIx, Open, open};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("stars.txt");
/// std::fs::write(&path, "who;when;what;stars\nanna;2005-04-02;7;4.5\nbert;2005-04-03;9;3\n")?;
/// std::fs::write(folder.path().join("movies.csv"), "what,title\n7,Tea\n9,Milk\n")?;
/// let how = Open {
///     columns: Some("user=who,item=what,rating=stars,timestamp=when".parse()?),
///     ..Open::default()
/// };
/// let dataset = open(&path.to_string_lossy(), &how)?;
/// assert_eq!(dataset.ratings.ratings, [4.5, 3.0]);
/// assert_eq!(dataset.title(ItemIx(1)), "Milk");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Titles and genres come from `how.items`, a file with any name that is
///
/// * a table whose header names the item (`movieId`, `item_id`, ..., or as in `how.columns`), `title` and optionally
///   `genres`, separated by commas, tabs or semicolons;
/// * an `.item` file of RecBole, or `u.item` or `movies.dat` of MovieLens;
///
/// or else from `movies.csv`, `movie.csv`, an `.item` file, `u.item` or `movies.dat` next to the ratings: the one that
/// belongs to their format or, for given columns and Parquet, the first one that can be read as such.
///
/// # Errors
///
/// [`ReadError::NotFound`] with every place looked at, or the fault of the file, with file, line and column;
/// [`ReadError::UnknownFormat`], [`ReadError::UnknownColumn`] and [`ReadError::AmbiguousColumn`] where it is not known which
/// column holds what; [`ReadError::MissingColumn`] where the header lacks one of `how.columns`, [`ReadError::SameColumn`]
/// where two of them are one, [`ReadError::WrongDelimiter`] where the lines are separated by nothing known; [`ReadError::ItemsNotFound`] where `how.items` is no file,
/// [`ReadError::UnknownItems`] where it holds no titles and [`ReadError::NoItemKnown`] where those of other items; [`ReadError::NoFile`] where columns or items are named for
/// `sample`, which is no file.
pub fn open(name_or_path: &str, how: &Open) -> Result<Dataset, ReadError> {
    if name_or_path == NamedSet::SAMPLE.name {
        let what = match (&how.columns, &how.items) {
            (Some(_), _) => "columns",
            (None, Some(_)) => "file of items",
            (None, None) if how.user_features.is_some() || how.item_features.is_some() => {
                "file of features"
            }
            (None, None) => return Ok(Dataset::sample(how.order)),
        };
        return Err(ReadError::NoFile { what });
    }
    let path = found(name_or_path, how, advice(name_or_path))?;
    let mut dataset = read(&[&path], how)?.0;
    if NamedSet::find(name_or_path).is_some() {
        dataset.name = name_or_path.to_string();
    }
    Ok(dataset)
}

/// Opens two files as one data set, the rows of `train` before those of `valid`, together with their split.
///
/// # Errors
///
/// As [`open`]; a name stands for nothing here, both are paths.
pub fn open_pair(train: &Path, valid: &Path, how: &Open) -> Result<(Dataset, Split), ReadError> {
    let dataset = open_given(train, valid, how)?;
    let kind = SplitKind::Given {
        train: train.to_path_buf(),
        valid: valid.to_path_buf(),
    };
    let split = dataset.split(&kind, 0)?;
    Ok((dataset, split))
}

/// As [`open_pair`], without the split: [`Dataset::split`] or [`Dataset::into_split`] by [`SplitKind::Given`] makes it.
///
/// # Errors
///
/// As [`open_pair`].
pub fn open_given(train: &Path, valid: &Path, how: &Open) -> Result<Dataset, ReadError> {
    let file = |path: &Path| match ratings_file(path)? {
        Some(file) => Ok(file),
        None => Err(ReadError::NotFound {
            name: path.display().to_string(),
            looked: vec![path.to_path_buf()],
            advice: "two files of ratings are needed, such as u1.base and u1.test".to_string(),
        }),
    };
    let (mut dataset, boundary) = read(&[&file(train)?, &file(valid)?], how)?;
    dataset.given = Some(GivenFiles {
        train: train.to_path_buf(),
        valid: valid.to_path_buf(),
        boundary,
    });
    Ok(dataset)
}

/// The file of ratings that goes by this name or path.
fn found(name_or_path: &str, how: &Open, advice: String) -> Result<PathBuf, ReadError> {
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
    Err(ReadError::NotFound {
        name: name_or_path.to_string(),
        looked,
        advice,
    })
}

/// Reads the files, one behind the other; the second part is how many rows the first one had.
fn read(paths: &[&Path], how: &Open) -> Result<(Dataset, usize), ReadError> {
    let encoding = how.columns.as_ref().and_then(|columns| columns.encoding);
    let mut builder = Builder::new(how.order).lenient(how.bad_lines, encoding);
    let mut boundary = None;
    let mut files: Vec<(&Path, Understood)> = Vec::new();
    for path in paths {
        let understood = read_ratings(path, how, &mut builder)?;
        boundary.get_or_insert(builder.len());
        files.push((path, understood));
    }
    let untimed = builder.untimed();
    let mut warnings = builder.warnings();
    if builder.is_half_timed() {
        let said = "one of the two files has times and the other has none: they are left out";
        warnings.push(said.to_string());
    }
    let unrated = builder.unrated;
    let (users, items, ratings) = builder.finish();
    let mut dataset = Dataset::new(name_of(paths), users, items, ratings)?;
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

/// Adds what titles say, and what the files of features have.
fn join_features(
    dataset: &mut Dataset,
    files: &[(&Path, Understood)],
    how: &Open,
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
            let beside = files
                .iter()
                .find_map(|(path, file)| file.format?.users_file(path));
            // Nobody asked for it: whatever is wrong with it is a warning.
            match beside.map(|file| file.read(Side::User, users, features)) {
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
