//! From a meeting in the log to a contact: what naming it takes, so that one tap is enough.

use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::contacts::{ContactClass, Setting};
use lianfang_core::ids::{CaseId, ContactId, PersonId};
use lianfang_store::views::{contacts, households, places};
use lianfang_visits::Minute;
use serde::Serialize;

use super::judged::{Judged, Judgement};
use crate::{House, Refusal};

/// Somebody of a trace as a contact of a case: what `POST /api/cases/{case}/contacts` takes, with the channel `visits`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TracedAsContact {
    /// The case.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// Where the person is: at home, as far as that is on record, else where they met.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// The day of the meeting that weighs most.
    #[schema(value_type = String, format = Date)]
    pub met: Date,
    /// Where they met.
    pub setting: Setting,
    /// Minutes together in that meeting.
    pub minutes: Option<u32>,
    /// Whether they breathed the air of one room or vehicle.
    pub same_room: bool,
    /// The contact of the case whom they met, in the second order; it is named first.
    #[schema(value_type = Option<String>)]
    pub through: Option<ContactId>,
    /// The contact, where this person is on record as one of the case already.
    #[schema(value_type = Option<String>)]
    pub named: Option<ContactId>,
}

impl House {
    /// What names somebody as a contact; none where the policy makes none of them.
    pub(super) fn as_contact(
        &self,
        person: PersonId,
        judgement: Option<&Judgement>,
    ) -> Result<Option<TracedAsContact>, Refusal> {
        let Some(judged) = judgement.and_then(|judgement| judgement.by.as_ref()) else {
            return Ok(None);
        };
        let Judged {
            class,
            evidence,
            meeting,
            case,
            through,
        } = judged;
        if *class == ContactClass::None {
            return Ok(None);
        }
        let contact = self.contact_id(*case, person);
        let (home, place, known) = self.store.read(|c| {
            Ok((
                households::home_of(c, person)?,
                places::place(c, meeting.place)?,
                contacts::get(c, contact)?,
            ))
        })?;
        let area = home.map(|home| home.area).or(place.map(|place| place.area));
        Ok(Some(TracedAsContact {
            case: *case,
            area: area.unwrap_or(self.store.root()),
            met: self.day_of_minute(meeting.from),
            setting: evidence.setting,
            minutes: evidence.minutes,
            same_room: evidence.same_room,
            through: through.map(|through| self.contact_id(*case, through)),
            named: known.map(|known| known.contact),
        }))
    }

    fn day_of_minute(&self, minute: Minute) -> Date {
        self.store.utc_offset().day_of(minute.timestamp())
    }
}
