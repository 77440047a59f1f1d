//! Cases and contacts: reported, named, traced, linked, merged; what cannot be is refused, and everything leaves its trace.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::cell::Cell;
use std::collections::BTreeMap;

use common::{CITY, COUNTY, NEIGHBOUR, Testbed, VILLAGE, area, day};
use lianfang_core::access::Role;
use lianfang_core::cases::{CaseDetails, CaseView, Classification, Outcome};
use lianfang_core::contacts::{
    Certainty, Channel, ContactClass, ContactDetails, ContactStatus, ContactStep, FollowUp,
    Meeting, Setting,
};
use lianfang_core::entry::{Destination, Journey, Mode, Source};
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{CaseId, ContactId, FactId, HouseholdId, OrderId, PersonId};
use lianfang_core::quarantine::{CheckedBy, EndHow, SampleResult};
use lianfang_core::words::Word;
use lianfang_service::cases::{
    CaseRevision, CasesChange, NewCase, NewResult, NewSample, NewStay, NewView,
};
use lianfang_service::contacts::{ContactAnswer, ContactQuery, NewContact, NewFollowUp, NewStep};
use lianfang_service::field::{
    Circumstances, Coming, ContactGiven, EntryAnswer, FieldEntry, Happening, PersonGiven, Taken,
};
use lianfang_service::links::{LinkBack, NewLink};
use lianfang_service::matters::{MatterQuery, MatterView};
use lianfang_service::{Actor, Refusal};
use lianfang_store::views::{cases as view, contacts, links};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const OTHER_VILLAGE: &str = "330683001002";

/// A testbed in which ids count up.
struct Tracing {
    bed: Testbed,
    next: Cell<u128>,
}

impl std::ops::Deref for Tracing {
    type Target = Testbed;

    fn deref(&self) -> &Testbed {
        &self.bed
    }
}

fn named(name: &str) -> PersonGiven {
    PersonGiven {
        name: Some(name.into()),
        ..PersonGiven::default()
    }
}

fn with_passport(name: &str, number: &str) -> PersonGiven {
    PersonGiven {
        document_kind: Some("passport".into()),
        document: Some(number.into()),
        ..named(name)
    }
}

fn confirmed(onset: &str) -> CaseDetails {
    CaseDetails {
        onset: Some(day(onset)),
        ..CaseDetails::new(Classification::Confirmed)
    }
}

/// Reported on 8 February, and so in the curve of the brief of the morning after.
fn on_the_eighth(onset: &str) -> CaseDetails {
    CaseDetails {
        reported: Some(day("2020-02-08")),
        ..confirmed(onset)
    }
}

fn set(fields: &[(&str, Value)]) -> Map<String, Value> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

fn why(refusal: &Refusal) -> String {
    assert!(!refusal.message().zh.is_empty());
    format!(
        "{} {}: {}",
        refusal.code(),
        refusal.field().unwrap_or("-"),
        refusal.message().en
    )
}

fn refused(answer: &ContactAnswer) -> String {
    let refusal = answer.refusal.as_ref().unwrap();
    assert!(!refusal.message.zh.is_empty());
    format!(
        "{} {}: {}",
        refusal.code,
        refusal.field.unwrap_or("-"),
        refusal.message.en
    )
}

impl Tracing {
    fn new() -> Self {
        Self {
            bed: Testbed::city(),
            next: Cell::new(1),
        }
    }

    fn id(&self) -> FactId {
        let n = self.next.get();
        self.next.set(n + 1);
        FactId::from_parts(self.house.now().as_millisecond().unsigned_abs(), n)
    }

    fn report_of(&self, actor: &Actor, given: PersonGiven, details: CaseDetails) -> CaseId {
        let new = NewCase {
            id: Some(self.id()),
            area: area(VILLAGE),
            person: None,
            given: Some(given),
            details,
        };
        self.house.report_case(actor, &new).unwrap().case
    }

    fn report(&self, name: &str, onset: &str) -> CaseId {
        self.report_of(&self.operator(), named(name), confirmed(onset))
    }

    fn contact(&self, given: PersonGiven, met: &str, setting: Setting) -> NewContact {
        NewContact {
            ask_alike: false,
            id: Some(self.id()),
            person: None,
            given: Some(given),
            area: area(OTHER_VILLAGE),
            channel: Channel::Interview,
            through: None,
            met: day(met),
            met_first: None,
            setting,
            minutes: None,
            metres: None,
            same_room: false,
            minutes_after_case: 0,
            rows_apart: None,
            protected: false,
            immune: false,
            exposure: None,
            frequency: None,
            lasting: None,
            relation: None,
            estimated: false,
            certainty: None,
            details: ContactDetails::default(),
        }
    }

    fn name(&self, actor: &Actor, case: CaseId, new: NewContact) -> ContactAnswer {
        self.house
            .name_contacts(actor, case, &[new])
            .unwrap()
            .remove(0)
    }

    fn close(&self, case: CaseId, given: PersonGiven, met: &str) -> ContactId {
        let new = self.contact(given, met, Setting::Household);
        let answer = self.name(&self.operator(), case, new);
        assert_eq!(answer.result, Taken::Taken, "{:?}", answer.refusal);
        assert_eq!(answer.class, Some(ContactClass::Close));
        answer.contact.unwrap()
    }

    fn step(&self, contact: ContactId, step: ContactStep) {
        let new = NewStep {
            id: Some(self.id()),
            step,
            at: None,
            result: None,
        };
        self.house
            .step_contact(&self.operator(), contact, &new)
            .unwrap();
    }

    fn row(&self, contact: ContactId) -> contacts::ContactRow {
        self.house
            .store()
            .read(|c| Ok(contacts::get(c, contact)?))
            .unwrap()
            .unwrap()
    }

    fn case_row(&self, case: CaseId) -> view::CaseRow {
        self.house
            .store()
            .read(|c| Ok(view::get(c, case)?))
            .unwrap()
            .unwrap()
    }

    fn take(&self, what: Happening) -> EntryAnswer {
        let entry = FieldEntry {
            id: self.id(),
            at: self.house.now(),
            what,
        };
        let answer = self
            .house
            .take_entries(&self.operator(), &[entry])
            .unwrap()
            .remove(0);
        assert_eq!(answer.result, Taken::Taken, "{:?}", answer.refusal);
        answer
    }

    fn arrived(
        &self,
        given: PersonGiven,
        journey: Journey,
        arrival: &str,
    ) -> lianfang_core::ids::EntrantId {
        self.take(Happening::Notice {
            source: Source::Canvass,
            person: given,
            coming: Coming {
                journey,
                arrival: arrival.parse().unwrap(),
                destination: Destination::Here,
                bound_for: Some(area(OTHER_VILLAGE)),
                circumstances: Circumstances {
                    home_suitable: true,
                    ..Circumstances::default()
                },
                party: None,
            },
            arrived: true,
            list: None,
            household: None,
        })
        .entrant
        .unwrap()
    }

    /// Puts somebody with this passport under an order at home, as a close contact.
    fn watched(&self, given: PersonGiven, met: &str) -> OrderId {
        let journey = Journey {
            mode: Mode::Road,
            number: None,
            seat: None,
            from: Some("330600".into()),
            stops: Vec::new(),
        };
        let entrant = self.arrived(given, journey, "2020-02-09T07:00:00+08:00");
        let answer = self.take(Happening::Order {
            entrant,
            home_suitable: Some(true),
            contact: Some(ContactGiven {
                class: ContactClass::Secondary,
                first_exposure: None,
                last_exposure: day(met),
            }),
            site: None,
            room: None,
            bed: None,
        });
        OrderId::from_bytes(answer.id.to_bytes())
    }

