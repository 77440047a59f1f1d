//! Who is watched and how, the colour of the pass, and what somebody is kept from by them.

use lianfang_core::contacts::ContactClass;
use lianfang_core::passes::Colour;
use lianfang_core::quarantine::Watch;
use lianfang_core::words::Word;

use super::{AT_HOME, AWAY, About, BARRED, Due, Response};

impl Response<'_> {
    /// Asks the pack anew what is to be done with a person, and does it from tomorrow on.
    pub(super) fn review(&mut self, day: usize, person: u32) {
        let Some(known) = self.known(person) else {
            return;
        };
        if known.dead {
            return;
        }
        let was = (known.watch, known.colour);
        let evidence = self.quarantine_evidence(person, day);
        let order = self.decide(day, About::Person(person), &evidence);
        let (watch, ends) = (order.outcome, order.until);
        let basis = order.rule.lasts.from.and_then(|(field, _)| match field {
            "last_exposure" => evidence.last_exposure,
            "first_exposure" => evidence.first_exposure,
            "entered" => evidence.entered,
            "left_origin" => evidence.left_origin,
            "recovered" => evidence.recovered,
            "onset" => evidence.onset,
            "case_since" => evidence.case_since,
            _ => None,
        });
        let samples: Vec<usize> = match basis {
            Some(basis) if watch != was.0 => order
                .rule
                .test_days
                .iter()
                .map(|days| self.day_of(basis) + *days as i32)
                .filter(|due| *due > day as i32)
                .map(|due| due as usize)
                .collect(),
            _ => Vec::new(),
        };
        let known = self.know(day, person);
        if watch != was.0 {
            known.watch = watch;
            known.watch_since = (watch != Watch::None).then_some(day as i32);
        }
        let evidence = self.pass_evidence(person, day);
        let pass = self.decide(day, About::Person(person), &evidence);
        let (colour, turns) = (pass.outcome, pass.until);
        self.know(day, person).colour = colour;
        for due in samples {
            self.due(due, person, Due::Sample);
        }
        self.watched[was.0.index()] -= 1;
        self.watched[watch.index()] += 1;
        self.colours[was.1.index()] -= 1;
        self.colours[colour.index()] += 1;
        let next = [ends, turns]
            .into_iter()
            .flatten()
            .map(|date| self.day_of(date).max(day as i32 + 1) as usize)
            .min();
        let known = self.know(day, person);
        if known.review <= day {
            known.review = usize::MAX;
        }
        if let Some(next) = next
            && next < known.review
        {
            known.review = next;
            self.due(next, person, Due::Review);
        }
        if was.0 == Watch::None && watch != Watch::None {
            self.symptoms_of_watched(day, person);
        }
        self.hold(day, person);
    }

    /// The day of the run that a date is.
    fn day_of(&self, date: jiff::civil::Date) -> i32 {
        lianfang_core::time::day_number(date) - lianfang_core::time::day_number(self.scenario.start)
    }

    /// Whoever is ill already when a watch begins, says so in the first report.
    fn symptoms_of_watched(&mut self, day: usize, person: u32) {
        let place = self.infection_of[person as usize];
        if let Some(infection) = self.infections.get(place as usize)
            && infection.symptomatic
            && infection.onset <= day as f32
            && infection.ends > day as f32
        {
            self.due(day + 1, person, Due::Report);
        }
    }

    /// Keeps somebody from meetings, as far as orders and the pass ask for it.
    pub(super) fn hold(&mut self, day: usize, person: u32) {
        let keeps = self.keeps(person);
        let known = self.know(day, person);
        let mut held = 0;
        if known.is_case() || known.dead || known.watch == Watch::Site {
            held |= AWAY;
        }
        if known.watch == Watch::Home && keeps.home {
            held |= AT_HOME;
        }
        if known.colour != Colour::Green && keeps.pass {
            held |= BARRED;
        }
        let before = std::mem::replace(&mut self.held[person as usize], held);
        if (before == 0) != (held == 0) {
            self.places.absent(self.city, person, held != 0);
        }
    }

    /// Notes what a meeting made of somebody.
    pub(super) fn note_contact(
        &mut self,
        day: usize,
        person: u32,
        class: ContactClass,
        exposed: i32,
    ) {
        let known = self.know(day, person);
        if known.is_case() || known.dead {
            return;
        }
        known.contact = known.contact.max(class);
        known.first_exposure = Some(known.first_exposure.map_or(exposed, |day| day.min(exposed)));
        known.last_exposure = Some(known.last_exposure.map_or(exposed, |day| day.max(exposed)));
        known.reports_from = known.reports_from.max(exposed);
        self.review(day, person);
    }
}
