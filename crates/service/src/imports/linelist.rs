//! Line lists: each row a case, new, unchanged or corrected.
//!
//! A case is known again by its number at the reporting institution, or, without one, by all
//! that its row says. A person is known again by the identity document.

use std::collections::{BTreeSet, HashMap};
use std::sync::mpsc::{SyncSender, sync_channel};

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{CaseDetails, CaseRecord};
use lianfang_core::facts::{Body, CaseFact, Draft};
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::people::PersonalData;
use lianfang_core::text::Text;
use lianfang_intake::preset::Field;
use lianfang_intake::{Code, Finding, LineList, LineListRow, Preset, RefusedRow, Source};
use lianfang_store::views::cases::{self, CaseRow};
use lianfang_store::{Batch, IndexKind, SealedPerson, Store, StoreError};

use super::session::Session;
use crate::Refusal;
use crate::field::person::laid_over;

/// Rows held against the ledger and appended at once.
const CHUNK: usize = 20_000;
/// Chunks waiting for the writer while the next is read.
const AHEAD: usize = 1;
/// A reason for a correction that a file brings.
const FROM_FILE: &str = "corrected by a later file";

/// A row on its way into the ledger.
struct Incoming {
    case: CaseId,
    area: AreaCode,
    details: CaseDetails,
    personal: PersonalData,
    published: Option<Date>,
}

/// What a row adds.
enum Outcome {
    New(Draft, Option<SealedPerson>),
    Revised(Draft, Option<SealedPerson>),
    Unchanged,
}

