//! The trees, in an order that a page can draw.

use jiff::civil::Date;
use serde::Serialize;

use super::Case;
use super::judge::Taken;
use crate::days::days_between;

/// A case in the forest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its place among the cases.
    pub case: usize,
    /// The place of its infector; none where it is not known.
    pub infector: Option<usize>,
    /// The place of the link that says so.
    pub link: Option<usize>,
    /// Steps below the first case of its tree, which has 0.
    pub generation: usize,
    /// Its tree's place.
    pub tree: usize,
}

/// A tree of the forest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The case whose infector is not known.
    pub root: usize,
    /// Where its nodes begin; they stand together.
    pub first_node: usize,
    /// Cases.
    pub cases: usize,
    /// Generations, the root's own included.
    pub generations: usize,
    /// First day, by onset or else the day in the curve.
    pub first_day: Option<Date>,
    /// Last day.
    pub last_day: Option<Date>,
}

/// The order of cases: by onset or else the day in the curve, those without either last, then by id.
pub(super) struct Order {
    /// Places of cases, in order.
    sorted: Vec<u32>,
    /// By place.
    ranks: Vec<u32>,
    /// Onset by place, in days from an arbitrary one.
    onsets: Vec<Option<i32>>,
}

impl Order {
    pub(super) fn new<T: Ord>(cases: &[Case<T>]) -> Self {
        let mut sorted: Vec<u32> = (0..cases.len() as u32).collect();
        sorted.sort_unstable_by_key(|&place| {
            let case = &cases[place as usize];
            (case.placed().is_none(), case.placed(), &case.id)
        });
        let mut ranks = vec![0; cases.len()];
        for (rank, &place) in sorted.iter().enumerate() {
            ranks[place as usize] = rank as u32;
        }
        let first = cases.iter().find_map(|case| case.onset);
        let onsets = cases
            .iter()
            .map(|case| Some(days_between(first?, case.onset?)))
            .collect();
        Self {
            sorted,
            ranks,
            onsets,
        }
    }

    pub(super) fn rank(&self, case: usize) -> u32 {
        self.ranks[case]
    }

    /// Days from the infector's onset to the infectee's.
    pub(super) fn interval(&self, infector: usize, infectee: usize) -> Option<i32> {
        Some(self.onsets[infectee]? - self.onsets[infector]?)
    }
}

/// Infectees of each case, one after another, in order.
struct Children {
    starts: Vec<u32>,
    cases: Vec<u32>,
}

impl Children {
    fn new(taken: &[Option<Taken>], order: &Order) -> Self {
        let mut starts = vec![0; taken.len() + 1];
        for taken in taken.iter().flatten() {
            starts[taken.infector + 1] += 1;
        }
        for place in 1..starts.len() {
            starts[place] += starts[place - 1];
        }
        let mut next = starts.clone();
        let mut cases = vec![0; starts.last().copied().unwrap_or(0) as usize];
        for &case in &order.sorted {
            if let Some(taken) = taken[case as usize] {
                cases[next[taken.infector] as usize] = case;
                next[taken.infector] += 1;
            }
        }
        Self { starts, cases }
    }

    fn of(&self, case: usize) -> &[u32] {
        &self.cases[self.starts[case] as usize..self.starts[case + 1] as usize]
    }
}

pub(super) fn grow<T>(
    cases: &[Case<T>],
    taken: &[Option<Taken>],
    order: &Order,
) -> (Vec<Node>, Vec<Tree>) {
    let children = Children::new(taken, order);
    let mut nodes: Vec<Node> = Vec::with_capacity(cases.len());
    let mut trees = Vec::new();
    let mut ahead = Vec::new();
    let roots = order.sorted.iter().map(|&case| case as usize);
    for root in roots.filter(|&case| taken[case].is_none()) {
        let first_node = nodes.len();
        ahead.push((root, 0));
        while let Some((case, generation)) = ahead.pop() {
            nodes.push(Node {
                case,
                infector: taken[case].map(|taken| taken.infector),
                link: taken[case].map(|taken| taken.link),
                generation,
                tree: trees.len(),
            });
            let below = children.of(case).iter().rev();
            ahead.extend(below.map(|&child| (child as usize, generation + 1)));
        }
        trees.push(tree(root, first_node, &nodes, cases));
    }
    (nodes, trees)
}

fn tree<T>(root: usize, first_node: usize, nodes: &[Node], cases: &[Case<T>]) -> Tree {
    let own = &nodes[first_node..];
    let days = || own.iter().filter_map(|node| cases[node.case].placed());
    let deepest = own.iter().map(|node| node.generation).max();
    Tree {
        root,
        first_node,
        cases: own.len(),
        generations: deepest.map_or(0, |deepest| deepest + 1),
        first_day: days().min(),
        last_day: days().max(),
    }
}
