//! Who was at a place or on a vehicle, and whether a case was there with them.

use std::collections::HashMap;

use lianfang_core::access::Right;
use lianfang_core::ids::PersonId;
use lianfang_core::places::PlaceId;
use lianfang_store::views::cases::{self, CaseRow};
use lianfang_visits::{Contact, Meeting, Places, Snapshot, Span, Trace};

use super::asked::known_case;
use super::judged::{Judge, Judgement};
use super::{Found, Traced};
use crate::policy::Policy;
use crate::visits::register::Counted;
use crate::{Actor, House, Refusal};

/// Visits of a place that are looked at.
const VISITORS: usize = 1_000_000;
/// Visitors among whom cases are looked for.
const AMONG: usize = 100_000;

/// Who was at a place, as a trace without a case: those who were there longest first.
pub(super) fn visitors(
    snapshot: &Snapshot,
    place: PlaceId,
    span: Span,
    counted: &Counted,
) -> Result<Found, Refusal> {
    let there = snapshot.visitors(place, span, counted, VISITORS)?;
    let weight = counted.weight(place);
    let mut contacts: Vec<Contact> = Vec::new();
    let mut meetings = Vec::with_capacity(there.stays.len());
    for stay in &there.stays {
        let meeting = Meeting {
            person: stay.person,
            from: stay.from,
            until: stay.until,
            place,
            case: stay.person,
        };
        meetings.push(meeting);
        match contacts.last_mut() {
            Some(contact) if contact.person == stay.person => {
                contact.minutes += meeting.minutes();
                contact.risk += weight * f64::from(meeting.minutes());
                contact.last = contact.last.max(stay.until);
                contact.meetings.end = meetings.len();
            }
            _ => contacts.push(Contact {
                person: stay.person,
                risk: weight * f64::from(meeting.minutes()),
                minutes: meeting.minutes(),
                places: 1,
                first: stay.from,
                last: stay.until,
                meetings: meetings.len() - 1..meetings.len(),
            }),
        }
    }
    contacts.sort_by(|a, b| b.risk.total_cmp(&a.risk).then(a.person.cmp(&b.person)));
    Ok(Found {
        order: 0,
        judged: Vec::new(),
        trace: Trace {
            people_met: contacts.len(),
            contacts,
            meetings,
            truncated: there.truncated,
        },
    })
}

/// The minutes in which two were there together.
fn together(stay: &Meeting, case: &Meeting) -> Option<Meeting> {
    let (from, until) = (stay.from.max(case.from), stay.until.min(case.until));
    (from < until && stay.person != case.person).then_some(Meeting {
        person: stay.person,
        from,
        until,
        place: stay.place,
        case: case.person,
    })
}

impl House {
    /// Judges visitors of a place by their time there together with visitors who are cases that the asker may read.
    /// Of the visitors `most` are kept.
    pub(super) fn judge_visitors(
        &self,
        actor: &Actor,
        policy: &Policy,
        counted: &Counted,
        found: &mut Found,
        most: usize,
    ) -> Result<(), Refusal> {
        let trace = &mut found.trace;
        trace.truncated |= trace.contacts.len() > AMONG;
        let people: Vec<PersonId> = trace
            .contacts
            .iter()
            .take(AMONG)
            .map(|contact| contact.person)
            .collect();
        let ill = self.cases_among(actor, &people)?;
        let mut traced = Vec::with_capacity(ill.len());
        let mut stays: Vec<Meeting> = Vec::new();
        for contact in &trace.contacts {
            let Some(row) = ill.get(&contact.person) else {
                continue;
            };
            stays.extend_from_slice(trace.meetings_of(contact));
            traced.push(Traced {
                person: contact.person,
                area: row.area,
                case: Some(known_case(row)),
                span: Span {
                    from: contact.first,
                    until: contact.last,
                },
            });
        }
        trace.contacts.truncate(most);
        let judge = Judge::new(self, policy, counted, &traced)?;
        found.judged = found
            .trace
            .contacts
            .iter()
            .map(|contact| {
                let met: Vec<Meeting> = found
                    .trace
                    .meetings_of(contact)
                    .iter()
                    .flat_map(|stay| stays.iter().filter_map(|case| together(stay, case)))
                    .collect();
                judge.first(&met).map(Judgement::from)
            })
            .collect();
        Ok(())
    }

    /// Who of some people is a case that the asker may read: of several reports the newest.
    pub(super) fn cases_among(
        &self,
        actor: &Actor,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, CaseRow>, Refusal> {
        let rows = self
            .store
            .read(|c| Ok(cases::of_people(c, people, usize::MAX)?))?;
        let mut found = HashMap::new();
        for row in rows {
            if let Some(person) = row.details.person
                && row.is_case()
                && actor.may(Right::ReadCases, row.area)
            {
                found.entry(person).or_insert(row);
            }
        }
        Ok(found)
    }
}
