//! No number of days, threshold or deadline stands in the code: they stand in policy packs.
//!
//! Every line of every crate and page that speaks of time or thresholds and holds a number is
//! looked at. What is no rule of a response (a unit, a format, a bound on what is accepted, the
//! length of a session) is named below with its reason; what is named and no longer there fails
//! too, so that the list stays true.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Words that a rule of a response would stand beside.
const WORDS: [&str; 17] = [
    "day",
    "week",
    "hour",
    "month",
    "deadline",
    "threshold",
    "quarantine",
    "isolat",
    "retention",
    "expire",
    "incubation",
    "serial",
    "fever",
    "overdue",
    "late_after",
    "climb",
    "recent",
];

/// Places that hold no rules, with the reason.
const PLACES: [(&str, &str); 6] = [
    (
        "crates/city/",
        "describes a synthetic city and its outbreak, which decide nothing",
    ),
    (
        "crates/cli/src/demo",
        "the script of the demo: who did what on which morning",
    ),
    (
        "crates/cli/src/drill",
        "the script of the drill: who does what at which hour of its day",
    ),
    (
        "crates/core/src/identifiers/",
        "digits of documents by their standards",
    ),
    ("crates/store/src/views/", "places of columns"),
    (
        "crates/hcert/src/dcc.rs",
        "fields of the certificate's schema",
    ),
];

