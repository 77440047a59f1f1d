//! Answers, as they are shown and written to files.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use lianfang_core::contacts::ContactClass;
use lianfang_core::facts::{Body, PersonLooked};
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::people::PersonalData;
use lianfang_core::places::PlaceId;
use lianfang_core::words::Word;
use lianfang_intake::export::{Cell, write_csv};
use lianfang_store::Batch as StoreBatch;
use lianfang_store::views::places::{self, PlaceRow};
use lianfang_visits::{Meeting, Minute};
use serde::Serialize;

use super::{Found, TraceAsked, Traced};
use crate::{Actor, House, Refusal};

/// Somebody whose contacts were asked for.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TracedShown {
    /// Who.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// Their name, masked.
    pub name: Option<String>,
    /// The case, if they are one.
    #[schema(value_type = Option<String>)]
    pub case: Option<CaseId>,
    /// From when their meetings count.
    pub from: String,
    /// Until when.
    pub until: String,
}

/// A meeting.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MeetingTraced {
    /// The place's code.
    pub place: String,
    /// Its name.
    pub name: String,
    /// The first minute together.
    pub from: String,
    /// The minute after the last.
    pub until: String,
    /// Minutes together.
    pub minutes: u32,
    /// Whom they met: the case, or in the second order its contact. None where a place was asked
    /// for.
    #[schema(value_type = Option<String>)]
    pub case: Option<PersonId>,
}

/// Somebody who was there.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ContactTraced {
    /// Who.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// Their name, masked, or whole where that was asked for and allowed; none where there is none
    /// on record.
    pub name: Option<String>,
    /// How a source of visits names them; only where whole names are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Minutes together, each times its place's weight.
    pub risk: f64,
    /// Minutes together.
    pub minutes: u32,
    /// At how many places.
    pub places: u32,
    /// The first minute together.
    pub first: String,
    /// The minute after the last.
    pub last: String,
    /// 1 met a case, 2 met somebody who did, 0 was at a place that was asked for.
    pub order: u8,
    /// What the pack's rules make of it; none where no case on record stands behind it.
    pub class: Option<ContactClass>,
    /// The meetings.
    pub meetings: Vec<MeetingTraced>,
}

/// Who was where those asked for were.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TraceAnswer {
    /// Whose contacts these are.
    pub traced: Vec<TracedShown>,
    /// The contacts: by order, those of the highest risk first.
    pub contacts: Vec<ContactTraced>,
    /// How many people were found, shown or not.
    pub people_met: usize,
    /// Somebody or some meetings are left out. Ask for less time, or for more.
    pub truncated: bool,
}

impl House {
    pub(super) fn answer(
        &self,
        actor: &Actor,
        asked: &TraceAsked,
        traced: &[Traced],
        found: &[Found],
        reason: &str,
    ) -> Result<TraceAnswer, Refusal> {
        let whole = asked.names && actor.is_house();
        let mut people: Vec<PersonId> = traced.iter().map(|traced| traced.person).collect();
        let met = found.iter().flat_map(|found| &found.trace.contacts);
        people.extend(met.map(|contact| contact.person));
        let opened = self.opened(people)?;
        if whole {
            self.record_names(actor, found, reason)?;
        }
        let mut places = HashMap::new();
        let mut contacts = Vec::new();
        for found in found {
            for (contact, class) in found.trace.contacts.iter().zip(&found.classes) {
                let data = opened.get(&contact.person);
                let meetings = found.trace.meetings_of(contact);
                contacts.push(ContactTraced {
                    person: contact.person,
                    name: data.and_then(|data| {
                        if whole {
                            data.name.clone()
                        } else {
                            data.masked_name()
                        }
                    }),
                    code: data.filter(|_| whole).and_then(|data| {
                        let known = [&data.code, &data.document, &data.phone];
                        known.into_iter().flatten().next().cloned()
                    }),
                    risk: (contact.risk * 1e3).round() / 1e3,
                    minutes: contact.minutes,
                    places: contact.places,
                    first: self.minute_shown(contact.first),
                    last: self.minute_shown(contact.last),
                    order: found.order,
                    class: *class,
                    meetings: meetings
                        .iter()
                        .map(|meeting| self.meeting_shown(meeting, found.order, &mut places))
                        .collect::<Result<_, _>>()?,
                });
            }
        }
        let left_out = |found: &Found| {
            found.trace.truncated || found.trace.people_met > found.trace.contacts.len()
        };
        Ok(TraceAnswer {
            traced: traced
                .iter()
                .map(|traced| TracedShown {
                    person: traced.person,
                    name: opened
                        .get(&traced.person)
                        .and_then(PersonalData::masked_name),
                    case: traced.case.map(|case| case.case),
                    from: self.minute_shown(traced.span.from),
                    until: self.minute_shown(traced.span.until),
                })
                .collect(),
            people_met: found.iter().map(|found| found.trace.people_met).sum(),
            truncated: found.iter().any(left_out),
            contacts,
        })
    }

