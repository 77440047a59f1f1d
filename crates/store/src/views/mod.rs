//! Views: tables folded from facts, in the same transaction, that can be dropped and rebuilt to
//! the same rows.
//!
//! Each module has a view's tables, its fold and its reads. A fold sees one fact and what the
//! views hold so far; it asks nothing else.

pub mod access;
pub mod areas;
pub mod cases;
pub mod chains;
mod columns;
pub mod contacts;
pub mod counts;
pub mod duplicates;
pub mod entry;
pub mod facts;
pub mod forecasts;
pub mod households;
pub mod investigation;
pub mod links;
pub mod matters;
pub mod needs;
pub mod passes;
pub mod people;
pub mod places;
pub mod policies;
pub mod quarantine;
pub mod reports;
pub mod saved;
pub mod subjects;
mod sums;
pub mod surveillance;
pub mod visits;

use std::collections::BTreeSet;

use lianfang_core::facts::{Body, Fact};
use lianfang_core::ids::PersonId;
use lianfang_core::text::Text;
use lianfang_core::time::UtcOffset;
use rusqlite::Connection;

use counts::Counts;
use sums::Sums;

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
    /// It does not fit, for a reason that whoever brings it should read.
    #[error("{}", .0.en)]
    Unfit(Text),
    /// The database failed.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// Raised whenever the tables of the views change: a store of another one folds them anew when it
/// is opened.
pub(crate) const LAYOUT: i64 = 11;

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
    ("view_checkpoints", "checkpoint"),
    ("view_shifts", "checkpoint, from_ms"),
    ("view_resident_passes", "checkpoint, day"),
    ("view_entrants", "id"),
    ("view_notices", "entrant, seq"),
    ("view_alike", "one, other"),
    ("view_gate_checks", "seq"),
    ("view_handovers", "handover"),
    ("view_handover_people", "handover, entrant"),
    ("view_sites", "site"),
    ("view_beds", "site, room, bed"),
    ("view_orders", "id"),
    ("view_order_tests", "order_id, day"),
    ("view_order_changes", "change"),
    ("view_checks", "order_id, day, slot, seq"),
    ("view_samples", "sample"),
    ("view_absences", "order_id, seq"),
    ("view_needs", "matter"),
    ("view_households", "id"),
    ("view_residents", "person"),
    ("view_visits", "household, day"),
    ("view_visit_days", "area, day"),
    ("view_sums", "sum, area, a, b, c"),
    ("view_case_pairs", "one, other"),
    ("view_case_edits", "edit, case_id"),
    ("view_case_samples", "sample"),
    ("view_stays", "stay"),
    ("view_contacts", "id"),
    ("view_exposures", "contact, seq"),
    ("view_contact_steps", "contact, seq"),
    ("view_follows", "contact, day, seq"),
    ("view_links", "link"),
    ("view_places", "place"),
    ("view_visit_log", "day"),
    ("view_visit_root", "one"),
    ("view_listed", "id"),
    ("view_passes", "id"),
    ("view_pass_people", "person"),
    ("view_pass_codes", "code"),
    ("view_health_reports", "person, day, seq"),
    ("view_pass_certificates", "person, certificate"),
    ("view_pass_keys", "kid"),
    ("view_signers", "kid"),
    ("view_saved", "view"),
    ("view_forecasts", "area, target, as_of, model"),
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
    entry::SCHEMA,
    entry::checkpoints::SCHEMA,
    entry::handovers::SCHEMA,
    quarantine::SCHEMA,
    households::SCHEMA,
    sums::SCHEMA,
    duplicates::SCHEMA,
    investigation::SCHEMA,
    contacts::SCHEMA,
    contacts::LISTED,
    links::SCHEMA,
    places::SCHEMA,
    visits::SCHEMA,
    passes::SCHEMA,
    saved::SCHEMA,
    forecasts::SCHEMA,
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
    pub(crate) sums: Sums,
    /// Holders of passes whose evidence or assessment changed.
    pub(crate) holders: BTreeSet<PersonId>,
}

impl Folder {
    pub(crate) fn new(utc_offset: UtcOffset) -> Self {
        Self {
            utc_offset,
            counts: Counts::default(),
            sums: Sums::default(),
            holders: BTreeSet::new(),
        }
    }

    /// A folder for a batch that may yet be taken back.
    pub(crate) fn trial(&self) -> Self {
        Self::new(self.utc_offset)
    }

