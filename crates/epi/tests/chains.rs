//! Chains by hand, by brute force, and the laws of a forest.
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::Random;
use common::outbreak::{Disease, Tracing, outbreak};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use lianfang_epi::chains::{
    Case, Certainty, Chains, ChainsError, Link, Mark, Met, Refusal, Setting, Standing, chains,
};
use lianfang_epi::offspring::OffspringError;
use lianfang_epi::onset_interval::OnsetInterval;
use lianfang_epi::serial_interval::SerialInterval;
use proptest::prelude::*;

const START: Date = date(2020, 1, 31);

fn case(id: u32, day: impl Into<Option<i32>>) -> Case<u32> {
    Case {
        id,
        onset: day.into().map(|day| START + day.days()),
        day: None,
        setting: None,
    }
}

fn link(infector: u32, infectee: u32, certainty: Certainty) -> Link<u32> {
    Link {
        infector,
        infectee,
        certainty,
        setting: None,
        met: None,
    }
}

fn probable(infector: u32, infectee: u32) -> Link<u32> {
    link(infector, infectee, Certainty::Probable)
}

fn grown(cases: &[Case<u32>], links: &[Link<u32>]) -> Chains {
    let interval = OnsetInterval::from(&SerialInterval::gamma(4.7, 2.9).unwrap());
    chains(cases, links, Some(&interval)).unwrap()
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let cases = [case(1, 0), case(2, 4), case(3, None)];
    let met = |met| Link {
        met: Some(met),
        ..probable(1, 2)
    };
    let links = [
        probable(1, 1),
        probable(9, 1),
        probable(1, 9),
        met(Met::On(START + 5.days())),
        met(Met::Until(START + 5.days())),
        probable(2, 3),
        probable(3, 1),
    ];
    let found = grown(&cases, &links);
    let refused = [
        (0, Refusal::Oneself),
        (1, Refusal::UnknownInfector),
        (2, Refusal::UnknownInfectee),
        (3, Refusal::MetAfterOnset),
        (6, Refusal::Loop(0)),
    ];
    for (at, refusal) in refused {
        assert_eq!(found.standings[at], Standing::Refused(refusal), "{at}");
    }
    assert_eq!(
        (found.standings[4], found.standings[5]),
        (Standing::Taken, Standing::Taken)
    );
    assert_eq!(found.marks, [(4, Mark::ContactAfterOnset)]);
    assert_eq!((found.loops[0].link, found.loops[0].cut), (6, false));
    assert_eq!(
        found.loops[0].cases,
        [0, 1, 2],
        "1 infected 2, 2 infected 3, and 3 cannot have infected 1"
    );
    let generations: Vec<(usize, usize)> =
        found.nodes.iter().map(|n| (n.case, n.generation)).collect();
    assert_eq!(generations, [(0, 0), (1, 1), (2, 2)]);
    assert_eq!((found.trees[0].cases, found.trees[0].generations), (3, 3));
    assert_eq!(
        (found.trees[0].first_day, found.trees[0].last_day),
        (Some(START), Some(START + 4.days()))
    );
}

#[test]
fn of_two_infectors_the_most_certain_stands_then_the_likeliest() {
    let cases = [case(1, 0), case(2, 11), case(3, 12), case(4, 15)];
    // Fifteen days are unlikely but certain; four are likelier than three, and far likelier than fifteen.
    let certain = [
        probable(2, 4),
        link(1, 4, Certainty::Confirmed),
        probable(3, 4),
    ];
    let found = grown(&cases, &certain);
    assert_eq!(
        found.standings,
        [
            Standing::Alternative,
            Standing::Taken,
            Standing::Alternative
        ]
    );
    let alike = [probable(1, 4), probable(3, 4), probable(2, 4)];
    let found = grown(&cases, &alike);
    let w = SerialInterval::gamma(4.7, 2.9).unwrap();
    let likelier = if w.weights()[4] > w.weights()[3] {
        2
    } else {
        1
    };
    assert_eq!(found.standings[likelier], Standing::Taken);
    assert_eq!(
        found
            .standings
            .iter()
            .filter(|s| **s == Standing::Alternative)
            .count(),
        2
    );
    // Said twice: once with more certainty.
    let twice = [
        probable(1, 4),
        link(1, 4, Certainty::Confirmed),
        probable(1, 4),
    ];
    let found = grown(&cases, &twice);
    assert_eq!(
        found.standings,
        [Standing::Repeated, Standing::Taken, Standing::Repeated]
    );
}

