//! Checkpoints: set up, staffed, measured, and all that a phone needs to work there alone.

mod kit;
mod place;
mod queue;

use jiff::Timestamp;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::entry::{CheckpointKind, Stage};
use lianfang_core::facts::{Body, CheckpointDefined, ShiftSet};
use lianfang_core::ids::CheckpointId;
use lianfang_core::text::Text;
use lianfang_store::views::entry::{self, CheckpointRow, EntrantFilter};
use serde::Serialize;

use crate::field::Happening;
use crate::field::taking::{Taking, Written};
use crate::{Actor, House, Refusal};

pub(crate) use kit::tail;
pub use kit::{AreaNamed, Expected, GateKit, OriginNamed, ResidentShown, SiteNamed};
pub use queue::{GateNeed, GateQueue, HourExpected, Measured, WaitTarget};

/// Lanes that a checkpoint has at most.
const MOST_LANES: u8 = 100;
/// People on duty in one shift at most.
const MOST_STAFF: u16 = 1_000;
/// Longest shift.
const LONGEST_SHIFT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 31);

/// A checkpoint as it stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct GateShown {
    /// The checkpoint.
    #[schema(value_type = String)]
    pub checkpoint: CheckpointId,
    /// Its name.
    pub name: Text,
    /// Its kind.
    pub kind: CheckpointKind,
    /// Its area.
    pub area: Area,
    /// Lanes that can be open at once.
    pub lanes: u8,
    /// Whether anybody is checked there.
    pub open: bool,
    /// Who is on duty.
    pub on_duty: Option<Duty>,
    /// People checked today.
    pub checked_today: u64,
    /// Residents who went through today.
    pub residents_today: u64,
    /// People who wait to be handed over.
    pub waiting_handover: u64,
}

/// A shift on duty.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Duty {
    /// From when.
    pub from: String,
    /// Until when.
    pub until: String,
    /// People on duty.
    pub staff: u16,
    /// Lanes open.
    pub lanes: u8,
}

fn name_of(row: &CheckpointRow) -> Text {
    Text::new(
        row.name_en.clone().unwrap_or_else(|| row.name.clone()),
        row.name.clone(),
    )
}

impl Taking<'_> {
    /// A checkpoint is set up, or as it stands now.
    pub(crate) fn checkpoint(&self, what: &Happening) -> Result<Written, Refusal> {
        let Happening::Checkpoint {
            checkpoint,
            area,
            place,
            name,
            name_en,
            lanes,
            open,
        } = what
        else {
            return Err(Refusal::NotFound("entry"));
        };
        self.require(Right::SetUpField, *area)?;
        self.house.known_area(*area)?;
        if let Some(id) = checkpoint {
            let before = self
                .read(|c| Ok(entry::checkpoint(c, *id)?))?
                .ok_or(Refusal::NotFound("checkpoint"))?;
            self.require(Right::SetUpField, before.area)?;
        }
        if !(1..=MOST_LANES).contains(lanes) {
            return Err(Refusal::invalid(
                "lanes",
                format!("1 to {MOST_LANES} lanes."),
                format!("通道数为1至{MOST_LANES}。"),
            ));
        }
        let name_en = name_en
            .as_deref()
            .map(|name| self.text("name_en", name, (1, 80)))
            .transpose()?;
        Ok(Written::fact(
            *area,
            Body::CheckpointDefined(CheckpointDefined {
                checkpoint: checkpoint
                    .unwrap_or_else(|| CheckpointId::from_bytes(self.id.to_bytes())),
                kind: *place,
                name: self.text("name", name, (1, 80))?,
                name_en,
                lanes: *lanes,
                open: *open,
                said: self.said.clone(),
            }),
        ))
    }

    /// Who is on duty at a checkpoint.
    pub(crate) fn shift(&self, what: &Happening) -> Result<Written, Refusal> {
        let Happening::Shift {
            checkpoint,
            from,
            until,
            staff,
            lanes,
            lead,
        } = what
        else {
            return Err(Refusal::NotFound("entry"));
        };
        let gate = self
            .read(|c| Ok(entry::checkpoint(c, *checkpoint)?))?
            .ok_or(Refusal::NotFound("checkpoint"))?;
        self.require(Right::SetUpField, gate.area)?;
        if until <= from || until.duration_since(*from) > LONGEST_SHIFT {
            return Err(Refusal::invalid(
                "until",
                "A shift ends after it begins, within a month.",
                "班次结束须晚于开始，且不超过一个月。",
            ));
        }
        if *lanes > gate.lanes || *staff == 0 || *staff > MOST_STAFF {
            return Err(Refusal::invalid(
                "lanes",
                format!(
                    "At most {} lanes here, and 1 to {MOST_STAFF} people on duty.",
                    gate.lanes
                ),
                format!("该卡口最多{}条通道，在岗1至{MOST_STAFF}人。", gate.lanes),
            ));
        }
        if let Some(lead) = lead
            && self.house.store.credentials(*lead)?.is_none()
        {
            return Err(Refusal::invalid(
                "lead",
                "There is no such account.",
                "没有此账户。",
            ));
        }
        Ok(Written::fact(
            gate.area,
            Body::ShiftSet(ShiftSet {
                checkpoint: *checkpoint,
                from: *from,
                until: *until,
                staff: *staff,
                lanes: *lanes,
                lead: *lead,
                said: self.said.clone(),
            }),
        ))
    }
}

