//! Quarantine: ordered by the policy, looked after, released on the day.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::cell::Cell;
use std::collections::BTreeSet;

use common::{CITY, COUNTY, Testbed, VILLAGE, area, day};
use jiff::SignedDuration;
use lianfang_core::access::Role;
use lianfang_core::entry::{Destination, Journey, Mode, Source, Stage, Symptom, Triage};
use lianfang_core::ids::{EntrantId, FactId, OrderId, PartyId, SampleId, SiteId};
use lianfang_core::quarantine::{
    AbsenceHow, ChangeKind, CheckedBy, EndHow, Need, Room, SampleResult, Watch,
};
use lianfang_policy::Pack;
use lianfang_service::field::{
    Circumstances, Coming, ContactGiven, EntryAnswer, FieldEntry, Happening, PersonGiven, Taken,
};
use lianfang_service::matters::{MatterQuery, MatterView, NewStep};
use lianfang_service::policy::NewPolicy;
use lianfang_service::quarantine::{ChosenOrders, DueWanted, OrderState, OrderWhole};
use lianfang_service::{Actor, FIRST_PACK, Refusal};
use proptest::prelude::*;

/// A testbed in which ids count up.
struct Quarantined {
    bed: Testbed,
    next: Cell<u128>,
}

impl std::ops::Deref for Quarantined {
    type Target = Testbed;

    fn deref(&self) -> &Testbed {
        &self.bed
    }
}

fn settled(answer: &EntryAnswer) -> &EntryAnswer {
    assert_eq!(answer.result, Taken::Taken, "{:?}", answer.refusal);
    answer
}

fn why(answer: &EntryAnswer) -> String {
    assert_eq!(answer.result, Taken::Refused);
    let refusal = answer.refusal.as_ref().unwrap();
    assert!(!refusal.message.zh.is_empty());
    format!(
        "{} {}: {}",
        refusal.code,
        refusal.field.unwrap_or("-"),
        refusal.message.en
    )
}

impl Quarantined {
    fn new() -> Self {
        Self {
            bed: Testbed::city(),
            next: Cell::new(1),
        }
    }

    fn entry(&self, what: Happening) -> FieldEntry {
        let n = self.next.get();
        self.next.set(n + 1);
        let now = self.house.now();
        FieldEntry {
            id: FactId::from_parts(now.as_millisecond().unsigned_abs(), n),
            at: now,
            what,
        }
    }

    fn send(&self, actor: &Actor, entry: &FieldEntry) -> EntryAnswer {
        self.house
            .take_entries(actor, std::slice::from_ref(entry))
            .unwrap()
            .remove(0)
    }

    /// As the operator.
    fn says(&self, what: Happening) -> (FactId, EntryAnswer) {
        self.says_as(&self.operator(), what)
    }

    fn says_as(&self, actor: &Actor, what: Happening) -> (FactId, EntryAnswer) {
        let entry = self.entry(what);
        let answer = self.send(actor, &entry);
        (entry.id, answer)
    }

    /// What must be taken.
    fn does(&self, what: Happening) -> FactId {
        let (id, answer) = self.says(what);
        settled(&answer);
        id
    }

    fn refuses(&self, what: Happening) -> String {
        why(&self.says(what).1)
    }

    /// Somebody who arrived now from `from`.
    fn arrives(&self, name: &str, from: &str, party: Option<PartyId>) -> EntrantId {
        let id = self.does(Happening::Notice {
            source: Source::Canvass,
            person: PersonGiven {
                name: Some(name.into()),
                ..PersonGiven::default()
            },
            coming: Coming {
                journey: Journey {
                    mode: Mode::Rail,
                    number: None,
                    seat: None,
                    from: Some(from.into()),
                    stops: Vec::new(),
                },
                arrival: self.house.now(),
                destination: Destination::Here,
                bound_for: Some(area(VILLAGE)),
                circumstances: Circumstances::default(),
                party,
            },
            arrived: true,
            list: None,
            household: None,
        });
        EntrantId::from_bytes(id.to_bytes())
    }

    fn site(&self, rooms: &[(&str, u8)]) -> SiteId {
        let id = self.does(site_of(None, rooms, &[], true));
        SiteId::from_bytes(id.to_bytes())
    }

    fn ordered(&self, entrant: EntrantId, site: Option<SiteId>) -> OrderId {
        let id = self.does(order_for(entrant, site));
        OrderId::from_bytes(id.to_bytes())
    }

    /// Somebody from Wuhan in a bed of a new site of one bed.
    fn in_bed(&self) -> (OrderId, EntrantId, SiteId) {
        let site = self.site(&[("101", 1)]);
        let entrant = self.arrives("王小明", "420100", None);
        (self.ordered(entrant, Some(site)), entrant, site)
    }

    fn whole(&self, order: OrderId) -> OrderWhole {
        self.house.order(&self.operator(), order).unwrap()
    }

    fn stage(&self, entrant: EntrantId) -> Stage {
        self.house
            .entrant(&self.operator(), entrant)
            .unwrap()
            .row
            .stage
    }

    fn check(&self, order: OrderId, temperature: f64) -> EntryAnswer {
        self.says(check_of(order, Some(temperature), &[])).1
    }

    /// A negative sample of today.
    fn tested(&self, order: OrderId) {
        let sample = self.does(Happening::Sample { order });
        self.does(Happening::SampleAnswer {
            sample: SampleId::from_bytes(sample.to_bytes()),
            result: SampleResult::Negative,
        });
    }

    fn open_matters(&self, kind: &str) -> usize {
        let query = MatterQuery {
            view: MatterView::Area,
            kind: Some(kind.into()),
            limit: 100,
            ..MatterQuery::default()
        };
        self.house
            .matters(&self.operator(), &query)
            .unwrap()
            .0
            .len()
    }

