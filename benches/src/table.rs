//! The table that a run prints, line by line.

/// Prints each figure as it is measured.
#[derive(Default)]
pub(crate) struct Table {
    begun: bool,
}

impl Table {
    /// One claim: what, its bar, what was measured, and a remark such as a peer's figure.
    pub(crate) fn line(&mut self, claim: &str, bar: &str, measured: &str, remark: &str) {
        if !self.begun {
            println!("{:<58} {:>14} {:>16}  remark", "claim", "bar", "measured");
            self.begun = true;
        }
        println!("{claim:<58} {bar:>14} {measured:>16}  {remark}");
    }
}

/// The value below which the share `p` of the sorted numbers lies.
pub(crate) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = ((sorted.len() as f64 * p).ceil() as usize).clamp(1, sorted.len());
    sorted[place - 1]
}