    fn opened(&self, people: Vec<PersonId>) -> Result<HashMap<PersonId, PersonalData>, Refusal> {
        let people: HashSet<PersonId> = people.into_iter().collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let data = self.store.open_people(&people)?;
        Ok(people
            .into_iter()
            .zip(data)
            .filter_map(|(person, data)| Some((person, data?)))
            .collect())
    }

    /// Whoever is shown by name was looked at.
    fn record_names(&self, actor: &Actor, found: &[Found], reason: &str) -> Result<(), Refusal> {
        for found in found {
            let looked = found.trace.contacts.iter().map(|contact| {
                let body = Body::PersonLooked(PersonLooked {
                    person: contact.person,
                    reason: reason.to_owned(),
                });
                self.draft(actor, self.store.root(), body)
            });
            self.store.append(StoreBatch::of(looked))?;
        }
        Ok(())
    }

    fn minute_shown(&self, minute: Minute) -> String {
        self.store.utc_offset().rfc3339(minute.timestamp())
    }

    fn meeting_shown(
        &self,
        meeting: &Meeting,
        order: u8,
        known: &mut HashMap<PlaceId, Option<PlaceRow>>,
    ) -> Result<MeetingTraced, Refusal> {
        let row = match known.entry(meeting.place) {
            Entry::Occupied(row) => row.into_mut(),
            Entry::Vacant(none) => {
                let place = meeting.place;
                none.insert(self.store.read(|c| Ok(places::place(c, place)?))?)
            }
        };
        let row = row.as_ref();
        let number = meeting.place.to_string();
        Ok(MeetingTraced {
            place: row.map_or_else(|| number.clone(), |row| row.code.to_string()),
            name: row.map_or(number, |row| row.name.clone()),
            from: self.minute_shown(meeting.from),
            until: self.minute_shown(meeting.until),
            minutes: meeting.minutes(),
            case: (order > 0).then_some(meeting.case),
        })
    }
}

const HEADER: &[&str] = &[
    "person", "risk", "minutes", "places", "first", "last", "order", "class",
];
const WITH_NAMES: &[&str] = &[
    "person", "risk", "minutes", "places", "first", "last", "order", "class", "name", "code",
];

/// The contacts as a table; with names where they were asked for.
pub fn trace_csv(answer: &TraceAnswer, names: bool) -> Result<Vec<u8>, Refusal> {
    let text = |text: Option<&String>| text.cloned().map_or(Cell::Empty, Cell::Text);
    let rows = answer.contacts.iter().map(|contact| {
        let mut row = vec![
            Cell::Text(contact.person.to_string()),
            Cell::Float(contact.risk),
            Cell::Int(contact.minutes.into()),
            Cell::Int(contact.places.into()),
            Cell::Text(contact.first.clone()),
            Cell::Text(contact.last.clone()),
            Cell::Int(contact.order.into()),
            contact
                .class
                .map_or(Cell::Empty, |class| Cell::Text(class.word().to_owned())),
        ];
        if names {
            row.extend([text(contact.name.as_ref()), text(contact.code.as_ref())]);
        }
        row
    });
    let mut out = Vec::new();
    let header = if names { WITH_NAMES } else { HEADER };
    write_csv(&mut out, header, rows).map_err(|error| Refusal::Pack(error.to_string()))?;
    // For programs that read it from a pipe, without the mark that spreadsheets like.
    match out.strip_prefix("\u{feff}".as_bytes()) {
        Some(plain) => Ok(plain.to_vec()),
        None => Ok(out),
    }
}
