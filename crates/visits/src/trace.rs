//! Who was where the cases were, when, and for how long together.
//!
//! A *meeting* is a longest run of minutes in which both were at one place. Somebody who checked in
//! twice, or whose two visits overlap, is there once. Contacts are ranked by risk: minutes
//! together, each counted with the weight of its place.

use std::collections::HashSet;
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use lianfang_core::ids::PersonId;

use crate::error::VisitsError;
use crate::snapshot::{Buffers, Places, Snapshot};
use crate::visit::{MIDNIGHT, Minute, PlaceId, Span};

/// A person whose meetings are asked for, and the time that counts: for a case, that in which they
/// may have infected others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Who.
    pub person: PersonId,
    /// The time that counts.
    pub span: Span,
}

/// How much an answer may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Meetings that are looked at. Each takes 20 bytes in memory.
    pub meetings: usize,
    /// Contacts in the answer.
    pub contacts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            meetings: 10_000_000,
            contacts: 10_000,
        }
    }
}

/// Both were there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Meeting {
    /// The other person.
    pub person: PersonId,
    /// The first minute together.
    pub from: Minute,
    /// The minute after the last.
    pub until: Minute,
    /// Where.
    pub place: PlaceId,
    /// The case whom they met.
    pub case: PersonId,
}

impl Meeting {
    /// Minutes together.
    pub fn minutes(&self) -> u32 {
        self.until.0 - self.from.0
    }
}

/// All that one person had to do with the cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// Who.
    pub person: PersonId,
    /// Minutes together, each times its place's weight.
    pub risk: f64,
    /// Minutes together. Those with two cases at once count twice.
    pub minutes: u32,
    /// At how many places.
    pub places: u32,
    /// The first minute together.
    pub first: Minute,
    /// The minute after the last.
    pub last: Minute,
    /// Where their meetings stand in [`Trace::meetings`].
    pub meetings: Range<usize>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Contacts, those of the highest risk first.
    pub contacts: Vec<Contact>,
    /// Their meetings, contact by contact, each in order of time.
    pub meetings: Vec<Meeting>,
    /// How many people were found. Where there are more than [`Self::contacts`], those of lower
    /// risk are left out.
    pub people_met: usize,
    /// There are more meetings than the limit: some were not looked at, so contacts may be missing
    /// and the ranking is not sure. Ask for less time, or allow more.
    pub truncated: bool,
}

impl Trace {
    /// The meetings of one contact.
    pub fn meetings_of(&self, contact: &Contact) -> &[Meeting] {
        self.meetings
            .get(contact.meetings.clone())
            .unwrap_or_default()
    }
}

/// The case was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CaseStay {
    case: u32,
    place: u32,
    from: i32,
    until: i32,
}

/// A meeting in numbers.
#[derive(Debug, Clone, Copy)]
struct Met {
    person: u32,
    case: u32,
    place: u32,
    from: i32,
    until: i32,
}

/// Stays of cases from which on looking them up is worth another thread.
const WORTH_A_THREAD: usize = 100;

impl Snapshot {
    /// Who met the cases: first order.
    pub fn trace(
        &self,
        cases: &[Case],
        places: &dyn Places,
        limits: Limits,
    ) -> Result<Trace, VisitsError> {
        self.trace_without(cases, &HashSet::new(), places, limits)
    }

    /// Who met the contacts of the cases, from each contact's first meeting on, up to the end of
    /// the cases' time: second order. Cases and first contacts themselves are left out; the
    /// meetings' `case` is the contact.
    pub fn second_order(
        &self,
        cases: &[Case],
        first: &Trace,
        places: &dyn Places,
        limits: Limits,
    ) -> Result<Trace, VisitsError> {
        let Some(until) = cases.iter().map(|case| case.span.until).max() else {
            return self.trace(&[], places, limits);
        };
        let contacts: Vec<Case> = first
            .contacts
            .iter()
            .map(|contact| Case {
                person: contact.person,
                span: Span {
                    from: contact.first,
                    until,
                },
            })
            .collect();
        let known = cases.iter().chain(&contacts);
        let known = known
            .filter_map(|case| self.names.person_number(case.person))
            .collect();
        let mut second = self.trace_without(&contacts, &known, places, limits)?;
        second.truncated |= first.truncated || first.people_met > first.contacts.len();
        Ok(second)
    }

