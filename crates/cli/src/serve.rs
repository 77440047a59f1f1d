//! Serving, with what must happen by the clock.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::serve::ListenerExt;
use clap::Args;
use lianfang_http::{Options, Service};
use lianfang_service::foresight::MakeForecasts;
use lianfang_service::{Actor, House, Refusal};
use tokio::net::TcpListener;

use crate::house::{self, DataDir, Root};
use crate::out;

/// How often late matters are looked for.
const TICK: Duration = Duration::from_secs(60);
/// Ticks between two checkpoints and sweeps of what has run out.
const TICKS_PER_SWEEP: u64 = 60;

#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    data: DataDir,
    #[command(flatten)]
    root: Root,
    /// Address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// It is reached through TLS: cookies insist on it.
    #[arg(long)]
    behind_tls: bool,
}

pub(crate) fn serve(args: &Serve) -> anyhow::Result<()> {
    let house = house::open_or_found(&args.data.data_dir, &args.root)?;
    house::say_first_password(&house)?;
    let options = Options {
        behind_tls: args.behind_tls,
        ..Options::default()
    };
    run(house, args.listen, options, |address| {
        eprintln!("lianfang serves at http://{address}");
        say_ready(&serde_json::json!({ "address": format!("http://{address}") }));
    })
}

/// Tells programs that it serves; it goes on serving if nobody listens.
pub(crate) fn say_ready(json: &serde_json::Value) {
    if let Err(error) = out::line(json) {
        tracing::warn!(%error, "stdout cannot be written");
    }
}

/// Serves until told to stop; `ready` hears the address once it listens.
pub(crate) fn run(
    house: House,
    listen: SocketAddr,
    options: Options,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let house = Arc::new(house);
    let router = lianfang_http::router(Service::new(Arc::clone(&house), options));
    runtime.block_on(async {
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("listening on {listen}"))?;
        ready(listener.local_addr()?);
        // Answers go out at once, without waiting for the other side to acknowledge their heads.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection keeps its small packets back");
            }
        });
        let clock = tokio::spawn(by_the_clock(Arc::clone(&house)));
        axum::serve(listener, router)
            .with_graceful_shutdown(told_to_stop())
            .await?;
        clock.abort();
        anyhow::Ok(())
    })?;
    house.store().checkpoint()?;
    eprintln!("stopped; a checkpoint was signed");
    Ok(())
}

async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let mut terminated =
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(terminated) => terminated,
                Err(error) => {
                    tracing::warn!(%error, "SIGTERM is not heard");
                    let _ = interrupted.await;
                    return;
                }
            };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}

async fn by_the_clock(house: Arc<House>) {
    let mut interval = tokio::time::interval(TICK);
    let mut tick = 0_u64;
    loop {
        interval.tick().await;
        let sweep = tick.is_multiple_of(TICKS_PER_SWEEP);
        tick += 1;
        let house = Arc::clone(&house);
        let done = tokio::task::spawn_blocking(move || {
            // One duty that fails does not keep the others from being done.
            said("looking for what was missed", house.sweep_field());
            said("looking for cases not dealt with", house.sweep_cases());
            said("letting late matters climb", house.escalate_late());
            said("letting go of the visit log", house.rest_visits(sweep));
            if sweep {
                let ask = MakeForecasts::default();
                said(
                    "making forecasts",
                    house.make_forecasts(&Actor::house("clock"), &ask),
                );
                said("forgetting", house.forget_due(&Actor::house("clock")));
                said("dropping refused rows", house.drop_old_refused_rows());
                said("dropping old visits", house.drop_old_visits());
                let signed = house.store().checkpoint().map_err(Refusal::from);
                said("signing a checkpoint", signed);
            }
        });
        if let Err(error) = done.await {
            tracing::error!(%error, "what is due by the clock broke off");
        }
    }
}

fn said<T>(duty: &str, done: Result<T, Refusal>) {
    if let Err(error) = done {
        tracing::error!(%error, "{duty}, by the clock, failed");
    }
}
