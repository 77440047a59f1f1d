//! Delays of cases, and daily numbers of a span of days: what curves and alarms read, kept for every area.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::time::{day_from_number, day_number};
use rusqlite::{Connection, params};

use super::Folder;
use super::cases::CaseRow;
use super::counts::Measure;
use super::sums::{self, Sum};
use crate::error::StoreError;

/// Between which two days of a case a delay lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delay {
    /// From first symptoms to the report.
    OnsetToReport = 0,
    /// From first symptoms to admission to hospital.
    OnsetToAdmission = 1,
    /// From first symptoms to the first positive sample.
    OnsetToSample = 2,
    /// From a sample to its result, by the day of the sample.
    SampleToResult = 3,
}

impl Delay {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [
        Self::OnsetToReport,
        Self::OnsetToAdmission,
        Self::OnsetToSample,
        Self::SampleToResult,
    ];
}

/// Adds the delays of a case that counts, or with -1 takes them away.
pub(super) fn sum(row: &CaseRow, folder: &mut Folder, n: i64) {
    let details = &row.details;
    if !details.classification.counts() {
        return;
    }
    let Some(onset) = details.onset else {
        return;
    };
    for (delay, until) in [
        (Delay::OnsetToReport, details.reported),
        (Delay::OnsetToAdmission, details.hospitalised),
        (Delay::OnsetToSample, details.sampled),
    ] {
        if let Some(until) = until {
            add(row.area, (row.day, delay, onset, until), folder, n);
        }
    }
}

/// Adds a delay on a day.
pub(super) fn add(
    area: AreaCode,
    (day, delay, from, until): (Date, Delay, Date, Date),
    folder: &mut Folder,
    n: i64,
) {
    let days = day_number(until) - day_number(from);
    let by = [day_number(day).into(), delay as i64, days.into()];
    folder.sums.add(Sum::Delays, area, by, n);
}

/// Delays of an area, by kind and days, with their number: of cases and samples of a span of days.
pub fn delays(
    connection: &Connection,
    area: AreaCode,
    (from, to): (Date, Date),
) -> Result<Vec<(Delay, i64, u64)>, StoreError> {
    let days = (day_number(from).into(), day_number(to).into());
    sums::rows(connection, Sum::Delays, area, days)?
        .into_iter()
        .map(|([_, kind, days], n)| {
            let kind = usize::try_from(kind).ok().and_then(|i| Delay::ALL.get(i));
            kind.map(|kind| (*kind, days, n))
                .ok_or(StoreError::Malformed("delay"))
        })
        .collect()
}

/// Cases of one sort in an area by day, of a span of days, as known by the end of a day. Days without any are left out.
pub fn by_day(
    connection: &Connection,
    area: AreaCode,
    measure: Measure,
    (from, to): (Date, Date),
    known: Date,
) -> Result<Vec<(Date, u64)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT day, sum(n) FROM view_counts WHERE area = ?1 AND measure = ?2 AND day BETWEEN ?3 AND ?4
         AND known <= ?5 GROUP BY day ORDER BY day",
    )?;
    let mut rows = statement.query(params![
        area.as_u64() as i64,
        measure.number(),
        day_number(from),
        day_number(to),
        day_number(known)
    ])?;
    let mut days = Vec::new();
    while let Some(row) = rows.next()? {
        let n: i64 = row.get(1)?;
        if n > 0 {
            let day = day_from_number(row.get(0)?).ok_or(StoreError::Malformed("day"))?;
            days.push((day, n as u64));
        }
    }
    Ok(days)
}
