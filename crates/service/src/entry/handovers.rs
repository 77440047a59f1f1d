//! Hand-overs: sent by one, received by another, late ones climb.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::access::{Right, Role};
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{CaseDetails, Classification};
use lianfang_core::entry::Receiver;
use lianfang_core::facts::{
    AbsenceFound, Body, ClinicAnswered, HandOverBegun, HandOverReceived, MatterActed, MatterOpened,
    OrderEnded,
};
use lianfang_core::ids::{EntrantId, MatterId};
use lianfang_core::matters::{About, Owner, Phase};
use lianfang_core::quarantine::{AbsenceHow, EndHow};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::entry::{self, HandOverPerson, HandOverRow};
use lianfang_store::views::quarantine;

use crate::Refusal;
use crate::field::Happening;
use crate::field::taking::{Opening, Taking, Written};
use crate::matters::HAND_OVER;

/// People that one hand-over takes at most.
const MOST_PEOPLE: usize = 100;

/// Who owes the receipt.
fn receiving_role(receiver: Receiver) -> Role {
    match receiver {
        Receiver::Community => Role::GridWorker,
        Receiver::Site | Receiver::Clinic => Role::SiteStaff,
        Receiver::Checkpoint => Role::CheckpointStaff,
        Receiver::Elsewhere => Role::AreaOfficer,
    }
}

fn none_twice(entrants: &[EntrantId]) -> Result<(), Refusal> {
    let once: BTreeSet<_> = entrants.iter().collect();
    if entrants.is_empty() || entrants.len() > MOST_PEOPLE || once.len() != entrants.len() {
        return Err(Refusal::invalid(
            "entrants",
            format!("1 to {MOST_PEOPLE} people, each once."),
            format!("须为1至{MOST_PEOPLE}人，每人一次。"),
        ));
    }
    Ok(())
}

