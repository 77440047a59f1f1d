//! Whether all that is sealed is what was sealed: for an audit.

use std::fs::File;
use std::path::Path;

use jiff::civil::Date;
use lianfang_core::time::{UtcOffset, day_from_number};

use crate::batch::DayTally;
use crate::error::{At, VisitsError};
use crate::load;
use crate::manifest::{Manifest, Root};
use crate::row::{Order, Row};
use crate::sealed::FileSealed;
use crate::state::{Names, Part};
use crate::visit::{MIDNIGHT, Minute, Tally, Visit};

/// Something that is not as it was sealed.
#[derive(Debug)]
pub struct Problem {
    /// The day whose visits it is about.
    pub day: Option<Date>,
    /// What is wrong.
    pub error: VisitsError,
}

/// What [`verify`] found.
#[derive(Debug)]
pub struct Report {
    /// What stands for all that is sealed; the newest one in the ledger must be the same.
    pub root: Root,
    /// How many visits of each day there are, journals included, and the sum of their marks. It
    /// must be the sum over the ledger's batches.
    pub days: Vec<DayTally>,
    /// All that is wrong.
    pub problems: Vec<Problem>,
}

/// Reads every byte of the log in `folder`: each file's digest must be that of the manifest, and
/// each part's visits, counted anew in both orders from ids, must have the part's tally.
pub fn verify(folder: &Path) -> Result<Report, VisitsError> {
    let manifest =
        Manifest::read(folder)?.ok_or_else(|| VisitsError::NotThere(folder.to_owned()))?;
    let loaded = load::load(folder, &manifest)?;
    let offset = UtcOffset::try_from(manifest.offset_minutes)
        .map_err(|_| VisitsError::corrupt(folder, "its offset from UTC is none of the Earth"))?;
    let mut report = Report {
        root: manifest.root(),
        days: Vec::new(),
        problems: Vec::new(),
    };
    for (day, sources) in &loaded.state.days {
        let date = day_from_number(*day);
        for (part, sealed) in sources
            .parts
            .iter()
            .zip(manifest.days.get(day).into_iter().flatten())
        {
            for order in Order::BOTH {
                let checked = check_file(part, order, sealed.file(order))
                    .and_then(|()| check_rows(part, order, *day, &loaded.names, offset));
                if let Err(error) = checked {
                    report.problems.push(Problem { day: date, error });
                }
            }
        }
        if let Some(day) = date {
            let tally = sources.tally();
            report.days.push(DayTally { day, tally });
        }
    }
    Ok(report)
}

fn check_file(part: &Part, order: Order, sealed: &FileSealed) -> Result<(), VisitsError> {
    let path = part.file(order).path();
    let mut digest = blake3::Hasher::new();
    digest.update_reader(File::open(path).at(path)?).at(path)?;
    if digest.finalize().to_hex().as_str() == sealed.blake3 {
        Ok(())
    } else {
        Err(VisitsError::corrupt(
            path,
            "its digest is not that of the manifest",
        ))
    }
}

fn check_rows(
    part: &Part,
    order: Order,
    day: i32,
    names: &Names,
    offset: UtcOffset,
) -> Result<(), VisitsError> {
    let path = part.file(order).path();
    let mut tally = Tally::default();
    let mut before: Option<Row> = None;
    for row in part.file(order).rows() {
        let row = row?;
        if before.is_some_and(|before| before > row) {
            return Err(VisitsError::corrupt(path, "its visits are not in order"));
        }
        before = Some(row);
        let (place, person) = match order {
            Order::Place => (row.major(), row.minor()),
            Order::Person => (row.minor(), row.major()),
        };
        let from = Minute::from_local(day * MIDNIGHT + i32::from(row.minute()), offset);
        let visit = names
            .person(person)
            .zip(names.place(place))
            .map(|(person, place)| Visit {
                person,
                place,
                from,
                until: row.end().minutes().map(|minutes| from.plus(minutes.into())),
            });
        match visit {
            Some(visit) => tally.add(&visit),
            None => {
                return Err(VisitsError::corrupt(
                    path,
                    "it names somebody without an id",
                ));
            }
        }
    }
    if tally == part.tally {
        Ok(())
    } else {
        Err(VisitsError::corrupt(
            path,
            "its visits are not those that were sealed",
        ))
    }
}
