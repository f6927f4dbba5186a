//! Resource use of this process, from Linux's /proc.

use std::fs::read_to_string;
use std::io::{Error, Result};

/// CPU seconds of all its threads, to a hundredth.
pub fn cpu_seconds() -> Result<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = read_to_string("/proc/self/stat")?;
    // The name of the program, in parentheses, may contain blanks.
    let behind = stat.rsplit(')').next().unwrap_or_default();
    let ticks = behind.split_whitespace().skip(11).take(2);
    let ticks = ticks.map(|ticks| ticks.parse::<f64>().map_err(Error::other));
    Ok(ticks.sum::<Result<f64>>()? / TICKS_PER_SECOND)
}

/// Its peak memory so far.
pub fn peak_megabytes() -> Result<f64> {
    let status = read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: f64 = number.unwrap_or_default().parse().map_err(Error::other)?;
    Ok(kilobytes / 1024.0)
}
