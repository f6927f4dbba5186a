//! What fuzz targets share.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[cfg(feature = "models")]
pub mod models;

/// A folder for the files of a target, removed at the end. `TMPDIR=/dev/shm` keeps it in memory.
pub struct Scratch(TempDir);

impl Scratch {
    /// An empty folder.
    ///
    /// # Panics
    ///
    /// If there is no place for it.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a place for files"))
    }

    /// A file of the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file of the folder.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

/// An error as a user reads it, which must have words.
///
/// # Panics
///
/// If a part of it has none.
pub fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(words, ": {cause}").expect("memory");
        source = cause.source();
    }
    assert!(!words.trim().is_empty());
    words
}

/// A file with changes: the fuzzer's bytes are pairs of a place and what is there instead. Sound files of some length are not
/// found by chance, but what is wrong with one may be.
pub fn patched(original: &[u8], mut edits: &[u8]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    while let [kind, low, high, rest @ ..] = edits {
        let at = usize::from(u16::from_le_bytes([*low, *high])) % (bytes.len() + 1);
        let count = usize::from(kind & 15).min(rest.len());
        let (new, rest) = rest.split_at(count);
        edits = rest;
        match kind >> 4 & 3 {
            0 => bytes.truncate(at),
            1 => {
                bytes.splice(at..at, new.iter().copied());
            }
            2 => {
                let end = (at + count).min(bytes.len());
                bytes.splice(at..end, new.iter().copied());
            }
            _ => {
                let end = (at + usize::from(*kind)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    bytes
}
