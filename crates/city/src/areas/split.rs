//! Dividing people among areas so that the parts sum to the whole.

/// `total` divided by weight, each part at least `least` (whose sum `total` covers); by largest
/// remainder, so that the parts sum to `total`.
pub(super) fn split(total: u32, weights: &[f64], least: &[u32]) -> Vec<u32> {
    let free = f64::from(total - least.iter().sum::<u32>());
    let sum: f64 = weights.iter().sum();
    let shares: Vec<f64> = weights.iter().map(|weight| free * weight / sum).collect();
    let mut parts: Vec<u32> = shares
        .iter()
        .zip(least)
        .map(|(share, least)| share.floor() as u32 + least)
        .collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|a, b| shares[*b].fract().total_cmp(&shares[*a].fract()));
    let missing = total.saturating_sub(parts.iter().sum()) as usize;
    for index in order.into_iter().cycle().take(missing) {
        parts[index] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(
            total in 1_000_u32..50_000_000,
            weights in proptest::collection::vec(0.1_f64..10.0, 1..60),
        ) {
            let least = vec![10; weights.len()];
            let parts = split(total, &weights, &least);
            prop_assert_eq!(parts.iter().sum::<u32>(), total);
            prop_assert!(parts.iter().all(|part| *part >= 10));
        }
    }
}
