//! People who arrive, hand-overs, and pairs that look alike, as lists and one by one.

use jiff::SignedDuration;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::entry::{Destination, Journey, OriginRisk, Receiver, Source, Stage, Triage};
use lianfang_core::ids::{CheckpointId, EntrantId, MatterId, OrderId, PartyId, PersonId};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::IndexKind;
use lianfang_store::views::entry::{self, EntrantCursor, EntrantFilter, EntrantRow, HandOverRow};
use lianfang_store::views::matters;
use serde::Serialize;

use super::checkpoints::tail;
use crate::{Actor, House, Refusal};

/// Rows of a page at most.
pub(crate) const MOST: usize = 200;

/// Which people are asked for.
#[derive(Debug, Clone, Default)]
pub struct ChosenEntrants {
    /// Within this area; the highest of the asker's where none is named.
    pub area: Option<AreaCode>,
    /// In one of these places of the process.
    pub stages: Vec<Stage>,
    /// First found by this source.
    pub source: Option<Source>,
    /// Arriving on or after this day.
    pub from: Option<jiff::civil::Date>,
    /// Arriving on or before this day.
    pub to: Option<jiff::civil::Date>,
    /// Last seen at this checkpoint.
    pub checkpoint: Option<CheckpointId>,
    /// Travelling together.
    pub party: Option<PartyId>,
    /// Decided so by the last gate.
    pub triage: Option<Triage>,
    /// Of this document, phone or whole name.
    pub text: Option<String>,
    /// The `next` of the page before.
    pub cursor: Option<EntrantCursor>,
    /// Rows at most.
    pub limit: usize,
}

/// Somebody who arrives, in a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EntrantShown {
    /// Who.
    #[schema(value_type = String)]
    pub entrant: EntrantId,
    /// The person.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// The name, masked.
    pub name: Option<String>,
    /// The last four characters of the document.
    pub tail: Option<String>,
    /// Where they belong: bound for, or brought to.
    pub area: Area,
    /// When they arrive or arrived.
    pub arrival: String,
    /// Whether they are here.
    pub arrived: bool,
    /// The journey.
    pub journey: Journey,
    /// Where they are going.
    pub destination: Destination,
    /// What coming from there means.
    pub origin: OriginRisk,
    /// Whether from abroad.
    pub abroad: bool,
    /// Age in years.
    pub age: Option<u8>,
    /// Those who travel together.
    #[schema(value_type = Option<String>)]
    pub party: Option<PartyId>,
    /// Where in the process they stand.
    pub stage: Stage,
    /// Its name.
    pub stage_name: Text,
    /// Since when.
    pub stage_since: String,
    /// What the last gate decided.
    pub triage: Option<Triage>,
    /// By which rule.
    pub rule: Option<String>,
    /// The order in force.
    #[schema(value_type = Option<String>)]
    pub order: Option<OrderId>,
    /// The first source.
    pub source: Source,
    /// Hours from arrival until that source knew; below zero: before.
    pub found_after_hours: f64,
}

/// A source that knew of an arrival.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EntrantNotice {
    /// The source.
    pub source: Source,
    /// Its name.
    pub source_name: Text,
    /// When it knew.
    pub at: String,
    /// Who wrote it down.
    pub actor: String,
    /// At which checkpoint.
    pub checkpoint: Option<Text>,
    /// With which list.
    pub list: Option<String>,
    /// The record under which it came in.
    #[schema(value_type = String)]
    pub record: EntrantId,
}

/// A check at a checkpoint.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EntrantCheck {
    /// When.
    pub at: String,
    /// Where.
    pub checkpoint: Option<Text>,
    /// Temperature in degrees Celsius.
    pub temperature: Option<f64>,
    /// What was decided.
    pub outcome: Triage,
    /// Its name.
    pub outcome_name: Text,
    /// By which rule.
    pub rule: String,
    /// Of which pack.
    pub pack: String,
    /// Why, where that pack is known.
    pub reason: Option<Text>,
    /// What the phone had decided, where that was something else.
    pub shown: Option<Triage>,
}

/// A matter about somebody.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EntrantMatter {
    /// The matter.
    #[schema(value_type = String)]
    pub matter: MatterId,
    /// What it is about.
    pub title: String,
    /// Its kind.
    pub kind: String,
    /// Whether it is over.
    pub over: bool,
    /// Whether it is late.
    pub late: bool,
}

