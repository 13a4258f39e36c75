//! Defines the limits of a call, their defaults, and the most that any configuration can set.

use serde::{Deserialize, Serialize};

/// The bytes in a KiB.
const KIB: usize = 1 << 10;
/// The bytes in a MiB.
const MIB: usize = 1 << 20;

/// Memories of all instances together. The plainest Rust plugin takes 1.1 MiB, a Python one about
/// 16 MiB before it runs; 64 MiB leaves room to work and fits the smallest Lambda function (128 MB).
const MEMORY_BYTES: usize = 64 * MIB;
/// Table elements: function pointers, 8 bytes each on the host. CPython's interpreter has about 9,000.
const TABLE_ELEMENTS: usize = 20_000;
/// Core instances: a Rust component has 4, a Python one up to 12.
const INSTANCES: usize = 16;
/// Native stack: wasmtime's own default, enough for every language runtime tried.
const STACK_BYTES: usize = 512 * KIB;
/// Data of one host call: as much as a result may hold, with room for its encoding.
const HOSTCALL_BYTES: usize = 16 * MIB;
/// Handles alive at once: far more than any plugin tried holds, far fewer than would hurt the host.
const HANDLES: usize = 1_000;
/// Result and questions as they are sent: the most that a buffered Lambda response may hold.
const OUTPUT_BYTES: usize = 6 * MIB;
/// Decoded arguments: a body of the largest size accepted, as the widest values it can spell in practice.
const INPUT_BYTES: usize = 16 * MIB;
/// stdout, stderr and messages: some 250 lines with their frames; a log is paid for by the byte.
const LOG_BYTES: usize = 64 * KIB;
/// Notifications: ten a second for as long as a call lasts, and more.
const NOTIFICATIONS: usize = 1_000;
/// Wall time: most interactive clients give up after 30 to 60 s.
const DEADLINE_MS: u64 = 30_000;

/// The limits of one call; `sandbox`, `codec` or `call` enforces each field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The sum of all linear memories, in bytes.
    pub memory_bytes: usize,
    /// The sum of all tables, in elements.
    pub table_elements: usize,
    /// The core instances, and as many memories and tables, that one component instance may create.
    pub instances: usize,
    /// The native stack of the guest, in bytes, at most the engine's own cap.
    pub stack_bytes: usize,
    /// The data that one host call may copy out of the guest, in bytes (wasmtime's hostcall fuel).
    pub hostcall_bytes: usize,
    /// The handles (streams, pollables, descriptors) that may exist at a time.
    pub handles: usize,
    /// The result and the questions as they are sent, in bytes of JSON.
    pub output_bytes: usize,
    /// The decoded arguments, in bytes of guest memory.
    pub input_bytes: usize,
    /// The lines that the guest prints or logs, in bytes with their frames; the rest is dropped with one marker.
    pub log_bytes: usize,
    /// The progress and log notifications to the client; on average, each may take 1 KiB.
    pub notifications: usize,
    /// The wall time from the start of the call, in milliseconds.
    pub deadline_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: MEMORY_BYTES,
            table_elements: TABLE_ELEMENTS,
            instances: INSTANCES,
            stack_bytes: STACK_BYTES,
            hostcall_bytes: HOSTCALL_BYTES,
            handles: HANDLES,
            output_bytes: OUTPUT_BYTES,
            input_bytes: INPUT_BYTES,
            log_bytes: LOG_BYTES,
            notifications: NOTIFICATIONS,
            deadline_ms: DEADLINE_MS,
        }
    }
}

impl Limits {
    /// Returns each limit with the name of its field.
    pub fn named(&self) -> [(&'static str, u64); 11] {
        let sizes = [
            ("memory_bytes", self.memory_bytes),
            ("table_elements", self.table_elements),
            ("instances", self.instances),
            ("stack_bytes", self.stack_bytes),
            ("hostcall_bytes", self.hostcall_bytes),
            ("handles", self.handles),
            ("output_bytes", self.output_bytes),
            ("input_bytes", self.input_bytes),
            ("log_bytes", self.log_bytes),
            ("notifications", self.notifications),
        ];
        let mut named = [("deadline_ms", self.deadline_ms); 11];
        for (place, (name, size)) in named.iter_mut().zip(sizes) {
            *place = (name, size as u64);
        }
        named
    }

    /// Returns the higher one of each limit.
    #[must_use]
    pub fn max(&self, other: &Self) -> Self {
        Self {
            memory_bytes: self.memory_bytes.max(other.memory_bytes),
            table_elements: self.table_elements.max(other.table_elements),
            instances: self.instances.max(other.instances),
            stack_bytes: self.stack_bytes.max(other.stack_bytes),
            hostcall_bytes: self.hostcall_bytes.max(other.hostcall_bytes),
            handles: self.handles.max(other.handles),
            output_bytes: self.output_bytes.max(other.output_bytes),
            input_bytes: self.input_bytes.max(other.input_bytes),
            log_bytes: self.log_bytes.max(other.log_bytes),
            notifications: self.notifications.max(other.notifications),
            deadline_ms: self.deadline_ms.max(other.deadline_ms),
        }
    }

    /// The most that any configuration can set.
    ///
    /// 32-bit memories end at 4 GiB, the engine's stack at 8 MiB, and a Lambda function after 15 minutes. The
    /// others keep a typing error (`60 GiB`) from exhausting the server.
    pub const MAXIMUM: Self = Self {
        memory_bytes: 4096 * MIB,
        table_elements: 1_000_000,
        instances: 1_000,
        stack_bytes: 8 * MIB,
        hostcall_bytes: 256 * MIB,
        handles: 100_000,
        output_bytes: 64 * MIB,
        input_bytes: 256 * MIB,
        log_bytes: 16 * MIB,
        notifications: 100_000,
        deadline_ms: 900_000,
    };
}
