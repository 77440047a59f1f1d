//! How facts about orders become rows.

use lianfang_core::entry::Stage;
use lianfang_core::facts::{
    AbsenceEnded, AbsenceFound, Fact, NeedStated, OrderChangeDecided, OrderChangeProposed,
    OrderEnded, OrderMade, OrderMoved,
};
use lianfang_core::ids::{EntrantId, OrderId};
use lianfang_core::quarantine::EndHow;
use lianfang_core::time::day_number;
use rusqlite::{Connection, params};

use super::orders::OrderRow;
use super::sites::{free, occupy};
use super::{change, changes, live_of, order, samples, unfit};
use crate::views::columns::{area, malformed, word};
use crate::views::entry::{hold, place, standing};
use crate::views::{FoldError, subjects};

/// An order in force.
fn live(connection: &Connection, id: OrderId) -> Result<OrderRow, FoldError> {
    let row = order(connection, id)?.ok_or(FoldError::NotThere("order"))?;
    if row.is_live() {
        return Ok(row);
    }
    Err(unfit("This order has ended already.", "该隔离令已结束。"))
}

fn already_watched() -> FoldError {
    unfit(
        "This person is under an order already. End or change that one.",
        "此人已有有效的隔离令，请先结束或变更原令。",
    )
}

/// Whether somebody in this place of the process can be put under watch.
fn may_be_watched(stage: Stage) -> bool {
    matches!(
        stage,
        Stage::Arrived | Stage::Passed | Stage::ToSend | Stage::ToPlace | Stage::Released
    )
}

/// Notes a fact about an order, and about the person on a journey.
fn noted(
    connection: &Connection,
    fact: &Fact,
    order: OrderId,
    entrant: Option<EntrantId>,
) -> Result<(), FoldError> {
    subjects::note(connection, &order.to_bytes(), fact)?;
    match entrant {
        Some(entrant) => subjects::note(connection, &entrant.to_bytes(), fact),
        None => Ok(()),
    }
}

pub(in crate::views) fn made(
    connection: &Connection,
    fact: &Fact,
    made: &OrderMade,
) -> Result<(), FoldError> {
    if order(connection, made.order)?.is_some() {
        return Err(FoldError::AlreadyThere("order"));
    }
    if live_of(connection, made.person)?.is_some() {
        return Err(already_watched());
    }
    if let Some(entrant) = made.entrant {
        let row = standing(connection, entrant)?;
        if row.order.is_some() {
            return Err(already_watched());
        }
        if !may_be_watched(row.stage) {
            return Err(FoldError::MovedOn("entrant"));
        }
    }
    if let Some(bed) = &made.bed {
        occupy(connection, made.order, bed)?;
    }
    let evidence = serde_json::to_string(&made.evidence).map_err(|_| malformed(14))?;
    connection
        .prepare_cached(
            "INSERT INTO view_orders (id, order_id, entrant, person, area, watch, basis, since, until, computed, made_at,
             made_by, rule, pack, evidence, site, room, bed, awaited, seq)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?9,?10,?11,?12,?13,?14,?15,?16,?17,0,?1)",
        )?
        .execute(params![
            fact.seq as i64,
            made.order.to_bytes(),
            made.entrant.map(EntrantId::to_bytes),
            made.person.to_bytes(),
            area(fact.area),
            word(made.watch),
            made.basis.map(word),
            day_number(made.since),
            day_number(made.until),
            fact.happened_at.as_millisecond(),
            fact.actor.to_bytes(),
            made.rule,
            made.pack,
            evidence,
            made.bed.as_ref().map(|bed| bed.site.to_bytes()),
            made.bed.as_ref().map(|bed| bed.room.as_str()),
            made.bed.as_ref().map(|bed| bed.bed),
        ])?;
    for test in &made.tests {
        connection
            .prepare_cached(
                "INSERT INTO view_order_tests (order_id, day) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute(params![made.order.to_bytes(), day_number(*test)])?;
    }
    samples::refresh(connection, made.order)?;
    if let Some(entrant) = made.entrant {
        place(connection, fact, entrant, Stage::Watched)?;
        hold(connection, entrant, Some(made.order), Some(fact.area))?;
    }
    noted(connection, fact, made.order, made.entrant)
}

