//! The investigation of a case: itinerary, samples, and that it is complete.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::cases::{CaseRecord, SampleKind, TestKind};
use lianfang_core::contacts::Setting;
use lianfang_core::entry::Journey;
use lianfang_core::facts::{
    Body, CaseFact, CaseInvestigated, CaseResulted, CaseSampled, CaseStayRecorded,
};
use lianfang_core::ids::{
    CaseId, FactId, HouseholdId, OrderId, PersonId, SampleId, SiteId, StayId,
};
use lianfang_core::people::PersonalData;
use lianfang_core::places::PlaceId;
use lianfang_core::quarantine::SampleResult;
use lianfang_core::text::{Text, bounded};
use lianfang_store::Batch;
use lianfang_store::views::cases::CaseRow;
use lianfang_store::views::{contacts, households, investigation as view, places, quarantine};
use serde::{Deserialize, Serialize};

use super::checks::optional;
use crate::places::PlaceShown;
use crate::quarantine::site_name;
use crate::{Actor, House, Refusal};

/// A stay to be written down, or as it is known now.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStay {
    /// Made by whoever writes it down (a ULID), so that sending twice is harmless. A new stay has the same id.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// One that is on record, to be corrected.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub stay: Option<StayId>,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// From when.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Until when.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// The area in which the place is.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub area: Option<AreaCode>,
    /// What kind of place it is.
    #[serde(default)]
    pub setting: Option<Setting>,
    /// A quarantine site.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub site: Option<SiteId>,
    /// A household.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub household: Option<HouseholdId>,
    /// A place that people visit, by its number, as text.
    #[serde(default)]
    pub place: Option<String>,
    /// A journey: mode, number, seat with carriage.
    #[serde(default)]
    pub journey: Option<Journey>,
    /// People who were along.
    #[serde(default)]
    pub companions: Option<u16>,
    /// In words: goes into the vault.
    #[serde(default)]
    pub text: Option<String>,
    /// Whether it is taken back.
    #[serde(default)]
    pub withdrawn: bool,
}

/// A stay, as shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct StayShown {
    /// Its id.
    #[schema(value_type = String)]
    pub stay: StayId,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// From when.
    pub from: Option<String>,
    /// Until when.
    pub until: Option<String>,
    /// The area in which the place is.
    pub area: Option<Area>,
    /// What kind of place it is.
    pub setting: Option<Setting>,
    /// A quarantine site.
    #[schema(value_type = Option<String>)]
    pub site: Option<SiteId>,
    /// Its name.
    pub site_name: Option<Text>,
    /// A household.
    #[schema(value_type = Option<String>)]
    pub household: Option<HouseholdId>,
    /// Its door; only for those who go from door to door there.
    pub door: Option<String>,
    /// A place that people visit.
    pub place: Option<PlaceShown>,
    /// A journey.
    pub journey: Option<Journey>,
    /// People who were along.
    pub companions: Option<u16>,
    /// In words, for those who may look at people.
    pub text: Option<String>,
    /// Who wrote it down.
    pub by: String,
}

/// A sample to be written down, or its result.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSample {
    /// Made by whoever writes it down (a ULID), so that sending twice is harmless. A new sample has the same id.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// What it is of.
    #[serde(default)]
    pub kind: Option<SampleKind>,
    /// How it is examined.
    #[serde(default)]
    pub test: Option<TestKind>,
    /// Its number at the laboratory.
    #[serde(default)]
    pub number: Option<String>,
    /// The laboratory.
    #[serde(default)]
    pub laboratory: Option<String>,
    /// The day on which the laboratory had it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub delivered: Option<Date>,
}

/// The result of a sample, to be written down.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewResult {
    /// Made by whoever writes it down (a ULID), so that sending twice is harmless.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<FactId>,
    /// The sample.
    #[schema(value_type = String)]
    pub sample: SampleId,
    /// The result.
    pub result: SampleResult,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// The laboratory.
    #[serde(default)]
    pub laboratory: Option<String>,
}

/// A sample of a case, as shown: taken for the case, or under an order of the person.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CaseSampleShown {
    /// Its id.
    #[schema(value_type = String)]
    pub sample: SampleId,
    /// The day on which it was taken.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// What it is of.
    pub kind: Option<SampleKind>,
    /// How it is examined.
    pub test: Option<TestKind>,
    /// Its number at the laboratory.
    pub number: Option<String>,
    /// The laboratory.
    pub laboratory: Option<String>,
    /// The day on which the laboratory had it.
    #[schema(value_type = Option<String>, format = Date)]
    pub delivered: Option<Date>,
    /// The result.
    pub result: Option<SampleResult>,
    /// The day of the result.
    #[schema(value_type = Option<String>, format = Date)]
    pub result_day: Option<Date>,
    /// The order under which it was taken.
    #[schema(value_type = Option<String>)]
    pub order: Option<OrderId>,
}