    fn listed(&self, due: DueWanted) -> usize {
        let chosen = ChosenOrders {
            due: Some(due),
            limit: 100,
            ..ChosenOrders::default()
        };
        let page = self.house.orders(&self.operator(), &chosen).unwrap();
        for order in &page.orders {
            assert!(order.due.contains(&due), "{order:?}");
        }
        page.orders.len()
    }
}

fn site_of(site: Option<SiteId>, rooms: &[(&str, u8)], takes: &[Triage], open: bool) -> Happening {
    Happening::Site {
        site,
        area: area(VILLAGE),
        name: "一号隔离点".into(),
        name_en: Some("Site one".into()),
        takes: takes.to_vec(),
        rooms: rooms
            .iter()
            .map(|(room, beds)| Room {
                room: (*room).into(),
                beds: *beds,
            })
            .collect(),
        open,
    }
}

fn order_for(entrant: EntrantId, site: Option<SiteId>) -> Happening {
    Happening::Order {
        entrant,
        home_suitable: None,
        contact: None,
        site,
        room: None,
        bed: None,
    }
}

fn order_in(entrant: EntrantId, site: SiteId, room: &str, bed: u8) -> Happening {
    Happening::Order {
        entrant,
        home_suitable: None,
        contact: None,
        site: Some(site),
        room: Some(room.into()),
        bed: Some(bed),
    }
}

fn check_of(order: OrderId, temperature: Option<f64>, symptoms: &[Symptom]) -> Happening {
    Happening::Check {
        order,
        temperature,
        symptoms: symptoms.to_vec(),
        by: CheckedBy::Staff,
    }
}

fn extension(order: OrderId, until: &str) -> Happening {
    Happening::ProposeChange {
        order,
        change: ChangeKind::Extension,
        until: day(until),
        reason: "symptoms, not explained".into(),
    }
}

fn decide(change: FactId) -> Happening {
    Happening::DecideChange {
        change,
        approve: true,
        note: None,
    }
}

#[test]
fn the_policy_orders_and_computes() {
    let w = Quarantined::new();
    let site = w.site(&[("101", 2)]);
    let entrant = w.arrives("王小明", "420100", None);
    let (id, answer) = w.says(order_for(entrant, Some(site)));
    let ruling = settled(&answer).decision.clone().unwrap();
    assert_eq!(ruling.watch, Some(Watch::Site));
    assert_eq!(ruling.until, Some(day("2020-02-23")));
    let whole = w.whole(OrderId::from_bytes(id.to_bytes()));
    assert_eq!(whole.row.rule, "site_severe_area");
    assert_eq!(whole.row.pack, "covid19-cn-2020 2020.03.19.5");
    assert_eq!(whole.row.since, day("2020-02-09"));
    assert_eq!(whole.tests, [day("2020-02-16"), day("2020-02-22")]);
    assert_eq!(whole.evidence["origin"], "severe");
    assert_eq!(whole.evidence["entered"], "2020-02-09");
    assert_eq!((whole.row.day, whole.row.days), (1, 14));
    let bed = whole.row.bed.unwrap();
    assert_eq!((bed.room.as_str(), bed.bed), ("101", 1));
    assert_eq!(whole.row.name.as_deref(), Some("王*明"));
    assert_eq!(w.stage(entrant), Stage::Watched);
    w.holds();
}

#[test]
fn days_end_at_midnight_and_months_have_their_length() {
    let w = Quarantined::new();
    for (now, until) in [
        ("2020-02-15T23:59:59+08:00", "2020-02-29"),
        ("2020-02-16T00:00:00+08:00", "2020-03-01"),
    ] {
        w.at(now);
        let site = w.site(&[("1", 1)]);
        let entrant = w.arrives("李四", "420100", None);
        let order = w.ordered(entrant, Some(site));
        assert_eq!(w.whole(order).row.until, day(until));
        w.hours_later(24 * 40);
    }
}

#[test]
fn what_cannot_be_ordered_is_refused_with_its_reason() {
    let w = Quarantined::new();
    let site = w.site(&[("101", 1), ("102", 1)]);
    let entrant = w.arrives("王小明", "420100", None);
    // Nobody says which site.
    assert!(
        w.refuses(order_for(entrant, None))
            .starts_with("invalid site")
    );
    assert!(
        w.refuses(order_in(entrant, site, "999", 1))
            .starts_with("invalid room")
    );
    assert!(
        w.refuses(order_in(entrant, site, "101", 2))
            .starts_with("invalid bed")
    );
    let unknown = SiteId::from_parts(1, 1);
    assert!(
        w.refuses(order_for(entrant, Some(unknown)))
            .starts_with("not_found")
    );
    w.does(order_in(entrant, site, "101", 1));
    // Twice, and a bed twice.
    let again = w.refuses(order_in(entrant, site, "102", 1));
    assert_eq!(
        again,
        "conflict -: This person is under an order already. End or change that one."
    );
    let other = w.arrives("赵六", "420100", None);
    assert_eq!(
        w.refuses(order_in(other, site, "101", 1)),
        "conflict -: This bed is taken. Choose another."
    );
    w.does(order_in(other, site, "102", 1));
    let third = w.arrives("孙七", "420100", None);
    let full = w.refuses(order_for(third, Some(site)));
    assert!(full.contains("no free bed"), "{full}");
    // A site does not shrink below who is in it, and a closed one takes nobody in.
    let shrunk = w.refuses(site_of(Some(site), &[("101", 1)], &[], true));
    assert_eq!(
        shrunk,
        "conflict -: Somebody is in room 102, bed 1. Move them first."
    );
    for rooms in [&[("1", 1), ("1", 2)][..], &[("1", 0)], &[]] {
        assert!(
            w.refuses(site_of(None, rooms, &[], true))
                .starts_with("invalid rooms")
        );
    }
    w.does(site_of(Some(site), &[("101", 1), ("102", 3)], &[], false));
    assert!(
        w.refuses(order_for(third, Some(site)))
            .starts_with("invalid site")
    );
    // The policy asks for nothing.
    let from_here = w.arrives("周八", "330602", None);
    let none = w.refuses(order_for(from_here, None));
    assert_eq!(
        none,
        "invalid entrant: The policy asks for no watch: Nothing on record asks for it."
    );
    // A contact whose day lies ahead.
    let ahead = w.refuses(Happening::Order {
        entrant: from_here,
        home_suitable: None,
        contact: Some(ContactGiven {
            class: lianfang_core::contacts::ContactClass::Close,
            first_exposure: None,
            last_exposure: day("2020-03-01"),
        }),
        site: Some(site),
        room: None,
        bed: None,
    });
    assert!(ahead.starts_with("invalid contact"), "{ahead}");
    w.holds();
}

