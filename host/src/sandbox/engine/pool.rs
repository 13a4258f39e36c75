//! Configures the pool of memories, tables and stacks, which are cleaned after each call instead of unmapped.
//!
//! On demand, a call costs seven system calls that change the address space, and the page faults after them:
//! half of the CPU time of a short call (docs/benchmarks.md). A pool keeps the mappings. Isolation is the same:
//! a slot gets its initial contents back before the next call.
//!
//! Every slot has room for the largest component that the pool admits, so no plugin can take the room of another.
//! A larger component runs on demand, and so does every component on a system with too little address space.

use wasmtime::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::catalog::Limits;

/// The default number of calls at a time; a further one waits for its slot, within its deadline.
pub(super) const CALLS: u32 = 64;

/// The linear memories of one component in the pool: address space only, 4 GiB each.
const MEMORIES: u32 = 4;

/// The tables of one component. A language runtime has several core modules, each with tables of its own.
const TABLES: u32 = 16;

/// The core instances of one component: JavaScript and Python components have more than six each.
const CORE_INSTANCES: u32 = 16;

/// The largest bookkeeping of one instance, in bytes.
const INSTANCE_BYTES: usize = 4 << 20;

/// The memory of one slot that is cleaned in place and stays resident, in bytes.
const KEEP_MEMORY_BYTES: usize = 1 << 20;

/// The same for a table.
const KEEP_TABLE_BYTES: usize = 64 << 10;

/// The same for a stack: what a short call touches.
const KEEP_STACK_BYTES: usize = 16 << 10;

/// The way in which an engine allocates instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allocation {
    /// In a pool with a slot for each call at a time.
    Pooled,
    /// Each in its own mappings.
    OnDemand,
}

/// Returns the pool of one engine, with room for `calls`.
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
    // Without the kernel's help (Linux 6.7), wasmtime would copy everything that is kept, touched or not: slower
    // than giving it back.
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.linear_memory_keep_resident(KEEP_MEMORY_BYTES).table_keep_resident(KEEP_TABLE_BYTES);
    }
    InstanceAllocationStrategy::Pooling(pool)
}
