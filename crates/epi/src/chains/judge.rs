//! Which links are taken.

use std::hash::Hash;

use hashbrown::HashMap;

use super::forest::Order;
use super::{Case, Certainty, ChainsError, Link, Loop, Mark, Met, Refusal, Standing};
use crate::onset_interval::OnsetInterval;

/// Cases of all loops together that are named; of later loops the ends only. Keeps time and memory linear.
const NAMED: usize = 1 << 20;

/// The infector that stands for a case, with the link that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) infector: usize,
    pub(super) link: usize,
}

pub(super) struct Judged {
    pub(super) standings: Vec<Standing>,
    pub(super) marks: Vec<(usize, Mark)>,
    pub(super) loops: Vec<Loop>,
    /// By case.
    pub(super) taken: Vec<Option<Taken>>,
}

/// A link between two cases that can be.
#[derive(Clone, Copy)]
struct Bid {
    infector: u32,
    infectee: u32,
    link: u32,
    /// 0 is the most certain.
    weakness: u32,
}

pub(super) fn judge<T: Eq + Hash>(
    cases: &[Case<T>],
    links: &[Link<T>],
    interval: Option<&OnsetInterval>,
    order: &Order,
) -> Result<Judged, ChainsError> {
    let places = places(cases)?;
    let mut judged = Judged {
        standings: Vec::with_capacity(links.len()),
        marks: Vec::new(),
        loops: Vec::new(),
        taken: vec![None; cases.len()],
    };
    let mut bids = Vec::new();
    for (at, link) in links.iter().enumerate() {
        let ends = ends(&places, cases, link);
        if let Ok((infector, infectee)) = ends {
            judged.mark(at, link, cases, order, infector, infectee);
            bids.push(Bid {
                infector: infector as u32,
                infectee: infectee as u32,
                link: at as u32,
                weakness: Certainty::Confirmed as u32 - link.certainty as u32,
            });
        }
        judged.standings.push(match ends {
            Ok(_) => Standing::Alternative,
            Err(refusal) => Standing::Refused(refusal),
        });
    }
    let strength = Strength { interval, order };
    let bids = judged.without_repeated(Grouped::new(bids, cases.len()));
    let best: Vec<Option<Bid>> = bids
        .groups()
        .map(|group| group.iter().copied().min_by_key(|bid| strength.of(*bid)))
        .collect();
    let looped = looped(&best);
    for bid in best.iter().flatten() {
        if !looped[bid.infectee as usize] {
            judged.take(*bid);
        }
    }
    let mut contested: Vec<(u128, Bid)> = bids
        .bids
        .iter()
        .filter(|bid| looped[bid.infectee as usize])
        .map(|bid| (strength.of(*bid), *bid))
        .collect();
    contested.sort_unstable_by_key(|(strength, _)| *strength);
    judged.settle(contested.iter().map(|(_, bid)| *bid));
    Ok(judged)
}

fn places<T: Eq + Hash>(cases: &[Case<T>]) -> Result<HashMap<&T, usize>, ChainsError> {
    let mut places = HashMap::with_capacity(cases.len());
    for (place, case) in cases.iter().enumerate() {
        if let Some(first) = places.insert(&case.id, place) {
            return Err(ChainsError::CaseTwice {
                first: first + 1,
                again: place + 1,
            });
        }
    }
    Ok(places)
}

fn ends<T: Eq + Hash>(
    places: &HashMap<&T, usize>,
    cases: &[Case<T>],
    link: &Link<T>,
) -> Result<(usize, usize), Refusal> {
    if link.infector == link.infectee {
        return Err(Refusal::Oneself);
    }
    let infector = places.get(&link.infector).ok_or(Refusal::UnknownInfector)?;
    let infectee = places.get(&link.infectee).ok_or(Refusal::UnknownInfectee)?;
    match (link.met, cases[*infectee].onset) {
        (Some(Met::On(day)), Some(onset)) if day > onset => Err(Refusal::MetAfterOnset),
        _ => Ok((*infector, *infectee)),
    }
}

/// Links by infectee.
struct Grouped {
    starts: Vec<u32>,
    bids: Vec<Bid>,
}

impl Grouped {
    fn new(bids: Vec<Bid>, cases: usize) -> Self {
        let mut starts = vec![0_u32; cases + 1];
        for bid in &bids {
            starts[bid.infectee as usize + 1] += 1;
        }
        for place in 1..starts.len() {
            starts[place] += starts[place - 1];
        }
        let mut next = starts.clone();
        let mut grouped = bids.clone();
        for bid in bids {
            let place = &mut next[bid.infectee as usize];
            grouped[*place as usize] = bid;
            *place += 1;
        }
        Self {
            starts,
            bids: grouped,
        }
    }

    /// One for each case, many of them empty.
    fn groups(&self) -> impl Iterator<Item = &[Bid]> {
        let ends = self.starts.windows(2);
        ends.map(|ends| &self.bids[ends[0] as usize..ends[1] as usize])
    }
}

/// How strong links are.
struct Strength<'a> {
    interval: Option<&'a OnsetInterval>,
    order: &'a Order,
}

impl Strength<'_> {
    /// The strongest has the lowest number: certainty, likelihood, infector's place in the order, infectee's. No two links
    /// have the same one.
    fn of(&self, bid: Bid) -> u128 {
        let (infector, infectee) = (bid.infector as usize, bid.infectee as usize);
        let days = self.order.interval(infector, infectee);
        let likelihood = likelihood(days.zip(self.interval));
        let ranks =
            u128::from(self.order.rank(infector)) << 32 | u128::from(self.order.rank(infectee));
        u128::from(bid.weakness) << 96 | u128::from(!likelihood) << 64 | ranks
    }
}

