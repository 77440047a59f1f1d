//! Populations against their margins, and on disk.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod simulated;

use std::path::Path;

use lianfang_city::population::{CityDescription, Population};
use lianfang_core::reopening::Sector;
use lianfang_core::words::Word;
use simulated::{built, layered};

/// How far counts may be from a margin that is drawn by chance: this many standard deviations.
const SIGMAS: f64 = 5.0;

fn near(found: u32, expected: f64) -> bool {
    (f64::from(found) - expected).abs() <= SIGMAS * expected.sqrt() + 1.0
}

#[test]
fn margins_are_met() {
    let description = layered(150_000);
    let city = built(&description);
    let census = city.census();
    assert_eq!(city.people(), 150_000);
    assert_eq!(census.by_area, [75_000, 75_000]);
    let of_ages =
        |from: usize, to: usize| -> u32 { census.by_age[from..to].iter().flatten().sum() };
    let total = f64::from(description.people.total);
    for (place, band) in description.people.ages.iter().enumerate() {
        let to = description.people.ages.get(place + 1);
        let to = to.map_or(101, |next| usize::from(next.from));
        let found = f64::from(of_ages(usize::from(band.from), to));
        assert!((found - total * band.percent / 100.0).abs() < 101.0);
    }
    let men: u32 = census.by_age.iter().map(|[men, _]| men).sum();
    assert!((f64::from(men) - total * description.people.men_percent / 100.0).abs() < 2.0);
    // Rooms of dormitories and care homes stand among the households.
    let households: u32 = census.households.iter().sum();
    let people: u32 = (1..)
        .zip(&census.households)
        .map(|(size, n)| size * n)
        .sum();
    assert_eq!(people, 150_000);
    let rooms = description
        .collective
        .people
        .div_ceil(u32::from(description.collective.room))
        + description.care_homes.residents.div_ceil(2);
    let families =
        f64::from(people - description.collective.people - description.care_homes.residents);
    let mean = families / f64::from(households - rooms);
    assert!(
        (mean / description.households.mean - 1.0).abs() < 0.002,
        "{mean}"
    );
    let employed: f64 = (0..=100_u8)
        .map(|age| {
            let band = description
                .work
                .employed
                .iter()
                .rev()
                .find(|b| b.from <= age);
            let school: f64 = description
                .school
                .iter()
                .filter(|stage| (stage.from..=stage.to).contains(&age))
                .map(|stage| stage.enrolled / 100.0)
                .sum();
            let all: u32 = census.by_age[usize::from(age)].iter().sum();
            f64::from(all) * (1.0 - school) * band.unwrap().percent / 100.0
        })
        .sum();
    // Residents of care homes do not work; few are young enough to.
    assert!((f64::from(census.workers) / employed - 1.0).abs() < 0.01);
    assert_eq!(u64::from(census.workers), city.posts());
    let schools = census.posts[Sector::School.index()] + census.posts[Sector::Kindergarten.index()];
    let staff: f64 = 2.7 * f64::from(of_ages(3, 18)) / 38.0;
    assert!(
        (f64::from(schools) / staff - 1.0).abs() < 0.2,
        "{schools} {staff}"
    );
    let others = census.workers - schools - census.posts[Sector::CareHome.index()];
    let industry = census.posts[Sector::Industry.index()];
    assert!(near(industry, f64::from(others) * 0.22));
}

#[test]
fn the_same_seed_gives_the_same_city_and_the_file_gives_it_back() {
    let description = layered(20_000);
    let city = built(&description);
    assert_eq!(city, built(&description));
    let other = Population::build(&description, 2).unwrap();
    assert_ne!(city.digest(), other.digest());
    let mut file = Vec::new();
    city.write(&mut file).unwrap();
    assert_eq!(Population::read(&file).unwrap(), city);
    // Whatever is changed, cut off or added is noticed.
    for place in [0, 20, file.len() / 2, file.len() - 1] {
        let mut altered = file.clone();
        altered[place] ^= 1;
        assert!(Population::read(&altered).is_err(), "byte {place}");
        assert!(Population::read(&file[..place]).is_err(), "cut at {place}");
    }
    file.push(0);
    assert!(Population::read(&file).is_err());
    assert!(Population::read(b"").is_err());
}

#[test]
fn the_cities_that_come_with_the_program_can_be_built() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let city = CityDescription::read(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!city.checkpoint.is_empty());
        // Built at a hundredth, which takes a hundredth of the time.
        let mut small = city.clone();
        for area in &mut small.areas.list {
            area.people /= 100;
        }
        small.people.total = small.areas.list.iter().map(|area| area.people).sum();
        small.collective.people /= 100;
        small.care_homes.residents /= 100;
        let built = Population::build(&small, 1).unwrap();
        assert_eq!(built.people(), small.people.total);
        found.push(city.id);
    }
    found.sort_unstable();
    assert_eq!(
        found,
        ["huanggang", "shengzhou", "weihai", "wenzhou", "wuxi"]
    );
}

#[test]
fn descriptions_that_ship_fit_other_sizes_and_areas() {
    use lianfang_city::population::AreaMargin;
    use lianfang_core::text::Text;

    assert_eq!(CityDescription::shipped_ids().count(), 5);
    assert!(CityDescription::shipped("atlantis").is_none());
    for id in CityDescription::shipped_ids() {
        let whole = CityDescription::shipped(id).unwrap().unwrap();
        assert_eq!(whole.id, id);
        for people in [1_000, 7_919, 200_000] {
            let scaled = whole.scaled(people, None).unwrap();
            assert_eq!(scaled.people.total, people);
            assert_eq!(scaled.areas.list.len(), whole.areas.list.len());
            if people < 10_000 {
                assert_eq!(built(&scaled).people(), people);
            }
        }
    }
    let area = |code: &str, people| AreaMargin {
        code: code.into(),
        name: Text::new(code, code),
        people,
    };
    let other = vec![area("990101", 30), area("990102", 60), area("990103", 10)];
    let wuxi = CityDescription::shipped("wuxi").unwrap().unwrap();
    let moved = wuxi.scaled(5_001, Some(("990100".into(), other))).unwrap();
    let people: Vec<u32> = moved.areas.list.iter().map(|area| area.people).collect();
    assert_eq!(people, [1_500, 3_000, 501]);
    // Areas elsewhere have no place in it.
    let elsewhere = vec![area("330683", 1)];
    assert!(
        wuxi.scaled(5_000, Some(("990100".into(), elsewhere)))
            .is_err()
    );
    assert!(wuxi.scaled(0, None).is_err());
}
