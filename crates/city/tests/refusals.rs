//! What cannot be built or run is refused with a sentence that says what would be right.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod simulated;

use lianfang_city::epidemic::Simulation;
use lianfang_city::population::{CityDescription, Population};
use lianfang_city::scenario::Scenario;
use lianfang_policy::Pack;
use simulated::{built, layered, pack, pack_with, unmitigated};

fn refused(change: impl FnOnce(&mut CityDescription)) -> String {
    let mut description = layered(10_000);
    change(&mut description);
    Population::build(&description, 1).unwrap_err().to_string()
}

#[test]
fn cities_that_cannot_be_built() {
    let nobody = refused(|city| city.people.total = 0);
    assert_eq!(
        nobody,
        "people.total is 0; it must lie between 1 and 50000000"
    );
    let areas = refused(|city| city.areas.list[0].people += 1);
    assert_eq!(
        areas,
        "the areas have 10001 people together, and the city 10000: they must be as many"
    );
    let ages = refused(|city| city.people.ages[0].percent += 5.0);
    assert!(
        ages.starts_with("people.ages add up to 105.00 percent"),
        "{ages}"
    );
    let children = refused(|city| {
        city.people.ages[0].percent = 90.0;
        city.people.ages[1].percent = 10.0;
        city.people.ages[2].percent = 0.0;
        city.people.ages[3].percent = 0.0;
        city.care_homes.residents = 0;
    });
    assert!(
        children.contains("households (each is headed by an adult)"),
        "{children}"
    );
    let old = refused(|city| city.care_homes.residents = 5_000);
    assert!(
        old.contains("5000 residents of care homes, and only"),
        "{old}"
    );
    let rooms = refused(|city| city.collective.people = 9_990);
    assert!(rooms.contains("people in dormitories"), "{rooms}");
    let mean = refused(|city| city.households.mean = 9.0);
    assert_eq!(mean, "households.mean is 9; it must lie between 1 and 6");
    let source = refused(|city| city.work.source = " ".into());
    assert!(source.contains("`work`"), "{source}");
    let code = refused(|city| city.areas.list[0].code = "110000".into());
    assert!(code.contains("area codes"), "{code}");
    let bands = refused(|city| city.people.ages[0].from = 3);
    assert!(bands.contains("begin at 0"), "{bands}");
    let nan = refused(|city| city.contacts.work = f64::NAN);
    assert!(nan.starts_with("contacts.work is NaN"), "{nan}");
    let form = CityDescription::read("id = \"x\"\nnobody = 3\n").unwrap_err();
    assert!(form.to_string().contains("line 2"), "{form}");
}

#[test]
fn packs_without_what_a_simulation_needs() {
    let city = built(&CityDescription::well_mixed(1_000));
    let scenario = unmitigated(1);
    let refused = |pack: &Pack| {
        Simulation::new(&city, pack, &scenario)
            .err()
            .unwrap()
            .to_string()
    };
    let measles = Pack::shipped("measles-2024").unwrap();
    assert_eq!(
        refused(&measles),
        "the pack has no natural_history.unmitigated: a simulation needs it"
    );
    let text = pack().text;
    for section in [
        "spans.latent",
        "spans.presymptomatic",
        "spans.infectious",
        "spans.onset_to_death",
        "spans.onset_to_severe",
        "shares.symptomatic",
    ] {
        let head = format!("[natural_history.{section}]");
        let from = text.find(&head).unwrap();
        let end = from + text[from..].find("\n\n").unwrap();
        let without = format!("{}{}", &text[..from], &text[end..]);
        let without = Pack::read_untried(&without).unwrap();
        assert_eq!(
            refused(&without),
            format!("the pack has no natural_history.{section}: a simulation needs it")
        );
    }
    let city = built(&layered(10_000));
    let weak = pack_with(&[("mean = 2.2\nk = 0.3", "mean = 0.1\nk = 0.3")]);
    let error = Simulation::new(&city, &weak, &scenario).err().unwrap();
    assert!(error.to_string().contains("households alone"), "{error}");
}

#[test]
fn runs_that_cannot_be() {
    let city = built(&CityDescription::well_mixed(1_000));
    let pack = pack();
    let scenario = unmitigated(1);
    let simulation = Simulation::new(&city, &pack, &scenario).unwrap();
    let days = simulation.run(0, 1, 1).unwrap_err().to_string();
    assert_eq!(days, "days is 0; it must lie between 1 and 3650");
    assert!(simulation.run(4_000, 1, 1).is_err());
    assert!(simulation.run(10, 1, 0).is_err());
    let many = unmitigated(1_001);
    let error = Simulation::new(&city, &pack, &many).err().unwrap();
    assert!(error.to_string().starts_with("imports.initial is 1001"));
    let form = Scenario::read("[imports]\ninitial = -3\n").unwrap_err();
    assert!(form.to_string().contains("line 2"), "{form}");
    let share = Scenario::read("[response]\nseek = 1.5\n").unwrap();
    let error = Simulation::new(&city, &pack, &share).err().unwrap();
    assert_eq!(
        error.to_string(),
        "response.seek is 1.5; it must lie between 0 and 1"
    );
    // One person alone is a city, too.
    let alone = built(&CityDescription::well_mixed(1));
    let run = Simulation::new(&alone, &pack, &scenario)
        .unwrap()
        .run(100, 1, 4)
        .unwrap();
    assert_eq!(run.infections.len(), 1);
}
