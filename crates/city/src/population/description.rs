//! What a synthetic population is built from: totals and margins of a city, each with its source.

use lianfang_core::areas::AreaCode;
use lianfang_core::entry::CheckpointKind;
use lianfang_core::reopening::Sector;
use lianfang_core::text::Text;
use serde::{Deserialize, Serialize};

use super::PopulationError;

/// A city as its description file has it (`cities/*.toml`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityDescription {
    /// Its word: 1 to 60 of a-z, 0-9, - and _.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Its area code.
    pub code: String,
    /// How many people, by age and sex.
    pub people: PeopleMargin,
    /// The areas just below it, with their people.
    pub areas: AreasMargin,
    /// How many live together.
    pub households: HouseholdsMargin,
    /// Dormitories and the like.
    pub collective: CollectiveMargin,
    /// Homes for the old.
    pub care_homes: CareHomesMargin,
    /// Who works, and where.
    pub work: WorkMargin,
    /// Schools, from kindergarten up.
    #[serde(default)]
    pub school: Vec<SchoolStage>,
    /// Work outside one's own area.
    pub commuting: Commuting,
    /// Long-distance travel.
    pub travel: Travel,
    /// Where travellers are seen.
    #[serde(default)]
    pub checkpoint: Vec<CheckpointMargin>,
    /// Contacts by layer.
    pub contacts: Contacts,
    /// What posts are worth, and who supplies whom; left out, every post is worth the same and needs no supplies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub economy: Option<EconomyMargin>,
}

/// What posts are worth, and who supplies whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EconomyMargin {
    /// What a post is worth, by what its workplace does; 1 where nothing is said.
    #[serde(default)]
    pub worth: Vec<SectorWorth>,
    /// Supplies without which a sector cannot do all of its work.
    #[serde(default)]
    pub supply: Vec<SupplyLink>,
    /// Where the numbers come from.
    pub source: String,
}

/// What a post of a sector is worth beside others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectorWorth {
    /// What the workplace does.
    pub sector: Sector,
    /// Output of a post, beside 1 for others.
    pub worth: f64,
}

/// Who supplies whom.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyLink {
    /// Who needs the supplies.
    pub to: Sector,
    /// Who makes them.
    pub from: Sector,
    /// Percent of its output that `to` loses when nothing comes from `from`.
    pub percent: f64,
}

/// How many people, by age and sex.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleMargin {
    /// People, 1 to 50 million.
    pub total: u32,
    /// Percent of all people that are men.
    pub men_percent: f64,
    /// Bands of age, from 0 up; percent of all people; together 100.
    pub ages: Vec<AgeBand>,
    /// Where the numbers come from.
    pub source: String,
}

/// A band of age, up to the next one's beginning; the last ends at 100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeBand {
    /// Age from which it counts, in completed years.
    pub from: u8,
    /// Percent.
    pub percent: f64,
}

/// The areas just below the city.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreasMargin {
    /// The areas; their people together are the total.
    pub list: Vec<AreaMargin>,
    /// People of a village or community, on average.
    pub village_people: u32,
    /// Where the numbers come from.
    pub source: String,
}

/// One area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaMargin {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// Its people.
    pub people: u32,
}

/// How many live together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseholdsMargin {
    /// Mean people of a family household.
    pub mean: f64,
    /// Percent of households with 1, 2, 3 … people, 12 at most; together 100. The shape is tilted to `mean`.
    pub sizes: Vec<f64>,
    /// Where the numbers come from.
    pub source: String,
}

/// Dormitories and the like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectiveMargin {
    /// People in them, those of care homes left out.
    pub people: u32,
    /// People of a room, 1 to 12.
    pub room: u8,
    /// Youngest age.
    pub from: u8,
    /// Oldest age.
    pub to: u8,
    /// Where the numbers come from.
    pub source: String,
}

/// Homes for the old.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CareHomesMargin {
    /// Residents, all of them 65 or older.
    pub residents: u32,
    /// Residents of a home.
    pub home: u32,
    /// Residents of a wing, who meet one another and its staff.
    pub wing: u32,
    /// Staff for 100 residents.
    pub staff: f64,
    /// Where the numbers come from.
    pub source: String,
}

/// Who works, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkMargin {
    /// Percent of each band of age that has a post.
    pub employed: Vec<AgeBand>,
    /// Kinds of workplace; percent of posts; together 100. Schools and care homes stand by themselves.
    pub industries: Vec<Industry>,
    /// Sizes of workplaces; percent of posts; together 100.
    pub sizes: Vec<SizeBand>,
    /// People of a team, who meet every day.
    pub team: u32,
    /// Where the numbers come from.
    pub source: String,
}

/// A kind of workplace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Industry {
    /// What it does, as reopening rules know it.
    pub sector: Sector,
    /// Percent of posts.
    pub percent: f64,
    /// Whether its people care for patients.
    #[serde(default)]
    pub health_care: bool,
}

/// Workplaces of a range of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeBand {
    /// Fewest posts.
    pub from: u32,
    /// Most posts.
    pub to: u32,
    /// Percent of posts.
    pub percent: f64,
}

/// A stage of school.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchoolStage {
    /// Its name.
    pub name: Text,
    /// School or kindergarten.
    pub sector: Sector,
    /// Youngest age.
    pub from: u8,
    /// Oldest age.
    pub to: u8,
    /// Percent of these ages that go there.
    pub enrolled: f64,
    /// Pupils of a class.
    pub class: u32,
    /// Pupils of a school.
    pub school: u32,
    /// Teachers and other staff for a class.
    pub staff: f64,
    /// Where the numbers come from.
    pub source: String,
}

