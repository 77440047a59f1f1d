//! How often each rule of a pack decided.

use lianfang_core::words::Word;
use lianfang_policy::{Evidence, Pack, Table};

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiredRule {
    /// Its table.
    pub table: Table,
    /// Its id.
    pub rule: String,
    /// How many decisions it made.
    pub times: u64,
}

/// All rules of a pack, by table and in the order in which they are asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fired(pub Vec<FiredRule>);

impl Fired {
    /// How many decisions a rule made.
    pub fn of(&self, table: Table, rule: &str) -> u64 {
        self.0
            .iter()
            .find(|fired| fired.table == table && fired.rule == rule)
            .map_or(0, |fired| fired.times)
    }

    /// How many decisions a table made.
    pub fn in_table(&self, table: Table) -> u64 {
        self.0
            .iter()
            .filter(|fired| fired.table == table)
            .map(|fired| fired.times)
            .sum()
    }
}

/// Counts by the places of tables and rules.
pub(super) struct Counter(Vec<Vec<u64>>);

impl Counter {
    pub(super) fn of(pack: &Pack) -> Self {
        Self(
            Table::ALL
                .iter()
                .map(|table| vec![0; pack.rules(*table).in_order().len()])
                .collect(),
        )
    }

    /// Counts that a rule made so many decisions.
    pub(super) fn count<E: Evidence>(
        &mut self,
        pack: &Pack,
        rule: &lianfang_policy::Rule,
        times: u64,
    ) {
        let place = pack
            .rules(E::TABLE)
            .in_order()
            .iter()
            .position(|other| std::ptr::eq(other, rule));
        if let Some(place) = place {
            self.0[E::TABLE.index()][place] += times;
        }
    }

    pub(super) fn named(&self, pack: &Pack) -> Fired {
        let mut fired = Vec::new();
        for (table, counts) in Table::ALL.iter().zip(&self.0) {
            for (rule, times) in pack.rules(*table).in_order().iter().zip(counts) {
                fired.push(FiredRule {
                    table: *table,
                    rule: rule.id.clone(),
                    times: *times,
                });
            }
        }
        Fired(fired)
    }
}
