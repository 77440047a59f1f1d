//! Whether a city can be built from its margins: each number by itself, and all of them together.

use super::PopulationError;
use super::description::{AgeBand, CityDescription};
use lianfang_core::areas::AreaCode;

/// More people than the country's greatest city has.
const MOST_PEOPLE: u32 = 50_000_000;
/// Most people of a household or room: its size takes four bits.
const LARGEST_HOUSEHOLD: usize = 12;
/// Areas that a person's place can name.
const MOST_VILLAGES: u64 = 65_000;
/// How far percentages may be from 100 in all.
const ROUNDING: f64 = 0.1;
/// Age from which somebody can head a household.
pub(super) const ADULT: u8 = 18;
/// Age from which somebody can live in a care home.
pub(super) const OLD: u8 = 65;
/// The oldest age.
pub(super) const OLDEST: usize = 100;

fn range(field: &'static str, value: f64, least: f64, most: f64) -> Result<(), PopulationError> {
    if value.is_finite() && (least..=most).contains(&value) {
        return Ok(());
    }
    Err(PopulationError::Range {
        field,
        value,
        least,
        most,
    })
}

fn hundred(
    field: &'static str,
    parts: impl Iterator<Item = f64> + Clone,
) -> Result<(), PopulationError> {
    for part in parts.clone() {
        range(field, part, 0.0, 100.0)?;
    }
    let sum: f64 = parts.sum();
    if (sum - 100.0).abs() > ROUNDING {
        return Err(PopulationError::Hundred { field, sum });
    }
    Ok(())
}

fn bands(field: &'static str, bands: &[AgeBand]) -> Result<(), PopulationError> {
    let rising = bands.first().is_some_and(|band| band.from == 0)
        && bands.is_sorted_by(|a, b| a.from < b.from)
        && bands.iter().all(|band| usize::from(band.from) <= OLDEST);
    if rising {
        Ok(())
    } else {
        Err(PopulationError::Bands { field })
    }
}

impl CityDescription {
    /// Checks every number, and that the margins fit together.
    pub fn check(&self) -> Result<(), PopulationError> {
        self.check_head()?;
        self.check_people()?;
        self.check_places()?;
        self.check_economy()?;
        self.check_week_and_ages()?;
        self.check_sources()?;
        self.check_fit()
    }

