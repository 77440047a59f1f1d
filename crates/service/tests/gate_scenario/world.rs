//! The city with its gates, sites and villages, and the phones of those who work there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::Role;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{CheckpointKind, Mode};
use lianfang_core::ids::{CheckpointId, EntrantId, FactId, PartyId, SiteId};
use lianfang_core::quarantine::Room;
use lianfang_service::Actor;
use lianfang_service::field::{EntryAnswer, FieldEntry, Happening, MOST_ENTRIES, Taken};

use crate::acts::Act;
use crate::common::{CITY, Testbed, area};
use crate::people::{Arrivals, Journey, at_hour};
use crate::random::Random;
use crate::truth::{Hold, Truth};

const VILLAGE_CODES: [&str; 5] = [
    "330602001001",
    "330683001001",
    "330683001002",
    "330683002001",
    "330683002002",
];
/// Gates on the ways in; those of the villages follow.
const WAYS_IN: [(CheckpointKind, &str); 5] = [
    (CheckpointKind::Expressway, "330683"),
    (CheckpointKind::Railway, "330602"),
    (CheckpointKind::Airport, "330604"),
    (CheckpointKind::Bus, "330683"),
    (CheckpointKind::Port, "330602"),
];
pub(crate) const GATES: usize = WAYS_IN.len() + VILLAGE_CODES.len();
const SITE_AREAS: [&str; 6] = [
    "330602001",
    "330604001",
    "330683001",
    "330683002",
    "330683",
    "330602",
];
pub(crate) const SITES: usize = SITE_AREAS.len();

pub(crate) fn village(n: usize) -> AreaCode {
    area(VILLAGE_CODES[n])
}

pub(crate) fn village_gate(n: usize) -> usize {
    WAYS_IN.len() + n
}

pub(crate) fn is_village_gate(gate: usize) -> bool {
    gate >= WAYS_IN.len()
}

pub(crate) fn site_area(site: usize) -> AreaCode {
    area(SITE_AREAS[site])
}

pub(crate) fn gate_for(own: &Journey) -> usize {
    match own.mode {
        Mode::Air => 2,
        Mode::Rail => 1,
        Mode::Water => 4,
        Mode::Bus => 3,
        _ => 0,
    }
}

pub(crate) fn party(n: usize) -> PartyId {
    PartyId::from_parts(1_581_000_000_000, n as u128 + 1)
}

/// Who writes something down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Citizen,
    Gate(usize),
    Worker(usize),
    Site(usize),
    Clinic,
    Lists,
    Officer,
}

impl Who {
    pub(crate) fn of(hold: Hold) -> Self {
        match hold {
            Hold::Gate(gate) => Self::Gate(gate),
            Hold::Village(village) => Self::Worker(village),
            Hold::Site(site) => Self::Site(site),
            Hold::Clinic => Self::Clinic,
            Hold::Nowhere => Self::Officer,
        }
    }
}

/// A phone with what it has not sent yet.
pub(crate) struct Phone {
    pub(crate) actor: Actor,
    pub(crate) queue: Vec<(FieldEntry, Act)>,
    pub(crate) offline_until: Option<Timestamp>,
    /// The newest entries that were sent: some are sent again with the next.
    last: Vec<FieldEntry>,
}

pub(crate) struct World {
    pub(crate) bed: Testbed,
    pub(crate) random: Random,
    pub(crate) all: Arrivals,
    pub(crate) truth: Truth,
    pub(crate) phones: BTreeMap<Who, Phone>,
    pub(crate) gates: Vec<CheckpointId>,
    pub(crate) sites: Vec<SiteId>,
    /// What each gate's people must be sent on from there: whose, and under which record.
    pub(crate) waiting: BTreeMap<Who, Vec<(usize, EntrantId)>>,
    /// All that was ever sent, by whom, in order.
    pub(crate) sent: Vec<(Who, FieldEntry)>,
    /// Whose records changed since the officer last looked for doubles.
    pub(crate) touched: BTreeSet<usize>,
    /// Each record with the true journey that it is of.
    pub(crate) records: Vec<(FactId, EntrantId, usize)>,
    pub(crate) refused: BTreeMap<String, u64>,
    pub(crate) now: Timestamp,
    pub(crate) plan: BTreeMap<(Timestamp, u64), crate::todo::Todo>,
    pub(crate) merging: crate::merging::Merging,
    pub(crate) seconds: BTreeMap<&'static str, f64>,
}

