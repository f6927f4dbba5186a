//! Leftovers of killed processes next to their targets.

use crate::split;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The grace period between creating a temporary name and locking it.
const NEWBORN: Duration = Duration::from_secs(1);

/// Without locks, anything that has not changed for this long is a leftover.
const OLD: Duration = Duration::from_secs(3_600);

/// Protects a temporary file or folder from being mistaken for a leftover, until this is dropped or the process ends.
pub(crate) struct Hold {
    _locked: Option<File>,
}

impl Hold {
    /// Without locks, only its age distinguishes it.
    pub(crate) fn of(path: &Path) -> Self {
        let locked = match cfg!(unix) {
            true => File::open(path).ok(),
            false => None,
        };
        let locked = locked.filter(|file| file.try_lock().is_ok());
        Self { _locked: locked }
    }
}

/// Removes what dead processes have left of earlier writes of this target, which exists by now. What cannot be removed
/// stays, since the write itself has succeeded.
pub(crate) fn clear(target: &Path) {
    for (path, _) in leftovers(target) {
        if is_abandoned(&path, NEWBORN) {
            let _ = match path.is_dir() {
                true => fs::remove_dir_all(&path),
                false => fs::remove_file(&path),
            };
        }
    }
}

/// Restores a folder that a process moved aside but, being killed at that moment, never replaced. Returns whether it
/// did. What else killed processes have left of earlier writes of the folder is removed, as by the next write.
///
/// # Errors
///
/// Whatever the system refuses, with the path in the message.
pub fn restore(path: impl AsRef<Path>) -> io::Result<bool> {
    let path = path.as_ref();
    if path.exists() {
        clear(path);
        return Ok(false);
    }
    let (_, name) = split(path)?;
    // While the folder has no name, whoever moved it aside holds its lock, if that process is alive.
    let aside = leftovers(path)
        .filter(|(aside, suffix)| {
            *suffix == ".old" && aside.join(&name).is_dir() && is_abandoned(aside, Duration::ZERO)
        })
        .map(|(aside, _)| aside);
    // Of several the last one: the others have been replaced, and their removal may have been cut short.
    let changed = |aside: &PathBuf| fs::metadata(aside).and_then(|about| about.modified()).ok();
    let Some(last) = aside.max_by_key(changed) else {
        return Ok(false);
    };
    fs::rename(last.join(&name), path).map_err(|error| crate::about(path, &error))?;
    let _ = fs::remove_dir(&last);
    clear(path);
    Ok(true)
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

/// Whether no living process is writing to it, which takes up to `newborn` to lock what it has made.
fn is_abandoned(path: &Path, newborn: Duration) -> bool {
    let changed = fs::symlink_metadata(path).and_then(|about| about.modified());
    // With a clock that runs behind, it counts as new.
    let age = changed
        .ok()
        .and_then(|then| SystemTime::now().duration_since(then).ok());
    let Some(age) = age else {
        return false;
    };
    match cfg!(unix).then(|| File::open(path)) {
        Some(Ok(file)) => match file.try_lock() {
            Ok(()) => age >= newborn,
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
        // One that was just created may not be locked yet.
        fs::create_dir(&partial).unwrap();
        clear(&target);
        assert!(partial.exists());
    }
}
