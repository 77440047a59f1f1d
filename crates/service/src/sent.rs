//! What is sent with an id of its own, so that sending twice is harmless.

use jiff::{SignedDuration, Timestamp};
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Body, Draft};
use lianfang_core::ids::FactId;
use lianfang_store::StoreError;
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// How far ahead of the house's clock a sender's may be.
const CLOCK_DRIFT: SignedDuration = SignedDuration::from_mins(10);

/// Something that was sent: its id, when it happened, and a keyed digest of what it says.
pub(crate) struct Sent {
    pub(crate) id: FactId,
    pub(crate) at: Timestamp,
    pub(crate) said: String,
    /// Whether it was written down before.
    pub(crate) repeated: bool,
}

impl House {
    /// Looks whether something was sent before under its id. The same id with other content, or from another account, is
    /// refused.
    pub(crate) fn sent<T: Serialize>(
        &self,
        actor: &Actor,
        id: Option<FactId>,
        at: Option<Timestamp>,
        what: &T,
    ) -> Result<Sent, Refusal> {
        let plain = serde_json::to_string(what)
            .map_err(|_| Refusal::invalid("body", "Not of its form.", "格式不正确。"))?;
        let digest = u128::from_be_bytes(self.store.blind("sent", &plain));
        let said = format!("{:016x}", digest >> 64);
        let now = self.now();
        if at.is_some_and(|at| at > now + CLOCK_DRIFT) {
            return Err(Refusal::invalid(
                "at",
                "This lies in the future: is the clock right?",
                "时间在未来，请检查时钟。",
            ));
        }
        let mut sent = Sent {
            id: id.unwrap_or_else(|| self.new_id()),
            // A clock that is a little ahead must not date a fact after its own recording.
            at: at.unwrap_or(now).min(now),
            said,
            repeated: false,
        };
        if let Some(fact) = id
            .map(|id| self.store.fact_by_id(id))
            .transpose()?
            .flatten()
        {
            let same = serde_json::from_slice::<serde_json::Value>(&fact.body)
                .is_ok_and(|body| body["said"] == sent.said.as_str());
            if !same || fact.actor != actor.account {
                return Err(StoreError::IdReused(sent.id).into());
            }
            sent.repeated = true;
        }
        Ok(sent)
    }

    /// An id for something beside what was sent, the same each time.
    pub(crate) fn beside(&self, id: FactId, name: &str) -> [u8; 16] {
        let entropy = self
            .store
            .blind("beside what was sent", &format!("{id}\n{name}"));
        FactId::from_parts(id.milliseconds(), u128::from_be_bytes(entropy)).to_bytes()
    }

    /// Facts of what was sent: the first has its id.
    pub(crate) fn drafts(
        &self,
        actor: &Actor,
        sent: &Sent,
        bodies: impl IntoIterator<Item = (AreaCode, Body)>,
    ) -> Vec<Draft> {
        bodies
            .into_iter()
            .enumerate()
            .map(|(nth, (area, body))| Draft {
                id: if nth == 0 {
                    sent.id
                } else {
                    FactId::from_bytes(self.beside(sent.id, &format!("fact {nth}")))
                },
                area,
                actor: actor.account,
                device: actor.device.clone(),
                happened_at: sent.at,
                body,
            })
            .collect()
    }
}
