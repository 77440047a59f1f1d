//! Entry: from the first notice of an arrival to whoever receives the person.

mod checkpoints;
mod declared;
mod foreseen;
mod found;
mod gate;
mod handovers;
mod lists;
mod numbers;
mod origins;
mod records;
mod waiting;

pub(crate) use checkpoints::tail;
pub use checkpoints::{
    AreaNamed, Duty, Expected, GateKit, GateNeed, GateQueue, GateShown, HourExpected, Measured,
    OriginNamed, ResidentShown, SiteNamed, WaitTarget,
};
pub(crate) use foreseen::days_of;
pub use foreseen::{
    AreaForeseen, ArrivalsForeseen, DayArrived, DayForeseen, GateForeseen, TodayForeseen,
};
pub(crate) use gate::{symptoms, temperature};
pub use lianfang_store::views::entry::EntrantCursor;
pub use lists::{
    AlikeShown, ChosenEntrants, EntrantCheck, EntrantMatter, EntrantNotice, EntrantShown,
    EntrantWhole, HandOverShown, HandOversShown,
};
pub use numbers::{EntryNumbers, SourceNumber, StageNumber};
pub(crate) use origins::KeptOrigins;
