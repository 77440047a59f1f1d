//! City totals: cumulative numbers per area and day, as published.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_core::areas::{AreaCode, Level};
use lianfang_core::facts::{Body, Draft, TotalsReported};
use lianfang_epi::incidence::{Incidence, Total};
use lianfang_intake::report::Correction;
use lianfang_intake::{RefusedRow, Source, Totals, TotalsRow};
use lianfang_store::Batch;
use lianfang_store::views::reports::total_of;

use super::session::Session;
use crate::Refusal;

/// Facts appended at once.
const CHUNK: usize = 2_000;

impl Session<'_> {
    pub(super) fn city_totals(&mut self, source: Source) -> Result<(), Refusal> {
        let mut list = Totals::open(source, self.options)?;
        let header = list.header().to_vec();
        let mut drafts: Vec<Draft> = Vec::new();
        let mut series: BTreeMap<AreaCode, BTreeMap<Date, u32>> = BTreeMap::new();
        let mut named: std::collections::BTreeSet<AreaCode> = std::collections::BTreeSet::new();
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, &header)? else {
                continue;
            };
            if let Some(finding) = self.check_area(row.row, row.area)? {
                self.refuse(
                    &RefusedRow {
                        row: row.row,
                        findings: vec![finding],
                        cells: list.cells(),
                    },
                    &header,
                )?;
                continue;
            }
            if named.insert(row.area) {
                let province = row.area.at_level(Level::Province);
                if named.insert(province) {
                    drafts.extend(self.define_if_unknown(province, row.province_name.as_deref())?);
                }
                drafts.extend(self.define_if_unknown(row.area, row.city_name.as_deref())?);
            }
            series
                .entry(row.area)
                .or_default()
                .insert(row.date, row.confirmed);
            drafts.extend(self.total(&row)?);
            if drafts.len() >= CHUNK {
                self.append(Batch::of(std::mem::take(&mut drafts)))?;
            }
        }
        self.append(Batch::of(drafts))?;
        self.note_gaps(&series);
        Ok(())
    }

    /// The fact that a row adds, if it says anything new.
    fn total(&mut self, row: &TotalsRow) -> Result<Option<Draft>, Refusal> {
        let mut body = TotalsReported {
            day: row.date,
            confirmed: row.confirmed,
            suspected: row.suspected,
            cured: row.cured,
            dead: row.dead,
            published: Some(row.date),
        };
        let before = self
            .house
            .store()
            .read(|connection| total_of(connection, row.area, row.date))?;
        let mut place = 0;
        if let Some((before, seq)) = &before {
            place = *seq;
            let same = TotalsReported {
                published: before.published,
                ..body.clone()
            } == *before;
            if same {
                self.report.rows_unchanged += 1;
                return Ok(None);
            }
            // A correction is known from today on: what was known then stays as it was.
            body.published = None;
            self.report.rows_revised += 1;
        } else {
            self.report.rows_taken += 1;
        }
        // After the fact it corrects: the same correction may come again after another.
        let text = format!("{} after {place} {body:?}", row.area);
        Ok(Some(self.house.draft_as(
            self.fact_id(Some(row.date), &text),
            self.actor,
            row.area,
            Body::TotalsReported(body),
        )))
    }

    /// Days without a report and totals that went down, for the report.
    fn note_gaps(&mut self, series: &BTreeMap<AreaCode, BTreeMap<Date, u32>>) {
        for (area, days) in series {
            let totals: Vec<Total> = days
                .iter()
                .map(|(date, total)| Total {
                    date: *date,
                    total: *total,
                })
                .collect();
            let Ok(incidence) = Incidence::from_totals(&totals, true) else {
                continue;
            };
            for date in incidence.missing {
                self.report.miss(*area, date);
            }
            for correction in incidence.corrections {
                let to = days.get(&correction.date).copied().unwrap_or(0);
                let from = u32::try_from(i64::from(to) - correction.delta).unwrap_or(u32::MAX);
                self.report.correct(Correction {
                    area: *area,
                    date: correction.date,
                    from,
                    to,
                });
            }
        }
    }
}
