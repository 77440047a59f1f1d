//! The house against the truth.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lianfang_core::entry::{Source, Stage};
use lianfang_core::ids::EntrantId;
use lianfang_core::quarantine::{Bed, EndHow, Watch};
use lianfang_service::entry::{ChosenEntrants, SourceNumber};
use lianfang_store::views::entry::{self, EntrantFilter, EntrantRow};
use lianfang_store::views::{matters, quarantine};

use crate::people::{DAYS, day_of, first_midnight};
use crate::truth::{due, span};
use crate::world::{Who, World};

impl World {
    /// Each person is in exactly one place, none is lost, and the numbers of the day that has just
    /// ended are those of a recount.
    pub(crate) fn midnight(&mut self) {
        self.everybody_once();
        if self.now > first_midnight() {
            let day = day_of(self.now).yesterday().unwrap();
            self.entry_numbers_are_true(day);
            self.quarantine_numbers_are_true(day);
            self.lists_lead_to_the_people();
        }
    }

    /// Numbers lead down to the people behind them: those missing, those on the way, those absent.
    fn lists_lead_to_the_people(&self) {
        let officer = &self.phones[&Who::Officer].actor;
        for stage in [Stage::Missing, Stage::AtClinic, Stage::OnTheWay] {
            let chosen = ChosenEntrants {
                stages: vec![stage],
                limit: 200,
                ..ChosenEntrants::default()
            };
            let (shown, total, _) = self.bed.house.entrants(officer, &chosen).unwrap();
            let truly: BTreeSet<EntrantId> = self
                .truth
                .entrants
                .iter()
                .filter(|entrant| entrant.stage == Some(stage))
                .map(|entrant| entrant.main.unwrap())
                .collect();
            assert_eq!(total, truly.len() as u64);
            let shown: BTreeSet<EntrantId> = shown.iter().map(|row| row.entrant).collect();
            assert!(shown.is_subset(&truly) && (shown == truly || shown.len() == 200));
        }
    }

    fn canonical(&self) -> BTreeMap<EntrantId, EntrantRow> {
        let all = EntrantFilter::default();
        let store = self.bed.house.store();
        let rows = store
            .read(|c| entry::list(c, &all, None, 1_000_000))
            .unwrap();
        rows.into_iter().map(|row| (row.entrant, row)).collect()
    }

    fn everybody_once(&self) {
        let mut rows = self.canonical();
        let known = self
            .truth
            .entrants
            .iter()
            .filter(|entrant| entrant.stage.is_some())
            .count();
        assert_eq!(
            rows.len(),
            known,
            "records that speak, and people known, at {}",
            self.now
        );
        for (who, entrant) in self.truth.entrants.iter().enumerate() {
            let Some(stage) = entrant.stage else { continue };
            let row = rows.remove(&entrant.main.unwrap());
            let row = row.unwrap_or_else(|| panic!("lost: {}", self.story_of(who)));
            assert_eq!(row.stage, stage, "{}{row:?}", self.story_of(who));
            let order = entrant.order.map(|order| self.truth.orders[order].id);
            assert_eq!(row.order, order, "{}{row:?}", self.story_of(who));
            assert_eq!(
                row.arrived,
                entrant.arrived,
                "{}{row:?}",
                self.story_of(who)
            );
        }
    }

