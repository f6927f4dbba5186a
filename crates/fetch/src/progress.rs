//! Options of a fetch, and progress reports.

use std::time::Duration;

/// Time limits and retries of a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The time limit for resolving the server and for connecting to it, each.
    pub connect: Duration,
    /// How long the server may send nothing.
    pub stall: Duration,
    /// How often an interrupted or stalled transfer is resumed before the fetch fails.
    pub retries: u32,
    /// The pause before each retry.
    pub pause: Duration,
}

impl Default for Options {
    /// Ten seconds to connect, thirty for silence, three retries two seconds apart.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            retries: 3,
            pause: Duration::from_secs(2),
        }
    }
}

/// The progress of a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The server has answered and the transfer begins.
    Started {
        /// The number of bytes from an earlier transfer.
        have: u64,
        /// The total size, if the server reports it.
        total: Option<u64>,
    },
    /// More bytes have been received.
    Received {
        /// The number of bytes so far, including earlier transfers.
        have: u64,
        /// The total size, if the server reports it.
        total: Option<u64>,
    },
    /// The transfer was interrupted and is retried.
    Interrupted {
        /// The reason.
        why: String,
        /// The number of the retry, counted from 1.
        retry: u32,
    },
    /// All bytes have been received, and their checksum is being computed.
    Verifying,
    /// A file is being unpacked.
    Unpacking {
        /// Its name in the archive.
        file: String,
    },
}
