//! A proportion with its interval: the secondary attack rate among contacts.
//!
//! The interval is Wilson's (1927, J Am Stat Assoc 22:209), at 95 %. It stays within 0 and 1, also where nobody or everybody is
//! counted.
//!
//! ```
//! use lianfang_epi::proportion::proportion;
//!
//! // R: prop.test(10, 100, correct = FALSE)$conf.int
//! let found = proportion(10, 100).unwrap();
//! assert!((found.rate - 0.1).abs() < 1e-12);
//! assert!((found.low - 0.05522914).abs() < 1e-7 && (found.high - 0.1743657).abs() < 1e-7);
//! assert_eq!(proportion(0, 0), None);
//! assert_eq!(proportion(3, 2), None, "more than there are");
//! ```

use serde::Serialize;

use crate::special::normal_quantile;

/// One-sided level of either end.
const UPPER: f64 = 0.975;

/// A proportion with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Proportion {
    /// The share.
    pub rate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The share of `part` in `whole`; none without any, or where the part is larger.
pub fn proportion(part: u64, whole: u64) -> Option<Proportion> {
    if whole == 0 || part > whole {
        return None;
    }
    let (n, z) = (whole as f64, normal_quantile(UPPER));
    let rate = part as f64 / n;
    let z2 = z * z;
    let centre = (rate + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * (rate * (1.0 - rate) / n + z2 / (4.0 * n * n)).sqrt();
    Some(Proportion {
        rate,
        low: (centre - half).clamp(0.0, rate),
        high: (centre + half).clamp(rate, 1.0),
    })
}
