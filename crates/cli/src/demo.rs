//! `lianfang demo`: a synthetic city whose outbreak has been entered day by day, as its people
//! would have done it, and a login for each role.
//!
//! The house is given a clock that is set to each past day in turn, and then runs with this
//! machine's: what stands in the ledger was recorded on the day on which it would have been.

mod field;
mod links;
mod passes;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use lianfang_city::areas::{Description, city};
use lianfang_city::linelist;
use lianfang_city::outbreak::{DailyReport, Outbreak, daily_reports, outbreak};
use lianfang_core::access::{Grant, Role};
use lianfang_core::areas::{Area, AreaCode, Level};
use lianfang_core::text::Language;
use lianfang_core::time::UtcOffset;
use lianfang_http::{DemoLogin, Options};
use lianfang_intake::{Kind, Source};
use lianfang_policy::Pack;
use lianfang_service::foresight::MakeForecasts;
use lianfang_service::imports::ImportRequest;
use lianfang_service::matters::{NewMatter, NewStep};
use lianfang_service::{Actor, FIRST_PACK, House};
use lianfang_store::Clock;

use crate::city::write_areas;
use crate::serve;

const SEED: u64 = 2020;
const DAYS: i64 = 55;
const CASES: u32 = 900;
/// Known to all: a demo has nothing to hide, and listens on this machine only.
const PASSWORD: &str = "lianfang-demo";
/// Marks a folder as a demo's, so that nothing else is ever deleted.
const MARK: &str = "demo.json";

#[derive(Args)]
pub(crate) struct Demo {
    /// Folder for the demo's data; made anew unless it holds a demo of today.
    #[arg(long, value_name = "DIR", default_value = "data/demo")]
    data_dir: PathBuf,
    /// Port on 127.0.0.1; 0 for a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

/// A clock that stands at a set moment, or runs with the machine's when none is set.
#[derive(Clone, Default)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn clock(&self) -> Clock {
        let hand = self.clone();
        Arc::new(move || match hand.0.load(Ordering::SeqCst) {
            0 => Timestamp::now(),
            milliseconds => {
                Timestamp::from_millisecond(milliseconds).unwrap_or_else(|_| Timestamp::now())
            }
        })
    }

    fn set(&self, moment: Timestamp) {
        self.0.store(moment.as_millisecond(), Ordering::SeqCst);
    }

    fn run(&self) {
        self.0.store(0, Ordering::SeqCst);
    }
}

pub(crate) fn demo(args: &Demo) -> anyhow::Result<()> {
    let hand = Hand::default();
    let today = UtcOffset::CHINA.day_of(Timestamp::now());
    let (house, logins) = match kept(&args.data_dir, today)? {
        Some(logins) => (House::open(&args.data_dir, hand.clock())?, logins),
        None => make(&args.data_dir, today, &hand)?,
    };
    let options = Options {
        demo: logins.clone(),
        ..Options::default()
    };
    serve::run(
        house,
        ([127, 0, 0, 1], args.port).into(),
        options,
        |address| {
            eprintln!(
                "\nThe demo is ready: http://{address}\n\nlogin           password        role, area"
            );
            for login in &logins {
                eprintln!(
                    "{:<15} {:<15} {}, {}",
                    login.login,
                    login.password,
                    login.role.word(),
                    login.area.name_en.as_deref().unwrap_or(&login.area.name)
                );
            }
            eprintln!("\nStop it with Ctrl-C.");
            serve::say_ready(
                &serde_json::json!({ "address": format!("http://{address}"), "logins": logins }),
            );
        },
    )
}

/// The logins of a demo that was made today, if the folder holds one. An older demo goes.
fn kept(folder: &Path, today: Date) -> anyhow::Result<Option<Vec<DemoLogin>>> {
    let mark = folder.join(MARK);
    if !folder.exists() || std::fs::read_dir(folder)?.next().is_none() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&mark).with_context(|| {
        format!(
            "{} holds something else than a demo; name another folder",
            folder.display()
        )
    })?;
    let kept: Kept = serde_json::from_str(&text).context(MARK)?;
    if kept.day == today && kept.version == env!("CARGO_PKG_VERSION") {
        return Ok(Some(kept.logins));
    }
    eprintln!(
        "the demo in {} is of {}: making it anew",
        folder.display(),
        kept.day
    );
    std::fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    Ok(None)
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    day: Date,
    version: String,
    logins: Vec<DemoLogin>,
}

