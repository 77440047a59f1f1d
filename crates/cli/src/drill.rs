//! `lianfang drill`: plays a seeded outbreak against a running system through its own API, as all the people who would use it,
//! and compares in the end what the system knew with the truth.
//!
//! A drill needs a house whose clock it may move. `lianfang drill` founds one, serves it and plays in it; `lianfang drill serve`
//! serves one, and `lianfang drill --server URL` plays there. A server that is no drill is played against by its own, real
//! clock, and only if that was said twice.

mod api;
mod book;
mod cases;
mod cast;
mod citizens;
mod clock;
mod evening;
mod files;
mod gate;
mod play;
mod report;
mod serve;
mod tracing;
mod watch;

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_city::drill::{Scenario, Setting, Town, World};
use lianfang_core::ids::{CheckpointId, SiteId};
use lianfang_core::time::UtcOffset;
use lianfang_service::FIRST_PACK;
use lianfang_service::field::Happening;

use crate::out::{self, Format};
use crate::policy::whole_pack;
use crate::serve as serving;
use api::{Api, Stop, Who};
use cast::{Cast, Places};
use clock::{Pace, Speed, speed};
use play::{Ids, Play, Role};
use report::Course;

/// Whether somebody asked the drill to stop.
static STOPPED: AtomicBool = AtomicBool::new(false);
/// The token of an administrator, where it does not come in a file.
const TOKEN: &str = "LIANFANG_TOKEN";

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Drill {
    #[command(subcommand)]
    command: Option<DrillCommand>,
    #[command(flatten)]
    play: PlayArgs,
}

#[derive(Subcommand)]
enum DrillCommand {
    /// Serve a drill's house, and play nothing: `lianfang drill --server URL` plays in it.
    Serve(ServeArgs),
}

#[derive(Args)]
struct ServeArgs {
    /// Folder of the drill; founded where there is none.
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The first day of a new drill; today, if left out.
    #[arg(long, value_name = "DATE")]
    first_day: Option<Date>,
    /// The policy pack of a new drill: a file, or the id of one that comes with the program.
    #[arg(long, value_name = "FILE", default_value = FIRST_PACK)]
    policy: String,
}

#[derive(Args)]
struct PlayArgs {
    /// Folder of a drill that is founded and served while it is played.
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    data_dir: Option<PathBuf>,
    /// Address on which it is served.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Go on serving when the drill has ended, until Ctrl-C.
    #[arg(long, conflicts_with = "server")]
    stay: bool,
    /// A server that runs already, such as http://127.0.0.1:8080.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// A file with the token of an administrator of that server. A drill's server needs none; LIANFANG_TOKEN is read too.
    #[arg(long, value_name = "FILE", requires = "server")]
    token_file: Option<PathBuf>,
    /// The server is a live city, not a drill.
    #[arg(long, requires = "server")]
    live: bool,
    /// And that is meant: made-up people and cases go into its ledger, which forgets nothing.
    #[arg(long, requires = "live")]
    yes_this_is_a_live_city: bool,
    /// People who live in the town.
    #[arg(long, default_value_t = 10_000, allow_negative_numbers = true)]
    people: i64,
    /// Days to play.
    #[arg(long, default_value_t = 30, allow_negative_numbers = true)]
    days: i64,
    /// From which all of it follows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The first day of a new drill; today, if left out.
    #[arg(long, value_name = "DATE")]
    first_day: Option<Date>,
    /// How fast: `max`, or such as 1day=2s, 1day=10min.
    #[arg(long, default_value = "max", value_parser = speed)]
    speed: Speed,
    /// Leave a role to people; may be given again.
    #[arg(long = "leave", visible_alias = "without", value_name = "ROLE")]
    leave: Vec<Role>,
    /// How people behave, and what surprises there are; see docs/foresight.md.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Without surprises.
    #[arg(long)]
    no_surprises: bool,
    /// The policy pack of a new drill, and the disease of the outbreak: a file, or the id of one that comes with the program.
    #[arg(long, value_name = "FILE", default_value = FIRST_PACK)]
    policy: String,
    /// Requests at one time.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: u16,
    /// Folder for the report, and the truth that it rests on.
    #[arg(long, value_name = "DIR", default_value = "drill-report")]
    out: PathBuf,
    /// How the report is printed.
    #[arg(long, default_value = "text")]
    format: Format,
}

/// The value behind a lock, also after a thread that held it panicked.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn drill(args: &Drill) -> anyhow::Result<ExitCode> {
    match &args.command {
        Some(DrillCommand::Serve(args)) => serve_only(args).map(|()| ExitCode::SUCCESS),
        None => play(&args.play),
    }
}

