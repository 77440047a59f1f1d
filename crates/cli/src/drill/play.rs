//! What everybody who plays has at hand: the server, the truth, the clock, and the book of what was sent.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use clap::ValueEnum;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use lianfang_city::drill::{Scenario, Setting, World};
use lianfang_core::ids::FactId;
use lianfang_core::time::UtcOffset;
use lianfang_service::field::{FieldEntry, Happening, MOST_ENTRIES, PersonGiven};
use serde_json::{Value, json};

use super::api::{Api, Stop, Who, text};
use super::book::Book;
use super::cast::{Cast, Places};
use super::clock::Pace;
use super::locked;

/// A role that the drill plays, or leaves to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// Declare, ask for passes, report daily.
    Citizens,
    /// Check people at gates and send them on.
    Gate,
    /// Go from door to door, look after those watched at home.
    Grid,
    /// Receive, look after and release those at the quarantine site.
    Site,
    /// Answer samples.
    Laboratory,
    /// Report and investigate cases, and close what others have done.
    CaseOfficer,
    /// Name contacts, tell them, put them under watch.
    Tracer,
}

/// An entry that waits for the network.
pub(super) struct Queued {
    pub(super) who: Who,
    pub(super) entries: Vec<FieldEntry>,
}

/// A drill in play.
pub(super) struct Play<'a> {
    pub(super) api: &'a Api,
    pub(super) setting: Setting,
    pub(super) scenario: Scenario,
    pub(super) world: World,
    pub(super) cast: Cast,
    pub(super) places: Places,
    pub(super) pace: Pace,
    pub(super) left: BTreeSet<Role>,
    pub(super) book: Mutex<Book>,
    pub(super) ids: Ids,
    /// Who somebody on record is, by the id on record.
    pub(super) known: Mutex<HashMap<String, Option<u32>>>,
    /// Who has which document.
    pub(super) documents: HashMap<String, u32>,
    /// Codes by which holders open their passes.
    pub(super) codes: BTreeMap<u32, String>,
    /// What phones without a network keep.
    pub(super) queue: Mutex<Vec<Queued>>,
    /// Samples under orders that wait for the laboratory: sample, who, the day it was taken.
    pub(super) samples: Vec<(FactId, u32, u32)>,
    /// Cases that were traced.
    pub(super) traced: BTreeSet<String>,
    /// Reports of illness that a silent township holds back: who, and on which day they saw a doctor.
    pub(super) held_back: Vec<u32>,
    /// Recorded visits to markets: day, township, minute.
    pub(super) visits: HashMap<u32, Vec<(u32, u16, u32)>>,
    /// Sent and taken check-ins at markets.
    pub(super) check_ins: (u64, u64),
    /// What people who play a role are told.
    pub(super) calls: Option<csv::Writer<std::fs::File>>,
    pub(super) evenings: Vec<super::evening::Evening>,
    pub(super) connections: usize,
}

/// Something that somebody comes to a role with which people play.
#[derive(serde::Serialize)]
struct Call<'a> {
    day: Date,
    role: Role,
    what: &'static str,
    name: &'a str,
    document: String,
    phone: String,
    area: String,
    says: &'a str,
}

/// Ids of the entries: each once, and the same again by the seed.
pub(super) struct Ids {
    pub(super) run: u64,
    made: AtomicU64,
}

impl Ids {
    /// Ids of a run of the drill.
    pub(super) fn new(run: u64) -> Self {
        Self {
            run,
            made: AtomicU64::new(0),
        }
    }

    /// The next id, of a moment.
    pub(super) fn next(&self, at: Timestamp) -> FactId {
        let made = self.made.fetch_add(1, Ordering::Relaxed);
        let entropy = u128::from(self.run) << 40 | u128::from(made);
        FactId::from_parts(at.as_millisecond().unsigned_abs(), entropy)
    }
}

/// The place of a day in the drill.
pub(super) fn nth(setting: &Setting, day: Date) -> i32 {
    day.since(setting.first_day)
        .map_or(0, |span| span.get_days())
}

