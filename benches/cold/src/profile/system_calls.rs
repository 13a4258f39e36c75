//! Counts system calls with strace, by name, in one run.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::contender::Contender;

use super::phase::{Phase, Phases};

/// The beginning of a request for an event.
const NEXT: &str = "\"GET /2018-06-01/runtime/invocation/next ";

/// The beginning of the answer to the function's answer, which it reads when it has sent all of its own.
const ACCEPTED: &str = "\"HTTP/1.1 202 ";

/// The line of a process that this program has ended.
const KILLED: &str = "+++ killed by SIGKILL +++";

/// The longest time in which strace writes its last line.
const PATIENCE: Duration = Duration::from_secs(10);

/// System calls by name, as often as they happen in a phase.
pub(super) type Calls = BTreeMap<String, f64>;

pub(super) fn count(contender: &Contender, folder: &Path) -> anyhow::Result<Phases<Calls>> {
    let log = folder.join(format!("{}.strace", contender.name));
    let _ = fs::remove_file(&log); // there may be none of an earlier run
    let tracer: Vec<OsString> = ["strace", "-D", "-f", "-s", "100", "-o"]
        .map(Into::into)
        .into_iter()
        .chain([log.clone().into()])
        .collect();
    drop(super::run(contender, &tracer, Phase::Warm, |_, _| Ok(()))?);
    let start = Instant::now();
    loop {
        let text = fs::read_to_string(&log).with_context(|| format!("no log {}", log.display()))?;
        if text.contains(KILLED) {
            return by_phase(&text).with_context(|| format!("see {}", log.display()));
        }
        ensure!(start.elapsed() < PATIENCE, "{} has no end", log.display());
        thread::sleep(Duration::from_millis(10));
    }
}

fn by_phase(log: &str) -> anyhow::Result<Phases<Calls>> {
    let mut lines = log.lines().take_while(|line| !line.contains(KILLED));
    Phases::try_new(|phase| {
        let mut all = Calls::new();
        let end = if phase == Phase::First { ACCEPTED } else { NEXT };
        for _ in 0..phase.messages() {
            loop {
                let line = lines.next().with_context(|| format!("{} has no end", phase.name()))?;
                if let Some(name) = name(line) {
                    *all.entry(name.to_owned()).or_default() += 1.0;
                }
                if line.contains(end) {
                    break;
                }
            }
        }
        all.values_mut().for_each(|count| *count /= phase.repeats() as f64);
        Ok(all)
    })
}

/// Returns the name of the system call that a line begins, after the number of its thread.
fn name(line: &str) -> Option<&str> {
    let (_, call) = line.split_once(' ')?;
    let (name, _) = call.trim_start().split_once('(')?;
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{ACCEPTED, KILLED, NEXT, by_phase};
    use crate::profile::phase::Phase;

    #[test]
    fn a_phase_ends_with_a_message() {
        let next = format!("7 sendto(9, {NEXT}HTTP/1.1) = 100\n");
        let start = format!("7 execve(\"/bootstrap\") = 0\n8 <... futex resumed>) = 0\n{next}");
        let first = "7 openat(AT_FDCWD, \"x\") = 3\n7 close(3 <unfinished ...>\n8 futex(0x1) = 0\n";
        let first = format!("{first}7 recvfrom(9, {ACCEPTED}Accepted) = 90\n");
        let second = format!("{next}7 mmap(NULL) = 0x1\n{next}");
        let warm = format!("7 close(3) = 0\n7 close(4) = 0\n{next}").repeat(Phase::Warm.repeats());
        let calls = by_phase(&format!("{start}{first}{second}{warm}8 {KILLED}\n7 close(1) = 0\n")).unwrap();
        let of = |calls: &super::Calls| {
            calls.iter().map(|(name, n)| format!("{name} {n}")).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(of(calls.of(Phase::Start)), "execve 1, sendto 1");
        assert_eq!(of(calls.of(Phase::First)), "close 1, futex 1, openat 1, recvfrom 1");
        assert_eq!(of(calls.of(Phase::Second)), "mmap 1, sendto 2");
        assert_eq!(of(calls.of(Phase::Warm)), "close 2, sendto 1");
        assert!(by_phase(&start).is_err());
    }
}
