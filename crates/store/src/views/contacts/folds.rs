//! How facts become contacts, and how a contact stands by the facts about the person.

use jiff::civil::Date;
use lianfang_core::contacts::{
    Channel, ContactClass, ContactStatus, ContactStep, Meeting, Setting,
};
use lianfang_core::facts::{ContactFollowed, ContactNamed, ContactStepped, Fact};
use lianfang_core::ids::{CaseId, ContactId, OrderId, PersonId};
use lianfang_core::quarantine::{EndHow, SampleResult};
use lianfang_core::time::{UtcOffset, day_number};
use lianfang_core::words::{Word, Words};
use rusqlite::{Connection, OptionalExtension, params};

use super::{COLUMNS, ContactRow, NEVER, get, read_row};
use crate::views::cases::{self, CaseRow};
use crate::views::columns::{area, malformed, maybe_word_at, word, word_at};
use crate::views::sums::Sum;
use crate::views::{FoldError, Folder, quarantine, subjects};

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;
/// Hours until somebody was told that are told apart: about forty days.
const MOST_HOURS: i64 = 1_000;

fn unfit(en: impl Into<String>, zh: impl Into<String>) -> FoldError {
    FoldError::Unfit(lianfang_core::text::Text::new(en, zh))
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, FoldError> {
    serde_json::to_string(value).map_err(|_| malformed(0).into())
}

/// Adds a contact to, or with -1 takes it from, all that is summed.
fn sum(row: &ContactRow, folder: &mut Folder, n: i64) {
    let class = word(row.class);
    let area = row.area;
    folder
        .sums
        .add(Sum::Contacts, area, [class, word(row.status), 0], n);
    if row.is_followed() {
        let seen = row.followed_on.map_or(NEVER, day_number);
        folder.sums.add(Sum::Due, area, [seen.into(), 0, 0], n);
    }
    let day = day_number(folder.utc_offset.day_of(row.named_at));
    let hours = row.told_at.map_or(-1, |told| {
        let waited = (told.as_millisecond() - row.named_at.as_millisecond()).max(0);
        ((waited + HOUR - 1) / HOUR).min(MOST_HOURS)
    });
    folder
        .sums
        .add(Sum::Traced, area, [day.into(), class, hours], n);
}

pub(in crate::views) fn named(
    connection: &Connection,
    fact: &Fact,
    named: &ContactNamed,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let case = cases::get(connection, named.case)?.ok_or(FoldError::NotThere("case"))?;
    let own = cases::all_of_person(connection, named.person)?;
    if case.details.person == Some(named.person) || own.iter().any(|one| one.root() == case.root())
    {
        return Err(unfit(
            "Nobody is a contact of themselves: this person is the case.",
            "本人不能是自己的接触者：此人即该病例。",
        ));
    }
    if let Some(through) = named.through {
        let met = get(connection, through)?.ok_or(FoldError::NotThere("contact"))?;
        if met.person == named.person || met.case != named.case {
            return Err(unfit(
                "Whoever was met is another contact of the same case.",
                "所接触者须为同一病例的另一名接触者。",
            ));
        }
    }
    let there: Option<[u8; 16]> = connection
        .prepare_cached("SELECT contact FROM view_contacts WHERE person = ?1 AND case_id = ?2")?
        .query_row(
            params![named.person.to_bytes(), named.case.to_bytes()],
            |row| row.get(0),
        )
        .optional()?;
    if there.is_some_and(|there| there != named.contact.to_bytes()) {
        return Err(FoldError::AlreadyThere("contact"));
    }
    exposure(connection, fact, named)?;
    match get(connection, named.contact)? {
        None => insert(connection, fact, named)?,
        Some(row) if row.person == named.person && row.case == named.case => {
            sum(&row, folder, -1);
            again(connection, fact, named, &row)?;
        }
        Some(_) => return Err(FoldError::AlreadyThere("contact")),
    }
    // What was taken out of the sums above, or never was in them, is put in by what stands now.
    let row = judged(connection, named.contact, folder.utc_offset)?;
    sum(&row, folder, 1);
    subjects::note(connection, &named.contact.to_bytes(), fact)?;
    subjects::note(connection, &named.case.to_bytes(), fact)?;
    cases::recheck_known(connection, named.person, folder)
}

fn exposure(connection: &Connection, fact: &Fact, named: &ContactNamed) -> Result<(), FoldError> {
    let meeting = (named.meeting != Meeting::default())
        .then(|| json(&named.meeting))
        .transpose()?;
    let evidence = (!named.evidence.is_empty())
        .then(|| json(&named.evidence))
        .transpose()?;
    connection
        .prepare_cached(
            "INSERT INTO view_exposures (contact, seq, at, channel, met, met_first, meeting, certainty, class, rule, pack,
             evidence, through, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            named.contact.to_bytes(),
            fact.seq as i64,
            fact.happened_at.as_millisecond(),
            word(named.channel),
            named.met.map(day_number),
            named.met_first.map(day_number),
            meeting,
            named.certainty.map(word),
            word(named.class),
            named.rule,
            named.pack,
            evidence,
            named.through.map(ContactId::to_bytes),
            fact.actor.to_bytes(),
        ])?;
    Ok(())
}

