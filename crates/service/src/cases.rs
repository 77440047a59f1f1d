//! The line list: masked rows, one case with its history, and files to take out; and the life of a case: reported, corrected,
//! investigated, taken with another report for one.

mod checks;
mod deadlines;
mod duplicates;
mod investigation;
mod report;
mod saved;

use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::cases::{CaseDetails, Classification, Origin, Outcome, Severity};
use lianfang_core::facts::Body;
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::passes::CaseStanding;
use lianfang_core::people::Sex;
use lianfang_core::text::Text;
use lianfang_core::time::{UtcOffset, day_number};
use lianfang_intake::export::{Cell, write_csv, write_xlsx};
use lianfang_store::views::cases::{self as view, CaseCursor, CaseFilter, CaseOrder};
use lianfang_store::views::subjects;
use lianfang_store::{IndexKind, StoreError};
use serde::Serialize;
use serde_json::Value;

use crate::audit::summary;
use crate::contacts::ContactShown;
use crate::links::LinkShown;
use crate::{Actor, House, Refusal};

pub(crate) use checks::optional;
pub use deadlines::{CasesSwept, DeadlineShown};
pub use duplicates::DuplicateShown;
pub(crate) use investigation::vault_place;
pub use investigation::{CaseSampleShown, NewResult, NewSample, NewStay, StayShown};
pub use report::{CaseAnswer, CaseRevision, CasesChange, EditAnswer, NewCase};
pub use saved::{NewView, ViewShown};

/// Rows that an export takes at most: what a spreadsheet can show.
const EXPORT_ROWS: usize = 1_000_000;
/// Facts of a case's history shown at most.
const HISTORY: usize = 500;
/// Contacts of a case shown with it at most.
const CONTACTS: usize = 100;

/// What a case is to those who met it, as the rules ask for it: also one that has recovered since.
pub(crate) fn standing(row: &view::CaseRow) -> CaseStanding {
    match row.details.classification {
        Classification::Excluded => CaseStanding::Excluded,
        Classification::Suspected => CaseStanding::Suspected,
        Classification::Clinical => CaseStanding::Clinical,
        Classification::Confirmed => CaseStanding::Confirmed,
        Classification::Asymptomatic => CaseStanding::Asymptomatic,
    }
}

/// A case in the line list, personal data masked.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CaseShown {
    /// Its id.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// The number under which the reporting institution knows it.
    pub external_id: Option<String>,
    /// The person in the vault.
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
    /// The name, masked.
    pub name: Option<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Age in years.
    pub age_years: Option<u8>,
    /// Where.
    pub area: Area,
    /// Where, as the source wrote it.
    pub place: Option<String>,
    /// First symptoms.
    #[schema(value_type = Option<String>)]
    pub onset: Option<Date>,
    /// First positive sample.
    #[schema(value_type = Option<String>)]
    pub sampled: Option<Date>,
    /// Diagnosis.
    #[schema(value_type = Option<String>)]
    pub diagnosed: Option<Date>,
    /// Report.
    #[schema(value_type = Option<String>)]
    pub reported: Option<Date>,
    /// Admission to hospital.
    #[schema(value_type = Option<String>)]
    pub hospitalised: Option<Date>,
    /// Day of the outcome.
    #[schema(value_type = Option<String>)]
    pub outcome_date: Option<Date>,
    /// Classification.
    pub classification: Classification,
    /// Severity.
    pub severity: Option<Severity>,
    /// Outcome.
    pub outcome: Option<Outcome>,
    /// Imported or local.
    pub origin: Option<Origin>,
    /// Cluster.
    pub cluster: Option<String>,
}

/// A field that a fact changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// What it was.
    pub from: Option<String>,
    /// What it became.
    pub to: Option<String>,
}

/// A fact about a case.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CaseEvent {
    /// Its place in the ledger.
    pub seq: u64,
    /// Its id.
    pub id: String,
    /// When the ledger took it.
    pub recorded_at: String,
    /// When it happened.
    pub happened_at: String,
    /// Who recorded it.
    pub actor: String,
    /// Its kind.
    pub kind: String,
    /// What happened, in words.
    pub summary: Text,
    /// Why, where a correction says so.
    pub reason: Option<String>,
    /// The report whose history this is: another than the case's where it was taken into the case.
    #[schema(value_type = String)]
    pub of: CaseId,
    /// What it changed.
    pub changes: Vec<FieldChange>,
    /// Whether the ledger took it later than it was published, or than its day of report, or than the hours for a report allow.
    pub late: bool,
}

