//! A pack carried out in a simulated city, by the code that the live system uses: every decision about a person, an
//! area or a workplace is [`Pack::decide`] over the same typed evidence.
//!
//! | Question | Record | Asked |
//! | --- | --- | --- |
//! | at the gate | `EntryEvidence` | for each arrival that is seen |
//! | who is a contact | `ContactEvidence` | for each contact that a traced case names |
//! | who is watched | `QuarantineEvidence` | when something new is known of a person, and when an order ends |
//! | the pass | `PassEvidence` | likewise |
//! | an area's risk | `RiskEvidence` | for each area, each morning |
//! | what may open | `ReopeningEvidence` | for each workplace and school, each morning |
//!
//! A day: in the morning, arrivals pass the checkpoints, and areas and workplaces are judged. During the day people
//! meet, as far as they are free to. In the evening, those with symptoms see a doctor, samples are taken, results come
//! in, cases are isolated and traced, and watched people are judged anew. What is decided in the evening holds
//! from the next day on.

mod begin;
mod cases;
mod decided;
mod economy;
mod entry;
mod fired;
mod known;
mod places;
mod tracing;
mod watch;

use std::collections::VecDeque;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::passes::Colour;
use lianfang_core::quarantine::Watch;
use lianfang_core::words::Word;
use lianfang_policy::{Pack, Span};

pub use decided::{About, AskedBy, DecisionMade};
pub use economy::ResponseDay;
pub use fired::{Fired, FiredRule};

use crate::economy::Economy;
use crate::epidemic::{Infection, Layer, Limits};
use crate::population::Population;
use crate::quantiles::Quantiles;
use crate::random::{Purpose, Stream};
use crate::scenario::{Arrival, ResponseSettings, Scenario};
use crate::start::doctor_after;
use fired::Counter;
use known::Known;
use places::Places;

/// No entry in a list.
const NONE: u32 = u32::MAX;
/// Is away from home: isolated, or at a quarantine site.
const AWAY: u8 = 1;
/// Keeps to quarantine at home.
const AT_HOME: u8 = 2;
/// Stays away from where a green pass is asked for.
const BARRED: u8 = 4;

/// What falls due for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// Sees a doctor, unless done.
    Doctor,
    /// Has symptoms since the day before: whoever is watched says so in the daily report.
    Report,
    /// A sample is due under an order.
    Sample,
    /// A result comes in.
    Result(bool),
    /// An order or a colour ends.
    Review,
    /// Recovers, or dies.
    End,
}

/// What came of a response.
#[derive(Default)]
pub(crate) struct Responded {
    pub(crate) days: Vec<ResponseDay>,
    pub(crate) fired: Fired,
    pub(crate) decisions: Vec<DecisionMade>,
}

/// A pack carried out in a run.
pub(crate) struct Response<'a> {
    city: &'a Population,
    pack: &'a Pack,
    settings: &'a ResponseSettings,
    scenario: &'a Scenario,
    seed: u64,
    /// Of everybody: away, at home, barred.
    held: Vec<u8>,
    /// Of everybody: the place in `known`.
    known_of: Vec<u32>,
    known: Vec<Known>,
    /// Of everybody: the place in `infections`.
    infection_of: Vec<u32>,
    infections: Vec<Infection>,
    /// Of everybody infected: the next whom the same person infected; and the newest of each.
    next_infected: Vec<u32>,
    newest_infected: Vec<u32>,
    /// First symptoms to seeing a doctor.
    to_doctor: Option<Quantiles>,
    agenda: Vec<Vec<(u32, Due)>>,
    /// Who waits for a test, and whose contacts wait to be traced, with the day from when.
    samples: VecDeque<u32>,
    to_trace: VecDeque<(u32, usize)>,
    places: Places,
    economy: Economy,
    fired: Counter,
    decisions: Vec<DecisionMade>,
    /// Prevalence by kind of watch and by colour, and of isolated cases.
    watched: [u64; 4],
    colours: [u64; 3],
    isolated: u64,
    today: ResponseDay,
    days: Vec<ResponseDay>,
}

