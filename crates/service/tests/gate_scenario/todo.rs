//! What will have to be done about somebody, and how it is done when its time has come.

use jiff::SignedDuration;
use lianfang_core::entry::{Destination, Receiver, Stage};
use lianfang_core::ids::SampleId;
use lianfang_core::quarantine::{AbsenceHow, SampleResult, Watch};
use lianfang_service::field::{ContactGiven, Happening};

use crate::acts::Act;
use crate::people::{Health, day_of};
use crate::plan::Sighting;
use crate::truth::{Hold, watch_for};
use crate::world::{SITES, Who, World, gate_for};

#[derive(Debug, Clone)]
pub(crate) enum Todo {
    /// Put under watch.
    Order(usize),
    /// Bring from the village to a site.
    Bring(usize),
    /// Receive a hand-over: those here, and those missing.
    Receive(usize, Vec<usize>, Vec<usize>),
    /// The clinic answers.
    Answer(usize),
    /// Where to after the clinic.
    AfterClinic(usize),
    ToClinic(usize),
    /// Checked at a gate once more, picked from its list.
    Recheck(usize),
    Absent(usize),
    Back(usize),
    /// Goes out, and comes to a gate.
    Wander(usize),
    /// Missing from a hand-over, and found.
    Found(usize, usize),
    NotCome(usize),
    /// Let go by a gate without network, and met at home.
    Meet(usize),
    Result(usize, SampleId),
}

impl World {
    pub(crate) fn todo(&mut self, after: SignedDuration, todo: Todo) {
        let tell_apart = self.random.bits() as u64;
        self.plan.insert((self.now + after, tell_apart), todo);
    }

    pub(crate) fn an_hour_later(&mut self, todo: Todo) {
        self.todo(SignedDuration::from_hours(1), todo);
    }

    /// Does what is due now.
    pub(crate) fn work_off(&mut self) {
        let later = self.plan.split_off(&(self.now, u64::MAX));
        let due = std::mem::replace(&mut self.plan, later);
        for todo in due.into_values() {
            self.do_it(todo);
        }
    }

    fn stage(&self, who: usize) -> Stage {
        self.truth.entrants[who].stage.unwrap()
    }

    fn do_it(&mut self, todo: Todo) {
        match todo {
            Todo::Order(who) => self.make_order(who),
            Todo::Bring(who) => {
                let worker = Who::Worker(self.all.journeys[who].village);
                if self.is_offline(worker) {
                    self.an_hour_later(todo);
                } else if self.stage(who) == Stage::Arrived {
                    let site = Hold::Site(self.all.journeys[who].party % SITES);
                    self.send(worker, &[who], (Receiver::Site, site));
                }
            }
            Todo::Receive(handover, here, missing) => self.receive(handover, here, missing),
            Todo::Answer(who) => {
                if self.stage(who) == Stage::AtClinic {
                    let case = self.random.yes(0.1);
                    let entrant = self.truth.entrants[who].main.unwrap();
                    self.push(
                        Who::Clinic,
                        Act::Answer { who, case },
                        Happening::ClinicAnswer {
                            entrant,
                            case,
                            classification: None,
                            onset: None,
                        },
                    );
                }
            }
            Todo::AfterClinic(who) => self.after_clinic(who),
            Todo::ToClinic(who) => {
                let from = Who::of(self.truth.entrants[who].hold);
                if self.stage(who) == Stage::Watched && self.truth.live(who).is_some() {
                    if self.is_offline(from) {
                        self.an_hour_later(todo);
                    } else {
                        self.send(from, &[who], (Receiver::Clinic, Hold::Clinic));
                    }
                }
            }
            Todo::Recheck(who) => self.recheck(who),
            Todo::Absent(who) => self.go_absent(who),
            Todo::Back(who) => {
                let place = Who::of(self.truth.entrants[who].hold);
                if self.stage(who) != Stage::Missing || self.truth.live(who).is_none() {
                    return;
                }
                if self.is_offline(place) {
                    return self.an_hour_later(todo);
                }
                let number = self.truth.entrants[who].order.unwrap();
                let order = self.truth.orders[number].id;
                self.push(place, Act::Back(number), Happening::Back { order });
            }
            Todo::Wander(who) => self.wander(who),
            Todo::Found(who, handover) => self.turn_up(who, handover),
            Todo::NotCome(who) => {
                if self.stage(who) == Stage::Expected {
                    let entrant = self.truth.entrants[who].main.unwrap();
                    let reason = "电话核实未来".to_owned();
                    self.push(
                        Who::Officer,
                        Act::NotCome(who),
                        Happening::NotCome { entrant, reason },
                    );
                }
            }
            Todo::Meet(who) => {
                let own = &self.all.journeys[who];
                let sighting = Sighting {
                    who,
                    at: self.now,
                    by: Who::Worker(own.village),
                    source: lianfang_core::entry::Source::Canvass,
                    arrived: true,
                    pass: own.pass,
                    health: Health::Well,
                };
                self.sight(sighting, false);
            }
            Todo::Result(order, sample) => {
                let place = Who::of(self.truth.orders[order].hold);
                if self.is_offline(place) {
                    return self.an_hour_later(todo);
                }
                // Not so late that the sample after it would come too late for the day of release.
                let time = self.truth.orders[order]
                    .until
                    .since(day_of(self.now))
                    .unwrap();
                let result = if time.get_days() > 2 && self.random.yes(0.03) {
                    SampleResult::Unclear
                } else {
                    SampleResult::Negative
                };
                let act = Act::Result {
                    order,
                    sample,
                    result,
                };
                self.push(place, act, Happening::SampleAnswer { sample, result });
            }
        }
    }

