//! The memory available to this process, from Linux's files.

use std::path::{Path, PathBuf};

/// Reserved if the address space is limited, for thread stacks and the allocator's own blocks.
const ASIDE: u64 = 64 << 20;

/// The minimum of the available memory and of what each limit leaves; `None` if nothing is known.
pub(crate) fn free() -> Option<u64> {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    free_by(&read)
}

/// As `free`, with `read` to read the files.
fn free_by(read: &dyn Fn(&Path) -> Option<String>) -> Option<u64> {
    let file = |path: &str| read(Path::new(path));
    let available = file("/proc/meminfo").and_then(|text| kilobytes(&text, "MemAvailable:"));
    let groups = file("/proc/self/cgroup")
        .into_iter()
        .flat_map(|text| group_folders(&text))
        .filter_map(|folder| left_by_group(&folder, read));
    let limits = file("/proc/self/limits").zip(file("/proc/self/status"));
    let limits = limits.into_iter().flat_map(|(limits, status)| {
        [
            ("Max address space", "VmSize:"),
            ("Max data size", "VmData:"),
        ]
        .into_iter()
        .filter_map(move |(limit, used)| {
            let most = limit_of(&limits, limit)?;
            Some(most.saturating_sub(kilobytes(&status, used)?.saturating_add(ASIDE)))
        })
    });
    available.into_iter().chain(groups).chain(limits).min()
}

/// A line of `/proc/meminfo` or `/proc/self/status`, in bytes.
fn kilobytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(number.saturating_mul(1024))
}

/// The soft limit of a line of `/proc/self/limits`; `None` if there is none.
fn limit_of(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The folders of the memory control groups of a process and of all groups around it, of both versions.
fn group_folders(text: &str) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let root = match controllers {
            "" => "/sys/fs/cgroup",
            many if many.split(',').any(|one| one == "memory") => "/sys/fs/cgroup/memory",
            _ => continue,
        };
        // In a container its own group is often mounted as the root, and the path does not exist, so the root is
        // included.
        let path = Path::new(path.trim_start_matches('/'));
        folders.extend(path.ancestors().map(|group| Path::new(root).join(group)));
    }
    folders
}

/// The memory that a control group leaves, if it has a limit. Its cached files do not count, since they are freed on
/// demand.
fn left_by_group(folder: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Option<u64> {
    let number = |name: &str| -> Option<u64> { read(&folder.join(name))?.trim().parse().ok() };
    let (most, used) = match number("memory.max") {
        Some(most) => (most, number("memory.current")?),
        None => (
            number("memory.limit_in_bytes")?,
            number("memory.usage_in_bytes")?,
        ),
    };
    let files = read(&folder.join("memory.stat")).and_then(|text| {
        let inactive = |line: &str| -> Option<u64> {
            let rest = line.strip_prefix("total_").unwrap_or(line);
            rest.strip_prefix("inactive_file ")?.trim().parse().ok()
        };
        text.lines().filter_map(inactive).max()
    });
    Some(most.saturating_sub(used.saturating_sub(files.unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::{ASIDE, free_by};
    use std::collections::HashMap;
    use std::path::Path;

    const MEGABYTE: u64 = 1 << 20;

    fn free(files: &[(&str, &str)]) -> Option<u64> {
        let files: HashMap<&str, &str> = files.iter().copied().collect();
        free_by(&|path: &Path| files.get(path.to_str()?).map(|text| text.to_string()))
    }

    const MEMORY: (&str, &str) = (
        "/proc/meminfo",
        "MemTotal: 9 kB\nMemAvailable:   1024000 kB\n",
    );

    #[test]
    fn without_limits_it_is_what_is_available() {
        assert_eq!(free(&[MEMORY]), Some(1000 * MEGABYTE));
        let unlimited = "Max data size  unlimited unlimited bytes\nMax address space  unlimited unlimited bytes\n";
        let limits = ("/proc/self/limits", unlimited);
        assert_eq!(
            free(&[
                MEMORY,
                limits,
                ("/proc/self/status", "VmSize: 1 kB\nVmData: 1 kB\n")
            ]),
            Some(1000 * MEGABYTE)
        );
        assert_eq!(free(&[]), None);
    }

    #[test]
    fn a_limit_of_the_process_counts_what_it_has_already() {
        let status = (
            "/proc/self/status",
            "VmSize:\t  102400 kB\nVmData:\t  51200 kB\n",
        );
        let space = "Max data size   unlimited  unlimited  bytes\nMax address space   524288000  unlimited  bytes\n";
        assert_eq!(
            free(&[MEMORY, ("/proc/self/limits", space), status]),
            Some(400 * MEGABYTE - ASIDE)
        );
        let data = "Max data size   524288000  unlimited  bytes\n";
        assert_eq!(
            free(&[MEMORY, ("/proc/self/limits", data), status]),
            Some(450 * MEGABYTE - ASIDE)
        );
        let tiny = "Max address space   1024  unlimited  bytes\n";
        assert_eq!(
            free(&[MEMORY, ("/proc/self/limits", tiny), status]),
            Some(0)
        );
    }

    #[test]
    fn the_tightest_group_around_the_process_counts_without_files_that_can_go() {
        let files = [
            MEMORY,
            ("/proc/self/cgroup", "0::/batch/job7\n"),
            ("/sys/fs/cgroup/batch/job7/memory.max", "max\n"),
            ("/sys/fs/cgroup/batch/memory.max", "314572800\n"),
            ("/sys/fs/cgroup/batch/memory.current", "209715200\n"),
            (
                "/sys/fs/cgroup/batch/memory.stat",
                "anon 1\ninactive_file 104857600\n",
            ),
        ];
        assert_eq!(free(&files), Some(200 * MEGABYTE));
        // In a container the group is the root.
        let root = [
            MEMORY,
            ("/proc/self/cgroup", "0::/../elsewhere\n"),
            ("/sys/fs/cgroup/memory.max", "104857600\n"),
            ("/sys/fs/cgroup/memory.current", "52428800\n"),
        ];
        assert_eq!(free(&root), Some(50 * MEGABYTE));
    }

    #[test]
    fn groups_of_the_first_version_count_as_well() {
        let files = [
            MEMORY,
            ("/proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a/b\n"),
            (
                "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes",
                "104857600\n",
            ),
            (
                "/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes",
                "41943040\n",
            ),
            (
                "/sys/fs/cgroup/memory/a/b/memory.stat",
                "inactive_file 1\ntotal_inactive_file 20971520\n",
            ),
        ];
        assert_eq!(free(&files), Some(80 * MEGABYTE));
    }
}
