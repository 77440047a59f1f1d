//! The outbreak of a drill, day by day.
//!
//! Whoever is infectious meets their household, their team or class, their friends, and whoever is at the market of their
//! township on the same day. Each housemate is infected with the pack's household attack rate over the whole infectious
//! time. Outside, the number whom one person infects has the pack's mean less those of the household, and a gamma-distributed
//! factor of the pack's dispersion; each falls on one of the places where the person is that day, and on somebody there
//! who is infected if not immune yet. Days are whole: somebody infected on day 3 with a latent time of
//! 2.4 days is infectious from day 5.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use lianfang_core::areas::AreaCode;
use lianfang_policy::{NaturalHistory, Span};
use serde::{Deserialize, Serialize};

use super::{DrillError, Scenario, Town};
use crate::epidemic::disease::Disease;
use crate::people::{Person, Wanted};
use crate::quantiles::Quantiles;
use crate::random::{Purpose, Stream, mix};

/// Friends of everybody.
const FRIENDS: u32 = 3;
/// Of infections among friends and in the village, the share among friends.
const AMONG_FRIENDS: f64 = 0.6;
/// How long ago an exposure may be for somebody to be at risk still: so many of the longest incubation periods in a hundred
/// lie below it.
const LONGEST_OF_HUNDRED: f64 = 0.99;

/// Where somebody is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Goes where they like.
    Free,
    /// Stays at home with the household.
    Home,
    /// Is apart from everybody.
    Apart,
}

/// Where two people met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    /// At home.
    Household,
    /// At work or school.
    Team,
    /// In a market.
    Market,
    /// Among friends.
    Friends,
    /// Somewhere in the village, without knowing each other.
    Village,
    /// Elsewhere, before the drill or before arriving.
    Elsewhere,
}

/// Somebody who was infected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Infected {
    /// Who.
    pub person: u32,
    /// By whom; nobody of the town, where it is left out.
    pub infector: Option<u32>,
    /// Where.
    pub place: Where,
    /// On which day, from 0; before the drill where it is below.
    pub day: i32,
    /// Infectious from this day.
    pub infectious_from: i32,
    /// Up to this day.
    pub infectious_until: i32,
    /// First symptoms, where there are any.
    pub onset: Option<i32>,
    /// Sees a doctor on this day, if nothing comes before.
    pub sees_doctor: Option<i32>,
    /// Whether it was the injected superspreading.
    pub superspread: bool,
}

impl Infected {
    /// Whether infectious on a day.
    pub fn is_infectious(&self, day: i32) -> bool {
        (self.infectious_from..=self.infectious_until).contains(&day)
    }

    /// Whether ill on a day.
    pub fn is_ill(&self, day: i32) -> bool {
        self.onset
            .is_some_and(|onset| (onset..=self.infectious_until).contains(&day))
    }
}

/// Somebody who arrives.
#[derive(Debug, Clone)]
pub struct Traveller {
    /// Name and numbers.
    pub person: Person,
    /// The day of the arrival, from 0.
    pub day: u32,
    /// The minute of that day.
    pub minute: u32,
    /// The village where they are going, by its place among [`Town::villages`].
    pub village: u16,
    /// Whether declared on the morning of that day.
    pub declares: bool,
    /// Whether they come from where it matters.
    pub from_risk: bool,
}

/// Days on which somebody was near somebody infectious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// Who.
    pub person: u32,
    /// The first day of a row of days.
    pub first: i32,
    /// And the last.
    pub last: i32,
}

/// Somebody whom a case met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Met {
    /// Who.
    pub person: u32,
    /// Where.
    pub place: Where,
    /// The first day.
    pub first: i32,
    /// The last day.
    pub last: i32,
}

/// What a day brought.
#[derive(Debug, Clone, Default)]
pub struct DayPlayed {
    /// Infections of the day, by their place among [`World::infections`].
    pub infected: Vec<usize>,
    /// Those who arrive today: numbers of people.
    pub arrive: Vec<u32>,
    /// Those who see a doctor today, with a sample to come: infected or not.
    pub see_doctor: Vec<u32>,
    /// Visits to a market that its staff write down: township, person, minute of the day.
    pub visits: Vec<(u16, u32, u32)>,
}

