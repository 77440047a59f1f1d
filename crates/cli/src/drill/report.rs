//! What the system knew against what was so.

mod shown;
mod system;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lianfang_city::drill::World;
use serde::Serialize;

use super::api::RouteTimes;
use super::book::Entries;
use super::evening::Evening;
use super::play::{Play, Role};

pub(super) use shown::text;
pub(super) use system::{Known, known};

/// A drill's report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// What was played.
    pub(super) drill: About,
    /// Surprises that happened.
    pub(super) surprises: Vec<String>,
    /// What was so.
    pub(super) truth: Truth,
    /// How late infections were known; none where the server is gone.
    pub(super) discovery: Option<Discovery>,
    /// Whom the system did not know.
    pub(super) missed: Option<LineList>,
    /// Infections between two people, and whether one was named as a contact of the other.
    pub(super) contacts: Option<Contacts>,
    /// Colours against the truth, over all evenings.
    pub(super) colours: Colours,
    /// Matters, as they stand in the end.
    pub(super) loops: Option<Loops>,
    /// Entries sent and entries in the ledger.
    pub(super) entries: Entries,
    /// Check-ins at markets: sent, and taken.
    pub(super) check_ins: CheckIns,
    /// How long requests took.
    pub(super) requests: Requests,
}

/// What was played.
#[derive(Debug, Serialize)]
pub(super) struct About {
    pub(super) seed: u64,
    pub(super) people: u32,
    pub(super) days: u32,
    pub(super) first_day: Date,
    /// Days that were played to their end.
    pub(super) days_played: u32,
    /// Roles that were left to people.
    pub(super) left: Vec<Role>,
    /// The roles that the drill does not play, for the system has no part for them yet.
    pub(super) not_played: Vec<&'static str>,
    /// Seconds that it took.
    pub(super) seconds: f64,
    /// Seconds for which the clock waited for those who play.
    pub(super) clock_waited: f64,
    /// Why it broke off.
    pub(super) broken_off: Option<String>,
}

/// What was so on the last evening.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Truth {
    pub(super) infected: u64,
    pub(super) infected_here: u64,
    pub(super) with_symptoms: u64,
    pub(super) by_superspreading: u64,
    pub(super) arrived: u64,
}

/// Days, in quantiles.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Days {
    pub(super) n: u64,
    pub(super) mean: f64,
    pub(super) median: f64,
    /// 90 in 100 were no later.
    pub(super) p90: f64,
}

/// How late infections were known.
#[derive(Debug, Serialize)]
pub(super) struct Discovery {
    pub(super) infection_to_report: Days,
    pub(super) onset_to_report: Days,
}

/// Whom the system did not know.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct LineList {
    /// Infected people who are on the line list, and not as excluded.
    pub(super) known: u64,
    /// Infected people who are not.
    pub(super) missed: u64,
    /// Of them, those with symptoms by now.
    pub(super) missed_with_symptoms: u64,
    /// People who were never infected, and stand as confirmed or asymptomatic.
    pub(super) false_cases: u64,
    /// People of the line list who are no part of the drill.
    pub(super) strangers: u64,
}

/// Infections from one person to another, and whether one was named as a contact of the other.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Contacts {
    pub(super) named: u64,
    pub(super) pairs: u64,
    pub(super) pairs_named: u64,
    pub(super) pairs_missed: u64,
    /// Share of pairs that were named; none where there are no pairs.
    pub(super) recall: Option<f64>,
    /// Pairs of which at least one is a known case, and those of them that were named.
    pub(super) pairs_of_known: u64,
    pub(super) pairs_of_known_named: u64,
}

/// Colours against the truth.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Colours {
    /// Evenings of infectious holders, and those of them on which they were green.
    pub(super) infectious: u64,
    pub(super) infectious_green: u64,
    /// Evenings of holders with red or yellow, and those of them on which they were at no risk.
    pub(super) limited: u64,
    pub(super) limited_not_at_risk: u64,
    pub(super) evenings: Vec<Evening>,
}

