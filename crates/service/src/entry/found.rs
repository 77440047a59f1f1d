//! How an arrival is found again: the same document at once, the same person by likeness offered.

use std::collections::BTreeSet;

use jiff::{Span, Timestamp};
use lianfang_core::access::Right;
use lianfang_core::alike::{Described, Verdict, alike, documents_differ};
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::{Destination, Journey, Source, Stage};
use lianfang_core::facts::{Body, EntrantFound, EntrantJoined, EntrantsAlike};
use lianfang_core::ids::{CheckpointId, EntrantId, HouseholdId, PersonId};
use lianfang_core::people::PersonalData;
use lianfang_core::text::bounded;
use lianfang_store::views::entry::{self, EntrantRow};
use lianfang_store::{IndexKind, SealedPerson};

use super::origins::of_journey;
use crate::field::person::{age_on, fill_in};
use crate::field::taking::{Taking, Written};
use crate::field::{Coming, PersonGiven};
use crate::{Actor, Refusal};

/// Offers that one record makes at most.
const MOST_OFFERS: usize = 5;
/// Records that one is compared with at most.
const MOST_COMPARED: usize = 200;
/// Companions and stops that a journey names at most.
const MOST_STOPS: usize = 20;

/// An arrival as it will be recorded: who it is, and what is written for it.
pub(super) struct Recorded {
    /// The record that speaks for the person.
    pub(super) entrant: EntrantId,
    /// The person.
    pub(super) person: PersonId,
    /// The record as it stood, where there was one.
    pub(super) before: Option<EntrantRow>,
    /// What is known of it now.
    pub(super) found: EntrantFound,
    /// The area it is written for.
    pub(super) area: AreaCode,
    pub(super) facts: Vec<(AreaCode, Body)>,
    pub(super) people: Vec<SealedPerson>,
}

/// From where an arrival is known.
pub(super) struct Known<'k> {
    pub(super) source: Source,
    pub(super) arrived: bool,
    pub(super) checkpoint: Option<(CheckpointId, AreaCode)>,
    pub(super) household: Option<HouseholdId>,
    pub(super) list: Option<&'k str>,
}

impl Known<'_> {
    /// Whether somebody stood before the person.
    fn seen(&self) -> bool {
        self.arrived && matches!(self.source, Source::Checkpoint | Source::Canvass)
    }
}

fn checked(journey: &Journey) -> Result<Journey, Refusal> {
    let short = |field: &'static str, text: &Option<String>| {
        text.as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| {
                bounded(text, 1, 24).map_err(|_| {
                    Refusal::invalid(field, "At most 24 characters.", "最多24个字符。")
                })
            })
            .transpose()
    };
    if journey.stops.len() > MOST_STOPS {
        return Err(Refusal::invalid(
            "stops",
            format!("At most {MOST_STOPS} stops."),
            format!("最多{MOST_STOPS}个经停地。"),
        ));
    }
    Ok(Journey {
        mode: journey.mode,
        number: short("number", &journey.number)?.map(|number| number.to_uppercase()),
        seat: short("seat", &journey.seat)?.map(|seat| seat.to_uppercase()),
        from: short("from", &journey.from)?.map(|from| from.to_uppercase()),
        stops: journey.stops.clone(),
    })
}

