//! What a request may be and take.

use std::time::Duration;

/// The limits of a service. The defaults are in the fields' descriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body: 1 MiB.
    pub body: usize,
    /// Time from the first byte of a request to the end of its head: 10 s.
    pub head: Duration,
    /// Bytes of a head: 64 KiB.
    pub head_size: usize,
    /// Time for a whole body: 10 s.
    pub body_time: Duration,
    /// Time for an answer: 10 s.
    pub answer: Duration,
    /// Time that a connection may be idle: 75 s.
    pub idle: Duration,
    /// Connections at a time: 1,024. Others wait to be accepted.
    pub connections: usize,
    /// Requests that are answered at a time: 4 for each core.
    pub in_flight: usize,
    /// Requests that may wait for their turn: 256. Others are answered with 503.
    pub waiting: usize,
    /// Time that what is in flight has at the end: 10 s.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            body: 1 << 20,
            head: Duration::from_secs(10),
            head_size: 64 << 10,
            body_time: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            connections: 1_024,
            in_flight: 4 * cores,
            waiting: 256,
            shutdown: Duration::from_secs(10),
        }
    }
}

/// The length of a list where a request names none.
pub(crate) const COUNT: usize = 10;
/// The length of a list at most.
pub(crate) const MOST_COUNT: usize = 1_000;
/// The last place of a list at most.
pub(crate) const MOST_PLACE: usize = 10_000;
/// Users of a batch at most.
pub(crate) const MOST_USERS: usize = 1_000;
/// Pairs or items of one request at most.
pub(crate) const MOST_PAIRS: usize = 10_000;
/// Bytes of an id at most.
pub(crate) const LONGEST_ID: usize = 512;
/// Characters of a search at most.
pub(crate) const LONGEST_QUERY: usize = 256;
/// Points of a map at most.
pub(crate) const MOST_POINTS: usize = 100_000;
/// Reasons for each entry of a list at most.
pub(crate) const MOST_REASONS: usize = 10;
/// Entries of a list with reasons at most, each of which takes a system of equations.
pub(crate) const MOST_EXPLAINED: usize = 100;
