//! Tracing: the contacts that a case names, as far as they are found, each judged by the pack.

use lianfang_core::contacts::{ContactClass, Setting};
use lianfang_core::passes::CaseStanding;
use lianfang_policy::ContactEvidence;

use super::cases::capacity;
use super::{AWAY, About, NONE, Response};
use crate::epidemic::{Layer, Meetings};
use crate::random::{Purpose, Stream};

/// Rows of a bus or railway carriage within which strangers of one journey sit.
const ROWS: u32 = 12;
/// Metres within which strangers in one place are, as far as they remember one another.
const METRES: u32 = 4;
/// The longest time between a meeting and first symptoms that a record holds.
const LONGEST: i32 = 60;

/// A meeting that a case told of.
struct Told {
    person: u32,
    setting: Setting,
    day: i32,
    same_room: bool,
    metres: Option<u32>,
    rows_apart: Option<u32>,
}

impl Told {
    fn together(person: u32, setting: Setting, day: i32) -> Self {
        Self {
            person,
            setting,
            day,
            same_room: true,
            metres: None,
            rows_apart: None,
        }
    }
}

impl Response<'_> {
    /// Traces as many cases as there are people for it.
    pub(super) fn trace(&mut self, day: usize) {
        let most = capacity(self.settings.traces_per_100k, self.city.people(), day);
        for _ in 0..most {
            match self.to_trace.front() {
                Some((_, from)) if *from <= day => {}
                _ => break,
            }
            let (case, _) = self.to_trace.pop_front().expect("there is a first");
            self.today.traced += 1;
            self.trace_case(day, case);
        }
        self.today.waiting_traces = self.to_trace.len() as u64;
    }

    pub(super) fn trace_case(&mut self, day: usize, case: u32) {
        let known = self.know(day, case);
        let isolated = known.isolated_since.unwrap_or(day as i32);
        let reference = known.onset.unwrap_or(isolated);
        let (standing, has_onset) = (known.case, known.onset.is_some());
        // Who recovered meanwhile was a confirmed case when contacts were met.
        let standing = match standing {
            CaseStanding::Recovered if has_onset => CaseStanding::Confirmed,
            CaseStanding::Recovered => CaseStanding::Asymptomatic,
            other => other,
        };
        let mut close = Vec::new();
        for told in self.told(case, isolated) {
            let evidence = ContactEvidence {
                case: standing,
                has_onset,
                days_before: (reference - told.day).clamp(0, LONGEST) as u32,
                days_after: (told.day - reference).clamp(0, LONGEST) as u32,
                isolated: false,
                setting: told.setting,
                metres: told.metres,
                same_room: told.same_room,
                rows_apart: told.rows_apart,
                immune: self.proved_immune(told.person),
                ..ContactEvidence::default()
            };
            let class = self.judge_contact(day, (case, told.person), &evidence, told.day);
            if class == ContactClass::Close {
                close.push((evidence, told));
            }
        }
        if self.settings.second_contacts {
            // Whoever met the case is judged by that meeting first.
            for (evidence, told) in close {
                self.second_contacts(day, case, &evidence, &told);
            }
        }
    }

    fn judge_contact(
        &mut self,
        day: usize,
        (case, person): (u32, u32),
        evidence: &ContactEvidence,
        met: i32,
    ) -> ContactClass {
        let about = About::Meeting(case, person);
        let class = self.decide(day, about, evidence).outcome;
        match class {
            ContactClass::None => return class,
            ContactClass::Secondary => self.today.secondary_contacts += 1,
            ContactClass::Close => self.today.close_contacts += 1,
        }
        self.note_contact(day, person, class, met);
        class
    }

    /// Those who live with a close contact.
    fn second_contacts(&mut self, day: usize, case: u32, first: &ContactEvidence, told: &Told) {
        for other in self.city.household(told.person) {
            let judged = self
                .known(other)
                .is_some_and(|known| known.contact != ContactClass::None || known.is_case());
            if other == told.person || other == case || judged {
                continue;
            }
            let evidence = ContactEvidence {
                setting: Setting::Household,
                same_room: true,
                metres: None,
                rows_apart: None,
                of_contact: true,
                immune: self.proved_immune(other),
                ..first.clone()
            };
            self.judge_contact(day, (case, other), &evidence, told.day);
        }
    }

    /// The meetings that a case tells of, each person once in each setting.
    fn told(&self, case: u32, isolated: i32) -> Vec<Told> {
        let mut stream = Stream::new(self.seed, Purpose::Tracing, u64::from(case));
        let found = &self.settings.found;
        let person = self.city.persons[case as usize];
        let meetings = Meetings::of(self.city);
        let mut told = Vec::new();
        for other in self.city.household(case) {
            let at_home = self.held[other as usize] & AWAY == 0;
            if other != case && at_home && stream.yes(found.household) {
                told.push(Told::together(other, Setting::Household, isolated));
            }
        }
        let daily = meetings.daily_layer(person).map(|layer| match layer {
            Layer::School => (Setting::School, found.school),
            Layer::Care => (Setting::HealthCare, found.care),
            _ => (Setting::Work, found.work),
        });
        if let Some((setting, share)) = daily {
            for place in self.city.group(person.group) {
                let other = self.city.members[place as usize];
                if other != case && stream.yes(share) {
                    told.push(Told::together(other, setting, isolated));
                }
            }
        }
        self.strangers(case, isolated, &mut stream, &mut told);
        self.infected_elsewhere(case, &mut stream, &mut told);
        told
    }

    /// People met in the street or on journeys.
    fn strangers(&self, case: u32, isolated: i32, stream: &mut Stream, told: &mut Vec<Told>) {
        let settings = self.settings;
        let person = self.city.persons[case as usize];
        let contacts = &self.city.description().contacts;
        let meetings = Meetings::of(self.city);
        let days = f64::from(settings.recall_days) + 1.0;
        let rides = self.city.rides(case, person);
        for (layer, daily, share) in [
            (
                Layer::Community,
                contacts.community,
                settings.found.community,
            ),
            (
                Layer::Transport,
                if rides { contacts.transport } else { 0.0 },
                settings.found.transport,
            ),
        ] {
            if daily * share <= 0.0 {
                continue;
            }
            for _ in 0..stream.poisson((daily * share * days).min(500.0)) {
                let Some(other) = meetings.other(layer, case, person, stream) else {
                    continue;
                };
                if other == case {
                    continue;
                }
                let day = isolated - stream.below(settings.recall_days + 1) as i32;
                told.push(stranger(layer, other, day, stream));
            }
        }
    }

    /// Those whom the case infected outside household and team, if they are found.
    fn infected_elsewhere(&self, case: u32, stream: &mut Stream, told: &mut Vec<Told>) {
        let found = &self.settings.found;
        let mut next = self.newest_infected[case as usize];
        while next != NONE {
            let infection = &self.infections[self.infection_of[next as usize] as usize];
            let share = match infection.layer {
                Layer::Community => found.community,
                Layer::Transport => found.transport,
                Layer::Work => found.work,
                Layer::School => found.school,
                _ => 0.0,
            };
            let known = told.iter().any(|other| other.person == next);
            if !known && stream.yes(share) {
                let day = infection.time.floor() as i32;
                let mut one = stranger(infection.layer, next, day, stream);
                // Whoever was infected had been near.
                one.metres = one.metres.map(|_| 1);
                one.rows_apart = one.rows_apart.map(|_| 1);
                told.push(one);
            }
            next = self.next_infected[next as usize];
        }
    }
}

fn stranger(layer: Layer, person: u32, day: i32, stream: &mut Stream) -> Told {
    let setting = match layer {
        Layer::Transport => Setting::Transport,
        Layer::Work => Setting::Work,
        Layer::School => Setting::School,
        _ => Setting::Community,
    };
    let travels = setting == Setting::Transport;
    Told {
        person,
        setting,
        day,
        same_room: travels,
        metres: (!travels).then(|| stream.below(METRES) + 1),
        rows_apart: travels.then(|| stream.below(ROWS)),
    }
}