fn make(folder: &Path, today: Date, hand: &Hand) -> anyhow::Result<(House, Vec<DemoLogin>)> {
    let yesterday = today.checked_sub(1.day())?;
    let first = yesterday.checked_sub(DAYS.days())?;
    let city = city(&Description::default())?;
    let wave = outbreak(&city, SEED, first, yesterday, CASES)?;
    let root = city
        .areas()
        .iter()
        .find(|area| area.level == Level::City)
        .context("a city")?
        .code;
    hand.set(at(first, 6));
    let house = House::found(
        folder,
        root,
        UtcOffset::CHINA,
        &Pack::shipped(FIRST_PACK)?,
        hand.clock(),
    )?;
    let director = Director {
        house: &house,
        hand,
    };
    director.import_areas(
        &city
            .areas()
            .iter()
            .filter(|a| root.contains(a.code))
            .cloned()
            .collect::<Vec<_>>(),
    )?;
    let cast = director.open_accounts(&city, &wave)?;
    director.play(&wave, &daily_reports(&city, &wave), first, yesterday)?;
    director.matters(&cast, today)?;
    director.links(&cast, &wave)?;
    let travellers = director.field(&cast, &wave, today)?;
    director.passes(&cast, &wave, &travellers, today)?;
    hand.run();
    director.forecast()?;
    house.escalate_late()?;
    house.store().checkpoint()?;
    let logins: Vec<DemoLogin> = cast.into_iter().map(|player| player.login).collect();
    let kept = Kept {
        day: today,
        version: env!("CARGO_PKG_VERSION").into(),
        logins: logins.clone(),
    };
    std::fs::write(folder.join(MARK), serde_json::to_string_pretty(&kept)?)?;
    Ok((house, logins))
}

fn at(day: Date, hour: i64) -> Timestamp {
    UtcOffset::CHINA.start_of(day) + SignedDuration::from_hours(hour)
}

/// People who act at once: what they write shares a sync.
const AT_ONCE: usize = 32;

/// Lets several act at the same moment.
fn together<T: Sync, R: Send>(
    items: &[T],
    act: impl Fn(&T) -> anyhow::Result<R> + Sync,
) -> anyhow::Result<Vec<R>> {
    let act = &act;
    let mut all = Vec::with_capacity(items.len());
    for some in items.chunks(AT_ONCE) {
        let done: Vec<_> = std::thread::scope(|scope| {
            let hands: Vec<_> = some
                .iter()
                .map(|item| scope.spawn(move || act(item)))
                .collect();
            hands
                .into_iter()
                .map(std::thread::ScopedJoinHandle::join)
                .collect()
        });
        for one in done {
            all.push(one.map_err(|_| anyhow::anyhow!("somebody of the demo failed"))??);
        }
    }
    Ok(all)
}

struct Player {
    login: DemoLogin,
    actor: Actor,
}

/// Sets the clock and lets people act.
struct Director<'a> {
    house: &'a House,
    hand: &'a Hand,
}

