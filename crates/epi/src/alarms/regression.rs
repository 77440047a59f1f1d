//! Quasi-Poisson regression with the log link, by iteratively reweighted least squares (McCullagh & Nelder 1989, §2.5).

/// A fitted model.
pub(super) struct Fit {
    pub(super) coefficients: Vec<f64>,
    pub(super) standard_errors: Vec<f64>,
    pub(super) fitted: Vec<f64>,
    /// Diagonal of the hat matrix.
    pub(super) leverages: Vec<f64>,
    /// Pearson's χ² over the degrees of freedom, 1 or more.
    pub(super) dispersion: f64,
    pub(super) degrees_of_freedom: f64,
}

/// Fits `counts` on the rows of `design` with prior weights; none where it does not converge, as where a level has no cases, or where there
/// are no degrees of freedom left.
pub(super) fn fit(design: &[Vec<f64>], counts: &[f64], weights: &[f64]) -> Option<Fit> {
    const STEPS: usize = 50;
    const TOLERANCE: f64 = 1e-10;
    let columns = design.first()?.len();
    let degrees_of_freedom = counts.len().checked_sub(columns).filter(|n| *n > 0)? as f64;
    let mut fitted: Vec<f64> = counts.iter().map(|count| count + 0.1).collect();
    let mut before = f64::INFINITY;
    for _ in 0..STEPS {
        let working: Vec<f64> = fitted
            .iter()
            .zip(counts)
            .map(|(mean, count)| mean.ln() + (count - mean) / mean)
            .collect();
        let own: Vec<f64> = fitted
            .iter()
            .zip(weights)
            .map(|(mean, weight)| mean * weight)
            .collect();
        let factor = Cholesky::new(design, &own, columns)?;
        let coefficients = factor.solve(&product(design, &own, &working, columns));
        fitted = design
            .iter()
            .map(|row| dot(row, &coefficients).exp())
            .collect();
        let now = deviance(counts, &fitted, weights);
        if !now.is_finite() {
            return None;
        }
        if (now - before).abs() <= TOLERANCE * (now.abs() + 0.1) {
            return Some(finished(
                design,
                counts,
                weights,
                coefficients,
                fitted,
                degrees_of_freedom,
            ));
        }
        before = now;
    }
    None
}

fn finished(
    design: &[Vec<f64>],
    counts: &[f64],
    weights: &[f64],
    coefficients: Vec<f64>,
    fitted: Vec<f64>,
    degrees_of_freedom: f64,
) -> Fit {
    let own: Vec<f64> = fitted
        .iter()
        .zip(weights)
        .map(|(mean, weight)| mean * weight)
        .collect();
    let pearson: f64 = (0..counts.len())
        .map(|i| weights[i] * (counts[i] - fitted[i]).powi(2) / fitted[i])
        .sum();
    let dispersion = pearson / degrees_of_freedom;
    let columns = coefficients.len();
    let factor = Cholesky::new(design, &own, columns);
    let leverage = |row: &[f64], weight: f64| {
        factor
            .as_ref()
            .map_or(0.0, |factor| weight * dot(row, &factor.solve(row)))
    };
    Fit {
        standard_errors: (0..columns)
            .map(|column| {
                let unit: Vec<f64> = (0..columns)
                    .map(|c| f64::from(u8::from(c == column)))
                    .collect();
                (leverage(&unit, 1.0) * dispersion).sqrt()
            })
            .collect(),
        leverages: design
            .iter()
            .zip(&own)
            .map(|(row, &weight)| leverage(row, weight))
            .collect(),
        dispersion: dispersion.max(1.0),
        coefficients,
        fitted,
        degrees_of_freedom,
    }
}

