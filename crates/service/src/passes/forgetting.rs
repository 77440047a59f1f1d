//! What was said when a pass was asked for is forgotten where nobody confirmed it in the policy's time.

use std::collections::BTreeSet;

use jiff::Span;
use lianfang_core::facts::{Body, PassCodeEnded, PersonForgotten};
use lianfang_core::ids::PersonId;
use lianfang_store::Batch;
use lianfang_store::views::passes as view;

use crate::{Actor, House, Refusal};

/// Codes looked at in one go.
const AT_ONCE: usize = 1_000;

impl House {
    /// Ends the codes that nobody confirmed in time, and forgets whom they are about; so also where a code was ended before it
    /// was confirmed. Whoever is on record for something else, or in the visit log, stays. Returns how many were forgotten.
    pub(crate) fn forget_unconfirmed(&self, actor: &Actor) -> Result<u64, Refusal> {
        let policy = self.policy()?;
        let days = policy
            .pack
            .passes
            .as_ref()
            .and_then(|passes| passes.unconfirmed_days);
        let Some(days) = days else { return Ok(0) };
        let Ok(first_kept) = self.today().checked_sub(Span::new().days(i64::from(days))) else {
            return Ok(0);
        };
        let before = self.store.utc_offset().start_of(first_kept);
        let reason = format!("{}: pass.unconfirmed_days", policy.pack.word());
        let (mut after, mut forgotten) = (None, 0);
        loop {
            let some = self
                .store
                .read(|c| Ok(view::unconfirmed(c, before, after, AT_ONCE)?))?;
            let Some(last) = some.last() else {
                return Ok(forgotten);
            };
            after = Some(last.code);
            let alone = some.iter().filter(|one| one.alone).map(|one| one.person);
            let gone: BTreeSet<PersonId> = self
                .without_visits_among(alone.collect())?
                .into_iter()
                .collect();
            let mut facts = Vec::new();
            for one in &some {
                if !one.ended {
                    let ended = Body::PassCodeEnded(PassCodeEnded {
                        code: one.code,
                        said: String::new(),
                    });
                    facts.push(self.draft(actor, one.area, ended));
                }
                if gone.contains(&one.person) {
                    let body = Body::PersonForgotten(PersonForgotten {
                        person: one.person,
                        reason: reason.clone(),
                    });
                    facts.push(self.draft(actor, one.area, body));
                }
            }
            if facts.is_empty() {
                continue;
            }
            forgotten += gone.len() as u64;
            let mut batch = Batch::of(facts);
            batch.forget = gone.into_iter().collect();
            self.store.append(batch)?;
        }
    }
}
