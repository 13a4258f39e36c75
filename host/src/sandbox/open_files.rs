//! Keeps descriptors free for the server, however many files guests hold open.

use std::sync::LazyLock;

use rustix::io::{Errno, dup};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The descriptors that guests leave to the server: its connections, its code, its log, the files that open at this
/// moment.
const RESERVED: u64 = 352;

/// The first descriptor that no guest may get.
static CEILING: LazyLock<u64> = LazyLock::new(|| ceiling(raised()));

/// Tells whether a guest may open another file.
///
/// A new descriptor gets the lowest number that is free. So if guests open files only while that is below
/// [`CEILING`], they never hold one above it, and as many as [`RESERVED`] are left.
pub(super) fn has_room() -> bool {
    match dup(std::io::stderr()) {
        Ok(lowest) => u64::try_from(std::os::fd::AsRawFd::as_raw_fd(&lowest)).is_ok_and(|at| at < *CEILING),
        Err(Errno::MFILE | Errno::NFILE) => false,
        // Without stderr there is nothing to learn from.
        Err(_) => true,
    }
}

fn ceiling(limit: u64) -> u64 {
    limit - RESERVED.min(limit / 2)
}

/// Raises the number of files that the process may open to what the system allows it, and returns it: many shells set
/// 1024, which two calls of a plugin would use up.
fn raised() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // No limit at all, or one that cannot be raised, is as good as the one that there is.
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let limit = if raised.is_ok() { maximum } else { current };
    limit.unwrap_or(u64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_leave_a_fixed_number_and_at_least_half() {
        for (limit, left) in [(20_000, 352), (1024, 352), (704, 352), (256, 128), (1, 0)] {
            assert_eq!(limit - ceiling(limit), left, "{limit}");
        }
    }

    #[test]
    fn a_process_with_few_open_files_has_room() {
        assert!(has_room());
    }
}