fn today() -> Date {
    UtcOffset::CHINA.day_of(Timestamp::now())
}

fn serve_only(args: &ServeArgs) -> anyhow::Result<()> {
    let pack = whole_pack(&args.policy)?;
    let first = args.first_day.unwrap_or_else(today);
    let drill = serve::open_or_found(&args.data_dir, first, &pack)?;
    let options = drill.options();
    serving::run(drill.house, args.listen, options, |address| {
        eprintln!(
            "a drill is served at http://{address}; play in it with: lianfang drill --server http://{address}"
        );
        serving::say_ready(
            &serde_json::json!({ "address": format!("http://{address}"), "drill": true }),
        );
    })
}

/// A whole number of people or days; what is asked for otherwise is refused by the town.
fn whole(value: i64, name: &str) -> anyhow::Result<u32> {
    u32::try_from(value).with_context(|| format!("--{name} {value}: it takes a number above 0"))
}

fn play(args: &PlayArgs) -> anyhow::Result<ExitCode> {
    let pack = whole_pack(&args.policy)?;
    let mut setting = Setting {
        seed: args.seed,
        people: whole(args.people, "people")?,
        days: whole(args.days, "days")?,
        first_day: args.first_day.unwrap_or_else(today),
    };
    let scenario = scenario(args)?;
    // What cannot be played is refused before anything is founded or sent.
    let mut town = Town::build(&setting, &scenario)?;
    listen_for_stop();
    let server = match (&args.server, &args.data_dir) {
        (Some(_), _) => None,
        (None, Some(folder)) => {
            let house = serve::open_or_found(folder, setting.first_day, &pack)?;
            Some(serve::Server::start(house, args.listen)?)
        }
        (None, None) => bail!(
            "name a folder for the drill's own house (--data-dir DIR), or the server to play against (--server URL)"
        ),
    };
    let address = match (&args.server, &server) {
        (Some(address), _) => address.clone(),
        (None, Some(server)) => format!("http://{}", server.address),
        (None, None) => bail!("no server"),
    };
    let connections = usize::from(args.connections);
    let api = Api::at(&address, connections, &STOPPED);
    let begun = Instant::now();
    let opened = open(args, &api)?;
    if setting.first_day != opened.first_day {
        setting.first_day = opened.first_day;
        town = Town::build(&setting, &scenario)?;
    }
    eprintln!(
        "drill of {} people over {} days from {} at {address}",
        setting.people, setting.days, setting.first_day
    );
    serving::say_ready(&serde_json::json!({ "address": address, "drill": true }));
    let run = format!("d{:x}", Timestamp::now().as_millisecond());
    let world = World::new(town, &scenario, &pack.natural_history)?;
    let cast = cast::open_accounts(
        &api,
        opened.admin,
        world.town(),
        &setting,
        (&run, opened.home),
    )?;
    let calls = files::calls(&args.out, &args.leave)?;
    let mut play = prepare(&api, setting, scenario, world, cast, opened.pace, args);
    play.calls = calls;
    let failed = finish(play, args, begun)?;
    if args.stay && failed == ExitCode::SUCCESS {
        eprintln!("the drill has ended; it is served at {address} until Ctrl-C");
        while !STOPPED.load(Ordering::SeqCst) {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }
    if let Some(server) = server {
        server.end()?;
    }
    Ok(failed)
}

fn scenario(args: &PlayArgs) -> anyhow::Result<Scenario> {
    let scenario = match &args.scenario {
        None => Scenario::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            Scenario::parse(&text).with_context(|| path.display().to_string())?
        }
    };
    Ok(if args.no_surprises {
        scenario.without_surprises()
    } else {
        scenario
    })
}

/// The first Ctrl-C lets the drill report what it has; the second ends it as usual.
fn listen_for_stop() {
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else { return };
        while runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            if STOPPED.swap(true, Ordering::SeqCst) {
                std::process::exit(1);
            }
        }
    });
}

/// A server that may be played against.
struct Opened {
    admin: Who,
    home: lianfang_core::areas::AreaCode,
    first_day: Date,
    pace: Pace,
}

