//! Settings: numbers of the response that are no rules, section by section.

use std::collections::BTreeMap;

use lianfang_core::entry::Symptom;
use lianfang_core::passes::CertificateKind;
use lianfang_core::places::PlaceKind;
use lianfang_core::words::Word;
use lianfang_epi::forecast::ForecastRule;
use lianfang_epi::serial_interval::SerialInterval;
use lianfang_epi::turning_point::{Detector, TurningPointRule};
use serde::Deserialize;
use toml::Spanned;

use crate::error::Problems;
use crate::foresight::Foresight;
use crate::surveillance::{Infectors, Surveillance};

/// How the reproduction number is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReproductionNumber {
    /// Days in a window.
    pub window_days: u32,
    /// Mean of the gamma prior.
    pub prior_mean: f64,
    /// Standard deviation of the gamma prior.
    pub prior_sd: f64,
    /// Largest coefficient of variation of a posterior that is shown.
    pub largest_cv: f64,
}

/// How counts not yet complete are filled up.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nowcast {
    /// Days after onset beyond which hardly any case is still reported.
    pub max_delay_days: u32,
    /// Days of past reports that the delays are learned from.
    pub learn_days: u32,
    /// Share reported below which a day is provisional.
    pub provisional_below: f64,
}

/// How the growth rate of now is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Growth {
    /// Days it is fitted to.
    pub window_days: u32,
}

/// Which reports areas owe.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reports {
    /// An area that has reported within so many days owes a report for each day.
    pub owed_for_days: u32,
}

/// What the morning page shows.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Briefs {
    /// Days that the number of recent cases beside today's covers.
    pub recent_days: u32,
}

/// How long personal data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Days after a person's last case or its outcome until the person is forgotten.
    pub person_days: u32,
    /// Days after an import until the rows it refused are deleted.
    pub refused_rows_days: u32,
}

/// What the risk rules are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskWindow {
    /// Days that count as recent.
    pub window_days: u32,
    /// There is a cluster from so many recent confirmed cases that belong to named clusters; not
    /// all of them need name the same.
    pub cluster_cases: u32,
}

/// How gates, hand-overs, watch and rounds are run. A pack that leaves this out decides, and runs
/// none of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Arrivals of one person so many days apart, or fewer, are one journey.
    pub same_journey_days: u32,
    /// Entries that a phone kept longer than so many days are not taken any more.
    pub oldest_entry_days: u32,
    /// Nobody should wait longer than this at a checkpoint.
    pub target_wait_seconds: u32,
    /// So large a share of people should be served within that.
    pub target_share: f64,
    /// Seconds that a person takes at a checkpoint, until it has measured its own.
    pub assumed_service_seconds: f64,
    /// Days of checks that the measured time is learnt from.
    pub learn_service_days: u32,
    /// Hours that somebody who is here may wait until it is a matter.
    pub waiting_hours: u32,
    /// The hours of the day until which each daily check is due, in order.
    pub checks_until_hours: Vec<u8>,
    /// Minutes after that until a missed check is a matter.
    pub missed_after_minutes: u32,
    /// The named number from which a temperature is abnormal.
    pub abnormal_from: String,
    /// Symptoms that are abnormal.
    pub abnormal_symptoms: Vec<Symptom>,
    /// A household counts as covered for so many days after a visit.
    pub coverage_days: u32,
    /// Days for which arrivals are foreseen.
    pub foreseen_days: u32,
    /// Days of the past that the wave is learnt from.
    pub learn_arrivals_days: u32,
    /// People that a vehicle of a hand-over takes.
    pub vehicle_seats: u32,
}

/// How cases and their contacts are followed; the hours of report, investigation, isolation and tracing stand with the kinds of
/// matter. A pack that leaves this out takes the line list, and runs no contacts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// Hours from the naming of a contact until the person is told.
    pub trace_hours: u32,
    /// Days after the last meeting for which a contact is followed, where no order says otherwise.
    pub follow_days: u32,
    /// Reports of one person so many days apart, or fewer, are one case.
    pub same_case_days: u32,
    /// Days by which the first symptoms of one infected may lie before those of the infector.
    pub earliest_serial_days: u32,
}

