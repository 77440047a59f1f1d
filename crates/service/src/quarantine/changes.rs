//! Extensions and early ends: only as the order's own version of the pack provides for, proposed by
//! one and decided by another.

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::facts::{Body, OrderChangeDecided, OrderChangeProposed};
use lianfang_core::ids::{FactId, OrderId};
use lianfang_core::quarantine::ChangeKind;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_policy::{Change, Rule, Table};
use lianfang_store::views::quarantine::{self as view, OrderRow};

use crate::field::taking::{Taking, Written};
use crate::policy::Policy;
use crate::{House, Refusal};

/// The rule of a pack that made an order.
pub(super) fn rule_of<'p>(policy: &'p Policy, row: &OrderRow) -> Option<&'p Rule> {
    policy
        .pack
        .rules(Table::Quarantine)
        .in_order()
        .iter()
        .find(|rule| rule.id == row.rule)
}

/// What a rule provides for.
pub(super) fn provided(rule: &Rule, kind: ChangeKind) -> Option<&Change> {
    match kind {
        ChangeKind::Extension => rule.extension.as_ref(),
        ChangeKind::EarlyEnd => rule.early_end.as_ref(),
    }
}

/// The first and last day to which an order's end may be moved; none where there is no room.
pub(super) fn span_of(
    row: &OrderRow,
    change: &Change,
    kind: ChangeKind,
    today: Date,
) -> Option<(Date, Date)> {
    let later = |day: Date, days: i64| day.checked_add(days.days()).ok();
    let days = i64::from(change.days);
    let (first, last) = match kind {
        ChangeKind::Extension => (row.until.tomorrow().ok()?, later(row.computed, days)?),
        ChangeKind::EarlyEnd => (
            later(row.since, days)?.max(today),
            row.until.yesterday().ok()?,
        ),
    };
    (first <= last).then_some((first, last))
}

impl House {
    /// The version under which an order stands.
    pub(super) fn policy_of(
        &self,
        row: &OrderRow,
    ) -> Result<Option<std::sync::Arc<Policy>>, Refusal> {
        self.policy_named(&row.pack)
    }
}

impl Taking<'_> {
    /// An order's end should be moved.
    pub(crate) fn propose_change(
        &self,
        order: OrderId,
        kind: ChangeKind,
        until: Date,
        reason: &str,
    ) -> Result<Written, Refusal> {
        let row = self.order_row(order, Right::OrderQuarantine)?;
        if !row.is_live() {
            return Err(Refusal::Conflict(Text::new(
                "This order has ended already.",
                "该隔离令已结束。",
            )));
        }
        let reason = self.text("reason", reason, (3, 500))?;
        let policy = self.house.policy_of(&row)?.ok_or_else(|| {
            Refusal::Conflict(Text::new(
                "This program no longer reads the version under which this order stands.",
                "程序已无法读取该隔离令所依据的策略版本。",
            ))
        })?;
        let name = kind.label();
        let change = rule_of(&policy, &row)
            .and_then(|rule| provided(rule, kind))
            .ok_or_else(|| {
                Refusal::invalid(
                    "change",
                    format!(
                        "Rule {} of {} provides for no {}.",
                        row.rule, row.pack, name.en
                    ),
                    format!("{}的规则{}未规定{}。", row.pack, row.rule, name.zh),
                )
            })?;
        let today = self.day();
        if !change.holds(&self.evidence_now(&row)?, today) {
            return Err(Refusal::invalid(
                "change",
                format!("The rule provides for it only so: {}", change.reason.en),
                format!("规则仅在下列情形允许：{}", change.reason.zh),
            ));
        }
        let (first, last) = span_of(&row, change, kind, today).ok_or_else(|| {
            Refusal::invalid(
                "until",
                "The rule leaves no day to which this end could be moved.",
                "按规则已无可变更的日期。",
            )
        })?;
        if until < first || until > last {
            return Err(Refusal::invalid(
                "until",
                format!("A day from {first} to {last}."),
                format!("须为{first}至{last}之间的日期。"),
            ));
        }
        Ok(Written::fact(
            row.area,
            Body::OrderChangeProposed(OrderChangeProposed {
                change: self.id,
                order,
                kind,
                until,
                reason,
                pack: policy.pack.word(),
                said: self.said.clone(),
            }),
        ))
    }

    /// Another than who proposed it decides on a change.
    pub(crate) fn decide_change(
        &self,
        change: FactId,
        approve: bool,
        note: Option<&str>,
    ) -> Result<Written, Refusal> {
        let proposed = self
            .read(|c| Ok(view::change(c, change)?))?
            .ok_or(Refusal::NotFound("change"))?;
        let row = self.order_row(proposed.order, Right::DecideChange)?;
        if proposed.proposed_by == self.actor.account {
            return Err(Refusal::SamePerson);
        }
        if proposed.approved.is_some() {
            return Err(Refusal::Conflict(Text::new(
                "This change was decided on already.",
                "该变更已审批。",
            )));
        }
        let note = match note.map(str::trim) {
            None | Some("") => None,
            Some(note) => Some(self.text("note", note, (1, 500))?),
        };
        Ok(Written::fact(
            row.area,
            Body::OrderChangeDecided(OrderChangeDecided {
                change,
                order: row.order,
                approved: approve,
                note,
                said: self.said.clone(),
            }),
        ))
    }
}
