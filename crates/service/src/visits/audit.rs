//! Whether the visit log is what the ledger says of it.

use std::collections::BTreeMap;

use lianfang_core::facts::DayVisits;
use lianfang_store::views::visits::{self as view, LogSaid};
use lianfang_store::{AuditReport, Problem};
use lianfang_visits::{Report, VisitsError, verify};

use crate::{House, Refusal};

/// How often it is compared anew where visits come in meanwhile.
const TRIES: usize = 3;

impl House {
    /// Adds to an audit what of the visit log does not hold.
    pub(crate) fn audit_visits(&self, report: &mut AuditReport) -> Result<(), Refusal> {
        let found = self.visit_problems()?;
        report.ok &= found.is_empty();
        report.problems.extend(found.into_iter().map(problem));
        Ok(())
    }

    fn visit_problems(&self) -> Result<Vec<String>, Refusal> {
        let said = || self.store.read(|c| Ok(view::said(c)?));
        let folder = self.visits_folder();
        let mut before = said()?;
        for _ in 0..TRIES {
            let verified = match verify(&folder) {
                Err(VisitsError::NotThere(_)) if before.seq == 0 => return Ok(Vec::new()),
                Err(error) => Err(error.to_string()),
                Ok(found) => Ok(found),
            };
            let after = said()?;
            if before == after {
                return Ok(match verified {
                    Ok(found) => differences(&found, &after),
                    Err(error) => vec![error],
                });
            }
            before = after;
        }
        Ok(vec![
            "visits came in while they were verified: they were not compared with the ledger. Verify again at a quieter hour".into(),
        ])
    }
}

fn problem(message: String) -> Problem {
    Problem {
        kind: "visits",
        chain: None,
        seq: None,
        message,
    }
}

fn differences(found: &Report, said: &LogSaid) -> Vec<String> {
    let mut problems: Vec<String> = found
        .problems
        .iter()
        .map(|problem| match problem.day {
            Some(day) => format!("visits of {day}: {}", problem.error),
            None => problem.error.to_string(),
        })
        .collect();
    if said.blake3.as_ref() != Some(&found.root.blake3) {
        problems.push(format!(
            "the visit log's manifest (generation {}) is not the one that the ledger records (generation {}): sealed files were altered or replaced, or a process ended before it recorded a seal, which the next visit taken makes good",
            found.root.generation, said.generation
        ));
    }
    let key = |day: &DayVisits| (day.day, (day.visits, day.sum));
    let recorded: BTreeMap<_, _> = said.days.iter().map(key).collect();
    let there: BTreeMap<_, _> = found
        .days
        .iter()
        .map(|day| (day.day, (day.tally.visits, day.tally.sum)))
        .collect();
    let mut days: Vec<_> = recorded.keys().chain(there.keys()).collect();
    days.sort_unstable();
    days.dedup();
    for day in days {
        let (is, was) = (
            there.get(day).copied().unwrap_or_default(),
            recorded.get(day).copied().unwrap_or_default(),
        );
        if is.0 != was.0 {
            problems.push(format!(
                "visits of {day}: the log has {}, the ledger records {}",
                is.0, was.0
            ));
        } else if is.1 != was.1 {
            problems.push(format!(
                "visits of {day}: the log has as many as the ledger records, but others"
            ));
        }
    }
    problems
}
