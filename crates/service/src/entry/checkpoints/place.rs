//! A checkpoint as a place: a pass that is shown at it is a visit there, and can be traced like any other.

use lianfang_core::areas::AreaCode;
use lianfang_core::entry::CheckpointKind;
use lianfang_core::ids::CheckpointId;
use lianfang_core::places::{PlaceId, PlaceKind};
use lianfang_store::views::places::PlaceRow;
use lianfang_store::views::{entry, places};

use crate::places::{code_of, defined};
use crate::{Actor, House, Refusal};

/// What a checkpoint is as a place.
fn kind_of(kind: CheckpointKind) -> PlaceKind {
    match kind {
        CheckpointKind::Railway
        | CheckpointKind::Airport
        | CheckpointKind::Port
        | CheckpointKind::Bus
        | CheckpointKind::Metro => PlaceKind::Station,
        CheckpointKind::Village | CheckpointKind::Compound => PlaceKind::Community,
        CheckpointKind::School => PlaceKind::School,
        CheckpointKind::Clinic => PlaceKind::Hospital,
        CheckpointKind::Expressway | CheckpointKind::Road => PlaceKind::OpenAir,
        CheckpointKind::Workplace => PlaceKind::Other,
    }
}

impl House {
    /// The place that a checkpoint is: its code is the checkpoint's id. Name and area follow the checkpoint; the kind is as
    /// somebody corrected it. Nobody need register it: it is made known when a pass is first shown there. None where this is
    /// no checkpoint's id.
    pub(crate) fn place_of_gate(&self, text: &str) -> Result<Option<(PlaceId, AreaCode)>, Refusal> {
        let Ok(id) = text.parse::<CheckpointId>() else {
            return Ok(None);
        };
        let Some(gate) = self.store.read(|c| Ok(entry::checkpoint(c, id)?))? else {
            return Ok(None);
        };
        let code = code_of(&id.to_string())?;
        let place = PlaceId::of(&code);
        let before = self.store.read(|c| Ok(places::place(c, place)?))?;
        let row = PlaceRow {
            place,
            code,
            area: gate.area,
            name: gate.name,
            name_en: gate.name_en,
            kind: before
                .as_ref()
                .map_or_else(|| kind_of(gate.kind), |row| row.kind),
        };
        if before.as_ref() != Some(&row) {
            self.append(&Actor::house("scans"), [(row.area, defined(&row))])?;
        }
        Ok(Some((place, gate.area)))
    }
}
