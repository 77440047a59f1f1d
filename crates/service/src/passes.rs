//! Passes: asked for, confirmed, computed from evidence, explained, issued as a signed code, shown at a place.
//!
//! - **The colour is computed.** [`assess`] asks the pack in force about what the ledger says of a holder; there is no other
//!   way to a colour. Where the answer is another than the last one on record, it is recorded with its evidence, so that an
//!   auditor can compute it again: [`House::replay_passes`].
//! - **A code** (26 characters and eight marks) opens a holder's page. It is made when a pass is asked for, and opens nothing
//!   before somebody has seen who it is: whoever knows a document number must not learn how its holder stands.
//! - **A pass** is a signed code with a random id, for a day at most. To whom it was issued stands in no ledger.
//!
//! Whoever looks for the fold of the evidence finds it in `store/src/views/passes`.

mod answers;
mod appeals;
mod assess;
mod certificates;
mod codes;
mod counter;
mod forgetting;
mod holders;
mod issue;
mod keys;
mod numbers;
mod replay;
mod reports;
mod scans;
mod staff;
mod whole;

use lianfang_policy::PassSettings;

use crate::Refusal;
use crate::policy::Policy;

pub use answers::{EvidenceShown, FamilyMember, MyPass, PassQr, PassStanding, PassState};
pub use appeals::{AppealReason, AppealShown, NewAppeal};
pub use assess::ReassessReport;
pub(crate) use assess::decide;
pub use certificates::CertificateAnswer;
pub use codes::{NewPass, PassAsked};
pub use counter::{PassCodeAbout, PassCodeRow, PassPrinted};
pub(crate) use keys::KeptKeys;
pub use keys::{KeyShown, NewPassKey, SignerShown};
pub use numbers::{PassArea, PassNumbers};
pub use replay::{PassExplained, ReplayReport, Replayed};
pub use reports::NewHealthReport;
pub(crate) use scans::Desk;
pub use scans::{MOST_SCANS, Scan, ScanAnswer, ScanInHand, ScanLoad, ScanResult, ScansAnswer};
pub use staff::{ChosenPasses, PassCounts, PassHolder, PassList, PassSeen, PassWaiting};
pub use whole::{HealthReportShown, PassEvent, PassHappened, PassWhole};

impl Policy {
    /// How passes are issued; a pack without it issues none.
    pub(crate) fn passes(&self) -> Result<&PassSettings, Refusal> {
        self.pack.passes.as_ref().ok_or_else(|| {
            Refusal::invalid(
                "policy",
                "The policy in force has no section [settings.pass]: no passes are issued under it. Publish a version that has one.",
                "现行政策包没有[settings.pass]部分，不能签发健康码；请发布含该部分的版本。",
            )
        })
    }
}
