//! A file that receives its name when it is complete.

use crate::leftovers;
use crate::target::Target;
use crate::{about, make_folder, split, sync_folder};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// Size of the write buffer in bytes.
const BUFFER: usize = 1 << 18;

/// A file being written, for content that is too large for memory or has to wait for another file. It is written under
/// a temporary name next to the target, and removed if it is dropped before [`WholeFile::finish`] and
/// [`Finished::name`].
///
/// If the path is a device, a named pipe, a socket or standard output (`-`), there is nothing to rename: the bytes are
/// written to it directly.
///
/// ```
/// use std::io::Write;
///
/// let home = tempfile::tempdir()?;
/// let path = home.path().join("rows.csv");
/// let mut file = recburn_files::WholeFile::begin(&path)?;
/// writeln!(file, "1,2")?;
/// let finished = file.finish()?;
/// assert!(!path.exists());
/// finished.name()?;
/// assert!(path.exists());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct WholeFile {
    path: PathBuf,
    /// Taken when the file is finished.
    into: Into,
}

enum Into {
    /// Will be renamed to this path.
    Name(BufWriter<NamedTempFile>, PathBuf),
    /// Written to directly.
    Through(BufWriter<Box<dyn Write>>),
}

/// A complete file without its final name.
#[must_use = "the file has no name yet"]
pub struct Finished {
    path: PathBuf,
    file: Option<(NamedTempFile, PathBuf)>,
}

impl WholeFile {
    /// Begins a file; a missing parent folder is created.
    ///
    /// # Errors
    ///
    /// If the path is a folder, or the system refuses an operation; the message names the path.
    pub fn begin(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let into = begin(path).map_err(|error| about(path, &error))?;
        Ok(Self {
            path: path.to_path_buf(),
            into,
        })
    }

    /// Writes the rest, so that only the rename is left.
    ///
    /// # Errors
    ///
    /// If the system refuses an operation; the message names the path.
    pub fn finish(self) -> io::Result<Finished> {
        let Self { path, into } = self;
        let finish = |into| match into {
            Into::Name(buffer, end) => {
                let file = buffer.into_inner().map_err(|error| error.into_error())?;
                // Without this, a crash of the machine may leave an empty file under the new name.
                file.as_file().sync_all()?;
                Ok(Some((file, end)))
            }
            Into::Through(mut buffer) => buffer.flush().map(|()| None),
        };
        match finish(into) {
            Ok(file) => Ok(Finished { path, file }),
            Err(error) => Err(about(&path, &error)),
        }
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.into {
            Into::Name(buffer, _) => buffer.write(bytes),
            Into::Through(buffer) => buffer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.into {
            Into::Name(buffer, _) => buffer.flush(),
            Into::Through(buffer) => buffer.flush(),
        }
    }
}

impl Finished {
    /// Removes the regular file that has the name now, so that it does not remain next to a file that it no longer
    /// matches. Links and anything else with that name are kept.
    ///
    /// # Errors
    ///
    /// If the system refuses an operation; the message names the path.
    pub fn clear(&self) -> io::Result<()> {
        match &self.file {
            Some((_, end)) => match fs::remove_file(end) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(about(&self.path, &error))
                }
                _ => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Gives the file its name; an existing regular file is replaced.
    ///
    /// # Errors
    ///
    /// If the system refuses an operation; the message names the path.
    pub fn name(self) -> io::Result<()> {
        let Some((file, end)) = self.file else {
            return Ok(());
        };
        let named = file.persist(&end).map_err(|error| error.error);
        let synced = named.and_then(|_| sync_folder(split(&end)?.0));
        synced.map_err(|error| about(&self.path, &error))?;
        leftovers::clear(&end);
        Ok(())
    }
}

fn begin(path: &Path) -> io::Result<Into> {
    let through = |to| Into::Through(BufWriter::with_capacity(BUFFER, to));
    match Target::of(path)? {
        Target::Stdout => Ok(through(Box::new(io::stdout()))),
        Target::Through => Ok(through(open(path)?)),
        Target::Name(end) => {
            let file = temporary(&end)?;
            Ok(Into::Name(BufWriter::with_capacity(BUFFER, file), end))
        }
    }
}

/// Opens something that exists already, for writing.
fn open(path: &Path) -> io::Result<Box<dyn Write>> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        use std::os::unix::net::UnixStream;
        if fs::metadata(path)?.file_type().is_socket() {
            return Ok(Box::new(UnixStream::connect(path)?));
        }
    }
    // An open file may already contain something.
    Ok(Box::new(File::options().append(true).open(path)?))
}

fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    let (parent, name) = split(path)?;
    make_folder(parent)?;
    let mut builder = Builder::new();
    let prefix = format!(".{name}.");
    builder.prefix(&prefix).suffix(".partial");
    // Temporary files are created private; a result gets the default permissions or, if it replaces a file, those of
    // that file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(parent)?;
    // Must not be mistaken for the leftover of a dead process; without locks, only its age distinguishes it.
    #[cfg(unix)]
    let _ = file.as_file().try_lock();
    if let Ok(old) = fs::metadata(path)
        && old.is_file()
    {
        file.as_file().set_permissions(old.permissions())?;
    }
    Ok(file)
}
