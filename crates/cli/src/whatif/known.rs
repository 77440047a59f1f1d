//! What is known when runs begin: the cases of line lists.

use std::path::Path;

use anyhow::{Context, bail};
use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use lianfang_city::scenario::Scenario;
use lianfang_city::start::{ListedCase, Start, reproduction_number};
use lianfang_core::cases::{Classification, Outcome};
use lianfang_core::time::day_number;
use lianfang_intake::table::TableReader;
use lianfang_intake::{Entry, LineList, LineListRow, Options, Preset, Source};
use lianfang_policy::Pack;
use lianfang_service::foresight::StateCounts;

use super::WhatIfArgs;
use crate::house;

/// What line lists say.
pub(crate) struct Known {
    pub(crate) start: Start,
    /// The last day that is known.
    pub(crate) as_of: Date,
    /// Rows read, and refused.
    pub(crate) rows: u64,
    pub(crate) refused: u64,
    /// Cases found after that day, and those found not to be cases.
    pub(crate) later: u64,
    pub(crate) excluded: u64,
    /// A house's state in numbers, where it is one.
    pub(crate) house: Option<StateCounts>,
}

/// Reads today's state of a house, and lets the scenario begin on the next day.
pub(super) fn of_house(
    args: &WhatIfArgs,
    pack: &Pack,
    people: u32,
    scenario: &mut Scenario,
) -> anyhow::Result<Known> {
    let folder = args.data_dir.as_ref().context("name --data-dir")?;
    let house = house::open(folder)?;
    let area = args.area.unwrap_or_else(|| house.store().root());
    let state = house.state_now(&house::operator(), area, people, pack)?;
    scenario.start = state.as_of.checked_add(1.day())?;
    scenario.imports.initial = 0;
    Ok(Known {
        start: state.start,
        as_of: state.as_of,
        rows: state.counts.cases as u64,
        refused: 0,
        later: 0,
        excluded: 0,
        house: Some(state.counts),
    })
}

/// A case of a list, by date.
struct Row {
    found: Date,
    row: LineListRow,
}

/// Reads the lists, if any are given, and lets the scenario begin on the next day.
pub(super) fn read(
    args: &WhatIfArgs,
    pack: &Pack,
    scenario: &mut Scenario,
) -> anyhow::Result<Option<Known>> {
    if args.from_linelist.is_empty() {
        return Ok(None);
    }
    let mut known = Known {
        start: Start::default(),
        as_of: Date::MIN,
        rows: 0,
        refused: 0,
        later: 0,
        excluded: 0,
        house: None,
    };
    let mut rows = Vec::new();
    for file in &args.from_linelist {
        known
            .read(file, args.preset.as_deref(), &mut rows)
            .with_context(|| file.display().to_string())?;
    }
    let newest = rows.iter().map(|row| row.found).max();
    known.as_of = match (args.as_of, newest) {
        (Some(day), _) => day,
        (None, Some(newest)) => newest,
        (None, None) => bail!("the line lists have no case with a day on which it was found"),
    };
    scenario.start = known.as_of.checked_add(1.day())?;
    // People who are infected on day 0 for no reason are those that the list stands for.
    scenario.imports.initial = 0;
    known.later = rows.iter().filter(|row| row.found > known.as_of).count() as u64;
    rows.retain(|row| row.found <= known.as_of);
    if rows.is_empty() {
        bail!("no case was found up to {}", known.as_of);
    }
    let found: Vec<i32> = rows.iter().map(|row| day_number(row.found)).collect();
    known.start.reproduction_number = reproduction_number(&found, day_number(known.as_of), pack);
    known.start.cases = rows
        .iter()
        .map(|row| row.listed(scenario.start, known.as_of))
        .collect();
    Ok(Some(known))
}

impl Known {
    fn read(
        &mut self,
        file: &Path,
        preset: Option<&str>,
        rows: &mut Vec<Row>,
    ) -> anyhow::Result<()> {
        let options = Options::new(Zoned::now().date());
        let preset = if let Some(name) = preset {
            Preset::find(name)?
        } else {
            let table = TableReader::open(Source::path(file)?, options.limits)?;
            Preset::recognised(table.header())?
        };
        for entry in LineList::open(Source::path(file)?, &preset, options)? {
            self.rows += 1;
            let row = match entry? {
                Entry::Taken(taken) => taken.row,
                Entry::Refused(refused) => {
                    self.refused += 1;
                    if let Some(finding) = refused.findings.first() {
                        eprintln!(
                            "row {} refused: {}: {}",
                            refused.row, finding.field, finding.message.en
                        );
                    }
                    continue;
                }
            };
            if row.classification == Classification::Excluded {
                self.excluded += 1;
                continue;
            }
            let days = [row.reported, row.diagnosed, row.sampled, row.hospitalised];
            if let Some(found) = days.into_iter().flatten().next().or(row.onset) {
                rows.push(Row { found, row });
            } else {
                self.refused += 1;
                eprintln!("row {} refused: it has no day at all", row.row);
            }
        }
        Ok(())
    }
}

impl Row {
    /// The case as it stood on a day, in days of a run that begins on `start`.
    fn listed(&self, start: Date, as_of: Date) -> ListedCase {
        let day = |date: Date| day_number(date) - day_number(start);
        let row = &self.row;
        let known = |date: Option<Date>| date.filter(|date| *date <= as_of).map(day);
        let died = row.outcome == Some(Outcome::Died);
        let ended = known(row.outcome_date).or_else(|| known(row.discharged));
        ListedCase {
            age: row.age_years,
            area: row.area,
            onset: known(row.onset),
            found: day(self.found),
            apart: known(row.isolated.or(row.hospitalised)),
            symptomatic: row.classification != Classification::Asymptomatic,
            ended: ended.map(|day| (day, died)),
            traced: false,
        }
    }
}
