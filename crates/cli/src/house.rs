//! Opening and founding the house in a data folder.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use lianfang_core::areas::AreaCode;
use lianfang_core::time::UtcOffset;
use lianfang_service::{Actor, House};
use lianfang_store::{StoreError, system_clock};

/// The data folder.
#[derive(Args)]
pub(crate) struct DataDir {
    /// Folder that holds the ledger and its keys.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
}

/// What a new ledger is founded for.
#[derive(Args)]
pub(crate) struct Root {
    /// Area at the root of a new ledger; the whole country unless named.
    #[arg(long, value_name = "CODE", default_value = "000000")]
    pub(crate) root: AreaCode,
    /// The jurisdiction's minutes east of UTC, for a new ledger.
    #[arg(
        long,
        value_name = "MINUTES",
        default_value_t = 480,
        allow_negative_numbers = true
    )]
    pub(crate) utc_offset: i32,
}

#[derive(Args)]
pub(crate) struct Init {
    #[command(flatten)]
    data: DataDir,
    #[command(flatten)]
    root: Root,
}

#[derive(Args)]
pub(crate) struct Forget {
    #[command(flatten)]
    data: DataDir,
}

/// The operator at the machine.
pub(crate) fn operator() -> Actor {
    Actor::house("cli")
}

/// Opens the house that must be there.
pub(crate) fn open(folder: &Path) -> anyhow::Result<House> {
    Ok(House::open(folder, system_clock())?)
}

fn found(folder: &Path, root: &Root) -> anyhow::Result<House> {
    let offset = UtcOffset::try_from(root.utc_offset).context("--utc-offset")?;
    Ok(House::found(folder, root.root, offset, system_clock())?)
}

/// Opens the house, or founds it where there is none.
pub(crate) fn open_or_found(folder: &Path, root: &Root) -> anyhow::Result<House> {
    match House::open(folder, system_clock()) {
        Ok(house) => Ok(house),
        Err(lianfang_service::Refusal::Store(StoreError::NotThere(_))) => {
            eprintln!(
                "no ledger in {}: founding one for area {}",
                folder.display(),
                root.root
            );
            found(folder, root)
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn init(args: &Init) -> anyhow::Result<()> {
    let house = found(&args.data.data_dir, &args.root)?;
    say_first_password(&house)?;
    println!(
        "{}",
        serde_json::json!({ "data_dir": args.data.data_dir, "root": house.store().root() })
    );
    Ok(())
}

/// Makes the first administrator on the first start, and shows the password once.
pub(crate) fn say_first_password(house: &House) -> anyhow::Result<()> {
    if let Some(password) = house.first_administrator()? {
        eprintln!(
            "first start: sign in as `admin` with password `{password}`, and change it; it is not shown again"
        );
    }
    Ok(())
}

pub(crate) fn forget(args: &Forget) -> anyhow::Result<()> {
    let house = open(&args.data.data_dir)?;
    let forgotten = house.forget_due(&operator())?;
    house.drop_old_refused_rows()?;
    println!("{}", serde_json::json!({ "forgotten": forgotten }));
    Ok(())
}