/// Matters, as they stand.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Loops {
    pub(super) opened: u64,
    pub(super) closed: u64,
    /// Past their deadline, and not over.
    pub(super) late: u64,
}

/// Check-ins at markets.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct CheckIns {
    pub(super) sent: u64,
    pub(super) taken: u64,
}

/// How long requests took.
#[derive(Debug, Serialize)]
pub(super) struct Requests {
    pub(super) per_second: f64,
    /// Requests that were asked to come later.
    pub(super) too_soon: u64,
    /// Requests that did not get through at first.
    pub(super) again: u64,
    pub(super) all: RouteTimes,
    pub(super) routes: Vec<RouteTimes>,
}

/// Quantiles of whole days, by the nearest rank.
fn days(mut of: Vec<i32>) -> Days {
    of.sort_unstable();
    let at = |share: f64| {
        let rank = (share * of.len() as f64).ceil() as usize;
        of.get(rank.saturating_sub(1))
            .copied()
            .map_or(0.0, f64::from)
    };
    let sum: i64 = of.iter().copied().map(i64::from).sum();
    Days {
        n: of.len() as u64,
        mean: (sum as f64 / (of.len() as f64).max(1.0) * 100.0).round() / 100.0,
        median: at(0.5),
        p90: at(0.9),
    }
}

fn truth(world: &World) -> Truth {
    let infections = world.infections();
    let count = |is: &dyn Fn(&lianfang_city::drill::Infected) -> bool| {
        infections.iter().filter(|one| is(one)).count() as u64
    };
    Truth {
        infected: infections.len() as u64,
        infected_here: count(&|one| one.infector.is_some()),
        with_symptoms: count(&|one| one.onset.is_some()),
        by_superspreading: u64::from(world.superspread()),
        arrived: world.travellers().len() as u64,
    }
}

/// How late those were reported who are known: from infection, and from first symptoms.
fn discovery(world: &World, reported: &BTreeMap<u32, i32>) -> Discovery {
    let delays = |from: &dyn Fn(&lianfang_city::drill::Infected) -> Option<i32>| {
        let found = world.infections().iter().filter_map(|one| {
            let reported = reported.get(&one.person)?;
            Some(reported - from(one)?)
        });
        days(found.collect())
    };
    Discovery {
        infection_to_report: delays(&|one| Some(one.day)),
        onset_to_report: delays(&|one| one.onset),
    }
}

fn missed(world: &World, known: &Known, last: i32) -> LineList {
    let of = |is: &dyn Fn(&lianfang_city::drill::Infected) -> bool| {
        let infections = world.infections().iter();
        infections.filter(|one| is(one)).count() as u64
    };
    let is_known = |person: u32| known.reported.contains_key(&person);
    LineList {
        known: of(&|one| is_known(one.person)),
        missed: of(&|one| !is_known(one.person)),
        missed_with_symptoms: of(&|one| {
            !is_known(one.person) && one.onset.is_some_and(|onset| onset <= last)
        }),
        false_cases: known
            .settled
            .iter()
            .filter(|person| world.infection(**person).is_none())
            .count() as u64,
        strangers: known.strangers,
    }
}

fn contacts(world: &World, known: &Known) -> Contacts {
    let (mut pairs, mut named, mut of_known, mut of_known_named) = (0, 0, 0, 0);
    let either: BTreeSet<(u32, u32)> = known
        .contacts
        .iter()
        .flat_map(|(case, contact)| [(*case, *contact), (*contact, *case)])
        .collect();
    for one in world.infections() {
        let Some(infector) = one.infector else {
            continue;
        };
        let was_named = either.contains(&(infector, one.person));
        let is_known = |person: &u32| known.reported.contains_key(person);
        let of_known_case = is_known(&infector) || is_known(&one.person);
        pairs += 1;
        named += u64::from(was_named);
        of_known += u64::from(of_known_case);
        of_known_named += u64::from(of_known_case && was_named);
    }
    Contacts {
        named: known.named,
        pairs,
        pairs_named: named,
        pairs_missed: pairs - named,
        recall: (pairs > 0).then(|| (named as f64 / pairs as f64 * 1e4).round() / 1e4),
        pairs_of_known: of_known,
        pairs_of_known_named: of_known_named,
    }
}

