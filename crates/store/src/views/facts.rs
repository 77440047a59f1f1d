//! Facts found for auditors: newest first, by area, kind, actor or subject.

use lianfang_core::areas::AreaCode;
use lianfang_core::facts::Fact;
use lianfang_core::ids::AccountId;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::error::StoreError;
use crate::ledger::{FACT_COLUMNS, read_fact};

/// Which facts a list shows.
#[derive(Debug, Clone, Default)]
pub struct FactFilter {
    /// About areas within this one.
    pub area: Option<AreaCode>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Recorded by this account.
    pub actor: Option<AccountId>,
    /// About this case, matter, person or account.
    pub subject: Option<[u8; 16]>,
    /// Before this place.
    pub before: Option<u64>,
}

/// A page of facts, newest first.
pub fn list(
    connection: &Connection,
    filter: &FactFilter,
    limit: usize,
) -> Result<Vec<Fact>, StoreError> {
    let mut conditions = vec!["1".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    let mut place = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    if let Some(area) = filter.area.filter(|area| *area != AreaCode::COUNTRY) {
        let first = place(Value::Integer(area.as_u64() as i64));
        let last = place(Value::Integer(area.last().as_u64() as i64));
        conditions.push(format!("area BETWEEN {first} AND {last}"));
    }
    if let Some(kind) = &filter.kind {
        conditions.push(format!("kind = {}", place(Value::Text(kind.clone()))));
    }
    if let Some(actor) = filter.actor {
        conditions.push(format!(
            "actor = {}",
            place(Value::Blob(actor.to_bytes().to_vec()))
        ));
    }
    if let Some(subject) = filter.subject {
        let subject = place(Value::Blob(subject.to_vec()));
        conditions.push(format!(
            "seq IN (SELECT seq FROM view_subjects WHERE subject = {subject}
             UNION SELECT id FROM view_cases WHERE case_id = {subject} OR person = {subject})"
        ));
    }
    if let Some(before) = filter.before {
        conditions.push(format!("seq < {}", place(Value::Integer(before as i64))));
    }
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {FACT_COLUMNS} FROM facts WHERE {} ORDER BY seq DESC LIMIT {limit}",
        conditions.join(" AND ")
    ))?;
    let facts = statement
        .query_map(params_from_iter(values), read_fact)?
        .collect::<Result<_, _>>()?;
    Ok(facts)
}