/// Kinds of matter that the work on cases needs.
pub(crate) const CASE_MATTERS: &[&str] = &[
    "case_report",
    "case_investigation",
    "case_disposal",
    "case_tracing",
];

/// How a place of a kind counts where visits are traced.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceRule {
    /// How long people usually stay, in minutes: for visits of which only the beginning is known.
    pub usual_stay_minutes: u16,
    /// How much a minute together counts there, beside a minute elsewhere.
    pub weight: f64,
    /// Whether those who are there breathe the air of one room or vehicle.
    pub same_room: bool,
    /// Where these come from.
    pub source: String,
}

/// How visits are taken, kept and traced. A pack that leaves this out takes none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visits {
    /// Days for which visits are kept, today included.
    pub keep_days: u32,
    /// The longest stay that is taken.
    pub longest_stay_minutes: u16,
    /// The named number of days before a case's first symptoms, or its sample, from which it is
    /// traced.
    pub trace_before: String,
    /// How places count, by kind: each must be there.
    pub places: BTreeMap<PlaceKind, PlaceRule>,
}

impl Visits {
    /// How places of a kind count.
    pub fn place(&self, kind: PlaceKind) -> &PlaceRule {
        &self.places[&kind]
    }
}

/// From when and until when a health certificate from elsewhere counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateRule {
    /// Days after the dose, the sample or the first positive test from which it counts.
    pub from_days: u32,
    /// The last of these days.
    pub until_days: u32,
    /// Where these come from.
    pub source: String,
}

/// How passes are issued. A pack that leaves this out issues none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passes {
    /// Hours for which a code that was issued is valid.
    pub valid_hours: u32,
    /// Days for which a key signs, before the next one takes over.
    pub key_days: u32,
    /// Hours for which a gate without a line goes by the list of keys that it has, before it is warned.
    /// Without it a gate only sees how old its list is.
    #[serde(default)]
    pub list_hours: Option<u32>,
    /// Days after which a pass that was asked for and never confirmed is forgotten. Where it is left out, none is.
    #[serde(default)]
    pub unconfirmed_days: Option<u32>,
    /// Health certificates that count, by what they certify; those of no other kind do.
    #[serde(default)]
    pub certificates: BTreeMap<CertificateKind, CertificateRule>,
}

/// Kinds of matter that passes need.
pub(crate) const PASS_MATTERS: &[&str] = &["appeal"];

/// The longest validity of a code, in hours.
const LONGEST_VALIDITY: u32 = 24;

fn check_passes(at: usize, passes: &Passes, problems: &mut Problems<'_>) {
    let hours = passes.valid_hours;
    if !(ONE..=LONGEST_VALIDITY).contains(&hours) {
        problems.add(
            at,
            format!(
                "pass.valid_hours is a whole number from 1 to {LONGEST_VALIDITY}; this is {hours}"
            ),
            format!("pass.valid_hours为1至{LONGEST_VALIDITY}的整数；此处为{hours}"),
        );
    }
    let days = passes.key_days;
    if !(ONE + ONE..=LONGEST_SPAN).contains(&days) {
        problems.add(
            at,
            format!("pass.key_days is a whole number from 2 to {LONGEST_SPAN}; this is {days}"),
            format!("pass.key_days为2至{LONGEST_SPAN}的整数；此处为{days}"),
        );
    }
    if let Some(hours) = passes
        .list_hours
        .filter(|hours| !(ONE..=LONGEST_SPAN).contains(hours))
    {
        problems.add(
            at,
            format!("pass.list_hours is a whole number from 1 to {LONGEST_SPAN}; this is {hours}"),
            format!("pass.list_hours为1至{LONGEST_SPAN}的整数；此处为{hours}"),
        );
    }
    if let Some(days) = passes.unconfirmed_days
        && !(ONE..=LONGEST_SPAN).contains(&days)
    {
        problems.add(
            at,
            format!(
                "pass.unconfirmed_days is a whole number from 1 to {LONGEST_SPAN}; this is {days}"
            ),
            format!("pass.unconfirmed_days为1至{LONGEST_SPAN}的整数；此处为{days}"),
        );
    }
    for (kind, rule) in &passes.certificates {
        let kind = kind.word();
        if rule.from_days > rule.until_days || rule.until_days > LONGEST_SPAN {
            problems.add(
                at,
                format!("pass.certificates.{kind}: from_days is at most until_days, which is at most {LONGEST_SPAN}"),
                format!("pass.certificates.{kind}：from_days不大于until_days，后者不大于{LONGEST_SPAN}"),
            );
        }
        if rule.source.trim().is_empty() {
            problems.add(
                at,
                format!("pass.certificates.{kind}.source says where its days come from"),
                format!("pass.certificates.{kind}.source须写明来源"),
            );
        }
    }
}

