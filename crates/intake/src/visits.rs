//! Visits: who was where, a row each, in files of any length.

use jiff::civil::{Date, Time};
use lianfang_core::places::PlaceCode;

use crate::column::Column;
use crate::dates::DateForm;
use crate::entries::{Entries, Mapper, Options, reader};
use crate::error::FileError;
use crate::finding::{Finding, Findings, Problem};
use crate::limits::Limits;
use crate::moments::{self, Arrival};
use crate::refused;
use crate::source::Source;
use crate::table::{RawRow, TableReader};

/// Characters of the longest text that names somebody.
const PERSON: usize = 64;

/// A moment to the minute, as it stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitTime {
    /// The day.
    pub day: Date,
    /// Minutes since its midnight.
    pub minute: u16,
    /// Minutes east of UTC, where the file gives them; else by the clock of the place.
    pub offset: Option<i32>,
}

/// One visit with the row it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VisitRow {
    /// The row as a spreadsheet counts.
    pub row: u64,
    /// The place's code.
    pub place: PlaceCode,
    /// Who, as the source names them.
    pub person: String,
    /// Since when.
    pub from: VisitTime,
    /// Until when, where that is known.
    pub until: Option<VisitTime>,
}

/// A file of visits, row by row.
///
/// Headers are `place`, `time`, `person`, which must be there, and `until`; or 场所, 时间, 人员, 离开.
/// Times are RFC 3339, or by the clock of the place: 2020-02-09 08:30.
pub struct Visits(Entries<RowMapper>);

impl Visits {
    /// Opens a file.
    pub fn open(source: Source, options: Options) -> Result<Self, FileError> {
        let table = TableReader::open(source, options.limits)?;
        let header = table.header();
        let mapper = RowMapper {
            place: Column::need(header, "place", &PLACE)?,
            time: Column::need(header, "time", &TIME)?,
            until: Column::find(header, "until", &UNTIL)?,
            person: Column::need(header, "person", &WHO)?,
        };
        Ok(Self(Entries::new(table, mapper, options.limits)))
    }

    /// Bounds on files of visits: a city's of a month.
    pub fn limits() -> Limits {
        Limits {
            text_bytes: 1 << 40,
            rows: 10_000_000_000,
            ..Limits::default()
        }
    }

    /// Columns that are not read, to be warned of.
    pub fn ignored(&self) -> Vec<Finding> {
        let known = [&PLACE[..], &TIME, &UNTIL, &WHO].concat();
        let mut findings = Findings::new(1);
        for column in self.header() {
            let name = crate::preset::normalise(column);
            let ours = [refused::FIELD, refused::REASON].contains(&column.as_str());
            if !ours && !name.is_empty() && !known.contains(&name.as_str()) {
                findings.warn("row", Some(column), Problem::IgnoredColumn);
            }
        }
        findings.warnings
    }
}

const PLACE: [&str; 5] = ["place", "code", "场所", "场所码", "地点"];
const TIME: [&str; 6] = ["time", "from", "时间", "到达", "到达时间", "进入时间"];
const UNTIL: [&str; 4] = ["until", "离开", "离开时间", "结束时间"];
const WHO: [&str; 3] = ["person", "人员", "身份证号"];

reader!(Visits yields VisitRow);

struct RowMapper {
    place: Column,
    time: Column,
    until: Option<Column>,
    person: Column,
}

impl RowMapper {
    fn time(column: &Column, raw: &RawRow, findings: &mut Findings) -> Option<VisitTime> {
        let time = column.text(raw).and_then(read_time);
        if time.is_none() {
            column.refuse(findings, Problem::VisitTime);
        }
        time
    }
}

impl Mapper for RowMapper {
    type Row = VisitRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<VisitRow> {
        for column in [&self.place, &self.time, &self.person] {
            if column.text(raw).is_none() {
                column.refuse(findings, Problem::MissingValue);
            }
        }
        if !findings.refusals.is_empty() {
            return None;
        }
        let place = self.place.text(raw).and_then(|text| text.parse().ok());
        if place.is_none() {
            let max = PlaceCode::LONGEST;
            self.place.refuse(findings, Problem::TextForm { max });
        }
        let person = self.person.bounded(raw, PERSON, findings);
        let from = Self::time(&self.time, raw, findings);
        let until = match &self.until {
            Some(column) if column.text(raw).is_some() => Self::time(column, raw, findings),
            _ => None,
        };
        Some(VisitRow {
            row: raw.row,
            place: place?,
            person: person?,
            from: from?,
            until,
        })
    }
}

/// Reads a time: quickly where it is RFC 3339 or like it, else in all forms that dates have.
fn read_time(text: &str) -> Option<VisitTime> {
    if let Some(time) = plain_time(text.as_bytes()) {
        return Some(time);
    }
    let offset = match moments::parse(text, &DateForm::UNMISTAKABLE).ok()? {
        Arrival::Day(_) => return None,
        Arrival::Local(at) => return Some(VisitTime::of(at.date(), at.time(), None)),
        Arrival::Exact(moment) => moment.to_zoned(jiff::tz::TimeZone::UTC).datetime(),
    };
    Some(VisitTime::of(offset.date(), offset.time(), Some(0)))
}

