//! Who met whom: of a case and a contact, the contact is of that case; of a case and another case, the one infected the other.

use std::collections::HashSet;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::contacts::{Certainty, Channel, ContactClass, Meeting};
use lianfang_core::facts::{Body, ContactNamed, Draft, LinkStated};
use lianfang_core::ids::{FactId, LinkId};
use lianfang_core::text::Text;
use lianfang_intake::{Code, RelationshipRow, Relationships, Source};
use lianfang_store::Batch;
use lianfang_store::views::cases::CaseRow;
use lianfang_store::views::contacts::{self, ListedRow};

use super::{CHUNK, Pending, Reason, case_unknown, contact_unknown};
use crate::Refusal;
use crate::imports::session::Session;
use crate::links::possible;

/// A meeting as a file gives it.
#[derive(Debug)]
#[allow(clippy::struct_field_names, reason = "the names of the fact")]
pub(super) struct Met {
    pub(super) met: Option<Date>,
    pub(super) met_first: Option<Date>,
    pub(super) meeting: Meeting,
    pub(super) certainty: Option<Certainty>,
    pub(super) class: Option<ContactClass>,
}

impl Session<'_> {
    pub(in crate::imports) fn relationships(&mut self, source: Source) -> Result<(), Refusal> {
        let preset = self.preset.ok_or(Refusal::NotFound("preset"))?;
        let mut list = Relationships::open(source, preset, self.options)?;
        let header = list.header().to_vec();
        self.report
            .other_sheets
            .clone_from(&list.info().other_sheets);
        let mut pending = Vec::with_capacity(CHUNK);
        let mut seen: HashSet<FactId> = HashSet::new();
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, &header)? else {
                continue;
            };
            let id = self.relationship_id(&row);
            if !seen.insert(id) || self.house.store().fact_by_id(id)?.is_some() {
                self.report.rows_unchanged += 1;
                continue;
            }
            match self.relationship(id, &row)? {
                Ok(facts) => pending.push(Pending {
                    batch: Batch::of(facts),
                    row: row.row,
                    cells: list.cells(),
                    revises: false,
                }),
                Err(reason) => self.refuse_for(row.row, list.cells(), &header, reason)?,
            }
            if pending.len() >= CHUNK {
                self.settle(&mut pending, &header)?;
            }
        }
        self.settle(&mut pending, &header)
    }

    /// A meeting is told by what is said of it: the same said under another number is the same meeting.
    fn relationship_id(&self, row: &RelationshipRow) -> FactId {
        let said = (
            (&row.case, &row.contact),
            (row.met, row.met_first, row.meeting, row.certainty),
        );
        let text = format!("relationship {} {said:?}", self.source_name());
        self.fact_id(row.met, &text)
    }

    fn relationship(
        &mut self,
        id: FactId,
        row: &RelationshipRow,
    ) -> Result<Result<Vec<Draft>, Reason>, Refusal> {
        let Some(case) = self.case_numbered(&row.case)? else {
            return Ok(Err(case_unknown()));
        };
        let infected = self.case_numbered(&row.contact)?;
        let listed = self.listed_numbered(&row.contact)?;
        if infected.is_none() && listed.is_none() {
            return Ok(Err(contact_unknown()));
        }
        if row.case == row.contact
            || infected
                .as_ref()
                .is_some_and(|one| one.root() == case.root())
        {
            let message = Text::new(
                "Nobody is a contact of themselves, or infects themselves.",
                "本人不能是自己的接触者，也不能感染自己。",
            );
            return Ok(Err(("contact", Code::NotAccepted, message)));
        }
        let met = Met {
            met: row.met,
            met_first: row.met_first,
            meeting: row.meeting,
            certainty: row.certainty,
            class: None,
        };
        let mut facts = Vec::new();
        if let Some(infected) = &infected {
            match self.infection(id, row.row, &case, infected, &met)? {
                Ok(link) => facts.push(link),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        if let Some(listed) = &listed {
            let id = if facts.is_empty() {
                id
            } else {
                FactId::from_bytes(self.house.beside(id, "contact"))
            };
            facts.extend(self.named(id, &case, listed, &met)?);
        }
        Ok(Ok(facts))
    }

    /// That one case infected another. A source gives the last of their meetings: it may lie after first symptoms.
    fn infection(
        &mut self,
        id: FactId,
        row: u64,
        infector: &CaseRow,
        infectee: &CaseRow,
        met: &Met,
    ) -> Result<Result<Draft, Reason>, Refusal> {
        let policy = self.house.policy()?;
        if let Some(settings) = &policy.pack.cases {
            let bounds = (settings.earliest_serial_days, self.options.today);
            match possible(infector, infectee, None, bounds) {
                Err(Refusal::Invalid { message, .. }) => {
                    return Ok(Err(("contact", Code::DateOrder, message)));
                }
                other => other?,
            }
        }
        let ill = infectee.details.onset.or(infectee.details.sampled);
        if met.met.zip(ill).is_some_and(|(met, ill)| met > ill) {
            self.odd(
                row,
                "met",
                "met again after the first symptoms, or the first positive sample, of the one infected; possible, but look again",
                "被感染者发病或首次阳性采样后仍有接触；有可能，但请核对",
            );
        }
        let stated = Body::LinkStated(LinkStated {
            link: LinkId::from_bytes(id.to_bytes()),
            infector: infector.case,
            infectee: infectee.case,
            certainty: met.certainty.unwrap_or(Certainty::Possible),
            met: met.met,
            meeting: met.meeting,
            suggested: None,
            said: String::new(),
        });
        Ok(Ok(self.dated(
            id,
            infectee.area,
            stated,
            self.began(met.met),
        )))
    }

    /// That somebody on a list is a contact of a case. The source follows them as a contact: what it does not class is close.
    pub(super) fn named(
        &mut self,
        id: FactId,
        case: &CaseRow,
        listed: &ListedRow,
        met: &Met,
    ) -> Result<Vec<Draft>, Refusal> {
        let contact = self.house.contact_id(case.case, listed.person);
        let policy = self.house.policy()?;
        let days = policy
            .pack
            .cases
            .as_ref()
            .map(|settings| settings.follow_days);
        let last = met.met.or(listed.details.last_contact);
        let until = listed
            .details
            .followed_until
            .or_else(|| last?.checked_add(i64::from(days?).days()).ok());
        let at = self.began(listed.details.reported.or(met.met));
        let named = Body::ContactNamed(ContactNamed {
            contact,
            person: listed.person,
            case: case.case,
            through: None,
            channel: Channel::Import,
            met: met.met,
            met_first: met.met_first.filter(|first| Some(*first) != met.met),
            meeting: met.meeting,
            certainty: met.certainty,
            class: met.class.unwrap_or(ContactClass::Close),
            rule: None,
            pack: None,
            evidence: serde_json::Map::new(),
            until,
            details: listed.details.clone(),
            said: String::new(),
        });
        let mut facts = vec![self.dated(id, listed.area, named, at)];
        let known = self
            .house
            .store()
            .read(|c| Ok(contacts::get(c, contact)?))?;
        if known.is_none() && self.tied.insert(contact) {
            let as_listed = (listed.status, &listed.details);
            facts.extend(self.step(id, contact, listed.area, as_listed, at));
        }
        Ok(facts)
    }
}
