//! Lists of contacts.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::{
    Certainty, Channel, ContactClass, ContactStatus, ContactStep, FollowUp, Meeting,
};
use lianfang_core::entry::Symptom;
use lianfang_core::ids::{AccountId, CaseId, ContactId, PersonId};
use lianfang_core::quarantine::SampleResult;
use lianfang_core::time::day_number;
use lianfang_core::words::{Word, Words};
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::{COLUMNS, ContactRow, read_row};
use crate::error::StoreError;
use crate::views::columns::{
    day_at, malformed, maybe_day_at, maybe_word_at, moment_at, span, word, word_at,
};
use crate::views::sums::{self, Sum};

/// Which contacts a list shows.
#[derive(Debug, Clone, Default)]
pub struct ContactFilter {
    /// Within this area.
    pub area: Option<AreaCode>,
    /// Of this class.
    pub class: Option<ContactClass>,
    /// That stand so.
    pub status: Option<ContactStatus>,
    /// Of one of these cases.
    pub cases: Option<Vec<CaseId>>,
    /// One of these people.
    pub people: Option<Vec<PersonId>>,
}

/// Where the next page begins: after this row.
pub type ContactCursor = u64;

/// Where the next page of those to be followed begins: after this day and row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueCursor {
    /// The day on which the last one shown was seen.
    pub seen: i32,
    /// Its row.
    pub id: u64,
}

impl ContactFilter {
    fn is_narrow(&self) -> bool {
        self.cases.is_some() || self.people.is_some()
    }

    fn conditions(&self) -> (Vec<String>, Vec<Value>) {
        let mut values: Vec<Value> = Vec::new();
        let mut conditions = Vec::new();
        let all = |values: &mut Vec<Value>, bytes: &mut dyn Iterator<Item = [u8; 16]>| {
            let places: Vec<String> = bytes
                .map(|id| {
                    values.push(Value::Blob(id.to_vec()));
                    format!("?{}", values.len())
                })
                .collect();
            places.join(",")
        };
        // Each class and status is named, also where all are asked for: so the index on them leads to the area.
        let statuses: Vec<String> = ContactStatus::ALL
            .iter()
            .filter(|one| self.status.is_none_or(|asked| asked == **one))
            .map(|one| word(*one).to_string())
            .collect();
        let classes: Vec<String> = ContactClass::ALL
            .iter()
            .filter(|one| self.class.is_none_or(|asked| asked == **one))
            .map(|one| word(*one).to_string())
            .collect();
        // One status is said as such: the index on it then gives the order of naming.
        conditions.push(match &statuses[..] {
            [one] => format!("status = {one}"),
            all => format!("status IN ({})", all.join(",")),
        });
        conditions.push(format!("class IN ({})", classes.join(",")));
        if let Some(within) = self.area {
            let (first, last) = span(within);
            values.push(Value::Integer(first));
            values.push(Value::Integer(last));
            conditions.push(format!(
                "area BETWEEN ?{} AND ?{}",
                values.len() - 1,
                values.len()
            ));
        }
        if let Some(cases) = &self.cases {
            let places = all(&mut values, &mut cases.iter().map(|id| id.to_bytes()));
            conditions.push(format!("case_id IN ({places})"));
        }
        if let Some(people) = &self.people {
            let places = all(&mut values, &mut people.iter().map(|id| id.to_bytes()));
            conditions.push(format!("person IN ({places})"));
        }
        (conditions, values)
    }
}

/// How many contacts a filter lets through.
pub fn count(connection: &Connection, filter: &ContactFilter) -> Result<u64, StoreError> {
    if filter.is_narrow() {
        let (conditions, values) = filter.conditions();
        let index = narrow_index(filter);
        let n: i64 = connection
            .prepare_cached(&format!(
                "SELECT count(*) FROM view_contacts {index} WHERE {}",
                conditions.join(" AND ")
            ))?
            .query_row(params_from_iter(values), |row| row.get(0))?;
        return Ok(n as u64);
    }
    kept(connection, filter.area.unwrap_or(AreaCode::COUNTRY), filter)
}

fn kept(
    connection: &Connection,
    within: AreaCode,
    filter: &ContactFilter,
) -> Result<u64, StoreError> {
    let classes = match filter.class {
        Some(class) => (word(class), word(class)),
        None => (0, i64::MAX),
    };
    let rows = sums::rows(connection, Sum::Contacts, within, classes)?;
    Ok(rows
        .into_iter()
        .filter(|([_, status, _], _)| filter.status.is_none_or(|asked| word(asked) == *status))
        .map(|(_, n)| n)
        .sum())
}

