//! Facts of passes, and what facts of other rooms mean for them.

use std::collections::BTreeSet;

use lianfang_core::facts::{
    Body, CertificateTaken, Fact, HealthReported, PassAsked, PassAssessed, PassCodeEnded,
    PassConfirmed,
};
use lianfang_core::ids::{CaseId, ContactId, EntrantId, OrderId, PersonId, SampleId};
use lianfang_core::time::{UtcOffset, day_number};
use lianfang_core::words::Words;
use rusqlite::{Connection, OptionalExtension, params};

use super::super::columns::{area, word};
use super::super::{FoldError, Folder, subjects};
use super::{gather, holder_of};

pub(in crate::views) fn asked(
    connection: &Connection,
    fact: &Fact,
    asked: &PassAsked,
) -> Result<(), FoldError> {
    let done = connection
        .prepare_cached(
            "INSERT INTO view_pass_codes (code, person, area, asked_by, guardian, asked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            asked.code.to_bytes(),
            asked.person.to_bytes(),
            area(fact.area),
            word(asked.by),
            asked.guardian.map(lianfang_core::ids::PassCodeId::to_bytes),
            fact.happened_at.as_millisecond(),
        ])?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("code"));
    }
    subjects::note(connection, &asked.person.to_bytes(), fact)
}

pub(in crate::views) fn confirmed(
    connection: &Connection,
    fact: &Fact,
    confirmed: &PassConfirmed,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let changed = connection
        .prepare_cached(
            "UPDATE view_pass_codes SET confirmed_at = coalesce(confirmed_at, ?2), person = ?3, area = ?4
             WHERE code = ?1 AND ended_at IS NULL",
        )?
        .execute(params![
            confirmed.code.to_bytes(),
            fact.happened_at.as_millisecond(),
            confirmed.person.to_bytes(),
            area(fact.area),
        ])?;
    if changed == 0 {
        return Err(FoldError::NotThere("code"));
    }
    connection
        .prepare_cached(
            "INSERT INTO view_passes (id, holder, area, record) VALUES (?1, ?2, ?3, '{}')
             ON CONFLICT (holder) DO UPDATE SET area = excluded.area",
        )?
        .execute(params![
            fact.seq as i64,
            confirmed.person.to_bytes(),
            area(fact.area)
        ])?;
    for person in std::iter::once(&confirmed.person).chain(&confirmed.also) {
        connection
            .prepare_cached(
                "INSERT INTO view_pass_people (person, holder) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                person.to_bytes(),
                confirmed.person.to_bytes()
            ])?;
    }
    refresh(connection, confirmed.person, folder)?;
    subjects::note(connection, &confirmed.person.to_bytes(), fact)
}

pub(in crate::views) fn code_ended(
    connection: &Connection,
    fact: &Fact,
    ended: &PassCodeEnded,
) -> Result<(), FoldError> {
    let person: Option<[u8; 16]> = connection
        .prepare_cached(
            "UPDATE view_pass_codes SET ended_at = ?2 WHERE code = ?1 AND ended_at IS NULL RETURNING person",
        )?
        .query_row(
            params![ended.code.to_bytes(), fact.happened_at.as_millisecond()],
            |row| row.get(0),
        )
        .optional()?;
    let person = person.ok_or(FoldError::NotThere("code"))?;
    subjects::note(connection, &person, fact)
}

pub(in crate::views) fn assessed(
    connection: &Connection,
    fact: &Fact,
    assessed: &PassAssessed,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let changed = connection
        .prepare_cached(
            "UPDATE view_passes SET fact = ?2, colour = ?3, rule = ?4, since = ?5, until = ?6, pack = ?7, assessed_on = ?8,
             assessed_at = ?9 WHERE holder = ?1",
        )?
        .execute(params![
            assessed.person.to_bytes(),
            fact.id.to_bytes(),
            word(assessed.colour),
            assessed.rule,
            assessed.since.map(day_number),
            assessed.until.map(day_number),
            assessed.pack,
            day_number(assessed.on),
            fact.recorded_at.as_millisecond(),
        ])?;
    if changed == 0 {
        return Err(FoldError::NotThere("pass"));
    }
    folder.holders.insert(assessed.person);
    subjects::note(connection, &assessed.person.to_bytes(), fact)
}

pub(in crate::views) fn reported(
    connection: &Connection,
    fact: &Fact,
    report: &HealthReported,
) -> Result<(), FoldError> {
    let symptoms: Words<_> = report.symptoms.iter().copied().collect();
    connection
        .prepare_cached(
            "INSERT INTO view_health_reports (person, day, seq, at, temperature, symptoms, made_by, abnormal)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            report.person.to_bytes(),
            day_number(report.day),
            fact.seq as i64,
            fact.happened_at.as_millisecond(),
            report.temperature,
            symptoms.bits(),
            word(report.by),
            report.abnormal,
        ])?;
    Ok(())
}

pub(in crate::views) fn certified(
    connection: &Connection,
    fact: &Fact,
    taken: &CertificateTaken,
) -> Result<(), FoldError> {
    let done = connection
        .prepare_cached(
            "INSERT INTO view_pass_certificates (certificate, person, fact, kind, day, complete, issuer, signer)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            taken.certificate,
            taken.person.to_bytes(),
            fact.id.to_bytes(),
            word(taken.kind),
            day_number(taken.day),
            taken.complete,
            taken.issuer,
            taken.signer,
        ])?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("certificate"));
    }
    subjects::note(connection, &taken.person.to_bytes(), fact)
}

