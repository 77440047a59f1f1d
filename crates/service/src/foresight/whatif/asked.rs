//! What may be asked, and what is asked.

use lianfang_city::epidemic::Simulation;
use lianfang_city::population::{AreaMargin, CityDescription, Population};
use lianfang_city::scenario::Scenario;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode, AreaTree};
use lianfang_core::ids::PolicyId;
use lianfang_core::text::Text;
use lianfang_policy::{Pack, shipped_ids};
use serde::{Deserialize, Serialize};

use crate::foresight::state::StateCounts;
use crate::{Actor, House, Refusal};

/// Packs that are tried side by side at most.
const MOST_PACKS: usize = 3;
/// Bounds of a question: a job must end while somebody waits.
const LEAST_PEOPLE: u32 = 1_000;
const MOST_PEOPLE: u32 = 200_000;
const LONGEST_RUN: u32 = 180;
const MOST_SEEDS: u32 = 50;
/// People × days × seeds × packs at most.
const MOST_WORK: u64 = 2_000_000_000;
/// The description that is taken where none is of the area.
const USUAL_CITY: &str = "shengzhou";
/// Stands for the pack in force.
const IN_FORCE: &str = "in_force";
/// Stands before the id of a pack that comes with the program.
const SHIPPED: &str = "shipped:";

lianfang_core::words! {
    /// What runs begin with.
    StartFrom {
        /// Some people are infected, and nobody knows yet.
        Blank = "blank", "a blank city", "空白城市";
        /// Today's real state.
        Today = "today", "today's real state", "当前真实状态";
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatIfAsked {
    /// The area; the asker's own where none is named.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub area: Option<AreaCode>,
    /// Packs: `in_force`, `shipped:` with an id, or the id of a version; the first is what others are compared with.
    pub packs: Vec<String>,
    /// Days of a run.
    pub days: i64,
    /// Seeds, from 1 on.
    pub seeds: i64,
    /// People of the city.
    pub people: i64,
    /// The description whose margins are taken; the one of the area, if there is any, where none is named.
    #[serde(default)]
    pub city: Option<String>,
    /// What runs begin with.
    pub start: StartFrom,
    /// People infected on the first day of a blank city.
    #[serde(default)]
    pub infected: Option<i64>,
    /// Whether doing nothing is compared, too.
    #[serde(default)]
    pub with_nothing: bool,
    /// Whether each rule of the first pack is switched off in turn.
    #[serde(default)]
    pub ablate: bool,
}

/// A pack that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PackChoice {
    /// How it is named in a question.
    pub pack: String,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: Text,
    /// Where it comes from: in force, with the program, or proposed.
    pub kind: Text,
    /// Why it cannot be simulated, where it cannot.
    pub problem: Option<String>,
}

/// A description of a city that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CityChoice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
}

/// Bounds of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WhatIfBounds {
    /// Packs at most.
    pub most_packs: usize,
    /// Fewest people.
    pub least_people: u32,
    /// Most people.
    pub most_people: u32,
    /// Most days.
    pub most_days: u32,
    /// Most seeds.
    pub most_seeds: u32,
    /// People × days × seeds × packs at most.
    pub most_work: u64,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct WhatIfChoices {
    /// Packs.
    pub packs: Vec<PackChoice>,
    /// Descriptions of cities.
    pub cities: Vec<CityChoice>,
    /// The description that is taken where none is named.
    pub city: String,
    /// Bounds.
    pub bounds: WhatIfBounds,
    /// Today's state of the area; none where there is no case.
    pub today: Option<StateCounts>,
    /// The newest job of the area, if any is kept.
    pub newest: Option<String>,
}

/// A pack that is tried.
pub(super) struct Tried {
    pub(super) label: String,
    pub(super) pack: Pack,
}

/// A question that can be answered.
pub(super) struct Question {
    pub(super) asked: WhatIfAsked,
    pub(super) area: Area,
    pub(super) tried: Vec<Tried>,
    pub(super) description: CityDescription,
    pub(super) margins: Text,
    pub(super) scenario: Scenario,
    pub(super) start: Option<crate::foresight::state::StateNow>,
    pub(super) days: u32,
    pub(super) seeds: u32,
    pub(super) people: u32,
}

