//! Moments of arrival as files write them: a day, a day with a time by the local clock, or a
//! moment with its distance from UTC.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, tz};

use crate::dates::{self, DateError, DateForm};

/// When somebody arrives, as far as the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// On a day.
    Day(Date),
    /// At a time by the clock of the place.
    Local(DateTime),
    /// At a moment, since the file gives the distance from UTC.
    Exact(Timestamp),
}

impl Arrival {
    /// With the time of a column of its own, where the day came without one.
    pub(crate) fn at(self, time: Time) -> Self {
        match self {
            Self::Day(day) => Self::Local(day.to_datetime(time)),
            told => told,
        }
    }
}

/// Reads a day in one of `forms`, perhaps with a time behind it: 08:30, 8:30:00, 8时30分, 0830, with Z
/// or +08:00. Midnight UTC is a day: that is how exporters write one.
pub(crate) fn parse(text: &str, forms: &[DateForm]) -> Result<Arrival, DateError> {
    let text = text.trim();
    let plain: Vec<DateForm> = forms
        .iter()
        .copied()
        .filter(|form| *form != DateForm::WithTime)
        .collect();
    match dates::parse(text, &plain) {
        Ok(day) => return Ok(Arrival::Day(day)),
        Err(DateError::Unreal) => return Err(DateError::Unreal),
        Err(DateError::Form) => {}
    }
    let (date, time) = split(text).ok_or(DateError::Form)?;
    let day = dates::parse(date, &plain)?;
    let (time, offset) = clock(time).ok_or(DateError::Form)?;
    match offset {
        None => Ok(Arrival::Local(day.to_datetime(time))),
        Some(tz::Offset::UTC) if time == Time::midnight() => Ok(Arrival::Day(day)),
        Some(offset) => offset
            .to_timestamp(day.to_datetime(time))
            .map(Arrival::Exact)
            .map_err(|_| DateError::Unreal),
    }
}

/// Reads a time of day without a distance from UTC.
pub(crate) fn parse_time(text: &str) -> Option<Time> {
    match clock(text) {
        Some((time, None)) => Some(time),
        _ => None,
    }
}

fn split(text: &str) -> Option<(&str, &str)> {
    if let Some(end) = text.find('日') {
        return Some(text.split_at(end + '日'.len_utf8()));
    }
    if matches!(text.len(), 12 | 14) && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.split_at(8));
    }
    text.split_once(['T', ' '])
}

fn clock(text: &str) -> Option<(Time, Option<tz::Offset>)> {
    let text = text.trim();
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Some((time_of_day(time)?, Some(tz::Offset::UTC)));
    }
    match text.rfind(['+', '-']) {
        Some(sign) => {
            let (time, offset) = text.split_at(sign);
            Some((time_of_day(time)?, Some(distance(offset)?)))
        }
        None => Some((time_of_day(text)?, None)),
    }
}

fn distance(text: &str) -> Option<tz::Offset> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+')?),
    };
    let digits = digits.replace(':', "");
    let (h, m) = match digits.len() {
        2 => (two(&digits)?, 0),
        4 => (two(digits.get(..2)?)?, two(digits.get(2..)?)?),
        _ => return None,
    };
    let seconds = sign * (i32::from(h) * 60 + i32::from(m)) * 60;
    tz::Offset::from_seconds(seconds).ok()
}

fn time_of_day(text: &str) -> Option<Time> {
    let text = text.trim().replace(['时', '点', '分'], ":");
    let text = text.trim_end_matches(['秒', ':']);
    let parts: Vec<&str> = text.split([':', '：']).collect();
    let (h, m, s) = match parts.as_slice() {
        [digits] if matches!(digits.len(), 4 | 6) && digits.is_ascii() => (
            two(&digits[..2])?,
            two(&digits[2..4])?,
            digits
                .get(4..)
                .filter(|s| !s.is_empty())
                .map_or(Some(0), two)?,
        ),
        [h, m] => (two(h)?, two(m)?, 0),
        [h, m, s] => (two(h)?, two(m)?, two(s.split('.').next()?)?),
        _ => return None,
    };
    Time::new(h, m, s, 0).ok()
}

/// One or two digits.
fn two(text: &str) -> Option<i8> {
    let plain = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Arrival, DateError> {
        parse(text, &DateForm::UNMISTAKABLE)
    }

    #[test]
    fn days_and_times_are_read_as_they_are_written() {
        let local = Arrival::Local(datetime(2020, 2, 9, 8, 30, 0, 0));
        for text in [
            "2020-02-09 08:30",
            "2020/2/9 8:30:00",
            "2020-02-09T08:30:00.000",
            "2020年2月9日 8时30分",
            "2020年2月9日8:30",
            "202002090830",
            "20200209083000",
            "43870 0830",
        ] {
            assert_eq!(read(text), Ok(local), "{text}");
        }
        let day = Arrival::Day(date(2020, 2, 9));
        for text in ["2020-02-09", "2020年2月9日", "2020-02-09T00:00:00.000Z"] {
            assert_eq!(read(text), Ok(day), "{text}");
        }
        let exact = Arrival::Exact("2020-02-09T00:30:00Z".parse().unwrap());
        for text in ["2020-02-09T08:30:00+08:00", "2020-02-09T00:30:00Z"] {
            assert_eq!(read(text), Ok(exact), "{text}");
        }
        let time = parse_time("8点30分").unwrap();
        assert_eq!(Arrival::Day(date(2020, 2, 9)).at(time), local);
        assert_eq!(local.at(Time::midnight()), local);
    }

    #[test]
    fn what_is_no_moment_is_told() {
        for text in [
            "",
            "soon",
            "2020-02-09 25:00",
            "2020-02-09 8:61",
            "2020-02-09 morning",
            "2020-02-09T08:30:00+99:00",
        ] {
            assert_eq!(read(text), Err(DateError::Form), "{text}");
        }
        assert_eq!(read("2020-02-30 08:30"), Err(DateError::Unreal));
        assert_eq!(parse_time("08:30Z"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}|[0-9年月日时分/.T:+Z -]{0,26}") {
            let _ = read(&text);
            let _ = parse_time(&text);
        }
    }
}
