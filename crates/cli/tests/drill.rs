//! `lianfang drill`: a small city played over real HTTP; nothing is lost, and the report equals a recount that is made from the
//! ledger's facts and the file of the truth alone.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::cases::Classification;
use lianfang_core::facts::{Body, Fact};
use lianfang_core::ids::{CaseId, MatterId, PersonId};
use lianfang_core::matters::Phase;
use lianfang_core::passes::Colour;
use lianfang_store::{Store, system_clock};
use serde_json::Value;

fn lianfang() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lianfang"));
    command
        .env("RUST_LOG", "error")
        .env_remove("LIANFANG_TOKEN");
    command
}

fn drill(folder: &Path, more: &[&str]) -> Output {
    lianfang()
        .args([
            "drill",
            "--first-day",
            "2020-03-02",
            "--format",
            "json",
            "--out",
        ])
        .arg(folder.join("out"))
        .args(more)
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Many infected and many passes, so that ten days of a small town have cases, contacts and wrong colours.
const BUSY: &str = "infected_first = 150.0\nhold_pass = 0.3\narrivals = 20.0
[superspreading]\nday = 2\ntownship = 0\ninfects = 12
[silence]\nfrom_day = 5\ndays = 2\ntownship = 1
[cut]\nday = 4\nfrom_hour = 8\nuntil_hour = 17\ntownship = 0\n";

/// The drill of the first test: small enough for every run.
fn played(folder: &Path) -> Value {
    let data = folder.join("data");
    let scenario = folder.join("scenario.toml");
    std::fs::write(&scenario, BUSY).unwrap();
    let output = drill(
        folder,
        &[
            "--people",
            "2000",
            "--days",
            "10",
            "--seed",
            "3",
            "--scenario",
            scenario.to_str().unwrap(),
            "--data-dir",
            data.to_str().unwrap(),
        ],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    // What is printed after the line that tells the address is the report, as the file has it.
    let printed = String::from_utf8(output.stdout).unwrap();
    let (_, printed) = printed.split_once('\n').unwrap();
    let report: Value = serde_json::from_str(printed).unwrap();
    assert_eq!(report, json(&folder.join("out/report.json")));
    report
}

/// Facts of a ledger, oldest first, with its store.
fn ledger(data: &Path) -> (Store, Vec<Fact>) {
    let store = Store::open(data, system_clock()).unwrap();
    let mut facts: Vec<Fact> = Vec::new();
    loop {
        let after = facts.last().map_or(0, |fact| fact.seq);
        let more = store.facts_after(after, 1_000).unwrap();
        if more.is_empty() {
            return (store, facts);
        }
        facts.extend(more);
    }
}

/// What the recount knows of an infection.
struct Infection {
    infector: Option<u64>,
    day: i64,
    from: i64,
    until: i64,
    onset: Option<i64>,
}

/// The truth as its file has it.
struct Truth {
    first_day: Date,
    last: i64,
    longest: i64,
    documents: HashMap<String, u64>,
    infections: BTreeMap<u64, Infection>,
    exposures: HashMap<u64, Vec<(i64, i64)>>,
    evenings: Vec<(i64, Timestamp)>,
    accepted: BTreeSet<String>,
    check_ins: u64,
}

fn truth(folder: &Path) -> Truth {
    let file = json(&folder.join("out/truth.json"));
    let number = |value: &Value| value.as_i64().unwrap();
    let mut exposures: HashMap<u64, Vec<(i64, i64)>> = HashMap::new();
    for one in file["exposures"].as_array().unwrap() {
        let person = one["person"].as_u64().unwrap();
        let span = (number(&one["first"]), number(&one["last"]));
        exposures.entry(person).or_default().push(span);
    }
    let texts = |of: &Value| -> Vec<String> {
        let texts = of.as_array().unwrap().iter();
        texts
            .map(|text| text.as_str().unwrap().to_owned())
            .collect()
    };
    Truth {
        first_day: file["first_day"].as_str().unwrap().parse().unwrap(),
        last: number(&file["days"]) - 1,
        longest: number(&file["longest_incubation"]),
        documents: texts(&file["documents"])
            .into_iter()
            .enumerate()
            .map(|(number, document)| (document, number as u64))
            .collect(),
        infections: file["infections"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let infection = Infection {
                    infector: one["infector"].as_u64(),
                    day: number(&one["day"]),
                    from: number(&one["infectious_from"]),
                    until: number(&one["infectious_until"]),
                    onset: one["onset"].as_i64(),
                };
                (one["person"].as_u64().unwrap(), infection)
            })
            .collect(),
        exposures,
        evenings: file["evenings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let at = one["at"].as_str().unwrap().parse().unwrap();
                (number(&one["day"]), at)
            })
            .collect(),
        accepted: texts(&file["accepted"]).into_iter().collect(),
        check_ins: file["check_ins_taken"].as_u64().unwrap(),
    }
}

