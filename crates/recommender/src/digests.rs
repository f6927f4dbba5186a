//! The digests of a saved model's files, which are in its `model.json`.

use crate::error::RecommenderError;
use crate::folder::{MODEL, unreadable};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The identity of a saved model: the SHA-256 of its `model.json`, which in turn has those of the other files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedAs {
    /// 64 hexadecimal digits.
    pub digest: String,
    /// Whether `model.json` has the digests of the other files, which were found to be right. A folder that was written by
    /// an older version has none.
    pub verified: bool,
}

/// Bytes that are read at a time.
const AT_ONCE: usize = 1 << 16;

/// SHA-256 by file name.
pub(crate) type Digests = BTreeMap<String, String>;

/// The SHA-256 of bytes, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of a file, which is read a part at a time.
pub(crate) fn sha256_of(path: &Path) -> Result<String, RecommenderError> {
    let failed = |source| unreadable(path.to_path_buf(), source);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut bytes = vec![0; AT_ONCE];
    loop {
        match file.read(&mut bytes).map_err(failed)? {
            0 => break,
            count => hash.update(&bytes[..count]),
        }
    }
    let digest = hash.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The digests of all files of a folder under construction.
pub(crate) fn of_files(folder: &Path) -> Result<Digests, RecommenderError> {
    let mut digests = Digests::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string() {
            digests.insert(name, sha256_of(&entry.path())?);
        }
    }
    Ok(digests)
}

/// Stops at a file that is missing, or that is not the one that was saved.
pub(crate) fn check(folder: &Path, digests: &Digests) -> Result<(), RecommenderError> {
    let is_plain = |name: &str| Path::new(name).components().count() == 1 && name != "..";
    for (name, saved) in digests {
        if !is_plain(name) {
            return Err(RecommenderError::NotAModel {
                path: folder.join(MODEL),
                reason: format!(
                    "it has a digest for `{}`, which is not the name of a file",
                    name.escape_debug()
                ),
            });
        }
        let path = folder.join(name);
        if sha256_of(&path)? != *saved {
            return Err(RecommenderError::NotAModel {
                path,
                reason: "its SHA-256 is not the one in model.json: the file was cut short, swapped or edited".to_string(),
            });
        }
    }
    Ok(())
}
