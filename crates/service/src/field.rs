//! What people in the field write down: at a gate, on the round, at a site, at home.
//!
//! All of it comes in through one verb, [`House::take_entries`], in batches that a phone may have
//! kept while it had no network. An entry carries an id of its own, made by the phone; whatever it
//! makes (an entrant, an order, a hand-over, a sample, a household) has the entry's id. So an
//! entry that is sent again changes nothing, and one entry can speak of what an earlier one made
//! before either was sent.

pub(crate) mod person;
pub(crate) mod taking;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::Classification;
use lianfang_core::contacts::ContactClass;
use lianfang_core::entry::{
    CheckpointKind, Destination, Journey, Receiver, Source, Stage, Symptom, Triage,
};
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{
    AccountId, CheckpointId, ContactId, EntrantId, FactId, HouseholdId, MatterId, OrderId, PartyId,
    PersonId, SampleId, SiteId,
};
use lianfang_core::passes::PassShown;
use lianfang_core::people::Sex;
use lianfang_core::quarantine::{
    AbsenceHow, ChangeKind, CheckedBy, EndHow, Need, Room, SampleResult, Watch,
};
use lianfang_core::text::Text;
use serde::{Deserialize, Serialize};

/// Entries that one batch has at most.
pub const MOST_ENTRIES: usize = 500;

/// One thing that somebody writes down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldEntry {
    /// Made by whoever writes it down (a ULID), so that sending twice is harmless.
    #[schema(value_type = String)]
    pub id: FactId,
    /// When it happened, by the writer's clock.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What happened.
    pub what: Happening,
}

/// What identifies a person: all of it goes into the vault.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PersonGiven {
    /// Full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Kind of document: `resident_id`, `passport`, …; told from the number where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_kind: Option<String>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Phone, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Date of birth; told by a resident identity number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub born: Option<Date>,
    /// Sex; told by a resident identity number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Address here, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl std::fmt::Debug for PersonGiven {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonGiven(personal data)")
    }
}

/// What of a person the rules ask for, beside the document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Circumstances {
    /// Whether pregnant.
    pub pregnant: bool,
    /// Whether in need of another's care.
    pub needs_care: bool,
    /// Whether there is a home fit for quarantine.
    pub home_suitable: bool,
}

