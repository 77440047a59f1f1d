//! A part of the people, worked on by one thread.
//!
//! A day has two phases. In the first, nobody's state changes: the course of disease of those newly infected is drawn,
//! with all their meetings that could infect; the meetings of this day are looked at, and those that do infect are
//! handed to the part in which the person met lives. In the second, each part takes in what was handed to it. Where one
//! person is infected twice on a day, the earlier meeting counts, so that the order of parts does not matter.

use super::disease::Disease;
use super::draw::{BLOCK, Drawing};
use super::layers::{Layer, Meetings};
use super::rates::Rates;
use super::series::Changes;
use super::week::Week;
use crate::population::Population;

/// The state of somebody infected; below stand groups of susceptibility.
pub(super) const INFECTED: u8 = u8::MAX;
/// Who infected somebody that was infected elsewhere.
pub(crate) const NOBODY: u32 = u32::MAX;

/// Decides which meetings take place.
pub(crate) trait Limits: Sync {
    /// Whether two people meet in a layer on this day; `infector` is the one infected.
    fn meet(&self, day: usize, infector: u32, other: u32, layer: Layer) -> bool;
}

/// Nothing is done.
pub(crate) struct NoLimits;

impl Limits for NoLimits {
    #[inline]
    fn meet(&self, _: usize, _: u32, _: u32, _: Layer) -> bool {
        true
    }
}

/// An infection with its course.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Infection {
    /// Who.
    pub person: u32,
    /// By whom; all ones where it happened elsewhere.
    pub(crate) by: u32,
    /// When, in days from the beginning of day 0.
    pub time: f32,
    /// From when infectious.
    pub infectious_from: f32,
    /// Until when.
    pub infectious_until: f32,
    /// First symptoms, or when they would have come.
    pub onset: f32,
    /// Recovery from symptoms, or death; equal to `infectious_until` without symptoms.
    pub ends: f32,
    /// Where.
    pub layer: Layer,
    /// Whether symptoms come.
    pub symptomatic: bool,
    /// Whether it ends in death.
    pub fatal: bool,
}

impl Infection {
    /// By whom; none where it happened elsewhere.
    pub fn infector(&self) -> Option<u32> {
        (self.by != NOBODY).then_some(self.by)
    }
}

/// A meeting that infects if it takes place and the other is susceptible.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meeting {
    pub(super) infector: u32,
    pub(super) other: u32,
    /// Of the day, in parts of 2^16.
    pub(super) time: u16,
    pub(super) layer: Layer,
}

/// What all parts read.
pub(super) struct World<'a, L> {
    pub(super) city: &'a Population,
    pub(super) meetings: Meetings<'a>,
    pub(super) disease: &'a Disease,
    pub(super) rates: &'a Rates,
    /// The layer of each group.
    pub(super) group_layers: &'a [Layer],
    pub(super) limits: &'a L,
    pub(super) week: Option<&'a Week>,
    pub(super) seed: u64,
    pub(super) days: usize,
    /// People of a part.
    pub(super) part: usize,
}

/// What all parts read in the first phase of a day.
pub(super) struct Today<'a, L> {
    pub(super) world: &'a World<'a, L>,
    pub(super) day: usize,
    pub(super) states: &'a [u8],
}

/// A part of the people.
pub(super) struct Shard {
    /// The first of its people.
    pub(super) from: u32,
    pub(super) infections: Vec<Infection>,
    /// Those from here on have no course yet.
    pub(super) undrawn: usize,
    /// Those from here on were drawn on the newest day.
    drawn_from: usize,
    /// Meetings by day.
    agenda: Vec<Vec<Meeting>>,
    /// Meetings that infect, by the part of who is met.
    pub(super) outbox: Vec<Vec<Meeting>>,
    pub(super) changes: Changes,
}

