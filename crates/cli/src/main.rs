//! `lianfang`: the one program. Machine-readable output goes to stdout, everything else to
//! stderr; a failure exits with a code other than zero.

mod audit;
mod backup;
mod brief;
mod city;
mod demo;
mod drill;
mod epi;
mod export;
mod fit;
mod forecast;
mod house;
mod import;
mod out;
mod pass;
mod policy;
mod serve;
mod trace;
mod whatif;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Lianfang (联防): run a city through an outbreak and back to work.
#[derive(Parser)]
#[command(version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Found a new ledger in an empty data folder.
    Init(house::Init),
    /// Serve the pages and the API.
    Serve(serve::Serve),
    /// Serve a synthetic city with demo logins.
    Demo(demo::Demo),
    /// Play an outbreak against a system, as all the people who use it, and compare what it knew with the truth.
    Drill(drill::Drill),
    /// Import a file.
    Import(import::Import),
    /// Who was where a case was, or at a place: ranked by risk, judged by the policy in force.
    Trace(trace::Trace),
    /// Export cases, contacts or chains to a file.
    Export(export::Export),
    /// The morning brief of an area.
    Brief(brief::BriefArgs),
    /// Verify the ledger, or sign a checkpoint of it.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Fold the views anew from the ledger, for today or as known on a past day.
    Rebuild(audit::Rebuild),
    /// Copy the store while it serves.
    Backup(backup::Backup),
    /// Put a backup back into an empty data folder.
    Restore(backup::Restore),
    /// Forget those whose retention has ended.
    Forget(house::Forget),
    /// Epidemiology on files; needs no store.
    #[command(subcommand)]
    Epi(epi::Epi),
    /// New cases of the next days, with quantiles; needs no store.
    Forecast(forecast::ForecastArgs),
    /// Synthetic data and synthetic populations.
    #[command(subcommand)]
    City(city::City),
    /// Run an epidemic in a built city under a pack; the series goes to stdout.
    Simulate(city::Simulate),
    /// Compare packs in a built city over many seeds: medians, intervals, the frontier between both hands.
    Whatif(whatif::WhatIfArgs),
    /// Policy packs: check, test, explain and compare them.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Health passes' signed codes; needs no store.
    #[command(subcommand)]
    Pass(pass::Pass),
    /// Print the OpenAPI document.
    Openapi,
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Init(args) => house::init(&args)?,
        Command::Serve(args) => serve::serve(&args)?,
        Command::Demo(args) => demo::demo(&args)?,
        Command::Drill(args) => return drill::drill(&args),
        Command::Import(args) => import::import(&args)?,
        Command::Trace(args) => trace::trace(&args)?,
        Command::Export(args) => export::export(&args)?,
        Command::Brief(args) => brief::brief(&args)?,
        Command::Audit(command) => return audit::audit(&command),
        Command::Rebuild(args) => audit::rebuild(&args)?,
        Command::Backup(args) => backup::backup(&args)?,
        Command::Restore(args) => backup::restore(&args)?,
        Command::Forget(args) => house::forget(&args)?,
        Command::Epi(command) => epi::epi(&command)?,
        Command::Forecast(args) => forecast::forecast(&args)?,
        Command::City(command) => city::city(&command)?,
        Command::Simulate(args) => city::simulate(&args)?,
        Command::Whatif(args) => whatif::whatif(&args)?,
        Command::Policy(command) => return policy::policy(&command),
        Command::Pass(command) => return pass::pass(&command),
        Command::Openapi => out::line(lianfang_http::openapi())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .init();
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) if out::is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lianfang: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes in one line, without those that the text before already gives.
fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
