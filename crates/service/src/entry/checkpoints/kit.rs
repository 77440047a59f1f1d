//! The kit: all that a phone needs to check people without the network.

use jiff::ToSpan;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode, Level};
use lianfang_core::entry::{Destination, OriginRisk, Stage};
use lianfang_core::ids::{CheckpointId, EntrantId, OrderId, PartyId, PersonId, SiteId};
use lianfang_core::passes::CaseStanding;
use lianfang_core::quarantine::Watch;
use lianfang_core::text::Text;
use lianfang_policy::{Portable, Table};
use lianfang_store::views::entry::{self, EntrantFilter};
use lianfang_store::views::{cases, households, quarantine};
use serde::Serialize;

use super::GateShown;
use crate::policy::standing_of;
use crate::{Actor, House, Refusal};

/// Expected people that a kit carries at most.
const MOST_EXPECTED: usize = 2_000;
/// Residents that a kit carries at most: more live behind no gate.
const MOST_RESIDENTS: usize = 6_000;
/// Areas of one's own that a kit carries at most.
const MOST_LOCAL: usize = 3_000;

/// An area by its code and name.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AreaNamed {
    /// Its code.
    #[schema(value_type = String)]
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// Its English name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
}

impl From<Area> for AreaNamed {
    fn from(area: Area) -> Self {
        Self {
            code: area.code,
            name: area.name,
            name_en: area.name_en,
        }
    }
}

/// An area from which coming means something.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OriginNamed {
    /// Its code; all below it counts.
    #[schema(value_type = String)]
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// What coming from there means.
    pub risk: OriginRisk,
    /// Whether the policy lists it, which goes before the levels of our own areas.
    pub listed: bool,
}

/// Somebody expected at a gate, as far as the gate may see.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Expected {
    /// Who.
    #[schema(value_type = String)]
    pub entrant: EntrantId,
    /// The name, masked.
    pub name: Option<String>,
    /// The last four characters of the document.
    pub tail: Option<String>,
    /// The last four digits of the phone.
    pub phone_tail: Option<String>,
    /// Flight, train or ship.
    pub number: Option<String>,
    /// Seat.
    pub seat: Option<String>,
    /// Where from.
    pub from: Option<String>,
    /// What coming from there means.
    pub origin: OriginRisk,
    /// Whether from abroad.
    pub abroad: bool,
    /// When.
    pub arrival: String,
    /// Where to.
    pub bound_for: AreaNamed,
    /// Whether that is here.
    pub destination: Destination,
    /// Those who travel together.
    #[schema(value_type = Option<String>)]
    pub party: Option<PartyId>,
    /// How they are watched already.
    pub watch: Watch,
    /// How they stand as a case.
    pub case: CaseStanding,
    /// Age in years.
    pub age: Option<u8>,
    /// Whether pregnant.
    pub pregnant: bool,
    /// Whether in need of another's care.
    pub needs_care: bool,
    /// Whether there is a home fit for quarantine.
    pub home_suitable: bool,
}

/// Somebody who lives behind a gate.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ResidentShown {
    /// The person.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// The name, masked.
    pub name: Option<String>,
    /// The door.
    pub door: String,
    /// How they are watched.
    pub watch: Watch,
    /// The order that they are under.
    #[schema(value_type = Option<String>)]
    pub order: Option<OrderId>,
}

/// A site that takes people in.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SiteNamed {
    /// The site.
    #[schema(value_type = String)]
    pub site: SiteId,
    /// Its name.
    pub name: Text,
    /// Its area.
    pub area: AreaNamed,
    /// Free beds.
    pub free: u64,
}

/// All that a phone needs to check people without the network.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct GateKit {
    /// The checkpoint.
    pub checkpoint: GateShown,
    /// When this was made.
    pub as_of: String,
    /// Hours for which passes may be verified by the list of keys that the phone has; none where the pack says nothing of it.
    pub pass_list_hours: Option<u32>,
    /// The rules of the gate.
    pub rules: Portable,
    /// Areas from which coming means something.
    pub origins: Vec<OriginNamed>,
    /// Provinces and cities, to name where somebody comes from.
    pub areas: Vec<AreaNamed>,
    /// Our own areas, to name where somebody is going.
    pub local: Vec<AreaNamed>,
    /// People who are expected.
    pub expected: Vec<Expected>,
    /// People who live behind this gate.
    pub residents: Vec<ResidentShown>,
    /// Sites that take people in.
    pub sites: Vec<SiteNamed>,
}

/// The last four characters.
pub(crate) fn tail(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    chars[chars.len().saturating_sub(4)..].iter().collect()
}

