//! Ages and sexes: whole numbers of people that add up to the margins.

use super::description::{AgeBand, PeopleMargin};
use super::margins::OLDEST;

/// People of each age, men and women.
pub(super) type Counts = [[u32; 2]; OLDEST + 1];

/// Ages at which a band of the oldest thins out: each year has this share of the year before. A convention of the
/// project: life tables of the time lose 8 to 12 percent a year from 80 on.
const OLD_AGE_KEPT: f64 = 0.9;
/// Age from which that holds.
const OLD_AGE_FROM: usize = 75;

/// Divides `total` into whole parts by weight, as even as can be (largest remainder).
pub(super) fn divide(total: u32, weights: &[f64]) -> Vec<u32> {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        let mut parts = vec![0; weights.len()];
        if let Some(first) = parts.first_mut() {
            *first = total;
        }
        return parts;
    }
    let exact: Vec<f64> = weights
        .iter()
        .map(|weight| f64::from(total) * weight / sum)
        .collect();
    let mut parts: Vec<u32> = exact.iter().map(|part| part.floor() as u32).collect();
    let left = total - parts.iter().sum::<u32>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| {
        let rest = |place: usize| exact[place] - exact[place].floor();
        rest(*b).total_cmp(&rest(*a)).then(a.cmp(b))
    });
    for place in order.into_iter().take(left as usize) {
        parts[place] += 1;
    }
    parts
}

/// The value of the band that an age lies in.
pub(super) fn at(bands: &[AgeBand], age: u8) -> f64 {
    bands
        .iter()
        .rev()
        .find(|band| band.from <= age)
        .map_or(0.0, |band| band.percent)
}

/// How many of each age and sex there are; together the total.
pub(super) fn counts(people: &PeopleMargin) -> Counts {
    let mut weights = vec![0.0; OLDEST + 1];
    for (place, band) in people.ages.iter().enumerate() {
        let from = usize::from(band.from);
        let to = people
            .ages
            .get(place + 1)
            .map_or(OLDEST + 1, |next| usize::from(next.from));
        let mut shape: Vec<f64> = Vec::with_capacity(to - from);
        for age in from..to {
            let before = shape.last().copied().unwrap_or(1.0);
            shape.push(if age > OLD_AGE_FROM {
                before * OLD_AGE_KEPT
            } else {
                before
            });
        }
        let sum: f64 = shape.iter().sum();
        for (age, share) in (from..to).zip(shape) {
            weights[age] = band.percent * share / sum;
        }
    }
    let ages = divide(people.total, &weights);
    let men = people.men_percent / 100.0;
    let mut counts = [[0; 2]; OLDEST + 1];
    let mut owed = 0.0;
    for (age, all) in ages.into_iter().enumerate() {
        owed += f64::from(all) * men;
        let here = (owed.round() as u32).min(all);
        owed -= f64::from(here);
        counts[age] = [here, all - here];
    }
    counts
}

/// Takes `wanted` people out of `counts`, by weight of age; fewer if there are not as many.
pub(super) fn take(counts: &mut Counts, wanted: u32, weight: impl Fn(usize) -> f64) -> Counts {
    let mut taken = [[0; 2]; OLDEST + 1];
    let mut left = wanted;
    // What one pass cannot take because an age is exhausted, the next takes from the others.
    while left > 0 {
        let weights: Vec<f64> = counts
            .iter()
            .enumerate()
            .flat_map(|(age, both)| both.map(|n| f64::from(n) * weight(age)))
            .collect();
        if weights.iter().sum::<f64>() <= 0.0 {
            break;
        }
        let mut got = 0;
        for (place, part) in divide(left, &weights).into_iter().enumerate() {
            let (age, sex) = (place / 2, place % 2);
            let part = part.min(counts[age][sex]);
            counts[age][sex] -= part;
            taken[age][sex] += part;
            got += part;
        }
        if got == 0 {
            break;
        }
        left -= got;
    }
    taken
}

/// Each person's age and sex as one byte: age times two, odd for a woman.
pub(super) fn listed(counts: &Counts) -> Vec<u8> {
    let all: u32 = counts.iter().flatten().sum();
    let mut list = Vec::with_capacity(all as usize);
    for (age, both) in counts.iter().enumerate() {
        for (sex, n) in both.iter().enumerate() {
            list.extend(std::iter::repeat_n((age * 2 + sex) as u8, *n as usize));
        }
    }
    list
}
