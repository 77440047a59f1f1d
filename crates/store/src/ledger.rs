//! The ledger: the order of facts, and the chain of hashes through each jurisdiction's.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Draft, Fact, GENESIS, Hash};
use lianfang_core::ids::{AccountId, FactId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::keys::Keys;

/// Where the order of facts is decided and where they are durable first.
///
/// Embedded, that is this very transaction ([`LocalLedger`]). Over a distributed log, `order`
/// publishes the drafts and returns once a quorum has them. Nothing above the store can tell.
pub trait Ledger: Send {
    /// Gives each draft its place after `heads` and its hash, in the order given; moves `heads`
    /// on. All of them or none.
    fn order(
        &mut self,
        drafts: Vec<Draft>,
        heads: &mut Heads,
        now: Timestamp,
    ) -> Result<Vec<Fact>, LedgerError>;
}

/// Why a ledger could not take facts.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The log behind it cannot be reached.
    #[error("the ledger's log cannot be reached: {0}")]
    Unreachable(String),
    /// The file under it failed.
    #[error("the ledger's file failed: {0}")]
    File(#[from] rusqlite::Error),
}

/// Each chain's newest place and hash, and this node's newest place.
#[derive(Debug, Default)]
pub struct Heads {
    /// The newest fact's place in this node's order.
    pub seq: u64,
    chains: HashMap<AreaCode, (u64, Hash)>,
}

impl Heads {
    /// Place and hash of the newest fact of `chain`.
    pub fn of(&self, chain: AreaCode) -> (u64, Hash) {
        self.chains.get(&chain).copied().unwrap_or((0, GENESIS))
    }

    fn advance(&mut self, fact: &Fact) {
        self.seq = fact.seq;
        self.chains.insert(fact.chain, (fact.chain_seq, fact.hash));
    }

    /// Reads the heads that `drafts` will follow.
    pub(crate) fn load<'d>(
        &mut self,
        connection: &Connection,
        drafts: impl Iterator<Item = &'d Draft>,
    ) -> Result<(), rusqlite::Error> {
        let mut statement =
            connection.prepare_cached("SELECT chain_seq, hash FROM heads WHERE chain = ?1")?;
        for draft in drafts {
            let chain = draft.area.jurisdiction();
            if let Entry::Vacant(vacant) = self.chains.entry(chain) {
                let head = statement
                    .query_row([chain.as_u64() as i64], |row| {
                        Ok((row.get::<_, i64>(0)? as u64, row.get(1)?))
                    })
                    .optional()?;
                vacant.insert(head.unwrap_or((0, GENESIS)));
            }
        }
        Ok(())
    }

    /// Writes the heads that moved, signed.
    pub(crate) fn save(
        &self,
        connection: &Connection,
        keys: &Keys,
        touched: &[AreaCode],
    ) -> Result<(), rusqlite::Error> {
        let mut statement = connection.prepare_cached(
            "INSERT INTO heads (chain, chain_seq, hash, signature) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (chain) DO UPDATE SET chain_seq = ?2, hash = ?3, signature = ?4",
        )?;
        for chain in touched {
            let (chain_seq, hash) = self.of(*chain);
            let signature = keys.sign(&head_message(*chain, chain_seq, &hash));
            statement.execute(params![
                chain.as_u64() as i64,
                chain_seq as i64,
                hash,
                signature
            ])?;
        }
        Ok(())
    }
}

/// What a head's signature signs.
pub(crate) fn head_message(chain: AreaCode, chain_seq: u64, hash: &Hash) -> Vec<u8> {
    let mut message = b"lianfang head 1\0".to_vec();
    message.extend(chain.as_u64().to_be_bytes());
    message.extend(chain_seq.to_be_bytes());
    message.extend(hash);
    message
}

/// The ledger of a single machine: order is decided by its one writer.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalLedger;

