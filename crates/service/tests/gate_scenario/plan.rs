//! From which sources each arrival becomes known, and when.

use jiff::{SignedDuration, Timestamp};
use lianfang_core::entry::{Destination, Mode, Source};
use lianfang_core::passes::PassShown;

use crate::people::{DAYS, Health, Journey, at_hour};
use crate::random::Random;
use crate::world::{Who, gate_for, village_gate};

/// One time that somebody writes a person down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting {
    pub(crate) who: usize,
    pub(crate) at: Timestamp,
    pub(crate) by: Who,
    pub(crate) source: Source,
    pub(crate) arrived: bool,
    /// The pass shown, where it is another than the journey's.
    pub(crate) pass: PassShown,
    /// Whether the symptoms of the arrival are still there.
    pub(crate) health: Health,
}

fn later(random: &mut Random, from: Timestamp, minutes: (i64, i64)) -> Timestamp {
    from + SignedDuration::from_secs(60 * random.whole(minutes.0, minutes.1) + random.whole(0, 59))
}

/// All sightings, in the order of time.
pub(crate) fn sightings(random: &mut Random, journeys: &[Journey]) -> Vec<Sighting> {
    let mut all = Vec::new();
    let mut group: Option<(usize, Vec<Sighting>)> = None;
    for (who, own) in journeys.iter().enumerate() {
        // A party comes through one gate, by one car or train.
        let shared = match &group {
            Some((party, seen)) if *party == own.party => {
                seen.iter().any(|s| s.source == Source::Checkpoint)
            }
            _ => random.yes(if own.is_risky() { 0.9 } else { 0.8 }),
        };
        let seen = of_journey(random, who, own, shared);
        all.extend(seen.iter().copied());
        group = Some((own.party, seen));
    }
    let end = at_hour(DAYS * 24 - 2);
    let start = at_hour(1);
    all.retain(|sighting| (start..end).contains(&sighting.at));
    all.sort_by_key(|sighting| (sighting.at, sighting.who));
    all
}

fn of_journey(random: &mut Random, who: usize, own: &Journey, by_gate: bool) -> Vec<Sighting> {
    let mut seen = Vec::new();
    let plain = Sighting {
        who,
        at: own.arrival,
        by: Who::Citizen,
        source: Source::Declared,
        arrived: false,
        pass: own.pass,
        health: own.health,
    };
    let announced = !own.comes || random.yes(0.3);
    if announced {
        let at = later(random, own.arrival, (-4_000, -300));
        seen.push(Sighting { at, ..plain });
    } else if random.yes(0.04) {
        let at = later(random, own.arrival, (5, 400));
        seen.push(Sighting {
            at,
            arrived: true,
            ..plain
        });
    }
    if random.yes(0.15) {
        let at = later(random, own.arrival, (-1_400, -60));
        seen.push(Sighting {
            at,
            by: Who::Lists,
            source: Source::List,
            ..plain
        });
    }
    if !own.comes {
        return seen;
    }
    if random.yes(0.08) {
        let at = later(random, own.arrival, (300, 4_000));
        seen.push(Sighting {
            at,
            by: Who::Lists,
            source: Source::List,
            arrived: true,
            ..plain
        });
    }
    let here = own.destination == Destination::Here;
    let held = own.is_risky() || own.health == Health::Fever;
    if by_gate {
        gates(random, own, plain, &mut seen);
    }
    if here && !by_gate || here && !held && random.yes(0.08) {
        canvass(random, own, plain, &mut seen);
    }
    seen
}

fn gates(random: &mut Random, own: &Journey, plain: Sighting, seen: &mut Vec<Sighting>) {
    let here = own.destination == Destination::Here;
    let village = village_gate(own.village);
    let first = Sighting {
        at: later(random, own.arrival, (1, 25)),
        by: Who::Gate(gate_for(own)),
        source: Source::Checkpoint,
        arrived: true,
        ..plain
    };
    if !own.is_plain() || !here {
        seen.push(first);
        return;
    }
    let by_car = matches!(own.mode, Mode::Road | Mode::Bus);
    if by_car && random.yes(0.3) {
        // Straight to the village: who shows no green pass is turned back.
        let first = Sighting {
            by: Who::Gate(village),
            ..first
        };
        seen.push(first);
        if own.pass != PassShown::Green && random.yes(0.6) {
            let at = later(random, first.at, (500, 2_000));
            seen.push(Sighting {
                at,
                pass: PassShown::Green,
                ..first
            });
        }
        return;
    }
    seen.push(first);
    if random.yes(0.08) {
        let at = later(random, first.at, (60, 300));
        seen.push(Sighting {
            at,
            by: Who::Gate(village),
            pass: PassShown::Green,
            ..first
        });
    }
}

fn canvass(random: &mut Random, own: &Journey, plain: Sighting, seen: &mut Vec<Sighting>) {
    let found = Sighting {
        at: later(random, own.arrival, (200, 3_500)),
        by: Who::Worker(own.village),
        source: Source::Canvass,
        arrived: true,
        health: Health::Well,
        ..plain
    };
    seen.push(found);
    let passed = seen
        .iter()
        .any(|sighting| sighting.source == Source::Checkpoint);
    if own.is_plain() && !passed && random.yes(0.7) {
        let at = later(random, found.at, (100, 900));
        seen.push(Sighting {
            at,
            by: Who::Gate(village_gate(own.village)),
            source: Source::Checkpoint,
            pass: PassShown::Green,
            ..found
        });
    }
}