#[test]
fn an_infector_without_onset_comes_before_an_impossible_one() {
    let cases = [case(1, None), case(2, 9), case(3, 5)];
    let found = grown(&cases, &[probable(2, 3), probable(1, 3)]);
    assert_eq!(found.standings, [Standing::Alternative, Standing::Taken]);
    assert_eq!(found.marks, [(0, Mark::NegativeInterval)]);
    // On its own it is taken, marked, and counts among the serial intervals.
    let alone = grown(&cases, &[probable(2, 3)]);
    assert_eq!(
        (alone.standings[0], alone.marks.len()),
        (Standing::Taken, 1)
    );
    let intervals = alone.serial_intervals();
    assert_eq!((intervals.days, intervals.negative), (vec![-4], Some(1.0)));
}

#[test]
fn a_loop_of_equals_is_broken_the_same_way_in_any_order() {
    let cases = [case(3, None), case(1, None), case(2, None)];
    let mut links = vec![probable(1, 2), probable(2, 3), probable(3, 1)];
    for _ in 0..3 {
        links.rotate_left(1);
        let found = grown(&cases, &links);
        let refused: Vec<&Link<u32>> = links
            .iter()
            .zip(&found.standings)
            .filter(|(_, standing)| matches!(standing, Standing::Refused(Refusal::Loop(_))))
            .map(|(link, _)| link)
            .collect();
        assert_eq!(refused, [&probable(3, 1)]);
        let ids: Vec<u32> = found.loops[0]
            .cases
            .iter()
            .map(|&place| cases[place].id)
            .collect();
        assert_eq!(ids, [1, 2, 3]);
    }
}

#[test]
fn intervals_offspring_and_superspreaders_by_hand() {
    // 1 infected 2 to 8, 2 infected 9; 10 to 20 stand alone.
    let mut cases: Vec<Case<u32>> = (1..=9).map(|id| case(id, id as i32)).collect();
    cases.extend((10..=20).map(|id| case(id, 30)));
    let mut links: Vec<Link<u32>> = (2..=8).map(|id| probable(1, id)).collect();
    links.push(probable(2, 9));
    let found = grown(&cases, &links);
    assert_eq!(found.generations(), [12, 7, 1]);
    let intervals = found.serial_intervals();
    assert_eq!(intervals.days, [1, 2, 3, 4, 5, 6, 7, 7]);
    assert_eq!(
        (intervals.mean, intervals.median, intervals.negative),
        (Some(4.375), Some(4.5), Some(0.0))
    );
    // Squares sum to 189; 189 - 8 · 4.375² = 35.875.
    assert!((intervals.sd.unwrap() - (35.875_f64 / 7.0).sqrt()).abs() < 1e-12);
    let offspring = found.offspring();
    assert_eq!(offspring.counts, [18, 1, 0, 0, 0, 0, 0, 1]);
    assert!((offspring.fit.unwrap().r - 8.0 / 20.0).abs() < 1e-12);
    assert_eq!(
        (offspring.zero_share, offspring.top_20_share),
        (Some(0.9), Some(1.0))
    );
    // Poisson with mean 0.4: P(X ≤ 2) = 0.9921.
    assert_eq!(
        (offspring.superspreading_above, offspring.superspreaders),
        (Some(2), vec![0])
    );
}

#[test]
fn clusters_are_connected_by_one_setting() {
    let home = Setting(0);
    let work = Setting(1);
    let mut cases: Vec<Case<u32>> = (1..=7).map(|id| case(id, 2 * id as i32)).collect();
    cases[6].setting = Some(work);
    let at = |setting, infector, infectee| Link {
        setting: Some(setting),
        ..probable(infector, infectee)
    };
    let links = [
        at(home, 1, 2),
        at(home, 1, 3),
        at(home, 3, 4),
        at(work, 3, 5),
        at(home, 5, 6),
        // The link does not say where, the case does.
        probable(5, 7),
    ];
    let found = grown(&cases, &links);
    let clusters: Vec<(Setting, Vec<u32>)> = found
        .clusters
        .iter()
        .map(|cluster| {
            let mut ids: Vec<u32> = cluster.cases.iter().map(|&place| cases[place].id).collect();
            ids.sort_unstable();
            (cluster.setting, ids)
        })
        .collect();
    assert_eq!(
        clusters,
        [
            (home, vec![1, 2, 3, 4]),
            (work, vec![3, 5, 7]),
            (home, vec![5, 6])
        ]
    );
    assert_eq!(found.clusters[0].first_day, Some(START + 2.days()));
    assert_eq!(found.clusters[0].last_day, Some(START + 8.days()));
}

