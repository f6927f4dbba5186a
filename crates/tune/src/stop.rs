//! Asking a study to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request to stop, shared by all clones: one for the handler of Ctrl-C, one for the study, one for each trial.
///
/// A study that is asked to stop begins no further trials and waits for those that run. A trial that looks at
/// [`Stop::is_requested`] between epochs ends sooner: it must then return an error, which is not recorded, so the
/// trial runs again when the study is resumed.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// A request that has not been made.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the request; it cannot be withdrawn.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it has been made.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
