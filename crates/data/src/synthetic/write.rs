//! Made-up ratings as a file, in the form that MovieLens ships.

use std::io::{self, Write};
use std::path::Path;

use super::{Rated, Synthetic};
use crate::error::DataError;

/// So many bytes are gathered before they are written.
const BUFFER: usize = 1 << 18;
/// No line is longer: two ids of 10 digits, a rating, a timestamp of 10 digits, and what parts them.
const LONGEST_LINE: usize = 80;

impl Synthetic {
    /// Writes the ratings to a CSV file with the header `userId,movieId,rating,timestamp`, as [`open`](crate::open)
    /// reads it. The file appears under its name only when it is whole; one that is there is replaced. A missing
    /// parent folder is made.
    ///
    /// # Errors
    ///
    /// As [`Synthetic::rows`], and [`DataError::Io`] for what the system refuses.
    pub fn write_csv(&self, path: impl AsRef<Path>) -> Result<(), DataError> {
        let path = path.as_ref();
        let rows = self.rows()?;
        // Each rating's text is made once and not once a row: 4 is written "4.0".
        let texts: Vec<(f32, String)> = rows
            .levels()
            .iter()
            .map(|level| (*level, format!("{level:?}")))
            .collect();
        write(path, rows, &texts).map_err(|source| DataError::Io {
            path: path.to_path_buf(),
            source,
        })
    }
}

/// Fills a temporary file beside the target and renames it at the end; what fails before that is cleared away.
fn write(
    path: &Path,
    rows: impl Iterator<Item = Rated>,
    texts: &[(f32, String)],
) -> io::Result<()> {
    let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "the path has no last name");
    let name = path.file_name().ok_or_else(no_name)?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent)?;
    let prefix = format!(".{}.", name.to_string_lossy());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".partial");
    // Temporary files are born private; a result is for whoever may read its folder.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(parent)?;
    let mut lines = Vec::with_capacity(BUFFER + LONGEST_LINE);
    lines.extend_from_slice(b"userId,movieId,rating,timestamp\n");
    for rated in rows {
        push_number(&mut lines, u64::from(rated.user));
        lines.push(b',');
        push_number(&mut lines, u64::from(rated.item));
        lines.push(b',');
        let text = texts.partition_point(|(level, _)| *level < rated.rating);
        lines.extend_from_slice(texts[text].1.as_bytes());
        lines.push(b',');
        // No made-up rating is older than 1970.
        push_number(&mut lines, rated.timestamp.unsigned_abs());
        lines.push(b'\n');
        if lines.len() >= BUFFER {
            file.write_all(&lines)?;
            lines.clear();
        }
    }
    file.write_all(&lines)?;
    // Without this a crash of the machine may leave the new name on an empty file.
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The decimal digits of a number.
fn push_number(text: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[start..]);
}
