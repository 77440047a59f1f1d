//! Entry: found by four sources, checked at a gate, handed over, received by another.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::cell::Cell;

use common::{CITY, COUNTY, NEIGHBOUR, Testbed, User, VILLAGE, area, day};
use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::Role;
use lianfang_core::entry::{
    CheckpointKind, Destination, Journey, Mode, Receiver, Source, Stage, Symptom, Triage,
};
use lianfang_core::ids::{CheckpointId, EntrantId, FactId, MatterId, PersonId};
use lianfang_core::passes::PassShown;
use lianfang_policy::Pack;
use lianfang_service::entry::{ChosenEntrants, EntrantShown};
use lianfang_service::field::{
    Circumstances, Coming, EntryAnswer, FieldEntry, Happening, PersonGiven, Taken,
};
use lianfang_service::matters::{MatterQuery, MatterView};
use lianfang_service::policy::NewPolicy;
use lianfang_service::{Actor, FIRST_PACK};

const WUHAN: &str = "420100";
const SHANGHAI: &str = "310000";
const LI: &str = "11010519491231002X";
const WANG: &str = "110101199003074477";

/// A testbed with a gate, and ids that count up.
#[allow(clippy::struct_field_names, reason = "a gate's own id")]
struct Gate {
    bed: Testbed,
    staff: User,
    officer: User,
    gate: CheckpointId,
    next: Cell<u128>,
}

impl std::ops::Deref for Gate {
    type Target = Testbed;

    fn deref(&self) -> &Testbed {
        &self.bed
    }
}

fn taken(answer: &EntryAnswer) -> &EntryAnswer {
    assert_eq!(answer.result, Taken::Taken, "{:?}", answer.refusal);
    answer
}

fn why(answer: &EntryAnswer) -> String {
    assert_eq!(answer.result, Taken::Refused);
    let refusal = answer.refusal.as_ref().unwrap();
    assert!(!refusal.message.zh.is_empty() && answer.entrant.is_none());
    let field = refusal.field.unwrap_or("-");
    format!("{} {field}: {}", refusal.code, refusal.message.en)
}

fn person(name: &str, document: Option<&str>, phone: Option<&str>) -> PersonGiven {
    PersonGiven {
        name: Some(name.into()),
        document: document.map(str::to_owned),
        phone: phone.map(str::to_owned),
        ..PersonGiven::default()
    }
}

fn coming(from: &str, arrival: Timestamp) -> Coming {
    Coming {
        journey: Journey {
            mode: Mode::Rail,
            number: Some("G7301".into()),
            seat: None,
            from: Some(from.into()),
            stops: Vec::new(),
        },
        arrival,
        destination: Destination::Here,
        bound_for: Some(area(VILLAGE)),
        circumstances: Circumstances::default(),
        party: None,
    }
}

impl Gate {
    fn new() -> Self {
        let bed = Testbed::city();
        let officer = bed.user(Role::AreaOfficer, COUNTY);
        let staff = bed.user(Role::CheckpointStaff, COUNTY);
        let mut gate = Self {
            bed,
            staff,
            officer,
            gate: CheckpointId::from_bytes([0; 16]),
            next: Cell::new(1),
        };
        let made = gate.entry(gate.checkpoint(CheckpointKind::Railway, true));
        taken(&gate.send(&gate.officer, &made));
        gate.gate = CheckpointId::from_bytes(made.id.to_bytes());
        gate
    }

