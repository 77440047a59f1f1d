//! Cases, contacts and chains taken out as files: CSV and XLSX in the house's own columns, CSV with Go.Data's headers, or a FHIR
//! R4 bundle. Rows go out page by page, so that a list of any length needs little memory.
//!
//! A file has no personal data unless it is asked for with a reason, by somebody who may look at people in that area; that is a
//! fact before the first row goes out.

mod chains;
mod fhir;
mod godata;
mod tables;

use std::io::Write;

use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Body, PeopleExported};
use lianfang_core::ids::PersonId;
use lianfang_core::people::PersonalData;
use lianfang_core::text::bounded;
use lianfang_core::time::day_number;
use lianfang_intake::export::{Cell, CsvWriter, ExportError, XlsxWriter};
use lianfang_store::views::cases::{self, CaseCursor, CaseFilter, CaseOrder, CaseRow};

use crate::{Actor, House, Refusal};

/// Rows read at once.
const PAGE: usize = 1_000;

/// What is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Cases.
    Linelist,
    /// Contacts: one row for a person and a case.
    Contacts,
    /// Who met whom.
    Relationships,
    /// Follow-up of contacts.
    FollowUps,
    /// Samples of cases.
    LabResults,
    /// Chains of transmission, out of the links that somebody stated.
    Chains,
}

impl What {
    /// Its word in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Linelist => "linelist",
            Self::Contacts => "contacts",
            Self::Relationships => "relationships",
            Self::FollowUps => "followups",
            Self::LabResults => "labresults",
            Self::Chains => "chains",
        }
    }
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// CSV in the house's own columns, those that imports take.
    Csv,
    /// A workbook with the same columns.
    Xlsx,
    /// CSV with the headers of Go.Data.
    GoData,
    /// A FHIR R4 bundle, JSON.
    Fhir,
}

impl Form {
    fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::GoData => "godata",
            Self::Fhir => "fhir",
        }
    }
}

/// What is to be exported, and how.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// What.
    pub what: What,
    /// In which form.
    pub form: Form,
    /// Within this area; all of the asker's where none is named.
    pub area: Option<AreaCode>,
    /// Why personal data is needed; without it there is none.
    pub personal: Option<String>,
}

/// An export that its asker may have.
#[derive(Debug)]
pub(super) struct Allowed {
    pub(super) what: What,
    pub(super) form: Form,
    pub(super) area: AreaCode,
    pub(super) personal: bool,
}

#[allow(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn failed(error: ExportError) -> Refusal {
    Refusal::Pack(error.to_string())
}

/// A table that is written row by row.
enum Table<'a> {
    Csv(Box<CsvWriter<&'a mut (dyn Write + Send)>>),
    Xlsx(Box<XlsxWriter>, &'a mut (dyn Write + Send)),
}

impl Table<'_> {
    fn row(&mut self, cells: &[Cell]) -> Result<(), Refusal> {
        match self {
            Self::Csv(writer) => writer.write(cells).map_err(failed),
            Self::Xlsx(writer, _) => writer.write(cells).map_err(failed),
        }
    }

    fn finish(self) -> Result<(), Refusal> {
        match self {
            Self::Csv(writer) => {
                let out = writer.finish().map_err(failed)?;
                out.flush().map_err(|error| failed(error.into()))
            }
            Self::Xlsx(writer, out) => writer.finish(out).map_err(failed),
        }
    }
}

impl House {
    /// Writes an export, and answers how many rows it has, or of a bundle how many resources.
    pub fn export(
        &self,
        actor: &Actor,
        request: &ExportRequest,
        out: &mut (dyn Write + Send),
    ) -> Result<u64, Refusal> {
        let allowed = self.may_export(actor, request)?;
        match allowed.form {
            Form::Fhir => self.write_bundle(&allowed, out),
            Form::Csv | Form::Xlsx | Form::GoData => self.write_table(&allowed, out),
        }
    }

    fn may_export(&self, actor: &Actor, request: &ExportRequest) -> Result<Allowed, Refusal> {
        let area = match request.area {
            Some(area) => area,
            None => actor.area_of(Right::Export).ok_or(Refusal::Forbidden)?,
        };
        actor.require(Right::Export, area)?;
        actor.require(Right::ReadCases, area)?;
        let has_form = match request.form {
            Form::Csv | Form::Xlsx => true,
            Form::GoData => request.what != What::Chains,
            Form::Fhir => matches!(request.what, What::Linelist | What::Contacts | What::Chains),
        };
        if !has_form {
            return Err(Refusal::invalid(
                "format",
                "FHIR has the line list, contacts and chains; Go.Data has no chains.",
                "FHIR可导出病例一览表、接触者和传播链；Go.Data没有传播链。",
            ));
        }
        if let Some(reason) = &request.personal {
            actor.require(Right::LookAtPerson, area)?;
            let reason = bounded(reason, 5, 200).map_err(|_| {
                Refusal::invalid(
                    "reason",
                    "Say in 5 to 200 characters why personal data is needed.",
                    "请用5至200个字符说明需要个人信息的理由。",
                )
            })?;
            let exported = Body::PeopleExported(PeopleExported {
                what: request.what.word().to_owned(),
                format: request.form.word().to_owned(),
                reason,
            });
            let root = self.store.root();
            self.append(
                actor,
                [(
                    if area == AreaCode::COUNTRY {
                        root
                    } else {
                        area
                    },
                    exported,
                )],
            )?;
        }
        Ok(Allowed {
            what: request.what,
            form: request.form,
            area,
            personal: request.personal.is_some(),
        })
    }

    fn write_table(&self, allowed: &Allowed, out: &mut (dyn Write + Send)) -> Result<u64, Refusal> {
        let header = tables::header(allowed);
        let mut table = if allowed.form == Form::Xlsx {
            Table::Xlsx(
                Box::new(XlsxWriter::new(allowed.what.word(), &header).map_err(failed)?),
                out,
            )
        } else {
            let mut writer = CsvWriter::new(out).map_err(failed)?;
            writer.write_texts(header.iter().copied()).map_err(failed)?;
            Table::Csv(Box::new(writer))
        };
        let mut rows = 0;
        self.each_row(allowed, &mut |cells| {
            rows += 1;
            table.row(&cells)
        })?;
        table.finish()?;
        Ok(rows)
    }

    /// Cases of an area, oldest first, page by page.
    fn each_page_of_cases(
        &self,
        area: AreaCode,
        see: &mut dyn FnMut(&[CaseRow]) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let filter = CaseFilter {
            area: Some(area),
            ..CaseFilter::default()
        };
        let mut cursor = None;
        loop {
            let rows = self
                .store
                .read(|c| cases::list(c, &filter, CaseOrder::Oldest, cursor, PAGE))?;
            see(&rows)?;
            match rows.last() {
                Some(last) if rows.len() == PAGE => {
                    cursor = Some(CaseCursor {
                        day: day_number(last.day),
                        id: last.id,
                    });
                }
                _ => return Ok(()),
            }
        }
    }

    /// What the vault knows of these people, where it is asked for.
    fn data_of(
        &self,
        allowed: &Allowed,
        people: &[Option<PersonId>],
    ) -> Result<Vec<PersonalData>, Refusal> {
        if !allowed.personal {
            return Ok(vec![PersonalData::default(); people.len()]);
        }
        let known: Vec<PersonId> = people.iter().flatten().copied().collect();
        let mut data = self.store.open_people(&known)?.into_iter();
        Ok(people
            .iter()
            .map(|person| {
                person
                    .and_then(|_| data.next().flatten())
                    .unwrap_or_default()
            })
            .collect())
    }
}
