//! What the pack makes of meetings.

use std::collections::HashMap;

use jiff::civil::Date;
use lianfang_core::contacts::ContactClass;
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::places::PlaceKind;
use lianfang_core::time::{UtcOffset, day_number};
use lianfang_policy::{ContactEvidence, Pack, VisitsSettings};
use lianfang_visits::{Meeting, Minute};

use super::super::register::Counted;
use super::{KnownCase, Traced};
use crate::policy::Policy;
use crate::{House, Refusal};

/// Days between a meeting and first symptoms beyond which the evidence does not count.
const FARTHEST: i32 = 60;
/// Minutes together beyond which the evidence does not count.
const LONGEST: u32 = 1_440;

/// Judges meetings with some cases.
pub(super) struct Judge<'a> {
    pack: &'a Pack,
    settings: &'a VisitsSettings,
    counted: &'a Counted,
    cases: HashMap<PersonId, KnownCase>,
    today: Date,
    offset: UtcOffset,
}

/// A judgement, and what it is made on.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) class: ContactClass,
    pub(super) evidence: ContactEvidence,
    pub(super) meeting: Meeting,
    /// The case that stands behind it.
    pub(super) case: CaseId,
    /// Whom they met, where that was a contact of the case.
    pub(super) through: Option<PersonId>,
}

/// What the pack makes of somebody, and the meeting on which it does; none where no meeting counts.
#[derive(Debug, Clone)]
pub(super) struct Judgement {
    pub(super) class: ContactClass,
    pub(super) by: Option<Judged>,
}

impl From<Judged> for Judgement {
    fn from(judged: Judged) -> Self {
        Self {
            class: judged.class,
            by: Some(judged),
        }
    }
}

/// What is known of one meeting.
type Known = (ContactEvidence, Meeting, CaseId, Option<PersonId>);

impl<'a> Judge<'a> {
    pub(super) fn new(
        house: &House,
        policy: &'a Policy,
        counted: &'a Counted,
        traced: &[Traced],
    ) -> Result<Self, Refusal> {
        Ok(Self {
            pack: &policy.pack,
            settings: policy.visits()?,
            counted,
            cases: traced
                .iter()
                .filter_map(|traced| Some((traced.person, traced.case?)))
                .collect(),
            today: house.today(),
            offset: house.store().utc_offset(),
        })
    }

    pub(super) fn day_of(&self, minute: Minute) -> Date {
        self.offset.day_of(minute.timestamp())
    }

    fn evidence(&self, case: &KnownCase, meeting: &Meeting) -> ContactEvidence {
        let day = self.day_of(meeting.from);
        let apart = case.reference.map_or(0, |reference| {
            (day_number(reference) - day_number(day)).clamp(-FARTHEST, FARTHEST)
        });
        let kind = self.counted.kind(meeting.place);
        ContactEvidence {
            case: case.standing,
            has_onset: case.onset.is_some(),
            days_before: apart.max(0).unsigned_abs(),
            days_after: apart.min(0).unsigned_abs(),
            isolated: case.isolated.is_some_and(|isolated| day > isolated),
            setting: kind.setting(),
            minutes: Some(meeting.minutes().min(LONGEST)),
            same_room: self.settings.place(kind).same_room,
            ..ContactEvidence::default()
        }
    }

    /// The longest meeting of each case and kind of place: what the rules can tell apart.
    fn longest<'m>(
        &self,
        meetings: &'m [Meeting],
    ) -> HashMap<(PersonId, PlaceKind, Date), &'m Meeting> {
        let mut longest: HashMap<_, &Meeting> = HashMap::new();
        for meeting in meetings {
            let kind = self.counted.kind(meeting.place);
            let key = (meeting.case, kind, self.day_of(meeting.from));
            let kept = longest.entry(key).or_insert(meeting);
            if meeting.minutes() > kept.minutes() {
                *kept = meeting;
            }
        }
        longest
    }

    /// Of some evidence that on which the pack decides most strictly; of equals the longest, then
    /// the first meeting.
    fn strictest(&self, known: impl Iterator<Item = Known>) -> Option<Judged> {
        known
            .map(|(evidence, meeting, case, through)| Judged {
                class: self.pack.decide(&evidence, self.today).outcome,
                evidence,
                meeting,
                case,
                through,
            })
            .max_by_key(|judged| {
                let Meeting {
                    from, place, case, ..
                } = judged.meeting;
                (
                    judged.class,
                    judged.meeting.minutes(),
                    std::cmp::Reverse((from, place, case)),
                )
            })
    }

    /// Judges somebody by their meetings with cases; none where they met no case on record.
    pub(super) fn first(&self, meetings: &[Meeting]) -> Option<Judged> {
        let longest = self.longest(meetings);
        self.strictest(longest.into_values().filter_map(|meeting| {
            let case = self.cases.get(&meeting.case)?;
            Some((self.evidence(case, meeting), *meeting, case.case, None))
        }))
    }

    /// Judges somebody by their meetings with contacts: who met a close one met the case at one
    /// remove; who met another is none.
    pub(super) fn second(
        &self,
        meetings: &[Meeting],
        first: &HashMap<PersonId, &Judged>,
    ) -> Option<Judgement> {
        let known: Vec<_> = self
            .longest(meetings)
            .into_values()
            .filter_map(|meeting| Some((meeting, *first.get(&meeting.case)?)))
            .collect();
        if known.is_empty() {
            return None;
        }
        let close = known.iter().filter_map(|(meeting, judged)| {
            let case = self.cases.get(&judged.meeting.case)?;
            let evidence = ContactEvidence {
                of_contact: true,
                // A contact is not isolated because the case was.
                isolated: false,
                ..self.evidence(case, meeting)
            };
            let through = Some(meeting.case);
            (judged.class == ContactClass::Close)
                .then_some((evidence, **meeting, case.case, through))
        });
        Some(self.strictest(close).map_or(
            Judgement {
                class: ContactClass::None,
                by: None,
            },
            Judgement::from,
        ))
    }
}
