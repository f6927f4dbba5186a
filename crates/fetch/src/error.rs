//! What can keep a data set from being fetched.

use std::io;
use std::path::{Path, PathBuf};

/// Anything that keeps a data set from being fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No data set of that name.
    #[error("no data set '{name}' can be fetched; there are: {known}")]
    UnknownName {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// No network, no server, or no trust in it.
    #[error("cannot fetch {url}: {why}; {advice}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What the system or the encryption says.
        why: String,
        /// Where to put the files by hand.
        advice: String,
    },
    /// The server answered that it does not give the file.
    #[error("{url}: the server answers with status {status}; {advice}")]
    Status {
        /// What was asked for.
        url: String,
        /// The status of HTTP.
        status: u16,
        /// Where to put the files by hand.
        advice: String,
    },
    /// The server fell silent.
    #[error(
        "{url}: nothing came for {seconds} s after {have} bytes; fetch again to go on from there"
    )]
    Stalled {
        /// What was asked for.
        url: String,
        /// How many bytes there are.
        have: u64,
        /// How long was waited.
        seconds: f64,
    },
    /// The connection broke before the end.
    #[error("{url}: cut off after {have} bytes ({why}); fetch again to go on from there")]
    CutOff {
        /// What was asked for.
        url: String,
        /// How many bytes there are.
        have: u64,
        /// What the system says.
        why: String,
    },
    /// The file is larger or smaller than it must be.
    #[error(
        "{url}: {expected} bytes expected, {seen} seen; the file was replaced, or something answers in its place"
    )]
    Size {
        /// What was asked for.
        url: String,
        /// How many bytes it must have, at most where the size is not known.
        expected: u64,
        /// How many it has, at least.
        seen: u64,
    },
    /// The bytes are not those that were published.
    #[error("{url}: MD5 {expected} expected, {seen} seen; what came is thrown away")]
    Checksum {
        /// What was asked for.
        url: String,
        /// The published checksum.
        expected: String,
        /// That of what came.
        seen: String,
    },
    /// The published checksum cannot be read.
    #[error("{url}: an MD5 sum is expected, '{seen}' seen")]
    NoChecksum {
        /// What was asked for.
        url: String,
        /// How the answer begins.
        seen: String,
    },
    /// What came is not a whole zip archive.
    #[error("{url}: not a zip archive that can be unpacked: {why}")]
    NotAZip {
        /// What was asked for.
        url: String,
        /// What is wrong, and with which file of the archive.
        why: String,
    },
    /// The archive holds something that a data set has no need of, such as a path that leads out of the folder.
    #[error("{url}: refused to unpack '{name}': {why}")]
    Unsafe {
        /// What was asked for.
        url: String,
        /// The name in the archive.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The archive would unpack to more than any honest one of its size.
    #[error("{url}: refused to unpack more than {limit} {what}")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// How many are accepted.
        limit: u64,
        /// `bytes` or `files`.
        what: &'static str,
    },
    /// The archive does not hold the data set's folder.
    #[error("{url}: the archive holds no files in {folder}/")]
    NoFolder {
        /// What was asked for.
        url: String,
        /// The folder looked for.
        folder: String,
    },
    /// Another process fetches the same data set into the same folder.
    #[error("{}: another process is writing it; wait until it is done", path.display())]
    Busy {
        /// The file that the other one writes.
        path: PathBuf,
    },
    /// A file stands where the data set's folder should be.
    #[error("{}: something that is not a folder is where the data set belongs", path.display())]
    InTheWay {
        /// What stands there.
        path: PathBuf,
    },
    /// The operating system refused to read or write a file.
    #[error("cannot access {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// The folder could not be filled or given its name.
    #[error(transparent)]
    Folder(#[from] io::Error),
}

impl FetchError {
    /// Whether what came so far is kept, for a later call to go on from.
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

    /// Whether the next try may well succeed.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Stalled { .. } | Self::CutOff { .. })
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        |source| Self::Io { path, source }
    }
}
