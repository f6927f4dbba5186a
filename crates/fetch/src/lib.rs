//! Public data sets by name: downloaded, verified, unpacked whole or not at all.
//!
//! The [`catalogue`] lists the MovieLens data sets of GroupLens with their size, checksum, licence and citation.
//! [`fetch`] brings one into a folder. It prints nothing: licence and citation are data that the caller shows, and
//! whoever wants to see the bytes come gives it a function.
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
//! What can go wrong, and what then stands in the folder: until the data set's own folder has its name, there is at
//! most `NAME.zip.part`, what came so far, with `NAME.zip.part.tag` beside it, which version of the file that was. A
//! later call goes on from there. Both go when the data set is whole, and when what came is no good.

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

/// Brings a data set into `folder` and returns the folder of its files, `folder` joined with `entry.folder`.
///
/// Where that folder holds anything already, nothing is done and nothing is asked of the network.
///
/// # Errors
///
/// Whatever [`FetchError`] lists. The data set's folder is then as it was before; [`FetchError::keeps_part`] tells
/// whether what came is kept for a later call.
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
    // Whoever held the part until now may have brought the data set meanwhile.
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
        // The file may be replaced by a newer one, so its size is no more certain than its checksum.
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

/// Whether a folder with anything in it stands there. An empty one may be somebody's preparation.
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
