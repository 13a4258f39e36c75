//! Where instances live: a pool of memories, tables and stacks, cleaned after each call instead of unmapped.
//!
//! A call on demand costs seven system calls that change the address space and the page faults after
//! them, half of the CPU time of a short call (docs/benchmarks.md). A pool keeps the mappings. Isolation is
//! the same: what a guest wrote is put back to its initial contents before a slot is used again.

use wasmtime::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::catalog::Limits;

/// Calls that run side by side; a further one waits for its turn, within its deadline.
pub(super) const CALLS: usize = 64;

/// Memories in the pool, for all calls together: address space only, 4 GiB each.
const MEMORIES: u32 = 4 * CALLS as u32;

/// Tables in the pool. Language runtimes come as several core modules, each with tables of its own.
const TABLES: u32 = 16 * CALLS as u32;

/// Core instances in the pool: JavaScript and Python components hold more than six each.
const CORE_INSTANCES: u32 = 16 * CALLS as u32;

/// Largest bookkeeping of one instance, in bytes.
const INSTANCE_BYTES: usize = 4 << 20;

/// Memory of one slot that is cleaned in place and stays resident, in bytes.
const KEEP_MEMORY_BYTES: usize = 1 << 20;

/// The same of a table.
const KEEP_TABLE_BYTES: usize = 64 << 10;

/// The same of a stack: what a short call touches.
const KEEP_STACK_BYTES: usize = 16 << 10;

/// The pool of one engine.
pub(super) fn strategy() -> InstanceAllocationStrategy {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(CALLS as u32)
        .total_stacks(CALLS as u32)
        .total_core_instances(CORE_INSTANCES)
        .total_memories(MEMORIES)
        .total_tables(TABLES)
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