/// Where they met: as somebody noted it, else as the way tells by which it became known.
fn setting_of(named: &ContactNamed) -> Option<i64> {
    let by_channel = match named.channel {
        Channel::Household => Some(Setting::Household),
        Channel::Work => Some(Setting::Work),
        Channel::Site => Some(Setting::QuarantineSite),
        Channel::Journey => Some(Setting::Transport),
        Channel::Interview | Channel::Visits | Channel::Import => None,
    };
    named.meeting.setting.or(by_channel).map(word)
}

fn insert(connection: &Connection, fact: &Fact, named: &ContactNamed) -> Result<(), FoldError> {
    let details = (!named.details.is_empty())
        .then(|| json(&named.details))
        .transpose()?;
    connection
        .prepare_cached(
            "INSERT INTO view_contacts (id, contact, person, case_id, through, area, class, rule, pack, channel, met,
             met_first, until, details, exposures, named_at, status, open, followed_on, seq, setting)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 1, ?15, ?16, 1, ?17, ?1, ?18)",
        )?
        .execute(params![
            fact.seq as i64,
            named.contact.to_bytes(),
            named.person.to_bytes(),
            named.case.to_bytes(),
            named.through.map(ContactId::to_bytes),
            area(fact.area),
            word(named.class),
            named.rule,
            named.pack,
            word(named.channel),
            named.met.map(day_number),
            named.met_first.or(named.met).map(day_number),
            named.until.map(day_number),
            details,
            fact.happened_at.as_millisecond(),
            word(ContactStatus::Named),
            NEVER,
            setting_of(named),
        ])?;
    Ok(())
}

/// A further exposure: the closest class counts, with its rule and setting, and the days are those of all.
fn again(
    connection: &Connection,
    fact: &Fact,
    named: &ContactNamed,
    row: &ContactRow,
) -> Result<(), FoldError> {
    let closer = named.class > row.class;
    let earliest = |one: Option<Date>, other: Option<Date>| match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let details = if named.details.is_empty() {
        row.details.clone()
    } else {
        named.details.clone()
    };
    let details = (!details.is_empty()).then(|| json(&details)).transpose()?;
    let (rule, pack) = if closer {
        (&named.rule, &named.pack)
    } else {
        (&row.rule, &row.pack)
    };
    let through = if named.through.is_none() {
        None
    } else {
        row.through
    };
    connection
        .prepare_cached(
            "UPDATE view_contacts SET through = ?2, area = ?3, class = ?4, rule = ?5, pack = ?6, met = ?7, met_first = ?8,
             until = ?9, details = ?10, exposures = exposures + 1, named_at = min(named_at, ?11), seq = ?12,
             setting = iif(?14 OR setting IS NULL, coalesce(?13, setting), setting)
             WHERE contact = ?1",
        )?
        .execute(params![
            named.contact.to_bytes(),
            through.map(ContactId::to_bytes),
            area(fact.area),
            word(named.class.max(row.class)),
            rule,
            pack,
            named.met.max(row.met).map(day_number),
            earliest(named.met_first.or(named.met), row.met_first).map(day_number),
            named.until.max(row.until).map(day_number),
            details,
            fact.happened_at.as_millisecond(),
            fact.seq as i64,
            setting_of(named),
            closer,
        ])?;
    Ok(())
}

