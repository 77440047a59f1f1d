//! `lianfang export`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use lianfang_core::areas::AreaCode;
use lianfang_service::export::{ExportRequest, Form, What};

use crate::house::{DataDir, open, operator};
use crate::out;

#[derive(Clone, Copy, ValueEnum)]
enum Table {
    /// Cases.
    Linelist,
    /// Contacts: a row for each person and case.
    Contacts,
    /// Who met whom.
    Relationships,
    /// Follow-up of contacts.
    Followups,
    /// Samples of cases.
    Labresults,
    /// Chains of transmission out of the links that were stated.
    Chains,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated values.
    Csv,
    /// A workbook.
    Xlsx,
    /// A FHIR R4 bundle, JSON.
    Fhir,
}

#[derive(Clone, Copy, ValueEnum)]
enum Preset {
    /// Go.Data's headers and words.
    Godata,
}

#[derive(Args)]
pub(crate) struct Export {
    /// What is taken out.
    what: Table,
    #[command(flatten)]
    data: DataDir,
    #[arg(long, default_value = "csv")]
    format: Format,
    /// Another system's columns; CSV only.
    #[arg(long)]
    preset: Option<Preset>,
    /// Within this area; all unless named.
    #[arg(long, value_name = "CODE")]
    area: Option<AreaCode>,
    /// With names, phones and addresses: why they are needed. It is put on record.
    #[arg(long, value_name = "REASON")]
    personal: Option<String>,
    /// The file; standard output unless named.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn export(args: &Export) -> anyhow::Result<()> {
    let form = match (args.format, args.preset) {
        (Format::Csv, Some(Preset::Godata)) => Form::GoData,
        (_, Some(_)) => bail!("--preset godata writes CSV: leave --format out"),
        (Format::Csv, None) => Form::Csv,
        (Format::Xlsx, None) => Form::Xlsx,
        (Format::Fhir, None) => Form::Fhir,
    };
    if form == Form::Xlsx && args.out.is_none() {
        bail!("a workbook goes to a file: --out FILE");
    }
    let request = ExportRequest {
        what: match args.what {
            Table::Linelist => What::Linelist,
            Table::Contacts => What::Contacts,
            Table::Relationships => What::Relationships,
            Table::Followups => What::FollowUps,
            Table::Labresults => What::LabResults,
            Table::Chains => What::Chains,
        },
        form,
        area: args.area,
        personal: args.personal.clone(),
    };
    let house = open(&args.data.data_dir)?;
    let mut target: Box<dyn Write + Send> = match &args.out {
        Some(path) => Box::new(File::create(path).with_context(|| path.display().to_string())?),
        None => Box::new(std::io::stdout()),
    };
    let mut buffered = BufWriter::new(&mut target);
    let rows = house.export(&operator(), &request, &mut buffered)?;
    buffered.flush()?;
    if args.out.is_some() {
        out::line(format!("{{\"rows\":{rows}}}"))?;
    }
    Ok(())
}
