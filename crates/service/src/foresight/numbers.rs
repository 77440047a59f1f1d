//! What is counted of each target day by day, and forecasts of what is no case: arrivals, beds, samples.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::Date;
use lianfang_core::areas::{AreaCode, Level};
use lianfang_core::forecasts::{Model, Target};
use lianfang_epi::arrivals::{LONGEST_HORIZON, foresee};
use lianfang_epi::forecast::{Forecast, persistence_of};
use lianfang_epi::stays::{self, Stay, present};
use lianfang_store::views::entry::{self, ArrivalCount};
use lianfang_store::views::needs::{self, StayCount};

use super::counts_known;
use crate::entry::days_of;
use crate::{House, Refusal};

/// Days of the past that are counted where nothing else is asked for.
pub(super) const COUNTED_DAYS: i32 = 60;

/// What is counted of a target in an area, other than cases.
pub(super) enum Numbers {
    /// Arrivals, announced and come.
    Arrivals(Vec<ArrivalCount>),
    /// Who is there, since when, and until when.
    Stays(Vec<Stay>),
    /// So many on each day; none on days that are not named.
    Daily(Vec<(Date, u32)>),
}

fn stay(count: StayCount) -> Stay {
    let StayCount {
        from,
        left,
        planned,
        people,
    } = count;
    Stay {
        from,
        left,
        planned,
        people,
    }
}

