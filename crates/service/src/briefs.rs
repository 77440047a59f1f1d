//! The brief: how an area stands on a morning, from what was known then and nothing later.
//!
//! Every number is derived from facts: totals and line lists give the daily series
//! ([`series`]), the policy pack and `epi` give Rt, turning point and risk ([`status`]); the rest
//! is comparison with yesterday and what is owed ([`changes`]).

mod changes;
mod headline;
mod pages;
mod series;
mod status;

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use lianfang_core::access::Right;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::ids::PolicyId;
use lianfang_core::surveillance::RiskLevel;
use lianfang_core::text::Text;
use lianfang_epi::incidence::Total;
use lianfang_policy::{Decision, RiskEvidence};
use lianfang_store::views::counts::Measure;
use lianfang_store::views::reports::{self, Totals};
use serde::{Deserialize, Serialize};

use crate::entry::EntryNumbers;
use crate::matters::{MatterQuery, MatterRow, MatterView};
use crate::policy::Policy;
use crate::quarantine::QuarantineNumbers;
use crate::surveillance::AlarmShown;
use crate::{Actor, House, Refusal, locked};
use series::{OF_A_CHILD, Series};

/// Late matters shown.
const LATE: usize = 20;
/// Briefs kept at hand.
const KEPT: usize = 256;
/// Days in a child's small curve.
const SPARK: usize = 28;

/// What a series is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BriefBasis)]
pub enum Basis {
    /// Published totals.
    Totals,
    /// The line list.
    LineList,
    /// Totals for some areas below, the line list for others.
    Mixed,
    /// Nothing is known.
    #[default]
    None,
}

/// By which day cases are counted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CurveBy {
    /// The day of report.
    #[default]
    Report,
    /// The day of first symptoms; the newest days are filled up by a nowcast.
    Onset,
}

/// Numbers of cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// New on the newest day; `None` where no report came.
    pub new: Option<u32>,
    /// New on the day before.
    pub new_yesterday: Option<u32>,
    /// Confirmed in all.
    pub confirmed: u32,
    /// Suspected at present.
    pub suspected: Option<u32>,
    /// Cured in all.
    pub cured: Option<u32>,
    /// Dead in all.
    pub dead: Option<u32>,
    /// Confirmed, neither cured nor dead.
    pub active: Option<u32>,
    /// Days that the two numbers below cover, by the policy pack.
    pub recent_days: u32,
    /// New in the newest of so many days.
    pub new_recent: u32,
    /// New in as many days before.
    pub new_before: u32,
}

/// A reproduction number over a window.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Rt {
    /// Posterior mean.
    pub mean: f64,
    /// Posterior standard deviation.
    pub sd: f64,
    /// 2.5 % quantile.
    pub q025: f64,
    /// Median.
    pub median: f64,
    /// 97.5 % quantile.
    pub q975: f64,
    /// First day of the window.
    #[schema(value_type = String)]
    pub t_start: Date,
    /// Last day of the window.
    #[schema(value_type = String)]
    pub t_end: Date,
}

/// How fast cases grow or fall.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Growth {
    /// Growth rate per day.
    pub rate: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Days in which cases double; negative where they halve.
    pub doubling_days: Option<f64>,
}

/// Where an area stands with its turning point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TurningPointState {
    /// No cases.
    None,
    /// Too few cases to tell.
    TooFew,
    /// Growing, or growing again.
    Growing,
    /// Probably declining, not yet declared.
    Declining,
    /// Declared.
    Declared,
}

/// The turning point (拐点), as known on the morning.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TurningPointShown {
    /// Where it stands.
    pub state: TurningPointState,
    /// The day from which transmission declines.
    #[schema(value_type = Option<String>)]
    pub date: Option<Date>,
    /// Probability that transmission declines now.
    pub probability: Option<f64>,
    /// Lower end of the day's 95 % interval.
    #[schema(value_type = Option<String>)]
    pub ci_low: Option<Date>,
    /// Upper end.
    #[schema(value_type = Option<String>)]
    pub ci_high: Option<Date>,
    /// The day on which it was declared.
    #[schema(value_type = Option<String>)]
    pub declared_on: Option<Date>,
    /// Why it stands there.
    pub reason: Text,
}

/// What a risk level was judged by: the pack's table `risk`.
#[derive(utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "names the shape of the policy's own record in the API document"
)]
pub struct RiskEvidenceShown {
    /// Confirmed cases in all.
    confirmed_total: u32,
    /// New ones in the pack's window of recent days.
    new_recent: u32,
    /// Whether there was a cluster in that window; `null` where nothing tells.
    cluster: Option<bool>,
    /// The newest day with a case.
    #[schema(value_type = Option<String>, format = Date)]
    last_case: Option<Date>,
}

