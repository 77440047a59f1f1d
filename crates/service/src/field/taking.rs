//! How an entry is taken: checked against what is known, turned into facts, written with others.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::Right;
use lianfang_core::areas::{AreaCode, AreaTree};
use lianfang_core::facts::{Body, Draft, MatterOpened};
use lianfang_core::ids::{EntrantId, FactId, MatterId};
use lianfang_core::matters::{About, Owner};
use lianfang_core::text::bounded;
use lianfang_core::words::Word;
use lianfang_policy::{Decision, FieldSettings};
use lianfang_store::{Batch, Receipt, SealedPerson, StoreError};

use super::{
    EntryAnswer, EntryRefusal, FieldEntry, Happening, MOST_ENTRIES, PersonGiven, Ruling, Taken,
};
use crate::policy::Policy;
use crate::{Actor, House, Refusal};

/// How far ahead of the house's clock a phone's may be.
pub(crate) const CLOCK_DRIFT: SignedDuration = SignedDuration::from_mins(10);

/// An entry that is being taken, with all that taking it needs.
pub(crate) struct Taking<'h> {
    pub(crate) house: &'h House,
    pub(crate) actor: &'h Actor,
    pub(crate) policy: Arc<Policy>,
    pub(crate) tree: Arc<AreaTree>,
    /// The entry's id, which is also that of whatever it makes.
    pub(crate) id: FactId,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// The time by the house's clock.
    pub(crate) now: Timestamp,
    /// Keyed digest of what was sent.
    pub(crate) said: String,
}

/// What an entry comes to: facts to be written, the first of which has the entry's id.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) facts: Vec<(AreaCode, Body)>,
    pub(crate) people: Vec<SealedPerson>,
    pub(crate) entrant: Option<EntrantId>,
    pub(crate) decision: Option<Ruling>,
}

impl Written {
    pub(crate) fn fact(area: AreaCode, body: Body) -> Self {
        Self {
            facts: vec![(area, body)],
            ..Self::default()
        }
    }

    pub(crate) fn and(mut self, more: impl IntoIterator<Item = (AreaCode, Body)>) -> Self {
        self.facts.extend(more);
        self
    }
}

/// A matter that an entry opens.
pub(crate) struct Opening<'t> {
    /// A kind that packs with field settings have.
    pub(crate) kind: &'t str,
    pub(crate) area: AreaCode,
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) about: About,
    /// The kind's own hours where none is named.
    pub(crate) deadline: Option<Timestamp>,
}

impl Taking<'_> {
    /// Reads one consistent state.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&lianfang_store::ReadConnection) -> Result<T, StoreError>,
    ) -> Result<T, Refusal> {
        Ok(self.house.store.read(read)?)
    }

    pub(crate) fn require(&self, right: Right, area: AreaCode) -> Result<(), Refusal> {
        self.actor.require(right, area)
    }

    /// The field's settings of the policy in force.
    pub(crate) fn settings(&self) -> Result<&FieldSettings, Refusal> {
        self.policy.field()
    }

    /// An id for something beside what the entry makes, the same each time.
    pub(crate) fn other_id(&self, nth: u8) -> [u8; 16] {
        let name = format!("{}\n{nth}", self.id);
        let entropy = self.house.store.blind("beside an entry", &name);
        let entropy = u128::from_be_bytes(entropy);
        FactId::from_parts(self.id.milliseconds(), entropy).to_bytes()
    }

    /// A matter that the entry opens, or nothing where one of that kind is open about the same.
    pub(crate) fn opens(&self, nth: u8, opening: Opening<'_>) -> Result<(AreaCode, Body), Refusal> {
        let id = MatterId::from_bytes(self.other_id(nth));
        self.house.matter_body(&self.policy, id, self.now, opening)
    }

    /// Free text of an entry, trimmed and within bounds.
    #[allow(clippy::unused_self, reason = "reads as a step of taking the entry")]
    pub(crate) fn text(
        &self,
        field: &'static str,
        text: &str,
        (least, most): (usize, usize),
    ) -> Result<String, Refusal> {
        bounded(text, least, most).map_err(|_| {
            Refusal::invalid(
                field,
                format!("{least} to {most} characters."),
                format!("须为{least}至{most}个字符。"),
            )
        })
    }
}