/// Work outside one's own area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commuting {
    /// Percent of workers whose post is in another area of the city.
    pub percent: f64,
    /// Percent of those who work or learn that ride public transport.
    pub riders: f64,
    /// Where the numbers come from.
    pub source: String,
}

/// Long-distance travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Travel {
    /// People who arrive on a day, for 1,000 who live in the city.
    pub arrivals: f64,
    /// Where the numbers come from.
    pub source: String,
}

/// A kind of checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointMargin {
    /// Its kind.
    pub kind: CheckpointKind,
    /// Percent of arrivals that are seen there.
    pub percent: f64,
}

/// Contacts of a day by layer. Only their proportions matter: the pack's reproduction number sets the scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contacts {
    /// Of somebody who works, in the own team and the rest of the workplace.
    pub work: f64,
    /// Of a pupil or teacher, in class and school.
    pub school: f64,
    /// Of anybody, in shops, streets and visits.
    pub community: f64,
    /// Of a rider of public transport.
    pub transport: f64,
    /// Of residents and staff of care homes, in their wing.
    pub care: f64,
    /// Of somebody who is ill, with people of health care.
    pub patients: f64,
    /// Percent of contacts at work or school in the own team or class.
    pub team_percent: f64,
    /// Percent of community contacts in the own village.
    pub village_percent: f64,
    /// Percent of community contacts in the own area, the village left out; the rest is anywhere in the city.
    pub area_percent: f64,
    /// Where the numbers come from.
    pub source: String,
    /// Days of the week; left out, each day is as any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<WeekMargin>,
    /// Whom people of one age meet in the community; left out, anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ages: Option<AgeMixing>,
}

/// Contacts by the day of the week, from Monday to Sunday. Only their proportions matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeekMargin {
    /// At work.
    pub work: [f64; 7],
    /// At school.
    pub school: [f64; 7],
    /// On journeys.
    pub transport: [f64; 7],
    /// In shops, streets and visits.
    pub community: [f64; 7],
    /// Where the numbers come from.
    pub source: String,
}

/// Whom people of one age meet in the community.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeMixing {
    /// The ages at which bands begin, from 0 up.
    pub from: Vec<u8>,
    /// Percent of community contacts with the own band, beside those that chance brings.
    pub same_percent: f64,
    /// Where the numbers come from.
    pub source: String,
}

impl CityDescription {
    /// Reads a description from the text of its file, and checks it.
    pub fn read(text: &str) -> Result<Self, PopulationError> {
        let description: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(0, |span| {
                text[..span.start.min(text.len())].matches('\n').count() + 1
            });
            PopulationError::Form {
                line,
                problem: error.message().to_owned(),
            }
        })?;
        description.check()?;
        Ok(description)
    }

    /// A city in which everybody lives alone and meets anybody: for comparison with theory.
    pub fn well_mixed(people: u32) -> Self {
        let source = "The project's own: a city for comparison with theory".to_owned();
        let name = Text::new("Well mixed", "均匀混合");
        Self {
            id: "well-mixed".into(),
            name: name.clone(),
            code: "990100".into(),
            people: PeopleMargin {
                total: people,
                men_percent: 50.0,
                ages: vec![
                    AgeBand {
                        from: 0,
                        percent: 0.0,
                    },
                    AgeBand {
                        from: 20,
                        percent: 100.0,
                    },
                    AgeBand {
                        from: 60,
                        percent: 0.0,
                    },
                ],
                source: source.clone(),
            },
            areas: AreasMargin {
                list: vec![AreaMargin {
                    code: "990102".into(),
                    name,
                    people,
                }],
                village_people: 2_500,
                source: source.clone(),
            },
            households: HouseholdsMargin {
                mean: 1.0,
                sizes: vec![100.0],
                source: source.clone(),
            },
            collective: CollectiveMargin {
                people: 0,
                room: 1,
                from: 20,
                to: 60,
                source: source.clone(),
            },
            care_homes: CareHomesMargin {
                residents: 0,
                home: 1,
                wing: 1,
                staff: 0.0,
                source: source.clone(),
            },
            work: WorkMargin {
                employed: vec![AgeBand {
                    from: 0,
                    percent: 0.0,
                }],
                industries: vec![Industry {
                    sector: Sector::Services,
                    percent: 100.0,
                    health_care: false,
                }],
                sizes: vec![SizeBand {
                    from: 1,
                    to: 9,
                    percent: 100.0,
                }],
                team: 10,
                source: source.clone(),
            },
            school: Vec::new(),
            commuting: Commuting {
                percent: 0.0,
                riders: 0.0,
                source: source.clone(),
            },
            travel: Travel {
                arrivals: 0.0,
                source: source.clone(),
            },
            checkpoint: Vec::new(),
            contacts: Contacts {
                work: 0.0,
                school: 0.0,
                community: 10.0,
                transport: 0.0,
                care: 0.0,
                patients: 0.0,
                team_percent: 100.0,
                village_percent: 0.0,
                area_percent: 0.0,
                source,
                week: None,
                ages: None,
            },
            economy: None,
        }
    }

    /// The city's area code.
    pub(crate) fn area_code(&self) -> Option<AreaCode> {
        self.code.parse().ok()
    }
}