/// The risk level, with its reason and evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Risk {
    /// The level.
    pub level: RiskLevel,
    /// Since when.
    #[schema(value_type = Option<String>)]
    pub since: Option<Date>,
    /// The rule that gave it.
    pub rule: String,
    /// Why.
    pub reason: Text,
    /// What it was judged by.
    #[schema(value_type = RiskEvidenceShown)]
    pub evidence: RiskEvidence,
    /// What must happen for it to go down.
    pub clears: Text,
}

/// A reproduction number on a day of the curve.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RtPoint {
    /// Posterior mean.
    pub mean: f64,
    /// 2.5 % quantile.
    pub q025: f64,
    /// Median.
    pub median: f64,
    /// 97.5 % quantile.
    pub q975: f64,
}

/// A day of the epidemic curve.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Day {
    /// The day.
    #[schema(value_type = String)]
    pub date: Date,
    /// New cases; `None` where no report came: a gap, not a zero.
    pub new: Option<u32>,
    /// Cases to be expected once all are reported, on provisional days.
    pub expected: Option<f64>,
    /// Lower end of their 95 % interval.
    pub expected_low: Option<u32>,
    /// Upper end.
    pub expected_high: Option<u32>,
    /// Whether the day's number will still rise.
    pub provisional: bool,
    /// By how much the total was corrected down that day; 0 where it was not.
    pub correction: i64,
    /// The day's share of an increment that came after days without a report.
    pub spread: Option<f64>,
    /// The reproduction number of the window that ends on the day.
    pub rt: Option<RtPoint>,
}

/// A child's reproduction number.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RtShort {
    /// Posterior mean.
    pub mean: f64,
    /// 2.5 % quantile.
    pub q025: f64,
    /// 97.5 % quantile.
    pub q975: f64,
}

/// A child's turning point.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TurningPointShort {
    /// Where it stands.
    pub state: TurningPointState,
    /// The day from which transmission declines.
    #[schema(value_type = Option<String>)]
    pub date: Option<Date>,
    /// Probability that transmission declines now.
    pub probability: Option<f64>,
    /// The day on which it was declared.
    #[schema(value_type = Option<String>)]
    pub declared_on: Option<Date>,
}

/// An area one level below.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Child {
    /// The area.
    pub area: Area,
    /// New on the newest day.
    pub new: Option<u32>,
    /// New in the newest `recent_days`.
    pub new_recent: u32,
    /// Confirmed in all.
    pub confirmed: u32,
    /// Confirmed per 100,000 people.
    pub per_100k: Option<f64>,
    /// Reproduction number now.
    pub rt: Option<RtShort>,
    /// Risk level.
    pub risk: RiskLevel,
    /// Turning point.
    pub turning_point: TurningPointShort,
    /// The newest day with a report.
    #[schema(value_type = Option<String>)]
    pub last_report: Option<Date>,
    /// Whether a report is owed and not there.
    pub missing: bool,
    /// New cases of the newest 28 days.
    pub spark: Vec<Option<u32>>,
}

/// How many areas below have turned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChildrenTurned {
    /// With a declared turning point.
    pub turned: usize,
    /// With cases.
    pub total: usize,
}

/// What sort of change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = BriefChangeKind)]
pub enum ChangeKind {
    /// A risk level changed.
    RiskChanged,
    /// A turning point was declared.
    TurningPointDeclared,
    /// An area's first case.
    FirstCase,
    /// A total was corrected.
    Correction,
    /// New cases.
    NewCases,
    /// A report is missing.
    ReportMissing,
    /// A report came after days without.
    ReportArrived,
}

/// Something that changed since yesterday's morning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Change {
    /// What sort.
    pub kind: ChangeKind,
    /// Where.
    pub area: Area,
    /// In words.
    pub text: Text,
}

/// What sort of thing is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingKind {
    /// A report of totals, or a daily report.
    NoReport,
}

/// Something owed and not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Missing {
    /// By whom.
    pub area: Area,
    /// What.
    pub kind: MissingKind,
    /// The first day without it.
    #[schema(value_type = String)]
    pub since: Date,
    /// For how many days.
    pub days: u32,
}

/// Numbers of matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MatterNumbers {
    /// Not over.
    pub open: u64,
    /// Late.
    pub late: u64,
    /// Due that day.
    pub due_today: u64,
    /// Closed that day.
    pub closed_today: u64,
}

