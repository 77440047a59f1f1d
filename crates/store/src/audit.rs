//! The audit: proves the chains, their signed heads, the checkpoints, the vault's seals, and that
//! the views equal a rebuild. Whatever does not hold is named.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use ed25519_dalek::Signature;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Fact, GENESIS, Hash};
use rusqlite::Connection;
use serde::Serialize;

use crate::error::StoreError;
use crate::keys::unhex;
use crate::ledger::{FACT_COLUMNS, head_message, read_fact};
use crate::rebuild::{refold, table_digest};
use crate::{Store, checkpoints, vault, views};

/// Problems named at most; beyond that their number tells enough.
const NAMED: usize = 200;

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What sort: `file`, `unreadable`, `altered`, `missing`, `out_of_order`, `broken_link`,
    /// `wrong_chain`, `head`, `head_signature`, `checkpoint`, `vault`, `view`, `visits`.
    pub kind: &'static str,
    /// The chain, where one can be named.
    pub chain: Option<AreaCode>,
    /// The fact's place in this node's order, where one can be named.
    pub seq: Option<u64>,
    /// What was found and what was expected.
    pub message: String,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditReport {
    /// Whether everything holds.
    pub ok: bool,
    /// Facts read.
    pub facts: u64,
    /// Chains followed.
    pub chains: u64,
    /// Checkpoints held against the chains.
    pub checkpoints: u64,
    /// What does not hold; at most 200 are named.
    pub problems: Vec<Problem>,
    /// How many do not hold.
    pub problems_total: u64,
    /// How long it took.
    pub seconds: f64,
}

#[derive(Default)]
struct Findings {
    named: Vec<Problem>,
    total: u64,
}

impl Findings {
    fn add(
        &mut self,
        kind: &'static str,
        chain: Option<AreaCode>,
        seq: Option<u64>,
        message: String,
    ) {
        self.total += 1;
        if self.named.len() < NAMED {
            self.named.push(Problem {
                kind,
                chain,
                seq,
                message,
            });
        }
    }
}

/// What the chains hold, as read.
#[derive(Default)]
struct Chains {
    facts: u64,
    heads: HashMap<AreaCode, (u64, Hash)>,
    /// Hashes at the places that checkpoints speak of.
    at: HashMap<(AreaCode, u64), Hash>,
}

impl Store {
    /// Verifies everything that can be verified from the data folder.
    pub fn audit(&self) -> Result<AuditReport, StoreError> {
        let begun = Instant::now();
        // Before the ledger is read: what a checkpoint of this moment signs is then in it.
        let beside = checkpoints::kept_beside(self.folder());
        self.read(|connection| {
            let mut findings = Findings::default();
            check_file(connection, &mut findings);
            let mut kept = checkpoints::kept_within(connection).unwrap_or_else(|error| {
                findings.add("checkpoint", None, None, error.to_string());
                Vec::new()
            });
            kept.extend(beside);
            let opened: Vec<_> = kept
                .iter()
                .map(|(name, signed)| (name, signed.as_ref().and_then(|s| s.open(&self.keys))))
                .collect();
            let wanted = opened
                .iter()
                .filter_map(|(_, checkpoint)| checkpoint.as_ref())
                .flat_map(|c| c.heads.iter().map(|(chain, (place, _))| (*chain, *place)))
                .collect();
            let chains = follow(connection, &wanted, &mut findings);
            self.check_heads(connection, &chains, &mut findings);
            for (name, checkpoint) in &opened {
                check_checkpoint(name, checkpoint.as_ref(), &chains, &mut findings);
            }
            match vault::count_unsealable(connection, &self.keys) {
                Ok(0) => {}
                Ok(n) => findings.add(
                    "vault",
                    None,
                    None,
                    format!("{n} sealed records do not open"),
                ),
                Err(error) => findings.add("vault", None, None, error.to_string()),
            }
            self.check_views(connection, &mut findings);
            Ok(AuditReport {
                ok: findings.total == 0,
                facts: chains.facts,
                chains: chains.heads.len() as u64,
                checkpoints: opened.len() as u64,
                problems: findings.named,
                problems_total: findings.total,
                seconds: begun.elapsed().as_secs_f64(),
            })
        })
    }

