//! Contacts from files: who they are, whom they met, how they were followed, and samples.
//!
//! Rows name cases and contacts by the numbers of their own lists: those that the line list and the list of contacts of the same
//! source have given. So the line list comes first, then the list of contacts, then who met whom, then follow-up and samples; a
//! row that names somebody who is not on record yet comes back and says which file is missing. What a row said is known again by
//! a keyed hash, so that the same file twice changes nothing.

mod followups;
mod labresults;
mod listed;
mod relationships;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::{ContactDetails, ContactStatus, ContactStep};
use lianfang_core::facts::{Body, ContactStepped, Draft};
use lianfang_core::ids::{CaseId, ContactId, FactId, ListedId};
use lianfang_core::text::Text;
use lianfang_intake::{Code, Finding, Preset};
use lianfang_store::Batch;
use lianfang_store::views::cases::{self, CaseFilter, CaseOrder, CaseRow};
use lianfang_store::views::contacts::{self, ListedRow};

use super::session::Session;
use crate::Refusal;

/// Rows appended at once.
const CHUNK: usize = 1_000;

/// A row on its way, with its cells in case it is refused yet.
pub(super) struct Pending {
    batch: Batch,
    row: u64,
    cells: Vec<String>,
    /// Whether it corrects what was known.
    revises: bool,
}

