//! A visit: who was where, from when, and until when if that is known.

use jiff::Timestamp;
use lianfang_core::ids::PersonId;
pub use lianfang_core::places::PlaceId;
use lianfang_core::time::UtcOffset;
use serde::{Deserialize, Serialize};

/// Minutes from one midnight to the next.
pub(crate) const MIDNIGHT: i32 = 1_440;

/// The longest stay that can be written down, in minutes: so that the end of a stay, counted
/// from the midnight before it began, fits 16 bits.
pub const LONGEST_STAY: u16 = 64_000;

/// A minute: how many have passed since 1 January 1970, 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minute(pub u32);

impl Minute {
    /// Seconds of a minute.
    const SECONDS: i64 = 60;
    /// The last that is told apart, so that the end of any stay fits 31 bits on any clock of the
    /// Earth: in the year 6052.
    pub const LAST: Self = Self(0x7ffe_0000);

    /// The minute in which `moment` lies; `None` before 1970 and after [`Self::LAST`].
    pub fn of(moment: Timestamp) -> Option<Self> {
        u32::try_from(moment.as_second().div_euclid(Self::SECONDS))
            .ok()
            .map(Self)
            .filter(|minute| *minute <= Self::LAST)
    }

    /// Its first moment.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_second(i64::from(self.min(Self::LAST).0) * Self::SECONDS)
            .expect("the last minute lies before the year 9999")
    }

    /// The minute so many minutes later, [`Self::LAST`] at most.
    pub fn plus(self, minutes: u32) -> Self {
        Self(self.0.saturating_add(minutes)).min(Self::LAST)
    }

    /// The same minute by the clock on the wall.
    pub(crate) fn local(self, offset: UtcOffset) -> i32 {
        self.min(Self::LAST).0 as i32 + offset.minutes()
    }

    /// Reads back [`Self::local`].
    pub(crate) fn from_local(local: i32, offset: UtcOffset) -> Self {
        Self((local - offset.minutes()).max(0) as u32)
    }
}

/// From a minute up to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first minute.
    pub from: Minute,
    /// The minute after the last.
    pub until: Minute,
}

/// One visit, as it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visit {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub place: PlaceId,
    /// Since when.
    pub from: Minute,
    /// Until when, where that is known. The minute itself no longer belongs to the visit; who
    /// leaves in the minute of coming was there for that minute.
    pub until: Option<Minute>,
}

impl Visit {
    /// What digests are computed over: person, place, from, end; 30 bytes, numbers big-endian.
    pub(crate) fn to_bytes(self) -> [u8; 30] {
        let mut bytes = [0; 30];
        bytes[..16].copy_from_slice(&self.person.to_bytes());
        bytes[16..24].copy_from_slice(&self.place.0.to_be_bytes());
        bytes[24..28].copy_from_slice(&self.from.0.to_be_bytes());
        bytes[28..].copy_from_slice(&self.end().0.to_be_bytes());
        bytes
    }

    /// What is known of its end.
    pub(crate) fn end(self) -> End {
        self.until.map_or(End::OPEN, |until| {
            End::after(until.0.saturating_sub(self.from.0))
        })
    }
}

/// What is known of the end of a visit, in 16 bits: 0 is nothing, n + 1 is "after n minutes".
/// Of two ends of one visit the greater stands: a check-out over none, the later over the
/// earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct End(pub(crate) u16);

impl End {
    pub(crate) const OPEN: Self = Self(0);

    /// After so many minutes, [`LONGEST_STAY`] at most.
    fn after(minutes: u32) -> Self {
        Self(minutes.min(LONGEST_STAY.into()) as u16 + 1)
    }

    /// How many minutes the visit took, if that is known.
    pub(crate) fn minutes(self) -> Option<u16> {
        self.0.checked_sub(1)
    }

    /// How many minutes the visit holds: where its end is not known, those of a usual stay.
    pub(crate) fn holds(self, usual: u16) -> i32 {
        i32::from(self.minutes().unwrap_or(usual).max(1))
    }
}

/// How many visits, and the sum of their marks (wrapping): the same for the same visits in any
/// order, so sums of batches add up to the sum of what is stored.
///
/// A mark is 64 bits of a fast mixing function over the visit's person, place, minute and end. It
/// shows what was lost, doubled or altered by mistake. Against intent stand the BLAKE3 digests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many.
    pub visits: u64,
    /// Sum of their marks.
    pub sum: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, visit: &Visit) {
        self.visits += 1;
        self.sum = self.sum.wrapping_add(mark(visit));
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            visits: self.visits + other.visits,
            sum: self.sum.wrapping_add(other.sum),
        }
    }
}

fn mark(visit: &Visit) -> u64 {
    let person = u128::from_be_bytes(visit.person.to_bytes());
    let when = u64::from(visit.from.0) << 16 | u64::from(visit.end().0);
    [(person >> 64) as u64, person as u64, visit.place.0, when]
        .into_iter()
        .fold(0x6c69_616e_6661_6e67, |mixed, word| mix(mixed ^ word))
}

/// The finaliser of splitmix64 (Steele, Lea and Flood 2014).
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_that_of_its_moment_in_any_zone() {
        let moment: Timestamp = "2020-02-08T16:00:59Z".parse().unwrap();
        let minute = Minute::of(moment).unwrap();
        assert_eq!(minute.timestamp().to_string(), "2020-02-08T16:00:00Z");
        let local = minute.local(UtcOffset::CHINA);
        assert_eq!(local.rem_euclid(MIDNIGHT), 0);
        assert_eq!(Minute::from_local(local, UtcOffset::CHINA), minute);
        assert_eq!(Minute::of("1969-12-31T23:59:59Z".parse().unwrap()), None);
    }

    #[test]
    fn the_greater_end_knows_more() {
        let visit = |until: Option<u32>| Visit {
            person: PersonId::from_bytes([1; 16]),
            place: PlaceId(1),
            from: Minute(100),
            until: until.map(Minute),
        };
        assert!(visit(None).end() < visit(Some(100)).end());
        assert!(visit(Some(100)).end() < visit(Some(101)).end());
        assert_eq!(visit(Some(100)).end().holds(60), 1);
        assert_eq!(visit(None).end().holds(60), 60);
        assert_eq!(visit(Some(130)).end().holds(60), 30);
    }
}
