//! The wave of the coming days: who has announced themselves, how that turned out before, and what
//! it needs against what is there.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::areas::{Area, AreaCode};
use lianfang_core::entry::Triage;
use lianfang_core::ids::CheckpointId;
use lianfang_core::text::Text;
use lianfang_epi::arrivals::{Arrived, Day, Foreseen, LONGEST_HORIZON, foresee};
use lianfang_epi::queue::{Service, Wait, lanes_needed};
use lianfang_store::views::entry::{self, ArrivalCount};
use lianfang_store::views::quarantine;
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// Areas one step below that are foreseen on their own at most.
const MOST_AREAS: usize = 50;
/// Days ahead of arrival for which announcements are told apart.
const LONGEST_LEAD: usize = 28;

/// Arrivals of one day ahead.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DayForeseen {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// People announced for it so far.
    pub announced: u32,
    /// People to be expected; none where nothing allows an estimate.
    pub expected: Option<f64>,
    /// Lower end of the interval: 5 % of such days see fewer.
    pub low: Option<u32>,
    /// Upper end: 5 % see more.
    pub high: Option<u32>,
    /// Site beds occupied by the end of that day: now, less the released, more those expected.
    pub beds_needed: Option<f64>,
    /// Site beds there are.
    pub beds: u64,
    /// Vehicles for those who are handed over.
    pub vehicles_needed: Option<u32>,
}

/// Arrivals foreseen at one checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct GateForeseen {
    /// The checkpoint.
    #[schema(value_type = String)]
    pub checkpoint: CheckpointId,
    /// Its name.
    pub name: Text,
    /// Of a day's arrivals, the share that came through it.
    pub share: f64,
    /// Expected on the busiest of the coming days.
    pub busiest: f64,
    /// Lanes for that day's busiest hour; none where none suffice.
    pub lanes_needed: Option<u32>,
    /// Lanes there are.
    pub lanes: u8,
}

/// Arrivals foreseen in one area.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AreaForeseen {
    /// The area.
    pub area: Area,
    /// The coming days.
    pub days: Vec<DayForeseen>,
}

/// How today goes.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TodayForeseen {
    /// People who have arrived so far.
    pub arrived: u32,
    /// Of them, announced before.
    pub declared: u32,
    /// The whole day, as it was to be expected when yesterday ended; announcements as known now.
    #[serde(flatten)]
    pub day: DayForeseen,
}

/// The coming days' arrivals.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ArrivalsForeseen {
    /// The area.
    pub area: Area,
    /// The day as of which.
    #[schema(value_type = String, format = Date)]
    pub as_of: Date,
    /// Arrivals of past days, oldest first.
    pub past: Vec<DayArrived>,
    /// Today.
    pub today: TodayForeseen,
    /// The coming days.
    pub days: Vec<DayForeseen>,
    /// Share of the announced that came.
    pub came_share: Option<f64>,
    /// Share of the arrivals that was not announced.
    pub undeclared_share: Option<f64>,
    /// By area one step below.
    pub areas: Vec<AreaForeseen>,
    /// By checkpoint.
    pub gates: Vec<GateForeseen>,
}

/// Arrivals of a past day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DayArrived {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// People who arrived.
    pub arrived: u32,
    /// Of them, announced before.
    pub declared: u32,
}