pub(super) fn bounds() -> WhatIfBounds {
    WhatIfBounds {
        most_packs: MOST_PACKS,
        least_people: LEAST_PEOPLE,
        most_people: MOST_PEOPLE,
        most_days: LONGEST_RUN,
        most_seeds: MOST_SEEDS,
        most_work: MOST_WORK,
    }
}

fn within(field: &'static str, value: i64, least: u32, most: u32) -> Result<u32, Refusal> {
    match u32::try_from(value) {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        _ => Err(Refusal::invalid(
            field,
            format!("Takes a whole number from {least} to {most}."),
            format!("须为{least}至{most}的整数。"),
        )),
    }
}

/// The margins that fit an area: those of a description for it, else the usual ones.
fn usual_city(area: AreaCode) -> &'static str {
    CityDescription::shipped_ids()
        .find(|id| {
            let of = CityDescription::shipped(id).and_then(Result::ok);
            of.and_then(|of| of.code.parse().ok()) == Some(area)
        })
        .unwrap_or(USUAL_CITY)
}

/// The areas one step below with their people; the area itself where there are none.
fn areas_below(tree: &AreaTree, area: &Area) -> Vec<AreaMargin> {
    let below = tree.children(area.code);
    let of: Vec<&Area> = if below.is_empty() {
        vec![area]
    } else {
        below.iter().collect()
    };
    let known: Vec<u32> = of.iter().filter_map(|area| area.population).collect();
    let mean = known.iter().map(|n| u64::from(*n)).sum::<u64>() / known.len().max(1) as u64;
    let mean = u32::try_from(mean).unwrap_or(u32::MAX).max(1);
    let margin = |area: &&Area| AreaMargin {
        code: area.code.to_string(),
        name: Text::new(
            area.name_en.clone().unwrap_or_else(|| area.name.clone()),
            area.name.clone(),
        ),
        people: area.population.unwrap_or(mean),
    };
    of.iter().map(margin).collect()
}

impl House {
    /// What can be asked of an area.
    ///
    /// # Errors
    /// Where the asker may not plan policy, or the area is none of theirs.
    pub fn whatif_choices(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
    ) -> Result<WhatIfChoices, Refusal> {
        let area = self.area_planned(actor, area)?;
        let now = self.policy()?;
        let (pack, kind) = (&now.pack, Text::new("in force", "现行"));
        let mut packs = vec![choice(IN_FORCE.into(), pack, kind)];
        for id in shipped_ids() {
            let shipped = Pack::shipped(id).ok();
            if let Some(pack) = shipped.filter(|pack| pack.digest != now.pack.digest) {
                let kind = Text::new("comes with the program", "程序附带");
                packs.push(choice(format!("{SHIPPED}{id}"), &pack, kind));
            }
        }
        for version in self.policies_proposed()? {
            let kind = Text::new("proposed", "提议中");
            packs.push(choice(version.0.to_string(), &version.1, kind));
        }
        let cities = CityDescription::shipped_ids().filter_map(|id| {
            let description = CityDescription::shipped(id)?.ok()?;
            Some(CityChoice {
                id: id.to_owned(),
                name: description.name,
            })
        });
        let today = self
            .state_now(actor, area, MOST_PEOPLE, &now.pack)
            .map(|state| state.counts);
        Ok(WhatIfChoices {
            packs,
            cities: cities.collect(),
            city: usual_city(area).to_owned(),
            bounds: bounds(),
            today: today.ok(),
            newest: self.jobs.newest(area),
        })
    }

    /// The area of a question: its asker must plan policy, and read its cases.
    pub(super) fn area_planned(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
    ) -> Result<AreaCode, Refusal> {
        let area = self.area_with_cases(actor, area)?;
        actor.require(Right::ProposePolicy, area)?;
        Ok(area)
    }

