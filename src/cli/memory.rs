//! How much memory the process may have, as the system says.

use std::fs;
use std::path::Path;

/// The least of what the system allows: address space, data, the groups it is in, the machine itself. None where
/// nothing is said.
pub fn allowed() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let machine = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    of_process(&limits).into_iter().chain(of_machine(&machine)).chain(of_groups(&groups)).min()
}

/// Soft limits of address space and data.
fn of_process(limits: &str) -> Option<u64> {
    let soft = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name))?;
        line[name.len()..].split_whitespace().next()?.parse().ok()
    };
    ["Max address space", "Max data size"].into_iter().filter_map(soft).min()
}

fn of_machine(memory: &str) -> Option<u64> {
    let line = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    kib.checked_mul(1024)
}

/// Of every control group from its own upwards, in both versions.
fn of_groups(groups: &str) -> Option<u64> {
    let folders = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        match (parts.next()?, parts.next()?) {
            ("", path) => Some(("/sys/fs/cgroup", path, "memory.max")),
            ("memory", path) => Some(("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes")),
            _ => None,
        }
    });
    let limits = folders.flat_map(|(root, path, file)| {
        Path::new(path.trim_start_matches('/')).ancestors().map(move |folder| Path::new(root).join(folder).join(file))
    });
    limits.filter_map(|file| fs::read_to_string(file).ok()?.trim().parse().ok()).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_files_are_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max data size             unlimited            unlimited            bytes     \n\
                      Max address space         1048576000           unlimited            bytes     \n";
        assert_eq!(of_process(limits), Some(1_048_576_000));
        assert_eq!(of_process(""), None);
        assert_eq!(of_machine("MemTotal:       16384 kB\nMemFree: 1 kB\n"), Some(16 << 20));
        assert_eq!(of_groups("1:cpu:/nowhere\n"), None);
    }
}
