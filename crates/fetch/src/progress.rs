//! How a fetch is done, and what is told on the way.

use std::time::Duration;

/// How patient a fetch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long finding the server and connecting to it may take, each.
    pub connect: Duration,
    /// How long the server may send nothing at all.
    pub stall: Duration,
    /// How often a transfer that was cut off or stalled is taken up again before the fetch fails.
    pub retries: u32,
    /// How long to wait before that.
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

/// What a fetch is at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The server has answered and the bytes begin to come.
    Started {
        /// How many bytes an earlier transfer has left.
        have: u64,
        /// How many there are altogether, where the server says so.
        total: Option<u64>,
    },
    /// More bytes have come.
    Received {
        /// How many bytes there are by now, those of earlier transfers included.
        have: u64,
        /// How many there are altogether, where the server says so.
        total: Option<u64>,
    },
    /// The transfer broke and is taken up again.
    Interrupted {
        /// What happened.
        why: String,
        /// Which retry this is, counted from one.
        retry: u32,
    },
    /// All bytes are there and their checksum is computed.
    Verifying,
    /// A file is unpacked.
    Unpacking {
        /// Its name in the archive.
        file: String,
    },
}
