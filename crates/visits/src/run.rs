//! Rows of a day that are in memory and in a journal, and no sealed file yet; and the merging of
//! runs, in memory as on disk.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::error::VisitsError;
use crate::row::{Order, Row, Window};
use crate::visit::Tally;

/// Sorted rows in both orders. Never changes.
#[derive(Debug)]
pub(crate) struct Run {
    by_place: Vec<Row>,
    by_person: Vec<Row>,
    latest_from: u16,
    latest_until: u16,
    pub(crate) tally: Tally,
}

impl Run {
    /// From rows by place in any order.
    pub(crate) fn new(mut by_place: Vec<Row>, tally: Tally) -> Self {
        let mut by_person: Vec<Row> = by_place.iter().map(|row| row.turned()).collect();
        by_place.sort_unstable();
        by_person.sort_unstable();
        Self::sorted(by_place, by_person, tally)
    }

    fn sorted(by_place: Vec<Row>, by_person: Vec<Row>, tally: Tally) -> Self {
        Self {
            latest_from: by_place.iter().map(|row| row.minute()).max().unwrap_or(0),
            latest_until: by_place
                .iter()
                .map(|row| row.known_until())
                .max()
                .unwrap_or(0),
            by_place,
            by_person,
            tally,
        }
    }

    pub(crate) fn rows(&self, order: Order) -> &[Row] {
        match order {
            Order::Place => &self.by_place,
            Order::Person => &self.by_person,
        }
    }

    /// One run of several. The sort that keeps equals in order finds what is sorted already.
    pub(crate) fn merged(runs: &[&Self]) -> Self {
        let gather = |order| {
            let mut rows: Vec<Row> = Vec::with_capacity(runs.iter().map(|run| run.len()).sum());
            for run in runs {
                rows.extend_from_slice(run.rows(order));
            }
            rows.sort();
            rows
        };
        let tally = runs
            .iter()
            .fold(Tally::default(), |all, run| all.plus(run.tally));
        Self::sorted(gather(Order::Place), gather(Order::Person), tally)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_place.len()
    }

    /// As [`crate::sealed::SealedFile::scan`].
    pub(crate) fn scan(
        &self,
        order: Order,
        major: u32,
        window: &Window,
        found: &mut impl FnMut(Row) -> bool,
    ) {
        if !window.reached_by(self.latest_from, self.latest_until) {
            return;
        }
        let rows = self.rows(order);
        let start = rows.partition_point(|row| row.major() < major);
        for row in rows[start..]
            .iter()
            .take_while(|row| row.major() == major && i32::from(row.minute()) < window.minutes.end)
        {
            if window.touches(*row) && !found(*row) {
                return;
            }
        }
    }
}

/// How many runs of like size are merged into one.
const FEW: usize = 8;

/// How many of the newest runs should become one, given the sizes of all from the oldest on; 0 if
/// none. Runs count as alike within a factor of [`FEW`], so each row is merged a few times only,
/// and there are a few runs of each size at most.
pub(crate) fn due(sizes: impl DoubleEndedIterator<Item = u64>) -> usize {
    let tier = |size: u64| size.max(1).ilog(FEW as u64);
    let mut newest = sizes.rev().map(tier).peekable();
    let Some(least) = newest.peek().copied() else {
        return 0;
    };
    let alike = newest.take_while(|tier| *tier <= least).count();
    if alike >= FEW { alike } else { 0 }
}

/// The rows of several sorted sources in order.
pub(crate) struct Merge<I> {
    sources: Vec<I>,
    heads: BinaryHeap<Reverse<(Row, usize)>>,
    failed: Option<VisitsError>,
}

impl<I: Iterator<Item = Result<Row, VisitsError>>> Merge<I> {
    pub(crate) fn new(sources: Vec<I>) -> Self {
        let mut merge = Self {
            heads: BinaryHeap::with_capacity(sources.len()),
            sources,
            failed: None,
        };
        for at in 0..merge.sources.len() {
            if let Some(row) = merge.pull(at) {
                merge.heads.push(Reverse((row, at)));
            }
        }
        merge
    }

    fn pull(&mut self, at: usize) -> Option<Row> {
        match self.sources[at].next()? {
            Ok(row) => Some(row),
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }
}

impl<I: Iterator<Item = Result<Row, VisitsError>>> Iterator for Merge<I> {
    type Item = Result<Row, VisitsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failed.take() {
            self.heads.clear();
            return Some(Err(error));
        }
        let Reverse((row, at)) = *self.heads.peek()?;
        match self.pull(at) {
            Some(next) => {
                if let Some(mut head) = self.heads.peek_mut() {
                    *head = Reverse((next, at));
                }
            }
            None => {
                self.heads.pop();
            }
        }
        Some(Ok(row))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::visit::End;

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        prop::collection::vec((0_u32..9, 0_u16..1_440, 0_u32..9, 0_u16..500), 0..40).prop_map(
            |rows| {
                rows.into_iter()
                    .map(|(major, minute, minor, end)| Row::new(major, minute, minor, End(end)))
                    .collect()
            },
        )
    }

    proptest! {
        #[test]
        fn merged_runs_hold_all_rows_in_order(lists in prop::collection::vec(rows(), 0..10)) {
            let runs: Vec<Run> = lists.iter().map(|rows| Run::new(rows.clone(), Tally::default())).collect();
            let one = Run::merged(&runs.iter().collect::<Vec<_>>());
            for order in Order::BOTH {
                let sources = runs.iter().map(|run| run.rows(order).iter().copied().map(Ok)).collect();
                let streamed: Vec<Row> = Merge::new(sources).map(Result::unwrap).collect();
                prop_assert!(streamed.is_sorted());
                prop_assert_eq!(&streamed, &one.rows(order));
                prop_assert_eq!(streamed.len(), lists.iter().map(Vec::len).sum::<usize>());
            }
        }
    }

    #[test]
    fn eight_alike_become_one_and_large_ones_rest() {
        assert_eq!(due([].into_iter()), 0);
        assert_eq!(due([5; 7].into_iter()), 0);
        assert_eq!(due([5; 8].into_iter()), 8);
        assert_eq!(due([9_000, 5, 5, 5, 5, 5, 5, 5].into_iter()), 0);
        assert_eq!(due([9_000, 5, 5, 5, 5, 5, 5, 5, 6].into_iter()), 8);
        let mut sizes: Vec<u64> = Vec::new();
        for _ in 0..100_000 {
            sizes.push(1);
            while let n @ 1.. = due(sizes.iter().copied()) {
                let merged = sizes.drain(sizes.len() - n..).sum();
                sizes.push(merged);
            }
            assert!(sizes.len() < 50);
        }
    }

    #[test]
    fn a_source_that_fails_ends_the_merge_with_its_error() {
        let row = Row::new(1, 1, 1, End::OPEN);
        let wrong = || Err(VisitsError::Halted);
        let all: Vec<_> = Merge::new(vec![
            vec![Ok(row), wrong()].into_iter(),
            vec![Ok(row)].into_iter(),
        ])
        .collect();
        assert!(all.iter().any(Result::is_err));
        assert!(all.len() <= 2);
    }
}
