//! Facts: what happened, written down once, by whom, when, for which area, about whom.
//!
//! A fact's hash is BLAKE3 over a fixed preamble and its fields in the order of [`Fact`], numbers
//! as 8 bytes big-endian, ids as their 16 bytes, text and body preceded by their length; the body
//! is JSON with sorted keys, no white space and whole numbers only. The hash of the fact before
//! it in the same jurisdiction is one of the fields, so that each jurisdiction's facts form a
//! chain.

macro_rules! body {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),+ }
    };
}
mod cases;
mod entry;
mod forecasts;
mod households;
mod passes;
mod quarantine;
mod visits;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::access::Grant;
use crate::areas::AreaCode;
use crate::cases::CaseRecord;
use crate::ids::{AccountId, FactId, ImportId, MatterId, PersonId, PolicyId};
use crate::matters::{About, Owner, Phase};
use crate::time::UtcOffset;

pub use cases::*;
pub use entry::*;
pub use forecasts::*;
pub use households::*;
pub use passes::*;
pub use quarantine::*;
pub use visits::*;

/// A BLAKE3 hash.
pub type Hash = [u8; 32];

/// The hash before a chain's first fact.
pub const GENESIS: Hash = [0; 32];

/// A fact not yet in the ledger: whoever records it makes its id, so that a retry is harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its id.
    pub id: FactId,
    /// The area it is about.
    pub area: AreaCode,
    /// Who records it.
    pub actor: AccountId,
    /// With what: `web`, `cli`, `import`, an API token's name. At most 64 characters.
    pub device: String,
    /// When it happened.
    pub happened_at: Timestamp,
    /// What happened.
    pub body: Body,
}

/// A fact in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its place in this node's order.
    pub seq: u64,
    /// Its id.
    pub id: FactId,
    /// The jurisdiction whose chain it is in.
    pub chain: AreaCode,
    /// Its place in that chain, from 1.
    pub chain_seq: u64,
    /// The area it is about.
    pub area: AreaCode,
    /// Who recorded it.
    pub actor: AccountId,
    /// With what.
    pub device: String,
    /// When it happened.
    pub happened_at: Timestamp,
    /// When the ledger took it, by the ledger's clock.
    pub recorded_at: Timestamp,
    /// Its kind and version, such as `case.reported/1`.
    pub kind: String,
    /// Its body, canonically encoded.
    pub body: Vec<u8>,
    /// The hash of the fact before it in its chain.
    pub prev_hash: Hash,
    /// Its own hash.
    pub hash: Hash,
}

impl Fact {
    /// The hash that its fields should have. `seq` is this node's own affair and stays out.
    pub fn expected_hash(&self) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"lianfang fact 1\0");
        hasher.update(&self.id.to_bytes());
        hasher.update(&self.chain.as_u64().to_be_bytes());
        hasher.update(&self.chain_seq.to_be_bytes());
        hasher.update(&self.area.as_u64().to_be_bytes());
        hasher.update(&self.actor.to_bytes());
        let mut counted = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        };
        counted(self.device.as_bytes());
        counted(&self.happened_at.as_millisecond().to_be_bytes());
        counted(&self.recorded_at.as_millisecond().to_be_bytes());
        counted(self.kind.as_bytes());
        counted(&self.body);
        hasher.update(&self.prev_hash);
        *hasher.finalize().as_bytes()
    }

    /// Its body, read.
    pub fn read_body(&self) -> Result<Body, BodyError> {
        Body::read(&self.kind, &self.body)
    }
}

/// A body that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Written by a later version of this program, or no fact at all.
    #[error("fact kind `{0}` is not known to this version")]
    UnknownKind(String),
    /// The kind is known, the body is not of its shape.
    #[error("body of a `{kind}` fact: {source}")]
    Malformed {
        /// The kind.
        kind: String,
        /// What is wrong.
        source: serde_json::Error,
    },
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $variant:ident($body:ty) = $kind:literal),+ $(,)?) => {
        /// What happened. The kind's number is the version of the body's shape.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Body { $($(#[$doc])* $variant($body)),+ }

        impl Body {
            /// All kinds.
            pub const KINDS: &[&str] = &[$($kind),+];

            /// Its kind and version.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind),+ }
            }

            /// Its canonical bytes.
            pub fn canonical(&self) -> Vec<u8> {
                match self { $(Self::$variant(body) => canonical_json(body)),+ }
            }

            /// Reads a body of `kind`.
            pub fn read(kind: &str, bytes: &[u8]) -> Result<Self, BodyError> {
                match kind {
                    $($kind => serde_json::from_slice(bytes)
                        .map(Self::$variant)
                        .map_err(|source| BodyError::Malformed { kind: kind.to_owned(), source }),)+
                    _ => Err(BodyError::UnknownKind(kind.to_owned())),
                }
            }
        }
    };
}

