//! Who lives with whom.
//!
//! Sizes of households follow the description's shape, tilted so that their mean is the one given, and add up to the
//! people of each area. Each household is headed by an adult. Children are put with heads about a generation older,
//! partners are about as old as each other and mostly of the other sex, and others are a generation older or younger.
//! These ways of putting people together are the project's own; margins are met exactly, ties between ages about.

use super::ages::divide;
use super::margins::{ADULT, OLDEST};
use crate::random::Stream;

/// Years between parents and children, on average, and their spread.
const GENERATION: f64 = 27.0;
const GENERATION_SD: f64 = 5.0;
/// Oldest head of a household that is given small children.
const OLDEST_PARENT: u8 = 59;
/// How much older or younger a partner may be.
const PARTNERS: i32 = 12;

/// Sizes of the households of `people`, together exactly as many; in rising order.
pub(super) fn sizes(people: u32, shape: &[f64], mean: f64) -> Vec<u8> {
    if people == 0 {
        return Vec::new();
    }
    let tilted = tilt(shape, mean);
    let households = ((f64::from(people) / mean).round() as u32).clamp(1, people);
    let mut counts = divide(households, &tilted);
    let sum = |counts: &[u32]| -> i64 {
        (1..)
            .zip(counts)
            .map(|(size, n)| size * i64::from(*n))
            .sum()
    };
    let mut missing = i64::from(people) - sum(&counts);
    let largest = counts.len();
    while missing > 0 {
        let grown = (0..largest - 1).filter(|size| counts[*size] > 0);
        if let Some(size) = grown.max_by_key(|size| counts[*size]) {
            counts[size] -= 1;
            counts[size + 1] += 1;
            missing -= 1;
        } else {
            let size = missing.min(largest as i64);
            counts[size as usize - 1] += 1;
            missing -= size;
        }
    }
    while missing < 0 {
        let shrunk = (1..largest).filter(|size| counts[*size] > 0);
        if let Some(size) = shrunk.max_by_key(|size| counts[*size]) {
            counts[size] -= 1;
            counts[size - 1] += 1;
        } else {
            counts[0] -= 1;
        }
        missing += 1;
    }
    let mut sizes = Vec::with_capacity(households as usize);
    for (size, n) in (1_u8..).zip(counts) {
        sizes.extend(std::iter::repeat_n(size, n as usize));
    }
    sizes
}

/// The shape times powers of one number, so that its mean is `mean`.
fn tilt(shape: &[f64], mean: f64) -> Vec<f64> {
    let tilted = |log: f64| -> (Vec<f64>, f64) {
        let weights: Vec<f64> = shape
            .iter()
            .enumerate()
            .map(|(place, share)| share * (log * place as f64).exp())
            .collect();
        let sum: f64 = weights.iter().sum();
        let first: f64 = (1..)
            .zip(&weights)
            .map(|(size, w)| f64::from(size) * w)
            .sum();
        (weights, first / sum)
    };
    let (mut low, mut high) = (-20.0, 20.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if tilted(middle).1 < mean {
            low = middle;
        } else {
            high = middle;
        }
    }
    tilted(f64::midpoint(low, high)).0
}

/// People of a village who have no household yet, by age and sex.
struct Pool {
    left: [[u32; 2]; OLDEST + 1],
}

impl Pool {
    fn of(people: &[u8]) -> Self {
        let mut left = [[0; 2]; OLDEST + 1];
        for age_sex in people {
            left[usize::from(age_sex >> 1)][usize::from(age_sex & 1)] += 1;
        }
        Self { left }
    }

    fn take(&mut self, age: usize, sex: usize) -> u8 {
        self.left[age][sex] -= 1;
        (age * 2 + sex) as u8
    }

    fn there(&self, from: usize, to: usize) -> u32 {
        self.left[from..=to].iter().flatten().sum()
    }

    /// Anybody of these ages, each as likely as the others.
    fn draw(&mut self, from: usize, to: usize, stream: &mut Stream) -> Option<u8> {
        let there = self.there(from, to);
        if there == 0 {
            return None;
        }
        let mut chosen = stream.below(there);
        for age in from..=to {
            for sex in 0..2 {
                let here = self.left[age][sex];
                if chosen < here {
                    return Some(self.take(age, sex));
                }
                chosen -= here;
            }
        }
        None
    }