impl Numbers {
    /// The numbers of the days of a span, from the first day on which something is known.
    pub(super) fn by_day(&self, (first, last): (Date, Date)) -> BTreeMap<Date, u32> {
        let begun = match self {
            Self::Arrivals(counts) => counts.iter().map(|count| count.day).min(),
            Self::Stays(stays) => stays.iter().map(|stay| stay.from).min(),
            Self::Daily(days) => days.iter().map(|(day, _)| *day).min(),
        };
        let Some(begun) = begun else {
            return BTreeMap::new();
        };
        let mut days = BTreeMap::new();
        let mut day = first.max(begun);
        while day <= last {
            days.insert(day, 0);
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        match self {
            Self::Arrivals(counts) => {
                for count in counts.iter().filter(|count| count.arrived) {
                    if let Some(people) = days.get_mut(&count.day) {
                        *people += count.people;
                    }
                }
            }
            Self::Stays(stays) => {
                for (day, people) in &mut days {
                    *people = present(stays, *day);
                }
            }
            Self::Daily(of_days) => {
                for (day, number) in of_days {
                    if let Some(counted) = days.get_mut(day) {
                        *counted += number;
                    }
                }
            }
        }
        days
    }

    /// How many people, or samples, were counted in a span, each once.
    pub(super) fn counted(&self, (first, last): (Date, Date)) -> u32 {
        match self {
            Self::Stays(stays) => stays
                .iter()
                .filter(|stay| stay.from <= last && stay.left.is_none_or(|left| left > first))
                .map(|stay| stay.people)
                .sum(),
            Self::Arrivals(_) | Self::Daily(_) => self.by_day((first, last)).values().sum(),
        }
    }

    /// A forecast of the days after one that is over; none where nothing allows one.
    /// Arrivals are learnt from the days before that the pack names.
    pub(super) fn forecast(
        &self,
        model: Model,
        (as_of, days): (Date, usize),
        learn: u32,
    ) -> Option<Forecast> {
        let first = as_of.checked_sub(COUNTED_DAYS.days()).unwrap_or(as_of);
        match (model, self) {
            (Model::Persistence, _) => {
                let counted = self.by_day((first, as_of));
                let numbers: Vec<f64> = counted.values().map(|number| f64::from(*number)).collect();
                persistence_of(&numbers, as_of, days)
            }
            (Model::Announced, Self::Arrivals(counts)) => {
                let known = days_of(counts, (as_of, as_of), learn);
                foresee(&known, as_of, days).forecast(as_of)
            }
            (Model::Stays, Self::Stays(stays)) => stays::foresee(stays, as_of, days),
            (Model::Level, Self::Daily(_)) => {
                let counted = self.by_day((first, as_of)).into_iter();
                let known: Vec<_> = counted
                    .map(|(date, number)| lianfang_epi::arrivals::Day {
                        date,
                        announced: Vec::new(),
                        arrived: Some(lianfang_epi::arrivals::Arrived {
                            declared: 0,
                            undeclared: number,
                        }),
                    })
                    .collect();
                foresee(&known, as_of, days).forecast(as_of)
            }
            _ => None,
        }
    }

    /// BLAKE3 of what was read, in hex.
    pub(super) fn digest(&self, area: AreaCode, target: Target) -> String {
        let mut said = format!("{area} {target:?}\n");
        match self {
            Self::Arrivals(counts) => {
                for count in counts {
                    let _ = writeln!(said, "{count:?}");
                }
            }
            Self::Stays(stays) => {
                for stay in stays {
                    let _ = writeln!(said, "{stay:?}");
                }
            }
            Self::Daily(days) => {
                for (day, number) in days {
                    let _ = writeln!(said, "{day},{number}");
                }
            }
        }
        blake3::hash(said.as_bytes()).to_hex().to_string()
    }
}

impl House {
    /// What is counted of a target in an area, up to the newest day that is over; none of cases, which are counted elsewhere.
    pub(super) fn numbers(
        &self,
        target: Target,
        area: AreaCode,
        (first, last): (Date, Date),
    ) -> Result<Option<Numbers>, Refusal> {
        let offset = self.store.utc_offset();
        let stays = |counts: Vec<StayCount>| {
            // Who left after the last day was there on it.
            let known = counts
                .into_iter()
                .map(stay)
                .filter(|stay| stay.from <= last);
            Numbers::Stays(
                known
                    .map(|stay| Stay {
                        left: stay.left.filter(|left| *left <= last),
                        ..stay
                    })
                    .collect(),
            )
        };
        let found = self.store.read(|c| {
            Ok(match target {
                Target::NewCases => None,
                Target::Arrivals => {
                    // Those who are to come later have announced themselves by now.
                    let beyond = (LONGEST_HORIZON as i64 + 1).days();
                    let end = last.checked_add(beyond).unwrap_or(last);
                    let span = (offset.start_of(first), offset.start_of(end));
                    Some(Numbers::Arrivals(
                        entry::arrival_counts(c, area, span.0, span.1, offset)?
                            .into_iter()
                            .filter(|count| count.found <= last)
                            .collect(),
                    ))
                }
                Target::Patients => Some(stays(needs::in_hospital(c, area)?)),
                Target::Quarantined => Some(stays(needs::at_sites(c, area, offset)?)),
                Target::Samples => Some(Numbers::Daily(needs::samples_taken(
                    c,
                    area,
                    (first, last),
                )?)),
            })
        })?;
        Ok(found)
    }

    /// What came of a target, on the days that are known.
    pub(super) fn came(
        &self,
        target: Target,
        area: AreaCode,
        (first, date, last): (Date, Date, Date),
    ) -> Result<BTreeMap<Date, u32>, Refusal> {
        Ok(match self.numbers(target, area, (first, last))? {
            Some(numbers) => numbers.by_day((first, last)),
            None => counts_known(&self.counted_days(area, (date, last))?.totals),
        })
    }

    /// Where beds, sites and samples are planned: the root, and all below it down to counties.
    pub(super) fn areas_that_plan(&self) -> Result<Vec<AreaCode>, Refusal> {
        let root = self.store.root();
        let tree = self.tree()?;
        let below = tree.subtree(root);
        let below = below.filter(|area| area.level <= Level::County && area.code != root);
        Ok(std::iter::once(root)
            .chain(below.map(|area| area.code))
            .collect())
    }
}
