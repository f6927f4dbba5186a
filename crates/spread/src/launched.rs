//! Whether a launcher started this process as one of several.

/// A process among several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The environment variable that says so.
    pub variable: &'static str,
    /// The number of processes.
    pub processes: usize,
}

/// The variables in which Open MPI, MPICH and its relatives, and Slurm's `srun` state the number of processes.
const VARIABLES: [&str; 3] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"];

/// How this process was launched; `None` outside a launcher.
pub fn launch() -> Option<Launch> {
    launched_by(|variable| std::env::var(variable).ok())
}

/// As [`launch`], by these variables. The first that states a number counts.
pub fn launched_by(value: impl Fn(&str) -> Option<String>) -> Option<Launch> {
    VARIABLES.into_iter().find_map(|variable| {
        let processes = value(variable)?.trim().parse().ok()?;
        Some(Launch {
            variable,
            processes,
        })
    })
}