/// Asks the server whether it is a drill. A live city is refused unless that was said twice.
fn open(args: &PlayArgs, api: &Api) -> anyhow::Result<Opened> {
    const DRILL: &str = "/api/drill";
    const DEMO: &str = "/api/demo";
    const SESSION: &str = "/api/session";
    let answer = api.get(&Who::NOBODY, DRILL, DRILL)?;
    let now: Option<Timestamp> = if answer.status == 404 {
        None
    } else {
        let text = api::text(&answer.needed()?, "now", DRILL)?;
        Some(text.parse().context("the drill's clock")?)
    };
    if now.is_none() && !(args.live && args.yes_this_is_a_live_city) {
        bail!(
            "the server at {} is no drill but a live city: made-up people and cases would go into its ledger, which forgets nothing. \
             Serve a drill with `lianfang drill serve`; if a live city is meant, say so twice, with --live and --yes-this-is-a-live-city",
            api.address()
        );
    }
    let token = token(args)?;
    let (admin, me) = match (token, now) {
        (Some(token), _) => {
            let who = Who::token(token);
            let me = api.get(&who, SESSION, SESSION)?.needed()?;
            (who, me)
        }
        (None, Some(_)) => {
            let shown = api.get(&Who::NOBODY, DEMO, DEMO)?.needed()?;
            let logins = shown["logins"].as_array().cloned().unwrap_or_default();
            let admin = logins.iter().find(|login| login["role"] == "administrator");
            let admin = admin.context("the drill's server shows no administrator's login")?;
            let login = api::text(admin, "login", DEMO)?;
            let password = api::text(admin, "password", DEMO)?;
            api.sign_in(&login, &password)?
        }
        (None, None) => {
            bail!("a live city needs the token of an administrator: --token-file FILE, or {TOKEN}")
        }
    };
    let home = me["home"]["code"].as_str().unwrap_or_default().parse();
    let home = home.context("the administrator's area")?;
    let (first_day, pace) = match now {
        None => (
            today().tomorrow()?,
            Pace::new(Speed::Real, Timestamp::now()),
        ),
        Some(now) => {
            let day = UtcOffset::CHINA.day_of(now);
            // The first morning lies ahead.
            let first = if now <= serve::begins(day) {
                day
            } else {
                day.tomorrow()?
            };
            (first, Pace::new(args.speed, now))
        }
    };
    Ok(Opened {
        admin,
        home,
        first_day,
        pace,
    })
}

fn token(args: &PlayArgs) -> anyhow::Result<Option<String>> {
    if let Some(path) = &args.token_file {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        return Ok(Some(text.trim().to_owned()));
    }
    Ok(std::env::var(TOKEN).ok().filter(|_| args.server.is_some()))
}

fn prepare<'a>(
    api: &'a Api,
    setting: Setting,
    scenario: Scenario,
    world: World,
    cast: Cast,
    pace: Pace,
    args: &PlayArgs,
) -> Play<'a> {
    let residents = world.town().residents();
    let documents: HashMap<String, u32> = residents
        .iter()
        .enumerate()
        .map(|(number, resident)| (resident.person.resident_id.to_string(), number as u32))
        .collect();
    let now = Timestamp::now().as_millisecond().unsigned_abs();
    // Ids of two drills in one ledger differ, also of one seed.
    let run = (now ^ setting.seed.rotate_left(20)) & 0xff_ffff_ffff;
    Play {
        api,
        setting,
        scenario,
        world,
        cast,
        places: Places {
            gates: Vec::new(),
            site: SiteId::from_bytes([0; 16]),
            markets: Vec::new(),
        },
        pace,
        left: args.leave.iter().copied().collect::<BTreeSet<Role>>(),
        book: Mutex::default(),
        ids: Ids::new(run),
        known: Mutex::default(),
        documents,
        codes: std::collections::BTreeMap::new(),
        queue: Mutex::default(),
        samples: Vec::new(),
        traced: BTreeSet::new(),
        held_back: Vec::new(),
        visits: HashMap::new(),
        check_ins: (0, 0),
        calls: None,
        evenings: Vec::new(),
        connections: usize::from(args.connections),
    }
}

