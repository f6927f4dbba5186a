//! Little files in a folder that goes away with the test, and what they open as.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

use std::error::Error;
use std::fs;
use std::iter::successors;

use proptest::prelude::*;
use recburn_data::{Dataset, IdOrder};
use recburn_read::{OpenOptions, ReadError};
use tempfile::TempDir;

mod packed;

pub(crate) use packed::{gzip, zip};

/// Two ratings by one user, with titles for both items.
pub(crate) const RATINGS: &[u8] = b"userId,movieId,rating\n1,2,3\n1,3,4.5\n";
pub(crate) const MOVIES: &[u8] = b"movieId,title,genres\n2,Two,Drama\n3,Three,Comedy\n";

/// A folder with these files in it, some of them in folders of their own.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in files {
        let path = folder.path().join(name);
        let parent = path.parent().expect("it lies in the folder");
        fs::create_dir_all(parent).expect("a folder");
        fs::write(path, content).expect("a temporary file");
    }
    folder
}

/// Opens what lies at this path below a folder of these files, "" being the folder itself. What refuses it names files
/// by their paths below the folder, which has another name at each run.
pub(crate) fn open_in(
    files: &[(&str, &[u8])],
    path: &str,
    how: &OpenOptions,
) -> Result<Dataset, String> {
    let folder = folder(files);
    let at = folder.path().join(path);
    how.open(&at.to_string_lossy())
        .map_err(|error| below(&folder, &error))
}

/// What an error and its causes say, with paths as they are below the folder.
pub(crate) fn below(folder: &TempDir, error: &ReadError) -> String {
    let causes = successors(error.source(), |error| (*error).source());
    let message = causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"));
    message.replace(&format!("{}/", folder.path().display()), "")
}

/// Opens one file of this name and content.
pub(crate) fn open_file(name: &str, content: &[u8], order: IdOrder) -> Result<Dataset, String> {
    open_in(&[(name, content)], name, &in_order(order))
}

/// What is said of a bad file of this name and content.
pub(crate) fn refusal(name: &str, content: &[u8]) -> String {
    open_file(name, content, IdOrder::FirstSight).expect_err("a bad file")
}

pub(crate) fn in_order(order: IdOrder) -> OpenOptions {
    OpenOptions {
        order,
        ..OpenOptions::default()
    }
}

/// With columns named by these words.
pub(crate) fn named(columns: &str) -> OpenOptions {
    OpenOptions {
        columns: Some(columns.parse().expect("columns")),
        ..OpenOptions::default()
    }
}

pub(crate) fn orders() -> impl Strategy<Value = IdOrder> {
    prop_oneof![
        Just(IdOrder::FirstSight),
        Just(IdOrder::Sorted),
        Just(IdOrder::Raw)
    ]
}
