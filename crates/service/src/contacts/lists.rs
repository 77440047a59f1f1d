//! Lists of contacts, those to be followed today, and a contact's whole story.

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::contacts::{
    Certainty, Channel, ContactClass, ContactDetails, ContactStatus, FollowUp, Meeting,
};
use lianfang_core::entry::Symptom;
use lianfang_core::ids::{CaseId, ContactId, OrderId, PersonId};
use lianfang_core::quarantine::SampleResult;
use lianfang_core::text::Text;
use lianfang_core::time::day_number;
use lianfang_policy::Table;
use lianfang_store::views::contacts::{self as view, ContactFilter, ContactRow, DueCursor};
use lianfang_store::views::subjects;
use serde::Serialize;
use serde_json::{Map, Value};

use super::reads;
use crate::audit::FactShown;
use crate::{Actor, House, Refusal};

/// Rows of a page at most.
const MOST: usize = 200;
/// Facts of a contact's history shown at most.
const HISTORY: usize = 500;
/// Days of follow-up shown at most.
const FOLLOWS: usize = 400;

/// Which contacts are asked for.
#[derive(Debug, Clone, Default)]
pub struct ContactQuery {
    /// Within this area; the highest of the asker's where none is named.
    pub area: Option<AreaCode>,
    /// Of this class.
    pub class: Option<ContactClass>,
    /// That stand so.
    pub status: Option<ContactStatus>,
    /// Of this case.
    pub case: Option<CaseId>,
    /// A name, document or phone, whole.
    pub text: Option<String>,
    /// Where the page begins.
    pub cursor: Option<u64>,
    /// Rows at most.
    pub limit: usize,
}

/// A contact in a list, personal data masked.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ContactShown {
    /// Its id.
    #[schema(value_type = String)]
    pub contact: ContactId,
    /// The person in the vault.
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
    /// The name, masked.
    pub name: Option<String>,
    /// Where the person is.
    pub area: Area,
    /// The case.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// The contact who was met, where it was not the case.
    #[schema(value_type = Option<String>)]
    pub through: Option<ContactId>,
    /// The closest that any meeting made of it.
    pub class: ContactClass,
    /// How far the work has come.
    pub status: ContactStatus,
    /// How it first became known.
    pub channel: Channel,
    /// The last day on which they met.
    #[schema(value_type = Option<String>, format = Date)]
    pub met: Option<Date>,
    /// The first day on which they met.
    #[schema(value_type = Option<String>, format = Date)]
    pub met_first: Option<Date>,
    /// The last day on which the person is followed.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Date>,
    /// Meetings on record.
    pub exposures: u32,
    /// When it was named.
    pub named_at: String,
    /// Hours until the person was told, put under watch or found to be a case, in tenths; none where nothing of it came yet.
    pub told_hours: Option<f64>,
    /// The order.
    #[schema(value_type = Option<String>)]
    pub order: Option<OrderId>,
    /// The newest result.
    pub result: Option<SampleResult>,
    /// The case that the person became.
    #[schema(value_type = Option<String>)]
    pub became: Option<CaseId>,
    /// The last day on which the person was seen.
    #[schema(value_type = Option<String>, format = Date)]
    pub followed_on: Option<Date>,
    /// What came of the newest follow-up.
    pub followed: Option<FollowUp>,
    /// Whether the person is to be followed today and was not yet.
    pub due: bool,
    /// Whether the days of follow-up are over, and nobody has released the person.
    pub over: bool,
}

/// A page of contacts.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ContactPage {
    /// The contacts.
    pub rows: Vec<ContactShown>,
    /// How many there are.
    pub total: u64,
    /// Where the next page begins.
    pub next: Option<u64>,
}

/// A contact of a follow-up list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FollowRow {
    /// As in a list.
    #[serde(flatten)]
    pub row: ContactShown,
    /// What came of the follow-up on that day; only in the list of a past day.
    pub on_day: Option<FollowUp>,
}

