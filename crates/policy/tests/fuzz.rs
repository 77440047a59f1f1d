//! Packs as a careless or hostile hand may write them: read or refused, never a panic, never a hang.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{ON, Tape, evidence, over_tapes};
use lianfang_core::words::Word;
use lianfang_policy::{Pack, Table, decide_record, explain, shipped_ids};

const SMALL: &str = include_str!("packs/small.toml");

/// Scraps of conditions, of TOML, and of nothing.
const SCRAPS: &[&str] = &[
    " && ",
    " || ",
    "!",
    "(",
    ")",
    "((((((((((((((((((((((((((((((((",
    "[",
    "]",
    "[]",
    "{",
    "}",
    "{}",
    "{days}",
    "{nobody}",
    " == ",
    " != ",
    " < ",
    " in ",
    " ? ",
    " : ",
    " - ",
    " + ",
    " * ",
    " / ",
    "never",
    "true",
    "false",
    "null",
    "'close'",
    "'",
    "\"",
    "\"\"\"",
    "'''",
    "\\",
    "\\u0000",
    "\\U0010ffff",
    "\\ud800",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "体温",
    "😀",
    "0",
    "-1",
    "1",
    "14",
    "3650",
    "3651",
    "400",
    "37.3",
    "1e308",
    "-0.0",
    "nan",
    "inf",
    "9223372036854775807",
    "99999999999999999999999999",
    "0x7fffffff",
    "1979-05-27T07:32:00Z",
    "2020-03-08",
    "contact",
    "days_since_last_exposure",
    "healthy_reports",
    "symptoms",
    "temperature",
    "last_exposure",
    "red",
    "green",
    "[[pass]]\n",
    "[numbers.x]\n",
    "\n",
    "\r\n",
    "=",
    ",",
    ".",
    "#",
    "size(symptoms)",
    ".all(x, x)",
    ".b.b.b.b.b.b.b.b.b.b.b.b",
    "1+1+1+1+1+1+1+1+1+1+1+1+1+1",
];

/// Reads a pack; one that is taken must decide whatever it is asked.
fn read(text: &str, tape: &mut Tape<'_>) -> bool {
    let read = Pack::read_untried(text);
    let Ok(pack) = read else {
        return false;
    };
    for table in Table::ALL {
        let evidence = evidence(&pack, *table, tape);
        let decided = decide_record(&pack, *table, &evidence, ON).unwrap();
        assert_eq!(
            explain(&pack, *table, &evidence, ON).unwrap().decision,
            decided
        );
    }
    let _ = Pack::read(text);
    true
}

fn word<'w>(of: &[&'w str], tape: &mut Tape<'_>) -> &'w str {
    of[tape.below(of.len())]
}

fn place(text: &str, tape: &mut Tape<'_>) -> usize {
    let mut at = tape.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The text with one thing changed.
fn changed(text: &str, tape: &mut Tape<'_>) -> String {
    let mut out = text.to_owned();
    match tape.below(8) {
        0 => {
            // Bytes, put right again where they are no text.
            let mut bytes = out.into_bytes();
            let at = tape.below(bytes.len());
            bytes[at] ^= 1 << tape.below(8);
            out = String::from_utf8_lossy(&bytes).into_owned();
        }
        1 => {
            let from = place(&out, tape);
            let mut to = (from + tape.below(40)).min(out.len());
            while !out.is_char_boundary(to) {
                to -= 1;
            }
            out.replace_range(from..to.max(from), "");
        }
        2 | 3 => {
            let lines: Vec<&str> = text.lines().collect();
            let (from, to) = (tape.below(lines.len()), tape.below(lines.len()));
            let mut lines = lines;
            if tape.below(2) == 0 {
                lines.insert(to, lines[from]);
            } else {
                lines.swap(from, to);
            }
            out = lines.join("\n");
        }
        4 => {
            // A number becomes another.
            let numbers: Vec<(usize, &str)> =
                text.match_indices(|c: char| c.is_ascii_digit()).collect();
            let (at, digit) = *tape.one(&numbers);
            out.replace_range(
                at..at + digit.len(),
                word(&["0", "1", "9", "99", "99999999999", "-1", "0.5"], tape),
            );
        }
        5 => {
            // Within a condition.
            let conditions: Vec<(usize, &str)> = text.match_indices("when = \"").collect();
            let (at, start) = *tape.one(&conditions);
            let from = at + start.len();
            let end = from + text[from..].find('"').unwrap_or(0);
            let mut within = from + tape.below(end - from + 1);
            while !out.is_char_boundary(within) {
                within -= 1;
            }
            out.insert_str(within, word(SCRAPS, tape));
        }
        6 => {
            // A whole condition.
            let conditions: Vec<(usize, &str)> = text.match_indices("when = \"").collect();
            let (at, start) = *tape.one(&conditions);
            let from = at + start.len();
            let end = from + text[from..].find('"').unwrap_or(0);
            let scraps: String = (0..tape.below(12)).map(|_| word(SCRAPS, tape)).collect();
            out.replace_range(from..end, &scraps);
        }
        _ => {
            let at = place(&out, tape);
            out.insert_str(at, word(SCRAPS, tape));
        }
    }
    out
}

#[test]
fn small_packs_changed_at_random() {
    let taken = std::cell::Cell::new(0);
    over_tapes(4_000, 60, |tape| {
        let mut text = SMALL.to_owned();
        for _ in 0..=tape.below(3) {
            text = changed(&text, tape);
        }
        taken.set(taken.get() + u32::from(read(&text, tape)));
    });
    assert!(
        taken.get() > 200,
        "too few are taken to say much: {taken:?}"
    );
}

#[test]
fn shipped_packs_changed_at_random() {
    let packs: Vec<Pack> = shipped_ids()
        .into_iter()
        .map(|id| Pack::shipped(id).unwrap())
        .collect();
    over_tapes(300, 60, |tape| {
        let text = changed(&tape.one(&packs).text, tape);
        read(&text, tape);
    });
}

#[test]
fn what_is_no_pack_at_all() {
    over_tapes(2_000, 200, |tape| {
        let text: String = (0..tape.below(60)).map(|_| word(SCRAPS, tape)).collect();
        assert!(!read(&text, tape));
    });
}

#[test]
fn deep_and_wide_ones() {
    for text in [
        "[".repeat(200_000),
        "a = ".to_owned() + &"[".repeat(200_000),
        "a = ".to_owned() + &"{a=".repeat(80_000),
        "[a".to_owned() + &".a".repeat(100_000) + "]",
        "a".to_owned() + &".a".repeat(100_000) + " = 1",
        "\u{4e00}".repeat(80_000),
        "#".repeat(250_000),
        "[[pass]]\n".repeat(28_000),
        "\"".repeat(250_000),
        "a=1\n".repeat(60_000),
        SMALL.replace(
            "[0.0, 0.5, 0.5]",
            &format!("[{}1.0]", "0.0, ".repeat(45_000)),
        ),
        SMALL.replace("mean = 4.7, sd = 2.9", "mean = 4.7, sd = 1e-300"),
        SMALL.replace("mean = 4.7, sd = 2.9", "mean = 1e-300, sd = 1e-300"),
        SMALL.replace("mean = 4.7, sd = 2.9", "mean = 3650.0, sd = 0.000001"),
        SMALL.replace(
            "meanlog = 1.621, sdlog = 0.418",
            "meanlog = 8.0, sdlog = 1e-308",
        ),
    ] {
        let _ = Pack::read(&text);
    }
}
