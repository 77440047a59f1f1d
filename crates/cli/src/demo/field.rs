//! Gates, hand-overs and quarantine of the demo, as phones would have sent them.
//!
//! Sixteen days of arrivals at two checkpoints of one county: announced, listed, or met at the
//! gate for the first time; sent to a site or to their communities, received there, watched,
//! checked twice a day with some checks missed, released on their day.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use lianfang_city::people::{People, Person, Wanted};
use lianfang_core::areas::{AreaCode, Level};
use lianfang_core::entry::{
    CheckpointKind, Destination, Journey, Mode, Receiver, Source, Stage, Symptom,
};
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{
    CheckpointId, EntrantId, FactId, HouseholdId, MatterId, OrderId, PartyId, SampleId, SiteId,
};
use lianfang_core::passes::PassShown;
use lianfang_core::quarantine::{AbsenceHow, CheckedBy, Need, Room, SampleResult};
use lianfang_service::field::{
    Circumstances, Coming, EntryAnswer, FieldEntry, Happening, MOST_ENTRIES, PersonGiven, Taken,
};
use lianfang_service::foresight::MakeForecasts;
use lianfang_service::quarantine::{ChosenOrders, DueWanted};
use lianfang_service::{Actor, House};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Hand, at};

/// Days of arrivals before today.
const DAYS: i64 = 16;
/// Arrivals of a usual day.
const ARRIVALS: u32 = 26;
/// Households of the community that the grid worker looks after.
const HOUSEHOLDS: u32 = 140;
/// Rooms of the site.
const ROOMS: u32 = 60;
const SEED: u64 = 2021;

/// Who takes part.
pub(super) struct Hands<'a> {
    pub(super) officer: &'a Actor,
    pub(super) gate: &'a Actor,
    pub(super) site: &'a Actor,
    pub(super) grid: &'a Actor,
    pub(super) county: AreaCode,
    pub(super) village: AreaCode,
    /// A county of the same city at high risk, if there is one.
    pub(super) risky: AreaCode,
}

/// Somebody under watch in the demo.
struct Watched {
    order: OrderId,
    at_site: bool,
    village: AreaCode,
    until: Option<Date>,
    gone: bool,
}

/// Somebody who came from a severe area.
pub(super) struct Traveller {
    pub(super) given: PersonGiven,
    pub(super) area: AreaCode,
}

/// Where such people come from.
const SEVERE: &str = "420100";
/// Days before today on which they came: long enough to be settled.
const SETTLED: i64 = 3;

struct Play<'a> {
    house: &'a House,
    hand: &'a Hand,
    hands: &'a Hands<'a>,
    chance: ChaCha8Rng,
    people: People,
    made: u64,
    villages: Vec<AreaCode>,
    today: Date,
    travellers: Vec<Traveller>,
}

/// Plays the field's days up to `today`: who came from a severe area.
pub(super) fn play(
    house: &House,
    hand: &Hand,
    hands: &Hands<'_>,
    today: Date,
) -> anyhow::Result<Vec<Traveller>> {
    let villages = villages(house, hands.county)?;
    ensure!(!villages.is_empty(), "a county with communities");
    let mut play = Play {
        house,
        hand,
        hands,
        chance: ChaCha8Rng::seed_from_u64(SEED),
        people: People::new(SEED, today)?,
        made: 0,
        villages,
        today,
        travellers: Vec::new(),
    };
    let first = today.checked_sub(DAYS.days())?;
    let [motorway, station, _] = play.set_up(first)?;
    let site = play.open_site(first)?;
    let homes = play.households(first)?;
    let mut watched: Vec<Watched> = Vec::new();
    let mut day = first;
    while day <= today {
        let over = day < today;
        play.round(day, &mut watched, over)?;
        play.arrivals(day, [motorway, station], site, &mut watched, over)?;
        play.canvass(day, &homes)?;
        // Of the day before: what happened on this one is not read.
        hand.set(at(day, 6));
        house.make_forecasts(&Actor::house("demo"), &MakeForecasts::default())?;
        day = day.tomorrow()?;
    }
    play.announce(today)?;
    play.odds(&watched)?;
    Ok(play.travellers)
}

pub(super) fn villages(house: &House, county: AreaCode) -> anyhow::Result<Vec<AreaCode>> {
    let actor = Actor::house("demo");
    let mut found = Vec::new();
    for township in house.area(&actor, county)?.children {
        for village in house.area(&actor, township.code)?.children {
            if village.level == Level::Village {
                found.push(village.code);
            }
        }
    }
    Ok(found)
}

