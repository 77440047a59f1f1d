//! Clusters: two or more reported cases of one household, workplace or market.

use std::collections::BTreeMap;

use super::Setting;
use super::growth::Infections;
use crate::areas::City;

/// What makes a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Place(usize),
    Household(usize),
}

/// The name of each infection's cluster, if it is in one, by its place among `infections`.
/// `reported` are those in the list, in order of report. A place goes before a household.
pub(super) fn name(
    city: &City,
    infections: &Infections,
    reported: &[usize],
) -> Vec<Option<String>> {
    let groups = |index: usize| {
        let infection = &infections.all[index];
        let place = infection.place.map(Group::Place);
        place
            .into_iter()
            .chain([Group::Household(infection.household)])
    };
    let mut members: BTreeMap<Group, usize> = BTreeMap::new();
    for group in reported.iter().flat_map(|index| groups(*index)) {
        *members.entry(group).or_default() += 1;
    }
    let mut names: BTreeMap<Group, String> = BTreeMap::new();
    let mut of_case = vec![None; infections.all.len()];
    for index in reported {
        let Some(group) = groups(*index).find(|group| members[group] > 1) else {
            continue;
        };
        let number = names.len() + 1;
        let name = names.entry(group).or_insert_with(|| {
            let (township, what) = match group {
                Group::Place(place) => {
                    let place = &infections.places[place];
                    (place.township, place_name(place.setting, number))
                }
                Group::Household(_) => (city.township_of(infections.all[*index].village), "家庭"),
            };
            format!("C{number:03} {}{what}", city.township(township).name)
        });
        of_case[*index] = Some(name.clone());
    }
    of_case
}

fn place_name(setting: Setting, number: usize) -> &'static str {
    const WORKPLACES: [&str; 6] = ["电子厂", "纺织厂", "食品厂", "物流园", "商场", "建筑工地"];
    const MARKETS: [&str; 3] = ["农贸市场", "批发市场", "超市"];
    match setting {
        Setting::Market => MARKETS[number % MARKETS.len()],
        _ => WORKPLACES[number % WORKPLACES.len()],
    }
}
