//! Ctrl-C.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The flag that Ctrl-C sets. The first call installs the handler; a second Ctrl-C ends the program at once.
pub fn flag() -> Arc<AtomicBool> {
    let flag = ASKED.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        // The handler for the second Ctrl-C comes first: it acts on the flag as it was before the signal. If no handler
        // can be installed, Ctrl-C ends the program at once, which loses no file either.
        let _ = register_conditional_shutdown(SIGINT, 130, flag.clone());
        let _ = register(SIGINT, flag.clone());
        flag
    });
    flag.clone()
}

/// As [`flag`], which SIGTERM sets as well: launchers send it to the processes that they started, and job schedulers before
/// the time is up. There is no second signal that ends the program at once, since launchers send several.
#[cfg_attr(not(feature = "mpi"), allow(dead_code))]
pub fn flag_of_launcher() -> Arc<AtomicBool> {
    let flag = ASKED.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM] {
        let _ = register(signal, flag.clone());
    }
    flag.clone()
}

/// Whether Ctrl-C was pressed.
pub fn asked() -> bool {
    ASKED.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}
