//! What if: packs tried side by side in a synthetic city, as a job that runs beside everything else.
//!
//! One job runs at a time, on a thread of its own with the lowest priority. What was asked has bounds, so that none runs
//! for hours; whoever asked may stop it. Finished jobs are kept at hand for a while, and stand nowhere else: the same
//! question gives the same answer.

mod asked;
mod jobs;
mod shown;

pub use asked::{CityChoice, PackChoice, StartFrom, WhatIfAsked, WhatIfBounds, WhatIfChoices};
pub(crate) use jobs::Jobs;
pub use jobs::{JobState, WhatIfJob};
pub use shown::{
    AblatedShown, CurveShown, DifferenceShown, FrontierShown, MeasureShown, PackShown, SeriesShown,
    SpreadShown, WhatIfResult,
};
