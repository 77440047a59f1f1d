//! Both hands: the outbreak in one, work in the other. A pack is on the frontier where no other is as good in both and
//! better in one.

use super::measures::{Better, Measure};
use super::{Compared, Spread};

/// What the two hands hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hands {
    /// What the outbreak is measured by.
    pub outbreak: Measure,
    /// What work is measured by.
    pub work: Measure,
}

impl Default for Hands {
    fn default() -> Self {
        Self {
            outbreak: Measure::Infections,
            work: Measure::OutputLost,
        }
    }
}

/// A pack between the two hands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// The outbreak's measure.
    pub outbreak: Spread,
    /// Work's measure.
    pub work: Spread,
    /// Whether no other pack beats it, by medians.
    pub on_frontier: bool,
    /// Share of seeds under which no other pack beats it.
    pub seeds_on_frontier: f64,
}

/// All packs between the two hands, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Frontier {
    /// What the hands hold.
    pub hands: Hands,
    /// The packs.
    pub packs: Vec<Placed>,
}

/// So that less is better.
fn cost(measure: Measure, value: f64) -> f64 {
    match measure.better() {
        Better::Less => value,
        Better::More => -value,
    }
}

/// Whether no other point is as good in both and better in one.
fn unbeaten(points: &[[f64; 2]]) -> Vec<bool> {
    let beats =
        |a: &[f64; 2], b: &[f64; 2]| a[0] <= b[0] && a[1] <= b[1] && (a[0] < b[0] || a[1] < b[1]);
    points
        .iter()
        .map(|point| !points.iter().any(|other| beats(other, point)))
        .collect()
}

impl Frontier {
    pub(super) fn of(compared: &Compared, hands: Hands) -> Self {
        let arms = compared.labels.len();
        let spreads = |measure| -> Vec<Spread> {
            (0..arms).map(|arm| compared.spread(arm, measure)).collect()
        };
        let (outbreak, work) = (spreads(hands.outbreak), spreads(hands.work));
        let points = |at: &dyn Fn(usize) -> (f64, f64)| -> Vec<[f64; 2]> {
            (0..arms)
                .map(|arm| {
                    let (outbreak, work) = at(arm);
                    [cost(hands.outbreak, outbreak), cost(hands.work, work)]
                })
                .collect()
        };
        let by_median = unbeaten(&points(&|arm| (outbreak[arm].median, work[arm].median)));
        let values = |measure| -> Vec<Vec<f64>> {
            (0..arms).map(|arm| compared.values(arm, measure)).collect()
        };
        let (outbreaks, works) = (values(hands.outbreak), values(hands.work));
        let mut seeds = vec![0_u32; arms];
        for seed in 0..compared.seeds.len() {
            let there = unbeaten(&points(&|arm| (outbreaks[arm][seed], works[arm][seed])));
            for (count, unbeaten) in seeds.iter_mut().zip(there) {
                *count += u32::from(unbeaten);
            }
        }
        let packs = (0..arms)
            .map(|arm| Placed {
                outbreak: outbreak[arm],
                work: work[arm],
                on_frontier: by_median[arm],
                seeds_on_frontier: f64::from(seeds[arm]) / compared.seeds.len().max(1) as f64,
            })
            .collect();
        Self { hands, packs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beaten_pack_is_not_on_the_frontier() {
        let points = [
            [10.0, 5.0],
            [20.0, 1.0],
            [20.0, 5.0],
            [10.0, 5.0],
            [9.0, 9.0],
        ];
        // The third is as good as the first in work and worse in infections; two that are equal beat neither.
        assert_eq!(unbeaten(&points), [true, true, false, true, true]);
    }
}
