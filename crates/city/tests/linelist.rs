//! The files: headers, what is known on which day, and the same bytes each time.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::BTreeSet;
use std::io::{Error, Write};

use common::{FIRST, LAST, demo, demo_city};
use jiff::civil::{Date, date};
use lianfang_city::CityError;
use lianfang_city::linelist::{BigList, HEADER, big_linelist, write, write_pairs};
use lianfang_city::outbreak::Outbreak;
use lianfang_core::areas::{AreaCode, Level};
use lianfang_core::cases::{Classification, Outcome, Severity};
use lianfang_core::identifiers::{Phone, ResidentId};

fn list(outbreak: &Outbreak, as_of: Date) -> String {
    let mut file = Vec::new();
    let rows = write(&mut file, outbreak, as_of).unwrap();
    let text = String::from_utf8(file).unwrap();
    assert_eq!(text.lines().count() as u64, rows + 1);
    text
}

fn big(seed: u64, cases: u32) -> String {
    let list = BigList {
        seed,
        cases,
        first_day: FIRST,
        days: 400,
    };
    let mut file = Vec::new();
    let rows = big_linelist(&demo_city(), &list, &mut file).unwrap();
    assert_eq!(rows, u64::from(cases));
    String::from_utf8(file).unwrap()
}

/// Every cell of every row as the import would take it; none lies after `as_of`.
fn check_rows(text: &str, as_of: Date) {
    let mut lines = text.strip_prefix('\u{feff}').unwrap().lines();
    assert_eq!(lines.next().unwrap(), HEADER.join(","));
    let (mut ids, mut residents) = (BTreeSet::new(), BTreeSet::new());
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), HEADER.len(), "{line}");
        let cell = |name: &str| cells[HEADER.iter().position(|h| *h == name).unwrap()];
        let day = |name: &str| cell(name).parse::<Date>().ok();
        assert!(ids.insert(cell("external_id").to_owned()));
        let id: ResidentId = cell("resident_id").parse().unwrap();
        assert!(residents.insert(id));
        assert!(
            cell("phone")
                .parse::<Phone>()
                .unwrap()
                .as_str()
                .starts_with("+86154")
        );
        let area: AreaCode = cell("area").parse().unwrap();
        assert_eq!(area.level(), Level::Village);
        let known: Vec<Date> = ["exposed", "onset", "sampled", "diagnosed", "reported"]
            .into_iter()
            .filter_map(day)
            .collect();
        assert!(known.is_sorted() && known.len() >= 3, "{line}");
        assert!(
            known
                .iter()
                .all(|day| *day <= as_of && id.birth_date() < *day)
        );
        assert!(day("hospitalised").is_none_or(|day| day <= as_of));
        let seen = day("onset").or(day("diagnosed")).unwrap();
        let birthday_to_come =
            (seen.month(), seen.day()) < (id.birth_date().month(), id.birth_date().day());
        let age: i16 = cell("age").parse().unwrap();
        let years = seen.year() - id.birth_date().year() - i16::from(birthday_to_come);
        assert_eq!(age, years, "{line}");
        let classification: Classification = cell("classification").parse().unwrap();
        let severity = cell("severity").parse::<Severity>();
        assert_eq!(classification.counts(), severity.is_ok());
        let outcome = cell("outcome").parse::<Outcome>().ok();
        assert_eq!(outcome.is_some(), day("outcome_date").is_some());
        assert!(day("outcome_date").is_none_or(|day| day <= as_of && day > known[known.len() - 1]));
    }
}

#[test]
fn the_headers_are_those_of_the_preset() {
    let preset = include_str!("../../../presets/generic.toml");
    let columns: Vec<&str> = preset
        .lines()
        .skip_while(|line| *line != "[columns]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(" = ").next())
        .collect();
    for header in HEADER {
        assert!(columns.contains(&header), "{header}");
    }
}

#[test]
fn a_list_holds_what_is_known_on_its_day() {
    let (_, outbreak) = demo(1);
    let last = list(&outbreak, LAST);
    check_rows(&last, LAST);
    assert!(last.contains(",recovered,") && last.contains(",imported,湖北武汉"));
    let before = date(2020, 2, 10);
    let earlier = list(&outbreak, before);
    check_rows(&earlier, before);
    assert!(earlier.len() < last.len());
}

#[test]
fn pairs_are_of_cases_in_the_list() {
    let (_, outbreak) = demo(1);
    let mut file = Vec::new();
    let pairs = write_pairs(&mut file, &outbreak, LAST).unwrap();
    assert!(pairs > 200);
    let text = String::from_utf8(file).unwrap();
    let mut lines = text.strip_prefix('\u{feff}').unwrap().lines();
    assert_eq!(lines.next(), Some("infector,infectee"));
    let cases = list(&outbreak, LAST);
    let ids: BTreeSet<&str> = cases.lines().filter_map(|l| l.split(',').next()).collect();
    let mut infected = BTreeSet::new();
    for line in lines {
        let (infector, infectee) = line.split_once(',').unwrap();
        assert!(infector != infectee && ids.contains(infector) && ids.contains(infectee));
        assert!(infected.insert(infectee), "one infector for each");
    }
    assert_eq!(infected.len() as u64, pairs);
}

#[test]
fn a_big_list_is_whole_and_repeats_nobody() {
    let text = big(5, 20_000);
    let last = date(2021, 2, 8);
    check_rows(&text, last);
    assert!(
        text.contains(&format!(",{last},")),
        "the last day has reports"
    );
    assert!(text.trim_end().ends_with(','), "the last column is empty");
}

#[test]
fn same_seed_same_bytes() {
    let write = |seed: u64| list(&demo(seed).1, LAST);
    assert_eq!(write(9), write(9));
    assert_ne!(write(9), write(10));
    assert_eq!(big(9, 3_000), big(9, 3_000));
    assert_ne!(big(9, 3_000), big(10, 3_000));
}

#[test]
fn what_cannot_be_written_is_an_error() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> Result<usize, Error> {
            Err(Error::other("no space"))
        }
        fn flush(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }
    let (city, outbreak) = demo(1);
    assert!(matches!(
        write(Full, &outbreak, LAST),
        Err(CityError::Write(_))
    ));
    let list = |cases: u32, days: u16| BigList {
        seed: 1,
        cases,
        first_day: FIRST,
        days,
    };
    assert!(big_linelist(&city, &list(0, 10), std::io::sink()).is_err());
    assert!(big_linelist(&city, &list(10, 0), std::io::sink()).is_err());
    assert!(big_linelist(&city, &list(1, 1), Full).is_err());
    assert_eq!(
        big_linelist(&city, &list(1, 1), std::io::sink()).unwrap(),
        1
    );
}