/// Under which id the vault keeps what a stay says in words.
pub(crate) fn vault_place(stay: StayId) -> PersonId {
    PersonId::from_bytes(stay.to_bytes())
}

impl House {
    fn reportable_case(&self, actor: &Actor, id: CaseId) -> Result<CaseRow, Refusal> {
        let row = self.readable_case(actor, id)?;
        actor.require(Right::ReportCase, row.area)?;
        Ok(row)
    }

    /// A stay on a case's itinerary is written down, corrected or taken back.
    pub fn record_stay(
        &self,
        actor: &Actor,
        case: CaseId,
        new: &NewStay,
    ) -> Result<StayId, Refusal> {
        let row = self.reportable_case(actor, case)?;
        let sent = self.sent(actor, new.id, None, &(case, new))?;
        let stay = new
            .stay
            .unwrap_or_else(|| StayId::from_bytes(sent.id.to_bytes()));
        if sent.repeated {
            return Ok(stay);
        }
        if let Some(known) = new.stay {
            let of = self.store.read(|c| Ok(view::case_of_stay(c, known)?))?;
            if of != Some(case) {
                return Err(Refusal::NotFound("stay"));
            }
        }
        let (place, there) = self.may_have_stayed(new)?;
        let text = optional("text", new.text.as_deref(), 300)?;
        let people = text
            .map(|text| {
                let words = PersonalData {
                    address: Some(text),
                    ..PersonalData::default()
                };
                self.store.seal(vault_place(stay), &words)
            })
            .into_iter()
            .collect();
        let recorded = Body::CaseStayRecorded(CaseStayRecorded {
            case,
            stay,
            day: new.day,
            from: new.from,
            until: new.until,
            place_area: new.area.or(there),
            setting: new.setting,
            site: new.site,
            household: new.household,
            place,
            journey: new.journey.as_ref().map(short).transpose()?,
            companions: new.companions,
            withdrawn: new.withdrawn,
            said: sent.said.clone(),
        });
        self.store.append(Batch {
            facts: self.drafts(actor, &sent, [(row.area, recorded)]),
            people,
            ..Batch::default()
        })?;
        Ok(stay)
    }

