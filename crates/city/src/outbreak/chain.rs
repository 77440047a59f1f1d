//! One chain of transmission: somebody arrives with the infection, and all who get it from there.
//!
//! A branching process. Offspring are negative binomial with dispersion k 0.4 and a mean that is
//! R before control; each is then kept with the probability to which control has brought
//! transmission down in that county at that time (thinning leaves k as it is).
//!
//! A case infects `T` days from its own first symptoms, `T = -3 + gamma(mean 2.2, sd 1.6)`. With
//! incubation of mean 5.5 and sd 2.4 the serial interval then has mean 4.7 and sd 2.9 (Nishiura
//! et al. 2020, IJID 93:284), and many infections come before symptoms.

use super::Setting;
use super::course::{Course, has_symptoms, incubation, report_delay};
use super::plan::{County, Role};
use crate::areas::City;
use crate::chance::Chance;
use crate::people::ages;

/// Reproduction number before and under control; under control about what Adam et al. 2020 (Nat
/// Med 26:1714) found in Hong Kong.
const R: (f64, f64) = (2.4, 0.6);
/// Dispersion of offspring (Adam et al. 2020: 0.43).
const K: f64 = 0.4;
/// How much those without symptoms infect, compared with others; the demo's assumption.
const WITHOUT_SYMPTOMS: f64 = 0.5;
/// Mean of that over all infections: 90 % with symptoms.
const MEAN_INFECTIOUSNESS: f64 = 0.95;
/// Infection from the infector's onset: earliest, and mean and sd from there, in days.
const TRANSMISSION: (f64, f64, f64) = (-3.0, 2.2, 1.6);
/// Days before the last on which reports come as soon as they ever do.
const REPORTS_SOON: i32 = 10;
/// Nobody infects sooner than this after being infected, in days.
const LATENT: f64 = 0.5;
/// Persons of a household at most.
const HOUSEHOLD: u8 = 4;

/// Settings in order of [`Setting::ALL`]: their shares of transmission before control, and under
/// it, when most contacts are at home (Zhang et al. 2020, Science 368:1481).
const SHARES: [(f64, f64); 4] = [(0.35, 0.80), (0.25, 0.08), (0.15, 0.04), (0.25, 0.08)];

/// An infected person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Infection {
    /// Who infected, by place in the chain, and where; none for the first.
    pub(super) source: Option<(usize, Setting)>,
    pub(super) village: usize,
    pub(super) age: u8,
    /// Days from the outbreak's first.
    pub(super) infected: f64,
    pub(super) onset: f64,
    pub(super) symptoms: bool,
    pub(super) course: Course,
    /// Household and place of a cluster, by number in the chain.
    pub(super) household: usize,
    pub(super) place: Option<usize>,
    /// Whether the investigation found the source.
    pub(super) found: bool,
}

impl Infection {
    pub(super) fn onset_day(&self) -> i32 {
        self.onset.floor() as i32
    }

    pub(super) fn reported_day(&self) -> i32 {
        self.onset_day() + self.course.reported
    }
}

/// Where several were infected outside a household.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) setting: Setting,
    pub(super) township: usize,
}

/// All who were infected by or after one arrival.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) infections: Vec<Infection>,
    /// Infected persons of each household.
    pub(super) households: Vec<u8>,
    pub(super) places: Vec<Place>,
    /// Cases reported by the last day.
    pub(super) reported: u32,
}

/// The city with the plan that its counties follow, in days from the outbreak's first.
pub(super) struct World<'a> {
    pub(super) city: &'a City,
    pub(super) counties: &'a [County],
    /// The first day on which people arrive where the outbreak goes on; reports come late then.
    pub(super) first: i32,
    /// The outbreak's last day.
    pub(super) last: i32,
}