/// Lines that hold a number beside such a word and are no rule, with the reason.
const LINES: [(&str, &str, &str); 65] = [
    (
        "crates/intake/src/visits.rs",
        "time.hour()) * 60",
        "minutes of an hour",
    ),
    (
        "crates/intake/src/visits.rs",
        "hour > 23 || minute > 59",
        "the hours of a day",
    ),
    (
        "crates/intake/src/visits.rs",
        "(hour * 60 + minute)",
        "minutes of an hour",
    ),
    (
        "crates/service/src/visits/trace/asked.rs",
        "10 => text.parse().map(Self::Day)",
        "characters of a day as it is written",
    ),
    (
        "crates/policy/src/settings.rs",
        "field.waiting_hours",
        "a bound of a setting",
    ),
    (
        "crates/policy/src/settings.rs",
        "field.foreseen_days",
        "a bound of a setting",
    ),
    (
        "crates/policy/src/settings.rs",
        "hours.windows(2)",
        "neighbours in a list",
    ),
    (
        "crates/policy/src/settings.rs",
        "(1..=24).contains(hour)",
        "the hours of a day",
    ),
    (
        "crates/service/src/foresight.rs",
        "date.year() < 1900",
        "a bound on what is typed in",
    ),
    (
        "crates/service/src/foresight/making.rs",
        "as_of.year() < 1900",
        "a bound on what is typed in",
    ),
    (
        "web/src/lib/charts/fan/option.ts",
        "[1, 2, 7, 14, 28]",
        "every how many days a date is written",
    ),
    (
        "web/src/lib/charts/packs/option.ts",
        "[1, 2, 7, 14, 28]",
        "every how many days a date is written",
    ),
    (
        "web/src/lib/charts/fan/view.ts",
        "PAST_DAYS",
        "days that a chart has room for",
    ),
    (
        "crates/service/src/entry/checkpoints/kit.rs",
        "day(2)",
        "a phone keeps those of yesterday, today and tomorrow at hand",
    ),
    (
        "crates/service/src/entry/checkpoints/queue.rs",
        "clamp(0, 23)",
        "the hours of a day",
    ),
    (
        "crates/service/src/entry/checkpoints/queue.rs",
        "24 * i64::from(learn)",
        "hours of a day",
    ),
    (
        "crates/service/src/entry/checkpoints/queue.rs",
        "at % 24 == of_day",
        "the hours of a day",
    ),
    (
        "crates/service/src/entry/checkpoints.rs",
        "LONGEST_SHIFT",
        "a bound on what is typed in",
    ),
    (
        "crates/service/src/entry/found.rs",
        "24 * days",
        "hours of a day",
    ),
    (
        "crates/service/src/entry/lists.rs",
        "after.as_secs_f64() / 360.0",
        "seconds to tenths of an hour",
    ),
    (
        "crates/service/src/entry/numbers.rs",
        "hours.len() / 2",
        "the middle of a list",
    ),
    (
        "crates/service/src/entry/numbers.rs",
        "hours.len() % 2",
        "the middle of a list",
    ),
    (
        "crates/service/src/entry/numbers.rs",
        "(h * 10.0).round() / 10.0",
        "rounded to tenths",
    ),
    (
        "crates/service/src/field/person.rs",
        "today.year() - born.year()",
        "a bound on ages",
    ),
    (
        "crates/service/src/field/taking.rs",
        "oldest_entry_days",
        "hours of a day",
    ),
    (
        "web/field/declare/Arrival.svelte",
        "slice(0, 4)",
        "the year of a date",
    ),
    (
        "web/field/lib/clock.ts",
        "86_400_000",
        "milliseconds of a day",
    ),
    (
        "web/field/lib/rules.ts",
        "MS_PER_DAY",
        "milliseconds of a day",
    ),
    (
        "web/field/round/Arrival.svelte",
        "MS_PER_DAY",
        "milliseconds of a day",
    ),
    ("web/src/lib/field/words.ts", "hours / 24", "hours of a day"),
    (
        "web/src/rooms/gates/arrivals/filters.ts",
        "isDay",
        "the form of a date",
    ),
    (
        "web/src/rooms/gates/foreseen/option.ts",
        "today, {",
        "places on the canvas",
    ),
    (
        "web/src/rooms/quarantine/order/Temperatures.svelte",
        "shortDay",
        "places on the canvas",
    ),
    (
        "crates/core/src/time.rs",
        "Date::constant(1970, 1, 1)",
        "the epoch",
    ),
    ("crates/epi/src/delays.rs", ".powi(2)", "a square"),
    (
        "crates/epi/src/stays.rs",
        "LEARN_DAYS: i32 = 28",
        "the method's own: four weeks of entries make a level by weekday",
    ),
    (
        "crates/epi/src/stays.rs",
        "TRIED_DAYS: i32 = 14",
        "the method's own: days on which it tries itself",
    ),
    (
        "crates/service/src/foresight/numbers.rs",
        "COUNTED_DAYS: i32 = 60",
        "what a page shows of the past, and the baseline learns from",
    ),
    ("crates/epi/src/growth.rs", ".powi(2)", "a square"),
    (
        "crates/epi/src/incidence.rs",
        "MAX_DAYS: usize = 3_660",
        "a bound on the length of a series",
    ),
    (
        "crates/epi/src/rt.rs",
        "sliding_windows(days, 7)",
        "weekly windows, for whoever asks for weekly ones",
    ),
    (
        "crates/epi/src/rt.rs",
        "if t_start < 2",
        "a window must not hold the first day (Cori et al.)",
    ),
    (
        "crates/hcert/src/pass.rs",
        "LONGEST_VALIDITY",
        "the longest life of a signed code, part of its form",
    ),
    (
        "crates/intake/src/dates.rs",
        "(7_306..=80_000)",
        "serial days of spreadsheets",
    ),
    (
        "crates/policy/src/evidence/records.rs",
        "(number 60)",
        "the range of a field",
    ),
    (
        "crates/policy/src/natural_history.rs",
        "3_650.0",
        "the range of a distribution in days",
    ),
    (
        "crates/policy/src/settings.rs",
        "LONGEST_RETENTION",
        "a bound on what a pack may say",
    ),
    (
        "crates/service/src/access.rs",
        "SESSION: SignedDuration",
        "the length of a sign-in: access, not response",
    ),
    (
        "crates/service/src/access.rs",
        "TOKEN_DAYS",
        "the longest life of a token: access, not response",
    ),
    (
        "crates/service/src/access.rs",
        "from_hours(24 * i64::from(days))",
        "hours of a day",
    ),
    (
        "crates/service/src/briefs.rs",
        "date.year() < 1900",
        "a bound on what is accepted",
    ),
    (
        "crates/service/src/briefs.rs",
        "from_hours(24)",
        "hours of a day",
    ),
    (
        "crates/service/src/briefs/headline.rs",
        "MONTHS: [&str; 12]",
        "the months",
    ),
    (
        "crates/service/src/imports.rs",
        "from_hours(24 * days)",
        "hours of a day",
    ),
    (
        "crates/service/src/matters.rs",
        "FARTHEST",
        "how far ahead a deadline may be written",
    ),
    (
        "crates/policy/src/evidence/records.rs",
        "(number 2_000_000_000)",
        "the range of a field",
    ),
    (
        "crates/store/src/access.rs",
        "moment(row,",
        "places of columns",
    ),
    (
        "web/src/lib/charts/curve/option.ts",
        "[1, 2, 7, 14, 28, 56]",
        "how far apart the dates on an axis stand",
    ),
    (
        "web/src/lib/charts/curve/rt.ts",
        "Math.max(1.5",
        "the least height of an axis",
    ),
    ("web/src/lib/charts/curve/turning.ts", "rise: 28", "pixels"),
    (
        "web/src/lib/matters/words.ts",
        "HOURS_PER_DAY = 24",
        "hours of a day",
    ),
    (
        "web/src/lib/matters/words.ts",
        "HOURS_UNTIL_DAYS = 48",
        "when lateness is told in days instead of hours",
    ),
    (
        "web/src/rooms/cases/detail/History.svelte",
        "isDay",
        "the form of a date",
    ),
    (
        "web/src/rooms/cases/filters.ts",
        "isDay",
        "the form of a date",
    ),
    (
        "web/src/rooms/morning/curve/Curve.svelte",
        "RECENT_DAYS = 28",
        "how many days a narrow page shows at first",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path
            .extension()
            .is_some_and(|ending| ["rs", "ts", "svelte"].iter().any(|known| ending == *known))
        {
            found.push(path);
        }
    }
}