/// A journey with its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Coming {
    /// The journey.
    pub journey: Journey,
    /// When the person arrives or arrived.
    #[schema(value_type = String, format = DateTime)]
    pub arrival: Timestamp,
    /// Where the person is going.
    pub destination: Destination,
    /// The area that is: a community or grid where it is known; the checkpoint's where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub bound_for: Option<AreaCode>,
    /// What the rules ask for.
    #[serde(default)]
    pub circumstances: Circumstances,
    /// Those who travel together carry the same id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub party: Option<PartyId>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Happening {
    /// An arrival became known, other than by a check at a checkpoint. Makes an entrant.
    Notice {
        /// From where it is known; not `checkpoint`.
        source: Source,
        /// The person.
        person: PersonGiven,
        /// The journey.
        coming: Coming,
        /// Whether the person is here already.
        arrived: bool,
        /// The name of the list that it came with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        list: Option<String>,
        /// The household at whose door it was learnt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        household: Option<HouseholdId>,
    },
    /// Somebody is checked at a checkpoint. Makes an entrant where none is named.
    CheckIn {
        /// Where.
        #[schema(value_type = String)]
        checkpoint: CheckpointId,
        /// In which lane.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lane: Option<u8>,
        /// Somebody who is known already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        entrant: Option<EntrantId>,
        /// Or the person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonGiven>,
        /// And the journey.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        coming: Option<Coming>,
        /// What the gate learns of somebody who is known already, beyond what is on record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        circumstances: Option<Circumstances>,
        /// Temperature in degrees Celsius.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        temperature: Option<f64>,
        /// Symptoms.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        symptoms: Vec<Symptom>,
        /// The pass shown.
        #[serde(default = "no_pass")]
        pass: PassShown,
        /// Whether it is a trusted neighbour's, as the phone verified.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        neighbour_pass: bool,
        /// What the phone decided, by the rules it has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown: Option<Triage>,
        /// Seconds that it took.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<u16>,
    },
    /// Somebody goes through the gate of the place where they live.
    ResidentPass {
        /// The gate.
        #[schema(value_type = String)]
        checkpoint: CheckpointId,
        /// The person.
        #[schema(value_type = String)]
        person: PersonId,
    },
    /// Two records are of one person on one journey.
    Join {
        /// The record that is taken into the other.
        #[schema(value_type = String)]
        entrant: EntrantId,
        /// The other.
        #[schema(value_type = String)]
        into: EntrantId,
    },
    /// A record that was taken into another stands alone again.
    Part {
        /// The record.
        #[schema(value_type = String)]
        entrant: EntrantId,
        /// Why.
        reason: String,
    },
    /// Two records that look alike are of two people.
    TellApart {
        /// One.
        #[schema(value_type = String)]
        entrant: EntrantId,
        /// The other.
        #[schema(value_type = String)]
        other: EntrantId,
    },
    /// Somebody announced did not come.
    NotCome {
        /// Who.
        #[schema(value_type = String)]
        entrant: EntrantId,
        /// How that is known.
        reason: String,
    },
    /// It is known where somebody stands who was missing, or arrived without a checkpoint.
    Settle {
        /// Who.
        #[schema(value_type = String)]
        entrant: EntrantId,
        /// `to_send`, `to_place`, `missing`, `handed_on` or `gone`.
        stage: Stage,
        /// How that is known.
        reason: String,
    },
    /// People are sent to whoever receives them. Makes a hand-over, which is a matter.
    Send {
        /// The people.
        #[schema(value_type = Vec<String>)]
        entrants: Vec<EntrantId>,
        /// Who receives.
        receiver: Receiver,
        /// The area that receives.
        #[schema(value_type = String)]
        area: AreaCode,
        /// The site that receives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        site: Option<SiteId>,
        /// The checkpoint that receives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        checkpoint: Option<CheckpointId>,
        /// The vehicle's plate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vehicle: Option<String>,
        /// Who goes with them: a unit or duty number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        escort: Option<String>,
        /// When they should be there.
        #[schema(value_type = String, format = DateTime)]
        expected: Timestamp,
    },
    /// People were received. Whoever sent them cannot receive them.
    Receive {
        /// The hand-over.
        #[schema(value_type = String)]
        handover: MatterId,
        /// Those who are there.
        #[schema(value_type = Vec<String>)]
        entrants: Vec<EntrantId>,
        /// Those who should be, and are not.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schema(value_type = Vec<String>)]
        missing: Vec<EntrantId>,
    },
    /// The fever clinic has seen somebody.
    ClinicAnswer {
        /// Who.
        #[schema(value_type = String)]
        entrant: EntrantId,
        /// Whether found to be a case.
        case: bool,
        /// As what it is reported to the line list; suspected where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        classification: Option<Classification>,
        /// First symptoms, where the clinic asked for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = Date)]
        onset: Option<Date>,
    },
    /// Somebody is to be put under watch, as the policy says. Makes an order.
    Order {
        /// Who.
        #[schema(value_type = String)]
        entrant: EntrantId,
        /// Whether there is a home fit for quarantine, where that is known better now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        home_suitable: Option<bool>,
        /// The contact with a case that is the reason; what is on record where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact: Option<ContactGiven>,
        /// The site, where the policy asks for one; a bed is found, near those who came together.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        site: Option<SiteId>,
        /// Or the very bed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
        /// And its number in the room, from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bed: Option<u8>,
    },
    /// A contact of a case is to be put under watch, as the policy says. Makes an order.
    OrderContact {
        /// The contact.
        #[schema(value_type = String)]
        contact: ContactId,
        /// What the rules ask for.
        #[serde(default)]
        circumstances: Circumstances,
        /// The site, where the policy asks for one; a bed is found.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        site: Option<SiteId>,
        /// Or the very bed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
        /// And its number in the room, from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bed: Option<u8>,
    },
    /// Somebody under an order has another bed.
    Move {
        /// The order.
        #[schema(value_type = String)]
        order: OrderId,
        /// The site.
        #[schema(value_type = String)]
        site: SiteId,
        /// The room.
        room: String,
        /// The bed, from 1.
        bed: u8,
    },
    /// Somebody under an order was looked after.
    Check {
        /// The order.
        #[schema(value_type = String)]
        order: OrderId,
        /// Temperature in degrees Celsius.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        temperature: Option<f64>,
        /// Symptoms; empty means none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        symptoms: Vec<Symptom>,
        /// Who made the check.
        by: CheckedBy,
    },
    /// A sample was taken. Makes a sample.
    Sample {
        /// The order.
        #[schema(value_type = String)]
        order: OrderId,
    },
    /// A sample has its result.
    SampleAnswer {
        /// The sample.
        #[schema(value_type = String)]
        sample: SampleId,
        /// The result.
        result: SampleResult,
    },
    /// Somebody under an order is not where they should be.
    Absent {
        /// The order.
        #[schema(value_type = String)]
        order: OrderId,
        /// How that was found.
        how: AbsenceHow,
    },
    /// Somebody under an order is back.
    Back {
        /// The order.
        #[schema(value_type = String)]
        order: OrderId,
    },
    /// Somebody under an order needs something. Opens a matter.
    Needs {
        /// The order.
        #[schema(value_type = String)]
        order: OrderId,
        /// What.
        need: Need,
        /// In words; no names.
        #[serde(default)]
        text: String,
    },
    /// An order's end should be moved, as the pack provides for.
    ProposeChange {
        /// The order.
        #[schema(value_type = String)]
        order: OrderId,
        /// Later or earlier.
        change: ChangeKind,
        /// The new day of release.
        #[schema(value_type = String, format = Date)]
        until: Date,
        /// Why.
        reason: String,
    },
    /// Another than who proposed it decides on a change.
    DecideChange {
        /// The change.
        #[schema(value_type = String)]
        change: FactId,
        /// Whether it holds.
        approve: bool,
        /// A note.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Somebody's days are over.
    Release {
        /// The order.
        #[schema(value_type = String)]
        order: OrderId,
    },
    /// An order ends otherwise.
    EndOrder {
        /// The order.
        #[schema(value_type = String)]
        order: OrderId,
        /// How; not `released`.
        how: EndHow,
        /// Why.
        reason: String,
    },
    /// A checkpoint is set up, or as it stands now. Makes a checkpoint where none is named.
    Checkpoint {
        /// One that is known already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        checkpoint: Option<CheckpointId>,
        /// Its area.
        #[schema(value_type = String)]
        area: AreaCode,
        /// What kind of place it is.
        place: CheckpointKind,
        /// Its name.
        name: String,
        /// Its English name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name_en: Option<String>,
        /// Lanes that can be open at once.
        lanes: u8,
        /// Whether anybody is checked there.
        open: bool,
    },
    /// Who is on duty at a checkpoint.
    Shift {
        /// The checkpoint.
        #[schema(value_type = String)]
        checkpoint: CheckpointId,
        /// From when.
        #[schema(value_type = String, format = DateTime)]
        from: Timestamp,
        /// Until when.
        #[schema(value_type = String, format = DateTime)]
        until: Timestamp,
        /// People on duty.
        staff: u16,
        /// Lanes open.
        lanes: u8,
        /// Who leads it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        lead: Option<AccountId>,
    },
    /// A quarantine site is set up, or as it stands now. Makes a site where none is named.
    Site {
        /// One that is known already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        site: Option<SiteId>,
        /// Its area.
        #[schema(value_type = String)]
        area: AreaCode,
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
    },
    /// A household is recorded, or as it stands now. Makes a household where none is named.
    Household {
        /// One that is known already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        household: Option<HouseholdId>,
        /// Its grid or community.
        #[schema(value_type = String)]
        area: AreaCode,
        /// Its door, in words: goes into the vault.
        door: String,
        /// What kind of place it is.
        dwelling: Dwelling,
        /// Its place on the way from door to door.
        walk: u32,
        /// People who should be living there.
        people: u16,
        /// The name of the home, dormitory or hotel that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
    },
    /// Somebody lives in a household, or no longer.
    Resident {
        /// The household.
        #[schema(value_type = String)]
        household: HouseholdId,
        /// Somebody who is known already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        person: Option<PersonId>,
        /// Or the person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given: Option<PersonGiven>,
        /// Whether they live there.
        living: bool,
    },
    /// Somebody went to the door.
    Visit {
        /// The household.
        #[schema(value_type = String)]
        household: HouseholdId,
        /// People met or accounted for; 0 where nobody was at home.
        people: u16,
    },
}

