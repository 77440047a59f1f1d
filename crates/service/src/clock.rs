//! What must happen by the clock: looked for while serving, and when a drill's clock is moved.

use crate::foresight::MakeForecasts;
use crate::{Actor, House, Refusal};

/// A duty that could not be done.
#[derive(Debug)]
pub struct NotDone {
    /// What it was.
    pub duty: &'static str,
    /// Why not.
    pub refusal: Refusal,
}

impl House {
    /// Does what is due by the clock; `sweep` also forgets and drops what has run out, and signs a checkpoint. One duty that
    /// fails does not keep the others from being done.
    pub fn do_what_is_due(&self, sweep: bool) -> Vec<NotDone> {
        let mut failed = Vec::new();
        let mut done = |duty: &'static str, refused: Option<Refusal>| {
            failed.extend(refused.map(|refusal| NotDone { duty, refusal }));
        };
        done("looking for what was missed", self.sweep_field().err());
        done("looking for cases not dealt with", self.sweep_cases().err());
        done("letting late matters climb", self.escalate_late().err());
        done("letting go of the visit log", self.rest_visits(sweep).err());
        if sweep {
            let ask = MakeForecasts::default();
            let made = self.make_forecasts(&Actor::house("clock"), &ask);
            done("making forecasts", made.err());
            done("forgetting", self.forget_due(&Actor::house("clock")).err());
            done("dropping refused rows", self.drop_old_refused_rows().err());
            done("dropping old visits", self.drop_old_visits().err());
            done("assessing passes", self.reassess_all().err());
            let signed = self.store().checkpoint().map_err(Refusal::from);
            done("signing a checkpoint", signed.err());
        }
        failed
    }
}
