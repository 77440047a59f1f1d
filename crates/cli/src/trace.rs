//! `lianfang trace`.

use clap::{Args, ValueEnum};
use lianfang_core::ids::CaseId;
use lianfang_service::visits::{TraceAsked, When, trace_csv};

use crate::house::{self, DataDir, operator};
use crate::out;

/// What is recorded where no reason is given.
const REASON: &str = "traced at the command line";

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A row for each contact.
    Csv,
    /// With each meeting.
    Json,
}

#[derive(Args)]
#[command(group(clap::ArgGroup::new("whom").required(true).multiple(true).args(["person", "case", "place", "vehicle"])))]
pub(crate) struct Trace {
    #[command(flatten)]
    data: DataDir,
    /// Whose contacts: a person's id, a document, a phone, or the code that a source has for them.
    /// May be given several times.
    #[arg(long, value_name = "ID")]
    person: Vec<String>,
    /// A case of the line list, in its own time: from the days before its first symptoms that the
    /// policy names up to its admission to hospital. May be given several times.
    #[arg(long, value_name = "ID")]
    case: Vec<CaseId>,
    /// Who was at the place with this code. May be given several times.
    #[arg(long, value_name = "CODE")]
    place: Vec<String>,
    /// Who was on the vehicle with this code: a vehicle is a place.
    #[arg(long, value_name = "CODE")]
    vehicle: Vec<String>,
    /// From this day on, or this moment (RFC 3339).
    #[arg(long, value_name = "DATE")]
    from: Option<When>,
    /// Up to this day, itself included, or this moment.
    #[arg(long, value_name = "DATE")]
    to: Option<When>,
    /// 1: who met the case. 2: also who met those.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    order: u8,
    /// csv or json.
    #[arg(long, default_value = "csv")]
    format: Format,
    /// Show whole names, and how the source names people. Each of them is recorded as looked at.
    #[arg(long)]
    names: bool,
    /// Why; it is recorded in the ledger.
    #[arg(long, default_value = REASON)]
    reason: String,
    /// Contacts at most, of each order and place.
    #[arg(long, default_value_t = 10_000)]
    limit: usize,
}

pub(crate) fn trace(args: &Trace) -> anyhow::Result<()> {
    let house = house::open(&args.data.data_dir)?;
    let asked = TraceAsked {
        people: args.person.clone(),
        cases: args.case.clone(),
        places: args.place.iter().chain(&args.vehicle).cloned().collect(),
        from: args.from,
        to: args.to,
        order: args.order,
        reason: args.reason.clone(),
        names: args.names,
        limit: args.limit,
    };
    let answer = house.trace(&operator(), &asked)?;
    if answer.truncated {
        eprintln!(
            "{} people were found; some of them, or of their meetings, are left out: ask for less time, or raise --limit",
            answer.people_met
        );
    }
    match args.format {
        Format::Csv => {
            let table = trace_csv(&answer, args.names)?;
            out::text(&String::from_utf8_lossy(&table))?;
        }
        Format::Json => out::line(serde_json::to_string_pretty(&answer)?)?,
    }
    Ok(())
}
