//! The numbers of quarantine of an area on a day.

use jiff::SignedDuration;
use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::quarantine::Watch;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_store::views::quarantine as view;
use serde::Serialize;

use super::slots_of;
use crate::{Actor, House, Refusal};

/// How many are watched in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WatchNumber {
    /// How they are watched.
    pub watch: Watch,
    /// Its name.
    pub name: Text,
    /// How many.
    pub people: u64,
}

/// How quarantine stood in an area on a day, each number a count of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QuarantineNumbers {
    /// The area.
    pub area: Area,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Under watch at its end (now, for today), by kind.
    pub watched: Vec<WatchNumber>,
    /// Under watch in all.
    pub total: u64,
    /// Orders made.
    pub made: u64,
    /// Checks that the day asks for.
    pub checks_due: u64,
    /// Of these, made.
    pub checks_done: u64,
    /// People with an abnormal check.
    pub abnormal: u64,
    /// Samples that the day asks for.
    pub samples_due: u64,
    /// Samples taken.
    pub samples_done: u64,
    /// Orders whose day of release it is.
    pub releases_due: u64,
    /// People released.
    pub releases_done: u64,
    /// In force although the day of release is over.
    pub releases_late: u64,
    /// Not where they should be, at its end.
    pub absent: u64,
    /// Absences found.
    pub breaches: u64,
}

impl House {
    /// How quarantine stood in an area on a day; today where none is named.
    pub fn quarantine_numbers(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
        day: Option<Date>,
    ) -> Result<QuarantineNumbers, Refusal> {
        let area = self.field_area(actor, area)?;
        self.quarantine_numbers_of(area, day.unwrap_or_else(|| self.today()))
    }

    pub(crate) fn quarantine_numbers_of(
        &self,
        area: AreaCode,
        day: Date,
    ) -> Result<QuarantineNumbers, Refusal> {
        let (now, today) = (self.now(), self.today());
        if day > today {
            return Err(Refusal::invalid(
                "day",
                "Today, or a day before.",
                "须为今天或以前的日期。",
            ));
        }
        let offset = self.store.utc_offset();
        let policy = self.policy_on(day)?;
        let slots = slots_of(policy.field()?, offset, day);
        let tomorrow = day.tomorrow().unwrap_or(day);
        let (until, over) = if day == today {
            // What happened this very moment has happened.
            (now + SignedDuration::from_millis(1), today)
        } else {
            (offset.start_of(tomorrow), tomorrow)
        };
        let moments = (offset.start_of(day), until);
        let found = self
            .store
            .read(|c| Ok(view::numbers(c, area, day, moments, over, &slots)?))?;
        Ok(QuarantineNumbers {
            area: self.tree()?.get_or_unnamed(area),
            day,
            total: found.watched.iter().map(|(_, people)| people).sum(),
            watched: found
                .watched
                .into_iter()
                .map(|(watch, people)| WatchNumber {
                    watch,
                    name: watch.label(),
                    people,
                })
                .collect(),
            made: found.made,
            checks_due: found.checks_due,
            checks_done: found.checks_done,
            abnormal: found.abnormal,
            samples_due: found.samples_due,
            samples_done: found.samples_done,
            releases_due: found.releases_due,
            releases_done: found.releases_done,
            releases_late: found.releases_late,
            absent: found.absent,
            breaches: found.breaches,
        })
    }
}
