//! One import under way: what it counts, refuses, and hands to the ledger.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::facts::{AreaDefined, Body, Draft, Fact};
use lianfang_core::ids::{ContactId, FactId, PersonId};
use lianfang_core::text::{Language, Text};
use lianfang_intake::refused::RefusedWriter;
use lianfang_intake::{Code, Entry, Finding, ImportReport, Options, Preset, RefusedRow};
use lianfang_store::Batch;

use super::ImportRequest;
use crate::field::{EntryAnswer, FieldEntry};
use crate::{Actor, House, Refusal};

/// Rows read between two words to whoever watches.
const STEP: u64 = 1_000;

pub(super) struct Session<'a> {
    pub(super) house: &'a House,
    pub(super) actor: &'a Actor,
    pub(super) dry_run: bool,
    pub(super) preset: Option<&'a Preset>,
    pub(super) options: Options,
    pub(super) report: ImportReport,
    language: Language,
    refused: Option<RefusedWriter<Vec<u8>>>,
    known: BTreeSet<AreaCode>,
    /// Areas by name, where only one has it; read when a row names one.
    names: Option<HashMap<String, Option<AreaCode>>>,
    /// People met in this import, by keyed hash of their document.
    pub(super) people: HashMap<[u8; 16], PersonId>,
    /// Fields of a case for which the file has no column.
    pub(super) unsaid: Vec<String>,
    /// Contacts of a case that this import has made.
    pub(super) tied: HashSet<ContactId>,
    progress: &'a mut dyn FnMut(u64),
}

impl<'a> Session<'a> {
    pub(super) fn new(
        house: &'a House,
        actor: &'a Actor,
        file: &str,
        request: &'a ImportRequest,
        area: AreaCode,
        preset: Option<&'a Preset>,
        progress: &'a mut dyn FnMut(u64),
    ) -> Self {
        let mut options = Options::new(house.today());
        if request.area.is_some() {
            options = options.in_area(area);
        }
        Self {
            house,
            actor,
            dry_run: request.dry_run,
            preset,
            options,
            report: ImportReport::new(
                file,
                request.kind,
                preset.map(Preset::name),
                request.dry_run,
            ),
            language: request.language,
            refused: None,
            known: BTreeSet::new(),
            names: None,
            people: HashMap::new(),
            unsaid: Vec::new(),
            tied: HashSet::new(),
            progress,
        }
    }

    /// Counts an entry; hands back its row if it was taken.
    pub(super) fn sift<T>(
        &mut self,
        entry: Entry<T>,
        header: &[String],
    ) -> Result<Option<T>, Refusal> {
        self.report.rows_read += 1;
        if self.report.rows_read.is_multiple_of(STEP) {
            (self.progress)(self.report.rows_read);
        }
        match entry {
            Entry::Taken(taken) => {
                for warning in taken.warnings {
                    self.report.warn(warning);
                }
                Ok(Some(taken.row))
            }
            Entry::Refused(refused) => {
                self.refuse(&refused, header)?;
                Ok(None)
            }
        }
    }

    pub(super) fn refuse(
        &mut self,
        refused: &RefusedRow,
        header: &[String],
    ) -> Result<(), Refusal> {
        self.report.refuse(refused);
        let failed = |error: lianfang_intake::export::ExportError| Refusal::Pack(error.to_string());
        let writer = match &mut self.refused {
            Some(writer) => writer,
            none => {
                none.insert(RefusedWriter::new(Vec::new(), header, self.language).map_err(failed)?)
            }
        };
        writer.write(refused).map_err(failed)
    }

    /// Refuses a row for one reason.
    pub(super) fn refuse_for(
        &mut self,
        row: u64,
        cells: Vec<String>,
        header: &[String],
        (field, code, message): (&str, Code, Text),
    ) -> Result<(), Refusal> {
        let field = field.to_owned();
        let findings = vec![Finding {
            row,
            field,
            code,
            message,
        }];
        self.refuse(
            &RefusedRow {
                row,
                findings,
                cells,
            },
            header,
        )
    }

    /// Whether rows for `area` are the asker's to import.
    pub(super) fn check_right(&self, row: u64, area: AreaCode) -> Option<Finding> {
        let within = self.house.store().root().contains(area);
        (!within || !self.actor.may(Right::Import, area)).then(|| {
            about_area(
                row,
                Code::AreaForbidden,
                "This area is not one of yours. Takes rows of your own areas.",
                "该区域不在您的辖区内，只能导入本辖区的数据。",
            )
        })
    }