#[test]
fn a_page_reads_the_trees_from_top_to_bottom() {
    let cases = [
        case(5, 9),
        case(4, 3),
        case(3, 8),
        case(2, 4),
        case(1, 0),
        case(6, None),
    ];
    let links = [
        probable(1, 4),
        probable(1, 2),
        probable(4, 3),
        probable(4, 5),
    ];
    let found = grown(&cases, &links);
    let read: Vec<(u32, usize, usize)> = found
        .nodes
        .iter()
        .map(|node| (cases[node.case].id, node.generation, node.tree))
        .collect();
    let wanted = [
        (1, 0, 0),
        (4, 1, 0),
        (3, 2, 0),
        (5, 2, 0),
        (2, 1, 0),
        (6, 0, 1),
    ];
    assert_eq!(read, wanted, "siblings by onset, cases without a day last");
}

#[test]
fn an_id_is_given_once_and_nothing_is_fine() {
    assert_eq!(
        chains(&[case(1, 0), case(2, 0), case(1, 3)], &[], None),
        Err(ChainsError::CaseTwice { first: 1, again: 3 })
    );
    let none = grown(&[], &[probable(1, 2)]);
    assert_eq!(
        none.standings,
        [Standing::Refused(Refusal::UnknownInfector)]
    );
    assert!(none.nodes.is_empty() && none.generations().is_empty());
    assert_eq!(none.serial_intervals().mean, None);
    assert_eq!(none.offspring().fit, Err(OffspringError::TooFew(0)));
}

#[test]
fn a_long_chain_with_many_loops_stays_linear() {
    // Each of the loops is as long as the chain: naming them all would take 30,000 times 30,000 steps.
    let n = 30_000_u32;
    let cases: Vec<Case<u32>> = (0..n).map(|id| case(id, id as i32)).collect();
    let mut links: Vec<Link<u32>> = (1..n)
        .map(|id| link(id - 1, id, Certainty::Confirmed))
        .collect();
    links.extend((1..n).map(|id| probable(id, 0)));
    let found = grown(&cases, &links);
    assert_eq!(found.loops.len(), n as usize - 1);
    assert_eq!(found.trees[0].generations, n as usize);
    assert!(found.loops.iter().any(|l| l.cut) && found.loops.iter().any(|l| !l.cut));
    assert!(
        found
            .loops
            .iter()
            .all(|l| l.cases[0] == 0 && l.cases.len() > 1)
    );
}

#[test]
fn a_seeded_outbreak_comes_back_when_every_link_is_known() {
    let disease = Disease {
        r: 1.6,
        k: 0.4,
        si_mean: 4.7,
        si_sd: 2.9,
        cases: 2_000,
    };
    let tracing = Tracing {
        recall: 0.0,
        chance: 0.0,
    };
    let known = outbreak(11, &disease, &tracing);
    let mut cases = Vec::new();
    let mut links = Vec::new();
    for (place, infected) in known.cases.iter().enumerate() {
        cases.push(Case {
            id: place as u32,
            onset: Some(infected.onset),
            day: None,
            setting: None,
        });
        links.extend(infected.infector.map(|by| Link {
            met: Some(Met::On(infected.day)),
            ..probable(by as u32, place as u32)
        }));
    }
    let found = grown(&cases, &links);
    assert!(
        found
            .standings
            .iter()
            .all(|standing| *standing == Standing::Taken)
    );
    assert_eq!(found.trees.len(), 1);
    for node in &found.nodes {
        assert_eq!(node.infector, known.cases[node.case].infector);
    }
    let intervals = found.serial_intervals();
    assert!(
        (intervals.mean.unwrap() - 4.7).abs() < 0.3,
        "{:?}",
        intervals.mean
    );
    assert!(
        (intervals.sd.unwrap() - 2.9).abs() < 0.3,
        "{:?}",
        intervals.sd
    );
    let offspring = found.offspring();
    let k = offspring.fit.unwrap().k.unwrap();
    println!(
        "2,000 cases: R {:.2}, k {k:.2}, top 20 % {:.2}, superspreaders {}",
        offspring.fit.unwrap().r,
        offspring.top_20_share.unwrap(),
        offspring.superspreaders.len()
    );
    assert!(k < 0.8, "{k}");
}