/// The outbreak as it goes on.
#[derive(Debug, Clone)]
pub struct World {
    town: Town,
    scenario: Scenario,
    disease: Disease,
    individual: Option<Quantiles>,
    /// Infections of an individual outside the household over the whole infectious time, on average.
    outside: f64,
    /// Chance for a housemate on one day.
    at_home: f64,
    longest_incubation: i32,
    travellers: Vec<Traveller>,
    infections: Vec<Infected>,
    /// The infection of each person who has had one.
    of: HashMap<u32, usize>,
    /// Days of exposure, as rows of days, by person.
    exposed: BTreeMap<u32, Vec<(i32, i32)>>,
    villagers: Vec<Range<u32>>,
    grown_up: Vec<Vec<u32>>,
    superspreader: Option<u32>,
    /// People infected by the injected superspreading.
    superspread: u32,
}

impl World {
    /// The outbreak on the morning of the first day.
    ///
    /// # Errors
    /// A pack without the distributions that it needs.
    pub fn new(
        town: Town,
        scenario: &Scenario,
        history: &NaturalHistory,
    ) -> Result<Self, DrillError> {
        let disease = Disease::of(history, scenario.reproduction_number)?;
        let attack = disease.household_attack.unwrap_or(0.0).clamp(0.0, 0.999);
        let days = disease.mean_infectious().max(1.0);
        let outside = (disease.reproduction_number - attack * town.mean_housemates()).max(0.0);
        let longest_incubation = history
            .span(Span::Incubation)
            .map_or(0, |known| longest(&known.distribution));
        let individual = (disease.k.is_finite() && disease.k > 0.0)
            .then(|| Quantiles::gamma_of_mean_one(disease.k));
        let villagers = villagers(&town);
        let grown_up = grown_up(&town);
        let mut world = Self {
            at_home: 1.0 - (1.0 - attack).powf(1.0 / days),
            outside,
            individual,
            longest_incubation,
            disease,
            scenario: scenario.clone(),
            travellers: Vec::new(),
            infections: Vec::new(),
            of: HashMap::new(),
            exposed: BTreeMap::new(),
            villagers,
            grown_up,
            superspreader: None,
            superspread: 0,
            town,
        };
        world.begin();
        Ok(world)
    }

    fn stream(&self, what: u64, number: u64) -> Stream {
        let seed = self.town.setting.seed;
        Stream::new(seed, Purpose::Drill, mix(number ^ what << 48))
    }

    /// Those infected from elsewhere before the first morning, and whoever will infect many.
    fn begin(&mut self) {
        let people = self.town.residents().len() as u32;
        let n = (f64::from(people) / 1e4 * self.scenario.infected_first).round() as u32;
        let mut chance = self.stream(1, 0);
        for _ in 0..n.max(2) {
            let person = chance.below(people);
            let before = -(chance.below(4) as i32);
            self.infect(person, None, Where::Elsewhere, before, false);
        }
        let Some(event) = self.scenario.superspreading else {
            return;
        };
        let township = event.township as usize % self.grown_up.len().max(1);
        let free: Vec<u32> = self.grown_up[township]
            .iter()
            .copied()
            .filter(|person| !self.of.contains_key(person))
            .collect();
        if free.is_empty() {
            return;
        }
        let person = free[chance.below(free.len() as u32) as usize];
        self.infect(person, None, Where::Elsewhere, 0, false);
        // Infectious on the day of the event and without symptoms yet, whatever was drawn.
        let day = event.day as i32;
        if let Some(infected) = self.of.get(&person).map(|at| &mut self.infections[*at]) {
            let moved = day - infected.infectious_from;
            infected.day += moved;
            infected.infectious_from += moved;
            infected.infectious_until = (infected.infectious_until + moved).max(day);
            infected.onset = infected.onset.map(|onset| (onset + moved).max(day + 1));
            infected.sees_doctor = infected.sees_doctor.map(|day| day + moved);
        }
        self.superspreader = Some(person);
    }