/// Kinds of matter that the field needs.
pub(crate) const FIELD_MATTERS: &[&str] = &[
    "handover",
    "clinic",
    "missed_check",
    "breach",
    "missing_person",
    "need",
    "recheck",
    "late_release",
];

/// The sections as they stand in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsFile {
    pub(crate) reproduction_number: Spanned<ReproductionNumber>,
    pub(crate) turning_point: Spanned<TurningPointRule>,
    pub(crate) nowcast: Spanned<Nowcast>,
    pub(crate) growth: Spanned<Growth>,
    pub(crate) reports: Spanned<Reports>,
    pub(crate) briefs: Spanned<Briefs>,
    pub(crate) retention: Spanned<Retention>,
    pub(crate) risk_evidence: Spanned<RiskWindow>,
    pub(crate) field: Option<Spanned<Field>>,
    pub(crate) cases: Option<Spanned<Cases>>,
    pub(crate) forecast: Option<Spanned<ForecastRule>>,
    pub(crate) visits: Option<Spanned<Visits>>,
    pub(crate) pass: Option<Spanned<Passes>>,
    pub(crate) surveillance: Option<Spanned<Surveillance>>,
    pub(crate) infectors: Option<Spanned<Infectors>>,
    pub(crate) foresight: Option<Spanned<Foresight>>,
}

/// Longest window of recent days: a year.
const YEAR: f64 = 366.0;

/// Longest retention, in days: thirty years.
const LONGEST_RETENTION: f64 = 10_958.0;

