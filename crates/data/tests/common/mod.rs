//! Little files in a folder that goes away with the test.

use std::fs;
use std::path::PathBuf;

use recburn_data::{DataError, Dataset, IdOrder, Open, open};
use tempfile::TempDir;

/// A folder with these files in it.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("a temporary file");
    }
    folder
}

/// Opens one file of this name and content.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn open_file(name: &str, content: &[u8], order: IdOrder) -> Result<Dataset, DataError> {
    let folder = folder(&[(name, content)]);
    let path: PathBuf = folder.path().join(name);
    open(
        &path.to_string_lossy(),
        &Open {
            order,
            data_dir: None,
        },
    )
}
