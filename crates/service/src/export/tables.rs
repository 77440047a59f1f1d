//! The rows of each table, in the house's own columns or Go.Data's.

use std::collections::HashSet;

use jiff::civil::Date;
use lianfang_core::cases::{CaseDetails, Origin, Outcome, Severity};
use lianfang_core::contacts::{ContactDetails, ContactStatus, Meeting};
use lianfang_core::entry::Symptom;
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::people::{PersonalData, Sex};
use lianfang_core::words::Word;
use lianfang_intake::export::Cell;
use lianfang_store::views::cases::{self, CaseRow};
use lianfang_store::views::contacts::{self, ContactFilter, ContactRow, Exposure, Follow};
use lianfang_store::views::investigation;
use lianfang_store::views::links;

use super::{Allowed, Form, PAGE, What, godata};
use crate::{House, Refusal};

/// A row goes out.
pub(super) type Out<'a> = &'a mut dyn FnMut(Vec<Cell>) -> Result<(), Refusal>;

const CASES: &[&str] = &[
    "case",
    "external_id",
    "visual_id",
    "area",
    "place",
    "sex",
    "age",
    "exposed",
    "onset",
    "sampled",
    "diagnosed",
    "reported",
    "hospitalised",
    "classification",
    "severity",
    "outcome",
    "outcome_date",
    "origin",
    "imported_from",
    "cluster",
    "symptoms",
    "onset_approximate",
    "reported_by",
    "isolated",
    "isolation_ended",
    "isolation_place",
    "hospital",
    "discharged",
    "was_contact",
    "became_case",
    "last_contact",
    "followed_from",
    "followed_until",
    "pregnancy",
    "occupation",
    "risk",
    "risk_reason",
    "transfer_refused",
];
const CONTACTS: &[&str] = &[
    "external_id",
    "visual_id",
    "case",
    "area",
    "place",
    "sex",
    "age",
    "occupation",
    "pregnancy",
    "risk",
    "risk_reason",
    "status",
    "class",
    "met",
    "met_first",
    "reported",
    "last_contact",
    "followed_from",
    "followed_until",
];
const RELATIONSHIPS: &[&str] = &[
    "case",
    "contact",
    "met",
    "met_first",
    "setting",
    "exposure",
    "frequency",
    "lasting",
    "relation",
    "estimated",
    "certainty",
];
const FOLLOW_UPS: &[&str] = &["contact", "day", "status", "temperature", "symptoms"];
const SAMPLES: &[&str] = &[
    "external_id",
    "case",
    "sampled",
    "sample_number",
    "sample_kind",
    "test_kind",
    "laboratory",
    "delivered",
    "result",
    "result_date",
];
const CHAINS: &[&str] = &[
    "case",
    "infector",
    "tree",
    "generation",
    "onset",
    "certainty",
    "setting",
    "serial_interval",
];
const PERSONAL: &[&str] = &["name", "phone", "address"];

/// The headers of a table.
pub(super) fn header(allowed: &Allowed) -> Vec<&'static str> {
    if allowed.form == Form::GoData {
        return godata::header(allowed);
    }
    let own = match allowed.what {
        What::Linelist => CASES,
        What::Contacts => CONTACTS,
        What::Relationships => RELATIONSHIPS,
        What::FollowUps => FOLLOW_UPS,
        What::LabResults => SAMPLES,
        What::Chains => CHAINS,
    };
    let people = matches!(allowed.what, What::Linelist | What::Contacts) && allowed.personal;
    own.iter()
        .chain(PERSONAL.iter().filter(|_| people))
        .copied()
        .collect()
}

pub(super) fn text(text: Option<&str>) -> Cell {
    text.map_or(Cell::Empty, |text| Cell::Text(text.to_owned()))
}

pub(super) fn day(day: Option<Date>) -> Cell {
    day.map_or(Cell::Empty, Cell::Date)
}

pub(super) fn word<W: Word>(word: Option<W>) -> Cell {
    text(word.map(Word::word))
}

fn yes(said: Option<bool>) -> Cell {
    text(said.map(|said| if said { "yes" } else { "no" }))
}

