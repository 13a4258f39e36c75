//! Where instances live: a pool of memories, tables and stacks, cleaned after each call instead of unmapped.
//!
//! A call on demand costs seven system calls that change the address space and the page faults after
//! them, half of the CPU time of a short call (docs/benchmarks.md). A pool keeps the mappings. Isolation is
//! the same: what a guest wrote is put back to its initial contents before a slot is used again.
//!
//! The pool has room for a number of calls of the largest component that it admits, so no plugin can take the room of
//! another. A component that is larger, or a system that lends too little address space, is served on demand.

use wasmtime::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::catalog::Limits;

/// Calls that run side by side unless the sandbox was made for another number; a further one waits for its
/// slot, within its deadline.
pub(super) const CALLS: u32 = 64;

/// Linear memories of one component in the pool: address space only, 4 GiB each.
const MEMORIES: u32 = 4;

/// Tables of one component. Language runtimes come as several core modules, each with tables of its own.
const TABLES: u32 = 16;

/// Core instances of one component: JavaScript and Python components hold more than six each.
const CORE_INSTANCES: u32 = 16;

/// Largest bookkeeping of one instance, in bytes.
const INSTANCE_BYTES: usize = 4 << 20;

/// Memory of one slot that is cleaned in place and stays resident, in bytes.
const KEEP_MEMORY_BYTES: usize = 1 << 20;

/// The same of a table.
const KEEP_TABLE_BYTES: usize = 64 << 10;

/// The same of a stack: what a short call touches.
const KEEP_STACK_BYTES: usize = 16 << 10;

/// Where the instances of an engine live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sandbox) enum Allocation {
    /// In a pool with room for so many calls.
    Pooled {
        /// Calls that run side by side.
        calls: u32,
    },
    /// Each in mappings of its own.
    OnDemand,
}

/// The pool of one engine, with room for `calls`.
pub(super) fn strategy(calls: u32) -> InstanceAllocationStrategy {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_stacks(calls)
        .total_core_instances(CORE_INSTANCES * calls)
        .max_core_instances_per_component(CORE_INSTANCES)
        .total_memories(MEMORIES * calls)
        .max_memories_per_component(MEMORIES)
        .max_memories_per_module(MEMORIES)
        .total_tables(TABLES * calls)
        .max_tables_per_component(TABLES)
        .max_tables_per_module(TABLES)
        .table_elements(Limits::MAXIMUM.table_elements)
        .max_core_instance_size(INSTANCE_BYTES)
        .max_component_instance_size(INSTANCE_BYTES)
        .async_stack_keep_resident(KEEP_STACK_BYTES)
        .pagemap_scan(Enabled::Auto);
    // Without the kernel's help (Linux 6.7) all that is kept would be copied, touched or not: slower
    // than giving it back.
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.linear_memory_keep_resident(KEEP_MEMORY_BYTES).table_keep_resident(KEEP_TABLE_BYTES);
    }
    InstanceAllocationStrategy::Pooling(pool)
}
