//! How many each layer infects: rates fitted to the pack's numbers in this very city.
//!
//! Of somebody infected nothing is known but that he or she was chosen at random from the city. Then:
//!
//! - In the household, each other member is infected with a hazard such that the mean over all pairs who live together
//!   is the pack's `household_attack`.
//! - All other layers share one factor on the description's contacts, such that the mean number infected, the
//!   household's among them, is the pack's `unmitigated.mean`. Who infects many in a small team or class meets some of
//!   them twice; the factor makes up for it.
//! - Outside the household, individuals differ by a gamma-distributed factor of mean 1. Its spread is such that as many
//!   infect nobody as under a negative binomial distribution with the pack's `unmitigated.k` (Lloyd-Smith et al. 2005),
//!   counting what duration, symptoms and contacts make differ already. Where these alone spread it more, the
//!   factor is 1.
//!
//! The sample is fixed: 65,536 people evenly over the city; a part of them for what takes long to work out.

use crate::population::Population;
use crate::quantiles::Quantiles;
use crate::random::{Purpose, Stream};

use super::SimulationError;
use super::disease::Disease;
use super::layers::{Layer, Meetings};

/// People by whom rates are fitted.
const SAMPLE: usize = 65_536;
/// Every so many parts of a table are taken for means over infectious times.
const STRIDE: usize = 37;
/// No hazard of a household is greater, per day.
const MOST_HAZARD: f64 = 100.0;
/// People of the sample by whom the spread is fitted, and infectious times for each.
const FEW: usize = 256;
const FEW_TIMES: usize = 16;
/// Times that factor and spread are fitted to each other.
const ROUNDS: usize = 6;
/// A spread below which individuals count as alike.
const ALIKE: f64 = 1e-3;

/// Infections per infectious day of somebody with symptoms, among susceptibles of the most susceptible age.
#[derive(Debug, Clone)]
pub(crate) struct Rates {
    /// To each other of the household.
    pub(crate) household: f64,
    /// By those who work.
    pub(crate) work: f64,
    /// By pupils and teachers.
    pub(crate) school: f64,
    /// By residents and staff of care homes.
    pub(crate) care: f64,
    /// By riders.
    pub(crate) transport: f64,
    /// By anybody.
    pub(crate) community: f64,
    /// By those who are ill, to people of health care.
    pub(crate) patients: f64,
    /// How individuals differ outside the household; none where they do not.
    pub(crate) individual: Option<Quantiles>,
}

/// What is known of one person of the sample.
struct Sampled {
    /// Chance of symptoms.
    symptomatic: f64,
    /// Infectiousness without symptoms.
    silent: f64,
    /// Susceptibility of each other of the household, as groups.
    housemates: Vec<u8>,
    /// Contacts of a day in the own team or class, times the susceptibility of those met.
    team: f64,
    /// Others in the team.
    mates: f64,
    /// All other contacts outside the household, likewise.
    outside: f64,
}

impl Sampled {
    /// Mean infectiousness.
    fn mean(&self) -> f64 {
        self.symptomatic + (1.0 - self.symptomatic) * self.silent
    }
}

impl Rates {
    /// Fits the rates of a disease in a city.
    pub(crate) fn fit(city: &Population, disease: &Disease) -> Result<Self, SimulationError> {
        let sample = sample(city, disease);
        let n = sample.len() as f64;
        let times = infectious_times(disease);
        let pairs = Pairs::of(&sample, disease);
        let household = match disease.household_attack {
            Some(attack) if pairs.all > 0.0 => pairs.hazard(&times, attack)?,
            _ => 0.0,
        };
        let at_home = pairs.attacked(&times, household) / n;
        let outside: f64 = sample
            .iter()
            .map(|one| one.mean() * (one.team + one.outside))
            .sum::<f64>()
            / n
            * disease.mean_infectious();
        let rest = disease.reproduction_number - at_home;
        if rest < 0.0 || outside <= 0.0 {
            return Err(SimulationError::HouseholdsAlone {
                at_home,
                asked: disease.reproduction_number,
            });
        }
        let few = Few::of(&sample, disease, &times, household);
        let nobody = (1.0 + disease.reproduction_number / disease.k).powf(-disease.k);
        let (mut factor, mut spread) = (rest / outside, 0.0);
        for _ in 0..ROUNDS {
            spread = few.spread(factor, nobody);
            factor = rest / (outside * few.kept(factor, spread));
        }
        let contacts = &city.description().contacts;
        Ok(Self {
            household,
            work: factor * contacts.work,
            school: factor * contacts.school,
            care: factor * contacts.care,
            transport: factor * contacts.transport,
            community: factor * contacts.community,
            patients: factor * contacts.patients,
            individual: (spread > ALIKE).then(|| Quantiles::gamma_of_mean_one(1.0 / spread)),
        })
    }