    /// Whoever of these ages is nearest to an age, of one sex rather than the other.
    fn nearest(&mut self, age: i32, from: i32, to: i32, sex: usize) -> Option<u8> {
        let to = to.min(OLDEST as i32);
        let from = from.max(0);
        for distance in 0..=(to - from).max(0) + (age - to).abs().max((from - age).abs()) {
            for near in [age - distance, age + distance] {
                if near < from || near > to {
                    continue;
                }
                for sex in [sex, 1 - sex] {
                    if self.left[near as usize][sex] > 0 {
                        return Some(self.take(near as usize, sex));
                    }
                }
            }
        }
        None
    }
}

/// A household that is being filled: its first seat, its size, who sits there.
struct Filling {
    first: usize,
    size: usize,
    filled: usize,
}

/// Puts the people of a village into households of these sizes; gives ages and sexes, household by household.
pub(super) fn compose(people: &[u8], sizes: &[u8], stream: &mut Stream) -> Vec<u8> {
    let mut seats = vec![0_u8; people.len()];
    if sizes.len() == people.len() {
        seats.copy_from_slice(people);
        return seats;
    }
    let mut pool = Pool::of(people);
    let adult = usize::from(ADULT);
    let mut homes = Vec::with_capacity(sizes.len());
    let mut first = 0;
    for size in sizes {
        let size = usize::from(*size);
        // Heads of families are of working age where there are such.
        let head = if size > 1 {
            pool.draw(22, 69, stream)
        } else {
            None
        };
        let head = head
            .or_else(|| pool.draw(adult, OLDEST, stream))
            .or_else(|| pool.draw(0, OLDEST, stream));
        seats[first] = head.expect("there are as many people as seats");
        homes.push(Filling {
            first,
            size,
            filled: 1,
        });
        first += size;
    }
    children(&mut pool, &mut homes, &mut seats, stream);
    partners(&mut pool, &mut homes, &mut seats, stream);
    others(&mut pool, &mut homes, &mut seats);
    seats
}

fn children(pool: &mut Pool, homes: &mut [Filling], seats: &mut [u8], stream: &mut Stream) {
    let last = i32::from(ADULT) - 1;
    let mut left = pool.there(0, last as usize);
    // One child for each family first, so that children are spread over them; then a second, and so on; at last
    // with one parent alone.
    for parents in [2, 1] {
        for round in 1..12 {
            for home in homes.iter_mut() {
                let head = seats[home.first] >> 1;
                // The head sits already; `filled` less one are children.
                let room = home.filled + parents <= home.size && home.filled <= round;
                if left == 0 || !room || head > OLDEST_PARENT {
                    continue;
                }
                let age = f64::from(head) - GENERATION + GENERATION_SD * stream.normal();
                let sex = usize::from(stream.yes(0.5));
                let child = pool.nearest(age.round() as i32, 0, last, sex);
                seats[home.first + home.filled] = child.expect("some are left");
                home.filled += 1;
                left -= 1;
            }
            if left == 0 {
                return;
            }
        }
    }
}

fn partners(pool: &mut Pool, homes: &mut [Filling], seats: &mut [u8], stream: &mut Stream) {
    for home in homes {
        if home.filled == home.size {
            continue;
        }
        let (age, sex) = (i32::from(seats[home.first] >> 1), seats[home.first] & 1);
        let other = usize::from(1 - sex);
        let wanted = age + if sex == 0 { -2 } else { 2 } + stream.below(3) as i32 - 1;
        let (from, to) = ((age - PARTNERS).max(i32::from(ADULT)), age + PARTNERS);
        if let Some(partner) = pool.nearest(wanted, from, to, other) {
            seats[home.first + home.filled] = partner;
            home.filled += 1;
        }
    }
}

fn others(pool: &mut Pool, homes: &mut [Filling], seats: &mut [u8]) {
    for home in homes {
        while home.filled < home.size {
            let head = i32::from(seats[home.first] >> 1);
            let wanted = if head < 50 {
                head + GENERATION as i32
            } else {
                head - GENERATION as i32
            };
            let other = pool.nearest(wanted, 0, OLDEST as i32, home.filled % 2);
            seats[home.first + home.filled] = other.expect("there are as many people as seats");
            home.filled += 1;
        }
    }
}
