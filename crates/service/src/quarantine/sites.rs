//! Sites as shown: who is in which bed, and how full they will be.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::entry::Triage;
use lianfang_core::ids::{OrderId, PartyId, SiteId};
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::entry;
use lianfang_store::views::quarantine::{self as view, BedTaken, SiteRow};
use serde::Serialize;

use crate::entry::tail;
use crate::{Actor, House, Refusal};

/// How many beds somebody has on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DayOccupied {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Beds that somebody has at its end: those there now whose release lies later, and those
    /// on their way here.
    pub occupied: u64,
}

/// A site, in a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SiteShown {
    /// The site.
    #[schema(value_type = String)]
    pub site: SiteId,
    /// Its name.
    pub name: Text,
    /// Its area.
    pub area: Area,
    /// Whom it takes in, by what the gate decided; all where empty.
    pub takes: Vec<Triage>,
    /// Whether it takes anybody in.
    pub open: bool,
    /// Rooms.
    pub rooms: usize,
    /// Beds.
    pub beds: u64,
    /// Beds that somebody has.
    pub occupied: u64,
    /// Beds that nobody has.
    pub free: u64,
    /// On their way here: sent, and not received yet.
    pub on_the_way: u64,
    /// The coming days, today first.
    pub foreseen: Vec<DayOccupied>,
}

/// Beds of open sites that take in a class of people.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ClassFree {
    /// The class, by what the gate decided.
    pub class: Triage,
    /// Its name.
    pub name: Text,
    /// Beds.
    pub beds: u64,
    /// Beds that nobody has.
    pub free: u64,
}

/// Beds that an area needs at its sites on a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DayNeeded {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Those there now whose release lies later, and of the arrivals foreseen the share that the
    /// gates sent to sites of late; none where nothing allows an estimate.
    pub needed: Option<f64>,
    /// Beds of open sites.
    pub beds: u64,
}

/// The sites of an area.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SitesShown {
    /// The sites.
    pub sites: Vec<SiteShown>,
    /// Beds by class; a bed for several classes counts for each.
    pub classes: Vec<ClassFree>,
    /// Beds needed on the coming days, today first, new arrivals included.
    pub needed: Vec<DayNeeded>,
}

/// A bed, and who has it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SiteBed {
    /// Its number, from 1.
    pub bed: u8,
    /// The order of whoever has it.
    #[schema(value_type = Option<String>)]
    pub order: Option<OrderId>,
    /// Their name, masked.
    pub name: Option<String>,
    /// The last four characters of their document.
    pub tail: Option<String>,
    /// Those who travelled together.
    #[schema(value_type = Option<String>)]
    pub party: Option<PartyId>,
    /// What the gate decided.
    pub triage: Option<Triage>,
    /// Their day of release.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Date>,
}

/// A room with its beds.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SiteRoom {
    /// Its number, as on the door.
    pub room: String,
    /// Its beds.
    pub beds: Vec<SiteBed>,
}

/// A site with all its rooms.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SiteWhole {
    /// As in the list.
    #[serde(flatten)]
    pub site: SiteShown,
    /// Its rooms.
    pub layout: Vec<SiteRoom>,
}

/// A site's name in both languages.
pub(crate) fn name_of(site: &SiteRow) -> Text {
    Text::new(
        site.name_en.clone().unwrap_or_else(|| site.name.clone()),
        site.name.clone(),
    )
}

/// Of those in it now: on which day how many leave.
type Leaving = BTreeMap<SiteId, Vec<(Date, u64)>>;

impl House {
    fn leaving(&self, within: AreaCode) -> Result<Leaving, Refusal> {
        let today = self.today();
        let rows = self.store.read(|c| Ok(view::staying(c, within, today)?))?;
        let mut leaving = Leaving::new();
        for (site, day, people) in rows {
            leaving.entry(site).or_default().push((day, people));
        }
        Ok(leaving)
    }

