//! Numbers of entry: who was found by which source and how fast, and where everybody stands.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Source, Stage};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::entry::{self, EntrantFilter};
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// People found first by a source, among those who arrived on a day.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SourceNumber {
    /// The source.
    pub source: Source,
    /// Its name.
    pub name: Text,
    /// People whom it knew first.
    pub people: u64,
    /// Of them, known before they arrived.
    pub before_arrival: u64,
    /// Of the others, median hours from arrival until they were known.
    pub median_hours: Option<f64>,
}

/// People in a place of the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StageNumber {
    /// The place.
    pub stage: Stage,
    /// Its name.
    pub name: Text,
    /// People there now.
    pub people: u64,
}

/// Numbers of entry within an area.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct EntryNumbers {
    /// The area.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// The day of arrival.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// People who arrived on that day.
    pub arrived: u64,
    /// By the source that knew first.
    pub sources: Vec<SourceNumber>,
    /// Where everybody stands now, whenever they arrived.
    pub stages: Vec<StageNumber>,
    /// Announced for a day before today, and neither here nor known not to come.
    pub overdue: u64,
    /// Hand-overs on the way now.
    pub handovers: u64,
    /// Of them, those that should have been received.
    pub handovers_late: u64,
    /// Pairs of records that wait for somebody's word.
    pub alike: u64,
}

fn median(mut hours: Vec<f64>) -> Option<f64> {
    if hours.is_empty() {
        return None;
    }
    hours.sort_by(f64::total_cmp);
    let middle = hours.len() / 2;
    Some(if hours.len() % 2 == 1 {
        hours[middle]
    } else {
        f64::midpoint(hours[middle - 1], hours[middle])
    })
}

impl House {
    /// Numbers of entry: those who arrived on a day, and where everybody stands now.
    pub fn entry_numbers(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
        day: Option<Date>,
    ) -> Result<EntryNumbers, Refusal> {
        let area = self.field_area(actor, area)?;
        let day = day.unwrap_or_else(|| self.today());
        self.entry_numbers_of(area, day)
    }

    pub(crate) fn entry_numbers_of(
        &self,
        area: AreaCode,
        day: Date,
    ) -> Result<EntryNumbers, Refusal> {
        let offset = self.store.utc_offset();
        let from = offset.start_of(day);
        let until = offset.start_of(day.tomorrow().unwrap_or(day));
        let now = self.now();
        let overdue = EntrantFilter {
            area: Some(area),
            stages: vec![Stage::Expected],
            until: Some(offset.start_of(self.today())),
            ..EntrantFilter::default()
        };
        let (found, stages, (late, live), alike, overdue) = self.store.read(|c| {
            Ok((
                entry::first_notices(c, area, from, until)?,
                entry::stages_on(c, area)?,
                entry::waiting_at(c, area, now)?,
                entry::unsettled_count(c, area)?,
                entry::count(c, &overdue)?,
            ))
        })?;
        let sources = Source::ALL
            .iter()
            .map(|source| {
                let of_source: Vec<f64> = found
                    .iter()
                    .filter(|(by, _)| by == source)
                    .map(|(_, after)| *after as f64 / 3_600_000.0)
                    .collect();
                let before = of_source.iter().filter(|hours| **hours < 0.0).count();
                let after = of_source.iter().copied().filter(|hours| *hours >= 0.0);
                SourceNumber {
                    source: *source,
                    name: source.label(),
                    people: of_source.len() as u64,
                    before_arrival: before as u64,
                    median_hours: median(after.collect()).map(|h| (h * 10.0).round() / 10.0),
                }
            })
            .collect();
        Ok(EntryNumbers {
            area,
            day,
            arrived: found.len() as u64,
            sources,
            stages: stages
                .into_iter()
                .map(|(stage, people)| StageNumber {
                    stage,
                    name: stage.label(),
                    people,
                })
                .collect(),
            overdue,
            handovers: live,
            handovers_late: late,
            alike,
        })
    }
}
