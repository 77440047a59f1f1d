//! A seeded outbreak in which every infector is known: a branching process with households and workplaces, and what tracing learns of
//! it. The same seed gives the same outbreak on every machine.

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};

use super::Random;

/// How the outbreak goes.
pub(crate) struct Disease {
    /// Mean number of infectees, while nothing stops them.
    pub(crate) r: f64,
    /// Dispersion of the negative binomial.
    pub(crate) k: f64,
    /// Mean of the serial interval, a gamma shifted by one day.
    pub(crate) si_mean: f64,
    /// Its standard deviation.
    pub(crate) si_sd: f64,
    /// Cases after which nobody is infected any more.
    pub(crate) cases: usize,
}

/// What tracing learns.
pub(crate) struct Tracing {
    /// Share of the meetings of two cases that either of them names.
    pub(crate) recall: f64,
    /// Cases met by chance, with whom nothing was passed on, per case.
    pub(crate) chance: f64,
}

/// Where somebody was infected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Household,
    Work,
    Elsewhere,
}

/// How often infections happen in each place, and how much a meeting there weighs in suggestions: the odds of infection differ
/// (Bi et al. 2020, Lancet Infect Dis: household contacts 6.3 times others').
const PLACES: [(Place, f64, f64); 3] = [
    (Place::Household, 0.45, 6.0),
    (Place::Work, 0.3, 2.0),
    (Place::Elsewhere, 0.25, 1.0),
];

impl Place {
    pub(crate) fn weight(self) -> f64 {
        let found = PLACES.iter().find(|(place, _, _)| *place == self);
        found.unwrap().2
    }
}

/// A case.
pub(crate) struct Infected {
    pub(crate) onset: Date,
    pub(crate) infector: Option<usize>,
    pub(crate) place: Place,
    /// Day of the infection.
    pub(crate) day: Date,
    household: usize,
    work: usize,
}

/// A meeting of two cases that tracing knows of.
pub(crate) struct Meeting {
    pub(crate) of: usize,
    pub(crate) with: usize,
    pub(crate) place: Place,
    pub(crate) day: Date,
}

pub(crate) struct Outbreak {
    pub(crate) cases: Vec<Infected>,
    /// Meetings that were named, of the later case with the earlier one.
    pub(crate) named: Vec<Meeting>,
}

/// An outbreak that grew to the number of cases wanted; seeds that die out are passed over.
pub(crate) fn outbreak(seed: u64, disease: &Disease, tracing: &Tracing) -> Outbreak {
    let mut random = Random(seed);
    let cases = loop {
        let cases = spread(&mut random, disease);
        if cases.len() >= disease.cases {
            break cases;
        }
    };
    let named = trace(&mut random, &cases, tracing);
    Outbreak { cases, named }
}

fn spread(random: &mut Random, disease: &Disease) -> Vec<Infected> {
    let first = date(2020, 1, 10);
    let mut cases = vec![Infected {
        onset: first,
        infector: None,
        place: Place::Elsewhere,
        day: first - 5.days(),
        household: 0,
        work: 0,
    }];
    let mut next = 0;
    while next < cases.len() && cases.len() < disease.cases {
        for _ in 0..random.negative_binomial(disease.r, disease.k) {
            let infectee = infect(random, disease, next, &cases);
            cases.push(infectee);
        }
        next += 1;
    }
    cases
}

fn infect(random: &mut Random, disease: &Disease, by: usize, cases: &[Infected]) -> Infected {
    let infector = &cases[by];
    let shape = ((disease.si_mean - 1.0) / disease.si_sd).powi(2);
    let scale = disease.si_sd.powi(2) / (disease.si_mean - 1.0);
    let interval = 1.0 + scale * random.gamma(shape);
    let place = place(random.uniform());
    // Infected some days before the own onset, seldom before the infector's.
    let incubation = (interval * (0.3 + 0.7 * random.uniform())).ceil();
    let onset = infector.onset + days(interval.round());
    let own = cases.len();
    Infected {
        onset,
        infector: Some(by),
        place,
        day: onset - days(incubation.min(interval.round())),
        household: if place == Place::Household {
            infector.household
        } else {
            own
        },
        work: if place == Place::Work {
            infector.work
        } else {
            own
        },
    }
}

fn days(days: f64) -> Span {
    (days as i64).days()
}

fn place(chance: f64) -> Place {
    let mut left = chance;
    for (place, share, _) in PLACES {
        left -= share;
        if left < 0.0 {
            return place;
        }
    }
    Place::Elsewhere
}

/// Those who live or work together meet, and whoever was infected met the infector; each meeting is named with the same chance.
fn trace(random: &mut Random, cases: &[Infected], tracing: &Tracing) -> Vec<Meeting> {
    let mut named = Vec::new();
    for (of, case) in cases.iter().enumerate() {
        for (with, other) in cases.iter().enumerate().filter(|(with, _)| *with != of) {
            let own = case.infector == Some(with);
            let place = if own {
                case.place
            } else if case.household == other.household {
                Place::Household
            } else if case.work == other.work {
                Place::Work
            } else if random.uniform() < tracing.chance / cases.len() as f64 {
                Place::Elsewhere
            } else {
                continue;
            };
            let day = if own {
                case.day
            } else {
                case.onset - days(6.0 * random.uniform())
            };
            if random.uniform() < tracing.recall {
                named.push(Meeting {
                    of,
                    with,
                    place,
                    day,
                });
            }
        }
    }
    named
}