    fn link(
        &self,
        infector: CaseId,
        infectee: CaseId,
        met: Option<&str>,
    ) -> Result<lianfang_core::ids::LinkId, Refusal> {
        let new = NewLink {
            id: Some(self.id()),
            infector,
            infectee,
            certainty: Certainty::Probable,
            met: met.map(day),
            meeting: Meeting::default(),
        };
        self.house.state_link(&self.operator(), infectee, &new)
    }

    fn revise(&self, case: CaseId, fields: &[(&str, Value)]) -> Result<(), Refusal> {
        let revision = CaseRevision {
            id: Some(self.id()),
            seen: self.case_row(case).seq,
            area: None,
            set: set(fields),
            reason: "as found out since".into(),
        };
        self.house.revise_case(&self.operator(), case, &revision)
    }

    fn open_matters(&self) -> BTreeMap<String, String> {
        let query = MatterQuery {
            view: MatterView::All,
            limit: 200,
            ..MatterQuery::default()
        };
        let (rows, _) = self.house.matters(&self.operator(), &query).unwrap();
        rows.into_iter()
            .map(|row| (row.kind, row.phase.word().to_owned()))
            .collect()
    }

    /// The views are those that a rebuild gives, and the ledger verifies.
    fn holds_and_rebuilds(&self) {
        self.bed.holds();
    }
}

#[test]
fn a_contact_is_a_closed_loop() {
    let w = Tracing::new();
    let case = w.report("张三丰收", "2020-02-05");
    let contact = w.close(case, with_passport("李四", "E11111111"), "2020-02-06");
    let row = w.row(contact);
    assert_eq!(
        (row.status, row.class),
        (ContactStatus::Named, ContactClass::Close)
    );
    assert_eq!(row.until, Some(day("2020-02-20")));
    assert_eq!(row.rule.as_deref(), Some("close_shared"));

    w.hours_later(2);
    w.step(contact, ContactStep::Located);
    w.hours_later(1);
    w.step(contact, ContactStep::Notified);
    assert_eq!(w.row(contact).status, ContactStatus::Notified);

    // An order for the same person is the contact's watch; its checks are the follow-up; its release the contact's.
    w.hours_later(1);
    let due = || {
        w.house
            .follow_ups(&w.operator(), None, None, None, 50)
            .unwrap()
    };
    assert_eq!((due().due, due().followed, due().rows.len()), (1, 1, 1));
    let order = w.watched(with_passport("李四", "E11111111"), "2020-02-06");
    let row = w.row(contact);
    assert_eq!(
        (row.status, row.order),
        (ContactStatus::Watched, Some(order))
    );
    assert!(
        row.person
            == w.house
                .store()
                .find_people(lianfang_store::IndexKind::Document, "E11111111")
                .unwrap()[0]
    );
    w.take(Happening::Check {
        order,
        temperature: Some(36.5),
        symptoms: Vec::new(),
        by: CheckedBy::Staff,
    });
    assert_eq!((due().due, due().followed, due().rows.len()), (0, 1, 0));
    let sample = w.take(Happening::Sample { order }).id;
    w.hours_later(3);
    w.take(Happening::SampleAnswer {
        sample: lianfang_core::ids::SampleId::from_bytes(sample.to_bytes()),
        result: SampleResult::Negative,
    });
    assert_eq!(w.row(contact).result, Some(SampleResult::Negative));
    w.take(Happening::EndOrder {
        order,
        how: EndHow::HandedOn,
        reason: "brought to the neighbour".into(),
    });
    assert_eq!(w.row(contact).status, ContactStatus::Gone);
    assert_eq!(due().followed, 0);

    let whole = w.house.contact(&w.operator(), contact).unwrap();
    let steps: Vec<(&str, f64)> = whole
        .steps
        .iter()
        .map(|step| (step.step, step.hours))
        .collect();
    assert_eq!(
        steps,
        [
            ("named", 0.0),
            ("located", 2.0),
            ("notified", 3.0),
            ("watched", 4.0),
            ("tested", 4.0),
            ("gone", 7.0)
        ]
    );
    assert_eq!(whole.row.told_hours, Some(3.0));
    assert_eq!(whole.row.name.as_deref(), Some("李*"));
    assert_eq!(whole.meetings.len(), 1);
    assert!(whole.meetings[0].reason.is_some());

    let numbers = w
        .house
        .tracing_numbers(&w.operator(), None, None, None)
        .unwrap();
    assert_eq!(numbers.within_hours, 24);
    assert_eq!(
        (numbers.whole.told_in_time.n, numbers.whole.told_in_time.of),
        (1, 1)
    );
    assert_eq!(numbers.below.len(), 1);
    w.holds_and_rebuilds();
}

/// Somebody who lives here and met a case is put under watch as the contact they are: the policy
/// has what is on record of the meetings, and the days count from the last.
#[test]
fn a_contact_is_put_under_watch() {
    let w = Tracing::new();
    let case = w.report("张三丰收", "2020-02-05");
    let contact = w.close(case, with_passport("李四", "E11111111"), "2020-02-06");
    let person = w.row(contact).person;
    let order_of = |circumstances, site| {
        let entry = FieldEntry {
            id: w.id(),
            at: w.house.now(),
            what: Happening::OrderContact {
                contact,
                circumstances,
                site,
                room: None,
                bed: None,
            },
        };
        w.house
            .take_entries(&w.operator(), &[entry])
            .unwrap()
            .remove(0)
    };
    // Close contacts go to a site: it has to be named.
    let unnamed = order_of(Circumstances::default(), None);
    assert_eq!(unnamed.refusal.unwrap().field, Some("site"));
    // Who needs care stays at home.
    let at_home = Circumstances {
        needs_care: true,
        home_suitable: true,
        ..Circumstances::default()
    };
    let answer = order_of(at_home, None);
    assert_eq!(answer.result, Taken::Taken, "{:?}", answer.refusal);
    let decision = answer.decision.unwrap();
    assert_eq!(decision.rule, "home_contact_care");
    assert_eq!(decision.until, Some(day("2020-02-20")));
    let row = w.row(contact);
    assert_eq!(row.status, ContactStatus::Watched);
    let order = w.house.order(&w.operator(), row.order.unwrap()).unwrap();
    assert_eq!(order.row.person, person);
    assert!(order.row.entrant.is_none());
    // Once is enough.
    let again = order_of(at_home, None);
    assert_eq!(again.refusal.unwrap().code, "conflict");
    // An arrival of whom a meeting is on record needs nobody to type it in.
    let other = w.close(case, with_passport("王五", "E22222222"), "2020-02-07");
    let journey = Journey {
        mode: Mode::Road,
        number: None,
        seat: None,
        from: Some("330600".into()),
        stops: Vec::new(),
    };
    let entrant = w.arrived(
        with_passport("王五", "E22222222"),
        journey,
        "2020-02-09T07:00:00+08:00",
    );
    let entry = FieldEntry {
        id: w.id(),
        at: w.house.now(),
        what: Happening::Order {
            entrant,
            home_suitable: Some(true),
            contact: None,
            site: None,
            room: None,
            bed: None,
        },
    };
    let answer = w
        .house
        .take_entries(&w.operator(), &[entry])
        .unwrap()
        .remove(0);
    let refusal = answer.refusal.unwrap();
    assert_eq!(refusal.field, Some("site"), "{refusal:?}");
    assert_eq!(w.row(other).status, ContactStatus::Named);
    w.holds_and_rebuilds();
}

