//! A visit among those of one day, as numbers, in one of the two orders.

use std::ops::Range;

use crate::visit::End;

/// The two orders in which the visits of a day are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// By place, then minute, then person.
    Place,
    /// By person, then minute, then place.
    Person,
}

impl Order {
    pub(crate) const BOTH: [Self; 2] = [Self::Place, Self::Person];

    /// The end of a file's name, and its number in the file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Person => "person",
        }
    }
}

/// One visit: the number of what it is ordered by, the minute of its day, the number of the
/// other, and its end. Packed into 128 bits so that rows compare as whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row(u128);

impl Row {
    /// `major` is the place in order of places and the person in order of people; `minor` is the
    /// other.
    pub(crate) fn new(major: u32, minute: u16, minor: u32, end: End) -> Self {
        Self(
            u128::from(major) << 64
                | u128::from(minute) << 48
                | u128::from(minor) << 16
                | u128::from(end.0),
        )
    }

    pub(crate) fn major(self) -> u32 {
        (self.0 >> 64) as u32
    }

    pub(crate) fn minute(self) -> u16 {
        (self.0 >> 48) as u16
    }

    pub(crate) fn minor(self) -> u32 {
        (self.0 >> 16) as u32
    }

    pub(crate) fn end(self) -> End {
        End(self.0 as u16)
    }

    /// The minute after its last, from its day's midnight on, where its end is known.
    pub(crate) fn known_until(self) -> u16 {
        self.end()
            .minutes()
            .map_or(0, |minutes| self.minute().saturating_add(minutes.max(1)))
    }

    /// The same visit in the other order.
    pub(crate) fn turned(self) -> Self {
        Self::new(self.minor(), self.minute(), self.major(), self.end())
    }
}

/// Part of a day, in minutes from its midnight, and how long a stay usually is.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) minutes: Range<i32>,
    pub(crate) usual: u16,
}

impl Window {
    /// Whether a row may say something about the window: also where a check-out that came too
    /// early for it takes away the usual stay of a check-in that would reach it.
    pub(crate) fn touches(&self, row: Row) -> bool {
        let stays = row.end().holds(self.usual).max(self.usual.into());
        let from = i32::from(row.minute());
        from < self.minutes.end && from + stays > self.minutes.start
    }

    /// Whether any of some rows may touch it: the latest that begins, the latest known end.
    pub(crate) fn reached_by(&self, latest_from: u16, latest_until: u16) -> bool {
        let usual = i32::from(latest_from) + i32::from(self.usual.max(1));
        usual.max(latest_until.into()) > self.minutes.start
    }
}