    /// The factor of somebody outside the household, by 32 random bits.
    #[inline]
    pub(crate) fn individual(&self, bits: u32) -> f64 {
        self.individual
            .as_ref()
            .map_or(1.0, |table| f64::from(table.draw(bits)))
    }

    /// The rate of a layer in which somebody spends the day.
    #[inline]
    pub(crate) fn daily(&self, layer: Layer) -> f64 {
        match layer {
            Layer::School => self.school,
            Layer::Care => self.care,
            _ => self.work,
        }
    }
}

/// A layer, each as likely as somebody infects others in it who are all susceptible.
pub(crate) fn layer_by_rate(
    city: &Population,
    rates: &Rates,
    meetings: Meetings<'_>,
    number: u32,
    stream: &mut Stream,
) -> Layer {
    let person = city.persons[number as usize];
    let daily = meetings.daily_layer(person);
    let rides = rates.transport > 0.0 && city.rides(number, person);
    let weights = [
        (
            Layer::Household,
            rates.household * f64::from(person.housemates()),
        ),
        (
            daily.unwrap_or(Layer::Work),
            daily.map_or(0.0, |layer| rates.daily(layer)),
        ),
        (Layer::Transport, if rides { rates.transport } else { 0.0 }),
        (Layer::Community, rates.community),
    ];
    let mut left = stream.unit() * weights.iter().map(|(_, weight)| weight).sum::<f64>();
    for (layer, weight) in weights {
        if left < weight {
            return layer;
        }
        left -= weight;
    }
    Layer::Community
}

fn sample(city: &Population, disease: &Disease) -> Vec<Sampled> {
    let meetings = Meetings::of(city);
    let contacts = &city.description().contacts;
    let people = city.people() as usize;
    let count = people.min(SAMPLE);
    let ill = disease.infectious.mean() / disease.mean_infectious();
    let group = |other: u32| disease.group[usize::from(city.persons[other as usize].age())];
    let susceptible = |other: u32| f64::from(disease.susceptibility[usize::from(group(other))]);
    (0..count)
        .map(|place| {
            let number = (place * people / count) as u32;
            let person = city.persons[number as usize];
            let age = usize::from(person.age());
            let mut stream = Stream::new(city.seed(), Purpose::Rates, u64::from(number));
            let mut met = |layer: Layer, contacts: f64| {
                if contacts <= 0.0 {
                    return 0.0;
                }
                let other = meetings.other(layer, number, person, &mut stream);
                other.map_or(0.0, |other| contacts * susceptible(other))
            };
            let mut outside = met(Layer::Community, contacts.community);
            let (mut team, mut mates) = (0.0, 0.0);
            if let Some(layer) = meetings.daily_layer(person) {
                let daily = met(
                    layer,
                    match layer {
                        Layer::School => contacts.school,
                        Layer::Care => contacts.care,
                        _ => contacts.work,
                    },
                );
                let in_team = if layer == Layer::Care {
                    1.0
                } else {
                    contacts.team_percent / 100.0
                };
                let group = city.group(person.group);
                mates = f64::from(group.end - group.start) - 1.0;
                team = if mates > 0.0 { daily * in_team } else { 0.0 };
                outside += daily * (1.0 - in_team);
            }
            if contacts.transport > 0.0 && city.rides(number, person) {
                outside += met(Layer::Transport, contacts.transport);
            }
            let symptomatic = f64::from(disease.symptomatic[age]);
            outside += contacts.patients * symptomatic * ill;
            Sampled {
                symptomatic,
                silent: f64::from(disease.silent[age]),
                housemates: city
                    .household(number)
                    .filter(|other| *other != number)
                    .map(group)
                    .collect(),
                team,
                mates,
                outside,
            }
        })
        .collect()
}

/// Infectious times, each as likely as the others.
fn infectious_times(disease: &Disease) -> Vec<f64> {
    // Pairing the two tables at different strides keeps them independent.
    let before: Vec<f64> = disease.presymptomatic.middles().step_by(STRIDE).collect();
    let after: Vec<f64> = disease.infectious.middles().step_by(STRIDE).collect();
    let n = before.len();
    (0..n)
        .flat_map(|i| (0..4).map(move |j| (i, (i * 29 + j * 31 + 7) % n)))
        .map(|(i, j)| before[i] + after[j])
        .collect()
}

/// Pairs of people who live together, put together where the one is equally susceptible and the other equally infectious.
struct Pairs {
    /// Susceptibility of the one times infectiousness of the other, and how many such pairs there are.
    alike: Vec<(f64, f64)>,
    all: f64,
}

