//! Killed with SIGKILL at random moments while it takes, seals and merges, over and over on one
//! folder: every batch that was acknowledged is there, exactly once, and each other one is there
//! whole or not at all. The moments are drawn from a seed. The same where writes fail.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{DAY, batch, person, span, visit};
use lianfang_core::time::UtcOffset;
use lianfang_visits::{Settings, Snapshot, Visit, VisitLog, verify};

const KILLS: u64 = 60;
const SEED: u64 = 0x0ca5_e5ee;
/// Where the child writes; set for the child only.
const FOLDER: &str = "LIANFANG_VISITS_FOLDER";
/// The first batch that the child takes.
const FIRST: &str = "LIANFANG_VISITS_FIRST";

/// Numbers from a seed (splitmix64).
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Batch `n`: up to 40 visits of one person, in four days.
fn visits(n: u64) -> Vec<Visit> {
    let mut visits: Vec<Visit> = (0..=mix(n) % 40)
        .map(|k| {
            let chance = mix(n << 8 | k);
            let from = (chance >> 8) as u32 % (4 * DAY);
            let stay = (chance & 1 == 0).then_some((chance >> 40) as u32 % 300);
            visit(n, chance >> 1 & 7, from, stay)
        })
        .collect();
    visits.sort_unstable_by_key(|visit| (visit.from, visit.place));
    visits.dedup_by_key(|visit| (visit.from, visit.place));
    visits
}

fn open(folder: &Path) -> VisitLog {
    let settings = Settings {
        seal_at: 700,
        ..Settings::new(UtcOffset::CHINA)
    };
    VisitLog::open(folder, settings).unwrap()
}

/// Not a test of its own: what the killed process does.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let first: u64 = std::env::var(FIRST).unwrap().parse().unwrap();
    let log = open(folder.as_ref());
    let mut out = std::io::stdout();
    writeln!(out, "\nopen").unwrap();
    let mut n = first;
    loop {
        let group: Vec<_> = (n..n + 1 + mix(n) % 4).map(|n| batch(&visits(n))).collect();
        if log.append(&group).is_err() {
            return;
        }
        n += group.len() as u64;
        writeln!(out, "taken {n}").unwrap();
        out.flush().unwrap();
        if mix(n).is_multiple_of(90) {
            let _ = log.settle();
        }
    }
}

/// Whether batch `n` is there. It must be whole.
fn is_there(snapshot: &Snapshot, n: u64) -> bool {
    let found = snapshot.visits_of(person(n), span(0, 5 * DAY)).unwrap();
    assert!(
        found.is_empty() || found == visits(n),
        "batch {n} is there in part"
    );
    !found.is_empty()
}

/// A folder, and what must be in it.
struct Account {
    folder: tempfile::TempDir,
    /// The next batch that was never sent.
    next: u64,
    /// Visits that are there.
    visits: u64,
    acknowledged: u64,
    /// Batches that were written and not acknowledged.
    beyond: u64,
}

impl Account {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            next: 1,
            visits: 0,
            acknowledged: 0,
            beyond: 0,
        }
    }

    /// Runs the child until `end` ends it, or it ends; then holds the folder to its word.
    fn round(&mut self, mut command: Command, end: impl FnOnce(&mut Child)) -> VisitLog {
        let mut child = command
            .args(["--exact", "child", "--nocapture"])
            .env(FOLDER, self.folder.path())
            .env(FIRST, self.next.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let taken = |line: String| line.strip_prefix("taken ")?.parse::<u64>().ok();
        let reader =
            std::thread::spawn(move || lines.map_while(Result::ok).filter_map(taken).last());
        end(&mut child);
        child.wait().unwrap();
        let until = reader.join().unwrap().unwrap_or(self.next);

        let log = open(self.folder.path());
        let snapshot = log.snapshot();
        for n in self.next..until {
            assert!(
                is_there(&snapshot, n),
                "batch {n} was acknowledged and is gone"
            );
            self.visits += visits(n).len() as u64;
        }
        self.acknowledged += until - self.next;
        self.next = until;
        // A group that was written and not acknowledged is there as a whole.
        while is_there(&snapshot, self.next) {
            self.visits += visits(self.next).len() as u64;
            self.next += 1;
            self.beyond += 1;
        }
        let stored: u64 = snapshot.days().iter().map(|day| day.tally.visits).sum();
        assert_eq!(
            stored, self.visits,
            "a visit is there twice, or one that nobody sent"
        );
        log
    }

    fn close(&self) {
        let snapshot = open(self.folder.path()).snapshot();
        assert!((1..self.next).all(|n| is_there(&snapshot, n)));
        let report = verify(self.folder.path()).unwrap();
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        println!(
            "{} batches acknowledged, {} written only, {} visits",
            self.acknowledged, self.beyond, self.visits
        );
    }
}

#[test]
fn killed_60_times_every_acknowledged_batch_is_there_once() {
    let mut account = Account::new();
    let mut chance = SEED;
    for round in 1..=KILLS {
        chance = mix(chance);
        let command = Command::new(std::env::current_exe().unwrap());
        let log = account.round(command, |child| {
            std::thread::sleep(Duration::from_micros(1_000 + chance % 120_000));
            child.kill().unwrap();
        });
        if round % 10 == 0 {
            let first = account.next.saturating_sub(50).max(1);
            let again: Vec<_> = (first..account.next).map(|n| batch(&visits(n))).collect();
            let receipts = log.append(&again).unwrap();
            assert!(receipts.iter().all(|receipt| receipt.repeated));
        }
    }
    account.close();
    assert!(account.acknowledged > KILLS, "hardly anything was taken");
}

/// The shell lets no file grow beyond some blocks of 512 bytes: writes fail, in the journal or while
/// sealing.
#[test]
fn when_a_write_fails_nothing_acknowledged_is_lost() {
    let mut account = Account::new();
    for blocks in [1, 3, 9, 14, 20, 23, 26, 40] {
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""),
            ])
            .arg(std::env::current_exe().unwrap());
        account.round(command, |_| {});
    }
    account.close();
    assert!(account.acknowledged > 10, "hardly anything was taken");
}