/// Gathers anew what is on record of a holder.
fn refresh(
    connection: &Connection,
    holder: PersonId,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let offset: UtcOffset = folder.utc_offset;
    let people: Vec<PersonId> = connection
        .prepare_cached("SELECT person FROM view_pass_people WHERE holder = ?1 ORDER BY person")?
        .query_map([holder.to_bytes()], |row| {
            Ok(PersonId::from_bytes(row.get(0)?))
        })?
        .collect::<Result<_, _>>()?;
    let people = together(connection, people)?;
    for person in &people {
        connection
            .prepare_cached(
                "INSERT INTO view_pass_people (person, holder) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute(params![person.to_bytes(), holder.to_bytes()])?;
    }
    let record = gather(connection, &people, offset)?;
    let text = serde_json::to_string(&record)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection
        .prepare_cached("UPDATE view_passes SET record = ?2 WHERE holder = ?1 AND record <> ?2")?
        .execute(params![holder.to_bytes(), text])?;
    folder.holders.insert(holder);
    Ok(())
}

/// These people, and those whose arrivals were taken for one with theirs.
fn together(
    connection: &Connection,
    people: Vec<PersonId>,
) -> Result<Vec<PersonId>, rusqlite::Error> {
    let mut all: BTreeSet<PersonId> = people.iter().copied().collect();
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT m.person FROM view_entrants e JOIN view_entrants m ON m.root = e.root WHERE e.person = ?1",
    )?;
    for person in people {
        let found = statement
            .query_map([person.to_bytes()], |row| {
                Ok(PersonId::from_bytes(row.get(0)?))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        all.extend(found);
    }
    Ok(all.into_iter().collect())
}

/// After a fact was folded: gathers anew what is on record of the holders whom it is about.
pub(in crate::views) fn refresh_after(
    connection: &Connection,
    body: &Body,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let about = people_of(connection, body)?;
    let mut holders = BTreeSet::new();
    for person in about {
        holders.extend(holder_of(connection, person)?);
    }
    for holder in holders {
        refresh(connection, holder, folder)?;
    }
    Ok(())
}

fn ask(connection: &Connection, sql: &str, id: [u8; 16]) -> Result<Vec<PersonId>, rusqlite::Error> {
    connection
        .prepare_cached(sql)?
        .query_map([id], |row| {
            Ok(row.get::<_, Option<[u8; 16]>>(0)?.map(PersonId::from_bytes))
        })?
        .filter_map(Result::transpose)
        .collect()
}

/// The people whose pass may change with a fact.
fn people_of(connection: &Connection, body: &Body) -> Result<Vec<PersonId>, rusqlite::Error> {
    let case = |case: CaseId| {
        ask(
            connection,
            "SELECT person FROM view_cases WHERE case_id = ?1",
            case.to_bytes(),
        )
    };
    let contact = |contact: ContactId| {
        ask(
            connection,
            "SELECT person FROM view_contacts WHERE contact = ?1",
            contact.to_bytes(),
        )
    };
    let entrant = |entrant: EntrantId| {
        ask(
            connection,
            "SELECT DISTINCT m.person FROM view_entrants e JOIN view_entrants m ON m.root = e.root WHERE e.entrant = ?1",
            entrant.to_bytes(),
        )
    };
    let order = |order: OrderId| {
        ask(
            connection,
            "SELECT person FROM view_orders WHERE order_id = ?1",
            order.to_bytes(),
        )
    };
    let sample = |sample: SampleId| {
        ask(
            connection,
            "SELECT o.person FROM view_samples s JOIN view_orders o ON o.order_id = s.order_id WHERE s.sample = ?1",
            sample.to_bytes(),
        )
    };
    Ok(match body {
        Body::CaseReported(fact) | Body::CaseRevised(fact) => {
            fact.record.details.person.into_iter().collect()
        }
        Body::CaseMerged(merged) => [case(merged.case)?, case(merged.into)?].concat(),
        Body::CaseParted(parted) => [case(parted.case)?, case(parted.from)?].concat(),
        Body::ContactNamed(named) => vec![named.person],
        Body::ContactStepped(stepped) => contact(stepped.contact)?,
        Body::EntrantFound(found) => [vec![found.person], entrant(found.entrant)?].concat(),
        Body::EntrantJoined(joined) => entrant(joined.entrant)?,
        Body::EntrantParted(parted) => entrant(parted.entrant)?,
        Body::EntrantChecked(checked) => entrant(checked.entrant)?,
        Body::EntrantNotCome(not_come) => entrant(not_come.entrant)?,
        Body::EntrantSettled(settled) => entrant(settled.entrant)?,
        Body::HandOverReceived(received) => {
            let mut people = Vec::new();
            for one in &received.entrants {
                people.extend(entrant(*one)?);
            }
            people
        }
        Body::OrderMade(made) => vec![made.person],
        Body::OrderEnded(ended) => order(ended.order)?,
        Body::CheckMade(made) => order(made.order)?,
        Body::AbsenceFound(found) => order(found.order)?,
        Body::AbsenceEnded(ended) => order(ended.order)?,
        Body::SampleResulted(resulted) => sample(resulted.sample)?,
        Body::HealthReported(report) => vec![report.person],
        Body::CertificateTaken(taken) => vec![taken.person],
        _ => Vec::new(),
    })
}
