//! Simulated waves of arrivals with a known truth: do the intervals hold it, and is a declared surge seen ahead?
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use common::Random;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_epi::arrivals::{Arrived, Day, Foreseen, LONGEST_HORIZON, foresee};
use proptest::prelude::*;

/// Share of announcements made 0, 1, … days before the arrival.
const LEADS: [f64; 12] = [
    0.12, 0.18, 0.16, 0.13, 0.1, 0.08, 0.07, 0.05, 0.04, 0.03, 0.02, 0.02,
];
const WEEKDAY: [f64; 7] = [0.9, 0.8, 0.8, 0.9, 1.2, 1.3, 1.1];

fn day(index: i64) -> Date {
    date(2020, 1, 6) + index.days()
}

/// How the truth works.
#[derive(Clone, Copy)]
struct World {
    level: f64,
    /// Size of the negative binomial of a day.
    size: f64,
    declares: f64,
    comes: f64,
    /// A surge: first and last day, and how many times the level.
    surge: Option<(i64, i64, f64)>,
}

const ORDINARY: World = World {
    level: 180.0,
    size: 30.0,
    declares: 0.7,
    comes: 0.85,
    surge: None,
};

fn simulate(random: &mut Random, world: World, days: i64) -> Vec<Day> {
    let mut drift = 0.0_f64;
    (0..days)
        .map(|index| {
            drift = 0.97 * drift + 0.03 * random.normal();
            let factor = match world.surge {
                Some((first, last, times)) if (first..=last).contains(&index) => times,
                _ => 1.0,
            };
            let mean = world.level * factor * drift.exp() * WEEKDAY[index.rem_euclid(7) as usize];
            let arrivals = random.negative_binomial(mean, world.size);
            let mut by_lead = [0_u32; LONGEST_HORIZON + 2];
            let mut declared = 0;
            // People do not announce themselves alike early on each day.
            let early = 0.15 * random.normal();
            let lead = |random: &mut Random| {
                let weight = |lead: usize| LEADS[lead] * (early * lead as f64 / 4.0).exp();
                let mut u = random.uniform() * (0..LEADS.len()).map(weight).sum::<f64>();
                (0..LEADS.len())
                    .position(|lead| {
                        u -= weight(lead);
                        u <= 0.0
                    })
                    .unwrap_or(0)
            };
            for _ in 0..arrivals {
                if random.uniform() < world.declares {
                    declared += 1;
                    by_lead[lead(random)] += 1;
                }
            }
            let never = f64::from(declared) * (1.0 - world.comes) / world.comes;
            for _ in 0..random.poisson(never) {
                by_lead[lead(random)] += 1;
            }
            let announced = (0..by_lead.len())
                .map(|k| Some(by_lead[k..].iter().sum()))
                .collect();
            Day {
                date: day(index),
                announced,
                arrived: Some(Arrived {
                    declared,
                    undeclared: arrivals - declared,
                }),
            }
        })
        .collect()
}

fn truth(days: &[Day], date: Date) -> u32 {
    let day = days.iter().find(|day| day.date == date).unwrap();
    let arrived = day.arrived.unwrap();
    arrived.declared + arrived.undeclared
}

/// Share of 90 % intervals that held by horizon, and the mean relative error.
fn coverage(world: World, seed: u64, announced: bool) -> ([f64; LONGEST_HORIZON], f64, f64) {
    const WAVES: usize = 150;
    let mut random = Random(seed);
    let mut held = [0.0; LONGEST_HORIZON];
    let (mut error, mut bias) = (0.0, 0.0);
    for _ in 0..WAVES {
        let mut days = simulate(&mut random, world, 42 + 14);
        if !announced {
            for day in &mut days {
                day.announced.clear();
            }
        }
        for ahead in foresee(&days, day(41), LONGEST_HORIZON).days {
            let true_number = truth(&days, ahead.date);
            let range = ahead.arrivals.unwrap();
            assert!(range.low <= range.median && range.median <= range.high);
            let holds = range.low <= true_number && true_number <= range.high;
            held[ahead.horizon - 1] += f64::from(u8::from(holds)) / WAVES as f64;
            let n = (WAVES * LONGEST_HORIZON) as f64;
            let scale = world.level * n;
            error += (range.expected - f64::from(true_number)).abs() / scale;
            bias += (range.expected - f64::from(true_number)) / scale;
        }
    }
    (held, error, bias)
}

#[test]
fn intervals_hold_the_truth() {
    let few = World {
        level: 3.0,
        ..ORDINARY
    };
    let many = World {
        level: 1_500.0,
        size: 60.0,
        ..ORDINARY
    };
    for (name, world, seed) in [
        ("180 a day", ORDINARY, 51),
        ("3 a day", few, 52),
        ("1500 a day", many, 53),
    ] {
        let (with, error, bias) = coverage(world, seed, true);
        let (without, error_without, bias_without) = coverage(world, seed, false);
        for (what, held, error, bias) in [
            ("with announcements", with, error, bias),
            ("without", without, error_without, bias_without),
        ] {
            let all = held.iter().sum::<f64>() / held.len() as f64;
            println!(
                "{name}, {what}: 90 % intervals that held {all:.3} (by day ahead {held:.2?}), \
                 mean error {error:.3}, bias {bias:.3}"
            );
            // Rounding outwards widens intervals of few people.
            let most = if world.level < 10.0 { 0.99 } else { 0.945 };
            assert!((0.86..=most).contains(&all), "{name} {what} {all}");
            assert!(
                held.iter().all(|held| *held > 0.8),
                "{name} {what} {held:?}"
            );
            // Half a person added weighs among few.
            assert!(
                bias.abs() < 0.04 + 0.15 / world.level,
                "{name} {what} {bias}"
            );
        }
        assert!(error < error_without, "announcements help");
    }
}

