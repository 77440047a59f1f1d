//! `lianfang audit` and `lianfang rebuild`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use crate::house::{self, DataDir, operator};
use crate::out::{self, Format};

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Prove chains, signatures, checkpoints, seals, and that the views equal a rebuild.
    Verify {
        #[command(flatten)]
        data: DataDir,
        /// json or text.
        #[arg(long, default_value = "text")]
        format: Format,
    },
    /// Sign a checkpoint and write it to `checkpoints/` in the data folder.
    Checkpoint {
        #[command(flatten)]
        data: DataDir,
    },
}

#[derive(Args)]
pub(crate) struct Rebuild {
    #[command(flatten)]
    data: DataDir,
    /// As known on this day, into a file of its own.
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// That file; `views-as-of-DATE.sqlite` in the data folder unless named.
    #[arg(long, value_name = "FILE", requires = "as_of")]
    out: Option<PathBuf>,
}

pub(crate) fn audit(command: &Audit) -> anyhow::Result<ExitCode> {
    match command {
        Audit::Verify { data, format } => {
            let report = house::open(&data.data_dir)?.verify(&operator())?;
            match format {
                Format::Json => out::line(serde_json::to_string_pretty(&report)?)?,
                Format::Text => {
                    out::line(format_args!(
                        "{}: {} facts in {} chains, {} checkpoints, {:.1} s",
                        if report.ok {
                            "everything holds"
                        } else {
                            "NOT WHOLE"
                        },
                        report.facts,
                        report.chains,
                        report.checkpoints,
                        report.seconds
                    ))?;
                    for problem in &report.problems {
                        let chain = problem
                            .chain
                            .map(|chain| format!(" chain {chain}"))
                            .unwrap_or_default();
                        let seq = problem
                            .seq
                            .map(|seq| format!(" seq {seq}"))
                            .unwrap_or_default();
                        out::line(format_args!(
                            "{}{chain}{seq}: {}",
                            problem.kind, problem.message
                        ))?;
                    }
                }
            }
            Ok(if report.ok {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Audit::Checkpoint { data } => {
            let checkpoint = house::open(&data.data_dir)?.checkpoint(&operator())?;
            out::line(serde_json::to_string_pretty(&checkpoint)?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

pub(crate) fn rebuild(args: &Rebuild) -> anyhow::Result<()> {
    let house = house::open(&args.data.data_dir)?;
    let report = match args.as_of {
        None => house.store().rebuild()?,
        Some(day) => {
            let named = args.data.data_dir.join(format!("views-as-of-{day}.sqlite"));
            house
                .store()
                .rebuild_as_of(day, args.out.as_ref().unwrap_or(&named))?
        }
    };
    out::line(serde_json::to_string_pretty(&report)?)?;
    Ok(())
}