/// A page of contacts to be followed.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FollowUps {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// The area.
    pub area: Area,
    /// Of today those not seen yet, the longest unseen first. Of a past day all who were to be followed then, those not seen that
    /// day first.
    pub rows: Vec<FollowRow>,
    /// How many were not seen that day.
    pub due: u64,
    /// How many are to be followed, those seen that day included.
    pub followed: u64,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A step on a contact's way, with the time it took.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ContactStage {
    /// `named`, `located`, `notified`, `watched`, `tested`, `released`, `became_case`, `lost`, `refused`, `gone`.
    pub step: &'static str,
    /// When.
    pub at: String,
    /// Hours since the contact was named, in tenths.
    pub hours: f64,
    /// Who wrote it down, where somebody did; else it follows from other facts.
    pub by: Option<String>,
    /// The result, of a sample.
    pub result: Option<SampleResult>,
    /// The order.
    #[schema(value_type = Option<String>)]
    pub order: Option<OrderId>,
    /// The case.
    #[schema(value_type = Option<String>)]
    pub case: Option<CaseId>,
}

/// A meeting, as it was named.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ExposureShown {
    /// The fact's place in the ledger.
    pub seq: u64,
    /// When it was named.
    pub at: String,
    /// By whom.
    pub by: String,
    /// How it is known.
    pub channel: Channel,
    /// The last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub met: Option<Date>,
    /// The first day.
    #[schema(value_type = Option<String>, format = Date)]
    pub met_first: Option<Date>,
    /// How they met.
    pub meeting: Meeting,
    /// How sure the source is.
    pub certainty: Option<Certainty>,
    /// What it makes of the person.
    pub class: ContactClass,
    /// The rule.
    pub rule: Option<String>,
    /// Why, where the version is still known.
    pub reason: Option<Text>,
    /// The pack and its version.
    pub pack: Option<String>,
    /// What was known of the meeting, by field.
    #[schema(value_type = Object)]
    pub evidence: Map<String, Value>,
    /// The contact who was met, where it was not the case.
    #[schema(value_type = Option<String>)]
    pub through: Option<ContactId>,
}

/// A day's follow-up.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FollowShown {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// What came of it.
    pub status: FollowUp,
    /// Temperature in degrees Celsius.
    pub temperature: Option<f64>,
    /// Symptoms.
    pub symptoms: Vec<Symptom>,
    /// Who wrote it down.
    pub by: String,
}

/// A contact's whole story.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ContactWhole {
    /// As in a list.
    #[serde(flatten)]
    pub row: ContactShown,
    /// What is known of the person.
    pub details: ContactDetails,
    /// The meetings.
    pub meetings: Vec<ExposureShown>,
    /// The steps, with the time each took.
    pub steps: Vec<ContactStage>,
    /// Follow-up, the newest day first.
    pub follows: Vec<FollowShown>,
    /// The facts about it, oldest first.
    pub history: Vec<FactShown>,
}

/// Hours between two moments, in tenths.
fn hours(from: Timestamp, to: Timestamp) -> f64 {
    let tenths = to.duration_since(from).as_secs_f64() / 360.0;
    tenths.round() / 10.0
}

/// The area of a list: the highest of the asker's where none is named.
fn area_of_list(actor: &Actor, area: Option<AreaCode>) -> Result<AreaCode, Refusal> {
    let top = actor
        .area_of(Right::ReadCases)
        .or_else(|| actor.area_of(Right::ReadField))
        .ok_or(Refusal::Forbidden)?;
    let area = area.unwrap_or(top);
    if reads(actor, area) {
        Ok(area)
    } else {
        Err(Refusal::Forbidden)
    }
}

impl House {
    /// Contacts as lists show them.
    pub(crate) fn contacts_shown(&self, rows: &[ContactRow]) -> Result<Vec<ContactShown>, Refusal> {
        let tree = self.tree()?;
        let people: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
        let opened = self.store.open_people(&people)?;
        let (today, offset) = (self.today(), self.store.utc_offset());
        Ok(rows
            .iter()
            .zip(opened)
            .map(|(row, data)| ContactShown {
                contact: row.contact,
                person: data.is_some().then_some(row.person),
                name: data.and_then(|data| data.masked_name()),
                area: tree.get_or_unnamed(row.area),
                case: row.case,
                through: row.through,
                class: row.class,
                status: row.status,
                channel: row.channel,
                met: row.met,
                met_first: row.met_first,
                until: row.until,
                exposures: row.exposures,
                named_at: offset.rfc3339(row.named_at),
                told_hours: row.told_at.map(|told| hours(row.named_at, told)),
                order: row.order,
                result: row.result,
                became: row.became,
                followed_on: row.followed_on,
                followed: row.followed,
                due: row.is_followed() && row.followed_on.is_none_or(|seen| seen < today),
                over: row.is_followed() && row.until.is_some_and(|until| until < today),
            })
            .collect())
    }

