//! What is asked: whose contacts, at which places, in which time.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::Classification;
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::passes::CaseStanding;
use lianfang_core::places::PlaceId;
use lianfang_core::time::UtcOffset;
use lianfang_store::views::cases::{self, CaseFilter, CaseOrder, CaseRow};
use lianfang_store::views::{contacts, entry, households, passes, places, quarantine};
use lianfang_visits::{Minute, Span};
use serde::Deserialize;

use super::{KnownCase, Traced};
use crate::places::code_of;
use crate::policy::Policy;
use crate::{Actor, House, Refusal};

/// Cases of one person that are looked at.
const OF_PERSON: usize = 50;

/// A day, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The whole day, by the ledger's clock.
    Day(Date),
    /// That moment.
    Moment(Timestamp),
}

/// Text that is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("takes a day, 2020-02-09, or a moment, 2020-02-09T08:30:00+08:00")]
pub struct WhenError;

impl FromStr for When {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        match text.len() {
            10 => text.parse().map(Self::Day).map_err(|_| WhenError),
            _ => text.parse().map(Self::Moment).map_err(|_| WhenError),
        }
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl When {
    /// Its first moment.
    fn begins(self, offset: UtcOffset) -> Timestamp {
        match self {
            Self::Day(day) => offset.start_of(day),
            Self::Moment(moment) => moment,
        }
    }

    /// The moment after it.
    fn ends(self, offset: UtcOffset) -> Timestamp {
        match self {
            Self::Day(day) => day
                .tomorrow()
                .map_or(Timestamp::MAX, |next| offset.start_of(next)),
            Self::Moment(moment) => moment,
        }
    }
}

/// Whose contacts, and in which time.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceAsked {
    /// People: by id, document, phone, or the code that a source has for them.
    #[serde(default)]
    pub people: Vec<String>,
    /// Cases of the line list.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub cases: Vec<CaseId>,
    /// Places by code: who was there. A vehicle is a place.
    #[serde(default)]
    pub places: Vec<String>,
    /// From this day or moment on; for a case else from the days before its first symptoms that the
    /// pack names, for others from the first day that is kept.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Option<When>,
    /// Up to this day or moment; for a case else its admission to hospital, for others now.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Option<When>,
    /// 1: who met the case. 2: also who met those.
    #[serde(default = "first")]
    pub order: u8,
    /// Why, in 5 to 200 characters. It is recorded.
    pub reason: String,
    /// Whether names are shown whole; only to the operator at the machine.
    #[serde(skip)]
    pub names: bool,
    /// Contacts of an answer at most.
    #[serde(default = "some")]
    pub limit: usize,
}

fn first() -> u8 {
    1
}

/// Contacts of an answer unless more are asked for.
fn some() -> usize {
    500
}

impl Default for TraceAsked {
    fn default() -> Self {
        Self {
            people: Vec::new(),
            cases: Vec::new(),
            places: Vec::new(),
            from: None,
            to: None,
            order: first(),
            reason: String::new(),
            names: false,
            limit: some(),
        }
    }
}

impl House {
    fn span(from: Timestamp, until: Timestamp) -> Result<Span, Refusal> {
        let minute = |moment: Timestamp| {
            Minute::of(moment.max(Timestamp::UNIX_EPOCH)).unwrap_or(Minute::LAST)
        };
        if from >= until {
            return Err(Refusal::invalid(
                "to",
                "The time asked for ends before it begins.",
                "查询的结束时间早于开始时间。",
            ));
        }
        Ok(Span {
            from: minute(from),
            until: minute(until),
        })
    }

    /// The time asked for, of a person or place.
    pub(super) fn span_of(&self, asked: &TraceAsked, policy: &Policy) -> Result<Span, Refusal> {
        let offset = self.store.utc_offset();
        let kept = super::super::log::first_kept(self.today(), policy.visits()?.keep_days);
        Self::span(
            asked
                .from
                .map_or_else(|| offset.start_of(kept), |from| from.begins(offset)),
            asked.to.map_or_else(
                || When::Day(self.today()).ends(offset),
                |to| to.ends(offset),
            ),
        )
    }

    /// The time of a case: from the days before its first symptoms that the pack names up to its
    /// admission to hospital, that day included, or today.
    fn span_of_case(
        &self,
        asked: &TraceAsked,
        policy: &Policy,
        known: &KnownCase,
    ) -> Result<Span, Refusal> {
        let offset = self.store.utc_offset();
        let before = &policy.visits()?.trace_before;
        let days = policy
            .pack
            .numbers
            .get(before)
            .map_or(0.0, |days| days.value);
        let from = match (asked.from, known.reference) {
            (Some(from), _) => from.begins(offset),
            (None, Some(day)) => offset.start_of(
                day.checked_sub((days as i64).days())
                    .unwrap_or(Date::MIN.max(day)),
            ),
            (None, None) => {
                return Err(Refusal::invalid(
                    "from",
                    "The case has no day of first symptoms, sample or report: say from when.",
                    "该病例无发病、采样或报告日期，请指定起始时间。",
                ));
            }
        };
        let to = asked
            .to
            .or(known.isolated.map(When::Day))
            .unwrap_or(When::Day(self.today()));
        Self::span(from, to.ends(offset))
    }

