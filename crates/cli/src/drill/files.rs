//! The files that a drill leaves: the report, and the truth by which anybody can recount it.

use std::path::Path;

use anyhow::Context;
use lianfang_city::drill::{Exposure, Infected, Scenario};
use lianfang_core::ids::FactId;
use serde::Serialize;

use super::evening::Evening;
use super::locked;
use super::play::{Play, Role};

/// What was so.
#[derive(Serialize)]
struct Truth<'a> {
    seed: u64,
    people: u32,
    days: u32,
    first_day: jiff::civil::Date,
    scenario: &'a Scenario,
    /// Days for which an exposure counts as a risk.
    longest_incubation: i32,
    /// The document of everybody, by number.
    documents: Vec<String>,
    infections: &'a [Infected],
    exposures: Vec<Exposure>,
    /// When colours were read.
    evenings: &'a [Evening],
    /// Check-ins that the server took.
    check_ins_taken: u64,
    /// Ids that the server acknowledged.
    accepted: Vec<FactId>,
}

/// Writes them into a folder.
pub(super) fn write(folder: &Path, play: &Play<'_>, text: &str, json: &str) -> anyhow::Result<()> {
    let shown = || folder.display().to_string();
    std::fs::create_dir_all(folder).with_context(shown)?;
    let world = &play.world;
    let documents = (0..world.people())
        .map(|person| world.person(person).resident_id.to_string())
        .collect();
    let truth = Truth {
        seed: play.setting.seed,
        people: play.setting.people,
        days: play.setting.days,
        first_day: play.setting.first_day,
        scenario: &play.scenario,
        longest_incubation: world.longest_incubation(),
        documents,
        infections: world.infections(),
        exposures: world.exposures(),
        evenings: &play.evenings,
        check_ins_taken: play.check_ins.1,
        accepted: locked(&play.book).accepted_ids(),
    };
    std::fs::write(folder.join("report.txt"), text).with_context(shown)?;
    std::fs::write(folder.join("report.json"), json).with_context(shown)?;
    let file = std::fs::File::create(folder.join("truth.json")).with_context(shown)?;
    serde_json::to_writer(std::io::BufWriter::new(file), &truth)?;
    Ok(())
}

/// The file in which those who play a role read what comes to them; none where everything is played by the drill.
pub(super) fn calls(
    folder: &Path,
    left: &[Role],
) -> anyhow::Result<Option<csv::Writer<std::fs::File>>> {
    if left.is_empty() {
        return Ok(None);
    }
    let path = folder.join("calls.csv");
    let shown = || path.display().to_string();
    std::fs::create_dir_all(folder).with_context(shown)?;
    let file = csv::Writer::from_path(&path).with_context(shown)?;
    eprintln!("what comes to those who play stands in {}", path.display());
    Ok(Some(file))
}
