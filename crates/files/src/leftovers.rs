//! What a process that was killed has left next to its target.

use crate::split;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Between a temporary name's making and its lock there is a moment.
const NEWBORN: Duration = Duration::from_secs(1);

/// Where nobody can say whether a process still writes, what has not changed for so long is a leftover.
const OLD: Duration = Duration::from_secs(3_600);

/// Keeps a temporary file or folder from being taken for a leftover, until it is dropped or its process ends.
pub(crate) struct Hold {
    _locked: Option<File>,
}

impl Hold {
    /// Where locks are not to be had, age alone tells.
    pub(crate) fn of(path: &Path) -> Self {
        let locked = match cfg!(unix) {
            true => File::open(path).ok(),
            false => None,
        };
        let locked = locked.filter(|file| file.try_lock().is_ok());
        Self { _locked: locked }
    }
}

/// Clears away what dead processes have left of earlier writings of this target, which is there by now. What cannot be
/// cleared away stays: it is no fault of the writing.
pub(crate) fn clear(target: &Path) {
    for (path, _) in leftovers(target) {
        if is_abandoned(&path) {
            let _ = match path.is_dir() {
                true => fs::remove_dir_all(&path),
                false => fs::remove_file(&path),
            };
        }
    }
}

/// Puts a folder back that a process has moved aside and, killed at that moment, never replaced. Says whether it did.
///
/// # Errors
///
/// Whatever the system refuses, with the path in the message.
pub fn restore(path: impl AsRef<Path>) -> io::Result<bool> {
    let path = path.as_ref();
    if path.exists() {
        return Ok(false);
    }
    let (_, name) = split(path)?;
    for (aside, _) in leftovers(path).filter(|(_, suffix)| *suffix == ".old") {
        let old = aside.join(&name);
        if old.is_dir() && is_abandoned(&aside) {
            fs::rename(&old, path).map_err(|error| crate::about(path, &error))?;
            let _ = fs::remove_dir(&aside);
            return Ok(true);
        }
    }
    Ok(false)
}

/// The temporary names next to a target, `.NAME.RANDOM.partial` and `.NAME.RANDOM.old`, with their suffixes.
fn leftovers(target: &Path) -> impl Iterator<Item = (PathBuf, &'static str)> {
    let place = split(target).ok();
    let name = place.as_ref().map(|(_, name)| format!(".{name}."));
    let entries = place.and_then(|(parent, _)| fs::read_dir(parent).ok());
    entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(move |entry| {
            let file = entry.file_name();
            let rest = file.to_str()?.strip_prefix(name.as_deref()?)?;
            [".partial", ".old"].into_iter().find_map(|suffix| {
                let random = rest.strip_suffix(suffix)?;
                let ours =
                    !random.is_empty() && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
                ours.then(|| (entry.path(), suffix))
            })
        })
}

/// Whether no living process writes there.
fn is_abandoned(path: &Path) -> bool {
    let changed = fs::symlink_metadata(path).and_then(|about| about.modified());
    // A clock that runs behind makes it new.
    let age = changed
        .ok()
        .and_then(|then| SystemTime::now().duration_since(then).ok());
    let Some(age) = age else {
        return false;
    };
    match cfg!(unix).then(|| File::open(path)) {
        Some(Ok(file)) => match file.try_lock() {
            Ok(()) => age >= NEWBORN,
            Err(fs::TryLockError::WouldBlock) => false,
            Err(fs::TryLockError::Error(_)) => age >= OLD,
        },
        _ => age >= OLD,
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_living_process_writes_is_no_leftover() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("model");
        let partial = home.path().join(".model.Ab3.partial");
        fs::create_dir(&partial).unwrap();
        let yesterday = SystemTime::now() - 24 * OLD;
        File::open(&partial)
            .unwrap()
            .set_modified(yesterday)
            .unwrap();
        let hold = Hold::of(&partial);
        clear(&target);
        assert!(partial.exists());
        drop(hold);
        clear(&target);
        assert!(!partial.exists());
        // One that was made just now may not have its lock yet.
        fs::create_dir(&partial).unwrap();
        clear(&target);
        assert!(partial.exists());
    }
}
