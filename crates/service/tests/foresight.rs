//! Forecasts are made from what was known then, never changed, and scored when the truth comes.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fmt::Write as _;

use common::{CITY, COUNTY, NEIGHBOUR, Testbed, VILLAGE, area, day};
use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::access::Role;
use lianfang_core::facts::{Body, ForecastMade};
use lianfang_core::forecasts::{Model, Target};
use lianfang_epi::forecast::{Forecaster, LEVELS, Quantiles, persistence};
use lianfang_epi::incidence::Total;
use lianfang_epi::scores::{bias, covers, wis};
use lianfang_epi::stays::{self, Stay};
use lianfang_intake::Kind;
use lianfang_policy::Pack;
use lianfang_service::foresight::{
    ForecastQuery, ForecastRecord, ForecastsMade, ForecastsShown, MakeForecasts, RecordQuery,
    Verdict,
};

/// New cases of each day from 20 January.
const NEW: [u32; 26] = [
    2, 3, 5, 6, 9, 12, 14, 18, 17, 21, 24, 22, 26, 25, 22, 20, 19, 16, 14, 12, 11, 9, 8, 6, 5, 4,
];

fn first() -> Date {
    day("2020-01-20")
}

fn row(place: usize) -> (Date, u32) {
    let date = first().checked_add((place as i64).days()).unwrap();
    (date, NEW[..=place].iter().sum())
}

/// Each day's total, taken on the evening of its day; forecasts are made the next morning.
fn lived_through(days: usize) -> Testbed {
    let bed = Testbed::city();
    for place in 0..days {
        let (date, total) = row(place);
        bed.at(&format!("{date}T06:00:00+08:00"));
        made(&bed, None);
        bed.at(&format!("{date}T20:00:00+08:00"));
        report(&bed, COUNTY, date, total);
    }
    let (last, _) = row(days - 1);
    bed.at(&format!("{}T06:00:00+08:00", last.tomorrow().unwrap()));
    bed
}

fn report(bed: &Testbed, code: &str, date: Date, total: u32) {
    let text = format!(
        "date,province,city,code,confirmed,suspected,cured,dead\n{date},浙江省,嵊州市,{code},{total},0,0,0\n"
    );
    let taken = bed.take(Kind::CityTotals, &text);
    assert_eq!(taken.rows_taken + taken.rows_revised, 1, "{taken:?}");
}

fn made(bed: &Testbed, as_of: Option<Date>) -> ForecastsMade {
    let asked = MakeForecasts {
        as_of,
        ..MakeForecasts::default()
    };
    bed.house.make_forecasts(&bed.operator(), &asked).unwrap()
}

