//! Facts of quarantine: sites, orders, checks, samples, absences, release.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::entry::{Symptom, Triage};
use crate::ids::{EntrantId, FactId, MatterId, OrderId, PersonId, SampleId, SiteId};
use crate::quarantine::{
    AbsenceHow, Basis, Bed, ChangeKind, CheckedBy, EndHow, Need, Room, SampleResult, Watch,
};

body! {
    /// A quarantine site in the fact's area, as it stands now.
    SiteDefined {
        /// The site.
        site: SiteId,
        /// Its name.
        name: String,
        /// Its English name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name_en: Option<String>,
        /// Whom it takes in, by what the gate decided; all where empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        takes: Vec<Triage>,
        /// Its rooms.
        rooms: Vec<Room>,
        /// Whether it takes anybody in.
        open: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody is put under watch. The end is computed by the policy in force.
    OrderMade {
        /// The order.
        order: OrderId,
        /// The person on this journey.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entrant: Option<EntrantId>,
        /// The person.
        person: PersonId,
        /// How they are watched.
        watch: Watch,
        /// From what its days count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<Basis>,
        /// That day.
        since: Date,
        /// The day of release.
        until: Date,
        /// Days on which a sample is due.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tests: Vec<Date>,
        /// The rule that asks for it.
        rule: String,
        /// The pack and its version.
        pack: String,
        /// What was known, by field: all that the rule used, and all else that says something.
        evidence: serde_json::Map<String, serde_json::Value>,
        /// The bed, at a site.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bed: Option<Bed>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody under an order at a site has another bed.
    OrderMoved {
        /// The order.
        order: OrderId,
        /// The new bed.
        bed: Bed,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// An order's end should be moved. The change's id is this fact's id.
    OrderChangeProposed {
        /// The change.
        change: FactId,
        /// The order.
        order: OrderId,
        /// Later or earlier.
        kind: ChangeKind,
        /// The new day of release.
        until: Date,
        /// Why.
        reason: String,
        /// The pack and its version, whose rule provides for it.
        pack: String,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Another than who proposed it decided on a change.
    OrderChangeDecided {
        /// The change.
        change: FactId,
        /// The order.
        order: OrderId,
        /// Whether it holds.
        approved: bool,
        /// A note.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// An order ended.
    OrderEnded {
        /// The order.
        order: OrderId,
        /// How.
        how: EndHow,
        /// The day.
        on: Date,
        /// Why, where it did not run to its end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody under an order was looked after: temperature and symptoms.
    CheckMade {
        /// The order.
        order: OrderId,
        /// The day.
        day: Date,
        /// Which check of that day, from 1.
        slot: u8,
        /// Temperature in tenths of a degree Celsius.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        temperature: Option<u16>,
        /// Symptoms.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        symptoms: Vec<Symptom>,
        /// Who made it.
        by: CheckedBy,
        /// Whether the policy in force takes it for abnormal.
        abnormal: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody under an order is not where they should be.
    AbsenceFound {
        /// The order.
        order: OrderId,
        /// How that was found.
        how: AbsenceHow,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody under an order is back.
    AbsenceEnded {
        /// The order.
        order: OrderId,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A sample was taken.
    SampleTaken {
        /// The sample.
        sample: SampleId,
        /// The order.
        order: OrderId,
        /// The day.
        day: Date,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A sample has its result.
    SampleResulted {
        /// The sample.
        sample: SampleId,
        /// The result.
        result: SampleResult,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody under an order needs something: a matter opens with it.
    NeedStated {
        /// The order.
        order: OrderId,
        /// What.
        need: Need,
        /// The matter.
        matter: MatterId,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
