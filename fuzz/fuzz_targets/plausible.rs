#![no_main]
//! See `rapport_fuzz`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| rapport_fuzz::run("plausible", data));