/// The text without comments, strings, styles and tests, line by line as before.
fn code_of(text: &str, rust: bool) -> String {
    let text = if rust {
        text.split("#[cfg(test)]").next().unwrap()
    } else {
        text.split("<style").next().unwrap()
    };
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("<!--") {
            rest.find("-->").map_or(rest.len(), |end| end + 3)
        } else if first == '"' || (!rust && (first == '\'' || first == '`')) {
            quoted(rest, first)
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        code.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
        rest = &rest[skipped..];
    }
    code
}

fn quoted(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == mark => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether the line holds a number other than 0 and 1 that is no part of a name.
fn has_number(line: &str) -> bool {
    let mut before = ' ';
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() && !(before.is_alphanumeric() || before == '_' || before == '.') {
            let end = rest
                .find(|c: char| !(c.is_ascii_digit() || c == '_' || c == '.'))
                .unwrap_or(rest.len());
            let number = rest[..end].trim_end_matches('.').replace('_', "");
            if !["0", "1", "0.0", "1.0"].contains(&number.as_str()) {
                return true;
            }
            before = '0';
            rest = &rest[end..];
        } else {
            before = c;
            rest = &rest[c.len_utf8()..];
        }
    }
    false
}

#[test]
fn numbers_of_the_response_stand_in_packs_only() {
    let root = root();
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let folder = entry.unwrap().path().join("src");
        if folder.is_dir() {
            sources(&folder, &mut files);
        }
    }
    sources(&root.join("web/src"), &mut files);
    sources(&root.join("web/field"), &mut files);
    files.sort();
    assert!(files.len() > 150, "only {} files found", files.len());
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for file in files {
        let name = file
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        if name.ends_with("tests.rs") || name.contains("/tests/") {
            continue;
        }
        let place = PLACES.iter().position(|(place, _)| name.starts_with(place));
        let rust = file.extension().is_some_and(|ending| ending == "rs");
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in code_of(&text, rust).lines().enumerate() {
            let lower = line.to_lowercase();
            if !has_number(line) || !WORDS.iter().any(|word| lower.contains(word)) {
                continue;
            }
            if let Some(place) = place {
                used.insert(PLACES[place].0.to_owned());
                continue;
            }
            match LINES
                .iter()
                .find(|(file, part, _)| *file == name && line.contains(part))
            {
                Some((file, part, _)) => {
                    used.insert(format!("{file} {part}"));
                }
                None => wrong.push(format!("{name}:{}: {}", number + 1, line.trim())),
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "numbers beside words of time or thresholds; move them into the policy pack, or name them above with the reason:\n{}",
        wrong.join("\n")
    );
    let named = PLACES
        .iter()
        .map(|(place, _)| (*place).to_owned())
        .chain(LINES.iter().map(|(file, part, _)| format!("{file} {part}")));
    let stale: Vec<String> = named.filter(|name| !used.contains(name)).collect();
    assert!(
        stale.is_empty(),
        "named above, and no longer there:\n{}",
        stale.join("\n")
    );
}

#[test]
fn the_search_finds_what_it_is_for() {
    let found = |line: &str| has_number(&code_of(line, true));
    assert!(found("let until = from + 14.days();"));
    assert!(found("const QUARANTINE_DAYS: u32 = 14;"));
    assert!(found("if fever >= 37.3 {"));
    assert!(!found("let day = days[0] + 1; // 14 days"));
    assert!(!found("let text = \"14 days\";"));
    assert!(!found("let new_7d = a2;"));
}
