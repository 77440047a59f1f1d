//! Reports of one case: found by likeness, offered, taken for one by somebody's word, and taken apart again.

use std::collections::BTreeSet;

use lianfang_core::access::Right;
use lianfang_core::alike::{Described, Verdict, alike};
use lianfang_core::facts::{Body, CaseMerged, CaseParted, CasesToldApart};
use lianfang_core::ids::{CaseId, FactId, PersonId};
use lianfang_core::people::PersonalData;
use lianfang_core::time::UtcOffset;
use lianfang_store::views::cases::{self, CaseRow};
use lianfang_store::views::duplicates;
use lianfang_store::{Batch, IndexKind};
use serde::Serialize;

use super::CaseShown;
use super::report::reason;
use crate::{Actor, House, Refusal};

/// Reports that one is compared with at most.
const MOST_COMPARED: usize = 200;
/// Offers that one report makes at most.
const MOST_OFFERS: usize = 5;

/// A report that is likely of the same case.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DuplicateShown {
    /// The other report.
    pub other: CaseShown,
    /// What agrees.
    pub same: Vec<&'static str>,
    /// Whether the document is the same.
    pub sure: bool,
}

/// A report as it is compared: its curve day stands for the arrival.
fn described(data: &PersonalData, row: &CaseRow, offset: UtcOffset) -> DescribedCase {
    DescribedCase {
        data: data.clone(),
        day: offset.start_of(row.day),
        sex: row.details.sex.or(data.sex),
    }
}

struct DescribedCase {
    data: PersonalData,
    day: jiff::Timestamp,
    sex: Option<lianfang_core::people::Sex>,
}

impl DescribedCase {
    fn as_record(&self) -> Described<'_> {
        Described {
            name: self.data.name.as_deref(),
            born: self.data.born,
            phone: self.data.phone.as_deref(),
            document: self.data.document.as_deref(),
            sex: self.sex,
            ..Described::at(self.day)
        }
    }
}

impl House {
    /// Reports that are likely of the same case, told apart by nobody yet.
    pub(super) fn duplicates_of(
        &self,
        actor: &Actor,
        row: &CaseRow,
    ) -> Result<Vec<DuplicateShown>, Refusal> {
        let Some(person) = row.details.person.filter(|_| row.stands()) else {
            return Ok(Vec::new());
        };
        let Some(data) = self.store.open_person(person)? else {
            return Ok(Vec::new());
        };
        let policy = self.policy()?;
        let Some(settings) = &policy.pack.cases else {
            return Ok(Vec::new());
        };
        let born = data.born.map(|born| born.to_string());
        let mut people: BTreeSet<PersonId> = [person].into();
        for (kind, text) in [
            (IndexKind::Document, data.document.as_deref()),
            (IndexKind::Phone, data.phone.as_deref()),
            (IndexKind::Name, data.name.as_deref()),
            (IndexKind::Born, born.as_deref()),
        ] {
            if let Some(text) = text {
                people.extend(self.store.indexed_people(kind, text)?);
            }
        }
        let people: Vec<PersonId> = people.into_iter().collect();
        let near = |other: &CaseRow| {
            other
                .day
                .since(row.day)
                .is_ok_and(|span| span.get_days().unsigned_abs() <= settings.same_case_days)
        };
        let rows = self.store.read(|c| {
            let mut found = Vec::new();
            for other in cases::of_people(c, &people, MOST_COMPARED)? {
                if other.case != row.case
                    && other.stands()
                    && near(&other)
                    && !duplicates::are_apart(c, row.case, other.case)?
                {
                    found.push(other);
                }
            }
            Ok(found)
        })?;
        let offset = self.store.utc_offset();
        let own = described(&data, row, offset);
        let those: Vec<PersonId> = rows.iter().filter_map(|row| row.details.person).collect();
        let opened = self.store.open_people(&those)?;
        let mut offers = Vec::new();
        for (other, data) in rows.iter().zip(opened) {
            if !actor.may(Right::ReadCases, other.area) {
                continue;
            }
            let Some(data) = data else { continue };
            let one_person = other.details.person == Some(person);
            let likeness = alike(
                &own.as_record(),
                &described(&data, other, offset).as_record(),
            );
            if !one_person && likeness.verdict == Verdict::Different {
                continue;
            }
            let Some(shown) = self.shown(std::slice::from_ref(other))?.pop() else {
                continue;
            };
            offers.push(DuplicateShown {
                other: shown,
                sure: one_person || likeness.verdict == Verdict::Same,
                same: likeness.same,
            });
        }
        offers.sort_by_key(|offer| std::cmp::Reverse((offer.sure, offer.same.len())));
        offers.truncate(MOST_OFFERS);
        Ok(offers)
    }

