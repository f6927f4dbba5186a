//! Writing synthetic ratings to a file in MovieLens's format.

use std::io::Write;
use std::path::Path;

use recburn_files::WholeFile;

use super::Synthetic;
use crate::error::DataError;
use crate::numbers::push_number;

impl Synthetic {
    /// Writes the ratings to a CSV file with the header `userId,movieId,rating,timestamp`, as in MovieLens. The file
    /// appears only when it is complete, and replaces an existing one. A missing parent folder is created; devices and
    /// pipes are written to directly, and `-` is standard output.
    ///
    /// # Errors
    ///
    /// As [`Synthetic::rows`], and [`DataError::Write`] if the system refuses an operation.
    pub fn write_csv(&self, path: impl AsRef<Path>) -> Result<(), DataError> {
        let rows = self.rows()?;
        // The text of each rating is formatted once and not once per row: 4 is written "4.0".
        let texts: Vec<(f32, String)> = rows
            .levels()
            .iter()
            .map(|level| (*level, format!("{level:?}")))
            .collect();
        let mut file = WholeFile::begin(path)?;
        file.write_all(b"userId,movieId,rating,timestamp\n")?;
        let mut line = Vec::new();
        for rated in rows {
            line.clear();
            push_number(&mut line, u64::from(rated.user));
            line.push(b',');
            push_number(&mut line, u64::from(rated.item));
            line.push(b',');
            let text = texts.partition_point(|(level, _)| *level < rated.rating);
            line.extend_from_slice(texts[text].1.as_bytes());
            line.push(b',');
            // No synthetic rating is older than 1970.
            push_number(&mut line, rated.timestamp.unsigned_abs());
            line.push(b'\n');
            file.write_all(&line)?;
        }
        Ok(file.finish()?.name()?)
    }
}
