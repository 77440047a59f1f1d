//! A testbed: a city in one line, a user of any role in one call, a clock that can be set.
#![allow(
    unreachable_pub,
    dead_code,
    reason = "shared between test files, each of which uses a part"
)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::{Grant, Role};
use lianfang_core::areas::AreaCode;
use lianfang_core::ids::{CaseId, PersonId};
use lianfang_core::text::Language;
use lianfang_core::time::UtcOffset;
use lianfang_intake::{ImportReport, Kind, Source};
use lianfang_service::briefs::{Brief, CurveBy};
use lianfang_service::cases::{CaseQuery, CaseShown};
use lianfang_service::imports::{ImportRequest, Imported};
use lianfang_service::{Actor, House, Refusal};
use lianfang_store::{Clock, Store};
use serde_json::Value;

/// Shaoxing: the city, three counties, four townships, five villages.
pub const CITY: &str = "330600";
pub const COUNTY: &str = "330683";
pub const NEIGHBOUR: &str = "330602";
pub const VILLAGE: &str = "330683001001";
const AREAS: &str = "code,name,name_en,population
330600,绍兴市,Shaoxing,5000000
330602,越城区,Yuecheng,1000000
330604,上虞区,Shangyu,800000
330683,嵊州市,Shengzhou,700000
330602001,塔山街道,,
330604001,百官街道,,
330683001,剡湖街道,,90000
330683002,三江街道,,
330602001001,花巷社区,,
330683001001,一村,,2000
330683001002,二村,,
330683002001,三村,,
330683002002,四村,,
";

/// The password of every user of a testbed.
pub const PASSWORD: &str = "correct horse 7";

