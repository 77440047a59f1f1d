//! How well contacts are found: told in time, and known before they fell ill.

use jiff::civil::Date;
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::contacts::{ContactClass, ContactStatus};
use lianfang_store::views::contacts::{self as view, KnownCases, Traced};
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// Areas below that are shown at most.
const MOST_AREAS: usize = 200;

/// A share, with what it is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Percent {
    /// How many.
    pub of: u64,
    /// Of these, so many.
    pub n: u64,
    /// In percent, rounded down; none where there are none.
    pub percent: Option<u64>,
}

impl Percent {
    fn new(n: u64, of: u64) -> Self {
        Self {
            of,
            n,
            percent: (n * 100).checked_div(of),
        }
    }
}

/// How well contacts are found in an area.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AreaTraced {
    /// The area.
    pub area: Area,
    /// Contacts named on these days that were told within the hours of the policy.
    pub told_in_time: Percent,
    /// Contacts named on these days that were told at all.
    pub told: Percent,
    /// Cases of these days that were known as contacts before.
    pub cases_known: Percent,
}

/// Contacts of a class that stand so.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct ContactNumber {
    /// The class.
    pub class: ContactClass,
    /// How far the work has come.
    pub status: ContactStatus,
    /// How many.
    pub count: u64,
}

/// The numbers of contacts.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TracingNumbers {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// Hours within which a contact is to be told, by the policy in force.
    pub within_hours: u32,
    /// The area.
    pub whole: AreaTraced,
    /// The areas one step below that have any.
    pub below: Vec<AreaTraced>,
    /// Contacts as they stand today.
    pub standing: Vec<ContactNumber>,
    /// Contacts to be followed today.
    pub followed: u64,
    /// Of these, not seen today yet.
    pub due: u64,
}

impl House {
    fn traced_in(
        &self,
        area: AreaCode,
        days: (Date, Date),
        hours: u32,
    ) -> Result<(Traced, KnownCases), Refusal> {
        Ok(self.store.read(|c| {
            Ok((
                view::traced(c, area, days, hours)?,
                view::known_cases(c, area, days)?,
            ))
        })?)
    }

    /// How well contacts are found: in an area and those one step below, over some days.
    pub fn tracing_numbers(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Result<TracingNumbers, Refusal> {
        let top = actor.area_of(Right::ReadCases).ok_or(Refusal::Forbidden)?;
        let area = area.unwrap_or(top);
        actor.require(Right::ReadCases, area)?;
        let policy = self.policy()?;
        let hours = policy.cases()?.trace_hours;
        let today = self.today();
        let to = to.unwrap_or(today);
        let recent = i64::from(policy.pack.briefs.recent_days);
        let from = from
            .or_else(|| to.checked_sub(jiff::Span::new().days(recent - 1)).ok())
            .unwrap_or(to);
        if from > to {
            return Err(Refusal::invalid(
                "from",
                "The first day is not after the last.",
                "起始日期不能晚于结束日期。",
            ));
        }
        let tree = self.tree()?;
        let shown = |area: AreaCode, (traced, known): (Traced, KnownCases)| AreaTraced {
            area: tree.get_or_unnamed(area),
            told_in_time: Percent::new(traced.in_time, traced.named),
            told: Percent::new(traced.told, traced.named),
            cases_known: Percent::new(known.known, known.cases),
        };
        let mut below = Vec::new();
        for child in tree.children(area).into_iter().take(MOST_AREAS) {
            let found = self.traced_in(child.code, (from, to), hours)?;
            if found.0.named > 0 || found.1.cases > 0 {
                below.push(shown(child.code, found));
            }
        }
        let (standing, (due, followed)) = self
            .store
            .read(|c| Ok((view::standing(c, area)?, view::due_count(c, area, today)?)))?;
        Ok(TracingNumbers {
            from,
            to,
            within_hours: hours,
            whole: shown(area, self.traced_in(area, (from, to), hours)?),
            below,
            standing: standing
                .into_iter()
                .map(|one| ContactNumber {
                    class: one.class,
                    status: one.status,
                    count: one.n,
                })
                .collect(),
            followed,
            due,
        })
    }
}