pub(in crate::views) fn stepped(
    connection: &Connection,
    fact: &Fact,
    stepped: &ContactStepped,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let row = get(connection, stepped.contact)?.ok_or(FoldError::NotThere("contact"))?;
    if fact.happened_at < row.named_at {
        return Err(unfit(
            "This step is older than the contact itself.",
            "该步骤早于接触者登记时间。",
        ));
    }
    connection
        .prepare_cached(
            "INSERT INTO view_contact_steps (contact, seq, step, at, result, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            stepped.contact.to_bytes(),
            fact.seq as i64,
            word(stepped.step),
            fact.happened_at.as_millisecond(),
            stepped.result.map(word),
            fact.actor.to_bytes(),
        ])?;
    touched(connection, fact, &row, folder)
}

pub(in crate::views) fn followed(
    connection: &Connection,
    fact: &Fact,
    followed: &ContactFollowed,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let row = get(connection, followed.contact)?.ok_or(FoldError::NotThere("contact"))?;
    let symptoms: Words<_> = followed.symptoms.iter().copied().collect();
    connection
        .prepare_cached(
            "INSERT INTO view_follows (contact, day, seq, status, temperature, symptoms, at, actor)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            followed.contact.to_bytes(),
            day_number(followed.day),
            fact.seq as i64,
            word(followed.status),
            followed.temperature,
            symptoms.bits(),
            fact.happened_at.as_millisecond(),
            fact.actor.to_bytes(),
        ])?;
    touched(connection, fact, &row, folder)
}

fn touched(
    connection: &Connection,
    fact: &Fact,
    before: &ContactRow,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    connection
        .prepare_cached("UPDATE view_contacts SET seq = ?2 WHERE contact = ?1")?
        .execute(params![before.contact.to_bytes(), fact.seq as i64])?;
    sum(before, folder, -1);
    let row = judged(connection, before.contact, folder.utc_offset)?;
    sum(&row, folder, 1);
    subjects::note(connection, &before.contact.to_bytes(), fact)
}

/// Judges the contacts of a person anew: an order, a sample or a case of theirs has changed.
pub(in crate::views) fn refresh(
    connection: &Connection,
    person: PersonId,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    let rows: Vec<ContactRow> = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_contacts WHERE person = ?1 ORDER BY id"
        ))?
        .query_map([person.to_bytes()], read_row)?
        .collect::<Result<_, _>>()?;
    for before in rows {
        let row = judged(connection, before.contact, folder.utc_offset)?;
        if row != before {
            sum(&before, folder, -1);
            sum(&row, folder, 1);
        }
    }
    Ok(())
}

/// [`refresh`] for whoever is under an order.
pub(in crate::views) fn refresh_of_order(
    connection: &Connection,
    order: OrderId,
    folder: &mut Folder,
) -> Result<(), FoldError> {
    match quarantine::order(connection, order)? {
        Some(order) => refresh(connection, order.person, folder),
        None => Ok(()),
    }
}

/// An order, as far as it tells how a contact stands.
struct Order {
    id: OrderId,
    made_at: i64,
    ended: Option<(i64, EndHow)>,
    result: Option<SampleResult>,
}

/// The orders of a person that were in force when, or after, the contact was named.
fn orders(connection: &Connection, row: &ContactRow) -> Result<Vec<Order>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT order_id, made_at, ended_at, how, result FROM view_orders WHERE person = ?1
             AND (ended_at IS NULL OR ended_at >= ?2) ORDER BY id",
        )?
        .query_map(
            params![row.person.to_bytes(), row.named_at.as_millisecond()],
            |found| {
                let ended: Option<i64> = found.get(2)?;
                let how: Option<EndHow> = maybe_word_at(found, 3)?;
                Ok(Order {
                    id: OrderId::from_bytes(found.get(0)?),
                    made_at: found.get(1)?,
                    ended: ended.zip(how),
                    result: maybe_word_at(found, 4)?,
                })
            },
        )?
        .collect()
}

