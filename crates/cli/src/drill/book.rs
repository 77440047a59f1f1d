//! What was sent under an id of its own, and what became of it: in the end each must stand in the ledger as often as it should.

use std::collections::{BTreeMap, HashMap};

use lianfang_core::ids::FactId;
use serde::Serialize;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    /// No answer came.
    Unanswered,
    /// The server has it.
    Accepted,
    /// The server refused it.
    Refused,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    sent: u32,
    became: Became,
}

/// The entries that were sent.
#[derive(Debug, Default)]
pub(super) struct Book {
    entries: HashMap<FactId, Entry>,
    /// Answers that it was there already.
    repeated: u64,
    /// Refusals by kind of entry and word.
    refusals: BTreeMap<String, u64>,
}

/// The entries in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Entries {
    /// Entries made.
    pub(super) made: u64,
    /// How often they were sent, duplicates included.
    pub(super) sent: u64,
    /// Entries that the server acknowledged.
    pub(super) accepted: u64,
    /// Duplicates that it answered as there already.
    pub(super) repeated: u64,
    /// Entries that it refused.
    pub(super) refused: u64,
    /// Entries without an answer.
    pub(super) unanswered: u64,
    /// Acknowledged entries that stand in the ledger exactly once; not known where the server is gone.
    pub(super) in_ledger: Option<u64>,
    /// Acknowledged entries that the ledger lacks.
    pub(super) lost: Option<u64>,
    /// Entries that stand in it more than once.
    pub(super) doubled: Option<u64>,
    /// Refused entries that stand in it all the same.
    pub(super) refused_in_ledger: Option<u64>,
    /// Refusals by kind of entry and word.
    pub(super) refusals: BTreeMap<String, u64>,
}

impl Book {
    /// Writes down that something was sent.
    pub(super) fn sent(&mut self, id: FactId) {
        let entry = self.entries.entry(id).or_insert(Entry {
            sent: 0,
            became: Became::Unanswered,
        });
        entry.sent += 1;
    }

    /// The server has it; `again` where it says that it had it before.
    pub(super) fn accepted(&mut self, id: FactId, again: bool) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.became = Became::Accepted;
        }
        self.repeated += u64::from(again);
    }

    /// The server refused it.
    pub(super) fn refused(&mut self, id: FactId, kind: &str, code: &str) {
        if let Some(entry) = self.entries.get_mut(&id)
            && entry.became == Became::Unanswered
        {
            entry.became = Became::Refused;
        }
        *self.refusals.entry(format!("{kind}: {code}")).or_default() += 1;
    }

    fn count(&self, became: Became) -> u64 {
        let one = |entry: &&Entry| entry.became == became;
        self.entries.values().filter(one).count() as u64
    }

    /// The entries in numbers, compared with the ids that the ledger holds, where that could be read.
    pub(super) fn numbers(&self, ledger: Option<&HashMap<FactId, u32>>) -> Entries {
        let times = |id: &FactId| ledger.map(|ledger| ledger.get(id).copied().unwrap_or(0));
        let with = |became: Became, is: &dyn Fn(u32) -> bool| {
            ledger?;
            let found = self
                .entries
                .iter()
                .filter(|(id, entry)| entry.became == became && times(id).is_some_and(is));
            Some(found.count() as u64)
        };
        Entries {
            made: self.entries.len() as u64,
            sent: self
                .entries
                .values()
                .map(|entry| u64::from(entry.sent))
                .sum(),
            accepted: self.count(Became::Accepted),
            repeated: self.repeated,
            refused: self.count(Became::Refused),
            unanswered: self.count(Became::Unanswered),
            in_ledger: with(Became::Accepted, &|times| times == 1),
            lost: with(Became::Accepted, &|times| times == 0),
            doubled: ledger.map(|_| {
                let twice = |id: &&FactId| times(id).is_some_and(|times| times > 1);
                self.entries.keys().filter(twice).count() as u64
            }),
            refused_in_ledger: with(Became::Refused, &|times| times > 0),
            refusals: self.refusals.clone(),
        }
    }

    /// The ids that the server acknowledged, for the file of the truth.
    pub(super) fn accepted_ids(&self) -> Vec<FactId> {
        let mut ids: Vec<FactId> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.became == Became::Accepted)
            .map(|(id, _)| *id)
            .collect();
        ids.sort_unstable();
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_doubled_and_refused_entries_show() {
        let id = |n: u64| FactId::from_parts(n, 7);
        let mut book = Book::default();
        for n in 1..=5 {
            book.sent(id(n));
        }
        book.sent(id(2));
        for n in 1..=3 {
            book.accepted(id(n), false);
        }
        book.accepted(id(2), true);
        book.refused(id(4), "check", "conflict");
        let ledger = HashMap::from([(id(1), 1), (id(2), 2), (id(4), 1)]);
        let numbers = book.numbers(Some(&ledger));
        assert_eq!((numbers.made, numbers.sent, numbers.accepted), (5, 6, 3));
        assert_eq!(
            (numbers.repeated, numbers.refused, numbers.unanswered),
            (1, 1, 1)
        );
        assert_eq!(numbers.in_ledger, Some(1));
        assert_eq!((numbers.lost, numbers.doubled), (Some(1), Some(1)));
        assert_eq!(numbers.refused_in_ledger, Some(1));
        assert_eq!(numbers.refusals["check: conflict"], 1);
        assert_eq!(book.numbers(None).lost, None);
    }
}
