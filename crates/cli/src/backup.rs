//! `lianfang backup` and `lianfang restore`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use lianfang_service::visits::BackedUp;
use lianfang_store::{Store, system_clock};

use crate::house::{self, DataDir};
use crate::out;

#[derive(Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    data: DataDir,
    /// An empty or new folder to write to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Copy the keys too. Without them a backup shows no personal data to whoever finds it; keep
    /// `keys.json` elsewhere then.
    #[arg(long)]
    with_keys: bool,
}

#[derive(Args)]
pub(crate) struct Restore {
    /// The backup's folder.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The folder that holds `keys.json`; the backup itself unless named.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    data: DataDir,
}

pub(crate) fn backup(args: &Backup) -> anyhow::Result<()> {
    let house = house::open(&args.data.data_dir)?;
    let report = house.backup(&args.out, args.with_keys)?;
    out::line(serde_json::to_string_pretty(&report)?)?;
    Ok(())
}

pub(crate) fn restore(args: &Restore) -> anyhow::Result<()> {
    let keys = args.keys.as_ref().unwrap_or(&args.from);
    let (store, report) = Store::restore(&args.from, keys, &args.data.data_dir, system_clock())?;
    let audit = store.audit()?;
    drop(store);
    let house = house::open(&args.data.data_dir)?;
    let visits = house.restore_visits(&args.from)?;
    let report = BackedUp {
        store: report,
        visits,
    };
    out::line(serde_json::to_string_pretty(&report)?)?;
    if !audit.ok {
        bail!("restored, but it is not whole: run `lianfang audit verify` and see");
    }
    Ok(())
}