    /// All whose contacts are asked for, each within the asker's rights.
    pub(super) fn traced(
        &self,
        actor: &Actor,
        policy: &Policy,
        asked: &TraceAsked,
    ) -> Result<Vec<Traced>, Refusal> {
        let mut traced = Vec::with_capacity(asked.people.len() + asked.cases.len());
        for text in &asked.people {
            let person = self.person_named(text)?;
            let areas = self.areas_of(person)?;
            let known = self.case_of(person)?;
            let area = areas
                .iter()
                .copied()
                .find(|area| Self::may_look(actor, *area).is_ok());
            // Of whom nothing else is on record is looked at by who may look at anybody here.
            let area = area.or(areas.first().copied()).unwrap_or(self.store.root());
            Self::may_look(actor, area)?;
            traced.push(Traced {
                person,
                area,
                case: known,
                span: self.span_of(asked, policy)?,
            });
        }
        for case in &asked.cases {
            let one = self.traced_case(policy, *case, asked)?;
            Self::may_look(actor, one.area)?;
            traced.push(one);
        }
        Ok(traced)
    }

    /// A case whose contacts are asked for.
    pub(super) fn traced_case(
        &self,
        policy: &Policy,
        case: CaseId,
        asked: &TraceAsked,
    ) -> Result<Traced, Refusal> {
        let row = self
            .store
            .read(|c| Ok(cases::get(c, case)?))?
            .ok_or(Refusal::NotFound("case"))?;
        let known = known_case(&row);
        let person = row.details.person.ok_or_else(|| {
            Refusal::invalid(
                "cases",
                "The case names nobody: there is no name, document or phone on record by which visits could be found.",
                "该病例未关联人员（无姓名、证件或电话），无法查找到访记录。",
            )
        })?;
        Ok(Traced {
            person,
            area: row.area,
            span: self.span_of_case(asked, policy, &known)?,
            case: Some(known),
        })
    }

    /// The newest case of a person that is none excluded.
    fn case_of(&self, person: PersonId) -> Result<Option<KnownCase>, Refusal> {
        let filter = CaseFilter {
            people: Some(vec![person]),
            ..CaseFilter::default()
        };
        let rows = self
            .store
            .read(|c| cases::list(c, &filter, CaseOrder::Newest, None, OF_PERSON))?;
        Ok(rows
            .iter()
            .find(|row| row.details.classification != Classification::Excluded)
            .map(known_case))
    }

    /// Where somebody is on record: as a case, as an arrival, at home, as a contact, under an order, with a pass.
    pub(crate) fn areas_of(&self, person: PersonId) -> Result<Vec<AreaCode>, Refusal> {
        let of_cases = self.store.read(|c| cases::of_person(c, person))?;
        let of_field = self.store.read(|c| {
            let arrival = match entry::known_as(c, person)? {
                Some(row) => entry::speaker(c, row.entrant)?,
                None => None,
            };
            let home = households::home_of(c, person)?;
            let mut areas = vec![arrival.map(|row| row.area), home.map(|home| home.area)];
            let named = contacts::of_person(c, person)?;
            areas.extend(named.into_iter().map(|contact| Some(contact.area)));
            for order in quarantine::orders_of_person(c, person)? {
                areas.push(quarantine::order(c, order)?.map(|order| order.area));
            }
            if let Some(holder) = passes::holder_of(c, person)? {
                areas.push(passes::pass(c, holder)?.map(|pass| pass.area));
            }
            Ok(areas)
        })?;
        let cases = of_cases.iter().map(|case| case.area);
        Ok(cases.chain(of_field.into_iter().flatten()).collect())
    }

    /// The places asked for, each within the asker's rights.
    pub(super) fn places_asked(
        &self,
        actor: &Actor,
        asked: &TraceAsked,
    ) -> Result<Vec<(PlaceId, AreaCode)>, Refusal> {
        asked
            .places
            .iter()
            .map(|code| {
                let code = code_of(code)?;
                let row = self
                    .store
                    .read(|c| Ok(places::place(c, PlaceId::of(&code))?))?
                    .filter(|row| row.code == code)
                    .ok_or(Refusal::NotFound("place"))?;
                Self::may_look(actor, row.area)?;
                Ok((row.place, row.area))
            })
            .collect()
    }
}

pub(super) fn known_case(row: &CaseRow) -> KnownCase {
    let details = &row.details;
    KnownCase {
        case: row.case,
        standing: match details.classification {
            Classification::Suspected => CaseStanding::Suspected,
            Classification::Clinical => CaseStanding::Clinical,
            Classification::Confirmed => CaseStanding::Confirmed,
            Classification::Asymptomatic => CaseStanding::Asymptomatic,
            Classification::Excluded => CaseStanding::Excluded,
        },
        onset: details.onset,
        reference: details.onset.or(details.sampled).or(details.curve_day()),
        isolated: details.hospitalised,
    }
}
