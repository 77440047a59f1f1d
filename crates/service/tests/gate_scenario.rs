//! The gate's scenario: 25 days of entrants with duplicates, misspelt names, gates without network,
//! late hand-overs, people who vanish and come back, families and missed checks, against a truth
//! kept beside it. At every midnight each person is in exactly one place of the process, and every
//! number of the brief equals a count over the truth.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(clippy::too_many_lines, reason = "a script of what happens, in order")]

mod common;

#[path = "gate_scenario/acts.rs"]
mod acts;
#[path = "gate_scenario/compare.rs"]
mod compare;
#[path = "gate_scenario/effects.rs"]
mod effects;
#[path = "gate_scenario/merging.rs"]
mod merging;
#[path = "../../core/tests/alike/names.rs"]
mod names;
#[path = "gate_scenario/people.rs"]
mod people;
#[path = "gate_scenario/plan.rs"]
mod plan;
#[path = "gate_scenario/play.rs"]
mod play;
#[path = "gate_scenario/random.rs"]
mod random;
#[path = "gate_scenario/sending.rs"]
mod sending;
#[path = "gate_scenario/sighting.rs"]
mod sighting;
#[path = "gate_scenario/todo.rs"]
mod todo;
#[path = "gate_scenario/truth.rs"]
mod truth;
#[path = "gate_scenario/watching.rs"]
mod watching;
#[path = "gate_scenario/world.rs"]
mod world;
#[path = "gate_scenario/writing.rs"]
mod writing;

use world::World;

fn scenario(seed: u64, entrants: usize) {
    let begun = std::time::Instant::now();
    let mut world = World::new(seed, entrants);
    world.play();
    world.the_whole_is_true();
    let played = begun.elapsed().as_secs_f64();
    let quality = world.quality();
    let facts = world.bed.seq();
    println!(
        "{} entrants, {} records of them, {} facts, {} orders, {} hand-overs",
        world
            .truth
            .entrants
            .iter()
            .filter(|entrant| entrant.stage.is_some())
            .count(),
        world.records.len(),
        facts,
        world.truth.orders.len(),
        world.truth.handovers.len(),
    );
    println!(
        "precision {:.5} of {} merges ({:.5} by pairs), recall {:.5} of {} pairs; {} offers wrong, {} joined by hand",
        quality.precision(),
        quality.merges,
        quality.precision_of_pairs(),
        quality.recall(),
        quality.pairs,
        world.merging.wrong,
        world.merging.missed,
    );
    let (together, families) = world.families_together();
    let stages = world.stages();
    println!("at the end {stages:?}; refused {:?}", world.refused);
    println!(
        "{} late releases, {} decided otherwise, {} absences, {together} of {families} families in one room",
        world.truth.orders.iter().filter(|order| order.late).count(),
        world.truth.rechecks,
        world
            .truth
            .orders
            .iter()
            .map(|order| order.absences.len())
            .sum::<usize>(),
    );
    world.timed("sent again", |world| world.send_all_again());
    world.timed("verified", |world| world.bed.holds());
    println!(
        "{played:.0} s played, {:.0} s in all: {:.0?}",
        begun.elapsed().as_secs_f64(),
        world.seconds
    );
    assert!(quality.precision() >= 0.999, "{quality:?}");
    assert!(quality.precision_of_pairs() >= 0.999, "{quality:?}");
    assert!(quality.recall() >= 0.98, "{quality:?}");
}

#[test]
fn two_thousand_entrants_are_where_they_truly_are() {
    scenario(7, 2_000);
}

#[test]
fn twenty_thousand_entrants_are_where_they_truly_are() {
    scenario(2020, 20_000);
}