impl Truth {
    fn nth(&self, day: Date) -> i64 {
        i64::from(day.since(self.first_day).unwrap().get_days())
    }

    fn is_infectious(&self, person: u64, day: i64) -> bool {
        let one = self.infections.get(&person);
        one.is_some_and(|one| one.from <= day && day <= one.until)
    }

    fn is_at_risk(&self, person: u64, day: i64) -> bool {
        if let Some(one) = self.infections.get(&person) {
            return one.day <= day && day <= one.until;
        }
        let near = self.exposures.get(&person).into_iter().flatten();
        near.into_iter()
            .any(|(first, last)| *first <= day && day - last <= self.longest)
    }
}

/// What the ledger says, folded by hand.
#[derive(Default)]
struct Recount {
    ids: HashMap<String, u32>,
    cases: BTreeMap<CaseId, (PersonId, Classification, Date)>,
    merged: BTreeSet<CaseId>,
    contacts: BTreeMap<(PersonId, CaseId), u32>,
    matters: BTreeMap<MatterId, (Timestamp, bool, bool)>,
    colours: BTreeMap<PersonId, Vec<(Timestamp, Colour)>>,
    visits: u64,
}

fn recount(facts: &[Fact]) -> Recount {
    let mut found = Recount::default();
    for fact in facts {
        *found.ids.entry(fact.id.to_string()).or_default() += 1;
        match fact.read_body().unwrap() {
            Body::CaseReported(it) | Body::CaseRevised(it) => {
                let details = &it.record.details;
                let stands = (
                    details.person.unwrap(),
                    details.classification,
                    details.reported.unwrap(),
                );
                found.cases.insert(it.record.case, stands);
            }
            Body::CaseMerged(it) => {
                found.merged.insert(it.case);
            }
            Body::ContactNamed(it) => {
                *found.contacts.entry((it.person, it.case)).or_default() += 1;
            }
            Body::MatterOpened(it) => {
                found.matters.insert(it.matter, (it.deadline, true, false));
            }
            Body::MatterActed(it) => {
                let matter = found.matters.get_mut(&it.matter).unwrap();
                matter.1 = !matches!(it.phase, Phase::Closed | Phase::Cancelled);
                matter.2 = it.phase == Phase::Closed;
            }
            Body::PassAssessed(it) => {
                let colours = found.colours.entry(it.person).or_default();
                colours.push((fact.recorded_at, it.colour));
            }
            Body::VisitsTaken(it) => found.visits += it.visits,
            _ => {}
        }
    }
    found
}

fn median(mut of: Vec<i64>) -> f64 {
    of.sort_unstable();
    of[of.len().div_ceil(2) - 1] as f64
}

