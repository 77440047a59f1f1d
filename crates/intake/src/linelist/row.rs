//! From cells to a [`LineListRow`].

use super::{LineListRow, checks};
use crate::cells::Cells;
use crate::entries::{Mapper, Options};
use crate::error::FileError;
use crate::finding::{Findings, Problem};
use crate::preset::{Binding, Field, Preset};
use crate::table::RawRow;

/// Characters that text fields take.
const ID_CHARACTERS: usize = 64;
const NAME_CHARACTERS: usize = 100;
const PLACE_CHARACTERS: usize = 200;
const ADDRESS_CHARACTERS: usize = 500;

pub(super) struct RowMapper {
    preset: Preset,
    binding: Binding,
    options: Options,
}

impl RowMapper {
    pub(super) fn new(
        preset: Preset,
        header: &[String],
        options: Options,
    ) -> Result<Self, FileError> {
        Ok(Self {
            binding: preset.bind(header)?,
            preset,
            options,
        })
    }
}

impl RowMapper {
    pub(super) fn has(&self, field: Field) -> bool {
        self.binding.has(field)
    }
}

impl Mapper for RowMapper {
    type Row = LineListRow;

    fn map(&self, raw: &RawRow, findings: &mut Findings) -> Option<LineListRow> {
        let mut cells = Cells {
            preset: &self.preset,
            binding: &self.binding,
            today: self.options.today,
            raw,
            findings,
        };
        let classification = cells
            .coded(Field::Classification, &self.preset.classification)
            .or(self.preset.defaults.classification);
        if classification.is_none() && cells.findings.refusals.is_empty() {
            cells.refuse(Field::Classification, Problem::MissingValue);
        }
        let mut row = LineListRow {
            row: raw.row,
            external_id: cells.bounded(Field::ExternalId, ID_CHARACTERS),
            visual_id: cells.bounded(Field::VisualId, ID_CHARACTERS),
            name: cells.bounded(Field::Name, NAME_CHARACTERS),
            sex: cells.coded(Field::Sex, &self.preset.sex),
            age_years: cells.age(),
            document: cells.document(),
            phone: cells.phone(),
            address: cells.bounded(Field::Address, ADDRESS_CHARACTERS),
            area: cells.area().or(self.options.default_area),
            place: cells.bounded(Field::Place, PLACE_CHARACTERS),
            exposed: cells.date(Field::Exposed),
            onset: cells.date(Field::Onset),
            sampled: cells.date(Field::Sampled),
            diagnosed: cells.date(Field::Diagnosed),
            reported: cells.date(Field::Reported),
            hospitalised: cells.date(Field::Hospitalised),
            classification: classification?,
            severity: cells.coded(Field::Severity, &self.preset.severity),
            outcome: cells.coded(Field::Outcome, &self.preset.outcome),
            outcome_date: cells.date(Field::OutcomeDate),
            origin: cells.coded(Field::Origin, &self.preset.origin),
            imported_from: cells.bounded(Field::ImportedFrom, NAME_CHARACTERS),
            cluster: cells.bounded(Field::Cluster, PLACE_CHARACTERS),
            onset_approximate: cells.yes(Field::OnsetApproximate),
            reported_by: cells.bounded(Field::ReportedBy, NAME_CHARACTERS),
            isolated: cells.date(Field::Isolated),
            isolation_ended: cells.date(Field::IsolationEnded),
            isolation_place: cells.bounded(Field::IsolationPlace, NAME_CHARACTERS),
            hospital: cells.bounded(Field::Hospital, NAME_CHARACTERS),
            discharged: cells.date(Field::Discharged),
            was_contact: cells.yes(Field::WasContact),
            became_case: cells.date(Field::BecameCase),
            last_contact: cells.date(Field::LastContact),
            followed_from: cells.date_ahead(Field::FollowedFrom),
            followed_until: cells.date_ahead(Field::FollowedUntil),
            pregnancy: cells.coded(Field::Pregnancy, &self.preset.pregnancy),
            occupation: cells.bounded(Field::Occupation, ID_CHARACTERS),
            risk: cells.coded(Field::Risk, &self.preset.risk),
            risk_reason: cells.bounded(Field::RiskReason, PLACE_CHARACTERS),
            transfer_refused: cells.yes(Field::TransferRefused),
            symptoms: cells.several(Field::Symptoms, &self.preset.contact.symptoms),
        };
        checks::agree(&mut row, &self.binding, self.options.today, findings);
        Some(row)
    }
}
