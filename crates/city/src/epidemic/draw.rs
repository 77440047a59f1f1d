//! The course of an infection, and the meetings that come of it.
//!
//! Infections are drawn in blocks. Whatever has to be fetched from far in memory (who somebody is, the group, those
//! met, their state) is fetched for the whole block in one go, so that fetches overlap instead of waiting for one
//! another: in a city of millions, most of the time would be spent waiting.

use super::disease::Disease;
use super::layers::Layer;
use super::series::Changes;
use super::shard::{INFECTED, Infection, Limits, Meeting, NOBODY, Today};
use crate::population::{NO_GROUP, Person};
use crate::random::Stream;

/// Infections of a block.
pub(super) const BLOCK: usize = 64;
/// One part of 2^32.
const PART: f64 = 1.0 / 4_294_967_296.0;

/// A meeting whose other may still have to be looked up.
#[derive(Debug, Clone, Copy)]
struct Planned {
    /// Place of the infector in the block.
    infector: u16,
    layer: Layer,
    /// Whether `other` is a place among the members of groups, up to `last`.
    member: bool,
    other: u32,
    last: u32,
    when: f32,
    /// The meeting infects whoever is at least so susceptible.
    luck: f32,
}

/// What is known of an infection of the block.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    person: Person,
    /// Where the members of the group begin and end.
    group: (u32, u32),
    /// The layer of the group.
    daily: Option<Layer>,
}

/// A block being drawn.
#[derive(Default)]
pub(super) struct Drawing {
    drawn: Vec<Drawn>,
    planned: Vec<Planned>,
}

impl Drawing {
    /// Draws the course of a block's infections, and whom they meet.
    pub(super) fn block<L: Limits>(
        &mut self,
        today: &Today<'_, L>,
        block: &mut [Infection],
        changes: &mut Changes,
    ) {
        let city = today.world.city;
        self.planned.clear();
        self.drawn.clear();
        self.drawn.extend(block.iter().map(|infection| Drawn {
            person: city.persons[infection.person as usize],
            group: (0, 0),
            daily: None,
        }));
        for one in &mut self.drawn {
            let group = one.person.group;
            if group != NO_GROUP {
                let range = city.group(group);
                one.group = (range.start, range.end);
                one.daily = Some(today.world.group_layers[group as usize]);
            }
        }
        for (place, infection) in block.iter_mut().enumerate() {
            self.course(today, place, infection, changes);
        }
    }

    /// Looks up who is met, and puts meetings that can infect on their days.
    pub(super) fn plan<L: Limits>(
        &mut self,
        today: &Today<'_, L>,
        block: &[Infection],
        agenda: &mut [Vec<Meeting>],
    ) {
        let members = &today.world.city.members;
        for planned in &mut self.planned {
            if planned.member {
                planned.other = members[planned.other as usize];
            }
        }
        for planned in &mut self.planned {
            // Who draws oneself meets the last of the group.
            if planned.member && planned.other == block[usize::from(planned.infector)].person {
                planned.other = members[planned.last as usize];
            }
        }
        let susceptibility = &today.world.disease.susceptibility;
        for planned in &self.planned {
            let state = today.states[planned.other as usize];
            if state == INFECTED || planned.luck >= susceptibility[usize::from(state)] {
                continue;
            }
            let infector = &block[usize::from(planned.infector)];
            let when = planned.when;
            let (day, time) = if when >= today.day as f32 {
                let day = when as usize;
                (day, ((when - day as f32) * 65_536.0) as u16)
            } else if infector.by == NOBODY {
                // What travellers did before they came happened elsewhere.
                continue;
            } else {
                (today.day, 0)
            };
            if let Some(meetings) = agenda.get_mut(day) {
                meetings.push(Meeting {
                    infector: infector.person,
                    other: planned.other,
                    time,
                    layer: planned.layer,
                });
            }
        }
    }

    fn course<L: Limits>(
        &mut self,
        today: &Today<'_, L>,
        place: usize,
        infection: &mut Infection,
        changes: &mut Changes,
    ) {
        let world = today.world;
        let disease = world.disease;
        let age = usize::from(self.drawn[place].person.age());
        let mut drawn = disease.draw(world.seed, infection.person, age);
        let from = infection.time + drawn.latent;
        let onset = from + drawn.presymptomatic;
        let until = onset + drawn.infectious;
        infection.infectious_from = from;
        infection.onset = onset;
        infection.infectious_until = until;
        infection.ends = until;
        infection.symptomatic = drawn.symptomatic;
        changes.infectious(from, until);
        if infection.symptomatic {
            changes.onset(onset);
            let stream = &mut drawn.stream;
            severity(infection, age, disease, changes, drawn.severity, stream);
        }
        self.meetings(today, place, infection, drawn.individual, &mut drawn.stream);
    }