impl World {
    pub(crate) fn new(seed: u64, number: usize) -> Self {
        let bed = Testbed::city();
        let mut random = Random::new(seed);
        let all = crate::people::arrivals(&mut random, number);
        let mut world = Self {
            truth: Truth::of(all.journeys.len()),
            bed,
            random,
            all,
            phones: BTreeMap::new(),
            gates: Vec::new(),
            sites: Vec::new(),
            waiting: BTreeMap::new(),
            sent: Vec::new(),
            touched: BTreeSet::new(),
            records: Vec::new(),
            refused: BTreeMap::new(),
            now: at_hour(-2),
            plan: BTreeMap::new(),
            merging: crate::merging::Merging::default(),
            seconds: BTreeMap::new(),
        };
        world.set_clock(at_hour(-2));
        world.sign_in();
        world.set_up();
        world
    }

    pub(crate) fn set_clock(&mut self, now: Timestamp) {
        self.now = now;
        self.bed.at(&now.to_string());
    }

    fn sign_in(&mut self) {
        let mut people = vec![
            (Who::Clinic, Role::SiteStaff, CITY),
            (Who::Lists, Role::AreaOfficer, CITY),
            (Who::Officer, Role::AreaOfficer, CITY),
        ];
        for (n, (_, code)) in WAYS_IN.iter().enumerate() {
            people.push((Who::Gate(n), Role::CheckpointStaff, code));
        }
        for (n, code) in VILLAGE_CODES.iter().enumerate() {
            people.push((Who::Gate(village_gate(n)), Role::CheckpointStaff, code));
            people.push((Who::Worker(n), Role::GridWorker, code));
        }
        for (n, code) in SITE_AREAS.iter().enumerate() {
            people.push((Who::Site(n), Role::SiteStaff, code));
        }
        for (who, role, code) in people {
            let actor = self.bed.user(role, code).actor;
            let phone = Phone {
                actor,
                queue: Vec::new(),
                offline_until: None,
                last: Vec::new(),
            };
            self.phones.insert(who, phone);
        }
    }

    fn set_up(&mut self) {
        let places: Vec<(CheckpointKind, AreaCode)> = WAYS_IN
            .iter()
            .map(|(kind, code)| (*kind, area(code)))
            .chain(
                VILLAGE_CODES
                    .iter()
                    .map(|code| (CheckpointKind::Village, area(code))),
            )
            .collect();
        for (n, (place, area)) in places.into_iter().enumerate() {
            let id = self.push(
                Who::Officer,
                Act::SetUp,
                Happening::Checkpoint {
                    checkpoint: None,
                    area,
                    place,
                    name: format!("{n}号卡口"),
                    name_en: None,
                    lanes: 4,
                    open: true,
                },
            );
            self.gates.push(CheckpointId::from_bytes(id.to_bytes()));
        }
        for n in 0..SITES {
            let rooms = (0..500)
                .map(|room| Room {
                    room: format!("{:03}", room + 1),
                    beds: 1 + (room % 4) as u8,
                })
                .collect();
            let id = self.push(
                Who::Officer,
                Act::SetUp,
                Happening::Site {
                    site: None,
                    area: site_area(n),
                    name: format!("{n}号隔离点"),
                    name_en: None,
                    takes: Vec::new(),
                    rooms,
                    open: true,
                },
            );
            self.sites.push(SiteId::from_bytes(id.to_bytes()));
        }
        self.flush_all(true);
    }

