//! What a run counts, day by day.

use super::layers::Layer;

/// Counts of one day. Prevalences are those of the day's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Day {
    /// Infected on this day, in the city or before coming to it.
    pub infections: u64,
    /// Of these, infected before coming to the city.
    pub imported: u64,
    /// Infectious.
    pub infectious: u64,
    /// First symptoms on this day.
    pub onsets: u64,
    /// Severely ill, the critically ill among them: beds needed.
    pub severe: u64,
    /// Critically ill: beds of intensive care needed.
    pub critical: u64,
    /// Died on this day.
    pub deaths: u64,
    /// Recovered from symptoms on this day.
    pub recoveries: u64,
    /// Infected on this day, by layer, in the order of [`Layer::ALL`].
    pub by_layer: [u64; 6],
}

/// Changes by day, from which counts are made.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    infections: Vec<u64>,
    by_layer: Vec<[u64; 7]>,
    onsets: Vec<u64>,
    deaths: Vec<u64>,
    recoveries: Vec<u64>,
    infectious: Vec<i64>,
    severe: Vec<i64>,
    critical: Vec<i64>,
}

/// Adds to a day of the run; later days are left out, earlier ones count on its first, as they go on.
#[inline]
fn on<T: std::ops::AddAssign<T>>(list: &mut [T], day: f32, change: T) {
    let day = day.max(0.0) as usize;
    if let Some(count) = list.get_mut(day) {
        *count += change;
    }
}

/// Counts what happened on a day of the run, and on no other.
#[inline]
fn happened(list: &mut [u64], day: f32) {
    if day >= 0.0 {
        on(list, day, 1);
    }
}

impl Changes {
    pub(super) fn over(days: usize) -> Self {
        Self {
            infections: vec![0; days],
            by_layer: vec![[0; 7]; days],
            onsets: vec![0; days],
            deaths: vec![0; days],
            recoveries: vec![0; days],
            infectious: vec![0; days],
            severe: vec![0; days],
            critical: vec![0; days],
        }
    }

    #[inline]
    pub(super) fn infected(&mut self, day: usize, layer: Layer) {
        self.infections[day] += 1;
        self.by_layer[day][layer as usize] += 1;
    }

    #[inline]
    pub(super) fn infectious(&mut self, from: f32, until: f32) {
        on(&mut self.infectious, from, 1);
        on(&mut self.infectious, until, -1);
    }

    #[inline]
    pub(super) fn onset(&mut self, day: f32) {
        happened(&mut self.onsets, day);
    }

    #[inline]
    pub(super) fn recovered(&mut self, day: f32) {
        happened(&mut self.recoveries, day);
    }

    #[inline]
    pub(super) fn died(&mut self, day: f32) {
        happened(&mut self.deaths, day);
    }

    #[inline]
    pub(super) fn severe(&mut self, from: f32, until: f32) {
        on(&mut self.severe, from, 1);
        on(&mut self.severe, until, -1);
    }

    #[inline]
    pub(super) fn critical(&mut self, from: f32, until: f32) {
        on(&mut self.critical, from, 1);
        on(&mut self.critical, until, -1);
    }

    /// The days, summed over all parts of the city.
    pub(super) fn days(parts: &[Self], days: usize) -> Vec<Day> {
        let mut series = Vec::with_capacity(days);
        let (mut infectious, mut severe, mut critical) = (0, 0, 0);
        for at in 0..days {
            let mut day = Day::default();
            for part in parts {
                day.infections += part.infections[at];
                day.onsets += part.onsets[at];
                day.deaths += part.deaths[at];
                day.recoveries += part.recoveries[at];
                day.imported += part.by_layer[at][Layer::Import as usize];
                for (all, here) in day.by_layer.iter_mut().zip(part.by_layer[at]) {
                    *all += here;
                }
                infectious += part.infectious[at];
                severe += part.severe[at];
                critical += part.critical[at];
            }
            let there = |n: i64| u64::try_from(n).expect("nobody leaves before coming");
            day.infectious = there(infectious);
            day.severe = there(severe);
            day.critical = there(critical);
            series.push(day);
        }
        series
    }
}
