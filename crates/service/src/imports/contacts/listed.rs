//! Lists of contacts: who they are, and with a case's number also whom they met.

use std::collections::HashMap;

use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::ContactStatus;
use lianfang_core::facts::{Body, ContactListed};
use lianfang_core::ids::ListedId;
use lianfang_core::people::PersonalData;
use lianfang_core::text::Text;
use lianfang_intake::{Code, ContactListRow, ContactRows, Source};
use lianfang_store::Batch;
use lianfang_store::views::contacts::{self, ListedRow};

use super::relationships::Met;
use super::{CHUNK, Pending, case_unknown};
use crate::Refusal;
use crate::field::person::laid_over;
use crate::imports::session::Session;

impl Session<'_> {
    pub(in crate::imports) fn contacts(&mut self, source: Source) -> Result<(), Refusal> {
        let preset = self.preset.ok_or(Refusal::NotFound("preset"))?;
        let mut list = ContactRows::open(source, preset, self.options)?;
        let header = list.header().to_vec();
        self.report
            .other_sheets
            .clone_from(&list.info().other_sheets);
        let mut pending = Vec::with_capacity(CHUNK);
        let mut seen: HashMap<ListedId, [u8; 16]> = HashMap::new();
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, &header)? else {
                continue;
            };
            let number = row.row;
            let Some(area) = row.area else {
                let message = Text::new(
                    "The row names no area. Takes an area code, or an area for the whole file.",
                    "该行没有地区编码。请填写地区编码，或为整个文件指定地区。",
                );
                let reason = ("area", Code::MissingValue, message);
                self.refuse_for(number, list.cells(), &header, reason)?;
                continue;
            };
            if let Some(finding) = self.check_area(number, area)? {
                let reason = ("area", finding.code, finding.message);
                self.refuse_for(number, list.cells(), &header, reason)?;
                continue;
            }
            let personal = personal(&row);
            let content = self.row_content(&row, area, &personal);
            let listed = match &row.details.external_id {
                Some(number) => self.listed_id(number),
                None => ListedId::from_bytes(content),
            };
            // A contact of several cases has a row for each: who they are must be the same in all.
            let first = seen.get(&listed).copied();
            if first.is_some_and(|before| before != content) && row.case.is_none() {
                let message = Text::new(
                    "An earlier row of this file gives the same contact otherwise. Keep one of the two.",
                    "本文件前面已有同一接触者且内容不同，请只保留一行。",
                );
                let reason = ("external_id", Code::RepeatedCase, message);
                self.refuse_for(number, list.cells(), &header, reason)?;
                continue;
            }
            if first == Some(content) && row.case.is_none() {
                self.report.rows_unchanged += 1;
                continue;
            }
            seen.insert(listed, content);
            if first.is_some() {
                // The row before must be on record before this one can add to it.
                self.settle(&mut pending, &header)?;
            }
            match self.listing(listed, &row, area, &personal)? {
                Ok(Some((batch, revises))) => pending.push(Pending {
                    batch,
                    row: number,
                    cells: list.cells(),
                    revises,
                }),
                Ok(None) => self.report.rows_unchanged += 1,
                Err(reason) => self.refuse_for(number, list.cells(), &header, reason)?,
            }
            if pending.len() >= CHUNK {
                self.settle(&mut pending, &header)?;
            }
        }
        self.settle(&mut pending, &header)
    }

    fn row_content(
        &self,
        row: &ContactListRow,
        area: AreaCode,
        personal: &PersonalData,
    ) -> [u8; 16] {
        let text =
            serde_json::to_string(&(area, &row.details, row.status, personal)).unwrap_or_default();
        self.house.store().blind("contact by content", &text)
    }

    /// The facts of a row and whether they correct; none where all is known.
    fn listing(
        &mut self,
        listed: ListedId,
        row: &ContactListRow,
        area: AreaCode,
        personal: &PersonalData,
    ) -> Result<Result<Option<(Batch, bool)>, super::Reason>, Refusal> {
        let store = self.house.store();
        let known = store.read(|c| Ok(contacts::listed(c, listed)?))?;
        let person = match (&known, &row.details.external_id) {
            (Some(known), _) => known.person,
            (None, Some(number)) => match self
                .case_numbered(number)?
                .and_then(|case| case.details.person)
            {
                Some(person) => person,
                None => self.person(personal)?,
            },
            (None, None) => self.person(personal)?,
        };
        let in_vault = store.open_person(person)?;
        let forgotten = known.is_some() && in_vault.is_none();
        let before = in_vault.unwrap_or_default();
        let after = if forgotten {
            before.clone()
        } else {
            laid_over(&before, personal)
        };
        let body = Body::ContactListed(ContactListed {
            listed,
            person,
            details: row.details.clone(),
            status: row.status,
        });
        let place = known.as_ref().map_or(0, |known| known.seq);
        let text = format!(
            "{area} after {place} {}",
            String::from_utf8_lossy(&body.canonical())
        );
        let id = self.fact_id(row.details.reported, &text);
        let at = self.began(row.details.reported);
        let mut batch = Batch::default();
        let is_news = known.as_ref().is_none_or(|known| {
            known.area != area || known.details != row.details || known.status != row.status
        });
        if is_news || after != before {
            batch.facts.push(self.dated(id, area, body, at));
            if after != before && !self.dry_run {
                batch.people.push(store.seal(person, &after));
            }
        }
        let changed = known
            .as_ref()
            .is_some_and(|known| known.status != row.status);
        if changed && row.status != Some(ContactStatus::BecameCase) {
            let tied = store.read(|c| Ok(contacts::of_person(c, person)?))?;
            for contact in tied {
                let as_listed = (row.status, &row.details);
                let (of, within, at) = (contact.contact, contact.area, contact.named_at);
                batch.facts.extend(self.step(id, of, within, as_listed, at));
            }
        }
        if let Some(number) = &row.case {
            let Some(case) = self.case_numbered(number)? else {
                return Ok(Err(case_unknown()));
            };
            let entry = ListedRow {
                id: place,
                listed,
                person,
                area,
                details: row.details.clone(),
                status: row.status,
                seq: place,
            };
            let met = Met {
                met: row.met,
                met_first: row.met_first,
                meeting: row.meeting,
                certainty: row.certainty,
                class: row.class,
            };
            let text = format!("met {} {listed} {met:?}", case.case);
            let id = self.fact_id(row.met, &text);
            if store.fact_by_id(id)?.is_none() {
                batch.facts.extend(self.named(id, &case, &entry, &met)?);
            }
        }
        Ok(Ok(
            (!batch.facts.is_empty()).then_some((batch, known.is_some()))
        ))
    }
}

fn personal(row: &ContactListRow) -> PersonalData {
    PersonalData {
        name: row.name.clone(),
        document_kind: row
            .document
            .as_ref()
            .map(|document| document.kind().to_owned()),
        document: row
            .document
            .as_ref()
            .map(|document| document.number().to_owned()),
        phone: row.phone.as_ref().map(ToString::to_string),
        address: row.address.clone(),
        ..PersonalData::default()
    }
}
