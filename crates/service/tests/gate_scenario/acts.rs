//! What an entry means in truth, once it has arrived at the house; the house's answer must fit.

use jiff::SignedDuration;
use lianfang_core::entry::{Source, Stage, Triage};
use lianfang_core::ids::SampleId;
use lianfang_core::passes::PassShown;
use lianfang_core::quarantine::{EndHow, SampleResult};
use lianfang_service::field::{EntryAnswer, FieldEntry, Taken};

use crate::people::{Health, day_of};
use crate::todo::Todo;
use crate::truth::Hold;
use crate::world::World;

/// What somebody wrote down, by the true numbers of people, orders and hand-overs.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    SetUp,
    /// Refused, for a digit that is wrong.
    Mistyped,
    /// Two records are taken for one, or no longer: that changes nothing that is true.
    Records,
    Notice {
        who: usize,
        source: Source,
        arrived: bool,
    },
    CheckIn {
        who: usize,
        gate: usize,
        health: Health,
        pass: PassShown,
        shown: Option<Triage>,
        /// Described once more, not picked from a list.
        described: bool,
    },
    ResidentPass {
        gate: usize,
    },
    Send(usize),
    Receive {
        handover: usize,
        here: Vec<usize>,
        missing: Vec<usize>,
    },
    Answer {
        who: usize,
        case: bool,
    },
    Order {
        who: usize,
        hold: Hold,
    },
    Check {
        order: usize,
        abnormal: bool,
    },
    Sample(usize),
    Result {
        order: usize,
        sample: SampleId,
        result: SampleResult,
    },
    Absent(usize),
    Back(usize),
    Release(usize),
    NotCome(usize),
    Settle {
        who: usize,
        stage: Stage,
    },
}

impl World {
    pub(crate) fn arrived_at_the_house(
        &mut self,
        entry: &FieldEntry,
        act: Act,
        answer: &EntryAnswer,
    ) {
        if answer.result == Taken::Refused {
            let code = answer.refusal.as_ref().unwrap().code;
            *self.refused.entry(code.to_owned()).or_default() += 1;
            self.merging.refused.insert(entry.id);
        }
        let as_expected = match act {
            Act::Mistyped => answer.result == Taken::Refused,
            // A pair may have become one by way of a third record.
            Act::Records => answer.result != Taken::Repeated,
            _ => answer.result == Taken::Taken,
        };
        assert!(as_expected, "{act:?}\n{}\n{answer:?}", self.story(&act));
        let at = entry.at;
        match act {
            Act::SetUp | Act::Mistyped | Act::Records => {}
            Act::Notice {
                who,
                source,
                arrived,
            } => self.noticed(entry, answer, (who, source, arrived)),
            Act::CheckIn { .. } => self.checked_in(entry, answer, &act),
            Act::ResidentPass { gate } => {
                let passes = &mut self.truth.resident_passes;
                *passes.entry((gate, day_of(at))).or_default() += 1;
            }
            Act::Send(handover) => {
                let sent = &mut self.truth.handovers[handover];
                sent.delivered = true;
                let (hold, people) = (sent.hold, sent.people.clone());
                for who in people {
                    self.truth.place(who, Stage::OnTheWay, at);
                    self.truth.entrants[who].hold = hold;
                }
            }
            Act::Receive {
                handover,
                here,
                missing,
            } => self.received(handover, &here, &missing, at),
            Act::Answer { who, case } => self.answered(who, case, at),
            Act::Order { who, hold } => self.ordered(entry, answer, who, hold),
            Act::Check { order, abnormal } => {
                let hour = at
                    .duration_since(crate::truth::span(day_of(at)).0)
                    .as_hours();
                let made = &mut self.truth.orders[order];
                made.checks
                    .insert((day_of(at), if hour < 12 { 1 } else { 2 }));
                if abnormal {
                    made.abnormal.insert(day_of(at));
                    let who = self.truth.whose[order];
                    self.todo(SignedDuration::from_mins(20), Todo::ToClinic(who));
                }
            }
            Act::Sample(order) => {
                let sample = SampleId::from_bytes(entry.id.to_bytes());
                self.truth.orders[order].samples.insert(sample, (at, None));
                self.todo(SignedDuration::from_hours(8), Todo::Result(order, sample));
            }
            Act::Result {
                order,
                sample,
                result,
            } => {
                self.truth.orders[order].samples.get_mut(&sample).unwrap().1 = Some(result);
            }
            Act::Absent(order) => self.absent(order, at),
            Act::Back(order) => {
                let who = self.truth.whose[order];
                self.truth.back(who, at);
                self.truth.place(who, Stage::Watched, at);
            }
            Act::Release(order) => {
                let who = self.truth.whose[order];
                self.truth.ends(who, EndHow::Released, at);
                self.truth.place(who, Stage::Released, at);
            }
            Act::NotCome(who) => self.truth.place(who, Stage::NotCome, at),
            Act::Settle { who, stage } => self.truth.place(who, stage, at),
        }
    }

    /// What is true of those whom an act is about, for whoever reads why it failed.
    fn story(&self, act: &Act) -> String {
        let who = match act {
            Act::Notice { who, .. }
            | Act::CheckIn { who, .. }
            | Act::Answer { who, .. }
            | Act::Order { who, .. }
            | Act::NotCome(who)
            | Act::Settle { who, .. } => vec![*who],
            Act::Send(handover) | Act::Receive { handover, .. } => {
                self.truth.handovers[*handover].people.clone()
            }
            Act::Check { order, .. }
            | Act::Sample(order)
            | Act::Result { order, .. }
            | Act::Absent(order)
            | Act::Back(order)
            | Act::Release(order) => vec![self.truth.whose[*order]],
            _ => Vec::new(),
        };
        who.into_iter().map(|who| self.story_of(who)).collect()
    }

    pub(crate) fn story_of(&self, who: usize) -> String {
        let (entrant, own) = (&self.truth.entrants[who], &self.all.journeys[who]);
        format!(
            "at {}: #{who} {:?} since {} at {:?}, records {:?}, main {:?}, order {:?}; {:?} to {:?} {:?} {:?} arriving {}\n",
            self.now,
            entrant.stage,
            entrant.since,
            entrant.hold,
            entrant.records,
            entrant.main,
            entrant.order.map(|order| self.truth.orders[order].id),
            own.origin,
            own.destination,
            own.contact,
            own.health,
            own.arrival,
        )
    }
}