#[test]
fn a_contact_who_becomes_a_case_was_known_before() {
    let w = Tracing::new();
    let case = w.report("张三丰收", "2020-02-05");
    let contact = w.close(case, with_passport("李四", "E11111111"), "2020-02-06");
    let order = w.watched(with_passport("李四", "E11111111"), "2020-02-06");
    w.at("2020-02-11T08:00:00+08:00");
    let second = w.report_of(
        &w.operator(),
        with_passport("李四", "E11111111"),
        confirmed("2020-02-10"),
    );
    let row = w.row(contact);
    assert_eq!(
        (row.status, row.became),
        (ContactStatus::BecameCase, Some(second))
    );
    assert!(w.case_row(second).was_contact && !w.case_row(case).was_contact);
    // The policy watches no case: the order ended with the report.
    let ended = w.house.order(&w.operator(), order).unwrap();
    assert_eq!(serde_json::to_value(&ended).unwrap()["how"], "case");
    let known = w
        .house
        .tracing_numbers(&w.operator(), None, None, None)
        .unwrap();
    assert_eq!(
        (known.whole.cases_known.n, known.whole.cases_known.of),
        (1, 2)
    );
    assert_eq!(known.whole.cases_known.percent, Some(50));

    // Excluded, it was no case after all; and the other way round.
    w.revise(second, &[("classification", json!("excluded"))])
        .unwrap();
    let row = w.row(contact);
    assert_eq!((row.status, row.became), (ContactStatus::Notified, None));
    w.revise(second, &[("classification", json!("confirmed"))])
        .unwrap();
    assert_eq!(w.row(contact).status, ContactStatus::BecameCase);
    w.holds_and_rebuilds();
}

#[test]
fn the_strongest_class_counts_and_nobody_is_named_twice() {
    let w = Tracing::new();
    let case = w.report("张三丰收", "2020-02-05");
    let given = || with_passport("李四", "E11111111");
    let far = w.name(
        &w.operator(),
        case,
        w.contact(given(), "2020-02-06", Setting::Community),
    );
    assert_eq!(far.class, Some(ContactClass::None));
    let near = w.name(
        &w.operator(),
        case,
        w.contact(given(), "2020-02-04", Setting::Household),
    );
    assert_eq!(near.class, Some(ContactClass::Close));
    assert_eq!(near.contact, far.contact);
    let row = w.row(near.contact.unwrap());
    assert_eq!((row.class, row.exposures), (ContactClass::Close, 2));
    assert_eq!(
        (row.met_first, row.met),
        (Some(day("2020-02-04")), Some(day("2020-02-06")))
    );
    // More than two days before first symptoms is no contact by this pack, unless a later day of the same stay is.
    let before = w.name(
        &w.operator(),
        case,
        w.contact(named("王五"), "2020-02-02", Setting::Household),
    );
    assert_eq!(before.class, Some(ContactClass::None));
    let stay = NewContact {
        met_first: Some(day("2020-02-01")),
        ..w.contact(named("赵六"), "2020-02-04", Setting::Household)
    };
    assert_eq!(
        w.name(&w.operator(), case, stay).class,
        Some(ContactClass::Close)
    );
    // Sent again, it is the same; with other content it is refused.
    let once = w.contact(named("钱七"), "2020-02-06", Setting::Household);
    assert_eq!(
        w.name(&w.operator(), case, once.clone()).result,
        Taken::Taken
    );
    let seq = w.seq();
    assert_eq!(
        w.name(&w.operator(), case, once.clone()).result,
        Taken::Repeated
    );
    assert_eq!(w.seq(), seq);
    let other = NewContact {
        setting: Setting::Work,
        ..once
    };
    assert_eq!(w.name(&w.operator(), case, other).result, Taken::Refused);
    let list = w
        .house
        .contacts(
            &w.operator(),
            &ContactQuery {
                limit: 50,
                ..ContactQuery::default()
            },
        )
        .unwrap();
    assert_eq!((list.total, list.rows.len()), (4, 4));
    let close = ContactQuery {
        class: Some(ContactClass::Close),
        status: Some(ContactStatus::Named),
        limit: 1,
        ..ContactQuery::default()
    };
    let page = w.house.contacts(&w.operator(), &close).unwrap();
    assert_eq!((page.total, page.rows.len()), (3, 1));
    let next = ContactQuery {
        cursor: page.next,
        ..close
    };
    assert_eq!(
        w.house.contacts(&w.operator(), &next).unwrap().rows.len(),
        1
    );
    w.holds_and_rebuilds();
}

#[test]
fn what_cannot_be_is_refused() {
    let w = Tracing::new();
    let officer = w.user(Role::AreaOfficer, COUNTY);
    let grid = w.user(Role::GridWorker, COUNTY);
    let next_door = w.user(Role::AreaOfficer, NEIGHBOUR);
    let mut told = Vec::new();
    let mut note = |what: &str, refusal: String| told.push(format!("{what}\n  {refusal}"));
    let case = w.report_of(
        &officer,
        with_passport("张三", "E22222222"),
        confirmed("2020-02-05"),
    );
    let person = w.case_row(case).details.person.unwrap();

    let new = |given, met, setting| w.contact(given, met, setting);
    let own = NewContact {
        person: Some(person),
        given: None,
        ..new(named("x"), "2020-02-05", Setting::Household)
    };
    note(
        "a contact of oneself",
        refused(&w.name(&officer, case, own)),
    );
    let own = new(
        with_passport("张三", "E22222222"),
        "2020-02-05",
        Setting::Household,
    );
    note(
        "a contact of oneself, by the document",
        refused(&w.name(&officer, case, own)),
    );
    let ahead = new(named("李四"), "2020-02-10", Setting::Household);
    note(
        "a meeting in the future",
        refused(&w.name(&officer, case, ahead)),
    );
    let elsewhere = NewContact {
        area: area("330602001001"),
        ..new(named("李四"), "2020-02-05", Setting::Household)
    };
    note(
        "an area that is not yours",
        refused(&w.name(&officer, case, elsewhere)),
    );
    let nowhere = NewContact {
        area: area("330683009"),
        ..new(named("李四"), "2020-02-05", Setting::Household)
    };
    note(
        "an area that is not there",
        refused(&w.name(&officer, case, nowhere)),
    );
    let nobody = NewContact {
        given: None,
        ..new(named("x"), "2020-02-05", Setting::Household)
    };
    note("nobody", refused(&w.name(&officer, case, nobody)));
    let through = NewContact {
        through: Some(ContactId::from_parts(1, 1)),
        ..new(named("李四"), "2020-02-05", Setting::Household)
    };
    note("through nobody", refused(&w.name(&officer, case, through)));
    let second = w.report_of(
        &officer,
        with_passport("孙八", "E33333333"),
        confirmed("2020-02-03"),
    );
    let ill = new(
        with_passport("孙八", "E33333333"),
        "2020-02-05",
        Setting::Household,
    );
    note(
        "a contact who was ill before",
        refused(&w.name(&officer, case, ill)),
    );
    let read = |actor: &Actor| {
        w.house.name_contacts(
            actor,
            case,
            &[new(named("李四"), "2020-02-05", Setting::Work)],
        )
    };
    note("by the neighbour", why(&read(&next_door).unwrap_err()));
    note("by a grid worker", why(&read(&grid).unwrap_err()));

    let contact = w.close(case, named("李四"), "2020-02-06");
    let follow = |status, day: Option<&str>, symptoms| {
        let new = NewFollowUp {
            id: None,
            day: day.map(common::day),
            status,
            temperature: None,
            symptoms,
        };
        w.house.follow_contact(&officer, contact, &new)
    };
    note(
        "a follow-up in the future",
        why(&follow(FollowUp::SeenWell, Some("2020-02-10"), vec![]).unwrap_err()),
    );
    note(
        "a follow-up before the meeting",
        why(&follow(FollowUp::SeenWell, Some("2020-02-05"), vec![]).unwrap_err()),
    );
    let fever = vec![lianfang_core::entry::Symptom::Fever];
    note(
        "well, with symptoms",
        why(&follow(FollowUp::SeenWell, None, fever.clone()).unwrap_err()),
    );
    note(
        "not met, with symptoms",
        why(&follow(FollowUp::NotSeen, None, fever).unwrap_err()),
    );
    let early = NewStep {
        id: None,
        step: ContactStep::Notified,
        at: Some("2020-02-09T07:00:00+08:00".parse().unwrap()),
        result: None,
    };
    note(
        "a step before the naming",
        why(&w.house.step_contact(&officer, contact, &early).unwrap_err()),
    );

    note(
        "a link to oneself",
        why(&w.link(case, case, None).unwrap_err()),
    );
    note(
        "a link to nobody",
        why(&w.link(CaseId::from_parts(1, 1), case, None).unwrap_err()),
    );
    note(
        "a meeting in the future",
        why(&w.link(second, case, Some("2020-02-12")).unwrap_err()),
    );
    note(
        "exposure after onset",
        why(&w.link(second, case, Some("2020-02-06")).unwrap_err()),
    );
    let long_before = w.report("周九", "2020-01-20");
    note(
        "ill long before",
        why(&w.link(case, long_before, None).unwrap_err()),
    );
    let third = w.report("吴十", "2020-02-08");
    w.link(second, case, Some("2020-02-04")).unwrap();
    w.link(case, third, None).unwrap();
    note("a loop", why(&w.link(third, second, None).unwrap_err()));
    note(
        "the same twice",
        why(&w.link(case, third, None).unwrap_err()),
    );

    let with = |fields: &[(&str, Value)]| w.revise(case, fields).unwrap_err();
    note(
        "onset after death",
        why(&with(&[
            ("outcome", json!("died")),
            ("outcome_date", json!("2020-02-01")),
        ])),
    );
    note(
        "exposure after onset",
        why(&with(&[("exposed", json!("2020-02-06"))])),
    );
    note(
        "onset in the future",
        why(&with(&[("onset", json!("2020-02-10"))])),
    );
    note("an age", why(&with(&[("age_years", json!(121))])));
    note(
        "an unknown field",
        why(&with(&[("colour", json!("green"))])),
    );
    note(
        "another person",
        why(&with(&[("person", json!("01E0M7T0000000000000000001"))])),
    );
    let stale = CaseRevision {
        id: None,
        seen: 1,
        area: None,
        set: set(&[("cluster", json!("A"))]),
        reason: "no longer fresh".into(),
    };
    note(
        "seen too long ago",
        why(&w.house.revise_case(&officer, case, &stale).unwrap_err()),
    );

    let stay = |change: fn(&mut NewStay)| {
        let mut new = NewStay {
            id: None,
            stay: None,
            day: day("2020-02-04"),
            from: None,
            until: None,
            area: None,
            setting: Some(Setting::Work),
            site: None,
            household: None,
            place: None,
            journey: None,
            companions: None,
            text: None,
            withdrawn: false,
        };
        change(&mut new);
        w.house.record_stay(&officer, case, &new).unwrap_err()
    };
    note(
        "a stay in the future",
        why(&stay(|s| s.day = day("2020-02-10"))),
    );
    note("a stay nowhere", why(&stay(|s| s.setting = None)));
    note(
        "an area that is not there",
        why(&stay(|s| s.area = Some(area("330683009")))),
    );
    note(
        "a household that is not there",
        why(&stay(|s| s.household = Some(HouseholdId::from_parts(1, 1)))),
    );
    note(
        "a place that is not there",
        why(&stay(|s| s.place = Some("18446744073709551615".into()))),
    );
    note(
        "a place that is no number",
        why(&stay(|s| s.place = Some("the market".into()))),
    );
    note(
        "a site that is not there",
        why(&stay(|s| {
            s.site = Some(lianfang_core::ids::SiteId::from_parts(1, 1));
        })),
    );
    note(
        "a stay on another day",
        why(&stay(|s| {
            s.from = Some("2020-02-05T09:00:00+08:00".parse().unwrap());
        })),
    );

    note(
        "deleted",
        why(&w
            .house
            .delete_case(&officer, case, "entered by mistake")
            .unwrap_err()),
    );
    insta::assert_snapshot!(told.join("\n"));
    w.holds_and_rebuilds();
}

