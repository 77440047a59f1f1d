//! Visits: who was where. They are kept in the visit log, a folder beside the database; the ledger
//! has the digest of each batch taken, and of what is sealed.
//!
//! - A batch goes into the log, which syncs it, and then its fact into the ledger. Where the
//!   process ends between the two, opening the log to write, or taking the batch again, records it.
//! - Nothing is sealed before all that it holds is recorded.
//! - Who visits is named by text: the id of a person in the vault, a document, a phone, or however
//!   else the source names them. The same text always leads to the same person.

mod audit;
mod checkins;
mod copies;
mod forgetting;
mod log;
mod people;
mod register;
mod trace;

use lianfang_policy::VisitsSettings;

use crate::Refusal;
use crate::policy::Policy;

pub(crate) use checkins::why;
pub use checkins::{CheckIn, CheckInAnswer, CheckInsAnswer};
pub use copies::BackedUp;
pub(crate) use log::Kept;
pub(crate) use people::Named;
pub use trace::{
    ContactTraced, MeetingTraced, Met, StayTraced, TraceAnswer, TraceAsked, TracedAsContact,
    TracedShown, When, WhenError, trace_csv,
};

impl Policy {
    /// How visits are taken, kept and traced.
    pub(crate) fn visits(&self) -> Result<&VisitsSettings, Refusal> {
        self.pack.visits.as_ref().ok_or_else(|| {
            Refusal::invalid(
                "policy",
                "The policy in force has no section [settings.visits]: no visits are taken or traced under it. Publish a version that has one.",
                "现行政策包没有[settings.visits]部分，不能收录和追踪到访记录；请发布含该部分的版本。",
            )
        })
    }
}