pub(super) fn age(years: Option<u8>) -> Cell {
    years.map_or(Cell::Empty, |years| Cell::Int(years.into()))
}

fn symptoms(ticked: impl IntoIterator<Item = Symptom>) -> Cell {
    let words: Vec<&str> = ticked.into_iter().map(Word::word).collect();
    text((!words.is_empty()).then(|| words.join("; ")).as_deref())
}

fn sex(sex: Option<Sex>) -> Cell {
    text(sex.map(|sex| match sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Other => "other",
    }))
}

fn people(allowed: &Allowed, cells: &mut Vec<Cell>, data: &PersonalData) {
    if allowed.personal {
        cells.extend([&data.name, &data.phone, &data.address].map(|said| text(said.as_deref())));
    }
}

fn case_cells(row: &CaseRow) -> Vec<Cell> {
    let d = &row.details;
    vec![
        Cell::Text(row.case.to_string()),
        text(d.external_id.as_deref()),
        text(d.visual_id.as_deref()),
        Cell::Text(row.area.to_string()),
        text(d.place.as_deref()),
        sex(d.sex),
        age(d.age_years),
        day(d.exposed),
        day(d.onset),
        day(d.sampled),
        day(d.diagnosed),
        day(d.reported),
        day(d.hospitalised),
        text(Some(d.classification.word())),
        text(d.severity.map(Severity::word)),
        text(d.outcome.map(Outcome::word)),
        day(d.outcome_date),
        text(d.origin.map(Origin::word)),
        text(d.imported_from.as_deref()),
        text(d.cluster.as_deref()),
        symptoms(d.symptoms.iter().copied()),
        yes(d.onset_approximate),
        text(d.reported_by.as_deref()),
        day(d.isolated),
        day(d.isolation_ended),
        text(d.isolation_place.as_deref()),
        text(d.hospital.as_deref()),
        day(d.discharged),
        yes(d.was_contact),
        day(d.became_case),
        day(d.last_contact),
        day(d.followed_from),
        day(d.followed_until),
        word(d.pregnancy),
        text(d.occupation.as_deref()),
        word(d.risk),
        text(d.risk_reason.as_deref()),
        yes(d.transfer_refused),
    ]
}

/// A contact as it goes out: of a case, or on another system's list without one.
pub(super) struct ContactOut {
    pub(super) number: String,
    pub(super) person: PersonId,
    pub(super) case: Option<CaseId>,
    pub(super) area: lianfang_core::areas::AreaCode,
    pub(super) details: ContactDetails,
    pub(super) status: Option<ContactStatus>,
    pub(super) row: Option<ContactRow>,
}

/// The number by which a contact is known: that of its list, or its person's here.
pub(super) fn number_of(details: &ContactDetails, person: PersonId) -> String {
    details
        .external_id
        .clone()
        .unwrap_or_else(|| person.to_string())
}

/// The number by which a case is known: that of its line list, or its id here.
pub(super) fn case_number(details: Option<&CaseDetails>, case: CaseId) -> String {
    details
        .and_then(|details| details.external_id.clone())
        .unwrap_or_else(|| case.to_string())
}

/// A meeting as it goes out.
pub(super) struct MetOut {
    pub(super) case: String,
    pub(super) contact: String,
    pub(super) met: Option<Date>,
    pub(super) met_first: Option<Date>,
    pub(super) meeting: Meeting,
    pub(super) certainty: Option<lianfang_core::contacts::Certainty>,
}