    /// Takes a report into another: one case, both histories.
    pub fn merge_case(
        &self,
        actor: &Actor,
        case: CaseId,
        into: CaseId,
        id: Option<FactId>,
    ) -> Result<(), Refusal> {
        let (row, other) = self.both(actor, case, into)?;
        let sent = self.sent(actor, id, None, &(case, into))?;
        if sent.repeated {
            return Ok(());
        }
        let same = self
            .duplicates_of(actor, &row)?
            .into_iter()
            .find(|offer| offer.other.case == into)
            .map_or_else(Vec::new, |offer| {
                offer.same.iter().map(|word| (*word).to_owned()).collect()
            });
        let merged = Body::CaseMerged(CaseMerged {
            case,
            into,
            same,
            at_once: false,
            said: sent.said.clone(),
        });
        self.store
            .append(Batch::of(self.drafts(actor, &sent, [(other.area, merged)])))?;
        self.settle_cases(actor, &[case, into])
    }

    /// Lets a report that was taken into another stand alone again.
    pub fn part_case(
        &self,
        actor: &Actor,
        case: CaseId,
        why: &str,
        id: Option<FactId>,
    ) -> Result<(), Refusal> {
        let row = self.readable_case(actor, case)?;
        actor.require(Right::ReportCase, row.area)?;
        let why = reason(why)?;
        let sent = self.sent(actor, id, None, &(case, &why))?;
        if sent.repeated {
            return Ok(());
        }
        let from = row.merged_into.ok_or_else(|| {
            Refusal::Conflict(lianfang_core::text::Text::new(
                "This report stands alone already.",
                "该报告未被合并。",
            ))
        })?;
        let parted = Body::CaseParted(CaseParted {
            case,
            from,
            reason: why,
            said: sent.said.clone(),
        });
        self.store
            .append(Batch::of(self.drafts(actor, &sent, [(row.area, parted)])))?;
        Ok(())
    }

    /// Says that two reports are of two cases: they are not offered again.
    pub fn tell_cases_apart(
        &self,
        actor: &Actor,
        case: CaseId,
        other: CaseId,
        id: Option<FactId>,
    ) -> Result<(), Refusal> {
        let (row, _) = self.both(actor, case, other)?;
        let sent = self.sent(actor, id, None, &(case, other))?;
        if sent.repeated {
            return Ok(());
        }
        let apart = Body::CasesToldApart(CasesToldApart {
            case,
            other,
            said: sent.said.clone(),
        });
        self.store
            .append(Batch::of(self.drafts(actor, &sent, [(row.area, apart)])))?;
        Ok(())
    }

    fn both(
        &self,
        actor: &Actor,
        one: CaseId,
        other: CaseId,
    ) -> Result<(CaseRow, CaseRow), Refusal> {
        let (row, second) = (
            self.readable_case(actor, one)?,
            self.readable_case(actor, other)?,
        );
        actor.require(Right::ReportCase, row.area)?;
        actor.require(Right::ReportCase, second.area)?;
        Ok((row, second))
    }
}
