//! Public data sets by name: downloaded, verified, unpacked completely or not at all.
//!
//! The [`catalogue`] lists the MovieLens data sets of GroupLens with their size, checksum, licence and citation.
//! [`fetch`] downloads one into a folder. It prints nothing: the caller shows licence and citation, and passes a
//! function to observe progress.
//!
//! ```no_run
//! use recburn_fetch::{Options, fetch, find};
//!
//! let entry = find("ml-100k")?;
//! println!("{}\n{}", entry.licence, entry.citation);
//! let folder = fetch(entry, "datasets", &Options::default(), &mut |progress| println!("{progress:?}"))?;
//! assert!(folder.join("u.data").is_file());
//! # Ok::<(), recburn_fetch::FetchError>(())
//! ```
//!
//! After a failure the folder contains at most `NAME.zip.part`, the part received so far, and `NAME.zip.part.tag`,
//! which identifies the version of the file. A later call resumes from there. Both are removed when the data set is
//! complete, or when the received part turns out to be invalid.

mod catalogue;
mod checksum;
mod error;
mod part;
mod progress;
mod transfer;
mod unpack;

pub use catalogue::{Checksum, Entry, catalogue, find};
pub use error::FetchError;
pub use progress::{Options, Progress};

use part::Part;
use std::fs;
use std::path::{Path, PathBuf};
use transfer::Transfer;

/// Downloads a data set into `folder` and returns the folder of its files, `folder` joined with `entry.folder`.
///
/// If that folder already holds anything, nothing is done and the network is not used.
///
/// # Errors
///
/// See [`FetchError`]. The data set's folder is then as it was before; [`FetchError::keeps_part`] tells whether the
/// received part is kept for a later call.
pub fn fetch(
    entry: &Entry,
    folder: impl AsRef<Path>,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<PathBuf, FetchError> {
    let folder = folder.as_ref();
    let target = folder.join(entry.folder);
    if is_there(&target)? {
        return Ok(target);
    }
    let mut part = Part::open(folder, entry)?;
    // The process that held the part until now may have completed the data set meanwhile.
    if is_there(&target)? {
        part.clear();
        return Ok(target);
    }
    match bring(entry, folder, &mut part, options, progress) {
        Ok(()) => {
            part.clear();
            Ok(target)
        }
        Err(error) => {
            if part.have() == 0 || !error.keeps_part() {
                part.clear();
            }
            Err(error)
        }
    }
}

fn bring(
    entry: &Entry,
    folder: &Path,
    part: &mut Part,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), FetchError> {
    let transfer = Transfer::new(entry, folder, options);
    let (md5, bytes) = match entry.checksum {
        Checksum::Md5(md5) => (md5.to_string(), Some(entry.bytes)),
        // The file may be replaced by a newer one, so its size is as uncertain as its checksum.
        Checksum::Beside => (transfer.published_md5()?, None),
    };
    transfer.bring(part, bytes, options, progress)?;
    progress(Progress::Verifying);
    let seen = checksum::md5_of(part)?;
    if seen != md5 {
        return Err(FetchError::Checksum {
            url: entry.url.to_string(),
            expected: md5,
            seen,
        });
    }
    unpack::unpack(part, entry, &folder.join(entry.folder), progress)
}

/// Whether there is a folder with anything in it. An empty one may have been prepared by the user.
fn is_there(target: &Path) -> Result<bool, FetchError> {
    match fs::metadata(target) {
        Ok(there) if there.is_dir() => {
            let mut files = fs::read_dir(target).map_err(FetchError::io(target))?;
            Ok(files.next().is_some())
        }
        Ok(_) => Err(FetchError::InTheWay {
            path: target.to_path_buf(),
        }),
        Err(_) => Ok(false),
    }
}