impl Taking<'_> {
    /// The span of arrivals that are one journey with this one.
    fn same_journey(
        &self,
        arrival: jiff::Timestamp,
    ) -> Result<(jiff::Timestamp, jiff::Timestamp), Refusal> {
        let days = i64::from(self.settings()?.same_journey_days);
        let span = Span::new().hours(24 * days);
        let wrong = || Refusal::invalid("arrival", "Not a moment of our time.", "抵达时间不正确。");
        let from = arrival.checked_sub(span).map_err(|_| wrong())?;
        let until = arrival.checked_add(span).map_err(|_| wrong())?;
        Ok((from, until))
    }

    /// Checks when somebody says to arrive: nobody has arrived in the future, and nobody announces
    /// a journey of another year.
    fn arrival(&self, coming: &Coming, arrived: bool) -> Result<jiff::Timestamp, Refusal> {
        let arrival = coming.arrival;
        if arrived && arrival > self.now {
            return Err(Refusal::invalid(
                "arrival",
                "Whoever is here did not arrive in the future.",
                "已抵达人员的抵达时间不能在未来。",
            ));
        }
        if arrival.duration_since(self.now).abs() > crate::matters::FARTHEST {
            return Err(Refusal::invalid(
                "arrival",
                "An arrival lies within a year.",
                "抵达时间须在一年以内。",
            ));
        }
        Ok(arrival)
    }

    /// The area somebody is bound for, as far as it lies within this ledger.
    fn bound_for(&self, coming: &Coming, known: &Known<'_>) -> Result<AreaCode, Refusal> {
        let root = self.house.store.root();
        let fallback = known
            .checkpoint
            .map(|(_, area)| area)
            .or_else(|| self.actor.area_of(Right::KeepGate))
            .filter(|area| root.contains(*area))
            .unwrap_or(root);
        match coming.bound_for {
            Some(area) if coming.destination == Destination::Here || root.contains(area) => {
                if !root.contains(area) {
                    return Err(Refusal::invalid(
                        "bound_for",
                        "This area is not ours: the destination is then another county, or transit.",
                        "该地区不属本辖区，去向应填其他县区或过境。",
                    ));
                }
                self.house.known_area(area).map_err(|_| {
                    Refusal::invalid(
                        "bound_for",
                        "No such area is known here.",
                        "系统中没有此区域。",
                    )
                })?;
                Ok(area)
            }
            _ => Ok(fallback),
        }
    }

    /// Finds or makes the record of an arrival.
    pub(super) fn record(
        &self,
        given: &PersonGiven,
        coming: &Coming,
        known: &Known<'_>,
    ) -> Result<Recorded, Refusal> {
        let data = self.described(given)?;
        let arrival = self.arrival(coming, known.arrived)?;
        let area = self.bound_for(coming, known)?;
        let journey = checked(&coming.journey)?;
        let origins = self.house.origins(&self.policy)?;
        let (origin, abroad) = of_journey(&self.policy.pack, &origins, &journey)?;
        let list = known
            .list
            .map(|list| self.text("list", list, (1, 80)))
            .transpose()?;
        let today = self.house.today();
        let mut found = EntrantFound {
            entrant: EntrantId::from_bytes(self.id.to_bytes()),
            person: PersonId::from_bytes(self.id.to_bytes()),
            source: known.source,
            checkpoint: known.checkpoint.map(|(id, _)| id),
            household: known.household,
            list,
            journey,
            arrival,
            arrived: known.arrived,
            destination: coming.destination,
            origin,
            abroad,
            age: data.born.map(|born| age_on(born, today)),
            pregnant: coming.circumstances.pregnant,
            needs_care: coming.circumstances.needs_care,
            home_suitable: coming.circumstances.home_suitable,
            party: coming.party,
            said: self.said.clone(),
        };
        let (from, until) = self.same_journey(arrival)?;
        let holders = self.with_document(&data)?;
        let of_document = self.read(|c| entry::of_people(c, &holders, from, until))?;
        let nearest = of_document
            .into_iter()
            .min_by_key(|row| row.arrival.duration_since(arrival).abs());
        let nearest = match nearest {
            None if known.seen() => self.under_order(&holders)?,
            nearest => nearest,
        };
        let Some(row) = nearest else {
            // A new journey, of somebody known or not.
            if let Some(person) = holders.first() {
                found.person = *person;
            }
            let known_data = self.house.store.open_person(found.person)?;
            let people = match known_data {
                // A declaration leaves what is on record of somebody known as it is.
                Some(_) if known.source == Source::Declared => Vec::new(),
                Some(old) => vec![self.house.store.seal(found.person, &fill_in(&old, &data).0)],
                None => vec![self.house.store.seal(found.person, &data)],
            };
            let mut facts = vec![(area, Body::EntrantFound(found.clone()))];
            facts.extend(self.offers(&data, &found, area)?);
            return Ok(Recorded {
                entrant: found.entrant,
                person: found.person,
                before: None,
                found,
                area,
                facts,
                people,
            });
        };
        let root = self
            .read(|c| Ok(entry::speaker(c, row.entrant)?))?
            .ok_or(Refusal::NotFound("entrant"))?;
        let old = self
            .house
            .store
            .open_person(row.person)?
            .unwrap_or_default();
        let (both, differs) = fill_in(&old, &data);
        // Nobody has seen who declares: what a declaration adds to somebody known stands beside it.
        let beside = known.source == Source::Declared && both != old;
        if differs || beside {
            // The same document, and something else is said otherwise: both stay on record, taken
            // for one at once, so that whoever finds it wrong can take them apart again. Somebody
            // who is here goes on before somebody who is only announced.
            let announced = matches!(root.stage, Stage::Expected | Stage::NotCome);
            let new = (found.entrant, found.person, area);
            let old = (root.entrant, root.person, root.area);
            let (taken, into) = if announced && known.arrived {
                (old, new)
            } else {
                (new, old)
            };
            let people = vec![self.house.store.seal(found.person, &data)];
            let joined = EntrantJoined {
                entrant: taken.0,
                into: into.0,
                same: vec!["document".into()],
                at_once: true,
                said: String::new(),
            };
            let facts = vec![
                (area, Body::EntrantFound(found.clone())),
                (into.2, Body::EntrantJoined(joined)),
            ];
            return Ok(Recorded {
                entrant: into.0,
                person: into.1,
                before: Some(root),
                found,
                area,
                facts,
                people,
            });
        }
        found.entrant = root.entrant;
        found.person = root.person;
        if known.source == Source::Declared {
            found.pregnant = root.pregnant;
            found.needs_care = root.needs_care;
            found.home_suitable = root.home_suitable;
        }
        let people = if both == old {
            Vec::new()
        } else {
            vec![self.house.store.seal(row.person, &both)]
        };
        Ok(Recorded {
            entrant: root.entrant,
            person: root.person,
            before: Some(root),
            facts: vec![(area, Body::EntrantFound(found.clone()))],
            found,
            area,
            people,
        })
    }

    /// The record under which one of these people is under an order: whoever is seen while it is in
    /// force is still on that journey, however long ago it was.
    fn under_order(&self, people: &[PersonId]) -> Result<Option<EntrantRow>, Refusal> {
        self.read(|c| {
            for row in entry::of_people(c, people, Timestamp::MIN, Timestamp::MAX)? {
                let speaks = entry::speaker(c, row.entrant)?;
                if speaks.is_some_and(|speaks| speaks.order.is_some()) {
                    return Ok(Some(row));
                }
            }
            Ok(None)
        })
    }

    /// Records that look like this one, to be taken for one by somebody's word.
    fn offers(
        &self,
        data: &PersonalData,
        found: &EntrantFound,
        area: AreaCode,
    ) -> Result<Vec<(AreaCode, Body)>, Refusal> {
        let (from, until) = self.same_journey(found.arrival)?;
        let born = data.born.map(|born| born.to_string());
        let mut people = BTreeSet::new();
        for (kind, text) in [
            (IndexKind::Phone, data.phone.as_deref()),
            (IndexKind::Name, data.name.as_deref()),
            (IndexKind::Born, born.as_deref()),
        ] {
            if let Some(text) = text {
                people.extend(self.house.store.indexed_people(kind, text)?);
            }
        }
        let people: Vec<PersonId> = people.into_iter().collect();
        let mut rows = self.read(|c| entry::of_people(c, &people, from, until))?;
        rows.sort_by_key(|row| row.arrival.duration_since(found.arrival).abs());
        rows.truncate(MOST_COMPARED);
        let those: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
        let opened = self.house.store.open_people(&those)?;
        let new = described(data, &found.journey, found.arrival);
        let mut offers: Vec<(usize, EntrantsAlike)> = Vec::new();
        let mut roots = BTreeSet::new();
        for (row, old) in rows.iter().zip(&opened) {
            let Some(old) = old else { continue };
            let likeness = alike(&new, &described(old, &row.journey, row.arrival));
            if likeness.verdict == Verdict::Different || !roots.insert(row.root) {
                continue;
            }
            let documents = self.documents_of(row.root)?;
            if data
                .document
                .as_deref()
                .is_some_and(|new| documents.iter().any(|known| documents_differ(new, known)))
            {
                continue;
            }
            offers.push((
                likeness.same.len(),
                EntrantsAlike {
                    entrant: found.entrant,
                    other: row.entrant,
                    same: likeness
                        .same
                        .iter()
                        .map(|word| (*word).to_owned())
                        .collect(),
                },
            ));
        }
        offers.sort_by_key(|(same, _)| std::cmp::Reverse(*same));
        Ok(offers
            .into_iter()
            .take(MOST_OFFERS)
            .map(|(_, offer)| (area, Body::EntrantsAlike(offer)))
            .collect())
    }

    /// An arrival that became known other than by a check at a checkpoint.
    pub(crate) fn notice(
        &self,
        source: Source,
        given: &PersonGiven,
        coming: &Coming,
        arrived: bool,
        list: Option<&str>,
        household: Option<HouseholdId>,
    ) -> Result<Written, Refusal> {
        if source == Source::Checkpoint {
            return Err(Refusal::invalid(
                "source",
                "At a checkpoint people are checked in: kind `check_in`.",
                "卡口登记请用check_in。",
            ));
        }
        let recorded = self.record(
            given,
            coming,
            &Known {
                source,
                arrived,
                checkpoint: None,
                household,
                list,
            },
        )?;
        if !self.may_record(recorded.area, source) {
            return Err(Refusal::Forbidden);
        }
        Ok(Written {
            facts: recorded.facts,
            people: recorded.people,
            entrant: Some(recorded.entrant),
            decision: None,
        })
    }

    /// Whether the actor may record an arrival: for an area of theirs; a list, with the right to
    /// import anywhere; a declaration, by the house for whoever declares.
    fn may_record(&self, area: AreaCode, source: Source) -> bool {
        let actor: &Actor = self.actor;
        actor.may(Right::KeepGate, area)
            || actor.may(Right::WatchOver, area)
            || (source == Source::List && actor.may(Right::Import, area))
    }
}

/// A record as it is compared.
fn described<'d>(
    data: &'d PersonalData,
    journey: &'d Journey,
    arrival: jiff::Timestamp,
) -> Described<'d> {
    Described {
        name: data.name.as_deref(),
        born: data.born,
        phone: data.phone.as_deref(),
        document: data.document.as_deref(),
        sex: data.sex,
        arrival,
        journey_number: journey.number.as_deref(),
        seat: journey.seat.as_deref(),
        from: journey.from.as_deref(),
    }
}
