//! `lianfang whatif`: packs side by side in a built city, over many seeds.

mod known;
mod shown;

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use lianfang_city::scenario::Scenario;
use lianfang_city::start::Start;
use lianfang_city::whatif::{Arm, Compared, Hands, Measure, SwitchedOff, WhatIf};
use lianfang_core::areas::AreaCode;
use lianfang_core::words::Word;
use lianfang_policy::Pack;

use crate::city::{Seeds, built, scenario, seeds, threads, whole_days};
use crate::out;
use crate::policy::whole_pack;

/// How the comparison is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A row for each pack and measure, and for each difference from the first pack.
    Csv,
    /// The same with curves, the frontier and what is switched off.
    Json,
}

#[derive(Args)]
pub(crate) struct WhatIfArgs {
    /// A folder that `lianfang city build` wrote.
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// A pack: a file, or the id of a pack that comes with the program. Give it again for each pack; the first is what
    /// the others are compared with.
    #[arg(long = "pack", value_name = "FILE", required = true)]
    packs: Vec<String>,
    /// Days to run.
    #[arg(long, allow_negative_numbers = true)]
    days: i64,
    /// Seeds, such as 7 or 1..20; both ends are run, under every pack.
    #[arg(long, default_value = "1..20", value_parser = seeds)]
    seeds: Seeds,
    /// What is supposed: imports, behaviour, capacities. Left out, the defaults of the operator's guide.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Begin with the cases of a line list; may be given again for more files.
    #[arg(long, value_name = "FILE")]
    from_linelist: Vec<PathBuf>,
    /// Preset of the line lists; the one that fits each header best, if left out.
    #[arg(long, value_name = "NAME", requires = "from_linelist")]
    preset: Option<String>,
    /// The last day that is known: runs begin on the next. The newest report of the lists, if left out.
    #[arg(long, value_name = "DATE", requires = "from_linelist")]
    as_of: Option<Date>,
    /// Begin with today's state of a house: cases, contacts and orders under watch, recoveries.
    #[arg(long, requires = "data_dir", conflicts_with = "from_linelist")]
    from_house: bool,
    /// The house's folder.
    #[arg(long, value_name = "DIR", requires = "from_house")]
    data_dir: Option<PathBuf>,
    /// The area of the house whose state it is; all of it, if left out.
    #[arg(long, value_name = "CODE", requires = "from_house")]
    area: Option<AreaCode>,
    /// Compare with doing nothing, too: the first pack's disease without its rules.
    #[arg(long)]
    with_nothing: bool,
    /// Switch off each table of the first pack and each of its rules that decided anything, in turn.
    #[arg(long)]
    ablate: bool,
    /// The outbreak's measure for the frontier.
    #[arg(long, default_value = "infections", value_parser = measure)]
    outbreak: Measure,
    /// Work's measure for the frontier.
    #[arg(long, default_value = "output_lost", value_parser = measure)]
    work: Measure,
    /// Runs at one time; as many as the machine has threads, unless given. The result is the same.
    #[arg(long)]
    threads: Option<usize>,
    #[arg(long, default_value = "csv")]
    format: Format,
}

fn measure(word: &str) -> Result<Measure, String> {
    let found = Measure::ALL.iter().find(|measure| measure.word() == word);
    found.copied().ok_or_else(|| {
        let all: Vec<&str> = Measure::ALL.iter().map(|measure| measure.word()).collect();
        format!("measures are {}", all.join(", "))
    })
}

/// A pack that is tried, with what it is called.
pub(super) struct Tried {
    pub(super) label: String,
    pub(super) pack: Pack,
}

/// All that was found.
pub(super) struct Found<'a> {
    pub(super) args: &'a WhatIfArgs,
    pub(super) people: u32,
    pub(super) city: String,
    pub(super) scenario: &'a Scenario,
    pub(super) known: Option<&'a known::Known>,
    pub(super) tried: &'a [Tried],
    /// Packs that the user named, and nothing; those after them have something switched off.
    pub(super) named: usize,
    pub(super) compared: &'a Compared,
    pub(super) switched_off: &'a [SwitchedOff],
}

pub(crate) fn whatif(args: &WhatIfArgs) -> anyhow::Result<()> {
    let days = whole_days(args.days)?;
    let city = built(&args.city)?;
    let tried = named(&args.packs)?;
    let mut scenario = scenario(args.scenario.as_deref())?;
    if scenario.response.is_none() {
        bail!("the scenario has no `response`: packs could not be carried out");
    }
    let known = if args.from_house {
        Some(known::of_house(
            args,
            &tried[0].pack,
            city.people(),
            &mut scenario,
        )?)
    } else {
        known::read(args, &tried[0].pack, &mut scenario)?
    };
    let start: Option<&Start> = known.as_ref().map(|known| &known.start);
    let asked = WhatIf {
        city: &city,
        scenario: &scenario,
        start,
        days,
        first: args.seeds.first,
        last: args.seeds.last,
        threads: threads(args.threads),
    };
    let go_on = |_: u64, _: u64| true;
    let named = tried.len() + usize::from(args.with_nothing);
    let mut compared = asked.run(&arms(&tried, args.with_nothing), &go_on)?;
    let switched_off = if args.ablate {
        asked.ablate(&tried[0].pack, &mut compared, &go_on)?
    } else {
        Vec::new()
    };
    let found = Found {
        args,
        people: city.people(),
        city: city.description().id.clone(),
        scenario: &scenario,
        known: known.as_ref(),
        tried: &tried,
        named,
        compared: &compared,
        switched_off: &switched_off,
    };
    let text = match args.format {
        Format::Csv => shown::csv(&found)?,
        Format::Json => format!("{}\n", serde_json::to_string_pretty(&shown::json(&found))?),
    };
    Ok(out::text(&text)?)
}

fn arms(tried: &[Tried], with_nothing: bool) -> Vec<Arm<'_>> {
    let mut arms: Vec<Arm<'_>> = tried
        .iter()
        .map(|tried| Arm::of(&tried.label, &tried.pack))
        .collect();
    if let Some(first) = tried.first().filter(|_| with_nothing) {
        arms.push(Arm::nothing("nothing", &first.pack));
    }
    arms
}

/// The packs as named; of two with one name, each is told by its place.
fn named(packs: &[String]) -> anyhow::Result<Vec<Tried>> {
    let mut tried: Vec<Tried> = Vec::with_capacity(packs.len());
    for name in packs {
        let pack = whole_pack(name)?;
        let mut label = pack.word();
        if tried.iter().any(|other| other.label == label) {
            label = format!("{label} ({name})");
        }
        if tried.iter().any(|other| other.label == label) {
            bail!("{name} is given twice");
        }
        tried.push(Tried { label, pack });
    }
    let differs = |other: &Tried| other.pack.natural_history != tried[0].pack.natural_history;
    if let Some(other) = tried.iter().find(|other| differs(other)) {
        eprintln!(
            "{} and {} describe the disease differently: differences show that, too",
            tried[0].label, other.label
        );
    }
    Ok(tried)
}

impl Found<'_> {
    pub(super) fn hands(&self) -> Hands {
        Hands {
            outbreak: self.args.outbreak,
            work: self.args.work,
        }
    }

    /// The packs that were named, compared among themselves.
    pub(super) fn of_named(&self) -> Compared {
        Compared {
            labels: self.compared.labels[..self.named].to_vec(),
            seeds: self.compared.seeds.clone(),
            runs: self.compared.runs[..self.named].to_vec(),
        }
    }
}