#[test]
fn back_dating_a_changed_onset_and_a_deletion_leave_their_trace() {
    let w = Tracing::new();
    let officer = w.user(Role::AreaOfficer, COUNTY);
    let details = CaseDetails {
        reported: Some(day("2020-02-01")),
        diagnosed_at: Some("2020-02-01T09:00:00+08:00".parse().unwrap()),
        ..confirmed("2020-01-30")
    };
    let case = w.report_of(&officer, named("张三"), details);
    w.revise(case, &[("onset", json!("2020-02-03"))]).unwrap();
    w.house
        .delete_case(&officer, case, "does not look good")
        .unwrap_err();
    let whole = w.house.case(&officer, case).unwrap();
    let kinds: Vec<(&str, bool)> = whole
        .history
        .iter()
        .map(|event| (event.kind.as_str(), event.late))
        .collect();
    assert_eq!(kinds[0], ("case.reported/1", true));
    assert_eq!(kinds[1].0, "case.revised/1");
    assert_eq!(kinds[2].0, "case.deletion_refused/1");
    let onset = whole.history[1]
        .changes
        .iter()
        .find(|change| change.field == "onset")
        .unwrap();
    assert_eq!(
        (onset.from.as_deref(), onset.to.as_deref()),
        (Some("2020-01-30"), Some("2020-02-03"))
    );
    assert_eq!(
        whole.history[1].reason.as_deref(),
        Some("as found out since")
    );
    assert!(whole.history[2].summary.en.contains("does not look good"));
    w.holds_and_rebuilds();
}

#[test]
fn deadlines_are_matters_that_facts_bring_on() {
    let w = Tracing::new();
    let case = w.report("张三丰收", "2020-02-05");
    let phases = |w: &Tracing| w.open_matters();
    assert_eq!(
        phases(&w),
        [
            ("case_disposal", "open"),
            ("case_investigation", "open"),
            ("case_tracing", "open")
        ]
        .map(|(kind, phase)| (kind.to_owned(), phase.to_owned()))
        .into()
    );
    let contact = w.close(case, named("李四"), "2020-02-06");
    w.house
        .investigate_case(&w.operator(), case, Some(w.id()), true)
        .unwrap();
    assert_eq!(phases(&w)["case_investigation"], "done");
    assert_eq!(phases(&w)["case_tracing"], "open");
    w.step(contact, ContactStep::Notified);
    assert_eq!(phases(&w)["case_tracing"], "done");
    assert_eq!(phases(&w)["case_disposal"], "open");
    w.revise(case, &[("isolated", json!("2020-02-09"))])
        .unwrap();
    assert_eq!(phases(&w)["case_disposal"], "done");
    let whole = w.house.case(&w.operator(), case).unwrap();
    assert_eq!(whole.deadlines.len(), 3);
    assert!(whole.investigated_at.is_some());

    // A case that is none after all owes nothing; what an order brings, the clock sees.
    let second = w.report("王五", "2020-02-05");
    w.revise(second, &[("classification", json!("excluded"))])
        .unwrap();
    let whole = w.house.case(&w.operator(), second).unwrap();
    assert!(
        whole
            .deadlines
            .iter()
            .all(|one| one.phase.word() == "cancelled")
    );
    let third = w.report("孙八", "2020-02-05");
    let contact = w.close(third, with_passport("钱七", "E44444444"), "2020-02-06");
    w.house
        .investigate_case(&w.operator(), third, None, true)
        .unwrap();
    w.watched(with_passport("钱七", "E44444444"), "2020-02-06");
    assert_eq!(w.row(contact).status, ContactStatus::Watched);
    assert_eq!(w.house.sweep_cases().unwrap().settled, 1);
    assert_eq!(
        w.house.sweep_cases().unwrap(),
        lianfang_service::cases::CasesSwept::default()
    );
    w.holds_and_rebuilds();
}