impl SettingsFile {
    pub(crate) fn check(&self, interval: Option<&SerialInterval>, problems: &mut Problems<'_>) {
        let rt = self.reproduction_number.get_ref();
        let rt_at = self.reproduction_number.span().start;
        let nowcast = self.nowcast.get_ref();
        let nowcast_at = self.nowcast.span().start;
        let retention = self.retention.get_ref();
        let retention_at = self.retention.span().start;
        let risk = self.risk_evidence.get_ref();
        let risk_at = self.risk_evidence.span().start;
        let days = [
            (
                rt_at,
                "reproduction_number.window_days",
                rt.window_days,
                YEAR,
            ),
            (
                nowcast_at,
                "nowcast.max_delay_days",
                nowcast.max_delay_days,
                YEAR,
            ),
            (nowcast_at, "nowcast.learn_days", nowcast.learn_days, YEAR),
            (
                self.growth.span().start,
                "growth.window_days",
                self.growth.get_ref().window_days,
                YEAR,
            ),
            (
                self.reports.span().start,
                "reports.owed_for_days",
                self.reports.get_ref().owed_for_days,
                YEAR,
            ),
            (
                self.briefs.span().start,
                "briefs.recent_days",
                self.briefs.get_ref().recent_days,
                YEAR,
            ),
            (
                retention_at,
                "retention.person_days",
                retention.person_days,
                LONGEST_RETENTION,
            ),
            (
                retention_at,
                "retention.refused_rows_days",
                retention.refused_rows_days,
                LONGEST_RETENTION,
            ),
            (risk_at, "risk_evidence.window_days", risk.window_days, YEAR),
            (
                risk_at,
                "risk_evidence.cluster_cases",
                risk.cluster_cases,
                1_000_000.0,
            ),
        ];
        for (at, name, value, most) in days {
            if !(1.0..=most).contains(&f64::from(value)) {
                problems.add(
                    at,
                    format!("{name} is a whole number from 1 to {most}; this is {value}"),
                    format!("{name}为1至{most}的整数；此处为{value}"),
                );
            }
        }
        let shares = [
            (
                nowcast_at,
                "nowcast.provisional_below",
                nowcast.provisional_below,
            ),
            (rt_at, "reproduction_number.largest_cv", rt.largest_cv),
        ];
        for (at, name, value) in shares {
            if !(value > 0.0 && value <= 1.0) {
                problems.add(
                    at,
                    format!("{name} is more than 0 and at most 1; this is {value}"),
                    format!("{name}大于0且不超过1；此处为{value}"),
                );
            }
        }
        let priors = [
            ("reproduction_number.prior_mean", rt.prior_mean),
            ("reproduction_number.prior_sd", rt.prior_sd),
        ];
        for (name, value) in priors {
            if !(value.is_finite() && value > 0.0) {
                problems.add(
                    rt_at,
                    format!("{name} is a finite number above 0; this is {value}"),
                    format!("{name}为大于0的有限数；此处为{value}"),
                );
            }
        }
        if let Some(field) = &self.field {
            check_field(field.span().start, field.get_ref(), problems);
        }
        if let Some(cases) = &self.cases {
            check_cases(cases.span().start, cases.get_ref(), problems);
        }
        if let Some(visits) = &self.visits {
            check_visits(visits.span().start, visits.get_ref(), problems);
        }
        if let Some(passes) = &self.pass {
            check_passes(passes.span().start, passes.get_ref(), problems);
        }
        if let Some(surveillance) = &self.surveillance {
            surveillance
                .get_ref()
                .check(surveillance.span().start, problems);
        }
        if let Some(infectors) = &self.infectors {
            infectors.get_ref().check(infectors.span().start, problems);
        }
        if let Some(foresight) = &self.foresight {
            foresight
                .get_ref()
                .check(foresight.span().start, self.forecast.is_some(), problems);
        }
        if let Some(forecast) = &self.forecast
            && let Err(error) = forecast.get_ref().check()
        {
            problems.add(
                forecast.span().start,
                format!("forecast: {error}"),
                format!(
                    "forecast.{}为{}至{}；此处为{}",
                    error.field, error.least, error.most, error.value
                ),
            );
        }
        if let Some(interval) = interval
            && let Err(error) = Detector::new(interval, self.turning_point.get_ref())
        {
            problems.add(
                self.turning_point.span().start,
                format!("turning_point: {error}"),
                format!(
                    "turning_point.{}超出允许范围；此处为{}",
                    error.field, error.value
                ),
            );
        }
    }
}

/// Bounds of the settings of cases.
const NONE: u32 = 0;
const ONE: u32 = 1;
const LONGEST_WAIT: u32 = 1_000;
const LONGEST_SPAN: u32 = 366;
const FARTHEST_BACK: u32 = 60;

fn check_cases(at: usize, cases: &Cases, problems: &mut Problems<'_>) {
    let whole = [
        ("trace_hours", cases.trace_hours, ONE, LONGEST_WAIT),
        ("follow_days", cases.follow_days, ONE, LONGEST_SPAN),
        ("same_case_days", cases.same_case_days, ONE, LONGEST_SPAN),
        (
            "earliest_serial_days",
            cases.earliest_serial_days,
            NONE,
            FARTHEST_BACK,
        ),
    ];
    for (name, value, least, most) in whole {
        if !(least..=most).contains(&value) {
            problems.add(
                at,
                format!("cases.{name} is a whole number from {least} to {most}; this is {value}"),
                format!("cases.{name}为{least}至{most}的整数；此处为{value}"),
            );
        }
    }
}