impl Director<'_> {
    fn import(&self, name: &str, kind: Kind, bytes: Vec<u8>) -> anyhow::Result<()> {
        let digest = blake3::hash(&bytes).to_hex().to_string();
        let request = ImportRequest {
            kind,
            preset: None,
            area: None,
            dry_run: false,
            digest,
            language: Language::Zh,
        };
        let imported = self.house.import(
            &Actor::house("demo"),
            Source::bytes(name, bytes),
            &request,
            &mut |_| {},
        )?;
        let refused = imported.import.report.rows_refused;
        if refused > 0 {
            bail!("{name}: {refused} rows of the synthetic city were refused");
        }
        Ok(())
    }

    fn import_areas(&self, areas: &[Area]) -> anyhow::Result<()> {
        let mut file = Vec::new();
        write_areas(&mut file, areas)?;
        self.import("areas.csv", Kind::Areas, file)
    }

    /// Each day at eight in the evening the line list is brought up to date and townships report.
    fn play(
        &self,
        wave: &Outbreak,
        reports: &[DailyReport],
        first: Date,
        last: Date,
    ) -> anyhow::Result<()> {
        let days = u64::try_from(DAYS)? + 1;
        let style =
            ProgressStyle::with_template("making the demo city {wide_bar} {pos}/{len} days")?;
        let bar = ProgressBar::new(days).with_style(style);
        let mut day = first;
        while day <= last {
            self.hand.set(at(day, 6));
            self.forecast()?;
            self.hand.set(at(day, 20));
            let mut file = Vec::new();
            if linelist::write(&mut file, wave, day)? > 0 {
                self.import(&format!("line-list-{day}.csv"), Kind::Linelist, file)?;
            }
            for report in reports
                .iter()
                .filter(|report| report.day == day && report.filed)
            {
                self.house.file_daily_report(
                    &Actor::house("demo"),
                    report.area,
                    day,
                    report.new_cases,
                )?;
            }
            bar.inc(1);
            day = day.checked_add(1.day())?;
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// The forecasts of the day before.
    fn forecast(&self) -> anyhow::Result<()> {
        let ask = MakeForecasts::default();
        self.house.make_forecasts(&Actor::house("demo"), &ask)?;
        Ok(())
    }

    fn open_accounts(
        &self,
        city: &lianfang_city::areas::City,
        wave: &Outbreak,
    ) -> anyhow::Result<Vec<Player>> {
        let root = self.house.store().root();
        let busiest = busiest(wave, Level::County).context("a county with cases")?;
        let township = busiest_within(wave, busiest, Level::Township).unwrap_or(busiest);
        let village = busiest_within(wave, township, Level::Village).unwrap_or(township);
        let other = city
            .counties()
            .map(|county| county.code)
            .find(|code| *code != busiest)
            .unwrap_or(root);
        let cast = [
            ("commander", "陈志远", Role::Commander, root),
            ("epidemiologist", "林书瑶", Role::Epidemiologist, root),
            ("officer", "周建国", Role::AreaOfficer, busiest),
            ("neighbour", "吴敏", Role::AreaOfficer, other),
            ("township", "郑海燕", Role::AreaOfficer, township),
            ("grid", "何小兰", Role::GridWorker, village),
            ("checkpoint", "马晓东", Role::CheckpointStaff, busiest),
            ("site", "罗静", Role::SiteStaff, busiest),
            ("inspector", "高翔", Role::Inspector, root),
            ("enterprise", "孙丽", Role::EnterpriseContact, busiest),
            ("auditor", "梁正", Role::Auditor, root),
            ("admin", "系统管理员", Role::Administrator, root),
        ];
        cast.into_iter()
            .map(|(login, name, role, code)| {
                let grant = Grant { role, area: code };
                let account = self.house.open_demo_account(login, name, PASSWORD, grant)?;
                let area = self.house.area(&Actor::house("demo"), code)?.area;
                let actor = Actor::of(account, vec![grant], "web");
                let login = DemoLogin {
                    login: login.into(),
                    password: PASSWORD.into(),
                    role,
                    name: name.into(),
                    area,
                };
                Ok(Player { login, actor })
            })
            .collect()
    }

    /// Gates and quarantine of the county with most cases.
    fn field(
        &self,
        cast: &[Player],
        wave: &Outbreak,
        today: Date,
    ) -> anyhow::Result<Vec<field::Traveller>> {
        let player = |login: &str| {
            cast.iter()
                .find(|p| p.login.login == login)
                .context("a player")
        };
        let (officer, grid) = (player("officer")?, player("grid")?);
        let county = officer.login.area.code;
        let risky = wave
            .cases
            .iter()
            .map(|case| case.area.at_level(Level::County))
            .find(|area| *area != county)
            .unwrap_or(county);
        let hands = field::Hands {
            officer: &officer.actor,
            gate: &player("checkpoint")?.actor,
            site: &player("site")?.actor,
            grid: &grid.actor,
            county,
            village: grid.login.area.code,
            risky,
        };
        field::play(self.house, self.hand, &hands, today)
    }

    /// What investigations found of who infected whom.
    fn links(&self, cast: &[Player], wave: &Outbreak) -> anyhow::Result<()> {
        let by = cast
            .iter()
            .find(|p| p.login.role == Role::Epidemiologist)
            .context("an epidemiologist")?;
        links::play(self.house, self.hand, &by.actor, wave)
    }

    /// Passes in the county with most cases.
    fn passes(
        &self,
        cast: &[Player],
        wave: &Outbreak,
        travellers: &[field::Traveller],
        today: Date,
    ) -> anyhow::Result<()> {
        let player = |login: &str| {
            cast.iter()
                .find(|p| p.login.login == login)
                .context("a player")
        };
        let (officer, grid) = (player("officer")?, player("grid")?);
        let hands = passes::Hands {
            officer: &officer.actor,
            gate: &player("checkpoint")?.actor,
            grid: &grid.actor,
            county: officer.login.area.code,
            village: grid.login.area.code,
        };
        passes::play(self.house, self.hand, &hands, (wave, travellers), today)
    }

    /// Matters in every state: open, being worked on, awaiting confirmation, closed, late.
    fn matters(&self, cast: &[Player], today: Date) -> anyhow::Result<()> {
        let player = |login: &str| {
            cast.iter()
                .find(|p| p.login.login == login)
                .context("a player")
        };
        let (commander, inspector) = (player("commander")?, player("inspector")?);
        let (officer, township, neighbour) = (
            player("officer")?,
            player("township")?,
            player("neighbour")?,
        );
        let days_ago = |days: i64, hour: i64| anyhow::Ok(at(today.checked_sub(days.days())?, hour));
        let open = |by: &Player,
                    when: Timestamp,
                    kind: &str,
                    title: &str,
                    detail: &str,
                    area: AreaCode| {
            self.hand.set(when);
            let new = NewMatter {
                id: None,
                kind: kind.into(),
                title: title.into(),
                detail: detail.into(),
                area,
                owner: None,
                deadline: None,
            };
            self.house.open_matter(&by.actor, &new)
        };
        let act = |by: &Player,
                   when: Timestamp,
                   matter,
                   action: &str,
                   note: Option<&str>,
                   evidence: Option<&str>| {
            self.hand.set(when);
            let step = NewStep {
                id: None,
                action: action.into(),
                note: note.map(str::to_owned),
                evidence: evidence.map(str::to_owned),
            };
            self.house.act_on_matter(&by.actor, matter, &step)
        };
        let (county, town, far) = (
            officer.login.area.code,
            township.login.area.code,
            neighbour.login.area.code,
        );

        let m = open(
            commander,
            days_ago(6, 9)?,
            "directive",
            "两天内完成返乡人员摸排 · Canvass all returnees within two days",
            "逐户登记，漏一户补一户。 · House by house; whoever was missed is visited again.",
            county,
        )?;
        act(officer, days_ago(6, 10)?, m, "accept", None, None)?;
        act(
            officer,
            days_ago(5, 8)?,
            m,
            "carry_out",
            None,
            Some("摸排表36份，已归档 · 36 canvass sheets, filed"),
        )?;
        act(commander, days_ago(5, 11)?, m, "confirm", None, None)?;

        let m = open(
            inspector,
            days_ago(2, 15)?,
            "rectification",
            "农贸市场测温点无人值守 · Market entrance: nobody at the temperature check",
            "",
            town,
        )?;
        act(township, days_ago(2, 17)?, m, "take_up", None, None)?;
        act(
            township,
            days_ago(1, 9)?,
            m,
            "put_right",
            None,
            Some("已安排两班值守，附排班表 · two shifts, roster attached"),
        )?;

        let m = open(
            commander,
            days_ago(3, 9)?,
            "directive",
            "集中观察点补足床位 · Bring the quarantine site up to its beds",
            "",
            county,
        )?;
        act(officer, days_ago(3, 12)?, m, "accept", None, None)?;

        open(
            commander,
            days_ago(1, 21)?,
            "missing_report",
            "昨日日报未报 · Yesterday's daily report is missing",
            "",
            far,
        )?;
        open(
            inspector,
            days_ago(1, 16)?,
            "rectification",
            "小区出入口未登记外来车辆 · Compound gate: strangers' cars not recorded",
            "",
            county,
        )?;
        let m = open(
            commander,
            days_ago(4, 8)?,
            "directive",
            "核实聚集性疫情接触者名单 · Verify the contacts of the market cluster",
            "",
            town,
        )?;
        act(township, days_ago(4, 9)?, m, "accept", None, None)?;
        act(
            township,
            days_ago(4, 20)?,
            m,
            "carry_out",
            None,
            Some("名单41人 · list of 41"),
        )?;
        act(
            officer,
            days_ago(3, 8)?,
            m,
            "return",
            Some("缺3人联系方式 · three phone numbers missing"),
            None,
        )?;
        Ok(())
    }
}

fn busiest(wave: &Outbreak, level: Level) -> Option<AreaCode> {
    busiest_within(wave, AreaCode::COUNTRY, level)
}

/// The area of a level, within another, that has most cases.
fn busiest_within(wave: &Outbreak, within: AreaCode, level: Level) -> Option<AreaCode> {
    let mut counts = std::collections::BTreeMap::<AreaCode, u32>::new();
    for case in wave.cases.iter().filter(|case| within.contains(case.area)) {
        *counts.entry(case.area.at_level(level)).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(_, n)| *n)
        .map(|(code, _)| code)
}