    fn check_heads(&self, connection: &Connection, chains: &Chains, findings: &mut Findings) {
        let heads = read_heads(connection).unwrap_or_else(|error| {
            findings.add("head", None, None, error.to_string());
            Vec::new()
        });
        let mut seen = HashSet::new();
        for (chain, place, hash, signature) in heads {
            seen.insert(chain);
            let signed = <[u8; 64]>::try_from(signature).is_ok_and(|signature| {
                self.keys
                    .verifying_key()
                    .verify_strict(
                        &head_message(chain, place, &hash),
                        &Signature::from_bytes(&signature),
                    )
                    .is_ok()
            });
            if !signed {
                findings.add(
                    "head_signature",
                    Some(chain),
                    None,
                    format!("the signature of the head at place {place} is not this ledger's: the chain's tail was rewritten"),
                );
            }
            let (last, last_hash) = chains.heads.get(&chain).copied().unwrap_or((0, GENESIS));
            if (last, last_hash) != (place, hash) {
                findings.add(
                    "head",
                    Some(chain),
                    None,
                    format!("the signed head is at place {place}; the chain's last fact is at {last} or has another hash: facts at its end were removed, added or altered"),
                );
            }
        }
        for chain in chains.heads.keys().filter(|chain| !seen.contains(*chain)) {
            findings.add(
                "head",
                Some(*chain),
                None,
                "the chain has facts but no signed head".into(),
            );
        }
    }

    fn check_views(&self, connection: &Connection, findings: &mut Findings) {
        let result = (|| -> Result<Vec<(&str, Option<String>)>, StoreError> {
            let fresh = Connection::open("")?;
            fresh.execute_batch("PRAGMA journal_mode = off; PRAGMA synchronous = off; BEGIN")?;
            views::create(&fresh)?;
            refold(connection, &fresh, self.utc_offset(), None)?;
            let mut different = Vec::new();
            for (table, key) in views::TABLES {
                if table_digest(connection, table, key)? != table_digest(&fresh, table, key)? {
                    different.push((*table, first_difference(connection, &fresh, table, key)?));
                }
            }
            Ok(different)
        })();
        match result {
            Ok(different) => {
                for (table, place) in different {
                    let place = place.map(|p| format!(", first at {p}")).unwrap_or_default();
                    findings.add(
                        "view",
                        None,
                        None,
                        format!(
                            "{table} differs from a rebuild{place}; `lianfang rebuild` mends it"
                        ),
                    );
                }
            }
            Err(error) => findings.add(
                "view",
                None,
                None,
                format!("the views cannot be rebuilt to compare: {error}"),
            ),
        }
    }
}

fn check_file(connection: &Connection, findings: &mut Findings) {
    let checked = (|| -> Result<Vec<String>, rusqlite::Error> {
        let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
        statement.query_map([], |row| row.get(0))?.collect()
    })();
    match checked {
        Ok(lines) => {
            for line in lines.into_iter().filter(|line| line != "ok") {
                findings.add("file", None, None, line);
            }
        }
        Err(error) => findings.add("file", None, None, error.to_string()),
    }
}

