//! One case as a row.

use std::fmt::Write;

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::people::Sex;

use crate::outbreak::CaseTruth;

/// The columns, in order; the names are those of the preset `generic`.
pub const HEADER: [&str; 21] = [
    "external_id",
    "name",
    "sex",
    "age",
    "resident_id",
    "phone",
    "address",
    "area",
    "exposed",
    "onset",
    "sampled",
    "diagnosed",
    "reported",
    "hospitalised",
    "classification",
    "severity",
    "outcome",
    "outcome_date",
    "origin",
    "imported_from",
    "cluster",
];

/// Writes a case as known on `as_of`.
pub(super) fn push_row(row: &mut String, case: &CaseTruth, as_of: Date) {
    let outcome = case.outcome_by(as_of);
    let person = &case.person;
    let first_seen = case.onset.unwrap_or(case.diagnosed);
    text(row, &case.external_id);
    cell(row, &person.name);
    cell(row, sex(person.sex));
    number(row, person.age_on(first_seen));
    cell(row, person.resident_id.as_str());
    cell(row, national(person.phone.as_str()));
    cell(row, &person.address);
    area(row, case.area);
    date(row, case.exposed);
    date(row, case.onset);
    date(row, Some(case.sampled));
    date(row, Some(case.diagnosed));
    date(row, Some(case.reported));
    date(row, case.hospitalised_by(as_of));
    cell(row, case.classification.word());
    cell(row, case.severity.map_or("", |severity| severity.word()));
    cell(row, outcome.map_or("", |(outcome, _)| outcome.word()));
    date(row, outcome.map(|(_, day)| day));
    cell(row, case.origin.word());
    cell(row, case.imported_from.unwrap_or_default());
    cell(row, case.cluster.as_deref().unwrap_or_default());
}

fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Other => "other",
    }
}

/// A Chinese number without its country code: a cell that begins with + is a formula.
fn national(phone: &str) -> &str {
    phone.strip_prefix("+86").unwrap_or(phone)
}

fn cell(row: &mut String, content: &str) {
    row.push(',');
    text(row, content);
}

fn number(row: &mut String, value: u8) {
    write!(row, ",{value}").expect("text grows");
}

fn area(row: &mut String, code: AreaCode) {
    write!(row, ",{code}").expect("text grows");
}

/// A day as 2020-02-09. Digit by digit, since a million rows have seven million of them.
fn date(row: &mut String, day: Option<Date>) {
    row.push(',');
    let Some(day) = day else { return };
    let digits = |row: &mut String, number: i16, places: &[i16]| {
        for place in places {
            row.push(char::from(b'0' + (number / place % 10) as u8));
        }
    };
    digits(row, day.year(), &[1_000, 100, 10, 1]);
    row.push('-');
    digits(row, day.month().into(), &[10, 1]);
    row.push('-');
    digits(row, day.day().into(), &[10, 1]);
}

/// Text, in quotation marks where RFC 4180 asks for them, and so that no spreadsheet program
/// runs it as a formula.
pub(super) fn text(row: &mut String, content: &str) {
    let formula = content.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = content.contains([',', '"', '\n', '\r']);
    if quoted {
        row.push('"');
    }
    if formula {
        row.push('\'');
    }
    if quoted {
        row.push_str(&content.replace('"', "\"\""));
        row.push('"');
    } else {
        row.push_str(content);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    #[test]
    fn text_is_quoted_and_runs_nowhere() {
        let written = |content: &str| {
            let mut row = String::new();
            text(&mut row, content);
            row
        };
        assert_eq!(written("王小明"), "王小明");
        assert_eq!(written("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(written("=1+1"), "'=1+1");
        assert_eq!(written("=1,2"), "\"'=1,2\"");
    }

    #[test]
    fn days_are_written_as_iso_8601() {
        for day in [civil::date(2020, 2, 9), civil::date(1999, 12, 31)] {
            let mut row = String::new();
            date(&mut row, Some(day));
            assert_eq!(row, format!(",{day}"));
        }
    }
}
