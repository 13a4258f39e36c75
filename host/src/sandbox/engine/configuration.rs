//! Configures the engine, for the compiler and the host alike.
//!
//! `toolcell build` starts from [`config`], adds a target and a CPU baseline, and compiles; the host
//! starts from the same [`config`] and loads. Whatever wasmtime compares when it loads machine code is
//! therefore set here explicitly, on or off, and never left to a default: defaults follow cargo
//! features, and features differ between the two programs.

use std::num::NonZeroUsize;

use wasmtime::{
    Collector, Config, Engine, Inlining, InstanceAllocationStrategy, ProfilingStrategy, WasmBacktraceDetails,
};

use super::pool;
use super::version::{WASMTIME, configuration_version, module_version};
use crate::catalog;

/// The default native stack of a guest, in bytes.
pub const DEFAULT_STACK_BYTES: usize = 512 << 10;

/// The smallest stack of a guest, in bytes: with less, the start-up code of some toolchains fails.
pub const MIN_STACK_BYTES: usize = 64 << 10;

/// The largest stack of a guest, in bytes.
pub const MAX_STACK_BYTES: usize = 8 << 20;

/// The stack of host functions below the guest's own, in bytes. wasmtime aborts the process when a host
/// function overflows its stack, so this is generous; untouched pages cost nothing.
const HOST_STACK_BYTES: usize = 3 << 19;

/// The address space of each linear memory, in bytes: all that 32 bits reach, so that no access needs a
/// bounds check.
const MEMORY_RESERVATION_BYTES: u64 = 4 << 30;

/// The unmapped space after (and before) each linear memory, in bytes.
const MEMORY_GUARD_BYTES: u64 = 32 << 20;

/// The space for growth once a memory has outgrown its reservation, in bytes.
const MEMORY_GROWTH_BYTES: u64 = 2 << 30;

/// The largest initial memory that is always mapped copy-on-write, in bytes.
const DENSE_IMAGE_BYTES: u64 = 16 << 20;

/// The number of frames of a backtrace in the server's log.
const BACKTRACE_FRAMES: NonZeroUsize = NonZeroUsize::new(16).unwrap();

/// Returns the configuration that compiler and host share, with every setting explicit.
///
/// The compiler adds `target`, `cranelift_flag_enable` and `cranelift_nan_canonicalization`, which do not exist in the
/// host. wasmtime does not compare the last one when it loads machine code, but [`configuration_version`] counts it.
pub fn config() -> Config {
    let mut config = Config::new();
    tunables(&mut config);
    memory(&mut config);
    proposals(&mut config);
    component_model(&mut config);
    stack(&mut config, DEFAULT_STACK_BYTES);
    config
}

/// Returns [`config`] with another stack size, between [`MIN_STACK_BYTES`] and [`MAX_STACK_BYTES`].
///
/// wasmtime does not compare the stack when it loads machine code, so a file loads with any size.
pub(super) fn config_with_stack(stack_bytes: usize) -> Config {
    let mut config = config();
    stack(&mut config, stack_bytes.clamp(MIN_STACK_BYTES, MAX_STACK_BYTES));
    config
}

/// Describes the engine that [`config`] makes for a target triple and a CPU baseline.
pub fn describe(target: &str, cpu: &str) -> catalog::EngineInfo {
    catalog::EngineInfo {
        wasmtime: WASMTIME.to_owned(),
        configuration: configuration_version(),
        target: target.to_owned(),
        cpu: cpu.to_owned(),
    }
}

/// The reason why this host cannot run precompiled components, with the command that helps.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineMismatch {
    /// Another version of the engine compiled them.
    #[error(
        "precompiled for wasmtime {found}, this host has {WASMTIME}: run `toolcell build` with the \
         `toolcell` that belongs to this host"
    )]
    Version {
        /// The version that the bundle names.
        found: String,
    },
    /// The same engine compiled them with other settings.
    #[error(
        "precompiled for engine configuration {found}, this host has {host}: run `toolcell build` with the `toolcell` that \
         belongs to this host",
        host = configuration_version()
    )]
    Configuration {
        /// The configuration that the bundle names.
        found: u32,
    },
    /// They were compiled for another kind of machine.
    #[error(
        "precompiled for {found}, this host runs on {host}: run `toolcell build --target {arch}`",
        host = host_target(),
        arch = std::env::consts::ARCH
    )]
    Target {
        /// The target triple that the bundle names.
        found: String,
    },
}

