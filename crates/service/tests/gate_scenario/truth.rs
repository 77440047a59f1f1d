//! What is true, kept by somebody who knows nothing of facts and views: where each one stands, who
//! is under watch until when, what was done. It changes when a phone's entry arrives at the house.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use lianfang_core::contacts::ContactClass;
use lianfang_core::entry::{Destination, Receiver, Source, Stage, Triage};
use lianfang_core::ids::{EntrantId, MatterId, OrderId, SampleId};
use lianfang_core::passes::PassShown;
use lianfang_core::quarantine::{EndHow, SampleResult, Watch};

use crate::people::{Health, Journey, Origin, Person, at_hour, day_of};

/// Where somebody is held, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hold {
    Nowhere,
    Gate(usize),
    Village(usize),
    Site(usize),
    Clinic,
}

/// An order.
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) watch: Watch,
    pub(crate) until: Date,
    pub(crate) made_at: Timestamp,
    pub(crate) ended: Option<(EndHow, Timestamp)>,
    pub(crate) checks: BTreeSet<(Date, u8)>,
    pub(crate) abnormal: BTreeSet<Date>,
    /// Days on which a sample is due.
    pub(crate) tests: Vec<Date>,
    pub(crate) samples: BTreeMap<SampleId, (Timestamp, Option<SampleResult>)>,
    pub(crate) absences: Vec<(Timestamp, Option<Timestamp>)>,
    /// Days and checks that were over while the person was in place, and not made by then.
    pub(crate) missed: BTreeSet<(Date, u8)>,
    /// Where it is kept.
    pub(crate) hold: Hold,
    /// Whether its release was overdue.
    pub(crate) late: bool,
}

impl Order {
    pub(crate) fn is_live(&self) -> bool {
        self.ended.is_none()
    }

    pub(crate) fn in_force(&self, at: Timestamp) -> bool {
        self.made_at < at && self.ended.is_none_or(|(_, ended)| ended >= at)
    }

    /// Whether nothing but the day stands in the way of release.
    pub(crate) fn ready(&self, today: Date) -> bool {
        let answered = self.samples.values().all(|(_, result)| result.is_some());
        self.until <= today && answered && !self.open_test(today)
    }

    /// A test day that no sample of that day or later with a clear result has met.
    pub(crate) fn open_test(&self, today: Date) -> bool {
        let met = |test: Date| {
            self.samples
                .values()
                .any(|(at, result)| day_of(*at) >= test && *result != Some(SampleResult::Unclear))
        };
        self.tests.iter().any(|test| *test <= today && !met(*test))
    }
}

/// Somebody on a journey.
pub(crate) struct Entrant {
    pub(crate) stage: Option<Stage>,
    pub(crate) since: Timestamp,
    pub(crate) hold: Hold,
    /// The record by which those who deal with the person know them.
    pub(crate) main: Option<EntrantId>,
    /// All records.
    pub(crate) records: BTreeSet<EntrantId>,
    pub(crate) first: Option<(Timestamp, Source)>,
    pub(crate) arrived: bool,
    pub(crate) order: Option<usize>,
    pub(crate) orders: Vec<usize>,
    pub(crate) handover: Option<usize>,
    /// Sightings that are still to come.
    pub(crate) planned: u32,
    /// Whether the last gate saw no symptoms.
    pub(crate) seen_well: bool,
    /// Whether a record has the right document.
    pub(crate) documented: bool,
}

/// People on the way.
pub(crate) struct HandOver {
    pub(crate) id: MatterId,
    pub(crate) receiver: Receiver,
    pub(crate) hold: Hold,
    pub(crate) people: Vec<usize>,
    pub(crate) expected: Timestamp,
    pub(crate) awaited: BTreeSet<usize>,
    pub(crate) delivered: bool,
    pub(crate) ended: bool,
}

#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) entrants: Vec<Entrant>,
    pub(crate) orders: Vec<Order>,
    /// Whose order each is.
    pub(crate) whose: Vec<usize>,
    pub(crate) handovers: Vec<HandOver>,
    pub(crate) rechecks: u64,
    pub(crate) resident_passes: BTreeMap<(usize, Date), u64>,
}

impl Truth {
    pub(crate) fn of(number: usize) -> Self {
        Self {
            entrants: (0..number)
                .map(|_| Entrant {
                    stage: None,
                    since: at_hour(0),
                    hold: Hold::Nowhere,
                    main: None,
                    records: BTreeSet::new(),
                    first: None,
                    arrived: false,
                    order: None,
                    orders: Vec::new(),
                    handover: None,
                    planned: 0,
                    seen_well: false,
                    documented: false,
                })
                .collect(),
            ..Self::default()
        }
    }

    pub(crate) fn place(&mut self, who: usize, stage: Stage, at: Timestamp) {
        let entrant = &mut self.entrants[who];
        entrant.stage = Some(stage);
        entrant.since = at;
    }

    /// One more source knows of somebody.
    pub(crate) fn found(&mut self, who: usize, source: Source, at: Timestamp, arrived: bool) {
        let entrant = &mut self.entrants[who];
        if entrant.first.is_none_or(|(first, _)| at < first) {
            entrant.first = Some((at, source));
        }
        let comes = arrived && !entrant.arrived;
        entrant.arrived |= arrived;
        match entrant.stage {
            None => self.place(
                who,
                if arrived {
                    Stage::Arrived
                } else {
                    Stage::Expected
                },
                at,
            ),
            Some(Stage::Expected | Stage::NotCome) if comes => self.place(who, Stage::Arrived, at),
            _ => {}
        }
    }

