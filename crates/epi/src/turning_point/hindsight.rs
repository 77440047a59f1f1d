//! In hindsight: on which day did growth turn to decline?
//!
//! The wave is taken to have one turning point; its posterior over days τ is
//! P(τ) ∝ (growth explains the bulletins before τ) × P(switch at τ) × (decline explains those from τ on),
//! by one pass forward within growth and one pass backward within decline.

use super::filter::Bulletin;
use super::phases::{GRID, Grid, Model, product};

/// Mass the credible interval leaves out on each side.
const TAIL: f64 = 0.025;

/// Indices of bulletins: the most probable first one of the decline, and its 95 % credible interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Switch {
    pub(super) mode: usize,
    pub(super) low: usize,
    pub(super) high: usize,
}

/// The turning point of a wave whose first bulletin is `wave[0]`; none where no bulletin after it says anything.
pub(super) fn switch(model: &Model, wave: &[Bulletin]) -> Option<Switch> {
    let grown = growth_until(model, wave);
    let declined = decline_from(model, wave);
    let ln_weights: Vec<f64> = wave
        .iter()
        .enumerate()
        .map(|(index, bulletin)| match index {
            0 => f64::NEG_INFINITY,
            _ => grown[index - 1] + bulletin.switch.ln() + declined[index],
        })
        .collect();
    let top = ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return None;
    }
    let weights: Vec<f64> = ln_weights.iter().map(|ln| (ln - top).exp()).collect();
    let total: f64 = weights.iter().sum();
    let mode = weights.iter().position(|&weight| weight >= 1.0)?;
    let mut below = 0.0;
    let (mut low, mut high) = (0, weights.len() - 1);
    for (index, weight) in weights.iter().enumerate() {
        if below <= TAIL * total {
            low = index;
        }
        below += weight;
        if below >= (1.0 - TAIL) * total {
            high = index;
            break;
        }
    }
    Some(Switch {
        mode,
        low: low.min(mode),
        high: high.max(mode),
    })
}

/// ln of the joint probability of bulletins 1 to i and growth all the while, for each i.
fn growth_until(model: &Model, wave: &[Bulletin]) -> Vec<f64> {
    let mut belief = model.entry;
    let mut ln = 0.0;
    wave.iter()
        .enumerate()
        .map(|(index, bulletin)| {
            if let (1.., Some(likelihood)) = (index, &bulletin.likelihood) {
                belief = product(&model.walked(&belief), &likelihood.growth);
                ln += (1.0 - bulletin.switch).ln() + scale_down(&mut belief);
            }
            ln
        })
        .collect()
}

/// ln of the probability of bulletins i to the last, given that the decline begins with bulletin i.
fn decline_from(model: &Model, wave: &[Bulletin]) -> Vec<f64> {
    let mut ahead = [1.0; GRID];
    let mut ln = 0.0;
    let mut from: Vec<f64> = wave
        .iter()
        .rev()
        .map(|bulletin| {
            let Some(likelihood) = &bulletin.likelihood else {
                return ln + dot(&model.entry, &ahead).ln();
            };
            let mut here = product(&likelihood.decline, &ahead);
            ln += scale_down(&mut here);
            let entered = ln + dot(&model.entry, &here).ln();
            ahead = model.walked_back(&here);
            ln += (1.0 - bulletin.switch).ln();
            entered
        })
        .collect();
    from.reverse();
    from
}

/// Makes the weights sum to 1 and returns ln of what they summed to.
fn scale_down(weights: &mut Grid) -> f64 {
    let sum: f64 = weights.iter().sum();
    if sum < f64::MIN_POSITIVE {
        *weights = [1.0 / GRID as f64; GRID];
        return f64::MIN_POSITIVE.ln();
    }
    for weight in weights.iter_mut() {
        *weight /= sum;
    }
    sum.ln()
}

fn dot(a: &Grid, b: &Grid) -> f64 {
    product(a, b).iter().sum()
}