impl Ledger for LocalLedger {
    fn order(
        &mut self,
        drafts: Vec<Draft>,
        heads: &mut Heads,
        now: Timestamp,
    ) -> Result<Vec<Fact>, LedgerError> {
        Ok(drafts
            .into_iter()
            .map(|draft| chain_on(draft, heads, now))
            .collect())
    }
}

/// Makes a fact of `draft`, the next of its chain.
pub(crate) fn chain_on(draft: Draft, heads: &mut Heads, now: Timestamp) -> Fact {
    let chain = draft.area.jurisdiction();
    let (chain_seq, prev_hash) = heads.of(chain);
    let mut fact = Fact {
        seq: heads.seq + 1,
        id: draft.id,
        chain,
        chain_seq: chain_seq + 1,
        area: draft.area,
        actor: draft.actor,
        device: draft.device,
        happened_at: draft.happened_at,
        recorded_at: now,
        kind: draft.body.kind().to_owned(),
        body: draft.body.canonical(),
        prev_hash,
        hash: GENESIS,
    };
    fact.hash = fact.expected_hash();
    heads.advance(&fact);
    fact
}

pub(crate) fn insert(connection: &Connection, fact: &Fact) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO facts (seq, id, chain, chain_seq, area, actor, device, happened_at,
             recorded_at, kind, body, prev_hash, hash) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)",
        )?
        .execute(params![
            fact.seq as i64,
            fact.id.to_bytes(),
            fact.chain.as_u64() as i64,
            fact.chain_seq as i64,
            fact.area.as_u64() as i64,
            fact.actor.to_bytes(),
            fact.device,
            fact.happened_at.as_millisecond(),
            fact.recorded_at.as_millisecond(),
            fact.kind,
            fact.body,
            fact.prev_hash,
            fact.hash,
        ])?;
    Ok(())
}

pub(crate) const FACT_COLUMNS: &str = "seq, id, chain, chain_seq, area, actor, device, happened_at, recorded_at, \
                                kind, body, prev_hash, hash";

/// Reads a row of [`FACT_COLUMNS`]. A value that no fact can have reads as one that no hash
/// will fit, so that an audit names it instead of stopping.
pub(crate) fn read_fact(row: &Row<'_>) -> rusqlite::Result<Fact> {
    let area = |index| -> rusqlite::Result<AreaCode> {
        Ok(AreaCode::from_u64(row.get::<_, i64>(index)? as u64).unwrap_or(AreaCode::COUNTRY))
    };
    let moment = |index| -> rusqlite::Result<Timestamp> {
        Ok(Timestamp::from_millisecond(row.get(index)?).unwrap_or(Timestamp::MIN))
    };
    Ok(Fact {
        seq: row.get::<_, i64>(0)? as u64,
        id: FactId::from_bytes(row.get(1)?),
        chain: area(2)?,
        chain_seq: row.get::<_, i64>(3)? as u64,
        area: area(4)?,
        actor: AccountId::from_bytes(row.get(5)?),
        device: row.get(6)?,
        happened_at: moment(7)?,
        recorded_at: moment(8)?,
        kind: row.get(9)?,
        body: row.get(10)?,
        prev_hash: row.get(11)?,
        hash: row.get(12)?,
    })
}

pub(crate) fn facts_after(
    connection: &Connection,
    seq: u64,
    limit: usize,
) -> Result<Vec<Fact>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {FACT_COLUMNS} FROM facts WHERE seq > ?1 ORDER BY seq LIMIT ?2"
    ))?;
    let facts = statement
        .query_map(params![seq as i64, limit as i64], read_fact)?
        .collect::<Result<_, _>>()?;
    Ok(facts)
}

/// The fact of an id.
pub(crate) fn fact_by_id(connection: &Connection, id: FactId) -> Result<Option<Fact>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {FACT_COLUMNS} FROM facts WHERE id = ?1"))?
        .query_row([id.to_bytes()], read_fact)
        .optional()?)
}

pub(crate) fn last_seq(connection: &Connection) -> Result<u64, StoreError> {
    let seq: i64 = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM facts")?
        .query_row([], |row| row.get(0))?;
    Ok(seq as u64)
}
