//! The CPU that a benchmark runs on.

/// The CPU's name and number of cores, printed before every table of figures.
pub fn processor() -> std::io::Result<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo")?;
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':'));
    let name = name.map_or("an unknown processor", |(_, name)| name.trim());
    let cores = std::thread::available_parallelism()?;
    Ok(format!("{name}, {cores} cores"))
}
