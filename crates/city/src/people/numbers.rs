//! Identity and phone numbers that check out, belong to nobody, and never come twice.
//!
//! Each is drawn without replacement, and without remembering those drawn: the n-th is `start +
//! n * STEP` modulo the number of possibilities, which has no factor in common with `STEP`.

use jiff::Span;
use jiff::civil::Date;
use lianfang_core::identifiers::{Phone, ResidentId};
use lianfang_core::people::Sex;

/// Days of birth within a year of age.
const DAYS: u64 = 365;
/// Areas of issue, 330001 to 330099: of the form of the counties of Zhejiang, but the digits 00
/// stand for the province itself, and no county was ever given one of them.
const AREAS: u64 = 99;
/// Sequence numbers of each sex.
const SEQUENCES: u64 = 499;
/// Identity numbers of one age and sex.
const IDENTITIES: u64 = DAYS * AREAS * SEQUENCES;
/// The 500,000th prime.
const IDENTITY_STEP: u64 = 7_368_787;

/// A network number that no operator had been given: Ministry of Industry and Information
/// Technology, allocation of network numbers as of March 2023.
const NETWORK: &str = "154";
/// Phone numbers within it.
const PHONES: u64 = 100_000_000;
/// No multiple of 2 or 5.
const PHONE_STEP: u64 = 38_196_601;

/// The `n`-th identity number of those who have completed `age` years on `reference`.
pub(super) fn resident_id(start: u64, n: u64, age: u8, sex: Sex, reference: Date) -> ResidentId {
    let index = (start % IDENTITIES + (n % IDENTITIES) * IDENTITY_STEP) % IDENTITIES;
    let day = index % DAYS;
    let area = 1 + index / DAYS % AREAS;
    let half = index / (DAYS * AREAS);
    let sequence = 2 * half + if sex == Sex::Male { 1 } else { 2 };
    let oldest = reference.saturating_sub(Span::new().years(i64::from(age) + 1));
    let born = oldest.saturating_add(Span::new().days(1 + day as i64));
    let mut text = format!(
        "3300{area:02}{:04}{:02}{:02}{sequence:03}",
        born.year(),
        born.month(),
        born.day()
    );
    text.push(check_character(&text));
    text.parse()
        .expect("a day since 1900 and the check character of ISO 7064")
}

/// ISO 7064 MOD 11-2, digit by digit.
fn check_character(digits: &str) -> char {
    let sum = digits
        .bytes()
        .fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    match (12 - sum) % 11 {
        10 => 'X',
        check => char::from(b'0' + check as u8),
    }
}

/// The `n`-th phone number.
pub(super) fn phone(start: u64, n: u64) -> Phone {
    let subscriber = (start % PHONES + (n % PHONES) * PHONE_STEP) % PHONES;
    format!("{NETWORK}{subscriber:08}")
        .parse()
        .expect("eleven digits of a mobile number")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use std::collections::BTreeSet;

    fn common_factor(a: u64, b: u64) -> u64 {
        if b == 0 { a } else { common_factor(b, a % b) }
    }

    #[test]
    fn steps_reach_every_number() {
        assert_eq!(common_factor(IDENTITIES, IDENTITY_STEP), 1);
        assert_eq!(common_factor(PHONES, PHONE_STEP), 1);
    }

    #[test]
    fn numbers_differ_and_ages_are_right() {
        let reference = date(2020, 2, 29);
        let mut seen = BTreeSet::new();
        for age in [0, 1, 35, 99] {
            for sex in [Sex::Female, Sex::Male] {
                for n in 0..2_000 {
                    let id = resident_id(17, n, age, sex, reference);
                    let born = id.birth_date();
                    let to_come = (born.month(), born.day()) > (reference.month(), reference.day());
                    let years = reference.year() - born.year() - i16::from(to_come);
                    assert_eq!((years, id.sex()), (i16::from(age), sex), "{born}");
                    assert!(seen.insert(id));
                }
            }
        }
        let phones: BTreeSet<Phone> = (0..10_000).map(|n| phone(99, n)).collect();
        assert_eq!(phones.len(), 10_000);
    }
}