#[test]
fn nothing_is_lost_and_the_report_equals_a_recount() {
    let folder = tempfile::tempdir().unwrap();
    let report = played(folder.path());
    let truth = truth(folder.path());
    let data = folder.path().join("data");
    let (store, facts) = ledger(&data);
    let found = recount(&facts);
    let now = facts.last().unwrap().recorded_at;
    let who = |person: PersonId| -> Option<u64> {
        let data = store.open_person(person).unwrap()?;
        truth.documents.get(data.document.as_deref()?).copied()
    };

    // Each acknowledged entry stands in the ledger exactly once, and duplicates were sent.
    assert!(truth.accepted.len() > 500, "{}", truth.accepted.len());
    for id in &truth.accepted {
        assert_eq!(found.ids.get(id), Some(&1), "{id}");
    }
    let entries = &report["entries"];
    assert_eq!(entries["accepted"], truth.accepted.len());
    assert_eq!(entries["in_ledger"], truth.accepted.len());
    for none in ["lost", "doubled", "unanswered", "refused_in_ledger"] {
        assert_eq!(entries[none], 0, "{none}");
    }
    assert!(entries["repeated"].as_u64().unwrap() > 0);
    assert!(entries["sent"].as_u64() > entries["made"].as_u64());
    assert_eq!(found.visits, truth.check_ins);
    assert_eq!(report["check_ins"]["taken"], found.visits);
    assert!(found.visits > 100);

    // Who was known, and when.
    let mut reported: BTreeMap<u64, i64> = BTreeMap::new();
    let (mut settled, mut strangers) = (BTreeSet::new(), 0);
    let listed: Vec<_> = found
        .cases
        .iter()
        .filter(|(case, _)| !found.merged.contains(case))
        .collect();
    for (_, (person, class, day)) in &listed {
        let Some(person) = who(*person) else {
            strangers += 1;
            continue;
        };
        if *class == Classification::Excluded {
            continue;
        }
        if *class != Classification::Suspected {
            settled.insert(person);
        }
        let day = truth.nth(*day);
        let first = reported.entry(person).or_insert(day);
        *first = (*first).min(day);
    }
    let known: Vec<_> = truth
        .infections
        .iter()
        .filter(|(person, _)| reported.contains_key(person))
        .collect();
    let missed = truth.infections.len() - known.len();
    assert!(known.len() > 3 && missed > 0, "{} {missed}", known.len());
    assert_eq!(report["truth"]["infected"], truth.infections.len());
    assert_eq!(report["missed"]["known"], known.len());
    assert_eq!(report["missed"]["missed"], missed);
    assert_eq!(report["missed"]["strangers"], strangers);
    let ill = truth.infections.iter().filter(|(person, one)| {
        !reported.contains_key(person) && one.onset.is_some_and(|onset| onset <= truth.last)
    });
    assert_eq!(report["missed"]["missed_with_symptoms"], ill.count());
    let never = |person: &&u64| !truth.infections.contains_key(person);
    assert_eq!(
        report["missed"]["false_cases"],
        settled.iter().filter(never).count()
    );
    let from_infection: Vec<i64> = known
        .iter()
        .map(|(person, one)| reported[*person] - one.day)
        .collect();
    let from_onset: Vec<i64> = known
        .iter()
        .filter_map(|(person, one)| Some(reported[*person] - one.onset?))
        .collect();
    let delays = &report["discovery"];
    assert_eq!(delays["infection_to_report"]["n"], from_infection.len());
    assert_eq!(
        delays["infection_to_report"]["median"],
        median(from_infection)
    );
    assert_eq!(delays["onset_to_report"]["n"], from_onset.len());
    assert_eq!(delays["onset_to_report"]["median"], median(from_onset));

    // Infections from one to another, and whether the one was named as the other's contact.
    let mut met = BTreeSet::new();
    for (person, case) in found.contacts.keys() {
        let of = found
            .cases
            .get(case)
            .and_then(|(person, _, _)| who(*person));
        if let (Some(person), Some(of)) = (who(*person), of) {
            met.insert((person, of));
            met.insert((of, person));
        }
    }
    let pairs: Vec<(u64, u64)> = truth
        .infections
        .iter()
        .filter_map(|(person, one)| Some((one.infector?, *person)))
        .collect();
    let named = pairs.iter().filter(|pair| met.contains(pair)).count();
    assert!(pairs.len() > 3 && named > 0, "{} {named}", pairs.len());
    assert_eq!(report["contacts"]["named"], found.contacts.len());
    assert_eq!(report["contacts"]["pairs"], pairs.len());
    assert_eq!(report["contacts"]["pairs_named"], named);
    assert_eq!(report["contacts"]["pairs_missed"], pairs.len() - named);

    // Colours, evening by evening, as they were assessed by then.
    let holders: Vec<(u64, &Vec<(Timestamp, Colour)>)> = found
        .colours
        .iter()
        .filter_map(|(person, colours)| Some((who(*person)?, colours)))
        .collect();
    let mut sums = [0_u64; 4];
    for (day, at) in &truth.evenings {
        for (person, colours) in &holders {
            let shown = colours.iter().rev().find(|(since, _)| since <= at);
            let Some((_, colour)) = shown else { continue };
            let infectious = truth.is_infectious(*person, *day);
            let limited = *colour != Colour::Green;
            sums[0] += u64::from(infectious);
            sums[1] += u64::from(infectious && !limited);
            sums[2] += u64::from(limited);
            sums[3] += u64::from(limited && !truth.is_at_risk(*person, *day));
        }
    }
    assert_eq!(truth.evenings.len(), 10);
    let colours = &report["colours"];
    assert_eq!(colours["infectious"], sums[0]);
    assert_eq!(colours["infectious_green"], sums[1]);
    assert_eq!(colours["limited"], sums[2]);
    assert_eq!(colours["limited_not_at_risk"], sums[3]);
    assert!(sums[0] > 0 && sums[2] > 0, "{sums:?}");

    // Matters.
    let matters = found.matters.values();
    let closed = matters.clone().filter(|(_, _, closed)| *closed).count();
    let late = matters.filter(|(deadline, live, _)| *live && *deadline < now);
    assert_eq!(report["loops"]["opened"], found.matters.len());
    assert_eq!(report["loops"]["closed"], closed);
    assert_eq!(report["loops"]["late"], late.count());
    assert!(closed > 0);

    // Surprises happened, requests were timed, and the ledger verifies.
    assert_eq!(report["surprises"].as_array().unwrap().len(), 3);
    let requests = &report["requests"];
    assert!(requests["all"]["requests"].as_u64().unwrap() > 1_000);
    assert!(requests["all"]["p99_ms"].as_f64() >= requests["all"]["p50_ms"].as_f64());
    assert_eq!(report["drill"]["days_played"], 10);
    drop(store);
    let verified = lianfang()
        .args(["audit", "verify", "--data-dir"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", stderr(&verified));
    // Served as what it is not, a drill's folder is refused.
    let served = lianfang()
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(!served.status.success());
    assert!(
        stderr(&served).contains("holds a drill"),
        "{}",
        stderr(&served)
    );
}

#[test]
fn what_cannot_be_played_is_refused_before_anything_is_founded() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let scenario = folder.path().join("scenario.toml");
    std::fs::write(&scenario, "see_doctor = 2").unwrap();
    let scenario = scenario.to_str().unwrap();
    let refused: [(&[&str], &str); 10] = [
        (&["--data-dir", data, "--people", "0"], "people is 0"),
        (&["--data-dir", data, "--people", "-5"], "--people -5"),
        (&["--data-dir", data, "--days", "0"], "days is 0"),
        (&["--data-dir", data, "--days", "-3"], "--days -3"),
        (&["--data-dir", data, "--leave", "wizard"], "wizard"),
        (
            &["--data-dir", data, "--leave", "enterprises"],
            "enterprises",
        ),
        (&["--data-dir", data, "--speed", "fast"], "1day=2s"),
        (&["--data-dir", data, "--scenario", scenario], "see_doctor"),
        (&[], "--data-dir"),
        (&["--server", "http://127.0.0.1:1"], "does not answer"),
    ];
    for (args, says) in refused {
        let output = drill(folder.path(), args);
        assert!(!output.status.success(), "{args:?}");
        assert!(
            stderr(&output).contains(says),
            "{args:?}: {}",
            stderr(&output)
        );
    }
    assert!(!Path::new(data).exists());
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("kept.txt"), "kept").unwrap();
    let output = drill(folder.path(), &["--data-dir", other.to_str().unwrap()]);
    assert!(
        stderr(&output).contains("something else than a drill"),
        "{}",
        stderr(&output)
    );
    assert!(other.join("kept.txt").exists());
}

