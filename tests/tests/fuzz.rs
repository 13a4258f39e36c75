//! The program of the fuzzer: hands inputs of libFuzzer, which brings `main`, to the check of one target.
//!
//! `fuzz/run.sh` builds it. `TOOLCELL_FUZZ` names the target.

#![no_main]
#![allow(unsafe_code, reason = "libFuzzer is written in C++")]

use std::ffi::{c_char, c_int};
use std::sync::LazyLock;
use std::{env, panic, process, slice};

use toolcell_tests::fuzz::{TARGETS, Target};

/// The variable that names the target.
const VARIABLE: &str = "TOOLCELL_FUZZ";

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = env::var(VARIABLE).unwrap_or_default();
    let target = TARGETS.into_iter().find(|target| target.name == name);
    target.unwrap_or_else(|| {
        panic!("{VARIABLE}={name}: expected one of {:?}", TARGETS.map(|target| target.name))
    })
});

/// Prepares the process: the first panic ends it, wherever it is caught, and libFuzzer keeps the input.
#[unsafe(no_mangle)]
extern "C" fn LLVMFuzzerInitialize(_: *mut c_int, _: *mut *mut *mut c_char) -> c_int {
    let told = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        told(info);
        process::abort();
    }));
    LazyLock::force(&TARGET);
    0
}

/// Checks an input.
#[unsafe(no_mangle)]
extern "C" fn LLVMFuzzerTestOneInput(data: *const u8, size: usize) -> c_int {
    let input = match size {
        0 => &[],
        // SAFETY: libFuzzer hands out `size` bytes and leaves them alone until this function returns.
        _ => unsafe { slice::from_raw_parts(data, size) },
    };
    (TARGET.check)(input);
    0
}