fn narrow_index(filter: &ContactFilter) -> &'static str {
    if filter.cases.is_some() {
        "INDEXED BY view_contacts_case"
    } else {
        "INDEXED BY view_contacts_person"
    }
}

/// A page of contacts, those first named newest on top.
///
/// Either rows are looked at from the newest back until enough match, among those of the status where one is asked for (the
/// newest are seldom released); or all that match are found by the index and put in order: whichever looks at fewer.
pub fn list(
    connection: &Connection,
    filter: &ContactFilter,
    after: Option<ContactCursor>,
    limit: usize,
) -> Result<Vec<ContactRow>, StoreError> {
    let (mut conditions, mut values) = filter.conditions();
    let index = if filter.is_narrow() {
        narrow_index(filter)
    } else {
        let pool = ContactFilter {
            status: filter.status,
            ..ContactFilter::default()
        };
        let pool = kept(connection, AreaCode::COUNTRY, &pool)?;
        let matching = kept(connection, filter.area.unwrap_or(AreaCode::COUNTRY), filter)?;
        if matching <= (limit as u64).saturating_mul(pool) / matching.max(1) {
            "INDEXED BY view_contacts_kind"
        } else if filter.status.is_some() {
            "INDEXED BY view_contacts_status"
        } else {
            "NOT INDEXED"
        }
    };
    if let Some(after) = after {
        values.push(Value::Integer(after as i64));
        conditions.push(format!("id < ?{}", values.len()));
    }
    values.push(Value::Integer(limit as i64));
    let columns = COLUMNS
        .split(", ")
        .map(|column| format!("c.{}", column.trim()))
        .collect::<Vec<_>>()
        .join(", ");
    let rows = connection
        .prepare_cached(&format!(
            "SELECT {columns} FROM (SELECT id FROM view_contacts {index} WHERE {}
             ORDER BY id DESC LIMIT ?{}) AS page CROSS JOIN view_contacts AS c USING (id) ORDER BY c.id DESC",
            conditions.join(" AND "),
            values.len()
        ))?
        .query_map(params_from_iter(values), read_row)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Contacts that are gathered and put in order rather than looked for from the longest unseen on.
const FEW: u64 = 20_000;

/// A page of contacts to be followed that were not seen on `day` or later, the longest unseen on top.
pub fn due(
    connection: &Connection,
    within: AreaCode,
    day: Date,
    after: Option<DueCursor>,
    limit: usize,
) -> Result<Vec<ContactRow>, StoreError> {
    let (first, last) = span(within);
    let followed: u64 = sums::rows(connection, Sum::Due, within, (i64::MIN, i64::MAX))?
        .into_iter()
        .map(|(_, n)| n)
        .sum();
    let index = if followed <= FEW {
        "view_contacts_due_in"
    } else {
        "view_contacts_due"
    };
    let after = after.unwrap_or(DueCursor {
        seen: i32::MIN,
        id: 0,
    });
    let columns = COLUMNS
        .split(", ")
        .map(|column| format!("c.{}", column.trim()))
        .collect::<Vec<_>>()
        .join(", ");
    let rows = connection
        .prepare_cached(&format!(
            "SELECT {columns} FROM (SELECT id FROM view_contacts INDEXED BY {index} WHERE open = 1 AND class > 0
             AND area BETWEEN ?1 AND ?2 AND followed_on < ?3 AND followed_on >= ?4 AND (followed_on, id) > (?4, ?5)
             ORDER BY followed_on, id LIMIT ?6) AS page CROSS JOIN view_contacts AS c USING (id) ORDER BY c.followed_on, c.id"
        ))?
        .query_map(
            params![first, last, day_number(day), after.seen, after.id as i64, limit as i64],
            read_row,
        )?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// How many contacts are to be followed and were not seen on `day` or later, and how many are to be followed.
pub fn due_count(
    connection: &Connection,
    within: AreaCode,
    day: Date,
) -> Result<(u64, u64), StoreError> {
    let rows = sums::rows(connection, Sum::Due, within, (i64::MIN, i64::MAX))?;
    let today = i64::from(day_number(day));
    let due = rows.iter().filter(|([seen, _, _], _)| *seen < today);
    Ok((due.map(|(_, n)| n).sum(), rows.iter().map(|(_, n)| n).sum()))
}

/// Who was to be followed on a past day.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowedDay {
    /// A page of them, with what came of that day's follow-up: those not seen that day on top.
    pub rows: Vec<(ContactRow, Option<FollowUp>)>,
    /// Where the next page begins.
    pub next: Option<DueCursor>,
    /// How many were not seen that day.
    pub unseen: u64,
    /// How many there are.
    pub all: u64,
}

