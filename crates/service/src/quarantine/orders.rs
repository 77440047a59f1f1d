//! Orders: made by the policy, ended on the day of release or otherwise.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Stage, Triage};
use lianfang_core::facts::{Body, OrderEnded, OrderMade};
use lianfang_core::ids::{EntrantId, OrderId, PartyId, PersonId, SiteId};
use lianfang_core::quarantine::{Basis, Bed, EndHow, SampleResult, Watch};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_policy::{Decision, Evidence, QuarantineEvidence};
use lianfang_store::views::contacts;
use lianfang_store::views::entry::{self, EntrantRow};
use lianfang_store::views::quarantine::{self as view, OrderRow};

use super::beds::BedAsked;
use super::evidence::telling;
use crate::Refusal;
use crate::field::Happening;
use crate::field::taking::{Taking, Written, ruling};
use crate::policy::Policy;

fn conflict(en: impl Into<String>, zh: impl Into<String>) -> Refusal {
    Refusal::Conflict(Text::new(en, zh))
}

/// Why somebody in this place of the process cannot be put under watch now.
fn not_now(row: &EntrantRow, watch: Watch) -> Option<Refusal> {
    if row.order.is_some() {
        return Some(conflict(
            "This person is under an order already. End or change that one.",
            "此人已有有效的隔离令，请先结束或变更原令。",
        ));
    }
    match row.stage {
        Stage::Arrived | Stage::Passed | Stage::ToPlace | Stage::Released => None,
        Stage::ToSend if watch != Watch::Site => None,
        Stage::Expected | Stage::NotCome => {
            Some(conflict("This person is not here yet.", "此人尚未抵达。"))
        }
        Stage::ToSend | Stage::OnTheWay => Some(conflict(
            "This person is still to be received: hand over and receive first.",
            "此人尚未接收，请先完成移交接收。",
        )),
        Stage::AtClinic => Some(conflict(
            "The fever clinic has not answered yet.",
            "发热门诊尚未反馈。",
        )),
        Stage::Missing => Some(conflict(
            "This person is missing: record where they were found first.",
            "此人失联，请先登记找到的情况。",
        )),
        Stage::Watched | Stage::Case | Stage::TurnedBack | Stage::HandedOn | Stage::Gone => {
            Some(conflict(
                format!("This person has left the way in: {}.", row.stage.label().en),
                format!("此人已不在流程中（{}）。", row.stage.label().zh),
            ))
        }
    }
}

/// From which day an order counts, and what that day is.
fn basis(
    decision: &Decision<'_, Watch>,
    evidence: &QuarantineEvidence,
    today: Date,
) -> (Option<Basis>, Date) {
    let word = decision.rule.lasts.from.map(|(name, _)| name);
    let basis = word.and_then(|word| {
        Basis::ALL
            .iter()
            .copied()
            .find(|basis| basis.word() == word)
    });
    let day = basis.and_then(|basis| match basis {
        Basis::LastExposure => evidence.last_exposure,
        Basis::FirstExposure => evidence.first_exposure,
        Basis::Entered => evidence.entered,
        Basis::LeftOrigin => evidence.left_origin,
        Basis::Recovered => evidence.recovered,
        Basis::Onset => evidence.onset,
        Basis::CaseSince => evidence.case_since,
        Basis::Prophylaxis => evidence.prophylaxis,
        Basis::Immunoglobulin => evidence.immunoglobulin,
    });
    match day {
        Some(day) => (basis, day),
        None => (None, today),
    }
}

/// So many days after a day.
fn after(day: Date, days: u32) -> Option<Date> {
    day.checked_add(i64::from(days).days()).ok()
}

/// Somebody who is to be put under watch.
pub(super) struct Whom {
    entrant: Option<EntrantId>,
    person: PersonId,
    area: AreaCode,
    pub(super) party: Option<PartyId>,
    /// What the gate decided, where somebody came through one.
    pub(super) class: Option<Triage>,
    /// The site that received them last.
    pub(super) received_at: Option<SiteId>,
}

