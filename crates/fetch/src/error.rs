//! Errors of fetching.

use std::io;
use std::path::{Path, PathBuf};

/// Why a data set could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// There is no data set with that name.
    #[error("no data set '{name}' can be fetched; there are: {known}")]
    UnknownName {
        /// The requested name.
        name: String,
        /// The known names.
        known: String,
    },
    /// There is no network, no server, or its certificate is not trusted.
    #[error("cannot fetch {url}: {why}; {advice}")]
    Unreachable {
        /// The requested address.
        url: String,
        /// The error of the system or of the encryption layer.
        why: String,
        /// How to place the files by hand.
        advice: String,
    },
    /// The server refused the file.
    #[error("{url}: the server answers with status {status}; {advice}")]
    Status {
        /// The requested address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How to place the files by hand.
        advice: String,
    },
    /// The server stopped sending.
    #[error("{url}: no data for {seconds} s after {have} bytes; fetch again to resume")]
    Stalled {
        /// The requested address.
        url: String,
        /// The number of bytes received.
        have: u64,
        /// The time waited.
        seconds: f64,
    },
    /// The connection was lost before the end.
    #[error("{url}: connection lost after {have} bytes ({why}); fetch again to resume")]
    CutOff {
        /// The requested address.
        url: String,
        /// The number of bytes received.
        have: u64,
        /// The system's error.
        why: String,
    },
    /// The file does not have the expected size.
    #[error(
        "{url}: expected {expected} bytes, received {seen}; the file was replaced, or something else answered"
    )]
    Size {
        /// The requested address.
        url: String,
        /// The expected size, or the limit if the size is not known.
        expected: u64,
        /// The size received, or a lower bound.
        seen: u64,
    },
    /// The bytes differ from those published.
    #[error("{url}: expected MD5 {expected}, computed {seen}; the download was discarded")]
    Checksum {
        /// The requested address.
        url: String,
        /// The published checksum.
        expected: String,
        /// The checksum of the received bytes.
        seen: String,
    },
    /// The published checksum cannot be read.
    #[error("{url}: expected an MD5 sum, found '{seen}'")]
    NoChecksum {
        /// The requested address.
        url: String,
        /// The beginning of the answer.
        seen: String,
    },
    /// The file is not a complete zip archive.
    #[error("{url}: not a zip archive that can be unpacked: {why}")]
    NotAZip {
        /// The requested address.
        url: String,
        /// The problem, and the file of the archive that has it.
        why: String,
    },
    /// The archive holds something that does not belong in a data set, such as a path that leads out of the folder.
    #[error("{url}: refused to unpack '{name}': {why}")]
    Unsafe {
        /// The requested address.
        url: String,
        /// The name in the archive.
        name: String,
        /// The problem.
        why: &'static str,
    },
    /// The archive would unpack to more than is plausible for its size.
    #[error("{url}: refused to unpack more than {limit} {what}")]
    TooLarge {
        /// The requested address.
        url: String,
        /// The limit.
        limit: u64,
        /// `bytes` or `files`.
        what: &'static str,
    },
    /// The archive does not contain the data set's folder.
    #[error("{url}: the archive holds no files in {folder}/")]
    NoFolder {
        /// The requested address.
        url: String,
        /// The expected folder.
        folder: String,
    },
    /// Another process is fetching the same data set into the same folder.
    #[error("{}: another process is writing it; wait until it has finished", path.display())]
    Busy {
        /// The file that the other process writes.
        path: PathBuf,
    },
    /// A file is in the place of the data set's folder.
    #[error("{}: the data set belongs here, but this is not a folder", path.display())]
    InTheWay {
        /// The path of the file.
        path: PathBuf,
    },
    /// The operating system refused to read or write a file.
    #[error("cannot access {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The folder could not be written or renamed.
    #[error(transparent)]
    Folder(#[from] io::Error),
}

impl FetchError {
    /// Whether the received part is kept, so that a later call can resume.
    #[must_use]
    pub fn keeps_part(&self) -> bool {
        !matches!(
            self,
            Self::Size { .. }
                | Self::Checksum { .. }
                | Self::NotAZip { .. }
                | Self::Unsafe { .. }
                | Self::TooLarge { .. }
                | Self::NoFolder { .. }
        )
    }

    /// Whether a retry may succeed.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Stalled { .. } | Self::CutOff { .. })
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        |source| Self::Io { path, source }
    }
}