/// Whether a case's strongest links lead up into a loop. Of all others the strongest link stands: in no order of the links could it
/// have closed one.
fn looped(best: &[Option<Bid>]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Now,
        Sound,
        Looped,
    }
    let mut seen = vec![Seen::No; best.len()];
    let mut way = Vec::new();
    for case in 0..best.len() {
        let mut here = case;
        let end = loop {
            match (seen[here], best[here]) {
                (Seen::No, Some(bid)) => {
                    seen[here] = Seen::Now;
                    way.push(here);
                    here = bid.infector as usize;
                }
                (Seen::No, None) => {
                    seen[here] = Seen::Sound;
                    break Seen::Sound;
                }
                (Seen::Now, _) => break Seen::Looped,
                (known, _) => break known,
            }
        };
        for passed in way.drain(..) {
            seen[passed] = end;
        }
    }
    seen.iter().map(|seen| *seen == Seen::Looped).collect()
}

/// A number that grows with the likelihood; one that is not known lies above one of 0 and below all others.
fn likelihood(days: Option<(i32, &OnsetInterval)>) -> u32 {
    match days.map(|(days, interval)| interval.probability(days)) {
        None => 1,
        Some(probability) if probability > 0.0 => (probability as f32).to_bits().max(2),
        Some(_) => 0,
    }
}

impl Judged {
    fn mark<T>(
        &mut self,
        at: usize,
        link: &Link<T>,
        cases: &[Case<T>],
        order: &Order,
        infector: usize,
        infectee: usize,
    ) {
        if order
            .interval(infector, infectee)
            .is_some_and(|days| days < 0)
        {
            self.marks.push((at, Mark::NegativeInterval));
        }
        if let (Some(Met::Until(day)), Some(onset)) = (link.met, cases[infectee].onset)
            && day > onset
        {
            self.marks.push((at, Mark::ContactAfterOnset));
        }
    }

    /// Of links between the same two cases the most certain stays, the first of these.
    fn without_repeated(&mut self, mut bids: Grouped) -> Grouped {
        let mut kept = 0;
        let mut start = 0;
        for case in 1..bids.starts.len() {
            let end = bids.starts[case] as usize;
            bids.bids[start..end]
                .sort_unstable_by_key(|bid| (bid.infector, bid.weakness, bid.link));
            for place in start..end {
                let bid = bids.bids[place];
                if place > start && bids.bids[kept - 1].infector == bid.infector {
                    self.standings[bid.link as usize] = Standing::Repeated;
                } else {
                    bids.bids[kept] = bid;
                    kept += 1;
                }
            }
            start = end;
            bids.starts[case] = kept as u32;
        }
        bids.bids.truncate(kept);
        bids
    }

    fn take(&mut self, bid: Bid) {
        let (infector, link) = (bid.infector as usize, bid.link as usize);
        self.taken[bid.infectee as usize] = Some(Taken { infector, link });
        self.standings[link] = Standing::Taken;
    }

    /// Takes each link whose infectee has no infector yet, unless it closes a loop; the strongest come first.
    fn settle(&mut self, bids: impl Iterator<Item = Bid>) {
        let mut groups = Groups::new(self.taken.len());
        let mut budget = NAMED;
        for bid in bids {
            let (infector, infectee) = (bid.infector as usize, bid.infectee as usize);
            if self.taken[infectee].is_some() {
                continue;
            }
            // The infectee is the root of its group: whoever else is in it stands below.
            if groups.join(infector, infectee) {
                self.take(bid);
                continue;
            }
            let link = bid.link as usize;
            let found = self.name_loop(link, infector, infectee, &mut budget);
            self.standings[link] = Standing::Refused(Refusal::Loop(self.loops.len()));
            self.loops.push(found);
        }
    }

    /// From the infector up to the infectee, turned round.
    fn name_loop(&self, link: usize, infector: usize, infectee: usize, budget: &mut usize) -> Loop {
        let mut cases = vec![infector];
        let mut here = infector;
        while let Some(taken) = self.taken[here].filter(|_| *budget > 0) {
            here = taken.infector;
            cases.push(here);
            *budget -= 1;
        }
        let cut = here != infectee;
        if cut {
            cases.truncate(1);
            cases.push(infectee);
        }
        cases.reverse();
        Loop { link, cases, cut }
    }
}

/// Cases that are connected: union by size with path halving (Tarjan & van Leeuwen 1984, J ACM 31:245).
struct Groups {
    above: Vec<u32>,
    size: Vec<u32>,
}

impl Groups {
    fn new(cases: usize) -> Self {
        Self {
            above: (0..cases as u32).collect(),
            size: vec![1; cases],
        }
    }

    fn find(&mut self, case: usize) -> usize {
        let mut here = case;
        while self.above[here] as usize != here {
            self.above[here] = self.above[self.above[here] as usize];
            here = self.above[here] as usize;
        }
        here
    }

    /// Joins both groups; whether they were two.
    fn join(&mut self, one: usize, other: usize) -> bool {
        let (one, other) = (self.find(one), self.find(other));
        let (small, large) = if self.size[one] < self.size[other] {
            (one, other)
        } else {
            (other, one)
        };
        if small != large {
            self.above[small] = large as u32;
            self.size[large] += self.size[small];
        }
        small != large
    }
}
