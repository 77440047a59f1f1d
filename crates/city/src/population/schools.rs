//! Schools: pupils of one age and neighbourhood in classes, with their teachers.

use super::Population;
use super::places::parts;

/// Fills the schools of an area; teachers and other staff come from its workers.
pub(super) fn fill(
    population: &mut Population,
    area: usize,
    pupils: &[Vec<Vec<u32>>],
    workers: &mut Vec<u32>,
) {
    let stages = population.description().school.clone();
    for (stage, by_age) in stages.iter().zip(pupils) {
        let all: usize = by_age.iter().map(Vec::len).sum();
        if all == 0 {
            continue;
        }
        let schools = all.div_ceil(stage.school as usize);
        let mut owed = 0.0;
        for school in 0..schools {
            population.open_place(area, stage.sector, false);
            for of_age in by_age {
                // Pupils are in order of where they live, so that those of one school are neighbours.
                let from = of_age.len() * school / schools;
                let to = of_age.len() * (school + 1) / schools;
                if from == to {
                    continue;
                }
                for class in parts(&of_age[from..to], stage.class as usize) {
                    owed += stage.staff;
                    let staff = (owed.round() as usize).min(workers.len());
                    owed -= staff as f64;
                    let staff = workers.split_off(workers.len() - staff);
                    population.add_group(class, &staff);
                }
            }
        }
    }
}
