//! Chains, suggested infectors and surveillance: worked by hand, held against a recount, and refused where they must be.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "rows of a small file, written as they read"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use common::{CITY, COUNTY, NEIGHBOUR, Testbed, VILLAGE, area, day, tidy};
use jiff::ToSpan;
use lianfang_core::access::Role;
use lianfang_core::cases::{CaseDetails, Classification};
use lianfang_core::contacts::{Certainty, Channel, ContactDetails, Meeting, Setting};
use lianfang_core::facts::{Body, Draft, LinkStated};
use lianfang_core::ids::{CaseId, FactId, LinkId, PersonId};
use lianfang_intake::Kind;
use lianfang_service::Refusal;
use lianfang_service::cases::{CaseRevision, NewResult, NewSample};
use lianfang_service::chains::{ChainsQuery, ChainsShown, MOST_CASES};
use lianfang_service::contacts::NewContact;
use lianfang_service::infectors::AdoptInfector;
use lianfang_service::links::{LinkBack, NewLink};
use lianfang_service::surveillance::{AlarmOf, CasesBy, SurveillanceQuery, SurveillanceShown};
use lianfang_store::Batch;
use lianfang_store::views::surveillance::Delay;
use lianfang_store::views::{cases as view, links, surveillance};
use proptest::prelude::*;
use serde_json::Value;

const HEADER: &str =
    "external_id,name,area,onset,sampled,reported,hospitalised,classification,cluster\n";

fn why(refusal: &Refusal) -> String {
    assert!(!refusal.message().zh.is_empty());
    format!(
        "{} {}: {}",
        refusal.code(),
        refusal.field().unwrap_or("-"),
        refusal.message().en
    )
}

/// A testbed with a line list, whose cases go by their numbers.
struct Outbreak {
    bed: Testbed,
    ids: BTreeMap<String, (CaseId, Option<PersonId>)>,
}

impl std::ops::Deref for Outbreak {
    type Target = Testbed;

    fn deref(&self) -> &Testbed {
        &self.bed
    }
}

impl Outbreak {
    fn new(rows: &str) -> Self {
        let bed = Testbed::city();
        let report = bed.take(Kind::Linelist, &format!("{HEADER}{rows}"));
        assert_eq!(report.rows_refused, 0, "{:?}", report.refusals);
        let rows = bed
            .house
            .store()
            .read(|c| {
                view::list(
                    c,
                    &view::CaseFilter::default(),
                    view::CaseOrder::Oldest,
                    None,
                    100_000,
                )
            })
            .unwrap();
        let ids = rows
            .into_iter()
            .map(|row| {
                let number = row.details.external_id.unwrap();
                (number, (row.case, row.details.person))
            })
            .collect();
        Self { bed, ids }
    }

    fn case(&self, number: &str) -> CaseId {
        self.ids[number].0
    }

    fn link(&self, from: &str, to: &str, certainty: Certainty, setting: Setting) -> LinkId {
        let new = NewLink {
            id: None,
            infector: self.case(from),
            infectee: self.case(to),
            certainty,
            met: None,
            meeting: Meeting {
                setting: Some(setting),
                ..Meeting::default()
            },
        };
        self.house
            .state_link(&self.operator(), self.case(to), &new)
            .unwrap()
    }

    /// Somebody is named as a close contact of a case.
    fn contact(&self, of: &str, who: PersonId, met: &str, setting: Setting) {
        let new = NewContact {
            id: None,
            person: Some(who),
            given: None,
            area: area(VILLAGE),
            channel: Channel::Interview,
            through: None,
            met: day(met),
            met_first: None,
            setting,
            minutes: None,
            metres: None,
            same_room: true,
            minutes_after_case: 0,
            rows_apart: None,
            protected: false,
            immune: false,
            exposure: None,
            frequency: None,
            lasting: None,
            relation: None,
            estimated: false,
            certainty: None,
            ask_alike: false,
            details: ContactDetails::default(),
        };
        let answer = self
            .house
            .name_contacts(&self.operator(), self.case(of), &[new])
            .unwrap()
            .remove(0);
        assert!(answer.refusal.is_none(), "{:?}", answer.refusal);
    }

    fn person(&self, number: &str) -> PersonId {
        self.ids[number].1.unwrap()
    }

    fn chains(&self, query: &ChainsQuery) -> ChainsShown {
        self.house.chains(&self.operator(), query).unwrap()
    }

