//! Chains of transmission out of the links that somebody stated: a row for each case, depth first, as `epi::chains` makes them.

use lianfang_core::cases::Classification;
use lianfang_core::contacts::{Certainty, Setting as Place};
use lianfang_core::ids::CaseId;
use lianfang_core::words::Word;
use lianfang_epi::chains::{Case, Certainty as Sure, Link, Met, Setting, chains};
use lianfang_epi::onset_interval::OnsetInterval;
use lianfang_intake::export::Cell;
use lianfang_store::views::links::{self, LinkRow};

use super::tables::{Out, case_number, day, text, word};
use super::{Allowed, PAGE};
use crate::{House, Refusal};

impl House {
    /// The links that hold whose infected case is within the area of an export.
    pub(super) fn stated_links(&self, allowed: &Allowed) -> Result<Vec<LinkRow>, Refusal> {
        let mut all = Vec::new();
        let mut after = 0;
        loop {
            let rows = self
                .store
                .read(|c| links::within(c, allowed.area, after, PAGE))?;
            let read = rows.len();
            after = rows.last().map_or(after, |link| link.seq);
            all.extend(rows);
            if read < PAGE {
                return Ok(all);
            }
        }
    }

    pub(super) fn each_node(&self, allowed: &Allowed, out: Out<'_>) -> Result<(), Refusal> {
        let mut cases: Vec<Case<CaseId>> = Vec::new();
        let mut numbers: Vec<String> = Vec::new();
        self.each_page_of_cases(allowed.area, &mut |rows| {
            for row in rows {
                if row.details.classification == Classification::Excluded {
                    continue;
                }
                cases.push(Case {
                    id: row.case,
                    onset: row.details.onset,
                    day: Some(row.day),
                    setting: None,
                });
                numbers.push(case_number(Some(&row.details), row.case));
            }
            Ok(())
        })?;
        let stated = self.stated_links(allowed)?;
        let mut given = Vec::with_capacity(stated.len());
        for link in &stated {
            let root = |case: CaseId| {
                self.store
                    .read(|c| Ok(lianfang_store::views::cases::root(c, case)?.unwrap_or(case)))
            };
            given.push(Link {
                infector: root(link.infector)?,
                infectee: root(link.infectee)?,
                certainty: match link.certainty {
                    Certainty::Possible => Sure::Possible,
                    Certainty::Probable => Sure::Probable,
                    Certainty::Confirmed => Sure::Confirmed,
                },
                setting: link
                    .meeting
                    .setting
                    .map(|setting| Setting(setting.index() as u32)),
                met: link.met.map(Met::Until),
            });
        }
        let policy = self.policy()?;
        let interval = OnsetInterval::from(&policy.pack.serial_interval);
        let found = chains(&cases, &given, Some(&interval))
            .map_err(|error| Refusal::Pack(error.to_string()))?;
        for (tree, whole) in found.trees.iter().enumerate() {
            for node in &found.nodes[whole.first_node..whole.first_node + whole.cases] {
                let link = node.link.map(|at| &stated[at]);
                let onset = cases[node.case].onset;
                let before = node.infector.and_then(|infector| cases[infector].onset);
                let days = onset
                    .zip(before)
                    .and_then(|(onset, before)| onset.since(before).ok())
                    .map(|span| span.get_days());
                out(vec![
                    Cell::Text(numbers[node.case].clone()),
                    text(node.infector.map(|infector| numbers[infector].as_str())),
                    Cell::Int(tree as i64 + 1),
                    Cell::Int(node.generation as i64),
                    day(onset),
                    word(link.map(|link| link.certainty)),
                    word::<Place>(link.and_then(|link| link.meeting.setting)),
                    days.map_or(Cell::Empty, |days| Cell::Int(days.into())),
                ])?;
            }
        }
        Ok(())
    }
}