impl Policy {
    /// How old what a phone sends may be.
    pub(crate) fn oldest_entry(&self) -> Result<SignedDuration, Refusal> {
        Ok(SignedDuration::from_hours(
            24 * i64::from(self.field()?.oldest_entry_days),
        ))
    }

    /// The field's settings; a pack without them runs no gates and no watch.
    pub(crate) fn field(&self) -> Result<&FieldSettings, Refusal> {
        self.pack.field.as_ref().ok_or_else(|| {
            Refusal::invalid(
                "policy",
                "The policy in force has no [settings.field]: it runs no gates and no watch.",
                "现行策略包未设[settings.field]，不能办理卡口和隔离业务。",
            )
        })
    }
}

/// A decision as the field needs it.
pub(crate) fn ruling<O: Word>(
    policy: &Policy,
    decision: &Decision<'_, O>,
    set: impl FnOnce(&mut Ruling, O),
) -> Ruling {
    let mut ruling = Ruling {
        triage: None,
        watch: None,
        rule: decision.rule.id.clone(),
        reason: decision.rule.reason.clone(),
        pack: policy.pack.word(),
        until: None,
        differs: false,
    };
    set(&mut ruling, decision.outcome);
    ruling
}

/// The ids that an entry speaks of, and places of the people it describes: entries that share one
/// are written one after the other.
#[allow(
    clippy::redundant_closure_for_method_calls,
    reason = "ids of ten kinds, each of which would have to be named"
)]
fn subjects(house: &House, entry: &FieldEntry) -> Vec<[u8; 16]> {
    let of_person = |person: &PersonGiven| {
        let born = person.born.map(|born| born.to_string());
        [
            ("document", person.document.as_deref()),
            ("phone", person.phone.as_deref()),
            ("name", person.name.as_deref()),
            ("born", born.as_deref()),
        ]
        .into_iter()
        .filter_map(|(what, text)| Some(house.store.blind(what, text?)))
        .collect::<Vec<_>>()
    };
    let mut found = vec![entry.id.to_bytes()];
    match &entry.what {
        Happening::Notice {
            person, household, ..
        } => {
            found.extend(of_person(person));
            found.extend(household.map(|id| id.to_bytes()));
        }
        Happening::CheckIn {
            entrant, person, ..
        } => {
            found.extend(entrant.map(|id| id.to_bytes()));
            found.extend(person.iter().flat_map(of_person));
        }
        Happening::Join {
            entrant,
            into: other,
        }
        | Happening::TellApart { entrant, other } => {
            found.extend([entrant.to_bytes(), other.to_bytes()]);
        }
        Happening::Part { entrant, .. }
        | Happening::NotCome { entrant, .. }
        | Happening::Settle { entrant, .. }
        | Happening::ClinicAnswer { entrant, .. } => found.push(entrant.to_bytes()),
        Happening::Order { entrant, site, .. } => {
            found.push(entrant.to_bytes());
            found.extend(site.map(|id| id.to_bytes()));
        }
        Happening::OrderContact { contact, site, .. } => {
            found.push(contact.to_bytes());
            found.extend(site.map(|id| id.to_bytes()));
        }
        Happening::Send { entrants, .. } => found.extend(entrants.iter().map(|id| id.to_bytes())),
        Happening::Receive {
            handover,
            entrants,
            missing,
        } => {
            found.push(handover.to_bytes());
            found.extend(entrants.iter().chain(missing).map(|id| id.to_bytes()));
        }
        Happening::Move { order, site, .. } => found.extend([order.to_bytes(), site.to_bytes()]),
        Happening::Check { order, .. }
        | Happening::Sample { order }
        | Happening::Absent { order, .. }
        | Happening::Back { order }
        | Happening::Needs { order, .. }
        | Happening::ProposeChange { order, .. }
        | Happening::Release { order }
        | Happening::EndOrder { order, .. } => found.push(order.to_bytes()),
        Happening::SampleAnswer { sample, .. } => found.push(sample.to_bytes()),
        Happening::DecideChange { change, .. } => found.push(change.to_bytes()),
        Happening::Checkpoint { checkpoint, .. } => {
            found.extend(checkpoint.map(|id| id.to_bytes()));
        }
        Happening::Shift { checkpoint, .. } => found.push(checkpoint.to_bytes()),
        Happening::Site { site, .. } => found.extend(site.map(|id| id.to_bytes())),
        Happening::Household { household, .. } => {
            found.extend(household.map(|id| id.to_bytes()));
        }
        Happening::Resident {
            household,
            person,
            given,
            ..
        } => {
            found.push(household.to_bytes());
            found.extend(person.map(|id| id.to_bytes()));
            found.extend(given.iter().flat_map(of_person));
        }
        Happening::Visit { household, .. } => found.push(household.to_bytes()),
        Happening::ResidentPass { .. } => {}
    }
    found
}

