//! Killed with SIGKILL at random moments while it writes, 200 times over on one data folder:
//! nothing acknowledged is missing, and nothing is half there.
//!
//! The program itself serves; clients send matters, daily reports and small line lists over HTTP
//! under ids of their own, and note what was acknowledged. The moments are drawn from a seed.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lianfang_core::access::{Grant, Role};
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::MatterId;
use lianfang_core::text::Language;
use lianfang_core::time::UtcOffset;
use lianfang_intake::{Kind, Source};
use lianfang_service::imports::ImportRequest;
use lianfang_service::{Actor, House};
use lianfang_store::views::cases::{self, CaseFilter, CaseOrder};
use lianfang_store::views::matters;
use lianfang_store::{Store, system_clock};

const KILLS: u64 = 200;
const SEED: u64 = 0x1a5f_a46e;
/// A full audit after so many kills.
const AUDIT_EVERY: u64 = 20;
/// Rows of a line list, which the ledger takes together or not at all.
const ROWS: u64 = 3;
const AREAS: &str = "code,name\n330600,Shaoxing\n330602,Yuecheng\n330683,Shengzhou\n";

/// Numbers from a seed (splitmix64): the same run every time, as far as the machine allows.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// What the writers of all rounds share: a session, and numbers that are given out once.
struct Desk {
    /// The cases' day: the program forgets those of long ago as soon as it starts.
    day: String,
    cookie: String,
    csrf: String,
    next: AtomicU64,
}

fn found(folder: &Path) -> Desk {
    let root: AreaCode = "330600".parse().unwrap();
    let house = House::found(
        folder,
        root,
        UtcOffset::CHINA,
        &lianfang_policy::Pack::shipped(lianfang_service::FIRST_PACK).unwrap(),
        system_clock(),
    )
    .unwrap();
    let request = ImportRequest {
        kind: Kind::Areas,
        preset: None,
        area: None,
        dry_run: false,
        digest: String::new(),
        language: Language::En,
    };
    let source = Source::bytes("areas.csv", AREAS.as_bytes().to_vec());
    house
        .import(&Actor::house("test"), source, &request, &mut |_| {})
        .unwrap();
    let grant = Grant {
        role: Role::AreaOfficer,
        area: root,
    };
    house
        .open_demo_account("writer", "Writer", "correct horse 7", grant)
        .unwrap();
    let session = house.sign_in("writer", "correct horse 7", "test").unwrap();
    Desk {
        day: house.today().yesterday().unwrap().to_string(),
        cookie: session.cookie,
        csrf: session.csrf,
        next: AtomicU64::new(1),
    }
}

fn spawn(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_lianfang"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder)
        .env("RUST_LOG", "error")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The address that the program prints once it listens.
fn address(server: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).expect("the program serves");
    let address = ready["address"].as_str().unwrap();
    address.strip_prefix("http://").unwrap().to_owned()
}

/// One request over a kept connection; `None` once the program is gone.
fn post(
    stream: &mut BufReader<TcpStream>,
    desk: &Desk,
    path: &str,
    content: &str,
    body: &str,
) -> Option<u16> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nCookie: lianfang_session={}\r\nx-csrf-token: {}\r\n\
         Content-Type: {content}\r\nContent-Length: {}\r\n\r\n",
        desk.cookie,
        desk.csrf,
        body.len()
    );
    let socket = stream.get_mut();
    socket.write_all(head.as_bytes()).ok()?;
    socket.write_all(body.as_bytes()).ok()?;
    let (mut status, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(code) = line.strip_prefix("http/1.1 ") {
            status = code.get(..3)?.parse().ok();
        }
        if let Some(bytes) = line.strip_prefix("content-length: ") {
            length = bytes.parse().ok()?;
        }
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).ok()?;
    status
}

/// What a writer sent.
#[derive(Debug, Clone, Copy)]
enum Sent {
    Matter(u64),
    List(u64),
    Report(u64),
}

fn matter_id(n: u64) -> MatterId {
    MatterId::from_parts(1_581_206_400_000, n.into())
}

fn send(stream: &mut BufReader<TcpStream>, desk: &Desk, what: Sent) -> Option<u16> {
    match what {
        Sent::Matter(n) => {
            let body = serde_json::json!({
                "id": matter_id(n), "kind": "directive", "title": format!("Directive {n}"),
                "area": if n.is_multiple_of(2) { "330602" } else { "330683" },
            });
            post(
                stream,
                desk,
                "/api/matters",
                "application/json",
                &body.to_string(),
            )
        }
        Sent::Report(n) => {
            let body = serde_json::json!({ "area": "330602", "date": desk.day, "new_cases": n });
            post(
                stream,
                desk,
                "/api/reports",
                "application/json",
                &body.to_string(),
            )
        }
        Sent::List(n) => {
            let mut body = String::from(
                "--x\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nlinelist\r\n\
                 --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\n\
                 external_id,name,area,reported,classification\n",
            );
            for row in 0..ROWS {
                writeln!(
                    body,
                    "L{n}-{row},Patient {n} {row},330683,{},confirmed",
                    desk.day
                )
                .unwrap();
            }
            body.push_str("\r\n--x--\r\n");
            post(
                stream,
                desk,
                "/api/imports",
                "multipart/form-data; boundary=x",
                &body,
            )
        }
    }
}