    fn make_order(&mut self, who: usize) {
        let own = self.all.journeys[who].clone();
        let watch = watch_for(&own, &self.all.people[own.person]).map(|(watch, ..)| watch);
        let hold = match (watch, self.truth.entrants[who].hold) {
            (Some(Watch::Site), hold) => hold,
            _ => Hold::Village(own.village),
        };
        let place = Who::of(hold);
        if !matches!(
            self.stage(who),
            Stage::ToPlace | Stage::Arrived | Stage::Passed
        ) || watch.is_none()
        {
            return;
        }
        if self.is_offline(place) {
            return self.an_hour_later(Todo::Order(who));
        }
        let what = Happening::Order {
            entrant: self.truth.entrants[who].main.unwrap(),
            home_suitable: None,
            contact: own.contact.map(|(class, last_exposure)| ContactGiven {
                class,
                first_exposure: None,
                last_exposure,
            }),
            site: match hold {
                Hold::Site(site) => Some(self.sites[site]),
                _ => None,
            },
            room: None,
            bed: None,
        };
        self.push(place, Act::Order { who, hold }, what);
    }

    fn after_clinic(&mut self, who: usize) {
        let own = self.all.journeys[who].clone();
        if self.stage(who) != Stage::ToPlace {
            return;
        }
        let watch = watch_for(&own, &self.all.people[own.person]).map(|(watch, ..)| watch);
        if own.destination != Destination::Here {
            return self.recheck(who);
        }
        match watch {
            None => self.recheck(who),
            Some(Watch::Site) => {
                self.send(
                    Who::Officer,
                    &[who],
                    (Receiver::Site, Hold::Site(own.party % SITES)),
                );
            }
            Some(Watch::Monitoring) => {
                self.truth.entrants[who].hold = Hold::Village(own.village);
                self.make_order(who);
            }
            Some(_) => {
                self.send(
                    Who::Officer,
                    &[who],
                    (Receiver::Community, Hold::Village(own.village)),
                );
            }
        }
    }

