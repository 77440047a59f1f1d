//! People who wait too long for somebody to decide, send, place or find them.

use jiff::SignedDuration;
use lianfang_core::entry::Stage;
use lianfang_core::facts::Draft;
use lianfang_core::ids::{FactId, MatterId};
use lianfang_core::matters::About;
use lianfang_core::words::Word;
use lianfang_store::views::FoldError;
use lianfang_store::views::entry;
use lianfang_store::{Batch, StoreError};

use crate::field::taking::Opening;
use crate::policy::Policy;
use crate::{Actor, House, Refusal};

/// Matters opened in one go.
const AT_ONCE: usize = 2_000;

impl House {
    /// Opens a matter for each who waits longer than the policy allows, unless one is open about
    /// them. Returns how many were opened.
    pub(crate) fn sweep_waiting(&self, policy: &Policy) -> Result<u64, Refusal> {
        let hours = i64::from(policy.field()?.waiting_hours);
        let now = self.now();
        let before = now - SignedDuration::from_hours(hours);
        let waiting = self
            .store
            .read(|c| Ok(entry::waiting(c, before, AT_ONCE)?))?;
        let actor = Actor::house("clock");
        let mut batches = Vec::with_capacity(waiting.len());
        for row in waiting {
            let since = if row.stage == Stage::Expected {
                row.arrival
            } else {
                row.stage_since
            };
            let name = row.stage.label();
            let text = format!("{}\n{}\n{}", row.entrant, name.en, since.as_millisecond());
            let entropy = u128::from_be_bytes(self.store.blind("waiting", &text));
            // The same wait gives the same id: nothing is opened twice.
            let id = FactId::from_parts(since.as_millisecond().unsigned_abs(), entropy);
            let (area, body) = self.matter_body(
                policy,
                MatterId::from_bytes(id.to_bytes()),
                now,
                Opening {
                    kind: "missing_person",
                    area: row.area,
                    title: format!(
                        "超过{hours}小时未处置：{} · More than {hours} hours: {}",
                        name.zh, name.en
                    ),
                    detail: String::new(),
                    about: About::Entrant(row.entrant),
                    deadline: None,
                },
            )?;
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
                // Opened for this wait already, and closed since.
                Err(StoreError::IdReused(_) | StoreError::Fold(FoldError::AlreadyThere(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(opened)
    }
}
