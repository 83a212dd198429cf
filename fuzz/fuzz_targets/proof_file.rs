//! Any proof file is loaded without a panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &str| {
    let _ = convprove::syntax::load(file, false);
});