impl Taking<'_> {
    /// People are sent to whoever receives them.
    pub(crate) fn send(&self, what: &Happening) -> Result<Written, Refusal> {
        let Happening::Send {
            entrants,
            receiver,
            area,
            site,
            checkpoint,
            vehicle,
            escort,
            expected,
        } = what
        else {
            return Err(Refusal::NotFound("entry"));
        };
        none_twice(entrants)?;
        let root = self.house.store.root();
        if *receiver != Receiver::Elsewhere && !root.contains(*area) {
            return Err(Refusal::invalid(
                "area",
                "This area is not ours: the receiver is then `elsewhere`.",
                "该地区不属本辖区，接收方应选外地。",
            ));
        }
        self.lies_ahead(*expected)?;
        let mut speakers = Vec::with_capacity(entrants.len());
        let mut from = None;
        for entrant in entrants {
            let row = self.speaker(*entrant)?;
            self.within_reach(&row, Right::KeepGate)
                .or_else(|_| self.within_reach(&row, Right::WatchOver))?;
            let gate = match row.checkpoint {
                Some(id) => self.read(|c| Ok(entry::checkpoint(c, id)?))?,
                None => None,
            };
            from = from.or(gate.map(|gate| gate.area)).or(Some(row.area));
            speakers.push(row.entrant);
        }
        none_twice(&speakers)?;
        let from = from.unwrap_or(root);
        // Another jurisdiction has no hands here: our own officer confirms what it said.
        let mut area = if *receiver == Receiver::Elsewhere {
            from
        } else {
            self.house.known_area(*area)?;
            *area
        };
        match receiver {
            Receiver::Site if site.is_none() => {
                return Err(Refusal::invalid("site", "Name the site.", "请选择隔离点。"));
            }
            Receiver::Checkpoint if checkpoint.is_none() => {
                return Err(Refusal::invalid(
                    "checkpoint",
                    "Name the checkpoint.",
                    "请选择卡口。",
                ));
            }
            _ => {}
        }
        if let Some(id) = site {
            let site = self
                .read(|c| Ok(quarantine::site(c, *id)?))?
                .ok_or(Refusal::NotFound("site"))?;
            if !site.open {
                return Err(Refusal::invalid(
                    "site",
                    "This site takes nobody in. Choose another.",
                    "该隔离点未启用，请另选。",
                ));
            }
            area = site.area;
        }
        if let Some(id) = checkpoint {
            area = self
                .read(|c| Ok(entry::checkpoint(c, *id)?))?
                .ok_or(Refusal::NotFound("checkpoint"))?
                .area;
        }
        let short = |field, text: &Option<String>| {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(|text| self.text(field, text, (1, 40)))
                .transpose()
        };
        let handover = MatterId::from_bytes(self.id.to_bytes());
        let kind = self
            .policy
            .pack
            .matter(HAND_OVER)
            .ok_or_else(|| Refusal::Pack("no matter of kind handover".into()))?;
        let receiver_name = receiver.label();
        let opened = MatterOpened {
            matter: handover,
            kind: kind.kind.clone(),
            pack: self.policy.pack.word(),
            title: format!(
                "移交{}人至{} · Hand-over of {} to {}",
                speakers.len(),
                receiver_name.zh,
                speakers.len(),
                receiver_name.en
            ),
            detail: String::new(),
            owner: Owner::Role(receiving_role(*receiver)),
            deadline: *expected,
            state: kind.start().state.clone(),
            about: speakers.first().copied().map(About::Entrant),
        };
        let begun = HandOverBegun {
            handover,
            entrants: speakers,
            receiver: *receiver,
            site: *site,
            checkpoint: *checkpoint,
            from,
            vehicle: short("vehicle", vehicle)?,
            escort: short("escort", escort)?,
            expected: *expected,
            said: self.said.clone(),
        };
        Ok(Written::fact(area, Body::HandOverBegun(begun))
            .and([(area, Body::MatterOpened(opened))]))
    }

    /// A hand-over is expected after it began, and within the time that a matter may take.
    fn lies_ahead(&self, expected: Timestamp) -> Result<(), Refusal> {
        if expected <= self.at || expected.duration_since(self.at) > crate::matters::FARTHEST {
            return Err(Refusal::invalid(
                "expected",
                "They should be there after they left.",
                "预计到达须晚于出发时间。",
            ));
        }
        Ok(())
    }

    /// People were received.
    pub(crate) fn receive(
        &self,
        handover: MatterId,
        entrants: &[EntrantId],
        missing: &[EntrantId],
    ) -> Result<Written, Refusal> {
        let named: Vec<EntrantId> = entrants.iter().chain(missing).copied().collect();
        none_twice(&named)?;
        let (row, people) = self
            .read(|c| {
                Ok(match entry::handover(c, handover)? {
                    Some(row) => Some((row, entry::handover_people(c, handover)?)),
                    None => None,
                })
            })?
            .ok_or(Refusal::NotFound("hand-over"))?;
        self.may_receive(&row)?;
        let entrants = &self.of_handover(&people, entrants)?;
        let missing = &self.of_handover(&people, missing)?;
        let all: Vec<EntrantId> = entrants.iter().chain(missing).copied().collect();
        none_twice(&all)?;
        let settled = |person: &&HandOverPerson| {
            person.received_at.is_some() || person.missing || all.contains(&person.entrant)
        };
        let complete = people.iter().filter(settled).count() == people.len();
        let mut facts = vec![(
            row.area,
            Body::HandOverReceived(HandOverReceived {
                handover,
                entrants: entrants.clone(),
                missing: missing.clone(),
                complete,
                said: self.said.clone(),
            }),
        )];
        if complete && row.ended_at.is_none() {
            facts.push((row.area, self.closes(handover)?));
        }
        facts.extend(self.orders_touched(&row, entrants, missing)?);
        for (nth, entrant) in missing.iter().enumerate() {
            facts.push(self.opens(
                nth as u8 + 1,
                Opening {
                    kind: "missing_person",
                    area: row.area,
                    title: "移交时未到 · Not in the hand-over".into(),
                    detail: String::new(),
                    about: About::Entrant(*entrant),
                    deadline: None,
                },
            )?);
        }
        Ok(Written {
            facts,
            ..Written::default()
        })
    }

    /// Those of a hand-over who are named, as it names them: whoever receives may know them by
    /// another record that was taken for the same person.
    fn of_handover(
        &self,
        people: &[HandOverPerson],
        named: &[EntrantId],
    ) -> Result<Vec<EntrantId>, Refusal> {
        let mut found = Vec::with_capacity(named.len());
        for id in named {
            let speaks = match self.speaker(*id) {
                Ok(row) => row.entrant,
                Err(Refusal::NotFound(_)) => *id,
                Err(refusal) => return Err(refusal),
            };
            let person = people
                .iter()
                .find(|person| person.entrant == *id || person.entrant == speaks)
                .ok_or_else(|| {
                    Refusal::invalid(
                        "entrants",
                        "Somebody named here is not in this hand-over.",
                        "名单中有人不在本次移交内。",
                    )
                })?;
            if person.received_at.is_some() {
                return Err(Refusal::Conflict(Text::new(
                    "Somebody named here was received already.",
                    "名单中有人已确认接收。",
                )));
            }
            found.push(person.entrant);
        }
        Ok(found)
    }

    /// What a receipt means for those under an order: handed to another jurisdiction it ends, not
    /// there they are absent.
    fn orders_touched(
        &self,
        row: &HandOverRow,
        entrants: &[EntrantId],
        missing: &[EntrantId],
    ) -> Result<Vec<(AreaCode, Body)>, Refusal> {
        let mut facts = Vec::new();
        let leaving = if row.receiver == Receiver::Elsewhere {
            entrants
        } else {
            &[]
        };
        for (entrant, missing) in leaving
            .iter()
            .map(|entrant| (entrant, false))
            .chain(missing.iter().map(|entrant| (entrant, true)))
        {
            let order = self.read(|c| {
                Ok(match entry::get(c, *entrant)?.and_then(|row| row.order) {
                    Some(order) => quarantine::order(c, order)?,
                    None => None,
                })
            })?;
            let Some(order) = order else { continue };
            if missing && order.absent_since.is_none() {
                let absent = AbsenceFound {
                    order: order.order,
                    how: AbsenceHow::NotHandedOver,
                    said: String::new(),
                };
                facts.push((order.area, Body::AbsenceFound(absent)));
            } else if !missing {
                let ended = OrderEnded {
                    order: order.order,
                    how: EndHow::HandedOn,
                    on: self.house.store.utc_offset().day_of(self.at),
                    reason: None,
                    said: String::new(),
                };
                facts.push((order.area, Body::OrderEnded(ended)));
            }
        }
        Ok(facts)
    }

    fn may_receive(&self, row: &HandOverRow) -> Result<(), Refusal> {
        let here = if row.receiver == Receiver::Checkpoint {
            Right::KeepGate
        } else {
            Right::WatchOver
        };
        if !self.actor.may(here, row.area) {
            return Err(if self.actor.sees(row.area) {
                Refusal::Forbidden
            } else {
                Refusal::NotFound("hand-over")
            });
        }
        if row.begun_by == self.actor.account && !self.actor.is_house() {
            return Err(Refusal::SamePerson);
        }
        Ok(())
    }

    /// The step that closes a hand-over's matter.
    fn closes(&self, handover: MatterId) -> Result<Body, Refusal> {
        let matter = self
            .read(|c| Ok(lianfang_store::views::matters::get(c, handover)?))?
            .ok_or(Refusal::NotFound("matter"))?;
        let policy = match self.house.policy_named(&matter.pack)? {
            Some(policy) => policy,
            None => std::sync::Arc::clone(&self.policy),
        };
        let kind = policy
            .pack
            .matter(&matter.kind)
            .ok_or_else(|| Refusal::Pack("no matter of kind handover".into()))?;
        let step = kind
            .steps
            .iter()
            .find(|step| {
                step.from.contains(&matter.state)
                    && kind
                        .state(&step.to)
                        .is_some_and(|state| state.phase == Phase::Closed)
            })
            .ok_or_else(|| {
                Refusal::Conflict(Text::new("This hand-over was withdrawn.", "该移交已撤销。"))
            })?;
        Ok(Body::MatterActed(MatterActed {
            matter: handover,
            action: step.action.clone(),
            from: matter.state.clone(),
            to: step.to.clone(),
            phase: Phase::Closed,
            work: false,
            note: None,
            evidence: None,
        }))
    }

    /// The fever clinic has seen somebody. Who is found to be a case is reported to the line list at once, unless they are in it.
    pub(crate) fn clinic_answer(
        &self,
        entrant: EntrantId,
        case: bool,
        classification: Option<Classification>,
        onset: Option<Date>,
    ) -> Result<Written, Refusal> {
        let row = self.speaker(entrant)?;
        self.within_reach(&row, Right::WatchOver)
            .or_else(|_| self.within_reach(&row, Right::ReportCase))?;
        let classification = classification.unwrap_or(Classification::Suspected);
        if case && classification == Classification::Excluded {
            return Err(Refusal::invalid(
                "classification",
                "A case is reported as suspected, clinical, confirmed or asymptomatic.",
                "病例须为疑似、临床诊断、确诊或无症状。",
            ));
        }
        let day = self.house.store.utc_offset().day_of(self.at);
        if onset.is_some_and(|onset| onset > day) {
            return Err(Refusal::invalid(
                "onset",
                "First symptoms lie in the past.",
                "发病日期不能在未来。",
            ));
        }
        let answered = Body::ClinicAnswered(ClinicAnswered {
            entrant: row.entrant,
            case,
            said: self.said.clone(),
        });
        let written = Written::fact(row.area, answered);
        if !case {
            return Ok(written);
        }
        let ends = row.order.map(|order| {
            let ended = OrderEnded {
                order,
                how: EndHow::Case,
                on: day,
                reason: None,
                said: String::new(),
            };
            (row.area, Body::OrderEnded(ended))
        });
        let details = CaseDetails {
            person: Some(row.person),
            age_years: row.age,
            onset,
            diagnosed: Some(day),
            reported: Some(day),
            symptoms: row.symptoms.iter().collect(),
            ..CaseDetails::new(classification)
        };
        let reported = self.house.case_of_clinic(self.id, row.area, details)?;
        Ok(written.and(ends).and(reported))
    }
}
