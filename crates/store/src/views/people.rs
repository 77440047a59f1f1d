//! People whose time in the vault is over.

use jiff::civil::Date;
use lianfang_core::entry::Stage;
use lianfang_core::ids::PersonId;
use lianfang_core::time::{UtcOffset, day_number};
use lianfang_core::words::Word;
use rusqlite::{Connection, params};

use super::columns::word;
use crate::error::StoreError;

/// People in the vault of whom nothing is left to do and nothing has happened after `day`: whose
/// newest case, or its outcome, whose last step on a journey, whose end as a contact and the end of whose pass lie on or before
/// it, who are not on a way that is not over, under no order, hold no pass, and live in no household on record.
pub fn due_to_be_forgotten(
    connection: &Connection,
    day: Date,
    offset: UtcOffset,
    limit: usize,
) -> Result<Vec<PersonId>, StoreError> {
    let open: Vec<String> = Stage::ALL
        .iter()
        .filter(|stage| stage.is_open() && **stage != Stage::Expected)
        .map(|stage| word(*stage).to_string())
        .collect();
    let after = day.tomorrow().unwrap_or(day);
    let after = offset.start_of(after).as_millisecond();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT v.person FROM vault_people v
         WHERE (EXISTS (SELECT 1 FROM view_cases c WHERE c.person = v.person)
                OR EXISTS (SELECT 1 FROM view_entrants e WHERE e.person = v.person)
                OR EXISTS (SELECT 1 FROM view_contacts k WHERE k.person = v.person)
                OR EXISTS (SELECT 1 FROM view_pass_people h WHERE h.person = v.person))
           AND NOT EXISTS (SELECT 1 FROM view_contacts k WHERE k.person = v.person
                           AND (k.open = 1 OR max(k.named_at, coalesce(k.ended_at, k.named_at)) >= ?2))
           AND NOT EXISTS (SELECT 1 FROM view_cases c WHERE c.person = v.person
                           AND max(c.day, coalesce(c.outcome_date, c.day)) > ?1)
           AND NOT EXISTS (SELECT 1 FROM view_entrants e JOIN view_entrants r ON r.entrant = e.root
                           WHERE e.person = v.person
                           AND (r.stage IN ({}) OR max(r.stage_since, r.arrival) >= ?2))
           AND NOT EXISTS (SELECT 1 FROM view_orders o WHERE o.person = v.person AND o.ended_at IS NULL)
           AND NOT EXISTS (SELECT 1 FROM view_pass_codes p WHERE p.person = v.person AND (p.ended_at IS NULL OR p.ended_at >= ?2))
           AND NOT EXISTS (SELECT 1 FROM view_residents h WHERE h.person = v.person AND h.living = 1)
         LIMIT ?3",
        open.join(",")
    ))?;
    let people = statement
        .query_map(params![day_number(day), after, limit as i64], |row| {
            Ok(PersonId::from_bytes(row.get(0)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(people)
}

/// Where ids end that were made of what a source of visits calls somebody: they have no moment.
const FIRST_MOMENT: [u8; 16] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// People of whom no other record speaks.
pub(super) const ALONE: &str = "NOT EXISTS (SELECT 1 FROM view_cases c WHERE c.person = v.person)
    AND NOT EXISTS (SELECT 1 FROM view_entrants e WHERE e.person = v.person)
    AND NOT EXISTS (SELECT 1 FROM view_contacts k WHERE k.person = v.person)
    AND NOT EXISTS (SELECT 1 FROM view_listed l WHERE l.person = v.person)
    AND NOT EXISTS (SELECT 1 FROM view_orders o WHERE o.person = v.person)
    AND NOT EXISTS (SELECT 1 FROM view_residents h WHERE h.person = v.person)
    AND NOT EXISTS (SELECT 1 FROM view_pass_people h WHERE h.person = v.person)";

/// People in the vault who came into it by visits alone, by id, after one: no other record speaks of them.
pub fn made_of_visits(
    connection: &Connection,
    after: Option<PersonId>,
    limit: usize,
) -> Result<Vec<PersonId>, rusqlite::Error> {
    connection
        .prepare_cached(&format!(
            "SELECT v.person FROM vault_people v WHERE v.person > ?1 AND v.person < ?2 AND {ALONE} ORDER BY v.person LIMIT ?3"
        ))?
        .query_map(
            params![
                after.map_or(Vec::new(), |after| after.to_bytes().to_vec()),
                FIRST_MOMENT,
                limit as i64
            ],
            |row| Ok(PersonId::from_bytes(row.get(0)?)),
        )?
        .collect()
}

/// Of some people those who are in the vault still, and of whom no other record speaks.
pub fn known_by_visits_alone(
    connection: &Connection,
    people: &[PersonId],
) -> Result<Vec<PersonId>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT EXISTS (SELECT 1 FROM vault_people v WHERE v.person = ?1 AND {ALONE})"
    ))?;
    let mut alone = Vec::new();
    for person in people {
        if statement.query_row([person.to_bytes()], |row| row.get(0))? {
            alone.push(*person);
        }
    }
    Ok(alone)
}