#[test]
fn contacts_are_counted_from_the_last_exposure() {
    let w = Quarantined::new();
    let site = w.site(&[("101", 1)]);
    let entrant = w.arrives("周八", "330602", None);
    let id = w.does(Happening::Order {
        entrant,
        home_suitable: None,
        contact: Some(ContactGiven {
            class: lianfang_core::contacts::ContactClass::Close,
            first_exposure: None,
            last_exposure: day("2020-02-05"),
        }),
        site: Some(site),
        room: None,
        bed: None,
    });
    let whole = w.whole(OrderId::from_bytes(id.to_bytes()));
    assert_eq!(whole.row.rule, "site_contact");
    assert_eq!(whole.row.until, day("2020-02-19"));
    assert_eq!(whole.tests, [day("2020-02-12"), day("2020-02-18")]);
}

/// Phones that look for a bed at the same moment find different ones; who finds none is told so.
#[test]
fn beds_asked_for_at_once_are_given_once() {
    let w = Quarantined::new();
    let site = w.site(&[("101", 4), ("102", 3)]);
    let entries: Vec<FieldEntry> = (0..8)
        .map(|n| {
            let party = PartyId::from_parts(1, 1);
            w.arrives(&format!("同行{n}"), "420100", Some(party))
        })
        .map(|entrant| w.entry(order_for(entrant, Some(site))))
        .collect();
    let (house, operator) = (&w.house, &w.operator());
    let start = std::sync::Barrier::new(entries.len());
    let answers: Vec<EntryAnswer> = std::thread::scope(|scope| {
        let sent: Vec<_> = entries
            .iter()
            .map(|entry| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    let mut answers = house.take_entries(operator, std::slice::from_ref(entry));
                    answers.as_mut().unwrap().remove(0)
                })
            })
            .collect();
        sent.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let refused: Vec<&EntryAnswer> = answers
        .iter()
        .filter(|answer| answer.result == Taken::Refused)
        .collect();
    assert_eq!(refused.len(), 1, "{answers:?}");
    assert!(why(refused[0]).contains("no free bed"), "{refused:?}");
    let whole = w.house.site(&w.operator(), site).unwrap();
    assert_eq!((whole.site.occupied, whole.site.free), (7, 0));
    w.holds();
}

#[test]
fn families_stay_together_and_classes_apart() {
    let w = Quarantined::new();
    let rooms = [("101", 4), ("102", 1), ("103", 2), ("104", 2), ("105", 2)];
    let site = w.site(&rooms);
    let alone = w.arrives("单身", "420100", None);
    let room = |order| w.whole(order).row.bed.unwrap().room;
    // One alone has the smallest room.
    assert_eq!(room(w.ordered(alone, Some(site))), "102");
    let party = PartyId::from_parts(1, 1);
    let family: Vec<EntrantId> = ["父亲甲", "母亲乙", "孩子丙"]
        .iter()
        .map(|name| w.arrives(name, "420100", Some(party)))
        .collect();
    let rooms: BTreeSet<String> = family
        .iter()
        .map(|entrant| room(w.ordered(*entrant, Some(site))))
        .collect();
    assert_eq!(rooms, BTreeSet::from(["101".to_owned()]));
    // The fourth and fifth of them: the last bed there, then the nearest empty room.
    let more = |name: &str| w.arrives(name, "420100", Some(party));
    assert_eq!(room(w.ordered(more("祖父丁"), Some(site))), "101");
    assert_eq!(room(w.ordered(more("祖母戊"), Some(site))), "103");
    // A stranger does not share while a room is empty.
    let stranger = w.arrives("陌生人", "420100", None);
    assert_eq!(room(w.ordered(stranger, Some(site))), "104");
    // Occupied now, and foreseen.
    let shown = w.house.sites(&w.operator(), None).unwrap();
    let of = &shown.sites[0];
    assert_eq!((of.beds, of.occupied, of.free), (11, 7, 4));
    assert_eq!(of.foreseen.len(), 14);
    assert!(of.foreseen.iter().all(|ahead| ahead.occupied == 7));
    w.hours_later(24);
    let shown = w.house.sites(&w.operator(), None).unwrap();
    let ahead: Vec<u64> = shown.sites[0].foreseen.iter().map(|d| d.occupied).collect();
    assert_eq!(ahead[12..], [7, 0]);
    let whole = w.house.site(&w.operator(), site).unwrap();
    let named = whole.layout[0].beds.iter().filter(|b| b.name.is_some());
    assert_eq!(named.count(), 4);
    w.holds();
}

