//! As many chains as make the outbreak as large as asked for.

use super::chain::{Chain, Infection, Place, World};
use crate::chance::Chance;
use crate::error::CityError;

/// How far from the number asked for the outbreak may end, of a hundred.
const TOLERANCE: u32 = 3;
/// No chain has more than this part of all cases.
const GREATEST_CHAIN: usize = 3;

/// All infections of the outbreak, with what they refer to counted through.
#[derive(Debug, Default)]
pub(super) struct Infections {
    pub(super) all: Vec<Infection>,
    pub(super) households: usize,
    pub(super) places: Vec<Place>,
}

impl Infections {
    fn add(&mut self, chain: Chain) {
        let (infections, places) = (self.all.len(), self.places.len());
        for mut infection in chain.infections {
            if let Some((infector, _)) = &mut infection.source {
                *infector += infections;
            }
            infection.household += self.households;
            infection.place = infection.place.map(|place| place + places);
            self.all.push(infection);
        }
        self.households += chain.households.len();
        self.places.extend(chain.places);
    }
}

/// Adds chains, each in the county that lacks most of its share, until about `target` cases are
/// reported by the last day.
pub(super) fn grow(
    world: &World<'_>,
    target: u32,
    chance: &mut Chance,
) -> Result<Infections, CityError> {
    let greatest = (target as usize / GREATEST_CHAIN).max(20);
    let (least, most) = (
        target - target * TOLERANCE / 100,
        target + target * TOLERANCE / 100,
    );
    let mut grown = Infections::default();
    let mut reported = vec![0_u32; world.counties.len()];
    let mut total = 0;
    let mut tries = 1_000 + 50 * u64::from(target);
    while total < least {
        if tries == 0 {
            return Err(CityError::NoSuchOutbreak {
                target_cases: target,
                reached: total,
            });
        }
        tries -= 1;
        let county = neediest(world, &reported, target);
        let Some(chain) = world.chain(county, 4 * greatest, chance) else {
            continue;
        };
        let counties = reported_by_county(world, &chain);
        let cases: u32 = counties.iter().sum();
        if cases as usize <= greatest && total + cases <= most {
            total += cases;
            for (sum, cases) in reported.iter_mut().zip(counties) {
                *sum += cases;
            }
            grown.add(chain);
        }
    }
    Ok(grown)
}

/// The county that has the smallest part of the cases it should have.
fn neediest(world: &World<'_>, reported: &[u32], target: u32) -> usize {
    let part = |county: usize| {
        f64::from(reported[county]) / (world.counties[county].share * f64::from(target))
    };
    (0..world.counties.len())
        .filter(|county| world.counties[*county].share > 0.0)
        .min_by(|a, b| part(*a).total_cmp(&part(*b)))
        .unwrap_or(0)
}

fn reported_by_county(world: &World<'_>, chain: &Chain) -> Vec<u32> {
    let mut counts = vec![0; world.counties.len()];
    for infection in &chain.infections {
        if infection.reported_day() <= world.last {
            counts[world.city.county_of(infection.village)] += 1;
        }
    }
    counts
}