/// Entries that wait to be written together.
#[derive(Default)]
struct Waiting {
    places: Vec<usize>,
    batches: Vec<Batch>,
    subjects: BTreeSet<[u8; 16]>,
    /// Whether any is the result of a sample.
    results: bool,
    /// Whether any is an order.
    orders: bool,
}

impl Waiting {
    /// Whether what waits must be written before `next` is judged, although they share no id: a
    /// release looks at results, and an order at the beds that others have.
    fn comes_before(&self, next: &Happening) -> bool {
        match next {
            Happening::Release { .. } => self.results,
            Happening::Order { .. } | Happening::OrderContact { .. } | Happening::Move { .. } => {
                self.orders
            }
            _ => false,
        }
    }
}

/// How often an entry is judged again while others are faster.
const MOST_RACES: usize = 16;

impl House {
    /// Takes entries in their order, each for itself: one that is refused does not hold up the
    /// others. Durable when it returns.
    pub fn take_entries(
        &self,
        actor: &Actor,
        entries: &[FieldEntry],
    ) -> Result<Vec<EntryAnswer>, Refusal> {
        if entries.len() > MOST_ENTRIES {
            return Err(Refusal::invalid(
                "entries",
                format!("At most {MOST_ENTRIES} entries at once."),
                format!("每次最多{MOST_ENTRIES}条。"),
            ));
        }
        let mut answers: Vec<EntryAnswer> = Vec::with_capacity(entries.len());
        let mut waiting = Waiting::default();
        for entry in entries {
            let subjects = subjects(self, entry);
            let shared = subjects.iter().any(|id| waiting.subjects.contains(id));
            if shared || waiting.comes_before(&entry.what) {
                self.write_down(actor, entries, &mut waiting, &mut answers);
            }
            let mut answer = EntryAnswer {
                id: entry.id,
                result: Taken::Taken,
                refusal: None,
                entrant: None,
                decision: None,
            };
            match self.entry_batch(actor, entry, &mut answer) {
                Ok(Some(batch)) => {
                    waiting.results |= matches!(entry.what, Happening::SampleAnswer { .. });
                    waiting.orders |= matches!(
                        entry.what,
                        Happening::Order { .. } | Happening::OrderContact { .. }
                    );
                    waiting.places.push(answers.len());
                    waiting.batches.push(batch);
                    waiting.subjects.extend(subjects);
                }
                Ok(None) => answer.result = Taken::Repeated,
                Err(refusal) => refused(&mut answer, &refusal),
            }
            answers.push(answer);
        }
        self.write_down(actor, entries, &mut waiting, &mut answers);
        Ok(answers)
    }

    /// Whether an entry would be accepted by what stands now. Nothing is written.
    pub(crate) fn foresee_entry(&self, actor: &Actor, entry: &FieldEntry) -> EntryAnswer {
        let mut answer = EntryAnswer {
            id: entry.id,
            result: Taken::Taken,
            refusal: None,
            entrant: None,
            decision: None,
        };
        match self.entry_batch(actor, entry, &mut answer) {
            Ok(Some(_)) => {}
            Ok(None) => answer.result = Taken::Repeated,
            Err(refusal) => refused(&mut answer, &refusal),
        }
        answer
    }

    fn write_down(
        &self,
        actor: &Actor,
        entries: &[FieldEntry],
        waiting: &mut Waiting,
        answers: &mut [EntryAnswer],
    ) {
        let batches = std::mem::take(&mut waiting.batches);
        let written = self.store.append_each(batches);
        for (place, result) in waiting.places.drain(..).zip(written) {
            let answer = &mut answers[place];
            match result {
                Ok(receipts) => note_repeated(answer, &receipts),
                Err(StoreError::Fold(_)) => self.judge_anew(actor, &entries[place], answer),
                Err(error) => refused(answer, &error.into()),
            }
        }
        waiting.subjects.clear();
        (waiting.results, waiting.orders) = (false, false);
    }