    /// Somebody was checked at a gate.
    pub(crate) fn checked(&mut self, who: usize, outcome: Triage, at: Timestamp) -> bool {
        let entrant = &self.entrants[who];
        let waits = matches!(
            entrant.stage,
            Some(Stage::Expected | Stage::NotCome | Stage::Arrived)
        );
        // Who is under an order stays so; a late word does not undo what happened since.
        if entrant.order.is_some() || (entrant.since > at && !waits) {
            return false;
        }
        let stage = match outcome {
            Triage::Pass => Stage::Passed,
            Triage::TurnBack => Stage::TurnedBack,
            _ => Stage::ToSend,
        };
        self.place(who, stage, at);
        true
    }

    pub(crate) fn live(&self, who: usize) -> Option<&Order> {
        self.entrants[who].order.map(|order| &self.orders[order])
    }

    pub(crate) fn ends(&mut self, who: usize, how: EndHow, at: Timestamp) {
        let order = self.entrants[who].order.take().unwrap();
        let order = &mut self.orders[order];
        assert!(order.is_live());
        order.ended = Some((how, at));
        if let Some((_, back @ None)) = order.absences.last_mut() {
            *back = Some(at);
        }
    }

    pub(crate) fn back(&mut self, who: usize, at: Timestamp) {
        let order = self.entrants[who].order.unwrap();
        if let Some((_, back @ None)) = self.orders[order].absences.last_mut() {
            *back = Some(at);
        }
    }

    /// Orders in force whose people are where they should be.
    pub(crate) fn in_place(&self) -> Vec<usize> {
        (0..self.orders.len())
            .filter(|order| {
                self.orders[*order].is_live()
                    && self.entrants[self.whose[*order]].stage == Some(Stage::Watched)
            })
            .collect()
    }
}

/// What a gate does with somebody, by the rules as they are published.
pub(crate) fn at_the_gate(
    own: &Journey,
    person: &Person,
    seen: (Health, PassShown, bool),
    under: Option<Watch>,
) -> Triage {
    let (health, pass, village) = seen;
    let severe = matches!(own.origin, Origin::Severe | Origin::Abroad);
    let risk = severe || own.origin == Origin::High;
    if health == Health::Fever {
        return Triage::FeverClinic;
    }
    if health == Health::Cough && risk {
        return Triage::FeverClinic;
    }
    match under {
        Some(Watch::Site) => return Triage::SiteQuarantine,
        Some(Watch::Home) => return Triage::HomeQuarantine,
        _ => {}
    }
    let coloured = matches!(pass, PassShown::Red | PassShown::Yellow);
    match own.destination {
        Destination::Transit => return Triage::Pass,
        Destination::OtherCounty if coloured || risk => return Triage::HandOver,
        _ => {}
    }
    if severe {
        return if stays_home(own, person) {
            Triage::HomeQuarantine
        } else {
            Triage::SiteQuarantine
        };
    }
    if pass == PassShown::Red {
        return Triage::SiteQuarantine;
    }
    if village && pass != PassShown::Green {
        return Triage::TurnBack;
    }
    if own.origin == Origin::High || pass == PassShown::Yellow {
        assert!(own.home_suitable);
        return Triage::HomeQuarantine;
    }
    Triage::Pass
}

/// Children, the old, the pregnant and who needs care stay in a home that is fit.
fn stays_home(own: &Journey, person: &Person) -> bool {
    let frail = person.age() <= 14 || person.age() >= 70 || own.pregnant || own.needs_care;
    own.home_suitable && frail
}

/// Who is watched, until which day, and tested when: 14 days from entry or from the last
/// exposure, 7 for the contacts of contacts.
pub(crate) fn watch_for(own: &Journey, person: &Person) -> Option<(Watch, Date, Vec<Date>)> {
    let entry = day_of(own.arrival);
    let days = |from: Date, watch: Watch, length: i64, tested: bool| {
        let tests = if tested {
            vec![from + 7.days(), from + 13.days()]
        } else {
            Vec::new()
        };
        Some((watch, from + length.days(), tests))
    };
    match (own.contact, own.origin) {
        (Some((ContactClass::Close, last)), _) => days(last, Watch::Site, 14, true),
        (Some((_, last)), _) => days(last, Watch::Home, 7, false),
        (None, Origin::Severe | Origin::Abroad) if stays_home(own, person) => {
            days(entry, Watch::Home, 14, true)
        }
        (None, Origin::Severe | Origin::Abroad) => days(entry, Watch::Site, 14, true),
        (None, Origin::High) => days(entry, Watch::Home, 14, false),
        (None, Origin::Medium) => days(entry, Watch::Monitoring, 14, false),
        (None, Origin::Elsewhere) => None,
    }
}

/// The moments until which the two checks of a day are due: noon and eight.
pub(crate) fn due(day: Date) -> [(u8, Timestamp); 2] {
    let days = i64::from(
        day.since(jiff::civil::date(2020, 2, 10))
            .unwrap()
            .get_days(),
    );
    [(1, at_hour(days * 24 + 12)), (2, at_hour(days * 24 + 20))]
}

/// The first and the last moment of a day.
pub(crate) fn span(day: Date) -> (Timestamp, Timestamp) {
    let days = i64::from(
        day.since(jiff::civil::date(2020, 2, 10))
            .unwrap()
            .get_days(),
    );
    let from = at_hour(days * 24);
    (from, from + SignedDuration::from_hours(24))
}