    fn site_shown(&self, row: &SiteRow, leaving: &Leaving) -> Result<SiteShown, Refusal> {
        let policy = self.policy()?;
        let today = self.today();
        let days = i64::from(policy.field()?.foreseen_days);
        let site = row.site;
        let on_the_way = self.store.read(|c| Ok(entry::on_the_way_to(c, site)?))?;
        let of_site = leaving.get(&row.site).map_or(&[][..], Vec::as_slice);
        let foreseen = (0..days)
            .filter_map(|ahead| {
                let day = today.checked_add(ahead.days()).ok()?;
                let stay: u64 = of_site
                    .iter()
                    .filter(|(leaves, _)| *leaves > day || ahead == 0)
                    .map(|(_, people)| people)
                    .sum();
                Some(DayOccupied {
                    day,
                    occupied: stay + on_the_way,
                })
            })
            .collect();
        Ok(SiteShown {
            site: row.site,
            name: name_of(row),
            area: self.tree()?.get_or_unnamed(row.area),
            takes: row.takes.iter().collect(),
            open: row.open,
            rooms: row.rooms.len(),
            beds: row.beds,
            occupied: row.occupied,
            free: row.free,
            on_the_way,
            foreseen,
        })
    }

    /// The sites of an area.
    pub fn sites(&self, actor: &Actor, area: Option<AreaCode>) -> Result<SitesShown, Refusal> {
        let wave = self.arrivals_foreseen(actor, area)?;
        let area = self.field_area(actor, area)?;
        let rows = self.store.read(|c| Ok(view::sites(c, area)?))?;
        let leaving = self.leaving(area)?;
        let classes = Triage::ALL
            .iter()
            .filter(|class| !matches!(class, Triage::Pass | Triage::TurnBack))
            .map(|class| {
                let takes = || rows.iter().filter(|row| row.open && row.takes(*class));
                ClassFree {
                    class: *class,
                    name: class.label(),
                    beds: takes().map(|row| row.beds).sum(),
                    free: takes().map(|row| row.free).sum(),
                }
            })
            .collect();
        let needed = [&wave.today.day]
            .into_iter()
            .chain(&wave.days)
            .map(|ahead| DayNeeded {
                day: ahead.day,
                needed: ahead.beds_needed,
                beds: ahead.beds,
            })
            .collect();
        Ok(SitesShown {
            needed,
            classes,
            sites: rows
                .iter()
                .map(|row| self.site_shown(row, &leaving))
                .collect::<Result<_, _>>()?,
        })
    }

    /// A site with its rooms, and who is in them.
    pub fn site(&self, actor: &Actor, id: SiteId) -> Result<SiteWhole, Refusal> {
        let row = self
            .store
            .read(|c| Ok(view::site(c, id)?))?
            .filter(|row| actor.may(Right::ReadField, row.area))
            .ok_or(Refusal::NotFound("site"))?;
        let taken = self.store.read(|c| Ok(view::taken_beds(c, id)?))?;
        let people: Vec<_> = taken.iter().map(|taken| taken.person).collect();
        let opened = self.store.open_people(&people)?;
        let mut beds: BTreeMap<(&str, u8), SiteBed> = taken
            .iter()
            .zip(opened)
            .map(|(taken, data)| {
                let data = data.unwrap_or_default();
                let name = data.masked_name();
                let bed = bed_shown(taken, name, data.document.as_deref().map(tail));
                ((taken.room.as_str(), taken.bed), bed)
            })
            .collect();
        let layout = row
            .rooms
            .iter()
            .map(|room| SiteRoom {
                room: room.room.clone(),
                beds: (1..=room.beds)
                    .map(|bed| {
                        beds.remove(&(room.room.as_str(), bed))
                            .unwrap_or_else(|| empty(bed))
                    })
                    .collect(),
            })
            .collect();
        let leaving = self.leaving(row.area)?;
        Ok(SiteWhole {
            site: self.site_shown(&row, &leaving)?,
            layout,
        })
    }
}

fn bed_shown(taken: &BedTaken, name: Option<String>, tail: Option<String>) -> SiteBed {
    SiteBed {
        bed: taken.bed,
        order: Some(taken.order),
        name,
        tail,
        party: taken.party,
        triage: taken.triage,
        until: Some(taken.until),
    }
}

fn empty(bed: u8) -> SiteBed {
    SiteBed {
        bed,
        order: None,
        name: None,
        tail: None,
        party: None,
        triage: None,
        until: None,
    }
}
