//! Facts of entry: found, checked, handed over, taken for one and told apart.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::areas::AreaCode;
use crate::entry::{
    CheckpointKind, Destination, Journey, OriginRisk, Receiver, Source, Symptom, Triage,
};
use crate::ids::{
    AccountId, CheckpointId, EntrantId, HouseholdId, MatterId, PartyId, PersonId, SiteId,
};
use crate::passes::PassShown;

body! {
    /// A checkpoint in the fact's area, as it stands now.
    CheckpointDefined {
        /// The checkpoint.
        checkpoint: CheckpointId,
        /// Its kind.
        kind: CheckpointKind,
        /// Its name.
        name: String,
        /// Its English name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name_en: Option<String>,
        /// Lanes that can be open at once.
        lanes: u8,
        /// Whether anybody is checked there.
        open: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Who is on duty at a checkpoint from when to when.
    ShiftSet {
        /// The checkpoint.
        checkpoint: CheckpointId,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
        /// People on duty.
        staff: u16,
        /// Lanes open.
        lanes: u8,
        /// Who leads the shift.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lead: Option<AccountId>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody's arrival became known, or known from one more source.
    EntrantFound {
        /// The person on this journey.
        entrant: EntrantId,
        /// The person.
        person: PersonId,
        /// From where it is known.
        source: Source,
        /// At which checkpoint.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checkpoint: Option<CheckpointId>,
        /// By the door of which household.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        household: Option<HouseholdId>,
        /// The name of the list that it came with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        list: Option<String>,
        /// The journey.
        journey: Journey,
        /// When the person arrives or arrived.
        arrival: Timestamp,
        /// Whether the person is here.
        arrived: bool,
        /// Where the person is going.
        destination: Destination,
        /// What coming from there means, by the policy in force.
        origin: OriginRisk,
        /// Whether from abroad.
        abroad: bool,
        /// Age in years.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        age: Option<u8>,
        /// Whether pregnant.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pregnant: bool,
        /// Whether in need of another's care.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        needs_care: bool,
        /// Whether there is a home fit for quarantine.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        home_suitable: bool,
        /// Those who travel together.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<PartyId>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Two records look alike: they are offered to be taken for one.
    EntrantsAlike {
        /// The newer record.
        entrant: EntrantId,
        /// The other.
        other: EntrantId,
        /// What is the same: `name`, `name_alike`, `born`, `phone`, `arrival`, …
        same: Vec<String>,
    }
}
body! {
    /// Two records are of one person on one journey.
    EntrantJoined {
        /// The record that is taken into the other.
        entrant: EntrantId,
        /// The other.
        into: EntrantId,
        /// What is the same: `document`, `name`, `born`, `phone`, `arrival`.
        same: Vec<String>,
        /// Whether the document decided it, or somebody confirmed it.
        at_once: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A record that was taken into another stands alone again.
    EntrantParted {
        /// The record.
        entrant: EntrantId,
        /// The other.
        from: EntrantId,
        /// Why.
        reason: String,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Two records that look alike are of two people.
    EntrantsToldApart {
        /// One.
        entrant: EntrantId,
        /// The other.
        other: EntrantId,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody was seen at a checkpoint, and the policy decided.
    EntrantChecked {
        /// The person on this journey.
        entrant: EntrantId,
        /// Where.
        checkpoint: CheckpointId,
        /// In which lane.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lane: Option<u8>,
        /// Temperature in tenths of a degree Celsius.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        temperature: Option<u16>,
        /// Symptoms.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        symptoms: Vec<Symptom>,
        /// The pass shown.
        pass: PassShown,
        /// Whether it is a trusted neighbour's.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        neighbour_pass: bool,
        /// What is done.
        outcome: Triage,
        /// By which rule.
        rule: String,
        /// The pack and its version.
        pack: String,
        /// What the phone decided at the gate, where that was something else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown: Option<Triage>,
        /// Seconds that it took.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<u16>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody announced did not come.
    EntrantNotCome {
        /// The person on this journey.
        entrant: EntrantId,
        /// How that is known.
        reason: String,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody missing was found, or somebody else knows where they are.
    EntrantSettled {
        /// The person on this journey.
        entrant: EntrantId,
        /// Where in the process that puts them.
        stage: crate::entry::Stage,
        /// How that is known.
        reason: String,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// People were sent on their way to whoever receives them. The fact's area is the receiver's.
    HandOverBegun {
        /// The hand-over, and the matter that stays open until it is received.
        handover: MatterId,
        /// The people.
        entrants: Vec<EntrantId>,
        /// Who receives.
        receiver: Receiver,
        /// The site that receives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        site: Option<SiteId>,
        /// The checkpoint that receives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checkpoint: Option<CheckpointId>,
        /// From which area.
        from: AreaCode,
        /// The vehicle's plate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vehicle: Option<String>,
        /// Who goes with them: a unit or duty number, no name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        escort: Option<String>,
        /// When they should be there.
        expected: Timestamp,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// People were received.
    HandOverReceived {
        /// The hand-over.
        handover: MatterId,
        /// Those who were there.
        entrants: Vec<EntrantId>,
        /// Those who should have been, and were not.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        missing: Vec<EntrantId>,
        /// Whether nobody is awaited any more.
        complete: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// The fever clinic has seen somebody.
    ClinicAnswered {
        /// The person on this journey.
        entrant: EntrantId,
        /// Whether found to be a case.
        case: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody went through the gate of the place where they live.
    ResidentPassed {
        /// The gate.
        checkpoint: CheckpointId,
        /// The person.
        person: PersonId,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
