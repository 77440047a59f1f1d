//! Go.Data's headers and words: what its R scripts export, as far as both know it. The presets `godata…` read it back.

use jiff::civil::Date;
use lianfang_core::cases::{Classification, Outcome, Pregnancy, SampleKind, TestKind};
use lianfang_core::contacts::{
    Certainty, ContactStatus, ExposureKind, FollowUp, Frequency, Lasting, Relation, RiskJudged,
    Setting,
};
use lianfang_core::people::{PersonalData, Sex};
use lianfang_core::quarantine::SampleResult;
use lianfang_intake::export::Cell;
use lianfang_store::views::cases::CaseRow;
use lianfang_store::views::contacts::Follow;
use lianfang_store::views::investigation::CaseSample;

use super::tables::{ContactOut, MetOut, age, day, text};
use super::{Allowed, What};

/// What stands before the words of an export that is not cleaned.
const CATEGORY: &str = "LNG_REFERENCE_DATA_CATEGORY_";

pub(super) fn header(allowed: &Allowed) -> Vec<&'static str> {
    let own: &[&str] = match allowed.what {
        What::Linelist => &[
            "uuid",
            "case_id",
            "firstName",
            "gender",
            "age",
            "occupation",
            "classification",
            "telephone",
            "address",
            "outcome_id",
            "pregnancy_status",
            "date_of_reporting",
            "date_of_infection",
            "date_of_onset",
            "date_of_outcome",
            "date_of_last_contact",
            "date_become_case",
            "date_of_followup_start",
            "date_of_followup_end",
            "date_of_onset_approximate",
            "transfer_refused",
            "risk_level",
            "risk_reason",
            "was_contact",
            "isolation_centername",
            "isolation_startdate",
            "isolation_enddate",
            "hospitalization_centername",
            "hospitalization_startdate",
            "hospitalization_enddate",
            "admin_0_name",
            "admin_1_name",
            "admin_2_name",
            "admin_3_name",
        ],
        What::Contacts => &[
            "uuid",
            "contact_id",
            "contact_status",
            "telephone",
            "address",
            "firstName",
            "gender",
            "age",
            "occupation",
            "pregnancy_status",
            "date_of_reporting",
            "date_of_last_contact",
            "date_of_followup_start",
            "date_of_followup_end",
            "risk_level",
            "risk_reason",
            "admin_0_name",
            "admin_1_name",
            "admin_2_name",
            "admin_3_name",
        ],
        What::Relationships => &[
            "source_uuid",
            "target_uuid",
            "date_of_last_contact",
            "exposure_type",
            "context_of_exposure",
            "exposure_frequency",
            "certainty_level",
            "exposure_duration",
            "relation_detail",
            "is_contact_date_estimated",
        ],
        What::FollowUps => &["contact_uuid", "followup_status", "date_of_followup"],
        What::LabResults => &[
            "id",
            "personId",
            "dateSampleTaken",
            "sampleIdentifier",
            "sampleType",
            "testType",
            "labName",
            "dateSampleDelivered",
            "result",
            "dateOfResult",
        ],
        What::Chains => &[],
    };
    own.to_vec()
}

fn truth(said: Option<bool>) -> Cell {
    text(said.map(|said| if said { "TRUE" } else { "FALSE" }))
}

fn gender(sex: Option<Sex>) -> Cell {
    text(sex.map(|sex| match sex {
        Sex::Female => "FEMALE",
        Sex::Male => "MALE",
        Sex::Other => "OTHER",
    }))
}

fn risk(risk: Option<RiskJudged>) -> Cell {
    text(risk.map(|risk| match risk {
        RiskJudged::Low => "1_LOW",
        RiskJudged::Medium => "2_MEDIUM",
        RiskJudged::High => "3_HIGH",
    }))
}

fn pregnancy(pregnancy: Option<Pregnancy>) -> Cell {
    text(pregnancy.map(|pregnancy| match pregnancy {
        Pregnancy::No => "NOT_PREGNANT",
        Pregnancy::First => "YES_FIRST_TRIMESTER",
        Pregnancy::Second => "YES_SECOND_TRIMESTER",
        Pregnancy::Third => "YES_THIRD_TRIMESTER",
        Pregnancy::Yes => "YES_TRIMESTER_UNKNOWN",
    }))
}

