//! Clusters: cases connected by links of one setting.

use hashbrown::HashMap;
use jiff::civil::Date;
use serde::Serialize;

use super::{Case, Link, Node, Setting};

/// Cases that infected one another in one setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cluster {
    /// The setting.
    pub setting: Setting,
    /// Places of the cases, infectors before those they infected; the first brought it in.
    pub cases: Vec<usize>,
    /// First day, by onset or else the day in the curve.
    pub first_day: Option<Date>,
    /// Last day.
    pub last_day: Option<Date>,
}

/// `nodes` stand in an order in which infectors come before those they infected.
pub(super) fn clusters<T>(cases: &[Case<T>], links: &[Link<T>], nodes: &[Node]) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    // The cluster in which a case has a part by a setting: as infected, or as the one who brought it in.
    let mut parts: HashMap<(usize, Setting), usize> = HashMap::new();
    for node in nodes {
        let (Some(infector), Some(link)) = (node.infector, node.link) else {
            continue;
        };
        let Some(setting) = links[link].setting.or(cases[node.case].setting) else {
            continue;
        };
        let cluster = *parts.entry((infector, setting)).or_insert_with(|| {
            clusters.push(Cluster {
                setting,
                cases: vec![infector],
                first_day: None,
                last_day: None,
            });
            clusters.len() - 1
        });
        clusters[cluster].cases.push(node.case);
        parts.insert((node.case, setting), cluster);
    }
    for cluster in &mut clusters {
        let days = || {
            cluster
                .cases
                .iter()
                .filter_map(|&case| cases[case].placed())
        };
        (cluster.first_day, cluster.last_day) = (days().min(), days().max());
    }
    clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.cases.len()));
    clusters
}
