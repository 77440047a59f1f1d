//! What a case's fields may say, alone and of each other.
//!
//! Refused is what cannot be. Unlike a file, which brings what once was written down, somebody sits before the form and can mend
//! it: so an exposure after first symptoms is refused here, which a file is only warned of.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::cases::{CaseDetails, Outcome};
use lianfang_core::text::bounded;
use lianfang_core::time::UtcOffset;

use crate::Refusal;

/// Characters of an institution's name.
const NAME: usize = 100;
/// Oldest age.
const OLDEST: u8 = 120;

/// Text that may be left out, trimmed and within bounds.
pub(crate) fn optional(
    field: &'static str,
    text: Option<&str>,
    most: usize,
) -> Result<Option<String>, Refusal> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => bounded(text, 1, most).map(Some).map_err(|_| {
            Refusal::invalid(
                field,
                format!("At most {most} characters."),
                format!("最多{most}个字符。"),
            )
        }),
    }
}

/// Checks a case's fields, and trims its texts.
pub(super) fn checked(
    mut details: CaseDetails,
    (now, offset): (Timestamp, UtcOffset),
) -> Result<CaseDetails, Refusal> {
    let today = offset.day_of(now);
    for (field, text, most) in [
        ("external_id", &mut details.external_id, 64),
        ("place", &mut details.place, 200),
        ("imported_from", &mut details.imported_from, 100),
        ("cluster", &mut details.cluster, 100),
        ("reported_by", &mut details.reported_by, 100),
        ("isolation_place", &mut details.isolation_place, NAME),
        ("hospital", &mut details.hospital, 100),
        ("occupation", &mut details.occupation, 64),
        ("risk_reason", &mut details.risk_reason, 200),
    ] {
        *text = optional(field, text.as_deref(), most)?;
    }
    if details.age_years.is_some_and(|age| age > OLDEST) {
        return Err(Refusal::invalid(
            "age_years",
            format!("An age of 0 to {OLDEST} years."),
            format!("年龄为0至{OLDEST}岁。"),
        ));
    }
    details.symptoms.sort_unstable();
    details.symptoms.dedup();
    if let Some(at) = details.diagnosed_at {
        if at > now {
            return Err(future("diagnosed_at"));
        }
        details.diagnosed = Some(offset.day_of(at));
    }
    let days = [
        ("exposed", details.exposed),
        ("onset", details.onset),
        ("sampled", details.sampled),
        ("diagnosed", details.diagnosed),
        ("reported", details.reported),
        ("hospitalised", details.hospitalised),
        ("outcome_date", details.outcome_date),
        ("isolated", details.isolated),
        ("isolation_ended", details.isolation_ended),
        ("discharged", details.discharged),
        ("became_case", details.became_case),
        ("last_contact", details.last_contact),
    ];
    for (field, day) in days {
        if day.is_some_and(|day| day > today) {
            return Err(future(field));
        }
    }
    orders(&details)?;
    Ok(details)
}

fn future(field: &'static str) -> Refusal {
    Refusal::invalid(
        field,
        "A day that has come: not in the future.",
        "日期不能在未来。",
    )
}

/// Which orders of days cannot be.
fn orders(details: &CaseDetails) -> Result<(), Refusal> {
    if details.outcome_date.is_some() && details.outcome.is_none() {
        return Err(Refusal::invalid(
            "outcome",
            "A day of the outcome needs the outcome.",
            "填写转归日期须同时填写转归。",
        ));
    }
    let died = details.outcome == Some(Outcome::Died);
    let recovered = details.outcome == Some(Outcome::Recovered);
    let only = |day: Option<Date>, when: bool| day.filter(|_| when);
    let end = details.outcome_date;
    let pairs = [
        ("onset", ("outcome_date", end), details.onset),
        ("hospitalised", ("outcome_date", end), details.hospitalised),
        ("isolated", ("outcome_date", end), details.isolated),
        (
            "exposed",
            ("outcome_date", end),
            only(details.exposed, died),
        ),
        (
            "sampled",
            ("outcome_date", end),
            only(details.sampled, recovered),
        ),
        ("exposed", ("onset", details.onset), details.exposed),
        (
            "hospitalised",
            ("discharged", details.discharged),
            details.hospitalised,
        ),
        (
            "isolated",
            ("isolation_ended", details.isolation_ended),
            details.isolated,
        ),
    ];
    for (earlier, (later, bound), day) in pairs {
        if day.zip(bound).is_some_and(|(day, bound)| day > bound) {
            return Err(Refusal::invalid(
                later,
                format!("`{later}` does not lie before `{earlier}`."),
                format!("“{later}”不能早于“{earlier}”。"),
            ));
        }
    }
    Ok(())
}