/// A place in its four levels; what lies below the fourth stays with it.
fn places(place: Option<&str>) -> impl Iterator<Item = Cell> {
    let mut parts = place
        .map(|place| place.splitn(4, " / "))
        .into_iter()
        .flatten();
    let cells: Vec<Cell> = (0..4).map(|_| text(parts.next())).collect();
    cells.into_iter()
}

/// A name stands whole in the first column for names: how it divides is not known here.
pub(super) fn case(row: &CaseRow, data: &PersonalData) -> Vec<Cell> {
    let d = &row.details;
    let own = row.case.to_string();
    let mut cells = vec![
        text(Some(d.external_id.as_deref().unwrap_or(&own))),
        text(d.visual_id.as_deref()),
        text(data.name.as_deref()),
        gender(d.sex),
        age(d.age_years),
        text(d.occupation.as_deref()),
        text(Some(match d.classification {
            Classification::Suspected => "SUSPECT",
            Classification::Clinical => "PROBABLE",
            // Go.Data has no word for an infection without symptoms.
            Classification::Confirmed | Classification::Asymptomatic => "CONFIRMED",
            Classification::Excluded => "NOT_A_CASE_DISCARDED",
        })),
        text(data.phone.as_deref()),
        text(data.address.as_deref()),
        text(d.outcome.map(|outcome| match outcome {
            Outcome::Recovered => "RECOVERED",
            Outcome::Died => "DECEASED",
        })),
        pregnancy(d.pregnancy),
        day(d.reported),
        day(d.exposed),
        day(d.onset),
        day(d.outcome_date),
        day(d.last_contact),
        day(d.became_case),
        day(d.followed_from),
        day(d.followed_until),
        truth(d.onset_approximate),
        truth(d.transfer_refused),
        risk(d.risk),
        text(d.risk_reason.as_deref()),
        truth(d.was_contact),
        text(d.isolation_place.as_deref()),
        day(d.isolated),
        day(d.isolation_ended),
        text(d.hospital.as_deref()),
        day(d.hospitalised),
        day(d.discharged),
    ];
    cells.extend(places(d.place.as_deref()));
    cells
}

pub(super) fn contact(contact: &ContactOut, data: &PersonalData) -> Vec<Cell> {
    let d = &contact.details;
    let status = contact.status.map(|status| match status {
        ContactStatus::Named
        | ContactStatus::Located
        | ContactStatus::Notified
        | ContactStatus::Watched => "UNDER_FOLLOW_UP",
        ContactStatus::Released => "FOLLOW_UP_COMPLETED",
        ContactStatus::BecameCase => "BECAME_CASE",
        // Go.Data has no word for somebody who refuses.
        ContactStatus::Lost | ContactStatus::Refused => "LOST_TO_FOLLOW_UP",
        ContactStatus::Gone => "DIED",
    });
    let mut cells = vec![
        Cell::Text(contact.number.clone()),
        text(d.visual_id.as_deref()),
        text(status),
        text(data.phone.as_deref()),
        text(data.address.as_deref()),
        text(data.name.as_deref()),
        gender(d.sex),
        age(d.age_years),
        text(d.occupation.as_deref()),
        pregnancy(d.pregnancy),
        day(d.reported),
        day(d.last_contact),
        day(d.followed_from),
        day(d.followed_until),
        risk(d.risk),
        text(d.risk_reason.as_deref()),
    ];
    cells.extend(places(d.place.as_deref()));
    cells
}

