//! Samples from a file: of a case, or of somebody as a contact.

use std::collections::{HashMap, HashSet};

use lianfang_core::cases::{CaseDetails, CaseRecord, Outcome};
use lianfang_core::contacts::ContactStep;
use lianfang_core::facts::{Body, CaseFact, CaseResulted, CaseSampled, ContactStepped, Draft};
use lianfang_core::ids::{CaseId, FactId, SampleId};
use lianfang_core::quarantine::SampleResult;
use lianfang_core::text::Text;
use lianfang_intake::{Code, LabResultRow, LabResults, Source};
use lianfang_store::Batch;
use lianfang_store::views::cases::CaseRow;
use lianfang_store::views::investigation::{self, CaseSample};

use super::{CHUNK, Pending, Reason, case_unknown};
use crate::Refusal;
use crate::imports::session::Session;

/// Why a case is corrected by a sample.
const POSITIVE: &str = "positive sample";

impl Session<'_> {
    pub(in crate::imports) fn lab_results(&mut self, source: Source) -> Result<(), Refusal> {
        let preset = self.preset.ok_or(Refusal::NotFound("preset"))?;
        let mut list = LabResults::open(source, preset, self.options)?;
        let header = list.header().to_vec();
        self.report
            .other_sheets
            .clone_from(&list.info().other_sheets);
        let mut pending = Vec::with_capacity(CHUNK);
        let mut seen: HashSet<SampleId> = HashSet::new();
        let mut corrected: HashMap<CaseId, CaseDetails> = HashMap::new();
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, &header)? else {
                continue;
            };
            let sample = self.sample_id(&row)?;
            if !seen.insert(sample) {
                // The row before must be on record before this one can be held against it.
                self.settle(&mut pending, &header)?;
            }
            match self.sample(sample, &row, &mut corrected)? {
                Ok(facts) if facts.is_empty() => self.report.rows_unchanged += 1,
                Ok(facts) => pending.push(Pending {
                    revises: matches!(facts[0].body, Body::CaseResulted(_)),
                    batch: Batch::of(facts),
                    row: row.row,
                    cells: list.cells(),
                }),
                Err(reason) => self.refuse_for(row.row, list.cells(), &header, reason)?,
            }
            if pending.len() >= CHUNK {
                self.settle(&mut pending, &header)?;
            }
        }
        self.settle(&mut pending, &header)
    }

    fn sample_id(&self, row: &LabResultRow) -> Result<SampleId, Refusal> {
        let store = self.house.store();
        if let Some(Ok(own)) = row.external_id.as_ref().map(|number| number.parse())
            && store
                .read(|c| Ok(investigation::sample(c, own)?))?
                .is_some()
        {
            return Ok(own);
        }
        let source = self.source_name();
        let text = match &row.external_id {
            Some(number) => format!("{source}\n{number}"),
            None => format!(
                "{source}\n{:?}",
                (&row.case, row.sampled, &row.number, row.kind, row.test)
            ),
        };
        Ok(SampleId::from_bytes(store.blind("sample by number", &text)))
    }

    /// The facts of a row; none where all is known.
    fn sample(
        &mut self,
        sample: SampleId,
        row: &LabResultRow,
        corrected: &mut HashMap<CaseId, CaseDetails>,
    ) -> Result<Result<Vec<Draft>, Reason>, Refusal> {
        let Some(case) = self.case_numbered(&row.case)? else {
            return self.sample_of_contact(sample, row);
        };
        let known = self
            .house
            .store()
            .read(|c| Ok(investigation::sample(c, sample)?))?;
        let id = self.fact_id(Some(row.sampled), &format!("sample {sample}"));
        let at = self.began(Some(row.sampled));
        let mut facts = Vec::new();
        match &known {
            None => {
                let body = Body::CaseSampled(CaseSampled {
                    case: case.case,
                    sample,
                    day: row.sampled,
                    kind: row.kind,
                    test: row.test,
                    number: row.number.clone(),
                    laboratory: row.laboratory.clone(),
                    delivered: row.delivered,
                    said: String::new(),
                });
                facts.push(self.dated(id, case.area, body, at));
            }
            Some(known) if !says_the_same(known, &case, row) => {
                let message = Text::new(
                    "This sample is on record otherwise. A sample is not corrected by a file: take it up with the laboratory.",
                    "该样本已有不同记录，不能以文件更正，请与检测机构核对。",
                );
                return Ok(Err(("external_id", Code::NotAccepted, message)));
            }
            Some(_) => {}
        }
        let Some(result) = row.result else {
            return Ok(Ok(facts));
        };
        if known.is_some_and(|known| known.result.is_some()) {
            return Ok(Ok(facts));
        }
        let resulted = Body::CaseResulted(CaseResulted {
            sample,
            result,
            day: row.result_day,
            laboratory: None,
            said: String::new(),
        });
        let beside = |name: &str| FactId::from_bytes(self.house.beside(id, name));
        let on = self.began(row.result_day.or(Some(row.sampled)));
        facts.push(self.dated(beside("result"), case.area, resulted, on));
        let details = corrected.get(&case.case).unwrap_or(&case.details);
        let first = details.sampled.is_none_or(|day| row.sampled < day);
        let recovered_before = details.outcome == Some(Outcome::Recovered)
            && details.outcome_date.is_some_and(|day| day < row.sampled);
        if result == SampleResult::Positive && first && !recovered_before {
            let details = CaseDetails {
                sampled: Some(row.sampled),
                ..details.clone()
            };
            corrected.insert(case.case, details.clone());
            let record = CaseRecord {
                case: case.case,
                details,
            };
            let revised = Body::CaseRevised(CaseFact {
                record,
                published: None,
                reason: Some(POSITIVE.into()),
            });
            let draft = self
                .house
                .draft_as(beside("case"), self.actor, case.area, revised);
            facts.push(draft);
        } else if result == SampleResult::Positive && recovered_before {
            self.odd(
                row.row,
                "sampled",
                "a positive sample after the recovery; possible, but look again",
                "治愈后采集的样本为阳性；有可能，但请核对",
            );
        }
        Ok(Ok(facts))
    }

    fn sample_of_contact(
        &self,
        sample: SampleId,
        row: &LabResultRow,
    ) -> Result<Result<Vec<Draft>, Reason>, Refusal> {
        let tied = match self.tied_contacts(&row.case)? {
            Ok(tied) => tied,
            Err((_, Code::ContactUnknown, _)) if self.listed_numbered(&row.case)?.is_none() => {
                return Ok(Err(case_unknown()));
            }
            Err(reason) => return Ok(Err(reason)),
        };
        let mut facts = Vec::new();
        for contact in tied {
            let text = format!("sample {sample} {} {:?}", contact.contact, row.result);
            let id = self.fact_id(Some(row.sampled), &text);
            if self.house.store().fact_by_id(id)?.is_some() {
                continue;
            }
            let at = self.began(Some(row.sampled)).max(contact.named_at);
            let body = Body::ContactStepped(ContactStepped {
                contact: contact.contact,
                step: ContactStep::Tested,
                result: row.result,
                said: String::new(),
            });
            facts.push(self.dated(id, contact.area, body, at));
        }
        Ok(Ok(facts))
    }
}

/// Whether a sample on record is the one of a row; a result may be new.
fn says_the_same(known: &CaseSample, case: &CaseRow, row: &LabResultRow) -> bool {
    known.case == case.case
        && known.day == row.sampled
        && known.kind == row.kind
        && known.test == row.test
        && known.number == row.number
        && known.laboratory == row.laboratory
        && known.delivered == row.delivered
        && (known.result.is_none()
            || (known.result == row.result && known.result_day == row.result_day))
}