#[test]
fn a_bed_is_changed_and_freed() {
    let w = Quarantined::new();
    let (order, _, site) = w.in_bed();
    let other = w.site(&[("201", 2)]);
    let to = |site, room: &str, bed| Happening::Move {
        order,
        site,
        room: room.into(),
        bed,
    };
    assert!(w.refuses(to(other, "201", 3)).starts_with("invalid bed"));
    w.does(to(other, "201", 2));
    let second = w.arrives("赵六", "420100", None);
    assert!(
        w.refuses(order_in(second, other, "201", 2))
            .starts_with("conflict")
    );
    w.does(order_in(second, site, "101", 1));
    let beds = w.whole(order).beds;
    assert_eq!(beds.len(), 2);
    w.does(Happening::EndOrder {
        order,
        how: EndHow::Cancelled,
        reason: "entered by mistake".into(),
    });
    assert_eq!(w.house.site(&w.operator(), other).unwrap().site.free, 2);
    assert!(w.refuses(to(other, "201", 1)).contains("ended already"));
    w.holds();
}

#[test]
fn checks_are_of_living_people_and_abnormal_ones_open_a_matter_once() {
    let w = Quarantined::new();
    let (order, _, _) = w.in_bed();
    for wrong in [20.0, 60.0] {
        let refusal = why(&w.check(order, wrong));
        assert!(refusal.starts_with("invalid temperature"), "{refusal}");
    }
    assert!(
        w.refuses(check_of(OrderId::from_parts(1, 1), Some(36.5), &[]))
            .starts_with("not_found")
    );
    settled(&w.check(order, 36.5));
    // Two of one time of day are both kept, the newest on top.
    w.later(SignedDuration::from_mins(5));
    settled(&w.check(order, 36.8));
    let whole = w.whole(order);
    let slots: Vec<(u8, Option<f64>)> = whole
        .checks
        .iter()
        .map(|check| (check.slot, check.temperature))
        .collect();
    assert_eq!(slots, [(1, Some(36.8)), (1, Some(36.5))]);
    assert_eq!((whole.row.checks_done, whole.row.checks_of), (1, 2));
    // At noon begins the second; after the last hour it is still the last.
    for (now, slot) in [
        ("2020-02-09T11:59:59+08:00", 1),
        ("2020-02-09T12:00:00+08:00", 2),
        ("2020-02-09T23:59:59+08:00", 2),
        ("2020-02-10T00:00:00+08:00", 1),
    ] {
        w.at(now);
        settled(&w.check(order, 36.5));
        assert_eq!(w.whole(order).checks[0].slot, slot, "{now}");
    }
    assert_eq!(w.open_matters("clinic"), 0);
    settled(&w.check(order, 37.3));
    assert_eq!(w.open_matters("clinic"), 1);
    w.does(check_of(order, Some(36.6), &[Symptom::Cough]));
    assert_eq!(w.open_matters("clinic"), 1);
    w.does(check_of(order, Some(36.6), &[Symptom::Headache]));
    assert!(!w.whole(order).checks[0].abnormal);
    // Nothing is checked any more once it has ended; what was measured before still counts.
    let before = w.entry(check_of(order, Some(36.4), &[]));
    w.hours_later(1);
    w.does(Happening::EndOrder {
        order,
        how: EndHow::Died,
        reason: "died of something else".into(),
    });
    assert!(why(&w.check(order, 36.5)).contains("ended"));
    settled(&w.send(&w.operator(), &before));
    w.holds();
}

#[test]
fn nobody_is_released_before_the_day_or_without_results() {
    let w = Quarantined::new();
    let (order, entrant, site) = w.in_bed();
    let release = || Happening::Release { order };
    assert_eq!(
        w.refuses(release()),
        "conflict -: The day of release is 2020-02-23: not before."
    );
    w.at("2020-02-22T23:59:59+08:00");
    assert!(w.refuses(release()).contains("not before"));
    assert_eq!(w.listed(DueWanted::Sample), 1);
    assert_eq!(w.listed(DueWanted::Release), 0);
    w.at("2020-02-23T00:00:00+08:00");
    assert_eq!(w.listed(DueWanted::Release), 1);
    assert!(w.refuses(release()).contains("2020-02-16"));
    let sample = w.does(Happening::Sample { order });
    let sample = SampleId::from_bytes(sample.to_bytes());
    assert!(w.refuses(release()).contains("awaits"));
    let result = |sample, result| Happening::SampleAnswer { sample, result };
    w.does(result(sample, SampleResult::Unclear));
    // One without a clear result does not count, and stays as it is.
    assert!(w.refuses(release()).contains("2020-02-16"));
    let twice = w.refuses(result(sample, SampleResult::Negative));
    assert!(twice.contains("another result"), "{twice}");
    w.does(result(sample, SampleResult::Unclear));
    let second = w.does(Happening::Sample { order });
    let second = SampleId::from_bytes(second.to_bytes());
    w.does(result(second, SampleResult::Positive));
    assert_eq!(w.open_matters("clinic"), 1);
    assert!(w.refuses(release()).contains("positive"));
    w.later(SignedDuration::from_mins(1));
    w.tested(order);
    assert!(
        w.refuses(result(SampleId::from_parts(1, 1), SampleResult::Negative))
            .starts_with("not_found")
    );
    w.does(release());
    assert_eq!(w.stage(entrant), Stage::Released);
    assert_eq!(w.house.site(&w.operator(), site).unwrap().site.free, 1);
    let whole = w.whole(order);
    assert_eq!(whole.row.ended_on, Some(day("2020-02-23")));
    assert_eq!(whole.row.late_days, 0);
    assert!(w.refuses(release()).contains("ended already"));
    let numbers = w
        .house
        .quarantine_numbers(&w.operator(), None, None)
        .unwrap();
    assert_eq!((numbers.releases_due, numbers.releases_done), (1, 1));
    assert_eq!((numbers.total, numbers.releases_late), (0, 0));
    w.holds();
}