/// The case that a contact became: the first of the person's that counts and is not from before the meeting.
fn became(
    connection: &Connection,
    row: &ContactRow,
    offset: UtcOffset,
) -> Result<Option<CaseRow>, rusqlite::Error> {
    let from = row.met_first.unwrap_or_else(|| offset.day_of(row.named_at));
    let mut found: Option<CaseRow> = None;
    for reported in cases::all_of_person(connection, row.person)? {
        let case = match reported.merged_into {
            Some(root) => cases::get(connection, root)?.unwrap_or(reported),
            None => reported,
        };
        let first = case.details.anchor().unwrap_or(case.day);
        let counts = case.is_case() && case.case != row.case && first.max(case.day) >= from;
        let sooner = found
            .as_ref()
            .is_none_or(|known| (case.found_at, case.id) < (known.found_at, known.id));
        if counts && sooner {
            found = Some(case);
        }
    }
    Ok(found)
}

/// When steps of a kind were taken: the first and the last.
#[derive(Clone, Copy, Default)]
struct When {
    first: Option<i64>,
    last: Option<i64>,
}

/// Judges a contact anew from the steps, orders, samples and cases of the person, and writes down how it stands.
fn judged(
    connection: &Connection,
    contact: ContactId,
    offset: UtcOffset,
) -> Result<ContactRow, FoldError> {
    let row = get(connection, contact)?.ok_or(FoldError::NotThere("contact"))?;
    let named_at = row.named_at.as_millisecond();
    let mut steps = [When::default(); ContactStep::ALL.len()];
    let mut tested: Option<(i64, Option<SampleResult>)> = None;
    let mut statement = connection.prepare_cached(
        "SELECT step, at, result FROM view_contact_steps WHERE contact = ?1 ORDER BY at, seq",
    )?;
    let mut found = statement.query([contact.to_bytes()])?;
    while let Some(step) = found.next()? {
        let kind: ContactStep = word_at(step, 0)?;
        let at: i64 = step.get(1)?;
        let when = &mut steps[kind.index()];
        when.first = when.first.or(Some(at));
        when.last = Some(at);
        if kind == ContactStep::Tested {
            tested = Some((at, maybe_word_at(step, 2)?));
        }
    }
    let step = |kind: ContactStep| steps[kind.index()];
    let orders = orders(connection, &row)?;
    let in_force: Vec<&Order> = orders
        .iter()
        .filter(|order| !matches!(order.ended, Some((_, EndHow::Cancelled))))
        .collect();
    let newest = in_force.last();
    let watched_at = in_force.first().map(|order| order.made_at.max(named_at));
    let (sampled_at, sample_result) = samples(connection, &in_force, named_at)?;
    let case = became(connection, &row, offset)?;
    let found_at = case
        .as_ref()
        .map(|case| case.found_at.as_millisecond().max(named_at));
    let located = [ContactStep::Located, ContactStep::Notified]
        .into_iter()
        .filter_map(|kind| step(kind).first)
        .min();
    let up = [ContactStep::Located, ContactStep::Notified]
        .into_iter()
        .filter_map(|kind| step(kind).last)
        .max()
        .unwrap_or(i64::MIN);
    let given_up = [
        (ContactStep::Lost, ContactStatus::Lost),
        (ContactStep::Refused, ContactStatus::Refused),
        (ContactStep::Gone, ContactStatus::Gone),
        (ContactStep::Released, ContactStatus::Released),
    ]
    .into_iter()
    .filter_map(|(kind, status)| Some((step(kind).last?, status)))
    .max_by_key(|(at, _)| *at)
    .filter(|(at, _)| *at >= up);
    let of_order = newest.map(|order| match order.ended {
        None => (None, ContactStatus::Watched),
        Some((at, EndHow::Released)) => (Some(at), ContactStatus::Released),
        Some((at, EndHow::Died | EndHow::HandedOn)) => (Some(at), ContactStatus::Gone),
        Some((at, EndHow::Case | EndHow::Cancelled)) => (Some(at), ContactStatus::Notified),
    });
    let (ended_at, status) = match (found_at, of_order, given_up) {
        (Some(at), _, _) => (Some(at), ContactStatus::BecameCase),
        (None, Some((None, watched)), _) => (None, watched),
        (None, Some((Some(at), status)), given_up) => {
            match given_up.filter(|(step, _)| *step >= at) {
                Some((at, status)) => (Some(at), status),
                None if status.is_open() => (None, status),
                None => (Some(at), status),
            }
        }
        (None, None, Some((at, status))) => (Some(at), status),
        (None, None, None) if step(ContactStep::Notified).first.is_some() => {
            (None, ContactStatus::Notified)
        }
        (None, None, None) if located.is_some() => (None, ContactStatus::Located),
        (None, None, None) => (None, ContactStatus::Named),
    };
    let told_at = [step(ContactStep::Notified).first, watched_at, found_at]
        .into_iter()
        .flatten()
        .min();
    let (followed_on, followed) = seen(connection, contact, &in_force)?;
    connection
        .prepare_cached(
            "UPDATE view_contacts SET located_at = ?2, notified_at = ?3, watched_at = ?4, order_id = ?5, tested_at = ?6,
             result = ?7, ended_at = ?8, became = ?9, told_at = ?10, status = ?11, open = ?12, followed_on = ?13,
             followed = ?14 WHERE contact = ?1",
        )?
        .execute(params![
            contact.to_bytes(),
            located,
            step(ContactStep::Notified).first,
            watched_at,
            newest.map(|order| order.id.to_bytes()),
            [step(ContactStep::Tested).first, sampled_at].into_iter().flatten().min(),
            sample_result.or(tested.and_then(|(_, result)| result)).map(word),
            ended_at,
            case.map(|case| CaseId::to_bytes(case.case)),
            told_at,
            word(status),
            status.is_open(),
            followed_on,
            followed,
        ])?;
    get(connection, contact)?.ok_or(FoldError::NotThere("contact"))
}

