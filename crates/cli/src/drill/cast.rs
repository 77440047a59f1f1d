//! Those who play: accounts of each role, opened at the start, and the areas, gates and sites where they work.

use std::fmt::Write as _;

use lianfang_city::drill::{Setting, Town};
use lianfang_core::access::Role as Right;
use lianfang_core::areas::{AreaCode, Level};
use lianfang_core::entry::CheckpointKind;
use lianfang_core::ids::{CheckpointId, SiteId};
use lianfang_core::quarantine::Room;
use lianfang_service::field::Happening;
use serde_json::{Value, json};

use super::api::{Api, Stop, Who, text};
use crate::city::write_areas;

/// Days for which tokens are asked beyond the drill's.
const SPARE_DAYS: u32 = 30;
/// Accounts that look at people's data.
const LOOKING: u32 = 6;
/// Days that a token lives at most.
const MOST_DAYS: u32 = 366;
/// People for whom the site has a room.
const PEOPLE_PER_ROOM: u32 = 40;
/// Rooms of a site at most, and beds of each.
const MOST_ROOMS: u32 = 4_900;
const BEDS: u8 = 2;
/// Codes of a drill's markets begin here.
const MARKET: u64 = 2_099_000_000;

/// Those who work in a township.
pub(super) struct Hands {
    /// Staff of the gate.
    pub(super) gate: Who,
    /// Grid workers.
    pub(super) grid: Who,
    /// Case officers and tracers.
    pub(super) officer: Who,
}

/// Everybody who plays.
pub(super) struct Cast {
    /// Moves the clock.
    pub(super) admin: Who,
    /// An officer of the whole town.
    pub(super) county: Who,
    /// Laboratories.
    pub(super) laboratory: Who,
    /// Those who look at people's data, so that people on record are told from one another: several, for nobody may ask too often.
    pub(super) looking: Vec<Who>,
    /// Closes what others have done.
    pub(super) closing: Who,
    /// Reads the ledger.
    pub(super) auditor: Who,
    /// Staff of the quarantine site.
    pub(super) site: Who,
    /// By township.
    pub(super) townships: Vec<Hands>,
    /// The town's own area.
    pub(super) root: AreaCode,
}

/// Where they work.
pub(super) struct Places {
    /// The gate of each township.
    pub(super) gates: Vec<CheckpointId>,
    /// The site.
    pub(super) site: SiteId,
    /// The market of each township: its number in the log of visits, and its code.
    pub(super) markets: Vec<(u64, String)>,
}

/// The area of the whole town.
pub(super) fn root(town: &Town) -> AreaCode {
    let city = town.areas().iter().find(|area| area.level == Level::City);
    city.map_or(AreaCode::COUNTRY, |area| area.code)
}

/// Opens the accounts that play. `run` tells those of one drill from those of another; `home` is the ledger's root.
pub(super) fn open_accounts(
    api: &Api,
    admin: Who,
    town: &Town,
    setting: &Setting,
    (run, home): (&str, AreaCode),
) -> Result<Cast, Stop> {
    let root = root(town);
    let days = (setting.days + SPARE_DAYS).min(MOST_DAYS);
    let open = |login: &str, name: &str, role: Right, area: AreaCode| {
        open_account(
            api,
            &admin,
            (&format!("{run}-{login}"), name),
            role,
            area,
            days,
        )
    };
    let county = open("county", "演练 县级专班", Right::AreaOfficer, home)?;
    import_areas(api, &county, town, root)?;
    let mut townships = Vec::new();
    for (nth, code) in town.townships().iter().enumerate() {
        townships.push(Hands {
            gate: open(
                &format!("gate-{nth}"),
                "演练 卡口",
                Right::CheckpointStaff,
                *code,
            )?,
            grid: open(
                &format!("grid-{nth}"),
                "演练 网格员",
                Right::GridWorker,
                *code,
            )?,
            officer: open(
                &format!("cases-{nth}"),
                "演练 流调员",
                Right::AreaOfficer,
                *code,
            )?,
        });
    }
    Ok(Cast {
        laboratory: open("laboratory", "演练 实验室", Right::Epidemiologist, root)?,
        looking: (0..LOOKING)
            .map(|nth| {
                open(
                    &format!("truth-{nth}"),
                    "演练 对照",
                    Right::Epidemiologist,
                    root,
                )
            })
            .collect::<Result<_, _>>()?,
        closing: open("closing", "演练 督办", Right::AreaOfficer, root)?,
        auditor: open("auditor", "演练 审计", Right::Auditor, root)?,
        site: open("site", "演练 隔离点", Right::SiteStaff, root)?,
        county,
        townships,
        admin,
        root,
    })
}