impl Session<'_> {
    pub(super) fn linelist(&mut self, source: Source) -> Result<(), Refusal> {
        let preset = self.preset.ok_or(Refusal::NotFound("preset"))?;
        let mut list = LineList::open(source, preset, self.options)?;
        let header = list.header().to_vec();
        self.report
            .other_sheets
            .clone_from(&list.info().other_sheets);
        self.unsaid = unsaid(&list);
        let house = self.house;
        std::thread::scope(|scope| {
            let (chunks, waiting) = sync_channel::<Batch>(AHEAD);
            let writer = scope.spawn(move || -> Result<u64, StoreError> {
                let mut appended = 0;
                for batch in waiting {
                    let receipts = house.store().append(batch)?;
                    appended += receipts.iter().filter(|receipt| !receipt.repeated).count() as u64;
                }
                Ok(appended)
            });
            let read = self.read_rows(&mut list, &header, &chunks);
            drop(chunks);
            let appended = writer.join().map_err(|_| StoreError::WriterStopped)?;
            // What the writer says comes first: a reader stops when the writer has.
            self.report.facts_appended += appended?;
            read
        })
    }

    fn read_rows(
        &mut self,
        list: &mut LineList,
        header: &[String],
        chunks: &SyncSender<Batch>,
    ) -> Result<(), Refusal> {
        let mut pending: Vec<Incoming> = Vec::with_capacity(CHUNK);
        let mut seen: HashMap<CaseId, [u8; 16]> = HashMap::new();
        let mut named: BTreeSet<AreaCode> = BTreeSet::new();
        let mut areas: Vec<Draft> = Vec::new();
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, header)? else {
                continue;
            };
            let Some(area) = row.area else {
                let message = Text::new(
                    "The row names no area. Takes an area code, or an area for the whole file.",
                    "该行没有地区编码。请填写地区编码，或为整个文件指定地区。",
                );
                let finding = Finding {
                    row: row.row,
                    field: "area".into(),
                    code: Code::MissingValue,
                    message,
                };
                self.refuse(
                    &RefusedRow {
                        row: row.row,
                        findings: vec![finding],
                        cells: list.cells(),
                    },
                    header,
                )?;
                continue;
            };
            if let Some(finding) = self.check_area(row.row, area)? {
                self.refuse(
                    &RefusedRow {
                        row: row.row,
                        findings: vec![finding],
                        cells: list.cells(),
                    },
                    header,
                )?;
                continue;
            }
            if named.insert(area) {
                areas.extend(self.define_if_unknown(area, row.place.as_deref())?);
            }
            let number = row.row;
            let incoming = self.incoming(row, area);
            let content = self.content(&incoming);
            match seen.insert(incoming.case, content) {
                None => pending.push(incoming),
                Some(before) if before == content => self.report.rows_unchanged += 1,
                Some(before) => {
                    seen.insert(incoming.case, before);
                    let message = Text::new(
                        "An earlier row of this file gives the same case otherwise. Keep one of the two.",
                        "本文件前面已有同一病例且内容不同，请只保留一行。",
                    );
                    let finding = Finding {
                        row: number,
                        field: "external_id".into(),
                        code: Code::RepeatedCase,
                        message,
                    };
                    self.refuse(
                        &RefusedRow {
                            row: number,
                            findings: vec![finding],
                            cells: list.cells(),
                        },
                        header,
                    )?;
                }
            }
            if pending.len() >= CHUNK {
                self.hand_over(
                    std::mem::take(&mut pending),
                    std::mem::take(&mut areas),
                    chunks,
                )?;
            }
        }
        self.hand_over(pending, areas, chunks)
    }

    /// Who and what a row is about, by keyed hashes of what identifies them.
    fn incoming(&self, row: LineListRow, area: AreaCode) -> Incoming {
        let store = self.house.store();
        let preset = self.preset.map_or("", Preset::name);
        let personal = PersonalData {
            name: row.name,
            document_kind: row
                .document
                .as_ref()
                .map(|document| document.kind().to_owned()),
            document: row
                .document
                .as_ref()
                .map(|document| document.number().to_owned()),
            phone: row.phone.as_ref().map(ToString::to_string),
            address: row.address,
            ..PersonalData::default()
        };
        let details = CaseDetails {
            person: None,
            external_id: row.external_id,
            visual_id: row.visual_id,
            sex: row.sex,
            age_years: row.age_years,
            place: row.place,
            exposed: row.exposed,
            onset: row.onset,
            sampled: row.sampled,
            diagnosed: row.diagnosed,
            reported: row.reported,
            hospitalised: row.hospitalised,
            classification: row.classification,
            severity: row.severity,
            outcome: row.outcome,
            outcome_date: row.outcome_date,
            origin: row.origin,
            imported_from: row.imported_from,
            cluster: row.cluster,
            symptoms: row.symptoms,
            onset_approximate: row.onset_approximate,
            diagnosed_at: None,
            reported_by: row.reported_by,
            isolated: row.isolated,
            isolation_ended: row.isolation_ended,
            isolation_place: row.isolation_place,
            hospital: row.hospital,
            discharged: row.discharged,
            was_contact: row.was_contact,
            became_case: row.became_case,
            last_contact: row.last_contact,
            followed_from: row.followed_from,
            followed_until: row.followed_until,
            pregnancy: row.pregnancy,
            occupation: row.occupation,
            risk: row.risk,
            risk_reason: row.risk_reason,
            transfer_refused: row.transfer_refused,
        };
        let case = CaseId::from_bytes(match &details.external_id {
            Some(id) => store.blind("case by number", &format!("{preset}\n{id}")),
            None => store.blind("case by content", &content(area, &details, &personal)),
        });
        let published = details.curve_day();
        Incoming {
            case,
            area,
            details,
            personal,
            published,
        }
    }

    fn content(&self, incoming: &Incoming) -> [u8; 16] {
        let text = content(incoming.area, &incoming.details, &incoming.personal);
        self.house.store().blind("row content", &text)
    }

    fn hand_over(
        &mut self,
        rows: Vec<Incoming>,
        areas: Vec<Draft>,
        chunks: &SyncSender<Batch>,
    ) -> Result<(), Refusal> {
        let known = known_cases(self.house.store(), &rows)?;
        let mut batch = Batch::of(areas);
        for (row, known) in rows.into_iter().zip(known) {
            match self.outcome(row, known.as_ref())? {
                Outcome::Unchanged => self.report.rows_unchanged += 1,
                Outcome::New(draft, person) => {
                    self.report.rows_taken += 1;
                    batch.facts.push(draft);
                    batch.people.extend(person);
                }
                Outcome::Revised(draft, person) => {
                    self.report.rows_revised += 1;
                    batch.facts.push(draft);
                    batch.people.extend(person);
                }
            }
        }
        if !self.dry_run && !batch.facts.is_empty() {
            chunks.send(batch).map_err(|_| StoreError::WriterStopped)?;
        }
        Ok(())
    }

    /// The person of this document, or a new one. The id is random: once the vault has forgotten
    /// a person, nothing in the ledger leads back.
    pub(super) fn person(&mut self, personal: &PersonalData) -> Result<PersonId, Refusal> {
        let fresh = || PersonId::from_bytes(self.house.new_id().to_bytes());
        let Some(document) = &personal.document else {
            return Ok(fresh());
        };
        let store = self.house.store();
        let key = store.blind("document in this import", document);
        if let Some(person) = self.people.get(&key) {
            return Ok(*person);
        }
        let person = store
            .find_people(IndexKind::Document, document)?
            .first()
            .copied()
            .unwrap_or_else(fresh);
        self.people.insert(key, person);
        Ok(person)
    }

    fn outcome(&mut self, row: Incoming, known: Option<&CaseRow>) -> Result<Outcome, Refusal> {
        let store = self.house.store();
        let Incoming {
            case,
            area,
            mut details,
            mut personal,
            published,
        } = row;
        let kept = known.and_then(|before| before.details.person);
        let in_vault = kept
            .map(|person| store.open_person(person))
            .transpose()?
            .flatten();
        if kept.is_some() && in_vault.is_none() {
            // Whom the vault has forgotten stays forgotten.
            personal = PersonalData::default();
        }
        if let Some(before) = known {
            details = keeping(&before.details, details, &self.unsaid);
        }
        details.person = match kept {
            // A file without personal data says nothing of the person, and takes nothing away.
            Some(person) => Some(person),
            None if personal.is_empty() => None,
            None => Some(match self.as_contact(details.external_id.as_deref())? {
                Some(person) => person,
                None => self.person(&personal)?,
            }),
        };
        if let Some(person) = details.person.filter(|_| !personal.is_empty()) {
            let before = match &in_vault {
                Some(data) => Some(data.clone()),
                None => store.open_person(person)?,
            };
            if let Some(before) = before {
                personal = laid_over(&before, &personal);
            }
        }
        let (place, body) = match known {
            None => {
                let record = CaseRecord { case, details };
                (
                    0,
                    Body::CaseReported(CaseFact {
                        record,
                        published,
                        reason: None,
                    }),
                )
            }
            Some(before) => {
                let same_person = personal.is_empty() || in_vault.as_ref() == Some(&personal);
                if before.area == area && before.details == details && same_person {
                    return Ok(Outcome::Unchanged);
                }
                // A correction is known from today on: what was known then stays as it was.
                let record = CaseRecord { case, details };
                (
                    before.seq,
                    Body::CaseRevised(CaseFact {
                        record,
                        published: None,
                        reason: Some(FROM_FILE.into()),
                    }),
                )
            }
        };
        let person = match &body {
            Body::CaseReported(fact) | Body::CaseRevised(fact) => fact.record.details.person,
            _ => None,
        };
        let sealed = match person {
            Some(person) if !self.dry_run && !personal.is_empty() => {
                Some(store.seal(person, &personal))
            }
            _ => None,
        };
        let id = self.fact_id(
            published,
            &format!(
                "{case} after {place} {area} {}",
                String::from_utf8_lossy(&body.canonical())
            ),
        );
        let draft = self.house.draft_as(id, self.actor, area, body);
        Ok(if known.is_some() {
            Outcome::Revised(draft, sealed)
        } else {
            Outcome::New(draft, sealed)
        })
    }
}