pub fn area(code: &str) -> AreaCode {
    code.parse().unwrap()
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A house in a folder of its own, with a clock that stands until it is set.
pub struct Testbed {
    pub house: Arc<House>,
    pub folder: tempfile::TempDir,
    clock: Arc<AtomicI64>,
    users: AtomicU32,
}

/// Somebody signed in.
pub struct User {
    pub actor: Actor,
    pub login: String,
    pub cookie: String,
    pub csrf: String,
}

impl std::ops::Deref for User {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}

fn reading(clock: &Arc<AtomicI64>) -> Clock {
    let clock = Arc::clone(clock);
    Arc::new(move || Timestamp::from_millisecond(clock.load(Ordering::SeqCst)).unwrap())
}

fn milliseconds(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

impl Testbed {
    /// Shaoxing on the morning of 9 February 2020.
    pub fn city() -> Self {
        let bed = Self::founded(CITY, "2020-02-09T08:00:00+08:00");
        let report = bed.take(Kind::Areas, AREAS);
        assert_eq!(report.rows_refused, 0, "{:?}", report.refusals);
        bed
    }

    /// The whole country, with no areas yet, long after.
    pub fn country() -> Self {
        Self::founded("000000", "2021-03-01T08:00:00+08:00")
    }

    pub fn founded(root: &str, now: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(milliseconds(now)));
        let house = House::found(
            folder.path(),
            area(root),
            UtcOffset::CHINA,
            &lianfang_policy::Pack::shipped(lianfang_service::FIRST_PACK).unwrap(),
            reading(&clock),
        )
        .unwrap();
        Self {
            house: Arc::new(house),
            folder,
            clock,
            users: AtomicU32::new(0),
        }
    }

    /// The same house once more, over the same folder.
    pub fn reopened(&self) -> House {
        House::over(Store::open(self.folder.path(), reading(&self.clock)).unwrap())
    }

    pub fn clock(&self) -> Clock {
        reading(&self.clock)
    }

    /// Sets the clock.
    pub fn at(&self, now: &str) -> &Self {
        self.clock.store(milliseconds(now), Ordering::SeqCst);
        self
    }

    /// Moves the clock on.
    pub fn later(&self, by: SignedDuration) -> &Self {
        let by = i64::try_from(by.as_millis()).unwrap();
        self.clock.fetch_add(by, Ordering::SeqCst);
        self
    }

    pub fn hours_later(&self, hours: i64) -> &Self {
        self.later(SignedDuration::from_hours(hours))
    }

    /// The operator at the machine.
    #[allow(clippy::unused_self, reason = "reads as one of the testbed's people")]
    pub fn operator(&self) -> Actor {
        Actor::house("test")
    }

    /// A user of this role in this area, signed in.
    pub fn user(&self, role: Role, code: &str) -> User {
        let n = self.users.fetch_add(1, Ordering::SeqCst) + 1;
        let login = format!("{}-{n}", role.word());
        let grant = Grant {
            role,
            area: area(code),
        };
        let name = format!("{} of {code}", role.word());
        self.house
            .open_demo_account(&login, &name, PASSWORD, grant)
            .unwrap();
        let session = self.house.sign_in(&login, PASSWORD, "test").unwrap();
        User {
            actor: session.actor,
            login,
            cookie: session.cookie,
            csrf: session.csrf,
        }
    }

    /// Imports bytes as the operator, in the testbed's own area where rows name none.
    pub fn import(
        &self,
        kind: Kind,
        preset: Option<&str>,
        area: Option<&str>,
        bytes: &[u8],
    ) -> Result<Imported, Refusal> {
        self.import_as(&self.operator(), kind, preset, area, bytes)
    }

    pub fn import_as(
        &self,
        actor: &Actor,
        kind: Kind,
        preset: Option<&str>,
        area: Option<&str>,
        bytes: &[u8],
    ) -> Result<Imported, Refusal> {
        let request = ImportRequest {
            preset: preset.map(str::to_owned),
            area: area.map(|code| code.parse().unwrap()),
            digest: blake3::hash(bytes).to_hex().to_string(),
            ..request(kind)
        };
        let source = Source::bytes("file.csv", bytes.to_vec());
        self.house.import(actor, source, &request, &mut |_| {})
    }

    /// Imports a text that must be read as a whole; every row must be accounted for.
    pub fn take(&self, kind: Kind, text: &str) -> ImportReport {
        let imported = self.import(kind, None, None, text.as_bytes()).unwrap();
        accounted(&imported.import.report);
        imported.import.report
    }

    /// How an area stood on a morning, to the operator.
    pub fn brief(&self, code: &str, date: &str) -> Brief {
        self.brief_on(area(code), day(date))
    }

    pub fn brief_on(&self, area: AreaCode, date: Date) -> Brief {
        self.house
            .brief(&self.operator(), Some(area), Some(date), CurveBy::Report)
            .unwrap()
    }

    /// The newest fact's place.
    pub fn seq(&self) -> u64 {
        self.house.store().last_seq().unwrap()
    }

    /// The kinds of the facts after `seq`.
    pub fn kinds_after(&self, seq: u64) -> Vec<String> {
        let facts = self.house.store().facts_after(seq, 100).unwrap();
        facts.into_iter().map(|fact| fact.kind).collect()
    }

    /// Everything that can be verified holds.
    pub fn holds(&self) {
        let report = self.house.verify(&self.operator()).unwrap();
        assert!(report.ok, "{:?}", report.problems);
    }

    pub fn cases(&self, actor: &Actor, text: Option<&str>) -> Vec<CaseShown> {
        let query = CaseQuery {
            text: text.map(str::to_owned),
            limit: 200,
            ..CaseQuery::default()
        };
        self.house.cases(actor, &query).unwrap().0
    }

    /// One person with a case in `code`: name, resident ID, phone and address all recognisable.
    pub fn patient(&self, code: &str) -> (PersonId, CaseId) {
        let report = self.take(Kind::Linelist, &patient_row(code, "P-1"));
        assert_eq!(report.rows_taken, 1, "{:?}", report.refusals);
        let case = self.cases(&self.operator(), Some("P-1")).remove(0);
        (case.person.unwrap(), case.case)
    }
}

pub const NAME: &str = "欧阳无双";
pub const DOCUMENT: &str = "11010519491231002X";
pub const PHONE: &str = "+8613900139000";
pub const ADDRESS: &str = "无双里七号楼";

pub fn patient_row(code: &str, id: &str) -> String {
    format!(
        "external_id,name,resident_id,phone,address,area,onset,reported,classification\n\
         {id},{NAME},{DOCUMENT},{PHONE},{ADDRESS},{code},2020-02-01,2020-02-05,confirmed\n"
    )
}

/// An import of this kind, with everything else left open.
pub fn request(kind: Kind) -> ImportRequest {
    ImportRequest {
        kind,
        preset: None,
        area: None,
        dry_run: false,
        digest: String::new(),
        language: Language::En,
    }
}

/// Every row read is taken, unchanged, revised or refused.
pub fn accounted(report: &ImportReport) {
    assert_eq!(
        report.rows_read,
        report.rows_taken + report.rows_unchanged + report.rows_revised + report.rows_refused,
        "{report:?}"
    );
}

/// A file of `../shared/data`, beside the repository.
pub fn shared(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(path);
    if path.exists() {
        Some(path)
    } else {
        eprintln!("skipped: ../shared/data is absent");
        None
    }
}

/// An answer as a snapshot keeps it: what is drawn by lot or measured by the clock is named.
pub fn tidy(mut value: Value) -> Value {
    tidy_in_place(&mut value);
    value
}

fn tidy_in_place(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let drawn = match field {
                    Value::Number(_) => ["seconds", "seq", "chain_seq", "facts"].as_slice(),
                    Value::String(_) => ["password", "token", "csrf", "next"].as_slice(),
                    _ => &[],
                };
                if drawn.contains(&name.as_str()) {
                    *field = Value::from(format!("[{name}]"));
                } else {
                    tidy_in_place(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy_in_place),
        Value::String(text) => {
            let is =
                |length: usize, of: fn(char) -> bool| text.len() == length && text.chars().all(of);
            if is(26, |c| c.is_ascii_digit() || c.is_ascii_uppercase()) {
                *text = "[id]".into();
            } else if text.len() >= 64 && text.chars().all(|c| c.is_ascii_hexdigit()) {
                *text = "[hash]".into();
            } else if let Some(rest) = text.strip_prefix("token:")
                && rest.len() == 26
            {
                *text = "token:[id]".into();
            }
        }
        _ => {}
    }
}
