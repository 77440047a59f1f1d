//! Answers, as they are shown and written to files.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use lianfang_core::contacts::ContactClass;
use lianfang_core::facts::{Body, PersonLooked};
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::people::PersonalData;
use lianfang_core::places::{PlaceId, PlaceKind};
use lianfang_core::words::Word;
use lianfang_intake::export::{Cell, write_csv};
use lianfang_store::Batch as StoreBatch;
use lianfang_store::views::places::{self, PlaceRow};
use lianfang_visits::{Meeting, Minute, Snapshot};
use serde::Serialize;

use super::{Found, TraceAsked, Traced, TracedAsContact};
use crate::visits::register::Counted;
use crate::{Actor, House, Refusal};

/// Stays of those who are traced, of all together.
const STAYS: usize = 5_000;

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
    /// Where they were in that time, by time.
    pub stays: Vec<StayTraced>,
}

/// Where somebody was.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct StayTraced {
    /// The place's code.
    pub place: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: PlaceKind,
    /// The first minute.
    pub from: String,
    /// The minute after the last.
    pub until: String,
}

/// A meeting.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MeetingTraced {
    /// The place's code.
    pub place: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: PlaceKind,
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
    /// The case that they are themselves, as far as the asker may read it.
    #[schema(value_type = Option<String>)]
    pub is_case: Option<CaseId>,
    /// What names them as a contact; none where the pack's rules make none of them.
    pub as_contact: Option<TracedAsContact>,
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

/// What was asked, and what was found.
pub(super) struct Shown<'a> {
    pub(super) asked: &'a TraceAsked,
    pub(super) traced: &'a [Traced],
    pub(super) found: &'a [Found],
    pub(super) snapshot: Option<&'a Snapshot>,
    pub(super) counted: &'a Counted,
}

/// Places by number, looked up once.
type KnownPlaces = HashMap<PlaceId, Option<PlaceRow>>;

impl House {
    pub(super) fn answer(
        &self,
        actor: &Actor,
        shown: &Shown<'_>,
        reason: &str,
    ) -> Result<TraceAnswer, Refusal> {
        let Shown {
            asked,
            traced,
            found,
            ..
        } = *shown;
        let whole = asked.names && actor.is_house();
        let mut people: Vec<PersonId> = traced.iter().map(|traced| traced.person).collect();
        let met = found.iter().flat_map(|found| &found.trace.contacts);
        people.extend(met.map(|contact| contact.person));
        let ill = self.cases_among(actor, &people)?;
        let opened = self.opened(people)?;
        if whole {
            self.record_names(actor, found, reason)?;
        }
        let mut places = KnownPlaces::new();
        let mut left = STAYS;
        let traced = traced
            .iter()
            .map(|traced| {
                Ok(TracedShown {
                    person: traced.person,
                    name: opened
                        .get(&traced.person)
                        .and_then(PersonalData::masked_name),
                    case: traced.case.map(|case| case.case),
                    from: self.minute_shown(traced.span.from),
                    until: self.minute_shown(traced.span.until),
                    stays: self.stays_traced(traced, shown, &mut left, &mut places)?,
                })
            })
            .collect::<Result<_, Refusal>>()?;
        let mut contacts = Vec::new();
        for found in found {
            for (contact, judged) in found.trace.contacts.iter().zip(&found.judged) {
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
                    class: judged.as_ref().map(|judged| judged.class),
                    is_case: ill.get(&contact.person).map(|row| row.case),
                    as_contact: self.as_contact(contact.person, judged.as_ref())?,
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
            traced,
            people_met: found.iter().map(|found| found.trace.people_met).sum(),
            truncated: left == 0 || found.iter().any(left_out),
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

    /// Where somebody who is traced was; of all together so many stays as are `left`.
    fn stays_traced(
        &self,
        traced: &Traced,
        shown: &Shown<'_>,
        left: &mut usize,
        known: &mut KnownPlaces,
    ) -> Result<Vec<StayTraced>, Refusal> {
        let Some(snapshot) = shown.snapshot else {
            return Ok(Vec::new());
        };
        let mut stays = snapshot.stays_of(traced.person, traced.span, shown.counted)?;
        stays.truncate(*left);
        *left -= stays.len();
        stays
            .iter()
            .map(|stay| {
                let (place, name, kind) = self.place_traced(stay.place, known)?;
                Ok(StayTraced {
                    place,
                    name,
                    kind,
                    from: self.minute_shown(stay.from),
                    until: self.minute_shown(stay.until),
                })
            })
            .collect()
    }

    /// A place's code, name and kind; of one that nobody made known its number.
    fn place_traced(
        &self,
        place: PlaceId,
        known: &mut KnownPlaces,
    ) -> Result<(String, String, PlaceKind), Refusal> {
        let row = match known.entry(place) {
            Entry::Occupied(row) => row.into_mut(),
            Entry::Vacant(none) => none.insert(self.store.read(|c| Ok(places::place(c, place)?))?),
        };
        Ok(match row {
            Some(row) => (row.code.to_string(), row.name.clone(), row.kind),
            None => (place.to_string(), place.to_string(), PlaceKind::Other),
        })
    }

    fn meeting_shown(
        &self,
        meeting: &Meeting,
        order: u8,
        known: &mut KnownPlaces,
    ) -> Result<MeetingTraced, Refusal> {
        let (place, name, kind) = self.place_traced(meeting.place, known)?;
        Ok(MeetingTraced {
            place,
            name,
            kind,
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
