//! Places: venues, vehicles and checkpoints that people visit, each known by the code on its sign.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::contacts::Setting;

crate::words! {
    /// What a place is.
    PlaceKind {
        /// A market.
        Market = "market", "market", "农贸市场";
        /// A shop or mall.
        Shop = "shop", "shop or mall", "商店商场";
        /// A restaurant, café or bar.
        Restaurant = "restaurant", "restaurant", "餐饮场所";
        /// An office.
        Office = "office", "office", "办公场所";
        /// A factory, or a building site.
        Factory = "factory", "factory or building site", "工厂工地";
        /// A school or kindergarten.
        School = "school", "school", "学校";
        /// A hospital.
        Hospital = "hospital", "hospital", "医院";
        /// A clinic or doctor's practice.
        Clinic = "clinic", "clinic", "诊所";
        /// A pharmacy.
        Pharmacy = "pharmacy", "pharmacy", "药店";
        /// A hotel.
        Hotel = "hotel", "hotel", "宾馆酒店";
        /// A station, port or airport.
        Station = "station", "station or airport", "车站机场";
        /// A bus, taxi, coach, train, ship or flight: on one run.
        Vehicle = "vehicle", "vehicle", "交通工具";
        /// A place of worship.
        Worship = "worship", "place of worship", "宗教场所";
        /// A cinema, bath, gym, karaoke hall and the like.
        Entertainment = "entertainment", "entertainment", "文化娱乐场所";
        /// A public office or service hall.
        Service = "service", "service hall", "服务大厅";
        /// A home for the old, or a prison.
        Institution = "institution", "home or institution", "养老监管机构";
        /// The gate or common rooms of a community.
        Community = "community", "community", "社区";
        /// A park, square or street.
        OpenAir = "open_air", "open air", "户外场所";
        /// Anything else, or not known.
        Other = "other", "other", "其他";
    }
}

impl PlaceKind {
    /// The setting in which people meet there, as rules of contacts know it.
    pub fn setting(self) -> Setting {
        match self {
            Self::Office | Self::Factory => Setting::Work,
            Self::School => Setting::School,
            Self::Hospital | Self::Clinic => Setting::HealthCare,
            Self::Vehicle => Setting::Transport,
            _ => Setting::Community,
        }
    }
}

/// A place: a number of 64 bits, which its code leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlaceId(pub u64);

/// Ids with this bit are made of codes that are no numbers.
const HASHED: u64 = 1 << 63;

impl PlaceId {
    /// The place of a code: the number that the code is, if it is written as a plain number below
    /// 2^63 (no zeros before it); else 63 bits of the code's BLAKE3, with the highest bit set.
    pub fn of(code: &PlaceCode) -> Self {
        let text = code.as_str();
        let plain = text.bytes().all(|byte| byte.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'));
        if let Some(number) = text.parse().ok().filter(|id| plain && *id < HASHED) {
            return Self(number);
        }
        let mut bytes = [0; 8];
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"lianfang place 1\0");
        hasher.update(text.as_bytes());
        hasher.finalize_xof().fill(&mut bytes);
        Self(u64::from_be_bytes(bytes) | HASHED)
    }
}

impl fmt::Display for PlaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for PlaceId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// The code of a place, as it stands on its sign: a number, a plate, a train or flight with its day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PlaceCode(String);

/// Text that cannot be a place's code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a place's code has 1 to {} characters, none of them a control character",
    PlaceCode::LONGEST
)]
pub struct PlaceCodeError;

impl PlaceCode {
    /// Characters of the longest.
    pub const LONGEST: usize = 40;

    /// As it stands on the sign.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PlaceCode {
    type Err = PlaceCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::text::bounded(text, 1, Self::LONGEST)
            .ok()
            .filter(|code| !code.contains(char::is_control))
            .map(Self)
            .ok_or(PlaceCodeError)
    }
}

impl fmt::Display for PlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PlaceCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(code: &str) -> u64 {
        PlaceId::of(&code.parse().unwrap()).0
    }

    #[test]
    fn a_number_is_its_own_id_and_other_codes_have_the_highest_bit() {
        assert_eq!(id("0"), 0);
        assert_eq!(id("33068300100012"), 33_068_300_100_012);
        assert_eq!(id("9223372036854775807"), HASHED - 1);
        for code in [
            "9223372036854775808",
            "007",
            "+7",
            "浙D12345",
            "G7501 2020-02-09",
        ] {
            assert!(id(code) & HASHED != 0, "{code}");
        }
        assert_eq!(id(" 7 "), 7);
        // Fixed for good: it stands in visit logs.
        assert_eq!(id("浙D12345"), 10_560_015_402_571_638_052);
    }

    #[test]
    fn a_code_is_short_and_printable() {
        for bad in ["", "  ", "a\u{7}b", "a\nb", &"7".repeat(41)] {
            assert!(bad.parse::<PlaceCode>().is_err(), "{bad:?}");
        }
        assert!("店".repeat(40).parse::<PlaceCode>().is_ok());
    }
}