impl VisitTime {
    fn of(day: Date, time: Time, offset: Option<i32>) -> Self {
        Self {
            day,
            minute: (i32::from(time.hour()) * 60 + i32::from(time.minute())) as u16,
            offset,
        }
    }
}

/// `2020-02-09T08:30`, with a blank for the T, with seconds, with `Z` or `+08:00`.
fn plain_time(text: &[u8]) -> Option<VisitTime> {
    let digits = |bytes: &[u8]| {
        bytes.iter().try_fold(0_i16, |number, byte| {
            byte.is_ascii_digit()
                .then(|| number * 10 + i16::from(byte - b'0'))
        })
    };
    let (head, mut rest) = text.split_at_checked(16)?;
    let [
        y @ ..,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T' | b't' | b' ',
        h1,
        h2,
        b':',
        n1,
        n2,
    ] = head
    else {
        return None;
    };
    let day = Date::new(
        digits(y)?,
        digits(&[*m1, *m2])? as i8,
        digits(&[*d1, *d2])? as i8,
    )
    .ok()?;
    let (hour, minute) = (digits(&[*h1, *h2])?, digits(&[*n1, *n2])?);
    if hour > 23 || minute > 59 {
        return None;
    }
    if let [b':', s1, s2, after @ ..] = rest {
        if digits(&[*s1, *s2])? > 59 {
            return None;
        }
        rest = after;
        if let [b'.', fraction @ ..] = rest {
            let places = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            rest = fraction.get(places..).filter(|_| places > 0)?;
        }
    }
    let offset = match rest {
        [] => None,
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', n1, n2] => {
            let minutes = i32::from(digits(&[*h1, *h2])?) * 60 + i32::from(digits(&[*n1, *n2])?);
            (minutes < 24 * 60).then_some(())?;
            Some(if *sign == b'-' { -minutes } else { minutes })
        }
        _ => return None,
    };
    Some(VisitTime {
        day,
        minute: (hour * 60 + minute) as u16,
        offset,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::Entry;
    use proptest::prelude::*;

    fn rows(text: &str) -> Vec<Result<VisitRow, Vec<&'static str>>> {
        let options = Options::new(Date::constant(2020, 2, 9));
        Visits::open(Source::bytes("x", text.as_bytes().to_vec()), options)
            .unwrap()
            .map(|entry| match entry.unwrap() {
                Entry::Taken(taken) => Ok(taken.row),
                Entry::Refused(row) => Err(row.findings.iter().map(|f| f.code.word()).collect()),
            })
            .collect()
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        let at = |offset| VisitTime {
            day: Date::constant(2020, 2, 9),
            minute: 510,
            offset,
        };
        for (text, offset) in [
            ("2020-02-09 08:30", None),
            ("2020-02-09T08:30:59", None),
            ("2020-02-09T08:30:00.125+08:00", Some(480)),
            ("2020-02-09 08:30-03:30", Some(-210)),
            ("2020-02-09T08:30Z", Some(0)),
            ("2020/2/9 8:30", None),
            ("2020年2月9日 8时30分", None),
        ] {
            assert_eq!(read_time(text), Some(at(offset)), "{text}");
        }
        for text in [
            "",
            "2020-02-09",
            "2020-02-30 08:30",
            "2020-02-09 24:00",
            "soon",
        ] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }

    #[test]
    fn columns_may_stand_in_any_order_and_language() {
        let table = "人员,备注,场所,离开,时间\nP1,x,店 7,2020-02-09 09:00,2020-02-09 08:30\nP2,,9,,2020-02-09 08:31\n";
        let rows = rows(table);
        let first = rows[0].as_ref().unwrap();
        assert_eq!(
            (first.place.as_str(), first.person.as_str()),
            ("店 7", "P1")
        );
        assert_eq!(first.until.unwrap().minute, 540);
        assert_eq!(rows[1].as_ref().unwrap().until, None);
        let options = Options::new(Date::constant(2020, 2, 9));
        let file = Visits::open(Source::bytes("x", table.as_bytes().to_vec()), options).unwrap();
        assert_eq!(file.ignored().len(), 1);
    }

    #[test]
    fn bad_rows_are_refused_with_their_reasons() {
        let long = "7".repeat(65);
        let table = format!(
            "place,time,person\n,2020-02-09 08:30,P1\n1,noon,P1\n1,2020-02-09,P1\n1,2020-02-09 08:30,{long}\n{long},2020-02-09 08:30,P1\n1,2020-02-09 08:30\n"
        );
        let codes: Vec<_> = rows(&table).into_iter().map(Result::unwrap_err).collect();
        assert_eq!(
            codes,
            [
                ["missing_value"],
                ["time_form"],
                ["time_form"],
                ["text_form"],
                ["text_form"],
                ["ragged_row"]
            ]
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}|[0-9T:+Z. -]{0,30}") {
            let _ = read_time(&text);
        }
    }
}