/// Checks that this host can run what `engine` describes; wasmtime checks each file again at load.
///
/// # Errors
///
/// The difference, and the command to run.
pub fn check(engine: &catalog::EngineInfo) -> Result<(), EngineMismatch> {
    if major(&engine.wasmtime) != major(WASMTIME) {
        let found = engine.wasmtime.clone();
        return Err(EngineMismatch::Version { found });
    }
    if engine.configuration != configuration_version() {
        let found = engine.configuration;
        return Err(EngineMismatch::Configuration { found });
    }
    if engine.target != host_target() {
        let found = engine.target.clone();
        return Err(EngineMismatch::Target { found });
    }
    Ok(())
}

/// Creates an engine; wasmtime does not compare the allocation when it loads machine code.
///
/// # Errors
///
/// The system has too little address space for a pool. Without a pool, it fails only if [`config`] contradicts
/// itself, which every test would show.
pub(super) fn engine(stack_bytes: usize, pool: Option<u32>) -> wasmtime::Result<Engine> {
    let mut config = config_with_stack(stack_bytes);
    if let Some(calls) = pool {
        config.allocation_strategy(pool::strategy(calls));
    }
    Engine::new(&config)
}

/// Returns the target triple of this machine.
pub fn host_target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// Returns the major version: wasmtime loads what any release with the same one compiled.
fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

/// Sets what compiled code does and contains.
fn tunables(config: &mut Config) {
    config
        .epoch_interruption(true)
        .consume_fuel(false)
        .concurrency_support(false)
        .signals_based_traps(true)
        .compiler_inlining(Inlining::No)
        .table_lazy_init(true)
        // Lean code: no map from machine code to WebAssembly offsets, no symbols, no unwind tables.
        // Backtraces in the log still name functions.
        .generate_address_map(false)
        .debug_info(false)
        .debug_symbols(false)
        .native_unwind_info(false)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_backtrace_max_frames(Some(BACKTRACE_FRAMES))
        .profiler(ProfilingStrategy::None)
        .shared_memory(false)
        .collector(Collector::Null);
    config.module_version(module_version()).expect("a module version is a short text");
}

/// Sets how linear memories are laid out and filled.
fn memory(config: &mut Config) {
    config
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .memory_reservation(MEMORY_RESERVATION_BYTES)
        .memory_guard_size(MEMORY_GUARD_BYTES)
        .memory_reservation_for_growth(MEMORY_GROWTH_BYTES)
        .memory_may_move(true)
        .guard_before_linear_memory(true)
        .memory_init_cow(true)
        .memory_guaranteed_dense_image_size(DENSE_IMAGE_BYTES)
        .force_memory_init_memfd(false);
}

/// Turns on the WebAssembly proposals that toolchains for plugins use, and all others off.
fn proposals(config: &mut Config) {
    config
        // Rust, C, C++, Zig, Go, StarlingMonkey, QuickJS and CPython need these.
        .wasm_bulk_memory(true)
        .wasm_multi_value(true)
        .wasm_reference_types(true)
        .wasm_simd(true)
        .wasm_extended_const(true)
        .wasm_multi_memory(true)
        // No toolchain needs these yet, and each is code that a hostile guest could reach.
        .wasm_tail_call(false)
        .wasm_relaxed_simd(false)
        .relaxed_simd_deterministic(true)
        .wasm_function_references(false)
        .wasm_gc(false)
        .wasm_exceptions(false)
        .wasm_memory64(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .wasm_stack_switching(false)
        .wasm_shared_everything_threads(false)
        .wasm_branch_hinting(false);
}

/// Sets the component model to that of WASI 0.2, without async and without what WIT tools cannot write yet.
fn component_model(config: &mut Config) {
    config
        .wasm_component_model(true)
        .wasm_component_model_error_context(false)
        .wasm_component_model_gc(false)
        .wasm_component_model_map(false)
        .wasm_component_model_memory64(false)
        .wasm_component_model_fixed_length_lists(false)
        .wasm_component_model_implements(false);
}

/// Sets the guest's stack, and the host's part of the same stack.
fn stack(config: &mut Config, stack_bytes: usize) {
    config
        .max_wasm_stack(stack_bytes)
        .async_stack_size(stack_bytes + HOST_STACK_BYTES)
        .async_stack_zeroing(true);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stack_between_the_bounds_makes_an_engine() {
        for stack_bytes in [0, MIN_STACK_BYTES, DEFAULT_STACK_BYTES, MAX_STACK_BYTES, usize::MAX] {
            assert!(engine(stack_bytes, Some(1)).is_ok(), "{stack_bytes}");
            assert!(engine(stack_bytes, Some(64)).is_ok(), "{stack_bytes}");
            assert!(engine(stack_bytes, None).is_ok(), "{stack_bytes}");
        }
    }
}