    #[allow(clippy::unused_self, reason = "reads as what the gate's people write")]
    fn checkpoint(&self, place: CheckpointKind, open: bool) -> Happening {
        Happening::Checkpoint {
            checkpoint: None,
            area: area(COUNTY),
            place,
            name: "火车站".into(),
            name_en: Some("Railway station".into()),
            lanes: 4,
            open,
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

    fn by(&self, actor: &Actor, what: Happening) -> EntryAnswer {
        self.send(actor, &self.entry(what))
    }

    fn notice(
        &self,
        source: Source,
        person: PersonGiven,
        coming: Coming,
        arrived: bool,
    ) -> EntryAnswer {
        self.by(
            &self.officer,
            Happening::Notice {
                source,
                person,
                coming,
                arrived,
                list: (source == Source::List).then(|| "G7301 2020-02-09".into()),
                household: None,
            },
        )
    }

    fn check(&self, person: PersonGiven, coming: Coming) -> Happening {
        Happening::CheckIn {
            checkpoint: self.gate,
            lane: Some(1),
            entrant: None,
            person: Some(person),
            coming: Some(coming),
            circumstances: None,
            temperature: Some(36.6),
            symptoms: Vec::new(),
            pass: PassShown::None,
            neighbour_pass: false,
            shown: None,
            seconds: Some(12),
        }
    }

    fn all(&self) -> Vec<EntrantShown> {
        let chosen = ChosenEntrants {
            limit: 200,
            ..ChosenEntrants::default()
        };
        self.house.entrants(&self.officer, &chosen).unwrap().0
    }

    fn stage(&self, entrant: EntrantId) -> Stage {
        self.house
            .entrant(&self.officer, entrant)
            .unwrap()
            .row
            .stage
    }

    fn matters(&self, kind: &str) -> usize {
        let query = MatterQuery {
            view: MatterView::Area,
            kind: Some(kind.into()),
            limit: 100,
            ..MatterQuery::default()
        };
        self.house.matters(&self.officer, &query).unwrap().0.len()
    }

    fn send_on(&self, entrants: Vec<EntrantId>) -> Happening {
        Happening::Send {
            entrants,
            receiver: Receiver::Community,
            area: area(VILLAGE),
            site: None,
            checkpoint: None,
            vehicle: Some("浙D12345".into()),
            escort: None,
            expected: self.house.now() + SignedDuration::from_hours(1),
        }
    }
}

/// What the gate learns of somebody announced counts at once: with a home fit for it the policy
/// has a needy person stay there.
#[test]
fn the_gate_adds_what_it_learns() {
    let gate = Gate::new();
    let announced = gate.notice(
        Source::List,
        person("李雷", Some(LI), None),
        coming(WUHAN, gate.house.now() + SignedDuration::from_hours(1)),
        false,
    );
    gate.hours_later(1);
    let seen = |learnt: Option<Circumstances>| Happening::CheckIn {
        checkpoint: gate.gate,
        lane: None,
        entrant: announced.entrant,
        person: None,
        coming: None,
        circumstances: learnt,
        temperature: Some(36.5),
        symptoms: Vec::new(),
        pass: PassShown::None,
        neighbour_pass: false,
        shown: None,
        seconds: None,
    };
    let triage = |answer: &EntryAnswer| taken(answer).decision.clone().unwrap().triage;
    let plain = gate.by(&gate.staff, seen(None));
    assert_eq!(triage(&plain), Some(Triage::SiteQuarantine));
    let learnt = Circumstances {
        needs_care: true,
        home_suitable: true,
        ..Circumstances::default()
    };
    let told = gate.by(&gate.staff, seen(Some(learnt)));
    assert_eq!(triage(&told), Some(Triage::HomeQuarantine));
    // It stays on record.
    let again = gate.by(&gate.staff, seen(None));
    assert_eq!(triage(&again), Some(Triage::HomeQuarantine));
    gate.holds();
}

#[test]
fn four_sources_make_one_entrant() {
    let gate = Gate::new();
    let arrival = gate.house.now() + SignedDuration::from_hours(6);
    let li = || person("李雷", Some(LI), Some("13900139000"));
    gate.notice(
        Source::List,
        person("李雷", Some(LI), None),
        coming(WUHAN, arrival),
        false,
    );
    gate.hours_later(2);
    gate.notice(Source::Declared, li(), coming(WUHAN, arrival), false);
    gate.hours_later(5);
    let checked = gate.by(
        &gate.staff,
        gate.check(li(), coming(WUHAN, gate.house.now())),
    );
    let decision = taken(&checked).decision.clone().unwrap();
    assert_eq!(decision.triage, Some(Triage::SiteQuarantine));
    gate.hours_later(3);
    gate.notice(Source::Canvass, li(), coming(WUHAN, gate.house.now()), true);
    let all = gate.all();
    assert_eq!(all.len(), 1);
    let whole = gate.house.entrant(&gate.officer, all[0].entrant).unwrap();
    let sources: Vec<Source> = whole.notices.iter().map(|notice| notice.source).collect();
    assert_eq!(
        sources,
        [
            Source::List,
            Source::Declared,
            Source::Checkpoint,
            Source::Canvass
        ]
    );
    assert_eq!(whole.row.source, Source::List);
    assert!((whole.row.found_after_hours - -7.0).abs() < 0.2);
    assert_eq!(whole.row.stage, Stage::ToSend);
    assert!(whole.checks[0].reason.is_some());
    let numbers = gate
        .house
        .entry_numbers(&gate.officer, None, Some(day("2020-02-09")))
        .unwrap();
    assert_eq!(numbers.arrived, 1);
    assert_eq!(numbers.sources[3].before_arrival, 1);
    gate.holds();
}

#[test]
fn the_same_document_under_another_name_is_one_until_somebody_says_otherwise() {
    let gate = Gate::new();
    let arrival = gate.house.now();
    let first = gate.notice(
        Source::List,
        person("李雷", Some(LI), None),
        coming(SHANGHAI, arrival),
        true,
    );
    let first = taken(&first).entrant.unwrap();
    let second = gate.notice(
        Source::Canvass,
        person("李蕾", Some(LI), None),
        coming(SHANGHAI, arrival),
        true,
    );
    assert_eq!(taken(&second).entrant, Some(first));
    assert_eq!(gate.all().len(), 1);
    let whole = gate.house.entrant(&gate.officer, first).unwrap();
    assert_eq!(whole.records.len(), 1);
    let record = whole.records[0].entrant;
    let part = Happening::Part {
        entrant: record,
        reason: "另有其人 · another person".into(),
    };
    taken(&gate.by(&gate.officer, part.clone()));
    assert_eq!(gate.all().len(), 2);
    assert_eq!(
        why(&gate.by(&gate.officer, part)),
        "conflict -: This record was not taken into another."
    );
    gate.holds();
}

#[test]
fn who_is_likely_the_same_is_offered_and_taken_for_one_by_a_tap() {
    let gate = Gate::new();
    let arrival = gate.house.now() + SignedDuration::from_hours(1);
    let born = |name: &str, phone: Option<&str>| PersonGiven {
        born: Some(day("1988-07-21")),
        ..person(name, None, phone)
    };
    let one = gate.notice(
        Source::List,
        born("赵晓明", Some("13900139001")),
        coming(SHANGHAI, arrival),
        false,
    );
    let other = gate.notice(
        Source::Declared,
        born("赵小明", Some("13900139001")),
        coming(SHANGHAI, arrival),
        false,
    );
    let (one, other) = (one.entrant.unwrap(), other.entrant.unwrap());
    assert_ne!(one, other);
    let pairs = gate.house.alike(&gate.officer, None).unwrap();
    assert_eq!(pairs.len(), 1);
    assert!(
        pairs[0].same.contains(&"phone".to_owned()),
        "{:?}",
        pairs[0].same
    );
    // Whichever way round it is tapped.
    taken(&gate.by(
        &gate.staff,
        Happening::Join {
            entrant: other,
            into: one,
        },
    ));
    assert_eq!(gate.all().len(), 1);
    assert!(gate.house.alike(&gate.officer, None).unwrap().is_empty());
    assert_eq!(
        why(&gate.by(
            &gate.staff,
            Happening::Join {
                entrant: one,
                into: other
            }
        )),
        "conflict -: These two are taken for one already."
    );
    let record = gate.house.entrant(&gate.officer, one).unwrap().records[0].entrant;
    taken(&gate.by(
        &gate.staff,
        Happening::Part {
            entrant: record,
            reason: "not the same".into(),
        },
    ));
    assert_eq!(gate.all().len(), 2);
    assert!(
        gate.house.alike(&gate.officer, None).unwrap().is_empty(),
        "not offered again"
    );
    gate.holds();
}

#[test]
fn bad_entries_are_refused_each_with_its_reason_and_nothing_is_written() {
    let gate = Gate::new();
    let now = gate.house.now();
    let li = || person("李雷", Some(LI), None);
    let check = |change: &dyn Fn(&mut Happening)| {
        let mut what = gate.check(li(), coming(WUHAN, now));
        change(&mut what);
        what
    };
    let at = |what: &mut Happening, celsius: f64| {
        if let Happening::CheckIn { temperature, .. } = what {
            *temperature = Some(celsius);
        }
    };
    let closed = gate.entry(gate.checkpoint(CheckpointKind::Road, false));
    taken(&gate.send(&gate.officer, &closed));
    let nobody = EntrantId::from_bytes([7; 16]);
    let stranger = gate.user(Role::CheckpointStaff, NEIGHBOUR);
    let seq = gate.seq();
    let mut said = Vec::new();
    for what in [
        check(&|what| at(what, 20.0)),
        check(&|what| at(what, 60.0)),
        check(&|what| {
            if let Happening::CheckIn { checkpoint, .. } = what {
                *checkpoint = CheckpointId::from_bytes([9; 16]);
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { checkpoint, .. } = what {
                *checkpoint = CheckpointId::from_bytes(closed.id.to_bytes());
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { lane, .. } = what {
                *lane = Some(5);
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { person, .. } = what {
                *person = Some(super_person("110105194912310021"));
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { person, .. } = what {
                *person = Some(PersonGiven::default());
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { person, .. } = what {
                person.as_mut().unwrap().phone = Some("12".into());
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { person, .. } = what {
                person.as_mut().unwrap().born = Some(day("1990-01-01"));
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { coming, .. } = what {
                coming.as_mut().unwrap().journey.from = Some("武汉".into());
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { coming, .. } = what {
                coming.as_mut().unwrap().bound_for = Some(area("330683999"));
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { coming, .. } = what {
                coming.as_mut().unwrap().bound_for = Some(area("440300"));
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { coming, .. } = what {
                coming.as_mut().unwrap().arrival = now + SignedDuration::from_hours(3);
            }
        }),
        check(&|what| {
            if let Happening::CheckIn { coming, .. } = what {
                *coming = None;
            }
        }),
        Happening::ResidentPass {
            checkpoint: gate.gate,
            person: PersonId::from_bytes([3; 16]),
        },
        Happening::NotCome {
            entrant: nobody,
            reason: "not seen".into(),
        },
        Happening::Send {
            entrants: vec![nobody],
            receiver: Receiver::Site,
            area: area(COUNTY),
            site: None,
            checkpoint: None,
            vehicle: None,
            escort: None,
            expected: now - SignedDuration::from_hours(1),
        },
    ] {
        said.push(why(&gate.by(&gate.staff, what)));
    }
    let mut late = gate.entry(gate.check(li(), coming(WUHAN, now)));
    late.at = now + SignedDuration::from_hours(1);
    said.push(why(&gate.send(&gate.staff, &late)));
    late.at = now - SignedDuration::from_hours(24 * 40);
    said.push(why(&gate.send(&gate.staff, &late)));
    said.push(why(
        &gate.by(&stranger, gate.check(li(), coming(WUHAN, now)))
    ));
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!(gate.seq(), seq, "nothing was written");
    assert!(gate.all().is_empty());
}

fn super_person(document: &str) -> PersonGiven {
    person("李雷", Some(document), None)
}

#[test]
fn an_entry_sent_again_changes_nothing_also_a_week_later() {
    let gate = Gate::new();
    let entry = gate.entry(gate.check(
        person("李雷", Some(LI), None),
        coming(WUHAN, gate.house.now()),
    ));
    taken(&gate.send(&gate.staff, &entry));
    let seq = gate.seq();
    gate.hours_later(24 * 7);
    let again = gate.send(&gate.staff, &entry);
    assert_eq!(again.result, Taken::Repeated);
    assert!(again.entrant.is_some());
    let twice = gate
        .house
        .take_entries(&gate.staff, &[entry.clone(), entry.clone()])
        .unwrap();
    assert!(twice.iter().all(|answer| answer.result == Taken::Repeated));
    let mut other = entry.clone();
    other.what = gate.check(
        person("王芳", Some(WANG), None),
        coming(WUHAN, gate.house.now()),
    );
    assert_eq!(
        why(&gate.send(&gate.staff, &other)),
        "conflict -: This id was used for something else. Send it under a new id."
    );
    assert_eq!(gate.seq(), seq);
}

#[test]
fn a_batch_is_taken_entry_by_entry() {
    let gate = Gate::new();
    let now = gate.house.now();
    let check = gate.entry(gate.check(person("李雷", Some(LI), None), coming(WUHAN, now)));
    let entrant = EntrantId::from_bytes(check.id.to_bytes());
    let bad = gate.entry(gate.check(PersonGiven::default(), coming(WUHAN, now)));
    let send = gate.entry(gate.send_on(vec![entrant]));
    let answers = gate
        .house
        .take_entries(&gate.staff, &[check, bad, send.clone()])
        .unwrap();
    let results: Vec<Taken> = answers.iter().map(|answer| answer.result).collect();
    assert_eq!(results, [Taken::Taken, Taken::Refused, Taken::Taken]);
    assert_eq!(gate.stage(entrant), Stage::OnTheWay);
    let many = vec![send; 501];
    assert!(gate.house.take_entries(&gate.staff, &many).is_err());
}

#[test]
fn a_hand_over_is_received_by_another_or_climbs() {
    let gate = Gate::new();
    let grid = gate.user(Role::GridWorker, VILLAGE);
    let now = gate.house.now();
    let mut entrants = Vec::new();
    for (name, document) in [("李雷", LI), ("王芳", WANG)] {
        let checked = gate.by(
            &gate.staff,
            gate.check(person(name, Some(document), None), coming(WUHAN, now)),
        );
        entrants.push(taken(&checked).entrant.unwrap());
    }
    let sent = gate.entry(gate.send_on(entrants.clone()));
    taken(&gate.send(&gate.staff, &sent));
    let handover = MatterId::from_bytes(sent.id.to_bytes());
    assert_eq!(gate.stage(entrants[0]), Stage::OnTheWay);
    assert_eq!(gate.matters("handover"), 1);
    // Sent twice at once: they are on the way already.
    assert!(why(&gate.by(&gate.staff, gate.send_on(entrants.clone()))).starts_with("conflict"));
    let receive = |here: &[EntrantId], missing: &[EntrantId]| Happening::Receive {
        handover,
        entrants: here.to_vec(),
        missing: missing.to_vec(),
    };
    // Whoever sent them cannot receive them; nor can somebody of another place.
    assert!(why(&gate.by(&gate.staff, receive(&entrants, &[]))).starts_with("forbidden"));
    gate.hours_later(3);
    assert_eq!(gate.house.escalate_late().unwrap(), 1);
    let numbers = gate.house.entry_numbers(&gate.officer, None, None).unwrap();
    assert_eq!((numbers.handovers, numbers.handovers_late), (1, 1));
    taken(&gate.by(&grid, receive(&entrants[..1], &entrants[1..])));
    assert_eq!(gate.stage(entrants[0]), Stage::ToPlace);
    assert_eq!(gate.stage(entrants[1]), Stage::Missing);
    assert_eq!(gate.matters("missing_person"), 1);
    assert_eq!(gate.matters("handover"), 0, "closed by the receipt");
    assert!(why(&gate.by(&grid, receive(&entrants[..1], &[]))).starts_with("conflict"));
    // Found after all.
    taken(&gate.by(&grid, receive(&entrants[1..], &[])));
    assert_eq!(gate.stage(entrants[1]), Stage::ToPlace);
    gate.holds();
}

#[test]
fn what_a_phone_decided_without_network_is_looked_at_again() {
    let gate = Gate::new();
    let mut what = gate.check(
        person("李雷", Some(LI), None),
        coming(WUHAN, gate.house.now()),
    );
    if let Happening::CheckIn {
        shown, symptoms, ..
    } = &mut what
    {
        *shown = Some(Triage::Pass);
        symptoms.push(Symptom::Cough);
    }
    let answer = gate.by(&gate.staff, what);
    let decision = taken(&answer).decision.clone().unwrap();
    assert!(decision.differs);
    assert_eq!(decision.triage, Some(Triage::FeverClinic));
    assert_eq!(gate.matters("recheck"), 1);
    assert_eq!(gate.stage(answer.entrant.unwrap()), Stage::ToSend);
}

#[test]
fn a_declaration_opens_nothing_but_itself() {
    let gate = Gate::new();
    let arrival = gate.house.now();
    let checked = gate.by(
        &gate.staff,
        gate.check(person("李雷", Some(LI), None), coming(WUHAN, arrival)),
    );
    let known = taken(&checked).entrant.unwrap();
    let declaration = gate.entry(Happening::Notice {
        source: Source::Declared,
        person: person("李雷", Some(LI), None),
        coming: coming(WUHAN, arrival),
        arrived: false,
        list: None,
        household: None,
    });
    let (answer, code) = gate.house.declare(&declaration).unwrap();
    assert_eq!(answer.result, Taken::Taken);
    assert_eq!(
        answer.entrant, None,
        "nobody learns whether the holder is known"
    );
    let me = gate.house.me(&code.unwrap()).unwrap();
    assert_ne!(me.entrant, known);
    assert_eq!((me.stage, me.order), (Stage::Expected, None));
    let own = gate.house.me(&gate.house.personal_code(known)).unwrap();
    assert_eq!(own.stage, Stage::ToSend);
    let wrong = Happening::Settle {
        entrant: known,
        stage: Stage::Gone,
        reason: "gone home".into(),
    };
    assert!(gate.house.declare(&gate.entry(wrong)).is_err());
}

#[test]
fn the_queue_and_the_wave_are_reckoned_from_what_was_measured() {
    let gate = Gate::new();
    gate.at("2020-02-08T08:00:00+08:00");
    for n in 0..60_i64 {
        gate.later(SignedDuration::from_mins(1));
        let name = format!("来客{n}");
        taken(&gate.by(
            &gate.staff,
            gate.check(
                person(&name, None, None),
                coming(SHANGHAI, gate.house.now()),
            ),
        ));
    }
    gate.at("2020-02-09T08:30:00+08:00");
    let queue = gate.house.gate_queue(&gate.staff, gate.gate).unwrap();
    let measured = queue.measured.unwrap();
    assert!((measured.mean_seconds - 12.0).abs() < 0.5, "{measured:?}");
    assert!(
        (queue.foreseen[0].expected - 59.0).abs() <= 1.0,
        "{:?}",
        queue.foreseen[0]
    );
    assert_eq!(queue.needed.unwrap().lanes, 1);
    for n in 0..30 {
        let name = format!("返程{n}");
        let tomorrow = gate.house.now() + SignedDuration::from_hours(26);
        gate.notice(
            Source::List,
            person(&name, None, None),
            coming(SHANGHAI, tomorrow),
            false,
        );
    }
    let wave = gate.house.arrivals_foreseen(&gate.officer, None).unwrap();
    assert_eq!(wave.days[0].announced, 30);
    assert_eq!(wave.past.last().unwrap().arrived, 60);
    let today = &wave.today;
    assert_eq!((today.arrived, today.day.announced), (0, 0));
    assert_eq!(today.day.day, "2020-02-09".parse().unwrap());
    assert_eq!(today.day.day.tomorrow().unwrap(), wave.days[0].day);
    assert!(wave.gates[0].lanes_needed.is_some());
    let kit = gate.house.gate_kit(&gate.staff, gate.gate).unwrap();
    assert_eq!(
        kit.expected.len(),
        30,
        "who has passed is not expected any more"
    );
    assert!(
        kit.expected
            .iter()
            .all(|who| who.name.as_deref().is_none_or(|name| name.contains('*')))
    );
}

#[test]
fn a_neighbour_s_pass_counts_by_the_pack_s_rule() {
    let gate = Gate::new();
    let shows = |nth: u32, neighbours: bool| {
        let name = format!("来人{nth}");
        let mut what = gate.check(
            person(&name, None, None),
            Coming {
                circumstances: Circumstances {
                    home_suitable: true,
                    ..Circumstances::default()
                },
                ..coming(SHANGHAI, gate.house.now())
            },
        );
        if let Happening::CheckIn {
            pass,
            neighbour_pass,
            ..
        } = &mut what
        {
            *pass = PassShown::Yellow;
            *neighbour_pass = neighbours;
        }
        let answer = gate.by(&gate.staff, what);
        taken(&answer).decision.clone().unwrap().triage.unwrap()
    };
    assert_eq!(shows(1, false), Triage::HomeQuarantine);
    assert_eq!(shows(2, true), Triage::HomeQuarantine);

    let text = Pack::shipped(FIRST_PACK).unwrap().text;
    let text = text
        .replace("version = \"2020.03.19.5\"", "version = \"neighbours\"")
        .replace(
            "\nwhen = \"pass == 'yellow'\"\n",
            "\nwhen = \"pass == 'yellow' && !neighbour_pass\"\n",
        );
    let new = NewPolicy {
        id: None,
        text,
        from: None,
        note: "a neighbour's yellow pass counts as none".into(),
    };
    let id = gate
        .house
        .propose_policy(&gate.user(Role::Epidemiologist, CITY), &new)
        .unwrap();
    gate.hours_later(1);
    gate.house
        .approve_policy(&gate.user(Role::Commander, CITY), id)
        .unwrap();
    gate.hours_later(1);
    assert_eq!(shows(3, false), Triage::HomeQuarantine);
    assert_eq!(shows(4, true), Triage::Pass);
}
