#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| toolcell_tests::fuzz::section(data));