    /// Reads a question, and all that its answer needs.
    pub(super) fn question(&self, actor: &Actor, asked: &WhatIfAsked) -> Result<Question, Refusal> {
        let area = self.area_planned(actor, asked.area)?;
        let days = within("days", asked.days, 1, LONGEST_RUN)?;
        let seeds = within("seeds", asked.seeds, 1, MOST_SEEDS)?;
        let people = within("people", asked.people, LEAST_PEOPLE, MOST_PEOPLE)?;
        let usual = Scenario::default();
        let infected = asked.infected.unwrap_or(i64::from(usual.imports.initial));
        let infected = within("infected", infected, 1, people / 2)?;
        if !(1..=MOST_PACKS).contains(&asked.packs.len()) {
            return Err(Refusal::invalid(
                "packs",
                format!("Takes 1 to {MOST_PACKS} packs."),
                format!("须选择1至{MOST_PACKS}个规则包。"),
            ));
        }
        let arms = asked.packs.len() as u64 + u64::from(asked.with_nothing);
        let work = [people, days, seeds].map(u64::from).iter().product::<u64>() * arms;
        if work > MOST_WORK {
            return Err(Refusal::invalid(
                "seeds",
                format!(
                    "People × days × seeds × packs is {work}; at most {MOST_WORK} is run. Ask for fewer."
                ),
                format!("人数×天数×种子数×规则包数为{work}，最多{MOST_WORK}，请减少。"),
            ));
        }
        let mut tried: Vec<Tried> = Vec::new();
        for name in &asked.packs {
            let pack = self.pack_asked(name)?;
            let label = pack.word();
            if tried.iter().any(|other| other.pack.digest == pack.digest) {
                return Err(Refusal::invalid(
                    "packs",
                    format!("{label} is asked for twice."),
                    format!("{label}重复选择。"),
                ));
            }
            if let Some(problem) = cannot_run(&pack) {
                return Err(Refusal::invalid(
                    "packs",
                    format!("{label} cannot be simulated: {problem}."),
                    format!("{label}无法模拟：{problem}。"),
                ));
            }
            tried.push(Tried { label, pack });
        }
        let tree = self.tree()?;
        let of = tree.get(area).ok_or(Refusal::NotFound("area"))?;
        let city = asked.city.as_deref().unwrap_or_else(|| usual_city(area));
        let template = CityDescription::shipped(city).and_then(Result::ok);
        let template = template.ok_or_else(|| {
            Refusal::invalid(
                "city",
                "Takes the id of a description that comes with the program.",
                "须为程序附带的城市描述编号。",
            )
        })?;
        let margins = template.name.clone();
        let description = template
            .scaled(people, Some((area.to_string(), areas_below(&tree, &of))))
            .map_err(|error| {
                Refusal::invalid(
                    "people",
                    format!("No city can be built so: {error}."),
                    format!("无法据此构建城市：{error}。"),
                )
            })?;
        let mut scenario = usual;
        let start = match asked.start {
            StartFrom::Blank => {
                scenario.start = self.today();
                scenario.imports.initial = infected;
                None
            }
            StartFrom::Today => {
                let state = self.state_now(actor, area, people, &tried[0].pack)?;
                scenario.start = state.as_of.tomorrow().unwrap_or(state.as_of);
                // Those whom the cases on record stand for are the infected of the first day.
                scenario.imports.initial = 0;
                Some(state)
            }
        };
        Ok(Question {
            asked: asked.clone(),
            area: of,
            tried,
            description,
            margins,
            scenario,
            start,
            days,
            seeds,
            people,
        })
    }

    /// The pack of a name in a question.
    fn pack_asked(&self, name: &str) -> Result<Pack, Refusal> {
        let unknown = || {
            Refusal::invalid(
                "packs",
                "Takes in_force, shipped: with the id of a pack that comes with the program, or the id of a version.",
                "须为in_force、shipped:加程序附带规则包编号，或版本编号。",
            )
        };
        if name == IN_FORCE {
            // Read anew: a job keeps its own.
            let text = self.policy()?.pack.text.clone();
            return Pack::read(&text).map_err(|error| Refusal::Pack(error.to_string()));
        }
        if let Some(id) = name.strip_prefix(SHIPPED) {
            return Pack::shipped(id).map_err(|_| unknown());
        }
        let id: PolicyId = name.parse().map_err(|_| unknown())?;
        self.pack_of_version(id)?.ok_or_else(unknown)
    }
}

fn choice(name: String, pack: &Pack, kind: Text) -> PackChoice {
    PackChoice {
        pack: name,
        id: pack.id.clone(),
        version: pack.version.clone(),
        name: pack.name.clone(),
        kind,
        problem: cannot_run(pack),
    }
}

/// Why a pack cannot be simulated, tried in the smallest city.
fn cannot_run(pack: &Pack) -> Option<String> {
    let scenario = Scenario::default();
    let city = CityDescription::well_mixed(LEAST_PEOPLE);
    let city = Population::build(&city, 1).ok()?;
    let problem = Simulation::new(&city, pack, &scenario).err()?;
    Some(problem.to_string())
}