/// The fields of a case for which a file has no column.
fn unsaid(list: &LineList) -> Vec<String> {
    let of_case = |field: &Field| match field {
        Field::Age => "age_years".to_owned(),
        field => field.word().to_owned(),
    };
    let mut fields: Vec<String> = Field::ALL
        .iter()
        .filter(|field| !list.has(**field))
        .map(of_case)
        .collect();
    fields.push("diagnosed_at".into());
    fields
}

/// What a row says, and of what the file does not speak what was known.
fn keeping(before: &CaseDetails, row: CaseDetails, unsaid: &[String]) -> CaseDetails {
    let fields = |details: &CaseDetails| match serde_json::to_value(details) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (known, mut fields) = (fields(before), fields(&row));
    for name in unsaid {
        // Sex and age may follow from the identity number, without a column of their own.
        if let Some(value) = known.get(name) {
            fields.entry(name.as_str()).or_insert_with(|| value.clone());
        }
    }
    serde_json::from_value(serde_json::Value::Object(fields)).unwrap_or(row)
}

/// All that a row says, as text to hash.
fn content(area: AreaCode, details: &CaseDetails, personal: &PersonalData) -> String {
    serde_json::to_string(&(area, details, personal)).expect("a row is plain values")
}

fn known_cases(store: &Store, rows: &[Incoming]) -> Result<Vec<Option<CaseRow>>, StoreError> {
    store.read(|connection| {
        rows.iter()
            .map(|row| Ok(cases::get(connection, row.case)?))
            .collect()
    })
}