bodies! {
    /// The ledger begins.
    HouseFounded(HouseFounded) = "house.founded/1",
    /// An area is known, or renamed.
    AreaDefined(AreaDefined) = "area.defined/1",
    /// The ledger's first policy pack is in force.
    PolicyAdopted(PolicyAdopted) = "policy.adopted/1",
    /// A version of a policy pack was proposed.
    PolicyProposed(PolicyProposed) = "policy.proposed/1",
    /// A proposed version was approved by another.
    PolicyApproved(PolicyApproved) = "policy.approved/1",
    /// A proposed version was declined, or taken back.
    PolicyDeclined(PolicyDeclined) = "policy.declined/1",
    /// An area's cumulative totals were published.
    TotalsReported(TotalsReported) = "totals.reported/1",
    /// An area's daily report was filed, be it zero.
    DailyReportFiled(DailyReportFiled) = "daily_report.filed/1",
    /// A case was reported.
    CaseReported(CaseFact) = "case.reported/1",
    /// A case was corrected or developed; the body says how it stands now.
    CaseRevised(CaseFact) = "case.revised/1",
    /// Somebody looked at a person's data.
    PersonLooked(PersonLooked) = "person.looked/1",
    /// A person's key was destroyed.
    PersonForgotten(PersonForgotten) = "person.forgotten/1",
    /// A matter was opened.
    MatterOpened(MatterOpened) = "matter.opened/1",
    /// A step was taken in a matter.
    MatterActed(MatterActed) = "matter.acted/1",
    /// A late matter climbed to the area above.
    MatterEscalated(MatterEscalated) = "matter.escalated/1",
    /// An account was opened.
    AccountOpened(AccountOpened) = "account.opened/1",
    /// A role was bound to an area for an account.
    RoleGranted(RoleChange) = "role.granted/1",
    /// A role was taken from an account.
    RoleWithdrawn(RoleChange) = "role.withdrawn/1",
    /// An account's password was set anew.
    PasswordChanged(AccountChange) = "password.changed/1",
    /// An account was closed.
    AccountClosed(AccountChange) = "account.closed/1",
    /// An API token was issued.
    TokenIssued(TokenIssued) = "token.issued/1",
    /// An API token was revoked.
    TokenRevoked(TokenRevoked) = "token.revoked/1",
    /// A file was imported.
    ImportMade(ImportMade) = "import.made/1",
    /// A checkpoint, as it stands.
    CheckpointDefined(CheckpointDefined) = "checkpoint.defined/1",
    /// Who is on duty at a checkpoint.
    ShiftSet(ShiftSet) = "shift.set/1",
    /// Somebody's arrival became known.
    EntrantFound(EntrantFound) = "entrant.found/1",
    /// Two records look alike.
    EntrantsAlike(EntrantsAlike) = "entrants.alike/1",
    /// Two records are of one person on one journey.
    EntrantJoined(EntrantJoined) = "entrant.joined/1",
    /// A record stands alone again.
    EntrantParted(EntrantParted) = "entrant.parted/1",
    /// Two records that look alike are of two people.
    EntrantsToldApart(EntrantsToldApart) = "entrants.told_apart/1",
    /// Somebody was seen at a checkpoint.
    EntrantChecked(EntrantChecked) = "entrant.checked/1",
    /// Somebody announced did not come.
    EntrantNotCome(EntrantNotCome) = "entrant.not_come/1",
    /// It is known where somebody stands who was missing or undecided.
    EntrantSettled(EntrantSettled) = "entrant.settled/1",
    /// People were sent on their way.
    HandOverBegun(HandOverBegun) = "handover.begun/1",
    /// People were received.
    HandOverReceived(HandOverReceived) = "handover.received/1",
    /// The fever clinic has seen somebody.
    ClinicAnswered(ClinicAnswered) = "clinic.answered/1",
    /// Somebody went through the gate of the place where they live.
    ResidentPassed(ResidentPassed) = "resident.passed/1",
    /// A quarantine site, as it stands.
    SiteDefined(SiteDefined) = "site.defined/1",
    /// Somebody is put under watch.
    OrderMade(OrderMade) = "order.made/1",
    /// Somebody has another bed.
    OrderMoved(OrderMoved) = "order.moved/1",
    /// An order's end should be moved.
    OrderChangeProposed(OrderChangeProposed) = "order.change_proposed/1",
    /// A change of an order's end was decided on.
    OrderChangeDecided(OrderChangeDecided) = "order.change_decided/1",
    /// An order ended.
    OrderEnded(OrderEnded) = "order.ended/1",
    /// Somebody under an order was looked after.
    CheckMade(CheckMade) = "check.made/1",
    /// Somebody under an order is not where they should be.
    AbsenceFound(AbsenceFound) = "absence.found/1",
    /// Somebody under an order is back.
    AbsenceEnded(AbsenceEnded) = "absence.ended/1",
    /// A sample was taken.
    SampleTaken(SampleTaken) = "sample.taken/1",
    /// A sample has its result.
    SampleResulted(SampleResulted) = "sample.resulted/1",
    /// Somebody under an order needs something.
    NeedStated(NeedStated) = "need.stated/1",
    /// A household, as it stands.
    HouseholdRecorded(HouseholdRecorded) = "household.recorded/1",
    /// Somebody lives in a household, or no longer.
    ResidentRecorded(ResidentRecorded) = "resident.recorded/1",
    /// Somebody went to the door.
    HouseholdVisited(HouseholdVisited) = "household.visited/1",
    /// Two reports are of one case.
    CaseMerged(CaseMerged) = "case.merged/1",
    /// A report that was taken into another stands alone again.
    CaseParted(CaseParted) = "case.parted/1",
    /// Two reports that look alike are of two cases.
    CasesToldApart(CasesToldApart) = "cases.told_apart/1",
    /// Somebody wanted a case deleted.
    CaseDeletionRefused(CaseDeletionRefused) = "case.deletion_refused/1",
    /// Several cases were changed at once.
    CasesEdited(CasesEdited) = "cases.edited/1",
    /// A view of the line list, as its owner keeps it.
    ViewSaved(ViewSaved) = "view.saved/1",
    /// A sample of a case was taken.
    CaseSampled(CaseSampled) = "case.sampled/1",
    /// A sample of a case has its result.
    CaseResulted(CaseResulted) = "case.resulted/1",
    /// A stay on a case's itinerary.
    CaseStayRecorded(CaseStayRecorded) = "case.stay_recorded/1",
    /// The investigation of a case is complete, or open again.
    CaseInvestigated(CaseInvestigated) = "case.investigated/1",
    /// Somebody met a case.
    ContactNamed(ContactNamed) = "contact.named/1",
    /// Another system lists somebody as a contact.
    ContactListed(ContactListed) = "contact.listed/1",
    /// Personal data of many people left the house in one file.
    PeopleExported(PeopleExported) = "people.exported/1",
    /// A step in the work with a contact.
    ContactStepped(ContactStepped) = "contact.step/1",
    /// A day's follow-up of a contact.
    ContactFollowed(ContactFollowed) = "contact.followed/1",
    /// One case infected another, as somebody states it.
    LinkStated(LinkStated) = "link.stated/1",
    /// A link does not hold.
    LinkWithdrawn(LinkWithdrawn) = "link.withdrawn/1",
    /// A place that people visit, as it stands.
    PlaceDefined(PlaceDefined) = "place.defined/1",
    /// Somebody asked who was at a place.
    PlaceLooked(PlaceLooked) = "place.looked/1",
    /// A batch of visits was taken.
    VisitsTaken(VisitsTaken) = "visits.taken/1",
    /// The visit log was sealed.
    VisitsSealed(VisitsSealed) = "visits.sealed/1",
    /// Days of the visit log were dropped.
    VisitsDropped(VisitsDropped) = "visits.dropped/1",
    /// Somebody asks for a pass.
    PassAsked(PassAsked) = "pass.asked/1",
    /// A pass's code was confirmed by somebody who saw who it is.
    PassConfirmed(PassConfirmed) = "pass.confirmed/1",
    /// A pass's code opens nothing any more.
    PassCodeEnded(PassCodeEnded) = "pass.code_ended/1",
    /// What the policy made of a holder's evidence, where it changed.
    PassAssessed(PassAssessed) = "pass.assessed/1",
    /// A daily health report.
    HealthReported(HealthReported) = "health.reported/1",
    /// A health certificate from elsewhere was taken.
    CertificateTaken(CertificateTaken) = "certificate.taken/1",
    /// A key that passes are verified against.
    PassKeyListed(PassKeyListed) = "pass_key.listed/1",
    /// A key is trusted no more.
    PassKeyRevoked(PassKeyRevoked) = "pass_key.revoked/1",
    /// A signer of health certificates is trusted.
    SignerTrusted(SignerTrusted) = "signer.trusted/1",
    /// A forecast of the fact's area was made.
    ForecastMade(ForecastMade) = "forecast.made/1",
}

