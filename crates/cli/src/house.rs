//! Opening and founding the house in a data folder.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use lianfang_core::areas::AreaCode;
use lianfang_core::time::UtcOffset;
use lianfang_service::{Actor, FIRST_PACK, House};
use lianfang_store::{StoreError, system_clock};

use crate::out;
use crate::policy::whole_pack;

/// Marks a folder as a drill's, whose clock is not the real one.
pub(crate) const DRILL_MARK: &str = "drill.json";

/// The data folder.
#[derive(Args)]
pub(crate) struct DataDir {
    /// Folder that holds the ledger and its keys.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
}

/// What a new ledger is founded for.
#[derive(Args)]
#[expect(
    clippy::struct_field_names,
    reason = "a field is an option of the command line, and named like it"
)]
pub(crate) struct Root {
    /// Area at the root of a new ledger; the whole country (000000) unless named. A ledger that is
    /// there must have it.
    #[arg(long, value_name = "CODE")]
    root: Option<AreaCode>,
    /// The jurisdiction's minutes east of UTC, for a new ledger; 480 unless given. A ledger that is
    /// there must have them.
    #[arg(long, value_name = "MINUTES", allow_negative_numbers = true, value_parser = utc_offset)]
    utc_offset: Option<UtcOffset>,
    /// The first policy pack of a new ledger: a file, or the id of one that comes with the program.
    /// A ledger that is there keeps what is in force.
    #[arg(long, value_name = "FILE", default_value = FIRST_PACK)]
    policy: String,
}

fn utc_offset(minutes: &str) -> anyhow::Result<UtcOffset> {
    Ok(UtcOffset::try_from(minutes.parse::<i32>()?)?)
}

impl Root {
    fn area(&self) -> AreaCode {
        self.root.unwrap_or(AreaCode::COUNTRY)
    }

    /// Refuses a ledger that was founded for something else than what is asked for.
    fn check(&self, house: &House) -> anyhow::Result<()> {
        let (root, offset) = (house.store().root(), house.store().utc_offset());
        if let Some(asked) = self.root.filter(|asked| *asked != root) {
            bail!(
                "--root {asked}: this ledger was founded for area {root}, which is fixed; leave --root out, or name another --data-dir"
            );
        }
        if let Some(asked) = self.utc_offset.filter(|asked| *asked != offset) {
            bail!(
                "--utc-offset {}: this ledger was founded {} minutes east of UTC, which is fixed; leave --utc-offset out, or name another --data-dir",
                asked.minutes(),
                offset.minutes()
            );
        }
        Ok(())
    }
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
    let offset = root.utc_offset.unwrap_or(UtcOffset::CHINA);
    let pack = whole_pack(&root.policy)?;
    Ok(House::found(
        folder,
        root.area(),
        offset,
        &pack,
        system_clock(),
    )?)
}

/// Opens the house, or founds it where there is none.
pub(crate) fn open_or_found(folder: &Path, root: &Root) -> anyhow::Result<House> {
    if folder.join(DRILL_MARK).exists() {
        bail!(
            "{} holds a drill, whose clock is not the real one: serve it with `lianfang drill serve`",
            folder.display()
        );
    }
    match House::open(folder, system_clock()) {
        Ok(house) => {
            root.check(&house)?;
            // Whoever decides needs a policy; whoever verifies, rebuilds or saves does not.
            house.policy()?;
            Ok(house)
        }
        Err(lianfang_service::Refusal::Store(StoreError::NotThere(_))) => {
            eprintln!(
                "no ledger in {}: founding one for area {}",
                folder.display(),
                root.area()
            );
            found(folder, root)
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn init(args: &Init) -> anyhow::Result<()> {
    let house = found(&args.data.data_dir, &args.root)?;
    say_first_password(&house)?;
    out::line(serde_json::json!({ "data_dir": args.data.data_dir, "root": house.store().root() }))?;
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
    house.drop_old_visits()?;
    out::line(serde_json::json!({ "forgotten": forgotten }))?;
    Ok(())
}