/// Somebody who arrives, with all that is known of the way.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EntrantWhole {
    /// As in a list.
    #[serde(flatten)]
    pub row: EntrantShown,
    /// All sources, the first on top.
    pub notices: Vec<EntrantNotice>,
    /// Other records that were taken for the same person.
    pub records: Vec<EntrantShown>,
    /// Records that look alike and wait for somebody's word.
    pub alike: Vec<AlikeShown>,
    /// Those who travel together.
    pub companions: Vec<EntrantShown>,
    /// Checks at checkpoints.
    pub checks: Vec<EntrantCheck>,
    /// Matters about them.
    pub matters: Vec<EntrantMatter>,
    /// The hand-over that they are in.
    pub handover: Option<HandOverShown>,
}

/// Two records that look alike.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AlikeShown {
    /// One.
    pub one: EntrantShown,
    /// The other.
    pub other: EntrantShown,
    /// What is the same.
    pub same: Vec<String>,
}

/// A hand-over as it stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HandOverShown {
    /// The hand-over, which is a matter.
    #[schema(value_type = String)]
    pub handover: MatterId,
    /// Where it began.
    pub from: Area,
    /// Where it is received.
    pub area: Area,
    /// Who receives.
    pub receiver: Receiver,
    /// Its name.
    pub receiver_name: Text,
    /// The vehicle's plate.
    pub vehicle: Option<String>,
    /// Who goes with them.
    pub escort: Option<String>,
    /// Who sent them.
    pub sent_by: String,
    /// When.
    pub sent_at: String,
    /// When they should be there.
    pub expected: String,
    /// Whether they should be there already.
    pub late: bool,
    /// People sent.
    pub people: u32,
    /// People received.
    pub received: u32,
    /// People who were not there.
    pub missing: u32,
    /// When nobody was awaited any more.
    pub ended_at: Option<String>,
    /// Whether the asker may receive it.
    pub may_receive: bool,
    /// The people, where one hand-over is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entrants: Vec<EntrantShown>,
}

/// A page of hand-overs.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HandOversShown {
    /// The hand-overs.
    pub handovers: Vec<HandOverShown>,
    /// What the next page passes over; none where this is the last.
    pub next: Option<usize>,
}

impl House {
    /// Rows as shown, with masked names.
    pub(crate) fn entrants_shown(
        &self,
        rows: Vec<EntrantRow>,
    ) -> Result<Vec<EntrantShown>, Refusal> {
        let people: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
        let opened = self.store.open_people(&people)?;
        let tree = self.tree()?;
        let offset = self.store.utc_offset();
        Ok(rows
            .into_iter()
            .zip(opened)
            .map(|(row, data)| {
                let data = data.unwrap_or_default();
                let after: SignedDuration = row.found_at.duration_since(row.arrival);
                EntrantShown {
                    entrant: row.entrant,
                    person: row.person,
                    name: data.masked_name(),
                    tail: data.document.as_deref().map(tail),
                    area: tree.get_or_unnamed(row.area),
                    arrival: offset.rfc3339(row.arrival),
                    arrived: row.arrived,
                    journey: row.journey,
                    destination: row.destination,
                    origin: row.origin,
                    abroad: row.abroad,
                    age: row.age,
                    party: row.party,
                    stage: row.stage,
                    stage_name: row.stage.label(),
                    stage_since: offset.rfc3339(row.stage_since),
                    triage: row.triage,
                    rule: row.rule,
                    order: row.order,
                    source: row.source,
                    found_after_hours: (after.as_secs_f64() / 360.0).round() / 10.0,
                }
            })
            .collect())
    }