    fn surveillance(&self, code: &str, date: &str, by: CasesBy) -> SurveillanceShown {
        let query = SurveillanceQuery {
            area: Some(area(code)),
            date: Some(day(date)),
            by,
        };
        self.house.surveillance(&self.operator(), &query).unwrap()
    }
}

fn row(number: &str, code: &str, onset: &str) -> String {
    let onset = if onset.is_empty() {
        String::new()
    } else {
        format!("2020-{onset}")
    };
    format!("{number},患者{number},{code},{onset},,2020-02-08,,confirmed,\n")
}

/// A infected B and C at home, B infected D at work, E is alone; F of another county infected G of this one.
fn small() -> Outbreak {
    let rows = [
        row("A", VILLAGE, "01-20"),
        row("B", VILLAGE, "01-24"),
        row("C", VILLAGE, "01-26"),
        row("D", VILLAGE, "01-31"),
        row("E", VILLAGE, ""),
        row("F", "330602001001", "01-22"),
        row("G", VILLAGE, "01-27"),
    ]
    .concat();
    let bed = Outbreak::new(&rows);
    bed.link("A", "B", Certainty::Confirmed, Setting::Household);
    bed.link("A", "C", Certainty::Probable, Setting::Household);
    bed.link("B", "D", Certainty::Possible, Setting::Work);
    bed.link("F", "G", Certainty::Possible, Setting::Transport);
    bed
}

#[test]
fn a_small_outbreak_is_told_as_worked_by_hand() {
    let bed = small();
    let whole = bed.chains(&ChainsQuery::default());
    assert_eq!((whole.cases, whole.linked, whole.left_out), (7, 6, 0));
    let generations: Vec<usize> = whole.generations.iter().map(|one| one.cases).collect();
    assert_eq!(generations, [2, 3, 1]);
    // 24-20, 26-20, 31-24, 27-22
    assert_eq!((whole.intervals.n, whole.intervals.median), (4, Some(5.5)));
    assert!((whole.offspring.r.unwrap() - 4.0 / 7.0).abs() < 1e-12);
    assert_eq!(whole.offspring.n, 7);
    // 80 % of four infections: A's two, B's or F's one, and a fifth of the other.
    assert!((whole.offspring.cases_for_80_share.unwrap() - 2.2 / 7.0).abs() < 1e-12);
    assert_eq!(whole.links.confirmed, 1);
    assert_eq!((whole.links.probable, whole.links.possible), (1, 2));
    let clusters: Vec<(Setting, usize)> = whole
        .clusters
        .iter()
        .map(|one| (one.setting, one.cases))
        .collect();
    assert_eq!(clusters[0], (Setting::Household, 3));
    assert_eq!(clusters.len(), 3);

    // In the county F is nobody: G stands as the first of its kind, and that it does is said.
    let county = bed.chains(&ChainsQuery {
        area: Some(area(COUNTY)),
        ..ChainsQuery::default()
    });
    assert_eq!((county.cases, county.linked), (6, 4));
    assert_eq!(county.links.from_elsewhere, 1);
    let f = bed.case("F");
    assert!(
        !serde_json::to_string(&county)
            .unwrap()
            .contains(&f.to_string())
    );

    let mut json = serde_json::to_value(&county).unwrap();
    json["nodes"].as_array_mut().unwrap().truncate(2);
    insta::assert_json_snapshot!(tidy(json));
}

#[test]
fn attack_rates_count_close_contacts_of_the_cluster_in_its_setting() {
    let bed = small();
    // A's contacts at home: B and C became cases, and E was one before; at work: D, of the other setting.
    bed.contact("A", bed.person("B"), "2020-01-22", Setting::Household);
    bed.contact("A", bed.person("E"), "2020-01-22", Setting::Household);
    bed.contact("A", bed.person("D"), "2020-01-22", Setting::Work);
    let found = bed.chains(&ChainsQuery::default());
    let home = found
        .clusters
        .iter()
        .find(|one| one.setting == Setting::Household)
        .unwrap();
    let attack = home.attack.unwrap();
    let became = bed
        .house
        .store()
        .read(|c| {
            Ok(
                lianfang_store::views::contacts::of_case(c, &[bed.case("A")], 10)?
                    .iter()
                    .filter(|one| one.became.is_some())
                    .count() as u64,
            )
        })
        .unwrap();
    assert_eq!(attack.contacts, 2);
    assert!(attack.became <= 2 && became >= attack.became);
    assert!(attack.low <= attack.rate && attack.rate <= attack.high);
    let work = found
        .settings
        .iter()
        .find(|one| one.setting == Some(Setting::Work))
        .unwrap();
    assert_eq!((work.links, work.attack.unwrap().contacts), (1, 1));
}

