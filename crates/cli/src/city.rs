//! `lianfang city`: synthetic data for trying out and for load tests.

use std::io::{BufWriter, Write};

use clap::Subcommand;
use jiff::civil::Date;
use lianfang_city::areas::{self, Description};
use lianfang_city::linelist::{BigList, big_linelist};
use lianfang_core::areas::Area;

#[derive(Subcommand)]
pub(crate) enum City {
    /// Write the demo city's areas as CSV to stdout.
    Areas,
    /// Write a line list of the demo city as CSV to stdout.
    Linelist {
        /// From which everything follows.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Cases.
        #[arg(long)]
        rows: u32,
        /// The day of the first report.
        #[arg(long, value_name = "DATE", default_value = "2020-01-01")]
        from: Date,
        /// Days of reports.
        #[arg(long, default_value_t = 120)]
        days: u16,
    },
}

pub(crate) fn city(command: &City) -> anyhow::Result<()> {
    let city = areas::city(&Description::default())?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    match command {
        City::Areas => write_areas(&mut out, city.areas())?,
        City::Linelist {
            seed,
            rows,
            from,
            days,
        } => {
            let list = BigList {
                seed: *seed,
                cases: *rows,
                first_day: *from,
                days: *days,
            };
            big_linelist(&city, &list, &mut out)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// The area list that `lianfang import areas` takes.
pub(crate) fn write_areas(out: impl Write, areas: &[Area]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["code", "name", "name_en", "population"])?;
    for area in areas {
        let (code, people) = (
            area.code.to_string(),
            area.population.map(|n| n.to_string()),
        );
        writer.write_record([
            code.as_str(),
            &area.name,
            area.name_en.as_deref().unwrap_or(""),
            people.as_deref().unwrap_or(""),
        ])?;
    }
    writer.flush()?;
    Ok(())
}
