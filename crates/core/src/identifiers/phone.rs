//! Telephone numbers in the form of ITU-T E.164.

use std::str::FromStr;

use super::{canonical, identifier, mask};

/// A telephone number in E.164: `+`, the country code, the number; at most 15 digits.
///
/// Chinese numbers are taken as people write them: mobile numbers of 11 digits, and landlines
/// with their area code. Spaces, hyphens, dots and brackets between digits do not matter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

/// Text that is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a phone number is a Chinese mobile number of 11 digits, a landline with its area code (0575 8301 2345), or an international number with + and at most 15 digits; this has {digits} digits in another form"
)]
pub struct PhoneError {
    /// Digits found.
    pub digits: usize,
}

impl Phone {
    /// The number in E.164, with its plus sign.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As lists show it: `138****8000` for a Chinese mobile number, `+44********99` for others.
    pub fn masked(&self) -> String {
        match self.0.strip_prefix("+86").filter(|n| is_mobile(n)) {
            Some(mobile) => mask(mobile, 3, 4),
            None => mask(&self.0, 3, 2),
        }
    }
}

fn is_mobile(national: &str) -> bool {
    national.len() == 11
        && national.starts_with('1')
        && matches!(national.as_bytes()[1], b'3'..=b'9')
}

/// A landline without the leading 0: area code 10, 2x or three digits from 3 to 9, then seven or
/// eight digits of which the first is 2 to 9.
fn is_landline(national: &str) -> bool {
    let bytes = national.as_bytes();
    let area_digits = match bytes {
        [b'1', b'0', ..] | [b'2', ..] => 2,
        [b'3'..=b'9', ..] => 3,
        _ => return false,
    };
    let subscriber = bytes.get(area_digits..).unwrap_or_default();
    matches!(subscriber.len(), 7 | 8) && matches!(subscriber[0], b'2'..=b'9')
}

fn chinese(national: &str) -> Option<String> {
    let without_trunk = national.strip_prefix('0').unwrap_or(national);
    let fits = is_mobile(national) || is_landline(without_trunk);
    fits.then(|| format!("+86{without_trunk}"))
}

/// `digits` start with a country code.
fn international(digits: &str) -> Option<String> {
    match digits.strip_prefix("86") {
        Some(national) => chinese(national),
        None => ((7..=15).contains(&digits.len()) && !digits.starts_with('0'))
            .then(|| format!("+{digits}")),
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digits = String::with_capacity(16);
        let mut plus = false;
        let mut foreign = false;
        for c in canonical(text) {
            match c {
                '0'..='9' => digits.push(c),
                '+' if digits.is_empty() && !plus => plus = true,
                ' ' | '-' | '.' | '(' | ')' | '\u{2013}' | '\u{2014}' | '\u{a0}' | '\u{3000}' => {}
                _ => foreign = true,
            }
        }
        let error = PhoneError {
            digits: digits.len(),
        };
        if foreign || digits.len() > 18 {
            return Err(error);
        }
        let found = if plus {
            international(&digits)
        } else if let Some(rest) = digits.strip_prefix("00") {
            international(rest)
        } else if digits.len() == 13 && digits.starts_with("86") {
            international(&digits)
        } else if digits.starts_with('0') || is_mobile(&digits) {
            chinese(&digits)
        } else {
            None
        };
        found.map(Self).ok_or(error)
    }
}

identifier!(Phone, PhoneError);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_taken_as_people_write_them() {
        for (text, canonical) in [
            ("13800138000", "+8613800138000"),
            ("138 0013 8000", "+8613800138000"),
            ("+86 138-0013-8000", "+8613800138000"),
            ("8613800138000", "+8613800138000"),
            ("008613800138000", "+8613800138000"),
            ("１３８００１３８０００", "+8613800138000"),
            ("0575-83012345", "+8657583012345"),
            ("（０５７５）８３０１２３４５", "+8657583012345"),
            ("010 6655 1234", "+861066551234"),
            ("+86 (0)10 66551234", "+861066551234"),
            ("0631-5212345", "+866315212345"),
            ("+44 20 7946 0958", "+442079460958"),
            ("0044 20 7946 0958", "+442079460958"),
        ] {
            assert_eq!(
                text.parse::<Phone>().unwrap().to_string(),
                canonical,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "+",
            "110",
            "12800138000",
            "1380013800",
            "138001380001",
            "0124567894",
            "+1234567890123456",
            "+013800138000",
            "13800138000a",
            "电话",
            "83012345",
            "+86138",
            "0575-11012345",
        ] {
            assert!(text.parse::<Phone>().is_err(), "{text}");
        }
    }

    #[test]
    fn masking_keeps_what_tells_two_apart() {
        let mobile: Phone = "13800138000".parse().unwrap();
        assert_eq!(mobile.masked(), "138****8000");
        assert_eq!(format!("{mobile:?}"), "Phone(138****8000)");
        let abroad: Phone = "+442079460958".parse().unwrap();
        assert_eq!(abroad.masked(), "+44********58");
    }

    proptest! {
        #[test]
        fn what_was_taken_reads_back(text in "[+0-9（）() -]{0,24}") {
            if let Ok(phone) = text.parse::<Phone>() {
                prop_assert!(phone.as_str().len() <= 16);
                prop_assert_eq!(phone.to_string().parse::<Phone>().unwrap(), phone);
            }
        }
    }
}
