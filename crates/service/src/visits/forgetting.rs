//! Whose visits are all dropped: people of whom only visits were known are forgotten then.

use jiff::civil::Date;
use lianfang_core::ids::PersonId;
use lianfang_store::views::people;
use lianfang_visits::{Minute, Snapshot, Span};

use crate::{House, Refusal, locked};

/// People looked at in one go.
const AT_ONCE: usize = 5_000;

/// Whose visits are all dropped, as the sweep before this one found.
#[derive(Default)]
pub(crate) struct Fading {
    /// The first day that was kept when the vault was looked through.
    kept_from: Option<Date>,
    waiting: Vec<PersonId>,
}

impl House {
    /// People of whom nothing is known any more. Somebody who comes to a place is in the vault before their visit is in the
    /// log; so nobody is named here whom the sweep before did not find already.
    pub(crate) fn without_visits(&self) -> Result<Vec<PersonId>, Refusal> {
        let Some(snapshot) = self.visits_read()? else {
            return Ok(Vec::new());
        };
        let mut fading = locked(&self.visits.fading);
        let mut gone = Vec::new();
        for some in std::mem::take(&mut fading.waiting).chunks(AT_ONCE) {
            let alone = self
                .store
                .read(|c| Ok(people::known_by_visits_alone(c, some)?))?;
            gone.extend(nowhere(&snapshot, alone)?);
        }
        let kept_from = snapshot.kept_from();
        if kept_from != fading.kept_from {
            let mut after = None;
            loop {
                let some = self
                    .store
                    .read(|c| Ok(people::made_of_visits(c, after, AT_ONCE)?))?;
                let Some(last) = some.last() else { break };
                after = Some(*last);
                fading.waiting.extend(nowhere(&snapshot, some)?);
            }
            fading.kept_from = kept_from;
        }
        Ok(gone)
    }
}

impl House {
    /// Those of some people of whom the visit log knows no visit.
    pub(crate) fn without_visits_among(
        &self,
        people: Vec<PersonId>,
    ) -> Result<Vec<PersonId>, Refusal> {
        match self.visits_read()? {
            Some(snapshot) => nowhere(&snapshot, people),
            None => Ok(people),
        }
    }
}

/// Those of whom the log has no visit.
fn nowhere(snapshot: &Snapshot, people: Vec<PersonId>) -> Result<Vec<PersonId>, Refusal> {
    let always = Span {
        from: Minute(0),
        until: Minute::LAST,
    };
    let mut gone = Vec::new();
    for person in people {
        if snapshot.visits_of(person, always)?.is_empty() {
            gone.push(person);
        }
    }
    Ok(gone)
}