/// Who was to be followed on a past day: named before it ended, and not done with before it began. The class counts as it is now.
pub fn followed_day(
    connection: &Connection,
    within: AreaCode,
    day: Date,
    (begins, ends): (Timestamp, Timestamp),
    after: Option<DueCursor>,
    limit: usize,
) -> Result<FollowedDay, StoreError> {
    let (first, last) = span(within);
    // Seen once is seen that day; of several entries the newest.
    let seen: Vec<String> = FollowUp::ALL
        .iter()
        .filter(|status| status.is_seen())
        .map(|status| word(*status).to_string())
        .collect();
    let written = format!(
        "(SELECT f.status FROM view_follows f WHERE f.contact = c.contact AND f.day = ?5
          ORDER BY f.status IN ({}) DESC, f.seq DESC LIMIT 1)",
        seen.join(",")
    );
    // A check under an order is a day's follow-up, as it is of today.
    let checked = "EXISTS (SELECT 1 FROM view_orders o JOIN view_checks k ON k.order_id = o.order_id WHERE o.person = c.person AND k.day = ?5)";
    let of = |ended: &str| {
        format!(
            "SELECT c.id, {written}, {checked} FROM view_contacts c INDEXED BY view_contacts_ended
             WHERE c.class > 0 AND {ended} AND c.area BETWEEN ?1 AND ?2 AND c.named_at < ?3"
        )
    };
    let mut found: Vec<(i32, u64, Option<FollowUp>)> = connection
        .prepare_cached(&format!(
            "{} AND ?4 = ?4 UNION ALL {}",
            of("c.ended_at IS NULL"),
            of("c.ended_at >= ?4")
        ))?
        .query_map(
            params![
                first,
                last,
                ends.as_millisecond(),
                begins.as_millisecond(),
                day_number(day)
            ],
            |row| {
                let written = maybe_word_at::<FollowUp>(row, 1)?;
                let checked = row.get::<_, bool>(2)?.then_some(FollowUp::SeenWell);
                let status = written
                    .filter(|status| status.is_seen())
                    .or(checked)
                    .or(written);
                let seen = i32::from(status.is_some_and(FollowUp::is_seen));
                Ok((seen, row.get::<_, i64>(0)? as u64, status))
            },
        )?
        .collect::<Result<_, _>>()?;
    found.sort_unstable_by_key(|(seen, id, _)| (*seen, *id));
    let unseen = found.partition_point(|(seen, _, _)| *seen == 0);
    let begin = after.map_or(0, |after| {
        found.partition_point(|(seen, id, _)| (*seen, *id) <= (after.seen, after.id))
    });
    let page: Vec<_> = found.iter().skip(begin).take(limit).collect();
    let next = (begin + page.len() < found.len())
        .then(|| page.last())
        .flatten()
        .map(|(seen, id, _)| DueCursor {
            seen: *seen,
            id: *id,
        });
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM view_contacts WHERE id = ?1"
    ))?;
    let rows = page
        .iter()
        .map(|(_, id, status)| Ok((statement.query_row([*id as i64], read_row)?, *status)))
        .collect::<Result<_, StoreError>>()?;
    Ok(FollowedDay {
        rows,
        next,
        unseen: unseen as u64,
        all: found.len() as u64,
    })
}

/// The contacts of these cases, those first named on top.
pub fn of_case(
    connection: &Connection,
    cases: &[CaseId],
    limit: usize,
) -> Result<Vec<ContactRow>, StoreError> {
    let filter = ContactFilter {
        cases: Some(cases.to_vec()),
        ..ContactFilter::default()
    };
    list(connection, &filter, None, limit)
}

/// The contacts that a person is.
pub fn of_person(
    connection: &Connection,
    person: PersonId,
) -> Result<Vec<ContactRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM view_contacts WHERE person = ?1 ORDER BY id LIMIT 200"
        ))?
        .query_map([person.to_bytes()], read_row)?
        .collect()
}

/// How many contacts of a case, in a class that counts, nobody has told yet and nobody has given up.
pub fn untold(connection: &Connection, case: CaseId) -> Result<u64, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM view_contacts WHERE case_id = ?1 AND class > 0 AND open = 1 AND told_at IS NULL",
        )?
        .query_row([case.to_bytes()], |row| row.get::<_, i64>(0))
        .map(|n| n as u64)
}