/// The forest as its definition says, one link after another, reachability looked up by walking.
fn by_brute_force(cases: &[Case<u32>], links: &[Link<u32>]) -> BTreeMap<u32, u32> {
    let w = SerialInterval::gamma(4.7, 2.9).unwrap();
    let onset = |id: u32| {
        cases
            .iter()
            .find(|case| case.id == id)
            .map(|case| case.onset)
    };
    let likelihood = |link: &Link<u32>| -> (u8, f64) {
        let (Some(Some(from)), Some(Some(to))) = (onset(link.infector), onset(link.infectee))
        else {
            return (1, 0.0);
        };
        let days = (to - from).get_days();
        match usize::try_from(days)
            .ok()
            .and_then(|days| w.weights().get(days))
        {
            Some(&weight) if weight > 0.0 => (2, weight),
            _ => (0, 0.0),
        }
    };
    let order = |id: u32| (onset(id).unwrap().is_none(), onset(id).unwrap(), id);
    let mut can_be: Vec<&Link<u32>> = links
        .iter()
        .filter(|link| link.infector != link.infectee)
        .filter(|link| onset(link.infector).is_some() && onset(link.infectee).is_some())
        .filter(|link| match (link.met, onset(link.infectee).unwrap()) {
            (Some(Met::On(day)), Some(onset)) => day <= onset,
            _ => true,
        })
        .collect();
    can_be.sort_by(|a, b| {
        let ((kind_a, like_a), (kind_b, like_b)) = (likelihood(a), likelihood(b));
        b.certainty
            .cmp(&a.certainty)
            .then(kind_b.cmp(&kind_a))
            .then((like_b as f32).total_cmp(&(like_a as f32)))
            .then(order(a.infector).cmp(&order(b.infector)))
            .then(order(a.infectee).cmp(&order(b.infectee)))
    });
    let mut infectors: BTreeMap<u32, u32> = BTreeMap::new();
    for link in can_be {
        let mut above = BTreeSet::new();
        let mut here = link.infector;
        while let Some(&infector) = infectors.get(&here) {
            above.insert(infector);
            here = infector;
        }
        if !above.contains(&link.infectee) && !infectors.contains_key(&link.infectee) {
            infectors.insert(link.infectee, link.infector);
        }
    }
    infectors
}

fn any_outbreak() -> impl Strategy<Value = (Vec<Case<u32>>, Vec<Link<u32>>)> {
    (1..40_u32, any::<u64>(), 0..120_usize).prop_map(|(n, seed, links)| {
        let mut random = Random(seed);
        let cases = (0..n)
            .map(|id| {
                case(
                    id,
                    (random.uniform() < 0.8).then(|| (30.0 * random.uniform()) as i32),
                )
            })
            .collect();
        let links = (0..links)
            .map(|_| {
                let mut id = || (random.uniform() * f64::from(n + 2)) as u32;
                let (infector, infectee) = (id(), id());
                let certainty = [
                    Certainty::Possible,
                    Certainty::Probable,
                    Certainty::Confirmed,
                ][(random.uniform() * 3.0) as usize];
                let day = START + ((30.0 * random.uniform()) as i32).days();
                let met = [None, None, Some(Met::On(day)), Some(Met::Until(day))]
                    [(random.uniform() * 4.0) as usize];
                Link {
                    setting: (random.uniform() < 0.6)
                        .then(|| Setting((random.uniform() * 3.0) as u32)),
                    met,
                    ..link(infector, infectee, certainty)
                }
            })
            .collect();
        (cases, links)
    })
}

/// Clusters by joining whoever shares a link of the setting until nothing changes.
fn clusters_by_brute_force(found: &Chains, links: &[Link<u32>]) -> BTreeSet<(Setting, Vec<usize>)> {
    let mut groups: Vec<(Setting, BTreeSet<usize>)> = Vec::new();
    for node in &found.nodes {
        let (Some(infector), Some(link)) = (node.infector, node.link) else {
            continue;
        };
        let Some(setting) = links[link].setting else {
            continue;
        };
        let mut group = BTreeSet::from([infector, node.case]);
        groups.retain(|(other, cases)| {
            let joined = *other == setting && !cases.is_disjoint(&group);
            if joined {
                group.extend(cases);
            }
            !joined
        });
        groups.push((setting, group));
    }
    groups
        .into_iter()
        .map(|(setting, group)| (setting, group.into_iter().collect()))
        .collect()
}

