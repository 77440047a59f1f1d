//! City totals: cumulative numbers per area and day, as published.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_core::areas::{AreaCode, Level};
use lianfang_core::facts::{Body, Draft, TotalsReported};
use lianfang_core::text::Text;
use lianfang_epi::incidence::{Incidence, Total};
use lianfang_intake::report::Correction;
use lianfang_intake::{Code, Finding, RefusedRow, Source, Totals, TotalsRow};
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
        self.report
            .other_sheets
            .clone_from(&list.info().other_sheets);
        let mut drafts: Vec<Draft> = Vec::new();
        let mut series: BTreeMap<AreaCode, BTreeMap<Date, TotalsReported>> = BTreeMap::new();
        let mut named: std::collections::BTreeSet<AreaCode> = std::collections::BTreeSet::new();
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, &header)? else {
                continue;
            };
            let said = reported(&row);
            let earlier = series.get(&row.area).and_then(|days| days.get(&row.date));
            if earlier == Some(&said) {
                self.report.rows_unchanged += 1;
                continue;
            }
            let finding = match earlier {
                Some(_) => Some(repeated(row.row)),
                None => self.check_area(row.row, row.area)?,
            };
            if let Some(finding) = finding {
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
            drafts.extend(self.total(row.area, said.clone())?);
            series.entry(row.area).or_default().insert(row.date, said);
            if drafts.len() >= CHUNK {
                self.append(Batch::of(std::mem::take(&mut drafts)))?;
            }
        }
        self.append(Batch::of(drafts))?;
        self.note_gaps(&series);
        Ok(())
    }

    /// The fact that a row adds, if it says anything new.
    fn total(
        &mut self,
        area: AreaCode,
        mut body: TotalsReported,
    ) -> Result<Option<Draft>, Refusal> {
        let day = body.day;
        let before = self
            .house
            .store()
            .read(|connection| total_of(connection, area, day))?;
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
        let text = format!("{area} after {place} {body:?}");
        Ok(Some(self.house.draft_as(
            self.fact_id(Some(day), &text),
            self.actor,
            area,
            Body::TotalsReported(body),
        )))
    }

    /// Days without a report and totals that went down, for the report.
    fn note_gaps(&mut self, series: &BTreeMap<AreaCode, BTreeMap<Date, TotalsReported>>) {
        for (area, days) in series {
            let totals: Vec<Total> = days
                .iter()
                .map(|(date, said)| Total {
                    date: *date,
                    total: said.confirmed,
                })
                .collect();
            let Ok(incidence) = Incidence::from_totals(&totals, true) else {
                continue;
            };
            for date in incidence.missing {
                self.report.miss(*area, date);
            }
            for correction in incidence.corrections {
                let to = days.get(&correction.date).map_or(0, |said| said.confirmed);
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

/// What a row says: each total counts as published on its day.
fn reported(row: &TotalsRow) -> TotalsReported {
    TotalsReported {
        day: row.date,
        confirmed: row.confirmed,
        suspected: row.suspected,
        cured: row.cured,
        dead: row.dead,
        published: Some(row.date),
    }
}

fn repeated(row: u64) -> Finding {
    Finding {
        row,
        field: "date".into(),
        code: Code::RepeatedTotal,
        message: Text::new(
            "An earlier row of this file gives other totals for the same area and day. Keep one of the two.",
            "本文件前面已有同一地区同一日期的数据且内容不同，请只保留一行。",
        ),
    }
}