    /// Infects somebody who was not before; false where they were.
    fn infect(
        &mut self,
        person: u32,
        infector: Option<u32>,
        place: Where,
        day: i32,
        superspread: bool,
    ) -> bool {
        if self.of.contains_key(&person) {
            return false;
        }
        let age = usize::from(self.age(person)).min(100);
        let drawn = self.disease.draw(self.town.setting.seed, person, age);
        let infectious_from = day + (drawn.latent.round() as i32).max(1);
        let symptoms = infectious_from + drawn.presymptomatic.round() as i32;
        let infectious_until = symptoms + (drawn.infectious.round() as i32).max(1);
        let onset = drawn.symptomatic.then_some(symptoms);
        let mut chance = self.stream(2, u64::from(person));
        let goes = chance.yes(self.scenario.see_doctor);
        let wait = (-chance.unit().max(1e-9).ln() * self.scenario.doctor_after).round() as i32;
        self.of.insert(person, self.infections.len());
        self.infections.push(Infected {
            person,
            infector,
            place,
            day,
            infectious_from,
            infectious_until,
            onset,
            sees_doctor: onset.filter(|_| goes).map(|onset| onset + wait),
            superspread,
        });
        true
    }

    /// Plays a day; `kept` says where somebody is kept from this morning on.
    pub fn day(&mut self, day: u32, kept: &dyn Fn(u32) -> Kept) -> DayPlayed {
        let mut played = DayPlayed {
            arrive: self.arrivals(day),
            ..DayPlayed::default()
        };
        let begun = self.infections.len();
        let today = day as i32;
        let market = self.market(day, kept);
        for at in 0..begun {
            if self.infections[at].is_infectious(today) {
                self.meetings(at, day, &market, kept);
            }
        }
        self.spread_at_market(day, &market);
        played.infected = (begun..self.infections.len()).collect();
        played.see_doctor = self
            .infections
            .iter()
            .filter(|one| one.sees_doctor == Some(today))
            .map(|one| one.person)
            .collect();
        self.other_illness(day, &mut played.see_doctor);
        for (township, there) in market.iter().enumerate() {
            for person in there {
                let mut chance = self.stream(3, u64::from(*person) << 12 | u64::from(day));
                if chance.yes(self.scenario.visits_recorded) {
                    let minute = 7 * 60 + chance.below(9 * 60);
                    played.visits.push((township as u16, *person, minute));
                }
            }
        }
        played
    }

    /// Who is at which market.
    fn market(&self, day: u32, kept: &dyn Fn(u32) -> Kept) -> Vec<Vec<u32>> {
        self.grown_up
            .iter()
            .map(|people| {
                people
                    .iter()
                    .copied()
                    .filter(|person| {
                        Some(*person) == self.going_today(day)
                            || self
                                .stream(4, u64::from(*person) << 12 | u64::from(day))
                                .yes(self.scenario.go_to_market)
                    })
                    .filter(|person| kept(*person) == Kept::Free)
                    .collect()
            })
            .collect()
    }

    /// The superspreader goes to market on the day of the event.
    fn going_today(&self, day: u32) -> Option<u32> {
        let event = self.scenario.superspreading?;
        self.superspreader.filter(|_| event.day == day)
    }

    fn spread_at_market(&mut self, day: u32, market: &[Vec<u32>]) {
        let (Some(event), Some(person)) = (self.scenario.superspreading, self.going_today(day))
        else {
            return;
        };
        let Some(there) = market.iter().find(|there| there.contains(&person)) else {
            return;
        };
        let mut others: Vec<u32> = there.iter().copied().filter(|one| *one != person).collect();
        self.stream(5, u64::from(day)).shuffle(&mut others);
        for other in &others {
            self.expose(*other, day as i32);
        }
        for other in others {
            if self.superspread >= event.infects {
                break;
            }
            if self.infect(other, Some(person), Where::Market, day as i32, true) {
                self.superspread += 1;
            }
        }
    }

