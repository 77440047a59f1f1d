//! What nobody did in time becomes a matter, by the clock.

use jiff::SignedDuration;
use jiff::civil::Date;
use lianfang_core::facts::{Body, Draft};
use lianfang_core::ids::{FactId, MatterId};
use lianfang_core::matters::About;
use lianfang_store::views::FoldError;
use lianfang_store::views::quarantine::{self as view, Lacking, Slot};
use lianfang_store::{Batch, StoreError};

use super::slots_of;
use crate::field::taking::Opening;
use crate::policy::Policy;
use crate::{Actor, House, Refusal};

/// Matters opened in one go.
const AT_ONCE: usize = 10_000;

/// What a sweep found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Missed checks that became matters.
    pub missed: u64,
    /// Late releases that became matters.
    pub late: u64,
    /// People who wait too long that became matters.
    pub waiting: u64,
}

impl House {
    /// Looks for checks missed and releases overdue, and opens a matter for each; one that is open
    /// about an order stands for those that follow. Meant to be called every few minutes.
    pub fn sweep_field(&self) -> Result<Swept, Refusal> {
        let policy = self.policy()?;
        let Some(settings) = &policy.pack.field else {
            return Ok(Swept::default());
        };
        let mut swept = Swept::default();
        let offset = self.store.utc_offset();
        let (now, today) = (self.now(), self.today());
        let grace = SignedDuration::from_mins(i64::from(settings.missed_after_minutes));
        // The last check of a day may be due, and missed, when the next day has begun.
        let days = [today.yesterday().unwrap_or(today), today];
        for day in days {
            for slot in slots_of(settings, offset, day) {
                if now.duration_since(slot.until) > grace {
                    swept.missed += self.missed(&policy, day, slot, grace)?;
                }
            }
        }
        let overdue = self
            .store
            .read(|c| Ok(view::overdue(c, today, offset, AT_ONCE)?))?;
        swept.late = self.open_all(&policy, &overdue, |lacking| {
            let kind = "late_release";
            let due = offset.start_of(lacking.until.tomorrow().unwrap_or(lacking.until));
            Opened {
                kind,
                name: format!("{}\n{}", lacking.order, lacking.until),
                title: format!(
                    "{}应解除未解除 · Release of {} overdue",
                    lacking.until, lacking.until
                ),
                due,
            }
        })?;
        swept.waiting = self.sweep_waiting(&policy)?;
        Ok(swept)
    }

    fn missed(
        &self,
        policy: &Policy,
        day: Date,
        slot: Slot,
        grace: SignedDuration,
    ) -> Result<u64, Refusal> {
        let lacking = self
            .store
            .read(|c| Ok(view::lacking_check(c, day, slot.slot, slot.until, AT_ONCE)?))?;
        self.open_all(policy, &lacking, |lacking| Opened {
            kind: "missed_check",
            name: format!("{}\n{day}\n{}", lacking.order, slot.slot),
            title: format!(
                "{day}第{}次监测漏测 · Check {} of {day} missed",
                slot.slot, slot.slot
            ),
            due: slot.until + grace,
        })
    }

    /// Opens a matter for each; how many there were not yet.
    fn open_all(
        &self,
        policy: &Policy,
        found: &[Lacking],
        what: impl Fn(&Lacking) -> Opened,
    ) -> Result<u64, Refusal> {
        let actor = Actor::house("clock");
        let now = self.now();
        let mut batches = Vec::with_capacity(found.len());
        for lacking in found {
            let Opened {
                kind,
                name,
                title,
                due,
            } = what(lacking);
            let entropy = u128::from_be_bytes(self.store.blind(kind, &name));
            // The same order, day and check give the same id: nothing is opened twice.
            let id = FactId::from_parts(due.as_millisecond().unsigned_abs(), entropy);
            let hours = policy
                .pack
                .matter(kind)
                .map_or(0, |matter| matter.deadline_hours);
            let opening = Opening {
                kind,
                area: lacking.area,
                title,
                detail: String::new(),
                about: About::Order(lacking.order),
                deadline: Some(due + SignedDuration::from_hours(i64::from(hours))),
            };
            let matter = MatterId::from_bytes(id.to_bytes());
            let (area, body): (_, Body) = self.matter_body(policy, matter, now, opening)?;
            batches.push(Batch::of([Draft {
                id,
                area,
                actor: actor.account,
                device: actor.device.clone(),
                happened_at: now,
                body,
            }]));
        }
        let mut opened = 0;
        for result in self.store.append_each(batches) {
            match result {
                Ok(receipts) => opened += u64::from(receipts.iter().any(|r| !r.repeated)),
                // Opened under another version of the pack already.
                Err(StoreError::IdReused(_) | StoreError::Fold(FoldError::AlreadyThere(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(opened)
    }
}

/// A matter that the clock opens.
struct Opened {
    kind: &'static str,
    /// What tells it from all others.
    name: String,
    title: String,
    /// From when its hours count.
    due: jiff::Timestamp,
}
