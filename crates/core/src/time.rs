//! Time as a jurisdiction keeps it: moments in UTC, days by its own clock.

use jiff::civil::Date;
use jiff::{Timestamp, Unit, tz};
use serde::{Deserialize, Serialize};

/// The jurisdiction's distance from UTC, in minutes east. China: 480.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub struct UtcOffset(i32);

/// Minutes beyond what any clock on Earth shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a UTC offset lies between -840 and 840 minutes; this is {0}")]
pub struct UtcOffsetError(pub i32);

impl UtcOffset {
    /// China Standard Time.
    pub const CHINA: Self = Self(480);

    /// Minutes east of UTC.
    pub fn minutes(self) -> i32 {
        self.0
    }

    fn time_zone(self) -> tz::TimeZone {
        tz::TimeZone::fixed(tz::Offset::from_seconds(self.0 * 60).expect("bounded on construction"))
    }

    /// The day on which `moment` falls here.
    pub fn day_of(self, moment: Timestamp) -> Date {
        moment.to_zoned(self.time_zone()).date()
    }

    /// The first moment of `day` here.
    pub fn start_of(self, day: Date) -> Timestamp {
        day.to_zoned(self.time_zone())
            .expect("a civil day of the supported range has a first moment")
            .timestamp()
    }

    /// `moment` as RFC 3339 with this offset, to the second.
    pub fn rfc3339(self, moment: Timestamp) -> String {
        let zoned = moment
            .round(Unit::Second)
            .unwrap_or(moment)
            .to_zoned(self.time_zone());
        zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

impl TryFrom<i32> for UtcOffset {
    type Error = UtcOffsetError;

    fn try_from(minutes: i32) -> Result<Self, Self::Error> {
        if (-840..=840).contains(&minutes) {
            Ok(Self(minutes))
        } else {
            Err(UtcOffsetError(minutes))
        }
    }
}

impl From<UtcOffset> for i32 {
    fn from(offset: UtcOffset) -> Self {
        offset.0
    }
}

/// Days since 1 January 1970, as tables keep them.
pub fn day_number(day: Date) -> i32 {
    day.since(Date::constant(1970, 1, 1))
        .expect("the difference of two civil days fits a span")
        .get_days()
}

/// Reads back [`day_number`].
pub fn day_from_number(number: i32) -> Option<Date> {
    Date::constant(1970, 1, 1)
        .checked_add(jiff::Span::new().try_days(number).ok()?)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_local_midnight() {
        let late: Timestamp = "2020-02-08T16:00:00Z".parse().unwrap();
        assert_eq!(UtcOffset::CHINA.day_of(late), Date::constant(2020, 2, 9));
        assert_eq!(UtcOffset::CHINA.start_of(Date::constant(2020, 2, 9)), late);
        assert_eq!(UtcOffset::CHINA.rfc3339(late), "2020-02-09T00:00:00+08:00");
    }

    #[test]
    fn day_numbers_read_back() {
        for day in [Date::constant(1969, 12, 31), Date::constant(2020, 2, 29)] {
            assert_eq!(day_from_number(day_number(day)), Some(day));
        }
        assert_eq!(day_number(Date::constant(1970, 1, 2)), 1);
        assert_eq!(day_from_number(i32::MAX), None);
    }
}