#[test]
fn chains_stop_at_the_askers_areas_and_at_impossible_spans() {
    let bed = small();
    let officer = bed.user(Role::Epidemiologist, NEIGHBOUR);
    let mut said = Vec::new();
    let mut ask = |query: ChainsQuery| {
        said.push(why(&bed.house.chains(&officer, &query).unwrap_err()));
    };
    let of = |code: &str| ChainsQuery {
        area: Some(area(code)),
        ..ChainsQuery::default()
    };
    ask(of(COUNTY));
    ask(of(CITY));
    ask(ChainsQuery {
        to: Some(day("2020-02-10")),
        ..of(NEIGHBOUR)
    });
    ask(ChainsQuery {
        from: Some(day("2020-02-02")),
        to: Some(day("2020-02-01")),
        ..of(NEIGHBOUR)
    });
    ask(ChainsQuery {
        from: Some(day("2017-02-01")),
        ..of(NEIGHBOUR)
    });
    let late = SurveillanceQuery {
        area: Some(area(NEIGHBOUR)),
        date: Some(day("2020-02-10")),
        by: CasesBy::Report,
    };
    said.push(why(&bed.house.surveillance(&officer, &late).unwrap_err()));
    let foreign = SurveillanceQuery {
        area: Some(area(COUNTY)),
        date: None,
        by: CasesBy::Report,
    };
    said.push(why(&bed
        .house
        .surveillance(&officer, &foreign)
        .unwrap_err()));
    said.push(why(&bed
        .house
        .suggested_infectors(&officer, bed.case("A"))
        .unwrap_err()));
    let gate = bed.user(Role::CheckpointStaff, CITY);
    said.push(why(&bed.house.chains(&gate, &of(CITY)).unwrap_err()));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn an_infector_is_suggested_with_reasons_and_adopted_by_somebody() {
    let bed = small();
    let d = bed.case("D");
    bed.contact("C", bed.person("D"), "2020-01-28", Setting::School);
    let found = bed.house.suggested_infectors(&bed.operator(), d).unwrap();
    let numbers: Vec<&str> = found
        .rows
        .iter()
        .map(|one| one.case.external_id.as_deref().unwrap())
        .collect();
    // C alone met D on record; the others are of the same village. D's infector by a link stands among them, marked.
    assert_eq!(numbers[0], "C");
    assert!(numbers.contains(&"B") && !numbers.contains(&"D"));
    let total: f64 = found.rows.iter().map(|one| one.probability).sum();
    assert!((total + found.outside + found.not_shown - 1.0).abs() < 1e-9);
    let b = found.rows.iter().find(|one| one.linked).unwrap();
    assert_eq!(b.case.external_id.as_deref(), Some("B"));
    let reasons: Vec<&str> = found.rows[0]
        .reasons
        .iter()
        .map(|one| one.en.as_str())
        .collect();
    insta::assert_snapshot!(reasons.join("\n"));

    // Nothing was adopted by looking.
    let stated = || bed.house.case_links(&bed.operator(), d).unwrap();
    assert_eq!(stated().len(), 1);
    let adopted = AdoptInfector {
        id: Some(FactId::from_parts(1, 7)),
        infector: bed.case("C"),
    };
    let link = bed
        .house
        .adopt_infector(&bed.operator(), d, &adopted)
        .unwrap();
    let again = bed
        .house
        .adopt_infector(&bed.operator(), d, &adopted)
        .unwrap();
    assert_eq!(link, again);
    let links = stated();
    assert_eq!(links.len(), 2);
    let new = links.iter().find(|one| one.link == link).unwrap();
    assert_eq!(new.certainty, Certainty::Possible);
    assert_eq!(new.met, Some(day("2020-01-28")));
    assert_eq!(new.meeting.setting, Some(Setting::School));
    let said = new.suggested.unwrap();
    assert!((said - found.rows[0].probability).abs() <= 0.0005);
    assert!(links.iter().any(|one| one.suggested.is_none()));

    // Whoever D infected, be it through others, cannot have infected D: neither suggested nor adopted.
    bed.link("D", "E", Certainty::Possible, Setting::Work);
    let after = bed.house.suggested_infectors(&bed.operator(), d).unwrap();
    assert!(after.rows.iter().all(|one| one.case.case != bed.case("E")));
    for case in ["E", "G"] {
        let wrong = AdoptInfector {
            id: None,
            infector: bed.case(case),
        };
        let refusal = bed.house.adopt_infector(&bed.operator(), d, &wrong);
        if case == "E" {
            assert_eq!(refusal.unwrap_err().code(), "conflict");
        }
    }
    bed.holds();
}

#[test]
fn whoever_may_not_read_a_case_sees_its_share_and_nothing_more() {
    let bed = small();
    bed.contact("F", bed.person("G"), "2020-01-24", Setting::Transport);
    let officer = bed.user(Role::Epidemiologist, COUNTY);
    let found = bed
        .house
        .suggested_infectors(&officer, bed.case("G"))
        .unwrap();
    assert!(found.not_shown > 0.5, "{}", found.not_shown);
    let text = serde_json::to_string(&found).unwrap();
    assert!(!text.contains(&bed.case("F").to_string()));
}

/// Cases by report on each of the days before 9 February, the newest last.
fn reported(counts: &[u32]) -> Outbreak {
    let mut rows = String::new();
    let last = day("2020-02-08");
    for (ago, n) in counts.iter().rev().enumerate() {
        let on = last.checked_sub((ago as i64).days()).unwrap();
        for nth in 0..*n {
            let onset = on.checked_sub(3.days()).unwrap();
            let sampled = on.checked_sub(1.days()).unwrap();
            rows.push_str(&format!(
                "R{ago}-{nth},患者,{VILLAGE},{onset},{sampled},{on},{on},confirmed,\n"
            ));
        }
    }
    Outbreak::new(&rows)
}

#[test]
fn an_unusual_day_alarms_with_its_reason_and_again_when_it_is_long_past() {
    let bed = reported(&[1, 2, 1, 2, 1, 2, 1, 2, 1, 12]);
    let today = bed.surveillance(CITY, "2020-02-09", CasesBy::Report);
    let alarms = today.alarms.unwrap();
    assert_eq!(alarms.method_name, "EARS C2");
    let areas: Vec<String> = alarms
        .alarms
        .iter()
        .map(|one| match &one.of {
            AlarmOf::Area { area } => area.code.to_string(),
            AlarmOf::Setting { setting } => format!("{setting:?}"),
        })
        .collect();
    assert_eq!(areas.len(), 2, "the city and its county: {areas:?}");
    let one = &alarms.alarms[0];
    assert_eq!((one.day, one.observed), (day("2020-02-08"), 12));
    // Seven days that end three before: 1, 2, 1, 2, 1, 2, 1; three standard deviations of 0.53 above 1.43.
    assert_eq!(one.baseline_from, day("2020-01-30"));
    assert_eq!(one.baseline_to, day("2020-02-05"));
    assert!((one.expected - 10.0 / 7.0).abs() < 1e-9);
    insta::assert_snapshot!(one.reason.en);

    // The brief of the morning says so, and the brief of the morning before does not.
    assert_eq!(bed.brief(CITY, "2020-02-09").alarms, alarms.alarms);
    assert!(
        bed.brief(CITY, "2020-02-08").alarms.is_empty()
            || bed.brief(CITY, "2020-02-08").alarms[0].day == day("2020-02-08")
    );

    // A late correction is not known then: asked for the same day later, the same alarms come.
    bed.at("2020-02-20T08:00:00+08:00");
    let rows = row("L1", VILLAGE, "02-01").replace("2020-02-08", "2020-02-19");
    bed.take(Kind::Linelist, &format!("{HEADER}{rows}"));
    let then = bed.surveillance(CITY, "2020-02-09", CasesBy::Report);
    let mut expected = alarms.alarms.clone();
    // The ninth itself is over by now, and is judged too: it had no case.
    expected.retain(|one| one.day <= day("2020-02-08"));
    assert_eq!(then.alarms.unwrap().alarms, expected);
}

#[test]
fn settings_alarm_by_the_links_and_curves_and_delays_follow_the_cases() {
    let bed = reported(&[1, 1, 1, 1, 1, 1, 1, 1, 1, 9]);
    for nth in 1..9 {
        bed.link(
            "R0-0",
            &format!("R0-{nth}"),
            Certainty::Probable,
            Setting::School,
        );
    }
    let found = bed.surveillance(COUNTY, "2020-02-09", CasesBy::Sample);
    let school = found
        .alarms
        .as_ref()
        .unwrap()
        .alarms
        .iter()
        .find(|one| {
            matches!(
                one.of,
                AlarmOf::Setting {
                    setting: Setting::School
                }
            )
        })
        .unwrap();
    assert_eq!((school.observed, school.day), (8, day("2020-02-08")));
    // Nine samples of the seventh; the curve of the day of report ends on the eighth.
    let at = |shown: &SurveillanceShown, on: &str| {
        shown
            .curve
            .iter()
            .find(|one| one.date == day(on))
            .and_then(|one| one.new)
    };
    assert_eq!(at(&found, "2020-02-07"), Some(9));
    assert_eq!((found.cases, found.without_day), (18, 0));
    let by_report = bed.surveillance(COUNTY, "2020-02-09", CasesBy::Report);
    assert_eq!(at(&by_report, "2020-02-08"), Some(9));
    let by_onset = bed.surveillance(COUNTY, "2020-02-09", CasesBy::Onset);
    assert_eq!(at(&by_onset, "2020-02-05"), Some(9));
    let delay = |name: &str| found.delays.iter().find(|one| one.delay == name).unwrap();
    assert_eq!(
        (delay("onset_to_report").n, delay("onset_to_report").median),
        (18, Some(3.0))
    );
    assert_eq!(delay("onset_to_sample").q90, Some(2.0));
    assert_eq!(delay("onset_to_admission").median, Some(3.0));
    assert_eq!(delay("sample_to_result").n, 0);

    // A sample with its result: once, with the first day given.
    let case = bed.case("R0-0");
    let sample = NewSample {
        id: None,
        day: day("2020-02-05"),
        kind: None,
        test: None,
        number: None,
        laboratory: None,
        delivered: None,
    };
    let sample = bed
        .house
        .sample_case(&bed.operator(), case, &sample)
        .unwrap();
    for on in ["2020-02-07", "2020-02-08"] {
        let result = NewResult {
            id: None,
            sample,
            result: lianfang_core::quarantine::SampleResult::Positive,
            day: day(on),
            laboratory: None,
        };
        bed.house
            .sample_result(&bed.operator(), case, &result)
            .unwrap();
    }
    let after = bed.surveillance(COUNTY, "2020-02-09", CasesBy::Report);
    let result = after
        .delays
        .iter()
        .find(|one| one.delay == "sample_to_result")
        .unwrap();
    assert_eq!((result.n, result.median), (1, Some(2.0)));
    bed.holds();
}

/// What is summed, counted anew from cases and links.
fn recount(bed: &Outbreak) -> (BTreeMap<(i64, i64), u64>, BTreeMap<Setting, u64>) {
    let mut delays: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    let mut settings: BTreeMap<Setting, u64> = BTreeMap::new();
    for (case, _) in bed.ids.values() {
        let (row, linked) = bed
            .house
            .store()
            .read(|c| Ok((view::get(c, *case)?.unwrap(), links::of_case(c, *case)?)))
            .unwrap();
        let details = &row.details;
        if !row.is_case() {
            continue;
        }
        let told: BTreeSet<Setting> = linked
            .iter()
            .filter(|link| link.infectee == *case)
            .filter_map(|link| link.meeting.setting)
            .collect();
        for setting in told {
            *settings.entry(setting).or_default() += 1;
        }
        for (kind, until) in [
            (Delay::OnsetToReport, details.reported),
            (Delay::OnsetToAdmission, details.hospitalised),
            (Delay::OnsetToSample, details.sampled),
        ] {
            if let (true, Some(from), Some(until)) =
                (details.classification.counts(), details.onset, until)
            {
                let days = i64::from(until.since(from).unwrap().get_days());
                *delays.entry((kind as i64, days)).or_default() += 1;
            }
        }
    }
    (delays, settings)
}

#[derive(Debug, Clone)]
enum Act {
    Link(usize, usize, usize),
    Withdraw(usize),
    Exclude(usize),
    Move(usize, i64),
    Merge(usize, usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let case = 0..9_usize;
    prop::collection::vec(
        prop_oneof![
            4 => (case.clone(), case.clone(), 0..7_usize).prop_map(|(a, b, s)| Act::Link(a, b, s)),
            1 => (0..20_usize).prop_map(Act::Withdraw),
            1 => case.clone().prop_map(Act::Exclude),
            2 => (case.clone(), 0..4_i64).prop_map(|(a, d)| Act::Move(a, d)),
            1 => (case.clone(), case).prop_map(|(a, b)| Act::Merge(a, b)),
        ],
        1..25,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever happens to cases and links: the sums are those of a recount, the forest holds together, and nobody is lost.
    #[test]
    fn sums_and_forests_stand_as_a_recount_finds_them(acts in acts()) {
        use lianfang_core::words::Word;
        let names: Vec<String> = (0..9).map(|n| format!("P{n}")).collect();
        let rows: String = names.iter().enumerate().map(|(n, name)| {
            format!("{name},患者,{VILLAGE},2020-01-{},2020-02-02,2020-02-08,,confirmed,\n", 20 + n % 3)
        }).collect();
        let bed = Outbreak::new(&rows);
        let mut stated = Vec::new();
        for act in acts {
            match act {
                Act::Link(a, b, s) => {
                    let new = NewLink {
                        id: None,
                        infector: bed.case(&names[a]),
                        infectee: bed.case(&names[b]),
                        certainty: Certainty::ALL[s % 3],
                        met: None,
                        meeting: Meeting { setting: Setting::ALL.get(s).copied(), ..Meeting::default() },
                    };
                    stated.extend(bed.house.state_link(&bed.operator(), bed.case(&names[b]), &new));
                }
                Act::Withdraw(nth) => {
                    if let Some(link) = stated.get(nth) {
                        let back = LinkBack { id: None, reason: "wrong".into() };
                        let _ = bed.house.withdraw_link(&bed.operator(), *link, &back);
                    }
                }
                Act::Exclude(a) => revise(&bed, &names[a], &|details| {
                    let now = if details.classification == Classification::Excluded {
                        "confirmed"
                    } else {
                        "excluded"
                    };
                    ("classification", Value::from(now))
                }),
                Act::Move(a, days) => revise(&bed, &names[a], &|_| {
                    let to = day("2020-02-08").checked_sub(days.days()).unwrap();
                    ("reported", Value::from(to.to_string()))
                }),
                Act::Merge(a, b) => {
                    let _ = bed.house.merge_case(
                        &bed.operator(), bed.case(&names[a]), bed.case(&names[b]), None,
                    );
                }
            }
        }
        let (delays, settings) = recount(&bed);
        let span = (day("2019-01-01"), day("2021-01-01"));
        let (kept, infected) = bed.house.store().read(|c| Ok((
            surveillance::delays(c, area(CITY), span)?,
            links::infected_in(c, area(CITY), span)?,
        ))).unwrap();
        let mut sums: BTreeMap<(i64, i64), u64> = BTreeMap::new();
        for (delay, days, n) in kept {
            *sums.entry((delay as i64, days)).or_default() += n;
        }
        prop_assert_eq!(sums, delays);
        let mut by_setting: BTreeMap<Setting, u64> = BTreeMap::new();
        for (_, setting, n) in infected {
            *by_setting.entry(setting).or_default() += n;
        }
        prop_assert_eq!(by_setting, settings);

        let found = bed.chains(&ChainsQuery::default());
        let links = found.links;
        let taken = links.confirmed + links.probable + links.possible;
        prop_assert_eq!(found.nodes.len(), found.trees.iter().map(|tree| tree.cases).sum::<usize>());
        prop_assert_eq!(taken, found.nodes.len() - found.trees.len());
        for (at, node) in found.nodes.iter().enumerate() {
            prop_assert!(node.infector.is_none_or(|infector| infector < at));
            let infected = found.nodes.iter().filter(|one| one.infector == Some(at)).count();
            prop_assert_eq!(infected, node.infectees as usize);
            let above = node.infector.map_or(0, |infector| found.nodes[infector].generation + 1);
            prop_assert_eq!(above, node.generation);
        }
        prop_assert_eq!(found.generations.iter().map(|one| one.cases).sum::<usize>(), found.linked);
        prop_assert_eq!(found.intervals.n, taken);
        if let Some(r) = found.offspring.r {
            prop_assert!((r - taken as f64 / found.cases as f64).abs() < 1e-9);
        }
        bed.holds();
    }
}

fn revise(bed: &Outbreak, name: &str, change: &dyn Fn(&CaseDetails) -> (&'static str, Value)) {
    let case = bed.case(name);
    let row = bed
        .house
        .store()
        .read(|c| Ok(view::get(c, case)?.unwrap()))
        .unwrap();
    let (field, value) = change(&row.details);
    let revision = CaseRevision {
        id: None,
        seen: row.seq,
        area: None,
        set: std::iter::once((field.to_owned(), value)).collect(),
        reason: "as it was found".into(),
    };
    let _ = bed.house.revise_case(&bed.operator(), case, &revision);
}

/// A large outbreak in one city: chains of forty, a star of thirty in each tenth of them.
fn large(cases: usize) -> Outbreak {
    let first = day("2019-12-01");
    let mut rows = String::new();
    for n in 0..cases {
        let onset = first.checked_add(((n / 100) as i64).days()).unwrap();
        let reported = onset.checked_add(4.days()).unwrap();
        let of = if n % 2 == 0 { VILLAGE } else { "330602001001" };
        rows.push_str(&format!(
            "N{n:05},,{of},{onset},{reported},{reported},,confirmed,\n"
        ));
    }
    let bed = Outbreak::new(&rows);
    let actor = bed.operator();
    let drafts = (1..cases).filter(|n| n % 40 != 0).map(|n| {
        let start = n - n % 40;
        let infector = if (start / 40) % 10 == 0 { start } else { n - 1 };
        let id = FactId::from_parts(1_000, n as u128 + 1);
        Draft {
            id,
            area: area(if n % 2 == 0 { VILLAGE } else { "330602001001" }),
            actor: actor.account,
            device: "test".into(),
            happened_at: bed.house.now(),
            body: Body::LinkStated(LinkStated {
                link: LinkId::from_bytes(id.to_bytes()),
                infector: bed.case(&format!("N{infector:05}")),
                infectee: bed.case(&format!("N{n:05}")),
                certainty: Certainty::Probable,
                met: None,
                meeting: Meeting {
                    setting: Some(Setting::Work),
                    ..Meeting::default()
                },
                suggested: None,
                said: String::new(),
            }),
        }
    });
    let drafts: Vec<Draft> = drafts.collect();
    for some in drafts.chunks(500) {
        bed.house
            .store()
            .append(Batch::of(some.iter().cloned()))
            .unwrap();
    }
    bed
}

#[test]
fn two_thousand_cases_are_whole_and_more_than_fit_are_cut_with_a_word() {
    let bed = large(2_000);
    let begun = Instant::now();
    let found = bed.chains(&ChainsQuery::default());
    println!("chains of 2,000 cases: {:?} (test build)", begun.elapsed());
    assert_eq!(
        (found.cases, found.left_out, found.trees.len()),
        (2_000, 0, 50)
    );
    assert_eq!(found.linked, 2_000);
    assert_eq!(
        found.superspreaders.len(),
        5,
        "the first of each tenth chain"
    );
    assert!(found.superspreaders.iter().all(|one| one.infectees == 39));
    assert_eq!(found.clusters.len(), 50);
    let mut times: Vec<_> = (0..20)
        .map(|_| {
            let begun = Instant::now();
            let found = bed.chains(&ChainsQuery::default());
            let bytes = serde_json::to_vec(&found).unwrap().len();
            (begun.elapsed(), bytes)
        })
        .collect();
    times.sort();
    println!(
        "20 times with JSON of {} bytes: {:?} at the median, {:?} at most (test build)",
        times[0].1, times[10].0, times[19].0
    );

    let bed = large(MOST_CASES as usize + 1_000);
    let found = bed.chains(&ChainsQuery::default());
    assert_eq!(
        found.cases as u64 + found.left_out,
        u64::from(MOST_CASES) + 1_000
    );
    assert!(found.cases <= MOST_CASES as usize && found.left_out >= 1_000);
    assert!(
        found.from > day("2019-12-05"),
        "the oldest days are left out"
    );
    let earlier = ChainsQuery {
        to: found.from.checked_sub(1.days()).ok(),
        ..ChainsQuery::default()
    };
    let before = bed.chains(&earlier);
    assert_eq!((before.cases as u64, before.left_out), (found.left_out, 0));
}

/// Numbers drawn by lot, the same each time (Steele et al. 2014, `SplitMix64`).
struct Lot(u64);

impl Lot {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        (self.share() * n as f64) as usize
    }
}

/// An outbreak whose infectors are known, told to the house as people would tell it: the line list, seven of ten of the true contacts,
/// and some contacts that infected nobody. How many infectors are found is printed, not assumed.
#[test]
fn known_infectors_of_a_seeded_outbreak_are_found_again() {
    const CASES: usize = 120;
    const NAMED: f64 = 0.7;
    const SPREADERS: f64 = 0.2;
    let pack = lianfang_policy::Pack::shipped(lianfang_service::FIRST_PACK).unwrap();
    let weights = pack.serial_interval.weights();
    let mut lot = Lot(20_200_209);
    let drawn = |lot: &mut Lot| {
        let mut left = lot.share();
        for (days, weight) in weights.iter().enumerate() {
            left -= weight;
            if left <= 0.0 {
                return days as i64;
            }
        }
        5
    };
    let first = day("2020-01-01");
    let mut onset = vec![0_i64, 1, 2];
    let mut infector: Vec<Option<usize>> = vec![None; 3];
    let spreads: Vec<bool> = (0..CASES)
        .map(|n| n < 3 || lot.share() < SPREADERS)
        .collect();
    while onset.len() < CASES {
        let by = lot.below(onset.len());
        let day = onset[by] + drawn(&mut lot);
        if spreads[by] && day < 34 {
            onset.push(day);
            infector.push(Some(by));
        }
    }
    let rows: String = onset
        .iter()
        .enumerate()
        .map(|(n, on)| {
            let on = first.checked_add(on.days()).unwrap();
            let reported = on.checked_add(3.days()).unwrap();
            format!("S{n:03},患者{n:03},{VILLAGE},{on},,{reported},,confirmed,\n")
        })
        .collect();
    let bed = Outbreak::new(&rows);
    let name = |n: usize| format!("S{n:03}");
    let mut met = BTreeSet::new();
    for n in 0..CASES {
        let Some(by) = infector[n] else { continue };
        let on = first
            .checked_add((onset[n] - 2).max(onset[by]).days())
            .unwrap();
        if lot.share() < NAMED {
            met.insert((by, n));
            bed.contact(
                &name(by),
                bed.person(&name(n)),
                &on.to_string(),
                Setting::Household,
            );
        }
        // Somebody else of those who were ill then was met as well.
        let other = lot.below(CASES);
        if other != n && other != by && (0..12).contains(&(onset[n] - onset[other])) {
            let on = first
                .checked_add((onset[n] - 1).max(onset[other]).days())
                .unwrap();
            bed.contact(
                &name(other),
                bed.person(&name(n)),
                &on.to_string(),
                Setting::Community,
            );
        }
    }
    let (mut asked, mut right, mut right_named, mut named) = (0, 0, 0, 0);
    let mut expected = 0.0;
    for (n, by) in infector.iter().enumerate() {
        let Some(by) = *by else { continue };
        let found = bed
            .house
            .suggested_infectors(&bed.operator(), bed.case(&name(n)))
            .unwrap();
        let hit = found
            .rows
            .first()
            .is_some_and(|one| one.case.case == bed.case(&name(by)));
        asked += 1;
        expected += found.rows.first().map_or(0.0, |one| one.probability);
        right += usize::from(hit);
        if met.contains(&(by, n)) {
            named += 1;
            right_named += usize::from(hit);
        }
    }
    let share = |part: usize, of: usize| 100.0 * part as f64 / of as f64;
    println!("seeded outbreak of {CASES} cases, {asked} with a known infector");
    println!(
        "contact recall: {named} of {asked} ({:.1} %)",
        share(named, asked)
    );
    println!(
        "true infector suggested first: {right} of {asked} ({:.1} %); where the contact is on record {right_named} of {named} ({:.1} %); expected by the probabilities {expected:.1}",
        share(right, asked),
        share(right_named, named)
    );
    // Whoever is on record as a contact is found far more often than by chance among over a hundred.
    assert!(right_named * 2 > named, "{right_named} of {named}");

    // The tree that comes of adopting each first suggestion, link by link.
    for n in 0..CASES {
        let found = bed
            .house
            .suggested_infectors(&bed.operator(), bed.case(&name(n)))
            .unwrap();
        if let Some(one) = found.rows.first().filter(|one| one.probability > 0.5) {
            let adopted = AdoptInfector {
                id: None,
                infector: one.case.case,
            };
            bed.house
                .adopt_infector(&bed.operator(), bed.case(&name(n)), &adopted)
                .unwrap();
        }
    }
    let tree = bed.chains(&ChainsQuery::default());
    let truth: BTreeMap<CaseId, CaseId> = (0..CASES)
        .filter_map(|n| Some((bed.case(&name(n)), bed.case(&name(infector[n]?)))))
        .collect();
    let links = tree.nodes.iter().filter_map(|node| {
        let infector = &tree.nodes[node.infector?];
        Some(truth.get(&node.case) == Some(&infector.case))
    });
    let links: Vec<bool> = links.collect();
    let correct = links.iter().filter(|right| **right).count();
    println!(
        "tree of adopted suggestions above one half: {} links, {correct} true ({:.1} %), of {asked} true ones {:.1} %",
        links.len(),
        share(correct, links.len()),
        share(correct, asked)
    );
    assert!(correct * 2 > links.len());
}
