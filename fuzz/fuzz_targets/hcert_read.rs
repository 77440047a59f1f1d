//! Reads any bytes as a code in every way there is: nothing panics, no outcome contradicts another.
//!
//! ```sh
//! cargo +nightly fuzz run hcert_read -- -max_len=4400
//! ```
#![no_main]

#[path = "../../crates/hcert/tests/common/exercise.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|data: &[u8]| exercise::exercise(data));