/// Delay from first symptoms to report.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OnsetToReport {
    /// Cases with both days.
    pub n: usize,
    /// Cases without onset.
    pub missing: usize,
    /// Mean, in days.
    pub mean: f64,
    /// Median.
    pub median: f64,
    /// 90 % quantile.
    pub q90: f64,
}

/// Delays.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DelaysShown {
    /// From first symptoms to report.
    pub onset_to_report: OnsetToReport,
}

/// What the numbers rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Provenance {
    /// Facts in the ledger.
    pub facts: u64,
    /// Totals that this brief rests on.
    pub totals_reports: u64,
    /// Cases of the line list that it rests on.
    pub cases: u64,
    /// Of both, those that the ledger took later than they were published.
    pub recorded_later: u64,
    /// The policy pack.
    pub pack: String,
    /// Its version.
    pub pack_version: String,
    /// The newest fact.
    pub seq: u64,
}

/// How an area stands on a morning.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Brief {
    /// The area.
    pub area: Area,
    /// From the top of what the asker sees down to it.
    pub path: Vec<Area>,
    /// The day whose morning it is: nothing known later is used.
    #[schema(value_type = String)]
    pub date: Date,
    /// The newest day that can be asked for.
    #[schema(value_type = String)]
    pub today: Date,
    /// Whether the day is past.
    pub as_known_then: bool,
    /// One sentence that says how it stands.
    pub headline: Text,
    /// What the series is made of.
    pub basis: Basis,
    /// By which day cases are counted.
    pub by: CurveBy,
    /// Numbers of cases.
    pub counts: Counts,
    /// Reproduction number now.
    pub rt: Option<Rt>,
    /// Growth now.
    pub growth: Option<Growth>,
    /// Turning point.
    pub turning_point: TurningPointShown,
    /// Risk level.
    pub risk: Risk,
    /// The epidemic curve.
    pub curve: Vec<Day>,
    /// Delays.
    pub delays: Option<DelaysShown>,
    /// The areas below that have data.
    pub children: Vec<Child>,
    /// How many of them have turned.
    pub children_turned: ChildrenTurned,
    /// What changed since yesterday's morning.
    pub changes: Vec<Change>,
    /// Unusual numbers of cases by the line list, here, one step below and by setting.
    pub alarms: Vec<AlarmShown>,
    /// What is missing.
    pub missing: Vec<Missing>,
    /// What is late, with whom.
    pub late: Vec<MatterRow>,
    /// Numbers of matters.
    pub matters: MatterNumbers,
    /// Gates and quarantine, where the policy runs them and anybody was ever recorded there.
    pub field: Option<FieldBrief>,
    /// What the numbers rest on.
    pub provenance: Provenance,
}

/// Gates and quarantine of an area in a brief.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FieldBrief {
    /// Arrivals of the day, and where everybody stands; today's brief alone has it.
    pub entry: Option<EntryNumbers>,
    /// People under watch.
    pub quarantine: QuarantineNumbers,
}

/// What of a brief depends on the ledger alone, not on who asks or on the time of day.
struct Core {
    basis: Basis,
    counts: Counts,
    rt: Option<Rt>,
    growth: Option<Growth>,
    turning_point: TurningPointShown,
    risk: Risk,
    curve: Vec<Day>,
    delays: Option<DelaysShown>,
    children: Vec<Child>,
    changes: Vec<Change>,
    alarms: Vec<AlarmShown>,
    missing: Vec<Missing>,
    totals_reports: u64,
    cases: u64,
    recorded_later: u64,
}

/// An area's risk level under two versions of the policy.
pub(crate) type RiskBoth<'p> = (Area, Decision<'p, RiskLevel>, Decision<'p, RiskLevel>);

type Key = (u64, PolicyId, AreaCode, Date, CurveBy);

/// Briefs kept at hand, newest last.
#[derive(Default)]
pub(crate) struct Kept(VecDeque<(Key, Arc<Core>)>);

/// New cases of an area by day.
pub(crate) struct CountedDays {
    pub(crate) basis: Basis,
    /// Cumulative cases on each day with a report.
    pub(crate) totals: Vec<Total>,
}

/// Everything read once for a brief.
struct Reading<'a> {
    connection: &'a lianfang_store::ReadConnection,
    known: Date,
    totals: Vec<Totals>,
}