    /// Arrivals of a day by the source that knew first, and how fast.
    fn entry_numbers_are_true(&self, day: Date) {
        let officer = &self.phones[&Who::Officer].actor;
        let numbers = self
            .bed
            .house
            .entry_numbers(officer, None, Some(day))
            .unwrap();
        let mut by_source: BTreeMap<Source, Vec<f64>> = BTreeMap::new();
        for (who, entrant) in self.truth.entrants.iter().enumerate() {
            let arrival = self.all.journeys[who].arrival;
            if entrant.arrived && day_of(arrival) == day {
                let (at, source) = entrant.first.unwrap();
                let hours = at.duration_since(arrival).as_millis() as f64 / 3_600_000.0;
                by_source.entry(source).or_default().push(hours);
            }
        }
        let arrived: usize = by_source.values().map(Vec::len).sum();
        assert_eq!(numbers.arrived, arrived as u64, "arrived on {day}");
        for number in &numbers.sources {
            let hours = by_source.remove(&number.source).unwrap_or_default();
            assert_eq!(told(number), counted(hours), "{:?} on {day}", number.source);
        }
        if day != day_of(self.now).yesterday().unwrap() {
            return;
        }
        let stages = self.stages();
        let shown: BTreeMap<Stage, u64> =
            numbers.stages.iter().map(|n| (n.stage, n.people)).collect();
        assert_eq!(shown, stages);
        let live = || {
            self.truth
                .handovers
                .iter()
                .filter(|sent| sent.delivered && !sent.ended)
        };
        assert_eq!(numbers.handovers, live().count() as u64);
        let late = live().filter(|sent| sent.expected < self.now).count();
        assert_eq!(numbers.handovers_late, late as u64);
        assert_eq!(numbers.alike, 0);
    }

    fn quarantine_numbers_are_true(&self, day: Date) {
        let officer = &self.phones[&Who::Officer].actor;
        let numbers = self
            .bed
            .house
            .quarantine_numbers(officer, None, Some(day))
            .unwrap();
        let (from, until) = span(day);
        let orders = &self.truth.orders;
        let count = |of: &dyn Fn(&crate::truth::Order) -> bool| {
            orders.iter().filter(|order| of(order)).count() as u64
        };
        for number in &numbers.watched {
            assert_eq!(
                number.people,
                self.watched(number.watch, until),
                "{:?} on {day}",
                number.watch
            );
        }
        let here = [Watch::Monitoring, Watch::Home, Watch::Site];
        let total: u64 = here.iter().map(|watch| self.watched(*watch, until)).sum();
        let (mut checks_due, mut checks_done) = (0, 0);
        for (slot, at) in due(day) {
            checks_due += count(&|order| order.in_force(at) && order.until > day);
            checks_done += count(&|order| {
                order.in_force(at) && order.until > day && order.checks.contains(&(day, slot))
            });
        }
        let of_day = |at: jiff::Timestamp| (from..until).contains(&at);
        let was_live = |order: &crate::truth::Order| {
            order.made_at < until && order.ended.is_none_or(|(_, at)| at >= from)
        };
        let samples: usize = orders
            .iter()
            .flat_map(|order| order.samples.values())
            .filter(|(at, _)| of_day(*at))
            .count();
        let absent = count(&|order| {
            order
                .absences
                .iter()
                .any(|(since, back)| *since < until && back.is_none_or(|back| back >= until))
        });
        let breaches: usize = orders
            .iter()
            .flat_map(|order| &order.absences)
            .filter(|(since, _)| of_day(*since))
            .count();
        let truth = [
            total,
            count(&|order| of_day(order.made_at)),
            checks_due,
            checks_done,
            count(&|order| order.abnormal.contains(&day)),
            count(&|order| order.tests.contains(&day) && was_live(order)),
            samples as u64,
            count(&|order| order.until == day && was_live(order)),
            count(&|order| {
                order
                    .ended
                    .is_some_and(|(how, at)| how == EndHow::Released && of_day(at))
            }),
            count(&|order| order.in_force(until) && order.until <= day),
            absent,
            breaches as u64,
        ];
        let told = [
            numbers.total,
            numbers.made,
            numbers.checks_due,
            numbers.checks_done,
            numbers.abnormal,
            numbers.samples_due,
            numbers.samples_done,
            numbers.releases_due,
            numbers.releases_done,
            numbers.releases_late,
            numbers.absent,
            numbers.breaches,
        ];
        assert_eq!(told, truth, "{numbers:?}");
    }

