//! The unified social credit code of GB 32100-2015.

use std::str::FromStr;

use super::{canonical, identifier, mask};

/// The code's alphabet: digits and letters without I, O, S, V, Z, in order of their values.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// GB 11714 weights of the organisation code's first eight characters.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A unified social credit code: registering authority, category, six digits of area, the
/// organisation code of GB 11714 with its own check character, and a check character over all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnifiedSocialCreditCode([u8; 18]);

/// Why text is no unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnifiedSocialCreditCodeError {
    /// Not 18 characters.
    #[error("a unified social credit code has 18 characters; this has {found}")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character outside the alphabet, or a letter among the area digits.
    #[error(
        "a unified social credit code has 0-9 and A-Z without I, O, S, V, Z, and digits from 3 to 8; character {position} is none of these"
    )]
    Character {
        /// Its position, from 1.
        position: usize,
    },
    /// The check character of the organisation code within is wrong.
    #[error(
        "character 17 of the unified social credit code, the check of the organisation code within (9 to 16), does not fit; a character is mistyped"
    )]
    OrganisationCheck,
    /// The check character is wrong.
    #[error(
        "the check character of the unified social credit code does not fit the other 17; a character is mistyped"
    )]
    Check,
}

impl UnifiedSocialCreditCode {
    /// The code in canonical form.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("ASCII by construction")
    }

    /// First two and last four characters; the others as stars.
    pub fn masked(&self) -> String {
        mask(self.as_str(), 2, 4)
    }

    /// The six digits of the area of registration.
    pub fn area_digits(&self) -> &str {
        &self.as_str()[2..8]
    }

    /// The organisation code of GB 11714 within, its check character last.
    pub fn organisation_code(&self) -> &str {
        &self.as_str()[8..17]
    }
}

fn value(c: u8) -> Option<u32> {
    ALPHABET.iter().position(|a| *a == c).map(|v| v as u32)
}

/// MOD 31 with weights 3^(i-1) mod 31.
fn check_character(first: &[u8]) -> u8 {
    let mut weight = 1;
    let mut sum = 0;
    for c in first {
        sum += value(*c).unwrap_or(0) * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET[((31 - sum % 31) % 31) as usize]
}

/// MOD 11; values are those of GB 11714: 0-9, then A = 10 to Z = 35.
fn organisation_check(first: &[u8]) -> u8 {
    let sum: u32 = first
        .iter()
        .zip(ORGANISATION_WEIGHTS)
        .map(|(c, w)| char::from(*c).to_digit(36).unwrap_or(0) * w)
        .sum();
    b"0X987654321"[(sum % 11) as usize]
}

impl FromStr for UnifiedSocialCreditCode {
    type Err = UnifiedSocialCreditCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = canonical(text).count();
        if found != 18 {
            return Err(UnifiedSocialCreditCodeError::Length { found });
        }
        let mut code = [0_u8; 18];
        for (i, c) in canonical(text).enumerate() {
            code[i] = u8::try_from(c)
                .ok()
                .filter(|b| value(*b).is_some() && (!(2..8).contains(&i) || b.is_ascii_digit()))
                .ok_or(UnifiedSocialCreditCodeError::Character { position: i + 1 })?;
        }
        if check_character(&code[..17]) != code[17] {
            return Err(UnifiedSocialCreditCodeError::Check);
        }
        if organisation_check(&code[8..16]) != code[16] {
            return Err(UnifiedSocialCreditCodeError::OrganisationCheck);
        }
        Ok(Self(code))
    }
}

identifier!(UnifiedSocialCreditCode, UnifiedSocialCreditCodeError);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn valid() -> impl Strategy<Value = String> {
        let character = proptest::sample::select(ALPHABET.to_vec());
        (
            proptest::collection::vec(character.clone(), 2),
            110_000_u32..660_000,
            proptest::collection::vec(character, 8),
        )
            .prop_map(|(head, area, organisation)| {
                let mut code = head;
                code.extend(area.to_string().bytes());
                let check = organisation_check(&organisation);
                code.extend(organisation);
                code.push(check);
                code.push(check_character(&code));
                String::from_utf8(code).unwrap()
            })
    }

    #[test]
    fn the_example_of_the_standard() {
        let code: UnifiedSocialCreditCode = "91350100M000100Y43".parse().unwrap();
        assert_eq!(code.area_digits(), "350100");
        assert_eq!(code.organisation_code(), "M000100Y4");
        assert_eq!(
            format!("{code:?}"),
            "UnifiedSocialCreditCode(91************0Y43)"
        );
    }

    #[test]
    fn each_refusal_has_its_reason() {
        let reason = |text: &str| text.parse::<UnifiedSocialCreditCode>().unwrap_err();
        assert_eq!(
            reason("91350100"),
            UnifiedSocialCreditCodeError::Length { found: 8 }
        );
        assert_eq!(
            reason("9135O100M000100Y43"),
            UnifiedSocialCreditCodeError::Character { position: 5 }
        );
        assert_eq!(
            reason("91350100M000100Y44"),
            UnifiedSocialCreditCodeError::Check
        );
        let mut inner = b"91350100M000100Y5".to_vec();
        inner.push(check_character(&inner));
        assert_eq!(
            reason(std::str::from_utf8(&inner).unwrap()),
            UnifiedSocialCreditCodeError::OrganisationCheck
        );
    }

    proptest! {
        #[test]
        fn a_valid_code_reads_back(text in valid()) {
            let lower = text.to_lowercase();
            prop_assert_eq!(lower.parse::<UnifiedSocialCreditCode>().unwrap().to_string(), text);
        }

        #[test]
        fn any_single_change_is_refused(text in valid(), at in 0_usize..18, to in 0_usize..31) {
            let mut changed = text.clone().into_bytes();
            changed[at] = ALPHABET[to];
            prop_assume!(changed != text.as_bytes());
            prop_assert!(String::from_utf8(changed).unwrap().parse::<UnifiedSocialCreditCode>().is_err());
        }

        #[test]
        fn any_adjacent_transposition_is_refused(text in valid(), at in 0_usize..17) {
            let mut swapped = text.clone().into_bytes();
            swapped.swap(at, at + 1);
            prop_assume!(swapped != text.as_bytes());
            prop_assert!(String::from_utf8(swapped).unwrap().parse::<UnifiedSocialCreditCode>().is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,24}") {
            let _ = text.parse::<UnifiedSocialCreditCode>();
        }
    }
}