pub(in crate::views) fn moved(
    connection: &Connection,
    fact: &Fact,
    moved: &OrderMoved,
) -> Result<(), FoldError> {
    let row = live(connection, moved.order)?;
    if row.bed.is_none() {
        return Err(unfit(
            "This order is not at a site: there is no bed to change.",
            "该隔离令不在集中隔离点，无床位可调。",
        ));
    }
    free(connection, moved.order)?;
    occupy(connection, moved.order, &moved.bed)?;
    connection
        .prepare_cached(
            "UPDATE view_orders SET site = ?2, room = ?3, bed = ?4, area = ?5, seq = ?6 WHERE order_id = ?1",
        )?
        .execute(params![
            moved.order.to_bytes(),
            moved.bed.site.to_bytes(),
            moved.bed.room,
            moved.bed.bed,
            area(fact.area),
            fact.seq as i64,
        ])?;
    if let Some(entrant) = row.entrant {
        hold(connection, entrant, Some(moved.order), Some(fact.area))?;
    }
    noted(connection, fact, moved.order, None)
}

pub(in crate::views) fn proposed(
    connection: &Connection,
    fact: &Fact,
    proposed: &OrderChangeProposed,
) -> Result<(), FoldError> {
    live(connection, proposed.order)?;
    let waits = changes(connection, proposed.order)?
        .iter()
        .any(|change| change.approved.is_none());
    if waits {
        return Err(unfit(
            "A change of this order waits for a decision already.",
            "该隔离令已有待审批的变更。",
        ));
    }
    let done = connection
        .prepare_cached(
            "INSERT INTO view_order_changes (change, order_id, kind, until, reason, pack, proposed_by, proposed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            proposed.change.to_bytes(),
            proposed.order.to_bytes(),
            word(proposed.kind),
            day_number(proposed.until),
            proposed.reason,
            proposed.pack,
            fact.actor.to_bytes(),
            fact.happened_at.as_millisecond(),
        ])?;
    if done == 0 {
        return Err(FoldError::AlreadyThere("change"));
    }
    noted(connection, fact, proposed.order, None)
}

pub(in crate::views) fn decided(
    connection: &Connection,
    fact: &Fact,
    decided: &OrderChangeDecided,
) -> Result<(), FoldError> {
    live(connection, decided.order)?;
    let change = change(connection, decided.change)?
        .filter(|change| change.order == decided.order)
        .ok_or(FoldError::NotThere("change"))?;
    if change.approved.is_some() {
        return Err(FoldError::MovedOn("change"));
    }
    if change.proposed_by == fact.actor {
        return Err(unfit(
            "Whoever proposed a change may not decide on it: another must.",
            "提出变更者不得自行审批，须由他人决定。",
        ));
    }
    connection
        .prepare_cached(
            "UPDATE view_order_changes SET approved = ?2, decided_by = ?3, decided_at = ?4, note = ?5 WHERE change = ?1",
        )?
        .execute(params![
            decided.change.to_bytes(),
            decided.approved,
            fact.actor.to_bytes(),
            fact.happened_at.as_millisecond(),
            decided.note,
        ])?;
    if decided.approved {
        connection
            .prepare_cached("UPDATE view_orders SET until = ?2, seq = ?3 WHERE order_id = ?1")?
            .execute(params![
                decided.order.to_bytes(),
                day_number(change.until),
                fact.seq as i64
            ])?;
    }
    noted(connection, fact, decided.order, None)
}

/// Where somebody stands whose order ended so.
fn after(how: EndHow, before: Stage) -> Stage {
    match (how, before) {
        (EndHow::Released, _) => Stage::Released,
        (EndHow::Case, _) => Stage::Case,
        (EndHow::Died, _) => Stage::Gone,
        (EndHow::HandedOn, _) => Stage::HandedOn,
        (EndHow::Cancelled, Stage::Watched) => Stage::ToPlace,
        // Still to be found, or to be seen by the clinic.
        (EndHow::Cancelled, other) => other,
    }
}