    fn recheck(&mut self, who: usize) {
        let gate = match self.truth.entrants[who].hold {
            Hold::Gate(gate) => gate,
            _ => gate_for(&self.all.journeys[who]),
        };
        if self.is_offline(Who::Gate(gate)) {
            return self.an_hour_later(Todo::Recheck(who));
        }
        if !matches!(self.stage(who), Stage::ToPlace | Stage::Arrived) {
            return;
        }
        let what = self.check_in(gate, Health::Well, self.all.journeys[who].pass);
        let what = match what {
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
                entrant: self.truth.entrants[who].main,
                person: None,
                coming: None,
                circumstances: None,
                temperature,
                symptoms,
                pass,
                neighbour_pass: false,
                shown: None,
                seconds,
            },
            other => other,
        };
        let act = Act::CheckIn {
            who,
            gate,
            health: Health::Well,
            pass: self.all.journeys[who].pass,
            shown: None,
            described: false,
        };
        self.push(Who::Gate(gate), act, what);
    }

    /// Whether somebody under watch at their place can go and be back before the day of release.
    fn may_go(&self, who: usize, hours: i64) -> bool {
        let back = self.now + SignedDuration::from_hours(hours + 8);
        self.stage(who) == Stage::Watched
            && self
                .truth
                .live(who)
                .is_some_and(|order| day_of(back) < order.until)
    }

    fn go_absent(&mut self, who: usize) {
        let hold = self.truth.entrants[who].hold;
        let hours = self.random.whole(2, 30);
        if !self.may_go(who, hours) {
            return;
        }
        if self.is_offline(Who::of(hold)) {
            return self.an_hour_later(Todo::Absent(who));
        }
        let number = self.truth.entrants[who].order.unwrap();
        let order = self.truth.orders[number].id;
        let how = match hold {
            Hold::Site(_) => AbsenceHow::LeftSite,
            _ => AbsenceHow::NotAtHome,
        };
        self.push(
            Who::of(hold),
            Act::Absent(number),
            Happening::Absent { order, how },
        );
        if self.random.yes(0.88) {
            self.todo(SignedDuration::from_hours(hours), Todo::Back(who));
        }
    }

    fn wander(&mut self, who: usize) {
        if !self.may_go(who, 30) || !self.truth.entrants[who].documented {
            return;
        }
        let gate = gate_for(&self.all.journeys[who]);
        if self.is_offline(Who::Gate(gate)) {
            return self.an_hour_later(Todo::Wander(who));
        }
        let sighting = Sighting {
            who,
            at: self.now,
            by: Who::Gate(gate),
            source: lianfang_core::entry::Source::Checkpoint,
            arrived: true,
            pass: self.all.journeys[who].pass,
            health: Health::Well,
        };
        self.sight(sighting, true);
    }

    /// Somebody who was not in a hand-over is found, in one of three ways.
    fn turn_up(&mut self, who: usize, handover: usize) {
        if self.stage(who) != Stage::Missing || self.truth.live(who).is_some() {
            return;
        }
        let hold = self.truth.handovers[handover].hold;
        match self.random.below(3) {
            0 => self.receive(handover, vec![who], Vec::new()),
            1 => {
                let entrant = self.truth.entrants[who].main.unwrap();
                let stage = Stage::ToSend;
                let reason = "民警寻回".to_owned();
                self.push(
                    Who::Officer,
                    Act::Settle { who, stage },
                    Happening::Settle {
                        entrant,
                        stage,
                        reason,
                    },
                );
                self.flush(Who::Officer, false);
                let receiver = self.truth.handovers[handover].receiver;
                self.send(Who::Officer, &[who], (receiver, hold));
            }
            _ => {
                let gate = gate_for(&self.all.journeys[who]);
                if self.is_offline(Who::Gate(gate)) {
                    return self.an_hour_later(Todo::Found(who, handover));
                }
                let own = &self.all.journeys[who];
                let sighting = Sighting {
                    who,
                    at: self.now,
                    by: Who::Gate(gate),
                    source: lianfang_core::entry::Source::Checkpoint,
                    arrived: true,
                    pass: own.pass,
                    health: own.health,
                };
                let exact = self.random.yes(0.5);
                self.sight(sighting, exact);
            }
        }
    }
}
