//! What is known of a person, and the evidence records that say it.

use lianfang_core::contacts::ContactClass;
use lianfang_core::entry::{OriginRisk, Symptom};
use lianfang_core::passes::{CaseStanding, Colour};
use lianfang_core::quarantine::Watch;
use lianfang_core::words::Words;
use lianfang_policy::{PassEvidence, QuarantineEvidence};

use super::{NONE, Response};
use crate::random::{Purpose, Stream};

/// What is known of a person. Days are those of the run; those before it are negative.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) case: CaseStanding,
    pub(super) case_since: Option<i32>,
    /// Since when isolated as a case.
    pub(super) isolated_since: Option<i32>,
    pub(super) onset: Option<i32>,
    pub(super) recovered: Option<i32>,
    pub(super) contact: ContactClass,
    pub(super) first_exposure: Option<i32>,
    pub(super) last_exposure: Option<i32>,
    pub(super) origin: OriginRisk,
    pub(super) abroad: bool,
    pub(super) entered: Option<i32>,
    pub(super) watch: Watch,
    pub(super) watch_since: Option<i32>,
    pub(super) colour: Colour,
    /// The day of the first of the healthy reports in a row.
    pub(super) reports_from: i32,
    pub(super) last_symptoms: Option<i32>,
    pub(super) tested: Option<i32>,
    pub(super) negative_tests: u32,
    pub(super) waits_for_test: bool,
    pub(super) dead: bool,
    /// The day on which something is to be reviewed next.
    pub(super) review: usize,
}

/// How somebody keeps to what is asked; the same for a whole run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keeps {
    pub(super) home: bool,
    pub(super) pass: bool,
    pub(super) suitable: bool,
    /// Days of reports that are missed.
    pub(super) missed: i32,
}

impl Known {
    fn new(day: i32) -> Self {
        Self {
            case: CaseStanding::None,
            case_since: None,
            isolated_since: None,
            onset: None,
            recovered: None,
            contact: ContactClass::None,
            first_exposure: None,
            last_exposure: None,
            origin: OriginRisk::Unknown,
            abroad: false,
            entered: None,
            watch: Watch::None,
            watch_since: None,
            colour: Colour::Green,
            reports_from: day,
            last_symptoms: None,
            tested: None,
            negative_tests: 0,
            waits_for_test: false,
            dead: false,
            review: usize::MAX,
        }
    }

    /// Whether the person stands as a case now.
    pub(super) fn is_case(&self) -> bool {
        matches!(
            self.case,
            CaseStanding::Suspected
                | CaseStanding::Clinical
                | CaseStanding::Confirmed
                | CaseStanding::Asymptomatic
        )
    }

    /// Healthy reports in a row, up to a day.
    fn reports(&self, keeps: Keeps, day: usize) -> u32 {
        let days = day as i32 - self.reports_from - keeps.missed;
        u32::try_from(days.clamp(0, 400)).unwrap_or_default()
    }

    /// Symptoms of the newest report: those of a case that has not ended.
    fn symptoms(&self, day: usize) -> Words<Symptom> {
        if self.last_symptoms == Some(day as i32) {
            Words::NONE.with(Symptom::Fever).with(Symptom::Cough)
        } else {
            Words::NONE
        }
    }

    /// Whether this is a case that was found by a test.
    pub(super) fn is_found(&self) -> bool {
        matches!(
            self.case,
            CaseStanding::Confirmed | CaseStanding::Asymptomatic
        )
    }
}

impl Response<'_> {
    /// What is known of a person, from now on.
    pub(super) fn know(&mut self, day: usize, person: u32) -> &mut Known {
        if self.known_of[person as usize] == NONE {
            self.known_of[person as usize] = self.known.len() as u32;
            self.known.push(Known::new(day as i32));
            self.watched[0] += 1;
            self.colours[0] += 1;
        }
        &mut self.known[self.known_of[person as usize] as usize]
    }

    /// What is known of a person, if anything.
    pub(super) fn known(&self, person: u32) -> Option<&Known> {
        let place = self.known_of[person as usize];
        (place != NONE).then(|| &self.known[place as usize])
    }

    pub(super) fn keeps(&self, person: u32) -> Keeps {
        let mut stream = Stream::new(self.seed, Purpose::Compliance, u64::from(person) << 8);
        let settings = self.settings;
        Keeps {
            home: stream.yes(settings.home_compliance),
            pass: stream.yes(settings.pass_compliance),
            suitable: stream.yes(settings.home_suitable),
            missed: if stream.yes(settings.reports_kept) {
                0
            } else {
                stream.below(7) as i32 + 1
            },
        }
    }

    /// Whether somebody is immune from the first day on and can prove it.
    pub(super) fn proved_immune(&self, person: u32) -> bool {
        let age = self.city.persons[person as usize].age();
        self.scenario.immunity.is_proved(self.seed, person, age)
    }

    fn health_worker(&self, person: u32) -> bool {
        let person = self.city.persons[person as usize];
        person.works()
            && self
                .city
                .place_of(person)
                .is_some_and(|place| self.city.places[place].health_care)
    }

    pub(super) fn quarantine_evidence(&self, person: u32, day: usize) -> QuarantineEvidence {
        let keeps = self.keeps(person);
        let age = u32::from(self.city.persons[person as usize].age());
        let Some(known) = self.known(person) else {
            return QuarantineEvidence {
                age: Some(age),
                immune: self.proved_immune(person),
                ..QuarantineEvidence::default()
            };
        };
        let date = |day: Option<i32>| day.map(|day| self.date(day));
        QuarantineEvidence {
            contact: known.contact,
            first_exposure: date(known.first_exposure),
            last_exposure: date(known.last_exposure),
            origin: known.origin,
            abroad: known.abroad,
            entered: date(known.entered),
            left_origin: date(known.entered),
            case: known.case,
            case_since: date(known.case_since),
            onset: date(known.onset),
            recovered: date(known.recovered),
            negative_tests: known.negative_tests.min(50),
            symptoms: known.symptoms(day),
            health_worker: self.health_worker(person),
            age: Some(age),
            home_suitable: keeps.suitable,
            immune: self.proved_immune(person),
            healthy_reports: known.reports(keeps, day),
            ..QuarantineEvidence::default()
        }
    }

    pub(super) fn pass_evidence(&self, person: u32, day: usize) -> PassEvidence {
        let keeps = self.keeps(person);
        let age = u32::from(self.city.persons[person as usize].age());
        let Some(known) = self.known(person) else {
            return PassEvidence {
                age: Some(age),
                immune: self.proved_immune(person),
                ..PassEvidence::default()
            };
        };
        let date = |day: Option<i32>| day.map(|day| self.date(day));
        PassEvidence {
            case: known.case,
            case_since: date(known.case_since),
            onset: date(known.onset),
            recovered: date(known.recovered),
            contact: known.contact,
            last_exposure: date(known.last_exposure),
            origin: known.origin,
            abroad: known.abroad,
            entered: date(known.entered),
            watch: known.watch,
            watch_since: date(known.watch_since),
            symptoms: known.symptoms(day),
            last_symptoms: date(known.last_symptoms),
            reported: Some(self.date(day as i32)),
            healthy_reports: known.reports(keeps, day),
            negative_tests: known.negative_tests.min(50),
            tested: date(known.tested),
            immune: self.proved_immune(person),
            health_worker: self.health_worker(person),
            age: Some(age),
            ..PassEvidence::default()
        }
    }
}