fn check_field(at: usize, field: &Field, problems: &mut Problems<'_>) {
    let whole = [
        ("same_journey_days", field.same_journey_days, YEAR),
        ("oldest_entry_days", field.oldest_entry_days, YEAR),
        ("target_wait_seconds", field.target_wait_seconds, 86_400.0),
        ("learn_service_days", field.learn_service_days, YEAR),
        ("missed_after_minutes", field.missed_after_minutes, 1_440.0),
        ("waiting_hours", field.waiting_hours, 1_000.0),
        ("coverage_days", field.coverage_days, YEAR),
        ("foreseen_days", field.foreseen_days, 60.0),
        ("learn_arrivals_days", field.learn_arrivals_days, YEAR),
        ("vehicle_seats", field.vehicle_seats, 1_000.0),
    ];
    for (name, value, most) in whole {
        if !(1.0..=most).contains(&f64::from(value)) {
            problems.add(
                at,
                format!("field.{name} is a whole number from 1 to {most}; this is {value}"),
                format!("field.{name}为1至{most}的整数；此处为{value}"),
            );
        }
    }
    if !(field.target_share > 0.0 && field.target_share < 1.0) {
        problems.add(
            at,
            format!(
                "field.target_share lies between 0 and 1; this is {}",
                field.target_share
            ),
            format!(
                "field.target_share须在0与1之间；此处为{}",
                field.target_share
            ),
        );
    }
    if !(1.0..=86_400.0).contains(&field.assumed_service_seconds) {
        problems.add(
            at,
            format!(
                "field.assumed_service_seconds lies between 1 and 86400; this is {}",
                field.assumed_service_seconds
            ),
            format!(
                "field.assumed_service_seconds须在1与86400之间；此处为{}",
                field.assumed_service_seconds
            ),
        );
    }
    let hours = &field.checks_until_hours;
    let in_order = hours.windows(2).all(|pair| pair[0] < pair[1]);
    if hours.is_empty() || !in_order || hours.iter().any(|hour| !(1..=24).contains(hour)) {
        problems.add(
            at,
            "field.checks_until_hours is a list of hours from 1 to 24, in order, at least one",
            "field.checks_until_hours为1至24的小时数，依次递增，至少一个",
        );
    }
}

/// Minutes of the longest stay that can be written down.
const LONGEST_STAY: u16 = 64_000;
/// Minutes of the longest usual stay.
const LONGEST_USUAL: u16 = 1_440;
/// The largest weight of a minute.
const LARGEST_WEIGHT: f64 = 1_000.0;

fn check_visits(at: usize, visits: &Visits, problems: &mut Problems<'_>) {
    let whole = [
        ("keep_days".to_owned(), visits.keep_days, YEAR),
        (
            "longest_stay_minutes".to_owned(),
            visits.longest_stay_minutes.into(),
            LONGEST_STAY.into(),
        ),
    ];
    let stays = visits.places.iter().map(|(kind, rule)| {
        let name = format!("places.{}.usual_stay_minutes", kind.word());
        (name, rule.usual_stay_minutes.into(), LONGEST_USUAL.into())
    });
    for (name, value, most) in whole.into_iter().chain(stays) {
        if !(1.0..=most).contains(&f64::from(value)) {
            problems.add(
                at,
                format!("visits.{name} is a whole number from 1 to {most}; this is {value}"),
                format!("visits.{name}为1至{most}的整数；此处为{value}"),
            );
        }
    }
    for kind in PlaceKind::ALL {
        let Some(rule) = visits.places.get(kind) else {
            let kind = kind.word();
            problems.add(
                at,
                format!("visits.places.{kind} is missing: every kind of place has its usual stay and weight"),
                format!("缺少visits.places.{kind}：每类场所须有通常停留时间与权重"),
            );
            continue;
        };
        let kind = kind.word();
        if !(rule.weight > 0.0 && rule.weight <= LARGEST_WEIGHT) {
            problems.add(
                at,
                format!("visits.places.{kind}.weight is more than 0 and at most {LARGEST_WEIGHT}; this is {}", rule.weight),
                format!("visits.places.{kind}.weight大于0且不超过{LARGEST_WEIGHT}；此处为{}", rule.weight),
            );
        }
        if rule.source.trim().is_empty() {
            problems.add(
                at,
                format!("visits.places.{kind}.source says where the numbers come from, if only \"The project's own convention\""),
                format!("visits.places.{kind}.source须注明数值来源，如“本项目自定”"),
            );
        }
    }
}
