//! Entries from the field: how many the API writes down durably, and how fast a round opens.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::{Grant, Role};
use lianfang_core::areas::AreaCode;
use lianfang_core::households::Dwelling;
use lianfang_core::ids::{FactId, HouseholdId};
use lianfang_service::field::{FieldEntry, Happening, PersonGiven};
use lianfang_service::{Actor, House};
use lianfang_store::system_clock;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::http::{PROGRAM, Server};
use crate::table::{Table, quantile};

/// People of the community whose round is opened.
const PEOPLE: u32 = 3_000;
/// Orders on which checks are written.
const WATCHED: u32 = 400;
/// Entries of a batch, as a phone sends them.
const BATCH: usize = 200;
/// Phones that send at once.
const PHONES: usize = 4;
/// How long they send.
const SENDING: Duration = Duration::from_secs(8);
/// Rounds opened.
const ROUNDS: usize = 300;

const COUNTY: &str = "330683";
/// A village of it.
pub(crate) const VILLAGE: &str = "330683001001";
const AREAS: &str = "code,name,name_en,population
330600,绍兴市,Shaoxing,5000000
330683,嵊州市,Shengzhou,700000
330683001,剡湖街道,,90000
330683001001,一村,,3000
";

fn id(chance: &mut ChaCha8Rng, at: Timestamp) -> FactId {
    let noise: u64 = chance.random();
    FactId::from_parts(at.as_millisecond().unsigned_abs(), u128::from(noise) << 16)
}

/// A house with the areas of a town, in a folder.
pub(crate) fn town(folder: &Path) -> anyhow::Result<PathBuf> {
    let data = folder.join("data");
    let areas = folder.join("areas.csv");
    std::fs::write(&areas, AREAS)?;
    let status = Command::new(PROGRAM)
        .args(["import", "areas"])
        .arg(&areas)
        .args(["--root", "330600", "--data-dir"])
        .arg(&data)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()?;
    ensure!(status.success(), "the areas were not taken");
    Ok(data)
}

/// Measures both, over one store.
pub(crate) fn entries(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = town(folder.path())?;
    let (password, orders) = community(&data)?;
    let mut server = Server::start(&data)?;
    server.sign_in("bench", &password)?;
    rounds(table, &server)?;
    checks(table, &server, &orders)
}

/// A community of three thousand people, of whom some are under watch.
fn community(data: &Path) -> anyhow::Result<(String, Vec<FactId>)> {
    let house = House::open(data, system_clock())?;
    let village: AreaCode = VILLAGE.parse()?;
    let grant = Grant {
        role: Role::AreaOfficer,
        area: COUNTY.parse()?,
    };
    let password = "a bench of its own 7".to_owned();
    let account = house.open_demo_account("bench", "bench", &password, grant)?;
    let officer = Actor::of(account, vec![grant], "bench");
    let mut chance = ChaCha8Rng::seed_from_u64(3_000);
    let begun = Timestamp::now() - SignedDuration::from_hours(30);
    let mut entries = Vec::new();
    let mut living = 0;
    let mut n = 0;
    while living < PEOPLE {
        let people: u16 = 1 + chance.random_range(0..5);
        let entry = FieldEntry {
            id: id(&mut chance, begun),
            at: begun,
            what: Happening::Household {
                household: None,
                area: village,
                door: format!("{}幢{:03}室", n / 60 + 1, n % 60 + 1),
                dwelling: Dwelling::Home,
                walk: n,
                people,
                place: None,
            },
        };
        let household = HouseholdId::from_bytes(entry.id.to_bytes());
        entries.push(entry);
        for _ in 0..people {
            entries.push(FieldEntry {
                id: id(&mut chance, begun),
                at: begun,
                what: Happening::Resident {
                    household,
                    person: None,
                    given: Some(PersonGiven {
                        name: Some(format!("居民{living}")),
                        ..PersonGiven::default()
                    }),
                    living: true,
                },
            });
            living += 1;
        }
        n += 1;
    }
    take(&house, &officer, &entries)?;
    let orders = watched(&house, &officer, village, &mut chance, begun)?;
    Ok((password, orders))
}

fn take(house: &House, actor: &Actor, entries: &[FieldEntry]) -> anyhow::Result<()> {
    for batch in entries.chunks(500) {
        for answer in house.take_entries(actor, batch)? {
            ensure!(answer.refusal.is_none(), "refused: {answer:?}");
        }
    }
    Ok(())
}

