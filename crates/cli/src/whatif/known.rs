//! What is known when runs begin: the cases of line lists.

use std::path::Path;

use anyhow::{Context, bail};
use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use lianfang_city::scenario::Scenario;
use lianfang_city::start::{ListedCase, Start};
use lianfang_core::cases::{Classification, Outcome};
use lianfang_core::time::day_number;
use lianfang_epi::rt::{Estimator, sliding_windows};
use lianfang_intake::table::TableReader;
use lianfang_intake::{Entry, LineList, LineListRow, Options, Preset, Source};
use lianfang_policy::Pack;

use super::WhatIfArgs;

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
    known.start.reproduction_number = reproduction_number(&rows, known.as_of, pack);
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
        }
    }
}

/// How many a case infected lately: Cori's estimate by days of being found, for the newest window. None where nothing can be told; then the pack's number counts.
fn reproduction_number(rows: &[Row], as_of: Date, pack: &Pack) -> Option<f64> {
    let rule = &pack.reproduction_number;
    let first = rows.iter().map(|row| row.found).min()?;
    let days = usize::try_from(day_number(as_of) - day_number(first) + 1).ok()?;
    let mut found = vec![0.0; days];
    for row in rows {
        let place = usize::try_from(day_number(row.found) - day_number(first)).ok()?;
        *found.get_mut(place)? += 1.0;
    }
    let windows = sliding_windows(days, rule.window_days as usize);
    let estimator = Estimator::new(&pack.serial_interval, rule.prior_mean, rule.prior_sd);
    let newest = estimator.ok()?.estimate_r(&found, &windows).ok()?.pop()?;
    (newest.sd <= rule.largest_cv * newest.mean).then_some(newest.mean)
}
