//! A file is written whole or not at all.
//!
//! Whoever reads a report, a checkpoint or a saved model finds the old one or the new one, never half of either,
//! whatever moment the writer died at. The functions fill a temporary name in the folder of the target (a rename
//! does not cross file systems) and rename it into place at the end; what fails before that is cleared away.
//!
//! Only nothing or a regular file is ever renamed over. Symbolic links are followed: the file that they lead to is
//! replaced, and the link stays. Devices, named pipes and sockets are written through. `-` is standard output, as
//! everywhere on a command line; a file of that name is `./-`.
//!
//! What a process that was killed leaves next to its target (`.NAME.*.partial`, `.NAME.*.old`) is cleared away by the next
//! writing of that target; locks tell it from what another living process writes.
//!
//! ```
//! let home = tempfile::tempdir()?;
//! let path = home.path().join("runs/first/report.json");
//! recburn_files::write_whole(&path, b"{}")?;
//! assert_eq!(std::fs::read(&path)?, b"{}");
//! # Ok::<(), std::io::Error>(())
//! ```

mod file;
mod leftovers;
mod target;

pub use file::{Finished, WholeFile};
pub use leftovers::restore;
pub use target::is_stdout;

use leftovers::Hold;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, TempDir};

/// Writes `bytes` to `path`, replacing a regular file that is there; a missing parent folder is made.
///
/// # Errors
///
/// Whatever the system refuses, with the path in the message. The old file, if there was one, is then untouched.
pub fn write_whole(path: impl AsRef<Path>, bytes: &[u8]) -> io::Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// Writes what `fill` writes, through a buffer, to `path`: for what is too large to be held. A regular file that is
/// there is replaced; a missing parent folder is made.
///
/// # Errors
///
/// Whatever the system refuses, or `fill` returns, with the path in the message. The old file, if there was one, is then
/// untouched.
pub fn write_with(
    path: impl AsRef<Path>,
    fill: impl FnOnce(&mut WholeFile) -> io::Result<()>,
) -> io::Result<()> {
    let path = path.as_ref();
    let mut file = WholeFile::begin(path)?;
    fill(&mut file).map_err(|error| about(path, &error))?;
    file.finish()?.name()
}

/// Makes the folder `path` by letting `fill` write into it, replacing a folder that is there; a missing parent is made.
///
/// `fill` gets an empty folder under a temporary name next to `path`. A symbolic link is followed and stays. Only when it succeeds does that folder take the
/// name `path`: the old folder is moved aside first, put back if the swap fails, and removed when it has succeeded.
/// A process that dies between the two renames leaves the old folder, whole, as `.NAME.*.old` next to it: [`restore`]
/// puts it back.
///
/// # Errors
///
/// What `fill` returns, or whatever the system refuses. The old folder, if there was one, is then still in place.
pub fn write_folder<E>(
    path: impl AsRef<Path>,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E>
where
    E: From<io::Error>,
{
    let path = path.as_ref();
    let end = end_of(path).map_err(|error| about(path, &error))?;
    let filled = empty_beside(&end).map_err(|error| about(path, &error))?;
    let hold = Hold::of(filled.path());
    fill(filled.path())?;
    swap(filled, &end).map_err(|error| about(path, &error))?;
    drop(hold);
    leftovers::clear(&end);
    Ok(())
}

/// The folder itself, where links lead to it.
fn end_of(path: &Path) -> io::Result<PathBuf> {
    let wrong = |what| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    if is_stdout(path) {
        return wrong(
            "standard output cannot hold a folder: name one (`./-` for one that is called `-`)",
        );
    }
    match target::end_of_links(path)? {
        Some(end) => Ok(end),
        None => wrong("a folder cannot be written there"),
    }
}

fn empty_beside(path: &Path) -> io::Result<TempDir> {
    let (parent, name) = split(path)?;
    // Renaming a folder onto a file fails late and differently on each system, so say it before the work is done.
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_dir()) {
        return Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            "it is not a folder, and a folder is to be written",
        ));
    }
    make_folder(parent)?;
    let mut builder = Builder::new();
    let prefix = format!(".{name}.");
    builder.prefix(&prefix).suffix(".partial");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    builder.tempdir_in(parent)
}

fn swap(filled: TempDir, path: &Path) -> io::Result<()> {
    let (parent, name) = split(path)?;
    sync_tree(filled.path())?;
    if !path.exists() {
        fs::rename(filled.path(), path)?;
        // Its name is gone, so there is nothing left to clear away.
        let _ = filled.keep();
        return sync_folder(parent);
    }
    let prefix = format!(".{name}.");
    let aside = Builder::new()
        .prefix(&prefix)
        .suffix(".old")
        .tempdir_in(parent)?;
    let _hold = Hold::of(aside.path());
    let old = aside.path().join(&name);
    fs::rename(path, &old)?;
    if let Err(error) = fs::rename(filled.path(), path) {
        if let Err(again) = fs::rename(&old, path) {
            // The only copy lies aside now: keep it and say where.
            let kept = aside.keep();
            return Err(io::Error::new(
                error.kind(),
                format!(
                    "{error}; the old folder could not be put back ({again}) and is kept in {}",
                    kept.display()
                ),
            ));
        }
        return Err(error);
    }
    let _ = filled.keep();
    // The new folder stands; an old one that cannot be cleared away is no failure of the writing.
    let _ = aside.close();
    sync_folder(parent)
}

/// Makes a folder and what is missing above it. The system says no more than "exists" of a file that is in the way.
fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path).map_err(
        |error| match path.ancestors().find(|above| above.exists()) {
            Some(file) if !file.is_dir() => io::Error::new(
                io::ErrorKind::NotADirectory,
                "a file is where its folder should be",
            ),
            _ => error,
        },
    )
}

/// Parent folder and file name.
fn split(path: &Path) -> io::Result<(&Path, String)> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path has no last name"))?;
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    Ok((parent, name.to_string_lossy().into_owned()))
}

/// Makes every file of a tree durable before its folder takes the final name.
fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sync_tree(&entry.path())?;
        } else if kind.is_file() {
            sync_file(&entry.path())?;
        }
    }
    sync_folder(folder)
}

#[cfg(unix)]
fn sync_file(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Windows flushes only what is open for writing.
#[cfg(not(unix))]
fn sync_file(path: &Path) -> io::Result<()> {
    File::options().write(true).open(path)?.sync_all()
}

/// Makes a rename durable, where folders can be synced.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("cannot write {}: {error}", path.display()),
    )
}
