//! What is on record of a holder, told by the views of the other rooms.

use jiff::civil::Date;
use lianfang_core::cases::{Classification, Outcome};
use lianfang_core::contacts::ContactClass;
use lianfang_core::ids::{ContactId, EntrantId, FactId, OrderId, PersonId};
use lianfang_core::passes::{CaseStanding, PassCertificate, PassJourney, PassMeeting, PassRecord};
use lianfang_core::quarantine::{SampleResult, Watch};
use lianfang_core::time::UtcOffset;
use lianfang_core::words::{Word, Words};
use rusqlite::{Connection, Row};

use super::super::cases::{self, CaseRow};
use super::super::columns::{day_at, malformed, maybe_word_at, moment_at, word, word_at};
use super::super::quarantine::{self, OrderRow};

/// Days with reports that are looked back at.
const REPORTS: i64 = 400;
/// Records of one kind that are looked at.
const RECORDS: i64 = 200;

/// One report or check.
struct Report {
    day: Date,
    at: i64,
    temperature: Option<u16>,
    symptoms: u32,
    abnormal: bool,
}

/// All that the views say of these people, who are one.
pub fn gather(
    connection: &Connection,
    people: &[PersonId],
    offset: UtcOffset,
) -> Result<PassRecord, rusqlite::Error> {
    let mut record = PassRecord::default();
    let mut found = Vec::new();
    let mut orders = Vec::new();
    let mut reports = Vec::new();
    for person in people {
        found.extend(cases::all_of_person(connection, *person)?);
        meetings(connection, *person, &mut record)?;
        journeys(connection, *person, offset, &mut record)?;
        for order in quarantine::orders_of_person(connection, *person)? {
            orders.extend(quarantine::order(connection, order)?);
        }
        reports.extend(own_reports(connection, *person)?);
        certificates(connection, *person, &mut record)?;
    }
    as_case(&found, &mut record);
    for order in &orders {
        meeting_of_order(order, &mut record);
        reports.extend(checks(connection, order.order)?);
    }
    watched(connection, &orders, offset, &mut record)?;
    tested(connection, &orders, &mut record)?;
    told(reports, &mut record);
    record
        .meetings
        .sort_by_key(|met| (met.class, met.last_exposure));
    record
        .journeys
        .sort_by_key(|journey| (journey.origin, journey.abroad, journey.entered));
    record
        .certificates
        .sort_by_key(|proof| (proof.day, proof.fact));
    Ok(record)
}

/// The newest case that is one counts; where all are excluded, the newest of these.
fn as_case(found: &[CaseRow], record: &mut PassRecord) {
    let mut standing: Vec<&CaseRow> = found.iter().filter(|case| case.stands()).collect();
    standing.sort_by_key(|case| (case.day, case.id));
    record.died = standing
        .iter()
        .any(|case| case.details.outcome == Some(Outcome::Died));
    let Some(case) = standing
        .iter()
        .rev()
        .find(|case| case.is_case())
        .or(standing.last())
    else {
        return;
    };
    record.case_id = Some(case.case);
    record.case_since = Some(case.day);
    record.onset = case.details.onset;
    record.age = record.age.or(case.details.age_years);
    record.case = Some(match (case.details.classification, case.details.outcome) {
        (Classification::Excluded, _) => CaseStanding::Excluded,
        (_, Some(Outcome::Recovered)) => {
            record.recovered = Some(case.details.outcome_date.unwrap_or(case.day));
            CaseStanding::Recovered
        }
        (Classification::Suspected, _) => CaseStanding::Suspected,
        (Classification::Clinical, _) => CaseStanding::Clinical,
        (Classification::Confirmed, _) => CaseStanding::Confirmed,
        (Classification::Asymptomatic, _) => CaseStanding::Asymptomatic,
    });
}

/// The last meeting of each class.
fn met(record: &mut PassRecord, new: PassMeeting) {
    match record
        .meetings
        .iter_mut()
        .find(|known| known.class == new.class)
    {
        Some(known) if known.last_exposure >= new.last_exposure => {}
        Some(known) => *known = new,
        None => record.meetings.push(new),
    }
}

fn meetings(
    connection: &Connection,
    person: PersonId,
    record: &mut PassRecord,
) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT contact, class, met FROM view_contacts WHERE person = ?1 AND class > ?2 AND met IS NOT NULL
         ORDER BY met DESC, id DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(rusqlite::params![
        person.to_bytes(),
        word(ContactClass::None),
        RECORDS
    ])?;
    while let Some(row) = rows.next()? {
        met(
            record,
            PassMeeting {
                contact: Some(ContactId::from_bytes(row.get(0)?)),
                order: None,
                class: word_at(row, 1)?,
                last_exposure: day_of(row, 2)?,
            },
        );
    }
    Ok(())
}

/// A contact that was known when an order was made, and is on no list of contacts.
fn meeting_of_order(order: &OrderRow, record: &mut PassRecord) {
    let text = |field: &str| order.evidence.get(field).and_then(|value| value.as_str());
    let class = text("contact").and_then(|class| {
        ContactClass::ALL
            .iter()
            .copied()
            .find(|known| known.word() == class)
    });
    let last = text("last_exposure").and_then(|day| day.parse::<Date>().ok());
    if let (Some(class), Some(last_exposure)) = (class, last)
        && class != ContactClass::None
    {
        met(
            record,
            PassMeeting {
                contact: None,
                order: Some(order.order),
                class,
                last_exposure,
            },
        );
    }
}