    /// Whom somebody infectious meets on a day, and whom of them they infect.
    fn meetings(&mut self, at: usize, day: u32, market: &[Vec<u32>], kept: &dyn Fn(u32) -> Kept) {
        let (person, onset) = (self.infections[at].person, self.infections[at].onset);
        let today = day as i32;
        let mine = kept(person);
        if mine == Kept::Apart {
            return;
        }
        let age = usize::from(self.age(person)).min(100);
        let strength = if onset.is_none() {
            f64::from(self.disease.silent[age])
        } else {
            1.0
        };
        let mut chance = self.stream(6, u64::from(person) << 12 | u64::from(day));
        for other in self.housemates(person) {
            if kept(other) == Kept::Apart {
                continue;
            }
            self.expose(other, today);
            if chance.yes(self.at_home * strength * self.susceptible(other)) {
                self.infect(other, Some(person), Where::Household, today, false);
            }
        }
        if mine == Kept::Home {
            return;
        }
        for other in self.mates(person).into_iter().chain(self.friends(person)) {
            if kept(other) == Kept::Free {
                self.expose(other, today);
            }
        }
        let bits = self.stream(7, u64::from(person)).bits() as u32;
        let factor = self
            .individual
            .as_ref()
            .map_or(1.0, |spread| f64::from(spread.draw(bits)));
        let mean = self.outside * factor * strength / self.disease.mean_infectious().max(1.0);
        for _ in 0..chance.poisson(mean.min(50.0)) {
            let (other, place) = self.one_met(person, market, &mut chance);
            let Some(other) = other.filter(|other| kept(*other) == Kept::Free) else {
                continue;
            };
            if chance.yes(self.susceptible(other)) {
                self.expose(other, today);
                self.infect(other, Some(person), place, today, false);
            }
        }
    }

    /// One of those whom somebody met outside.
    fn one_met(
        &self,
        person: u32,
        market: &[Vec<u32>],
        chance: &mut Stream,
    ) -> (Option<u32>, Where) {
        let one = |of: &[u32], chance: &mut Stream| {
            let others: Vec<u32> = of.iter().copied().filter(|one| *one != person).collect();
            (!others.is_empty()).then(|| others[chance.below(others.len() as u32) as usize])
        };
        let drawn = chance.unit();
        if drawn < self.scenario.at_work {
            return (one(&self.mates(person), chance), Where::Team);
        }
        if drawn < self.scenario.at_work + self.scenario.in_market {
            let there = market.iter().find(|there| there.contains(&person));
            return (there.and_then(|there| one(there, chance)), Where::Market);
        }
        if chance.yes(AMONG_FRIENDS) {
            return (one(&self.friends(person), chance), Where::Friends);
        }
        let village = self.villagers[self.village(person)].clone();
        let met = village.start + chance.below((village.end - village.start).max(1));
        (Some(met).filter(|met| *met != person), Where::Village)
    }

    fn susceptible(&self, person: u32) -> f64 {
        let age = usize::from(self.age(person)).min(100);
        f64::from(self.disease.susceptibility[usize::from(self.disease.group[age])])
    }

    fn expose(&mut self, person: u32, day: i32) {
        let rows = self.exposed.entry(person).or_default();
        match rows.last_mut() {
            Some((_, last)) if *last >= day - 1 => *last = (*last).max(day),
            _ => rows.push((day, day)),
        }
    }

    /// Those who arrive on a day join the town.
    fn arrivals(&mut self, day: u32) -> Vec<u32> {
        let people = self.town.residents().len() as f64;
        let mut chance = self.stream(8, u64::from(day));
        let n = chance.poisson(people / 1e4 * self.scenario.arrivals);
        let mut arrive = Vec::new();
        for _ in 0..n {
            let wanted = Wanted {
                age: Some((1 + chance.below(80)) as u8),
                ..Wanted::default()
            };
            let person = self.town.people.draw(wanted, String::new());
            let village = chance.below(self.town.villages().len() as u32) as u16;
            let number = (self.town.residents().len() + self.travellers.len()) as u32;
            let infected = chance.yes(self.scenario.arrivals_infected);
            let traveller = Traveller {
                person,
                day,
                minute: 8 * 60 + chance.below(8 * 60),
                village,
                declares: chance.yes(self.scenario.declare),
                from_risk: infected || chance.yes(0.2),
            };
            self.travellers.push(traveller);
            if infected {
                let before = day as i32 - 1 - chance.below(5) as i32;
                self.infect(number, None, Where::Elsewhere, before, false);
            }
            arrive.push(number);
        }
        arrive
    }

