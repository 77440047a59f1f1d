//! Facts of households: recorded, lived in, visited.

use serde::{Deserialize, Serialize};

use crate::households::Dwelling;
use crate::ids::{HouseholdId, PersonId};

body! {
    /// A household in the fact's area, as it stands now. Its door is in the vault under its id.
    HouseholdRecorded {
        /// The household.
        household: HouseholdId,
        /// What kind of place it is.
        dwelling: Dwelling,
        /// Its place on the way from door to door.
        walk: u32,
        /// People who should be living there.
        people: u16,
        /// The name of the home, dormitory or hotel that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody lives, or no longer lives, in a household.
    ResidentRecorded {
        /// The household.
        household: HouseholdId,
        /// The person.
        person: PersonId,
        /// Whether they live there.
        living: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody went to the door.
    HouseholdVisited {
        /// The household.
        household: HouseholdId,
        /// People met or accounted for; none where nobody was at home.
        people: u16,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