/// A server that ends with the value.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(verb: &[&str], data: &Path) -> Self {
        let mut child = lianfang()
            .args(verb)
            .args(["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let address = ready["address"].as_str().unwrap().to_owned();
        Self { child, address }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have been ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_live_city_is_refused_unless_that_is_said_twice() {
    let folder = tempfile::tempdir().unwrap();
    let live = Served::start(&["serve"], &folder.path().join("live"));
    let server = ["--server", live.address.as_str()];
    let tried = |more: &[&str]| {
        let output = drill(folder.path(), &[&server, more].concat());
        assert!(!output.status.success(), "{more:?}");
        stderr(&output)
    };
    assert!(tried(&[]).contains("no drill but a live city"));
    assert!(tried(&["--live"]).contains("no drill but a live city"));
    assert!(tried(&["--yes-this-is-a-live-city"]).contains("--live"));
    // Said twice, the next thing that is asked for is who may do so.
    let twice = ["--live", "--yes-this-is-a-live-city"];
    assert!(tried(&twice).contains("token of an administrator"));
    let token = folder.path().join("token");
    std::fs::write(&token, "lf_0000").unwrap();
    let with_token = [&twice[..], &["--token-file", token.to_str().unwrap()]].concat();
    assert!(
        tried(&with_token).contains("not_signed_in"),
        "{}",
        tried(&with_token)
    );
    assert!(!folder.path().join("out").exists());
}

#[test]
fn a_server_that_goes_away_leaves_a_report_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Served::start(
        &["drill", "serve", "--first-day", "2020-03-02"],
        &folder.path().join("data"),
    );
    let mut child = lianfang()
        .args(["drill", "--people", "1000", "--days", "180", "--server"])
        .arg(&server.address)
        .arg("--out")
        .arg(folder.path().join("out"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Killed once the second day is over: days are told as they end.
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut ended = 0;
    for line in told.by_ref() {
        ended += u32::from(line.unwrap().contains("infected so far"));
        if ended == 2 {
            break;
        }
    }
    assert_eq!(ended, 2);
    server.kill();
    let rest: Vec<String> = told.map(Result::unwrap).collect();
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success());
    let said = rest.join("\n");
    assert!(said.contains("does not answer"), "{said}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("BROKEN OFF"), "{printed}");
    assert!(printed.contains("Ledger: could not be read"), "{printed}");
    let report = json(&folder.path().join("out/report.json"));
    assert!(report["drill"]["days_played"].as_u64().unwrap() >= 2);
    assert!(report["entries"]["accepted"].as_u64().unwrap() > 20);
    assert!(report["missed"].is_null() && report["entries"]["lost"].is_null());
}

#[test]
fn a_role_that_is_left_to_people_is_not_played() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let output = drill(
        folder.path(),
        &[
            "--people",
            "3000",
            "--days",
            "2",
            "--leave",
            "gate",
            "--without",
            "laboratory",
            "--speed",
            "1day=1s",
            "--data-dir",
            data.to_str().unwrap(),
        ],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let (_, facts) = ledger(&data);
    let of = |kind: &str| facts.iter().filter(|fact| fact.kind == kind).count();
    assert_eq!(of("entrant.checked/1"), 0);
    assert_eq!(of("case.resulted/1"), 0);
    assert!(of("entrant.found/1") > 0, "declared all the same");
    assert!(of("pass.asked/1") > 0);
    let calls = std::fs::read_to_string(folder.path().join("out/calls.csv")).unwrap();
    let arrivals = calls
        .lines()
        .filter(|line| line.contains("arrives"))
        .count();
    assert!(arrivals > 0, "{calls}");
    let report = json(&folder.path().join("out/report.json"));
    assert_eq!(
        report["drill"]["left"],
        serde_json::json!(["gate", "laboratory"])
    );
    assert_eq!(report["entries"]["lost"], 0);
}
