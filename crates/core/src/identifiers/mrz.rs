//! The machine readable zone of passports and other travel documents (ICAO Doc 9303, parts 3 to 6).

use std::fmt;

use jiff::civil::Date;

use super::{PassportNumber, canonical};
use crate::people::Sex;

/// How far ahead an expiry date can lie; beyond it, two digits mean the century before.
const LONGEST_VALIDITY_YEARS: i16 = 50;

/// Layout of a machine readable zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MrzFormat {
    /// Three lines of 30: cards.
    Td1,
    /// Two lines of 36: older cards and visas' size.
    Td2,
    /// Two lines of 44: passports.
    Td3,
}

/// A field that carries a check digit or a form of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MrzField {
    /// Document number.
    Number,
    /// Date of birth.
    BirthDate,
    /// Sex.
    Sex,
    /// Date of expiry.
    Expiry,
    /// Personal number or other optional data.
    Optional,
    /// The composite check digit over several fields.
    Composite,
}

impl fmt::Display for MrzField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "document number",
            Self::BirthDate => "date of birth",
            Self::Sex => "sex",
            Self::Expiry => "date of expiry",
            Self::Optional => "optional data",
            Self::Composite => "composite field",
        })
    }
}

/// Why text is no machine readable zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MrzError {
    /// Lines of other numbers or lengths.
    #[error(
        "a machine readable zone has 2 lines of 44 characters (TD3), 2 of 36 (TD2) or 3 of 30 (TD1); this has {characters} characters in all"
    )]
    Layout {
        /// Characters found, line breaks and spaces aside.
        characters: usize,
    },
    /// A character other than A-Z, 0-9 and `<`.
    #[error(
        "a machine readable zone has A-Z, 0-9 and <; line {line} has another at character {position}"
    )]
    Character {
        /// The line, from 1.
        line: usize,
        /// The position in it, from 1.
        position: usize,
    },
    /// A check digit does not fit.
    #[error("the check digit of the {0} does not fit; a character is misread")]
    Check(MrzField),
    /// A field is not of its form.
    #[error("the {0} is not of its form")]
    Form(MrzField),
}

/// What a machine readable zone says, all its check digits verified.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mrz {
    /// Layout.
    pub format: MrzFormat,
    /// Document code: `P`, `ID`, …
    pub code: String,
    /// Issuing state or organisation, up to three letters.
    pub issuer: String,
    /// Document number.
    pub number: PassportNumber,
    /// Nationality, up to three letters.
    pub nationality: String,
    /// Date of birth; none where a part of it is unknown.
    pub birth_date: Option<Date>,
    /// Sex; none where not stated.
    pub sex: Option<Sex>,
    /// Date of expiry; none for documents that do not expire.
    pub expires: Option<Date>,
    /// Primary identifier.
    pub surname: String,
    /// Secondary identifier; empty if there is none.
    pub given_names: String,
}

impl fmt::Debug for Mrz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mrz({:?}, {})", self.format, self.number.masked())
    }
}

impl Mrz {
    /// Parses two or three lines, or all characters in one line as scanners send them.
    ///
    /// Years have two digits; `today` tells the century: births are past, expiries at most 50
    /// years ahead.
    pub fn parse(text: &str, today: Date) -> Result<Self, MrzError> {
        let characters: Vec<char> = canonical(text).filter(|c| !c.is_whitespace()).collect();
        let lines: Vec<usize> = text
            .lines()
            .map(|l| l.trim().chars().count())
            .filter(|n| *n > 0)
            .collect();
        let (format, width) = match (characters.len(), lines.as_slice()) {
            (88, [44, 44] | [_]) => (MrzFormat::Td3, 44),
            (72, [36, 36] | [_]) => (MrzFormat::Td2, 36),
            (90, [30, 30, 30] | [_]) => (MrzFormat::Td1, 30),
            (characters, _) => return Err(MrzError::Layout { characters }),
        };
        let foreign = |c: &char| !matches!(c, 'A'..='Z' | '0'..='9' | '<');
        if let Some(at) = characters.iter().position(foreign) {
            return Err(MrzError::Character {
                line: at / width + 1,
                position: at % width + 1,
            });
        }
        let flat: String = characters.into_iter().collect();
        let lines: Vec<&str> = (0..flat.len() / width)
            .map(|i| &flat[i * width..(i + 1) * width])
            .collect();
        match format {
            MrzFormat::Td3 => td3(lines[0], lines[1], today),
            MrzFormat::Td2 => td2(lines[0], lines[1], today),
            MrzFormat::Td1 => td1(lines[0], lines[1], lines[2], today),
        }
    }
}

