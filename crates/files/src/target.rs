//! What an output path refers to: nothing yet, a regular file, or something that is written to directly.

use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// The system's limit, so that a cycle of links ends.
const MOST_LINKS: usize = 40;

/// Where the bytes for a path go.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Nothing, or a regular file, after following all links: a complete file is renamed to this path.
    Name(PathBuf),
    /// A device, a named pipe, a socket or an open file: it stays, and the bytes are written to it.
    Through,
    /// Standard output.
    Stdout,
}

/// Whether a path denotes standard output: `-`, or one of the system's names for it.
///
/// A file called `-` is written as `./-`.
pub fn is_stdout(path: impl AsRef<Path>) -> bool {
    let path = path.as_ref();
    let names = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
    names.iter().any(|name| path.as_os_str() == *name)
}

impl Target {
    /// Follows the links of a path.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        if is_stdout(path) {
            return Ok(Self::Stdout);
        }
        if names_folder(path) {
            return Err(a_folder());
        }
        let there = match fs::metadata(path) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            // A file among the folders of the path is reported when they are created.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => None,
            Err(error) => return Err(error),
        };
        if let Some(there) = &there {
            if there.is_dir() {
                return Err(a_folder());
            }
            if !there.is_file() {
                return Ok(Self::Through);
            }
        }
        match end_of_links(path)? {
            Some(end) if is_same(there.as_ref(), &end) => Ok(Self::Name(end)),
            // An open file by its number, or one whose name is gone: a rename would not reach its readers.
            _ => Ok(Self::Through),
        }
    }
}

/// The end of a chain of links; `None` if it leads through the open files of a process.
pub(crate) fn end_of_links(path: &Path) -> io::Result<Option<PathBuf>> {
    let mut at = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        if ["/proc", "/dev/fd"].iter().any(|of| at.starts_with(of)) {
            return Ok(None);
        }
        match fs::symlink_metadata(&at) {
            Ok(there) if is_link(there.file_type()) => {
                let next = fs::read_link(&at)?;
                at = at.parent().unwrap_or(Path::new("")).join(next);
            }
            _ => return Ok(Some(at)),
        }
    }
    Err(io::Error::other("its symbolic links form a cycle"))
}

fn is_link(kind: FileType) -> bool {
    kind.is_symlink()
}

#[cfg(unix)]
fn is_same(there: Option<&Metadata>, end: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |there: &Metadata| (there.dev(), there.ino());
    match (there, fs::metadata(end)) {
        (Some(there), Ok(end)) => place(there) == place(&end),
        (there, end) => there.is_none() && end.is_err(),
    }
}

#[cfg(not(unix))]
fn is_same(there: Option<&Metadata>, end: &Path) -> bool {
    there.is_some() == end.exists()
}

/// Whether a path ends like that of a folder. `file_name` would treat `out/` as a file.
fn names_folder(path: &Path) -> bool {
    let text = path.as_os_str().as_encoded_bytes();
    text.last()
        .is_some_and(|&last| std::path::is_separator(char::from(last)))
}

fn a_folder() -> io::Error {
    io::Error::new(
        io::ErrorKind::IsADirectory,
        "it is a folder: name a file in it",
    )
}