#[test]
fn a_positive_sample_that_nobody_reports_becomes_a_matter() {
    let w = Tracing::new();
    let order = w.watched(with_passport("钱七", "E44444444"), "2020-02-06");
    let sample = w.take(Happening::Sample { order }).id;
    w.take(Happening::SampleAnswer {
        sample: lianfang_core::ids::SampleId::from_bytes(sample.to_bytes()),
        result: SampleResult::Positive,
    });
    assert_eq!(w.house.sweep_cases().unwrap().unreported, 1);
    assert_eq!(w.house.sweep_cases().unwrap().unreported, 0);
    assert_eq!(w.open_matters()["case_report"], "open");
    w.report_of(
        &w.operator(),
        with_passport("钱七", "E44444444"),
        confirmed("2020-02-08"),
    );
    assert_eq!(w.house.sweep_cases().unwrap().settled, 1);
    assert_eq!(w.open_matters()["case_report"], "done");
    w.holds_and_rebuilds();
}

#[test]
fn two_reports_of_one_person_are_one_case() {
    let w = Tracing::new();
    let first = w.report_of(
        &w.operator(),
        with_passport("张三", "E55555555"),
        on_the_eighth("2020-02-05"),
    );
    let new = NewCase {
        id: Some(w.id()),
        area: area(OTHER_VILLAGE),
        person: None,
        given: Some(with_passport("张三", "E55555555")),
        details: on_the_eighth("2020-02-06"),
    };
    let again = w.house.report_case(&w.operator(), &new).unwrap();
    assert_eq!(again.merged_into, Some(first));
    assert!(w.house.report_case(&w.operator(), &new).unwrap().repeated);
    assert_eq!(w.cases(&w.operator(), None).len(), 1);
    assert_eq!(w.brief(CITY, "2020-02-09").counts.confirmed, 1);
    let whole = w.house.case(&w.operator(), first).unwrap();
    assert_eq!(whole.merged.len(), 1);
    assert!(whole.history.iter().any(|event| event.of == again.case));

    w.house
        .part_case(
            &w.operator(),
            again.case,
            "two people with one passport",
            None,
        )
        .unwrap();
    assert_eq!(w.cases(&w.operator(), None).len(), 2);
    assert_eq!(w.brief(CITY, "2020-02-09").counts.confirmed, 2);
    // Told apart, they are offered no more; without that, those who look alike are.
    assert!(
        w.house
            .case(&w.operator(), first)
            .unwrap()
            .duplicates
            .is_empty()
    );
    let alike = |name: &str| PersonGiven {
        phone: Some("13900139000".into()),
        born: Some(day("1980-05-05")),
        ..named(name)
    };
    let one = w.report_of(&w.operator(), alike("欧阳无双"), confirmed("2020-02-05"));
    let two = w.report_of(&w.operator(), alike("欧阳无霜"), confirmed("2020-02-05"));
    let offered = w.house.case(&w.operator(), one).unwrap().duplicates;
    assert_eq!(
        (offered.len(), offered[0].other.case, offered[0].sure),
        (1, two, false)
    );
    w.house.merge_case(&w.operator(), two, one, None).unwrap();
    assert_eq!(w.cases(&w.operator(), None).len(), 3);
    assert!(matches!(
        w.house.merge_case(&w.operator(), one, first, None),
        Err(Refusal::Conflict(_))
    ));
    w.holds_and_rebuilds();
}

#[test]
fn many_cases_change_at_once_and_back() {
    let w = Tracing::new();
    let cases: Vec<CaseId> = (0..300)
        .map(|n| w.report(&format!("甲{n}"), "2020-02-05"))
        .collect();
    let states = |w: &Tracing| -> Vec<CaseDetails> {
        cases.iter().map(|case| w.case_row(*case).details).collect()
    };
    let before = states(&w);
    let change = CasesChange {
        id: Some(w.id()),
        cases: cases.clone(),
        set: set(&[("cluster", json!("market")), ("severity", json!("mild"))]),
        reason: "all of the market".into(),
    };
    let done = w.house.change_cases(&w.operator(), &change).unwrap();
    assert_eq!(done.changed, 300);
    assert!(
        states(&w)
            .iter()
            .all(|details| details.cluster.as_deref() == Some("market"))
    );
    let seq = w.seq();
    assert_eq!(
        w.house
            .change_cases(&w.operator(), &change)
            .unwrap()
            .changed,
        300
    );
    assert_eq!(w.seq(), seq);
    // All or none: one of them with an onset after its death refuses them all.
    let wrong = CasesChange {
        id: None,
        set: set(&[
            ("outcome", json!("died")),
            ("outcome_date", json!("2020-02-01")),
        ]),
        ..change.clone()
    };
    assert!(w.house.change_cases(&w.operator(), &wrong).is_err());
    assert_eq!(w.seq(), seq);
    let back = w
        .house
        .undo_change(&w.operator(), done.edit, None, "it was another market")
        .unwrap();
    assert_eq!((back.changed, states(&w)), (300, before));
    assert!(matches!(
        w.house
            .undo_change(&w.operator(), done.edit, None, "and once more"),
        Err(Refusal::Conflict(_))
    ));
    w.holds_and_rebuilds();
}

#[test]
fn contacts_are_proposed_and_nobody_becomes_one_unasked() {
    let w = Tracing::new();
    let home = HouseholdId::from_bytes(
        w.take(Happening::Household {
            household: None,
            area: area(VILLAGE),
            door: "3-1-502".into(),
            dwelling: Dwelling::Home,
            walk: 1,
            people: 2,
            place: None,
        })
        .id
        .to_bytes(),
    );
    for number in ["E66666661", "E66666662"] {
        w.take(Happening::Resident {
            household: home,
            person: None,
            given: Some(with_passport("一家人", number)),
            living: true,
        });
    }
    let train = |seat: &str| Journey {
        mode: Mode::Rail,
        number: Some("G7591".into()),
        seat: Some(seat.into()),
        from: Some("330600".into()),
        stops: Vec::new(),
    };
    for (name, number, seat) in [
        ("一家人", "E66666661", "5-12F"),
        ("前排", "E77777771", "5-10A"),
        ("远座", "E77777772", "5-1A"),
        ("别车", "E77777773", "8-12F"),
    ] {
        w.arrived(
            with_passport(name, number),
            train(seat),
            "2020-02-07T10:00:00+08:00",
        );
    }
    let case = w.report_of(
        &w.operator(),
        with_passport("一家人", "E66666661"),
        confirmed("2020-02-08"),
    );
    let seq = w.seq();
    let proposed = w.house.proposed_contacts(&w.operator(), case).unwrap();
    assert_eq!(w.seq(), seq);
    let told: Vec<(Channel, ContactClass, Option<u32>, &str)> = proposed
        .rows
        .iter()
        .map(|one| (one.channel, one.class, one.rows_apart, one.rule.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                Channel::Household,
                ContactClass::Close,
                None,
                "close_shared"
            ),
            (
                Channel::Journey,
                ContactClass::Close,
                Some(2),
                "close_vehicle"
            ),
            (
                Channel::Journey,
                ContactClass::Secondary,
                Some(11),
                "secondary_same_air"
            ),
            (
                Channel::Journey,
                ContactClass::Secondary,
                None,
                "secondary_same_air"
            ),
        ]
    );
    let adopted: Vec<NewContact> = proposed
        .rows
        .iter()
        .map(|one| NewContact {
            person: Some(one.person),
            given: None,
            area: one.area.code,
            channel: one.channel,
            same_room: one.same_room,
            rows_apart: one.rows_apart,
            met: one.met,
            ..w.contact(named("x"), "2020-02-07", one.setting)
        })
        .collect();
    let answers = w
        .house
        .name_contacts(&w.operator(), case, &adopted)
        .unwrap();
    for (answer, one) in answers.iter().zip(&proposed.rows) {
        assert_eq!(
            (answer.result, answer.class),
            (Taken::Taken, Some(one.class))
        );
    }
    assert!(
        w.house
            .proposed_contacts(&w.operator(), case)
            .unwrap()
            .rows
            .is_empty()
    );
    w.holds_and_rebuilds();
}