/// People from a severe area, found by the community, under watch at home.
fn watched(
    house: &House,
    officer: &Actor,
    village: AreaCode,
    chance: &mut ChaCha8Rng,
    begun: Timestamp,
) -> anyhow::Result<Vec<FactId>> {
    use lianfang_core::entry::{Destination, Journey, Mode, Source};
    use lianfang_service::field::{Circumstances, Coming};
    let mut notices = Vec::new();
    let mut orders = Vec::new();
    let mut settled = Vec::new();
    for n in 0..WATCHED {
        let found = id(chance, begun);
        let entrant = lianfang_core::ids::EntrantId::from_bytes(found.to_bytes());
        notices.push(FieldEntry {
            id: found,
            at: begun,
            what: Happening::Notice {
                source: Source::Canvass,
                person: PersonGiven {
                    name: Some(format!("来人{n}")),
                    born: Some(jiff::civil::date(2015, 1, 1)),
                    ..PersonGiven::default()
                },
                coming: Coming {
                    journey: Journey {
                        mode: Mode::Road,
                        number: None,
                        seat: None,
                        from: Some("420100".into()),
                        stops: Vec::new(),
                    },
                    arrival: begun,
                    destination: Destination::Here,
                    bound_for: Some(village),
                    circumstances: Circumstances {
                        home_suitable: true,
                        ..Circumstances::default()
                    },
                    party: None,
                },
                arrived: true,
                list: None,
                household: None,
            },
        });
        settled.push(FieldEntry {
            id: id(chance, begun),
            at: begun,
            what: Happening::Settle {
                entrant,
                stage: lianfang_core::entry::Stage::ToPlace,
                reason: "at home".into(),
            },
        });
        let order = id(chance, begun);
        orders.push(order);
        settled.push(FieldEntry {
            id: order,
            at: begun,
            what: Happening::Order {
                entrant,
                home_suitable: Some(true),
                contact: None,
                site: None,
                room: None,
                bed: None,
            },
        });
    }
    take(house, officer, &notices)?;
    take(house, officer, &settled)?;
    Ok(orders)
}

fn rounds(table: &mut Table, server: &Server) -> anyhow::Result<()> {
    let path = format!("/api/round?area={VILLAGE}");
    let mut took = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        took.push(server.ask(&path)?);
        std::thread::sleep(Duration::from_millis(11));
    }
    took.sort_by(f64::total_cmp);
    table.line(
        &format!("the round of a community of {PEOPLE} people, p99"),
        "50 ms",
        &format!("{:.0} ms", quantile(&took, 0.99)),
        &format!("{WATCHED} of them under watch; over HTTP, {ROUNDS} times"),
    );
    Ok(())
}

fn checks(table: &mut Table, server: &Server, orders: &[FactId]) -> anyhow::Result<()> {
    let written = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let phones: Vec<_> = (0..PHONES)
            .map(|phone| {
                let written = Arc::clone(&written);
                scope.spawn(move || -> anyhow::Result<()> {
                    let mut chance = ChaCha8Rng::seed_from_u64(phone as u64);
                    while begun.elapsed() < SENDING {
                        let now = Timestamp::now() - SignedDuration::from_secs(1);
                        let entries: Vec<serde_json::Value> = (0..BATCH)
                            .map(|nth| {
                                let order = orders[(phone * BATCH + nth) % orders.len()];
                                serde_json::json!({
                                    "id": id(&mut chance, now).to_string(),
                                    "at": now.to_string(),
                                    "what": {
                                        "kind": "check",
                                        "order": order.to_string(),
                                        "temperature": 36.5,
                                        "by": "staff"
                                    }
                                })
                            })
                            .collect();
                        let answer = server
                            .send("/api/field", &serde_json::json!({ "entries": entries }))?;
                        let taken = answer["answers"]
                            .as_array()
                            .context("answers")?
                            .iter()
                            .filter(|answer| answer["result"] == "taken")
                            .count();
                        ensure!(taken == BATCH, "{taken} of {BATCH} were taken: {answer}");
                        written.fetch_add(taken as u64, Ordering::Relaxed);
                    }
                    Ok(())
                })
            })
            .collect();
        for phone in phones {
            phone.join().map_err(|_| anyhow::anyhow!("a phone"))??;
        }
        Ok(())
    })?;
    let rate = written.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    table.line(
        "facts a second, durable, through the API",
        "5,000",
        &format!("{rate:.0}"),
        &format!("health checks, {PHONES} phones, {BATCH} entries a batch, load generator on the same 2 cores"),
    );
    Ok(())
}
