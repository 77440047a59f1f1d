//! As many chains of transmission as make the outbreak as large as asked for.

use super::chain::{Chain, Infection, Place, World};
use crate::chance::Chance;
use crate::error::CityError;

/// How far from its share of cases a county may end, of a hundred.
const TOLERANCE: u32 = 3;
/// How often the chains of a county are drawn until they have so many.
const TRIES: u32 = 5_000;
/// Chains drawn to learn how many cases they have.
const PILOTS: u32 = 400;
/// Cases of such a chain at most.
const LONGEST: u32 = 100_000;

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

/// For each county, as many arrivals as bring its share of `target` on average; then their chains
/// are drawn anew, all of them together, until the share is met. Were single chains refused for
/// being too long, those kept would show too little transmission.
pub(super) fn grow(
    world: &World<'_>,
    target: u32,
    chance: &mut Chance,
) -> Result<Infections, CityError> {
    let mut grown = Infections::default();
    let mut share = 0.0;
    let mut given = 0;
    for (index, county) in world.counties.iter().enumerate() {
        share += county.share;
        let until = (share * f64::from(target)).round() as u32;
        let chains = county_outbreak(world, index, until - given, chance)?;
        given = until;
        for chain in chains {
            grown.add(chain);
        }
    }
    Ok(grown)
}

/// Chains that begin in `county` and have about `cases` cases reported by the last day.
fn county_outbreak(
    world: &World<'_>,
    county: usize,
    cases: u32,
    chance: &mut Chance,
) -> Result<Vec<Chain>, CityError> {
    if cases == 0 {
        return Ok(Vec::new());
    }
    let tolerance = cases * TOLERANCE / 100;
    let arrivals = (f64::from(cases) / mean_length(world, county, chance)).round();
    let mut nearest = 0;
    for _ in 0..TRIES {
        let mut chains = Vec::new();
        let mut reached = 0;
        while reached <= cases + tolerance && (chains.len() as f64) < arrivals.max(1.0) {
            let chain = world.chain(county, cases + tolerance - reached, chance);
            reached += chain.reported;
            chains.push(chain);
        }
        if reached.abs_diff(cases) <= tolerance {
            return Ok(chains);
        }
        if reached.abs_diff(cases) < cases.abs_diff(nearest) {
            nearest = reached;
        }
    }
    Err(CityError::NoSuchOutbreak {
        county: world.counties[county].area,
        cases,
        nearest,
    })
}

/// Cases that a chain has on average.
fn mean_length(world: &World<'_>, county: usize, chance: &mut Chance) -> f64 {
    let cases: u32 = (0..PILOTS)
        .map(|_| world.chain(county, LONGEST, chance).reported)
        .sum();
    f64::from(cases.max(1)) / f64::from(PILOTS)
}
