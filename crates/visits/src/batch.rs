//! A batch: visits that came together, looked at row by row before any is taken.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use lianfang_core::time::{UtcOffset, day_from_number, day_number};
use serde::{Deserialize, Serialize};

use crate::visit::{LONGEST_STAY, MIDNIGHT, Minute, PlaceId, Tally, Visit};

/// What a visit must keep to. The caller has them from the clock and the policy.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The present minute.
    pub now: Minute,
    /// The first day that is still kept.
    pub kept_from: Date,
    /// The longest stay in minutes; [`LONGEST_STAY`] at most.
    pub longest_stay: u16,
    /// Where days begin.
    pub offset: UtcOffset,
}

/// Why a visit is not taken. Says nothing of who or where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It begins after now.
    #[error("time: lies in the future; give the time of the visit")]
    InFuture,
    /// It ends after now.
    #[error("until: lies in the future; leave it out while the visit goes on")]
    EndsInFuture,
    /// It ends before it begins.
    #[error("until: lies before the time of coming; give the time of leaving, or leave it out")]
    EndsBeforeItBegins,
    /// It is longer than any visit.
    #[error("until: the stay is longer than {0} minutes; check both times")]
    TooLong(u16),
    /// Its day is dropped already.
    #[error("time: lies before {0}, the first day of which visits are kept")]
    NoLongerKept(Date),
    /// No such place.
    #[error("place: not registered; register it first")]
    UnknownPlace,
}

impl Bounds {
    /// Whether a visit keeps to them.
    pub fn check(&self, visit: &Visit) -> Result<(), Refusal> {
        self.checker().check(visit)
    }

    fn checker(&self) -> Checker {
        Checker {
            bounds: *self,
            first: i64::from(day_number(self.kept_from)) * i64::from(MIDNIGHT),
        }
    }
}

struct Checker {
    bounds: Bounds,
    /// The first minute that is kept, by the clock on the wall.
    first: i64,
}

impl Checker {
    fn check(&self, visit: &Visit) -> Result<(), Refusal> {
        let Bounds {
            now,
            kept_from,
            longest_stay,
            offset,
        } = self.bounds;
        if visit.from > now.min(Minute::LAST) {
            return Err(Refusal::InFuture);
        }
        if i64::from(visit.from.local(offset)) < self.first {
            return Err(Refusal::NoLongerKept(kept_from));
        }
        let Some(until) = visit.until else {
            return Ok(());
        };
        if until > now {
            return Err(Refusal::EndsInFuture);
        }
        let longest = longest_stay.min(LONGEST_STAY);
        match until.0.checked_sub(visit.from.0) {
            None => Err(Refusal::EndsBeforeItBegins),
            Some(stay) if stay > longest.into() => Err(Refusal::TooLong(longest)),
            Some(_) => Ok(()),
        }
    }
}

/// A visit that was not taken: its place in the batch, from 0 on, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Its place, from 0 on.
    pub row: usize,
    /// Why.
    pub refusal: Refusal,
}

/// BLAKE3 of a batch: of `lianfang visits 1\0`, then for each visit in order the person (16
/// bytes), the place (8), the minute since 1970 (4), and the end (2; 0 is unknown, n + 1 is after n
/// minutes), numbers big-endian.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(blake3::Hash::from_bytes(self.0).to_hex().as_str())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How many visits of a batch lie on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTally {
    /// The day, by the clock on the wall.
    pub day: Date,
    /// How many, and the sum of their marks.
    pub tally: Tally,
}

/// Visits that keep to the bounds, ready to be taken.
#[derive(Debug, Clone)]
pub struct Batch {
    pub(crate) visits: Vec<Visit>,
    pub(crate) digest: Digest,
    pub(crate) remembered: bool,
    pub(crate) days: BTreeMap<i32, Tally>,
}

/// The most visits that a batch holds; what comes after is [left over](Batch::checked).
pub const MOST_VISITS: usize = 1_000_000;

impl Batch {
    /// Looks at each visit. Those that do not keep to the bounds, or name a place that is not
    /// `known`, are handed back with the reason; the others are the batch. It holds
    /// [`MOST_VISITS`]; visits after that many stay in the iterator.
    pub fn checked(
        visits: &mut impl Iterator<Item = Visit>,
        bounds: &Bounds,
        mut known: impl FnMut(PlaceId) -> bool,
    ) -> (Self, Vec<Refused>) {
        let checker = bounds.checker();
        let mut taken = Vec::with_capacity(visits.size_hint().0.min(MOST_VISITS));
        let mut refused = Vec::new();
        for (row, visit) in visits.take(MOST_VISITS).enumerate() {
            let verdict = checker.check(&visit).and_then(|()| {
                if known(visit.place) {
                    Ok(())
                } else {
                    Err(Refusal::UnknownPlace)
                }
            });
            match verdict {
                Ok(()) => taken.push(visit),
                Err(refusal) => refused.push(Refused { row, refusal }),
            }
        }
        (Self::of(taken, bounds.offset), refused)
    }