fn facts(bed: &Testbed) -> Vec<(lianfang_core::areas::AreaCode, ForecastMade)> {
    let facts = bed.house.store().facts_after(0, 100_000).unwrap();
    facts
        .iter()
        .filter(|fact| fact.kind == "forecast.made/1")
        .map(|fact| match fact.read_body().unwrap() {
            Body::ForecastMade(made) => (fact.area, made),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn shown(bed: &Testbed, code: &str, as_of: Option<&str>) -> ForecastsShown {
    let query = ForecastQuery {
        area: Some(area(code)),
        as_of: as_of.map(day),
        ..ForecastQuery::default()
    };
    bed.house.forecasts(&bed.operator(), &query).unwrap()
}

fn record(bed: &Testbed, code: &str, date: Option<&str>, below: bool) -> ForecastRecord {
    let query = RecordQuery {
        area: Some(area(code)),
        date: date.map(day),
        below,
        ..RecordQuery::default()
    };
    bed.house.forecast_record(&bed.operator(), &query).unwrap()
}

#[test]
fn a_forecast_is_that_of_the_model_from_the_totals_of_the_day() {
    let bed = lived_through(16);
    let done = made(&bed, None);
    // County, city: the country lies above the root.
    assert_eq!((done.areas, done.made, done.there), (2, 4, 0));
    let (as_of, _) = row(15);
    assert_eq!(done.as_of, as_of);

    let pack = Pack::shipped("covid19-cn-2020").unwrap();
    let totals: Vec<Total> = (0..16)
        .map(row)
        .map(|(date, total)| Total { date, total })
        .collect();
    let forecaster = Forecaster::new(&pack.serial_interval, &pack.forecast.unwrap()).unwrap();
    let expected = [
        (
            Model::Renewal,
            forecaster.forecast(&totals, true, as_of, 14).unwrap(),
        ),
        (
            Model::Persistence,
            persistence(&totals, true, as_of, 14).unwrap(),
        ),
    ];
    for (model, expected) in expected {
        let facts = facts(&bed);
        let (_, stored) = facts
            .iter()
            .find(|(code, made)| {
                *code == area(COUNTY) && made.model == model && made.as_of == as_of
            })
            .unwrap();
        assert_eq!(stored.thousandths.len(), 14);
        assert_eq!((stored.last, stored.added), (as_of, 0));
        for (day, values) in expected.days.iter().zip(&stored.thousandths) {
            assert_eq!(values.len(), LEVELS.len());
            for (value, stored) in day.quantiles.values().iter().zip(values) {
                assert!((value - *stored as f64 / 1_000.0).abs() <= 0.000_501);
            }
        }
    }
    // The page shows the same numbers.
    let page = shown(&bed, COUNTY, None);
    let renewal = page
        .forecasts
        .iter()
        .find(|forecast| forecast.model == Model::Renewal)
        .unwrap();
    assert_eq!(page.as_of, Some(as_of));
    assert!(!renewal.later);
    assert!(renewal.days.iter().all(|day| day.came.is_none()));
    assert!(
        renewal
            .days
            .iter()
            .all(|day| day.low_90 <= day.low_50 && day.high_50 <= day.high_90)
    );
    bed.holds();
}

#[test]
fn made_twice_there_is_one_and_too_few_cases_make_none() {
    let bed = lived_through(16);
    let once = made(&bed, None);
    let again = made(&bed, None);
    assert_eq!((again.made, again.there), (0, once.made));
    // Up to 23 January there were 16 cases: none was made of that day.
    let days: Vec<Date> = facts(&bed).iter().map(|(_, made)| made.as_of).collect();
    assert_eq!(days.iter().min(), Some(&day("2020-01-24")));
    assert_eq!(made(&bed, Some(day("2020-01-23"))).areas, 0);
    // An area without cases has none, and says why.
    let none = shown(&bed, NEIGHBOUR, None);
    assert!(none.forecasts.is_empty());
    assert!(none.why_none.unwrap().en.contains("at least 20 new cases"));
    bed.holds();
}

#[test]
fn a_later_correction_changes_no_stored_forecast() {
    let bed = lived_through(16);
    made(&bed, None);
    let before = facts(&bed);
    let shown_before = shown(&bed, COUNTY, Some("2020-01-30")).forecasts;
    let (date, total) = row(8);
    report(&bed, COUNTY, date, total + 40);
    assert_eq!(made(&bed, Some(day("2020-01-30"))).made, 0);
    assert_eq!(facts(&bed), before);
    for (before, after) in shown_before
        .iter()
        .zip(&shown(&bed, COUNTY, Some("2020-01-30")).forecasts)
    {
        assert_eq!(before.read, after.read);
        for (before, after) in before.days.iter().zip(&after.days) {
            assert!((before.median - after.median).abs() < f64::EPSILON);
        }
    }
    bed.holds();
}

#[test]
fn made_afterwards_it_is_what_it_would_have_been_then_and_says_that_it_is_late() {
    let then = lived_through(16);
    made(&then, None);
    // The same days, but nobody made a forecast until the end; a total was corrected in between.
    let late = Testbed::city();
    for place in 0..16 {
        let (date, total) = row(place);
        late.at(&format!("{date}T20:00:00+08:00"));
        report(&late, COUNTY, date, total);
    }
    late.at("2020-02-05T06:00:00+08:00");
    let (date, total) = row(5);
    report(&late, COUNTY, date, total + 30);
    made(&late, Some(day("2020-01-31")));

    let of = |bed: &Testbed| -> Vec<ForecastMade> {
        facts(bed)
            .into_iter()
            .filter(|(code, made)| *code == area(COUNTY) && made.as_of == day("2020-01-31"))
            .map(|(_, made)| made)
            .collect()
    };
    assert_eq!(of(&then), of(&late));
    let query = Some("2020-01-31");
    assert!(
        shown(&late, COUNTY, query)
            .forecasts
            .iter()
            .all(|f| f.later)
    );
    assert!(
        !shown(&then, COUNTY, query)
            .forecasts
            .iter()
            .any(|f| f.later)
    );
    let scores = record(&late, COUNTY, None, false).scores;
    assert!(!scores.is_empty());
    assert!(scores.iter().all(|score| score.later == score.scored));
}

#[test]
fn scores_are_those_of_a_recount_and_only_of_days_that_came() {
    let bed = lived_through(26);
    made(&bed, None);
    let came = |date: Date| -> Option<f64> {
        (0..26)
            .find(|place| row(*place).0 == date)
            .map(|place| f64::from(NEW[place]))
    };
    let facts: Vec<ForecastMade> = facts(&bed)
        .into_iter()
        .filter(|(code, _)| *code == area(COUNTY))
        .map(|(_, made)| made)
        .collect();
    let of = |model: Model, as_of: Date, horizon: usize| -> Quantiles {
        let made = facts
            .iter()
            .find(|made| made.model == model && made.as_of == as_of)
            .unwrap();
        let values = made.thousandths[horizon - 1].iter();
        Quantiles::at_hub_levels(values.map(|value| *value as f64 / 1_000.0).collect()).unwrap()
    };
    let days: Vec<Date> = facts
        .iter()
        .filter(|made| made.model == Model::Renewal)
        .map(|made| made.as_of)
        .collect();
    let record = record(&bed, COUNTY, None, false);
    assert_eq!(record.stored, days.len());
    for horizon in [1, 7, 14] {
        let (mut n, mut ours, mut base, mut held, mut off) = (0, 0.0, 0.0, 0, 0.0);
        for as_of in &days {
            let target = as_of.checked_add((horizon as i64).days()).unwrap();
            let Some(came) = came(target) else { continue };
            let forecast = of(Model::Renewal, *as_of, horizon);
            n += 1;
            ours += wis(&forecast, came).unwrap().wis;
            base += wis(&of(Model::Persistence, *as_of, horizon), came)
                .unwrap()
                .wis;
            held += u32::from(covers(&forecast, 0.9, came).unwrap());
            off += bias(&forecast, came).unwrap();
        }
        let score = record
            .scores
            .iter()
            .find(|score| score.horizon == Some(horizon))
            .unwrap();
        let n_f = f64::from(n);
        assert_eq!(score.scored, n as usize, "{horizon} days ahead");
        assert!((score.relative.unwrap() - ours / base).abs() < 1e-9);
        assert!((score.wis - ours / n_f).abs() < 1e-9);
        assert!((score.held_90 - f64::from(held) / n_f).abs() < 1e-12);
        assert!((score.bias - off / n_f).abs() < 1e-9);
        let verdict = match (n >= 20, ours < base) {
            (false, _) => Verdict::TooFew,
            (true, true) => Verdict::Better,
            (true, false) => Verdict::Worse,
        };
        assert_eq!(score.verdict, verdict);
    }
    // As known on a past day, only what had come by then counts.
    let then = self::record(&bed, COUNTY, Some("2020-01-27"), false);
    let all = then.scores.iter().find(|s| s.horizon.is_none()).unwrap();
    // Of 24, 25 and 26 January: three, two and one day.
    assert_eq!(all.scored, 3 + 2 + 1);
    assert_eq!(all.verdict, Verdict::TooFew);
    // The city's numbers are the county's; together they count twice.
    let both = self::record(&bed, CITY, None, true);
    assert_eq!((both.areas, both.stored), (2, 2 * days.len()));
}

#[test]
fn cases_that_become_known_late_are_filled_up() {
    let bed = Testbed::city();
    let header = "external_id,area,onset,reported,classification,outcome,outcome_date\n";
    let mut rows = String::new();
    // Each day ten new cases; half of them are confirmed on the next day only.
    for place in 0..12_i64 {
        let date = day("2020-01-20").checked_add(place.days()).unwrap();
        bed.at(&format!("{date}T20:00:00+08:00"));
        let mut text = String::from(header);
        text.push_str(&rows);
        rows.clear();
        for number in 0..10 {
            let class = if number % 2 == 0 {
                "confirmed"
            } else {
                "suspected"
            };
            writeln!(text, "D{place}-{number},{COUNTY},,{date},{class},,").unwrap();
            if class == "suspected" {
                writeln!(rows, "D{place}-{number},{COUNTY},,{date},confirmed,,").unwrap();
            }
        }
        bed.take(Kind::Linelist, &text);
    }
    bed.at("2020-02-01T06:00:00+08:00");
    made(&bed, None);
    let facts = facts(&bed);
    let (_, stored) = facts
        .iter()
        .find(|(code, made)| *code == area(COUNTY) && made.as_of == day("2020-01-31"))
        .unwrap();
    assert_eq!(stored.added, 5, "five of the newest day are not known yet");
    bed.holds();
}

/// Each day three are taken in; each is discharged eight days later.
#[test]
fn beds_are_foreseen_from_stays_and_scored_by_who_was_there() {
    const DAYS: i64 = 20;
    const STAY: i64 = 8;
    let bed = Testbed::city();
    let first = day("2020-01-20");
    let date = |place: i64| first.checked_add(place.days()).unwrap();
    for place in 0..DAYS {
        bed.at(&format!("{}T06:00:00+08:00", date(place)));
        made(&bed, None);
        bed.at(&format!("{}T20:00:00+08:00", date(place)));
        let mut text = String::from(
            "external_id,area,reported,hospitalised,classification,outcome,outcome_date\n",
        );
        for number in 0..3 {
            let today = date(place);
            writeln!(
                text,
                "D{place}-{number},{COUNTY},{today},{today},confirmed,,"
            )
            .unwrap();
            // Suspected, and found to be no case on the next day: in hospital, and not counted.
            if number == 0 && place > 0 {
                let before = date(place - 1);
                writeln!(text, "S{place},{COUNTY},{before},{before},excluded,,").unwrap();
            }
            let (came, then) = (place - STAY, today);
            if came >= 0 {
                let since = date(came);
                writeln!(
                    text,
                    "D{came}-{number},{COUNTY},{since},{since},confirmed,recovered,{then}"
                )
                .unwrap();
            }
        }
        bed.take(Kind::Linelist, &text);
    }
    bed.at(&format!("{}T06:00:00+08:00", date(DAYS)));
    made(&bed, None);

    let as_of = date(DAYS - 1);
    let stays: Vec<Stay> = (0..DAYS)
        .map(|place| Stay {
            from: date(place),
            left: Some(date(place + STAY)).filter(|left| *left <= as_of),
            planned: None,
            people: 3,
        })
        .collect();
    let foreseen = stays::foresee(&stays, as_of, 14).unwrap();
    let query = |target: Target, as_of: Option<Date>| ForecastQuery {
        area: Some(area(COUNTY)),
        target,
        as_of,
        ..ForecastQuery::default()
    };
    let ask = |query: &ForecastQuery| bed.house.forecasts(&bed.operator(), query).unwrap();
    let newest = ask(&query(Target::Patients, None));
    assert_eq!(newest.as_of, Some(as_of));
    let ours = newest
        .forecasts
        .iter()
        .find(|forecast| forecast.model == Model::Stays)
        .unwrap();
    for (shown, expected) in ours.days.iter().zip(&foreseen.days) {
        assert!((shown.median - expected.quantiles.median()).abs() < 0.001);
    }
    // Once the first are discharged, three come and three go.
    for observed in &newest.observed {
        let place = first.until((jiff::Unit::Day, observed.date)).unwrap();
        let there = (i64::from(place.get_days()) + 1).min(STAY) * 3;
        assert_eq!(observed.new, Some(there as u32), "{}", observed.date);
    }
    let none = ask(&query(Target::Samples, None));
    assert!(none.forecasts.is_empty() && none.why_none.is_some());

    let record = bed
        .house
        .forecast_record(
            &bed.operator(),
            &RecordQuery {
                area: Some(area(COUNTY)),
                target: Target::Patients,
                ..RecordQuery::default()
            },
        )
        .unwrap();
    let whole = record.scores.iter().find(|score| score.horizon.is_none());
    let (mut scored, mut sum) = (0, 0.0);
    for of_day in &newest.days {
        let then = ask(&query(Target::Patients, Some(of_day.as_of)));
        let stored = facts(&bed).into_iter().find(|(code, made)| {
            *code == area(COUNTY)
                && (made.target, made.model, made.as_of)
                    == (Target::Patients, Model::Stays, of_day.as_of)
        });
        let (_, stored) = stored.unwrap();
        let shown = then.forecasts.iter().find(|f| f.model == Model::Stays);
        for (day, values) in shown.unwrap().days.iter().zip(&stored.thousandths) {
            let Some(came) = day.came else { continue };
            let values = values.iter().map(|value| *value as f64 / 1_000.0);
            let quantiles = Quantiles::at_hub_levels(values.collect()).unwrap();
            scored += 1;
            sum += wis(&quantiles, f64::from(came)).unwrap().wis;
        }
    }
    let whole = whole.unwrap();
    assert_eq!(whole.scored, scored);
    assert!((whole.wis - sum / scored as f64).abs() < 1e-9);
    assert!(whole.held_90 >= 0.9, "{whole:?}");

    // Afterwards only cases are forecast of a past day: who was where then is not on record.
    bed.at(&format!("{}T06:00:00+08:00", date(DAYS + 2)));
    let before = facts(&bed).len();
    made(&bed, Some(date(DAYS)));
    let later: Vec<Target> = facts(&bed)[before..]
        .iter()
        .map(|(_, made)| made.target)
        .collect();
    assert!(!later.is_empty());
    assert!(later.iter().all(|target| *target == Target::NewCases));
    bed.holds();
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let bed = lived_through(10);
    let house = &bed.house;
    let future = MakeForecasts {
        as_of: Some(day("2020-01-30")),
        ..MakeForecasts::default()
    };
    let refused = house.make_forecasts(&bed.operator(), &future).unwrap_err();
    assert_eq!(refused.field(), Some("date"), "{refused}");
    let worker = bed.user(Role::GridWorker, COUNTY);
    let asked = MakeForecasts::default();
    assert!(house.make_forecasts(&worker, &asked).is_err());
    let query = ForecastQuery {
        as_of: Some(day("2020-01-21")),
        ..ForecastQuery::default()
    };
    let none = house.forecasts(&bed.operator(), &query).unwrap_err();
    assert_eq!(none.code(), "not_found");
    let elsewhere = RecordQuery {
        area: Some(area(NEIGHBOUR)),
        ..RecordQuery::default()
    };
    let officer = bed.user(Role::AreaOfficer, COUNTY);
    let hidden = house.forecast_record(&officer, &elsewhere).unwrap_err();
    assert_eq!(hidden.code(), "not_found");
    let site = bed.user(Role::SiteStaff, COUNTY);
    let query = ForecastQuery {
        area: Some(area(COUNTY)),
        ..ForecastQuery::default()
    };
    let forbidden = house.forecasts(&site, &query).unwrap_err();
    assert_eq!(forbidden.code(), "forbidden");
    let tomorrow = RecordQuery {
        date: Some(day("2020-02-20")),
        ..RecordQuery::default()
    };
    let refused = house.forecast_record(&bed.operator(), &tomorrow);
    assert_eq!(refused.unwrap_err().field(), Some("date"));
}

mod whatif {
    use std::time::Duration;

    use lianfang_core::contacts::{Channel, ContactClass, ContactDetails, Setting};
    use lianfang_core::ids::FactId;
    use lianfang_core::words::Word;
    use lianfang_service::contacts::NewContact;
    use lianfang_service::field::PersonGiven;
    use lianfang_service::foresight::{JobState, StartFrom, WhatIfAsked, WhatIfJob};
    use lianfang_service::policy::NewPolicy;
    use lianfang_service::{Actor, Refusal};

    use super::*;

    fn asked() -> WhatIfAsked {
        WhatIfAsked {
            area: Some(area(COUNTY)),
            packs: vec!["in_force".into()],
            days: 20,
            seeds: 2,
            people: 2_000,
            city: None,
            start: StartFrom::Blank,
            infected: Some(10),
            with_nothing: true,
            ablate: false,
        }
    }

    /// Waits until a job is over, however long it takes.
    fn over(bed: &Testbed, who: &Actor, job: &str) -> WhatIfJob {
        loop {
            let job = bed.house.whatif(who, job).unwrap();
            if !matches!(job.state, JobState::Building | JobState::Running) {
                return job;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn answer(bed: &Testbed, asked: &WhatIfAsked) -> WhatIfJob {
        let job = bed.house.ask_whatif(&bed.operator(), asked).unwrap();
        over(bed, &bed.operator(), &job.job)
    }

    /// The pack in force with another quarantine, as somebody proposes it.
    fn proposed(bed: &Testbed) -> lianfang_core::ids::PolicyId {
        let pack = Pack::shipped("covid19-cn-2020").unwrap();
        let line = "[numbers.quarantine_days]\nvalue = 14";
        assert!(pack.text.contains(line));
        let text = pack
            .text
            .replace(line, "[numbers.quarantine_days]\nvalue = 3")
            .replace(
                &format!("version = \"{}\"", pack.version),
                "version = \"three-days\"",
            );
        // Its examples tell of 14 days.
        let examples = text.find("[[example]]").unwrap();
        let new = NewPolicy {
            id: None,
            text: text[..examples].to_owned(),
            from: None,
            note: "to be tried".into(),
        };
        bed.house.propose_policy(&bed.operator(), &new).unwrap()
    }

    #[test]
    fn packs_stand_side_by_side_and_the_same_question_has_the_same_answer() {
        let bed = Testbed::city();
        let mut question = asked();
        question.packs.push(proposed(&bed).to_string());
        question.ablate = true;
        let one = answer(&bed, &question);
        assert_eq!(one.state, JobState::Done, "{:?}", one.problem);
        let result = one.result.unwrap();
        assert_eq!((result.people, result.seeds, result.days), (2_000, 2, 20));
        // The county has the margins of the description that ships for it, and its own townships.
        assert_eq!(result.margins.en, "Shengzhou");
        let labels: Vec<&str> = result
            .packs
            .iter()
            .map(|pack| pack.label.as_str())
            .collect();
        assert_eq!(labels.len(), 3);
        assert!(labels[0].starts_with("covid19-cn-2020 "), "{labels:?}");
        assert_eq!(labels[1], "covid19-cn-2020 three-days");
        assert_eq!(labels[2], "nothing");
        assert!(!result.diseases_differ);
        for pack in &result.packs {
            assert_eq!(pack.measures.len(), result.measures.len());
            assert!(pack.curves.iter().all(|curve| curve.days.len() == 20));
            assert!(
                pack.measures
                    .iter()
                    .all(|spread| spread.q05 <= spread.median && spread.median <= spread.q95)
            );
        }
        assert!(result.packs[0].differences.is_none() && result.packs[2].differences.is_some());
        assert!(
            result
                .ablation
                .iter()
                .any(|off| off.rule.is_some() && off.differences.is_some())
        );
        assert!(result.packs.iter().any(|pack| pack.frontier.on_frontier));
        let two = answer(&bed, &question).result.unwrap();
        assert_eq!(
            serde_json::to_value(&result).unwrap(),
            serde_json::to_value(&two).unwrap()
        );
    }

    #[test]
    fn one_runs_at_a_time_and_is_stopped_when_asked_to() {
        let bed = Testbed::city();
        let long = WhatIfAsked {
            days: 180,
            seeds: 50,
            people: 100_000,
            ..asked()
        };
        let who = bed.operator();
        let job = bed.house.ask_whatif(&who, &long).unwrap();
        let second = bed.house.ask_whatif(&who, &asked()).unwrap_err();
        assert_eq!(second.code(), "conflict");
        bed.house.stop_whatif(&who, &job.job).unwrap();
        let job = over(&bed, &who, &job.job);
        assert_eq!(job.state, JobState::Stopped);
        assert!(job.result.is_none());
        // Then another may.
        assert_eq!(answer(&bed, &asked()).state, JobState::Done);
    }

    #[test]
    fn what_cannot_be_tried_is_refused() {
        let bed = Testbed::city();
        let refused = |change: &dyn Fn(&mut WhatIfAsked)| -> Refusal {
            let mut question = asked();
            change(&mut question);
            bed.house
                .ask_whatif(&bed.operator(), &question)
                .unwrap_err()
        };
        let field = |change: &dyn Fn(&mut WhatIfAsked)| refused(change).field();
        assert_eq!(field(&|q| q.packs = vec!["no such".into()]), Some("packs"));
        assert_eq!(
            field(&|q| q.packs = vec!["shipped:x".into()]),
            Some("packs")
        );
        assert_eq!(field(&|q| q.packs.clear()), Some("packs"));
        assert_eq!(
            field(&|q| q.packs.push("shipped:covid19-cn-2020".into())),
            Some("packs"),
            "it is the one in force"
        );
        let measles = refused(&|q| q.packs = vec!["shipped:measles-2024".into()]);
        assert!(measles.to_string().contains("unmitigated"), "{measles}");
        assert_eq!(field(&|q| q.people = 0), Some("people"));
        assert_eq!(field(&|q| q.people = 1_000_000), Some("people"));
        assert_eq!(field(&|q| q.days = -3), Some("days"));
        assert_eq!(field(&|q| q.seeds = 0), Some("seeds"));
        assert_eq!(field(&|q| q.city = Some("atlantis".into())), Some("city"));
        assert_eq!(field(&|q| q.infected = Some(0)), Some("infected"));
        let heavy = |q: &mut WhatIfAsked| {
            (q.people, q.days, q.seeds) = (200_000, 180, 50);
        };
        assert_eq!(field(&heavy), Some("seeds"));
        // Nobody is ill here: there is no state to begin with.
        assert_eq!(field(&|q| q.start = StartFrom::Today), Some("start"));
        let officer = bed.user(Role::AreaOfficer, COUNTY);
        let forbidden = bed.house.ask_whatif(&officer, &asked()).unwrap_err();
        assert_eq!(forbidden.code(), "forbidden");
        let unknown = bed.house.whatif(&bed.operator(), "x").unwrap_err();
        assert_eq!(unknown.code(), "not_found");
        assert_eq!(StartFrom::ALL.len(), 2);
    }

    const HEADER: &str =
        "external_id,area,onset,reported,hospitalised,classification,outcome,outcome_date\n";

    #[test]
    fn todays_state_is_that_of_the_ledger() {
        let bed = Testbed::city();
        let mut text = String::from(HEADER);
        for number in 0..12 {
            writeln!(
                text,
                "A{number},{COUNTY},2020-02-02,2020-02-05,2020-02-06,confirmed,,"
            )
            .unwrap();
        }
        for number in 0..5 {
            writeln!(
                text,
                "R{number},{COUNTY},2020-01-12,2020-01-16,2020-01-16,confirmed,recovered,2020-02-03"
            )
            .unwrap();
        }
        writeln!(text, "S,{COUNTY},,2020-02-06,,suspected,,").unwrap();
        bed.take(Kind::Linelist, &text);
        let pack = Pack::shipped("covid19-cn-2020").unwrap();
        let state = bed
            .house
            .state_now(&bed.operator(), area(COUNTY), 1_000_000, &pack)
            .unwrap();
        assert_eq!(state.as_of, day("2020-02-09"));
        let counts = state.counts;
        assert_eq!((counts.cases, counts.active, counts.recovered), (17, 12, 5));
        assert!((counts.scale - 1.0).abs() < f64::EPSILON);
        assert_eq!(counts.population, Some(700_000));
        // Day 0 is the 10th: found on the 5th is day -5.
        let active: Vec<_> = state
            .start
            .cases
            .iter()
            .filter(|case| case.ended.is_none())
            .collect();
        assert_eq!(active.len(), 12);
        assert!(
            active
                .iter()
                .all(|case| (case.onset, case.found, case.apart) == (Some(-8), -5, Some(-4)))
        );
        let over = state
            .start
            .cases
            .iter()
            .filter(|case| case.ended == Some((-7, false)));
        assert_eq!(over.count(), 5);
        // A tenth of the people take a tenth of the cases.
        let tenth = bed
            .house
            .state_now(&bed.operator(), area(COUNTY), 70_000, &pack)
            .unwrap();
        assert_eq!(tenth.start.cases.len(), 1);
        assert!((tenth.counts.scale - 10.0).abs() < 1e-9);
        assert_eq!(tenth.counts.cases, 17);

        // A run begins with it on the next day.
        let question = WhatIfAsked {
            start: StartFrom::Today,
            people: 100_000,
            days: 10,
            ..asked()
        };
        let result = answer(&bed, &question).result.unwrap();
        assert_eq!(result.starts, "2020-02-10");
        assert_eq!(result.today.unwrap().cases, 17);
    }

    #[test]
    fn contacts_under_watch_begin_so_and_their_case_is_not_traced_again() {
        let bed = Testbed::city();
        let (_, case) = bed.patient(COUNTY);
        let pack = Pack::shipped("covid19-cn-2020").unwrap();
        let state = || {
            let who = bed.operator();
            bed.house
                .state_now(&who, area(COUNTY), 1_000_000, &pack)
                .unwrap()
        };
        assert!(!state().start.cases[0].traced);
        let named = |name: &str, met: &str, n: u128| NewContact {
            ask_alike: false,
            id: Some(FactId::from_parts(1_581_200_000_000, n)),
            person: None,
            given: Some(PersonGiven {
                name: Some(name.into()),
                ..PersonGiven::default()
            }),
            area: area(VILLAGE),
            channel: Channel::Interview,
            through: None,
            met: day(met),
            met_first: None,
            setting: Setting::Household,
            minutes: None,
            metres: None,
            same_room: false,
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
            details: ContactDetails {
                age_years: Some(34),
                ..ContactDetails::default()
            },
        };
        let contacts = [
            named("赵六", "2020-02-04", 1),
            named("钱七", "2020-02-05", 2),
        ];
        let answers = bed
            .house
            .name_contacts(&bed.operator(), case, &contacts)
            .unwrap();
        assert!(
            answers
                .iter()
                .all(|answer| answer.class == Some(ContactClass::Close)),
            "{answers:?}"
        );
        let after = state();
        assert!(after.start.cases[0].traced);
        assert_eq!(after.counts.contacts, 2);
        let mut listed = after.start.contacts.clone();
        listed.sort_by_key(|contact| contact.exposed);
        // Day 0 is the 10th.
        assert_eq!(
            listed
                .iter()
                .map(|contact| (contact.case, contact.class, contact.exposed))
                .collect::<Vec<_>>(),
            [
                (Some(0), ContactClass::Close, -6),
                (Some(0), ContactClass::Close, -5)
            ]
        );
    }
}