fn no_pass() -> PassShown {
    PassShown::None
}

/// A contact with a case, as the order names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactGiven {
    /// How close.
    pub class: ContactClass,
    /// First exposure, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub first_exposure: Option<Date>,
    /// Last exposure.
    #[schema(value_type = String, format = Date)]
    pub last_exposure: Date,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// It was written down.
    Taken,
    /// It was there already.
    Repeated,
    /// It is not accepted.
    Refused,
}

/// What became of an entry, with what it made.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EntryAnswer {
    /// The entry.
    #[schema(value_type = String)]
    pub id: FactId,
    /// What became of it.
    pub result: Taken,
    /// Why it is not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<EntryRefusal>,
    /// The person on this journey: another than the entry's id where the person was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub entrant: Option<EntrantId>,
    /// What the policy decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Ruling>,
}

/// Why an entry is not accepted.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EntryRefusal {
    /// A word for programs.
    pub code: &'static str,
    /// The field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// The reason, for people.
    pub message: Text,
}

/// A decision, as the one at the gate or the desk needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Ruling {
    /// At a gate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triage: Option<Triage>,
    /// For an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch: Option<Watch>,
    /// The rule.
    pub rule: String,
    /// Why.
    pub reason: Text,
    /// The pack and its version.
    pub pack: String,
    /// The day of release, for an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Date>,
    /// Whether the gate's phone had decided otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub differs: bool,
}
