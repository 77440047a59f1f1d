//! Daily checks, samples and releases, and what the clock makes of those that were missed.

use jiff::{SignedDuration, Timestamp};
use lianfang_core::quarantine::{CheckedBy, Watch};
use lianfang_service::field::Happening;

use crate::acts::Act;
use crate::people::day_of;
use crate::truth::due;
use crate::world::{Who, World};

impl World {
    /// Daily checks, samples, releases.
    pub(crate) fn watch_over(&mut self, hour: i64) {
        let today = day_of(self.now);
        for number in self.truth.in_place() {
            let order = &self.truth.orders[number];
            let (id, place) = (order.id, Who::of(order.hold));
            let (until, test) = (order.until, order.open_test(today));
            if (hour == 9 || hour == 16) && until > today && self.random.yes(0.94) {
                let abnormal = order_may_fall_ill(until, today) && self.random.yes(0.002);
                let at = self.lately();
                let tenths = self.random.whole(361, 371) as f64;
                let what = Happening::Check {
                    order: id,
                    temperature: Some(if abnormal { 37.9 } else { tenths / 10.0 }),
                    symptoms: Vec::new(),
                    by: if self.random.yes(0.5) {
                        CheckedBy::Person
                    } else {
                        CheckedBy::Staff
                    },
                };
                self.push_at(
                    place,
                    at,
                    Act::Check {
                        order: number,
                        abnormal,
                    },
                    what,
                );
            }
            if self.is_offline(place) {
                continue;
            }
            if hour == 10 && test {
                self.push(place, Act::Sample(number), Happening::Sample { order: id });
            }
            let ready = self.truth.orders[number].ready(today);
            if hour >= 8 && ready {
                self.push(
                    place,
                    Act::Release(number),
                    Happening::Release { order: id },
                );
            }
        }
    }

    /// The clock's own work, against what was missed in truth.
    pub(crate) fn sweep(&mut self) {
        let (mut missed, mut late) = (0, 0);
        let today = day_of(self.now);
        for number in self.truth.in_place() {
            let order = &mut self.truth.orders[number];
            let before = order.missed.is_empty();
            for day in [today.yesterday().unwrap(), today] {
                for (slot, until) in due(day) {
                    let over = self.now > until + SignedDuration::from_hours(1);
                    let asked = order.made_at < until && order.until > day;
                    if over && asked && !order.checks.contains(&(day, slot)) {
                        order.missed.insert((day, slot));
                    }
                }
            }
            missed += u64::from(before && !order.missed.is_empty());
            late += u64::from(!order.late && order.until < today);
            order.late |= order.until < today;
        }
        let swept = self.bed.house.sweep_field().unwrap();
        assert_eq!(
            (swept.missed, swept.late),
            (missed, late),
            "at {}",
            self.now
        );
    }

    /// How many are watched in a way, in truth.
    pub(crate) fn watched(&self, watch: Watch, at: Timestamp) -> u64 {
        let orders = self.truth.orders.iter();
        orders
            .filter(|order| order.watch == watch && order.in_force(at))
            .count() as u64
    }
}

/// Nobody falls ill so late that the clinic would hold them beyond the day of release.
fn order_may_fall_ill(until: jiff::civil::Date, today: jiff::civil::Date) -> bool {
    until.since(today).unwrap().get_days() > 3
}