/// The mean for one row.
pub(super) fn predict(fit: &Fit, row: &[f64]) -> f64 {
    dot(row, &fit.coefficients).exp()
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// Xᵀ W z.
fn product(design: &[Vec<f64>], weights: &[f64], values: &[f64], columns: usize) -> Vec<f64> {
    let mut product = vec![0.0; columns];
    for ((row, weight), value) in design.iter().zip(weights).zip(values) {
        for (sum, x) in product.iter_mut().zip(row) {
            *sum += x * weight * value;
        }
    }
    product
}

fn deviance(counts: &[f64], fitted: &[f64], weights: &[f64]) -> f64 {
    (0..counts.len())
        .map(|i| {
            let (y, mean) = (counts[i], fitted[i]);
            let log = if y > 0.0 { y * (y / mean).ln() } else { 0.0 };
            2.0 * weights[i] * (log - (y - mean))
        })
        .sum()
}

/// L with L Lᵀ = Xᵀ W X.
struct Cholesky {
    lower: Vec<Vec<f64>>,
}

impl Cholesky {
    /// None where the columns depend on one another.
    fn new(design: &[Vec<f64>], weights: &[f64], columns: usize) -> Option<Self> {
        /// What is left of a column once those before it are taken out, as a part of it.
        const LEAST: f64 = 1e-11;
        let mut lower = vec![vec![0.0; columns]; columns];
        for (row, weight) in design.iter().zip(weights) {
            for i in 0..columns {
                for j in 0..=i {
                    lower[i][j] += weight * row[i] * row[j];
                }
            }
        }
        for i in 0..columns {
            for j in 0..=i {
                let before = dot(&lower[i][..j], &lower[j][..j]);
                let left = lower[i][j] - before;
                if i != j {
                    lower[i][j] = left / lower[j][j];
                } else if left > LEAST * lower[i][i] {
                    lower[i][i] = left.sqrt();
                } else {
                    return None;
                }
            }
        }
        Some(Self { lower })
    }

    fn solve(&self, right: &[f64]) -> Vec<f64> {
        let n = self.lower.len();
        let mut x = right.to_vec();
        for i in 0..n {
            x[i] = (x[i] - dot(&self.lower[i][..i], &x[..i])) / self.lower[i][i];
        }
        for i in (0..n).rev() {
            let below: f64 = (i + 1..n).map(|k| self.lower[k][i] * x[k]).sum();
            x[i] = (x[i] - below) / self.lower[i][i];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twelve rows with an intercept, time, and two groups.
    fn data() -> (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
        let design = (0..12)
            .map(|t| vec![1.0, f64::from(t), f64::from(u8::from(t % 3 == 0))])
            .collect();
        let counts = vec![3.0, 1.0, 4.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0, 14.0, 9.0, 7.0];
        let weights = (0..12).map(|t| if t == 9 { 0.25 } else { 1.0 }).collect();
        (design, counts, weights)
    }

    #[test]
    fn the_score_equations_hold() {
        let (design, counts, weights) = data();
        let fit = fit(&design, &counts, &weights).unwrap();
        for column in [0, 1, 2] {
            let score: f64 = (0..12)
                .map(|i| weights[i] * design[i][column] * (counts[i] - fit.fitted[i]))
                .sum();
            assert!(score.abs() < 1e-7, "{column} {score}");
        }
        // The hat matrix has as much on its diagonal as there are columns.
        assert!((fit.leverages.iter().sum::<f64>() - 3.0).abs() < 1e-9);
        let pearson: f64 = (0..12)
            .map(|i| weights[i] * (counts[i] - fit.fitted[i]).powi(2) / fit.fitted[i])
            .sum();
        assert!((fit.dispersion - (pearson / 9.0).max(1.0)).abs() < 1e-12);
        assert!((predict(&fit, &design[5]) - fit.fitted[5]).abs() < 1e-12);
    }

    #[test]
    fn standard_errors_are_those_of_the_information() {
        // One column: the information is the sum of the means, the fit the mean of the counts.
        let counts = [2.0, 9.0, 4.0, 1.0, 12.0];
        let design = vec![vec![1.0]; 5];
        let fit = fit(&design, &counts, &[1.0; 5]).unwrap();
        let mean = 28.0 / 5.0;
        let pearson: f64 = counts.iter().map(|y: &f64| (y - mean).powi(2) / mean).sum();
        assert!((fit.coefficients[0] - f64::ln(mean)).abs() < 1e-9);
        assert!((fit.standard_errors[0] - (pearson / 4.0 / 28.0).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_told_is_not_told() {
        let counts = [0.0, 0.0, 3.0, 4.0];
        // The first group has no cases: its mean would be e to the minus infinity.
        let groups: Vec<Vec<f64>> = [1.0, 1.0, 0.0, 0.0].map(|x| vec![1.0, x]).to_vec();
        assert!(fit(&groups, &counts, &[1.0; 4]).is_none_or(|fit| fit.fitted[0] < 1e-4));
        let twice: Vec<Vec<f64>> = (0..4).map(|_| vec![1.0, 1.0]).collect();
        assert!(fit(&twice, &counts, &[1.0; 4]).is_none());
        assert!(fit(&groups[..2], &counts[..2], &[1.0; 2]).is_none());
    }
}
