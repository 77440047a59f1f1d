//! Who infected whom, in the demo: of what its investigations found, most is written down, the more surely the closer the two
//! lived; the rest is left for whoever looks at the suggestions.

use std::collections::{BTreeMap, HashMap};

use anyhow::ensure;
use jiff::SignedDuration;
use jiff::civil::Date;
use lianfang_city::outbreak::{CaseTruth, Link, Outbreak, Setting};
use lianfang_core::contacts::{Certainty, Meeting, Setting as Met};
use lianfang_core::ids::CaseId;
use lianfang_service::cases::CaseQuery;
use lianfang_service::links::NewLink;
use lianfang_service::{Actor, House};
use lianfang_store::views::cases::CaseFilter;

use super::{Hand, at, together};

/// Rows of the line list asked for at once.
const ROWS: usize = 1_000;

/// What an interview makes of a meeting: of ten links of each setting so many are confirmed, and so many more probable; the
/// others are possible. The last number is of how many nothing is written down.
fn certainty(link: &Link) -> Option<Certainty> {
    let (confirmed, probable, left) = match link.setting {
        Setting::Household => (7, 2, 0),
        Setting::Workplace => (3, 4, 1),
        Setting::Market => (1, 3, 3),
        Setting::Community => (1, 2, 5),
    };
    // Settled by the number of the one infected: the same demo each time.
    let which = link.infectee.wrapping_mul(7) % 10;
    if which >= 10 - left {
        None
    } else if which < confirmed {
        Some(Certainty::Confirmed)
    } else if which < confirmed + probable {
        Some(Certainty::Probable)
    } else {
        Some(Certainty::Possible)
    }
}

fn met(setting: Setting) -> Met {
    match setting {
        Setting::Household => Met::Household,
        Setting::Workplace => Met::Work,
        Setting::Market | Setting::Community => Met::Community,
    }
}

/// The ids of the line list's cases by their numbers at the institution.
fn numbered(house: &House, actor: &Actor) -> anyhow::Result<HashMap<String, CaseId>> {
    let mut found = HashMap::new();
    let mut cursor = None;
    loop {
        let query = CaseQuery {
            filter: CaseFilter::default(),
            text: None,
            oldest_first: true,
            cursor,
            limit: ROWS,
        };
        let (rows, _, next) = house.cases(actor, &query)?;
        for row in rows {
            if let Some(number) = row.external_id {
                found.insert(number, row.case);
            }
        }
        match next {
            Some(next) => cursor = Some(next),
            None => return Ok(found),
        }
    }
}

/// States the links, each on the day after the report of the one infected.
pub(super) fn play(house: &House, hand: &Hand, by: &Actor, wave: &Outbreak) -> anyhow::Result<()> {
    let ids = numbered(house, by)?;
    let case = |number: u32| -> Option<(&CaseTruth, CaseId)> {
        let case = wave.cases.get(number.checked_sub(1)? as usize)?;
        Some((case, *ids.get(&case.external_id)?))
    };
    let mut told: BTreeMap<Date, Vec<NewLink>> = BTreeMap::new();
    for link in wave.links.iter().filter(|link| link.found) {
        let (Some(sure), Some((_, infector)), Some((infected, infectee))) =
            (certainty(link), case(link.infector), case(link.infectee))
        else {
            continue;
        };
        let new = NewLink {
            id: None,
            infector,
            infectee,
            certainty: sure,
            met: infected.exposed,
            meeting: Meeting {
                setting: Some(met(link.setting)),
                ..Meeting::default()
            },
        };
        told.entry(infected.reported).or_default().push(new);
    }
    ensure!(
        !told.is_empty(),
        "an outbreak whose investigations found nothing"
    );
    for (reported, links) in told {
        let interviewed = at(reported, 20) + SignedDuration::from_hours(14);
        hand.set(interviewed.min(at(wave.last_day, 22)));
        together(&links, |new| Ok(house.state_link(by, new.infectee, new)?))?;
    }
    Ok(())
}
