//! Every figure that the README claims, measured on this machine in one run.
//!
//! `make bench` builds the program and runs this. Each line names what is claimed, its bar, and
//! what was measured; where a peer exists, it is measured in the same run and the ratio printed.

mod city;
mod field;
mod forecast;
mod http;
mod million;
mod policy;
mod program;
mod rt;
mod table;
mod visits;

use anyhow::Context;

/// Rows of the generated line list, unless `LIANFANG_BENCH_ROWS` says otherwise.
const ROWS: u64 = 1_000_000;

fn main() -> anyhow::Result<()> {
    let rows = match std::env::var("LIANFANG_BENCH_ROWS") {
        Ok(text) => text.parse().context("LIANFANG_BENCH_ROWS")?,
        Err(_) => ROWS,
    };
    let mut table = table::Table::default();
    rt::estimates(&mut table)?;
    forecast::scores(&mut table)?;
    policy::decisions(&mut table)?;
    city::simulated(&mut table)?;
    program::city_totals(&mut table)?;
    program::start_and_idle(&mut table)?;
    program::first_load(&mut table)?;
    field::entries(&mut table)?;
    million::line_list(&mut table, rows)?;
    visits::visit_log(&mut table)?;
    Ok(())
}
