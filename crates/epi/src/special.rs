//! The gamma distribution's function and its inverse, and the normal quantile.
//!
//! `statrs` supplies the incomplete gamma function (checked here against EpiEstim's figures to
//! 1e-9) and the inverse error function; its own gamma quantile is a bisection, too slow and too
//! coarse for Rt, so that one is written here.

use statrs::function::erf::erf_inv;
use statrs::function::gamma::{gamma_lr, ln_gamma};

/// Above this shape the Cornish-Fisher expansion is exact to 1e-12 and needs no refinement.
const LARGE_SHAPE: f64 = 1e5;
/// The expansion's remainder grows with the sixth power of the normal quantile; 97.5 % is 1.96.
const MODERATE_Z: f64 = 4.0;

/// Standard normal quantile for a probability in (0, 1).
pub(crate) fn normal_quantile(p: f64) -> f64 {
    std::f64::consts::SQRT_2 * erf_inv(2.0 * p - 1.0)
}

/// P(X ≤ x) for X ~ Gamma(shape, scale 1): the regularised lower incomplete gamma function.
pub(crate) fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x == f64::INFINITY {
        1.0
    } else {
        gamma_lr(shape, x).clamp(0.0, 1.0)
    }
}

/// The x with P(X ≤ x) = p for X ~ Gamma(shape, scale 1); multiply by a scale for any other.
///
/// Cornish-Fisher start (Goldberg & Levine 1946, Ann Math Stat 17:216),
/// then Halley steps on the incomplete gamma function: relative accuracy 1e-10 for 1e-3 ≤ p ≤ 1 - 1e-3.
pub(crate) fn gamma_quantile(p: f64, shape: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let z = normal_quantile(p);
    let expansion = cornish_fisher(z, shape);
    if shape > LARGE_SHAPE && z.abs() < MODERATE_Z {
        return expansion;
    }
    let small = ((p.ln() + ln_gamma(shape + 1.0)) / shape).exp();
    let start = if shape < 1.0 || expansion <= small {
        small
    } else {
        expansion
    };
    halley(p, shape, start)
}

fn cornish_fisher(z: f64, a: f64) -> f64 {
    let (z2, root) = (z * z, a.sqrt());
    a + z * root + (z2 - 1.0) / 3.0 + z * (z2 - 7.0) / (36.0 * root)
        - (z2 * (3.0 * z2 + 7.0) - 16.0) / (810.0 * a)
        + z * (z2 * (9.0 * z2 + 256.0) - 433.0) / (38_880.0 * a * root)
}

fn halley(p: f64, shape: f64, start: f64) -> f64 {
    const STEPS: usize = 60;
    const TOLERANCE: f64 = 1e-13;
    let ln_gamma_shape = ln_gamma(shape);
    let mut x = start;
    for _ in 0..STEPS {
        if x <= f64::MIN_POSITIVE {
            return 0.0;
        }
        let density = ((shape - 1.0) * x.ln() - x - ln_gamma_shape).exp();
        if density == 0.0 {
            return x;
        }
        let newton = (gamma_cdf(shape, x) - p) / density;
        let curvature = (newton * ((shape - 1.0) / x - 1.0)).min(1.0);
        let step = newton / (1.0 - 0.5 * curvature);
        let next = x - step;
        let next = if next <= 0.0 { 0.5 * x } else { next };
        if (next - x).abs() <= TOLERANCE * x {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_of_the_exponential_is_closed_form() {
        for p in [0.001, 0.025, 0.5, 0.975, 0.999] {
            let exact = -(1.0_f64 - p).ln();
            assert!((gamma_quantile(p, 1.0) / exact - 1.0).abs() < 1e-11, "{p}");
        }
    }

    #[test]
    fn quantile_inverts_the_distribution_function() {
        for shape in [0.05, 0.3, 1.0, 1.5, 2.0, 7.0, 40.0, 333.0, 5_000.0, 9e4] {
            for p in [0.001, 0.025, 0.3, 0.5, 0.9, 0.975, 0.999] {
                let x = gamma_quantile(p, shape);
                assert!(
                    (gamma_cdf(shape, x) - p).abs() < 1e-10,
                    "{shape} {p} {x} {}",
                    gamma_cdf(shape, x) - p
                );
            }
        }
    }

    #[test]
    fn expansion_meets_the_refined_quantile_where_it_takes_over() {
        for p in [0.025, 0.5, 0.975] {
            let refined = halley(
                p,
                LARGE_SHAPE,
                cornish_fisher(normal_quantile(p), LARGE_SHAPE),
            );
            let expansion = cornish_fisher(normal_quantile(p), LARGE_SHAPE);
            assert!((expansion / refined - 1.0).abs() < 1e-11);
        }
    }

    #[test]
    fn ends_of_the_range() {
        assert!(gamma_quantile(0.0, 3.0).abs() < f64::MIN_POSITIVE);
        assert!(gamma_quantile(1.0, 3.0).is_infinite());
        assert!(gamma_cdf(3.0, -1.0).abs() < f64::MIN_POSITIVE);
        assert!((gamma_cdf(3.0, f64::INFINITY) - 1.0).abs() < f64::EPSILON);
    }
}