impl<'a> Response<'a> {
    pub(crate) fn new(
        city: &'a Population,
        pack: &'a Pack,
        scenario: &'a Scenario,
        settings: &'a ResponseSettings,
        seed: u64,
    ) -> Self {
        let people = city.people() as usize;
        Self {
            city,
            pack,
            settings,
            scenario,
            seed,
            held: vec![0; people],
            known_of: vec![NONE; people],
            known: Vec::new(),
            infection_of: vec![NONE; people],
            infections: Vec::new(),
            next_infected: vec![NONE; people],
            newest_infected: vec![NONE; people],
            to_doctor: pack
                .natural_history
                .span(Span::OnsetToAdmission)
                .map(|known| Quantiles::of(&known.distribution)),
            agenda: Vec::new(),
            samples: VecDeque::new(),
            to_trace: VecDeque::new(),
            places: Places::of(city, settings, seed),
            economy: Economy::of(city),
            fired: Counter::of(pack),
            decisions: Vec::new(),
            watched: [0; Watch::ALL.len()],
            colours: [0; Colour::ALL.len()],
            isolated: 0,
            today: ResponseDay::default(),
            days: Vec::new(),
        }
    }

    /// The date of a day of the run.
    fn date(&self, day: i32) -> Date {
        self.scenario
            .start
            .checked_add(i64::from(day).days())
            .expect("a run lasts ten years at most")
    }

    fn due(&mut self, day: usize, person: u32, due: Due) {
        if self.agenda.len() <= day {
            self.agenda.resize_with(day + 1, Vec::new);
        }
        self.agenda[day].push((person, due));
    }

    /// Before people meet.
    pub(crate) fn morning(&mut self, day: usize, arrivals: &[Arrival]) {
        self.today = ResponseDay::default();
        self.arrive(day, arrivals);
        self.judge_places(day);
    }

    /// After people have met; `drawn` are infections whose course began by today.
    pub(crate) fn evening(&mut self, day: usize, drawn: &[Infection]) {
        for infection in drawn {
            self.watch_course(day, infection);
        }
        let mut due = match self.agenda.get_mut(day) {
            Some(due) => std::mem::take(due),
            None => Vec::new(),
        };
        // Results before reviews, and everybody in order, whatever put them here.
        due.sort_unstable_by_key(|(person, due)| (due.rank(), *person));
        due.dedup();
        for (person, due) in due {
            match due {
                Due::Doctor => self.sees_doctor(day, person),
                Due::Report => self.reports_symptoms(day, person),
                Due::Sample => self.samples.push_back(person),
                Due::Result(positive) => self.result(day, person, positive),
                // What was judged since, was judged by all that is due today.
                Due::Review if self.know(day, person).review == day => self.review(day, person),
                Due::Review => {}
                Due::End => self.course_ends(day, person),
            }
        }
        self.take_samples(day);
        self.trace(day);
        self.close_day();
    }

    /// Notes an infection, and when its symptoms will be seen.
    fn watch_course(&mut self, day: usize, infection: &Infection) {
        let person = infection.person;
        // Of those who were found before the run began, only the end is still to come.
        if self.known(person).is_some_and(Known::is_found) {
            let end = (infection.ends.max(0.0).ceil() as usize).max(day + 1);
            self.due(end, person, Due::End);
        }
        self.infection_of[person as usize] = self.infections.len() as u32;
        self.infections.push(*infection);
        if let Some(infector) = infection.infector() {
            self.next_infected[person as usize] = self.newest_infected[infector as usize];
            self.newest_infected[infector as usize] = person;
        }
        if !infection.symptomatic {
            return;
        }
        let after = |time: f32| (time.max(0.0).ceil() as usize).max(day);
        self.due(after(infection.onset), person, Due::Report);
        let delay = doctor_after(self.seed, person, self.settings, self.to_doctor.as_ref());
        if let Some(delay) = delay {
            self.due(after(infection.onset + delay), person, Due::Doctor);
        }
    }

    /// What came of it.
    pub(crate) fn finish(self) -> Responded {
        let fired = self.fired.named(self.pack);
        Responded {
            days: self.days,
            fired,
            decisions: self.decisions,
        }
    }
}

impl Due {
    fn rank(self) -> u8 {
        match self {
            Self::End => 0,
            Self::Result(_) => 1,
            Self::Doctor => 2,
            Self::Report => 3,
            Self::Sample => 4,
            Self::Review => 5,
        }
    }
}

impl Limits for Response<'_> {
    fn meet(&self, day: usize, infector: u32, other: u32, layer: Layer) -> bool {
        let held = self.held[infector as usize] | self.held[other as usize];
        if layer == Layer::Household {
            return held & AWAY == 0;
        }
        if held != 0 {
            return false;
        }
        let open = self.places.open_to(self.city, infector, layer);
        if open >= 100 {
            return true;
        }
        let meeting = u64::from(infector) << 32 | u64::from(other);
        let mut stream = Stream::new(self.seed ^ day as u64, Purpose::Meeting, meeting);
        stream.below(100) < u32::from(open)
    }
}
