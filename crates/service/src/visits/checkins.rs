//! Check-ins, as they come from codes that are scanned: a batch, durable before it is answered.

use std::collections::HashMap;

use jiff::Timestamp;
use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::places::PlaceId;
use lianfang_core::text::Text;
use lianfang_store::views::places as view;
use lianfang_visits::{Batch, Bounds, Minute, Refusal as Refused, Visit};
use serde::{Deserialize, Serialize};

use super::log::first_kept;
use super::people::{Named, named};
use crate::places::code_of;
use crate::policy::Policy;
use crate::{Actor, House, Refusal};

/// Check-ins of one request.
const MOST: usize = 10_000;

/// Somebody came to a place.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// The code on the place's sign.
    pub place: String,
    /// Who: a person's id, a document, a phone, or how else the source names them.
    pub person: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when, where that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// What became of a check-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CheckInAnswer {
    /// Whether it is in the visit log.
    pub taken: bool,
    /// The field that is not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
}

/// What became of each check-in, in the same order.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CheckInsAnswer {
    /// How many were taken.
    pub taken: usize,
    /// Each.
    pub answers: Vec<CheckInAnswer>,
}

impl CheckInAnswer {
    fn of(verdict: Result<(), (&'static str, Text)>) -> Self {
        let refused = verdict.err();
        Self {
            taken: refused.is_none(),
            field: refused.as_ref().map(|(field, _)| *field),
            message: refused.map(|(_, message)| message),
        }
    }
}

impl House {
    /// What visits must keep to now.
    pub(crate) fn visit_bounds(&self, policy: &Policy) -> Result<Bounds, Refusal> {
        let settings = policy.visits()?;
        Ok(Bounds {
            now: Minute::of(self.now()).unwrap_or(Minute::LAST),
            kept_from: first_kept(self.today(), settings.keep_days),
            longest_stay: settings.longest_stay_minutes,
            offset: self.store.utc_offset(),
        })
    }

    /// Takes check-ins at places of the asker's areas, each for itself. Durable when it returns.
    /// Sending a check-in twice is harmless.
    pub fn check_in(&self, actor: &Actor, given: &[CheckIn]) -> Result<CheckInsAnswer, Refusal> {
        let area = actor
            .area_of(Right::KeepGate)
            .map(|area| {
                if area == AreaCode::COUNTRY {
                    self.store.root()
                } else {
                    area
                }
            })
            .ok_or(Refusal::Forbidden)?;
        if given.len() > MOST {
            return Err(Refusal::invalid(
                "visits",
                format!("Send at most {MOST} at a time."),
                format!("每次最多{MOST}条。"),
            ));
        }
        let policy = self.policy()?;
        let bounds = self.visit_bounds(&policy)?;
        let mut places: HashMap<&str, Result<PlaceId, (&'static str, Text)>> = HashMap::new();
        let mut named_here = Named::default();
        let mut visits = Vec::with_capacity(given.len());
        let mut answers = Vec::with_capacity(given.len());
        for one in given {
            let place = if let Some(place) = places.get(one.place.as_str()) {
                place.clone()
            } else {
                let place = self.place_to_visit(actor, &one.place)?;
                places.insert(&one.place, place.clone());
                place
            };
            let visit = place.and_then(|place| {
                let who = named(&one.person).map_err(|refusal| ("person", refusal.message()))?;
                let minute = |moment| {
                    let message = || Text::new("No such time.", "时间无效。");
                    Minute::of(moment).ok_or_else(|| ("from", message()))
                };
                let visit = Visit {
                    person: named_here.note(&self.store, &who),
                    place,
                    from: minute(one.from)?,
                    until: one.until.map(minute).transpose()?,
                };
                bounds.check(&visit).map_err(why)?;
                Ok(visit)
            });
            answers.push(CheckInAnswer::of(
                visit.as_ref().map(|_| ()).map_err(Clone::clone),
            ));
            visits.extend(visit.ok());
        }
        named_here.settle(&self.store, false)?;
        let taken = visits.len();
        for visit in &mut visits {
            visit.person = named_here.known(visit.person);
        }
        if taken > 0 {
            let (batch, _) = Batch::checked(&mut visits.into_iter(), &bounds, |_| true);
            self.take_visits(actor, area, batch)?;
        }
        Ok(CheckInsAnswer { taken, answers })
    }

    /// The place of a code, if it is known and within the asker's areas.
    fn place_to_visit(
        &self,
        actor: &Actor,
        code: &str,
    ) -> Result<Result<PlaceId, (&'static str, Text)>, Refusal> {
        let code = match code_of(code) {
            Ok(code) => code,
            Err(refusal) => return Ok(Err(("place", refusal.message()))),
        };
        let row = self
            .store
            .read(|c| Ok(view::place(c, PlaceId::of(&code))?))?
            .filter(|row| row.code == code && actor.may(Right::KeepGate, row.area));
        Ok(row.map(|row| row.place).ok_or_else(|| {
            let message = Text::new(
                "No place of your areas has this code. Register it first.",
                "辖区内没有此场所码，请先登记场所。",
            );
            ("place", message)
        }))
    }
}

/// Why a visit is refused: the field, and what would be accepted.
pub(crate) fn why(refused: Refused) -> (&'static str, Text) {
    match refused {
        Refused::InFuture => (
            "time",
            Text::new(
                "lies in the future; give the time of the visit",
                "时间在将来；请填写到访时间",
            ),
        ),
        Refused::EndsInFuture => (
            "until",
            Text::new(
                "lies in the future; leave it out while the visit goes on",
                "离开时间在将来；尚未离开的请留空",
            ),
        ),
        Refused::EndsBeforeItBegins => (
            "until",
            Text::new(
                "lies before the time of coming; give the time of leaving, or leave it out",
                "离开早于到达；请填写离开时间或留空",
            ),
        ),
        Refused::TooLong(most) => (
            "until",
            Text::new(
                format!("the stay is longer than {most} minutes; check both times"),
                format!("停留超过{most}分钟；请核对两个时间"),
            ),
        ),
        Refused::NoLongerKept(first) => (
            "time",
            Text::new(
                format!("lies before {first}, the first day of which visits are kept"),
                format!("早于{first}，到访记录自该日起保存"),
            ),
        ),
        Refused::UnknownPlace => (
            "place",
            Text::new(
                "is not registered; register it first",
                "场所未登记；请先登记",
            ),
        ),
    }
}