    fn check_head(&self) -> Result<(), PopulationError> {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if !(1..=60).contains(&self.id.len()) || !self.id.chars().all(word) {
            return Err(PopulationError::Id);
        }
        let inside = |code: &str| {
            let code: AreaCode = code.parse().ok()?;
            Some(self.area_code()?.contains(code))
        };
        let all = std::iter::once(&self.code).chain(self.areas.list.iter().map(|area| &area.code));
        for code in all {
            if inside(code) != Some(true) {
                return Err(PopulationError::Code);
            }
        }
        let mut codes: Vec<&str> = self.areas.list.iter().map(|a| a.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        if codes.len() < self.areas.list.len() {
            return Err(PopulationError::Code);
        }
        Ok(())
    }

    fn check_people(&self) -> Result<(), PopulationError> {
        let people = &self.people;
        range(
            "people.total",
            f64::from(people.total),
            1.0,
            f64::from(MOST_PEOPLE),
        )?;
        range("people.men_percent", people.men_percent, 0.0, 100.0)?;
        bands("people.ages", &people.ages)?;
        hundred("people.ages", people.ages.iter().map(|band| band.percent))?;
        let sizes = &self.households.sizes;
        range(
            "households.sizes",
            sizes.len() as f64,
            1.0,
            LARGEST_HOUSEHOLD as f64,
        )?;
        hundred("households.sizes", sizes.iter().copied())?;
        range(
            "households.mean",
            self.households.mean,
            1.0,
            sizes.len() as f64,
        )?;
        let room = f64::from(self.collective.room);
        range("collective.room", room, 1.0, LARGEST_HOUSEHOLD as f64)?;
        range(
            "collective.to",
            f64::from(self.collective.to),
            f64::from(self.collective.from),
            OLDEST as f64,
        )?;
        range("care_homes.home", f64::from(self.care_homes.home), 1.0, 1e5)?;
        range("care_homes.wing", f64::from(self.care_homes.wing), 1.0, 1e4)?;
        range("care_homes.staff", self.care_homes.staff, 0.0, 200.0)?;
        let village = f64::from(self.areas.village_people);
        range("areas.village_people", village, 1.0, 1e6)?;
        let villages: u64 = self
            .areas
            .list
            .iter()
            .map(|area| u64::from(area.people / self.areas.village_people) + 1)
            .sum();
        range(
            "villages in all",
            villages as f64,
            1.0,
            MOST_VILLAGES as f64,
        )
    }

    fn check_places(&self) -> Result<(), PopulationError> {
        let work = &self.work;
        bands("work.employed", &work.employed)?;
        for band in &work.employed {
            range("work.employed", band.percent, 0.0, 100.0)?;
        }
        hundred("work.industries", work.industries.iter().map(|i| i.percent))?;
        hundred("work.sizes", work.sizes.iter().map(|s| s.percent))?;
        for size in &work.sizes {
            range("work.sizes.from", f64::from(size.from), 1.0, 1e6)?;
            range(
                "work.sizes.to",
                f64::from(size.to),
                f64::from(size.from),
                1e6,
            )?;
        }
        range("work.team", f64::from(work.team), 1.0, 1e4)?;
        for stage in &self.school {
            range(
                "school.to",
                f64::from(stage.to),
                f64::from(stage.from),
                OLDEST as f64,
            )?;
            range("school.enrolled", stage.enrolled, 0.0, 100.0)?;
            range("school.class", f64::from(stage.class), 1.0, 1e3)?;
            range("school.school", f64::from(stage.school), 1.0, 1e5)?;
            range("school.staff", stage.staff, 0.0, 100.0)?;
        }
        range("commuting.percent", self.commuting.percent, 0.0, 100.0)?;
        range("commuting.riders", self.commuting.riders, 0.0, 100.0)?;
        range("travel.arrivals", self.travel.arrivals, 0.0, 1e3)?;
        if !self.checkpoint.is_empty() {
            hundred("checkpoint", self.checkpoint.iter().map(|c| c.percent))?;
        }
        let contacts = &self.contacts;
        for (field, value) in [
            ("contacts.work", contacts.work),
            ("contacts.school", contacts.school),
            ("contacts.community", contacts.community),
            ("contacts.transport", contacts.transport),
            ("contacts.care", contacts.care),
            ("contacts.patients", contacts.patients),
        ] {
            range(field, value, 0.0, 1_000.0)?;
        }
        range("contacts.team_percent", contacts.team_percent, 0.0, 100.0)?;
        range(
            "contacts.village_percent",
            contacts.village_percent,
            0.0,
            100.0,
        )?;
        let rest = 100.0 - contacts.village_percent;
        range("contacts.area_percent", contacts.area_percent, 0.0, rest)
    }

    fn check_week_and_ages(&self) -> Result<(), PopulationError> {
        if let Some(week) = &self.contacts.week {
            for days in [&week.work, &week.school, &week.transport, &week.community] {
                for day in days {
                    range("contacts.week", *day, 0.0, 1_000.0)?;
                }
                let all = days.iter().sum();
                range("contacts.week over seven days", all, 1e-6, 7_000.0)?;
            }
        }
        if let Some(ages) = &self.contacts.ages {
            range("contacts.ages.same_percent", ages.same_percent, 0.0, 100.0)?;
            let rising = ages.from.first() == Some(&0) && ages.from.is_sorted_by(|a, b| a < b);
            if !rising {
                return Err(PopulationError::Bands {
                    field: "contacts.ages.from",
                });
            }
        }
        Ok(())
    }

    fn check_economy(&self) -> Result<(), PopulationError> {
        let Some(economy) = &self.economy else {
            return Ok(());
        };
        for one in &economy.worth {
            range("economy.worth", one.worth, 0.0, 1_000.0)?;
        }
        for link in &economy.supply {
            range("economy.supply.percent", link.percent, 0.0, 100.0)?;
            let all = economy.supply.iter().filter(|other| other.to == link.to);
            let all = all.map(|link| link.percent).sum();
            range("economy.supply of one sector together", all, 0.0, 100.0)?;
        }
        Ok(())
    }

    fn check_sources(&self) -> Result<(), PopulationError> {
        let sources = [
            ("people", &self.people.source),
            ("areas", &self.areas.source),
            ("households", &self.households.source),
            ("collective", &self.collective.source),
            ("care_homes", &self.care_homes.source),
            ("work", &self.work.source),
            ("commuting", &self.commuting.source),
            ("travel", &self.travel.source),
            ("contacts", &self.contacts.source),
        ];
        let schools = self.school.iter().map(|stage| ("school", &stage.source));
        let economy = self
            .economy
            .iter()
            .map(|economy| ("economy", &economy.source));
        let contacts = &self.contacts;
        let week = contacts.week.iter().map(|of| ("contacts.week", &of.source));
        let ages = contacts.ages.iter().map(|of| ("contacts.ages", &of.source));
        let optional = economy.chain(week).chain(ages);
        for (section, source) in sources.into_iter().chain(schools).chain(optional) {
            if source.trim().is_empty() {
                return Err(PopulationError::Source { section });
            }
        }
        Ok(())
    }

    /// What must hold between the margins.
    fn check_fit(&self) -> Result<(), PopulationError> {
        let total = u64::from(self.people.total);
        let areas: u64 = self.areas.list.iter().map(|a| u64::from(a.people)).sum();
        if areas != total {
            return Err(PopulationError::AreasDiffer { areas, total });
        }
        let apart = u64::from(self.collective.people) + u64::from(self.care_homes.residents);
        if apart > total {
            return Err(PopulationError::TooMany {
                what: "people in dormitories and care homes",
                asked: apart,
                there: total,
            });
        }
        let of_ages = |from: u8, to: u8| -> u64 {
            super::ages::counts(&self.people)
                .iter()
                .enumerate()
                .filter(|(age, _)| (usize::from(from)..=usize::from(to)).contains(age))
                .map(|(_, [men, women])| u64::from(men + women))
                .sum()
        };
        let (young, old) = (self.collective.from, self.collective.to);
        let dormitories = u64::from(self.collective.people);
        if dormitories > of_ages(young, old) {
            return Err(PopulationError::TooMany {
                what: "people in dormitories",
                asked: dormitories,
                there: of_ages(young, old),
            });
        }
        let residents = u64::from(self.care_homes.residents);
        if residents > of_ages(OLD, OLDEST as u8) {
            return Err(PopulationError::TooMany {
                what: "residents of care homes",
                asked: residents,
                there: of_ages(OLD, OLDEST as u8),
            });
        }
        let households = ((total - apart) as f64 / self.households.mean) as u64;
        let adults = of_ages(ADULT, OLDEST as u8) - residents;
        let adults = adults.saturating_sub(dormitories);
        if households > adults {
            return Err(PopulationError::TooMany {
                what: "households (each is headed by an adult)",
                asked: households,
                there: adults,
            });
        }
        Ok(())
    }
}