#[test]
fn an_investigation_brings_itinerary_and_samples() {
    let w = Tracing::new();
    let officer = w.user(Role::AreaOfficer, COUNTY);
    let commander = w.user(Role::Commander, COUNTY);
    let case = w.report_of(&officer, named("张三"), confirmed("2020-02-05"));
    let stay = NewStay {
        id: Some(w.id()),
        stay: None,
        day: day("2020-02-04"),
        from: Some("2020-02-04T09:00:00+08:00".parse().unwrap()),
        until: Some("2020-02-04T11:00:00+08:00".parse().unwrap()),
        area: Some(area(VILLAGE)),
        setting: Some(Setting::Community),
        site: None,
        household: None,
        place: None,
        journey: None,
        companions: Some(2),
        text: Some("无双里菜场门口".into()),
        withdrawn: false,
    };
    let id = w.house.record_stay(&officer, case, &stay).unwrap();
    assert_eq!(w.house.record_stay(&officer, case, &stay).unwrap(), id);
    let whole = w.house.case(&officer, case).unwrap();
    assert_eq!(whole.stays[0].text.as_deref(), Some("无双里菜场门口"));
    assert!(
        w.house.case(&commander, case).unwrap().stays[0]
            .text
            .is_none()
    );
    let facts = w.house.store().facts_after(0, 10_000).unwrap();
    assert!(
        facts
            .iter()
            .all(|fact| !String::from_utf8_lossy(&fact.body).contains("无双里"))
    );
    let off = NewStay {
        id: None,
        stay: Some(id),
        withdrawn: true,
        ..stay
    };
    w.house.record_stay(&officer, case, &off).unwrap();
    assert!(w.house.case(&officer, case).unwrap().stays.is_empty());

    let sample = NewSample {
        id: Some(w.id()),
        day: day("2020-02-07"),
        kind: Some(lianfang_core::cases::SampleKind::Throat),
        test: Some(lianfang_core::cases::TestKind::Pcr),
        number: Some("L-17".into()),
        laboratory: Some("CDC".into()),
        delivered: None,
    };
    let sample = w.house.sample_case(&officer, case, &sample).unwrap();
    let result = NewResult {
        id: Some(w.id()),
        sample,
        result: SampleResult::Positive,
        day: day("2020-02-08"),
        laboratory: None,
    };
    w.house.sample_result(&officer, case, &result).unwrap();
    w.house.sample_result(&officer, case, &result).unwrap();
    let whole = w.house.case(&officer, case).unwrap();
    assert_eq!(whole.row.sampled, Some(day("2020-02-07")));
    assert_eq!(whole.samples[0].result, Some(SampleResult::Positive));
    let other = NewResult {
        id: None,
        result: SampleResult::Negative,
        ..result
    };
    assert!(matches!(
        w.house.sample_result(&officer, case, &other),
        Err(Refusal::Conflict(_))
    ));
    w.holds_and_rebuilds();
}

#[test]
fn a_stay_names_a_place_on_record() {
    let w = Tracing::new();
    let officer = w.user(Role::AreaOfficer, COUNTY);
    let doctor = w.user(Role::Epidemiologist, COUNTY);
    let case = w.report_of(&officer, named("张三"), confirmed("2020-02-05"));
    // A code that is no number leads to one with the highest bit set: more than 63 bits.
    let place = w
        .house
        .define_place(
            &officer,
            &lianfang_service::places::PlaceGiven {
                code: "MARKET-7".into(),
                name: "剡湖市场".into(),
                name_en: None,
                area: area(VILLAGE),
                kind: lianfang_core::places::PlaceKind::Market,
            },
        )
        .unwrap();
    assert!(place.place.parse::<u64>().unwrap() > u64::from(u32::MAX));
    let household = w.take(Happening::Household {
        household: None,
        area: area(VILLAGE),
        door: "3幢1单元201".into(),
        dwelling: Dwelling::Home,
        walk: 10,
        people: 2,
        place: None,
    });
    let household = HouseholdId::from_bytes(household.id.to_bytes());
    w.take(Happening::Resident {
        household,
        person: None,
        given: Some(named("李四")),
        living: true,
    });
    let stay = |place: Option<&str>, household: Option<HouseholdId>| NewStay {
        id: Some(w.id()),
        stay: None,
        day: day("2020-02-04"),
        from: None,
        until: None,
        area: None,
        setting: None,
        site: None,
        household,
        place: place.map(str::to_owned),
        journey: None,
        companions: None,
        text: None,
        withdrawn: false,
    };
    let at_market = stay(Some(&place.place), None);
    w.house.record_stay(&officer, case, &at_market).unwrap();
    w.house
        .record_stay(&officer, case, &stay(None, Some(household)))
        .unwrap();
    let whole = w.house.case(&officer, case).unwrap();
    let shown = whole.stays.iter().find_map(|stay| stay.place.as_ref());
    assert_eq!(shown, Some(&place));
    // Where it is stands there too, without having been typed.
    assert!(
        whole
            .stays
            .iter()
            .all(|stay| stay.area.as_ref().unwrap().code == area(VILLAGE))
    );
    let door = |user: &Actor| {
        let whole = w.house.case(user, case).unwrap();
        whole.stays.into_iter().find_map(|stay| stay.door)
    };
    assert_eq!(door(&officer).as_deref(), Some("3幢1单元201"));
    assert_eq!(door(&doctor), None);

    let found = |user: &Actor, text: &str| {
        let page = w.house.find_households(user, None, text).unwrap();
        page.rows
            .into_iter()
            .map(|row| row.household)
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&officer, "李四"), [household]);
    assert_eq!(found(&officer, "单元2"), [household]);
    assert!(found(&doctor, "单元2").is_empty());
    assert!(found(&officer, "9幢").is_empty());
    assert!(matches!(
        w.house
            .find_households(&w.user(Role::Auditor, COUNTY), None, "李四"),
        Err(Refusal::Forbidden)
    ));
    w.holds_and_rebuilds();
}

/// What somebody does with cases and contacts, at random.
#[derive(Debug, Clone)]
enum Act {
    Report(u8, u8),
    Classify(u8, u8),
    Name(u8, u8, u8),
    Step(u8, u8),
    Follow(u8, u8),
    Link(u8, u8),
    Unlink(u8),
    Merge(u8, u8),
    Part(u8),
    Later,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let n = || any::<u8>();
    prop::collection::vec(
        prop_oneof![
            4 => (n(), n()).prop_map(|(a, b)| Act::Report(a, b)),
            2 => (n(), n()).prop_map(|(a, b)| Act::Classify(a, b)),
            5 => (n(), n(), n()).prop_map(|(a, b, c)| Act::Name(a, b, c)),
            3 => (n(), n()).prop_map(|(a, b)| Act::Step(a, b)),
            2 => (n(), n()).prop_map(|(a, b)| Act::Follow(a, b)),
            5 => (n(), n()).prop_map(|(a, b)| Act::Link(a, b)),
            1 => n().prop_map(Act::Unlink),
            2 => (n(), n()).prop_map(|(a, b)| Act::Merge(a, b)),
            1 => n().prop_map(Act::Part),
            1 => Just(Act::Later),
        ],
        1..40,
    )
}

fn pick<T: Copy>(of: &[T], n: u8) -> Option<T> {
    (!of.is_empty()).then(|| of[usize::from(n) % of.len()])
}

