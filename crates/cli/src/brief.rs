//! `lianfang brief`.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_service::briefs::CurveBy;

use crate::house::{self, DataDir, operator};
use crate::import::Lang;
use crate::out;

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Json,
    Text,
    Xlsx,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Report,
    Onset,
}

#[derive(Args)]
pub(crate) struct BriefArgs {
    #[command(flatten)]
    data: DataDir,
    /// The area; the ledger's root unless named.
    #[arg(long, value_name = "CODE")]
    area: Option<AreaCode>,
    /// The day whose morning it is; today unless named.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// By which day cases are counted.
    #[arg(long, default_value = "report")]
    by: By,
    /// json, text, or xlsx (with --out).
    #[arg(long, default_value = "text")]
    format: Format,
    /// The language of text and workbook.
    #[arg(long, default_value = "en")]
    lang: Lang,
    /// The file that a workbook is written to.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn brief(args: &BriefArgs) -> anyhow::Result<()> {
    let house = house::open(&args.data.data_dir)?;
    let by = match args.by {
        By::Report => CurveBy::Report,
        By::Onset => CurveBy::Onset,
    };
    let area = args.area.unwrap_or_else(|| house.store().root());
    let brief = house.brief(&operator(), Some(area), args.date, by)?;
    match args.format {
        Format::Json => out::line(serde_json::to_string_pretty(&brief)?)?,
        Format::Text => out::line(brief.text(args.lang.into()).trim_end())?,
        Format::Xlsx => {
            let path = args
                .out
                .as_ref()
                .context("--format xlsx needs --out FILE")?;
            let workbook = brief.xlsx(args.lang.into())?;
            std::fs::write(path, workbook).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}