    /// Takes over what a trial gathered.
    pub(crate) fn accept(&mut self, trial: Self) {
        self.counts.merge(trial.counts);
        self.sums.merge(trial.sums);
        self.holders.extend(trial.holders);
    }

    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<(), rusqlite::Error> {
        self.counts.flush(connection)?;
        self.sums.flush(connection)
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
        Body::CheckpointDefined(defined) => entry::defined(connection, fact, defined)?,
        Body::ShiftSet(shift) => entry::shift_set(connection, fact, shift)?,
        Body::EntrantFound(found) => entry::found(connection, fact, found)?,
        Body::EntrantsAlike(alike) => entry::alike(connection, fact, alike)?,
        Body::EntrantJoined(joined) => entry::joined(connection, fact, joined)?,
        Body::EntrantParted(parted) => entry::parted(connection, fact, parted)?,
        Body::EntrantsToldApart(apart) => entry::apart(connection, fact, apart)?,
        Body::EntrantChecked(checked) => entry::checked(connection, fact, checked)?,
        Body::EntrantNotCome(not_come) => entry::not_come(connection, fact, not_come)?,
        Body::EntrantSettled(settled) => entry::settled(connection, fact, settled)?,
        Body::HandOverBegun(begun) => entry::begun(connection, fact, begun)?,
        Body::HandOverReceived(received) => entry::received(connection, fact, received)?,
        Body::ClinicAnswered(answered) => entry::clinic(connection, fact, answered)?,
        Body::ResidentPassed(passed) => {
            entry::resident_passed(connection, fact, passed, folder.utc_offset)?;
        }
        Body::SiteDefined(defined) => quarantine::defined(connection, fact, defined)?,
        Body::OrderMade(made) => {
            quarantine::made(connection, fact, made)?;
            contacts::refresh(connection, made.person, folder)?;
        }
        Body::OrderMoved(moved) => quarantine::moved(connection, fact, moved)?,
        Body::OrderChangeProposed(proposed) => quarantine::proposed(connection, fact, proposed)?,
        Body::OrderChangeDecided(decided) => quarantine::decided(connection, fact, decided)?,
        Body::OrderEnded(ended) => {
            quarantine::ended(connection, fact, ended)?;
            contacts::refresh_of_order(connection, ended.order, folder)?;
        }
        Body::CheckMade(made) => {
            quarantine::checked(connection, fact, made)?;
            contacts::refresh_of_order(connection, made.order, folder)?;
        }
        Body::AbsenceFound(found) => quarantine::absent(connection, fact, found)?,
        Body::AbsenceEnded(ended) => quarantine::back(connection, fact, ended)?,
        Body::SampleTaken(taken) => {
            quarantine::sampled(connection, fact, taken)?;
            contacts::refresh_of_order(connection, taken.order, folder)?;
        }
        Body::SampleResulted(resulted) => {
            quarantine::resulted(connection, fact, resulted)?;
            if let Some(sample) = quarantine::sample(connection, resulted.sample)? {
                contacts::refresh_of_order(connection, sample.order, folder)?;
            }
        }
        Body::NeedStated(stated) => quarantine::needed(connection, fact, stated)?,
        Body::HouseholdRecorded(recorded) => households::recorded(connection, fact, recorded)?,
        Body::ResidentRecorded(recorded) => households::resident(connection, fact, recorded)?,
        Body::HouseholdVisited(visited) => {
            households::visited(connection, fact, visited, folder.utc_offset)?;
        }
        Body::CaseMerged(merged) => duplicates::merged(connection, fact, merged, folder)?,
        Body::CaseParted(parted) => duplicates::parted(connection, fact, parted, folder)?,
        Body::CasesToldApart(apart) => duplicates::told_apart(connection, fact, apart)?,
        Body::CaseDeletionRefused(refused) => {
            subjects::note(connection, &refused.case.to_bytes(), fact)?;
        }
        Body::CasesEdited(edited) => investigation::edited(connection, fact, edited)?,
        Body::ViewSaved(saved) => saved::saved(connection, fact, saved)?,
        Body::CaseSampled(sampled) => investigation::sampled(connection, fact, sampled)?,
        Body::CaseResulted(resulted) => {
            investigation::resulted(connection, fact, resulted, folder)?;
        }
        Body::CaseStayRecorded(stay) => investigation::stayed(connection, fact, stay)?,
        Body::CaseInvestigated(done) => {
            cases::investigated(connection, fact, done.case, done.complete)?;
        }
        Body::ContactNamed(named) => contacts::named(connection, fact, named, folder)?,
        Body::ContactListed(entry) => contacts::list_up(connection, fact, entry)?,
        Body::ContactStepped(stepped) => contacts::stepped(connection, fact, stepped, folder)?,
        Body::ContactFollowed(followed) => contacts::followed(connection, fact, followed, folder)?,
        Body::LinkStated(stated) => links::stated(connection, fact, stated, folder)?,
        Body::LinkWithdrawn(withdrawn) => links::withdrawn(connection, fact, withdrawn, folder)?,
        Body::PlaceDefined(defined) => places::defined(connection, fact, defined)?,
        Body::VisitsTaken(taken) => visits::taken(connection, fact, taken)?,
        Body::VisitsSealed(sealed) => visits::sealed(connection, fact, sealed)?,
        Body::VisitsDropped(dropped) => visits::dropped(connection, fact, dropped)?,
        Body::PassAsked(asked) => passes::asked(connection, fact, asked)?,
        Body::PassConfirmed(confirmed) => {
            passes::confirmed(connection, fact, confirmed, folder)?;
        }
        Body::PassCodeEnded(ended) => passes::code_ended(connection, fact, ended)?,
        Body::PassAssessed(assessed) => passes::assessed(connection, fact, assessed, folder)?,
        Body::HealthReported(report) => passes::reported(connection, fact, report)?,
        Body::CertificateTaken(taken) => passes::certified(connection, fact, taken)?,
        Body::PassKeyListed(listed) => passes::key_listed(connection, listed)?,
        Body::PassKeyRevoked(revoked) => passes::key_revoked(connection, revoked)?,
        Body::SignerTrusted(signer) => passes::signer_trusted(connection, fact, signer)?,
        Body::ForecastMade(made) => forecasts::made(connection, fact, made, folder)?,
        Body::PlaceLooked(_)
        | Body::HouseFounded(_)
        | Body::TokenRevoked(_)
        | Body::ImportMade(_)
        | Body::PeopleExported(_) => {}
    }
    passes::refresh_after(connection, body, folder)
}