/// When the first sample under these orders was taken since the contact was named, and the newest result.
fn samples(
    connection: &Connection,
    orders: &[&Order],
    named_at: i64,
) -> Result<(Option<i64>, Option<SampleResult>), rusqlite::Error> {
    let mut first: Option<i64> = None;
    for order in orders {
        let taken: Option<i64> = connection
            .prepare_cached(
                "SELECT min(taken_at) FROM view_samples WHERE order_id = ?1 AND taken_at >= ?2",
            )?
            .query_row(params![order.id.to_bytes(), named_at], |row| row.get(0))?;
        first = [first, taken].into_iter().flatten().min();
    }
    let result = orders.iter().rev().find_map(|order| order.result);
    Ok((first, result.filter(|_| first.is_some())))
}

/// The last day on which somebody was seen, by follow-up or a check under an order, and what came of the newest follow-up.
fn seen(
    connection: &Connection,
    contact: ContactId,
    orders: &[&Order],
) -> Result<(i32, Option<i64>), rusqlite::Error> {
    let mut last = NEVER;
    let mut newest = None;
    let mut statement = connection.prepare_cached(
        "SELECT day, status FROM view_follows WHERE contact = ?1 ORDER BY day DESC, seq DESC",
    )?;
    let mut rows = statement.query([contact.to_bytes()])?;
    while let Some(row) = rows.next()? {
        let status: lianfang_core::contacts::FollowUp = word_at(row, 1)?;
        newest = newest.or(Some(word(status)));
        if status.is_seen() {
            last = row.get(0)?;
            break;
        }
    }
    for order in orders {
        let day: Option<i32> = connection
            .prepare_cached("SELECT max(day) FROM view_checks WHERE order_id = ?1")?
            .query_row([order.id.to_bytes()], |row| row.get(0))?;
        last = last.max(day.unwrap_or(NEVER));
    }
    Ok((last, newest))
}

/// The class is a word whose order is that of its weight.
const _: () = assert!((ContactClass::Close as usize) > (ContactClass::Secondary as usize));