impl Play<'_> {
    /// The day of the calendar.
    pub(super) fn date(&self, day: i32) -> Date {
        let first = self.setting.first_day;
        first.checked_add(i64::from(day).days()).unwrap_or(first)
    }

    /// A moment of a day of the drill.
    pub(super) fn at(&self, day: u32, minute: u32) -> Timestamp {
        let day = UtcOffset::CHINA.start_of(self.date(day as i32));
        day + SignedDuration::from_mins(i64::from(minute))
    }

    /// Whether the drill plays a role.
    pub(super) fn plays(&self, role: Role) -> bool {
        !self.left.contains(&role)
    }

    /// Whether a township says nothing on a day.
    pub(super) fn is_silent(&self, township: usize, day: u32) -> bool {
        self.scenario.silence.is_some_and(|silence| {
            let ends = silence.from_day.saturating_add(silence.days);
            self.place(silence.township) == township && (silence.from_day..ends).contains(&day)
        })
    }

    /// Whether the phones of a township have no network.
    fn is_cut(&self, township: usize, at: Timestamp) -> bool {
        self.scenario.cut.is_some_and(|cut| {
            let from = self.at(cut.day, cut.from_hour * 60);
            let until = self.at(cut.day, cut.until_hour * 60);
            self.place(cut.township) == township && from <= at && at < until
        })
    }

    fn place(&self, township: u32) -> usize {
        township as usize % self.cast.townships.len().max(1)
    }

    /// A person as they are described.
    pub(super) fn given(&self, person: u32) -> PersonGiven {
        let person = self.world.person(person);
        PersonGiven {
            name: Some(person.name.clone()),
            document: Some(person.resident_id.to_string()),
            phone: Some(person.phone.to_string()),
            ..PersonGiven::default()
        }
    }

    /// An entry of the field.
    pub(super) fn entry(&self, at: Timestamp, what: Happening) -> FieldEntry {
        FieldEntry {
            id: self.ids.next(at),
            at,
            what,
        }
    }

    /// Does something for each of many, on several connections at once; what came of it, in their order.
    pub(super) fn each<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&T) -> Result<R, Stop> + Sync,
    ) -> Result<Vec<R>, Stop> {
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, R)>> = Mutex::default();
        let failed: Mutex<Option<Stop>> = Mutex::default();
        let threads = self.connections.min(items.len());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(item) = items.get(at) else { break };
                        match work(item) {
                            Ok(result) => locked(&done).push((at, result)),
                            Err(stop) => {
                                // The first reason is the one that is told.
                                locked(&failed).get_or_insert(stop);
                                next.store(items.len(), Ordering::Relaxed);
                                break;
                            }
                        }
                    }
                });
            }
        });
        if let Some(stop) = locked(&failed).take() {
            return Err(stop);
        }
        let mut done = std::mem::take(&mut *locked(&done));
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, result)| result).collect())
    }

    /// Sends entries of the field as a phone of a township does: kept while it has no network, now and then sent twice.
    /// The answers, where there are any yet.
    pub(super) fn field(
        &self,
        who: &Who,
        township: Option<usize>,
        entries: Vec<FieldEntry>,
    ) -> Result<Vec<Value>, Stop> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        if township.is_some_and(|township| self.is_cut(township, self.pace.now())) {
            let who = who.clone();
            locked(&self.queue).push(Queued { who, entries });
            return Ok(Vec::new());
        }
        let batches: Vec<&[FieldEntry]> = entries.chunks(MOST_ENTRIES).collect();
        let mut answers = Vec::new();
        for batch in batches {
            answers.extend(self.batch(who, batch)?);
            let number = batch
                .first()
                .map_or(0, |entry| entry.id.milliseconds() as u32);
            let lost = self.scenario.sent_twice;
            if self
                .world
                .happens("sent twice", number, batch.len() as u32, lost)
            {
                self.batch(who, batch)?;
            }
        }
        Ok(answers)
    }

    /// One request with entries.
    pub(super) fn batch(&self, who: &Who, batch: &[FieldEntry]) -> Result<Vec<Value>, Stop> {
        const ROUTE: &str = "/api/field";
        let mut body = String::from("{\"entries\":[");
        for (nth, entry) in batch.iter().enumerate() {
            let comma = if nth > 0 { "," } else { "" };
            let entry = serde_json::to_string(entry).map_err(|_| Stop::Answer {
                route: ROUTE,
                what: "entry to send",
            })?;
            let _ = write!(body, "{comma}{entry}");
        }
        body.push_str("]}");
        {
            let mut book = locked(&self.book);
            for entry in batch {
                book.sent(entry.id);
            }
        }
        let answer = self.api.send(
            who,
            "POST",
            (ROUTE, ROUTE),
            "application/json",
            body.as_bytes(),
        )?;
        if !answer.is_done() {
            let mut book = locked(&self.book);
            for entry in batch {
                book.refused(entry.id, kind(&entry.what), answer.code());
            }
            return Ok(Vec::new());
        }
        let Value::Array(answers) = answer.json["answers"].clone() else {
            return Err(Stop::Answer {
                route: ROUTE,
                what: "answers",
            });
        };
        let mut book = locked(&self.book);
        for (entry, answer) in batch.iter().zip(&answers) {
            match answer["result"].as_str() {
                Some("taken") => book.accepted(entry.id, false),
                Some("repeated") => book.accepted(entry.id, true),
                _ => {
                    let code = answer["refusal"]["code"].as_str().unwrap_or("unknown");
                    tracing::debug!(entry = kind(&entry.what), answer = %answer, "refused");
                    book.refused(entry.id, kind(&entry.what), code);
                }
            }
        }
        Ok(answers)
    }

    /// Sends something that has an id of its own, other than an entry of the field; none where it is refused.
    pub(super) fn told(
        &self,
        who: &Who,
        route: &'static str,
        path: &str,
        id: FactId,
        body: &Value,
    ) -> Result<Option<Value>, Stop> {
        locked(&self.book).sent(id);
        let answer = self.api.post(who, route, path, body)?;
        let mut book = locked(&self.book);
        if answer.is_done() {
            let again = answer.json["repeated"].as_bool().unwrap_or(false);
            book.accepted(id, again);
            return Ok(Some(answer.json));
        }
        tracing::debug!(route, answer = %answer.json, "refused");
        book.refused(id, route, answer.code());
        Ok(None)
    }

    /// Who in truth somebody on record is; none for a stranger.
    pub(super) fn who_is(&self, person: &str) -> Result<Option<u32>, Stop> {
        const ROUTE: &str = "/api/people/{person}/look";
        if let Some(known) = locked(&self.known).get(person) {
            return Ok(*known);
        }
        let body = json!({ "reason": "演练对照 · drill: compared with the truth" });
        let path = format!("/api/people/{person}/look");
        let turn = person.bytes().map(usize::from).sum::<usize>();
        let looking = &self.cast.looking[turn % self.cast.looking.len()];
        let answer = self.api.post(looking, ROUTE, &path, &body)?;
        let document = answer.json["document"].as_str();
        let who = document.and_then(|document| self.documents.get(document).copied());
        locked(&self.known).insert(person.to_owned(), who);
        Ok(who)
    }

    /// The same for the people of rows, with the rows; those who are no part of the drill are left out.
    pub(super) fn with_truth(&self, rows: Vec<Value>) -> Result<Vec<(u32, Value)>, Stop> {
        let found = self.each(&rows, |row| match row["person"].as_str() {
            Some(person) => self.who_is(person),
            None => Ok(None),
        })?;
        let both = found.into_iter().zip(rows);
        Ok(both.filter_map(|(who, row)| Some((who?, row))).collect())
    }

    /// Orders in force, all or those with something due.
    pub(super) fn orders(&self, due: &str) -> Result<Vec<Value>, Stop> {
        let due = if due.is_empty() {
            String::new()
        } else {
            format!("&due={due}")
        };
        self.api.pages(
            &self.cast.county,
            "/api/quarantine/orders",
            &format!("limit=200{due}"),
            ("orders", "next", "cursor"),
        )
    }

    /// The line list.
    pub(super) fn cases(&self, filter: &str) -> Result<Vec<Value>, Stop> {
        self.api.pages(
            &self.cast.county,
            "/api/cases",
            &format!("limit=200{filter}"),
            ("rows", "next", "cursor"),
        )
    }

    /// The place of the township of an area that a row gives.
    pub(super) fn township_of(&self, row: &Value) -> Option<usize> {
        use lianfang_core::areas::{AreaCode, Level};
        let code: AreaCode = row["area"]["code"].as_str()?.parse().ok()?;
        let township = code.at_level(Level::Township);
        let townships = self.world.town().townships();
        townships.iter().position(|one| *one == township)
    }

    /// Something that somebody comes with to a role which people play.
    pub(super) fn call(
        &mut self,
        role: Role,
        day: u32,
        (what, person): (&'static str, u32),
        says: &str,
    ) {
        let date = self.date(day as i32);
        let who = self.world.person(person);
        let call = Call {
            day: date,
            role,
            what,
            name: &who.name,
            document: who.resident_id.to_string(),
            phone: who.phone.to_string(),
            area: self.world.village_of(person).to_string(),
            says,
        };
        let Some(file) = &mut self.calls else {
            return;
        };
        // Those who play read it while it is written.
        if let Err(error) = file.serialize(call).and_then(|()| Ok(file.flush()?)) {
            tracing::warn!(%error, "what comes to those who play could not be written");
        }
    }

    /// Moves the clock on to a moment of a day.
    pub(super) fn until(&mut self, day: u32, minute: u32) -> Result<(), Stop> {
        let to = self.at(day, minute);
        self.pace.until(self.api, &self.cast.admin, to)
    }
}

/// The kind of an entry.
pub(super) fn kind(what: &Happening) -> &'static str {
    match what {
        Happening::CheckIn { .. } => "check_in",
        Happening::Send { .. } => "send",
        Happening::Receive { .. } => "receive",
        Happening::ClinicAnswer { .. } => "clinic_answer",
        Happening::Order { .. } => "order",
        Happening::OrderContact { .. } => "order_contact",
        Happening::Check { .. } => "check",
        Happening::Sample { .. } => "sample",
        Happening::SampleAnswer { .. } => "sample_answer",
        Happening::Release { .. } => "release",
        Happening::Visit { .. } => "visit",
        Happening::Household { .. } => "household",
        Happening::Resident { .. } => "resident",
        Happening::Notice { .. } => "notice",
        _ => "entry",
    }
}

/// The id of something that an answer made, or a row is about.
pub(super) fn id<T: std::str::FromStr>(
    json: &Value,
    what: &'static str,
    route: &'static str,
) -> Result<T, Stop> {
    let text = text(json, what, route)?;
    text.parse().map_err(|_| Stop::Answer { route, what })
}
