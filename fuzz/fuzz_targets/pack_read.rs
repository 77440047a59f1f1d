//! Reads any text as a policy pack: it is taken or refused, and nothing panics.
//!
//! ```sh
//! cargo +nightly fuzz run pack_read -- -max_len=60000
//! ```
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = lianfang_policy::Pack::read(text);
    }
});
