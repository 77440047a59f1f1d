//! A drill's house: founded for a made-up town, marked as a drill, with a clock that the drill moves.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::{Grant, Role};
use lianfang_core::areas::AreaCode;
use lianfang_core::time::UtcOffset;
use lianfang_http::{DemoLogin, DrillClock, Options, Service};
use lianfang_policy::Pack;
use lianfang_service::House;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::house::DRILL_MARK;

/// Known to all: a drill has nothing to hide.
pub(super) const PASSWORD: &str = "lianfang-drill";
/// Sessions of a drill outlast it, for its clock runs fast.
const SESSION: SignedDuration = SignedDuration::from_hours(24 * 400);
/// The area of the made-up town.
const ROOT: &str = "990100";
/// The hour at which a drill's first day begins.
const BEGINS: i64 = 5;

/// What the folder of a drill says of itself.
#[derive(serde::Serialize, serde::Deserialize)]
struct Mark {
    version: String,
    logins: Vec<DemoLogin>,
}

/// A drill's house with what serving it needs.
pub(super) struct DrillHouse {
    pub(super) house: House,
    pub(super) clock: DrillClock,
    pub(super) logins: Vec<DemoLogin>,
}

impl DrillHouse {
    /// How it is served.
    pub(super) fn options(&self) -> Options {
        Options {
            demo: self.logins.clone(),
            behind_tls: false,
            drill: Some(self.clock.clone()),
        }
    }
}

/// The moment at which a drill's day begins.
pub(super) fn begins(day: Date) -> Timestamp {
    UtcOffset::CHINA.start_of(day) + SignedDuration::from_hours(BEGINS)
}

/// Opens the drill's house in a folder, at the moment of the last thing that happened in it; founds it in an empty one.
pub(super) fn open_or_found(
    folder: &Path,
    first_day: Date,
    pack: &Pack,
) -> anyhow::Result<DrillHouse> {
    let mark = folder.join(DRILL_MARK);
    let empty = !folder.exists() || std::fs::read_dir(folder)?.next().is_none();
    if empty {
        return found(folder, first_day, pack);
    }
    let text = std::fs::read_to_string(&mark).with_context(|| {
        format!(
            "{} holds something else than a drill: name another --data-dir",
            folder.display()
        )
    })?;
    let mark: Mark = serde_json::from_str(&text).context(DRILL_MARK)?;
    let clock = DrillClock::at(begins(first_day));
    let house = House::open(folder, clock.clock())?.with_sessions_of(SESSION);
    let last = house.store().last_seq()?;
    let last = house
        .store()
        .fact(last)?
        .context("the ledger's last fact")?;
    // Opened again with a clock that stands where the drill ended.
    let clock_at = DrillClock::at(last.recorded_at);
    drop(house);
    let house = House::open(folder, clock_at.clock())?.with_sessions_of(SESSION);
    Ok(DrillHouse {
        house,
        clock: clock_at,
        logins: mark.logins,
    })
}

fn found(folder: &Path, first_day: Date, pack: &Pack) -> anyhow::Result<DrillHouse> {
    let clock = DrillClock::at(begins(first_day));
    let root: AreaCode = ROOT.parse()?;
    let house = House::found(folder, root, UtcOffset::CHINA, pack, clock.clock())?
        .with_sessions_of(SESSION);
    let cast = [
        ("commander", "指挥长", Role::Commander),
        ("epidemiologist", "流行病学", Role::Epidemiologist),
        ("officer", "片区负责人", Role::AreaOfficer),
        ("grid", "网格员", Role::GridWorker),
        ("checkpoint", "卡口人员", Role::CheckpointStaff),
        ("site", "隔离点人员", Role::SiteStaff),
        ("inspector", "督查", Role::Inspector),
        ("auditor", "审计", Role::Auditor),
        ("admin", "系统管理员", Role::Administrator),
    ];
    let area = house
        .area(&lianfang_service::Actor::house("drill"), root)?
        .area;
    let mut logins = Vec::new();
    for (login, name, role) in cast {
        let grant = Grant { role, area: root };
        house.open_demo_account(login, name, PASSWORD, grant)?;
        logins.push(DemoLogin {
            login: login.into(),
            password: PASSWORD.into(),
            role,
            name: name.into(),
            area: area.clone(),
        });
    }
    let mark = Mark {
        version: env!("CARGO_PKG_VERSION").into(),
        logins: logins.clone(),
    };
    std::fs::write(
        folder.join(DRILL_MARK),
        serde_json::to_string_pretty(&mark)?,
    )?;
    Ok(DrillHouse {
        house,
        clock,
        logins,
    })
}

/// A server in this process, until it is told to end.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    end: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<anyhow::Result<()>>,
}

impl Server {
    /// Serves a drill's house.
    pub(super) fn start(drill: DrillHouse, listen: SocketAddr) -> anyhow::Result<Self> {
        let options = drill.options();
        let house = Arc::new(drill.house);
        let router = lianfang_http::router(Service::new(Arc::clone(&house), options));
        let (end, ended) = oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let bound = TcpListener::bind(listen).await;
                let listener = match bound {
                    Ok(listener) => listener,
                    Err(error) => {
                        // Whoever waits hears of it through the channel's end.
                        drop(tell);
                        return Err(error).with_context(|| format!("listening on {listen}"));
                    }
                };
                if tell.send(listener.local_addr()?).is_err() {
                    bail!("nobody waits for the server");
                }
                let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection keeps its small packets back");
                    }
                });
                axum::serve(listener, router)
                    .with_graceful_shutdown(async {
                        // Its end is as good as a word.
                        let _ = ended.await;
                    })
                    .await?;
                anyhow::Ok(())
            })?;
            house.store().checkpoint()?;
            Ok(())
        });
        match told.recv() {
            Ok(address) => Ok(Self {
                address,
                end,
                thread,
            }),
            Err(_) => match thread.join() {
                Ok(Err(error)) => Err(error),
                _ => bail!("the server did not start"),
            },
        }
    }

    /// Ends it, with a checkpoint.
    pub(super) fn end(self) -> anyhow::Result<()> {
        let _ = self.end.send(());
        match self.thread.join() {
            Ok(done) => done,
            Err(_) => bail!("the server broke off"),
        }
    }
}
