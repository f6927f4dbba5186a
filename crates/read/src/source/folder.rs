//! A folder, on disk or in an archive.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Archive, Source, existing};
use crate::error::ReadError;

/// A folder of files.
pub(crate) struct Folder {
    path: PathBuf,
    /// The archive it is in, and its path there.
    inside: Option<(Archive, PathBuf)>,
}

impl Folder {
    /// On disk.
    pub(super) fn of(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            inside: None,
        }
    }

    /// In an archive.
    pub(crate) fn inside(archive: Archive, inside: &Path) -> Self {
        Self {
            path: archive.path().join(inside),
            inside: Some((archive, inside.to_path_buf())),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The sorted names of its files; none if the folder cannot be listed.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = match &self.inside {
            Some((archive, inside)) => archive.files(inside).map(str::to_string).collect(),
            None => {
                let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
                let files = entries.filter(|entry| entry.path().is_file());
                files
                    .map(|entry| entry.file_name().to_string_lossy().into_owned())
                    .collect()
            }
        };
        names.sort_unstable();
        names
    }

    /// The file of this name, or of that name with `.gz` appended.
    pub(crate) fn open(self, name: &str) -> Result<Option<Source>, ReadError> {
        match self.inside {
            None => existing(&self.path.join(name)),
            Some((archive, inside)) => archive.open_existing(&inside.join(name)),
        }
    }
}
