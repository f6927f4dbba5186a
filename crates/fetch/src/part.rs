//! The received part of a file, and the version that it belongs to.

use crate::{Entry, FetchError};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The file `NAME.zip.part`, locked by this process, and its tag.
pub(crate) struct Part {
    path: PathBuf,
    tag_path: PathBuf,
    url: &'static str,
    file: File,
    have: u64,
    /// The ETag or date that the server gave for the version that these bytes belong to.
    validator: Option<String>,
}

impl Part {
    pub(crate) fn open(folder: &Path, entry: &Entry) -> Result<Self, FetchError> {
        fs::create_dir_all(folder).map_err(FetchError::io(folder))?;
        let path = folder.join(format!("{}.zip.part", entry.name));
        let tag_path = folder.join(format!("{}.zip.part.tag", entry.name));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(FetchError::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FetchError::Busy { path }),
            // Some network file systems do not support locks; there the user must not fetch twice at once.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(FetchError::io(&path)(error)),
        }
        let have = file.metadata().map_err(FetchError::io(&path))?.len();
        let mut part = Self {
            path,
            tag_path,
            url: entry.url,
            file,
            have,
            validator: None,
        };
        part.validator = part.read_tag();
        // Bytes of an unknown version cannot be resumed.
        if part.have > 0 && part.validator.is_none() {
            part.restart(None)?;
        }
        Ok(part)
    }

    /// The number of bytes received.
    pub(crate) fn have(&self) -> u64 {
        self.have
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The position to resume from and the version of the file, if there is anything to resume.
    pub(crate) fn resume(&self) -> Option<(u64, &str)> {
        let validator = self.validator.as_deref()?;
        (self.have > 0).then_some((self.have, validator))
    }

    /// Discards the received bytes, to start over with that version of the file.
    pub(crate) fn restart(&mut self, validator: Option<String>) -> Result<(), FetchError> {
        self.file.set_len(0).map_err(FetchError::io(&self.path))?;
        self.have = 0;
        match &validator {
            Some(validator) => {
                let tag = format!("{}\n{validator}\n", self.url);
                recburn_files::write_whole(&self.tag_path, tag.as_bytes())?;
            }
            None => self.remove_tag(),
        }
        self.validator = validator;
        Ok(())
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        let end = SeekFrom::Start(self.have);
        self.file
            .seek(end)
            .and_then(|_| self.file.write_all(bytes))
            .map_err(FetchError::io(&self.path))?;
        self.have += bytes.len() as u64;
        Ok(())
    }

    /// The file, rewound to its beginning.
    pub(crate) fn rewound(&mut self) -> Result<&File, FetchError> {
        self.file.rewind().map_err(FetchError::io(&self.path))?;
        Ok(&self.file)
    }

    /// Removes file and tag.
    pub(crate) fn clear(self) {
        self.remove_tag();
        // Windows does not remove open files.
        drop(self.file);
        // If this fails, the next fetch finds, checks and overwrites the file.
        let _ = fs::remove_file(&self.path);
    }

    fn remove_tag(&self) {
        let _ = fs::remove_file(&self.tag_path);
    }

    fn read_tag(&self) -> Option<String> {
        let text = fs::read_to_string(&self.tag_path).ok()?;
        let mut lines = text.lines();
        let url = lines.next()?;
        let validator = lines.next()?;
        (url == self.url && !validator.is_empty()).then(|| validator.to_string())
    }
}