fn colours(evenings: &[Evening]) -> Colours {
    let sum = |of: fn(&Evening) -> u64| evenings.iter().map(of).sum();
    Colours {
        infectious: sum(|one| one.infectious),
        infectious_green: sum(|one| one.infectious_green),
        limited: sum(|one| one.limited),
        limited_not_at_risk: sum(|one| one.limited_not_at_risk),
        evenings: evenings.to_vec(),
    }
}

/// Surprises that happened within the days that were played.
fn surprises(play: &Play<'_>, played: u32) -> Vec<String> {
    let areas = play.world.town().townships();
    let area = |nth: u32| areas[nth as usize % areas.len().max(1)];
    let mut told = Vec::new();
    if let Some(event) = play.scenario.superspreading.filter(|one| one.day < played) {
        told.push(format!(
            "{}: at the market of {} one person infected {}",
            play.date(event.day as i32),
            area(event.township),
            play.world.superspread()
        ));
    }
    if let Some(silence) = play.scenario.silence.filter(|one| one.from_day < played) {
        told.push(format!(
            "{}: {} reported nothing for {} days",
            play.date(silence.from_day as i32),
            area(silence.township),
            silence.days.min(played - silence.from_day)
        ));
    }
    if let Some(cut) = play.scenario.cut.filter(|one| one.day < played) {
        told.push(format!(
            "{}: the phones of {} had no network from {}:00 to {}:00, then sent everything twice",
            play.date(cut.day as i32),
            area(cut.township),
            cut.from_hour,
            cut.until_hour
        ));
    }
    told
}

/// How the drill went, beside what it is about.
pub(super) struct Course {
    /// Days that were played to their end.
    pub(super) days_played: u32,
    /// Seconds that it took.
    pub(super) seconds: f64,
    /// Why it broke off.
    pub(super) broken_off: Option<String>,
}

/// Compares; `known` is what the system knew, where it could be asked.
pub(super) fn report(play: &Play<'_>, known: Option<&Known>, course: Course) -> Report {
    let world = &play.world;
    let last = course.days_played as i32 - 1;
    let (too_soon, again) = play.api.repeated();
    let all = play.api.all_times();
    let book = super::locked(&play.book);
    let per_second = all.requests as f64 / course.seconds.max(1e-9);
    Report {
        surprises: surprises(play, course.days_played),
        truth: truth(world),
        discovery: known.map(|known| discovery(world, &known.reported)),
        missed: known.map(|known| missed(world, known, last)),
        contacts: known.map(|known| contacts(world, known)),
        colours: colours(&play.evenings),
        loops: known.map(|known| Loops {
            opened: known.matters.0,
            closed: known.matters.1,
            late: known.matters.2,
        }),
        entries: book.numbers(known.map(|known| &known.ledger)),
        check_ins: CheckIns {
            sent: play.check_ins.0,
            taken: play.check_ins.1,
        },
        requests: Requests {
            per_second: (per_second * 10.0).round() / 10.0,
            too_soon,
            again,
            all,
            routes: play.api.times(),
        },
        drill: About {
            seed: play.setting.seed,
            people: play.setting.people,
            days: play.setting.days,
            first_day: play.setting.first_day,
            days_played: course.days_played,
            left: play.left.iter().copied().collect(),
            not_played: vec!["enterprises"],
            seconds: (course.seconds * 10.0).round() / 10.0,
            clock_waited: (play.pace.waited * 10.0).round() / 10.0,
            broken_off: course.broken_off,
        },
    }
}