/// A case with its history.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CaseWhole {
    /// As in the list.
    #[serde(flatten)]
    pub row: CaseShown,
    /// Last exposure.
    #[schema(value_type = Option<String>)]
    pub exposed: Option<Date>,
    /// Where from, if imported.
    pub imported_from: Option<String>,
    /// The newest fact that says how it stands: a correction names it.
    pub seq: u64,
    /// All that is known, without what identifies the person.
    pub details: CaseDetails,
    /// The report into which this one was taken.
    #[schema(value_type = Option<String>)]
    pub merged_into: Option<CaseId>,
    /// Reports that were taken into this one.
    pub merged: Vec<CaseShown>,
    /// Reports that are likely of the same case.
    pub duplicates: Vec<DuplicateShown>,
    /// Whether the person was known as a contact before.
    pub was_contact: bool,
    /// When its investigation was complete.
    pub investigated_at: Option<String>,
    /// Deadlines.
    pub deadlines: Vec<DeadlineShown>,
    /// Itinerary, by day and hour.
    pub stays: Vec<StayShown>,
    /// Samples, oldest first.
    pub samples: Vec<CaseSampleShown>,
    /// Contacts, at most 100, those first named newest on top.
    pub contacts: Vec<ContactShown>,
    /// How many contacts there are.
    pub contacts_total: u64,
    /// Who infected whom.
    pub links: Vec<LinkShown>,
    /// What is recorded about it, oldest first.
    pub history: Vec<CaseEvent>,
}

/// Which cases are asked for.
#[derive(Debug, Clone, Default)]
pub struct CaseQuery {
    /// Filters other than text.
    pub filter: CaseFilter,
    /// A number, name, document or phone, whole.
    pub text: Option<String>,
    /// Oldest first.
    pub oldest_first: bool,
    /// Where the page begins, from the page before.
    pub cursor: Option<String>,
    /// Rows at most.
    pub limit: usize,
}

fn read_cursor(text: &str) -> Result<CaseCursor, Refusal> {
    text.split_once('.')
        .and_then(|(day, id)| {
            Some(CaseCursor {
                day: day.parse().ok()?,
                id: id.parse().ok()?,
            })
        })
        .ok_or_else(|| {
            Refusal::invalid(
                "cursor",
                "Use the `next` of the page before.",
                "请使用上一页返回的 next。",
            )
        })
}