    /// A page of people who arrive, and how many there are.
    pub fn entrants(
        &self,
        actor: &Actor,
        chosen: &ChosenEntrants,
    ) -> Result<(Vec<EntrantShown>, u64, Option<EntrantCursor>), Refusal> {
        // Whoever works at a checkpoint sees those who were there, wherever they are bound for.
        let area = match chosen.checkpoint {
            Some(id) => {
                self.gate_row(actor, id)?;
                chosen.area
            }
            None => Some(self.field_area(actor, chosen.area)?),
        };
        let offset = self.store.utc_offset();
        let until = chosen
            .to
            .map(|day| day.tomorrow().unwrap_or(day))
            .map(|day| offset.start_of(day));
        let people = match chosen.text.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(self.people_named(text)?),
        };
        let filter = EntrantFilter {
            area,
            stages: chosen.stages.clone(),
            source: chosen.source,
            from: chosen.from.map(|day| offset.start_of(day)),
            until,
            checkpoint: chosen.checkpoint,
            party: chosen.party,
            people,
            triage: chosen.triage,
        };
        let limit = chosen.limit.clamp(1, MOST);
        let (rows, total) = self.store.read(|c| {
            Ok((
                entry::list(c, &filter, chosen.cursor, limit)?,
                entry::count(c, &filter)?,
            ))
        })?;
        let next = rows
            .last()
            .filter(|_| rows.len() == limit)
            .map(|row| EntrantCursor {
                arrival: row.arrival.as_millisecond(),
                id: row.id,
            });
        Ok((self.entrants_shown(rows)?, total, next))
    }

    /// People on record under a document, phone or whole name.
    pub(crate) fn people_named(&self, text: &str) -> Result<Vec<PersonId>, Refusal> {
        let mut people = Vec::new();
        let upper = text.to_uppercase();
        people.extend(self.store.find_people(IndexKind::Document, &upper)?);
        if let Ok(phone) = text.parse::<lianfang_core::identifiers::Phone>() {
            people.extend(self.store.find_people(IndexKind::Phone, phone.as_str())?);
        }
        people.extend(self.store.find_people(IndexKind::Name, text)?);
        people.truncate(MOST);
        Ok(people)
    }

    /// Somebody within the asker's reach, by the record that speaks for them.
    fn entrant_row(&self, actor: &Actor, id: EntrantId) -> Result<EntrantRow, Refusal> {
        let row = self
            .store
            .read(|c| Ok(entry::speaker(c, id)?))?
            .ok_or(Refusal::NotFound("entrant"))?;
        let gate = match row.checkpoint {
            Some(id) => self.store.read(|c| Ok(entry::checkpoint(c, id)?))?,
            None => None,
        };
        let near = gate.is_some_and(|gate| actor.may(Right::ReadField, gate.area));
        if near || actor.may(Right::ReadField, row.area) {
            Ok(row)
        } else {
            Err(Refusal::NotFound("entrant"))
        }
    }

    /// Somebody who arrives, with all that is known of the way.
    pub fn entrant(&self, actor: &Actor, id: EntrantId) -> Result<EntrantWhole, Refusal> {
        let row = self.entrant_row(actor, id)?;
        let root = row.entrant;
        let offset = self.store.utc_offset();
        let now = self.now();
        let (records, notices, checks, pairs, companions, about) = self.store.read(|c| {
            let records = entry::members(c, root)?;
            let companions = match row.party {
                Some(party) => {
                    let filter = EntrantFilter {
                        party: Some(party),
                        ..EntrantFilter::default()
                    };
                    entry::list(c, &filter, None, MOST)?
                }
                None => Vec::new(),
            };
            let mut about = Vec::new();
            let subjects = records
                .iter()
                .map(|record| record.entrant.to_bytes())
                .chain(row.order.map(OrderId::to_bytes))
                .chain(row.handover.map(MatterId::to_bytes));
            for subject in subjects {
                about.extend(matters::about(c, subject)?);
            }
            Ok((
                records,
                entry::notices(c, root)?,
                entry::gate_checks(c, root)?,
                entry::alike_with(c, root)?,
                companions,
                about,
            ))
        })?;
        let gate_name = |id: Option<CheckpointId>| -> Result<Option<Text>, Refusal> {
            let Some(id) = id else { return Ok(None) };
            let gate = self.store.read(|c| Ok(entry::checkpoint(c, id)?))?;
            Ok(gate.map(|gate| {
                Text::new(gate.name_en.unwrap_or_else(|| gate.name.clone()), gate.name)
            }))
        };
        let notices = notices
            .into_iter()
            .map(|notice| {
                Ok(EntrantNotice {
                    source: notice.source,
                    source_name: notice.source.label(),
                    at: offset.rfc3339(notice.at),
                    actor: self.account_name(notice.actor)?,
                    checkpoint: gate_name(notice.checkpoint)?,
                    list: notice.list,
                    record: notice.entrant,
                })
            })
            .collect::<Result<_, Refusal>>()?;
        let checks = checks
            .into_iter()
            .map(|check| {
                let policy = self.policy_named(&check.pack)?;
                let reason = policy.and_then(|policy| {
                    let rules = policy.pack.rules(lianfang_policy::Table::Entry);
                    let rule = rules.in_order().iter().find(|rule| rule.id == check.rule);
                    rule.map(|rule| rule.reason.clone())
                });
                Ok(EntrantCheck {
                    at: offset.rfc3339(check.at),
                    checkpoint: gate_name(Some(check.checkpoint))?,
                    temperature: check.temperature.map(|tenths| f64::from(tenths) / 10.0),
                    outcome: check.outcome,
                    outcome_name: check.outcome.label(),
                    rule: check.rule,
                    pack: check.pack,
                    reason,
                    shown: check.shown,
                })
            })
            .collect::<Result<_, Refusal>>()?;
        let handover = match row.handover {
            Some(id) => self.handover_row(actor, id)?,
            None => None,
        };
        let mut shown = self.entrants_shown(vec![row])?;
        Ok(EntrantWhole {
            row: shown.pop().ok_or(Refusal::NotFound("entrant"))?,
            notices,
            records: self.entrants_shown(
                records
                    .into_iter()
                    .filter(|record| record.entrant != root)
                    .collect(),
            )?,
            alike: self.pairs_shown(pairs)?,
            companions: self.entrants_shown(
                companions
                    .into_iter()
                    .filter(|companion| companion.entrant != root)
                    .collect(),
            )?,
            checks,
            matters: about
                .into_iter()
                .map(|matter| EntrantMatter {
                    matter: matter.matter,
                    late: matter.is_late(now),
                    over: matter.phase.is_over(),
                    title: matter.title,
                    kind: matter.kind,
                })
                .collect(),
            handover,
        })
    }

    fn pairs_shown(&self, pairs: Vec<entry::Alike>) -> Result<Vec<AlikeShown>, Refusal> {
        let mut shown = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let rows = self
                .store
                .read(|c| Ok([entry::get(c, pair.one)?, entry::get(c, pair.other)?]))?;
            let [Some(one), Some(other)] = rows else {
                continue;
            };
            let mut both = self.entrants_shown(vec![one, other])?.into_iter();
            if let (Some(one), Some(other)) = (both.next(), both.next()) {
                shown.push(AlikeShown {
                    one,
                    other,
                    same: pair.same,
                });
            }
        }
        Ok(shown)
    }

    /// Pairs that look alike and wait for somebody's word.
    pub fn alike(&self, actor: &Actor, area: Option<AreaCode>) -> Result<Vec<AlikeShown>, Refusal> {
        let area = self.field_area(actor, area)?;
        let pairs = self.store.read(|c| Ok(entry::unsettled(c, area, MOST)?))?;
        self.pairs_shown(pairs)
    }

    /// Hand-overs to or from an area, those not ended first.
    pub fn handovers(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
        live: bool,
        skip: usize,
    ) -> Result<HandOversShown, Refusal> {
        let area = self.field_area(actor, area)?;
        let mut rows = self
            .store
            .read(|c| Ok(entry::handovers(c, area, live, skip, MOST + 1)?))?;
        let next = (rows.len() > MOST).then_some(skip + MOST);
        rows.truncate(MOST);
        Ok(HandOversShown {
            handovers: rows
                .iter()
                .map(|row| self.handover_shown(actor, row))
                .collect::<Result<_, _>>()?,
            next,
        })
    }

    /// One hand-over with its people.
    pub fn handover(&self, actor: &Actor, id: MatterId) -> Result<HandOverShown, Refusal> {
        let mut shown = self
            .handover_row(actor, id)?
            .ok_or(Refusal::NotFound("hand-over"))?;
        let rows = self.store.read(|c| {
            let mut rows = Vec::new();
            for person in entry::handover_people(c, id)? {
                rows.extend(entry::speaker(c, person.entrant)?);
            }
            Ok(rows)
        })?;
        shown.entrants = self.entrants_shown(rows)?;
        Ok(shown)
    }

    fn handover_row(&self, actor: &Actor, id: MatterId) -> Result<Option<HandOverShown>, Refusal> {
        let row = self.store.read(|c| Ok(entry::handover(c, id)?))?;
        row.filter(|row| {
            actor.may(Right::ReadField, row.area) || actor.may(Right::ReadField, row.from_area)
        })
        .map(|row| self.handover_shown(actor, &row))
        .transpose()
    }

    fn handover_shown(&self, actor: &Actor, row: &HandOverRow) -> Result<HandOverShown, Refusal> {
        let tree = self.tree()?;
        let offset = self.store.utc_offset();
        let right = if row.receiver == Receiver::Checkpoint {
            Right::KeepGate
        } else {
            Right::WatchOver
        };
        Ok(HandOverShown {
            handover: row.handover,
            from: tree.get_or_unnamed(row.from_area),
            area: tree.get_or_unnamed(row.area),
            receiver: row.receiver,
            receiver_name: row.receiver.label(),
            vehicle: row.vehicle.clone(),
            escort: row.escort.clone(),
            sent_by: self.account_name(row.begun_by)?,
            sent_at: offset.rfc3339(row.begun_at),
            expected: offset.rfc3339(row.expected),
            late: row.ended_at.is_none() && row.expected < self.now(),
            people: row.people,
            received: row.received,
            missing: row.missing,
            ended_at: row.ended_at.map(|at| offset.rfc3339(at)),
            may_receive: row.ended_at.is_none()
                && actor.may(right, row.area)
                && row.begun_by != actor.account,
            entrants: Vec::new(),
        })
    }
}
