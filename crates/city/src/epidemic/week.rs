//! Days of the week: contacts at work and school are fewer on some, in shops and streets on others.

use jiff::civil::Date;

use super::layers::Layer;
use crate::population::{Contacts, WeekMargin};
use crate::random::Stream;

/// Days of a week.
const DAYS: usize = 7;
/// Layers that may differ by the day.
const LAYERS: usize = Layer::ALL.len();

/// Contacts by layer and day of the week, over their mean.
#[derive(Debug, Clone)]
pub(crate) struct Week {
    shares: [[f64; DAYS]; LAYERS],
    /// The most of each layer.
    most: [f64; LAYERS],
    /// The day of the week of day 0, Monday being 0.
    first: usize,
}

impl Week {
    /// The week of a description, for runs that begin on a day; none where each day is as any other.
    pub(crate) fn of(contacts: &Contacts, start: Date) -> Option<Self> {
        let margin: &WeekMargin = contacts.week.as_ref()?;
        let mut shares = [[1.0; DAYS]; LAYERS];
        for (layer, days) in [
            (Layer::Work, &margin.work),
            (Layer::School, &margin.school),
            (Layer::Transport, &margin.transport),
            (Layer::Community, &margin.community),
        ] {
            let mean = days.iter().sum::<f64>() / DAYS as f64;
            if mean > 0.0 {
                shares[layer as usize] = days.map(|day| day / mean);
            }
        }
        Some(Self {
            most: shares.map(|days| days.into_iter().fold(0.0, f64::max)),
            shares,
            first: usize::try_from(start.weekday().to_monday_zero_offset()).unwrap_or(0),
        })
    }

    /// By how much a layer's rate is raised, so that on its fullest day every meeting takes place.
    #[inline]
    pub(crate) fn most(&self, layer: Layer) -> f64 {
        self.most[layer as usize]
    }

    /// Whether a meeting of the raised rate takes place at that time.
    #[inline]
    pub(crate) fn takes_place(&self, layer: Layer, when: f32, stream: &mut Stream) -> bool {
        let (share, most) = (&self.shares[layer as usize], self.most[layer as usize]);
        let day = (i64::from(when.floor() as i32) + self.first as i64).rem_euclid(DAYS as i64);
        let share = share[day as usize];
        share >= most || stream.yes(share / most)
    }
}
