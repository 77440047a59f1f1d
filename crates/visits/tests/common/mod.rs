//! A small city, and what its visits must answer, found the slow way.
#![allow(unreachable_pub, reason = "shared between test files")]
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a test may fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;
use lianfang_core::ids::PersonId;
use lianfang_core::time::UtcOffset;
use lianfang_visits::{
    Batch, Bounds, Case, Minute, PlaceId, Places, Settings, Span, Visit, VisitLog,
};

/// 27 February 2020, 00:00 in China: two days before the end of a month of 29 days.
pub const START: u32 = 26_379_360 - 480;
/// Minutes of a day.
pub const DAY: u32 = 1_440;

pub fn person(n: u64) -> PersonId {
    PersonId::from_parts(1_580_000_000_000 + n, u128::from(n) << 9)
}

pub fn visit(who: u64, place: u64, from: u32, stay: Option<u32>) -> Visit {
    Visit {
        person: person(who),
        place: PlaceId(place),
        from: Minute(START + from),
        until: stay.map(|stay| Minute(START + from + stay)),
    }
}

pub fn span(from: u32, until: u32) -> Span {
    Span {
        from: Minute(START + from),
        until: Minute(START + until),
    }
}

pub fn case(who: u64, from: u32, until: u32) -> Case {
    Case {
        person: person(who),
        span: span(from, until),
    }
}

pub fn bounds() -> Bounds {
    Bounds {
        now: Minute(START + 100 * DAY),
        kept_from: Date::constant(2020, 2, 1),
        longest_stay: 4_000,
        offset: UtcOffset::CHINA,
    }
}

pub fn batch(visits: &[Visit]) -> Batch {
    let (batch, refused) = Batch::checked(&mut visits.iter().copied(), &bounds(), |_| true);
    assert_eq!(refused, []);
    batch
}

pub fn open(folder: &Path) -> VisitLog {
    VisitLog::open(folder, Settings::new(UtcOffset::CHINA)).unwrap()
}

/// Usual stays and weights by the number of the place.
pub struct Town;

impl Places for Town {
    fn usual_stay(&self, place: PlaceId) -> u16 {
        [45, 0, 90, 200][(place.0 % 4) as usize]
    }

    fn weight(&self, place: PlaceId) -> f64 {
        [1.0, 2.0, 0.5][(place.0 % 3) as usize]
    }
}

/// Everything in sets of minutes.
#[derive(Default)]
pub struct Oracle {
    /// Who was where in which minute.
    minutes: BTreeMap<(PlaceId, PersonId), BTreeSet<u32>>,
}

/// A meeting: person, from, until, place, case.
pub type Met = (PersonId, u32, u32, PlaceId, PersonId);

impl Oracle {
    pub fn of(visits: &[Visit]) -> Self {
        let mut ends: BTreeMap<(PlaceId, PersonId, u32), Option<u32>> = BTreeMap::new();
        for visit in visits {
            let end = ends
                .entry((visit.place, visit.person, visit.from.0))
                .or_default();
            *end = (*end).max(visit.until.map(|until| until.0));
        }
        let mut oracle = Self::default();
        for ((place, person, from), until) in ends {
            let usual = from + u32::from(Town.usual_stay(place));
            let until = until.unwrap_or(usual).max(from + 1);
            oracle
                .minutes
                .entry((place, person))
                .or_default()
                .extend(from..until);
        }
        oracle
    }

    fn runs(minutes: impl Iterator<Item = u32>) -> Vec<(u32, u32)> {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for minute in minutes {
            match runs.last_mut() {
                Some((_, until)) if *until == minute => *until += 1,
                _ => runs.push((minute, minute + 1)),
            }
        }
        runs
    }

    pub fn stays_of(&self, person: PersonId, span: Span) -> BTreeSet<(u32, u32, PlaceId)> {
        let mut stays = BTreeSet::new();
        for ((place, who), minutes) in &self.minutes {
            if *who == person {
                let within = minutes.range(span.from.0..span.until.0).copied();
                stays.extend(
                    Self::runs(within)
                        .into_iter()
                        .map(|(from, until)| (from, until, *place)),
                );
            }
        }
        stays
    }

    pub fn visitors(&self, place: PlaceId, span: Span) -> BTreeSet<(PersonId, u32, u32)> {
        let mut stays = BTreeSet::new();
        for ((at, who), minutes) in &self.minutes {
            if *at == place {
                let within = minutes.range(span.from.0..span.until.0).copied();
                stays.extend(
                    Self::runs(within)
                        .into_iter()
                        .map(|(from, until)| (*who, from, until)),
                );
            }
        }
        stays
    }

    /// All meetings of the cases with people who are not `known`.
    pub fn meetings(&self, cases: &[Case], known: &BTreeSet<PersonId>) -> BTreeSet<Met> {
        let mut counted: BTreeMap<(PlaceId, PersonId), BTreeSet<u32>> = BTreeMap::new();
        for case in cases {
            for ((place, who), minutes) in &self.minutes {
                if *who == case.person {
                    let within = minutes.range(case.span.from.0..case.span.until.0);
                    counted.entry((*place, *who)).or_default().extend(within);
                }
            }
        }
        let mut met = BTreeSet::new();
        for ((place, case), theirs) in &counted {
            for ((at, other), minutes) in &self.minutes {
                if at == place && other != case && !known.contains(other) {
                    for (from, until) in Self::runs(theirs.intersection(minutes).copied()) {
                        met.insert((*other, from, until, *place, *case));
                    }
                }
            }
        }
        met
    }
}