#[test]
fn an_end_is_moved_only_as_the_rule_says_and_by_two() {
    let w = Quarantined::new();
    let (order, _, _) = w.in_bed();
    let (contact, site) = (w.arrives("周八", "330602", None), w.site(&[("1", 1)]));
    let contact = w.does(Happening::Order {
        entrant: contact,
        home_suitable: None,
        contact: Some(ContactGiven {
            class: lianfang_core::contacts::ContactClass::Close,
            first_exposure: None,
            last_exposure: day("2020-02-08"),
        }),
        site: Some(site),
        room: None,
        bed: None,
    });
    let contact = OrderId::from_bytes(contact.to_bytes());
    let proposer = w.user(Role::AreaOfficer, COUNTY);
    let decider = w.user(Role::Epidemiologist, CITY);
    let worker = w.user(Role::GridWorker, VILLAGE);
    // The rule for arrivals has no extension.
    assert_eq!(
        w.refuses(extension(order, "2020-02-25")),
        "invalid change: Rule site_severe_area of covid19-cn-2020 2020.03.19.5 provides for no extension."
    );
    let early = w.refuses(Happening::ProposeChange {
        order: contact,
        change: ChangeKind::EarlyEnd,
        until: day("2020-02-15"),
        reason: "would like to go".into(),
    });
    assert!(early.contains("provides for no early end"), "{early}");
    // That for contacts has one, where there are symptoms.
    assert_eq!(
        w.refuses(extension(contact, "2020-02-25")),
        "invalid change: The rule provides for it only so: Symptoms that are not explained."
    );
    w.does(check_of(contact, Some(37.8), &[]));
    for wrong in ["2020-02-22", "2020-03-08"] {
        assert_eq!(
            w.refuses(extension(contact, wrong)),
            "invalid until: A day from 2020-02-23 to 2020-03-07."
        );
    }
    let (change, answer) = w.says_as(&proposer, extension(contact, "2020-03-01"));
    settled(&answer);
    assert!(why(&w.says_as(&proposer, extension(contact, "2020-03-02")).1).contains("waits for"));
    assert!(why(&w.says_as(&proposer, decide(change)).1).starts_with("same_person"));
    assert!(why(&w.says_as(&worker, decide(change)).1).starts_with("forbidden"));
    assert!(w.whole(contact).changes[0].approved.is_none());
    settled(&w.says_as(&decider, decide(change)).1);
    assert!(why(&w.says_as(&decider, decide(change)).1).contains("already"));
    let whole = w.whole(contact);
    assert_eq!(whole.row.until, day("2020-03-01"));
    assert_eq!(whole.computed, day("2020-02-22"));
    assert_eq!(
        whole.changes[0].decided_by.as_deref(),
        Some("epidemiologist of 330600")
    );
    // At most so many days more than the policy gave at first, however often.
    assert_eq!(
        w.refuses(extension(contact, "2020-03-08")),
        "invalid until: A day from 2020-03-02 to 2020-03-07."
    );
    w.holds();
}

#[test]
fn days_changed_in_the_pack_hold_for_new_orders_only() {
    let w = Quarantined::new();
    let (old, _, _) = w.in_bed();
    let kept = w.site(&[("1", 1)]);
    let late = w.arrives("迟报", "420100", None);
    let kept_offline = w.entry(order_for(late, Some(kept)));
    let shipped = Pack::shipped(FIRST_PACK).unwrap().text;
    // Its own examples say what comes of it.
    let (rules, examples) =
        shipped.split_at(shipped.find("An old close contact stays at home").unwrap());
    let rules = rules
        .replace("version = \"2020.03.19.5\"", "version = \"2020.03.20\"")
        .replacen("value = 14", "value = 10", 1);
    let examples = examples
        .replacen("until = \"2020-03-22\"", "until = \"2020-03-18\"", 1)
        .replacen("until = \"2020-04-02\"", "until = \"2020-03-29\"", 1);
    let text = rules + &examples;
    let new = NewPolicy {
        id: None,
        text,
        from: None,
        note: "ten days from now on".into(),
    };
    let id = w
        .house
        .propose_policy(&w.user(Role::Epidemiologist, CITY), &new)
        .unwrap();
    w.hours_later(1);
    w.house
        .approve_policy(&w.user(Role::Commander, CITY), id)
        .unwrap();
    w.hours_later(1);
    let (new, _, _) = {
        let site = w.site(&[("101", 1)]);
        let entrant = w.arrives("李四", "420100", None);
        (w.ordered(entrant, Some(site)), entrant, site)
    };
    let (old, new) = (w.whole(old), w.whole(new));
    assert_eq!(old.row.until, day("2020-02-23"));
    assert_eq!(new.row.until, day("2020-02-19"));
    assert_eq!(old.row.pack, "covid19-cn-2020 2020.03.19.5");
    assert_eq!(new.row.pack, "covid19-cn-2020 2020.03.20");
    assert_eq!(old.pack_now.as_deref(), Some("covid19-cn-2020 2020.03.20"));
    assert_eq!(new.pack_now, None);
    // Written down before, sent after: by the version of then.
    let answer = w.send(&w.operator(), &kept_offline);
    let ruling = settled(&answer).decision.clone().unwrap();
    assert_eq!(ruling.pack, "covid19-cn-2020 2020.03.19.5");
    assert_eq!(ruling.until, Some(day("2020-02-23")));
    w.holds();
}