    /// Those who fall ill with something else.
    fn other_illness(&self, day: u32, see_doctor: &mut Vec<u32>) {
        let people = self.town.residents().len() as u32;
        let mut chance = self.stream(9, u64::from(day));
        let mean = f64::from(people) / 1e4 * self.scenario.other_illness;
        for _ in 0..chance.poisson(mean) {
            let person = chance.below(people);
            if !self.of.contains_key(&person) && !see_doctor.contains(&person) {
                see_doctor.push(person);
            }
        }
    }

    /// The town.
    pub fn town(&self) -> &Town {
        &self.town
    }

    /// Everybody who arrived so far.
    pub fn travellers(&self) -> &[Traveller] {
        &self.travellers
    }

    /// How many people there are, those who arrived included.
    pub fn people(&self) -> u32 {
        (self.town.residents().len() + self.travellers.len()) as u32
    }

    /// Name and numbers of somebody.
    pub fn person(&self, person: u32) -> &Person {
        let residents = self.town.residents();
        match residents.get(person as usize) {
            Some(resident) => &resident.person,
            None => &self.travellers[person as usize - residents.len()].person,
        }
    }

    /// Somebody's age on the first day.
    pub fn age(&self, person: u32) -> u8 {
        match self.town.residents().get(person as usize) {
            Some(resident) => resident.age,
            None => self.person(person).age_on(self.town.setting.first_day),
        }
    }

    fn village(&self, person: u32) -> usize {
        let residents = self.town.residents();
        usize::from(match residents.get(person as usize) {
            Some(resident) => resident.village,
            None => self.travellers[person as usize - residents.len()].village,
        })
    }

    /// The village where somebody lives or stays.
    pub fn village_of(&self, person: u32) -> AreaCode {
        self.town.villages()[self.village(person)].0
    }

    /// The place of its township.
    pub fn township_of(&self, person: u32) -> usize {
        usize::from(self.town.villages()[self.village(person)].1)
    }

    /// Those with whom somebody lives.
    pub fn housemates(&self, person: u32) -> Vec<u32> {
        match self.town.residents().get(person as usize) {
            Some(resident) => self.town.households()[resident.household as usize]
                .clone()
                .filter(|other| *other != person)
                .collect(),
            None => Vec::new(),
        }
    }

    /// Those with whom somebody works or learns.
    pub fn mates(&self, person: u32) -> Vec<u32> {
        let team = self.town.residents().get(person as usize);
        match team.and_then(|resident| resident.team) {
            Some(team) => self.town.teams()[team as usize]
                .iter()
                .copied()
                .filter(|other| *other != person)
                .collect(),
            None => Vec::new(),
        }
    }

    /// Somebody's friends, of the same village.
    pub fn friends(&self, person: u32) -> Vec<u32> {
        let village = self.villagers[self.village(person)].clone();
        let size = (village.end - village.start).max(1);
        let mut friends: Vec<u32> = (0..FRIENDS)
            .map(|nth| {
                let mut chance = self.stream(10, u64::from(person) << 4 | u64::from(nth));
                village.start + chance.below(size)
            })
            .filter(|friend| *friend != person && *friend < village.end)
            .collect();
        friends.sort_unstable();
        friends.dedup();
        friends
    }

    /// Infections so far, in the order in which they came.
    pub fn infections(&self) -> &[Infected] {
        &self.infections
    }

    /// Somebody's infection.
    pub fn infection(&self, person: u32) -> Option<&Infected> {
        self.of.get(&person).map(|at| &self.infections[*at])
    }

    /// Whether somebody is infectious on a day.
    pub fn is_infectious(&self, person: u32, day: i32) -> bool {
        self.infection(person)
            .is_some_and(|one| one.is_infectious(day))
    }