/// The fields in which two states of a case differ.
fn changes(
    before: Option<(&CaseDetails, AreaCode)>,
    after: (&CaseDetails, AreaCode),
) -> Vec<FieldChange> {
    let fields = |(details, area): (&CaseDetails, AreaCode)| {
        let mut fields = match serde_json::to_value(details) {
            Ok(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        fields.insert("area".into(), Value::String(area.to_string()));
        fields.remove("person");
        fields
    };
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let (before, after) = (before.map(fields).unwrap_or_default(), fields(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|field| FieldChange {
            field: field.clone(),
            from: text(before.get(field)),
            to: text(after.get(field)),
        })
        .filter(|change| change.from != change.to)
        .collect()
}

impl House {
    /// Narrows a query to what the asker may see, and finds people by what text says of them.
    fn case_filter(&self, actor: &Actor, query: &CaseQuery) -> Result<CaseFilter, Refusal> {
        let top = actor.area_of(Right::ReadCases).ok_or(Refusal::Forbidden)?;
        let mut filter = query.filter.clone();
        let area = filter.area.unwrap_or(top);
        actor.require(Right::ReadCases, area)?;
        filter.area = Some(area);
        let Some(text) = query
            .text
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
        else {
            return Ok(filter);
        };
        let by_number = CaseFilter {
            external_id: Some(text.to_owned()),
            ..filter.clone()
        };
        if self
            .store
            .read(|connection| view::count(connection, &by_number))?
            > 0
        {
            return Ok(by_number);
        }
        let mut people = Vec::new();
        for (kind, text) in Self::index_texts(text) {
            people.extend(self.store.find_people(kind, &text)?);
        }
        people.truncate(1_000);
        filter.people = Some(people);
        Ok(filter)
    }

    /// A case that the asker may read.
    pub(crate) fn readable_case(
        &self,
        actor: &Actor,
        id: CaseId,
    ) -> Result<view::CaseRow, Refusal> {
        self.store
            .read(|connection| Ok(view::get(connection, id)?))?
            .filter(|row| actor.may(Right::ReadCases, row.area))
            .ok_or(Refusal::NotFound("case"))
    }

    /// Cases that the asker may read, in the order in which they are named.
    pub(crate) fn readable_cases(
        &self,
        actor: &Actor,
        ids: &[CaseId],
    ) -> Result<Vec<view::CaseRow>, Refusal> {
        let rows = self.store.read(|c| {
            ids.iter()
                .map(|id| Ok(view::get(c, *id)?))
                .collect::<Result<Vec<_>, StoreError>>()
        })?;
        rows.into_iter()
            .map(|row| {
                row.filter(|row| actor.may(Right::ReadCases, row.area))
                    .ok_or(Refusal::NotFound("case"))
            })
            .collect()
    }

    /// A case that the asker may read, or the one into which it was taken.
    pub(crate) fn standing_case(
        &self,
        actor: &Actor,
        id: CaseId,
    ) -> Result<view::CaseRow, Refusal> {
        let row = self.readable_case(actor, id)?;
        match row.merged_into {
            Some(root) => self.readable_case(actor, root),
            None => Ok(row),
        }
    }

    fn index_texts(text: &str) -> Vec<(IndexKind, String)> {
        use lianfang_core::identifiers::{Phone, ResidentId};
        let mut texts = vec![
            (IndexKind::Name, text.to_owned()),
            (IndexKind::Document, text.to_uppercase()),
        ];
        if let Ok(id) = text.parse::<ResidentId>() {
            texts.push((IndexKind::Document, id.to_string()));
        }
        if let Ok(phone) = text.parse::<Phone>() {
            texts.push((IndexKind::Phone, phone.to_string()));
        }
        texts
    }

    pub(crate) fn shown(&self, rows: &[view::CaseRow]) -> Result<Vec<CaseShown>, Refusal> {
        let tree = self.tree()?;
        let people: Vec<PersonId> = rows.iter().filter_map(|row| row.details.person).collect();
        let mut data = self.store.open_people(&people)?.into_iter();
        let mut shown = Vec::with_capacity(rows.len());
        for row in rows {
            let d = &row.details;
            let known = d.person.and_then(|_| data.next().flatten());
            shown.push(CaseShown {
                case: row.case,
                external_id: d.external_id.clone(),
                person: d.person.filter(|_| known.is_some()),
                name: known.and_then(|data| data.masked_name()),
                sex: d.sex,
                age_years: d.age_years,
                area: tree.get_or_unnamed(row.area),
                place: d.place.clone(),
                onset: d.onset,
                sampled: d.sampled,
                diagnosed: d.diagnosed,
                reported: d.reported,
                hospitalised: d.hospitalised,
                outcome_date: d.outcome_date,
                classification: d.classification,
                severity: d.severity,
                outcome: d.outcome,
                origin: d.origin,
                cluster: d.cluster.clone(),
            });
        }
        Ok(shown)
    }

    /// A page of the line list, how many rows there are, and where the next page begins.
    pub fn cases(
        &self,
        actor: &Actor,
        query: &CaseQuery,
    ) -> Result<(Vec<CaseShown>, u64, Option<String>), Refusal> {
        let filter = self.case_filter(actor, query)?;
        let order = if query.oldest_first {
            CaseOrder::Oldest
        } else {
            CaseOrder::Newest
        };
        let cursor = query.cursor.as_deref().map(read_cursor).transpose()?;
        let (rows, total) = self.store.read(|connection| {
            Ok((
                view::list(connection, &filter, order, cursor, query.limit + 1)?,
                view::count(connection, &filter)?,
            ))
        })?;
        let page = &rows[..rows.len().min(query.limit)];
        let next = (rows.len() > query.limit)
            .then(|| {
                page.last()
                    .map(|last| format!("{}.{}", day_number(last.day), last.id))
            })
            .flatten();
        Ok((self.shown(page)?, total, next))
    }

    /// One case with all that is recorded about it.
    pub fn case(&self, actor: &Actor, id: CaseId) -> Result<CaseWhole, Refusal> {
        let row = self.readable_case(actor, id)?;
        let (members, merged) = self
            .store
            .read(|c| Ok((view::members(c, id)?, view::merged_into(c, id)?)))?;
        let mut history = self.history(&row)?;
        for other in &merged {
            history.extend(self.history(other)?);
        }
        history.sort_by_key(|event| event.seq);
        history.dedup_by_key(|event| event.seq);
        let (contacts, contacts_total) = self.contacts_of_case(&members, CONTACTS)?;
        let mut shown = self.shown(std::slice::from_ref(&row))?;
        let offset = self.store.utc_offset();
        Ok(CaseWhole {
            row: shown.pop().ok_or(Refusal::NotFound("case"))?,
            exposed: row.details.exposed,
            imported_from: row.details.imported_from.clone(),
            seq: row.seq,
            merged_into: row.merged_into,
            merged: self.shown(&merged)?,
            duplicates: self.duplicates_of(actor, &row)?,
            was_contact: row.was_contact,
            investigated_at: row.investigated_at.map(|at| offset.rfc3339(at)),
            deadlines: self.deadlines_of(id)?,
            stays: self.stays_shown(actor, &row)?,
            samples: self.samples_shown(&row)?,
            contacts,
            contacts_total,
            links: self.case_links(actor, id)?,
            details: CaseDetails {
                person: None,
                ..row.details
            },
            history,
        })
    }

    /// The facts about a report: what each changed, and whether it came late.
    fn history(&self, row: &view::CaseRow) -> Result<Vec<CaseEvent>, Refusal> {
        let mut facts = Vec::from_iter(self.store.fact(row.id)?);
        facts.extend(
            self.store.read(|connection| {
                subjects::facts_about(connection, row.case.to_bytes(), HISTORY)
            })?,
        );
        let offset = self.store.utc_offset();
        let hours = self
            .policy()?
            .pack
            .matter("case_report")
            .map(|kind| kind.deadline_hours);
        let mut before: Option<(CaseDetails, AreaCode)> = None;
        let mut history = Vec::with_capacity(facts.len());
        for fact in facts {
            let body = fact.read_body().map_err(StoreError::from)?;
            let known = body.known_on(fact.recorded_at, offset);
            let mut event = CaseEvent {
                seq: fact.seq,
                id: fact.id.to_string(),
                recorded_at: offset.rfc3339(fact.recorded_at),
                happened_at: offset.rfc3339(fact.happened_at),
                actor: self.account_name(fact.actor)?,
                kind: fact.kind.clone(),
                summary: summary(&body),
                reason: None,
                of: row.case,
                changes: Vec::new(),
                late: is_late(fact.recorded_at, known, offset),
            };
            if let Body::CaseReported(case) | Body::CaseRevised(case) = &body {
                let details = case.record.details.clone();
                event.reason.clone_from(&case.reason);
                event.changes =
                    changes(before.as_ref().map(|(d, a)| (d, *a)), (&details, fact.area));
                let first = before.is_none() && case.published.is_none();
                let reported = details.reported.filter(|_| first);
                event.late |= reported.is_some_and(|day| day < offset.day_of(fact.recorded_at));
                event.late |= first && deadlines::is_late_report(row, hours, fact.recorded_at);
                before = Some((details, fact.area));
            }
            history.push(event);
        }
        Ok(history)
    }

    /// The line list as a file, without personal data.
    pub fn export_cases(
        &self,
        actor: &Actor,
        query: &CaseQuery,
        xlsx: bool,
    ) -> Result<Vec<u8>, Refusal> {
        let filter = self.case_filter(actor, query)?;
        actor.require(Right::Export, filter.area.unwrap_or(AreaCode::COUNTRY))?;
        let order = if query.oldest_first {
            CaseOrder::Oldest
        } else {
            CaseOrder::Newest
        };
        let rows = self
            .store
            .read(|connection| view::list(connection, &filter, order, None, EXPORT_ROWS))?;
        let cells = rows.iter().map(export_row);
        let mut out = Vec::new();
        let written = if xlsx {
            write_xlsx(&mut out, "line list", EXPORT_HEADER, cells)
        } else {
            write_csv(&mut out, EXPORT_HEADER, cells)
        };
        written.map_err(|error| Refusal::Pack(error.to_string()))?;
        Ok(out)
    }
}

fn is_late(recorded_at: jiff::Timestamp, known: Date, offset: UtcOffset) -> bool {
    offset.day_of(recorded_at) > known
}

const EXPORT_HEADER: &[&str] = &[
    "case",
    "external_id",
    "area",
    "place",
    "sex",
    "age",
    "exposed",
    "onset",
    "sampled",
    "diagnosed",
    "reported",
    "hospitalised",
    "classification",
    "severity",
    "outcome",
    "outcome_date",
    "origin",
    "imported_from",
    "cluster",
];

fn export_row(row: &view::CaseRow) -> Vec<Cell> {
    let d = &row.details;
    let text = |text: Option<&str>| text.map_or(Cell::Empty, |text| Cell::Text(text.to_owned()));
    let day = |day: Option<Date>| day.map_or(Cell::Empty, Cell::Date);
    let sex = d.sex.map(|sex| match sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Other => "other",
    });
    vec![
        Cell::Text(row.case.to_string()),
        text(d.external_id.as_deref()),
        Cell::Text(row.area.to_string()),
        text(d.place.as_deref()),
        text(sex),
        d.age_years.map_or(Cell::Empty, |age| Cell::Int(age.into())),
        day(d.exposed),
        day(d.onset),
        day(d.sampled),
        day(d.diagnosed),
        day(d.reported),
        day(d.hospitalised),
        text(Some(d.classification.word())),
        text(d.severity.map(Severity::word)),
        text(d.outcome.map(Outcome::word)),
        day(d.outcome_date),
        text(d.origin.map(Origin::word)),
        text(d.imported_from.as_deref()),
        text(d.cluster.as_deref()),
    ]
}