    /// Another was faster, and what an entry was judged by has changed since (the bed that was found
    /// is taken now): it is judged again, by what stands now.
    fn judge_anew(&self, actor: &Actor, entry: &FieldEntry, answer: &mut EntryAnswer) {
        let mut last = Refusal::NotFound("entry");
        for _ in 0..MOST_RACES {
            match self.entry_batch(actor, entry, answer) {
                Ok(Some(batch)) => match self.store.append(batch) {
                    Ok(receipts) => return note_repeated(answer, &receipts),
                    Err(error @ StoreError::Fold(_)) => last = error.into(),
                    Err(error) => return refused(answer, &error.into()),
                },
                Ok(None) => {
                    answer.result = Taken::Repeated;
                    return;
                }
                Err(refusal) => return refused(answer, &refusal),
            }
        }
        refused(answer, &last);
    }

    /// What an entry comes to, ready to be written; nothing where it was written before.
    fn entry_batch(
        &self,
        actor: &Actor,
        entry: &FieldEntry,
        answer: &mut EntryAnswer,
    ) -> Result<Option<Batch>, Refusal> {
        let plain = serde_json::to_string(&(entry.at, &entry.what))
            .map_err(|_| Refusal::invalid("what", "Not of its form.", "格式不正确。"))?;
        let digest = u128::from_be_bytes(self.store.blind("entry", &plain));
        let said = format!("{:016x}", digest >> 64);
        if let Some(fact) = self.store.fact_by_id(entry.id)? {
            let same = serde_json::from_slice::<serde_json::Value>(&fact.body)
                .is_ok_and(|body| body["said"] == said.as_str());
            if !same || fact.actor != actor.account {
                return Err(StoreError::IdReused(entry.id).into());
            }
            if let Ok(Body::EntrantFound(found)) = fact.read_body() {
                answer.entrant = Some(found.entrant);
            }
            return Ok(None);
        }
        let now = self.now();
        let policy = self.policy()?;
        let oldest = policy.oldest_entry()?;
        if entry.at > now + CLOCK_DRIFT {
            return Err(Refusal::invalid(
                "at",
                "This lies in the future: is the phone's clock right?",
                "时间在未来，请检查手机时钟。",
            ));
        }
        if now.duration_since(entry.at) > oldest {
            return Err(Refusal::invalid(
                "at",
                "This is too old to be taken from a phone. Ask your area's officer to enter it.",
                "记录过旧，不能从手机上报，请联系辖区管理人员补录。",
            ));
        }
        // A clock that is a little ahead must not date a fact after its own recording.
        let at = entry.at.min(now);
        let taking = Taking {
            house: self,
            actor,
            // The version that was in force when it happened, not when the phone had network again.
            policy: self.policy_at(at)?,
            tree: self.tree()?,
            id: entry.id,
            at,
            now,
            said,
        };
        let written = taking.take(&entry.what)?;
        answer.entrant = written.entrant;
        answer.decision = written.decision;
        let facts = written
            .facts
            .into_iter()
            .enumerate()
            .map(|(nth, (area, body))| {
                let id = match (&body, nth) {
                    (_, 0) => taking.id,
                    (Body::MatterOpened(opened), _)
                        if opened.matter.to_bytes() != taking.id.to_bytes() =>
                    {
                        FactId::from_bytes(opened.matter.to_bytes())
                    }
                    (_, nth) => FactId::from_bytes(taking.other_id(100 + nth as u8)),
                };
                Draft {
                    id,
                    area,
                    actor: actor.account,
                    device: actor.device.clone(),
                    happened_at: taking.at,
                    body,
                }
            });
        Ok(Some(Batch {
            facts: facts.collect(),
            people: written.people,
            ..Batch::default()
        }))
    }