impl House {
    /// How `area` stood on the morning of `date`.
    pub fn brief(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
        date: Option<Date>,
        by: CurveBy,
    ) -> Result<Brief, Refusal> {
        let area = match area {
            Some(area) => area,
            None => self.home(actor)?.code,
        };
        if !actor.may(Right::ReadBrief, area) {
            return Err(if actor.sees(area) {
                Refusal::Forbidden
            } else {
                Refusal::NotFound("area")
            });
        }
        let today = self.today();
        let date = date.unwrap_or(today);
        if date > today || date.year() < 1900 {
            return Err(Refusal::invalid(
                "date",
                "Takes today or a past day.",
                "只能查看今日或以往日期。",
            ));
        }
        let tree = self.tree()?;
        let shown = tree.get(area).ok_or(Refusal::NotFound("area"))?;
        let policy = self.policy_on(date)?;
        let (seq, core) = self.core(&policy, area, date, by)?;
        let offset = self.store.utc_offset();
        let (from, to) = (
            offset.start_of(date),
            offset.start_of(date) + SignedDuration::from_hours(24),
        );
        let [open, late, due_today, closed_today] = self.matter_numbers(area, from, to)?;
        let late_matters = if actor.may(Right::ReadMatters, area) {
            let late = MatterQuery {
                view: MatterView::Late,
                area: Some(area),
                limit: LATE,
                ..MatterQuery::default()
            };
            self.matters(actor, &late)?.0
        } else {
            Vec::new()
        };
        let turned = core
            .children
            .iter()
            .filter(|c| c.turning_point.state == TurningPointState::Declared)
            .count();
        let mut brief = Brief {
            path: self.path(actor, area)?,
            area: shown,
            date,
            today,
            as_known_then: date < today,
            headline: Text::new("", ""),
            basis: core.basis,
            by,
            counts: core.counts.clone(),
            rt: core.rt.clone(),
            growth: core.growth.clone(),
            turning_point: core.turning_point.clone(),
            risk: core.risk.clone(),
            curve: core.curve.clone(),
            delays: core.delays.clone(),
            children_turned: ChildrenTurned {
                turned,
                total: core
                    .children
                    .iter()
                    .filter(|child| child.confirmed > 0)
                    .count(),
            },
            children: core.children.clone(),
            changes: core.changes.clone(),
            alarms: core.alarms.clone(),
            missing: core.missing.clone(),
            late: late_matters,
            matters: MatterNumbers {
                open,
                late,
                due_today,
                closed_today,
            },
            field: self.field_brief(&policy, area, date)?,
            provenance: Provenance {
                facts: seq,
                totals_reports: core.totals_reports,
                cases: core.cases,
                recorded_later: core.recorded_later,
                pack: policy.pack.id.clone(),
                pack_version: policy.pack.version.clone(),
                seq,
            },
        };
        brief.headline = headline::headline(&brief);
        Ok(brief)
    }

    fn field_brief(
        &self,
        policy: &Policy,
        area: AreaCode,
        date: Date,
    ) -> Result<Option<FieldBrief>, Refusal> {
        let begun = self
            .store
            .read(|c| Ok(lianfang_store::views::entry::anybody(c)?))?;
        if policy.pack.field.is_none() || !begun {
            return Ok(None);
        }
        let entry = (date == self.today())
            .then(|| self.entry_numbers_of(area, date))
            .transpose()?;
        Ok(Some(FieldBrief {
            entry,
            quarantine: self.quarantine_numbers_of(area, date)?,
        }))
    }

    /// The part of a brief that the ledger decides, from what is kept at hand or made anew.
    fn core(
        &self,
        policy: &Policy,
        area: AreaCode,
        date: Date,
        by: CurveBy,
    ) -> Result<(u64, Arc<Core>), Refusal> {
        let seq = self.store.last_seq()?;
        let key = (seq, policy.id, area, date, by);
        if let Some((_, core)) = locked(&self.briefs).0.iter().find(|(kept, _)| *kept == key) {
            return Ok((seq, Arc::clone(core)));
        }
        let mut core = self.make_core(policy, area, date, by)?;
        let last = if date == self.today() {
            date.checked_sub(1.day()).unwrap_or(date)
        } else {
            date
        };
        core.alarms = self
            .alarms(policy, area, date, last)?
            .map_or_else(Vec::new, |shown| shown.alarms);
        let core = Arc::new(core);
        let mut kept = locked(&self.briefs);
        kept.0.retain(|((at, ..), _)| *at == seq);
        if kept.0.len() >= KEPT {
            kept.0.pop_front();
        }
        kept.0.push_back((key, Arc::clone(&core)));
        Ok((seq, core))
    }