/// Opens an account, changes its first password, and has it issue a token with all its rights.
fn open_account(
    api: &Api,
    admin: &Who,
    (login, name): (&str, &str),
    role: Right,
    area: AreaCode,
    days: u32,
) -> Result<Who, Stop> {
    const ACCOUNTS: &str = "/api/accounts";
    const TOKENS: &str = "/api/tokens";
    let asked = json!({ "login": login, "name": name, "role": role, "area": area });
    let opened = api.post(admin, ACCOUNTS, ACCOUNTS, &asked)?.needed()?;
    let first = text(&opened, "password", ACCOUNTS)?;
    let (who, _) = api.sign_in(login, &first)?;
    let own = blake3::hash(first.as_bytes()).to_hex();
    let who = api.change_password(&who, &first, &own)?;
    let scopes: Vec<&str> = role.rights().iter().map(|right| right.word()).collect();
    let asked = json!({ "name": "drill", "scopes": scopes, "days": days });
    let issued = api.post(&who, TOKENS, TOKENS, &asked)?.needed()?;
    Ok(Who::token(text(&issued, "token", TOKENS)?))
}

/// Sends the town's areas, as a file of areas.
fn import_areas(api: &Api, by: &Who, town: &Town, root: AreaCode) -> Result<(), Stop> {
    const ROUTE: &str = "/api/imports";
    const LINE: &str = "----lianfang-drill";
    let areas: Vec<_> = town
        .areas()
        .iter()
        .filter(|area| root.contains(area.code))
        .cloned()
        .collect();
    let mut file = Vec::new();
    if write_areas(&mut file, &areas).is_err() {
        return Err(Stop::Answer {
            route: ROUTE,
            what: "areas to send",
        });
    }
    let mut head = String::new();
    let form = [("kind", "areas"), ("lang", "zh")];
    for (name, value) in form {
        let _ = write!(
            head,
            "--{LINE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    let _ = write!(
        head,
        "--{LINE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"areas.csv\"\r\n\r\n"
    );
    let mut body = head.into_bytes();
    body.extend(file);
    body.extend(format!("\r\n--{LINE}--\r\n").into_bytes());
    let content = format!("multipart/form-data; boundary={LINE}");
    let report = api
        .send(by, "POST", (ROUTE, ROUTE), &content, &body)?
        .needed()?;
    if report["rows_refused"].as_u64() == Some(0) {
        return Ok(());
    }
    let why = &report["refusals"][0]["message"]["en"];
    Err(Stop::Refused {
        route: ROUTE,
        code: "areas".into(),
        message: format!(
            "the drill's areas lie in {root}, which the server must be founded for or contain: {}",
            why.as_str().unwrap_or_default()
        ),
    })
}

/// Gates, the site, as the entries that set them up: by which township, none for the whole town.
pub(super) fn gates_and_site(town: &Town, root: AreaCode) -> Vec<(Option<usize>, Happening)> {
    let mut made: Vec<(Option<usize>, Happening)> = town
        .townships()
        .iter()
        .enumerate()
        .map(|(nth, area)| {
            let gate = Happening::Checkpoint {
                checkpoint: None,
                area: *area,
                place: CheckpointKind::Expressway,
                name: format!("演练{}号卡口", nth + 1),
                name_en: Some(format!("Drill gate {}", nth + 1)),
                lanes: 4,
                open: true,
            };
            (Some(nth), gate)
        })
        .collect();
    let n = (town.residents().len() as u32 / PEOPLE_PER_ROOM).clamp(40, MOST_ROOMS);
    let rooms = (0..n)
        .map(|nth| Room {
            room: format!("{}{:02}", nth / 40 + 1, nth % 40 + 1),
            beds: BEDS,
        })
        .collect();
    let county = town.areas().iter().find(|area| area.level == Level::County);
    made.push((
        None,
        Happening::Site {
            site: None,
            area: county.map_or(root, |area| area.code),
            name: "演练集中隔离点".into(),
            name_en: Some("Drill quarantine site".into()),
            takes: Vec::new(),
            rooms,
            open: true,
        },
    ));
    made
}

/// Makes the markets known.
pub(super) fn markets(api: &Api, cast: &Cast, town: &Town) -> Result<Vec<(u64, String)>, Stop> {
    const ROUTE: &str = "/api/places";
    let mut markets = Vec::new();
    for (nth, area) in town.townships().iter().enumerate() {
        let code = (MARKET + nth as u64 + 1).to_string();
        let place = json!({
            "code": code,
            "name": format!("演练{}号市场", nth + 1),
            "name_en": format!("Drill market {}", nth + 1),
            "area": area,
            "kind": "market",
        });
        let made: Value = api.post(&cast.county, ROUTE, ROUTE, &place)?.needed()?;
        let number = text(&made, "place", ROUTE)?.parse().ok();
        let number = number.ok_or(Stop::Answer {
            route: ROUTE,
            what: "place",
        })?;
        markets.push((number, code));
    }
    Ok(markets)
}