impl House {
    /// Checkpoints within an area, as they stand.
    pub fn gates(&self, actor: &Actor, area: Option<AreaCode>) -> Result<Vec<GateShown>, Refusal> {
        let area = self.field_area(actor, area)?;
        let rows = self.store.read(|c| Ok(entry::checkpoints(c, area)?))?;
        rows.iter().map(|row| self.gate_shown(row)).collect()
    }

    /// The area of the field that is asked for: within the asker's, the highest of theirs where
    /// none is named.
    pub(crate) fn field_area(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
    ) -> Result<AreaCode, Refusal> {
        let top = actor.area_of(Right::ReadField).ok_or(Refusal::Forbidden)?;
        let area = area.unwrap_or(if top == AreaCode::COUNTRY {
            self.store.root()
        } else {
            top
        });
        actor.require(Right::ReadField, area)?;
        Ok(area)
    }

    /// A checkpoint within the asker's reach.
    pub(crate) fn gate_row(
        &self,
        actor: &Actor,
        id: CheckpointId,
    ) -> Result<CheckpointRow, Refusal> {
        self.store
            .read(|c| Ok(entry::checkpoint(c, id)?))?
            .filter(|row| actor.may(Right::ReadField, row.area))
            .ok_or(Refusal::NotFound("checkpoint"))
    }

    fn start_of_today(&self) -> Timestamp {
        self.store.utc_offset().start_of(self.today())
    }

    fn gate_shown(&self, row: &CheckpointRow) -> Result<GateShown, Refusal> {
        let now = self.now();
        let today = self.today();
        let since = self.start_of_today();
        let waiting = EntrantFilter {
            stages: vec![Stage::ToSend],
            checkpoint: Some(row.checkpoint),
            ..EntrantFilter::default()
        };
        let offset = self.store.utc_offset();
        let (duty, checked, residents, waiting) = self.store.read(|c| {
            let checked = entry::arrivals_by_hour(c, row.checkpoint, since, now)?
                .iter()
                .map(|(_, people)| people)
                .sum();
            Ok((
                entry::on_duty(c, row.checkpoint, now)?,
                checked,
                entry::passes_on(c, row.checkpoint, today)?,
                entry::count(c, &waiting)?,
            ))
        })?;
        Ok(GateShown {
            checkpoint: row.checkpoint,
            name: name_of(row),
            kind: row.kind,
            area: self.tree()?.get_or_unnamed(row.area),
            lanes: row.lanes,
            open: row.open,
            on_duty: duty.map(|duty| Duty {
                from: offset.rfc3339(duty.from),
                until: offset.rfc3339(duty.until),
                staff: duty.staff,
                lanes: duty.lanes,
            }),
            checked_today: checked,
            residents_today: residents,
            waiting_handover: waiting,
        })
    }
}
