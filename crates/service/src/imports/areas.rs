//! Area lists: codes with names.

use lianfang_core::areas::Area;
use lianfang_intake::{AreaList, RefusedRow, Source};
use lianfang_store::Batch;

use super::session::Session;
use crate::Refusal;

/// Facts appended at once.
const CHUNK: usize = 2_000;

impl Session<'_> {
    pub(super) fn areas(&mut self, source: Source) -> Result<(), Refusal> {
        let mut list = AreaList::open(source, self.options)?;
        let header = list.header().to_vec();
        self.report
            .other_sheets
            .clone_from(&list.info().other_sheets);
        let mut drafts = Vec::new();
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, &header)? else {
                continue;
            };
            if let Some(finding) = self.check_right(row.row, row.area.code) {
                self.refuse(
                    &RefusedRow {
                        row: row.row,
                        findings: vec![finding],
                        cells: list.cells(),
                    },
                    &header,
                )?;
                continue;
            }
            let tree = self.house.tree()?;
            match tree.get(row.area.code) {
                Some(known) if says_nothing_new(&row.area, &known) => {
                    self.report.rows_unchanged += 1;
                    continue;
                }
                Some(_) if self.house.is_defined(&tree, row.area.code) => {
                    self.report.rows_revised += 1;
                }
                _ => self.report.rows_taken += 1,
            }
            drafts.push(self.area_draft(&row.area));
            if drafts.len() >= CHUNK {
                self.append(Batch::of(std::mem::take(&mut drafts)))?;
            }
        }
        self.append(Batch::of(drafts))
    }
}

/// Whether a row says of an area what is known: what it leaves out stays as it was.
fn says_nothing_new(row: &Area, known: &Area) -> bool {
    row.name == known.name
        && (row.name_en.is_none() || row.name_en == known.name_en)
        && (row.population.is_none() || row.population == known.population)
}