impl World<'_> {
    fn county_at(&self, village: usize) -> &County {
        &self.counties[self.city.county_of(village)]
    }

    /// A chain that begins with an arrival in `county`; broken off as soon as more than `most`
    /// cases are reported by the last day.
    pub(super) fn chain(&self, county: usize, most: u32, chance: &mut Chance) -> Chain {
        let mut chain = Chain {
            infections: vec![self.arrival(county, chance)],
            households: vec![1],
            places: Vec::new(),
            reported: 0,
        };
        let mut next = 0;
        while let Some(infector) = chain.infections.get(next)
            && chain.reported <= most
        {
            chain.reported += u32::from(infector.reported_day() <= self.last);
            self.infect_others(next, &mut chain, chance);
            next += 1;
        }
        chain
    }

    /// Somebody who brings the infection; where no more may be reported, it is found in time.
    fn arrival(&self, county: usize, chance: &mut Chance) -> Infection {
        loop {
            let arrival = self.any_arrival(county, chance);
            if arrival.reported_day() <= self.counties[county].last_report {
                return arrival;
            }
        }
    }

    fn any_arrival(&self, county: usize, chance: &mut Chance) -> Infection {
        let (first, last) = self.counties[county].arrivals;
        // The closer control comes, the more arrive.
        let part = chance.uniform().sqrt();
        let arrived = f64::from(first) + part * f64::from(last - first + 1);
        let infected = (arrived - chance.between(0.0, 6.0)).max(0.0);
        let village = self.city.village_in_county(county, chance);
        let age = working_age(chance);
        let mut arrival = self.infection(None, village, age, infected, Some(arrived), chance);
        arrival.found = true;
        arrival
    }

    fn infection(
        &self,
        source: Option<(usize, Setting)>,
        village: usize,
        age: u8,
        infected: f64,
        arrived: Option<f64>,
        chance: &mut Chance,
    ) -> Infection {
        let onset = infected + incubation(chance);
        let symptoms = has_symptoms(chance);
        let earliest = arrived.map_or(0, |day| day.floor() as i32 - onset.floor() as i32);
        let passed = onset - f64::from(self.first);
        let delay = report_delay(passed / f64::from(self.last - REPORTS_SOON - self.first));
        Infection {
            source,
            village,
            age,
            infected,
            onset,
            symptoms,
            course: Course::draw(chance, age, symptoms, earliest.max(0), delay),
            household: 0,
            place: None,
            found: false,
        }
    }

    fn infect_others(&self, infector: usize, chain: &mut Chain, chance: &mut Chance) {
        let from = chain.infections[infector];
        let factor = if from.symptoms { 1.0 } else { WITHOUT_SYMPTOMS };
        let mean = R.0 * factor / MEAN_INFECTIOUSNESS;
        for _ in 0..chance.negative_binomial(mean, K) {
            let (earliest, after, sd) = TRANSMISSION;
            let time = from.onset + earliest + chance.gamma(after, sd);
            let time = time.max(from.infected + LATENT);
            let controlled = self.county_at(from.village).controlled(time);
            let kept = 1.0 - controlled * (1.0 - R.1 / R.0);
            if chance.yes(kept) && time < f64::from(self.last + 1) {
                self.infect(infector, time, controlled, chain, chance);
            }
        }
    }

    fn infect(
        &self,
        infector: usize,
        time: f64,
        controlled: f64,
        chain: &mut Chain,
        chance: &mut Chance,
    ) {
        let from = chain.infections[infector];
        let shares = SHARES.map(|(before, under)| before + (under - before) * controlled);
        let mut setting = Setting::ALL[chance.weighted(&shares)];
        if setting == Setting::Household && chain.households[from.household] >= HOUSEHOLD {
            setting = Setting::Community;
        }
        let village = self.village_of_contact(from.village, setting, chance);
        let age = match setting {
            Setting::Workplace => working_age(chance),
            _ => ages::infected(chance),
        };
        let mut to = self.infection(Some((infector, setting)), village, age, time, None, chance);
        if to.reported_day() > self.county_at(village).last_report {
            return;
        }
        to.found = chance.yes(setting.found());
        if setting == Setting::Household {
            to.household = from.household;
            to.place = None;
            chain.households[from.household] += 1;
        } else {
            to.household = chain.households.len();
            chain.households.push(1);
            to.place = self.place(infector, setting, chain);
        }
        chain.infections.push(to);
    }

    /// The place where `infector` infects in `setting`: where it has been infected itself, or has
    /// infected before, or a new one near its home.
    fn place(&self, infector: usize, setting: Setting, chain: &mut Chain) -> Option<usize> {
        if !matches!(setting, Setting::Workplace | Setting::Market) {
            return None;
        }
        let from = chain.infections[infector];
        let before = chain
            .infections
            .iter()
            .rev()
            .filter(|other| other.source == Some((infector, setting)))
            .find_map(|other| other.place);
        let own = from.place.filter(|p| chain.places[*p].setting == setting);
        own.or(before).or_else(|| {
            chain.places.push(Place {
                setting,
                township: self.city.township_of(from.village),
            });
            let new = Some(chain.places.len() - 1);
            let place = &mut chain.infections[infector].place;
            *place = place.or(new);
            new
        })
    }

    /// Where a contact lives: at home, in the same township, county, or elsewhere in the city,
    /// but only in counties where the outbreak goes on.
    fn village_of_contact(&self, from: usize, setting: Setting, chance: &mut Chance) -> usize {
        let (same_township, same_county) = match setting {
            Setting::Household => return from,
            Setting::Workplace => (0.55, 0.35),
            Setting::Market => (0.75, 0.20),
            Setting::Community => (0.80, 0.17),
        };
        let lot = chance.uniform();
        if lot < same_township {
            let township = self.city.township_of(from);
            return self.city.village_in_township(township, chance);
        }
        if lot >= same_township + same_county {
            let anywhere = self.city.any_village(chance);
            if matches!(self.county_at(anywhere).role, Role::Declining | Role::Late) {
                return anywhere;
            }
        }
        self.city
            .village_in_county(self.city.county_of(from), chance)
    }
}

/// The age of somebody infected who works or travels.
fn working_age(chance: &mut Chance) -> u8 {
    loop {
        let age = ages::infected(chance);
        if ages::WORKING.contains(&age) {
            return age;
        }
    }
}

impl Setting {
    /// How often the investigation finds the source; the demo's assumption.
    fn found(self) -> f64 {
        match self {
            Self::Household => 0.95,
            Self::Workplace => 0.8,
            Self::Market => 0.5,
            Self::Community => 0.35,
        }
    }
}
