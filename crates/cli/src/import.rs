//! `lianfang import`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use lianfang_core::areas::AreaCode;
use lianfang_core::text::Language;
use lianfang_intake::{Kind, Source};
use lianfang_service::imports::{ImportRequest, UnknownPlaces};

use crate::house::{self, DataDir, Root, operator};
use crate::out;

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Cumulative totals per area and day.
    CityTotals,
    /// A line list: one case a row.
    Linelist,
    /// Areas: codes with names.
    Areas,
    /// People who arrive, as an airline, the railway, a border post or a telecom operator lists them.
    Arrivals,
    /// Households with those who live there.
    Households,
    /// Visits: place, time, person, and if known until when.
    Visits,
    /// Contacts: who they are and, where the list says it, of which case.
    Contacts,
    /// Who met whom: cases and contacts, or cases and cases.
    Relationships,
    /// Follow-up of contacts, a row for each day.
    Followups,
    /// Samples with their results.
    Labresults,
}

impl From<What> for Kind {
    fn from(what: What) -> Self {
        match what {
            What::CityTotals => Self::CityTotals,
            What::Linelist => Self::Linelist,
            What::Areas => Self::Areas,
            What::Arrivals => Self::Arrivals,
            What::Households => Self::Households,
            What::Visits => Self::Visits,
            What::Contacts => Self::Contacts,
            What::Relationships => Self::Relationships,
            What::Followups => Self::FollowUps,
            What::Labresults => Self::LabResults,
        }
    }
}

#[derive(Args)]
pub(crate) struct Import {
    /// What the file holds.
    what: What,
    /// The file: CSV or XLSX, UTF-8, UTF-16 or GB18030.
    file: PathBuf,
    #[command(flatten)]
    data: DataDir,
    #[command(flatten)]
    root: Root,
    /// The preset that reads the file. Line lists: generic, generic-zh, godata, h7n9; arrivals:
    /// arrivals, airline, railway, border, telecom; households: households; contacts, relationships,
    /// followups, labresults: generic, godata. Or a mapping file of one's own.
    #[arg(long)]
    preset: Option<String>,
    /// The area of rows that name none.
    #[arg(long, value_name = "CODE")]
    area: Option<AreaCode>,
    /// Of visits: refuse rows at places that are not registered, instead of registering them.
    #[arg(long)]
    known_places_only: bool,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Write the report to this file as well.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Where refused rows go, to be mended and fed again; beside the file unless named. A dry run
    /// writes them only where this names a file.
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    /// The language of the report on the terminal and of the reasons beside refused rows.
    #[arg(long, default_value = "en")]
    lang: Lang,
}

/// A language, as a flag.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Lang {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Zh => Self::Zh,
        }
    }
}

fn digest(path: &Path) -> anyhow::Result<(String, u64)> {
    let mut file = File::open(path).with_context(|| path.display().to_string())?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let n = file
            .read(&mut buffer)
            .with_context(|| path.display().to_string())?;
        if n == 0 {
            return Ok((hasher.finalize().to_hex().to_string(), bytes));
        }
        hasher.update(&buffer[..n]);
        bytes += n as u64;
    }
}

pub(crate) fn import(args: &Import) -> anyhow::Result<()> {
    let (digest, _) = digest(&args.file)?;
    let source = Source::path(&args.file)?;
    let house = house::open_or_found(&args.data.data_dir, &args.root)?;
    let request = ImportRequest {
        kind: args.what.into(),
        preset: args.preset.clone(),
        area: args.area,
        dry_run: args.dry_run,
        digest,
        language: args.lang.into(),
    };
    let style = ProgressStyle::with_template("{spinner} {human_pos} rows  {per_sec}  {elapsed}")?;
    let bar = ProgressBar::new_spinner().with_style(style);
    let unknown = if args.known_places_only {
        UnknownPlaces::Refuse
    } else {
        UnknownPlaces::Register
    };
    let imported = house.import_with(&operator(), source, &request, unknown, &mut |rows| {
        bar.set_position(rows);
    })?;
    bar.finish_and_clear();
    eprint!("{}", imported.import.report.render(args.lang.into()));
    let refused = match &args.refused {
        None if !args.dry_run => Some(args.file.with_extension("refused.csv")),
        named => named.clone(),
    };
    if let Some(path) = refused.filter(|_| !imported.refused.is_empty()) {
        std::fs::write(&path, &imported.refused).with_context(|| path.display().to_string())?;
        eprintln!("refused rows: {}", path.display());
    }
    let json = serde_json::to_string_pretty(&imported.import)?;
    if let Some(path) = &args.report {
        std::fs::write(path, &json).with_context(|| path.display().to_string())?;
    }
    out::line(json)?;
    Ok(())
}
