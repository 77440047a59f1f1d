//! Quarantine: sites, orders, daily checks, samples, absences, release.
//!
//! What is decided (who is watched, how, from which day, for how long, tested when, whether the end
//! may be moved) is the policy's. What stands here is the order of things:
//!
//! - An order is made for somebody who is here: arrived, received, passed, released, or, where
//!   nobody has to bring them, decided at the gate. Somebody on the way is received first, somebody
//!   at the clinic is cleared first, somebody missing is found first. A site's people are received
//!   before they are placed, too.
//! - An order stands under the version in force when it was made, and keeps it.
//! - A test day is met by a sample of that day or later; one without a clear result does not count.
//! - Who is under an order is released on the day of release or later, by somebody who sees them
//!   there, once no test that was due is without a result and the newest result is not positive.

mod beds;
mod certificate;
mod changes;
mod checks;
mod evidence;
mod lists;
mod me;
mod numbers;
mod orders;
mod sites;
mod sweep;
mod whole;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::Right;
use lianfang_core::ids::OrderId;
use lianfang_core::time::UtcOffset;
use lianfang_policy::FieldSettings;
use lianfang_store::views::quarantine::{self as view, OrderRow, Slot};

use crate::field::taking::Taking;
use crate::{Actor, House, Refusal};

pub use certificate::{CertificateIssued, CertificateShown};
pub(crate) use certificate::{last_digits, name_mark};
pub(crate) use checks::is_fever;
pub use lists::{BedShown, ChosenOrders, DueWanted, OrderPage, OrderShown, OrderState};
pub use me::{Me, MeCheck, MeChecks, MeNeed, MeSample};
pub use numbers::{QuarantineNumbers, WatchNumber};
pub(crate) use sites::name_of as site_name;
pub use sites::{
    ClassFree, DayNeeded, DayOccupied, SiteBed, SiteRoom, SiteShown, SiteWhole, SitesShown,
};
pub use sweep::Swept;
pub use whole::{
    OrderAbsence, OrderBed, OrderChange, OrderCheck, OrderNeed, OrderProvides, OrderSample,
    OrderWhole,
};

/// Which check of the day a moment belongs to, from 1: the first that is not over, or the last.
pub(crate) fn slot_at(settings: &FieldSettings, offset: UtcOffset, at: Timestamp) -> u8 {
    let hour = at
        .duration_since(offset.start_of(offset.day_of(at)))
        .as_hours();
    let hours = &settings.checks_until_hours;
    let place = hours
        .iter()
        .position(|until| hour < i64::from(*until))
        .unwrap_or(hours.len().saturating_sub(1));
    place as u8 + 1
}

/// The checks of a day, each with the moment until which it is due.
pub(crate) fn slots_of(settings: &FieldSettings, offset: UtcOffset, day: Date) -> Vec<Slot> {
    let start = offset.start_of(day);
    (1..)
        .zip(&settings.checks_until_hours)
        .map(|(slot, until)| Slot {
            slot,
            until: start + SignedDuration::from_hours(i64::from(*until)),
        })
        .collect()
}

/// Which day of an order a day is, from 1, and of how many.
pub(crate) fn day_of_order(row: &OrderRow, today: Date) -> (i32, i32) {
    let between = |from: Date, to: Date| to.since(from).map_or(0, |span| span.get_days());
    let days = between(row.since, row.until).max(0);
    let day = (between(row.since, today) + 1).clamp(1, days.max(1));
    (day, days)
}

/// An order, if `right` of the actor reaches it.
fn reached(actor: &Actor, row: Option<OrderRow>, right: Right) -> Result<OrderRow, Refusal> {
    let row = row.ok_or(Refusal::NotFound("order"))?;
    if actor.may(right, row.area) {
        return Ok(row);
    }
    Err(if actor.sees(row.area) {
        Refusal::Forbidden
    } else {
        Refusal::NotFound("order")
    })
}

impl Taking<'_> {
    /// An order, if `right` of the actor reaches it.
    fn order_row(&self, id: OrderId, right: Right) -> Result<OrderRow, Refusal> {
        let row = self.read(|c| Ok(view::order(c, id)?))?;
        reached(self.actor, row, right)
    }

    /// The day on which the entry happened, by the jurisdiction's clock.
    fn day(&self) -> Date {
        self.house.store.utc_offset().day_of(self.at)
    }
}

impl House {
    /// An order that the asker may read.
    fn readable_order(&self, actor: &Actor, id: OrderId) -> Result<OrderRow, Refusal> {
        let row = self.store.read(|c| Ok(view::order(c, id)?))?;
        reached(actor, row, Right::ReadField)
    }
}