impl Play<'_> {
    fn id(&mut self, at: Timestamp) -> FactId {
        self.made += 1;
        let noise: u64 = self.chance.random();
        FactId::from_parts(
            at.as_millisecond().unsigned_abs(),
            u128::from(noise) << 16 | u128::from(self.made % 65_536),
        )
    }

    fn entry(&mut self, at: Timestamp, what: Happening) -> FieldEntry {
        FieldEntry {
            id: self.id(at),
            at,
            what,
        }
    }

    /// Sends entries as a phone does, a little after the last of them; each must be taken.
    fn send(&self, by: &Actor, entries: &[FieldEntry]) -> anyhow::Result<Vec<EntryAnswer>> {
        let mut answers = Vec::with_capacity(entries.len());
        for batch in entries.chunks(MOST_ENTRIES) {
            let last = batch
                .iter()
                .map(|entry| entry.at)
                .max()
                .context("an entry")?;
            self.hand.set(last + SignedDuration::from_secs(20));
            answers.extend(self.house.take_entries(by, batch)?);
        }
        for (entry, answer) in entries.iter().zip(&answers) {
            if answer.result == Taken::Refused {
                bail!("the demo's {:?} was refused: {answer:?}", entry.what);
            }
        }
        Ok(answers)
    }

    fn one(&mut self, by: &Actor, at: Timestamp, what: Happening) -> anyhow::Result<FactId> {
        let entry = self.entry(at, what);
        self.send(by, std::slice::from_ref(&entry))?;
        Ok(entry.id)
    }

    fn set_up(&mut self, first: Date) -> anyhow::Result<[CheckpointId; 3]> {
        let morning = at(first, 5);
        let (county, village) = (self.hands.county, self.hands.village);
        let places = [
            (
                county,
                CheckpointKind::Expressway,
                "高速出口卡口",
                "Expressway exit",
                4,
            ),
            (
                county,
                CheckpointKind::Railway,
                "火车站检查点",
                "Railway station",
                6,
            ),
            (
                village,
                CheckpointKind::Compound,
                "社区东门",
                "East gate",
                1,
            ),
        ];
        let mut made = Vec::new();
        for (area, place, name, name_en, lanes) in places {
            let id = self.one(
                self.hands.officer,
                morning,
                Happening::Checkpoint {
                    checkpoint: None,
                    area,
                    place,
                    name: name.into(),
                    name_en: Some(name_en.into()),
                    lanes,
                    open: true,
                },
            )?;
            let checkpoint = CheckpointId::from_bytes(id.to_bytes());
            for ago in 0..=DAYS + 1 {
                let day = first.checked_add(ago.days())?;
                self.one(
                    self.hands.officer,
                    morning,
                    Happening::Shift {
                        checkpoint,
                        from: at(day, 0),
                        until: at(day, 24),
                        staff: u16::from(lanes) * 2,
                        lanes: lanes.div_ceil(2),
                        lead: None,
                    },
                )?;
            }
            made.push(checkpoint);
        }
        Ok([made[0], made[1], made[2]])
    }

    fn open_site(&mut self, first: Date) -> anyhow::Result<SiteId> {
        let rooms = (0..ROOMS)
            .map(|n| Room {
                room: format!("{}{:02}", n / 20 + 2, n % 20 + 1),
                beds: if n % 5 == 0 { 3 } else { 2 },
            })
            .collect();
        let id = self.one(
            self.hands.officer,
            at(first, 5),
            Happening::Site {
                site: None,
                area: self.hands.county,
                name: "城南集中观察点".into(),
                name_en: Some("South quarantine site".into()),
                takes: Vec::new(),
                rooms,
                open: true,
            },
        )?;
        Ok(SiteId::from_bytes(id.to_bytes()))
    }

    /// The households of one community with those who live there.
    fn households(&mut self, first: Date) -> anyhow::Result<Vec<(HouseholdId, u16)>> {
        let morning = at(first, 5);
        let mut entries = Vec::new();
        let mut homes = Vec::new();
        for n in 0..HOUSEHOLDS {
            let people: u16 = match n {
                _ if n % 46 == 45 => 12,
                _ => 1 + self.chance.random_range(0..4),
            };
            let dwelling = match n % 46 {
                45 => Dwelling::NursingHome,
                7 | 19 | 33 => Dwelling::Rented,
                _ => Dwelling::Home,
            };
            let door = format!(
                "{}幢{}单元{}0{}",
                n / 24 + 1,
                n / 8 % 3 + 1,
                n / 2 % 4 + 1,
                n % 2 + 1
            );
            let entry = self.entry(
                morning,
                Happening::Household {
                    household: None,
                    area: self.hands.village,
                    door: door.clone(),
                    dwelling,
                    walk: (n + 1) * 10,
                    people,
                    place: (dwelling == Dwelling::NursingHome).then(|| "夕阳红养老院".into()),
                },
            );
            let household = HouseholdId::from_bytes(entry.id.to_bytes());
            entries.push(entry);
            homes.push((household, people));
            for _ in 0..people {
                let person = self.people.draw(Wanted::default(), door.clone());
                let given = Some(given(&person));
                entries.push(self.entry(
                    morning,
                    Happening::Resident {
                        household,
                        person: None,
                        given,
                        living: true,
                    },
                ));
            }
        }
        self.send(self.hands.grid, &entries)?;
        Ok(homes)
    }

    /// The grid worker goes from door to door: most doors every third day.
    fn canvass(&mut self, day: Date, homes: &[(HouseholdId, u16)]) -> anyhow::Result<()> {
        let mut entries = Vec::new();
        for (n, (household, people)) in homes.iter().enumerate() {
            let due = (n as i64 + i64::from(day.day())) % 3 == 0;
            if !due || self.chance.random_range(0..12) == 0 {
                continue;
            }
            let at = at(day, 9) + SignedDuration::from_mins(n as i64 % 60);
            if at > Timestamp::now() {
                continue;
            }
            let people = if self.chance.random_range(0..20) == 0 {
                0
            } else {
                *people
            };
            entries.push(self.entry(
                at,
                Happening::Visit {
                    household: *household,
                    people,
                },
            ));
        }
        if !entries.is_empty() {
            self.send(self.hands.grid, &entries)?;
        }
        Ok(())
    }

    /// How a traveller comes: most from quiet places, some from where it matters.
    fn coming(&mut self, arrival: Timestamp, by_rail: bool) -> Coming {
        let kind = self.chance.random_range(0..100);
        let from = match kind {
            0..=13 => SEVERE.to_owned(),
            14..=19 => "KR".to_owned(),
            20..=31 => self.hands.risky.to_string(),
            _ => ["310000", "320500", "340100", "350200", "440300"][self.chance.random_range(0..5)]
                .to_owned(),
        };
        let number = by_rail.then(|| format!("G{}", 7300 + self.chance.random_range(0..40)));
        let seat = by_rail.then(|| {
            format!(
                "{:02}-{:02}{}",
                self.chance.random_range(1..9),
                self.chance.random_range(1..18),
                ['A', 'B', 'C', 'D', 'F'][self.chance.random_range(0..5)]
            )
        });
        let village = self.villages[self.chance.random_range(0..self.villages.len())];
        let bound_for = if self.chance.random_range(0..4) == 0 {
            self.hands.village
        } else {
            village
        };
        Coming {
            journey: Journey {
                mode: if by_rail { Mode::Rail } else { Mode::Road },
                number,
                seat,
                from: Some(from),
                stops: Vec::new(),
            },
            arrival,
            destination: Destination::Here,
            bound_for: Some(bound_for),
            circumstances: Circumstances {
                home_suitable: self.chance.random_range(0..3) > 0,
                ..Circumstances::default()
            },
            party: None,
        }
    }

    fn arrivals(
        &mut self,
        day: Date,
        gates: [CheckpointId; 2],
        site: SiteId,
        watched: &mut Vec<Watched>,
        over: bool,
    ) -> anyhow::Result<()> {
        let n = ARRIVALS + self.chance.random_range(0..10);
        let mut announced = Vec::new();
        let mut checks = Vec::new();
        let mut party: Option<(PartyId, Coming, usize)> = None;
        for i in 0..n {
            let rail = i % 3 != 0;
            let minute = 7 * 60 + i64::from(i) * 12;
            let arrival = at(day, 0) + SignedDuration::from_mins(minute);
            if arrival > Timestamp::now() - SignedDuration::from_mins(30) {
                break;
            }
            let age = self.chance.random_range(1..88_u8);
            let person = self.people.draw(
                Wanted {
                    age: Some(age),
                    ..Wanted::default()
                },
                String::new(),
            );
            let mut coming = if let Some((id, coming, left)) = party.take() {
                if left > 1 {
                    party = Some((id, coming.clone(), left - 1));
                }
                coming
            } else {
                let mut coming = self.coming(arrival, rail);
                if self.chance.random_range(0..6) == 0 {
                    let id = PartyId::from_bytes(self.id(arrival).to_bytes());
                    coming.party = Some(id);
                    party = Some((id, coming.clone(), 2));
                }
                coming
            };
            coming.arrival = arrival;
            let given = given(&person);
            let settled = day + SETTLED.days() <= self.today;
            if let (true, Some(SEVERE), Some(area)) =
                (settled, coming.journey.from.as_deref(), coming.bound_for)
            {
                let given = given.clone();
                self.travellers.push(Traveller { given, area });
            }
            // A third was announced a day before, some by a list; a few of these under a slip of
            // the pen and without a document.
            let ahead = arrival - SignedDuration::from_hours(20);
            match self.chance.random_range(0..9) {
                0..=2 => announced.push((ahead, Source::Declared, given.clone(), coming.clone())),
                3 | 4 => {
                    let mut listed = given.clone();
                    if self.chance.random_range(0..4) == 0 {
                        listed.document = None;
                        listed.name = Some(format!("{}某", person.surname()));
                        listed.born = Some(person.born());
                    }
                    announced.push((ahead, Source::List, listed, coming.clone()));
                }
                _ => {}
            }
            let fever = self.chance.random_range(0..60) == 0;
            let temperature = if fever {
                38.2
            } else {
                f64::from(360 + self.chance.random_range(0..9)) / 10.0
            };
            let seconds = 9 + self.chance.random_range(0..30_u16);
            let gate = gates[usize::from(rail)];
            checks.push(self.entry(
                arrival,
                Happening::CheckIn {
                    checkpoint: gate,
                    lane: Some(1),
                    entrant: None,
                    person: Some(given),
                    coming: Some(coming),
                    circumstances: None,
                    temperature: Some(temperature),
                    symptoms: if fever {
                        vec![Symptom::Fever]
                    } else {
                        Vec::new()
                    },
                    pass: PassShown::None,
                    neighbour_pass: false,
                    shown: None,
                    seconds: Some(seconds),
                },
            ));
        }
        for (at, source, person, coming) in announced {
            let entry = self.entry(
                at,
                Happening::Notice {
                    source,
                    person,
                    coming,
                    arrived: false,
                    list: (source == Source::List).then(|| format!("12306 {day}")),
                    household: None,
                },
            );
            if source == Source::Declared {
                self.hand.set(at);
                self.house.declare(&entry)?;
            } else {
                self.send(self.hands.officer, std::slice::from_ref(&entry))?;
            }
        }
        self.send(self.hands.gate, &checks)?;
        self.hand_over(day, site, watched, over)
    }

    /// Those whom a gate has held are taken where they belong, twice a day, and received there.
    fn hand_over(
        &mut self,
        day: Date,
        site: SiteId,
        watched: &mut Vec<Watched>,
        over: bool,
    ) -> anyhow::Result<()> {
        let leave = at(day, 18);
        if leave > Timestamp::now() - SignedDuration::from_hours(3) {
            return Ok(());
        }
        self.hand.set(leave);
        let waiting = self.house.entrants(
            &Actor::house("demo"),
            &lianfang_service::entry::ChosenEntrants {
                stages: vec![Stage::ToSend],
                limit: 200,
                ..lianfang_service::entry::ChosenEntrants::default()
            },
        )?;
        let mut groups: BTreeMap<(Receiver, AreaCode), Vec<EntrantId>> = BTreeMap::new();
        for row in waiting.0 {
            use lianfang_core::entry::Triage;
            let to = match row.triage {
                Some(Triage::SiteQuarantine) => (Receiver::Site, self.hands.county),
                Some(Triage::FeverClinic) => (Receiver::Clinic, self.hands.county),
                _ => (Receiver::Community, row.area.code),
            };
            groups.entry(to).or_default().push(row.entrant);
        }
        for (nth, ((receiver, area), entrants)) in groups.into_iter().enumerate() {
            let handover = self.one(
                self.hands.gate,
                leave,
                Happening::Send {
                    entrants: entrants.clone(),
                    receiver,
                    area,
                    site: (receiver == Receiver::Site).then_some(site),
                    checkpoint: None,
                    vehicle: Some(format!("浙D{:05}", 10_300 + nth)),
                    escort: Some(format!("转运{}组", nth % 4 + 1)),
                    expected: leave + SignedDuration::from_mins(90),
                },
            )?;
            // Of yesterday's, one stays open: late, and climbing.
            if !over || (nth == 1 && day.tomorrow()? == self.today) {
                continue;
            }
            let by = match receiver {
                Receiver::Community if area == self.hands.village => self.hands.grid,
                Receiver::Community => self.hands.officer,
                _ => self.hands.site,
            };
            let there = leave + SignedDuration::from_mins(70);
            self.one(
                by,
                there,
                Happening::Receive {
                    handover: MatterId::from_bytes(handover.to_bytes()),
                    entrants: entrants.clone(),
                    missing: Vec::new(),
                },
            )?;
            if receiver == Receiver::Clinic {
                for entrant in entrants {
                    let case = self.chance.random_range(0..5) == 0;
                    self.one(
                        self.hands.officer,
                        there + SignedDuration::from_mins(40),
                        Happening::ClinicAnswer {
                            entrant,
                            case,
                            classification: None,
                            onset: None,
                        },
                    )?;
                }
                continue;
            }
            for entrant in entrants {
                self.order(
                    by,
                    there,
                    entrant,
                    (receiver == Receiver::Site).then_some(site),
                    area,
                    watched,
                )?;
            }
        }
        Ok(())
    }

    fn order(
        &mut self,
        by: &Actor,
        there: Timestamp,
        entrant: EntrantId,
        site: Option<SiteId>,
        area: AreaCode,
        watched: &mut Vec<Watched>,
    ) -> anyhow::Result<()> {
        let entry = self.entry(
            there + SignedDuration::from_mins(10),
            Happening::Order {
                entrant,
                home_suitable: None,
                contact: None,
                site,
                room: None,
                bed: None,
            },
        );
        self.hand.set(there + SignedDuration::from_mins(11));
        let answers = self.house.take_entries(by, std::slice::from_ref(&entry))?;
        let answer = answers.first().context("an answer")?;
        if answer.result == Taken::Refused {
            // Nothing asks for an order: the person goes home.
            return Ok(());
        }
        watched.push(Watched {
            order: OrderId::from_bytes(entry.id.to_bytes()),
            at_site: site.is_some(),
            village: area,
            until: answer.decision.as_ref().and_then(|ruling| ruling.until),
            gone: false,
        });
        Ok(())
    }

    /// Morning and evening checks, samples, releases.
    fn round(&mut self, day: Date, watched: &mut [Watched], over: bool) -> anyhow::Result<()> {
        for hour in [8, 19] {
            let begins = at(day, hour);
            if begins > Timestamp::now() - SignedDuration::from_hours(1) {
                break;
            }
            let mut by_hand: BTreeMap<u8, Vec<FieldEntry>> = BTreeMap::new();
            for (n, who) in watched.iter_mut().enumerate().filter(|(_, who)| !who.gone) {
                let at = begins + SignedDuration::from_secs(n as i64 * 7);
                let whose = match () {
                    () if who.at_site => 0,
                    () if who.village == self.hands.village => 1,
                    () => 2,
                };
                if hour == 8 && who.until.is_some_and(|until| until <= day) {
                    // Today's releases wait for somebody to make them.
                    if over {
                        who.gone = true;
                        let entry = self.entry(at, Happening::Release { order: who.order });
                        by_hand.entry(whose).or_default().push(entry);
                    }
                    continue;
                }
                // The grid worker misses one now and then.
                if whose == 1 && self.chance.random_range(0..30) == 0 {
                    continue;
                }
                let ill = self.chance.random_range(0..400) == 0;
                let temperature = if ill {
                    37.9
                } else {
                    f64::from(361 + self.chance.random_range(0..8)) / 10.0
                };
                let symptoms = if ill {
                    vec![Symptom::Cough]
                } else {
                    Vec::new()
                };
                let entry = self.entry(
                    at,
                    Happening::Check {
                        order: who.order,
                        temperature: Some(temperature),
                        symptoms,
                        by: CheckedBy::Staff,
                    },
                );
                by_hand.entry(whose).or_default().push(entry);
            }
            for (whose, entries) in by_hand {
                let by = [self.hands.site, self.hands.grid, self.hands.officer][usize::from(whose)];
                self.send_some(by, &entries)?;
            }
            if hour == 8 {
                self.samples(begins)?;
            }
            self.hand.set(begins + SignedDuration::from_hours(2));
            self.house.sweep_field()?;
        }
        Ok(())
    }

    /// Samples that are due are taken in the morning, and answered at once.
    fn samples(&mut self, begins: Timestamp) -> anyhow::Result<()> {
        let due = self.house.orders(
            &Actor::house("demo"),
            &ChosenOrders {
                due: Some(DueWanted::Sample),
                limit: 200,
                ..ChosenOrders::default()
            },
        )?;
        let taken_at = begins + SignedDuration::from_mins(20);
        for order in due.orders {
            let taken = self.entry(taken_at, Happening::Sample { order: order.order });
            let answered = self.entry(
                taken_at + SignedDuration::from_mins(60),
                Happening::SampleAnswer {
                    sample: SampleId::from_bytes(taken.id.to_bytes()),
                    result: SampleResult::Negative,
                },
            );
            self.send_some(self.hands.officer, &[taken, answered])?;
        }
        Ok(())
    }

    /// Sends entries of which some may be refused: a release that still waits for a sample.
    fn send_some(&self, by: &Actor, entries: &[FieldEntry]) -> anyhow::Result<()> {
        for batch in entries.chunks(MOST_ENTRIES) {
            let last = batch
                .iter()
                .map(|entry| entry.at)
                .max()
                .context("an entry")?;
            self.hand.set(last + SignedDuration::from_secs(20));
            self.house.take_entries(by, batch)?;
        }
        Ok(())
    }

    /// Announcements for the days to come: people return to work.
    fn announce(&mut self, today: Date) -> anyhow::Result<()> {
        let now = Timestamp::now() - SignedDuration::from_mins(40);
        let mut entries = Vec::new();
        for ahead in 1..=6_i64 {
            for n in 0..(40 - ahead * 5).max(4) {
                let day = today.checked_add(ahead.days())?;
                let arrival = at(day, 8) + SignedDuration::from_mins(n * 13);
                let coming = self.coming(arrival, true);
                let person = self.people.draw(Wanted::default(), String::new());
                let person = given(&person);
                entries.push(self.entry(
                    now,
                    Happening::Notice {
                        source: Source::List,
                        person,
                        coming,
                        arrived: false,
                        list: Some(format!("12306 {day}")),
                        household: None,
                    },
                ));
            }
        }
        self.send(self.hands.officer, &entries)?;
        Ok(())
    }

    /// What a morning finds: a need, an absence.
    fn odds(&self, watched: &[Watched]) -> anyhow::Result<()> {
        let now = Timestamp::now() - SignedDuration::from_mins(25);
        let mut live = watched.iter().filter(|who| !who.gone && !who.at_site);
        if let Some(who) = live.next() {
            let by = self.hand_of(who);
            self.send_some(
                by,
                &[self.entry_now(
                    now,
                    Happening::Needs {
                        order: who.order,
                        need: Need::Medicine,
                        text: "降压药还剩两天 · blood pressure pills for two more days".into(),
                    },
                )],
            )?;
        }
        if let Some(who) = live.next() {
            let by = self.hand_of(who);
            self.send_some(
                by,
                &[self.entry_now(
                    now,
                    Happening::Absent {
                        order: who.order,
                        how: AbsenceHow::NotAtHome,
                    },
                )],
            )?;
        }
        Ok(())
    }

    fn hand_of(&self, who: &Watched) -> &Actor {
        if who.village == self.hands.village {
            self.hands.grid
        } else {
            self.hands.officer
        }
    }

    #[allow(clippy::unused_self, reason = "reads as the others")]
    fn entry_now(&self, at: Timestamp, what: Happening) -> FieldEntry {
        FieldEntry {
            id: FactId::from_parts(at.as_millisecond().unsigned_abs(), rand::random()),
            at,
            what,
        }
    }
}

pub(super) fn given(person: &Person) -> PersonGiven {
    PersonGiven {
        name: Some(person.name.clone()),
        document_kind: None,
        document: Some(person.resident_id.to_string()),
        phone: Some(person.phone.to_string()),
        ..PersonGiven::default()
    }
}