/// A meeting of a contact with the case, as it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// The place of its fact.
    pub seq: u64,
    /// When it was named.
    pub at: Timestamp,
    /// How it is known.
    pub channel: Channel,
    /// The last day.
    pub met: Option<Date>,
    /// The first day.
    pub met_first: Option<Date>,
    /// How they met.
    pub meeting: Meeting,
    /// How sure the source is.
    pub certainty: Option<Certainty>,
    /// What it makes of the person.
    pub class: ContactClass,
    /// The rule.
    pub rule: Option<String>,
    /// The pack.
    pub pack: Option<String>,
    /// What was known of the meeting, by field.
    pub evidence: serde_json::Map<String, serde_json::Value>,
    /// The contact that was met, where it was not the case.
    pub through: Option<ContactId>,
    /// Who wrote it down.
    pub actor: AccountId,
}

/// The meetings of a contact, oldest first.
pub fn exposures(
    connection: &Connection,
    contact: ContactId,
) -> Result<Vec<Exposure>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT seq, at, channel, met, met_first, meeting, certainty, class, rule, pack, evidence, through, actor
             FROM view_exposures WHERE contact = ?1 ORDER BY seq LIMIT 200",
        )?
        .query_map([contact.to_bytes()], |row| {
            let meeting: Option<String> = row.get(5)?;
            let evidence: Option<String> = row.get(10)?;
            Ok(Exposure {
                seq: row.get::<_, i64>(0)? as u64,
                at: moment_at(row, 1)?,
                channel: word_at(row, 2)?,
                met: maybe_day_at(row, 3)?,
                met_first: maybe_day_at(row, 4)?,
                meeting: meeting
                    .map(|text| serde_json::from_str(&text))
                    .transpose()
                    .map_err(|_| malformed(5))?
                    .unwrap_or_default(),
                certainty: maybe_word_at(row, 6)?,
                class: word_at(row, 7)?,
                rule: row.get(8)?,
                pack: row.get(9)?,
                evidence: evidence
                    .map(|text| serde_json::from_str(&text))
                    .transpose()
                    .map_err(|_| malformed(10))?
                    .unwrap_or_default(),
                through: row.get::<_, Option<[u8; 16]>>(11)?.map(ContactId::from_bytes),
                actor: AccountId::from_bytes(row.get(12)?),
            })
        })?
        .collect()
}

/// A step that somebody wrote down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepRow {
    /// The step.
    pub step: ContactStep,
    /// When.
    pub at: Timestamp,
    /// The result, of a sample.
    pub result: Option<SampleResult>,
    /// Who wrote it down.
    pub actor: AccountId,
}

/// The steps of a contact that somebody wrote down, oldest first.
pub fn steps(connection: &Connection, contact: ContactId) -> Result<Vec<StepRow>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT step, at, result, actor FROM view_contact_steps WHERE contact = ?1 ORDER BY at, seq LIMIT 500",
        )?
        .query_map([contact.to_bytes()], |row| {
            Ok(StepRow {
                step: word_at(row, 0)?,
                at: moment_at(row, 1)?,
                result: maybe_word_at(row, 2)?,
                actor: AccountId::from_bytes(row.get(3)?),
            })
        })?
        .collect()
}

/// A day's follow-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follow {
    /// The day.
    pub day: Date,
    /// What came of it.
    pub status: FollowUp,
    /// Temperature in tenths of a degree.
    pub temperature: Option<u16>,
    /// Symptoms.
    pub symptoms: Words<Symptom>,
    /// When it was written down.
    pub at: Timestamp,
    /// Who wrote it down.
    pub actor: AccountId,
}

/// The follow-up of a contact, the newest day first.
pub fn follows(
    connection: &Connection,
    contact: ContactId,
    limit: usize,
) -> Result<Vec<Follow>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT day, status, temperature, symptoms, at, actor FROM view_follows WHERE contact = ?1
             ORDER BY day DESC, seq DESC LIMIT ?2",
        )?
        .query_map(params![contact.to_bytes(), limit as i64], |row| {
            Ok(Follow {
                day: day_at(row, 0)?,
                status: word_at(row, 1)?,
                temperature: row.get(2)?,
                symptoms: Words::from_bits(row.get(3)?),
                at: moment_at(row, 4)?,
                actor: AccountId::from_bytes(row.get(5)?),
            })
        })?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::columns::area;

    #[test]
    fn a_filter_names_what_the_index_begins_with() {
        let filter = ContactFilter {
            area: Some("330683".parse().unwrap()),
            class: Some(ContactClass::Close),
            ..ContactFilter::default()
        };
        let (conditions, values) = filter.conditions();
        assert_eq!(conditions[0], "status IN (0,1,2,3,4,5,6,7,8)");
        assert_eq!(conditions[1], "class IN (2)");
        assert_eq!(values[0], Value::Integer(area("330683".parse().unwrap())));
    }
}