    /// An id as a phone makes it.
    pub(crate) fn id(&mut self, at: Timestamp) -> FactId {
        FactId::from_parts(at.as_millisecond().unsigned_abs(), self.random.bits() >> 48)
    }

    /// Somebody writes something down just now.
    pub(crate) fn push(&mut self, who: Who, act: Act, what: Happening) -> FactId {
        self.push_at(who, self.now, act, what)
    }

    pub(crate) fn push_at(&mut self, who: Who, at: Timestamp, act: Act, what: Happening) -> FactId {
        let id = self.id(at);
        let entry = FieldEntry { id, at, what };
        if who == Who::Citizen {
            let (answer, _) = self.bed.house.declare(&entry).unwrap();
            self.sent.push((who, entry.clone()));
            self.arrived_at_the_house(&entry, act, &answer);
        } else {
            self.phones.get_mut(&who).unwrap().queue.push((entry, act));
        }
        id
    }

    pub(crate) fn is_offline(&self, who: Who) -> bool {
        self.phones[&who]
            .offline_until
            .is_some_and(|until| until > self.now)
    }

    /// Everybody with a network sends what they have.
    pub(crate) fn flush_all(&mut self, at_last: bool) {
        let everybody: Vec<Who> = self.phones.keys().copied().collect();
        for who in everybody {
            if !at_last && self.is_offline(who) {
                continue;
            }
            let was_offline = self
                .phones
                .get_mut(&who)
                .unwrap()
                .offline_until
                .take()
                .is_some();
            self.flush(who, was_offline);
        }
    }

    /// One phone sends what it has, some of it twice.
    pub(crate) fn flush(&mut self, who: Who, was_offline: bool) {
        let phone = self.phones.get_mut(&who).unwrap();
        let queue = std::mem::take(&mut phone.queue);
        if queue.is_empty() {
            return;
        }
        let last = std::mem::take(&mut phone.last);
        // A batch may overlap with the one before, whose answer was lost.
        let overlap = if was_offline || self.random.yes(0.05) {
            last.len().min(60)
        } else {
            0
        };
        self.again(who, &last[last.len() - overlap..]);
        for batch in queue.chunks(MOST_ENTRIES) {
            let entries: Vec<FieldEntry> = batch.iter().map(|(entry, _)| entry.clone()).collect();
            let actor = &self.phones[&who].actor;
            let answers = self.bed.house.take_entries(actor, &entries).unwrap();
            for ((entry, act), answer) in batch.iter().zip(&answers) {
                self.sent.push((who, entry.clone()));
                self.arrived_at_the_house(entry, act.clone(), answer);
            }
            if was_offline && self.random.yes(0.5) {
                self.again(who, &entries);
            }
        }
        let kept = queue.len().saturating_sub(100);
        let kept = queue[kept..]
            .iter()
            .map(|(entry, _)| entry.clone())
            .collect();
        self.phones.get_mut(&who).unwrap().last = kept;
    }

    /// What was sent before changes nothing when it is sent again.
    fn again(&mut self, who: Who, entries: &[FieldEntry]) {
        let actor = &self.phones[&who].actor;
        let before = self.bed.seq();
        let answers = self.bed.house.take_entries(actor, entries).unwrap();
        for (entry, answer) in entries.iter().zip(&answers) {
            self.repeated(entry, answer);
        }
        assert_eq!(self.bed.seq(), before);
    }

    /// Asserts the answer to an entry that was sent before: there already, or refused as before.
    pub(crate) fn repeated(&self, entry: &FieldEntry, answer: &EntryAnswer) {
        let refused = self.merging.refused.contains(&entry.id);
        let expected = if refused {
            Taken::Refused
        } else {
            Taken::Repeated
        };
        assert_eq!(answer.result, expected, "{entry:?} {answer:?}");
    }

    /// A moment in the hour that ends now.
    pub(crate) fn lately(&mut self) -> Timestamp {
        self.now - SignedDuration::from_secs(self.random.whole(60, 3_000))
    }
}