    /// A page of contacts, those first named newest on top.
    pub fn contacts(&self, actor: &Actor, query: &ContactQuery) -> Result<ContactPage, Refusal> {
        let area = area_of_list(actor, query.area)?;
        let people = match query.text.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(self.people_named(text)?),
        };
        let cases = match query.case {
            Some(case) => Some(self.store.read(|c| {
                let root = lianfang_store::views::cases::root(c, case)?.unwrap_or(case);
                Ok(lianfang_store::views::cases::members(c, root)?)
            })?),
            None => None,
        };
        let filter = ContactFilter {
            area: Some(area),
            class: query.class,
            status: query.status,
            cases,
            people,
        };
        let limit = query.limit.clamp(1, MOST);
        let (rows, total) = self.store.read(|c| {
            Ok((
                view::list(c, &filter, query.cursor, limit + 1)?,
                view::count(c, &filter)?,
            ))
        })?;
        let page = &rows[..rows.len().min(limit)];
        let next = (rows.len() > limit)
            .then(|| page.last().map(|row| row.id))
            .flatten();
        Ok(ContactPage {
            rows: self.contacts_shown(page)?,
            total,
            next,
        })
    }

    /// A page of the contacts to be followed in an area on a day.
    pub fn follow_ups(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
        day: Option<Date>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<FollowUps, Refusal> {
        let area = area_of_list(actor, area)?;
        let day = day.unwrap_or_else(|| self.today());
        let after = cursor.map(read_cursor).transpose()?;
        let limit = limit.clamp(1, MOST);
        if day < self.today() {
            return self.followed_on(area, day, after, limit);
        }
        let (rows, (due, followed)) = self.store.read(|c| {
            Ok((
                view::due(c, area, day, after, limit + 1)?,
                view::due_count(c, area, day)?,
            ))
        })?;
        let page = &rows[..rows.len().min(limit)];
        let next = (rows.len() > limit)
            .then(|| page.last())
            .flatten()
            .map(|row| DueCursor {
                seen: row.followed_on.map_or(0, day_number),
                id: row.id,
            });
        let shown = self.contacts_shown(page)?.into_iter();
        Ok(FollowUps {
            day,
            area: self.tree()?.get_or_unnamed(area),
            rows: shown.map(|row| FollowRow { row, on_day: None }).collect(),
            due,
            followed,
            next: next.map(write_cursor),
        })
    }

    /// The follow-up list of a past day.
    fn followed_on(
        &self,
        area: AreaCode,
        day: Date,
        after: Option<DueCursor>,
        limit: usize,
    ) -> Result<FollowUps, Refusal> {
        let offset = self.store.utc_offset();
        let hours = (
            offset.start_of(day),
            offset.start_of(day.tomorrow().unwrap_or(day)),
        );
        let found = self
            .store
            .read(|c| view::followed_day(c, area, day, hours, after, limit))?;
        let (rows, statuses): (Vec<_>, Vec<_>) = found.rows.into_iter().unzip();
        let shown = self.contacts_shown(&rows)?;
        Ok(FollowUps {
            day,
            area: self.tree()?.get_or_unnamed(area),
            rows: shown
                .into_iter()
                .zip(statuses)
                .map(|(row, on_day)| FollowRow { row, on_day })
                .collect(),
            due: found.unseen,
            followed: found.all,
            next: found.next.map(write_cursor),
        })
    }

    /// A contact's whole story.
    pub fn contact(&self, actor: &Actor, id: ContactId) -> Result<ContactWhole, Refusal> {
        let row = self.readable_contact(actor, id)?;
        let (meetings, follows, facts) = self.store.read(|c| {
            Ok((
                view::exposures(c, id)?,
                view::follows(c, id, FOLLOWS)?,
                subjects::facts_about(c, id.to_bytes(), HISTORY)?,
            ))
        })?;
        let offset = self.store.utc_offset();
        let mut shown = self.contacts_shown(std::slice::from_ref(&row))?;
        Ok(ContactWhole {
            row: shown.pop().ok_or(Refusal::NotFound("contact"))?,
            details: row.details.clone(),
            steps: self.stages(&row)?,
            meetings: meetings
                .into_iter()
                .map(|met| {
                    Ok(ExposureShown {
                        seq: met.seq,
                        at: offset.rfc3339(met.at),
                        by: self.account_name(met.actor)?,
                        channel: met.channel,
                        met: met.met,
                        met_first: met.met_first,
                        meeting: met.meeting,
                        certainty: met.certainty,
                        class: met.class,
                        reason: self.contact_reason(met.rule.as_deref(), met.pack.as_deref())?,
                        rule: met.rule,
                        pack: met.pack,
                        evidence: met.evidence,
                        through: met.through,
                    })
                })
                .collect::<Result<_, Refusal>>()?,
            follows: follows
                .into_iter()
                .map(|follow| {
                    Ok(FollowShown {
                        day: follow.day,
                        status: follow.status,
                        temperature: follow.temperature.map(|tenths| f64::from(tenths) / 10.0),
                        symptoms: follow.symptoms.iter().collect(),
                        by: self.account_name(follow.actor)?,
                    })
                })
                .collect::<Result<_, Refusal>>()?,
            history: facts
                .iter()
                .map(|fact| self.fact_shown(fact))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Why a rule classes somebody so, in the words of its version.
    fn contact_reason(
        &self,
        rule: Option<&str>,
        pack: Option<&str>,
    ) -> Result<Option<Text>, Refusal> {
        let (Some(rule), Some(pack)) = (rule, pack) else {
            return Ok(None);
        };
        let Some(policy) = self.policy_named(pack)? else {
            return Ok(None);
        };
        let rules = policy.pack.rules(Table::Contact);
        Ok(rules
            .in_order()
            .iter()
            .find(|known| known.id == rule)
            .map(|known| known.reason.clone()))
    }

    /// The steps of a contact, those that somebody wrote down and those that follow from other facts, in the order of time.
    fn stages(&self, row: &ContactRow) -> Result<Vec<ContactStage>, Refusal> {
        use lianfang_core::words::Word;
        let offset = self.store.utc_offset();
        let stage = |step: &'static str, at: Timestamp| {
            (
                at,
                ContactStage {
                    step,
                    at: offset.rfc3339(at),
                    hours: hours(row.named_at, at),
                    by: None,
                    result: None,
                    order: None,
                    case: None,
                },
            )
        };
        let mut stages = vec![stage("named", row.named_at)];
        for step in self.store.read(|c| Ok(view::steps(c, row.contact)?))? {
            let (at, mut shown) = stage(step.step.word(), step.at);
            shown.by = Some(self.account_name(step.actor)?);
            shown.result = step.result;
            stages.push((at, shown));
        }
        if let Some(at) = row.watched_at {
            let (at, mut shown) = stage("watched", at);
            shown.order = row.order;
            stages.push((at, shown));
        }
        let typed = |stages: &[(Timestamp, ContactStage)], step: &str| {
            stages.iter().any(|(_, shown)| shown.step == step)
        };
        if let Some(at) = row.tested_at
            && !typed(&stages, "tested")
        {
            let (at, mut shown) = stage("tested", at);
            shown.result = row.result;
            stages.push((at, shown));
        }
        if let Some(at) = row.ended_at
            && !typed(&stages, row.status.word())
        {
            let (at, mut shown) = stage(row.status.word(), at);
            shown.case = row.became;
            shown.order = row.order.filter(|_| row.status == ContactStatus::Released);
            stages.push((at, shown));
        }
        stages.sort_by_key(|(at, _)| *at);
        Ok(stages.into_iter().map(|(_, shown)| shown).collect())
    }
}

fn write_cursor(cursor: DueCursor) -> String {
    format!("{}.{}", cursor.seen, cursor.id)
}

fn read_cursor(text: &str) -> Result<DueCursor, Refusal> {
    text.split_once('.')
        .and_then(|(seen, id)| {
            Some(DueCursor {
                seen: seen.parse().ok()?,
                id: id.parse().ok()?,
            })
        })
        .ok_or_else(|| {
            Refusal::invalid(
                "cursor",
                "Use the `next` of the page before.",
                "请使用上一页返回的 next。",
            )
        })
}