impl Taking<'_> {
    /// Somebody is put under watch, as the policy says.
    pub(crate) fn order(&self, what: &Happening) -> Result<Written, Refusal> {
        let Happening::Order {
            entrant,
            home_suitable,
            contact,
            site,
            room,
            bed,
        } = what
        else {
            return Err(Refusal::NotFound("entry"));
        };
        let row = self.speaker(*entrant)?;
        self.within_reach(&row, Right::OrderQuarantine)?;
        let today = self.day();
        let evidence = self.evidence_of(&row, *home_suitable, *contact)?;
        let outcome = self.watch_for(&evidence, today)?;
        if let Some(refusal) = not_now(&row, outcome) {
            return Err(refusal);
        }
        let whom = Whom {
            entrant: Some(row.entrant),
            person: row.person,
            area: row.area,
            party: row.party,
            class: row.triage,
            received_at: self.received_at(&row)?,
        };
        let asked = BedAsked {
            site: *site,
            room: room.as_deref(),
            bed: *bed,
        };
        self.watched(&whom, &evidence, &asked)
    }

    /// A contact of a case is put under watch, as the policy says. Whoever is on the way in is
    /// watched as the arrival they are.
    pub(crate) fn order_contact(&self, what: &Happening) -> Result<Written, Refusal> {
        let Happening::OrderContact {
            contact,
            circumstances,
            site,
            room,
            bed,
        } = what
        else {
            return Err(Refusal::NotFound("entry"));
        };
        let row = self
            .read(|c| Ok(contacts::get(c, *contact)?))?
            .filter(|row| self.actor.sees(row.area))
            .ok_or(Refusal::NotFound("contact"))?;
        self.require(Right::OrderQuarantine, row.area)?;
        let today = self.day();
        let evidence = self.evidence_of_contact(&row, *circumstances)?;
        let outcome = self.watch_for(&evidence, today)?;
        let arrival = self.read(|c| {
            Ok(match entry::known_as(c, row.person)? {
                Some(record) => entry::speaker(c, record.entrant)?,
                None => None,
            })
        })?;
        let arrival = arrival.filter(|arrival| match arrival.stage {
            // Long since in, or never come: nothing of that journey stands in the way.
            Stage::NotCome | Stage::HandedOn | Stage::Gone | Stage::TurnedBack => false,
            _ => true,
        });
        if let Some(arrival) = &arrival
            && let Some(refusal) = not_now(arrival, outcome)
        {
            return Err(refusal);
        }
        let whom = Whom {
            entrant: arrival.as_ref().map(|arrival| arrival.entrant),
            person: row.person,
            area: row.area,
            party: arrival.as_ref().and_then(|arrival| arrival.party),
            class: None,
            received_at: None,
        };
        let asked = BedAsked {
            site: *site,
            room: room.as_deref(),
            bed: *bed,
        };
        self.watched(&whom, &evidence, &asked)
    }

    /// The watch that the policy asks for; refused where the evidence contradicts itself.
    fn watch_for(&self, evidence: &QuarantineEvidence, today: Date) -> Result<Watch, Refusal> {
        evidence.check(today).map_err(|error| Refusal::Invalid {
            field: "contact",
            message: error.0,
        })?;
        Ok(self.policy.pack.decide(evidence, today).outcome)
    }

    /// Somebody is put under the watch that the policy asks for.
    fn watched(
        &self,
        whom: &Whom,
        evidence: &QuarantineEvidence,
        asked: &BedAsked<'_>,
    ) -> Result<Written, Refusal> {
        // An entry that a phone kept is judged by the version in force when it was written down.
        let policy = &self.policy;
        let decision = policy.pack.decide(evidence, self.day());
        self.not_watched_otherwise(whom.person)?;
        if decision.outcome == Watch::None {
            let reason = &decision.rule.reason;
            return Err(Refusal::invalid(
                "entrant",
                format!("The policy asks for no watch: {}", reason.en),
                format!("按现行策略无需隔离观察：{}", reason.zh),
            ));
        }
        let (area, bed) = if decision.outcome == Watch::Site {
            let (site, bed) = self.bed_for(whom, asked)?;
            self.require(Right::OrderQuarantine, site.area)?;
            (site.area, Some(bed))
        } else {
            (whom.area, None)
        };
        let made = self.made(policy, &decision, evidence, (whom, bed))?;
        let mut ruling = ruling(policy, &decision, |ruling, watch| {
            ruling.watch = Some(watch);
        });
        ruling.until = Some(made.until);
        Ok(Written {
            decision: Some(ruling),
            ..Written::fact(area, Body::OrderMade(made))
        })
    }

    /// Refuses where the person is under an order that another record of theirs led to.
    fn not_watched_otherwise(&self, person: PersonId) -> Result<(), Refusal> {
        match self.read(|c| Ok(view::live_of(c, person)?))? {
            None => Ok(()),
            Some(_) => Err(conflict(
                "This person is under an order already. End or change that one.",
                "此人已有有效的隔离令，请先结束或变更原令。",
            )),
        }
    }

    fn made(
        &self,
        policy: &Arc<Policy>,
        decision: &Decision<'_, Watch>,
        evidence: &QuarantineEvidence,
        (whom, bed): (&Whom, Option<Bed>),
    ) -> Result<OrderMade, Refusal> {
        let today = self.day();
        let (basis, since) = basis(decision, evidence, today);
        let until = decision
            .until
            .or_else(|| after(since, decision.rule.lasts.days?))
            .ok_or_else(|| {
                Refusal::invalid(
                    "entrant",
                    "The rule that asks for this watch gives no day of release: it cannot be ordered here.",
                    "该规则未给出解除日期，不能在此下达隔离令。",
                )
            })?;
        let tests = decision
            .rule
            .test_days
            .iter()
            .filter_map(|days| after(since, *days))
            .filter(|day| *day <= until)
            .collect();
        let used = decision.shown(&policy.pack, evidence, today).evidence;
        Ok(OrderMade {
            order: OrderId::from_bytes(self.id.to_bytes()),
            entrant: whom.entrant,
            person: whom.person,
            watch: decision.outcome,
            basis,
            since,
            until,
            tests,
            rule: decision.rule.id.clone(),
            pack: policy.pack.word(),
            evidence: telling(evidence, &used),
            bed,
            said: self.said.clone(),
        })
    }

    /// Where in the process the person of an order stands.
    fn stage_of(&self, entrant: Option<EntrantId>) -> Result<Option<Stage>, Refusal> {
        let Some(entrant) = entrant else {
            return Ok(None);
        };
        let row = self.read(|c| Ok(entry::speaker(c, entrant)?))?;
        Ok(row.map(|row| row.stage))
    }

    /// Somebody's days are over.
    pub(crate) fn release(&self, order: OrderId) -> Result<Written, Refusal> {
        let row = self.order_row(order, Right::OrderQuarantine)?;
        self.may_be_released(&row, self.day())?;
        Ok(Written::fact(
            row.area,
            self.ended(order, EndHow::Released, None),
        ))
    }

    fn may_be_released(&self, row: &OrderRow, on: Date) -> Result<(), Refusal> {
        if !row.is_live() {
            return Err(conflict(
                "This order has ended already.",
                "该隔离令已结束。",
            ));
        }
        if on < row.until {
            return Err(conflict(
                format!("The day of release is {}: not before.", row.until),
                format!("解除日期为{}，不能提前解除。", row.until),
            ));
        }
        if row.awaited > 0 {
            return Err(conflict(
                "A sample still awaits its result.",
                "尚有样本未出结果。",
            ));
        }
        if let Some(test) = row.next_test.filter(|test| *test <= row.until) {
            return Err(conflict(
                format!("A sample is due since {test} and has no result: take it first."),
                format!("{test}应采的样本尚无结果，请先采样检测。"),
            ));
        }
        if row.result == Some(SampleResult::Positive) {
            return Err(conflict(
                "The newest sample is positive: end the order as a case, or take another sample.",
                "最近一次检测为阳性，请按转为病例办理或重新采样。",
            ));
        }
        match self.stage_of(row.entrant)? {
            None | Some(Stage::Watched) => Ok(()),
            Some(Stage::AtClinic) => Err(conflict(
                "This person is at the fever clinic, which has not answered yet.",
                "此人在发热门诊，尚未反馈。",
            )),
            Some(Stage::Missing) => Err(conflict(
                "This person is not where they should be: record that they are back first.",
                "此人不在位，请先登记其返回。",
            )),
            Some(_) => Err(conflict(
                "This person is on the way: receive them first.",
                "此人在移交途中，请先接收。",
            )),
        }
    }

    /// An order ends otherwise than by release.
    pub(crate) fn end_order(
        &self,
        order: OrderId,
        how: EndHow,
        reason: &str,
    ) -> Result<Written, Refusal> {
        let row = self.order_row(order, Right::OrderQuarantine)?;
        if how == EndHow::Released {
            return Err(Refusal::invalid(
                "how",
                "To release somebody is an entry of its own.",
                "期满解除请使用“解除”操作。",
            ));
        }
        let reason = self.text("reason", reason, (3, 500))?;
        if self.stage_of(row.entrant)? == Some(Stage::OnTheWay) {
            return Err(conflict(
                "This person is on the way: receive them first.",
                "此人在移交途中，请先接收。",
            ));
        }
        Ok(Written::fact(
            row.area,
            self.ended(order, how, Some(reason)),
        ))
    }

    /// The fact that an order ended on the day of the entry.
    fn ended(&self, order: OrderId, how: EndHow, reason: Option<String>) -> Body {
        Body::OrderEnded(OrderEnded {
            order,
            how,
            on: self.day(),
            reason,
            said: self.said.clone(),
        })
    }
}
