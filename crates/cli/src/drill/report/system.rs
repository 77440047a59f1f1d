//! What the system knows in the end, read through its API.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lianfang_core::ids::FactId;
use serde_json::Value;

use crate::drill::api::Stop;
use crate::drill::play::{Play, id, nth};

/// What the system knows.
#[derive(Debug, Default)]
pub(in crate::drill) struct Known {
    /// Day of the first report of everybody on the line list who is not excluded.
    pub(super) reported: BTreeMap<u32, i32>,
    /// Those who stand as confirmed, clinically diagnosed or asymptomatic.
    pub(super) settled: BTreeSet<u32>,
    /// Rows of the line list about nobody of the drill.
    pub(super) strangers: u64,
    /// Contacts: who is the case, and who was met.
    pub(super) contacts: BTreeSet<(u32, u32)>,
    /// Contacts on record.
    pub(super) named: u64,
    /// Matters: opened, closed, late.
    pub(super) matters: (u64, u64, u64),
    /// How often each id stands in the ledger.
    pub(super) ledger: HashMap<FactId, u32>,
}

/// Asks the system for all of it.
pub(in crate::drill) fn known(play: &Play<'_>) -> Result<Known, Stop> {
    let mut known = Known::default();
    let cases = line_list(play, &mut known)?;
    let rows = play.api.pages(
        &play.cast.county,
        "/api/contacts",
        "limit=200",
        ("rows", "next", "cursor"),
    )?;
    known.named = rows.len() as u64;
    for (contact, row) in play.with_truth(rows)? {
        let case = row["case"].as_str().and_then(|case| cases.get(case));
        known.contacts.extend(case.map(|case| (*case, contact)));
    }
    known.matters = (
        matters(play, "view=all")?,
        matters(play, "view=all&phase=closed")?,
        matters(play, "view=late")?,
    );
    let facts = play.api.pages(
        &play.cast.auditor,
        "/api/audit/facts",
        "limit=200",
        ("rows", "next", "cursor"),
    )?;
    for fact in facts {
        let id: FactId = id(&fact, "id", "/api/audit/facts")?;
        *known.ledger.entry(id).or_default() += 1;
    }
    Ok(known)
}

/// The line list; who each case is.
fn line_list(play: &Play<'_>, known: &mut Known) -> Result<HashMap<String, u32>, Stop> {
    let rows = play.cases("")?;
    let all = rows.len();
    let mut cases = HashMap::new();
    let found = play.with_truth(rows)?;
    known.strangers = (all - found.len()) as u64;
    for (person, row) in found {
        if let Some(case) = row["case"].as_str() {
            cases.insert(case.to_owned(), person);
        }
        let class = row["classification"].as_str().unwrap_or_default();
        if class == "excluded" {
            continue;
        }
        if class != "suspected" {
            known.settled.insert(person);
        }
        let Some(day) = day_of(&row).map(|day| nth(&play.setting, day)) else {
            continue;
        };
        let first = known.reported.entry(person).or_insert(day);
        *first = (*first).min(day);
    }
    Ok(cases)
}

fn day_of(row: &Value) -> Option<jiff::civil::Date> {
    row["reported"].as_str()?.parse().ok()
}

fn matters(play: &Play<'_>, query: &str) -> Result<u64, Stop> {
    const ROUTE: &str = "/api/matters";
    let path = format!("{ROUTE}?{query}&limit=1");
    let page = play.api.get(&play.cast.closing, ROUTE, &path)?.needed()?;
    page["total"].as_u64().ok_or(Stop::Answer {
        route: ROUTE,
        what: "total",
    })
}