fn follow(
    connection: &Connection,
    wanted: &HashSet<(AreaCode, u64)>,
    findings: &mut Findings,
) -> Chains {
    let mut chains = Chains::default();
    let result = (|| -> Result<(), StoreError> {
        let mut statement =
            connection.prepare(&format!("SELECT {FACT_COLUMNS} FROM facts ORDER BY seq"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            match read_fact(row) {
                Ok(fact) => chains.take(&fact, wanted, findings),
                Err(error) => {
                    let seq = row.get::<_, i64>(0).ok().map(|seq| seq as u64);
                    findings.add(
                        "unreadable",
                        None,
                        seq,
                        format!("a field is not of its form: {error}"),
                    );
                }
            }
        }
        Ok(())
    })();
    if let Err(error) = result {
        findings.add("file", None, None, error.to_string());
    }
    chains
}

impl Chains {
    fn take(&mut self, fact: &Fact, wanted: &HashSet<(AreaCode, u64)>, findings: &mut Findings) {
        self.facts += 1;
        let (chain, seq) = (Some(fact.chain), Some(fact.seq));
        let (last, last_hash) = self.heads.get(&fact.chain).copied().unwrap_or((0, GENESIS));
        if fact.expected_hash() != fact.hash {
            findings.add(
                "altered",
                chain,
                seq,
                "the fact's content does not have the hash that it carries".into(),
            );
        }
        if fact.chain != fact.area.jurisdiction() {
            findings.add(
                "wrong_chain",
                chain,
                seq,
                "the fact stands in another jurisdiction's chain".into(),
            );
        }
        if fact.read_body().is_err() {
            findings.add(
                "unreadable",
                chain,
                seq,
                format!("the body is not that of a `{}` fact", fact.kind),
            );
        }
        if fact.chain_seq > last + 1 {
            findings.add(
                "missing",
                chain,
                seq,
                format!(
                    "places {} to {} of the chain are missing before this fact",
                    last + 1,
                    fact.chain_seq - 1
                ),
            );
        } else if fact.chain_seq <= last {
            findings.add(
                "out_of_order",
                chain,
                seq,
                format!("place {} of the chain comes after place {last}: facts were swapped or inserted", fact.chain_seq),
            );
        }
        if fact.prev_hash != last_hash {
            findings.add(
                "broken_link",
                chain,
                seq,
                "the hash of the fact before it is not the one it was linked to".into(),
            );
        }
        if wanted.contains(&(fact.chain, fact.chain_seq)) {
            self.at.insert((fact.chain, fact.chain_seq), fact.hash);
        }
        self.heads.insert(fact.chain, (fact.chain_seq, fact.hash));
    }
}

type Head = (AreaCode, u64, Hash, Vec<u8>);

fn read_heads(connection: &Connection) -> Result<Vec<Head>, StoreError> {
    let mut statement =
        connection.prepare("SELECT chain, chain_seq, hash, signature FROM heads ORDER BY chain")?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, i64>(0)? as u64,
            row.get::<_, i64>(1)? as u64,
            row.get(2)?,
            row.get(3)?,
        ))
    })?;
    let mut heads = Vec::new();
    for row in rows {
        let (chain, place, hash, signature) = row?;
        let chain = AreaCode::from_u64(chain).map_err(|_| StoreError::Malformed("area code"))?;
        heads.push((chain, place, hash, signature));
    }
    Ok(heads)
}

fn check_checkpoint(
    name: &str,
    checkpoint: Option<&checkpoints::Checkpoint>,
    chains: &Chains,
    findings: &mut Findings,
) {
    let Some(checkpoint) = checkpoint else {
        findings.add(
            "checkpoint",
            None,
            None,
            format!("checkpoint {name} is not signed by this ledger's key"),
        );
        return;
    };
    for (chain, (place, hash)) in &checkpoint.heads {
        let found = chains.at.get(&(*chain, *place));
        if found.copied() != unhex(hash) {
            let what = if found.is_some() {
                "another hash"
            } else {
                "nothing"
            };
            findings.add(
                "checkpoint",
                Some(*chain),
                None,
                format!("checkpoint {name} signed place {place} of the chain; the ledger has {what} there: it was rewritten or cut"),
            );
        }
    }
}

/// The key of the first row in which two tables differ.
fn first_difference(
    a: &Connection,
    b: &Connection,
    table: &str,
    key: &str,
) -> Result<Option<String>, StoreError> {
    let query = format!("SELECT * FROM {table} ORDER BY {key}");
    let (mut a, mut b) = (a.prepare(&query)?, b.prepare(&query)?);
    let columns = a.column_count();
    let names: Vec<String> = a.column_names().map(str::to_owned).collect();
    let (mut a, mut b) = (a.query([])?, b.query([])?);
    loop {
        let (row_a, row_b) = (a.next()?, b.next()?);
        let values = |row: Option<&rusqlite::Row<'_>>| -> Option<Vec<rusqlite::types::Value>> {
            row.map(|row| {
                (0..columns)
                    .map(|i| row.get(i).unwrap_or(rusqlite::types::Value::Null))
                    .collect()
            })
        };
        let (row_a, row_b) = (values(row_a), values(row_b));
        if row_a.is_none() && row_b.is_none() {
            return Ok(None);
        }
        if row_a != row_b {
            let row = row_a.or(row_b).unwrap_or_default();
            let place = names
                .iter()
                .zip(row)
                .filter(|(name, _)| key.split(", ").any(|k| k == name.as_str()))
                .map(|(name, value)| match value {
                    rusqlite::types::Value::Integer(n) => format!("{name} {n}"),
                    rusqlite::types::Value::Blob(blob) => {
                        format!("{name} {}", crate::keys::hex(&blob))
                    }
                    rusqlite::types::Value::Text(text) => format!("{name} {text}"),
                    other => format!("{name} {other:?}"),
                })
                .collect::<Vec<_>>()
                .join(", ");
            return Ok(Some(place));
        }
    }
}