#[test]
fn a_missed_check_is_a_matter_within_the_hour_and_one_only() {
    let w = Quarantined::new();
    w.in_bed();
    let swept = || w.house.sweep_field().unwrap();
    w.at("2020-02-09T13:00:00+08:00");
    assert_eq!(swept().missed, 0);
    w.at("2020-02-09T13:00:01+08:00");
    assert_eq!(swept().missed, 1);
    assert_eq!(swept().missed, 0);
    assert_eq!(w.listed(DueWanted::Missed), 1);
    w.at("2020-02-09T21:30:00+08:00");
    // It is open still: the next one that is missed adds nothing.
    assert_eq!(swept().missed, 0);
    assert_eq!(w.open_matters("missed_check"), 1);
    let query = MatterQuery {
        view: MatterView::Area,
        kind: Some("missed_check".into()),
        limit: 10,
        ..MatterQuery::default()
    };
    let officer = w.user(Role::AreaOfficer, CITY);
    let worker = w.user(Role::GridWorker, VILLAGE);
    let matter = w
        .house
        .matters(&officer, &query)
        .unwrap()
        .0
        .remove(0)
        .matter;
    let step = |actor: &Actor, action: &str| {
        let step = NewStep {
            id: None,
            action: action.into(),
            note: Some("called, all is well".into()),
            evidence: None,
        };
        w.house.act_on_matter(actor, matter, &step).unwrap();
    };
    step(&worker, "settle");
    step(&officer, "confirm");
    // Closed: the second check of that evening was missed as well.
    assert_eq!(w.open_matters("missed_check"), 0);
    assert_eq!(swept().missed, 1);
    assert_eq!(swept().missed, 0);
    // Who came after the hour owes nothing for it.
    w.at("2020-02-11T12:30:00+08:00");
    let site = w.site(&[("9", 1)]);
    let late = w.arrives("晚到", "420100", None);
    w.ordered(late, Some(site));
    w.at("2020-02-11T13:30:00+08:00");
    let missed = |w: &Quarantined| w.open_matters("missed_check");
    let before = missed(&w);
    assert_eq!((swept().missed, missed(&w)), (0, before));
    w.holds();
}

#[test]
fn a_release_overdue_is_a_matter_when_its_day_is_over() {
    let w = Quarantined::new();
    let (order, _, _) = w.in_bed();
    w.at("2020-02-22T09:00:00+08:00");
    w.tested(order);
    w.at("2020-02-23T23:59:00+08:00");
    assert_eq!(w.house.sweep_field().unwrap().late, 0);
    w.at("2020-02-24T00:00:00+08:00");
    assert_eq!(w.house.sweep_field().unwrap().late, 1);
    assert_eq!(w.house.sweep_field().unwrap().late, 0);
    let numbers = w
        .house
        .quarantine_numbers(&w.operator(), None, None)
        .unwrap();
    assert_eq!((numbers.total, numbers.releases_late), (1, 1));
    w.does(Happening::Release { order });
    assert_eq!(w.whole(order).row.late_days, 1);
    let chosen = ChosenOrders {
        state: OrderState::Ended,
        limit: 10,
        ..ChosenOrders::default()
    };
    let page = w.house.orders(&w.operator(), &chosen).unwrap();
    assert_eq!((page.total, page.orders[0].late_days), (1, 1));
    w.holds();
}

#[test]
fn who_is_absent_is_missing_until_back() {
    let w = Quarantined::new();
    let (order, entrant, _) = w.in_bed();
    let absent = || Happening::Absent {
        order,
        how: AbsenceHow::LeftSite,
    };
    assert!(w.refuses(Happening::Back { order }).starts_with("conflict"));
    w.does(absent());
    assert_eq!(w.stage(entrant), Stage::Missing);
    assert_eq!(w.open_matters("breach"), 1);
    assert_eq!(w.listed(DueWanted::Absent), 1);
    assert!(w.refuses(absent()).contains("already"));
    w.at("2020-02-23T08:00:00+08:00");
    assert_eq!(w.house.sweep_field().unwrap().missed, 0);
    w.tested(order);
    assert!(
        w.refuses(Happening::Release { order })
            .contains("back first")
    );
    w.does(Happening::Back { order });
    assert_eq!(w.stage(entrant), Stage::Watched);
    assert!(w.whole(order).absences[0].ended_at.is_some());
    let on = |day_of: &str| {
        let numbers = w
            .house
            .quarantine_numbers(&w.operator(), None, Some(day(day_of)))
            .unwrap();
        (numbers.breaches, numbers.absent, numbers.total)
    };
    assert_eq!(on("2020-02-09"), (1, 1, 1));
    assert_eq!(on("2020-02-23"), (0, 0, 1));
    w.does(Happening::Release { order });
    w.holds();
}

#[test]
fn how_an_order_ends_says_where_the_person_stands() {
    let w = Quarantined::new();
    for (how, stage) in [
        (EndHow::Case, Stage::Case),
        (EndHow::Died, Stage::Gone),
        (EndHow::HandedOn, Stage::HandedOn),
        (EndHow::Cancelled, Stage::ToPlace),
    ] {
        let (order, entrant, _) = w.in_bed();
        let end = |how, reason: &str| Happening::EndOrder {
            order,
            how,
            reason: reason.into(),
        };
        assert!(
            w.refuses(end(EndHow::Released, "by hand"))
                .starts_with("invalid how")
        );
        assert!(w.refuses(end(how, " ")).starts_with("invalid reason"));
        w.does(end(how, "as the hospital says"));
        assert_eq!(w.stage(entrant), stage);
        assert!(w.house.certificate(&w.operator(), order).is_err());
        w.hours_later(24 * 40);
    }
    w.holds();
}

