//! Threads.

use crate::error::ClassicalError;
use rayon::ThreadPoolBuilder;

/// Runs work, and everything parallel within it, on this number of threads; 0 for one per core.
pub(crate) fn on<R: Send>(
    threads: usize,
    work: impl FnOnce() -> R + Send,
) -> Result<R, ClassicalError> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|source| ClassicalError::Threads { threads, source })?;
    Ok(pool.install(work))
}
