//! Every figure that the README claims, measured on this machine in one run.
//!
//! `make bench` builds the program and runs this. Each line names what is claimed, its bar, and
//! what was measured; where a peer exists, it is measured in the same run and the ratio printed.
//! Parts named as arguments (`make bench ONLY="field visits"`) are measured alone.

mod cases;
mod chains;
mod city;
mod field;
mod forecast;
mod http;
mod million;
mod outbreak;
mod policy;
mod postgres;
mod program;
mod rt;
mod scans;
mod table;
mod visits;

use anyhow::Context;

/// Rows of the generated line list, unless `LIANFANG_BENCH_ROWS` says otherwise.
const ROWS: u64 = 1_000_000;

type Part<'a> = dyn Fn(&mut table::Table) -> anyhow::Result<()> + 'a;

fn main() -> anyhow::Result<()> {
    let rows = match std::env::var("LIANFANG_BENCH_ROWS") {
        Ok(text) => text.parse().context("LIANFANG_BENCH_ROWS")?,
        Err(_) => ROWS,
    };
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let parts: [(&str, &Part<'_>); 14] = [
        ("rt", &rt::estimates),
        ("chains", &chains::forest),
        ("outbreak", &outbreak::known),
        ("forecast", &forecast::scores),
        ("policy", &policy::decisions),
        ("city", &city::simulated),
        ("totals", &program::city_totals),
        ("program", &|table| {
            program::start_and_idle(table)?;
            program::first_load(table)
        }),
        ("field", &field::entries),
        ("cases", &cases::traced),
        ("million", &|table| million::line_list(table, rows)),
        ("visits", &visits::visit_log),
        ("scans", &scans::at_gates),
        ("passes", &scans::reassessed),
    ];
    if let Some(unknown) = wanted
        .iter()
        .find(|name| parts.iter().all(|(part, _)| part != name))
    {
        let names: Vec<&str> = parts.iter().map(|(part, _)| *part).collect();
        anyhow::bail!(
            "no part is called {unknown}; there are {}",
            names.join(", ")
        );
    }
    let mut table = table::Table::default();
    for (name, measure) in parts {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            measure(&mut table).with_context(|| format!("measuring {name}"))?;
        }
    }
    Ok(())
}