#[test]
fn a_certificate_verifies_and_nothing_else_does() {
    let w = Quarantined::new();
    let (order, _, _) = w.in_bed();
    w.at("2020-02-23T08:00:00+08:00");
    w.tested(order);
    let early = w.house.certificate(&w.operator(), order).unwrap_err();
    assert_eq!(early.code(), "conflict");
    w.does(Happening::Release { order });
    let issued = w.house.certificate(&w.operator(), order).unwrap();
    let says = &issued.certificate;
    assert_eq!(says.name, "*明");
    assert_eq!(says.digits, None);
    assert_eq!(
        (says.first, says.last),
        (day("2020-02-09"), day("2020-02-23"))
    );
    assert_eq!(says.pack, "covid19-cn-2020 2020.03.19.5");
    let verify = |code: &str| w.house.verify_certificate(code).unwrap();
    let shown = verify(&format!(" {}\n", issued.code));
    assert!(shown.valid, "{shown:?}");
    assert_eq!(shown.certificate.as_ref(), Some(says));
    // The same each time.
    assert_eq!(
        w.house.certificate(&w.operator(), order).unwrap().code,
        issued.code
    );
    assert_eq!(verify("").reason, "malformed");
    assert_eq!(verify("LF1:ABC").reason, "malformed");
    assert_eq!(verify(&"LFR1:".repeat(400)).reason, "oversized");
    let mut altered: Vec<char> = issued.code.chars().collect();
    altered.swap(30, 31);
    assert!(!verify(&altered.iter().collect::<String>()).valid);
    // Another house's, of the same area.
    let other = Quarantined::new();
    let (order, _, _) = other.in_bed();
    other.at("2020-02-23T08:00:00+08:00");
    other.tested(order);
    other.does(Happening::Release { order });
    let foreign = other.house.certificate(&other.operator(), order).unwrap();
    assert_eq!(verify(&foreign.code).reason, "foreign");
    let stranger = w.user(Role::GridWorker, "330602001001");
    assert!(matches!(
        w.house.certificate(&stranger, says.order),
        Err(Refusal::NotFound(_))
    ));
}

#[test]
fn somebody_sees_and_says_their_own_by_their_code() {
    let w = Quarantined::new();
    let (order, entrant, _) = w.in_bed();
    let code = w.house.personal_code(entrant);
    assert_eq!(code.len(), 26 + 1 + 8);
    let me = w.house.me(&code.to_lowercase()).unwrap();
    assert_eq!(me.order, Some(order));
    assert_eq!(me.watch, Some(Watch::Site));
    assert_eq!((me.day, me.days), (Some(1), Some(14)));
    assert_eq!(me.samples.len(), 2);
    assert_eq!(me.checks.as_ref().unwrap().of, 2);
    assert!(me.reason.is_some() && me.certificate.is_none());
    let shown = serde_json::to_string(&me).unwrap();
    assert!(!shown.contains('王'));
    for wrong in ["", "x", &code[..34], &format!("{entrant}.00000000")] {
        assert!(matches!(w.house.me(wrong), Err(Refusal::NotFound(_))));
    }
    let own = |what| {
        let entry = w.entry(what);
        w.house.me_entry(&code, &entry)
    };
    let check = |order, by| Happening::Check {
        order,
        temperature: Some(38.0),
        symptoms: Vec::new(),
        by,
    };
    settled(&own(check(order, CheckedBy::Person)).unwrap());
    assert_eq!(w.open_matters("clinic"), 1);
    assert!(own(check(order, CheckedBy::Staff)).is_err());
    assert!(own(Happening::Release { order }).is_err());
    let need = w.entry(Happening::Needs {
        order,
        need: Need::Medicine,
        text: "two days of pills are left".into(),
    });
    settled(&w.house.me_entry(&code, &need).unwrap());
    assert_eq!(
        w.house.me_entry(&code, &need).unwrap().result,
        Taken::Repeated
    );
    assert_eq!(w.open_matters("need"), 1);
    // Somebody else's order.
    let site = w.site(&[("2", 1)]);
    let other = w.arrives("李四", "420100", None);
    let other = w.ordered(other, Some(site));
    assert!(own(check(other, CheckedBy::Person)).is_err());
    let me = w.house.me(&code).unwrap();
    assert_eq!(me.needs.len(), 1);
    assert_eq!(me.checks.unwrap().today[0].temperature, Some(38.0));
    w.at("2020-02-23T08:00:00+08:00");
    w.tested(order);
    w.does(Happening::Release { order });
    let me = w.house.me(&code).unwrap();
    assert_eq!(me.stage, Stage::Released);
    assert!(
        w.house
            .verify_certificate(&me.certificate.unwrap())
            .unwrap()
            .valid
    );
    w.holds();
}

