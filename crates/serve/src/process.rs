//! Figures about the process, by the names that Prometheus' own clients give them.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Clock ticks per second in `/proc`: the same on every Linux.
const TICKS: f64 = 100.0;

/// What the system says of this process; `None` where it does not say it, as on other systems than Linux.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Process {
    cpu_seconds: Option<f64>,
    /// Memory in use, in bytes.
    pub resident: Option<u64>,
    open_files: Option<u64>,
    started: Option<f64>,
}

impl Process {
    pub fn now() -> Self {
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // The name, in parentheses, may contain anything.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
        let cpu = ticks(11).zip(ticks(12));
        let uptime = fs::read_to_string("/proc/uptime").unwrap_or_default();
        let uptime = uptime
            .split_whitespace()
            .next()
            .and_then(|up| up.parse::<f64>().ok());
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident =
            resident.and_then(|kib| kib.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        Self {
            cpu_seconds: cpu.map(|(user, system)| (user + system) / TICKS),
            resident: resident.map(|kib| kib << 10),
            open_files: fs::read_dir("/proc/self/fd")
                .ok()
                .map(|files| files.count() as u64),
            started: ticks(19)
                .zip(uptime)
                .map(|(start, up)| now.as_secs_f64() - up + start / TICKS),
        }
    }

    pub fn text(&self) -> String {
        let whole = |number: Option<u64>| number.map(|number| number as f64);
        let all = [
            (
                "process_cpu_seconds_total",
                "counter",
                "Time of processors used",
                self.cpu_seconds,
            ),
            (
                "process_resident_memory_bytes",
                "gauge",
                "Memory in use",
                whole(self.resident),
            ),
            (
                "process_open_fds",
                "gauge",
                "Open files",
                whole(self.open_files),
            ),
            (
                "process_start_time_seconds",
                "gauge",
                "When the process started",
                self.started,
            ),
        ];
        let known = all.into_iter().filter_map(|(name, kind, help, value)| {
            let value = value?;
            Some(format!(
                "# HELP {name} {help}.\n# TYPE {name} {kind}\n{name} {value}\n"
            ))
        });
        known.collect()
    }
}