/// Counts of arrivals as the estimate takes them, as of a day; the newest that is over is named with it. What was announced
/// on the day itself counts with lead 0, what was announced earlier with the days between.
pub(crate) fn days_of(
    counts: &[ArrivalCount],
    (as_of, over): (Date, Date),
    learn: u32,
) -> Vec<Day> {
    let mut by_day: BTreeMap<Date, Vec<&ArrivalCount>> = BTreeMap::new();
    for count in counts {
        by_day.entry(count.day).or_default().push(count);
    }
    let first = as_of
        .checked_sub((i64::from(learn)).days())
        .unwrap_or(as_of);
    let Some(first_seen) = by_day.keys().next().copied().filter(|day| *day <= as_of) else {
        return Vec::new();
    };
    let mut days = Vec::new();
    let mut date = first.max(first_seen);
    let last = as_of
        .checked_add((LONGEST_HORIZON as i64).days())
        .unwrap_or(as_of);
    while date <= last {
        let empty = Vec::new();
        let of_day = by_day.get(&date).unwrap_or(&empty);
        let until = |lead: usize| -> Option<u32> {
            let known_on = date.checked_sub((lead as i64).days()).ok()?;
            (known_on <= as_of).then(|| {
                of_day
                    .iter()
                    .filter(|count| count.announced && count.found <= known_on)
                    .map(|count| count.people)
                    .sum()
            })
        };
        let came = |announced: bool| -> u32 {
            of_day
                .iter()
                .filter(|count| count.arrived && count.announced == announced)
                .map(|count| count.people)
                .sum()
        };
        days.push(Day {
            date,
            announced: (0..=LONGEST_LEAD).map(until).collect(),
            arrived: (date <= over).then(|| Arrived {
                declared: came(true),
                undeclared: came(false),
            }),
        });
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    days
}

impl House {
    /// The coming days' arrivals, and what they need against what is there.
    pub fn arrivals_foreseen(
        &self,
        actor: &Actor,
        area: Option<AreaCode>,
    ) -> Result<ArrivalsForeseen, Refusal> {
        let area = self.field_area(actor, area)?;
        let policy = self.policy()?;
        let settings = policy.field()?;
        let tree = self.tree()?;
        let today = self.today();
        let horizon = (settings.foreseen_days as usize).min(LONGEST_HORIZON);
        let learn = settings.learn_arrivals_days;
        let offset = self.store.utc_offset();
        let from = offset.start_of(today.checked_sub(i64::from(learn).days()).unwrap_or(today));
        let until = offset.start_of(
            today
                .checked_add((LONGEST_HORIZON as i64 + 1).days())
                .unwrap_or(today),
        );
        let children = tree.children(area);
        let (counts, outcomes, gates, (sites, staying)) = self.store.read(|c| {
            let mut counts = vec![(area, entry::arrival_counts(c, area, from, until, offset)?)];
            for child in children.iter().take(MOST_AREAS) {
                let of_child = entry::arrival_counts(c, child.code, from, until, offset)?;
                if !of_child.is_empty() {
                    counts.push((child.code, of_child));
                }
            }
            let now = offset.start_of(today);
            Ok((
                counts,
                entry::outcomes_between(c, area, from, now)?,
                entry::gate_loads(c, area, from, now)?,
                (
                    quarantine::sites(c, area)?,
                    quarantine::staying(c, area, today)?,
                ),
            ))
        })?;
        let yesterday = today.checked_sub(1.day()).unwrap_or(today);
        let foresee_of = |counts: &[ArrivalCount]| {
            let days = days_of(counts, (today, yesterday), learn);
            (foresee(&days, today, horizon), days)
        };
        let all: u64 = outcomes.iter().map(|(_, people)| people).sum();
        let share = |of: &[Triage]| {
            (all > 0).then(|| {
                let people: u64 = outcomes
                    .iter()
                    .filter(|(triage, _)| of.contains(triage))
                    .map(|(_, people)| people)
                    .sum();
                people as f64 / all as f64
            })
        };
        let to_site = share(&[Triage::SiteQuarantine]);
        let handed_over = share(&[
            Triage::HandOver,
            Triage::HomeQuarantine,
            Triage::SiteQuarantine,
            Triage::FeverClinic,
        ]);
        let (whole, past) = foresee_of(&counts[0].1);
        let mut new_at_sites = 0.0;
        let beds = sites
            .iter()
            .filter(|site| site.open)
            .map(|site| site.beds)
            .sum();
        let days: Vec<DayForeseen> = shown(&whole)
            .into_iter()
            .map(|mut day| {
                let still_there: u64 = staying
                    .iter()
                    .filter(|(_, leaves, _)| *leaves > day.day)
                    .map(|(.., people)| people)
                    .sum();
                new_at_sites += day.expected.unwrap_or(0.0) * to_site.unwrap_or(0.0);
                day.beds = beds;
                day.beds_needed = to_site.map(|_| still_there as f64 + new_at_sites);
                day.vehicles_needed = handed_over.zip(day.expected).map(|(share, expected)| {
                    (share * expected / f64::from(settings.vehicle_seats)).ceil() as u32
                });
                day
            })
            .collect();
        let busiest = days
            .iter()
            .filter_map(|day| day.high.map(f64::from).or(day.expected))
            .fold(0.0, f64::max);
        let through: u64 = gates.iter().map(|gate| gate.people).sum();
        let service = Service {
            mean_seconds: settings.assumed_service_seconds,
            cv: 1.0,
        };
        let wait = Wait {
            seconds: f64::from(settings.target_wait_seconds),
            share: settings.target_share,
        };
        let gates = gates
            .into_iter()
            .filter(|gate| gate.people > 0)
            .map(|gate| {
                let share = gate.people as f64 / through.max(1) as f64;
                let service = gate.mean_seconds.map_or(service, |mean_seconds| Service {
                    mean_seconds,
                    ..service
                });
                let busiest = busiest * share;
                let peak = busiest * gate.busiest_hour_share;
                GateForeseen {
                    checkpoint: gate.checkpoint,
                    name: Text::new(
                        gate.name_en.clone().unwrap_or_else(|| gate.name.clone()),
                        gate.name.clone(),
                    ),
                    share,
                    busiest,
                    lanes_needed: lanes_needed(peak, service, wait).map(|lanes| lanes.lanes),
                    lanes: gate.lanes,
                }
            })
            .collect();
        let beds_today = staying.iter().map(|(.., people)| people).sum::<u64>() as f64;
        let today_so_far = today_of(&counts[0].1, today, learn).map(|mut so_far| {
            so_far.day.beds = beds;
            so_far.day.beds_needed = Some(beds_today);
            so_far
        });
        let areas = counts[1..]
            .iter()
            .map(|(code, counts)| AreaForeseen {
                area: tree.get_or_unnamed(*code),
                days: shown(&foresee_of(counts).0),
            })
            .collect();
        Ok(ArrivalsForeseen {
            area: tree.get_or_unnamed(area),
            as_of: today,
            past: past
                .iter()
                .filter_map(|day| {
                    let arrived = day.arrived?;
                    Some(DayArrived {
                        day: day.date,
                        arrived: arrived.declared + arrived.undeclared,
                        declared: arrived.declared,
                    })
                })
                .collect(),
            today: today_so_far?,
            days,
            came_share: whole.came_share,
            undeclared_share: whole.undeclared_share,
            areas,
            gates,
        })
    }
}

/// Today: who has come, who is announced, and what was to be expected.
fn today_of(counts: &[ArrivalCount], today: Date, learn: u32) -> Result<TodayForeseen, Refusal> {
    let yesterday = today.yesterday().map_err(|_| Refusal::NotFound("day"))?;
    let ahead = foresee(
        &days_of(counts, (yesterday, yesterday), learn),
        yesterday,
        1,
    );
    let mut day = shown(&ahead).pop().ok_or(Refusal::NotFound("day"))?;
    let of_today = || counts.iter().filter(|count| count.day == today);
    let people = |which: &dyn Fn(&ArrivalCount) -> bool| -> u32 {
        of_today()
            .filter(|count| which(count))
            .map(|count| count.people)
            .sum()
    };
    day.announced = people(&|count| count.announced);
    Ok(TodayForeseen {
        arrived: people(&|count| count.arrived),
        declared: people(&|count| count.arrived && count.announced),
        day,
    })
}

fn shown(foreseen: &Foreseen) -> Vec<DayForeseen> {
    foreseen
        .days
        .iter()
        .map(|ahead| DayForeseen {
            day: ahead.date,
            announced: ahead.announced.unwrap_or(0),
            expected: ahead.arrivals.map(|a| (a.expected * 10.0).round() / 10.0),
            low: ahead.arrivals.map(|a| a.low),
            high: ahead.arrivals.map(|a| a.high),
            beds_needed: None,
            beds: 0,
            vehicles_needed: None,
        })
        .collect()
}