/// Why a row is refused.
type Reason = (&'static str, Code, Text);

fn case_unknown() -> Reason {
    (
        "case",
        Code::CaseUnknown,
        Text::new(
            "No case of this number is on record. Import the line list first; if its row was refused there, mend that row first.",
            "没有该编号的病例。请先导入病例一览表；若该病例行被拒绝，请先更正。",
        ),
    )
}

fn contact_unknown() -> Reason {
    (
        "contact",
        Code::ContactUnknown,
        Text::new(
            "No contact or case of this number is on record. Import the list of contacts, and the line list, first.",
            "没有该编号的接触者或病例。请先导入接触者名单和病例一览表。",
        ),
    )
}

fn of_no_case() -> Reason {
    (
        "contact",
        Code::ContactUnknown,
        Text::new(
            "This contact is of no case yet. Import who met whom (relationships) first.",
            "该接触者尚未关联任何病例。请先导入接触关系。",
        ),
    )
}

impl Session<'_> {
    /// The name under which the line list of the same source gave its numbers: that of the preset, without the kind.
    fn source_name(&self) -> String {
        let name = self.preset.map_or("", Preset::name);
        let kind = self.report.kind.word();
        match name.strip_suffix(kind) {
            Some("") => "generic".into(),
            Some(source) => source.trim_end_matches('-').to_owned(),
            None => name.to_owned(),
        }
    }

    /// A case, by the number of its line list, by any number that only one case has, or by its id here.
    fn case_numbered(&self, number: &str) -> Result<Option<CaseRow>, Refusal> {
        let store = self.house.store();
        let source = self.source_name();
        let digest = store.blind("case by number", &format!("{source}\n{number}"));
        let by_number = CaseFilter {
            external_id: Some(number.to_owned()),
            ..CaseFilter::default()
        };
        Ok(store.read(|c| {
            let own = number.parse::<CaseId>().ok();
            for id in [Some(CaseId::from_bytes(digest)), own]
                .into_iter()
                .flatten()
            {
                if let Some(row) = cases::get(c, id)? {
                    return Ok(Some(row));
                }
            }
            let mut found = cases::list(c, &by_number, CaseOrder::Newest, None, 2)?;
            Ok(found.pop().filter(|_| found.is_empty()))
        })?)
    }

    fn listed_id(&self, number: &str) -> ListedId {
        let source = self.source_name();
        let store = self.house.store();
        ListedId::from_bytes(store.blind("contact by number", &format!("{source}\n{number}")))
    }

    fn listed_numbered(&self, number: &str) -> Result<Option<ListedRow>, Refusal> {
        let id = self.listed_id(number);
        Ok(self.house.store().read(|c| Ok(contacts::listed(c, id)?))?)
    }

    /// Who the contact of the same number is, for a case of a line list.
    pub(super) fn as_contact(
        &self,
        number: Option<&str>,
    ) -> Result<Option<lianfang_core::ids::PersonId>, Refusal> {
        match number {
            Some(number) => Ok(self.listed_numbered(number)?.map(|row| row.person)),
            None => Ok(None),
        }
    }

    /// The moment at which a day of a file began, not in the future.
    fn began(&self, day: Option<Date>) -> Timestamp {
        let now = self.house.now();
        day.map_or(now, |day| {
            self.house.store().utc_offset().start_of(day).min(now)
        })
    }

    fn dated(&self, id: FactId, area: AreaCode, body: Body, at: Timestamp) -> Draft {
        Draft {
            happened_at: at,
            ..self.house.draft_as(id, self.actor, area, body)
        }
    }

    /// The step that the status on another list stands for.
    fn step(
        &self,
        id: FactId,
        contact: ContactId,
        area: AreaCode,
        (status, details): (Option<ContactStatus>, &ContactDetails),
        named_at: Timestamp,
    ) -> Option<Draft> {
        let (step, day) = match status? {
            ContactStatus::Located => (ContactStep::Located, details.followed_from),
            ContactStatus::Notified | ContactStatus::Watched => {
                (ContactStep::Notified, details.followed_from)
            }
            ContactStatus::Released => (ContactStep::Released, details.followed_until),
            ContactStatus::Lost => (ContactStep::Lost, details.followed_until),
            ContactStatus::Refused => (ContactStep::Refused, details.followed_until),
            ContactStatus::Gone => (ContactStep::Gone, details.followed_until),
            ContactStatus::Named | ContactStatus::BecameCase => return None,
        };
        let at = self.began(day.or(details.reported)).max(named_at);
        let body = Body::ContactStepped(ContactStepped {
            contact,
            step,
            result: None,
            said: String::new(),
        });
        let name = format!("step {contact}");
        let id = FactId::from_bytes(self.house.beside(id, &name));
        Some(self.dated(id, area, body, at))
    }

    /// Appends rows, each all or nothing on its own, and counts what became of them.
    fn settle(&mut self, pending: &mut Vec<Pending>, header: &[String]) -> Result<(), Refusal> {
        let rows = std::mem::take(pending);
        if self.dry_run {
            for row in rows {
                self.took(row.revises);
            }
            return Ok(());
        }
        let mut batches = Vec::with_capacity(rows.len());
        let mut told = Vec::with_capacity(rows.len());
        for row in rows {
            batches.push(row.batch);
            told.push((row.row, row.cells, row.revises));
        }
        let results = self.house.store().append_each(batches);
        for ((row, cells, revises), result) in told.into_iter().zip(results) {
            let receipts = match result.map_err(Refusal::from) {
                Ok(receipts) => receipts,
                Err(error @ (Refusal::Store(_) | Refusal::Pack(_))) => return Err(error),
                Err(refusal) => {
                    let field = refusal.field().unwrap_or("row");
                    let reason = (field, Code::NotAccepted, refusal.message());
                    self.refuse_for(row, cells, header, reason)?;
                    continue;
                }
            };
            let new = receipts.iter().filter(|receipt| !receipt.repeated).count() as u64;
            self.report.facts_appended += new;
            if new == 0 {
                self.report.rows_unchanged += 1;
            } else {
                self.took(revises);
            }
        }
        Ok(())
    }

    fn took(&mut self, revises: bool) {
        if revises {
            self.report.rows_revised += 1;
        } else {
            self.report.rows_taken += 1;
        }
    }

    /// Notes an order of days that can be but seldom is.
    fn odd(&mut self, row: u64, field: &str, en: &str, zh: &str) {
        self.report.warn(Finding {
            row,
            field: field.to_owned(),
            code: Code::DateOrderOdd,
            message: Text::new(en, zh),
        });
    }
}