#[test]
fn an_upload_replayed_a_week_later_changes_nothing() {
    let w = Quarantined::new();
    let site = w.site(&[("101", 1)]);
    let entrant = w.arrives("王小明", "420100", None);
    let order = w.entry(order_for(entrant, Some(site)));
    let id = OrderId::from_bytes(order.id.to_bytes());
    let rest = [
        w.entry(check_of(id, Some(38.1), &[])),
        w.entry(Happening::Sample { order: id }),
        w.entry(Happening::Needs {
            order: id,
            need: Need::Supplies,
            text: String::new(),
        }),
        w.entry(Happening::Absent {
            order: id,
            how: AbsenceHow::NotAtHome,
        }),
        w.entry(Happening::Back { order: id }),
    ];
    let all: Vec<FieldEntry> = std::iter::once(order).chain(rest).collect();
    let operator = w.operator();
    for answer in w.house.take_entries(&operator, &all).unwrap() {
        settled(&answer);
    }
    let seq = w.seq();
    w.hours_later(24 * 7);
    for answer in w.house.take_entries(&operator, &all).unwrap() {
        assert_eq!(answer.result, Taken::Repeated);
    }
    assert_eq!(w.seq(), seq);
    // The same id with another content.
    let mut other = all[1].clone();
    other.what = check_of(id, Some(36.0), &[]);
    assert!(why(&w.send(&operator, &other)).starts_with("conflict"));
    assert_eq!(w.seq(), seq);
    w.holds();
}

#[test]
fn rights_end_at_the_areas_border() {
    let w = Quarantined::new();
    let (order, entrant, _) = w.in_bed();
    let stranger = w.user(Role::GridWorker, "330602001001");
    let gate = w.user(Role::CheckpointStaff, VILLAGE);
    for what in [
        check_of(order, Some(36.5), &[]),
        Happening::Sample { order },
        Happening::Release { order },
        Happening::Back { order },
    ] {
        assert!(why(&w.says_as(&stranger, what.clone()).1).starts_with("not_found"));
        assert!(why(&w.says_as(&gate, what).1).starts_with("forbidden"));
    }
    assert!(why(&w.says_as(&stranger, order_for(entrant, None)).1).starts_with("not_found"));
    assert!(w.house.order(&stranger, order).is_err());
    let worker = w.user(Role::GridWorker, VILLAGE);
    assert!(w.house.order(&worker, order).unwrap().code.is_some());
    assert!(w.house.order(&gate, order).unwrap().code.is_none());
}

/// What may be tried, on a handful of people and beds.
#[derive(Debug, Clone)]
enum Try {
    Order(usize, usize),
    Move(usize, usize),
    End(usize, bool),
    Absent(usize),
    Back(usize),
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let person = 0..3_usize;
    let bed = 0..3_usize;
    prop::collection::vec(
        prop_oneof![
            3 => (person.clone(), bed.clone()).prop_map(|(p, b)| Try::Order(p, b)),
            2 => (person.clone(), bed).prop_map(|(p, b)| Try::Move(p, b)),
            2 => (person.clone(), any::<bool>()).prop_map(|(p, c)| Try::End(p, c)),
            1 => person.clone().prop_map(Try::Absent),
            1 => person.prop_map(Try::Back),
        ],
        1..25,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever is tried: nobody has two orders, no bed has two people, and whoever is under an
    /// order is watched, missing, or nowhere else.
    #[test]
    fn beds_and_orders_stay_whole(tries in tries()) {
        let w = Quarantined::new();
        let site = w.site(&[("1", 1), ("2", 2)]);
        let beds = [("1", 1), ("2", 1), ("2", 2)];
        let people: Vec<EntrantId> = ["甲", "乙", "丙"]
            .iter()
            .map(|name| w.arrives(&format!("试{name}"), "420100", None))
            .collect();
        let mut orders: Vec<Option<OrderId>> = vec![None; people.len()];
        let mut at: Vec<Option<usize>> = vec![None; people.len()];
        for attempt in tries {
            w.later(SignedDuration::from_mins(1));
            match attempt {
                Try::Order(person, bed) => {
                    let (room, number) = beds[bed];
                    let (id, answer) = w.says(order_in(people[person], site, room, number));
                    let may = at[person].is_none() && !at.contains(&Some(bed))
                        && matches!(w.stage(people[person]), Stage::Arrived | Stage::ToPlace | Stage::Watched)
                        && orders[person].is_none();
                    prop_assert_eq!(answer.result == Taken::Taken, may, "{:?}", answer.refusal);
                    if may {
                        orders[person] = Some(OrderId::from_bytes(id.to_bytes()));
                        at[person] = Some(bed);
                    }
                }
                Try::Move(person, bed) => {
                    let Some(order) = orders[person] else { continue };
                    let (room, number) = beds[bed];
                    let (_, answer) = w.says(Happening::Move { order, site, room: room.into(), bed: number });
                    let may = at.iter().enumerate().all(|(p, b)| p == person || *b != Some(bed));
                    prop_assert_eq!(answer.result == Taken::Taken, may, "{:?}", answer.refusal);
                    if may {
                        at[person] = Some(bed);
                    }
                }
                Try::End(person, case) => {
                    let Some(order) = orders[person] else { continue };
                    let how = if case { EndHow::Case } else { EndHow::Cancelled };
                    w.does(Happening::EndOrder { order, how, reason: "tried in a test".into() });
                    orders[person] = None;
                    at[person] = None;
                }
                Try::Absent(person) => {
                    let Some(order) = orders[person] else { continue };
                    w.says(Happening::Absent { order, how: AbsenceHow::LeftSite });
                }
                Try::Back(person) => {
                    let Some(order) = orders[person] else { continue };
                    w.says(Happening::Back { order });
                }
            }
            let shown = w.house.site(&w.operator(), site).unwrap();
            let taken = at.iter().flatten().count() as u64;
            prop_assert_eq!(shown.site.occupied, taken);
            for (person, order) in people.iter().zip(&orders) {
                let stage = w.stage(*person);
                prop_assert!(order.is_some() || stage != Stage::Watched);
                prop_assert!(order.is_none() || matches!(stage, Stage::Watched | Stage::Missing));
            }
        }
        w.holds();
    }
}