pub(in crate::views) fn ended(
    connection: &Connection,
    fact: &Fact,
    ended: &OrderEnded,
) -> Result<(), FoldError> {
    let row = live(connection, ended.order)?;
    if let Some(entrant) = row.entrant {
        let before = standing(connection, entrant)?.stage;
        if before == Stage::OnTheWay || (ended.how == EndHow::Released && before != Stage::Watched)
        {
            return Err(FoldError::MovedOn("entrant"));
        }
        hold(connection, entrant, None, None)?;
        place(connection, fact, entrant, after(ended.how, before))?;
    }
    free(connection, ended.order)?;
    let at = fact.happened_at.as_millisecond();
    connection
        .prepare_cached(
            "UPDATE view_orders SET ended_at = ?2, ended_on = ?3, ended_by = ?4, how = ?5, end_reason = ?6,
             absent_since = NULL, absent_how = NULL, seq = ?7 WHERE order_id = ?1",
        )?
        .execute(params![
            ended.order.to_bytes(),
            at,
            day_number(ended.on),
            fact.actor.to_bytes(),
            word(ended.how),
            ended.reason,
            fact.seq as i64,
        ])?;
    close_absence(connection, ended.order, at)?;
    noted(connection, fact, ended.order, row.entrant)
}

fn close_absence(connection: &Connection, order: OrderId, at: i64) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "UPDATE view_absences SET ended_at = ?2 WHERE order_id = ?1 AND ended_at IS NULL",
        )?
        .execute(params![order.to_bytes(), at])?;
    Ok(())
}

pub(in crate::views) fn absent(
    connection: &Connection,
    fact: &Fact,
    found: &AbsenceFound,
) -> Result<(), FoldError> {
    let row = live(connection, found.order)?;
    if row.absent_since.is_some() {
        return Err(unfit(
            "This absence is on record already.",
            "此人不在位已登记。",
        ));
    }
    if let Some(entrant) = row.entrant {
        let before = standing(connection, entrant)?.stage;
        if !matches!(before, Stage::Watched | Stage::AtClinic | Stage::Missing) {
            return Err(FoldError::MovedOn("entrant"));
        }
        place(connection, fact, entrant, Stage::Missing)?;
    }
    let at = fact.happened_at.as_millisecond();
    connection
        .prepare_cached(
            "INSERT INTO view_absences (order_id, seq, since, how) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            found.order.to_bytes(),
            fact.seq as i64,
            at,
            word(found.how)
        ])?;
    connection
        .prepare_cached(
            "UPDATE view_orders SET absent_since = ?2, absent_how = ?3, seq = ?4 WHERE order_id = ?1",
        )?
        .execute(params![
            found.order.to_bytes(),
            at,
            word(found.how),
            fact.seq as i64
        ])?;
    noted(connection, fact, found.order, row.entrant)
}

pub(in crate::views) fn back(
    connection: &Connection,
    fact: &Fact,
    ended: &AbsenceEnded,
) -> Result<(), FoldError> {
    let row = live(connection, ended.order)?;
    let stage = match row.entrant {
        Some(entrant) => Some((entrant, standing(connection, entrant)?.stage)),
        None => None,
    };
    let missing = matches!(stage, Some((_, Stage::Missing)));
    if row.absent_since.is_none() && !missing {
        return Err(unfit(
            "No absence of this person is on record.",
            "此人没有不在位的登记。",
        ));
    }
    if let Some((entrant, Stage::Missing)) = stage {
        place(connection, fact, entrant, Stage::Watched)?;
    }
    present(connection, fact, ended.order)?;
    noted(connection, fact, ended.order, row.entrant)
}

pub(in crate::views) fn needed(
    connection: &Connection,
    fact: &Fact,
    stated: &NeedStated,
) -> Result<(), FoldError> {
    live(connection, stated.order)?;
    connection
        .prepare_cached(
            "INSERT INTO view_needs (matter, order_id, need, at, actor) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            stated.matter.to_bytes(),
            stated.order.to_bytes(),
            word(stated.need),
            fact.happened_at.as_millisecond(),
            fact.actor.to_bytes(),
        ])?;
    Ok(())
}

/// Somebody under an order is where they should be.
pub(in crate::views) fn present(
    connection: &Connection,
    fact: &Fact,
    order: OrderId,
) -> Result<(), FoldError> {
    connection
        .prepare_cached(
            "UPDATE view_orders SET absent_since = NULL, absent_how = NULL, seq = ?2
             WHERE order_id = ?1 AND absent_since IS NOT NULL",
        )?
        .execute(params![order.to_bytes(), fact.seq as i64])?;
    Ok(close_absence(
        connection,
        order,
        fact.happened_at.as_millisecond(),
    )?)
}