    /// What is true of all days, at the end.
    pub(crate) fn the_whole_is_true(&self) {
        let first = day_of(first_midnight());
        for day in first.series(jiff::ToSpan::days(1)).take(DAYS as usize) {
            self.entry_numbers_are_true(day);
            self.quarantine_numbers_are_true(day);
        }
        for (order, who) in self.truth.orders.iter().zip(&self.truth.whose) {
            let store = self.bed.house.store();
            let row = store
                .read(|c| Ok(quarantine::order(c, order.id)?))
                .unwrap()
                .unwrap();
            let story = self.story_of(*who);
            assert_eq!(
                (row.watch, row.until),
                (order.watch, order.until),
                "{story}"
            );
            assert_eq!(
                (row.how, row.ended_at),
                (order.ended.map(|e| e.0), order.ended.map(|e| e.1)),
                "{story}"
            );
            if row.how == Some(EndHow::Released) {
                // Who was not there on the day is released once they are back.
                let offset = self.bed.house.store().utc_offset();
                let back = order.absences.iter().filter_map(|(_, back)| *back);
                let back = back.map(|at| offset.day_of(at)).max();
                let day = back.map_or(order.until, |back| back.max(order.until));
                assert_eq!(row.ended_on, Some(day), "released on another day: {story}");
            }
        }
        let missed = self
            .truth
            .orders
            .iter()
            .filter(|order| !order.missed.is_empty())
            .count();
        let breaches = self
            .truth
            .orders
            .iter()
            .filter(|order| !order.absences.is_empty())
            .count();
        let late = self.truth.orders.iter().filter(|order| order.late).count();
        assert_eq!(self.matters("missed_check"), missed as u64);
        assert_eq!(self.matters("late_release"), late as u64);
        assert_eq!(self.matters("breach"), breaches as u64);
        assert_eq!(self.matters("recheck"), self.truth.rechecks);
        assert_eq!(
            self.matters("handover"),
            self.truth.handovers.iter().filter(|h| h.delivered).count() as u64
        );
        for ((gate, day), passes) in &self.truth.resident_passes {
            let store = self.bed.house.store();
            let counted = store
                .read(|c| Ok(entry::passes_on(c, self.gates[*gate], *day)?))
                .unwrap();
            assert_eq!(counted, *passes);
        }
    }

    /// Of the families in quarantine at sites, how many have all their people in one room.
    pub(crate) fn families_together(&self) -> (usize, usize) {
        let mut rooms: BTreeMap<usize, Vec<Bed>> = BTreeMap::new();
        for (order, who) in self.truth.orders.iter().zip(&self.truth.whose) {
            let store = self.bed.house.store();
            let row = store
                .read(|c| Ok(quarantine::order(c, order.id)?))
                .unwrap()
                .unwrap();
            if let Some(bed) = row.bed {
                rooms
                    .entry(self.all.journeys[*who].party)
                    .or_default()
                    .push(bed);
            }
        }
        let families: Vec<_> = rooms
            .into_values()
            .filter(|beds| (2..=4).contains(&beds.len()))
            .collect();
        let together = families
            .iter()
            .filter(|beds| beds.iter().all(|bed| bed.room == beds[0].room));
        (together.count(), families.len())
    }

    /// People in each place at the end.
    pub(crate) fn stages(&self) -> BTreeMap<Stage, u64> {
        let mut stages = BTreeMap::new();
        for stage in self
            .truth
            .entrants
            .iter()
            .filter_map(|entrant| entrant.stage)
        {
            *stages.entry(stage).or_default() += 1;
        }
        stages
    }

    /// Matters of a kind, open or over.
    fn matters(&self, kind: &str) -> u64 {
        let filter = matters::MatterFilter {
            kind: Some(kind.to_owned()),
            ..matters::MatterFilter::default()
        };
        self.bed
            .house
            .store()
            .read(|c| matters::count(c, &filter))
            .unwrap()
    }
}

fn told(number: &SourceNumber) -> (u64, u64, Option<f64>) {
    (number.people, number.before_arrival, number.median_hours)
}

/// People, those known before they arrived, and the median hours of the others.
fn counted(mut hours: Vec<f64>) -> (u64, u64, Option<f64>) {
    let people = hours.len() as u64;
    hours.retain(|hours| *hours >= 0.0);
    let before = people - hours.len() as u64;
    hours.sort_by(f64::total_cmp);
    let middle = |n: usize| f64::midpoint(hours[(n - 1) / 2], hours[n / 2]);
    let median = (!hours.is_empty()).then(|| (middle(hours.len()) * 10.0).round() / 10.0);
    (people, before, median)
}