    /// Whether rows for `area` may be taken: within the asker's areas, and known to the tree.
    pub(super) fn check_area(
        &mut self,
        row: u64,
        area: AreaCode,
    ) -> Result<Option<Finding>, Refusal> {
        if self.known.contains(&area) {
            return Ok(None);
        }
        if let Some(finding) = self.check_right(row, area) {
            return Ok(Some(finding));
        }
        let tree = self.house.tree()?;
        let siblings = || {
            let parent = tree.parent(area).unwrap_or(AreaCode::COUNTRY);
            tree.children(parent)
                .iter()
                .any(|sibling| sibling.level == area.level())
        };
        let upper = area.level() <= lianfang_core::areas::Level::City;
        if !tree.has(area) && !upper && siblings() {
            return Ok(Some(about_area(
                row,
                Code::AreaUnknown,
                "The tree of areas has no such area. Import the list of areas first, or correct the code.",
                "区域树中没有此代码，请先导入区域表或更正代码。",
            )));
        }
        self.known.insert(area);
        Ok(None)
    }

    /// The one area that has this name, in either language.
    pub(super) fn area_named(&mut self, name: &str) -> Result<Option<AreaCode>, Refusal> {
        if self.names.is_none() {
            let tree = self.house.tree()?;
            let mut names: HashMap<String, Option<AreaCode>> = HashMap::new();
            for area in tree.all() {
                for name in [Some(&area.name), area.name_en.as_ref()]
                    .into_iter()
                    .flatten()
                {
                    names
                        .entry(name.trim().to_lowercase())
                        .and_modify(|only| *only = only.filter(|known| *known == area.code))
                        .or_insert(Some(area.code));
                }
            }
            self.names = Some(names);
        }
        let named = self
            .names
            .as_ref()
            .and_then(|names| names.get(&name.trim().to_lowercase()).copied().flatten());
        Ok(named)
    }

    /// The fact that makes an unknown area known, under the name that the file gives it.
    pub(super) fn define_if_unknown(
        &self,
        area: AreaCode,
        name: Option<&str>,
    ) -> Result<Option<Draft>, Refusal> {
        let tree = self.house.tree()?;
        if area == AreaCode::COUNTRY || self.house.is_defined(&tree, area) {
            return Ok(None);
        }
        let area = Area {
            name: name.map_or_else(|| area.to_string(), str::to_owned),
            ..Area::unnamed(area)
        };
        // The root is known by its code without a fact.
        let is_news = tree.get(area.code).as_ref() != Some(&area);
        Ok(is_news.then(|| self.area_draft(&area)))
    }

    pub(super) fn area_draft(&self, area: &Area) -> Draft {
        let body = Body::AreaDefined(AreaDefined {
            name: area.name.clone(),
            name_en: area.name_en.clone(),
            population: area.population,
        });
        self.house.draft(self.actor, area.code, body)
    }

    /// A fact's id that the same row gives again, so that the same file twice changes nothing. It
    /// begins with the day, so that a list in order of report is written in order.
    pub(super) fn fact_id(&self, day: Option<Date>, text: &str) -> FactId {
        let store = self.house.store();
        let start = store
            .utc_offset()
            .start_of(day.unwrap_or(self.options.today));
        let milliseconds = u64::try_from(start.as_millisecond()).unwrap_or(0);
        FactId::from_parts(
            milliseconds,
            u128::from_be_bytes(store.blind("import fact", text)),
        )
    }

    pub(super) fn append(&mut self, batch: Batch) -> Result<(), Refusal> {
        if self.dry_run || batch.facts.is_empty() {
            return Ok(());
        }
        let receipts = self.house.store().append(batch)?;
        self.report.facts_appended +=
            receipts.iter().filter(|receipt| !receipt.repeated).count() as u64;
        Ok(())
    }

    /// Takes entries through the one door of the field, and counts the facts that they came to.
    pub(super) fn take_entries(
        &mut self,
        entries: &[FieldEntry],
    ) -> Result<Vec<EntryAnswer>, Refusal> {
        let store = self.house.store();
        let mut after = store.last_seq()?;
        let answers = self.house.take_entries(self.actor, entries)?;
        loop {
            let facts = store.facts_after(after, STEP as usize)?;
            let Some(last) = facts.last() else {
                return Ok(answers);
            };
            after = last.seq;
            // Others may write beside this import.
            let ours =
                |fact: &&Fact| fact.actor == self.actor.account && fact.device == self.actor.device;
            self.report.facts_appended += facts.iter().filter(ours).count() as u64;
        }
    }

    /// The report and the refused rows.
    pub(super) fn finish(self) -> Result<(ImportReport, Vec<u8>), Refusal> {
        (self.progress)(self.report.rows_read);
        let refused = match self.refused {
            Some(writer) => writer
                .finish()
                .map_err(|error| Refusal::Pack(error.to_string()))?,
            None => Vec::new(),
        };
        Ok((self.report, refused))
    }
}

fn about_area(row: u64, code: Code, en: &str, zh: &str) -> Finding {
    Finding {
        row,
        field: "area".into(),
        code,
        message: Text::new(en, zh),
    }
}