/// Writes until the program is gone. Returns all that was sent, and whether it was acknowledged.
fn write(address: &str, desk: &Desk, turn: u64) -> Vec<(Sent, bool)> {
    let mut done = Vec::new();
    let Ok(socket) = TcpStream::connect(address) else {
        return done;
    };
    socket.set_nodelay(true).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut stream = BufReader::new(socket);
    loop {
        let n = desk.next.fetch_add(1, Ordering::SeqCst);
        let what = match (n + turn) % 4 {
            0 => Sent::List(n),
            1 => Sent::Report(n),
            _ => Sent::Matter(n),
        };
        let answer = send(&mut stream, desk, what);
        // 429: it asks to be slower, and has written nothing.
        assert!(
            matches!(answer, None | Some(200 | 201 | 204 | 429)),
            "{what:?}: {answer:?}"
        );
        done.push((what, answer.is_some_and(|code| code != 429)));
        if answer.is_none() {
            return done;
        }
    }
}

/// Whether something sent is there; it must be whole.
fn is_there(store: &Store, what: Sent) -> bool {
    match what {
        Sent::Matter(n) => {
            let found = store
                .read(|connection| Ok(matters::get(connection, matter_id(n))?))
                .unwrap();
            if let Some(matter) = &found {
                assert_eq!(matter.title, format!("Directive {n}"));
            }
            found.is_some()
        }
        Sent::List(n) => {
            let there = (0..ROWS)
                .filter(|row| {
                    let filter = CaseFilter {
                        external_id: Some(format!("L{n}-{row}")),
                        ..CaseFilter::default()
                    };
                    let found = store
                        .read(|c| cases::list(c, &filter, CaseOrder::Newest, None, 2))
                        .unwrap();
                    assert!(found.len() <= 1, "{filter:?} twice");
                    let Some(case) = found.first() else {
                        return false;
                    };
                    let person = store.open_person(case.details.person.unwrap()).unwrap();
                    assert_eq!(
                        person.expect("sealed with its case").name,
                        Some(format!("Patient {n} {row}"))
                    );
                    true
                })
                .count() as u64;
            assert!(
                there == 0 || there == ROWS,
                "list {n} is half there: {there}"
            );
            there == ROWS
        }
        // One area's reports of one day replace each other: those are looked up in the ledger.
        Sent::Report(_) => true,
    }
}

/// The numbers of all reports in the ledger after `seq`.
fn reports_after(store: &Store, seq: u64) -> (Vec<u64>, u64) {
    let (mut found, mut seq) = (Vec::new(), seq);
    loop {
        let facts = store.facts_after(seq, 1_000).unwrap();
        let Some(last) = facts.last() else {
            return (found, seq);
        };
        seq = last.seq;
        for fact in &facts {
            if let lianfang_core::facts::Body::DailyReportFiled(report) = fact.read_body().unwrap()
            {
                found.push(report.new_cases.into());
            }
        }
    }
}

#[test]
fn killed_200_times_nothing_acknowledged_is_missing_and_nothing_is_half_there() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Arc::new(found(folder.path()));
    let mut chance = Chance(SEED);
    let begun = Instant::now();
    let mut everything: Vec<(Sent, bool)> = Vec::new();
    let (mut seq, mut cut_off) = (0, 0);
    for round in 1..=KILLS {
        let mut server = spawn(folder.path());
        let mut sent = Vec::new();
        if chance.below(8) == 0 {
            // Killed while it starts.
            std::thread::sleep(Duration::from_micros(chance.below(40_000)));
            server.kill().unwrap();
        } else {
            let address = address(&mut server);
            let writers: Vec<_> = (0..3)
                .map(|turn| {
                    let (address, desk) = (address.clone(), Arc::clone(&desk));
                    std::thread::spawn(move || write(&address, &desk, turn))
                })
                .collect();
            std::thread::sleep(Duration::from_micros(chance.below(90_000)));
            server.kill().unwrap();
            for writer in writers {
                sent.extend(writer.join().unwrap());
            }
        }
        server.wait().unwrap();

        let store = Store::open(folder.path(), system_clock()).unwrap();
        let (reports, newest) = reports_after(&store, seq);
        seq = newest;
        for (what, acknowledged) in &sent {
            let there = match what {
                Sent::Report(n) => reports.contains(n),
                _ => is_there(&store, *what),
            };
            assert!(
                there || !acknowledged,
                "round {round}: {what:?} was acknowledged and is gone"
            );
            cut_off += u64::from(!acknowledged);
        }
        everything.extend(sent);
        if round % AUDIT_EVERY == 0 || round == KILLS {
            let report = store.audit().unwrap();
            assert!(report.ok, "round {round}: {:?}", report.problems);
        }
    }
    let store = Store::open(folder.path(), system_clock()).unwrap();
    let (reports, _) = reports_after(&store, 0);
    let mut acknowledged = 0;
    for (what, was) in everything {
        let there = match what {
            Sent::Report(n) => reports.contains(&n),
            _ => is_there(&store, what),
        };
        assert!(there || !was, "in the end {what:?} is gone");
        acknowledged += u64::from(was);
    }
    println!(
        "{KILLS} kills, {acknowledged} writes acknowledged, {cut_off} cut off, {seq} facts, {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    assert!(
        acknowledged > KILLS && cut_off > KILLS / 4,
        "hardly anything was written"
    );
}