proptest! {
    #[test]
    fn the_forest_is_one((cases, links) in any_outbreak()) {
        let found = grown(&cases, &links);
        // Every case once.
        let seen: BTreeSet<usize> = found.nodes.iter().map(|node| node.case).collect();
        prop_assert_eq!(found.nodes.len(), cases.len());
        prop_assert_eq!(seen.len(), cases.len());
        // Acyclic: an infector stands before those it infected, in the same tree, one generation above.
        let mut before: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for node in &found.nodes {
            if let Some(infector) = node.infector {
                let above = before.get(&infector);
                prop_assert_eq!(above, Some(&(node.generation - 1, node.tree)));
            } else {
                prop_assert_eq!(node.generation, 0);
            }
            before.insert(node.case, (node.generation, node.tree));
        }
        // Totals.
        let taken = found.standings.iter().filter(|s| **s == Standing::Taken).count();
        prop_assert_eq!(found.standings.len(), links.len());
        prop_assert_eq!(found.generations().iter().sum::<usize>(), cases.len());
        prop_assert_eq!(found.trees.iter().map(|tree| tree.cases).sum::<usize>(), cases.len());
        prop_assert_eq!(found.trees.len() + taken, cases.len());
        prop_assert_eq!(found.infectees.iter().sum::<u32>() as usize, taken);
        prop_assert_eq!(found.offspring().counts.iter().sum::<usize>(), cases.len());
        let looped = found.standings.iter().filter(|s| matches!(s, Standing::Refused(Refusal::Loop(_)))).count();
        prop_assert_eq!(looped, found.loops.len());
        // Nodes say what the links say.
        for node in &found.nodes {
            prop_assert_eq!(node.infector.is_some(), node.link.is_some());
            if let (Some(infector), Some(link)) = (node.infector, node.link) {
                prop_assert_eq!(found.standings[link], Standing::Taken);
                prop_assert_eq!((cases[infector].id, cases[node.case].id), (links[link].infector, links[link].infectee));
            }
        }
        // A loop's cases infected one another, and the refused link would close it.
        for looped in &found.loops {
            let refused = &links[looped.link];
            prop_assert_eq!(cases[looped.cases[0]].id, refused.infectee);
            prop_assert_eq!(cases[*looped.cases.last().unwrap()].id, refused.infector);
            for pair in looped.cases.windows(2) {
                let below = found.nodes.iter().find(|node| node.case == pair[1]).unwrap();
                prop_assert_eq!(below.infector, Some(pair[0]));
            }
        }
    }

    #[test]
    fn it_is_the_forest_of_the_definition((cases, links) in any_outbreak()) {
        let found = grown(&cases, &links);
        let infectors: BTreeMap<u32, u32> = found
            .nodes
            .iter()
            .filter_map(|node| Some((cases[node.case].id, cases[node.infector?].id)))
            .collect();
        prop_assert_eq!(infectors, by_brute_force(&cases, &links));
        let clusters: BTreeSet<(Setting, Vec<usize>)> = found
            .clusters
            .iter()
            .map(|cluster| {
                let mut cases = cluster.cases.clone();
                cases.sort_unstable();
                (cluster.setting, cases)
            })
            .collect();
        prop_assert_eq!(clusters, clusters_by_brute_force(&found, &links));
    }

    #[test]
    fn the_order_of_the_input_changes_nothing((cases, links) in any_outbreak(), seed in any::<u64>()) {
        let mut random = Random(seed);
        let mut shuffled = (cases.clone(), links.clone());
        shuffled.0.sort_by_cached_key(|_| random.bits());
        shuffled.1.sort_by_cached_key(|_| random.bits());
        let read = |cases: &[Case<u32>], links: &[Link<u32>]| -> Vec<(u32, usize, Option<u32>)> {
            let found = grown(cases, links);
            found.nodes.iter().map(|n| (cases[n.case].id, n.generation, n.infector.map(|i| cases[i].id))).collect()
        };
        prop_assert_eq!(read(&cases, &links), read(&shuffled.0, &shuffled.1));
    }
}
