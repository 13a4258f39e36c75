//! Lambda's limits, each with the page that documents it.

use std::time::Duration;

/// Bytes of an invocation's payload, request or buffered response: 6 MB and a small allowance.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>; the exact number is the one that
/// Amazon's Runtime Interface Emulator enforces.
pub const PAYLOAD_BYTES: usize = 6 * 1024 * 1024 + 100;

/// Bytes of a request's body, and of a response's document, that pass a load balancer: 1 MB.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>
pub const LOAD_BALANCER_BYTES: usize = 1024 * 1024;

/// Bytes of a streamed response.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>
pub const STREAM_BYTES: usize = 200 * 1024 * 1024;

/// Bytes of a streamed response that are sent as fast as they come (same page).
pub const BURST_BYTES: usize = 6 * 1024 * 1024;

/// Bytes a second of a streamed response after [`BURST_BYTES`] (same page).
pub const STREAM_BYTES_PER_SECOND: usize = 2 * 1024 * 1024;

/// Bytes of a streamed response's prelude. AWS documents no number; the limit keeps a function that never ends its
/// prelude from filling the memory.
pub const PRELUDE_BYTES: usize = 64 * 1024;

/// The longest time from a function's start to its first request for an invocation.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
pub const INIT: Duration = Duration::from_secs(10);

/// A function's timeout when none is configured.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>
pub const TIMEOUT: Duration = Duration::from_secs(3);

/// The longest timeout that can be configured (same page).
pub const TIMEOUT_MAX: Duration = Duration::from_secs(900);

/// Memory that can be configured, in MB.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
pub const MEMORY_MB: std::ops::RangeInclusive<u32> = 128..=10_240;

/// The most open files of an execution environment.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const OPEN_FILES: u64 = 1024;

/// Megabytes of `/tmp` when nothing else is configured.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html>
pub const TMP_MB: u32 = 512;

/// The time that a request waits for an environment whose response has ended but which has not yet asked for the next
/// invocation. On AWS a request travels for longer than that step takes; on one machine it does not. The step takes a
/// millisecond, and much longer where the machine is busy with other things.
pub const HANDOVER: Duration = Duration::from_secs(10);
