//! Atomic file writes: a file is written completely or not at all.
//!
//! A reader of a report, a checkpoint or a saved model finds either the old version or the new one, never half of one,
//! even if the writer was killed. The functions write under a temporary name in the folder of the target (a rename does
//! not cross file systems) and rename it at the end; if they fail before that, they clean up.
//!
//! Only regular files are ever replaced. Symbolic links are followed: the file that they lead to is replaced, and the
//! link stays. Devices, named pipes and sockets are written to directly. `-` is standard output, as usual on a command
//! line; a file with that name is `./-`.
//!
//! Leftovers of a killed process next to its target (`.NAME.*.partial`, `.NAME.*.old`) are removed by the next write of
//! that target; locks distinguish them from the files of a living process.
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

/// Writes `bytes` to `path`, replacing an existing regular file; a missing parent folder is created.
///
/// # Errors
///
/// If the system refuses an operation; the message names the path. An old file is then untouched.
pub fn write_whole(path: impl AsRef<Path>, bytes: &[u8]) -> io::Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// Lets `fill` write to `path` through a buffer, for content that is too large for memory. An existing regular file is
/// replaced; a missing parent folder is created.
///
/// # Errors
///
/// If the system refuses an operation or `fill` fails; the message names the path. An old file is then untouched.
pub fn write_with(
    path: impl AsRef<Path>,
    fill: impl FnOnce(&mut WholeFile) -> io::Result<()>,
) -> io::Result<()> {
    let path = path.as_ref();
    let mut file = WholeFile::begin(path)?;
    fill(&mut file).map_err(|error| about(path, &error))?;
    file.finish()?.name()
}

/// Creates the folder `path` by letting `fill` write into it, replacing an existing folder; a missing parent is
/// created.
///
/// `fill` receives an empty folder under a temporary name next to `path`. A symbolic link is followed and stays. If
/// `fill` succeeds, the folder takes the name `path`. On Linux and macOS it changes places with the old one in one step, so
/// that a complete folder has the name at any moment. Where the system or the file system cannot do that, the old folder is
/// first moved aside, and restored if the second rename fails; a process that dies between the two leaves it as `.NAME.*.old`
/// next to `path`, and [`restore`] restores it.
///
/// # Errors
///
/// If `fill` fails or the system refuses an operation. An old folder is then still in place.
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

/// Removes a folder: its name is gone at once, and its contents then. Returns whether there was one. What a killed process
/// leaves of it is removed by the next write of a folder of that name.
///
/// # Errors
///
/// If the system refuses an operation; the message names the path.
pub fn remove_folder(path: impl AsRef<Path>) -> io::Result<bool> {
    let path = path.as_ref();
    let remove = || {
        let (parent, name) = split(path)?;
        let prefix = format!(".{name}.");
        let mut builder = Builder::new();
        let aside = builder
            .prefix(&prefix)
            .suffix(".partial")
            .tempdir_in(parent)?;
        let _hold = Hold::of(aside.path());
        fs::rename(path, aside.path().join(&name))?;
        aside.close()
    };
    match path.is_dir() {
        false => Ok(false),
        true => remove().map(|()| true).map_err(|error| about(path, &error)),
    }
}

/// The folder itself, after following links.
fn end_of(path: &Path) -> io::Result<PathBuf> {
    let wrong = |what| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    if is_stdout(path) {
        return wrong(
            "standard output cannot hold a folder: name one (`./-` for a folder called `-`)",
        );
    }
    match target::end_of_links(path)? {
        Some(end) => Ok(end),
        None => wrong("a folder cannot be written there"),
    }
}

fn empty_beside(path: &Path) -> io::Result<TempDir> {
    let (parent, name) = split(path)?;
    // Renaming a folder onto a file fails late and differently on each system, so this is checked before the work is
    // done.
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_dir()) {
        return Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            "it exists and is not a folder",
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
        // Its name is gone, so there is nothing left to remove.
        let _ = filled.keep();
        return sync_folder(parent);
    }
    if exchange(filled.path(), path)? {
        sync_folder(parent)?;
        // The new folder is in place; failing to remove the old one is not a failure of the write.
        let _ = filled.close();
        return Ok(());
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
            // The only copy is the one moved aside: keep it and report where it is.
            let kept = aside.keep();
            return Err(io::Error::new(
                error.kind(),
                format!(
                    "{error}; the old folder could not be restored ({again}) and is kept in {}",
                    kept.display()
                ),
            ));
        }
        return Err(error);
    }
    let _ = filled.keep();
    let _ = aside.close();
    sync_folder(parent)
}

/// Lets two folders change places in one step; false where that cannot be done.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP | Errno::XDEV) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Creates a folder and its missing parents. The system reports only "exists" for a file that is in the way.
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
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path has no file name"))?;
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

/// Windows flushes only files that are open for writing.
#[cfg(not(unix))]
fn sync_file(path: &Path) -> io::Result<()> {
    File::options().write(true).open(path)?.sync_all()
}

/// Makes a rename durable, if folders can be synced.
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
