//! Facts of cases beyond the line list: duplicates, samples, itinerary, contacts, and who infected whom.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::areas::AreaCode;
use crate::cases::{CaseView, SampleKind, TestKind};
use crate::contacts::{
    Certainty, Channel, ContactClass, ContactDetails, ContactStatus, ContactStep, FollowUp,
    Meeting, Setting,
};
use crate::entry::{Journey, Symptom};
use crate::ids::{
    CaseId, ContactId, FactId, HouseholdId, LinkId, ListedId, PersonId, SampleId, SiteId, StayId,
    ViewId,
};
use crate::places::PlaceId;
use crate::quarantine::SampleResult;

body! {
    /// Two reports are of one case: the first counts no more.
    CaseMerged {
        /// The report that is taken into the other.
        case: CaseId,
        /// The other.
        into: CaseId,
        /// What agrees.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        same: Vec<String>,
        /// Whether it was done at once, by the same document.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_once: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A report that was taken into another stands alone again.
    CaseParted {
        /// The report.
        case: CaseId,
        /// The one into which it was taken.
        from: CaseId,
        /// Why.
        reason: String,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Two reports that look alike are of two cases.
    CasesToldApart {
        /// One.
        case: CaseId,
        /// The other.
        other: CaseId,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody wanted a case deleted. Nothing is: it is noted.
    CaseDeletionRefused {
        /// The case.
        case: CaseId,
        /// Why they wanted it.
        reason: String,
    }
}
body! {
    /// Several cases were changed at once; what each became are facts of their own that follow.
    CasesEdited {
        /// The edit. It has this fact's id.
        edit: FactId,
        /// The cases.
        cases: Vec<CaseId>,
        /// Why.
        reason: String,
        /// The edit that this one takes back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undoes: Option<FactId>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A view of the line list, as its owner, the fact's actor, keeps it now: filters under a name.
    ViewSaved {
        /// The view.
        view: ViewId,
        /// What its owner calls it.
        name: String,
        /// Which cases it shows, and how.
        filters: CaseView,
        /// Whether it is kept; else it is gone.
        kept: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A sample of a case was taken.
    CaseSampled {
        /// The case.
        case: CaseId,
        /// The sample.
        sample: SampleId,
        /// The day.
        day: Date,
        /// What it is of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<SampleKind>,
        /// How it is examined.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        test: Option<TestKind>,
        /// Its number at the laboratory.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
        /// The laboratory.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        laboratory: Option<String>,
        /// The day on which the laboratory had it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivered: Option<Date>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A sample of a case has its result.
    CaseResulted {
        /// The sample.
        sample: SampleId,
        /// The result.
        result: SampleResult,
        /// The day; none where the source does not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        day: Option<Date>,
        /// The laboratory.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        laboratory: Option<String>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A stay on a case's itinerary, as it is known now. What it says in words is in the vault under its id.
    CaseStayRecorded {
        /// The case.
        case: CaseId,
        /// The stay.
        stay: StayId,
        /// The day.
        day: Date,
        /// From when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Timestamp>,
        /// Until when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// The area in which the place is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place_area: Option<AreaCode>,
        /// What kind of place it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        setting: Option<Setting>,
        /// A quarantine site.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        site: Option<SiteId>,
        /// A household.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        household: Option<HouseholdId>,
        /// A place of the log of visits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<PlaceId>,
        /// A journey.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        journey: Option<Journey>,
        /// People who were along.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        companions: Option<u16>,
        /// Whether it was taken back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        withdrawn: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// The investigation of a case is complete, or open again.
    CaseInvestigated {
        /// The case.
        case: CaseId,
        /// Whether it is complete.
        complete: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody met a case, or a contact of it. The same person and case again is a further exposure.
    ContactNamed {
        /// The contact: the same for one person and case.
        contact: ContactId,
        /// The person.
        person: PersonId,
        /// The case.
        case: CaseId,
        /// The close contact of that case who was met, where it was not the case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        through: Option<ContactId>,
        /// How it is known.
        channel: Channel,
        /// The day of the meeting, the last of several; where the source gives none, it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        met: Option<Date>,
        /// The first of several days.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        met_first: Option<Date>,
        /// How they met.
        #[serde(default, skip_serializing_if = "Meeting::is_empty")]
        meeting: Meeting,
        /// How sure the source is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        certainty: Option<Certainty>,
        /// What the policy made of it.
        class: ContactClass,
        /// The rule; none where a source classed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
        /// The pack and its version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pack: Option<String>,
        /// What was known of the meeting, by field.
        #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
        evidence: serde_json::Map<String, serde_json::Value>,
        /// The last day on which the person is followed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Date>,
        /// What is known of the person.
        #[serde(default, skip_serializing_if = "ContactDetails::is_empty")]
        details: ContactDetails,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Another system lists somebody as a contact, as it stands there. Of which case is said elsewhere.
    ContactListed {
        /// The entry of the list: the same each time the list gives it.
        listed: ListedId,
        /// The person.
        person: PersonId,
        /// What is known of the person.
        #[serde(default, skip_serializing_if = "ContactDetails::is_empty")]
        details: ContactDetails,
        /// How far the work has come there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<ContactStatus>,
    }
}
body! {
    /// Personal data of many people left the house in one file.
    PeopleExported {
        /// What was exported.
        what: String,
        /// In which form.
        format: String,
        /// Why.
        reason: String,
    }
}
body! {
    /// A step in the work with a contact.
    ContactStepped {
        /// The contact.
        contact: ContactId,
        /// The step.
        step: ContactStep,
        /// The result, of a sample.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<SampleResult>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A day's follow-up of a contact.
    ContactFollowed {
        /// The contact.
        contact: ContactId,
        /// The day.
        day: Date,
        /// What came of it.
        status: FollowUp,
        /// Temperature in tenths of a degree Celsius.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        temperature: Option<u16>,
        /// Symptoms.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        symptoms: Vec<Symptom>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// One case infected another, as somebody states it.
    LinkStated {
        /// The link.
        link: LinkId,
        /// Who infected.
        infector: CaseId,
        /// Who was infected.
        infectee: CaseId,
        /// How sure it is.
        certainty: Certainty,
        /// The day of the meeting.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        met: Option<Date>,
        /// How they met.
        #[serde(default, skip_serializing_if = "Meeting::is_empty")]
        meeting: Meeting,
        /// Its probability in thousandths when it was suggested, where it was adopted from a suggestion.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suggested: Option<u16>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A link does not hold.
    LinkWithdrawn {
        /// The link.
        link: LinkId,
        /// Why.
        reason: String,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