fn journeys(
    connection: &Connection,
    person: PersonId,
    offset: UtcOffset,
    record: &mut PassRecord,
) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT r.entrant, max(m.origin), max(m.abroad), r.arrival, max(r.age)
         FROM view_entrants e JOIN view_entrants r ON r.entrant = e.root JOIN view_entrants m ON m.root = r.entrant
         WHERE e.person = ?1 AND r.arrived = 1 GROUP BY r.entrant ORDER BY r.arrival DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(rusqlite::params![person.to_bytes(), RECORDS])?;
    while let Some(row) = rows.next()? {
        let journey = PassJourney {
            entrant: EntrantId::from_bytes(row.get(0)?),
            origin: word_at(row, 1)?,
            abroad: row.get(2)?,
            entered: offset.day_of(moment_at(row, 3)?),
        };
        record.age = record.age.or(row.get(4)?);
        let known = record
            .journeys
            .iter_mut()
            .find(|known| known.origin == journey.origin && known.abroad == journey.abroad);
        match known {
            Some(known) if known.entered >= journey.entered => {}
            Some(known) => *known = journey,
            None => record.journeys.push(journey),
        }
    }
    Ok(())
}

/// The strictest order in force.
fn watched(
    connection: &Connection,
    orders: &[OrderRow],
    offset: UtcOffset,
    record: &mut PassRecord,
) -> Result<(), rusqlite::Error> {
    let Some(order) = orders
        .iter()
        .filter(|order| order.is_live() && order.watch != Watch::None)
        .max_by_key(|order| (order.watch, order.id))
    else {
        return Ok(());
    };
    record.watch = Some(order.watch);
    record.order = Some(order.order);
    record.watch_since = Some(offset.day_of(order.made_at));
    record.left_watch = quarantine::absences(connection, order.order)?
        .last()
        .map(|absence| offset.day_of(absence.since));
    Ok(())
}

/// Negative results in a row, the newest first.
fn tested(
    connection: &Connection,
    orders: &[OrderRow],
    record: &mut PassRecord,
) -> Result<(), rusqlite::Error> {
    let mut samples = Vec::new();
    for order in orders {
        samples.extend(quarantine::samples_of(connection, order.order)?);
    }
    samples.retain(|sample| sample.result.is_some());
    samples.sort_by_key(|sample| std::cmp::Reverse((sample.day, sample.sample)));
    record.tested = samples.first().map(|sample| sample.day);
    record.negative_tests = samples
        .iter()
        .take_while(|sample| sample.result == Some(SampleResult::Negative))
        .count() as u32;
    Ok(())
}

fn day_of(row: &Row<'_>, index: usize) -> rusqlite::Result<Date> {
    day_at(row, index)
}

fn read_report(row: &Row<'_>) -> rusqlite::Result<Report> {
    Ok(Report {
        day: day_of(row, 0)?,
        at: row.get(1)?,
        temperature: row.get(2)?,
        symptoms: row.get(3)?,
        abnormal: row.get(4)?,
    })
}

fn own_reports(connection: &Connection, person: PersonId) -> Result<Vec<Report>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT day, at, temperature, symptoms, abnormal FROM view_health_reports
             WHERE person = ?1 ORDER BY day DESC, seq DESC LIMIT ?2",
        )?
        .query_map(rusqlite::params![person.to_bytes(), REPORTS], read_report)?
        .collect()
}

fn checks(connection: &Connection, order: OrderId) -> Result<Vec<Report>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT day, at, temperature, symptoms, abnormal FROM view_checks
             WHERE order_id = ?1 ORDER BY day DESC, slot DESC, at DESC, seq DESC LIMIT ?2",
        )?
        .query_map(rusqlite::params![order.to_bytes(), REPORTS], read_report)?
        .collect()
}

/// The newest report, the newest with symptoms, and the healthy days in a row up to the newest.
fn told(mut reports: Vec<Report>, record: &mut PassRecord) {
    reports.sort_by_key(|report| std::cmp::Reverse((report.day, report.at)));
    let Some(newest) = reports.first() else {
        return;
    };
    record.reported = Some(newest.day);
    record.temperature = newest.temperature;
    record.symptoms = Words::from_bits(newest.symptoms).iter().collect();
    record.last_symptoms = reports
        .iter()
        .find(|report| report.symptoms != 0 || report.abnormal)
        .map(|report| report.day);
    let mut next: Option<Date> = None;
    for of_day in reports.chunk_by(|one, other| one.day == other.day) {
        let day = of_day[0].day;
        let gap = next.is_some_and(|next| next != day);
        if gap || of_day.iter().any(|report| report.abnormal) {
            break;
        }
        record.healthy_reports += 1;
        next = day.yesterday().ok();
    }
}

fn certificates(
    connection: &Connection,
    person: PersonId,
    record: &mut PassRecord,
) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT fact, kind, day, complete FROM view_pass_certificates WHERE person = ?1 ORDER BY day, certificate LIMIT ?2",
    )?;
    let mut rows = statement.query(rusqlite::params![person.to_bytes(), RECORDS])?;
    while let Some(row) = rows.next()? {
        record.certificates.push(PassCertificate {
            fact: FactId::from_bytes(row.get(0)?),
            kind: maybe_word_at(row, 1)?.ok_or_else(|| malformed(1))?,
            day: day_of(row, 2)?,
            complete: row.get(3)?,
        });
    }
    Ok(())
}