/// Plays to the end, or as far as it goes, and reports.
fn finish(mut play: Play<'_>, args: &PlayArgs, begun: Instant) -> anyhow::Result<ExitCode> {
    let mut days_played = 0;
    let stopped = play.all_days(&mut days_played).err();
    // Where it was stopped the system can still be asked.
    STOPPED.store(false, Ordering::SeqCst);
    let seconds = begun.elapsed().as_secs_f64();
    let asked = match &stopped {
        Some(Stop::Gone { .. }) => None,
        _ => Some(report::known(&play)),
    };
    let (known, unread) = match asked {
        Some(Ok(known)) => (Some(known), None),
        Some(Err(stop)) => (None, Some(stop)),
        None => (None, None),
    };
    let broken_off = stopped.or(unread).map(|stop| stop.to_string());
    let course = Course {
        days_played,
        seconds,
        broken_off: broken_off.clone(),
    };
    let report = report::report(&play, known.as_ref(), course);
    let text = report::text(&report);
    let json = serde_json::to_string_pretty(&report)?;
    files::write(&args.out, &play, &text, &json)?;
    match args.format {
        Format::Text => out::text(&text)?,
        Format::Json => out::line(&json)?,
    }
    eprintln!("report and truth: {}", args.out.display());
    if let Some(reason) = broken_off {
        eprintln!(
            "lianfang: the drill broke off on day {}: {reason}",
            days_played + 1
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

impl Play<'_> {
    /// The whole drill, day by day.
    fn all_days(&mut self, days_played: &mut u32) -> Result<(), Stop> {
        self.until(0, 5 * 60 + 30)?;
        self.set_up()?;
        let homes = self.roster()?;
        self.ask_for_passes()?;
        for day in 0..self.setting.days {
            self.day(day, &homes)?;
            *days_played = day + 1;
            eprintln!(
                "{}: {} infected so far, {} on this evening infectious among those with a pass",
                self.date(day as i32),
                self.world.infections().len(),
                self.evenings.last().map_or(0, |evening| evening.infectious)
            );
        }
        Ok(())
    }

    /// Gates, site and markets.
    fn set_up(&mut self) -> Result<(), Stop> {
        let made = cast::gates_and_site(self.world.town(), self.cast.root);
        self.places.markets = cast::markets(self.api, &self.cast, self.world.town())?;
        for (township, what) in made {
            let is_site = matches!(what, Happening::Site { .. });
            let who = match township {
                Some(township) => &self.cast.townships[township].officer,
                None => &self.cast.county,
            };
            let entry = self.entry(self.pace.now(), what);
            self.batch(who, std::slice::from_ref(&entry))?;
            if is_site {
                self.places.site = SiteId::from_bytes(entry.id.to_bytes());
            } else {
                let gate = CheckpointId::from_bytes(entry.id.to_bytes());
                self.places.gates.push(gate);
            }
        }
        Ok(())
    }

    /// One day, from the morning to the evening.
    fn day(
        &mut self,
        day: u32,
        homes: &[(usize, lianfang_core::ids::HouseholdId, u16)],
    ) -> Result<(), Stop> {
        self.until(day, 6 * 60)?;
        self.send_queued(day)?;
        let kept = self.kept()?;
        let free = lianfang_city::drill::Kept::Free;
        let played = self
            .world
            .day(day, &|person| kept.get(&person).copied().unwrap_or(free));
        for person in &played.arrive {
            let document = self.world.person(*person).resident_id.to_string();
            self.documents.insert(document, *person);
        }
        self.until(day, 7 * 60)?;
        self.declare(&played.arrive)?;
        self.report_health(day)?;
        self.until(day, 9 * 60)?;
        self.look_after(day, 0)?;
        self.answer_samples(day)?;
        self.answer_cases(day)?;
        self.until(day, 10 * 60)?;
        self.take_samples(day)?;
        self.clinic(day)?;
        self.classify(day)?;
        self.report_positive(day)?;
        self.report_ill(day, &played.see_doctor)?;
        self.until(day, 12 * 60 + 10)?;
        self.check_arrivals(day, &played.arrive, 0..12 * 60)?;
        self.round(day, homes)?;
        self.until(day, 14 * 60)?;
        self.trace(day)?;
        self.until(day, 16 * 60 + 30)?;
        self.release()?;
        self.check_arrivals(day, &played.arrive, 12 * 60..24 * 60)?;
        self.until(day, 17 * 60 + 30)?;
        self.send_queued(day)?;
        self.visit_markets(day, &played.visits)?;
        self.send_on()?;
        self.until(day, 18 * 60 + 30)?;
        self.receive()?;
        self.until(day, 19 * 60)?;
        self.put_under_watch()?;
        self.look_after(day, 1)?;
        self.until(day, 20 * 60)?;
        self.report_day(day)?;
        self.close()?;
        self.until(day, 22 * 60)?;
        self.evening(day)
    }

    /// Phones that have a network again send what they kept; no answer comes to the first try, so they send it twice.
    fn send_queued(&mut self, day: u32) -> Result<(), Stop> {
        let cut = self.scenario.cut.is_some_and(|cut| {
            let (from, until) = (
                self.at(cut.day, cut.from_hour * 60),
                self.at(cut.day, cut.until_hour * 60),
            );
            (from..until).contains(&self.pace.now())
        });
        if cut {
            return Ok(());
        }
        let queued = std::mem::take(&mut *locked(&self.queue));
        if !queued.is_empty() {
            let entries: usize = queued.iter().map(|one| one.entries.len()).sum();
            eprintln!(
                "{}: {entries} entries that phones kept are sent",
                self.date(day as i32)
            );
        }
        for one in queued {
            for batch in one.entries.chunks(lianfang_service::field::MOST_ENTRIES) {
                self.batch(&one.who, batch)?;
                self.batch(&one.who, batch)?;
            }
        }
        Ok(())
    }
}