impl Shard {
    pub(super) fn new(from: u32, parts: usize, days: usize) -> Self {
        Self {
            from,
            infections: Vec::new(),
            undrawn: 0,
            drawn_from: 0,
            agenda: vec![Vec::new(); days],
            outbox: vec![Vec::new(); parts],
            changes: Changes::over(days),
        }
    }

    /// How much there is to do on a day.
    pub(super) fn load(&self, day: usize) -> usize {
        self.agenda[day].len() + self.infections.len() - self.undrawn
    }

    /// Infections whose course was drawn on the newest day.
    pub(super) fn newly_drawn(&self) -> &[Infection] {
        &self.infections[self.drawn_from..self.undrawn]
    }

    /// The first phase of a day.
    pub(super) fn look<L: Limits>(&mut self, today: &Today<'_, L>) {
        self.drawn_from = self.undrawn;
        let mut drawing = Drawing::default();
        while self.undrawn < self.infections.len() {
            let end = (self.undrawn + BLOCK).min(self.infections.len());
            let block = &mut self.infections[self.undrawn..end];
            drawing.block(today, block, &mut self.changes);
            drawing.plan(today, block, &mut self.agenda);
            self.undrawn = end;
        }
        let (limits, part) = (today.world.limits, today.world.part);
        for meeting in std::mem::take(&mut self.agenda[today.day]) {
            let other = meeting.other as usize;
            if today.states[other] != INFECTED
                && limits.meet(today.day, meeting.infector, meeting.other, meeting.layer)
            {
                self.outbox[other / part].push(meeting);
            }
        }
    }

    /// The second phase of a day: takes in what was handed over.
    pub(super) fn take(&mut self, day: usize, states: &mut [u8], inbox: &[&[Meeting]]) {
        let first = self.infections.len();
        let mut again: Vec<Meeting> = Vec::new();
        for meeting in inbox.iter().copied().flatten() {
            let state = &mut states[(meeting.other - self.from) as usize];
            if *state == INFECTED {
                again.push(*meeting);
                continue;
            }
            *state = INFECTED;
            self.infections.push(meeting.infection(day));
        }
        if !again.is_empty() {
            again.sort_unstable_by_key(|meeting| (meeting.other, meeting.time, meeting.infector));
            for infection in &mut self.infections[first..] {
                let place = again.partition_point(|meeting| meeting.other < infection.person);
                if let Some(earliest) = again.get(place)
                    && earliest.other == infection.person
                {
                    let other = earliest.infection(day);
                    if (other.time, other.by) < (infection.time, infection.by) {
                        *infection = other;
                    }
                }
            }
        }
        for infection in &self.infections[first..] {
            self.changes.infected(day, infection.layer);
        }
    }

    /// Somebody who was infected elsewhere.
    pub(super) fn import(&mut self, day: usize, person: u32, time: f32, states: &mut [u8]) -> bool {
        let state = &mut states[(person - self.from) as usize];
        if *state == INFECTED {
            return false;
        }
        *state = INFECTED;
        self.infections
            .push(Infection::undrawn(person, NOBODY, time, Layer::Import));
        self.changes.infected(day, Layer::Import);
        true
    }
}

impl Shard {
    /// Somebody who was infected before the run began: no infection of its days.
    pub(super) fn begin(&mut self, person: u32, time: f32, states: &mut [u8]) {
        let state = &mut states[(person - self.from) as usize];
        if *state != INFECTED {
            *state = INFECTED;
            self.infections
                .push(Infection::undrawn(person, NOBODY, time, Layer::Import));
        }
    }
}

impl Meeting {
    fn infection(&self, day: usize) -> Infection {
        let time = day as f32 + f32::from(self.time) * (1.0 / 65_536.0);
        Infection::undrawn(self.other, self.infector, time, self.layer)
    }
}

impl Infection {
    fn undrawn(person: u32, by: u32, time: f32, layer: Layer) -> Self {
        Self {
            person,
            by,
            time,
            infectious_from: time,
            infectious_until: time,
            onset: time,
            ends: time,
            layer,
            symptomatic: false,
            fatal: false,
        }
    }
}
