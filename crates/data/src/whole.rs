//! A file that takes its name when it is whole.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::DataError;

/// So many bytes are gathered before they are written.
const BUFFER: usize = 1 << 18;

/// A file in the making, under a temporary name beside its own; what is dropped before it is whole is cleared away.
pub(crate) struct Whole {
    path: PathBuf,
    file: NamedTempFile,
    bytes: Vec<u8>,
}

impl Whole {
    /// Begins a file; a missing parent folder is made.
    pub(crate) fn begin(path: &Path) -> Result<Self, DataError> {
        let file = temporary(path).map_err(|source| refused(path, source))?;
        Ok(Self {
            path: path.to_path_buf(),
            file,
            bytes: Vec::with_capacity(BUFFER),
        })
    }

    /// What is to be written next goes behind these bytes.
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Writes the bytes away once there are many.
    pub(crate) fn end_line(&mut self) -> Result<(), DataError> {
        self.bytes.push(b'\n');
        match self.bytes.len() >= BUFFER {
            true => self.write(),
            false => Ok(()),
        }
    }

    fn write(&mut self) -> Result<(), DataError> {
        let written = self.file.write_all(&self.bytes);
        self.bytes.clear();
        written.map_err(|source| refused(&self.path, source))
    }

    /// Writes the rest, so that nothing but the name lacks.
    pub(crate) fn finish(mut self) -> Result<Finished, DataError> {
        self.write()?;
        // Without this a crash of the machine may leave the new name on an empty file.
        let synced = self.file.as_file().sync_all();
        synced.map_err(|source| refused(&self.path, source))?;
        Ok(Finished {
            path: self.path,
            file: self.file,
        })
    }
}

/// A file that lacks nothing but its name.
pub(crate) struct Finished {
    path: PathBuf,
    file: NamedTempFile,
}

impl Finished {
    /// Gives the file its name; one that is there is replaced.
    pub(crate) fn name(self) -> Result<(), DataError> {
        let named = self.file.persist(&self.path);
        named.map_err(|error| refused(&self.path, error.error))?;
        Ok(())
    }
}

fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "the path has no last name");
    let name = path.file_name().ok_or_else(no_name)?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let prefix = format!(".{}.", name.to_string_lossy());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".partial");
    // Temporary files are born private; a result is for whoever may read its folder.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(parent)
}

fn refused(path: &Path, source: io::Error) -> DataError {
    DataError::Io {
        path: path.to_path_buf(),
        source,
    }
}

/// The decimal digits of a number.
pub(crate) fn push_number(text: &mut Vec<u8>, mut number: u64) {
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