fn td3(first: &str, second: &str, today: Date) -> Result<Mrz, MrzError> {
    let number = &second[0..9];
    check(number, &second[9..10], MrzField::Number)?;
    let (personal, personal_check) = (&second[28..42], &second[42..43]);
    if !(personal_check == "<" && personal.bytes().all(|b| b == b'<')) {
        check(personal, personal_check, MrzField::Optional)?;
    }
    let (surname, given_names) = names(&first[5..44]);
    let mrz = Mrz {
        format: MrzFormat::Td3,
        code: filled(&first[0..2]),
        issuer: filled(&first[2..5]),
        number: document_number(number)?,
        nationality: filled(&second[10..13]),
        birth_date: birth(&second[13..20], today)?,
        sex: sex(&second[20..21])?,
        expires: expiry(&second[21..28], today)?,
        surname,
        given_names,
    };
    let composite = [&second[0..10], &second[13..20], &second[21..43]].concat();
    check(&composite, &second[43..44], MrzField::Composite)?;
    Ok(mrz)
}

fn td2(first: &str, second: &str, today: Date) -> Result<Mrz, MrzError> {
    let number = long_number(&second[0..9], &second[9..10], &second[28..35])?;
    let (surname, given_names) = names(&first[5..36]);
    let mrz = Mrz {
        format: MrzFormat::Td2,
        code: filled(&first[0..2]),
        issuer: filled(&first[2..5]),
        number,
        nationality: filled(&second[10..13]),
        birth_date: birth(&second[13..20], today)?,
        sex: sex(&second[20..21])?,
        expires: expiry(&second[21..28], today)?,
        surname,
        given_names,
    };
    let composite = [&second[0..10], &second[13..20], &second[21..35]].concat();
    check(&composite, &second[35..36], MrzField::Composite)?;
    Ok(mrz)
}

fn td1(first: &str, second: &str, third: &str, today: Date) -> Result<Mrz, MrzError> {
    let number = long_number(&first[5..14], &first[14..15], &first[15..30])?;
    let (surname, given_names) = names(third);
    let mrz = Mrz {
        format: MrzFormat::Td1,
        code: filled(&first[0..2]),
        issuer: filled(&first[2..5]),
        number,
        nationality: filled(&second[15..18]),
        birth_date: birth(&second[0..7], today)?,
        sex: sex(&second[7..8])?,
        expires: expiry(&second[8..15], today)?,
        surname,
        given_names,
    };
    let composite = [
        &first[5..30],
        &second[0..7],
        &second[8..15],
        &second[18..29],
    ]
    .concat();
    check(&composite, &second[29..30], MrzField::Composite)?;
    Ok(mrz)
}

/// Weights 7, 3, 1 in turn; `<` counts 0, A = 10 to Z = 35; the sum modulo 10.
fn check_digit(field: &str) -> u32 {
    field
        .chars()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(c, w)| c.to_digit(36).unwrap_or(0) * w)
        .sum::<u32>()
        % 10
}

fn check(field: &str, digit: &str, which: MrzField) -> Result<(), MrzError> {
    // A lone filler stands for 0 in documents that print it so.
    let said = if digit == "<" {
        Some(0)
    } else {
        digit.parse().ok()
    };
    if said == Some(check_digit(field)) {
        Ok(())
    } else {
        Err(MrzError::Check(which))
    }
}

fn document_number(field: &str) -> Result<PassportNumber, MrzError> {
    field
        .replace('<', "")
        .parse()
        .map_err(|_| MrzError::Form(MrzField::Number))
}

/// A number longer than nine characters has `<` for a check digit, and goes on in the optional
/// data, its check digit last (Doc 9303 part 5, note j).
fn long_number(head: &str, digit: &str, optional: &str) -> Result<PassportNumber, MrzError> {
    let tail = optional.split('<').next().unwrap_or_default();
    if digit != "<" || tail.is_empty() {
        check(head, digit, MrzField::Number)?;
        return document_number(head);
    }
    let (rest, digit) = tail.split_at(tail.len() - 1);
    let number = format!("{head}{rest}");
    check(&number, digit, MrzField::Number)?;
    document_number(&number)
}

/// Six digits and their check digit as a date whose century `century` finds.
fn date(
    field: &str,
    which: MrzField,
    century: impl Fn(i16) -> i16,
) -> Result<Option<Date>, MrzError> {
    let (digits, digit) = field.split_at(6);
    check(digits, digit, which)?;
    if digits.contains('<') {
        return Ok(None);
    }
    let number = |text: &str| text.parse::<i8>().map_err(|_| MrzError::Form(which));
    let year = i16::from(number(&digits[0..2])?);
    Date::new(
        century(year) + year,
        number(&digits[2..4])?,
        number(&digits[4..6])?,
    )
    .map(Some)
    .map_err(|_| MrzError::Form(which))
}

fn birth(field: &str, today: Date) -> Result<Option<Date>, MrzError> {
    let this_year = date(field, MrzField::BirthDate, |_| 2000);
    match this_year {
        Ok(Some(day)) if day > today => date(field, MrzField::BirthDate, |_| 1900),
        // 29 February exists in 2000 but not in 1900, never the other way round.
        other => other,
    }
}