impl House {
    /// Calls `out` with each row of a table.
    pub(super) fn each_row(&self, allowed: &Allowed, out: Out<'_>) -> Result<(), Refusal> {
        let go_data = allowed.form == Form::GoData;
        match allowed.what {
            What::Linelist => self.each_page_of_cases(allowed.area, &mut |rows| {
                let of: Vec<_> = rows.iter().map(|row| row.details.person).collect();
                for (row, data) in rows.iter().zip(self.data_of(allowed, &of)?) {
                    if go_data {
                        out(godata::case(row, &data))?;
                    } else {
                        let mut cells = case_cells(row);
                        people(allowed, &mut cells, &data);
                        out(cells)?;
                    }
                }
                Ok(())
            }),
            What::Contacts => self.each_contact(allowed, go_data, &mut |contact, data| {
                if go_data {
                    return out(godata::contact(contact, data));
                }
                let (d, row) = (&contact.details, contact.row.as_ref());
                let case = contact
                    .case
                    .map(|case| self.number_of_case(case))
                    .transpose()?;
                let mut cells = vec![
                    Cell::Text(contact.number.clone()),
                    text(d.visual_id.as_deref()),
                    text(case.as_deref()),
                    Cell::Text(contact.area.to_string()),
                    text(d.place.as_deref()),
                    sex(d.sex),
                    age(d.age_years),
                    text(d.occupation.as_deref()),
                    word(d.pregnancy),
                    word(d.risk),
                    text(d.risk_reason.as_deref()),
                    word(contact.status),
                    word(row.map(|row| row.class)),
                    day(row.and_then(|row| row.met)),
                    day(row.and_then(|row| row.met_first)),
                    day(d.reported),
                    day(d.last_contact),
                    day(d.followed_from),
                    day(d.followed_until),
                ];
                people(allowed, &mut cells, data);
                out(cells)
            }),
            What::Relationships => self.each_meeting(allowed, &mut |met| {
                if go_data {
                    return out(godata::relationship(met));
                }
                out(vec![
                    Cell::Text(met.case.clone()),
                    Cell::Text(met.contact.clone()),
                    day(met.met),
                    day(met.met_first),
                    word(met.meeting.setting),
                    word(met.meeting.exposure),
                    word(met.meeting.frequency),
                    word(met.meeting.lasting),
                    word(met.meeting.relation),
                    yes(met.meeting.estimated.then_some(true)),
                    word(met.certainty),
                ])
            }),
            What::FollowUps => self.each_follow_up(allowed, &mut |contact, follow| {
                if go_data {
                    return out(godata::follow_up(contact, follow));
                }
                let degrees = follow.temperature.map(|tenths| f64::from(tenths) / 10.0);
                out(vec![
                    Cell::Text(contact.to_owned()),
                    Cell::Date(follow.day),
                    word(Some(follow.status)),
                    degrees.map_or(Cell::Empty, Cell::Float),
                    symptoms(follow.symptoms.iter()),
                ])
            }),
            What::LabResults => self.each_page_of_cases(allowed.area, &mut |rows| {
                for row in rows {
                    let samples = self
                        .store
                        .read(|c| Ok(investigation::samples_of(c, row.case)?))?;
                    let number = case_number(Some(&row.details), row.case);
                    for sample in samples {
                        if go_data {
                            out(godata::sample(&number, &sample))?;
                            continue;
                        }
                        out(vec![
                            Cell::Text(sample.sample.to_string()),
                            Cell::Text(number.clone()),
                            Cell::Date(sample.day),
                            text(sample.number.as_deref()),
                            word(sample.kind),
                            word(sample.test),
                            text(sample.laboratory.as_deref()),
                            day(sample.delivered),
                            word(sample.result),
                            day(sample.result_day),
                        ])?;
                    }
                }
                Ok(())
            }),
            What::Chains => self.each_node(allowed, out),
        }
    }

    pub(super) fn number_of_case(&self, case: CaseId) -> Result<String, Refusal> {
        let row = self.store.read(|c| Ok(cases::get(c, case)?))?;
        Ok(case_number(row.as_ref().map(|row| &row.details), case))
    }