    /// The risk level of the root and of each area one step below it that has numbers, under two
    /// versions of the policy.
    pub(crate) fn risk_under<'p>(
        &self,
        now: &'p Policy,
        other: &'p Policy,
    ) -> Result<Vec<RiskBoth<'p>>, Refusal> {
        let tree = self.tree()?;
        let root = self.store.root();
        let today = self.today();
        let areas = std::iter::once(tree.get_or_unnamed(root)).chain(tree.children(root));
        self.store
            .read(|connection| {
                let reading = Reading {
                    connection,
                    known: today,
                    totals: reports::totals_within(connection, root, today)?,
                };
                let mut levels = Vec::new();
                for area in areas {
                    let series = Series::of(&reading, area.code, today, OF_A_CHILD)?;
                    if series.basis != Basis::None {
                        let level = |policy: &'p Policy| policy.risk_level(&series, today, 0);
                        levels.push((area, level(now), level(other)));
                    }
                }
                Ok(levels)
            })
            .map_err(Refusal::from)
    }

    /// New cases of an area by day, up to a day, as known by the end of another.
    pub(crate) fn counted_days(
        &self,
        area: AreaCode,
        (known, last): (Date, Date),
    ) -> Result<CountedDays, Refusal> {
        self.store
            .read(|connection| {
                let reading = Reading {
                    connection,
                    known,
                    totals: reports::totals_within(connection, area, known)?,
                };
                let measures = [Measure::All, Measure::Confirmed];
                let series = Series::of(&reading, area, last, &measures)?;
                Ok(CountedDays {
                    basis: series.basis,
                    totals: series.totals,
                })
            })
            .map_err(Refusal::from)
    }

    /// The curve of an area's line list alone, as known by the end of a day.
    pub(crate) fn curve_of_cases(
        &self,
        policy: &Policy,
        area: AreaCode,
        (known, last): (Date, Date),
        by: CurveBy,
    ) -> Result<Vec<Day>, Refusal> {
        self.store
            .read(|connection| {
                let reading = Reading {
                    connection,
                    known,
                    totals: Vec::new(),
                };
                let measures = [Measure::All, Measure::Confirmed, Measure::Onset];
                let series = Series::of(&reading, area, last, &measures)?;
                Ok(match by {
                    CurveBy::Report => policy.curve_by_report(&series),
                    CurveBy::Onset => policy.curve_by_onset(&series, last),
                })
            })
            .map_err(Refusal::from)
    }

    fn make_core(
        &self,
        policy: &Policy,
        area: AreaCode,
        date: Date,
        by: CurveBy,
    ) -> Result<Core, Refusal> {
        let tree = self.tree()?;
        let today = self.today();
        self.store
            .read(|connection| {
                let reading = Reading {
                    connection,
                    known: date,
                    totals: reports::totals_within(connection, area, date)?,
                };
                // Today is not over: without a number for it, the newest day is yesterday.
                let last = if date == today && !reading.totals.iter().any(|t| t.day == date) {
                    date.checked_sub(1.day()).unwrap_or(date)
                } else {
                    date
                };
                let series = Series::of(&reading, area, last, &Measure::ALL)?;
                let curve = match by {
                    CurveBy::Report => policy.curve_by_report(&series),
                    CurveBy::Onset => policy.curve_by_onset(&series, last),
                };
                let turning_point = policy.turning_point(&series);
                let risk = policy.risk(&series, last);
                let areas_below = tree.children(area);
                let mut children = Vec::new();
                let mut changes =
                    policy.changes_of(&tree.get_or_unnamed(area), &series, &turning_point, last);
                for below in areas_below {
                    let series = Series::of(&reading, below.code, last, OF_A_CHILD)?;
                    if series.basis == Basis::None {
                        continue;
                    }
                    let turning_point = policy.turning_point(&series);
                    changes.extend(policy.changes_of(&below, &series, &turning_point, last));
                    children.push(policy.child(below, &series, &turning_point, last));
                }
                changes.sort_by_key(|change| (change.kind, change.area.code));
                let missing = policy.missing(&reading, &tree, area, last)?;
                let recorded_later = series.recorded_later();
                Ok(Core {
                    basis: series.basis,
                    counts: series.counts(last, policy.pack.briefs.recent_days),
                    rt: policy.rt_now(&series),
                    growth: policy.growth(&series),
                    risk,
                    delays: series.delays(),
                    turning_point,
                    curve,
                    children,
                    changes,
                    alarms: Vec::new(),
                    missing,
                    totals_reports: series.totals_reports,
                    cases: series.cases,
                    recorded_later,
                })
            })
            .map_err(Refusal::from)
    }
}
