//! Views: tables folded from facts, in the same transaction, that can be dropped and rebuilt to
//! the same rows.
//!
//! Each module has a view's tables, its fold and its reads. A fold sees one fact and what the
//! views hold so far; it asks nothing else.

pub mod access;
pub mod areas;
pub mod cases;
pub mod counts;
pub mod facts;
pub mod matters;
pub mod policies;
pub mod reports;
pub mod subjects;

use lianfang_core::facts::{Body, Fact};
use lianfang_core::time::UtcOffset;
use rusqlite::Connection;

use counts::Counts;

/// A fact that does not fit what is known.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// A matter, case or account that is not there.
    #[error("there is no such {0}")]
    NotThere(&'static str),
    /// Something of that id is there already.
    #[error("there is such a {0} already")]
    AlreadyThere(&'static str),
    /// It has moved on since whoever acts last saw it.
    #[error("the {0} has moved on; look at it again")]
    MovedOn(&'static str),
    /// The database failed.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// Raised whenever the tables of the views change: a store of another one folds them anew when it
/// is opened.
pub(crate) const LAYOUT: i64 = 2;

/// Every table of the views, with the columns of its key.
pub(crate) const TABLES: &[(&str, &str)] = &[
    ("view_areas", "code"),
    ("view_totals", "area, day, known"),
    ("view_daily_reports", "area, day"),
    ("view_cases", "id"),
    ("view_counts", "area, measure, day, known"),
    (
        "view_tallies",
        "area, classification, origin, outcome, severity",
    ),
    ("view_matters", "matter"),
    ("view_matter_doers", "matter, account"),
    ("view_policies", "policy"),
    ("view_accounts", "account"),
    ("view_grants", "account, role, area"),
    ("view_subjects", "subject, seq"),
];

const SCHEMAS: &[&str] = &[
    areas::SCHEMA,
    reports::SCHEMA,
    cases::SCHEMA,
    counts::SCHEMA,
    matters::SCHEMA,
    policies::SCHEMA,
    access::SCHEMA,
    subjects::SCHEMA,
];

pub(crate) fn create(connection: &Connection) -> Result<(), rusqlite::Error> {
    SCHEMAS
        .iter()
        .try_for_each(|schema| connection.execute_batch(schema))?;
    connection.pragma_update(None, "application_id", LAYOUT)
}

/// Whether the views are of this program's layout.
pub(crate) fn are_current(connection: &Connection) -> Result<bool, rusqlite::Error> {
    let found: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    Ok(found == LAYOUT)
}

pub(crate) fn drop_all(connection: &Connection) -> Result<(), rusqlite::Error> {
    TABLES.iter().try_for_each(|(table, _)| {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))
    })
}

/// Folds facts, and holds back the sums that many facts share until [`Folder::flush`].
pub(crate) struct Folder {
    pub(crate) utc_offset: UtcOffset,
    pub(crate) counts: Counts,
}

impl Folder {
    pub(crate) fn new(utc_offset: UtcOffset) -> Self {
        Self {
            utc_offset,
            counts: Counts::default(),
        }
    }

    /// A folder for a batch that may yet be taken back.
    pub(crate) fn trial(&self) -> Self {
        Self::new(self.utc_offset)
    }

    /// Takes over what a trial gathered.
    pub(crate) fn accept(&mut self, trial: Self) {
        self.counts.merge(trial.counts);
    }

    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<(), rusqlite::Error> {
        self.counts.flush(connection)
    }
}

pub(crate) fn fold(
    connection: &Connection,
    fact: &Fact,
    body: &Body,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    match body {
        Body::AreaDefined(area) => areas::define(connection, fact, area)?,
        Body::TotalsReported(totals) => reports::totals(connection, fact, body, totals, folder)?,
        Body::DailyReportFiled(report) => reports::daily(connection, fact, report, folder)?,
        Body::CaseReported(case) | Body::CaseRevised(case) => {
            cases::fold(connection, fact, body, case, folder)?;
        }
        Body::PersonLooked(look) => subjects::note(connection, &look.person.to_bytes(), fact)?,
        Body::PersonForgotten(forgotten) => {
            subjects::note(connection, &forgotten.person.to_bytes(), fact)?;
        }
        Body::MatterOpened(opened) => matters::opened(connection, fact, opened)?,
        Body::MatterActed(acted) => matters::acted(connection, fact, acted)?,
        Body::MatterEscalated(escalated) => matters::escalated(connection, fact, escalated)?,
        Body::AccountOpened(opened) => access::opened(connection, fact, opened.account)?,
        Body::RoleGranted(change) => access::granted(connection, fact, change)?,
        Body::RoleWithdrawn(change) => access::withdrawn(connection, fact, change)?,
        Body::AccountClosed(change) => access::closed(connection, fact, change.account)?,
        Body::PasswordChanged(change) => {
            subjects::note(connection, &change.account.to_bytes(), fact)?;
        }
        Body::TokenIssued(issued) => subjects::note(connection, &issued.account.to_bytes(), fact)?,
        Body::PolicyAdopted(adopted) => policies::adopted(connection, fact, adopted)?,
        Body::PolicyProposed(proposed) => policies::proposed(connection, fact, proposed)?,
        Body::PolicyApproved(approved) => policies::approved(connection, fact, approved)?,
        Body::PolicyDeclined(declined) => policies::declined(connection, fact, declined)?,
        Body::HouseFounded(_) | Body::TokenRevoked(_) | Body::ImportMade(_) => {}
    }
    Ok(())
}