impl Pairs {
    fn of(sample: &[Sampled], disease: &Disease) -> Self {
        let mut alike: Vec<(f64, f64)> = Vec::new();
        let mut all = 0.0;
        let mut add = |rate: f64, pairs: f64| match alike
            .iter_mut()
            .find(|(r, _)| r.to_bits() == rate.to_bits())
        {
            Some((_, there)) => *there += pairs,
            None => alike.push((rate, pairs)),
        };
        for one in sample {
            for group in &one.housemates {
                let susceptibility = f64::from(disease.susceptibility[usize::from(*group)]);
                add(susceptibility, one.symptomatic);
                add(susceptibility * one.silent, 1.0 - one.symptomatic);
                all += 1.0;
            }
        }
        Self { alike, all }
    }

    /// How many are infected at a hazard, over infectious times.
    fn attacked(&self, times: &[f64], hazard: f64) -> f64 {
        let attacked = self.alike.iter().map(|(rate, pairs)| {
            let escape: f64 = times.iter().map(|time| (-hazard * rate * time).exp()).sum();
            pairs * (1.0 - escape / times.len() as f64)
        });
        attacked.sum()
    }

    /// The hazard at which the share `attack` of all pairs is reached.
    fn hazard(&self, times: &[f64], attack: f64) -> Result<f64, SimulationError> {
        let wanted = attack * self.all;
        let (mut low, mut high) = (0.0, MOST_HAZARD);
        if self.attacked(times, high) < wanted {
            return Err(SimulationError::HouseholdAttack(attack));
        }
        while high - low > 1e-6 * high {
            let middle = f64::midpoint(low, high);
            if self.attacked(times, middle) < wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(f64::midpoint(low, high))
    }
}

/// A few people with a few infectious times each, symptoms or none: what they would infect.
struct Few {
    cases: Vec<Case>,
}

/// One of them: how likely, and infections over the whole infectious time at a factor of 1.
struct Case {
    weight: f64,
    /// In the household, where the factor does not count.
    home: f64,
    team: f64,
    mates: f64,
    outside: f64,
}

impl Few {
    fn of(sample: &[Sampled], disease: &Disease, times: &[f64], household: f64) -> Self {
        let mut cases = Vec::new();
        for one in sample.iter().step_by(sample.len().div_ceil(FEW)) {
            let home: f64 = one
                .housemates
                .iter()
                .map(|group| household * f64::from(disease.susceptibility[usize::from(*group)]))
                .sum();
            for time in times.iter().step_by(times.len().div_ceil(FEW_TIMES)) {
                for (share, infectiousness) in
                    [(one.symptomatic, 1.0), (1.0 - one.symptomatic, one.silent)]
                {
                    let dose = infectiousness * time;
                    cases.push(Case {
                        weight: share,
                        home: dose * home,
                        team: dose * one.team,
                        mates: one.mates,
                        outside: dose * one.outside,
                    });
                }
            }
        }
        Self { cases }
    }

    /// The chance that a Poisson number is 0, its mean being gamma-distributed around `mean` with this spread.
    fn none(mean: f64, spread: f64) -> f64 {
        if spread <= ALIKE {
            (-mean).exp()
        } else {
            (1.0 + mean * spread).powf(-1.0 / spread)
        }
    }

    /// The spread at which the share `nobody` infects nobody; 0 where more do anyway.
    fn spread(&self, factor: f64, nobody: f64) -> f64 {
        let all: f64 = self.cases.iter().map(|case| case.weight).sum();
        let share = |spread: f64| {
            let none = self.cases.iter().map(|case| {
                let outside = factor * (case.team + case.outside);
                case.weight * (-case.home).exp() * Self::none(outside, spread)
            });
            none.sum::<f64>() / all
        };
        if share(0.0) >= nobody {
            return 0.0;
        }
        let (mut low, mut high) = (ALIKE, 1_000.0_f64);
        for _ in 0..24 {
            let middle = (low * high).sqrt();
            if share(middle) < nobody {
                low = middle;
            } else {
                high = middle;
            }
        }
        (low * high).sqrt()
    }

    /// The share of infections outside the household that are left when those met twice count once.
    fn kept(&self, factor: f64, spread: f64) -> f64 {
        let (mut once, mut all) = (0.0, 0.0);
        for case in &self.cases {
            let team = factor * case.team;
            let outside = factor * case.outside;
            all += case.weight * (team + outside);
            let distinct = if case.mates > 0.0 {
                case.mates * (1.0 - Self::none(team / case.mates, spread))
            } else {
                0.0
            };
            once += case.weight * (distinct + outside);
        }
        if all > 0.0 { once / all } else { 1.0 }
    }
}