    /// The longest that an exposure counts as a risk, in days: 99 in 100 incubation periods are shorter.
    pub fn longest_incubation(&self) -> i32 {
        self.longest_incubation
    }

    /// Whether somebody may be or become infectious, seen from a day: infected and not over it, or near somebody infectious
    /// within the longest incubation period.
    pub fn is_at_risk(&self, person: u32, day: i32) -> bool {
        if let Some(one) = self.infection(person) {
            return one.day <= day && day <= one.infectious_until;
        }
        self.exposed.get(&person).is_some_and(|rows| {
            rows.iter()
                .any(|(first, last)| *first <= day && day - *last <= self.longest_incubation)
        })
    }

    /// All exposures so far.
    pub fn exposures(&self) -> Vec<Exposure> {
        self.exposed
            .iter()
            .flat_map(|(person, rows)| {
                rows.iter().map(|(first, last)| Exposure {
                    person: *person,
                    first: *first,
                    last: *last,
                })
            })
            .collect()
    }

    /// People whom the injected superspreading infected.
    pub fn superspread(&self) -> u32 {
        self.superspread
    }

    /// Whom somebody who is asked about the days `first..=last` names: everybody of the household, some of those at work or
    /// school and of the friends. Whoever was met at the market or in the village is not known by name.
    pub fn named_by(&self, person: u32, first: i32, last: i32) -> Vec<Met> {
        let mut chance = self.stream(11, u64::from(person));
        let mut named: Vec<Met> = Vec::new();
        let mut name = |other: u32, place: Where| {
            if !named.iter().any(|met| met.person == other) {
                named.push(Met {
                    person: other,
                    place,
                    first,
                    last,
                });
            }
        };
        for other in self.housemates(person) {
            name(other, Where::Household);
        }
        for other in self.mates(person) {
            if chance.yes(self.scenario.name_colleagues) {
                name(other, Where::Team);
            }
        }
        for other in self.friends(person) {
            if chance.yes(self.scenario.name_friends) {
                name(other, Where::Friends);
            }
        }
        named
    }

    /// What a test of a sample says that is taken of somebody on a day.
    pub fn test(&self, person: u32, day: u32) -> bool {
        let infected = self.infection(person).is_some_and(|one| {
            (one.infectious_from..=one.infectious_until).contains(&(day as i32))
        });
        let mut chance = self.stream(12, u64::from(person) << 12 | u64::from(day));
        chance.yes(if infected {
            self.scenario.sensitivity
        } else {
            1.0 - self.scenario.specificity
        })
    }

    /// Whether something of a given chance happens to somebody on a day: the same answer each time it is asked.
    pub fn happens(&self, what: &str, person: u32, day: u32, chance: f64) -> bool {
        let what = what
            .bytes()
            .fold(0_u64, |sum, byte| mix(sum ^ u64::from(byte)));
        let number = mix(what ^ (u64::from(person) << 12 | u64::from(day)));
        Stream::new(self.town.setting.seed, Purpose::Drill, number).yes(chance)
    }
}

/// The day below which 99 in 100 lie.
fn longest(distribution: &lianfang_policy::Distribution) -> i32 {
    (0..365)
        .find(|day| distribution.cdf(f64::from(*day)) >= LONGEST_OF_HUNDRED)
        .unwrap_or(365)
}

/// The residents of each village, who stand together.
fn villagers(town: &Town) -> Vec<Range<u32>> {
    let mut ranges = vec![0..0; town.villages().len()];
    for (number, resident) in town.residents().iter().enumerate() {
        let range: &mut Range<u32> = &mut ranges[usize::from(resident.village)];
        let number = number as u32;
        if range.end == 0 {
            range.start = number;
        }
        range.end = number + 1;
    }
    ranges
}

/// The grown-up residents of each township.
fn grown_up(town: &Town) -> Vec<Vec<u32>> {
    let mut people = vec![Vec::new(); town.townships().len()];
    for (number, resident) in town.residents().iter().enumerate() {
        if resident.age >= 18 {
            let township = town.villages()[usize::from(resident.village)].1;
            people[usize::from(township)].push(number as u32);
        }
    }
    people
}