pub(super) fn relationship(met: &MetOut) -> Vec<Cell> {
    let m = &met.meeting;
    vec![
        Cell::Text(met.case.clone()),
        Cell::Text(met.contact.clone()),
        day(met.met),
        text(m.exposure.map(|exposure| match exposure {
            ExposureKind::DirectPhysical => "Direct physical contact",
            ExposureKind::Near => "Direct non-physical contact (within 1 meter)",
            ExposureKind::Indirect => {
                "Indirect contact (touched contaminated surface/materials/fomites etc.)"
            }
            ExposureKind::Other => "Other (please specify in comment field)",
        })),
        text(m.setting.map(|setting| match setting {
            Setting::Household => "Home/household",
            Setting::Work => "Workplace",
            Setting::School => "School",
            Setting::HealthCare => "Hospital/healthcare",
            Setting::Transport => "Travel",
            Setting::QuarantineSite | Setting::Community => "Community",
        })),
        text(m.frequency.map(|frequency| match frequency {
            Frequency::Few => "1-5 Times",
            Frequency::Several => "6-10 Times",
            Frequency::Many => "11-20 Times",
            Frequency::More => "More than 20 Times",
        })),
        text(met.certainty.map(|certainty| match certainty {
            Certainty::Confirmed => "3 - High",
            Certainty::Probable => "2 - Medium",
            Certainty::Possible => "1 - Low",
        })),
        text(m.lasting.map(|lasting| match lasting {
            Lasting::Minutes => "Short (minutes)",
            Lasting::Hours => "Medium (hours)",
            Lasting::Days => "Long (days)",
        })),
        text(m.relation.map(|relation| match relation {
            Relation::Family => "Family",
            Relation::Colleague => "Colleague",
            Relation::School => "School",
            Relation::Carer => "Carer",
            Relation::Patient => "Patient",
            Relation::Friend => "Friend",
            Relation::Neighbour => "Neighbour",
            Relation::Traveller => "Traveller",
            Relation::Other => "Other",
        })),
        truth(Some(m.estimated)),
    ]
}

pub(super) fn follow_up(contact: &str, follow: &Follow) -> Vec<Cell> {
    let status = match follow.status {
        FollowUp::SeenWell => "SEEN_OK",
        FollowUp::SeenIll => "SEEN_NOT_OK",
        FollowUp::NotSeen => "MISSED",
        FollowUp::NotAttempted => "NOT_ATTEMPTED",
        FollowUp::NotPerformed => "NOT_PERFORMED",
    };
    vec![
        Cell::Text(contact.to_owned()),
        text(Some(status)),
        Cell::Date(follow.day),
    ]
}

pub(super) fn sample(case: &str, sample: &CaseSample) -> Vec<Cell> {
    let category =
        |word: Option<&str>| text(word.map(|word| format!("{CATEGORY}{word}")).as_deref());
    let moment = |day: Option<Date>| text(day.map(|day| format!("{day}T00:00:00.000Z")).as_deref());
    vec![
        Cell::Text(sample.sample.to_string()),
        Cell::Text(case.to_owned()),
        moment(Some(sample.day)),
        text(sample.number.as_deref()),
        category(sample.kind.map(|kind| match kind {
            SampleKind::Throat => "TYPE_OF_SAMPLE_THROAT_SWAB",
            SampleKind::Nasopharynx => "TYPE_OF_SAMPLE_NASOPHARYNGEAL_SWAB",
            SampleKind::Sputum => "TYPE_OF_SAMPLE_SPUTUM",
            SampleKind::Lavage => "TYPE_OF_SAMPLE_BRONCHOALVEOLAR_LAVAGE",
            SampleKind::Blood => "TYPE_OF_SAMPLE_BLOOD",
            SampleKind::Urine => "TYPE_OF_SAMPLE_URINE",
            SampleKind::Stool => "TYPE_OF_SAMPLE_STOOL",
            SampleKind::Other => "TYPE_OF_SAMPLE_OTHER",
        })),
        category(sample.test.map(|test| match test {
            TestKind::Pcr => "TYPE_OF_LAB_TEST_RT_PCR",
            TestKind::Antigen => "TYPE_OF_LAB_TEST_ANTIGEN",
            TestKind::Antibody => "TYPE_OF_LAB_TEST_IG_G",
            TestKind::Culture => "TYPE_OF_LAB_TEST_CULTURE",
            TestKind::Sequencing => "TYPE_OF_LAB_TEST_WHOLE_GENOME_SEQUENCING",
            TestKind::Other => "TYPE_OF_LAB_TEST_OTHER",
        })),
        text(sample.laboratory.as_deref()),
        moment(sample.delivered),
        category(sample.result.map(|result| match result {
            SampleResult::Positive => "LAB_TEST_RESULT_POSITIVE",
            SampleResult::Negative => "LAB_TEST_RESULT_NEGATIVE",
            SampleResult::Unclear => "LAB_TEST_RESULT_INCONCLUSIVE",
        })),
        moment(sample.result_day),
    ]
}