/// Everything that anybody can do keeps: no loops, sums that are recounts, and views that a rebuild gives again.
fn kept(w: &Tracing, cases: &[CaseId]) {
    let store = w.house.store();
    let all = store
        .read(|c| links::within(c, area("000000"), 0, 10_000))
        .unwrap();
    for link in &all {
        let back = store
            .read(|c| Ok(links::leads(c, link.infectee, link.infector)?))
            .unwrap();
        assert!(!back, "a loop");
    }
    let rows: Vec<contacts::ContactRow> = store
        .read(|c| contacts::list(c, &contacts::ContactFilter::default(), None, 10_000))
        .unwrap();
    let mut recount: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for row in &rows {
        *recount
            .entry((row.class.index(), row.status.index()))
            .or_default() += 1;
    }
    let kept: BTreeMap<(usize, usize), u64> = store
        .read(|c| contacts::standing(c, area(CITY)))
        .unwrap()
        .into_iter()
        .map(|one| ((one.class.index(), one.status.index()), one.n))
        .collect();
    assert_eq!(kept, recount);
    let today = w.house.today();
    let due = rows
        .iter()
        .filter(|row| row.is_followed() && row.followed_on.is_none_or(|seen| seen < today))
        .count() as u64;
    let listed = store
        .read(|c| contacts::due(c, area(CITY), today, None, 10_000))
        .unwrap();
    let counted = store
        .read(|c| contacts::due_count(c, area(CITY), today))
        .unwrap();
    assert_eq!((listed.len() as u64, counted.0), (due, due));
    let span = (day("2019-12-01"), day("2020-12-31"));
    let traced = store
        .read(|c| contacts::traced(c, area(CITY), span, 24))
        .unwrap();
    let counting: Vec<_> = rows
        .iter()
        .filter(|row| row.class != ContactClass::None)
        .collect();
    let told = counting.iter().filter(|row| row.told_at.is_some()).count() as u64;
    assert_eq!((traced.named, traced.told), (counting.len() as u64, told));
    let standing: Vec<view::CaseRow> = cases
        .iter()
        .map(|case| w.case_row(*case))
        .filter(view::CaseRow::is_case)
        .collect();
    let known = store
        .read(|c| contacts::known_cases(c, area(CITY), span))
        .unwrap();
    let were = standing.iter().filter(|row| row.was_contact).count() as u64;
    assert_eq!((known.cases, known.known), (standing.len() as u64, were));
    w.holds_and_rebuilds();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_done_sums_are_recounts_and_chains_have_no_loops(acts in acts()) {
        let w = Tracing::new();
        let actor = w.operator();
        let person = |n: u8| with_passport("某人", &format!("E1000000{}", n % 8));
        let mut cases: Vec<CaseId> = Vec::new();
        let mut named: Vec<ContactId> = Vec::new();
        let mut stated: Vec<lianfang_core::ids::LinkId> = Vec::new();
        for act in acts {
            match act {
                Act::Report(who, onset) => {
                    let onset = format!("2020-02-0{}", onset % 9 + 1);
                    let new = NewCase {
                        id: Some(w.id()),
                        area: area(if who % 2 == 0 { VILLAGE } else { OTHER_VILLAGE }),
                        person: None,
                        given: Some(person(who)),
                        details: confirmed(&onset),
                    };
                    if let Ok(answer) = w.house.report_case(&actor, &new) {
                        cases.push(answer.case);
                    }
                }
                Act::Classify(which, class) => {
                    if let (Some(case), Some(class)) = (pick(&cases, which), pick(Classification::ALL, class)) {
                        let _ = w.revise(case, &[("classification", json!(class.word()))]);
                    }
                }
                Act::Name(which, who, met) => {
                    if let Some(case) = pick(&cases, which) {
                        let new = w.contact(person(who), &format!("2020-02-0{}", met % 9 + 1), Setting::ALL[usize::from(met) % 3]);
                        named.extend(w.name(&actor, case, new).contact);
                    }
                }
                Act::Step(which, step) => {
                    if let (Some(contact), Some(step)) = (pick(&named, which), pick(ContactStep::ALL, step)) {
                        w.step(contact, step);
                    }
                }
                Act::Follow(which, status) => {
                    if let (Some(contact), Some(status)) = (pick(&named, which), pick(FollowUp::ALL, status)) {
                        let new = NewFollowUp { id: None, day: None, status, temperature: None, symptoms: Vec::new() };
                        w.house.follow_contact(&actor, contact, &new).unwrap();
                    }
                }
                Act::Link(one, other) => {
                    if let (Some(one), Some(other)) = (pick(&cases, one), pick(&cases, other)) {
                        stated.extend(w.link(one, other, None).ok());
                    }
                }
                Act::Unlink(which) => {
                    if let Some(link) = pick(&stated, which) {
                        let back = LinkBack { id: None, reason: "not so".into() };
                        let _ = w.house.withdraw_link(&actor, link, &back);
                    }
                }
                Act::Merge(one, other) => {
                    if let (Some(one), Some(other)) = (pick(&cases, one), pick(&cases, other)) {
                        let before = w.house.store().rebuild().unwrap().digest;
                        if w.house.merge_case(&actor, one, other, None).is_ok() && w.open_matters().is_empty() {
                            w.house.part_case(&actor, one, "not the same", None).unwrap();
                            prop_assert_ne!(w.house.store().rebuild().unwrap().digest, before);
                        }
                    }
                }
                Act::Part(which) => {
                    if let Some(case) = pick(&cases, which) {
                        let _ = w.house.part_case(&actor, case, "not the same", None);
                    }
                }
                Act::Later => {
                    w.hours_later(5);
                }
            }
        }
        kept(&w, &cases);
    }

    /// A report that is merged and parted again counts as before, in every sum.
    #[test]
    fn parting_undoes_merging(onsets in prop::collection::vec(1..9_u8, 2..8), pairs in prop::collection::vec((any::<u8>(), any::<u8>()), 1..8)) {
        let w = Tracing::new();
        let actor = w.operator();
        let cases: Vec<CaseId> = onsets.iter().enumerate()
            .map(|(n, onset)| w.report_of(&actor, with_passport("某人", &format!("E2000000{n}")), on_the_eighth(&format!("2020-02-0{onset}"))))
            .collect();
        let tally = |w: &Tracing| {
            let span = (day("2019-12-01"), day("2020-12-31"));
            let listed = w.cases(&actor, None).len();
            let known = w.house.store().read(|c| contacts::known_cases(c, area(CITY), span)).unwrap();
            (listed, known, w.brief(CITY, "2020-02-09").counts)
        };
        let before = tally(&w);
        let mut merged = Vec::new();
        for (one, other) in pairs {
            let (one, other) = (pick(&cases, one).unwrap(), pick(&cases, other).unwrap());
            if w.house.merge_case(&actor, one, other, None).is_ok() {
                merged.push(one);
            }
        }
        prop_assert_eq!(tally(&w).0, cases.len() - merged.len());
        for case in merged {
            w.house.part_case(&actor, case, "not the same", None).unwrap();
        }
        prop_assert_eq!(tally(&w), before);
        w.holds_and_rebuilds();
    }
}

/// The dead stay on record as people of the list, and are no contacts of themselves.
#[test]
fn the_clinics_answer_reports_the_case() {
    let w = Tracing::new();
    let journey = Journey {
        mode: Mode::Road,
        number: None,
        seat: None,
        from: Some("330600".into()),
        stops: Vec::new(),
    };
    let entrant = w.arrived(
        with_passport("郑一", "E88888888"),
        journey,
        "2020-02-09T07:00:00+08:00",
    );
    let at = w.house.now();
    w.take(Happening::Settle {
        entrant,
        stage: lianfang_core::entry::Stage::ToSend,
        reason: "coughs".into(),
    });
    let handover = w.take(Happening::Send {
        entrants: vec![entrant],
        receiver: lianfang_core::entry::Receiver::Clinic,
        area: area(VILLAGE),
        site: None,
        checkpoint: None,
        vehicle: None,
        escort: None,
        expected: at + jiff::SignedDuration::from_hours(1),
    });
    w.take(Happening::Receive {
        handover: lianfang_core::ids::MatterId::from_bytes(handover.id.to_bytes()),
        entrants: vec![entrant],
        missing: Vec::new(),
    });
    w.take(Happening::ClinicAnswer {
        entrant,
        case: true,
        classification: Some(Classification::Confirmed),
        onset: Some(day("2020-02-08")),
    });
    let listed = w.cases(&w.operator(), None);
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].classification, listed[0].onset, listed[0].outcome),
        (
            Classification::Confirmed,
            Some(day("2020-02-08")),
            None::<Outcome>
        )
    );
    assert_eq!(w.open_matters()["case_investigation"], "open");
    let _: Option<PersonId> = listed[0].person;
    w.holds_and_rebuilds();
}

