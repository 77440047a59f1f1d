//! What the compiler refuses, whatever is thrown at it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use lianfang_core::words::Word;

use super::generate::{PLAIN, condition, numbers, over_tapes};
use crate::conditions::compile;
use crate::evidence::{Table, schema};

/// Scraps that conditions are made of, and some that they are not.
const SCRAPS: &[&str] = &[
    "contact",
    "==",
    "'close'",
    "&&",
    "||",
    "!",
    "(",
    ")",
    "[",
    "]",
    "in",
    "?",
    ":",
    "-",
    "+",
    "*",
    "/",
    "%",
    "<",
    "<=",
    "days_since_last_exposure",
    "never",
    "1",
    "9223372036854775807",
    "9223372036854775808",
    "1e999",
    "0x7fffffffffffffff",
    "1u",
    "37.3",
    ".",
    ",",
    "{",
    "}",
    "\"",
    "'",
    "`",
    "\\",
    "'''",
    "\"\"\"",
    "r'",
    "b'",
    "b'\\xff'",
    "'\\U0011ffff'",
    "'\\ud800'",
    "\0",
    "\u{feff}",
    "体温",
    "😀",
    "\u{202e}",
    "\n",
    "\r\n",
    "//",
    "/*",
    "has(",
    ".all(x,",
    ".map(x,",
    ".exists(1,",
    "[1].filter(",
    "symptoms",
    "temperature",
    "as",
    "loop",
    "null",
    "true",
    "._",
    "$",
    "@",
    "#",
    ";",
    "=",
];

#[test]
fn nothing_makes_the_compiler_panic() {
    over_tapes(3_000, 60, |tape| {
        let table = schema(*tape.one(Table::ALL));
        let mut text = if tape.below(2) == 0 {
            String::new()
        } else {
            condition(table, &PLAIN, tape, 2)
        };
        for _ in 0..tape.below(24) {
            let scrap = *tape.one(SCRAPS);
            let mut at = tape.below(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            text.insert_str(at, if tape.below(3) == 0 { " " } else { scrap });
        }
        if let Err(wrong) = compile(table, &numbers(), &text) {
            assert!(wrong.at <= text.chars().count(), "`{text}`: {wrong:?}");
            assert!(!wrong.message.en.is_empty() && !wrong.message.zh.is_empty());
        }
    });
}

#[test]
fn deep_and_long_conditions_neither_hang_nor_overflow() {
    let flags = |n: usize| vec!["immune"; n];
    let cases = [
        format!("{}true{}", "(".repeat(900), ")".repeat(900)),
        "(".repeat(1_990),
        "[".repeat(1_990),
        "{".repeat(1_990),
        format!("{}immune", "!".repeat(1_900)),
        "!(".repeat(990),
        format!("age == 1{}", "+1".repeat(990)),
        format!("age{} == 1", "-1".repeat(990)),
        format!("age < {}1", "-".repeat(1_900)),
        format!("age{}", "<1".repeat(990)),
        format!("age{}", ".b".repeat(990)),
        format!("age{}", "[0]".repeat(650)),
        format!("age{}", ".f()".repeat(490)),
        flags(240).join("=="),
        flags(240).join("!="),
        flags(240).join("&&"),
        flags(240).join("?immune:"),
        format!("{}immune", "immune?".repeat(280)),
        format!("{}immune{}", "(".repeat(40), "?immune:immune)".repeat(40)),
        format!("age in [{}1]", "1,".repeat(980)),
        format!("true{}", ".all(x,x)".repeat(220)),
    ];
    // Threads of a server have 2 MiB; half of it must do.
    let run = move || {
        for text in &cases {
            let _ = compile(schema(Table::Pass), &numbers(), text);
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(3 << 19)
        .spawn(run)
        .unwrap();
    assert!(thread.join().is_ok());
}
