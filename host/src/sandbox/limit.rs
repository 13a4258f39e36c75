//! Names the limits that a guest can exceed.

/// A limit of [`Limits`](crate::catalog::Limits) that a guest exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `memory_bytes`
    Memory,
    /// `table_elements`
    Tables,
    /// `instances`
    Instances,
    /// `stack_bytes`
    Stack,
    /// `hostcall_bytes`
    Hostcall,
    /// `handles`
    Handles,
    /// The fixed cap on random bytes at a time.
    Random,
}

/// The error with which our own host functions end a guest that exceeds a limit.
#[derive(Debug, thiserror::Error)]
#[error("the guest needed more {0} than it is allowed")]
pub(super) struct LimitReached(pub(super) Limit);

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Limit::Memory => "memory",
            Limit::Tables => "table elements",
            Limit::Instances => "instances",
            Limit::Stack => "stack",
            Limit::Hostcall => "data in one call to the host",
            Limit::Handles => "open handles",
            Limit::Random => "random bytes at a time",
        })
    }
}