    /// Contacts of an area: of each case, and then those on lists who are of none; `once` each person once only.
    pub(super) fn each_contact(
        &self,
        allowed: &Allowed,
        once: bool,
        see: &mut dyn FnMut(&ContactOut, &PersonalData) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let filter = ContactFilter {
            area: Some(allowed.area),
            ..ContactFilter::default()
        };
        let mut seen: HashSet<PersonId> = HashSet::new();
        let mut after = None;
        loop {
            let rows = self
                .store
                .read(|c| contacts::list(c, &filter, after, PAGE))?;
            let of: Vec<_> = rows.iter().map(|row| Some(row.person)).collect();
            let data = self.data_of(allowed, &of)?;
            let (read, last) = (rows.len(), rows.last().map(|row| row.id));
            for (row, data) in rows.into_iter().zip(data) {
                if !seen.insert(row.person) && once {
                    continue;
                }
                let listed = self
                    .store
                    .read(|c| Ok(contacts::listed_as(c, row.person)?))?;
                // Another system knows that somebody became a case whose report may not be here.
                let there = listed.and_then(|listed| listed.status);
                let status = match there {
                    Some(ContactStatus::BecameCase) if row.status.is_open() => there,
                    _ => Some(row.status),
                };
                let contact = ContactOut {
                    number: number_of(&row.details, row.person),
                    person: row.person,
                    case: Some(row.case),
                    area: row.area,
                    details: row.details.clone(),
                    status,
                    row: Some(row),
                };
                see(&contact, &data)?;
            }
            after = last;
            if read < PAGE {
                break;
            }
        }
        let mut after = 0;
        loop {
            let rows = self
                .store
                .read(|c| contacts::listed_within(c, allowed.area, after, PAGE))?;
            let of: Vec<_> = rows.iter().map(|row| Some(row.person)).collect();
            let data = self.data_of(allowed, &of)?;
            let read = rows.len();
            for (row, data) in rows.into_iter().zip(data) {
                after = row.id;
                if !seen.insert(row.person) {
                    continue;
                }
                let contact = ContactOut {
                    number: number_of(&row.details, row.person),
                    person: row.person,
                    case: None,
                    area: row.area,
                    details: row.details,
                    status: row.status,
                    row: None,
                };
                see(&contact, &data)?;
            }
            if read < PAGE {
                return Ok(());
            }
        }
    }

    /// Meetings of contacts with cases, and of cases with cases whom they infected. A contact who became a case may be
    /// both; such a meeting goes out once.
    pub(super) fn each_meeting(
        &self,
        allowed: &Allowed,
        see: &mut dyn FnMut(&MetOut) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut linked: HashSet<(String, String, Option<Date>)> = HashSet::new();
        let mut after = 0;
        loop {
            let rows = self
                .store
                .read(|c| links::within(c, allowed.area, after, PAGE))?;
            let read = rows.len();
            for link in rows {
                after = link.seq;
                let met = MetOut {
                    case: self.number_of_case(link.infector)?,
                    contact: self.number_of_case(link.infectee)?,
                    met: link.met,
                    met_first: None,
                    meeting: link.meeting,
                    certainty: Some(link.certainty),
                };
                linked.insert((met.case.clone(), met.contact.clone(), met.met));
                see(&met)?;
            }
            if read < PAGE {
                break;
            }
        }
        self.each_contact(allowed, false, &mut |contact, _| {
            let Some(row) = &contact.row else {
                return Ok(());
            };
            let case = self.number_of_case(row.case)?;
            let exposures: Vec<Exposure> = self
                .store
                .read(|c| Ok(contacts::exposures(c, row.contact)?))?;
            for exposure in exposures {
                let key = (case.clone(), contact.number.clone(), exposure.met);
                if linked.contains(&key) {
                    continue;
                }
                see(&MetOut {
                    case: case.clone(),
                    contact: contact.number.clone(),
                    met: exposure.met,
                    met_first: exposure.met_first,
                    meeting: exposure.meeting,
                    certainty: exposure.certainty,
                })?;
            }
            Ok(())
        })
    }

    /// Follow-up of contacts; of somebody who is a contact of several cases each once.
    pub(super) fn each_follow_up(
        &self,
        allowed: &Allowed,
        see: &mut dyn FnMut(&str, &Follow) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut seen: HashSet<(PersonId, Date, usize)> = HashSet::new();
        self.each_contact(allowed, false, &mut |contact, _| {
            let Some(row) = &contact.row else {
                return Ok(());
            };
            let follows = self
                .store
                .read(|c| Ok(contacts::follows(c, row.contact, PAGE)?))?;
            for follow in follows.iter().rev() {
                if seen.insert((contact.person, follow.day, follow.status.index())) {
                    see(&contact.number, follow)?;
                }
            }
            Ok(())
        })
    }
}
