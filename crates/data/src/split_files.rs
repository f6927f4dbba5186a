//! Writing a split as files for other programs.

use std::io::Write;
use std::path::{Path, PathBuf};

use recburn_files::{Finished, WholeFile};

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::ids::IdMap;
use crate::numbers::push_number;
use crate::ratings::Ratings;
use crate::split::Split;
use recburn_schema::Index;

/// The names of the files.
const NAMES: [&str; 2] = ["train.csv", "valid.csv"];

/// The name of the file of the test part, if there is one.
const TEST: &str = "test.csv";

impl Dataset {
    /// Writes the two parts of a split to `train.csv` and `valid.csv` in `folder`, so that another program can run on
    /// exactly the same rows. Returns the two paths in this order. A test part is written to `test.csv` next to them.
    ///
    /// The columns are `user,item,rating,user_row,item_row`, and `timestamp` (seconds since 1970, empty for a row
    /// without a time) if the ratings have times: ids as in the data, ratings as in the split (in stars, unless
    /// centred), and the table rows, counted from 0, that a model of this data set looks up. Rows are in the order of
    /// the split. `open_pair` of `recburn-read` reads the two files back, by ids by default, or with
    /// `user=user_row,item=item_row,rating=rating` in [`IdOrder::Raw`](crate::IdOrder::Raw) by rows.
    ///
    /// The files appear only when all are complete; existing files of these names are replaced, others in the folder
    /// are kept. A missing folder is created. Even if the writer is killed, `train.csv` is never left next to a
    /// `valid.csv` of another split.
    ///
    /// ```
    /// use recburn_data::{Dataset, IdOrder};
    ///
    /// let dataset = Dataset::sample(IdOrder::FirstSight);
    /// let split = dataset.split(&"fraction:0.8".parse()?, 42)?;
    /// let folder = tempfile::tempdir()?;
    /// let [train, valid] = dataset.save_split(&split, folder.path())?;
    /// assert!(std::fs::read_to_string(valid)?.starts_with("user,item,rating,user_row,item_row,timestamp\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Ratings::check`] with the rows of this data set's maps, also for a row without an id; [`DataError::Write`]
    /// if the system refuses an operation.
    pub fn save_split(
        &self,
        split: &Split,
        folder: impl AsRef<Path>,
    ) -> Result<[PathBuf; 2], DataError> {
        let paths = NAMES.map(|name| folder.as_ref().join(name));
        let [train, valid] = &paths;
        let train_file = self.write_part(&split.train, train)?;
        let valid_file = self.write_part(&split.valid, valid)?;
        let test_file = match split.test.is_empty() {
            true => None,
            false => Some(self.write_part(&split.test, &folder.as_ref().join(TEST))?),
        };
        // The renames are not atomic: removing the old files first means that a crash leaves one file, never a pair that
        // does not belong together.
        valid_file.clear()?;
        test_file.iter().try_for_each(Finished::clear)?;
        train_file.name()?;
        valid_file.name()?;
        if let Some(file) = test_file {
            file.name()?;
        }
        Ok(paths)
    }

    fn write_part(&self, part: &Ratings, path: &Path) -> Result<Finished, DataError> {
        part.check(self.users.rows(), self.items.rows())?;
        let times = part.timestamps.as_deref();
        // A manually shortened column does not belong to these rows.
        let times = times.filter(|times| times.len() == part.len());
        let mut file = WholeFile::begin(path)?;
        let header: &[u8] = match times {
            Some(_) => b"user,item,rating,user_row,item_row,timestamp\n",
            None => b"user,item,rating,user_row,item_row\n",
        };
        file.write_all(header)?;
        let mut line = Vec::new();
        for row in 0..part.len() {
            let (user, item) = (part.users[row], part.items[row]);
            line.clear();
            push_id(&mut line, &self.users, user, row, "users")?;
            line.push(b',');
            push_id(&mut line, &self.items, item, row, "items")?;
            // Writing to memory does not fail.
            let _ = write!(line, ",{:?},", part.ratings[row]);
            push_number(&mut line, u64::from(user.0));
            line.push(b',');
            push_number(&mut line, u64::from(item.0));
            if let Some(times) = times {
                line.push(b',');
                if times[row] != Ratings::NO_TIME {
                    let _ = write!(line, "{}", times[row]);
                }
            }
            line.push(b'\n');
            file.write_all(&line)?;
        }
        Ok(file.finish()?)
    }
}

/// The id of a table row, quoted if it contains separators or line breaks.
fn push_id<Ix: Index>(
    line: &mut Vec<u8>,
    ids: &IdMap<Ix>,
    index: Ix,
    row: usize,
    column: &'static str,
) -> Result<(), DataError> {
    let id = ids.id(index).ok_or(DataError::OutOfTable {
        row,
        column,
        id: index.row(),
        rows: ids.rows(),
    })?;
    let quoted = id.contains([',', '"', '\n', '\r']) || id.trim_ascii().len() < id.len();
    match quoted {
        true => {
            line.push(b'"');
            line.extend_from_slice(id.replace('"', "\"\"").as_bytes());
            line.push(b'"');
        }
        false => line.extend_from_slice(id.as_bytes()),
    }
    Ok(())
}