impl Body {
    /// The day on which this became known to whoever published it, where the fact says so.
    ///
    /// For a live entry that is the day it was recorded. History that is imported later keeps
    /// the day its source published it; the ledger keeps both.
    pub fn published(&self) -> Option<Date> {
        match self {
            Self::TotalsReported(body) => body.published,
            Self::CaseReported(body) | Self::CaseRevised(body) => body.published,
            _ => None,
        }
    }

    /// The day from which "as known then" shows it.
    pub fn known_on(&self, recorded_at: Timestamp, offset: UtcOffset) -> Date {
        self.published()
            .unwrap_or_else(|| offset.day_of(recorded_at))
    }
}

body! {
    /// A jurisdiction's ledger begins.
    HouseFounded {
        /// The area at its root.
        root: AreaCode,
        /// Its clock.
        utc_offset: UtcOffset,
    }
}
body! {
    /// An area with its names.
    AreaDefined {
        /// Name.
        name: String,
        /// English name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name_en: Option<String>,
        /// People living there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        population: Option<u32>,
    }
}
body! {
    /// A policy pack, by its digest.
    PolicyAdopted {
        /// Its id.
        pack: String,
        /// Its version.
        version: String,
        /// BLAKE3 of its file, in hex.
        digest: String,
        /// Its file. Ledgers founded before packs stood in the ledger lack it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    }
}
body! {
    /// A version of a policy pack, with its file.
    PolicyProposed {
        /// The proposal.
        policy: PolicyId,
        /// The pack's id.
        pack: String,
        /// Its version.
        version: String,
        /// BLAKE3 of its file, in hex.
        digest: String,
        /// Its file.
        text: String,
        /// From when it is to be in force, at the earliest from its approval.
        from: Timestamp,
        /// Why.
        note: String,
    }
}
body! {
    /// A proposed version approved.
    PolicyApproved {
        /// The proposal.
        policy: PolicyId,
    }
}
body! {
    /// A proposed version declined, or taken back by whoever proposed it.
    PolicyDeclined {
        /// The proposal.
        policy: PolicyId,
        /// Why.
        note: String,
    }
}
body! {
    /// Cumulative totals of the fact's area.
    TotalsReported {
        /// The day they stand for.
        day: Date,
        /// Confirmed so far.
        confirmed: u32,
        /// Suspected at present.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suspected: Option<u32>,
        /// Cured so far.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cured: Option<u32>,
        /// Dead so far.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dead: Option<u32>,
        /// When the source published them, where they are imported history.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        published: Option<Date>,
    }
}
body! {
    /// The fact's area reports its new cases of a day.
    DailyReportFiled {
        /// The day.
        day: Date,
        /// New cases; zero is a report too.
        new_cases: u32,
    }
}
body! {
    /// A case as it stands.
    CaseFact {
        /// The case.
        record: CaseRecord,
        /// When the source published it, where it is imported history.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        published: Option<Date>,
        /// Why it was corrected.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    }
}
body! {
    /// A look at a person's data.
    PersonLooked {
        /// The person.
        person: PersonId,
        /// Why.
        reason: String,
    }
}
body! {
    /// A person forgotten.
    PersonForgotten {
        /// The person.
        person: PersonId,
        /// Under which rule.
        reason: String,
    }
}
body! {
    /// A matter opened.
    MatterOpened {
        /// The matter.
        matter: MatterId,
        /// Its kind.
        kind: String,
        /// The pack that defines the kind, and its version.
        pack: String,
        /// What it is about.
        title: String,
        /// What is to be done.
        detail: String,
        /// Who owes the work.
        owner: Owner,
        /// By when.
        deadline: Timestamp,
        /// The state it begins in.
        state: String,
        /// Whom or what it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<About>,
    }
}
body! {
    /// A step in a matter.
    MatterActed {
        /// The matter.
        matter: MatterId,
        /// The step.
        action: String,
        /// The state it led from.
        from: String,
        /// The state it led to.
        to: String,
        /// The phase of that state.
        phase: Phase,
        /// Whether it was the owner's step, so that its taker may not confirm.
        work: bool,
        /// A note.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Evidence.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<String>,
    }
}
body! {
    /// A late matter climbs.
    MatterEscalated {
        /// The matter.
        matter: MatterId,
        /// The area it climbs to.
        to: AreaCode,
    }
}
body! {
    /// An account opened; its login and name stay out of the ledger.
    AccountOpened {
        /// The account.
        account: AccountId,
    }
}
body! {
    /// A role given or taken; the fact's area is the grant's.
    RoleChange {
        /// The account.
        account: AccountId,
        /// The role and area.
        grant: Grant,
    }
}
body! {
    /// A change to an account.
    AccountChange {
        /// The account.
        account: AccountId,
    }
}
body! {
    /// An API token issued.
    TokenIssued {
        /// The token's id.
        token: String,
        /// Whose rights it uses.
        account: AccountId,
        /// The rights it is limited to.
        scopes: Vec<String>,
        /// When it ends.
        expires_at: Timestamp,
    }
}
body! {
    /// An API token revoked.
    TokenRevoked {
        /// The token's id.
        token: String,
    }
}
body! {
    /// A file imported.
    ImportMade {
        /// The import.
        import: ImportId,
        /// `city_totals`, `linelist` or `areas`.
        kind: String,
        /// The preset that read it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preset: Option<String>,
        /// BLAKE3 of the file, in hex.
        digest: String,
        /// Rows read.
        rows_read: u64,
        /// Rows taken as new.
        rows_taken: u64,
        /// Rows that changed nothing.
        rows_unchanged: u64,
        /// Rows that corrected something.
        rows_revised: u64,
        /// Rows refused.
        rows_refused: u64,
    }
}

/// JSON with sorted keys and no white space.
fn canonical_json<T: Serialize>(body: &T) -> Vec<u8> {
    let value = serde_json::to_value(body).expect("bodies have string keys and plain values");
    let mut out = Vec::with_capacity(256);
    write_canonical(&value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push(b'{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, key).expect("writing to memory does not fail");
                out.push(b':');
                write_canonical(&map[key], out);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        plain => serde_json::to_writer(&mut *out, plain).expect("writing to memory does not fail"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{CaseDetails, Classification};
    use crate::ids::CaseId;

    fn fact() -> Fact {
        let body = Body::CaseReported(CaseFact {
            record: CaseRecord {
                case: CaseId::from_parts(1, 2),
                details: CaseDetails::new(Classification::Confirmed),
            },
            published: Some(Date::constant(2020, 2, 9)),
            reason: None,
        });
        let mut fact = Fact {
            seq: 1,
            id: FactId::from_parts(1, 1),
            chain: "330683".parse().unwrap(),
            chain_seq: 1,
            area: "330683001".parse().unwrap(),
            actor: AccountId::house(),
            device: "cli".into(),
            happened_at: Timestamp::UNIX_EPOCH,
            recorded_at: Timestamp::UNIX_EPOCH,
            kind: body.kind().into(),
            body: body.canonical(),
            prev_hash: GENESIS,
            hash: GENESIS,
        };
        fact.hash = fact.expected_hash();
        fact
    }

    #[test]
    fn the_encoding_and_hash_are_fixed() {
        let fact = fact();
        assert_eq!(
            String::from_utf8(fact.body.clone()).unwrap(),
            r#"{"published":"2020-02-09","record":{"case":"00000000010000000000000002","details":{"classification":"confirmed"}}}"#
        );
        // Changing this value breaks every ledger in the world: raise the fact version instead.
        assert_eq!(
            blake3::Hash::from_bytes(fact.hash).to_hex().as_str(),
            "14784a054bd95d1374105ff46d2fd02884fdf4e188412796b42abffa63e57eba"
        );
        assert_eq!(fact.read_body().unwrap().canonical(), fact.body);
    }

    #[test]
    fn every_field_is_under_the_hash() {
        let whole = fact();
        let changes: [fn(&mut Fact); 10] = [
            |f| f.id = FactId::from_parts(1, 3),
            |f| f.chain = "330682".parse().unwrap(),
            |f| f.chain_seq = 2,
            |f| f.area = "330683002".parse().unwrap(),
            |f| f.actor = AccountId::from_bytes([1; 16]),
            |f| f.device = "web".into(),
            |f| f.happened_at = Timestamp::constant(1, 0),
            |f| f.recorded_at = Timestamp::constant(1, 0),
            |f| f.body[0] ^= 1,
            |f| f.prev_hash[31] ^= 1,
        ];
        for change in changes {
            let mut changed = whole.clone();
            change(&mut changed);
            assert_ne!(changed.expected_hash(), whole.hash);
        }
    }

    #[test]
    fn a_body_of_an_unknown_kind_or_shape_is_refused() {
        assert!(matches!(
            Body::read("case.reported/9", b"{}"),
            Err(BodyError::UnknownKind(_))
        ));
        assert!(matches!(
            Body::read("person.forgotten/1", br#"{"person":"x"}"#),
            Err(BodyError::Malformed { .. })
        ));
    }
}
