//! What the log holds at a moment: sealed parts and runs, by day. It never changes; each write
//! makes a new one that shares what is alike, so who holds one sees the same until done.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use lianfang_core::ids::PersonId;

use crate::error::VisitsError;
use crate::ids::Ids;
use crate::manifest::PartSealed;
use crate::row::{Order, Row, Window};
use crate::run::Run;
use crate::sealed::SealedFile;
use crate::visit::{End, MIDNIGHT, PlaceId, Tally};

/// The numbers of people and places. They are only added to.
pub(crate) struct Names {
    pub(crate) people: RwLock<Ids<16>>,
    pub(crate) places: RwLock<Ids<8>>,
}

impl Names {
    pub(crate) fn person_number(&self, person: PersonId) -> Option<u32> {
        read(&self.people).number(person.to_bytes())
    }

    pub(crate) fn place_number(&self, place: PlaceId) -> Option<u32> {
        read(&self.places).number(place.0.to_be_bytes())
    }

    /// Of a number that was given out.
    pub(crate) fn person(&self, number: u32) -> Option<PersonId> {
        read(&self.people).id(number).map(PersonId::from_bytes)
    }

    /// Of a number that was given out.
    pub(crate) fn place(&self, number: u32) -> Option<PlaceId> {
        read(&self.places)
            .id(number)
            .map(|id| PlaceId(u64::from_be_bytes(id)))
    }
}

/// A lock that nobody leaves in a half-done state.
pub(crate) fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// The name of a sealed file.
pub(crate) fn file_name(day: i32, number: u64, order: Order) -> String {
    format!("day-{day}-{number:08}.{}", order.name())
}

/// Some visits of a day, sealed in both orders.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) number: u64,
    pub(crate) tally: Tally,
    by_place: SealedFile,
    by_person: SealedFile,
}

impl Part {
    pub(crate) fn open(folder: &Path, day: i32, sealed: &PartSealed) -> Result<Self, VisitsError> {
        let path = |order| folder.join(file_name(day, sealed.number, order));
        Ok(Self {
            number: sealed.number,
            tally: sealed.tally,
            by_place: SealedFile::open(path(Order::Place), Order::Place, day, &sealed.by_place)?,
            by_person: SealedFile::open(
                path(Order::Person),
                Order::Person,
                day,
                &sealed.by_person,
            )?,
        })
    }

    pub(crate) fn file(&self, order: Order) -> &SealedFile {
        match order {
            Order::Place => &self.by_place,
            Order::Person => &self.by_person,
        }
    }

    pub(crate) fn paths(&self) -> [PathBuf; 2] {
        Order::BOTH.map(|order| self.file(order).path().to_owned())
    }

    /// Removes its files. Who has them open may read on. A file that stays is removed when the
    /// log is opened next.
    pub(crate) fn remove(&self) {
        for path in self.paths() {
            let _ = fs::remove_file(path);
        }
    }
}

/// A day.
#[derive(Debug, Clone, Default)]
pub(crate) struct Day {
    /// Sealed, the oldest first.
    pub(crate) parts: Vec<Arc<Part>>,
    /// Being sealed.
    pub(crate) frozen: Vec<Arc<Run>>,
    /// In memory, the oldest first.
    pub(crate) runs: Vec<Arc<Run>>,
}

impl Day {
    pub(crate) fn tally(&self) -> Tally {
        let parts = self.parts.iter().map(|part| part.tally);
        let runs = self.unsealed().map(|run| run.tally);
        parts.chain(runs).fold(Tally::default(), Tally::plus)
    }

    pub(crate) fn unsealed(&self) -> impl Iterator<Item = &Arc<Run>> {
        self.frozen.iter().chain(&self.runs)
    }
}

/// A row that was found: its other side, from when (minutes by the clock on the wall), its end.
/// Packed to compare as a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found(u128);

/// Moves minutes before 1970 above zero.
const LIFT: i32 = 1 << 30;

impl Found {
    fn new(minor: u32, from: i32, end: End) -> Self {
        Self(
            u128::from(minor) << 48
                | u128::from(from.wrapping_add(LIFT) as u32) << 16
                | u128::from(end.0),
        )
    }

    pub(crate) fn minor(self) -> u32 {
        (self.0 >> 48) as u32
    }

    pub(crate) fn from(self) -> i32 {
        ((self.0 >> 16) as u32 as i32).wrapping_sub(LIFT)
    }

    pub(crate) fn end(self) -> End {
        End(self.0 as u16)
    }
}

/// Whose rows are asked for, in which minutes by the clock on the wall.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) order: Order,
    pub(crate) major: u32,
    pub(crate) minutes: Range<i32>,
    /// How long a stay usually is.
    pub(crate) usual: u16,
    /// The most rows that are wanted.
    pub(crate) most: usize,
}

/// All that is there at a moment.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) kept_from: i32,
    pub(crate) days: BTreeMap<i32, Day>,
}

/// How many whole midnights a stay may span.
const REACH: i32 = u16::MAX as i32 / MIDNIGHT + 1;

impl State {
    /// Adds to `found` the rows that touch the search's minutes; says whether there were more than
    /// are wanted.
    pub(crate) fn scan(
        &self,
        search: &Search,
        buffer: &mut Vec<u8>,
        found: &mut Vec<Found>,
    ) -> Result<bool, VisitsError> {
        let Range { start, end } = search.minutes;
        if start >= end {
            return Ok(false);
        }
        let first = (start.div_euclid(MIDNIGHT) - REACH).max(self.kept_from);
        let last = (end - 1).div_euclid(MIDNIGHT);
        let mut more = false;
        for (day, sources) in self.days.range(first..=last.max(first)) {
            let base = day * MIDNIGHT;
            let window = Window {
                minutes: start - base..end - base,
                usual: search.usual,
            };
            let mut take = |row: Row| {
                more |= found.len() >= search.most;
                if !more {
                    found.push(Found::new(
                        row.minor(),
                        base + i32::from(row.minute()),
                        row.end(),
                    ));
                }
                !more
            };
            for part in &sources.parts {
                let file = part.file(search.order);
                if window.reached_by(file.latest_from, file.latest_until) {
                    file.scan(search.major, &window, buffer, &mut take)?;
                }
            }
            for run in sources.unsealed() {
                run.scan(search.order, search.major, &window, &mut take);
            }
        }
        Ok(more)
    }
}