    /// Draws whom somebody meets while infectious.
    fn meetings<L: Limits>(
        &mut self,
        today: &Today<'_, L>,
        place: usize,
        infection: &Infection,
        individual: u32,
        stream: &mut Stream,
    ) {
        let world = today.world;
        let rates = world.rates;
        let Drawn {
            person,
            group,
            daily,
        } = self.drawn[place];
        let number = infection.person;
        let infectiousness = if infection.symptomatic {
            1.0
        } else {
            f64::from(world.disease.silent[usize::from(person.age())])
        };
        let factor = rates.individual(individual);
        let time = f64::from(infection.infectious_until - infection.infectious_from);
        let home = rates.household * f64::from(person.housemates());
        let most = |layer: Layer| world.week.map_or(1.0, |week| week.most(layer));
        let at_group = factor * daily.map_or(0.0, |layer| rates.daily(layer) * most(layer));
        let rides = rates.transport > 0.0 && world.city.rides(number, person);
        let transport = if rides {
            factor * rates.transport * most(Layer::Transport)
        } else {
            0.0
        };
        let community = factor * rates.community * most(Layer::Community);
        let all = home + at_group + transport + community;
        let mut planned = Planned {
            infector: place as u16,
            layer: Layer::Community,
            member: false,
            other: 0,
            last: 0,
            when: 0.0,
            luck: 0.0,
        };
        for _ in 0..stream.poisson(all * infectiousness * time) {
            let bits = stream.bits();
            let which = (bits >> 32) as f64 * PART * all;
            let when = f64::from(bits as u32) * PART * time;
            planned.when = infection.infectious_from + when as f32;
            if planned.when >= world.days as f32 {
                continue;
            }
            planned.member = false;
            planned.layer = if which < community {
                Layer::Community
            } else if which < community + home {
                Layer::Household
            } else if which < community + home + transport {
                Layer::Transport
            } else {
                daily.unwrap_or(Layer::Community)
            };
            if let Some(week) = world.week
                && !week.takes_place(planned.layer, planned.when, stream)
            {
                continue;
            }
            let of_team = matches!(planned.layer, Layer::Work | Layer::School | Layer::Care);
            if of_team && (planned.layer == Layer::Care || world.meetings.in_team(stream)) {
                let others = group.1 - group.0;
                if others < 2 {
                    continue;
                }
                planned.member = true;
                planned.other = group.0 + stream.below(others - 1);
                planned.last = group.1 - 1;
            } else if of_team {
                let Some(other) = world.meetings.elsewhere_at_place(number, person, stream) else {
                    continue;
                };
                planned.other = other;
            } else {
                let other = world.meetings.other(planned.layer, number, person, stream);
                let Some(other) = other else { continue };
                planned.other = other;
            }
            planned.luck = luck(stream);
            self.planned.push(planned);
        }
        if rates.patients > 0.0 && infection.symptomatic {
            let ill = f64::from(infection.infectious_until - infection.onset);
            planned.member = false;
            planned.layer = Layer::Care;
            for _ in 0..stream.poisson(factor * rates.patients * ill) {
                planned.when = infection.onset + (stream.unit() * ill) as f32;
                if let Some(other) = world.meetings.carer(person, stream) {
                    planned.other = other;
                    planned.luck = luck(stream);
                    self.planned.push(planned);
                }
            }
        }
    }
}

#[inline]
fn luck(stream: &mut Stream) -> f32 {
    (stream.bits() >> 40) as f32 * (1.0 / 16_777_216.0)
}

/// Draws how severe a disease with symptoms becomes, and when it ends.
fn severity(
    infection: &mut Infection,
    age: usize,
    disease: &Disease,
    changes: &mut Changes,
    bits: u64,
    stream: &mut Stream,
) {
    let Some(severity) = &disease.severity else {
        changes.recovered(infection.ends);
        return;
    };
    let share = |bits: u64| (bits & 0xff_ffff) as f32 * (1.0 / 16_777_216.0);
    let times = stream.bits();
    let onset = infection.onset;
    let recovery = onset + severity.onset_to_recovery.draw(times as u32);
    infection.ends = recovery;
    if share(bits) < severity.severe[age] {
        let critical = severity.critical[age];
        // The share of infections that are critical; deaths are among these.
        let of_infections = disease.symptomatic[age] * severity.severe[age] * critical;
        let roll = share(bits >> 24);
        let is_critical = roll < critical;
        if let Some(death) = &severity.onset_to_death
            && is_critical
            && f64::from(roll) * f64::from(of_infections)
                < f64::from(critical) * f64::from(severity.fatal[age])
        {
            infection.fatal = true;
            infection.ends = onset + death.draw((times >> 32) as u32);
        }
        let from = onset + severity.onset_to_severe.draw(stream.bits() as u32);
        let from = from.min(infection.ends);
        changes.severe(from, infection.ends);
        if is_critical {
            changes.critical(from, infection.ends);
        }
    }
    if infection.fatal {
        changes.died(infection.ends);
    } else {
        changes.recovered(infection.ends);
    }
}