    /// Refuses a stay that cannot have been, or at a place that is not there; gives the place's number, and the area in which
    /// the site, household or place is.
    fn may_have_stayed(
        &self,
        new: &NewStay,
    ) -> Result<(Option<PlaceId>, Option<AreaCode>), Refusal> {
        let (today, now, offset) = (self.today(), self.now(), self.store.utc_offset());
        if new.day > today || new.from.is_some_and(|from| from > now) {
            return Err(Refusal::invalid(
                "day",
                "A stay lies in the past.",
                "行程不能在未来。",
            ));
        }
        let begins = new.from.map_or(new.day, |from| offset.day_of(from));
        let in_order = new
            .from
            .zip(new.until)
            .is_none_or(|(from, until)| from <= until);
        if begins != new.day || !in_order || (new.until.is_some() && new.from.is_none()) {
            return Err(Refusal::invalid(
                "from",
                "`from` is of that day, and `until` not before it.",
                "开始时间须在当日，结束时间不早于开始时间。",
            ));
        }
        if let Some(area) = new.area {
            self.known_area(area)?;
        }
        let no_place = |field: &'static str| {
            Refusal::invalid(field, "No such place is on record.", "没有登记该场所。")
        };
        let number = match new.place.as_deref().map(str::parse::<PlaceId>) {
            Some(Err(_)) => return Err(no_place("place")),
            Some(Ok(place)) => Some(place),
            None => None,
        };
        let (site, household, place) = self.store.read(|c| {
            let site = match new.site {
                Some(site) => quarantine::site(c, site)?.map(|site| site.area),
                None => None,
            };
            let household = match new.household {
                Some(household) => households::get(c, household)?.map(|home| home.area),
                None => None,
            };
            let place = match number {
                Some(place) => places::place(c, place)?.map(|place| place.area),
                None => None,
            };
            Ok((site, household, place))
        })?;
        if new.site.is_some() && site.is_none() {
            return Err(no_place("site"));
        }
        if new.household.is_some() && household.is_none() {
            return Err(no_place("household"));
        }
        if number.is_some() && place.is_none() {
            return Err(no_place("place"));
        }
        let nowhere = new.area.is_none()
            && new.setting.is_none()
            && new.site.is_none()
            && new.household.is_none()
            && new.place.is_none()
            && new.journey.is_none()
            && new
                .text
                .as_deref()
                .is_none_or(|text| text.trim().is_empty());
        if nowhere && !new.withdrawn {
            return Err(Refusal::invalid(
                "place",
                "Say where: an area, a kind of place, a place on record, a journey, or in words.",
                "请说明地点：区域、场所类型、已登记场所、交通工具或文字。",
            ));
        }
        Ok((number, place.or(site).or(household)))
    }

    /// A sample of a case was taken.
    pub fn sample_case(
        &self,
        actor: &Actor,
        case: CaseId,
        new: &NewSample,
    ) -> Result<SampleId, Refusal> {
        let row = self.reportable_case(actor, case)?;
        let sent = self.sent(actor, new.id, None, &(case, new))?;
        let sample = SampleId::from_bytes(sent.id.to_bytes());
        if sent.repeated {
            return Ok(sample);
        }
        if new.day > self.today()
            || new
                .delivered
                .is_some_and(|on| on < new.day || on > self.today())
        {
            return Err(Refusal::invalid(
                "day",
                "A sample is taken before it is delivered, and neither in the future.",
                "采样须早于送检，且均不能在未来。",
            ));
        }
        let taken = Body::CaseSampled(CaseSampled {
            case,
            sample,
            day: new.day,
            kind: new.kind,
            test: new.test,
            number: optional("number", new.number.as_deref(), 64)?,
            laboratory: optional("laboratory", new.laboratory.as_deref(), 100)?,
            delivered: new.delivered,
            said: sent.said.clone(),
        });
        self.store
            .append(Batch::of(self.drafts(actor, &sent, [(row.area, taken)])))?;
        Ok(sample)
    }

    /// A sample of a case has its result. The first positive one is the case's `sampled`.
    pub fn sample_result(
        &self,
        actor: &Actor,
        case: CaseId,
        new: &NewResult,
    ) -> Result<(), Refusal> {
        let row = self.reportable_case(actor, case)?;
        let sent = self.sent(actor, new.id, None, &(case, new))?;
        if sent.repeated {
            return Ok(());
        }
        let taken = self
            .store
            .read(|c| Ok(view::sample(c, new.sample)?))?
            .filter(|sample| sample.case == case)
            .ok_or(Refusal::NotFound("sample"))?;
        if new.day < taken.day || new.day > self.today() {
            return Err(Refusal::invalid(
                "day",
                "A sample has its result after it was taken, and not in the future.",
                "结果日期须不早于采样，且不能在未来。",
            ));
        }
        let resulted = Body::CaseResulted(CaseResulted {
            sample: new.sample,
            result: new.result,
            day: Some(new.day),
            laboratory: optional("laboratory", new.laboratory.as_deref(), 100)?,
            said: sent.said.clone(),
        });
        let mut facts = vec![(row.area, resulted)];
        let first = row
            .details
            .sampled
            .is_none_or(|sampled| taken.day < sampled);
        if new.result == SampleResult::Positive && first && taken.result.is_none() {
            let details = lianfang_core::cases::CaseDetails {
                sampled: Some(taken.day),
                ..row.details.clone()
            };
            facts.push((
                row.area,
                Body::CaseRevised(CaseFact {
                    record: CaseRecord { case, details },
                    published: None,
                    reason: Some("positive sample".into()),
                }),
            ));
        }
        self.store
            .append(Batch::of(self.drafts(actor, &sent, facts)))?;
        Ok(())
    }

    /// The investigation of a case is complete, or open again.
    pub fn investigate_case(
        &self,
        actor: &Actor,
        case: CaseId,
        id: Option<FactId>,
        complete: bool,
    ) -> Result<(), Refusal> {
        let row = self.reportable_case(actor, case)?;
        let sent = self.sent(actor, id, None, &(case, complete))?;
        if sent.repeated || row.investigated_at.is_some() == complete {
            return Ok(());
        }
        let done = Body::CaseInvestigated(CaseInvestigated {
            case,
            complete,
            said: sent.said.clone(),
        });
        self.store
            .append(Batch::of(self.drafts(actor, &sent, [(row.area, done)])))?;
        self.settle_case(actor, case)
    }

    pub(super) fn stays_shown(
        &self,
        actor: &Actor,
        row: &CaseRow,
    ) -> Result<Vec<StayShown>, Refusal> {
        let stays = self.store.read(|c| Ok(view::stays_of(c, row.case)?))?;
        let looks = actor.may(Right::LookAtPerson, row.area);
        let tree = self.tree()?;
        let offset = self.store.utc_offset();
        stays
            .into_iter()
            .map(|stay| {
                let (site, home, place) = self.store.read(|c| {
                    let site = match stay.site {
                        Some(site) => quarantine::site(c, site)?,
                        None => None,
                    };
                    let home = match stay.household {
                        Some(household) => households::get(c, household)?,
                        None => None,
                    };
                    let place = match stay.place {
                        Some(place) => places::place(c, place)?,
                        None => None,
                    };
                    Ok((site, home, place))
                })?;
                let homes: Vec<_> = home.into_iter().collect();
                let text = if looks {
                    self.store.open_person(vault_place(stay.stay))?
                } else {
                    None
                };
                Ok(StayShown {
                    stay: stay.stay,
                    day: stay.day,
                    from: stay.from.map(|at| offset.rfc3339(at)),
                    until: stay.until.map(|at| offset.rfc3339(at)),
                    area: stay.area.map(|area| tree.get_or_unnamed(area)),
                    setting: stay.setting,
                    site: stay.site,
                    site_name: site.as_ref().map(site_name),
                    household: stay.household,
                    door: self.doors(actor, &homes)?.into_iter().next().flatten(),
                    place: place.map(|row| self.place_shown(row)).transpose()?,
                    journey: stay.journey,
                    companions: stay.companions,
                    text: text.and_then(|data| data.address),
                    by: self.account_name(stay.actor)?,
                })
            })
            .collect()
    }

    pub(super) fn samples_shown(&self, row: &CaseRow) -> Result<Vec<CaseSampleShown>, Refusal> {
        let offset = self.store.utc_offset();
        let (own, orders) = self.store.read(|c| {
            let mut of_orders = Vec::new();
            if let Some(person) = row.details.person {
                for order in quarantine::orders_of_person(c, person)? {
                    of_orders.extend(quarantine::samples_of(c, order)?);
                }
            }
            Ok((view::samples_of(c, row.case)?, of_orders))
        })?;
        let mut shown: Vec<CaseSampleShown> = own
            .into_iter()
            .map(|sample| CaseSampleShown {
                sample: sample.sample,
                day: sample.day,
                kind: sample.kind,
                test: sample.test,
                number: sample.number,
                laboratory: sample.laboratory,
                delivered: sample.delivered,
                result: sample.result,
                result_day: sample.result_day,
                order: None,
            })
            .collect();
        shown.extend(orders.into_iter().map(|sample| CaseSampleShown {
            sample: sample.sample,
            day: sample.day,
            kind: None,
            test: None,
            number: None,
            laboratory: None,
            delivered: None,
            result: sample.result,
            result_day: sample.result_at.map(|at| offset.day_of(at)),
            order: Some(sample.order),
        }));
        shown.sort_by_key(|sample| sample.day);
        Ok(shown)
    }

    pub(super) fn contacts_of_case(
        &self,
        members: &[CaseId],
        most: usize,
    ) -> Result<(Vec<crate::contacts::ContactShown>, u64), Refusal> {
        let (rows, total) = self.store.read(|c| {
            let filter = contacts::ContactFilter {
                cases: Some(members.to_vec()),
                ..contacts::ContactFilter::default()
            };
            Ok((
                contacts::of_case(c, members, most)?,
                contacts::count(c, &filter)?,
            ))
        })?;
        Ok((self.contacts_shown(&rows)?, total))
    }
}

/// A journey's words, within bounds.
fn short(journey: &Journey) -> Result<Journey, Refusal> {
    let text = |field: &'static str, text: &Option<String>| {
        text.as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| {
                bounded(text, 1, 24)
                    .map(|text| text.to_uppercase())
                    .map_err(|_| {
                        Refusal::invalid(field, "At most 24 characters.", "最多24个字符。")
                    })
            })
            .transpose()
    };
    if journey.stops.len() > 20 {
        return Err(Refusal::invalid(
            "stops",
            "At most 20 stops.",
            "最多20个经停地。",
        ));
    }
    Ok(Journey {
        mode: journey.mode,
        number: text("number", &journey.number)?,
        seat: text("seat", &journey.seat)?,
        from: text("from", &journey.from)?,
        stops: journey.stops.clone(),
    })
}