fn expiry(field: &str, today: Date) -> Result<Option<Date>, MrzError> {
    let latest = today.year() + LONGEST_VALIDITY_YEARS;
    date(field, MrzField::Expiry, |year| {
        if 2000 + year > latest { 1900 } else { 2000 }
    })
}

fn sex(field: &str) -> Result<Option<Sex>, MrzError> {
    match field {
        "F" => Ok(Some(Sex::Female)),
        "M" => Ok(Some(Sex::Male)),
        "X" => Ok(Some(Sex::Other)),
        "<" => Ok(None),
        _ => Err(MrzError::Form(MrzField::Sex)),
    }
}

fn filled(field: &str) -> String {
    field.trim_end_matches('<').replace('<', " ")
}

fn names(field: &str) -> (String, String) {
    let (surname, given) = field.split_once("<<").unwrap_or((field, ""));
    (filled(surname), filled(given))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TD3: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
    const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
    const TD1: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
    const TODAY: Date = Date::constant(2020, 2, 9);

    #[test]
    fn the_specimens_of_doc_9303() {
        for (text, format, number) in [
            (TD3, MrzFormat::Td3, "L898902C3"),
            (TD2, MrzFormat::Td2, "D23145890"),
            (TD1, MrzFormat::Td1, "D23145890"),
        ] {
            let mrz = Mrz::parse(text, TODAY).unwrap();
            assert_eq!(mrz.format, format);
            assert_eq!(mrz.number.as_str(), number);
            assert_eq!(
                (mrz.issuer.as_str(), mrz.nationality.as_str()),
                ("UTO", "UTO")
            );
            assert_eq!(mrz.birth_date, Some(Date::constant(1974, 8, 12)));
            assert_eq!(mrz.expires, Some(Date::constant(2012, 4, 15)));
            assert_eq!(mrz.sex, Some(Sex::Female));
            assert_eq!(
                (mrz.surname.as_str(), mrz.given_names.as_str()),
                ("ERIKSSON", "ANNA MARIA")
            );
            assert_eq!(Mrz::parse(&text.replace('\n', ""), TODAY).unwrap(), mrz);
            assert!(!format!("{mrz:?}").contains("ERIKSSON"));
        }
    }

    #[test]
    fn a_long_number_goes_on_in_the_optional_data() {
        // Doc 9303 part 5, appendix B, example with document number D23145890734.
        let text = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<";
        let mrz = Mrz::parse(text, TODAY).unwrap();
        assert_eq!(mrz.number.as_str(), "D23145890734");
        assert_eq!(mrz.birth_date, Some(Date::constant(1934, 7, 12)));
        assert_eq!(mrz.expires, Some(Date::constant(1995, 7, 12)));
    }

    #[test]
    fn each_refusal_has_its_reason() {
        let reason = |text: &str| Mrz::parse(text, TODAY).unwrap_err();
        assert_eq!(reason("P<UTO"), MrzError::Layout { characters: 5 });
        assert_eq!(
            reason(&TD3.replace("ANNA", "AN*A")),
            MrzError::Character {
                line: 1,
                position: 18
            }
        );
        assert_eq!(
            reason(&TD3.replace("L898902", "L898903")),
            MrzError::Check(MrzField::Number)
        );
        assert_eq!(
            reason(&TD3.replace("740812", "740813")),
            MrzError::Check(MrzField::BirthDate)
        );
        assert_eq!(
            reason(&TD3.replace("B<<<<<10", "B<<<<<11")),
            MrzError::Check(MrzField::Composite)
        );
    }

    proptest! {
        // Weights 7, 3 and 1 have no factor in common with 10, so that a changed digit always shows.
        #[test]
        fn any_changed_digit_is_refused(at in 0_usize..44, to in 0_u8..10) {
            let mut second = TD3.lines().nth(1).unwrap().as_bytes().to_vec();
            prop_assume!(second[at].is_ascii_digit() && second[at] != b'0' + to);
            second[at] = b'0' + to;
            let text = format!("{}\n{}", TD3.lines().next().unwrap(), String::from_utf8(second).unwrap());
            prop_assert!(Mrz::parse(&text, TODAY).is_err());
        }

        // A transposition shows unless the two digits differ by 5 (the weights differ by 2, 4 or 6).
        #[test]
        fn most_transpositions_are_refused(at in 0_usize..43) {
            let mut second = TD3.lines().nth(1).unwrap().as_bytes().to_vec();
            let (a, b) = (second[at], second[at + 1]);
            prop_assume!(a.is_ascii_digit() && b.is_ascii_digit() && a.abs_diff(b) % 5 != 0);
            second.swap(at, at + 1);
            let text = format!("{}\n{}", TD3.lines().next().unwrap(), String::from_utf8(second).unwrap());
            prop_assert!(Mrz::parse(&text, TODAY).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text in "[A-Z0-9<é\n]{85,92}") {
            let _ = Mrz::parse(&text, TODAY);
        }
    }
}