/// The list of a past day: by contact, what came of it; and how many were not seen.
fn list_of(w: &Tracing, day: &str) -> (BTreeMap<ContactId, Option<FollowUp>>, u64, u64) {
    let mut found = BTreeMap::new();
    let mut cursor = None;
    loop {
        let page = w
            .house
            .follow_ups(
                &w.operator(),
                None,
                Some(day.parse().unwrap()),
                cursor.as_deref(),
                1,
            )
            .unwrap();
        found.extend(page.rows.iter().map(|row| (row.row.contact, row.on_day)));
        if page.next.is_none() {
            return (found, page.due, page.followed);
        }
        cursor = page.next;
    }
}

#[test]
fn the_follow_up_list_of_a_past_day_is_as_that_day_was() {
    let w = Tracing::new();
    let case = w.report("王一", "2020-02-03");
    let one = w.close(case, named("李一"), "2020-02-05");
    let two = w.close(case, named("李二"), "2020-02-05");
    let first = w.house.today();
    let follow = |contact, status| {
        let new = NewFollowUp {
            id: Some(w.id()),
            day: None,
            status,
            temperature: None,
            symptoms: Vec::new(),
        };
        w.house
            .follow_contact(&w.operator(), contact, &new)
            .unwrap();
    };
    follow(one, FollowUp::SeenWell);
    follow(two, FollowUp::NotSeen);
    w.hours_later(24);
    let second = w.house.today();
    let three = w.close(case, named("李三"), "2020-02-05");
    w.step(one, ContactStep::Released);
    follow(two, FollowUp::NotSeen);
    follow(two, FollowUp::SeenWell);
    w.hours_later(24);
    let (found, due, all) = list_of(&w, &first.to_string());
    let seen = [
        (one, Some(FollowUp::SeenWell)),
        (two, Some(FollowUp::NotSeen)),
    ];
    assert_eq!(
        (found, due, all),
        (seen.into(), 1, 2),
        "three was not named yet"
    );
    let (found, due, all) = list_of(&w, &second.to_string());
    let seen = [(one, None), (two, Some(FollowUp::SeenWell)), (three, None)];
    assert_eq!(
        (found, due, all),
        (seen.into(), 2, 3),
        "one was released that day"
    );
    w.hours_later(24);
    let (found, due, all) = list_of(&w, &second.tomorrow().unwrap().to_string());
    assert_eq!(
        (found, due, all),
        ([(two, None), (three, None)].into(), 2, 2)
    );
    w.holds();
}

#[test]
fn somebody_who_looks_like_a_contact_is_offered_and_not_taken_silently() {
    let w = Tracing::new();
    let case = w.report("王一", "2020-02-03");
    let given = |name: &str, phone: &str| PersonGiven {
        phone: Some(phone.into()),
        ..named(name)
    };
    let known = w.close(case, given("李建国", "13800138000"), "2020-02-05");
    let other = w.report("王二", "2020-02-04");
    let asked = |given| NewContact {
        ask_alike: true,
        ..w.contact(given, "2020-02-06", Setting::Household)
    };
    let seq = w.seq();
    let new = asked(given("李建国", "13800138000"));
    let answer = w.name(&w.operator(), other, new.clone());
    assert_eq!(answer.result, Taken::Refused);
    assert_eq!(answer.refusal.unwrap().code, "conflict");
    assert_eq!(answer.alike.len(), 1);
    assert_eq!(answer.alike[0].contact.contact, known);
    assert_eq!(answer.alike[0].same, ["name", "phone"]);
    assert_eq!(
        w.seq(),
        seq,
        "nothing is written before somebody says who it is"
    );
    // The same person: one person, two contacts.
    let person = answer.alike[0].contact.person;
    let same = NewContact {
        id: Some(w.id()),
        person,
        given: None,
        ..new.clone()
    };
    let answer = w.name(&w.operator(), other, same);
    assert_eq!(answer.result, Taken::Taken, "{:?}", answer.refusal);
    assert_eq!(Some(w.row(answer.contact.unwrap()).person), person);
    // Somebody else after all: sent again without the question.
    let third = w.report("王三", "2020-02-04");
    let else_one = NewContact {
        id: Some(w.id()),
        ask_alike: false,
        ..new
    };
    let answer = w.name(&w.operator(), third, else_one);
    assert_eq!(answer.result, Taken::Taken);
    assert_ne!(Some(w.row(answer.contact.unwrap()).person), person);
    // Who shares a name alone is somebody else.
    let namesake = asked(given("李建国", "13900139000"));
    assert_eq!(w.name(&w.operator(), third, namesake).result, Taken::Taken);
    // An officer who may not read the contact is not told of it.
    let neighbour = w.user(Role::AreaOfficer, NEIGHBOUR);
    let new = NewContact {
        area: area(NEIGHBOUR),
        ..asked(given("李建国", "13800138000"))
    };
    let refused = w.house.name_contacts(&neighbour, third, &[new]);
    assert!(matches!(refused, Err(Refusal::NotFound("case"))));
    w.holds();
}

#[test]
fn views_of_the_line_list_are_each_accounts_own() {
    let w = Tracing::new();
    let officer = w.user(Role::AreaOfficer, COUNTY);
    let other = w.user(Role::Epidemiologist, CITY);
    let view = |name: &str| NewView {
        id: Some(w.id()),
        view: None,
        name: name.into(),
        filters: CaseView {
            classification: Some(Classification::Suspected),
            from: Some(day("2020-02-01")),
            ..CaseView::default()
        },
    };
    let new = view(" Suspected of February ");
    let saved = w.house.save_view(&officer, &new).unwrap();
    assert_eq!(saved.name, "Suspected of February");
    let seq = w.seq();
    assert_eq!(w.house.save_view(&officer, &new).unwrap().view, saved.view);
    assert_eq!(w.seq(), seq, "sent twice is saved once");
    assert_eq!(
        w.house.saved_views(&officer).unwrap(),
        std::slice::from_ref(&saved)
    );
    assert_eq!(w.house.saved_views(&other).unwrap(), []);
    let told = |refused: Refusal| format!("{}: {}", refused.code(), refused.message().en);
    let again = w.house.save_view(&officer, &view("Suspected of February"));
    let nameless = w.house.save_view(&officer, &view("  "));
    let of_another = NewView {
        view: Some(saved.view),
        ..view("Mine")
    };
    let stolen = w.house.save_view(&other, &of_another);
    let removed = w.house.remove_view(&other, saved.view);
    let auditor = w.house.saved_views(&w.user(Role::Auditor, CITY));
    insta::assert_snapshot!(
        [
            told(again.unwrap_err()),
            told(nameless.unwrap_err()),
            told(stolen.unwrap_err()),
            told(removed.unwrap_err()),
            told(auditor.unwrap_err()),
        ]
        .join("\n")
    );
    let renamed = NewView {
        view: Some(saved.view),
        filters: CaseView::default(),
        ..view("All of them")
    };
    w.house.save_view(&officer, &renamed).unwrap();
    w.house.save_view(&officer, &view("Above")).unwrap();
    let names: Vec<String> = w
        .house
        .saved_views(&officer)
        .unwrap()
        .into_iter()
        .map(|view| view.name)
        .collect();
    assert_eq!(names, ["Above", "All of them"]);
    w.house.remove_view(&officer, saved.view).unwrap();
    assert_eq!(w.house.saved_views(&officer).unwrap().len(), 1);
    w.holds();
}
