//! Clusters by setting, and what came of close contacts.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lianfang_core::contacts::Setting;
use lianfang_core::ids::CaseId;
use lianfang_core::words::Word;
use lianfang_epi::chains::Chains;
use lianfang_epi::proportion::proportion;
use serde::Serialize;

use super::Read;

/// Clusters shown at most.
pub(super) const SHOWN: usize = 100;

/// How many close contacts became cases; a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AttackRate {
    /// Close contacts on record.
    pub contacts: u64,
    /// Of these, those who became cases.
    pub became: u64,
    /// Their share.
    pub rate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl AttackRate {
    fn of((contacts, became): (u64, u64)) -> Option<Self> {
        proportion(became, contacts).map(|found| Self {
            contacts,
            became,
            rate: found.rate,
            low: found.low,
            high: found.high,
        })
    }
}

/// Cases that infected one another in one setting.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ClusterShown {
    /// The setting.
    pub setting: Setting,
    /// Who brought it in.
    #[schema(value_type = String)]
    pub first: CaseId,
    /// The number of that case at the reporting institution.
    pub number: Option<String>,
    /// Cases, that one included.
    pub cases: usize,
    /// First day, by onset or else the day in the curve.
    #[schema(value_type = Option<String>, format = Date)]
    pub first_day: Option<Date>,
    /// Last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub last_day: Option<Date>,
    /// What came of its cases' close contacts in this setting, where any are on record.
    pub attack: Option<AttackRate>,
}

/// A setting.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SettingShown {
    /// The setting; none where it is not known.
    pub setting: Option<Setting>,
    /// Links of the forest there.
    pub links: usize,
    /// Clusters there.
    pub clusters: usize,
    /// What came of close contacts there, where any are on record.
    pub attack: Option<AttackRate>,
}

/// All clusters, the largest first, and each setting that has links or contacts.
pub(super) fn of(read: &Read, found: &Chains) -> (Vec<ClusterShown>, Vec<SettingShown>) {
    let mut by_case: BTreeMap<(CaseId, Option<Setting>), (u64, u64)> = BTreeMap::new();
    let mut by_setting: BTreeMap<Option<Setting>, (usize, usize, (u64, u64))> = BTreeMap::new();
    for one in &read.attacked {
        by_case.insert((one.case, one.setting), (one.contacts, one.became));
        let (_, _, (contacts, became)) = by_setting.entry(one.setting).or_default();
        *contacts += one.contacts;
        *became += one.became;
    }
    for link in found.nodes.iter().filter_map(|node| node.link) {
        by_setting.entry(read.links[link].setting).or_default().0 += 1;
    }
    let clusters: Vec<ClusterShown> = found
        .clusters
        .iter()
        .filter_map(|cluster| {
            let setting = *Setting::ALL.get(cluster.setting.0 as usize)?;
            by_setting.entry(Some(setting)).or_default().1 += 1;
            let attacked = cluster.cases.iter().fold((0, 0), |sum, &case| {
                let key = (read.cases[case].case, Some(setting));
                let (contacts, became) = by_case.get(&key).copied().unwrap_or_default();
                (sum.0 + contacts, sum.1 + became)
            });
            let first = &read.cases[*cluster.cases.first()?];
            Some(ClusterShown {
                setting,
                first: first.case,
                number: first.external_id.clone(),
                cases: cluster.cases.len(),
                first_day: cluster.first_day,
                last_day: cluster.last_day,
                attack: AttackRate::of(attacked),
            })
        })
        .collect();
    let settings = by_setting
        .into_iter()
        .map(|(setting, (links, clusters, attacked))| SettingShown {
            setting,
            links,
            clusters,
            attack: AttackRate::of(attacked),
        })
        .collect();
    (clusters, settings)
}
