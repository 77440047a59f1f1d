//! Models compared with each other and with a baseline, also where they did not forecast the same things.

use thiserror::Error;

/// Why models cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RelativeError {
    /// The baseline is none of the models.
    #[error("the baseline is model {baseline}, counted from 0; there are {models}")]
    Baseline {
        /// The baseline asked for.
        baseline: usize,
        /// Number of models.
        models: usize,
    },
    /// Scores stand for different things.
    #[error(
        "model {0}, counted from 0, has not as many scores as the first: each target has a place, empty where it has none"
    )]
    Targets(usize),
}

/// The relative skill of each model, scaled so that the baseline has 1.
///
/// `scores[model][target]` is a score of which smaller is better, none where the model made no forecast.
/// For each pair of models, θ(i, j) is the ratio of their mean scores over the targets that both have; θ(i) is the
/// geometric mean of θ(i, j) over all j that share a target with i (i itself too); the answer is θ(i) / θ(baseline).
/// None where a model shares no target with another, or a mean is 0. With two models it is the
/// plain ratio of their mean scores.
///
/// # Errors
/// Where the baseline is not among the models, or models have different numbers of targets.
///
/// ```
/// use lianfang_epi::scores::relative_skill;
///
/// let scores = [vec![Some(1.0), Some(3.0), None], vec![Some(2.0), Some(6.0), Some(9.0)]];
/// assert_eq!(relative_skill(&scores, 1)?, [Some(0.5), Some(1.0)]);
/// # Ok::<(), lianfang_epi::scores::RelativeError>(())
/// ```
pub fn relative_skill(
    scores: &[Vec<Option<f64>>],
    baseline: usize,
) -> Result<Vec<Option<f64>>, RelativeError> {
    let models = scores.len();
    if baseline >= models {
        return Err(RelativeError::Baseline { baseline, models });
    }
    if let Some(other) = (1..models).find(|model| scores[*model].len() != scores[0].len()) {
        return Err(RelativeError::Targets(other));
    }
    let skills: Vec<Option<f64>> = (0..models).map(|model| ln_skill(scores, model)).collect();
    Ok(skills
        .iter()
        .map(|skill| Some((skill.as_ref()? - skills[baseline].as_ref()?).exp()))
        .collect())
}

/// The mean of ln θ(i, j); none where nothing can be compared.
fn ln_skill(scores: &[Vec<Option<f64>>], model: usize) -> Option<f64> {
    let mut sum = 0.0;
    let mut others = 0.0;
    let mut compared = scores.len() == 1;
    for (other, theirs) in scores.iter().enumerate() {
        if other == model {
            others += 1.0;
        } else if let Some(ln_ratio) = ln_ratio(&scores[model], theirs) {
            sum += ln_ratio;
            others += 1.0;
            compared = true;
        }
    }
    compared.then_some(sum / others)
}

fn ln_ratio(ours: &[Option<f64>], theirs: &[Option<f64>]) -> Option<f64> {
    let (mut our_sum, mut their_sum) = (0.0, 0.0);
    for (ours, theirs) in ours.iter().zip(theirs) {
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            our_sum += ours;
            their_sum += theirs;
        }
    }
    (our_sum > 0.0 && their_sum > 0.0).then(|| f64::ln(our_sum / their_sum))
}
