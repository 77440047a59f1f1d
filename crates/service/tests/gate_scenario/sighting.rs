//! How somebody is written down, at a gate or elsewhere.

use jiff::SignedDuration;
use lianfang_core::entry::{Stage, Symptom, Triage};
use lianfang_core::ids::EntrantId;
use lianfang_core::passes::PassShown;
use lianfang_service::field::Happening;

use crate::acts::Act;
use crate::people::{Health, Origin};
use crate::plan::Sighting;
use crate::todo::Todo;
use crate::truth::at_the_gate;
use crate::world::{Who, World, is_village_gate};
use crate::writing::{self, Writer};

impl World {
    /// What a gate writes of a check but for who it is.
    pub(crate) fn check_in(&mut self, gate: usize, health: Health, pass: PassShown) -> Happening {
        let tenths = self.random.whole(360, 372) as f64;
        Happening::CheckIn {
            checkpoint: self.gates[gate],
            lane: Some(1 + self.random.below(4) as u8),
            entrant: None,
            person: None,
            coming: None,
            circumstances: None,
            temperature: match health {
                Health::Fever => Some(37.3 + tenths / 1_000.0),
                _ => Some(tenths / 10.0),
            },
            symptoms: if health == Health::Cough {
                vec![Symptom::Cough]
            } else {
                Vec::new()
            },
            pass,
            neighbour_pass: false,
            shown: None,
            seconds: Some(self.random.whole(6, 60) as u16),
        }
    }

    /// Somebody is written down.
    pub(crate) fn sight(&mut self, sighting: Sighting, exact: bool) {
        let Sighting {
            who,
            by,
            source,
            arrived,
            ..
        } = sighting;
        let writer = Writer {
            source,
            arrived,
            exact,
        };
        let own = self.all.journeys[who].clone();
        let person = self.all.people[own.person].clone();
        let arrival = if arrived {
            own.arrival
        } else {
            writing::announced(&mut self.random, &own)
        };
        let mut given = writing::person(&mut self.random, &person, &own, writer);
        if given == lianfang_service::field::PersonGiven::default() {
            given.name = Some(person.name.written(&mut self.random, false));
        }
        if given.name.is_none() && given.document.is_none() && given.phone.is_none() {
            given.phone = Some(person.phone.clone());
        }
        let coming = writing::coming(&mut self.random, &own, writer, arrival);
        if !own.comes && source == lianfang_core::entry::Source::Declared && self.random.yes(0.8) {
            let wait = own.arrival.duration_since(self.now) + SignedDuration::from_hours(30);
            self.todo(wait, Todo::NotCome(who));
        }
        let happening = |person, coming| match by {
            Who::Gate(_) => None,
            _ => Some(Happening::Notice {
                source,
                person,
                coming,
                arrived,
                list: (by == Who::Lists).then(|| "铁路推送".to_owned()),
                household: None,
            }),
        };
        let Who::Gate(gate) = by else {
            let what = happening(given, coming).unwrap();
            self.push_at(
                by,
                sighting.at,
                Act::Notice {
                    who,
                    source,
                    arrived,
                },
                what,
            );
            return;
        };
        let what = self.check_in(gate, sighting.health, sighting.pass);
        let card = given.document.clone().filter(|number| number.len() == 18);
        if let Some(card) = card.filter(|_| !exact && self.random.yes(0.01)) {
            let mut wrong = given.clone();
            wrong.document = Some(writing::mistyped(&card));
            let wrong = with_person(what.clone(), wrong, coming.clone(), None);
            self.push_at(by, sighting.at, Act::Mistyped, wrong);
        }
        let shown = self.shown(who, gate, &sighting);
        let act = Act::CheckIn {
            who,
            gate,
            health: sighting.health,
            pass: sighting.pass,
            shown,
            described: true,
        };
        let id = self.push_at(
            by,
            sighting.at,
            act,
            with_person(what, given, coming, shown),
        );
        // A gate without network sends people on all the same.
        let offline =
            self.is_offline(by) && shown.is_some_and(|shown| Stage::after(shown) == Stage::ToSend);
        if offline && self.truth.live(who).is_none() {
            self.wait_at(by, who, EntrantId::from_bytes(id.to_bytes()));
        }
    }

    /// What the phone decides: with its network as the house does, without it now and then not.
    pub(crate) fn shown(&mut self, who: usize, gate: usize, sighting: &Sighting) -> Option<Triage> {
        let own = &self.all.journeys[who];
        let seen = (sighting.health, sighting.pass, is_village_gate(gate));
        let decided = at_the_gate(own, &self.all.people[own.person], seen, None);
        let offline = self.is_offline(sighting.by);
        let severe = matches!(own.origin, Origin::Severe | Origin::High);
        let by_origin = matches!(decided, Triage::HomeQuarantine | Triage::SiteQuarantine);
        if offline && severe && by_origin && self.random.yes(0.15) {
            self.todo(SignedDuration::from_hours(4), Todo::Meet(who));
            return Some(Triage::Pass);
        }
        (offline || self.random.yes(0.7)).then_some(decided)
    }
}

fn with_person(
    what: Happening,
    given: lianfang_service::field::PersonGiven,
    on_the_way: lianfang_service::field::Coming,
    decided: Option<Triage>,
) -> Happening {
    match what {
        Happening::CheckIn {
            checkpoint,
            lane,
            temperature,
            symptoms,
            pass,
            seconds,
            ..
        } => Happening::CheckIn {
            checkpoint,
            lane,
            entrant: None,
            person: Some(given),
            coming: Some(on_the_way),
            circumstances: None,
            temperature,
            symptoms,
            pass,
            neighbour_pass: false,
            shown: decided,
            seconds,
        },
        other => other,
    }
}
