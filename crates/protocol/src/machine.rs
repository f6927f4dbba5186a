//! The machine and what a run takes of it.

use serde::{Deserialize, Serialize};
use std::time::Instant;

/// The machine of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The name of the processor, where the system tells it in `/proc/cpuinfo`.
    pub processor: Option<String>,
    /// The number of cores that the process may use.
    pub cores: usize,
    /// The number of threads that models were given.
    pub threads: usize,
    /// The operating system and the architecture.
    pub system: String,
}

/// Time that work has taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Wall seconds.
    pub seconds: f64,
    /// Seconds of all threads of the process, in hundredths, where the system tells them in `/proc/self/stat`.
    pub cpu_seconds: Option<f64>,
}

impl Machine {
    /// This machine; 0 threads are one per core.
    pub fn here(threads: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            processor: processor(),
            cores,
            threads: if threads == 0 { cores } else { threads },
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

impl Taken {
    pub(crate) fn and(self, other: Self) -> Self {
        let cpu = self.cpu_seconds.zip(other.cpu_seconds);
        Self {
            seconds: self.seconds + other.seconds,
            cpu_seconds: cpu.map(|(one, other)| one + other),
        }
    }
}

/// The result of this work, and the time that it takes.
pub(crate) fn timed<R>(work: impl FnOnce() -> R) -> (R, Taken) {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let result = work();
    let taken = Taken {
        seconds: start.elapsed().as_secs_f64(),
        cpu_seconds: cpu_seconds().zip(cpu).map(|(end, start)| end - start),
    };
    (result, taken)
}

/// The largest memory of the process so far, in bytes.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kibibytes)
}

fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_string())
}

/// User and system time of all threads, also those that have ended.
fn cpu_seconds() -> Option<f64> {
    /// Ticks per second in `/proc`, which is the same on all architectures that Rust has a standard library for.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may contain spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}