impl House {
    /// All that a phone needs at a checkpoint.
    pub fn gate_kit(&self, actor: &Actor, id: CheckpointId) -> Result<GateKit, Refusal> {
        let row = self.gate_row(actor, id)?;
        actor.require(Right::KeepGate, row.area)?;
        let policy = self.policy()?;
        let tree = self.tree()?;
        let root = self.store.root();
        let name = |code: AreaCode| AreaNamed::from(tree.get_or_unnamed(code));
        let origins = self.origins(&policy)?;
        let listed = policy
            .pack
            .origins
            .iter()
            .map(|origin| (origin.area, origin.risk, true));
        let levels = origins.levels().map(|(code, risk)| (code, risk, false));
        let origins = listed
            .chain(levels)
            .map(|(code, risk, listed)| OriginNamed {
                code,
                name: name(code).name,
                risk,
                listed,
            })
            .collect();
        let areas = tree
            .all()
            .filter(|area| matches!(area.level, Level::Province | Level::City))
            .map(|area| name(area.code))
            .collect();
        let local = tree
            .subtree(root)
            .filter(|area| area.level >= Level::County)
            .take(MOST_LOCAL)
            .map(|area| name(area.code))
            .collect();
        let sites = self.store.read(|c| Ok(quarantine::sites(c, root)?))?;
        Ok(GateKit {
            checkpoint: self.gate_shown(&row)?,
            as_of: self.store.utc_offset().rfc3339(self.now()),
            pass_list_hours: policy.pack.passes.as_ref().and_then(|p| p.list_hours),
            rules: policy.pack.portable(Table::Entry),
            origins,
            areas,
            local,
            expected: self.expected_at(row.area)?,
            residents: self.residents_behind(row.area)?,
            sites: sites
                .into_iter()
                .filter(|site| site.open)
                .map(|site| SiteNamed {
                    site: site.site,
                    name: Text::new(
                        site.name_en.clone().unwrap_or_else(|| site.name.clone()),
                        site.name.clone(),
                    ),
                    area: name(site.area),
                    free: site.free,
                })
                .collect(),
        })
    }

    /// People who are expected, today's and tomorrow's first; those at the county of the gate and
    /// those of the whole jurisdiction come through the same gates.
    fn expected_at(&self, gate: AreaCode) -> Result<Vec<Expected>, Refusal> {
        let root = self.store.root();
        let county = gate.at_level(Level::County.min(gate.level()));
        let within = if root.contains(county) { county } else { root };
        let offset = self.store.utc_offset();
        let today = self.today();
        let day = |days: i32| today.checked_add(days.days()).unwrap_or(today);
        let filter = |area| EntrantFilter {
            area: Some(area),
            stages: vec![Stage::Expected, Stage::Arrived, Stage::ToSend],
            from: Some(offset.start_of(day(-1))),
            until: Some(offset.start_of(day(2))),
            ..EntrantFilter::default()
        };
        let tree = self.tree()?;
        let rows = self.store.read(|c| {
            let mut rows = entry::list(c, &filter(within), None, MOST_EXPECTED)?;
            if rows.len() < MOST_EXPECTED && within != root {
                let seen: std::collections::BTreeSet<_> =
                    rows.iter().map(|row| row.entrant).collect();
                let more = entry::list(c, &filter(root), None, MOST_EXPECTED)?;
                rows.extend(more.into_iter().filter(|row| !seen.contains(&row.entrant)));
                rows.truncate(MOST_EXPECTED);
            }
            let mut known = Vec::with_capacity(rows.len());
            for row in rows {
                let case = standing_of(&cases::of_person(c, row.person)?);
                let watch = match row.order {
                    Some(order) => {
                        quarantine::order(c, order)?.map_or(Watch::None, |row| row.watch)
                    }
                    None => Watch::None,
                };
                known.push((row, case, watch));
            }
            Ok(known)
        })?;
        let people: Vec<PersonId> = rows.iter().map(|(row, ..)| row.person).collect();
        let opened = self.store.open_people(&people)?;
        Ok(rows
            .into_iter()
            .zip(opened)
            .map(|((row, case, watch), data)| {
                let data = data.unwrap_or_default();
                Expected {
                    entrant: row.entrant,
                    name: data.masked_name(),
                    tail: data.document.as_deref().map(tail),
                    phone_tail: data.phone.as_deref().map(tail),
                    number: row.journey.number,
                    seat: row.journey.seat,
                    from: row.journey.from,
                    origin: row.origin,
                    abroad: row.abroad,
                    arrival: offset.rfc3339(row.arrival),
                    bound_for: tree.get_or_unnamed(row.area).into(),
                    destination: row.destination,
                    party: row.party,
                    watch,
                    case,
                    age: row.age,
                    pregnant: row.pregnant,
                    needs_care: row.needs_care,
                    home_suitable: row.home_suitable,
                }
            })
            .collect())
    }

    /// People who live behind the gate of a community, by door.
    fn residents_behind(&self, area: AreaCode) -> Result<Vec<ResidentShown>, Refusal> {
        if area.level() < Level::Village {
            return Ok(Vec::new());
        }
        let living = self
            .store
            .read(|c| Ok(households::residents_in(c, area, MOST_RESIDENTS)?))?;
        let people: Vec<PersonId> = living.iter().map(|(_, person)| *person).collect();
        let doors: Vec<PersonId> = living
            .iter()
            .map(|(household, _)| PersonId::from_bytes(household.to_bytes()))
            .collect();
        let opened = self.store.open_people(&people)?;
        let doors = self.store.open_people(&doors)?;
        let watched = self.store.read(|c| {
            people
                .iter()
                .map(|person| Ok(quarantine::live_of(c, *person)?))
                .collect::<Result<Vec<_>, _>>()
        })?;
        Ok(people
            .into_iter()
            .zip(opened)
            .zip(doors)
            .zip(watched)
            .map(|(((person, data), door), watched)| ResidentShown {
                person,
                name: data.and_then(|data| data.masked_name()),
                door: door.and_then(|door| door.address).unwrap_or_default(),
                watch: watched.as_ref().map_or(Watch::None, |row| row.watch),
                order: watched.map(|row| row.order),
            })
            .collect())
    }
}
