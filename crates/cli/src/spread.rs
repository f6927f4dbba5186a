//! Commands that a launcher has started as several processes.

use crate::exit::wrong;
use anyhow::Result;
use recburn::spread::launch;

#[cfg(feature = "mpi")]
mod train;

#[cfg(feature = "mpi")]
pub use train::train;

/// Refuses to run as one of several processes that do not know of each other.
pub fn refuse() -> Result<()> {
    let Some(launch) = launch().filter(|launch| launch.processes > 1) else {
        return Ok(());
    };
    let way = match cfg!(feature = "mpi") {
        true => "only `train` runs on several processes: start other commands without the launcher",
        false => {
            "to train on all of them together, build recburn with `--features mpi`; otherwise start it without the launcher"
        }
    };
    Err(wrong(format!(
        "{} is {}: each of the {} processes would train alone and overwrite the others; {way}",
        launch.variable, launch.processes, launch.processes
    )))
}
