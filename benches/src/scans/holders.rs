//! A city of people who hold passes, and of places where they show them.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, ensure};
use jiff::Timestamp;
use lianfang_core::access::{Grant, Right, Role};
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::Symptom;
use lianfang_core::ids::{FactId, PersonId};
use lianfang_core::passes::Colour;
use lianfang_core::places::{PlaceId, PlaceKind};
use lianfang_service::field::PersonGiven;
use lianfang_service::passes::{NewHealthReport, NewPass};
use lianfang_service::places::PlaceGiven;
use lianfang_service::{Actor, House};
use lianfang_store::system_clock;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::field::VILLAGE;

/// Threads that ask at once, so that the ledger writes many down with one sync.
const AT_ONCE: u32 = 32;
/// Of so many holders one has a fever.
const UNWELL: u32 = 20;

/// Somebody with a pass.
pub(super) struct Holder {
    pub(super) person: PersonId,
    /// What the QR code says.
    pub(super) code: String,
    pub(super) colour: Colour,
}

/// A place that scans.
pub(super) struct Place {
    pub(super) code: String,
    pub(super) id: PlaceId,
}

/// The city.
pub(super) struct City {
    pub(super) holders: Vec<Holder>,
    pub(super) places: Vec<Place>,
    /// By which gates ask.
    pub(super) token: String,
}

const ROOT: &str = "330600";

/// A resident identity number with its check digit.
fn document(nth: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (year, month, day) = (
        1940 + nth / 336_000,
        nth / 28_000 % 12 + 1,
        nth / 1_000 % 28 + 1,
    );
    let first = format!("330683{year:04}{month:02}{day:02}{:03}", nth % 1_000);
    let sum: u32 = first
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{first}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// One holder: registered, some with a fever, and with a pass to be shown if `show`.
fn holder(house: &House, actor: &Actor, nth: u32, show: bool) -> anyhow::Result<Option<Holder>> {
    let mut chance = ChaCha8Rng::seed_from_u64(u64::from(nth));
    let now = Timestamp::now().as_millisecond().unsigned_abs();
    let mut id = || FactId::from_parts(now, u128::from(chance.random::<u64>()) << 16);
    let asked = house.register_pass(
        actor,
        &NewPass {
            id: id(),
            given: PersonGiven {
                name: Some(format!("居民{nth}")),
                document: Some(document(nth)),
                ..PersonGiven::default()
            },
            area: VILLAGE.parse()?,
            guardian: None,
        },
    )?;
    if nth.is_multiple_of(UNWELL) {
        let report = NewHealthReport {
            id: id(),
            temperature: Some(38.6),
            symptoms: vec![Symptom::Cough],
        };
        house.report_health(&asked.code, &report)?;
    }
    if !show {
        return Ok(None);
    }
    let mine = house.my_pass(&asked.code, true)?;
    let pass = mine.pass.context("a pass")?;
    let person = house.look_up_pass(actor, &document(nth))?.person;
    Ok(Some(Holder {
        person,
        code: pass.text,
        colour: pass.colour,
    }))
}

/// Registers so many holders on many threads.
pub(super) fn register(
    house: &House,
    actor: &Actor,
    holders: u32,
    show: bool,
) -> anyhow::Result<Vec<Holder>> {
    let next = AtomicU32::new(0);
    let work = || -> anyhow::Result<Vec<Holder>> {
        let mut made = Vec::new();
        loop {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            if nth >= holders {
                return Ok(made);
            }
            made.extend(holder(house, actor, nth, show)?);
        }
    };
    std::thread::scope(|scope| {
        let hands: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for hand in hands {
            let made = hand.join().ok().context("a thread failed")??;
            all.extend(made);
        }
        Ok(all)
    })
}

impl City {
    pub(super) fn build(data: &Path, holders: u32, places: u32) -> anyhow::Result<Self> {
        let house = House::open(data, system_clock())?;
        let grant = Grant {
            role: Role::AreaOfficer,
            area: ROOT.parse::<AreaCode>()?,
        };
        let account = house.open_demo_account("bench", "bench", "a bench of its own 7", grant)?;
        let officer = Actor::of(account, vec![grant], "bench");
        let (_, token) = house.issue_token(&officer, "gates", &[Right::KeepGate], 1)?;
        let operator = Actor::house("bench");
        let mut known = Vec::new();
        for nth in 0..places {
            let shown = house.define_place(
                &operator,
                &PlaceGiven {
                    code: format!("P{nth:05}"),
                    name: format!("场所{nth}"),
                    name_en: None,
                    area: VILLAGE.parse()?,
                    kind: PlaceKind::Other,
                },
            )?;
            known.push(Place {
                code: shown.code.to_string(),
                id: PlaceId::of(&shown.code),
            });
        }
        let holders = register(&house, &officer, holders, true)?;
        let coloured = holders.iter().filter(|one| one.colour != Colour::Green);
        ensure!(coloured.count() > 0, "all passes are green");
        Ok(Self {
            holders,
            places: known,
            token,
        })
    }
}