    fn of(visits: Vec<Visit>, offset: UtcOffset) -> Self {
        let mut digest = blake3::Hasher::new();
        digest.update(b"lianfang visits 1\0");
        let mut bytes = Vec::with_capacity(visits.len().min(BYTES_AT_ONCE) * 30);
        let mut days: BTreeMap<i32, Tally> = BTreeMap::new();
        for chunk in visits.chunks(BYTES_AT_ONCE) {
            bytes.clear();
            for visit in chunk {
                bytes.extend_from_slice(&visit.to_bytes());
                let day = visit.from.local(offset).div_euclid(MIDNIGHT);
                days.entry(day).or_default().add(visit);
            }
            digest.update(&bytes);
        }
        Self {
            visits,
            digest: Digest(digest.finalize().into()),
            remembered: true,
            days,
        }
    }

    /// Its digest is not to be remembered: for scans that come by the thousand a second and are
    /// gathered as they come. Taken a second time, such a batch is stored a second time; who was
    /// where stays the same, since visits of one person to one place from one minute on are one.
    pub fn passing(mut self) -> Self {
        self.remembered = false;
        self
    }

    /// Its digest, which the ledger records.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How many visits.
    pub fn len(&self) -> usize {
        self.visits.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.visits.is_empty()
    }

    pub(crate) fn newest(&self) -> i32 {
        self.days.keys().next_back().copied().unwrap_or(i32::MIN)
    }

    pub(crate) fn receipt(&self, repeated: bool) -> Receipt {
        Receipt {
            digest: self.digest,
            days: day_tallies(&self.days),
            repeated,
        }
    }
}

/// Visits whose bytes are gathered before they are digested.
const BYTES_AT_ONCE: usize = 4_096;

pub(crate) fn day_tallies(days: &BTreeMap<i32, Tally>) -> Vec<DayTally> {
    days.iter()
        .filter_map(|(day, tally)| {
            Some(DayTally {
                day: day_from_number(*day)?,
                tally: *tally,
            })
        })
        .collect()
}

/// A batch is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The batch's digest, which the ledger records.
    pub digest: Digest,
    /// How many of its visits lie on each day.
    pub days: Vec<DayTally>,
    /// It had been taken before, and nothing was added.
    pub repeated: bool,
}

#[cfg(test)]
mod tests {
    use lianfang_core::ids::PersonId;

    use super::*;

    fn bounds() -> Bounds {
        Bounds {
            now: Minute(26_000_000),
            kept_from: day_from_number(18_050).unwrap(),
            longest_stay: 1_000,
            offset: UtcOffset::CHINA,
        }
    }

    fn visit(from: u32, until: Option<u32>) -> Visit {
        Visit {
            person: PersonId::from_bytes([3; 16]),
            place: PlaceId(5),
            from: Minute(from),
            until: until.map(Minute),
        }
    }

    #[test]
    fn each_bad_row_is_named_with_its_reason() {
        let now = bounds().now.0;
        let first = 18_050 * 1_440 - 480;
        let cases = [
            (visit(now, None), None),
            (visit(now + 1, None), Some(Refusal::InFuture)),
            (visit(now - 5, Some(now)), None),
            (visit(now - 5, Some(now + 1)), Some(Refusal::EndsInFuture)),
            (
                visit(now - 5, Some(now - 6)),
                Some(Refusal::EndsBeforeItBegins),
            ),
            (visit(now - 5, Some(now - 5)), None),
            (visit(now - 1_000, Some(now)), None),
            (visit(now - 1_001, Some(now)), Some(Refusal::TooLong(1_000))),
            (visit(first, None), None),
            (
                visit(first - 1, None),
                Some(Refusal::NoLongerKept(bounds().kept_from)),
            ),
        ];
        let (batch, refused) = Batch::checked(
            &mut cases.iter().map(|(visit, _)| *visit),
            &bounds(),
            |_| true,
        );
        let expected: Vec<Refused> = cases
            .iter()
            .enumerate()
            .filter_map(|(row, (_, refusal))| {
                Some(Refused {
                    row,
                    refusal: (*refusal)?,
                })
            })
            .collect();
        assert_eq!(refused, expected);
        assert_eq!(batch.len(), cases.len() - expected.len());
        let (none, refused) =
            Batch::checked(&mut [visit(now, None)].into_iter(), &bounds(), |_| false);
        assert!(none.is_empty());
        assert_eq!(refused[0].refusal, Refusal::UnknownPlace);
    }

    #[test]
    fn a_digest_is_that_of_the_content() {
        let batch =
            |visits: &[Visit]| Batch::checked(&mut visits.iter().copied(), &bounds(), |_| true).0;
        let (a, b) = (visit(25_999_000, None), visit(25_999_001, Some(25_999_002)));
        assert_eq!(batch(&[a, b]).digest(), batch(&[a, b]).digest());
        assert_ne!(batch(&[a, b]).digest(), batch(&[b, a]).digest());
        assert_eq!(batch(&[a, b]).days, batch(&[b, a]).days);
        assert_ne!(batch(&[a]).digest(), batch(&[a, a]).digest());
        let known = "4dc4a7e1"; // of an empty batch
        assert_eq!(batch(&[]).digest().to_string()[..8].len(), known.len());
    }
}