    fn trace_without(
        &self,
        cases: &[Case],
        known: &HashSet<u32>,
        places: &dyn Places,
        limits: Limits,
    ) -> Result<Trace, VisitsError> {
        let stays = self.stays_of_cases(cases, places)?;
        let search = |stays: &[CaseStay], counted: &AtomicUsize| {
            self.met_at(stays, known, places, limits, counted)
        };
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get) * 2;
        let share = stays.len().div_ceil(threads).max(WORTH_A_THREAD);
        let counted = AtomicUsize::new(0);
        let mut met = std::thread::scope(|scope| {
            let (own, others) = stays.split_at(share.min(stays.len()));
            let others = others.chunks(share);
            let running: Vec<_> = others
                .map(|stays| scope.spawn(|| search(stays, &counted)))
                .collect();
            let mut met = search(own, &counted)?;
            for thread in running {
                met.append(&mut thread.join().map_err(|_| VisitsError::Halted)??);
            }
            Ok::<_, VisitsError>(met)
        })?;
        let truncated = counted.into_inner() > limits.meetings;
        if truncated && stays.len() > share {
            // Which meetings are looked at must not hang on which thread was first.
            met = search(&stays, &AtomicUsize::new(0))?;
        }
        met.truncate(limits.meetings);
        Ok(self.rank(met, truncated, places, limits))
    }

    /// Who was there at some stays, until more than the limit are `counted`.
    fn met_at(
        &self,
        stays: &[CaseStay],
        known: &HashSet<u32>,
        places: &dyn Places,
        limits: Limits,
        counted: &AtomicUsize,
    ) -> Result<Vec<Met>, VisitsError> {
        let mut met: Vec<Met> = Vec::new();
        let mut buffers = Buffers::default();
        for stay in stays {
            let Some(place) = self.names.place(stay.place) else {
                continue;
            };
            let before = met.len();
            let usual = places.usual_stay(place);
            let minutes = stay.from..stay.until;
            // Two more than the limit: the case's own visit, and the one that is too many.
            let most = limits.meetings.saturating_add(2);
            let more = self.each_stay_at(
                stay.place,
                &minutes,
                usual,
                most,
                &mut buffers,
                |person, minutes| {
                    if person != stay.case && !known.contains(&person) {
                        met.push(Met {
                            person,
                            case: stay.case,
                            place: stay.place,
                            from: minutes.start,
                            until: minutes.end,
                        });
                    }
                },
            )?;
            let new = if more {
                limits.meetings.saturating_add(1)
            } else {
                met.len() - before
            };
            if counted
                .fetch_add(new, Ordering::Relaxed)
                .saturating_add(new)
                > limits.meetings
            {
                break;
            }
        }
        Ok(met)
    }

    /// Where the cases were, each minute once, in the order in which files hold it.
    fn stays_of_cases(
        &self,
        cases: &[Case],
        places: &dyn Places,
    ) -> Result<Vec<CaseStay>, VisitsError> {
        let mut numbers: Vec<(u32, &Case)> = cases
            .iter()
            .filter_map(|case| Some((self.names.person_number(case.person)?, case)))
            .collect();
        numbers.sort_unstable_by_key(|(number, case)| (*number, case.span.from));
        let mut stays: Vec<CaseStay> = Vec::new();
        let mut buffers = Buffers::default();
        for (number, case) in numbers {
            let minutes = self.local(case.span);
            self.each_stay_of(number, &minutes, places, &mut buffers, |place, minutes| {
                stays.push(CaseStay {
                    case: number,
                    place,
                    from: minutes.start,
                    until: minutes.end,
                });
            })?;
        }
        // The same person may be asked for twice.
        stays.sort_unstable_by_key(|stay| (stay.case, stay.place, stay.from));
        stays.dedup_by(|later, kept| {
            let one =
                (later.case, later.place) == (kept.case, kept.place) && later.from <= kept.until;
            if one {
                kept.until = kept.until.max(later.until);
            }
            one
        });
        stays.sort_unstable_by_key(|stay| (stay.from.div_euclid(MIDNIGHT), stay.place, stay.from));
        Ok(stays)
    }

    fn rank(
        &self,
        mut met: Vec<Met>,
        truncated: bool,
        places: &dyn Places,
        limits: Limits,
    ) -> Trace {
        met.sort_unstable_by_key(|met| (met.person, met.place, met.from, met.case));
        let mut ranked: Vec<(Contact, &[Met])> = met
            .chunk_by(|a, b| a.person == b.person)
            .filter_map(|meetings| Some((self.contact(meetings, places)?, meetings)))
            .collect();
        let people_met = ranked.len();
        ranked.sort_unstable_by(|(a, _), (b, _)| {
            let risk = b.risk.total_cmp(&a.risk);
            risk.then(b.minutes.cmp(&a.minutes))
                .then(a.person.cmp(&b.person))
        });
        ranked.truncate(limits.contacts);
        let mut trace = Trace {
            contacts: Vec::with_capacity(ranked.len()),
            meetings: Vec::with_capacity(ranked.iter().map(|(_, meetings)| meetings.len()).sum()),
            people_met,
            truncated,
        };
        for (mut contact, meetings) in ranked {
            let start = trace.meetings.len();
            trace.meetings.extend(
                meetings
                    .iter()
                    .filter_map(|met| self.meeting(contact.person, met)),
            );
            trace.meetings[start..].sort_unstable();
            contact.meetings = start..trace.meetings.len();
            trace.contacts.push(contact);
        }
        trace
    }

    /// What meetings of one person, place by place, come to.
    fn contact(&self, meetings: &[Met], places: &dyn Places) -> Option<Contact> {
        let person = self.names.person(meetings.first()?.person)?;
        let mut contact = Contact {
            person,
            risk: 0.0,
            minutes: 0,
            places: 0,
            first: Minute::LAST,
            last: Minute(0),
            meetings: 0..0,
        };
        for at_one_place in meetings.chunk_by(|a, b| a.place == b.place) {
            let minutes: i32 = at_one_place.iter().map(|met| met.until - met.from).sum();
            let place = self.names.place(at_one_place.first()?.place)?;
            contact.places += 1;
            contact.minutes += minutes as u32;
            contact.risk += f64::from(minutes) * places.weight(place);
        }
        for met in meetings {
            contact.first = contact.first.min(Minute::from_local(met.from, self.offset));
            contact.last = contact.last.max(Minute::from_local(met.until, self.offset));
        }
        Some(contact)
    }

    fn meeting(&self, person: PersonId, met: &Met) -> Option<Meeting> {
        Some(Meeting {
            person,
            from: Minute::from_local(met.from, self.offset),
            until: Minute::from_local(met.until, self.offset),
            place: self.names.place(met.place)?,
            case: self.names.person(met.case)?,
        })
    }
}
