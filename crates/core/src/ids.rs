//! Identifiers made by whoever records something: ULIDs, so that a retry is harmless and order
//! of making shows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// Text that is no ULID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id is a ULID: 26 characters of 0-9 and A-Z without I, L, O, U")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// An id of the moment (milliseconds since 1970) and 80 bits that tell it apart.
            pub fn from_parts(milliseconds: u64, entropy: u128) -> Self {
                Self(Ulid::from_parts(milliseconds, entropy))
            }

            /// Its 16 bytes.
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.to_bytes()
            }

            /// Reads back [`Self::to_bytes`].
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Ulid::from_bytes(bytes))
            }

            /// When it was made, in milliseconds since 1970, by its maker's clock.
            pub fn milliseconds(self) -> u64 {
                self.0.timestamp_ms()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ulid::from_string(text).map(Self).map_err(|_| IdError)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// One fact.
    FactId
}
id! {
    /// One person, in the vault.
    PersonId
}
id! {
    /// One case.
    CaseId
}
id! {
    /// One saved view of a list.
    ViewId
}
id! {
    /// One matter.
    MatterId
}
id! {
    /// One account.
    AccountId
}
id! {
    /// One version of a policy pack, proposed or in force.
    PolicyId
}
id! {
    /// One import.
    ImportId
}
id! {
    /// One person on one journey.
    EntrantId
}
id! {
    /// One group that travels together.
    PartyId
}
id! {
    /// One checkpoint.
    CheckpointId
}
id! {
    /// One code by which a pass is opened.
    PassCodeId
}
id! {
    /// One quarantine site.
    SiteId
}
id! {
    /// One quarantine order.
    OrderId
}
id! {
    /// One sample.
    SampleId
}
id! {
    /// One household.
    HouseholdId
}
id! {
    /// One person as a contact of one case.
    ContactId
}
id! {
    /// One person as a contact on another system's list, before it is known of which case.
    ListedId
}
id! {
    /// Who infected whom, as somebody stated it.
    LinkId
}
id! {
    /// One stay on a case's itinerary.
    StayId
}

impl AccountId {
    /// The house itself: the clock, the demo, the command line.
    pub fn house() -> Self {
        Self::from_bytes([0; 16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back() {
        let id = FactId::from_parts(1_580_000_000_000, 42);
        assert_eq!(id.to_string().parse::<FactId>().unwrap(), id);
        assert_eq!(FactId::from_bytes(id.to_bytes()), id);
        assert_eq!(id.milliseconds(), 1_580_000_000_000);
        assert!("not an id".parse::<FactId>().is_err());
    }
}
