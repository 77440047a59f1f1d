//! Files taken in: city totals, line lists, contacts, areas, arrivals, households. Every row is taken, unchanged, a correction,
//! or refused with its reason; the same file twice changes nothing.

mod areas;
mod arrivals;
mod contacts;
mod households;
mod linelist;
mod session;
mod totals;
mod visits;

use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::facts::{Body, ImportMade};
use lianfang_core::ids::ImportId;
use lianfang_core::text::Language;
use lianfang_intake::{ImportReport, Kind, Preset, Source};
use lianfang_store::{Batch, ImportRecord};
use serde::{Deserialize, Serialize};

use crate::{Actor, House, Refusal};
use session::Session;

/// Imports that a list shows.
const LISTED: usize = 100;

/// What is to be imported, and how.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// What the file holds.
    pub kind: Kind,
    /// The preset that reads a line list, arrivals or households; built in, or a file of one's own.
    pub preset: Option<String>,
    /// The area of rows that name none, and for which the import is listed.
    pub area: Option<AreaCode>,
    /// Only say what would happen.
    pub dry_run: bool,
    /// BLAKE3 of the file, in hex.
    pub digest: String,
    /// The language of the reasons in the file of refused rows.
    pub language: Language,
}

/// What becomes of visits to places that are not registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownPlaces {
    /// The import registers them, as places of which no more is known.
    Register,
    /// Their rows are refused.
    Refuse,
}

/// An import, as listed: its report with when and by whom.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Import {
    /// Its id.
    #[schema(value_type = String)]
    pub id: ImportId,
    /// When.
    pub at: String,
    /// By whom.
    pub by: String,
    /// The report.
    #[serde(flatten)]
    pub report: ImportReport,
}

/// An import just made: its listing, and its refused rows as a CSV file to mend and feed again.
#[derive(Debug)]
pub struct Imported {
    /// The listing.
    pub import: Import,
    /// The refused rows, or empty.
    pub refused: Vec<u8>,
}

impl House {
    /// Imports a file. `progress` hears of every thousand rows read.
    pub fn import(
        &self,
        actor: &Actor,
        source: Source,
        request: &ImportRequest,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Imported, Refusal> {
        self.import_with(actor, source, request, UnknownPlaces::Register, progress)
    }

    /// Imports a file; of visits, with what is to become of places that are not known.
    pub fn import_with(
        &self,
        actor: &Actor,
        source: Source,
        request: &ImportRequest,
        unknown: UnknownPlaces,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Imported, Refusal> {
        let area = match request.area {
            Some(area) => area,
            None => actor.area_of(Right::Import).ok_or(Refusal::Forbidden)?,
        };
        actor.require(Right::Import, area)?;
        let begun = std::time::Instant::now();
        let preset = request
            .kind
            .usual_preset()
            .map(|usual| {
                let name = request.preset.as_deref().unwrap_or(usual);
                preset(actor, name, request.kind)
            })
            .transpose()?;
        let mut session = Session::new(
            self,
            actor,
            source.name(),
            request,
            area,
            preset.as_ref(),
            progress,
        );
        match request.kind {
            Kind::CityTotals => session.city_totals(source)?,
            Kind::Linelist => session.linelist(source)?,
            Kind::Areas => session.areas(source)?,
            Kind::Arrivals => session.arrivals(source)?,
            Kind::Households => session.households(source)?,
            Kind::Visits => session.visits(source, area, unknown)?,
            Kind::Contacts => session.contacts(source)?,
            Kind::Relationships => session.relationships(source)?,
            Kind::FollowUps => session.follow_ups(source)?,
            Kind::LabResults => session.lab_results(source)?,
        }
        let (mut report, refused) = session.finish()?;
        report.seconds = begun.elapsed().as_secs_f64();
        self.record_import(actor, area, request, report, refused)
    }

    fn record_import(
        &self,
        actor: &Actor,
        area: AreaCode,
        request: &ImportRequest,
        report: ImportReport,
        refused: Vec<u8>,
    ) -> Result<Imported, Refusal> {
        let id = ImportId::from_bytes(self.new_id().to_bytes());
        let import = Import {
            id,
            at: self.store.utc_offset().rfc3339(self.now()),
            by: self.account_name(actor.account)?,
            report,
        };
        if !request.dry_run {
            let report = &import.report;
            let body = Body::ImportMade(ImportMade {
                import: id,
                kind: report.kind.word().to_owned(),
                preset: report.preset.clone(),
                digest: request.digest.clone(),
                rows_read: report.rows_read,
                rows_taken: report.rows_taken,
                rows_unchanged: report.rows_unchanged,
                rows_revised: report.rows_revised,
                rows_refused: report.rows_refused,
            });
            let area = if area == AreaCode::COUNTRY {
                self.store.root()
            } else {
                area
            };
            let mut batch = Batch::of([self.draft(actor, area, body)]);
            batch.import = Some(ImportRecord {
                import: id,
                at: self.now(),
                area,
                report: serde_json::to_string(&import)
                    .map_err(|error| Refusal::Pack(error.to_string()))?,
                refused: if refused.is_empty() {
                    Vec::new()
                } else {
                    self.store.seal_file(id, &refused)
                },
            });
            self.store.append(batch)?;
        }
        Ok(Imported { import, refused })
    }

    /// Imports made for the asker's areas, newest first.
    pub fn imports(&self, actor: &Actor) -> Result<Vec<Import>, Refusal> {
        let area = actor.area_of(Right::Import).ok_or(Refusal::Forbidden)?;
        let found = self.store.imports(area, LISTED)?;
        Ok(found
            .into_iter()
            .filter_map(|(_, _, report)| serde_json::from_str(&report).ok())
            .collect())
    }

    /// One import with its refused rows.
    pub fn import_of(&self, actor: &Actor, id: ImportId) -> Result<Imported, Refusal> {
        let (_, report, refused) = self
            .store
            .import(id)?
            .filter(|(area, _, _)| actor.may(Right::Import, *area))
            .ok_or(Refusal::NotFound("import"))?;
        let import =
            serde_json::from_str(&report).map_err(|error| Refusal::Pack(error.to_string()))?;
        Ok(Imported { import, refused })
    }

    /// Deletes refused rows whose time has come.
    pub fn drop_old_refused_rows(&self) -> Result<(), Refusal> {
        let days = i64::from(self.policy()?.pack.retention.refused_rows_days);
        let before = self.now() - jiff::SignedDuration::from_hours(24 * days);
        self.store.append(Batch {
            drop_refused_before: Some(before),
            ..Batch::default()
        })?;
        Ok(())
    }
}

/// A built-in preset; a file of one's own only for the operator at the machine.
fn preset(actor: &Actor, name: &str, kind: Kind) -> Result<Preset, Refusal> {
    let found = if actor.is_house() {
        Preset::find_for(name, kind)
    } else {
        Preset::built_in_for(name, kind)
    };
    let preset = found.map_err(|error| {
        Refusal::invalid(
            "preset",
            error.to_string(),
            format!("模板无法使用：{error}"),
        )
    })?;
    if preset.kind() != kind {
        let (reads, wanted) = (preset.kind().word(), kind.word());
        return Err(Refusal::invalid(
            "preset",
            format!("This preset reads {reads}, not {wanted}. Choose one for {wanted}."),
            format!("该模板用于{reads}，不能读取{wanted}，请另选模板。"),
        ));
    }
    Ok(preset)
}
