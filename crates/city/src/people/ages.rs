//! How old people are.

use crate::chance::Chance;

/// People per 10,000 in bands of five years, 90 and over in the last: Seventh National
/// Population Census, 2020 (0–14 17.95 %, 60 and over 18.70 %, 65 and over 13.50 %).
const PYRAMID: [f64; 19] = [
    552.0, 639.0, 605.0, 516.0, 531.0, 651.0, 881.0, 703.0, 658.0, 812.0, 859.0, 719.0, 520.0,
    525.0, 352.0, 221.0, 144.0, 76.0, 33.0,
];

/// Odds of infection compared with those aged 15 to 64: under 15, and from 65 (Zhang et al. 2020,
/// Science 368:1481).
const SUSCEPTIBILITY: (f64, f64) = (0.34, 1.47);

/// Ages up to this one are drawn.
pub(crate) const OLDEST: u8 = 99;

/// Ages of those who work.
pub(crate) const WORKING: std::ops::RangeInclusive<u8> = 18..=62;

/// The age of anybody.
pub(super) fn anybody(chance: &mut Chance) -> u8 {
    within(chance, chance_band)
}

/// The age of somebody who was infected, given that all meet alike.
pub(crate) fn infected(chance: &mut Chance) -> u8 {
    within(chance, |chance| {
        let mut weights = PYRAMID;
        for (band, weight) in weights.iter_mut().enumerate() {
            *weight *= match band {
                0..3 => SUSCEPTIBILITY.0,
                13.. => SUSCEPTIBILITY.1,
                _ => 1.0,
            };
        }
        chance.weighted(&weights)
    })
}

fn chance_band(chance: &mut Chance) -> usize {
    chance.weighted(&PYRAMID)
}

fn within(chance: &mut Chance, band: impl Fn(&mut Chance) -> usize) -> u8 {
    let band = band(chance) as i32;
    chance.whole(5 * band, (5 * band + 4).min(i32::from(OLDEST))) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Purpose;

    #[test]
    fn shares_follow_the_census_and_the_ill_are_older() {
        let mut chance = Chance::new(1, Purpose::People);
        let n = 20_000;
        let share = |ages: &[u8], from: u8| {
            ages.iter().filter(|age| **age >= from).count() as f64 / f64::from(n)
        };
        let all: Vec<u8> = (0..n).map(|_| anybody(&mut chance)).collect();
        let ill: Vec<u8> = (0..n).map(|_| infected(&mut chance)).collect();
        assert!((share(&all, 60) - 0.187).abs() < 0.01);
        assert!((share(&all, 15) - 0.8205).abs() < 0.01);
        assert!(share(&ill, 15) > 0.9 && share(&ill, 65) > 0.18);
        assert!(all.iter().all(|age| *age <= OLDEST));
    }
}