    /// The fact that opens a matter of the field.
    #[allow(clippy::unused_self, reason = "matters are opened by the house")]
    pub(crate) fn matter_body(
        &self,
        policy: &Policy,
        matter: MatterId,
        now: Timestamp,
        opening: Opening<'_>,
    ) -> Result<(AreaCode, Body), Refusal> {
        let kind = policy
            .pack
            .matter(opening.kind)
            .ok_or_else(|| Refusal::Pack(format!("no matter of kind {}", opening.kind)))?;
        let hours = SignedDuration::from_hours(i64::from(kind.deadline_hours));
        Ok((
            opening.area,
            Body::MatterOpened(MatterOpened {
                matter,
                kind: kind.kind.clone(),
                pack: policy.pack.word(),
                title: opening.title,
                detail: opening.detail,
                owner: Owner::Role(kind.owner),
                deadline: opening.deadline.unwrap_or_else(|| now + hours),
                state: kind.start().state.clone(),
                about: Some(opening.about),
            }),
        ))
    }
}

fn note_repeated(answer: &mut EntryAnswer, receipts: &[Receipt]) {
    if receipts.first().is_some_and(|receipt| receipt.repeated) {
        answer.result = Taken::Repeated;
    }
}

fn refused(answer: &mut EntryAnswer, refusal: &Refusal) {
    if matches!(refusal, Refusal::Store(_) | Refusal::Pack(_)) {
        tracing::error!(error = %refusal, "an entry failed");
    }
    answer.result = Taken::Refused;
    answer.decision = None;
    answer.entrant = None;
    answer.refusal = Some(EntryRefusal {
        code: refusal.code(),
        field: refusal.field(),
        message: refusal.message(),
    });
}

impl Taking<'_> {
    fn take(&self, what: &Happening) -> Result<Written, Refusal> {
        match what {
            Happening::Notice {
                source,
                person,
                coming,
                arrived,
                list,
                household,
            } => self.notice(
                *source,
                person,
                coming,
                *arrived,
                list.as_deref(),
                *household,
            ),
            Happening::CheckIn { .. } => self.check_in(what),
            Happening::ResidentPass { checkpoint, person } => {
                self.resident_pass(*checkpoint, *person)
            }
            Happening::Join { entrant, into } => self.join(*entrant, *into),
            Happening::Part { entrant, reason } => self.part(*entrant, reason),
            Happening::TellApart { entrant, other } => self.tell_apart(*entrant, *other),
            Happening::NotCome { entrant, reason } => self.not_come(*entrant, reason),
            Happening::Settle {
                entrant,
                stage,
                reason,
            } => self.settle(*entrant, *stage, reason),
            Happening::Send { .. } => self.send(what),
            Happening::Receive {
                handover,
                entrants,
                missing,
            } => self.receive(*handover, entrants, missing),
            Happening::ClinicAnswer {
                entrant,
                case,
                classification,
                onset,
            } => self.clinic_answer(*entrant, *case, *classification, *onset),
            Happening::Checkpoint { .. } => self.checkpoint(what),
            Happening::Shift { .. } => self.shift(what),
            Happening::Order { .. } => self.order(what),
            Happening::OrderContact { .. } => self.order_contact(what),
            Happening::Move {
                order,
                site,
                room,
                bed,
            } => self.move_bed(*order, *site, room, *bed),
            Happening::Check {
                order,
                temperature,
                symptoms,
                by,
            } => self.check(*order, *temperature, symptoms, *by),
            Happening::Sample { order } => self.sample(*order),
            Happening::SampleAnswer { sample, result } => self.sample_answer(*sample, *result),
            Happening::Absent { order, how } => self.absent(*order, *how),
            Happening::Back { order } => self.back(*order),
            Happening::Needs { order, need, text } => self.needs(*order, *need, text),
            Happening::ProposeChange {
                order,
                change,
                until,
                reason,
            } => self.propose_change(*order, *change, *until, reason),
            Happening::DecideChange {
                change,
                approve,
                note,
            } => self.decide_change(*change, *approve, note.as_deref()),
            Happening::Release { order } => self.release(*order),
            Happening::EndOrder { order, how, reason } => self.end_order(*order, *how, reason),
            Happening::Site { .. } => self.site(what),
            Happening::Household { .. } => self.household(what),
            Happening::Resident { .. } => self.resident(what),
            Happening::Visit { household, people } => self.visit(*household, *people),
        }
    }
}