#[test]
fn a_declared_surge_is_seen_ahead() {
    let surge = World {
        surge: Some((45, 52, 5.0)),
        ..ORDINARY
    };
    let mut random = Random(54);
    let (mut held, mut asked) = (0, 0);
    let mut ratios = vec![Vec::new(); LONGEST_HORIZON];
    for _ in 0..60 {
        let days = simulate(&mut random, surge, 56);
        for ahead in foresee(&days, day(41), LONGEST_HORIZON).days {
            let range = ahead.arrivals.unwrap();
            let true_number = truth(&days, ahead.date);
            if (4..=8).contains(&ahead.horizon) {
                asked += 1;
                held += i32::from(range.low <= true_number && true_number <= range.high);
            }
            ratios[ahead.horizon - 1].push(range.expected / f64::from(true_number));
        }
    }
    let share = f64::from(held) / f64::from(asked);
    let means: Vec<f64> = ratios
        .iter()
        .map(|ratios| ratios.iter().sum::<f64>() / ratios.len() as f64)
        .collect();
    println!("a surge of 5 times, 4 to 8 days ahead: intervals that held {share:.3}");
    println!("expected over true by day ahead: {means:.2?}");
    assert!(share > 0.8, "{share}");
    for mean in &means[3..8] {
        assert!((0.85..=1.2).contains(mean), "{means:?}");
    }
}

fn only(days: &[(i64, u32)]) -> Foreseen {
    let days: Vec<Day> = days
        .iter()
        .map(|(index, arrived)| Day {
            date: day(*index),
            announced: Vec::new(),
            arrived: Some(Arrived {
                declared: 0,
                undeclared: *arrived,
            }),
        })
        .collect();
    foresee(&days, day(0), 3)
}

#[test]
fn without_a_past_there_is_no_answer() {
    let none = only(&[]);
    assert_eq!(none.days.len(), 3);
    assert!(none.days.iter().all(|day| day.arrivals.is_none()));
    assert_eq!((none.came_share, none.undeclared_share), (None, None));
    let only_announced = Day {
        date: day(2),
        announced: vec![None, None, Some(40)],
        arrived: None,
    };
    let foreseen = foresee(&[only_announced], day(0), 3);
    assert_eq!(foreseen.days[1].announced, Some(40));
    assert_eq!(foreseen.days[1].arrivals, None);
}

#[test]
fn one_day_says_little_and_zeros_say_near_zero() {
    let one = only(&[(0, 100)]).days[0].arrivals.unwrap();
    assert!(one.low < 30 && one.high > 200, "{one:?}");
    let zeros: Vec<(i64, u32)> = (-27..=0).map(|index| (index, 0)).collect();
    for ahead in only(&zeros).days {
        let range = ahead.arrivals.unwrap();
        assert!(range.expected < 0.1 && range.low == 0 && (1..=2).contains(&range.high));
    }
    assert_eq!(only(&zeros).undeclared_share, None);
}

#[test]
fn announcements_that_were_never_weighed_may_all_come() {
    let mut days: Vec<Day> = (-20..=0)
        .map(|index| Day {
            date: day(index),
            announced: Vec::new(),
            arrived: Some(Arrived {
                declared: 0,
                undeclared: 10,
            }),
        })
        .collect();
    days.push(Day {
        date: day(1),
        announced: vec![None, Some(900)],
        arrived: None,
    });
    let range = foresee(&days, day(0), 1).days[0].arrivals.unwrap();
    assert_eq!(range.high, 900);
}

#[test]
fn nothing_later_is_used() {
    let mut random = Random(55);
    let days = simulate(&mut random, ORDINARY, 60);
    let then = foresee(&days, day(41), LONGEST_HORIZON);
    let mut known = days[..42].to_vec();
    for (index, day) in days.iter().enumerate().skip(42) {
        let mut day = day.clone();
        day.arrived = None;
        let later = day.announced.len().min(index - 41);
        day.announced[..later].fill(None);
        known.push(day);
    }
    assert_eq!(foresee(&known, day(41), LONGEST_HORIZON), then);
    assert_eq!(foresee(&days, day(41), 99), then);
    let shares = &then.announced_by;
    assert!((shares[3] - LEADS[3..].iter().sum::<f64>()).abs() < 0.05);
    assert!((then.came_share.unwrap() - 0.85).abs() < 0.03);
    assert!((then.undeclared_share.unwrap() - 0.3).abs() < 0.03);
}

proptest! {
    #[test]
    fn any_input_gives_ordered_numbers(
        rows in prop::collection::vec(
            (-30..20_i64, prop::collection::vec(prop::option::of(0..2_000_000_000_u32), 0..18), prop::option::of((0..2_000_000_000_u32, 0..2_000_u32))),
            0..40,
        ),
        horizon in 0..20_usize,
    ) {
        let days: Vec<Day> = rows
            .into_iter()
            .map(|(index, announced, arrived)| Day {
                date: day(index),
                announced,
                arrived: arrived.map(|(declared, undeclared)| Arrived { declared, undeclared }),
            })
            .collect();
        for ahead in foresee(&days, day(0), horizon).days {
            if let Some(range) = ahead.arrivals {
                prop_assert!(range.expected >= 0.0 && range.expected.is_finite());
                prop_assert!(range.low <= range.median && range.median <= range.high);
                prop_assert!((0.0..=1.0).contains(&range.weight_of_announced));
            }
        }
    }
}
