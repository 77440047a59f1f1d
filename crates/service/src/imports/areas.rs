//! Area lists: codes with names.

use lianfang_intake::{AreaList, Source};
use lianfang_store::Batch;

use super::session::Session;
use crate::Refusal;

/// Facts appended at once.
const CHUNK: usize = 2_000;

impl Session<'_> {
    pub(super) fn areas(&mut self, source: Source) -> Result<(), Refusal> {
        let mut list = AreaList::open(source, self.options)?;
        let header = list.header().to_vec();
        let mut drafts = Vec::new();
        while let Some(entry) = list.next() {
            let Some(row) = self.sift(entry?, &header)? else {
                continue;
            };
            let tree = self.house.tree()?;
            match tree.get(row.area.code) {
                Some(known) if known == row.area => {
                    self.report.rows_unchanged += 1;
                    continue;
                }
                Some(_) if tree.has(row.area.code) => self.report.rows_revised += 1,
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
