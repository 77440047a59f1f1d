//! Dates as files write them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A form in which a preset lets dates be written. Day-first and month-first forms cannot be told
/// apart by looking, so that a preset has to name the one its source uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateForm {
    /// 2020-02-09, also 2020-2-9.
    Iso,
    /// Any of the forms with a time of day behind it; the day is taken as written, whatever
    /// the offset: exporters write midnight UTC for a day.
    WithTime,
    /// 2020/2/9.
    YmdSlash,
    /// 2020.2.9.
    YmdDots,
    /// 20200209.
    YmdCompact,
    /// 2020年2月9日.
    YmdChinese,
    /// 43870, the days since 1900 that spreadsheets count.
    SpreadsheetSerial,
    /// 9.2.2020.
    DmyDots,
    /// 9/2/2020, day first.
    DmySlash,
    /// 2/9/2020, month first.
    MdySlash,
}

/// Why text is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateError {
    /// In none of the forms.
    Form,
    /// No such day, or before 1900.
    Unreal,
}

impl DateForm {
    /// Forms that cannot be mistaken for another.
    pub(crate) const UNMISTAKABLE: [Self; 7] = [
        Self::Iso,
        Self::WithTime,
        Self::YmdSlash,
        Self::YmdDots,
        Self::YmdCompact,
        Self::YmdChinese,
        Self::SpreadsheetSerial,
    ];

    /// An example, for messages.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Iso => "2020-02-09",
            Self::WithTime => "2020-02-09T08:30:00Z",
            Self::YmdSlash => "2020/2/9",
            Self::YmdDots => "2020.2.9",
            Self::YmdCompact => "20200209",
            Self::YmdChinese => "2020年2月9日",
            Self::SpreadsheetSerial => "43870",
            Self::DmyDots => "9.2.2020",
            Self::DmySlash => "9/2/2020 (d/m/y)",
            Self::MdySlash => "2/9/2020 (m/d/y)",
        }
    }

    /// Year, month and day, if the text has this form.
    fn read(self, text: &str) -> Option<(i16, i8, i8)> {
        match self {
            Self::Iso => ymd(text, '-', '-', ""),
            Self::YmdSlash => ymd(text, '/', '/', ""),
            Self::YmdDots => ymd(text, '.', '.', ""),
            Self::YmdChinese => ymd(text, '年', '月', "日"),
            Self::YmdCompact if text.len() == 8 => Some((
                year(text.get(..4)?)?,
                part(text.get(4..6)?)?,
                part(text.get(6..)?)?,
            )),
            Self::SpreadsheetSerial => serial(text),
            Self::DmyDots => reversed(text, '.'),
            Self::DmySlash => reversed(text, '/'),
            Self::MdySlash => reversed(text, '/').map(|(y, month, day)| (y, day, month)),
            Self::WithTime | Self::YmdCompact => None,
        }
    }
}

/// Reads `text`, trimmed, in the first of `forms` that it has.
pub(crate) fn parse(text: &str, forms: &[DateForm]) -> Result<Date, DateError> {
    let text = text.trim();
    let read = |text: &str| forms.iter().find_map(|form| form.read(text));
    let found = read(text).or_else(|| {
        if forms.contains(&DateForm::WithTime) {
            read(without_time(text)?)
        } else {
            None
        }
    });
    let (year, month, day) = found.ok_or(DateError::Form)?;
    Date::new(year, month, day)
        .ok()
        .filter(|date| date.year() >= 1900)
        .ok_or(DateError::Unreal)
}

fn without_time(text: &str) -> Option<&str> {
    let (date, time) = text.split_once(['T', ' '])?;
    let is_time = time.contains(':')
        && time
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'Z' | b'+' | b'-'));
    is_time.then_some(date)
}

fn ymd(text: &str, first: char, second: char, end: &str) -> Option<(i16, i8, i8)> {
    let (y, rest) = text.split_once(first)?;
    let (m, d) = rest.strip_suffix(end)?.split_once(second)?;
    Some((year(y)?, part(m)?, part(d)?))
}

fn reversed(text: &str, separator: char) -> Option<(i16, i8, i8)> {
    let (d, rest) = text.split_once(separator)?;
    let (m, y) = rest.split_once(separator)?;
    Some((year(y)?, part(m)?, part(d)?))
}

fn year(text: &str) -> Option<i16> {
    digits(text).filter(|_| text.len() == 4)
}

fn part(text: &str) -> Option<i8> {
    digits(text)
        .filter(|_| matches!(text.len(), 1 | 2))
        .and_then(|n| i8::try_from(n).ok())
}

fn digits(text: &str) -> Option<i16> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// Days since 30 December 1899, from 1920 to 2119: five digits, so that nothing shorter is taken.
fn serial(text: &str) -> Option<(i16, i8, i8)> {
    let days: i32 = text.parse().ok()?;
    if text.len() != 5 || !(7_306..=80_000).contains(&days) {
        return None;
    }
    let date = Date::constant(1899, 12, 30)
        .checked_add(jiff::Span::new().days(days))
        .ok()?;
    Some((date.year(), date.month(), date.day()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: Date = Date::constant(2020, 2, 9);

    #[test]
    fn every_form_is_read() {
        for text in [
            "2020-02-09",
            "2020-2-9",
            "2020/2/9",
            "2020/02/09",
            "2020.2.9",
            "20200209",
            "2020年2月9日",
            "43870",
            "2020-02-09T00:00:00.000Z",
            "2020-02-09 08:30",
            "2020/2/9 8:30:00",
            " 2020-02-09 ",
            "2020-02-09T23:59:59+08:00",
        ] {
            assert_eq!(parse(text, &DateForm::UNMISTAKABLE), Ok(DAY), "{text}");
        }
        assert_eq!(parse("9.2.2020", &[DateForm::DmyDots]), Ok(DAY));
        assert_eq!(parse("9/2/2020", &[DateForm::DmySlash]), Ok(DAY));
        assert_eq!(parse("2/9/2020", &[DateForm::MdySlash]), Ok(DAY));
    }

    #[test]
    fn what_is_no_date_says_why() {
        for text in [
            "",
            "9.2.2020",
            "2/9/2020",
            "20-02-09",
            "2020-02",
            "soon",
            "202002091",
            "2020-02-09x",
            "２０２０",
        ] {
            assert_eq!(
                parse(text, &DateForm::UNMISTAKABLE),
                Err(DateError::Form),
                "{text}"
            );
        }
        for text in [
            "2020-02-30",
            "20201301",
            "2019/2/29",
            "1899-12-31",
            "0202-02-09",
        ] {
            assert_eq!(
                parse(text, &DateForm::UNMISTAKABLE),
                Err(DateError::Unreal),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,14}|[0-9年月日/.T:-]{0,14}") {
            let _ = parse(&text, &DateForm::UNMISTAKABLE);
        }
    }
}
